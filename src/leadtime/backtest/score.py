"""How good a forecast of a number was: CRPS, coverage and PIT.

Where the truth is itself uncertain, each is averaged over draws of the truth.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Central intervals whose coverage is counted.
LEVELS = (0.5, 0.8, 0.9)


def crps(draws: Floats, truth: Floats) -> float:
    """Return the continuous ranked probability score of draws, averaged over draws of the truth.

    Source: Gneiting and Raftery (2007), equation 21; fair with respect to nothing but the draws themselves.
    """
    from scoringrules import crps_ensemble

    ordered = np.broadcast_to(np.sort(draws), (len(truth), len(draws)))
    return float(np.mean(crps_ensemble(truth, ordered, sorted_ensemble=True)))


def inside(draws: Floats, truth: Floats) -> dict[float, float]:
    """Return by level P(the truth lies in the central interval)."""
    found = {}
    for level in LEVELS:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        found[level] = float(np.mean((truth >= low) & (truth <= high)))
    return found


def pit(draws: Floats, truth: Floats) -> float:
    """Return where the truth fell among the draws, 0 to 1."""
    return float(np.mean(np.searchsorted(np.sort(draws), truth) / len(draws)))


def truth_of(low: float | None, value: float, high: float | None, n: int, rng: np.random.Generator) -> Floats:
    """Return draws of an outcome: log-normal through a 90% interval, or the value itself."""
    if low is None or high is None or low <= 0:
        return np.array([value])
    return np.asarray(value * np.exp(np.log(high / low) / 3.29 * rng.standard_normal(n)))
