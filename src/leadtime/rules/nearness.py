"""How near the limits an item stands: the limits that it reached, and those at which the answer would be another."""

from collections.abc import Iterator
from dataclasses import dataclass

from leadtime.rules.case import OneCase
from leadtime.rules.changes import about, deciding
from leadtime.rules.judge import Reading
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE
from leadtime.rules.quantities import PLAIN, amount, times
from leadtime.rules.reading import reading
from leadtime.rules.status import Status

_MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit, and where the item stands against it.

    Args:
        rule: Whose limit it is, in a word or two: `General rule`, `Letter`.
        instrument: Id of the instrument.
        title: Its title.
        quantity: Name of the quantity, one of `quantities.PLAIN`.
        called: What the quantity is called.
        value: The item's own.
        limit: The limit.
        own: The item's own, with its unit.
        at: The limit, with its unit.
        over: Whether the item reaches it.
        distance: How far off, in words: `Under by 1.3%`.
    """

    rule: str
    instrument: str
    title: str
    quantity: str
    called: str
    value: float
    limit: float
    own: str
    at: str
    over: bool
    distance: str


def limits(log: Log, s: Status) -> tuple[Limit, ...]:
    """Return the limits of rules in force that the item reached, and those near it at which the answer changes; the
    nearest first.
    """
    case, order = OneCase(log, s.transaction, s.on, s.as_known), reading(log)
    found: dict[tuple[str, float], Limit] = {}
    for p, name, bound in (*_reached(log, order, case, s), *_turning(log, order, case, s)):
        value = case.number(name)[0]
        found.setdefault((name, bound), _limit(log, p, name, value, bound))
    ranked = sorted(found.values(), key=lambda x: abs(x.value / x.limit - 1))
    return tuple(sorted(ranked[:_MOST], key=lambda x: (x.over, abs(x.value / x.limit - 1))))


def _own(case: OneCase, p: Provision) -> Iterator[tuple[str, str, float]]:
    """Yield the limits of a provision on a quantity that is known of the item: name, sign (empty if it is negated),
    value.
    """
    for names, sign, bound, negated in p.condition.limits:
        limit = bound if isinstance(bound, float) else case.number(bound)[0]
        if len(names) == 1 and names[0] in PLAIN and limit == limit and limit > 0:
            low, high = case.number(names[0])
            if low == high and low > 0:
                yield names[0], "" if negated else sign, limit


def _reached(log: Log, order: Reading, case: OneCase, s: Status) -> Iterator[tuple[Provision, str, float]]:
    """Yield the highest limit of each quantity that the item reaches in a rule that asks for a license."""
    judged = order.judge(case)
    asking = [p for p in order.requirements if judged.applies[p.id][1] != FALSE]
    paragraphs = {e for p in asking for e in p.eccn}
    inside = [
        c for c in order.classifications if judged.applies[c.id][0] == TRUE and (set(c.eccn) & paragraphs or not asking)
    ]
    for p in (*asking, *inside):
        highest: dict[str, float] = {}
        for name, sign, limit in _own(case, p):
            if sign in (">=", ">") and case.number(name)[0] >= limit:
                highest[name] = max(limit, highest.get(name, 0.0))
        for name, limit in highest.items():
            yield p, name, limit


def _turning(log: Log, order: Reading, case: OneCase, s: Status) -> Iterator[tuple[Provision, str, float]]:
    """Yield the limits at which the answer changes, each with the provision in force that sets it."""
    provisions = [p for p in about(log, order, s) if case.state(p).codified == TRUE]
    for turn in deciding(log, s):
        bound = float(f"{turn.edge:.12g}")
        for p in provisions:
            if any(name == turn.name and abs(limit / bound - 1) < 1e-9 for name, _, limit in _own(case, p)):
                yield p, turn.name, bound
                break


def _limit(log: Log, p: Provision, name: str, value: float, bound: float) -> Limit:
    made = log.instruments[p.instrument]
    rule = "Policy" if p.role == "review" else {"letter": "Letter", "draft": "Draft"}.get(made["kind"], "General rule")
    return Limit(
        rule=rule,
        instrument=p.instrument,
        title=made["title"],
        quantity=name,
        called=PLAIN[name],
        value=value,
        limit=bound,
        own=amount(name, value),
        at=amount(name, bound),
        over=value >= bound,
        distance=distance(value, bound),
    )


def distance(value: float, limit: float) -> str:
    """Return how far a value is from a limit, in words."""
    if value == limit:
        return "Exactly at it"
    if value < limit:
        return (
            f"Under by {_percent(1 - value / limit)}" if value * 3 > limit else f"Under, {times(limit / value)} below"
        )
    return (
        f"Over by {_percent(value / limit - 1)}" if value < 1.5 * limit else f"Over, {times(value / limit)} the limit"
    )


def _percent(fraction: float) -> str:
    return f"{fraction:.1%}" if fraction < 0.02 else f"{fraction:.0%}"
