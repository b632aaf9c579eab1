"""Draws of the parameters: documented priors, the same draw for the same name, chunk by chunk."""

import zlib
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import LeadtimeError

PREFIX = "sim-"
#: Draws of one chunk: the unit of work and of random numbers, so that workers and their number change nothing.
CHUNK = 10_000
#: Normal and uniform priors are cut where they have no meaning.
_CUT = {
    "us-share": (0.4, 0.95),
    "china-share-2021": (0.02, 0.6),
    "proxy-share": (0.0, 1.0),
    "domestic-use": (0.1, 1.2),
    "displacement": (0.0, 1.0),
    "approval-case": (0.0, 1.0),
    "approval-approval": (0.0, 1.0),
    "approval-denial": (0.0, 1.0),
    "approval-unstated": (0.0, 1.0),
    "distillation-part": (0.0, 0.8),
    "theft-part": (0.0, 0.2 / 0.8),
    "utilization": (0.05, 0.7),
    "uptake-after-2025-08": (0.0, 1.0),
    "demand-share": (0.02, 0.6),
    "capital-response": (-0.5, 0.5),
    "offshore-share": (0.0, 0.9),
    "diversion-share": (0.0, 0.5),
}


def priors(assumptions: pl.DataFrame, replaced: dict[str, dict[str, Any]] | None = None) -> pl.DataFrame:
    """Return the rows of the simulation's priors, with those a scenario replaces.

    Raises:
        LeadtimeError: No priors on that day, or a scenario that replaces a parameter there is not.
    """
    rows = assumptions.filter(pl.col("id").str.starts_with(PREFIX))
    if rows.is_empty():
        raise LeadtimeError(
            "the priors of the simulation were not written yet on that day",
            where="assumptions",
            fix="Choose a later --as-of.",
        )
    for name, prior in (replaced or {}).items():
        full = name if name.startswith(PREFIX) else PREFIX + name
        if full not in set(rows["id"]):
            from leadtime.errors import unknown_name

            raise unknown_name("parameter", name, [i.removeprefix(PREFIX) for i in rows["id"]])
        new = {k: prior.get(k) for k in ("low", "value", "high")}
        changed = [
            pl.when(pl.col("id") == full).then(pl.lit(v, dtype=pl.Float64)).otherwise(pl.col(k)).alias(k)
            for k, v in new.items()
        ]
        kind = pl.when(pl.col("id") == full).then(pl.lit(prior["distribution"])).otherwise(pl.col("distribution"))
        rows = rows.with_columns(*changed, kind.alias("distribution"))
    return rows


def names(rows: pl.DataFrame) -> list[str]:
    """Return the names of the parameters, in order."""
    return sorted(i.removeprefix(PREFIX) for i in rows["id"])


def from_normal(rows: pl.DataFrame, normal: Floats) -> dict[str, Floats]:
    """Return parameters from standard normal numbers, shape (parameter, draw), one row per name in order."""
    out = {}
    stated = _Given(rows, normal)
    for i, name in enumerate(names(rows)):
        values = stated.of(PREFIX + name, i)
        out[name] = np.clip(values, *_CUT[name]) if name in _CUT else values
    return out


def chunk(rows: pl.DataFrame, index: int, n: int, seed: int) -> dict[str, Floats]:
    """Return the `n` draws of one chunk: each parameter has a stream of its own, named by it."""
    normal = np.stack(
        [np.random.default_rng([seed, index, zlib.crc32(name.encode())]).standard_normal(n) for name in names(rows)]
    )
    return from_normal(rows, normal)


class _Given(Assumptions):
    """Assumptions whose standard normal draws are handed in."""

    def __init__(self, rows: pl.DataFrame, normal: Floats) -> None:
        super().__init__(rows, seed=0, draws=normal.shape[1])
        self._normal, self._at = normal, 0

    def of(self, name: str, at: int) -> Floats:
        self._at = at
        return self.draw(name)

    def normal(self, path: str) -> Floats:
        return np.asarray(self._normal[self._at])
