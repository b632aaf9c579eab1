"""An answer in plain sentences: the headline, how Washington would decide, and the three standings."""

from typing import NamedTuple

from leadtime.days import day_words
from leadtime.rules import jurisdiction
from leadtime.rules.exporters import UNRECOGNIZED
from leadtime.rules.status import Status
from leadtime.rules.verdict import (
    DEPENDS,
    LICENSE_REQUIRED,
    NO_LICENSE,
    NOT_COVERED,
    NOT_ENFORCED,
)

#: What a policy means for an application.
POLICY = {
    "presumption_of_denial": "Washington presumes that it would deny one.",
    "case_by_case": "Washington would decide case by case.",
    "presumption_of_approval": "Washington presumes that it would grant one.",
    "approval_within_cap": "Washington presumes that it would grant one, up to a cap for the country.",
    "authorization_needed": "Any dealing in it needs an authorization first.",
    "not_stated": "Washington did not say how it would decide.",
}
_SHORT = {
    "presumption_of_denial": "presumed denied",
    "case_by_case": "case by case",
    "presumption_of_approval": "presumed granted",
    "approval_within_cap": "presumed granted up to a cap",
    "authorization_needed": "authorization needed",
    "not_stated": "policy not stated",
    "none": "",
}


class Told(NamedTuple):
    """An answer in sentences.

    Args:
        headline: The verdict, one sentence.
        how: How an application would be decided, or what the verdict means, one or two sentences.
        written: What the text says.
        enforced: What is enforced.
        practice: What is so in practice.
    """

    headline: str
    how: str
    written: str
    enforced: str
    practice: tuple[str, ...]


def told(s: Status) -> Told:
    """Return an answer in sentences."""
    sure = [e for e in s.exceptions if not e.endswith("(may)")]
    headline, how = _headline(s, sure)
    how = " ".join(x for x in (how, jurisdiction.told(s.transaction)) if x)
    return Told(
        headline=headline,
        how=how,
        written=_standing(s.license_codified, s.review_codified if s.license_codified != "no" else ""),
        enforced=_standing(s.license_enforced, s.review if s.license_enforced != "no" else ""),
        practice=s.practical or ("Nothing on record for this day.",),
    )


def _headline(s: Status, sure: list[str]) -> tuple[str, str]:
    policy = POLICY.get(s.review, "")
    if s.review_possible:
        policy = (
            f"How Washington would decide is open: {', or '.join(short(r) for r in (s.review, *s.review_possible))}."
        )
    if s.verdict == LICENSE_REQUIRED:
        if sure:
            return (
                f"No, not without a license or the license exception {' or '.join(sure)}.",
                f"The exception has conditions of its own. Without it a license is needed. {policy}",
            )
        return "No, not without a license.", policy
    if s.verdict == NOT_ENFORCED:
        return (
            "Yes, as the rules are enforced. Their text asks for a license.",
            "Washington says that it does not enforce that text. It still stands.",
        )
    if s.verdict == NO_LICENSE:
        return "Yes. None of the rules read here asks for a license.", ""
    if s.verdict == NOT_COVERED:
        where = s.elsewhere[0] if s.elsewhere else "another regime"
        return f"Not covered here: {where}.", "Other rules ask for a license there. They are not read here."
    if s.verdict == DEPENDS:
        return "It depends. Some cases that fit need a license, others do not.", policy
    if s.transaction.exporter.startswith(UNRECOGNIZED):
        who = s.transaction.exporter.removeprefix(UNRECOGNIZED)
        return (
            f"Unknown: {who!r} was not recognized, and letters bind the firms they name.",
            "Say who ships, or that it is another firm (`other`).",
        )
    if s.unknown_since:
        day = day_words(s.unknown_since)
        return (
            "Unknown: the record does not tell.",
            f"Something was scheduled for {day}. No source tells how it came out.",
        )
    return "Unknown: the record does not tell.", "Whether a rule applies is not on record: see what is not confirmed."


def short(policy: str) -> str:
    """Return a policy in two or three words."""
    return _SHORT.get(policy, policy.replace("_", " "))


def _standing(license: str, review: str) -> str:
    words = {
        "yes": "License needed",
        "no": "No license",
        "conditional": "License in some cases",
        "unclear": "Not recorded",
    }[license]
    return f"{words}, {short(review)}." if review and short(review) else f"{words}."


def in_short(found: dict[str, object]) -> str:
    """Return an answer in a few words, from the words of `status.headline`."""
    verdict = str(found["verdict"])
    words = {
        LICENSE_REQUIRED: "license needed",
        NOT_ENFORCED: "no license as enforced; the text asks for one",
        NO_LICENSE: "no license",
        NOT_COVERED: "not covered here",
        DEPENDS: "it depends",
    }.get(verdict, "not recorded")
    policy = short(str(found["review"])) if verdict == LICENSE_REQUIRED else ""
    exceptions = found["exceptions"]
    more = f", exception {' '.join(exceptions)}" if isinstance(exceptions, tuple) and exceptions else ""
    return words + (f", {policy}" if policy else "") + more
