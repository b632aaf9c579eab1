"""How the first page says a number: bands, chances, quarters."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadtime.report.tables import months
from leadtime.supply import like

if TYPE_CHECKING:
    from leadtime.study import Study

Floats = NDArray[np.float64]
_MONTHS = (("January", "March"), ("April", "June"), ("July", "September"), ("October", "December"))
#: The last year in which diversion was estimated.
DIVERTED_IN = "2025"


def band(draws: Floats, digits: int = 1) -> str:
    """Return the median and the 90% interval of draws."""
    low, median, high = (float(v) for v in np.quantile(draws[np.isfinite(draws)], [0.05, 0.5, 0.95]))
    return months(median, low, high, digits)


def percent(p: float) -> str:
    """Return a probability as it is said."""
    return "over 99%" if p > 0.99 else "under 1%" if p < 0.01 else f"{100 * p:.0f}%"


def percents(draws: Floats) -> str:
    """Return the median and the 90% interval of draws of a fraction: 18% (15 to 22)."""
    return band(100 * draws, 0).replace(" (", "% (")


def compared(study: "Study", before: str, makers: str = "same") -> like.Share:
    """Return China's share of arrivals before, and in the last four quarters that are whole."""
    supply = study.supply
    return like.compare(supply, before, like.last_year(supply.history.quarters), makers=makers)


def spoken(span: str) -> str:
    """Return a quarter or a run of quarters as one says it: October 2022 to September 2023; the end of 2026 is a
    quarter's last month.
    """
    first, _, last = span.partition("-")
    if not last:
        return _quarter(first)
    whole = last if "Q" in last and len(last) == 6 else f"{first[:4]}{last}"
    begin, end = _MONTHS[int(first[-1]) - 1][0], _MONTHS[int(whole[-1]) - 1][1]
    return f"{begin} to {end} {whole[:4]}" if first[:4] == whole[:4] else f"{begin} {first[:4]} to {end} {whole[:4]}"


def _quarter(quarter: str) -> str:
    if "Q" not in quarter:
        return quarter
    begin, end = _MONTHS[int(quarter[-1]) - 1]
    return f"{begin} to {end} {quarter[:4]}"
