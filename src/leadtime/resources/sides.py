"""The two blocs side by side: for each quantity and year the figure of each, and their ratio where both are there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from leadtime.cost.assumptions import Assumptions
from leadtime.resources.figures import Figure, Range

#: What a lead rests on, in the order in which it is shown; kinds of rows by table.
RESOURCES: dict[str, dict[str, tuple[str, ...]]] = {
    "capital": {"investment": ("private-investment", "venture-ai", "ai-capex", "government-funds", "sovereign-all")},
    "talent": {"talent": ("work", "origin", "output", "flow", "training")},
    "power": {"industry": ("electricity", "data-centers")},
    "industrial base": {
        "industry": ("manufacturing", "robots", "ships", "drones", "chip-making", "memory", "computing")
    },
}
#: An aim is no figure of what there is.
_NOT_SHOWN = ("target",)
_LONGEST_YEARS = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One quantity in one year: the figure of each bloc, None if none is published.

    Args:
        resource: A key of `RESOURCES`, or chips.
        quantity: What is counted.
        year: The year in which the period ends.
        unit: Unit.
        sides: Draws by bloc: USA, CHN, ROW.
        figures: The rows behind them, by bloc; none for chips, which are counted elsewhere.
    """

    resource: str
    quantity: str
    year: int
    unit: str
    sides: dict[str, Range]
    figures: dict[str, Figure]

    @property
    def ratio(self) -> Range | None:
        """China's over that of the United States, or None if one is missing, or the divisor can be zero."""
        one, other = self.sides.get("CHN"), self.sides.get("USA")
        if one is None or other is None or (other.low < 0).any() or not (other.high > 0).all():
            return None
        with np.errstate(divide="ignore"):
            low, high = one.low / other.high, one.high / other.low
        return Range(low, high) if one.is_open or other.is_open else Range(low, low)


def resource_of(f: Figure) -> str:
    """Return the resource that a figure belongs to; empty for none."""
    return next((r for r, tables in RESOURCES.items() if f.kind in tables.get(f.table, ())), "")


def pairs(found: Iterable[Figure], stated: Assumptions) -> list[Pair]:
    """Return the quantities of the blocs as a whole by year, those of one resource together, years in order.

    Of several figures of one quantity, bloc and year the one of the longest period counts, of equally long ones the
    newest.
    """
    best: dict[tuple[str, str, int, str], dict[str, Figure]] = {}
    for f in found:
        resource = resource_of(f)
        if not resource or f.who or not f.is_published or f.grade in _NOT_SHOWN or f.bloc == "WORLD" or _is_long(f):
            continue
        sides = best.setdefault((resource, f.quantity, f.end.year, f.unit), {})
        held = sides.get(f.bloc)
        if held is None or (f.years, f.known_on) > (held.years, held.known_on):
            sides[f.bloc] = f
    order = list(RESOURCES)
    keys = sorted(best, key=lambda k: (order.index(k[0]), k[1], k[2]))
    return [
        Pair(
            resource=r,
            quantity=q,
            year=y,
            unit=u,
            figures=best[r, q, y, u],
            sides={b: f.draws(stated) for b, f in best[r, q, y, u].items()},
        )
        for r, q, y, u in keys
    ]


def _is_long(f: Figure) -> bool:
    """Return whether a figure is money of more than a year, which is no figure of the year in which it ends."""
    return f.unit == "USD" and f.years > _LONGEST_YEARS


def apart(found: Iterable[Figure], compared: Sequence[Pair]) -> list[tuple[Figure, str]]:
    """Return figures of these resources that cannot be set side by side, each with the reason, and those that nobody
    published.
    """
    both = {(p.quantity, p.unit) for p in compared if {"USA", "CHN"} <= p.sides.keys()}
    told: list[tuple[Figure, str]] = []
    for f in found:
        if not resource_of(f) and f.is_published:
            continue
        if not f.is_published:
            told.append((f, "nobody has published it"))
        elif f.grade in _NOT_SHOWN:
            told.append((f, "an aim, not a count"))
        elif f.who:
            told.append((f, f"of {f.who} alone"))
        elif _is_long(f):
            told.append((f, f"a sum over {f.years:.0f} years"))
        elif (f.quantity, f.unit) not in both:
            other = {"USA": "China", "CHN": "the United States"}.get(f.bloc)
            told.append((f, f"no figure for {other} by the same count" if other else "of neither of the two"))
    return told


def conflicts(found: Sequence[Figure]) -> list[tuple[Figure, Figure]]:
    """Return pairs of figures that say otherwise of the same thing, each pair once."""
    known = {f.id: f for f in found if f.id}
    seen: dict[frozenset[str], tuple[Figure, Figure]] = {}
    for f in found:
        for name in f.conflicts:
            if name in known:
                seen.setdefault(frozenset((f.id, name)), (f, known[name]))
    return list(seen.values())
