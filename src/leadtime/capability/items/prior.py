"""Priors that keep every item finite, and the step that improves item curves on expected counts."""

from dataclasses import dataclass

import numpy as np

from leadtime.capability.items.curve import IRT, Bools, Curves
from leadtime.capability.items.posterior import NODES
from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError, nearest

#: Bounds of log discrimination: an item steeper than 7.4 is a step between two nodes of theta.
LOG_A = (-4.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """What is believed of an item before its responses.

    Args:
        log_a_sd: Spread of log discrimination around its mean over items, which is estimated.
        b_sd: Spread of difficulty around the mean ability, in units of theta.
        c: The two parameters of the beta density of guessing (3pl); mean 0.23.
    """

    log_a_sd: float = 0.5
    b_sd: float = 2.0
    c: tuple[float, float] = (5.0, 17.0)


def n_parameters(irt: str) -> int:
    """Return how many parameters a curve has in the code below: log a, b, and in 3pl logit c."""
    if irt not in IRT:
        near = nearest(irt, IRT)
        raise LeadtimeError(
            f"there is no item response model {irt!r}", where="--irt", fix=f"Models: {', '.join(near or IRT)}."
        )
    return 3 if irt == "3pl" else 2


def information(curves: Curves, tries: Floats, irt: str, priors: Priors) -> Floats:
    """Return the expected information of each item, priors included, shape (item, parameter, parameter)."""
    k = n_parameters(irt)
    p, slope = curves.slopes(NODES, k)
    return _information(p, slope, tries, curves, irt, priors)


def _information(p: Floats, slope: Floats, tries: Floats, curves: Curves, irt: str, priors: Priors) -> Floats:
    k = len(slope)
    weight = tries / (p * (1 - p))
    out = np.empty((len(curves.b), k, k))
    for i in range(k):
        for j in range(i, k):
            out[:, i, j] = out[:, j, i] = np.einsum("iq,iq,iq->i", weight, slope[i], slope[j])
    diagonal = np.arange(k)
    out[:, diagonal, diagonal] = np.maximum(out[:, diagonal, diagonal], 0.0)
    out[:, 0, 0] += priors.log_a_sd**-2
    out[:, 1, 1] += priors.b_sd**-2
    if k == 3:
        out[:, 2, 2] += (sum(priors.c) - 2) * curves.c * (1 - curves.c) + 1e-3
    if irt == "1pl":
        out[:, 0, :] = out[:, :, 0] = 0.0
        out[:, 0, 0] = 1.0
    return out


def improved(
    curves: Curves, right: Floats, tries: Floats, irt: str, priors: Priors, free: Bools
) -> tuple[Curves, Floats]:
    """Return curves after a scoring step on expected counts, and 1 / standard error of each parameter (item,
    parameter).

    Args:
        curves: Where to start.
        right: Expected number right at each node, shape (item, node).
        tries: Expected number of tries at each node, shape (item, node).
        irt: One of IRT.
        priors: The priors.
        free: Which items may move, shape (item,).
    """
    k = n_parameters(irt)
    p, slope = curves.slopes(NODES, k)
    residual = (right - tries * p) / (p * (1 - p))
    gradient = np.stack([np.einsum("iq,iq->i", residual, s) for s in slope], axis=1)
    center = curves.log_a[free].mean() if free.any() else 0.0
    gradient[:, 0] -= (curves.log_a - center) / priors.log_a_sd**2
    gradient[:, 1] -= curves.b / priors.b_sd**2
    if k == 3:
        gradient[:, 2] += (priors.c[0] - 1) - (sum(priors.c) - 2) * curves.c
    if irt == "1pl":
        gradient[:, 0] = 0.0
    info = _information(p, slope, tries, curves, irt, priors)
    step = np.linalg.solve(info, gradient[..., None])[..., 0]
    limit = np.array([0.5, 1.0, 1.0])[:k]
    step = np.clip(step, -limit, limit) * free[:, None]
    scale = np.sqrt(np.maximum(np.diagonal(info, axis1=1, axis2=2), 1e-12))
    return _climbed(curves, step, right, tries, priors, center), scale


def _climbed(curves: Curves, step: Floats, right: Floats, tries: Floats, priors: Priors, center: float) -> Curves:
    """Return stepped curves; the step of an item that it would make worse is halved up to five times, then left."""
    todo = np.arange(len(curves.b))
    best = _objective(curves, right, tries, priors, center)
    log_a, b, c = curves.log_a.copy(), curves.b.copy(), curves.c.copy()
    for _ in range(6):
        part = stepped(curves.only(todo), step[todo])
        better = _objective(part, right[todo], tries[todo], priors, center) >= best[todo] - 1e-6
        done = todo[better]
        log_a[done], b[done], c[done] = part.log_a[better], part.b[better], part.c[better]
        todo = todo[~better]
        if not todo.size:
            break
        step = step / 2
    return Curves(log_a=log_a, b=b, c=c)


def _objective(curves: Curves, right: Floats, tries: Floats, priors: Priors, center: float) -> Floats:
    odds, wrong = curves.logs(NODES)
    value = np.einsum("iq,iq->i", right, odds) + np.einsum("iq,iq->i", tries, wrong)
    value -= ((curves.log_a - center) / priors.log_a_sd) ** 2 / 2 + (curves.b / priors.b_sd) ** 2 / 2
    if curves.c.any():
        c = np.clip(curves.c, 1e-9, 1)
        value += (priors.c[0] - 1) * np.log(c) + (priors.c[1] - 1) * np.log1p(-c)
    return np.asarray(value)


def stepped(curves: Curves, step: Floats) -> Curves:
    """Return curves moved by steps of log a, b and, in 3pl, logit c, shape (item, parameter)."""
    c = curves.c
    if step.shape[1] == 3:
        odds = np.log(np.clip(c, 1e-6, 1 - 1e-6) / np.clip(1 - c, 1e-6, 1)) + step[:, 2]
        c = np.clip(1 / (1 + np.exp(-odds)), 1e-4, 0.8)
    return Curves(log_a=np.clip(curves.log_a + step[:, 0], *LOG_A), b=np.clip(curves.b + step[:, 1], -40, 40), c=c)
