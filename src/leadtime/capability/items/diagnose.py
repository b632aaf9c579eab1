"""Items that do not behave as the model says, and items that favor one group of models."""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from leadtime.capability.items.curve import Bools, Curves
from leadtime.capability.items.fit import logs_at_nodes
from leadtime.capability.items.posterior import NODES
from leadtime.capability.items.precision import Precision, weights_of
from leadtime.capability.items.result import ItemFit
from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError


class ItemMisfit(NamedTuple):
    """Mean squares of standardized residuals, 1 where the model holds, each (item,)."""

    infit: Floats
    outfit: Floats


class Differential(NamedTuple):
    """How much easier each item is for the first group than ability says, each (item,).

    `favor` and its standard error `error` are in units of theta, less the median item; `p` is of a likelihood-ratio
    test, `q` the false discovery rate at which the item is reported (Benjamini-Hochberg); nan where not testable.
    """

    favor: Floats
    error: Floats
    p: Floats
    q: Floats


def misfit(fitted: ItemFit, errors: Precision) -> ItemMisfit:
    """Return infit (weighted by information) and outfit (unweighted) of each item."""
    p = fitted.curves.probability(NODES)
    right, tries = fitted.found.right, fitted.found.tries
    square = errors.squares - 2 * p * right + p**2 * tries
    variance = p * (1 - p)
    infit = square.sum(axis=1) / (tries * variance).sum(axis=1)
    held = np.where(np.abs(tries) > 1e-9, square / np.maximum(variance, 1e-4), 0.0)
    return ItemMisfit(infit, held.sum(axis=1) / tries.sum(axis=1))


def differential(fitted: ItemFit, first: Bools, second: Bools) -> Differential:
    """Return which items favor the first group of models over the second, given ability.

    Args:
        fitted: A fit of both groups together.
        first: The first group, shape (model,).
        second: The second group, shape (model,).

    Raises:
        LeadtimeError: A group has fewer than three models, or the groups overlap.
    """
    if min(first.sum(), second.sum()) < 3 or (first & second).any():
        raise LeadtimeError(
            f"the groups have {int(first.sum())} and {int(second.sum())} models",
            where="--group",
            fix="Name two groups of three or more models each. No model may be in both.",
        )
    odds, wrong = logs_at_nodes(fitted.curves)
    counts = np.zeros((2, 3, len(odds), len(NODES)))
    for block in fitted.responses.blocks():
        for part in block.chunks():
            w, sd, here = weights_of(fitted, part, odds, wrong)
            for g, group in enumerate((first, second)):
                inside = w * group[here][:, None]
                counts[g, 0] += (found := part.backward(inside))[0]
                counts[g, 1] += found[1]
                counts[g, 2] += part.backward(inside * (sd**2)[:, None].astype(np.float32))[1]
    return _tested(fitted.curves, counts)


def _tested(curves: Curves, counts: Floats) -> Differential:
    zero = np.zeros(len(curves.b))
    alone = [_place(curves, [(c[0], c[1], zero)]) for c in counts]
    info = [np.maximum(_info(curves, b, c[1]), 1e-9) for b, c in zip(alone, counts, strict=True)]
    blur = [1 + _blur(curves, b, c[2]) / i for b, c, i in zip(alone, counts, info, strict=True)]
    error = np.sqrt(blur[0] / info[0] + blur[1] / info[1])
    favor = alone[1] - alone[0]
    tested = (counts[:, 1].sum(axis=2) > 0.5).all(axis=0)
    inner = tested & (error < 1.5)
    middle = float(np.median(favor[inner])) if inner.any() else 0.0
    same = _place(curves, [(counts[0, 0], counts[0, 1], zero - middle), (counts[1, 0], counts[1, 1], zero)])
    ratio = sum(
        _log(curves, b, c) - _log(curves, same - shift, c)
        for b, c, shift in zip(alone, counts, (middle, 0.0), strict=True)
    )
    worn = (blur[0] / info[0] + blur[1] / info[1]) / (1 / info[0] + 1 / info[1])
    p = np.where(tested, chi2.sf(2 * np.maximum(ratio, 0.0) / worn, 1), np.nan)
    return Differential(np.where(tested, favor - middle, np.nan), np.where(tested, error, np.nan), p, discovery_rate(p))


def _place(curves: Curves, groups: list[tuple[Floats, Floats, Floats]]) -> Floats:
    """Return the difficulty of each item, other parameters held, for counts at difficulties shifted by group."""
    b = curves.b.copy()
    for _ in range(12):
        gradient, info = np.zeros_like(b), np.full_like(b, 1e-6)
        for right, tries, shift in groups:
            p, slope = Curves(log_a=curves.log_a, b=b + shift, c=curves.c).slopes(NODES, 2)
            gradient += (slope[1] * (right - tries * p) / (p * (1 - p))).sum(axis=1)
            info += np.maximum((tries * slope[1] ** 2 / (p * (1 - p))).sum(axis=1), 0.0)
        b = np.clip(b + np.clip(gradient / info, -0.7, 0.7), -10, 10)
    return b


def _info(curves: Curves, b: Floats, tries: Floats) -> Floats:
    p, slope = Curves(log_a=curves.log_a, b=b, c=curves.c).slopes(NODES, 2)
    return np.asarray((tries * slope[1] ** 2 / (p * (1 - p))).sum(axis=1))


def _blur(curves: Curves, b: Floats, blurred: Floats) -> Floats:
    p, slope = Curves(log_a=curves.log_a, b=b, c=curves.c).slopes(NODES, 2)
    return np.asarray((blurred * (slope[1] ** 2 / (p * (1 - p))) ** 2).sum(axis=1))


def _log(curves: Curves, b: Floats, counts: Floats) -> Floats:
    p = Curves(log_a=curves.log_a, b=b, c=curves.c).probability(NODES)
    return np.asarray((counts[0] * np.log(p) + (counts[1] - counts[0]) * np.log1p(-p)).sum(axis=1))


def discovery_rate(p: Floats) -> Floats:
    """Return the Benjamini-Hochberg q-value of each p-value; nan stays nan."""
    q = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    if order.size:
        raised = p[order] * order.size / np.arange(1, order.size + 1)
        q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q
