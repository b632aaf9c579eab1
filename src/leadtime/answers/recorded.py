"""What comes, and our own record: forecasts of the lag, of earlier days, and those that were locked."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.answers.plain import plain
from leadtime.errors import LeadtimeError, unknown_name

if TYPE_CHECKING:
    from leadtime.backtest.locked import Entry
    from leadtime.study import Study

#: The sides whose forecasts were ever scored.
_SCORED = ("CHN", "USA")


def lag_forecast(
    study: "Study", *, quarter: str, of: str = "CHN", behind: str = "USA", definition: str | None = None
) -> dict[str, Any]:
    """Forecast how many months one side will be behind another in a quarter, with 50 and 90 % intervals, beside simple guesses."""
    from leadtime.backtest import monthly
    from leadtime.backtest.history import lag_history, lag_past
    from leadtime.backtest.project import baselines
    from leadtime.backtest.run import OURS
    from leadtime.study.lags import FORECAST, last_day

    ends = last_day(quarter)
    names = [definition] if definition else list(FORECAST)
    rows = []
    for k, name in enumerate(names):
        ours = study.lag_forecast(quarter, of, behind, name)
        said = {OURS: ours.draws}
        try:
            values, end = lag_past(study, name, of, behind)
        except LeadtimeError:
            pass  # too short a past for a simple guess
        else:
            rng = np.random.default_rng([study.seed, 43, ends.toordinal(), k])
            said |= baselines(lag_history(values, end, ends), study.draws, rng)
        rows += [{"definition": name, "forecaster": who, **_bands(draws)} for who, draws in said.items()]
    record = monthly.record(study) if (of, behind) == _SCORED else None
    return {
        **study.stamp,
        "of": of,
        "behind": behind,
        "quarter": f"{ends.year}Q{ends.month // 3}",
        "ends_on": str(ends),
        "sentence": _sentence(of, behind, rows[0], ends, FORECAST[names[0]]),
        "rows": plain(rows),
        "record": record.sentence() if record else "Forecasts of these two sides were never scored.",
    }


def _bands(draws: Any) -> dict[str, float]:
    names = ("low", "low_50", "median", "high_50", "high")
    return dict(zip(names, map(float, np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95])), strict=True))


def _sentence(of: str, behind: str, r: dict[str, Any], ends: dt.date, what: str) -> str:
    return (
        f"{of} will be {r['median']:.1f} months behind {behind} in the quarter to {ends}, by the process of releases ({what}): "
        f"between {r['low_50']:.1f} and {r['high_50']:.1f} with a chance of one half, between {r['low']:.1f} and {r['high']:.1f} with nine in ten."
    )


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
