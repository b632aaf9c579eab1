"""The density of scores in draws of the stated model (see `model`), without a compiler."""

import numpy as np
from scipy.special import expit, gammaln, logit

from leadtime.capability.result import DISPERSION_ITEMS, NU, Cells, Floats, Integers, Parameters

_CONSTANT = float(gammaln((NU + 1) / 2) - gammaln(NU / 2) - 0.5 * np.log(NU * np.pi))


def log_density(
    cells: Cells, draws: Parameters, deviation: Floats, which: Integers, theta: Floats | None = None
) -> Floats:
    """Return the log density of some cells in each draw, shape (draw, cell).

    Args:
        cells: What the likelihood saw.
        draws: Joint draws, abilities moved by each draw's reporter effects.
        deviation: Each draw's reporter effects less their mean, shape (draw, effect).
        which: Numbers of cells.
        theta: The ability of each cell's model, logits, shape (draw, cell) or one that is stretched to it; that of the
            draws by default.
    """
    b = cells.benchmark[which]
    theta = draws.theta[:, cells.model[which]] if theta is None else theta
    mu = cells.floor[b] + (cells.ceiling - cells.floor)[b] * expit(
        draws.discrimination[:, b] * (theta - draws.difficulty[:, b])
    )
    mu = np.clip(mu, 1e-6, 1 - 1e-6)
    s2 = draws.misfit[:, b] ** 2 + (1 / cells.n_items[b] + 1 / DISPERSION_ITEMS) / (mu * (1 - mu))
    z = cells.z[which] - (deviation @ cells.reports[which].T if cells.reports.size else 0.0)
    found: Floats = _CONSTANT - np.log(s2) / 2 - (NU + 1) / 2 * np.log1p((z - logit(mu)) ** 2 / (NU * s2))
    return found
