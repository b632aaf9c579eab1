"""What a series had shown by a day: the past that a forecast may use, and no more."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from leadtime.backtest.questions import Question
from leadtime.errors import LeadtimeError
from leadtime.study.lags import QUARTER_DAYS

if TYPE_CHECKING:
    from leadtime.study import Study

Floats = NDArray[np.float64]
#: Points of the past of a lag at most.
_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A series at even steps, and where on it the question lies.

    Args:
        values: Shape (draw, step), on the scale of the model (logarithms of positive quantities); one draw where exact.
        ahead: Steps from the last point to what is asked; several where the answer is their sum.
        known: Sum of what is already known of such a sum, 0 otherwise.
        grows: Whether it is money, which grows (see `project.growing`); else a lag, months.
        step_years: Length of a step.
    """

    values: Floats
    ahead: tuple[float, ...]
    known: float
    grows: bool
    step_years: float


def history(past: "Study", q: Question) -> History:
    """Return what the study of an earlier day knew of the series of a question.

    Raises:
        LeadtimeError: The series had no past then, or the question names none.
    """
    kind, _, rest = q.series.partition(":")
    if kind == "revenue":
        return _revenue(past, q, *rest.split(":"))
    if kind == "investment":
        return _investment(past, q, *rest.split(":"))
    if kind == "lag":
        return _lag(past, q, rest)
    raise LeadtimeError("no series that was public then tells about it")


def _quarter(period: str) -> int:
    """Return a fiscal quarter such as FY2026Q1 as a running number."""
    return 4 * int(period[2:6]) + int(period[7]) - 1


def _unbroken(seen: dict[int, float], what: str) -> tuple[int, Floats]:
    """Return the last period seen, and the values of the unbroken run that leads to it."""
    last = max(seen, default=0)
    run: list[float] = []
    while last - len(run) in seen:
        run.append(seen[last - len(run)])
    if len(run) < 2:
        was = f"no {what.removesuffix('s')} of it was" if not run else f"only one {what.removesuffix('s')} of it was"
        raise LeadtimeError(f"{was} public then; two are needed")
    return last, np.array(run[::-1])


def _revenue(past: "Study", q: Question, company: str, item: str, basis: str) -> History:
    rows = past.evidence["revenue"].filter(
        pl.col("company") == company, pl.col("item") == item, pl.col("basis") == basis, pl.col("value_usd") > 0
    )
    seen = {_quarter(p): v for p, v in rows.select("fiscal_period", "value_usd").iter_rows()}
    last, run = _unbroken(seen, "quarters")
    period = str(q.period)
    asked = [_quarter(period)] if "Q" in period else [_quarter(f"{period}Q{i}") for i in (1, 2, 3, 4)]
    ahead = tuple(float(k - last) for k in asked if k > last)
    known = sum(seen[k] for k in asked if k in seen)
    missing = [k for k in asked if k <= last and k not in seen]
    if missing or not ahead:
        raise LeadtimeError("a part of it lies before what was public then, and was not")
    return History(values=np.log(run)[None], ahead=ahead, known=known, grows=True, step_years=0.25)


def _investment(past: "Study", q: Question, entity: str, country: str, kind: str) -> History:
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days()
    rows = past.evidence["investment"].filter(
        pl.col("entity") == entity,
        pl.col("country") == country,
        pl.col("kind") == kind,
        days.is_null() | (days > 360),  # a quarter is no year
    )
    seen = {d.year: v for d, v in rows.select("period_end", "value_usd").drop_nulls().iter_rows()}
    last, run = _unbroken(seen, "years")
    ahead = (float(int(str(q.period)) - last),)
    return History(values=np.log(run)[None], ahead=ahead, known=0.0, grows=True, step_years=1.0)


def _lag(past: "Study", q: Question, definition: str) -> History:
    return lag_history(*lag_past(past, definition), q.closes_on)


def lag_past(past: "Study", definition: str, of: str = "CHN", behind: str = "USA") -> tuple[Floats, dt.date]:
    """Return the lag of each quarter that an earlier day could measure, shape (draw, quarter), and the day the last one
    ends.

    Raises:
        LeadtimeError: Fewer than two quarters could be measured then.
    """
    end = dt.date.fromordinal(int(past.worlds().as_of))
    points: list[Floats] = []
    for k in range(_MOST):
        try:
            found = measured(past, definition, end - dt.timedelta(days=QUARTER_DAYS * k), of, behind)
        except LeadtimeError:
            break
        if np.isfinite(found).mean() < 0.95:
            break
        points.append(np.where(np.isfinite(found), found, np.nanmedian(found)))
    if len(points) < 2:
        raise LeadtimeError(f"{len(points)} quarters of it could be measured then; two are needed")
    return np.column_stack(points[::-1]), end


def lag_history(values: Floats, end: dt.date, closes_on: dt.date) -> History:
    """Return the past of a lag with the day that is asked about."""
    ahead = ((closes_on - end).days / QUARTER_DAYS,)
    return History(values=values, ahead=ahead, known=0.0, grows=False, step_years=QUARTER_DAYS / 365.25)


def measured(study: "Study", definition: str, day: dt.date, of: str = "CHN", behind: str = "USA") -> Floats:
    """Return the lag of one side behind another on a day (daily means: over the 91 days before), by what the study
    knows.

    Raises:
        LeadtimeError: The definition cannot be told on that day.
    """
    from leadtime.lag.measure import measure

    worlds = study.worlds()
    then = replace(worlds, as_of=float(day.toordinal()))
    released = np.median(worlds.day, axis=0) <= then.as_of
    follower, reference = study.mask(of) & released, study.mask(behind) & released
    if not follower.any() or not reference.any():
        raise LeadtimeError("one side had no measured model then")

    def latent(mask: object) -> object:
        raise LeadtimeError("the latent frontier is not backtested")

    result = measure(
        definition,
        then,
        follower,
        reference,
        start=then.as_of - QUARTER_DAYS,
        rng=np.random.default_rng(study.seed),
        latent=latent,  # type: ignore[arg-type]
    )
    return np.asarray(result.months, dtype=float)
