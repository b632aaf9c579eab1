"""Published figures put to claims: one of them, one over another, one less another, each by the ids of its rows."""

from typing import TYPE_CHECKING

import numpy as np

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import LeadtimeError
from leadtime.resources.figures import Figure, Range, named

if TYPE_CHECKING:
    from leadtime.study import Study


def value(study: "Study", row: str, per: str = "") -> Floats:
    """Return draws of a figure, or of the sum of several joined by `+`; see `Range.flat` where it is open at one end.

    Args:
        study: The study.
        row: Ids of rows of the tables of figures.
        per: `year` divides by the length of the period in years.

    Raises:
        LeadtimeError: There is no such row on that day, the units differ, or nobody has published the figure.
    """
    return _range(study, row, per).flat()


def ratio(study: "Study", row: str, over: str, per: str = "") -> Floats:
    """Return draws of one figure over another of the same unit; the same sums and periods."""
    _same(study, row, over)
    a, b = _range(study, row, per), _range(study, over, per)
    if (b.low < 0).any() or (b.high == 0).any():
        raise LeadtimeError(
            f"{over} is not above zero, so nothing can be divided by it", where="over", fix="Choose another row."
        )
    with np.errstate(divide="ignore"):
        if not (a.is_open or b.is_open):
            return np.asarray(a.low / b.low)
        return Range(np.asarray(a.low / b.high), np.asarray(a.high / b.low)).flat()


def change(study: "Study", row: str, less: str, per: str = "") -> Floats:
    """Return draws of one figure less another of the same unit; the same sums and periods."""
    _same(study, row, less)
    a, b = _range(study, row, per), _range(study, less, per)
    if not (a.is_open or b.is_open):
        return np.asarray(a.low - b.low)
    return Range(np.asarray(a.low - b.high), np.asarray(a.high - b.low)).flat()


def one_end(study: "Study", quantity: str, draws: Floats) -> tuple[Floats, Floats, str] | None:
    """Return the lower and the upper end of a reading that is open at one, and which words go with it, or None if it is
    not.

    Args:
        study: The study.
        quantity: The name of the quantity; only those of published figures can be open.
        draws: What was computed for it: twice as many as the study has where it is open, see `Range.flat`.
    """
    if not quantity.startswith("row.") or draws.size != 2 * study.draws:
        return None
    low, high = np.split(draws, 2)
    return low, high, "at most" if np.isfinite(high).all() else "at least"


def unit(study: "Study", row: str) -> str:
    """Return the unit of a figure, in words."""
    return _rows(study, row)[0].unit


def _rows(study: "Study", text: str) -> list[Figure]:
    found = [named(study.evidence, name.strip()) for name in text.split("+")]
    units = sorted({f.unit for f in found})
    if len(units) > 1:
        raise LeadtimeError(
            f"{text} are in different units: {', '.join(units)}", where="row", fix="Sum rows of one unit."
        )
    for f in found:
        if not f.is_published:
            raise LeadtimeError(f"nobody has published {f.quantity}", where=f.id)
    return found


def _same(study: "Study", one: str, other: str) -> None:
    a, b = unit(study, one), unit(study, other)
    if a != b:
        raise LeadtimeError(f"{one} is in {a}, {other} in {b}", fix="Compare rows of one unit.")


def _range(study: "Study", text: str, per: str) -> Range:
    if per not in ("", "year"):
        raise LeadtimeError(f"nothing can be divided by {per!r}", where="per", fix="Expected year, or leave it out.")
    found = _rows(study, text)
    stated = Assumptions(study.evidence["assumptions"], seed=study.seed, draws=study.draws)
    parts = [(f.draws(stated), f.years if per else 1.0) for f in found]
    low, high = (
        np.asarray(sum((ends / years for ends, years in side), np.zeros(study.draws)))
        for side in zip(*(((r.low, y), (r.high, y)) for r, y in parts), strict=True)
    )
    return Range(low, high) if any(r.is_open for r, _ in parts) else Range(low, low)
