"""Two studies side by side: which rows differ, which answers moved, and the rows of which table moved them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES
from leadtime.evidence.compare import differences, moved, name_of
from leadtime.evidence.tables import NAMING
from leadtime.study import lag_definitions

if TYPE_CHECKING:
    from leadtime.estimate import Estimate
    from leadtime.study import Study

MODEL = "deepseek-v3"
#: A median that moved by less than this many standard errors of the draws may be chance.
ERRORS = 3.0
_SHOWN = 20


def rows(a: "Study", b: "Study") -> list[dict[str, Any]]:
    """Return what differs by table: rows added, removed and changed, and the keys of the first of each."""
    found = []
    for name, table in TABLES.items():
        one, two = a.evidence[name], b.evidence[name]
        if one.equals(two):
            continue
        key = list(table.key)
        d = differences(one, two, key)
        if d.added.is_empty() and d.gone.is_empty() and d.changed.is_empty():
            continue
        found.append(
            {
                "table": name,
                "n_added": d.added.height,
                "n_removed": d.gone.height,
                "n_changed": d.changed.height,
                "added": _names(d.added, key),
                "removed": _names(d.gone, key),
                "changed": [
                    {
                        "key": name_of(r, key),
                        "columns": {c: [_plain(old), _plain(now)] for c, (old, now) in moved(r).items()},
                    }
                    for r in d.changed.head(_SHOWN).to_dicts()
                ],
            }
        )
    return found


def answers(a: "Study", b: "Study", tables: list[str]) -> list[dict[str, Any]]:
    """Return the headline lags of both studies, whether each moved beyond chance, and what each table's rows alone
    move.

    Args:
        a: One study.
        b: The other.
        tables: Tables whose rows differ; each is put into `a` alone to see what it moves (those that name things come
            with each).
    """
    before, after = _headlines(a), _headlines(b)
    alone = {}
    named = {n: _both(a.evidence[n], b.evidence[n], list(TABLES[n].key)) for n in NAMING}
    for name in (t for t in tables if t not in NAMING and len(tables) > 1):
        mixed = replace(a.evidence, tables={**a.evidence.tables, **named, name: b.evidence[name]})
        alone[name] = _headlines(a.with_evidence(mixed))
    out = []
    for name, one in before.items():
        two = after.get(name)
        if two is None:
            continue
        moved = _by(one, two)
        why = (
            {t: _by(one, found[name]) for t, found in alone.items() if name in found}
            if alone
            else dict.fromkeys(tables, moved)
        )
        out.append(
            {
                "answer": name,
                "unit": one.unit,
                "a": _band(one),
                "b": _band(two),
                "moved": moved,
                "beyond_chance": _moved(one, two),
                "why": {t: v for t, v in why.items() if v},
            }
        )
    return out


def _both(one: pl.DataFrame, two: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Return the rows of either table, those of the second where a key is in both: names that rows of any table may
    want.
    """
    return pl.concat([two, one.join(two, on=key, how="anti", nulls_equal=True)])


def _headlines(study: "Study") -> "dict[str, Estimate]":
    found: dict[str, Estimate] = {}
    for model, kind in ((None, "group"), (MODEL, "model")):
        for d in lag_definitions(kind):
            try:
                found[f"{model or 'China'}: {d.name}"] = study.lag(model, "CHN", "USA", d.name)
            except LeadtimeError:  # on that day it cannot be measured
                continue
    return found


def _by(a: "Estimate", b: "Estimate") -> float | None:
    """Return by how much a median moved, or None if one of them cannot be measured."""
    moved = b.median - a.median
    return float(moved) if np.isfinite(moved) else None


def _moved(a: "Estimate", b: "Estimate") -> bool:
    spread = [np.nanstd(x.draws) / max(np.isfinite(x.draws).sum(), 1) ** 0.5 for x in (a, b)]
    return bool(abs(b.median - a.median) > ERRORS * float(np.hypot(*spread)) * (np.pi / 2) ** 0.5)


def _band(e: "Estimate") -> dict[str, float | None]:
    return {k: v if np.isfinite(v) else None for k, v in (("median", e.median), ("low", e.low), ("high", e.high))}


def _names(table: pl.DataFrame, key: list[str]) -> list[str]:
    return [name_of(r, key) for r in table.head(_SHOWN).to_dicts()]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)
