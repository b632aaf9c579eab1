"""The verdict: one of a few words on a transaction, never surer than what the log holds.

A license that the modelled rules ask for is said first. Then a place under a regime that is not modelled: the answer is
"not covered", whatever the modelled rules say. Only then may it be "no license".
"""

from typing import Any

from leadtime.rules.logic import FALSE, TRUE, UNKNOWN

LICENSE_REQUIRED = "license-required"
NOT_ENFORCED = "not-enforced"
NO_LICENSE = "no-license"
DEPENDS = "depends"
NOT_COVERED = "not-covered"
UNKNOWN_VERDICT = "unknown"
#: Every verdict, by its index; `MEANINGS` says each in a sentence.
VERDICTS = (NO_LICENSE, NOT_ENFORCED, DEPENDS, UNKNOWN_VERDICT, NOT_COVERED, LICENSE_REQUIRED)
MEANINGS = {
    LICENSE_REQUIRED: "A rule that is enforced asks for a license.",
    NOT_ENFORCED: "The text asks for a license; the agency says that it does not enforce the text.",
    NO_LICENSE: "None of the modelled rules asks for a license.",
    DEPENDS: "Cases that fit what was given differ: in some a license is needed, in others not.",
    NOT_COVERED: "A regime that is not modelled here governs the place, such as an embargo.",
    UNKNOWN_VERDICT: "The record does not tell, such as after a scheduled change of which no outcome was found.",
}


def verdict_index(logic: Any, enforced: Any, written: Any, unclear: Any, elsewhere: Any) -> Any:
    """Return the index into `VERDICTS`, for one transaction or for arrays of them.

    Args:
        logic: One or many.
        enforced: Whether a license is required as enforced.
        written: The same by the text.
        unclear: Unknown where an open `enforced` hangs on what nobody recorded, not on the transaction.
        elsewhere: Whether a regime that is not modelled governs the place.
    """
    free = logic.choose(written == FALSE, 0, 1)
    open_kind = logic.choose(unclear == UNKNOWN, 3, 2)
    modelled = logic.choose(enforced == FALSE, free, open_kind)
    return logic.choose(enforced == TRUE, 5, logic.choose(elsewhere == FALSE, modelled, 4))
