r"""From a past to a future: our model of money, and the baselines that anyone could have used.

Lags are forecast by `lag.ahead`. Money grows: the model is conjugate, so that its forecasts are exact draws
(docs/methods/backtest.md). With $x$ a logarithm, $y_t = x_{t+1} - x_t$, $n$ of them,

    m | s^2 ~ N(m0, V s^2),   s^2 ~ InvGamma(2, b0),
    L = 1/V + n,   m^ = (m0/V + sum y)/L,   b = b0 + (sum y^2 + m0^2/V - L m^^2)/2,
    s^2 | y ~ InvGamma(2 + n/2, b),   m | s^2, y ~ N(m^, s^2/L);

ahead the growth m fades by d a year, d ~ U(0.3, 1).

Baselines: last value (a random walk), mean to date, trend (least squares). Of a lag also an equal pool of the first
two, and

log-AR(1):  x = log(1 + lag), x_{t+1} = m + f (x_t - m) + e. The first value has the stationary density. The priors of
            m, f and s are those of the process of releases (`lag.release`). Particles are drawn from them and weighted.
"""

import numpy as np
from numpy.typing import NDArray

from leadtime.backtest.history import History
from leadtime.lag import release

Floats = NDArray[np.float64]
#: A year's log growth, its variance over that of a year's surprise, scale of that.
GROWTH_PRIOR = (0.2, 1.0, 0.09)
_SHAPE = 2.0
_FADING = (0.3, 1.0)
LAST, MEAN, TREND, POOL, LOG_AR = "last value", "mean to date", "trend", "pool of last and mean", "log-AR(1)"
#: What a forecast of a lag has to beat; a trend is shown too.
SIMPLE = (LAST, MEAN, POOL, LOG_AR)


def project(h: History, draws: int, rng: np.random.Generator) -> Floats:
    """Return draws of what a question on money asks, shape (draw,), on its own scale (not the logarithm)."""
    values = h.values[np.arange(draws) % len(h.values)]
    return _asked(h, growing(values, np.array(h.ahead), h.step_years, rng))


def _asked(h: History, path: Floats) -> Floats:
    return h.known + np.exp(path).sum(axis=1) if h.grows else np.maximum(path[:, -1], 0.0)  # no lag is below 0


def growing(values: Floats, ahead: Floats, step_years: float, rng: np.random.Generator) -> Floats:
    """Return draws of a logarithm whose growth goes on, fading, shape (draw, horizon).

    Args:
        values: The past, shape (draw, step).
        ahead: Horizons, steps.
        step_years: Length of a step.
        rng: Random numbers.
    """
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
    Of a lag, which cannot be below 0, each is cut there; and there are the pool and the log-AR(1).
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
    said = {LAST: _asked(h, x[-1] + step * walk), MEAN: _asked(h, means), TREND: _asked(h, line)}
    if h.grows:
        return said
    return said | {POOL: pooled(said[LAST], said[MEAN], rng), LOG_AR: log_ar(h, draws, rng)}


def pooled(first: Floats, second: Floats, rng: np.random.Generator) -> Floats:
    """Return the equal mixture of two forecasts, shape (draw,): each draw is of either with the same chance."""
    return np.where(rng.random(len(first)) < 0.5, first, second)


def log_ar(h: History, draws: int, rng: np.random.Generator) -> Floats:
    """Return draws of a lag by the log-AR(1) with learned persistence and a stationary start, shape (draw,)."""
    x = np.log1p(np.maximum(h.values[np.arange(draws) % len(h.values)], 0.0))
    m, f, s, _ = release.prior(rng, (draws, release.PARTICLES))
    surprise = s * np.sqrt(1 - f**2)
    weight = -np.log(s) - 0.5 * ((x[:, :1] - m) / s) ** 2
    for old, new in zip(x.T[:-1, :, None], x.T[1:, :, None], strict=True):
        weight -= np.log(surprise) + 0.5 * ((new - m - f * (old - m)) / surprise) ** 2
    at = release.resample(weight, 1, rng)
    m, f, s = (np.take_along_axis(v, at, axis=1)[:, 0] for v in (m, f, s))
    far = f ** h.ahead[-1]
    return np.maximum(np.expm1(m + far * (x[:, -1] - m) + s * np.sqrt(1 - far**2) * rng.standard_normal(draws)), 0.0)
