"""Is what someone said so, by a file of claims of your own?"""

from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import Answer
from leadtime.answers.parameters import OwnFile
from leadtime.answers.question import Meaning, question

if TYPE_CHECKING:
    from leadtime.study import Study


@question(
    "claims check",
    "Is a claim of my own so?",
    of="study",
    local=True,
    example={"file": "mine.yaml"},
    schema="claims-check",
    docs="methods/claims",
)
def claims_check(
    study: "Study",
    *,
    file: Annotated[OwnFile, Meaning(help="Claims of your own, a YAML list.", positional=True, example="mine.yaml")],
) -> Answer:
    """Give a verdict on claims of your own."""
    from leadtime.answers.claimed import answer
    from leadtime.claims import check, load_file

    found = list(load_file(file))
    return answer(study, found, check(study, found))
