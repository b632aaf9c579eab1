"""How the first page says a number: bands, chances, quarters."""

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadtime.report.tables import months
from leadtime.supply import like

if TYPE_CHECKING:
    from leadtime.study import Study

Floats = NDArray[np.float64]
#: The last year in which diversion was estimated.
DIVERTED_IN = "2025"


def band(draws: Floats, digits: int = 1) -> str:
    """Return the median and the 90 % interval of draws."""
    low, median, high = (float(v) for v in np.quantile(draws[np.isfinite(draws)], [0.05, 0.5, 0.95]))
    return months(median, low, high, digits)


def percent(p: float) -> str:
    """Return a probability as it is said."""
    return "over 99 %" if p > 0.99 else "under 1 %" if p < 0.01 else f"{100 * p:.0f} %"


def percents(draws: Floats) -> str:
    """Return the median and the 90 % interval of draws of a fraction: 18 % [15, 22]."""
    return band(100 * draws, 0).replace(" [", " % [")


def compared(study: "Study", before: str, makers: str = "same") -> like.Share:
    """Return China's share of arrivals before, and in the last four quarters that are whole."""
    supply = study.supply
    return like.compare(supply, before, like.last_year(supply.history.quarters), makers=makers)


def spoken(span: str) -> str:
    """Return a run of quarters as one says it: 2022 Q4 to 2023 Q3."""
    return re.sub(r"(\d{4})Q", r"\1 Q", span).replace("-", " to ")
