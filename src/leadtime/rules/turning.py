"""On what an answer turns: the cases of what is open; and what another day, number or buyer would change."""

import datetime as dt
import math
from typing import Any

import numpy as np

from leadtime.rules.answers import judged
from leadtime.rules.judge import Reading
from leadtime.rules.kinds import bits, policy_names
from leadtime.rules.log import Log
from leadtime.rules.many import ManyCase, columns_of
from leadtime.rules.masks import Masks
from leadtime.rules.outcomes import Outcomes
from leadtime.rules.quantities import CALLED, SAID, amount
from leadtime.rules.reading import reading
from leadtime.rules.split import limits_of, split
from leadtime.rules.transaction import Transaction

_MOST_NAMED = 3


def resolved(log: Log, transaction: Transaction, on: dt.date, as_known: dt.date) -> tuple[Masks, str]:
    """Return what an open transaction may come to over its cases, and one sentence on what decides (empty: nothing)."""
    order = reading(log)
    columns = columns_of([transaction], [on], [as_known])
    found = order.judge(ManyCase(log, columns))
    whole = Outcomes.of(order, found, 1)
    merged = whole.taken(np.zeros(1, dtype=np.int64))
    merged.emptied(np.zeros(1, dtype=np.int64))
    pieces: list[dict[str, Any]] = []
    cases: list[Outcomes] = []
    for some in split(log, order, columns, found):
        cases.append(judged(log, order, some.columns))
        merged.merge(some.row, cases[-1])
        pieces.append(some.piece)
    if not any(len(c.eccn) for c in cases):
        merged = whole
    masks = Masks(
        written=int(merged.license[0][0]),
        enforced=int(merged.license[1][0]),
        eccn=int(merged.eccn[0]),
        review=int(merged.review[0]),
        some=int(merged.some[0]),
        every=int(merged.every[0]),
        elsewhere=int(merged.elsewhere[0]),
    )
    return masks, _sentence(log, order, pieces, cases, masks)


def _sentence(log: Log, order: Reading, pieces: list[dict[str, Any]], cases: list[Outcomes], masks: Masks) -> str:
    """Return what decides: the license where cases differ in it, else the policy, else the paragraph."""
    policies = policy_names(order)
    if _several(masks.enforced):
        return _turns_on(log, pieces, [c.license[1] for c in cases], _license_word)
    if _several(masks.review):
        return _turns_on(log, pieces, [c.review for c in cases], lambda m: _policy_word(m, policies))
    if _several(masks.eccn):
        return _turns_on(log, pieces, [c.eccn for c in cases], lambda m: "")
    return ""


def _several(mask: int) -> bool:
    return bool(mask & (mask - 1))


def _policy_word(mask: int, policies: list[str]) -> str:
    return " or ".join(bits(mask, policies)).replace("_", " ") or "no license"


def _license_word(mask: int) -> str:
    return {1: "no license", 2: "not recorded", 4: "a license"}.get(mask, "")


def _turns_on(log: Log, pieces: list[dict[str, Any]], values: list[Any], word: Any) -> str:
    dimensions = sorted({d for p in pieces for d in p})
    if not dimensions:
        return ""
    table = {
        d: np.concatenate([p.get(d, np.full(len(v), -1)) for p, v in zip(pieces, values, strict=True)])
        for d in dimensions
    }
    value = np.concatenate(values)
    limits = limits_of(log)
    parts = []
    for d in dimensions:
        steps = _steps(table, value, d)
        if steps:
            parts.append(_told(log, d, steps, limits, word))
    if not parts:
        return ""
    more = f", and {len(parts) - _MOST_NAMED} more" if len(parts) > _MOST_NAMED else ""
    return f"It turns on {'; and on '.join(parts[:_MOST_NAMED])}{more}."


def _steps(table: dict[str, Any], value: Any, dimension: str) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the neighboring pieces of a dimension between which the outcome changes, all else equal, with both
    outcomes.
    """
    key = np.zeros(len(value), dtype=np.int64)
    for d in table:
        if d != dimension:
            key = key * (int(table[d].max()) + 2) + table[d] + 1
    order = np.lexsort((table[dimension], key))
    a, b = order[:-1], order[1:]
    changed = (key[a] == key[b]) & (value[a] != value[b])
    rows = np.stack([table[dimension][a], table[dimension][b], value[a], value[b]])[:, changed]
    if not rows.size:
        return {}
    _, first = np.unique(rows[0] * 4096 + rows[1], return_index=True)
    return {(int(x), int(y)): (int(u), int(v)) for x, y, u, v in rows[:, np.sort(first)].T}


def _told(log: Log, d: str, steps: dict[tuple[int, int], tuple[int, int]], limits: Any, word: Any) -> str:
    """Return one dimension in words, with the limit at which the outcome changes."""
    if d == "exporter":
        return "who ships: the firms that a letter names, or another"
    if d == "model":
        return "which model it is: one that a letter names, or another"
    if d in SAID:
        return f"whether {SAID[d]}"
    names = ("dram_gb_s", "io_gb_s") if d == "sum" else (d,)
    label = "the sum of memory bandwidth and bandwidth to other chips" if d == "sum" else CALLED.get(d, (d, ""))[0]
    if names not in limits:
        return label
    (low, high), (below, above) = min(steps.items())
    edge = float(limits[names][max(low, high - 1)])
    at = math.nextafter(edge, -math.inf) if not _is_round(edge) else edge
    limit = amount(names[0], at)
    if word(below) and word(above):
        return f"{label}: {limit} or more and it is {word(above)}, less and it is {word(below)}"
    return f"{label}, with a limit at {limit}"


def _is_round(value: float) -> bool:
    return len(f"{value:.15g}") <= 10
