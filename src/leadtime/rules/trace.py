"""Every provision, whether it applies to a transaction, and each test on which that turned."""

import math
from dataclasses import dataclass

from leadtime.rules.case import OneCase
from leadtime.rules.exporters import UNRECOGNIZED
from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, WORDS
from leadtime.rules.reading import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the trace: a provision, whether it applies, and on what that turned."""

    provision: str
    role: str
    title: str
    pinpoint: str
    citation: str
    applies_codified: str
    applies_enforced: str
    state: str
    condition: str
    tests: tuple[str, ...]
    outcome: str
    confidence: str


def _shown(case: OneCase, name: str) -> str:
    low, high = case.number(name)
    if math.isnan(low):
        return f"{name} has no value on this day"
    if low == high:
        return f"{name} {low:g}" if math.fabs(low) < 1e6 else f"{name} {low:.4g}"
    if (low, high) == (0.0, math.inf):
        return f"{name} not known"
    return f"{name} {low:g} or more" if high == math.inf else f"{name} {low:g}..{high:g}"


def tests_of(p: Provision, case: OneCase, found: Judgement) -> tuple[str, ...]:
    """Return each test of a provision with its outcome."""
    lines = []
    if p.role != "classification" and p.eccn:
        among = max(found.applies[c.id][0] for c in reading(case.log).classifications if set(c.eccn) & set(p.eccn))
        lines.append(f"paragraph among {', '.join(p.eccn)}: {WORDS[among]}")
    for name in p.requires:
        lines.append(f"{name} applies: {WORDS[max(found.applies[name])]}")
    for text, evaluate, names in p.condition.leaves:
        values = ", ".join(_shown(case, n) for n in dict.fromkeys(names))
        lines.append(f"{text}{f' [{values}]' if values else ''}: {WORDS[evaluate(case)]}")
    t = case.transaction
    if p.destinations.text:
        lines.append(f"destination {t.to} in {p.destinations.text}: {WORDS[case.to(p.destinations)]}")
    if p.headquarters.text:
        homes = t.hq if t.hq == t.parent else f"{t.hq} or {t.parent}"
        lines.append(f"headquarters {homes} in {p.headquarters.text}: {WORDS[case.home(p.headquarters)]}")
    if p.addressees:
        lines.append(
            f"exporter {t.exporter.removeprefix(UNRECOGNIZED) or 'not known'} among {', '.join(p.addressees)}: "
            f"{WORDS[case.addressed(p.addressees)]}"
        )
    if p.items:
        lines.append(f"item {t.item} among {', '.join(p.items)}: {WORDS[case.item_is(p.items)]}")
    return tuple(lines)


def trace(log: Log, order: Reading, case: OneCase, found: Judgement) -> tuple[Step, ...]:
    """Return every provision that was known, in reading order, with its tests."""
    provisions = (*order.classifications, *order.requirements, *order.reviews, *order.exceptions, *order.elsewhere)
    return tuple(
        Step(
            provision=p.id,
            role=p.role,
            title=p.title,
            pinpoint=p.pinpoint,
            citation=log.instruments[p.instrument]["citation"] or "",
            applies_codified=WORDS[found.applies[p.id][0]],
            applies_enforced=WORDS[found.applies[p.id][1]],
            state=_outranked(p, order, found) + (case.state(p).words or "not in force"),
            condition=p.condition.text,
            tests=tests_of(p, case, found),
            outcome=p.outcome or "|".join(p.eccn),
            confidence=p.confidence,
        )
        for p in provisions
        if p.known_on <= case.known
    )


def _outranked(p: Provision, order: Reading, found: Judgement) -> str:
    """Return a note on a policy that applies while another of higher priority decides."""
    chosen = found.review[1] if found.license[1] != FALSE else found.review[0]
    if p.role != "review" or chosen < 0 or order.reviews.index(p) <= chosen:
        return ""
    return f"outranked by {order.reviews[chosen].id}; "
