r"""Standard errors of items and of abilities, and joint draws of abilities.

An item's information is that of known abilities less what their uncertainty takes away. An ability's variance is
its posterior variance given the items plus what the errors of the items add, which all its rivals share.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadtime.capability.items.curve import Curves
from leadtime.capability.items.fit import logs_at_nodes
from leadtime.capability.items.matrix import Block
from leadtime.capability.items.posterior import NODES, posterior
from leadtime.capability.items.prior import information, n_parameters
from leadtime.capability.items.result import ItemFit
from leadtime.capability.result import Floats

_MOST_LOST = 0.8  # of an item's information, where the approximation of first order would say more


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Errors of a fit.

    Args:
        covariance: Of log a, b and, in 3pl, logit c of each item, shape (item, parameter, parameter).
        sd: Standard error of each ability, errors of the items included, shape (model,).
        squares: What each node gets of right^2 / tries, shape (item, node).
    """

    covariance: Floats
    sd: Floats
    squares: Floats

    @property
    def item_errors(self) -> Floats:
        """Standard errors of the item parameters, shape (item, parameter)."""
        return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))


def weights_of(fitted: ItemFit, part: Block, odds: Floats, wrong: Floats) -> tuple[Floats, Floats, slice]:
    """Return node weights (model, node), posterior sds (model,) and the place of the models of a part."""
    here = slice(part.first, part.first + part.n)
    found = posterior(part.forward(odds, wrong), fitted.population, (fitted.theta[here], fitted.sd[here]))
    return found.weight.astype(np.float32), found.sd, here


def precision(fitted: ItemFit) -> Precision:
    """Return the standard errors of a fit; goes through the data twice."""
    odds, wrong = logs_at_nodes(fitted.curves)
    shape = (len(odds), len(NODES))
    blurred, squares = np.zeros(shape), np.zeros(shape)
    for block in fitted.responses.blocks():
        for part in block.chunks():
            w, sd, _ = weights_of(fitted, part, odds, wrong)
            blurred += part.backward(w * (sd**2)[:, None].astype(np.float32))[1]
            squares += part.squares(w)
    covariance = _covariance(fitted, blurred)
    covariance[fitted.held] = 0.0
    value = np.einsum("piq,ipr,riq->iq", u := _pull(fitted.curves, NODES, fitted.irt), covariance, u)
    value = np.ascontiguousarray(value, np.float32)
    sd_all = np.zeros(len(fitted.theta))
    for block in fitted.responses.blocks():
        for part in block.chunks():
            w, sd, here = weights_of(fitted, part, odds, wrong)
            added = np.maximum((w * _weighted(part, value)).sum(axis=1), 0.0) * sd**4
            sd_all[here] = np.sqrt(sd**2 + added)
    return Precision(covariance=covariance, sd=sd_all, squares=squares)


def _weighted(part: Block, value: Floats) -> Floats:
    """Return sum over items of tries^2 * value, shape (model, node)."""
    if part.tries is None:
        return np.broadcast_to(value.sum(axis=0), (part.n, value.shape[1]))
    square = part.tries**2 if part.dense else part.tries.multiply(part.tries)
    return np.asarray(square @ value)


def _pull(curves: Curves, theta: Floats, irt: str) -> Floats:
    """Return how a parameter's error pulls the score of theta: slope * P' / (P (1 - P)), (parameter, item, theta)."""
    p, slope = curves.slopes(theta, n_parameters(irt))
    return np.asarray(slope * -slope[1] / (p * (1 - p)))


def _covariance(fitted: ItemFit, blurred: Floats) -> Floats:
    k = n_parameters(fitted.irt)
    complete = information(fitted.curves, fitted.found.tries, fitted.irt, fitted.priors)
    p, slope = fitted.curves.slopes(NODES, k)
    h = slope / (p * (1 - p))
    bend = np.gradient(h, NODES, axis=2)
    lost = np.einsum("iq,aiq,biq->iab", blurred * slope[1] ** 2, h, h)
    lost += np.einsum("iq,aiq,biq->iab", blurred * p * (1 - p), bend, bend)
    if fitted.irt == "1pl":
        lost[:, 0, :] = lost[:, :, 0] = 0.0
        complete[:, 0, 0] = np.einsum("iq,iq->", fitted.found.tries * h[0], slope[0])
    root = np.linalg.cholesky(complete)
    inner = np.linalg.solve(root, np.swapaxes(np.linalg.solve(root, lost), 1, 2))
    values, vectors = np.linalg.eigh((inner + np.swapaxes(inner, 1, 2)) / 2)
    kept = 1 - np.clip(values, 0.0, _MOST_LOST)
    half = np.linalg.solve(np.swapaxes(root, 1, 2), vectors / np.sqrt(kept)[:, None, :])
    return np.asarray(half @ np.swapaxes(half, 1, 2))


def draws(fitted: ItemFit, errors: Precision, which: NDArray[np.int64], *, n: int, seed: int) -> Floats:
    """Return joint draws of some abilities, shape (draw, model): what errors of items do to all of them is shared.

    Args:
        fitted: The fit.
        errors: Its precision.
        which: Numbers of the models, in rising order, shape (model,).
        n: Number of draws.
        seed: Same seed, same draws.
    """
    rng = np.random.default_rng([seed, 29])
    theta, sd = fitted.theta[which], fitted.sd[which]
    out = theta + sd * rng.normal(size=(n, len(which)))
    tries = np.zeros((len(which), len(fitted.responses.items)), np.float32)
    for block in fitted.responses.blocks():
        for part in block.chunks():
            inside = np.flatnonzero((which >= part.first) & (which < part.first + part.n))
            if inside.size:
                rows = which[inside] - part.first
                n_tries: Any = 1.0 if part.tries is None else part.tries[rows]
                tries[inside] = n_tries if np.ndim(n_tries) < 2 or part.dense else n_tries.toarray()
    for i in range(0, tries.shape[1], 512):
        some = slice(i, i + 512)
        values, vectors = np.linalg.eigh(errors.covariance[some])
        root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
        delta = np.einsum("ipr,dir->dip", root, rng.normal(size=(n, *root.shape[:2])))
        pull = _pull(fitted.curves.only(some), theta, fitted.irt) * tries[:, some].T
        out -= sd**2 * np.einsum("dip,pij->dj", delta, pull, optimize=True)
    return np.asarray(out)
