r"""The density of the lag's path: two latent frontiers, and between them a lag that wanders.

With $F_R$ the frontier of the reference side, whose rate is linear between monthly knots, and $L$ the lag, linear
between quarterly knots,

$$F_F(t) = F_R(t - L(t)), \qquad \theta_m = F_g(t_m) - b_{lh} - u_m + (\Lambda z)_m + e_m$$

for a model $m$ of laboratory $l$ released in half-year $h$. $b_{lh}$ is the shortfall that the laboratory's models of
that half-year share, $u_m \sim \mathrm{Exp}(\text{mean } \lambda_g)$ a model's own, $e_m \sim N(0, s_g^2 + \psi_m)$
noise; in one of a hundred cases all of it is $N(0, 15^2 + \psi_m)$. $\Lambda$ and $\psi$ are of `path_design.measured`.
The density of $e - u$ is that of `trend_gap_latent` in docs/methods/lag.md, where the priors stand too.

Every parameter is a function of a standard normal one: the vector $x$ has the density $\exp(-\lvert x\rvert^2/2)\,
p(\theta \mid x)$, and a world as the model assumes is a standard normal $x$. The shared shortfall is $\beta_g
\log(1 + e^{2x})$, which is close to an exponential of mean $\beta_g$ (quantiles 5, 50, 95 %: 0.04, 0.69, 3.3 against
0.05, 0.69, 3.0) and easier to sample.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import log_ndtr

from leadtime.lag.path_design import AFTER_MONTHS, BEFORE_MONTHS, Design

jax.config.update("jax_enable_x64", True)

#: Of a hundred models one is taken to be of another kind, with a noise of so many points.
OUTLIERS, OUTLIER_POINTS = 0.01, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Center and spread of each prior: of the quantity itself, or of its logarithm (or logit) where so said.

    Args:
        mean_months: Mean of the lag's process, months.
        log_spread: Log of the stationary standard deviation of the lag, months.
        logit_persistence: Logit of the correlation of the lag with itself a quarter later.
        log_rate: Log of the steady rate of the reference's frontier, points a month.
        log_rate_spread: Log of the stationary standard deviation of the log of the monthly rate.
        rate_persistence: Correlation of the log rate with itself a month later; held.
        level_spread: Standard deviation of the first level about the best early model, points.
        log_shared: Log of the mean shortfall that a laboratory's models of half a year share, points.
        log_own: Log of the mean shortfall of a model's own, points.
        log_noise: Log of the noise beside that of measurement, points.
    """

    mean_months: tuple[float, float] = (6.0, 8.0)
    log_spread: tuple[float, float] = (float(np.log(4.0)), 0.7)
    logit_persistence: tuple[float, float] = (1.0, 1.0)
    log_rate: tuple[float, float] = (float(np.log(1.2)), 0.5)
    log_rate_spread: tuple[float, float] = (float(np.log(0.5)), 0.35)
    rate_persistence: float = 0.85
    level_spread: float = 15.0
    log_shared: tuple[float, float] = (float(np.log(5.0)), 0.7)
    log_own: tuple[float, float] = (float(np.log(5.0)), 0.7)
    log_noise: tuple[float, float] = (float(np.log(1.5)), 0.3)


PRIORS = Priors()


#: Level, rate, its spread; mean, spread and persistence of the lag; shared, own and noise of each side.
N_HYPER = 12


def size(design: Design, factors: int) -> int:
    """Return the length of the vector."""
    return N_HYPER + len(design.knots) + len(design.lag_knots) + len(design.group_side) + factors


class Named(NamedTuple):
    """The parameters behind a vector: levels at knots (points), lag at knots (months), and the others by name."""

    level: Any
    rate: Any
    lag: Any
    shared: Any
    shared_mean: Any
    own_mean: Any
    noise: Any
    mean_months: Any
    spread_months: Any
    persistence: Any
    factors: Any


def named(x: Any, d: Design, priors: Priors = PRIORS) -> Named:
    """Return the parameters of one vector."""
    h, at = x[:N_HYPER], N_HYPER
    g, at = x[at : at + len(d.knots)], at + len(d.knots)
    w, at = x[at : at + len(d.lag_knots)], at + len(d.lag_knots)
    b, z = x[at : at + len(d.group_side)], x[at + len(d.group_side) :]
    mean, spread, persistence = process(x, priors)
    shared_mean = jnp.exp(_normal(priors.log_shared, h[6:8]))
    pace = jnp.exp(jnp.exp(_normal(priors.log_rate_spread, h[2])) * _stationary(g, priors.rate_persistence))
    rate = jnp.exp(_normal(priors.log_rate, h[1])) * pace / pace[BEFORE_MONTHS:-AFTER_MONTHS].mean()
    level = jnp.concatenate([jnp.zeros(1), jnp.cumsum((rate[1:] + rate[:-1]) / 2)])
    level = level - level[d.anchor] + d.level + priors.level_spread * h[0]
    return Named(
        level=level,
        rate=rate,
        lag=mean + spread * _stationary(w, persistence),
        shared=shared_mean[d.group_side] * jax.nn.softplus(2.0 * b),
        shared_mean=shared_mean,
        own_mean=jnp.exp(_normal(priors.log_own, h[8:10])),
        noise=jnp.exp(_normal(priors.log_noise, h[10:12])),
        mean_months=mean,
        spread_months=spread,
        persistence=persistence,
        factors=z,
    )


def process(x: Any, priors: Priors = PRIORS) -> tuple[Any, Any, Any]:
    """Return mean (months), spread (months) and persistence of the lag's process behind a vector."""
    mean, spread = _normal(priors.mean_months, x[3]), jnp.exp(_normal(priors.log_spread, x[4]))
    return mean, spread, jax.nn.sigmoid(_normal(priors.logit_persistence, x[5]))


def _normal(prior: tuple[float, float], x: Any) -> Any:
    return prior[0] + prior[1] * x


def _stationary(x: Any, persistence: Any) -> Any:
    """Return a stationary autoregression of variance one from independent normals, as one product."""
    n = x.shape[0]
    apart = np.arange(n)[:, None] - np.arange(n)[None, :]
    powers = jnp.where(apart >= 0, persistence ** np.maximum(apart, 0), 0.0)
    scale = jnp.concatenate([jnp.ones(1), jnp.full(n - 1, jnp.sqrt(1 - persistence**2))])
    return powers @ (scale * x)


def frontier_at(knots: Any, level: Any, rate: Any, month: Any) -> Any:
    """Return the frontier between monthly knots, its rate linear between them; beyond them it keeps its last rate."""
    inside = jnp.clip(month, knots[0], knots[-1])
    left = jnp.clip(jnp.floor(inside - knots[0]).astype(int), 0, len(knots) - 2)
    part = inside - knots[0] - left
    risen = part * rate[left] + part**2 / 2 * (rate[left + 1] - rate[left])
    return level[left] + risen + jnp.where(month < knots[0], rate[0], rate[-1]) * (month - inside)


def lag_at(d: Design, lag: Any, month: Any) -> Any:
    """Return the lag between quarterly knots, months; before the first it is that of the first."""
    return jnp.interp(month, jnp.asarray(d.lag_knots), lag)


def expected(p: Named, d: Design) -> Any:
    """Return the frontier of its own side on the day of each model, points, shape (model,)."""
    month = jnp.asarray(d.month)
    behind = jnp.where(d.side == 1, lag_at(d, p.lag, month), 0.0)
    return frontier_at(jnp.asarray(d.knots), p.level, p.rate, month - behind)


def potential(x: Any, d: Design, seen: tuple[Any, Any, Any], priors: Priors = PRIORS) -> Any:
    """Return the negative log density of a vector, up to a constant; `seen` is mean, factors and variance."""
    mean, factors, variance = seen
    p = named(x, d, priors)
    r = mean - expected(p, d) + p.shared[d.group] - factors @ p.factors
    usual = _shortfall(r, p.own_mean[d.side], jnp.sqrt(p.noise[d.side] ** 2 + variance))
    wide = OUTLIER_POINTS**2 + variance
    odd = -0.5 * (r**2 / wide + jnp.log(2 * jnp.pi * wide))
    return 0.5 * x @ x - jnp.logaddexp(np.log1p(-OUTLIERS) + usual, np.log(OUTLIERS) + odd).sum()


def _shortfall(r: Any, own: Any, s: Any) -> Any:
    """Return the log density of normal noise less an exponential shortfall."""
    return r / own + (s / own) ** 2 / 2 - jnp.log(own) + log_ndtr(-r / s - s / own)
