"""Ability on the benchmarks of one domain: theta refitted per draw, benchmark parameters held."""

import numpy as np
from scipy.sparse import csr_array

from leadtime.capability.result import DISPERSION_ITEMS, NU, Fit, Floats, Integers

#: Steps at most, and how small one is, in logits, when no more are taken.
_STEPS, _SMALL = 12, 1e-9


def domain_abilities(fit: Fit, inside: np.ndarray, *, seed: int) -> tuple[Floats, Integers]:
    """Return draws of each model's ability on some benchmarks, and how many of them it took.

    Per draw and model a one-dimensional posterior: its mode by damped Newton steps on the expected information, plus
    one normal draw with that information. Prior: Normal(overall ability, 1).

    Args:
        fit: The overall fit.
        inside: Which benchmarks belong to the domain, shape (benchmark,).
        seed: Seed of the normal draws.
    """
    cells, draws = fit.cells, fit.draws
    used = np.flatnonzero(inside[cells.benchmark])
    m, b = cells.model[used], cells.benchmark[used]
    floor, span = cells.floor[b], (cells.ceiling - cells.floor)[b]
    slope, difficulty, tau = draws.discrimination[:, b], draws.difficulty[:, b], draws.misfit[:, b]
    theta = draws.theta.copy()
    n = len(cells.models)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(slope * (theta[:, m] - difficulty), -30, 30)))
        mu = np.clip(floor + span * p, 1e-6, 1 - 1e-6)
        gradient = slope * span * p * (1 - p) / (mu * (1 - mu))
        variance = tau**2 + (1 / cells.n_items[b] + 1 / DISPERSION_ITEMS) / (mu * (1 - mu))
        r = cells.z[used] - np.log(mu / (1 - mu))
        weight = (NU + 1) / (NU + r**2 / variance) / variance
        score = _by_model(gradient * weight * r, m, n) + (draws.theta - theta)
        information = _by_model(gradient**2 * weight, m, n) + 1.0
        step = np.clip(score / information, -0.5, 0.5)
        theta += step
        if np.abs(step).max() < _SMALL:
            break
    noise = np.random.default_rng([seed, 13]).normal(size=theta.shape)
    return theta + noise / np.sqrt(information), np.bincount(m, minlength=n)


def _by_model(values: Floats, model: Integers, n: int) -> Floats:
    """Return sums over each model's cells, shape (draw, model)."""
    cells = np.arange(len(model))
    sums = csr_array((np.ones(len(model)), (model, cells)), shape=(n, len(model)))
    return np.ascontiguousarray((sums @ values.T).T)
