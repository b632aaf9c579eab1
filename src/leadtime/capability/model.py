r"""The stated model: from scores to abilities. Equations in docs/methods/capability.md.

For model m and benchmark b, with every report of the pair corrected for its reporter's effect and averaged to z:

    z_mb ~ StudentT(5, logit(mu_mb), s_mb)
    mu_mb = floor_b + (ceiling_b - floor_b) * sigmoid(a_b (theta_m - d_b))
    s_mb^2 = tau_b^2 + (1 / n_b + 1 / 150) / (mu_mb (1 - mu_mb))
    theta_m ~ Normal(rate * years_m, s_theta),  d_b ~ Normal(m_d, s_d),  log tau_b ~ Normal(m_t, 1/4)
    log a_b ~ Normal(0, s_a) with mean zero over b, which pins the scale: the typical discrimination is one
"""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln

from leadtime.capability.layout import PRIORS, Layout, Priors
from leadtime.capability.result import NU, Cells, Floats

jax.config.update("jax_enable_x64", True)


class Posterior(Layout):
    """The log posterior density of one set of cells, on the parameter vector of `layout`."""

    def __init__(
        self, cells: Cells, center: Floats | None = None, priors: Priors = PRIORS, compiled: "_Compiled | None" = None
    ) -> None:
        super().__init__(cells, center, priors)
        self.compiled = compiled or _Compiled(cells, priors)

    def recentered(self, theta: Floats) -> "Posterior":
        """Return the same density with each benchmark centered on its test-takers' mean ability."""
        return Posterior(self.cells, self.average(theta), self.priors, self.compiled)

    def of(self, z: Floats) -> "Posterior":
        """Return the density of other scores in the same cells, without compiling it again."""
        return Posterior(replace(self.cells, z=z), None, self.priors, self.compiled)

    def value_and_grad(self, x: Floats) -> tuple[jax.Array, jax.Array]:
        """Return the potential and its gradient."""
        value: tuple[jax.Array, jax.Array] = self.compiled.value_and_grad(x, self.center, self.cells.z)
        return value

    def split(self, x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]:
        """Return (theta, c, log a, log tau, hyper) of a vector; the mean of log a is zero, which pins the scale."""
        m, k = len(self.cells.models), len(self.cells.benchmarks)
        log_a = x[m + k : m + 2 * k]
        return x[:m], x[m : m + k], log_a - log_a.mean(), x[m + 2 * k : m + 3 * k], x[m + 3 * k :]

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


class _Compiled:
    """The density's gradient, compiled once for all centers and scores of one set of cells."""

    def __init__(self, cells: Cells, priors: Priors) -> None:
        def at(center: jax.Array) -> Posterior:
            return Posterior(cells, center, priors, self)

        self.potential: Any = lambda x, center, z: at(center).potential(x, z)
        self.value_and_grad: Any = jax.jit(jax.value_and_grad(self.potential))


def _normal(value: jax.Array, mean: jax.Array | float, log_sd: jax.Array | float) -> jax.Array:
    return -0.5 * ((value - mean) * jnp.exp(-jnp.asarray(log_sd))) ** 2 - log_sd
