"""Rates of cost reduction by least squares and by best practice: the published ways, and the baselines of ours.

Everything is vectorized over draws; a draw is a joint draw of abilities with the models resampled (Bayesian bootstrap
weights would smooth records, so models are drawn with replacement).
"""

import numpy as np

from leadtime.capability.result import Floats, Integers
from leadtime.cost.curve_data import CENTER_OOM, CENTER_POINTS

_RIDGE = 1e-12


def least_squares(design: Floats, response: Floats, weight: Floats) -> Floats:
    """Return weighted least-squares coefficients, shape (draw, coefficient).

    Args:
        design: Shape (draw, model, coefficient).
        response: Shape (draw, model).
        weight: Shape (draw, model).
    """
    weighted = design * weight[..., None]
    normal = np.einsum("rmi,rmj->rij", weighted, design)
    normal += _RIDGE * np.eye(design.shape[-1]) * np.trace(normal, axis1=1, axis2=2)[:, None, None]
    return np.asarray(np.linalg.solve(normal, np.einsum("rmi,rm->ri", weighted, response)[..., None])[..., 0])


def resampled(n: int, draws: int, rng: np.random.Generator) -> Floats:
    """Return how often each of `n` models is drawn with replacement, shape (draw, model); the first row is all ones."""
    counts = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    counts[0] = 1.0
    return counts


def direct(points: Floats, oom: Floats, years: Floats, weight: Floats) -> Floats:
    """Return the fall of compute at equal ability, factor a year, from E[ability | compute, date]: 10^(bt / bC)."""
    one, points, oom, years = _alike(points, oom, years)
    b = least_squares(np.stack([one, oom - CENTER_OOM, years], axis=-1), points, weight)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(np.where(b[:, 1] > 0, 10.0 ** np.clip(b[:, 2] / b[:, 1], -300, 300), np.nan))


def inverse(points: Floats, oom: Floats, years: Floats, weight: Floats) -> Floats:
    """Return the fall of compute at equal ability, factor a year, from E[log10 compute | ability, date]: 10^(-bt)."""
    one, points, oom, years = _alike(points, oom, years)
    b = least_squares(np.stack([one, points - CENTER_POINTS, years], axis=-1), oom, weight)
    return np.asarray(10.0 ** -b[:, 2])


def within_releases(points: Floats, oom: Floats, years: Floats, weight: Floats, release: Integers) -> Floats:
    """Return the direct rate, with the ability gained per order of magnitude taken only from models released together.

    Models of one organization and one day share recipe and date, so their differences show what compute alone does.

    Args:
        points: Shape (draw, model).
        oom: log10 FLOP, shape (model,).
        years: Shape (model,).
        weight: Shape (draw, model).
        release: Which models were released together, shape (model,).
    """
    _, points, oom, years = _alike(points, oom, years)
    member = (release[:, None] == np.unique(release)[None, :]).astype(float)
    total = weight @ member

    def centered(x: Floats) -> Floats:
        return np.asarray(x - (((weight * x) @ member) / np.maximum(total, 1e-12)) @ member.T)

    x, y = centered(oom), centered(points)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope = (weight * x * y).sum(axis=1) / (weight * x * x).sum(axis=1)
        gain = least_squares(np.stack([np.ones_like(years), years], axis=-1), points - slope[:, None] * oom, weight)[
            :, 1
        ]
        return np.asarray(np.where(slope > 0, 10.0 ** np.clip(gain / slope, -300, 300), np.nan))


def is_record(points: Floats, oom: Floats, day: Floats, weight: Floats) -> np.ndarray:
    """Return which models nobody matched before with as little compute, shape (draw, model)."""
    earlier = (day[None, :] < day[:, None]) | ((day[None, :] == day[:, None]) & (oom[None, :] < oom[:, None]))
    records = np.zeros(points.shape, dtype=bool)
    for m in range(points.shape[1]):
        before = np.flatnonzero(earlier[m] & (oom <= oom[m]))
        beaten = ((points[:, before] >= points[:, [m]]) & (weight[:, before] > 0)).any(axis=1)
        records[:, m] = ~beaten & (weight[:, m] > 0)
    return records


def record_rate(points: Floats, oom: Floats, day: Floats, years: Floats, weight: Floats) -> Floats:
    """Return the direct rate among the record holders alone, factor a year."""
    return direct(points, oom, years, weight * is_record(points, oom, day, weight))


def cheapest_rate(points: Floats, oom: Floats, day: Floats, end: float, weight: Floats, levels: Floats) -> Floats:
    """Return how fast the least compute known to reach an ability fell, factor a year, averaged over abilities.

    For each level: log10 of the first run to reach it over the cheapest by `end`, summed over levels, over the years
    since the first. No regression, so no direction; a minimum over noisy abilities, so on the high side.
    """
    fall = np.zeros(len(points))
    span = np.zeros(len(points))
    for level in levels:
        reached = (points >= level) & (weight > 0)
        first = np.where(reached, day, np.inf).min(axis=1)
        at_first = np.where(reached & (day == first[:, None]), oom, np.inf).min(axis=1)
        best = np.where(reached, oom, np.inf).min(axis=1)
        years = (end - first) / 365.25
        use = np.isfinite(at_first) & (years >= 1.0)
        fall += np.where(use, np.where(use, at_first, 0.0) - np.where(use, best, 0.0), 0.0)
        span += np.where(use, years, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(span > 0, 10.0 ** (fall / span), np.nan)


def quantile_rate(points: Floats, oom: Floats, years: Floats, weight: Floats, *, level: float = 0.1) -> Floats:
    """Return the fall of the low quantile of compute given ability and date, factor a year (quantile regression).

    Iteratively reweighted least squares (Hunter and Lange 2000) on log10 compute.
    """
    one, points, oom, years = _alike(points, oom, years)
    design = np.stack([one, points - CENTER_POINTS, years], axis=-1)
    b = least_squares(design, oom, weight)
    for step in range(60):
        residual = oom - np.einsum("rmi,ri->rm", design, b)
        scale = np.maximum(np.abs(residual), 10.0 ** -(1.0 + 3.0 * step / 59))
        b = least_squares(design, oom, weight * np.where(residual > 0, level, 1 - level) / scale)
    return np.asarray(10.0 ** -b[:, 2])


def _alike(points: Floats, oom: Floats, years: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    oom, years = (np.broadcast_to(v, points.shape) for v in (oom, years))
    return np.ones_like(points), points, oom, years
