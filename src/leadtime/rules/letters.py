"""An answer as one letter and two or three words, for strips and tables of many answers."""

from typing import Any, NamedTuple

from leadtime.rules.verdict import LICENSE_REQUIRED, NO_LICENSE, NOT_COVERED, NOT_ENFORCED


class Lettered(NamedTuple):
    """An answer in short: one letter, and the words that it stands for."""

    letter: str
    words: str


FREE = Lettered("F", "No license needed")
UNENFORCED = Lettered("F", "No license, as enforced")
EITHER = Lettered("–", "Policy open")
OPEN = Lettered("–", "Figures not known")
ELSEWHERE = Lettered("E", "Another regime")
#: What a policy comes to where a license is needed.
BY_POLICY = {
    "presumption_of_denial": Lettered("D", "Presumed denied"),
    "authorization_needed": Lettered("D", "Authorization needed"),
    "case_by_case": Lettered("C", "Case by case"),
    "presumption_of_approval": Lettered("A", "Presumed granted"),
    "approval_within_cap": Lettered("A", "Granted up to a cap"),
    "not_stated": Lettered("?", "Policy not stated"),
}
#: What each letter stands for, in the order from free to barred.
MEANINGS = {
    "F": "free, no license needed",
    "A": "license needed, presumed granted",
    "C": "license needed, decided case by case",
    "D": "license needed, presumed denied",
    "?": "license needed, policy not stated",
    "–": "turns on figures or records that are not known, or the policy does",
    "E": "another regime governs the place",
}


def lettered(found: dict[str, Any]) -> Lettered:
    """Return an answer in short, from the words of `status.headline`."""
    verdict = found["verdict"]
    if verdict in (NO_LICENSE, NOT_ENFORCED):
        return FREE if verdict == NO_LICENSE else UNENFORCED
    if verdict == LICENSE_REQUIRED:
        if found["review_possible"]:
            return EITHER
        return BY_POLICY.get(str(found["review"]), BY_POLICY["not_stated"])
    return ELSEWHERE if verdict == NOT_COVERED else OPEN


def of_answer(answer: str, review: str, possible: str, written: str) -> Lettered:
    """Return the same from what `answers.Words` says of one row.

    Args:
        answer: As enforced.
        review: The policy.
        possible: Other policies that it may be; empty for none.
        written: Whether the text asks for a license.
    """
    verdict = {
        "license_required": LICENSE_REQUIRED,
        "no_license_required": NO_LICENSE if written == "no" else NOT_ENFORCED,
    }.get(answer, "")
    return lettered({"verdict": verdict, "review": review, "review_possible": possible})
