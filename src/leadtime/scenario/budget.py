"""Could China have paid: what it would have bought without rules, in dollars, beside what its firms spent on all
capital goods.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.scenario.inputs import QUARTERS, World

#: Firms whose capital spending of every counted year is on record; ByteDance's of 2023 is not, so that year is a lower
#: bound.
_WHOLE_YEAR_DAYS = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Capital spending of Chinese firms by calendar year, dollars, for all purposes.

    Args:
        years: Shape (year,).
        usd: Shape (year,), sums of the firms on record.
        firms: Their names, by year.
    """

    years: tuple[int, ...]
    usd: Floats
    firms: tuple[tuple[str, ...], ...]


def limit(world: World) -> Limit | None:
    """Return the capital spending of Chinese firms by calendar year, of the table `investment`, or None if none is
    known.

    Of two figures of one firm and year the one known last counts.
    """
    rows = world.evidence["investment"].filter(
        pl.col("country") == "CHN",
        pl.col("kind") == "capex",
        pl.col("period_start").is_not_null(),
        pl.col("value_usd").is_not_null(),
    )
    found: dict[int, dict[str, float]] = {}
    for r in rows.sort("known_on", maintain_order=True).iter_rows(named=True):
        start, end = r["period_start"], r["period_end"]
        if start == dt.date(end.year, 1, 1) and (end - start).days >= _WHOLE_YEAR_DAYS and start.year == end.year:
            found.setdefault(start.year, {})[r["entity"]] = float(r["value_usd"])
    if not found:
        return None
    years = tuple(sorted(found))
    return Limit(
        years=years,
        usd=np.array([sum(found[y].values()) for y in years]),
        firms=tuple(tuple(sorted(found[y])) for y in years),
    )


def spent(reports: dict[str, Floats], years: tuple[int, ...]) -> Floats:
    """Return what legal purchases of a run cost by year, dollars, shape (year, draw): chips times the price of the
    quarter.
    """
    usd = reports["legal_added_h100e"].astype(float) * reports["price_usd"]
    return np.stack([usd[[i for i, q in enumerate(QUARTERS) if q.startswith(str(y))]].sum(axis=0) for y in years])


def check(reports: dict[str, Floats], found: Limit) -> list[dict[str, Any]]:
    """Return by year what would have been bought without rules (90 % interval), what was spent on all capital goods,
    and P(more).
    """
    rows = []
    for year, usd, values, firms in zip(found.years, found.usd, spent(reports, found.years), found.firms, strict=True):
        low, median, high = (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
        rows.append(
            {
                "year": year,
                "bought_low_usd": low,
                "bought_median_usd": median,
                "bought_high_usd": high,
                "capex_usd": float(usd),
                "firms": ", ".join(firms),
                "p_more_than_all": float(np.mean(values > usd)),
            }
        )
    return rows
