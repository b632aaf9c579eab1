"""Locked forecasts of a file of your own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import Answer
from leadtime.answers.kinds import File
from leadtime.answers.question import Meaning, question
from leadtime.answers.recorded import standing_answer

if TYPE_CHECKING:
    from leadtime.study import Study


@question(
    "backtest file",
    "How good are the locked forecasts in my own file?",
    of="study",
    command="backtest FILE --locked",
    local=True,
    example={"file": "locked.jsonl"},
    schema="locked",
    docs="methods/backtest",
    no_figure="It is a list of forecasts.",
)
def backtest_file(
    study: "Study",
    *,
    file: Annotated[Path, Meaning(kind=File(), help="With --locked: a file of locked forecasts.", positional=True)],
) -> Answer:
    """Check the chain of a file of locked forecasts, and score those that have an outcome."""
    from leadtime.backtest import locked
    from leadtime.backtest.locked_standing import standing

    return standing_answer(standing(study, file.name, locked.read(file)))
