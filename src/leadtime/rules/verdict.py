"""The verdict: one of a few words on a transaction, never surer than what the log holds.

A license that the modelled rules ask for is said first. Then a place under a regime that is not modelled: the answer is
"not covered", whatever the modelled rules say. Only then may it be "no license".
"""

LICENSE_REQUIRED = "license-required"
NOT_ENFORCED = "not-enforced"
NO_LICENSE = "no-license"
DEPENDS = "depends"
NOT_COVERED = "not-covered"
UNKNOWN_VERDICT = "unknown"
#: Every verdict, in a sentence.
MEANINGS = {
    LICENSE_REQUIRED: "A rule that is enforced asks for a license.",
    NOT_ENFORCED: "The text asks for a license; the agency says that it does not enforce the text.",
    NO_LICENSE: "None of the modelled rules asks for a license.",
    DEPENDS: "Cases that fit what was given differ: in some a license is needed, in others not.",
    NOT_COVERED: "A regime that is not modelled here governs the place or a party, such as an embargo.",
    UNKNOWN_VERDICT: "The record does not tell, such as after a scheduled change of which no outcome was found.",
}

#: What a set of truth values of the requirement is called, by its bits (1: no, 2: not recorded, 4: yes).
LICENSE_WORD = ("no", "no", "unclear", "unclear", "yes", "conditional", "unclear", "conditional")
ANSWER_OF = (
    "no_license_required",
    "no_license_required",
    "unknown",
    "unknown",
    "license_required",
    "conditional",
    "unknown",
    "conditional",
)


def verdict_of(enforced: int, written: int, elsewhere: bool) -> str:
    """Return the verdict.

    Args:
        enforced: The truth values that the requirement, as enforced, takes over the cases, as bits (see
            `LICENSE_WORD`).
        written: The same by the text.
        elsewhere: Whether a regime that is not modelled governs the place or a party, or may.
    """
    answer = ANSWER_OF[enforced]
    if answer == "license_required":
        return LICENSE_REQUIRED
    if elsewhere:
        return NOT_COVERED
    if answer == "no_license_required":
        return NO_LICENSE if LICENSE_WORD[written] == "no" else NOT_ENFORCED
    return DEPENDS if answer == "conditional" else UNKNOWN_VERDICT
