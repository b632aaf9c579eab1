"""Forecasts that were locked before their outcome."""

from typing import TYPE_CHECKING

from leadtime.answers.answer import Answer
from leadtime.answers.question import question
from leadtime.answers.recorded import standing_answer

if TYPE_CHECKING:
    from leadtime.study import Study


@question(
    "backtest locked",
    "How good are the forecasts that were locked before the outcome?",
    of="study",
    command="backtest --locked",
    schema="locked",
    docs="methods/backtest",
    no_figure="It is a list of forecasts.",
)
def backtest_locked(study: "Study") -> Answer:
    """Check the chain of the forecasts that were locked before their outcomes, and score those that have one."""
    from leadtime.backtest.locked_standing import of_study

    return standing_answer(of_study(study))
