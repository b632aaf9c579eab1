"""The simulation as it could have been run on an earlier day: revenue in place of counts of chips, and wider priors.

Counts of chips by quarter were published from April 2026 on. Before that, only NVIDIA's sales were known. Here
data-center revenue over the price of an H100-equivalent stands in for arrivals, and sales billed to China stand in for
legal ones. Each prior keeps the center that we know today, which is hindsight, and is twice as wide.
"""

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.rules import Rulebook
from leadtime.scenario import parameters
from leadtime.scenario.inputs import QUARTERS, World, openness_arrays
from leadtime.scenario.levers import N_QUARTERS
from leadtime.supply.arrivals import quarter_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Counts stand in for revenue and guesses here, so their scales are as wide as that.
_WIDE = {
    "world-scale": (0.5, 1.0, 2.0),
    "legal-scale": (0.4, 1.0, 2.5),
    "domestic-scale": (0.3, 1.0, 3.0),
    "growth-2026": (1.3, 2.4, 4.5),
}
#: An H100-equivalent in 2025 and its yearly fall, dollars; what a dollar buys of chips made for the rules, over what it
#: buys of others.
_PRICE_2025_USD, _FALL, _MADE_FOR_RULES = 24_000.0, 1.38, 0.4
_BARRED = dt.date(2023, 11, 17)
#: Chinese output: a guess of 5,000 H100-equivalents a quarter in 2022, growing by half each year.
_MADE_2022, _GROWTH = 5_000.0, 1.5


class PastWorld(World):
    """What a day knew, counts of chips aside.

    Args:
        evidence: The tables as of the day.
        today: The priors as they are held now.
    """

    def __init__(self, evidence: Evidence, today: pl.DataFrame) -> None:
        self.evidence, self.rules, self._today = evidence, Rulebook.of(evidence), today
        found = openness_arrays(self.rules)
        self.openness, self._top = found["best"], found["top"]
        self._seen = _revenue(evidence)

    def priors(self) -> pl.DataFrame:
        """Return the priors: those written by the day as they are, the others with twice their width."""
        replaced: dict[str, dict[str, Any]] = {}
        for r in self._today.filter(pl.col("id").str.starts_with(parameters.PREFIX)).iter_rows(named=True):
            name = r["id"].removeprefix(parameters.PREFIX)
            if name in _WIDE:
                replaced[name] = dict(zip(("low", "value", "high"), _WIDE[name], strict=True)) | {
                    "distribution": "lognormal"
                }
            elif r["known_on"] > self.evidence.as_of and r["distribution"] in ("lognormal", "normal"):
                replaced[name] = _twice(r)
        return parameters.priors(self._today, replaced)

    @property
    def n_counted(self) -> int:
        """Number of quarters with known revenue."""
        return len(self._seen["outside"])

    @functools.cached_property
    def merchant(self) -> Floats:
        """All that revenue shows was for sale."""
        return np.ones(N_QUARTERS)

    def last_counted(self) -> str:
        """Return the last quarter with known revenue."""
        return QUARTERS[self.n_counted - 1]

    def key(self) -> list[Any]:
        """Return all that a run depends on besides levers and parameters."""
        return [*self._seen.values(), self.openness]

    def era_share(self) -> float:
        """Return China's share of sales from the last quarter of 2022 to the third of 2023."""
        at = slice(QUARTERS.index("2022Q4"), QUARTERS.index("2023Q3") + 1)
        legal, outside = (float(self._seen[k][at].sum()) for k in ("legal", "outside"))
        return legal / (legal + outside)

    def _arrivals(self) -> dict[str, Floats]:
        zero = np.zeros(self.n_counted)
        none = {f"{name}_{end}": zero for name in ("outside", "legal", "domestic") for end in ("assumed", "down", "up")}
        return {**self._seen, **none, "inside": zero}


def _twice(r: dict[str, Any]) -> dict[str, Any]:
    low, middle, high = float(r["low"]), float(r["value"]), float(r["high"])
    wide = (
        (low**2 / middle, high**2 / middle)
        if r["distribution"] == "lognormal"
        else (2 * low - middle, 2 * high - middle)
    )
    return {"low": wide[0], "value": middle, "high": wide[1], "distribution": r["distribution"]}


def _revenue(evidence: Evidence) -> dict[str, "NDArray[np.float64]"]:
    """Return what NVIDIA's revenue comes to in H100-equivalents by quarter, up to the first quarter that is not known.

    Raises:
        LeadtimeError: No revenue was known.
    """
    rows = evidence["revenue"].filter(pl.col("company") == "NVIDIA").sort("known_on")
    known: dict[str, dict[str, float]] = {}
    for r in rows.iter_rows(named=True):
        # a fiscal quarter ends a month after the calendar quarter that it covers most of
        known.setdefault(quarter_of(r["period_end"] - dt.timedelta(days=45)), {})[f"{r['item']} {r['basis']}"] = float(
            r["value_usd"]
        )
    outside, legal = [], []
    for q in QUARTERS:
        found = known.get(q)
        if found is None or "data-center company" not in found:
            break
        center, day = found["data-center company"], dt.date(int(q[:4]), 3 * int(q[-1]) - 1, 15)
        price = _PRICE_2025_USD * _FALL ** (2025.0 - day.year - (day.month - 2) / 12)
        china = found.get("china-data-center-compute company")
        if china is None:
            china = found.get("china billing", 0.0) * center / found.get("total company", center)
        legal.append(china / price * (_MADE_FOR_RULES if day > _BARRED else 1.0))
        outside.append((center - china) / price)
    if not outside:
        raise LeadtimeError(
            "nobody had published the revenue of chip makers by that day", where="revenue", fix="Choose a later day."
        )
    made = _MADE_2022 * _GROWTH ** (np.arange(len(outside)) / 4)
    return {"outside": np.array(outside), "legal": np.array(legal), "domestic": made}
