"""A regression with errors in its regressor, laboratory effects and heavy tails, by Gibbs sampling of many chains at
once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadtime.capability.result import Floats

#: Degrees of freedom of the misfit.
NU = 4.0
CHAINS, WARM_UP, KEPT = 64, 300, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """y = a + lab + slope x* + drift t + e, with x = x* + error, lab ~ N(0, w^2), e Student-t with `NU` degrees of
    freedom.

    Args:
        y: Outcome; each chain has a joint draw of its own, shape (chain, n), so that shared errors of abilities are
            kept.
        x: Regressor as stated, shape (n,).
        x_sd: Standard error of each, shape (n,).
        t: Second regressor without error, shape (n,), or None.
        lab: Laboratory of each, 0 to the number of laboratories less one, shape (n,).
        floor: Outcomes at this value may lie anywhere below it (a model that led), or None if nothing is cut.
        slope_sd: Standard deviation of the normal prior of the slope, centered at 0.
    """

    y: Floats
    x: Floats
    x_sd: Floats
    t: Floats | None
    lab: NDArray[np.int64]
    floor: float | None
    slope_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Draws of the slope, shape (draw,), of the drift where there is one, and the largest R-hat of the slope over
    chains.
    """

    slope: Floats
    drift: Floats
    r_hat: float


def fit(r: Regression, *, seed: int, chains: int = CHAINS, warm_up: int = WARM_UP, kept: int = KEPT) -> Fitted:
    """Return draws of the slope: conjugate steps for coefficients, laboratory effects, true regressors, weights and
    variances.
    """
    from scipy.special import ndtr, ndtri

    rng = np.random.default_rng([seed, 73])
    n = len(r.x)
    y = np.broadcast_to(r.y, (chains, n)).copy() if r.y.ndim == 1 else r.y[np.arange(chains) % len(r.y)].copy()
    cut = np.zeros((chains, n), bool) if r.floor is None else y <= r.floor
    floor = -np.inf if r.floor is None else r.floor
    one_hot = np.eye(r.lab.max() + 1)[r.lab]
    center = r.x.mean()
    x = np.tile(r.x - center, (chains, 1))
    seen, precision = r.x - center, 1 / np.maximum(r.x_sd, 1e-6) ** 2
    t = None if r.t is None else r.t - r.t.mean()
    k = 2 if t is None else 3
    design = np.ones((chains, n, k))
    if t is not None:
        design[:, :, 2] = t
    prior = np.diag([1e-4, 1 / r.slope_sd**2, 1e-4][:k])
    beta = np.zeros((chains, k))
    beta[:, 1] = rng.normal(0, r.slope_sd / 2, chains)  # chains start apart
    labs, weight = np.zeros((chains, one_hot.shape[1])), np.ones((chains, n))
    s2, w2, v2 = (np.full(chains, float(np.var(r.y) + 0.1)), np.ones(chains), np.full(chains, float(np.var(r.x) + 0.1)))
    m = np.zeros(chains)
    slopes, drifts = np.empty((kept, chains)), np.zeros((kept, chains))
    counts = one_hot.sum(axis=0)
    for step in range(warm_up + kept):
        design[:, :, 1] = x
        scaled = weight / s2[:, None]
        # coefficients
        weighted = np.swapaxes(design * scaled[..., None], 1, 2)
        gram = weighted @ design + prior
        right = (weighted @ (y - labs[:, r.lab])[..., None])[..., 0]
        root = np.linalg.cholesky(gram)
        noise = rng.standard_normal((chains, k))
        mean = np.linalg.solve(gram, right[..., None])[..., 0]
        beta = mean + np.linalg.solve(np.swapaxes(root, 1, 2), noise[..., None])[..., 0]
        line = (design @ beta[..., None])[..., 0]
        # laboratories
        p = scaled @ one_hot + 1 / w2[:, None]
        labs = ((scaled * (y - line)) @ one_hot) / p + rng.standard_normal(labs.shape) / np.sqrt(p)
        w2 = (0.5 + 0.5 * (labs**2).sum(axis=1)) / rng.gamma(1.0 + 0.5 * len(counts), 1.0, chains)
        # true regressors, and their spread
        rest = y - line + beta[:, [1]] * x - labs[:, r.lab]
        p = precision + 1 / v2[:, None] + scaled * beta[:, [1]] ** 2
        x = (precision * seen + m[:, None] / v2[:, None] + scaled * beta[:, [1]] * rest) / p + rng.standard_normal(
            x.shape
        ) / np.sqrt(p)
        m = x.mean(axis=1) + rng.standard_normal(chains) * np.sqrt(v2 / n)
        v2 = (0.5 + 0.5 * ((x - m[:, None]) ** 2).sum(axis=1)) / rng.gamma(1.0 + 0.5 * n, 1.0, chains)
        # tails and scatter
        line = beta[:, [0]] + beta[:, [1]] * x + (0 if t is None else beta[:, [2]] * t) + labs[:, r.lab]
        miss = y - line
        weight = rng.gamma((NU + 1) / 2, 1.0, weight.shape) / (NU / 2 + 0.5 * miss**2 / s2[:, None])
        s2 = (0.5 + 0.5 * (weight * miss**2).sum(axis=1)) / rng.gamma(1.0 + 0.5 * n, 1.0, chains)
        if cut.any():  # what lies below the floor is drawn there
            sd = np.sqrt(s2[:, None] / weight)
            below = np.clip(rng.random(y.shape) * ndtr((floor - line) / sd), 1e-12, 1 - 1e-12)
            y = np.where(cut, line + sd * ndtri(below), y)
        if step >= warm_up:
            slopes[step - warm_up] = beta[:, 1]
            drifts[step - warm_up] = beta[:, 2] if k == 3 else 0.0
    return Fitted(
        slope=slopes.ravel(), drift=drifts.ravel(), r_hat=_r_hat(slopes) if r.y.ndim == 1 else _r_hat_halves(slopes)
    )


def _r_hat(draws: Floats) -> float:
    """Return the potential scale reduction of chains that share one target, shape (step, chain)."""
    within = draws.var(axis=0, ddof=1).mean()
    between = draws.mean(axis=0).var(ddof=1)
    return float(np.sqrt((within * (len(draws) - 1) / len(draws) + between) / within))


def _r_hat_halves(draws: Floats) -> float:
    """Return the same of the two halves of every chain: chains have targets of their own, so only drift within each
    counts.
    """
    half = len(draws) // 2
    first, second = draws[:half], draws[half : 2 * half]
    within = 0.5 * (first.var(axis=0, ddof=1) + second.var(axis=0, ddof=1)).mean()
    drift = (first.mean() - second.mean()) ** 2 / 2
    return float(np.sqrt(1 + drift / within))
