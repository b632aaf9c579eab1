"""Our own record: forecasts of earlier days, and those that were locked."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.plain import plain
from leadtime.errors import unknown_name

if TYPE_CHECKING:
    from leadtime.backtest.locked import Entry
    from leadtime.study import Study


def backtest(study: "Study", *, since: Sequence[dt.date] = (), question: str | None = None) -> dict[str, Any]:
    """Forecast by what was known on earlier days only, and score it by what came, beside plain baselines."""
    from leadtime.backtest import ORIGINS, monthly, questions
    from leadtime.backtest import backtest as run

    if question is not None and question not in (known := [q.id for q in questions(study.evidence)]):
        raise unknown_name("question", question, known)
    origins = tuple(since) or tuple(d for d in ORIGINS if d <= study.as_of)
    found, record = run(study, origins, only=question), monthly.record(study)
    said: dict[str, Any] = plain(
        {
            **study.stamp,
            "origins": origins,
            "summary": found.summary(),
            "coverage": found.coverage(),
            "forecasts": found.rows(),
            "monthly": record.summary(study) if record else None,
        }
    )
    return said


def locked(study: "Study") -> dict[str, Any]:
    """Check the chain of the forecasts that were locked before their outcomes, and score those that have one."""
    from leadtime.backtest.locked_standing import of_study

    return {**study.stamp, **plain(of_study(study))}


def locked_json(study: "Study", file: str, entries: "list[Entry]") -> dict[str, Any]:
    """Return the locked forecasts of a file with their states and scores, those made by the study's day."""
    from leadtime.backtest.locked_standing import standing

    return {**study.stamp, **plain(standing(study, file, entries))}
