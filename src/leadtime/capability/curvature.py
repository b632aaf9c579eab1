r"""How sharply the density of the stated model bends, in closed form: the expected information, and what a score does.

Of a cell with eta = a_b (theta_m - d_b), p = sigmoid(eta), v = mu (1 - mu) and k = 1 / n_b + 1 / items:

    d logit(mu) / d eta = u = span p (1 - p) / v,    d s / d eta = -k (1 - 2 mu) u / (2 s v),    d s / d log tau = tau^2
    / s

Each cell knows one model and one benchmark, so the slopes are sparse. The tests hold them to automatic differentiation.
"""

import numpy as np
from scipy.sparse import csr_array

from leadtime.capability.layout import Layout
from leadtime.capability.result import N_SPREADS, NU, Floats


def information(layout: Layout, x: Floats) -> Floats:
    """Return a positive definite approximation of the posterior precision at x (expected information + prior).

    Args:
        layout: The vector.
        x: Shape (parameter,).

    Returns:
        Shape (parameter, parameter).
    """
    at, of_s, _, s = _slopes(layout, x)
    g, h = at / s[:, None], of_s / s[:, None]
    found = ((NU + 1) / (NU + 3) * (g.T @ g) + 2 * NU / (NU + 3) * (h.T @ h)).toarray() + _prior(layout, x)
    m, k = len(layout.cells.models), len(layout.cells.benchmarks)
    found = _centered(_centered(found, m, k).T, m, k)
    loose = slice(m + k, m + 2 * k)
    found[loose, loose] += k**-2.0  # of the mean of log a, on which nothing depends
    for i, (size, (_, sd)) in enumerate(zip((k, m, k), layout.priors.spreads, strict=True), start=-N_SPREADS):
        found[i, :] = found[:, i] = 0.0
        found[i, i] = 2 * size + sd**-2
    return found


def response(layout: Layout, x: Floats, covariance: Floats) -> Floats:
    """Return d theta / d z at the mode: how abilities move when scores are corrected.

    Args:
        layout: The vector.
        x: Its mode, shape (parameter,).
        covariance: Of the abilities with all parameters, shape (model, parameter).

    Returns:
        Shape (model, cell).
    """
    at, of_s, r, s = _slopes(layout, x)
    scale = (NU + 1) / (s * (NU + r**2)) ** 2
    mixed = at * (scale * (NU - r**2))[:, None] + of_s * (scale * 2 * NU * r)[:, None]
    m, k = len(layout.cells.models), len(layout.cells.benchmarks)
    return np.asarray((mixed @ _centered(covariance, m, k).T).T)


def _slopes(layout: Layout, x: Floats) -> tuple[csr_array, csr_array, Floats, Floats]:
    """Return the slopes of logit(mu) and of s, sparse and of shape (cell, parameter), the residuals in units of s, and
    s.

    The slopes by log a do not know yet that its mean is zero (see `_centered`).
    """
    cells, m, k = layout.cells, len(layout.cells.models), len(layout.cells.benchmarks)
    theta, c, log_a, log_tau = x[:m], x[m : m + k], x[m + k : m + 2 * k], x[m + 2 * k : m + 3 * k]
    b, a = cells.benchmark, np.exp(log_a - log_a.mean())[cells.benchmark]
    away = theta[cells.model] - layout.center[b]
    p = 1 / (1 + np.exp(-c[b] - a * away))
    span = (cells.ceiling - cells.floor)[b]
    mu = np.clip(cells.floor[b] + span * p, 1e-6, 1 - 1e-6)
    v, tau2 = mu * (1 - mu), np.exp(2 * log_tau[b])
    per_item = 1 / cells.n_items[b] + 1 / layout.priors.dispersion_items
    s = np.sqrt(tau2 + per_item / v)
    u = span * p * (1 - p) / v
    w = -per_item * (1 - 2 * mu) * u / (2 * s * v)
    columns = np.stack([cells.model, m + b, m + k + b, m + 2 * k + b], axis=1)
    begins = np.arange(len(b) + 1) * columns.shape[1]

    def sparse(by_eta: Floats, by_log_tau: Floats) -> csr_array:
        values = np.stack([by_eta * a, by_eta, by_eta * a * away, by_log_tau], axis=1)
        return csr_array((values.ravel(), columns.ravel(), begins), shape=(len(b), x.size))

    return sparse(u, np.zeros(len(b))), sparse(w, tau2 / s), (cells.z - np.log(mu / (1 - mu))) / s, s


def _centered(by_log_a: Floats, m: int, k: int) -> Floats:
    """Return derivatives by the log a that the vector holds, of those by the log a whose mean is taken off; in the last
    axis.
    """
    found = by_log_a.copy()
    found[:, m + k : m + 2 * k] -= found[:, m + k : m + 2 * k].mean(axis=1, keepdims=True)
    return found


def _prior(layout: Layout, x: Floats) -> Floats:
    """Return minus the second derivatives of the log prior, but those by spreads; those by log a as in `_slopes`."""
    m, k = len(layout.cells.models), len(layout.cells.benchmarks)
    theta, c, log_a, log_tau, hyper = np.split(np.arange(x.size), [m, m + k, m + 2 * k, m + 3 * k])
    rate, m_d, m_t = hyper[:-N_SPREADS]
    s_d, s_theta, s_a = np.exp(x[-N_SPREADS:])
    priors, years, pooling = layout.priors, layout.cells.years, layout.priors.pooling
    shrink = np.exp(x[log_a].mean() - x[log_a])
    by_log_a = x[c] * shrink  # of d = center - c / a; by c it is -shrink
    off = layout.center - by_log_a - x[m_d]
    entries = [
        (theta, theta, 1 / s_theta**2),
        (theta, rate, -years / s_theta**2),
        (rate, rate, (years**2).sum() / s_theta**2 + 1 / priors.rate[1] ** 2),
        (c, c, shrink**2 / s_d**2),
        (c, log_a, shrink * (off - by_log_a) / s_d**2),
        (c, m_d, shrink / s_d**2),
        (log_a, log_a, by_log_a * (by_log_a - off) / s_d**2 + 1 / s_a**2),
        (log_a, m_d, -by_log_a / s_d**2),
        (m_d, m_d, k / s_d**2 + 1 / priors.difficulty[1] ** 2),
        (log_tau, log_tau, 1 / pooling**2),
        (log_tau, m_t, -1 / pooling**2),
        (m_t, m_t, k / pooling**2 + 1 / priors.misfit[1] ** 2),
    ]
    found = np.zeros((x.size, x.size))
    for row, column, value in entries:
        found[row, column] = found[column, row] = value
    return found
