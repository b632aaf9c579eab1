r"""The stated model: from scores to abilities. Equations in docs/methods/capability.md.

For model m and benchmark b, with every report of the pair corrected for its reporter's effect and averaged to z:

    z_mb ~ StudentT(5, logit(mu_mb), s_mb)
    mu_mb = floor_b + (ceiling_b - floor_b) * sigmoid(a_b (theta_m - d_b))
    s_mb^2 = tau_b^2 + (1 / n_b + 1 / 150) / (mu_mb (1 - mu_mb))
    theta_m ~ Normal(rate * years_m, s_theta),  d_b ~ Normal(m_d, s_d),  log tau_b ~ Normal(m_t, 1/4)
    log a_b ~ Normal(0, s_a) with mean zero over b, which pins the scale: the typical discrimination is one
"""

from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln

from leadtime.capability.result import NU, Cells, Floats, Parameters

jax.config.update("jax_enable_x64", True)


#: Extra-binomial dispersion of a score, as a number of items.
DISPERSION_ITEMS = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Mean and standard deviation of each normal prior, and two fixed numbers; calibration varies them.

    Args:
        rate: Of the yearly gain of ability, logits.
        difficulty: Of the mean difficulty m_d, logits.
        misfit: Of the mean log misfit m_t.
        log_s_d: Of log s_d, the spread of difficulties.
        log_s_theta: Of log s_theta, the spread of abilities about the trend.
        log_s_a: Of log s_a, the spread of log discriminations. The K values, whose mean is zero, have K - 1 free
            directions and the density K factors 1 / s_a, so what this comes to is Normal(mean - sd^2, sd).
        pooling: Spread of the log misfits: tight on purpose, a joint mode over free variances collapses.
        dispersion_items: Extra-binomial dispersion of a score, as a number of items.
    """

    rate: tuple[float, float] = (1.0, 1.0)
    difficulty: tuple[float, float] = (0.0, 3.0)
    misfit: tuple[float, float] = (-1.0, 1.0)
    log_s_d: tuple[float, float] = (0.7, 0.5)
    log_s_theta: tuple[float, float] = (0.0, 0.5)
    log_s_a: tuple[float, float] = (-1.0, 0.3)
    pooling: float = 0.25
    dispersion_items: float = DISPERSION_ITEMS

    @property
    def spreads(self) -> tuple[tuple[float, float], ...]:
        """Priors of the last three parameters: log s_d, log s_theta, log s_a."""
        return self.log_s_d, self.log_s_theta, self.log_s_a


PRIORS = Priors()


class Posterior:
    """The log posterior density of one set of cells, on a parameter vector that samples well.

    The vector holds theta, c, log a, log tau and six hyperparameters; c is the benchmark's logit for its average
    test-taker (ability `center`), so that slope and location hardly correlate: d = center - c / a.
    """

    def __init__(
        self, cells: Cells, center: Floats | None = None, priors: Priors = PRIORS, compiled: "_Compiled | None" = None
    ) -> None:
        self.cells, self.priors = cells, priors
        n = np.bincount(cells.benchmark, minlength=len(cells.benchmarks))
        guess = 0.6 * cells.years[cells.model]
        mean = np.bincount(cells.benchmark, guess, minlength=len(n)) / np.maximum(n, 1)
        self.center = mean if center is None else center
        self.compiled = compiled or _Compiled(cells, priors)

    def recentered(self, theta: Floats) -> "Posterior":
        """Return the same density with each benchmark centered on its test-takers' mean ability."""
        b, k = self.cells.benchmark, len(self.cells.benchmarks)
        n = np.maximum(np.bincount(b, minlength=k), 1)
        center = np.bincount(b, theta[self.cells.model], minlength=k) / n
        return Posterior(self.cells, center, self.priors, self.compiled)

    def of(self, z: Floats) -> "Posterior":
        """Return the density of other scores in the same cells, without compiling it again."""
        return Posterior(replace(self.cells, z=z), None, self.priors, self.compiled)

    def value_and_grad(self, x: Floats) -> tuple[jax.Array, jax.Array]:
        """Return the potential and its gradient."""
        value: tuple[jax.Array, jax.Array] = self.compiled.value_and_grad(x, self.center, self.cells.z)
        return value

    def start(self) -> Floats:
        """Return a sensible parameter vector to begin from."""
        k = len(self.cells.benchmarks)
        hyper = [1.0, 0.0, -1.0, 0.7, 0.0, -1.0]
        return np.concatenate([0.6 * self.cells.years, np.zeros(k), np.zeros(k), np.full(k, -1.0), hyper])

    def split(self, x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]:
        """Return (theta, c, log a, log tau, hyper) of a vector; the mean of log a is zero, which pins the scale."""
        m, k = len(self.cells.models), len(self.cells.benchmarks)
        log_a = x[m + k : m + 2 * k]
        return x[:m], x[m : m + k], log_a - log_a.mean(), x[m + 2 * k : m + 3 * k], x[m + 3 * k :]

    def named(self, x: Floats) -> Parameters:
        """Return the parts of vectors of shape (..., parameter)."""
        m, k = len(self.cells.models), len(self.cells.benchmarks)
        log_a = x[..., m + k : m + 2 * k]
        slope = np.exp(log_a - log_a.mean(axis=-1, keepdims=True))
        difficulty = self.center - x[..., m : m + k] / slope
        misfit = np.exp(x[..., m + 2 * k : m + 3 * k])
        return Parameters(theta=x[..., :m], difficulty=difficulty, discrimination=slope, misfit=misfit)

    def log_prior(self, x: jax.Array) -> jax.Array:
        """Return the log prior density; the Jacobian of d -> c is one, as the mean of log a is zero."""
        theta, c, log_a, log_tau, hyper = self.split(x)
        rate, m_d, m_t, log_s_d, log_s_theta, log_s_a = hyper
        d = self.center - c * jnp.exp(-log_a)
        lp = _normal(theta, rate * self.cells.years, log_s_theta).sum()
        lp += _normal(d, m_d, log_s_d).sum() + _normal(log_a, 0.0, log_s_a).sum()
        loose = x[theta.size + c.size : theta.size + 2 * c.size].mean()  # nothing depends on it
        lp += _normal(loose, 0.0, 0.0)
        lp += _normal(log_tau, m_t, np.log(self.priors.pooling)).sum()
        p = self.priors
        normals = (p.rate, p.difficulty, p.misfit, *p.spreads)
        for value, (mean, sd) in zip((rate, m_d, m_t, log_s_d, log_s_theta, log_s_a), normals, strict=True):
            lp += _normal(value, mean, np.log(sd))
        return lp

    def location(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return logit(mu) and the square of the misfit scale s of every cell."""
        theta, c, log_a, log_tau, _ = self.split(x)
        cells, b, a = self.cells, self.cells.benchmark, jnp.exp(log_a)
        intercept, slope, tau2 = (c - a * self.center)[b], a[b], jnp.exp(2 * log_tau)[b]
        mu = cells.floor[b] + (cells.ceiling - cells.floor)[b] * jax.nn.sigmoid(intercept + slope * theta[cells.model])
        mu = jnp.clip(mu, 1e-6, 1 - 1e-6)
        per_item = 1 / cells.n_items[b] + 1 / self.priors.dispersion_items
        return jnp.log(mu / (1 - mu)), tau2 + per_item / (mu * (1 - mu))

    def log_likelihood(self, x: jax.Array, z: jax.Array) -> jax.Array:
        """Return the log density of each cell's mean logit, shape (cell,)."""
        at, s2 = self.location(x)
        const = gammaln((NU + 1) / 2) - gammaln(NU / 2) - 0.5 * np.log(NU * np.pi)
        return const - jnp.log(s2) / 2 - (NU + 1) / 2 * jnp.log1p((z - at) ** 2 / (NU * s2))

    def potential(self, x: jax.Array, z: jax.Array | None = None) -> jax.Array:
        """Return minus the log posterior density (up to a constant)."""
        return -self.log_prior(x) - self.log_likelihood(x, self.cells.z if z is None else z).sum()

    def spread_residuals(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what s_d, s_theta and s_a are the spreads of, for vectors of shape (draw, parameter)."""
        named = self.named(x)
        rate, m_d = x[:, -6, None], x[:, -5, None]
        return named.difficulty - m_d, named.theta - rate * self.cells.years, np.log(named.discrimination)


class _Compiled:
    """The density's gradient, compiled once for all centers and scores of one set of cells."""

    def __init__(self, cells: Cells, priors: Priors) -> None:
        def at(center: jax.Array) -> Posterior:
            return Posterior(cells, center, priors, self)

        self.potential: Any = lambda x, center, z: at(center).potential(x, z)
        self.value_and_grad: Any = jax.jit(jax.value_and_grad(self.potential))


def _normal(value: jax.Array, mean: jax.Array | float, log_sd: jax.Array | float) -> jax.Array:
    return -0.5 * ((value - mean) * jnp.exp(-jnp.asarray(log_sd))) ** 2 - log_sd
