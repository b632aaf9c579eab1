"""Which record of the other side bounds the lag: of a model in each draw, of a group on how many days."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from leadtime.lag.frontier import Integers, Worlds, chunks, period, side, steps_of
from leadtime.lag.steps import level_on, pick, search
from leadtime.units import DAYS_PER_MONTH

#: Shares are means over so many draws at most, spread through the sample.
_DRAWS = 500


def bounding(worlds: Worlds, follower: ArrayLike, reference: ArrayLike, *, start: float, end: float) -> pl.DataFrame:
    r"""Return how the daily lag divides among the records that bound it.

    The lag of day $d$ is $d - t_r$ with $r$ the first of the reference above the follower's best: $r$ bounds it. Over
    the days of a period and the draws, `days_fraction` is the share of days with this $r$, `mean_fraction` the share of
    all months of lag, and `without_months` the mean lag on the other days.

    Args:
        worlds: The draws.
        follower: Mask over models.
        reference: Mask over models.
        start: First day, a day number.
        end: Last day, at most `as_of`.

    Returns:
        model (id), days_fraction, mean_fraction, without_months; the largest share of the mean first. Days on which the
        follower leads count as days without lag.
    """
    sides = side(worlds, follower, "follower"), side(worlds, reference, "reference")
    start, end = period(worlds, start, end)
    worlds = worlds.rows(np.unique(np.linspace(0, worlds.n_draws - 1, min(_DRAWS, worlds.n_draws)).astype(np.int64)))
    days = np.arange(start, end + 1)
    n_days, lag_days, counted = np.zeros(len(worlds.models)), np.zeros(len(worlds.models)), 0
    for part in chunks(worlds.n_draws):
        some = worlds.rows(part)
        ours, theirs = (steps_of(some, mask) for mask in sides)
        every = np.broadcast_to(days, (some.n_draws, len(days)))
        best = level_on(ours.day, ours.level, every)
        place = search(theirs.level, best, "right")
        since, model = pick(theirs.day, place), np.take_along_axis(theirs.model, place, axis=1)
        bounds = np.isfinite(best) & (since <= every)
        counted += int(np.isfinite(best).sum())
        n_days += np.bincount(model[bounds], minlength=len(n_days))
        lag_days += np.bincount(model[bounds], weights=(every - since)[bounds], minlength=len(lag_days))
    found = np.flatnonzero(n_days)
    total = max(float(lag_days.sum()), 1e-9)
    rest = np.maximum(counted - n_days[found], 1)
    return pl.DataFrame(
        {
            "model": [worlds.models[i] for i in found],
            "days_fraction": n_days[found] / max(counted, 1),
            "mean_fraction": lag_days[found] / total,
            "without_months": (total - lag_days[found]) / rest / DAYS_PER_MONTH,
        }
    ).sort("mean_fraction", descending=True)


def first_equals(worlds: Worlds, subject: int, reference: ArrayLike) -> Integers:
    """Return the first model of the reference at least as able as the subject, in each draw; -1 where there is none.

    Args:
        worlds: The draws.
        subject: Column number of the model.
        reference: Mask over models.

    Returns:
        Column numbers, shape (draw,).
    """
    columns = np.flatnonzero(side(worlds, reference, "reference"))
    day = worlds.day[:, columns]
    able = (worlds.ability[:, columns] >= worlds.ability[:, [subject]]) & (day <= worlds.as_of)
    first = np.where(able, day, np.inf)
    found = columns[first.argmin(axis=1)]
    return np.where(able.any(axis=1), found, -1)
