"""Our own record: what the study of an earlier day would have forecast, scored by what came."""

from leadtime.backtest.questions import Question, questions
from leadtime.backtest.run import backtest
from leadtime.backtest.scored import Backtest
from leadtime.study.shipping import ORIGINS

__all__ = ["ORIGINS", "Backtest", "Question", "backtest", "questions"]
