r"""What others will print of the lag: our forecast, times how theirs has compared with ours so far.

Their figure has another definition, set of benchmarks and day. Of the few that they printed before, on the same subject by
our measure of that day, log(theirs / ours) = b + e, e ~ N(0, 0.3^2), b ~ N(0, 0.5^2): both assumed, wide because one to
three figures say little. Their next figure is our forecast of the lag (`lag.ahead`) times exp(b + e).
"""

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
#: Deviation of the logarithm of theirs over ours: of one figure, and of what is alike in all of them. Assumed.
ONE_FIGURE, ALIKE = 0.3, 0.5
LAST_FIGURE = "their last figure"
_LEAST = 0.5  # months: a ratio to less says nothing


def next_figure(past: "Study", q: Question, rng: np.random.Generator) -> tuple[Floats, dict[str, Floats], str]:
    """Return draws of another's next figure, shape (draw,), the simple guess, and what ours rests on.

    Args:
        past: The study of the day.
        q: A question whose series is published:ID,ID with ids of the table `published`.
        rng: Random numbers.

    Raises:
        LeadtimeError: None of these figures was known then, or none can be set beside ours.
    """
    ids = q.series.partition(":")[2].split(",")
    rows = past.evidence["published"].filter(
        pl.col("id").is_in(ids), pl.col("quantity") == "lag_months", pl.col("value") > _LEAST
    )
    found = [(r["value"], mine) for r in rows.sort("known_on").to_dicts() if (mine := _ours(past, r)) is not None]
    if not found:
        raise LeadtimeError("none of the figures that they printed by then can be set beside ours")
    ratios = np.array([np.log(theirs / mine) for theirs, mine in found])
    precision = 1 / ALIKE**2 + len(ratios) / ONE_FIGURE**2
    center = ratios.sum() / ONE_FIGURE**2 / precision
    b, e = center + rng.standard_normal(past.draws) / np.sqrt(precision), ONE_FIGURE * rng.standard_normal(past.draws)
    ahead = past.lag_ahead([q.closes_on])
    of_side = "CHN" in rows["subject"].to_list()
    ours = (ahead.daily_mean if of_side else ahead.age_of_equal)[:, 0]
    simple = {LAST_FIGURE: np.full(past.draws, found[-1][0])}
    return ours * np.exp(b + e), simple, f"{len(found)} earlier figures of theirs, and the process of releases"


def _ours(past: "Study", row: dict[str, Any]) -> float | None:
    """Return our measure of what a published figure is about, median in months; None where there is none above half a month."""
    try:
        if row["subject"] == "CHN":
            draws = measured(past, "daily_mean", min(row["known_on"], past.evidence_through))
        else:
            draws = past.lag(model=str(row["subject"])).draws
    except LeadtimeError:
        return None
    median = float(np.nanmedian(draws))
    return median if median > _LEAST else None
