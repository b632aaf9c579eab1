r"""What others will print next: our forecast of the lag, times how their figures have compared with ours so far.

Their figure has another definition, set of benchmarks and day, or another unit. Of the few that they printed before, on
the same subject by our measure of that day, log(theirs / ours) = b + e, e ~ N(0, s^2), b ~ N(0, t^2). For months s =
0.3 and t = 0.5. For a percentage of points s = 0.6, and t = 2, as it is no time. All four are assumed, wide because one
to three figures say little. A range without a middle counts as any value in it. Their next figure is our forecast of
the lag (`lag.ahead`) times exp(b + e).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from leadtime.backtest.history import measured
from leadtime.backtest.questions import Question
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study

Floats = NDArray[np.float64]
#: By unit, the deviation of the logarithm of theirs over ours: of one figure, and of what is alike in all of them.
#: Assumed.
SPREADS = {"months": (0.3, 0.5), "percent": (0.6, 2.0)}
LAST_FIGURE = "their last figure"
_LEAST = 0.5  # months: a ratio to less says nothing
#: Groups by the name that published figures give them; any other subject is a model.
_SIDES = {"CHN": "CHN", "USA": "USA", "open-weights": "open", "closed-weights": "closed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that others printed, beside our measure of the same subject on its day.

    Args:
        theirs: Their value, or the middle of their range, in its unit.
        ours: Our median, months.
        width: Standard deviation of the logarithm of theirs where it is a range; else 0.
    """

    theirs: float
    ours: float
    width: float


def next_figure(past: "Study", q: Question, rng: np.random.Generator) -> tuple[Floats, dict[str, Floats], str]:
    """Return draws of another's next figure in its unit, shape (draw,), the simple guess, and what ours rests on.

    Args:
        past: The study of the day.
        q: A question whose series is published:ID,ID with ids of the table `published`.
        rng: Random numbers.

    Raises:
        LeadtimeError: Nobody knew any of these figures then, or none can be compared with ours.
    """
    ids = q.series.partition(":")[2].split(",")
    rows = (
        past.evidence["published"]
        .filter(pl.col("id").is_in(ids), pl.col("unit") == q.unit)
        .sort("known_on", "data_through")
    )
    if q.unit not in SPREADS or rows.is_empty():
        raise LeadtimeError("none of the figures that it continues was printed by then")
    found = [f for r in rows.to_dicts() if (f := _figure(past, r)) is not None]
    if not found:
        raise LeadtimeError("none of the figures that they printed by then can be set beside ours")
    one, alike = SPREADS[q.unit]
    weight = np.array([1 / (one**2 + f.width**2) for f in found])
    ratios = np.array([np.log(f.theirs / f.ours) for f in found])
    precision = 1 / alike**2 + weight.sum()
    b = (weight @ ratios) / precision + rng.standard_normal(past.draws) / np.sqrt(precision)
    of, behind = _sides(rows.row(-1, named=True))
    ahead = past.lag_ahead([q.closes_on], of, behind)
    ours = (ahead.daily_mean if rows["subject"][-1] in _SIDES else ahead.age_of_equal)[:, 0]
    simple = {LAST_FIGURE: np.full(past.draws, found[-1].theirs)}
    words = f"{len(found)} earlier figure{'s' * (len(found) != 1)} of theirs, and the process of releases"
    return ours * np.exp(b + one * rng.standard_normal(past.draws)), simple, words


def _sides(row: dict[str, Any]) -> tuple[str, str]:
    """Return whose lag behind whom goes on into the next figure: the two groups, or China and the US where it is of a
    model.
    """
    of, behind = row["subject"], row["reference_group"]
    return (_SIDES[of], _SIDES[behind]) if of in _SIDES and behind in _SIDES else ("CHN", "USA")


def _figure(past: "Study", row: dict[str, Any]) -> Figure | None:
    """Return a published figure beside our measure, or None if either is nothing, or ours is not above half a month."""
    low, value, high = row["low"], row["value"], row["high"]
    is_range = value is None and low is not None and high is not None and low > 0
    theirs, width = ((low + high) / 2, float(np.log(high / low)) / np.sqrt(12)) if is_range else (value, 0.0)
    ours = _ours(past, row)
    if theirs is None or theirs <= 0 or ours is None:
        return None
    return Figure(theirs=float(theirs), ours=ours, width=float(width))


def _ours(past: "Study", row: dict[str, Any]) -> float | None:
    """Return our measure of what a published figure is about, median in months, or None if there is none above half a
    month.
    """
    try:
        if row["subject"] in _SIDES:
            day = min(row["data_through"] or row["known_on"], past.evidence_through)
            draws = measured(past, "daily_mean", day, *_sides(row))
        else:
            draws = past.lag(model=str(row["subject"])).draws
    except LeadtimeError:
        return None
    median = float(np.nanmedian(draws))
    return median if median > _LEAST else None
