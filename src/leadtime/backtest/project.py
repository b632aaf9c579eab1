r"""From a past to a future: our two models of a series, and the baselines anyone could have used.

Both models are conjugate, so that their forecasts are exact draws (docs/methods/backtest.md). With $y$ the regressed values,
$a$ their loading on the mean $m$, $n$ of them,

    m | s^2 ~ N(m0, V s^2),   s^2 ~ InvGamma(2, b0),
    L = 1/V + n a^2,   m^ = (m0/V + a sum y)/L,   b = b0 + (sum y^2 + m0^2/V - L m^^2)/2,
    s^2 | y ~ InvGamma(2 + n/2, b),   m | s^2, y ~ N(m^, s^2/L).

reverting:  x_{t+1} = m + f (x_t - m) + e,  y_t = x_{t+1} - f x_t,  a = 1 - f,  f on a grid, weighted by its evidence
            L^(-1/2) b^(-2 - n/2); h steps ahead  m + f^h (x - m), variance s^2 (1 - f^2h)/(1 - f^2).
growing:    x is a logarithm; y_t = x_{t+1} - x_t, a = 1; ahead the growth m fades by d a year, d ~ U(0.3, 1).
"""

import numpy as np
from numpy.typing import NDArray

from leadtime.backtest.history import History

Floats = NDArray[np.float64]
#: Persistence of a lag over a quarter.
_PERSISTENCE = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.88, 0.94, 0.98])
#: Months: center of the mean lag, its variance over that of a step, and scale of a step. Nothing says who leads.
LAG_PRIOR = (0.0, 36.0, 4.0)
#: A year's log growth, its variance over that of a year's surprise, scale of that.
GROWTH_PRIOR = (0.2, 1.0, 0.09)
_SHAPE = 2.0
_FADING = (0.3, 1.0)


def project(h: History, draws: int, rng: np.random.Generator) -> Floats:
    """Return draws of what a question asks, shape (draw,), on its own scale (not the logarithm)."""
    values = h.values[np.arange(draws) % len(h.values)]
    path = (growing if h.grows else reverting)(values, np.array(h.ahead), h.step_years, rng)
    return _asked(h, path)


def _asked(h: History, path: Floats) -> Floats:
    return h.known + np.exp(path).sum(axis=1) if h.grows else path[:, -1]


def reverting(values: Floats, ahead: Floats, step_years: float, rng: np.random.Generator) -> Floats:
    """Return draws of a series that comes back to a mean of its own, shape (draw, horizon).

    Args:
        values: The past, shape (draw, step).
        ahead: Horizons, steps.
        step_years: Not used: persistence is per step.
        rng: Random numbers.
    """
    m0, v, b0 = LAG_PRIOR
    old, new = values[:, :-1], values[:, 1:]
    n = old.shape[1]
    fits = []
    for f in _PERSISTENCE:
        y, a = new - f * old, 1 - f
        precision = 1 / v + n * a**2
        center = (m0 / v + a * y.sum(axis=1)) / precision
        b = b0 + 0.5 * ((y**2).sum(axis=1) + m0**2 / v - precision * center**2)
        fits.append((np.full(len(y), precision), center, b, -0.5 * np.log(precision) - (_SHAPE + n / 2) * np.log(b)))
    precision, center, b, weight = (np.stack(x) for x in zip(*fits, strict=True))
    chance = np.exp(weight - weight.max(axis=0))
    chance /= chance.sum(axis=0)
    which = (np.cumsum(chance, axis=0) < rng.random(values.shape[0])).sum(axis=0).clip(max=len(_PERSISTENCE) - 1)
    rows = np.arange(values.shape[0])
    f = _PERSISTENCE[which]
    s2 = b[which, rows] / rng.gamma(_SHAPE + n / 2, size=len(rows))
    m = center[which, rows] + np.sqrt(s2 / precision[which, rows]) * rng.standard_normal(len(rows))
    x, path, at = values[:, -1], [], 0.0
    for h in ahead:
        fh = f ** (h - at)
        x = m + fh * (x - m) + np.sqrt(s2 * (1 - fh**2) / (1 - f**2)) * rng.standard_normal(len(rows))
        path.append(x)
        at = float(h)
    return np.column_stack(path)


def growing(values: Floats, ahead: Floats, step_years: float, rng: np.random.Generator) -> Floats:
    """Return draws of a logarithm whose growth goes on, fading, shape (draw, horizon); arguments as `reverting`."""
    m0, v, b0 = (GROWTH_PRIOR[0] * step_years, GROWTH_PRIOR[1] / step_years, GROWTH_PRIOR[2] * step_years)
    y = np.diff(values, axis=1)
    n = y.shape[1]
    precision = 1 / v + n
    center = (m0 / v + y.sum(axis=1)) / precision
    b = b0 + 0.5 * ((y**2).sum(axis=1) + m0**2 / v - precision * center**2)
    s2 = b / rng.gamma(_SHAPE + n / 2, size=len(y))
    m = center + np.sqrt(s2 / precision) * rng.standard_normal(len(y))
    fade = rng.uniform(*_FADING, size=len(y)) ** step_years
    x, path, at = values[:, -1], [], 0.0
    for h in ahead:
        steps = np.arange(round(float(at)) + 1, round(float(h)) + 1)
        gain = m * (fade[:, None] ** steps).sum(axis=1)
        x = x + gain + np.sqrt(s2 * len(steps)) * rng.standard_normal(len(y))
        path.append(x)
        at = float(h)
    return np.column_stack(path)


def baselines(h: History, draws: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Return what a forecaster with nothing but the series would say, draws by name; empty under four points.

    last value: a random walk from it; mean to date: the mean, with the scatter about it; trend: the least-squares line.
    """
    x = np.median(h.values, axis=0)
    n = len(x)
    if n < 4:
        return {}
    ahead = np.array(h.ahead)
    step = np.sqrt(np.mean(np.diff(x) ** 2))
    walk = np.cumsum(np.sqrt(np.diff(ahead, prepend=0.0)) * rng.standard_normal((draws, len(ahead))), axis=1)
    scatter = x.std(ddof=1)
    means = x.mean() + scatter * (
        rng.standard_t(n - 1, (draws, 1)) / np.sqrt(n) + rng.standard_normal((draws, len(ahead)))
    )
    t = np.arange(n) - (n - 1) / 2
    slope = float(t @ x / (t @ t))
    residual = np.sqrt(np.sum((x - x.mean() - slope * t) ** 2) / (n - 2))
    to = t[-1] + ahead
    line = (
        x.mean()
        + slope * to
        + residual * np.sqrt(1 + 1 / n + to**2 / (t @ t)) * rng.standard_t(n - 2, (draws, len(ahead)))
    )
    return {
        "last value": _asked(h, x[-1] + step * walk),
        "mean to date": _asked(h, means),
        "trend": _asked(h, line),
    }
