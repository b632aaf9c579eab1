r"""How much less than their number repeated tries and partial credit tell.

Sixteen tries of one model on one item are not sixteen items: what the model knows of that item is tried again. The
variance of a sum k of n tries is taken as phi n mu (1 - mu) (1 + (n - 1) rho), both parts found by moments.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from leadtime.capability.items.matrix import Responses
from leadtime.capability.items.result import ItemFit
from leadtime.capability.result import Floats

_ENOUGH = 5_000_000  # cells that settle two numbers


def dispersed(fitted: ItemFit) -> Responses:
    """Return the responses with the overdispersion that a fit shows: `rho` of repeated tries, `phi` of
    partial credit.
    """
    sums = np.zeros(5)
    for block in fitted.responses.raw_blocks():
        for part in block.chunks():
            row, item, right, tries = part.cells()
            sums += _moments(fitted, row + part.first, item, right, tries)
            if sums[4] > _ENOUGH:
                break
        if sums[4] > _ENOUGH:
            break
    once, expected_once, many, expected_many, _ = sums
    phi = 1.0
    if fitted.responses.partial and expected_once > 0:
        phi = float(np.clip(once / expected_once, 0.05, 1.0))
    rho = 0.0
    if expected_many > 0:
        rho = float(np.clip(many / phi / expected_many, 0.0, 1.0))
    return replace(fitted.responses, rho=rho, phi=phi)


def _moments(fitted: ItemFit, model: Any, item: Any, right: Floats, tries: Floats) -> Floats:
    curves, out = fitted.curves, np.zeros(5)
    for i in range(0, len(row := np.asarray(model)), 1_000_000):
        part = slice(i, i + 1_000_000)
        at, n = item[part], np.asarray(tries[part], float)
        eta = np.clip(curves.a[at] * (fitted.theta[row[part]] - curves.b[at]), -30, 30)
        mu = np.clip(curves.c[at] + (1 - curves.c[at]) / (1 + np.exp(-eta)), 1e-6, 1 - 1e-6)
        binomial = n * mu * (1 - mu)
        square = (np.asarray(right[part], float) - n * mu) ** 2
        many = n > 1
        out += [
            square[~many].sum(), binomial[~many].sum(), (square - binomial)[many].sum(),
            (binomial * (n - 1))[many].sum(), len(n),
        ]  # fmt: skip
    return out
