"""The stated model of the curve: one linear model with errors in both variables, sampled exactly and read both ways.

With `x` the regressor, `y` the response and `t` years (docs/methods/curve.md):

    y_i = a_c + k x_i + q x_i^2 / 2 + b_c t_i + gamma . f_i + u_org + s e_i
    e_i ~ Student-t with 5 degrees of freedom
    y_obs_i ~ N(y_i, sy_i^2)    x_obs_i ~ N(x_i, sx_i^2)    x_i ~ N(m0 + m1 t_i, w^2)

Direct (compute-equivalent): y is ability, x is compute. Inverse (average practice): y is compute, x is ability.
Abilities come as joint draws and are not revised here. Each draw runs a Gibbs sampler of its own, and its last state is
kept. So the draws of the curve are independent, and draw i belongs to draw i of the abilities.

All draws take a sweep together, in NumPy. Compiling it for the shapes of each study would take longer than running it.
"""

from dataclasses import dataclass

import numpy as np

from leadtime.capability.result import Floats, Integers
from leadtime.environment import one_thread

SWEEPS = 40
#: Draws whose chains run together: so few that their arrays stay in the processor's cache.
_TOGETHER = 125
_NU = 5.0
#: Order of the coefficients: those of the regressor, then those of what is the same in all draws.
NAMES = (
    "slope",
    "bend",
    "level",
    "level_chn",
    "level_other",
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
    r, rng = regression, np.random.default_rng(seed)
    with one_thread():  # the matrices are small: a second thread would only be waited for
        parts = [_gibbs(r, slice(i, i + _TOGETHER), rng, sweeps) for i in range(0, len(r.y), _TOGETHER)]
    beta, scatter, between = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Coefficients(beta=beta, scatter=scatter, between=between)


def _gibbs(r: Regression, some: slice, rng: np.random.Generator, sweeps: int) -> tuple[Floats, Floats, Floats]:
    """Return coefficients and scales of some draws of the data; arrays within are of shape (model, draw)."""
    used = r.use > 0
    y, x = (np.array(v[some, used].T, float, order="C") for v in (r.y, r.x))
    (n, draws), years = y.shape, r.years[used]
    trend = np.column_stack([np.ones(n), years])
    fixed = np.column_stack([np.ones(n), r.country[used] == 1, r.country[used] == 2])
    constant = np.concatenate([fixed, fixed * years[:, None], r.flags[used]], axis=1)
    names, organization = np.unique(r.organization[used], return_inverse=True)
    members = np.eye(len(names))[:, organization]
    columns = np.concatenate([constant.T, members])
    products = (columns[:, None] * constant.T).reshape(-1, n)
    vague_x, vague_y = np.flatnonzero(r.x_sd[used]), np.flatnonzero(r.y_sd[used])
    seen_x, seen_y = x[vague_x], y[vague_y]
    known_x, known_y = (sd[used][vague, None] ** -2.0 for sd, vague in ((r.x_sd, vague_x), (r.y_sd, vague_y)))
    mean, precision = np.array([(center, sd**-2) for center, sd in (PRIOR[c] for c in NAMES)]).T

    def variance(prior: tuple[float, float], count: int, squares: Floats) -> Floats:
        return np.asarray((prior[1] + squares.sum(axis=0) / 2) / rng.standard_gamma(prior[0] + count / 2, draws))

    u, middle, mix = np.zeros((len(names), draws)), np.zeros((2, draws)), np.ones((n, draws))
    scatter2, between2, spread2 = (np.full(draws, v) for v in (0.3, 0.1, 1.0))
    for _ in range(sweeps):
        weight = mix / scatter2
        # the coefficients, then the organizations given them
        total = members @ weight + 1 / between2
        gram, moment = _normal_equations(columns, products, x, weight, y, total)
        beta = _normal_draw(rng, gram + np.diag(precision), moment + (precision * mean)[:, None])
        slope, bend, *_ = beta
        rest = y - constant @ beta[2:]
        u = members @ (weight * (rest - (slope + bend / 2 * x) * x)) / total
        u += rng.standard_normal(u.shape) / np.sqrt(total)
        between2 = variance(_ORGANIZATION, len(names), u**2)
        rest -= u[organization]
        if vague_x.size:  # the regressor, between its measurement, its trend and the response
            tight = known_x + 1 / spread2
            center = (known_x * seen_x + trend[vague_x] @ middle / spread2) / tight
            x[vague_x] = _regressor(rng, x[vague_x], (center, tight), (rest[vague_x], weight[vague_x]), (slope, bend))
        left = rest - (slope + bend / 2 * x) * x
        if vague_y.size:  # the response, between its measurement and the line
            line, total = y[vague_y] - left[vague_y], known_y + weight[vague_y]
            y[vague_y] = (known_y * seen_y + weight[vague_y] * line) / total
            y[vague_y] += rng.standard_normal(line.shape) / np.sqrt(total)
            left[vague_y] = y[vague_y] - line
        # scales
        mix = rng.standard_gamma((_NU + 1) / 2, (n, draws)) / ((_NU + left**2 / scatter2) / 2)
        scatter2 = variance(_SCATTER, n, mix * left**2)
        # the trend of the regressor
        gram = trend.T @ trend / spread2[:, None, None] + TREND_SD**-2 * np.eye(2)
        middle = _normal_draw(rng, gram, trend.T @ x / spread2)
        spread2 = variance(_SPREAD, n, (x - trend @ middle) ** 2)
    return beta.T, np.sqrt(scatter2), np.sqrt(between2)


def _normal_equations(
    columns: Floats, products: Floats, x: Floats, weight: Floats, y: Floats, total: Floats
) -> tuple[Floats, Floats]:
    """Return the weighted Gram matrix of the design, shape (draw, k, k), and its product with the response, (k, draw).

    The organizations are integrated out: coefficients drawn given their effects would move slowly, and these given
    them.

    Args:
        columns: Those of the design that are the same in all draws, then the indicators of organizations, (column,
            model).
        products: Each of these times each of the first kind: most of the matrix is one product with the weights.
        x: The regressor.
        weight: Precision of the response.
        y: The response.
        total: Precision of each organization's effect, given the coefficients.
    """
    n_columns, draws, k = len(columns), x.shape[1], len(columns) - len(total) + 2
    own = np.stack([x, x * x / 2])
    weighted = weight * own
    cross = np.empty((n_columns + 2, k, draws))
    cross[2:, 2:] = (products @ weight).reshape(n_columns, -1, draws)
    cross[2:, :2] = (columns @ weighted).swapaxes(0, 1)
    cross[:2, 2:] = cross[2:k, :2].swapaxes(0, 1)
    cross[:2, :2] = (weighted[:, None] * own).sum(axis=2)
    moment = np.concatenate([(weighted * y).sum(axis=1), columns @ (weight * y)])
    shared = cross[k:] / total[:, None]
    gram = cross[:k].transpose(2, 0, 1) - shared.transpose(2, 1, 0) @ cross[k:].transpose(2, 0, 1)
    return gram, moment[:k] - (shared * moment[k:, None]).sum(axis=0)


def _normal_draw(rng: np.random.Generator, gram: Floats, moment: Floats) -> Floats:
    """Return, per draw, a normal vector with precision `gram` and mean `gram`'s inverse times `moment`; shape (k,
    draw).
    """
    noise = np.linalg.cholesky(gram) @ rng.standard_normal((*moment.T.shape, 1))
    return np.ascontiguousarray(np.linalg.solve(gram, moment.T[..., None] + noise)[..., 0].T)


def _regressor(
    rng: np.random.Generator,
    x: Floats,
    measured: tuple[Floats, Floats],
    response: tuple[Floats, Floats],
    line: tuple[Floats, Floats],
) -> Floats:
    """Return the regressor after a step: proposed as if the response were straight in it, accepted for its bend.

    Args:
        rng: For the step.
        x: Where it is.
        measured: Mean by its measurement and trend, and the precision of that.
        response: Response less all but the regressor's part, and the precision of the response.
        line: Coefficients of x and of x^2 / 2.
    """
    (center, tight), (rest, weight), (slope, bend) = measured, response, line
    steep, gap = slope + bend * center, rest - (slope + bend / 2 * center) * center

    def excess(step: Floats) -> Floats:  # of the squared residual over that of the tangent at the center
        bent = bend / 2 * step**2
        return np.asarray(bent * (bent - 2 * (gap - steep * step)))

    pull = weight * steep
    precision = tight + pull * steep
    proposed, now = pull * gap / precision + rng.standard_normal(x.shape) / np.sqrt(precision), x - center
    accepted = -rng.standard_exponential(x.shape) < weight / 2 * (excess(now) - excess(proposed))
    return center + np.where(accepted, proposed, now)
