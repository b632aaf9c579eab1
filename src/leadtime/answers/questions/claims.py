"""Is what they said so?"""

from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import Answer
from leadtime.answers.kinds import Name
from leadtime.answers.parameters import Yes
from leadtime.answers.question import Meaning, question

if TYPE_CHECKING:
    from leadtime.claims import Claim
    from leadtime.study import Study


@question(
    "claims",
    "Is what they said about the rules and the models so?",
    of="study",
    example={"claim": "v3-7-10-months"},
    schema="claims",
    docs="methods/claims",
)
def claims(
    study: "Study",
    *,
    claim: Annotated[str, Meaning(kind=Name(of="claim"), help="One claim, by its id.", example="v3-7-10-months")]
    | None = None,
    then: Annotated[Yes, Meaning(help="Also show what was known on the day of each claim (abilities by map).")] = False,
) -> Answer:
    """Give a verdict on each claim of the ledger that was said by the as-of day, reading by reading."""
    from leadtime.answers.claimed import answer
    from leadtime.claims import check, with_then

    found = said(study, claim)
    verdicts = check(study, found)
    return answer(study, found, with_then(study, found, verdicts) if then else verdicts)


def said(study: "Study", claim: str | None) -> "list[Claim]":
    """Return the claims said by the study's day, or one of them.

    Raises:
        LeadtimeError: There is no claim with that id.
    """
    from leadtime.claims import available
    from leadtime.errors import unknown_name

    found = [c for c in available(study.folder) if c.said_on <= study.as_of]
    if claim is None:
        return found
    if claim not in (known := [c.id for c in found]):
        raise unknown_name("claim", claim, known)
    return [c for c in found if c.id == claim]
