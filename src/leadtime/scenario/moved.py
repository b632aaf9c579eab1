"""Which assumptions the data moved, and how much of the spread of the simulated effect lies in those they did not.

A parameter is moved when its draws before and after the data overlap by less than `OVERLAP` (the shared area of two
histograms).
The share of some parameters is what a regression of the effect on them explains alone: ranks and their squares,
adjusted R^2. What two groups need together, the rest, belongs to neither.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl

from leadtime.capability.result import Floats

OVERLAP = 0.9
_BINS = 20


def table(before: dict[str, Floats], after: dict[str, Floats], effects: dict[str, Floats]) -> pl.DataFrame:
    """Return what the data moved: quarter, parameter, overlap, moved, share, by_moved, by_others; greatest share first.

    `overlap` is 1 where the data said nothing of a parameter; `share` what it explains alone; `by_moved` and
    `by_others`, the same in each row of a quarter, what all those explain that were moved, and all those that were not.

    Args:
        before: Prior draws by parameter, shape (any,).
        after: Draws of the ensemble, shape (draw,).
        effects: The effect in each of them by quarter, shape (draw,).
    """
    alike = {k: overlap(before[k], v) for k, v in after.items()}
    some = [k for k, v in alike.items() if v < OVERLAP]
    others = [k for k in after if k not in some]
    rows = []
    for quarter, effect in effects.items():
        whole = {"by_moved": share(after, some, effect), "by_others": share(after, others, effect)}
        rows += [
            {
                "quarter": quarter,
                "parameter": k,
                "overlap": v,
                "moved": k in some,
                "share": share(after, [k], effect),
                **whole,
            }
            for k, v in alike.items()
        ]
    return pl.DataFrame(rows).sort("quarter", "share", descending=[False, True])


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
