"""Which assumptions the data moved, and how much of the spread of the simulated effect lies in those they did not.

A parameter is moved when its draws before and after the data overlap by less than `OVERLAP` (the shared area of two histograms).
The share of some parameters is what a regression of the effect on them explains alone: ranks and their squares, adjusted R^2. What
two groups need together, the rest, belongs to neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.capability.result import Floats

OVERLAP = 0.9
_BINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Shares of the variance of the effect.

    Args:
        by_moved: What the parameters explain that the data moved.
        by_others: What those explain that the data did not.
        parameters: Rows of parameter, overlap (1: the data said nothing of it), moved, share (alone), greatest share first.
    """

    by_moved: float
    by_others: float
    parameters: pl.DataFrame


def moved(before: dict[str, Floats], after: dict[str, Floats], effect: Floats) -> Moved:
    """Return what the data moved.

    Args:
        before: Prior draws by parameter, shape (any,).
        after: Draws of the ensemble, shape (draw,).
        effect: The effect in each of them, shape (draw,).
    """
    rows = [
        {"parameter": k, "overlap": overlap(before[k], v), "moved": overlap(before[k], v) < OVERLAP, "share": share(after, [k], effect)}
        for k, v in after.items()
    ]  # fmt: skip
    some = [str(r["parameter"]) for r in rows if r["moved"]]
    return Moved(
        by_moved=share(after, some, effect), by_others=share(after, [k for k in after if k not in some], effect),
        parameters=pl.DataFrame(rows).sort("share", descending=True),
    )  # fmt: skip


def overlap(before: Floats, after: Floats) -> float:
    """Return the area that two distributions share, on bins that hold a twentieth of the first each."""
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)))
    if len(edges) < 2:
        return 1.0
    p, q = (np.histogram(np.clip(x, edges[0], edges[-1]), edges)[0] / len(x) for x in (before, after))
    return float(np.minimum(p, q).sum())


def share(draws: dict[str, Floats], names: Iterable[str], effect: Floats) -> float:
    """Return the share of the effect's variance that some parameters explain alone, 0 to 1."""
    n = len(effect)
    columns = [np.ones(n)]
    for name in names:
        if np.ptp(draws[name]) > 0:
            rank = np.argsort(np.argsort(draws[name])) / n - 0.5
            columns += [rank, rank**2]
    total = float(np.var(effect, ddof=1))
    if len(columns) == 1 or len(columns) >= n or total == 0:
        return 0.0
    design = np.stack(columns, axis=1)
    left = effect - design @ np.linalg.lstsq(design, effect, rcond=None)[0]
    return float(np.clip(1 - left @ left / (n - len(columns)) / total, 0.0, 1.0))
