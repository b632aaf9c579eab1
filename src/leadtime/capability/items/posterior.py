r"""What the responses say of each model: its posterior, as weights on the nodes.

The log-likelihood of a model is smooth in theta however many items it rests on, so it is computed at 49 nodes and
interpolated between them (six-point Lagrange). The posterior is integrated at nine Gauss-Hermite points placed
around each model's own mean: as exact for a posterior of width 0.01 (10,000 items) as for one of width 0.9 (three).
"""

from typing import NamedTuple

import numpy as np

from leadtime.capability.result import Floats

#: Nodes of theta: spacing 0.25 from -6 to 6.
NODES: Floats = np.linspace(-6.0, 6.0, 49)
_STEP = 0.25
_Z, _GH = np.polynomial.hermite.hermgauss(9)
_WIDTH = 6


class Posterior(NamedTuple):
    """Mean, sd and log marginal likelihood of each model (model,), and weights on the nodes (model, node)."""

    mean: Floats
    sd: Floats
    log_marginal: Floats
    weight: Floats


def posterior(likelihood: Floats, prior: tuple[float, float], start: tuple[Floats, Floats] | None) -> Posterior:
    """Return the posterior of each model.

    Args:
        likelihood: Log-likelihood at the nodes, shape (model, node).
        prior: Mean and sd of the normal population.
        start: Mean and sd to place the points by, each (model,), such as those of the step before.
    """
    log_prior = -0.5 * ((NODES - prior[0]) / prior[1]) ** 2 - np.log(prior[1] * np.sqrt(2 * np.pi))
    density = likelihood + log_prior
    mean, sd = start if start is not None else _coarse(density)
    for _ in range(3 if start is None else 1):
        theta, w, _ = _points(density, mean, sd)
        mean, sd = _moments(theta, w)
    theta, w, log_marginal = _points(density, mean, sd)
    mean, sd = _moments(theta, w)
    return Posterior(mean, sd, log_marginal, on_nodes(theta, w))


def _coarse(density: Floats) -> tuple[Floats, Floats]:
    w = np.exp(density - density.max(axis=1, keepdims=True))
    w /= w.sum(axis=1, keepdims=True)
    mean = w @ NODES
    return mean, np.sqrt(np.maximum(w @ NODES**2 - mean**2, (0.4 * _STEP) ** 2))


def _points(density: Floats, mean: Floats, sd: Floats) -> tuple[Floats, Floats, Floats]:
    theta = mean[:, None] + np.sqrt(2) * sd[:, None] * _Z
    np.clip(theta, NODES[0], NODES[-1], out=theta)
    value = at(density, theta) + _Z**2 + np.log(_GH)
    top = value.max(axis=1, keepdims=True)
    w = np.exp(value - top)
    total = w.sum(axis=1, keepdims=True)
    return theta, w / total, (top + np.log(total))[:, 0] + np.log(np.sqrt(2) * sd)


def _moments(theta: Floats, w: Floats) -> tuple[Floats, Floats]:
    mean = (w * theta).sum(axis=1)
    return mean, np.sqrt(np.maximum((w * (theta - mean[:, None]) ** 2).sum(axis=1), 1e-6))


def _lagrange(theta: Floats) -> tuple[Floats, Floats]:
    """Return the first node and the six weights of each theta."""
    place = (theta - NODES[0]) / _STEP
    first = np.clip(np.floor(place).astype(np.int64) - 2, 0, len(NODES) - _WIDTH)
    u = place - first
    gap = [u - i for i in range(_WIDTH)]
    scale = (-120.0, 24.0, -12.0, 12.0, -24.0, 120.0)
    left, right = [np.ones_like(u)], [np.ones_like(u)]
    for i in range(_WIDTH - 1):
        left.append(left[-1] * gap[i])
        right.append(right[-1] * gap[_WIDTH - 1 - i])
    return first, np.stack([left[i] * right[_WIDTH - 1 - i] / scale[i] for i in range(_WIDTH)])


def at(values: Floats, theta: Floats) -> Floats:
    """Return functions given at the nodes (model, node) at theta (model, point)."""
    first, weight = _lagrange(theta)
    base = first + values.shape[1] * np.arange(len(values))[:, None]
    flat = values.ravel()
    return np.asarray(sum(weight[i] * flat[base + i] for i in range(_WIDTH)))


def on_nodes(theta: Floats, w: Floats) -> Floats:
    """Return node weights (model, node) that give the mean of any smooth function over weighted points."""
    n, q = len(theta), len(NODES)
    first, weight = _lagrange(theta)
    base = first + q * np.arange(n)[:, None]
    out = np.zeros(n * q)
    for i in range(_WIDTH):
        out += np.bincount((base + i).ravel(), (weight[i] * w).ravel(), minlength=n * q)
    return out.reshape(n, q)
