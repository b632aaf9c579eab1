"""On how many days the best model of one side was of certain laboratories: what those laboratories can account for at
most.
"""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.lag.frontier import chunks, steps_of
from leadtime.lag.steps import search

if TYPE_CHECKING:
    from leadtime.study import Study


def named_in(organizations: pl.DataFrame, texts: Collection[str]) -> dict[str, str]:
    """Return the organizations whose name stands in one of some texts: id to name."""
    joined = " | ".join(texts).casefold()
    known = organizations.filter(pl.col("country") == "CHN").select("id", "name")
    return {i: n for i, n in known.iter_rows() if n.split(" (")[0].casefold() in joined}


def share_of_days(study: "Study", laboratories: Collection[str], year: int, of: str = "CHN") -> Floats | None:
    """Return on which share of a year's days the best model of a side was of some laboratories, shape (draw,).

    Args:
        study: The study.
        laboratories: Ids in `organizations`.
        year: The year; of the last one only the days that are known.
        of: The side.

    Returns:
        None if the side had no model that is measured on any day of the year.
    """
    worlds, mask = study.worlds(), study.mask(of)
    maker = dict(study.evidence["models"].select("id", "organization").iter_rows())
    is_theirs = np.array([maker.get(m) in laboratories for m in worlds.models] + [False])
    first, last = dt.date(year, 1, 1).toordinal(), min(dt.date(year, 12, 31).toordinal(), int(worlds.as_of))
    if last < first or not mask.any():
        return None
    days = np.arange(first, last + 1, dtype=float)
    shares = []
    for part in chunks(worlds.n_draws):
        steps = steps_of(worlds.rows(part), mask)
        count = search(steps.day, np.broadcast_to(days, (len(steps.n), len(days))), "right")
        holder = np.take_along_axis(steps.model, np.maximum(count - 1, 0), axis=1)
        there = count > 0
        theirs = (is_theirs[holder] & there).sum(axis=1)
        shares.append(theirs / np.maximum(there.sum(axis=1), 1) * np.where(there.any(axis=1), 1.0, np.nan))
    found = np.concatenate(shares)
    return found if np.isfinite(found).all() else None
