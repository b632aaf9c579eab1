"""The stated model of the curve, sampled exactly: one linear model with errors in both variables, read in two directions.

With `x` the regressor, `y` the response and `t` years (docs/methods/curve.md):

    y_i = a_c + k x_i + q x_i^2 / 2 + b_c t_i + gamma . f_i + u_org + s e_i      e_i ~ Student-t with 5 degrees of freedom
    y_obs_i ~ N(y_i, sy_i^2)    x_obs_i ~ N(x_i, sx_i^2)    x_i ~ N(m0 + m1 t_i, w^2)

Direct (compute-equivalent): y is ability, x is compute. Inverse (average practice): y is compute, x is ability.
Abilities come as joint draws and are not revised here: each draw runs a Gibbs sampler of its own and its last state is
kept, so that the draws of the curve are independent and aligned with those of the abilities.
"""

import functools
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from leadtime.capability.result import Floats, Integers

SWEEPS = 120
State = tuple[jax.Array, ...]
_NU = 5.0  # so that the mixing weights are gamma with shape 3: a sum of three exponentials
#: Order of the coefficients.
NAMES = (
    "level",
    "level_chn",
    "level_other",
    "slope",
    "bend",
    "year",
    "year_chn",
    "year_other",
    "reasoning",
    "distilled",
    "coding",
)
#: Prior mean and standard deviation, in units of ten points and of orders of magnitude of compute.
PRIOR = {
    "level": (0.0, 2.0), "level_chn": (0.0, 1.0), "level_other": (0.0, 1.0), "slope": (1.0, 1.0), "bend": (0.0, 0.3),
    "year": (0.0, 2.0), "year_chn": (0.0, 0.5), "year_other": (0.0, 0.5), "reasoning": (0.0, 1.0),
    "distilled": (0.0, 1.0), "coding": (0.0, 1.0),
}  # fmt: skip
#: Inverse-gamma priors (shape, scale) of the variances of scatter, of organizations and of the regressor.
VARIANCES = ((2.0, 0.2), (2.0, 0.1), (2.0, 1.0))
_SCATTER, _ORGANIZATION, _SPREAD = VARIANCES
#: Prior standard deviation of the regressor's level and yearly trend, m0 and m1, about zero.
TREND_SD = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """What is regressed on what, in units of ten points and orders of magnitude.

    Args:
        y: Response, shape (draw, model).
        y_sd: Its standard error, shape (model,); 0 where each draw is taken as it is.
        x: Regressor, shape (draw, model).
        x_sd: Its standard error, shape (model,).
        years: Shape (model,).
        country: 0 USA, 1 China, 2 other, shape (model,).
        flags: Reasoning, distilled, coding, shape (model, 3).
        organization: Index, shape (model,).
        use: Which models count, shape (model,).
    """

    y: Floats
    y_sd: Floats
    x: Floats
    x_sd: Floats
    years: Floats
    country: Integers
    flags: Floats
    organization: Integers
    use: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """Posterior draws: coefficients, shape (draw, len(NAMES)), and scales, shape (draw,)."""

    beta: Floats
    scatter: Floats
    between: Floats

    def __getitem__(self, name: str) -> Floats:
        return np.asarray(self.beta[:, NAMES.index(name)])


def sample(regression: Regression, *, seed: int, sweeps: int = SWEEPS) -> Coefficients:
    """Return one independent posterior draw of the coefficients per draw of the data."""
    r = regression
    fixed = np.column_stack([np.ones_like(r.years), r.country == 1, r.country == 2])
    orgs = (r.organization[:, None] == np.arange(r.organization.max() + 1)[None, :]).astype(float)
    beta, scatter, between = _gibbs(
        jax.random.PRNGKey(seed), *(jnp.asarray(v, dtype=jnp.float32) for v in
        (r.y, r.y_sd, r.x, r.x_sd, r.years, fixed, r.flags, orgs, r.use)),
        sweeps=sweeps, sure_x=not r.x_sd.any(), sure_y=not r.y_sd.any(),
    )  # fmt: skip
    return Coefficients(
        beta=np.asarray(beta, float), scatter=np.asarray(scatter, float), between=np.asarray(between, float)
    )


@functools.partial(jax.jit, static_argnames=("sweeps", "sure_x", "sure_y"))
def _gibbs(
    key: jax.Array, y_obs: jax.Array, y_sd: jax.Array, x_obs: jax.Array, x_sd: jax.Array, years: jax.Array,
    fixed: jax.Array, flags: jax.Array, orgs: jax.Array, use: jax.Array, *, sweeps: int, sure_x: bool, sure_y: bool,
) -> tuple[jax.Array, jax.Array, jax.Array]:  # fmt: skip
    draws, n = y_obs.shape
    mean = jnp.array([PRIOR[c][0] for c in NAMES], jnp.float32)
    precision = jnp.array([PRIOR[c][1] ** -2 for c in NAMES], jnp.float32)
    constant = jnp.concatenate([fixed, jnp.zeros((n, 2), jnp.float32), fixed * years[:, None], flags], axis=1)
    trend = jnp.stack([jnp.ones_like(years), years], axis=1)
    exact_y, exact_x = y_sd == 0, x_sd == 0
    counted = use.sum()

    def design(x: jax.Array) -> jax.Array:
        full = jnp.broadcast_to(constant, (draws, *constant.shape))
        return full.at[:, :, 3].set(x).at[:, :, 4].set(x * x / 2)

    def predicted(x: jax.Array, beta: jax.Array) -> jax.Array:
        return beta @ constant.T + beta[:, 3:4] * x + beta[:, 4:5] * x * x / 2

    def variance_draw(key: jax.Array, prior: tuple[float, float], count: jax.Array, squares: jax.Array) -> jax.Array:
        return (prior[1] + squares / 2) / jax.random.gamma(key, prior[0] + count / 2, squares.shape, jnp.float32)

    def sweep(carried: tuple[State, jax.Array], key: jax.Array) -> tuple[tuple[State, jax.Array], None]:
        y, x, u, scatter2, between2, mix, middle, spread2 = carried[0]
        keys = jax.random.split(key, 10)
        weight = use * mix / scatter2[:, None]
        z = design(x)
        weighted = z * weight[..., None]
        gram = jnp.einsum("rmi,rmj->rij", weighted, z) + jnp.diag(precision)
        moment = jnp.einsum("rmi,rm->ri", weighted, y - u @ orgs.T) + precision * mean
        beta = _normal_draw(keys[0], gram, moment)
        line = predicted(x, beta)
        # organizations
        total = weight @ orgs + 1 / between2[:, None]
        u = ((weight * (y - line)) @ orgs) / total + _gauss(keys[1], u.shape) / jnp.sqrt(total)
        between2 = variance_draw(keys[2], _ORGANIZATION, jnp.float32(orgs.shape[1]), (u * u).sum(axis=1))
        shift = u @ orgs.T
        if not sure_x:  # the regressor, proposed from its measurement and trend, accepted by the response
            known = jnp.where(exact_x, 0.0, 1 / jnp.where(exact_x, 1.0, x_sd) ** 2)
            tight = known + 1 / spread2[:, None]
            center = (known * x_obs + (middle @ trend.T) / spread2[:, None]) / tight
            proposed = jnp.where(exact_x, x_obs, center + _gauss(keys[3], x.shape) / jnp.sqrt(tight))
            at, now = y - predicted(proposed, beta) - shift, y - line - shift
            chance = -0.5 * mix / scatter2[:, None] * (at**2 - now**2)
            x = jnp.where(jnp.log(jax.random.uniform(keys[4], x.shape, jnp.float32)) < chance, proposed, x)
        line = predicted(x, beta) + shift
        if not sure_y:  # the response, between its measurement and the line
            model = mix / scatter2[:, None]
            seen = jnp.where(exact_y, 0.0, 1 / jnp.where(exact_y, 1.0, y_sd) ** 2)
            between = (seen * y_obs + model * line) / (seen + model) + _gauss(keys[5], y.shape) / jnp.sqrt(seen + model)
            y = jnp.where(exact_y, y_obs, between)
        # scales
        square = (y - line) ** 2
        uniform = jax.random.uniform(keys[6], (3, *y.shape), jnp.float32, 1e-30)
        mix = -jnp.log(uniform).sum(axis=0) / ((_NU + square / scatter2[:, None]) / 2)
        scatter2 = variance_draw(keys[7], _SCATTER, counted, (use * mix * square).sum(axis=1))
        # the trend of the regressor
        gram = (trend * use[:, None]).T @ trend / spread2[:, None, None] + TREND_SD**-2 * jnp.eye(2, dtype=jnp.float32)
        middle = _normal_pair(keys[8], gram, ((use * x) @ trend) / spread2[:, None])
        spread2 = variance_draw(keys[9], _SPREAD, counted, (use * (x - middle @ trend.T) ** 2).sum(axis=1))
        return ((y, x, u, scatter2, between2, mix, middle, spread2), beta), None

    def number(value: float) -> jax.Array:
        return jnp.full(draws, value, jnp.float32)

    start = (
        (y_obs, x_obs, jnp.zeros((draws, orgs.shape[1]), jnp.float32), number(0.3), number(0.1),
         jnp.ones((draws, n), jnp.float32), jnp.zeros((draws, 2), jnp.float32), number(1.0)),
        jnp.zeros((draws, len(NAMES)), jnp.float32),
    )  # fmt: skip
    (state, beta), _ = jax.lax.scan(sweep, start, jax.random.split(key, sweeps))
    return beta, jnp.sqrt(state[3]), jnp.sqrt(state[4])


def _gauss(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    return jax.random.normal(key, shape, jnp.float32)


def _normal_draw(key: jax.Array, gram: jax.Array, moment: jax.Array) -> jax.Array:
    # One solve after the other: two batched ones at a time wait for each other for ever on two cores (jaxlib 0.10).
    low = jnp.linalg.cholesky(gram)
    forward = jax.scipy.linalg.solve_triangular(low, moment[..., None], lower=True)
    noise = _gauss(key, moment.shape)[..., None]
    return jax.scipy.linalg.solve_triangular(low, forward + noise, lower=True, trans=1)[..., 0]


def _normal_pair(key: jax.Array, gram: jax.Array, moment: jax.Array) -> jax.Array:
    # The same for two coefficients, written out, so that it may run beside the other.
    first = jnp.sqrt(gram[:, 0, 0])
    across = gram[:, 1, 0] / first
    second = jnp.sqrt(gram[:, 1, 1] - across**2)
    noise = _gauss(key, moment.shape)
    forward = moment[:, 0] / first
    slope = ((moment[:, 1] - across * forward) / second + noise[:, 1]) / second
    return jnp.stack([(forward + noise[:, 0] - across * slope) / first, slope], axis=1)
