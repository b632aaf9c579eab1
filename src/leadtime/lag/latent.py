r"""The lag between latent frontiers, which see every model of a side and not only its records.

A model released at $t_m$ falls short of the frontier of its side by an exponential amount and carries a little
noise: $\theta_m = F(t_m) - u_m + e_m$, with $u_m$ exponential of mean $\lambda$ and $e_m \sim N(0, s^2)$. $F$ is linear
between quarterly knots and its increments are $\delta_k \sim \mathrm{Gamma}(a, a/\rho)$ about a steady rate $\rho$ a
quarter. So one lucky score does not raise the frontier as it raises a maximum. Abilities are in points here, so that
draws compare.

The mode is taken, and the Laplace approximation made, in $\delta^{1/3}$, in which a gamma variable is nearly normal
(so the increments keep their mean). It is unique, being the minimum of a function convex in $\delta$, and there the
Hessian in $\eta = \log \delta$ is exactly $J^\top W J + \mathrm{diag}(0, a - 1/3, \dots)$, positive definite: Newton's
method with it finds the mode of every draw, and one sample around it keeps draw i the same world as everywhere.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfcx, gammaln, log_ndtr

from leadtime.capability.kept import packed, unpacked
from leadtime.errors import LeadtimeError
from leadtime.lag.frontier import Bools, Floats, LagDraws, Worlds, chunks, join, share, side, subject_of
from leadtime.units import DAYS_PER_MONTH, DAYS_PER_YEAR, to_date

_QUARTER = DAYS_PER_YEAR / 4
_MAX_ITERATIONS = 100
_TOLERANCE = 1e-7  # fall of the log posterior still to be had when a draw counts as settled
_HYPER_DRAWS = 16  # draws that share in estimating the hyperparameters
# Log-normal priors of shortfall, noise, quarterly rate (points) and steadiness: center, deviation of the logarithm.
# The center of the noise gives way to the posterior's own standard deviation.
_PRIOR_CENTER = np.log([10.0, 1.0, 4.0, 8.0])
_PRIOR_SD = np.array([1.0, 0.3, 1.0, 0.7])
_LEAST_NOISE = 0.5  # points, center of the prior of the noise when the draws hardly differ
# Where the hyperparameters end: noiseless abilities would drive them to 0 and to infinity.
_LEAST = np.array([0.1, 0.1, 0.01, 1.0])
_MOST = np.array([1e3, 1e2, 1e3, 100.0])
_SEARCH = {"xatol": 0.02, "fatol": 0.01, "maxfev": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyper:
    """Hyperparameters of a latent frontier, in points of the ECI-like scale.

    Args:
        shortfall_points: Mean distance of a model below the frontier of its day.
        noise_points: Standard deviation of a model about that.
        rate_points_per_year: Steady rate the quarterly progress is drawn to.
        steadiness: Shape of its gamma prior, 1 to 100: a quarter's progress varies by 1 / sqrt(steadiness).
    """

    shortfall_points: float
    noise_points: float
    rate_points_per_year: float
    steadiness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentFrontier:
    """A latent frontier per draw: linear between quarterly knots, rising.

    Args:
        knot_day: Shape (knot,), day numbers, from the first model to the first knot on or after `as_of`.
        level: Shape (draw, knot), logits.
        as_of: Last day it is known for.
        hyper: What it was estimated with.
    """

    knot_day: Floats
    level: Floats
    as_of: float
    hyper: Hyper

    def to_arrays(self) -> dict[str, Any]:
        """Return it as arrays to store, the level in steps; `from_arrays` puts them together again."""
        numbers = [self.as_of, *(getattr(self.hyper, name) for name in self.hyper.__slots__)]
        return {"knot_day": self.knot_day, **packed(self.level), "numbers": np.array(numbers)}

    @staticmethod
    def from_arrays(stored: dict[str, Any]) -> "LatentFrontier":
        """Return the frontier that `to_arrays` took apart."""
        as_of, *hyper = stored["numbers"].tolist()
        named = dict(zip(Hyper.__slots__, hyper, strict=True))
        return LatentFrontier(knot_day=stored["knot_day"], level=unpacked(stored), as_of=as_of, hyper=Hyper(**named))

    def at(self, day: float) -> Floats:
        """Return the level on a day from the first knot to `as_of`, shape (draw,)."""
        if not self.knot_day[0] <= day <= self.as_of:
            raise LeadtimeError(
                f"the frontier is not known on {to_date(day)}",
                where="at",
                fix=f"Choose a day from {to_date(self.knot_day[0])} to {to_date(self.as_of)}.",
            )
        left = min(int((day - self.knot_day[0]) // _QUARTER), len(self.knot_day) - 2)
        part = (day - self.knot_day[left]) / _QUARTER
        return np.asarray((1 - part) * self.level[:, left] + part * self.level[:, left + 1])

    def day_of(self, level: Floats) -> tuple[Floats, NDArray[np.int8]]:
        """Return the day the frontier stood at a level (draw,), and 1 where that is later than known, -1 earlier."""
        left = np.clip((self.level <= level[:, None]).sum(axis=1) - 1, 0, len(self.knot_day) - 2)[:, None]
        low, high = (np.take_along_axis(self.level, left + k, axis=1)[:, 0] for k in (0, 1))
        day = self.knot_day[left[:, 0]] + _QUARTER * (level - low) / np.maximum(high - low, 1e-300)
        beyond = (level > self.at(self.as_of)).astype(np.int8) - (level < self.level[:, 0]).astype(np.int8)
        return np.clip(day, self.knot_day[0], self.as_of), beyond


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentGap(LagDraws):
    """A lag between latent frontiers, with them; `follower` is None when the subject is a model."""

    reference: LatentFrontier
    follower: LatentFrontier | None


def trend_gap_latent(
    worlds: Worlds,
    follower: ArrayLike | int | LatentFrontier,
    reference: ArrayLike | LatentFrontier,
    *,
    rng: np.random.Generator,
    at: float | None = None,
    start: float | None = None,
) -> LatentGap:
    r"""Return how long ago the reference's latent frontier stood where the follower's, or a model, stands.

    At day $t$: $L = (t - F_R^{-1}(F_F(t)))/M$ where the follower is behind; where it leads, the same reading with the
    sides changed and a minus, $-(t - F_F^{-1}(F_R(t)))/M$, so that a lead is measured and not censored. Exchanging the
    sides changes the sign. Where the leader's frontier began above the level, only a bound is known (its age).
    For a model $L = (t_s - F_R^{-1}(\theta_s))/M$: an upper bound ($F_R^{-1} = D$) if not reached by $D$.

    Args:
        worlds: The draws.
        follower: Mask over models, the column number of a model, or a frontier already estimated.
        reference: Mask over models, or a frontier already estimated.
        rng: For the draw of each frontier.
        at: Day to read a group's gap at, `as_of` by default; a model is read at its own date.
        start: First day of the models used; by default all.
    """
    theirs = _frontier_of(worlds, reference, rng, start)
    if isinstance(follower, (int, np.integer)):
        s, ours = subject_of(worlds, int(follower)), None
        day, beyond = theirs.day_of(worlds.ability[:, s])
        gap, bound = worlds.day[:, s] - day, -beyond
        note = join(
            share(bound < 0, "the reference's frontier had not reached it by the as-of date: the lag is at most this"),
            share(bound > 0, "the reference's frontier began above it: the lag is at least this"),
        )
    else:
        ours = _frontier_of(worlds, follower, rng, start)
        gap, bound = _gap(ours, theirs, worlds.as_of if at is None else at)
        note = share(bound != 0, "the leader's frontier began above the other's level: the distance is at least this")
    months = gap / DAYS_PER_MONTH
    return LatentGap(
        definition="trend_gap_latent", months=months, bound=bound, note=note, reference=theirs, follower=ours
    )


def _gap(ours: LatentFrontier, theirs: LatentFrontier, at: float) -> tuple[Floats, NDArray[np.int8]]:
    """Return by how many days ours is behind theirs, and the bound: 1 or -1 where the leader began above the level."""
    level, reference = ours.at(at), theirs.at(at)
    lower = np.minimum(level, reference)
    stood, early = theirs.day_of(lower)
    stood_ours, early_ours = ours.day_of(lower)
    leads = level > reference
    bound = np.where(leads, np.minimum(early_ours, 0), -np.minimum(early, 0))
    return np.where(leads, stood_ours - at, at - stood), bound.astype(np.int8)


def _frontier_of(
    worlds: Worlds, given: ArrayLike | LatentFrontier, rng: np.random.Generator, start: float | None
) -> LatentFrontier:
    return given if isinstance(given, LatentFrontier) else latent_frontier(worlds, given, rng=rng, start=start)


class _Problem(NamedTuple):
    """Observations of some draws: ability (draw, model) in points, whether used, and the curve's design.

    `design` maps (first level, increments) to the frontier on each model's day: (draw, model, 1 + knot), one draw long
    where all draws share their dates. Products are many small ones on purpose: one large one would wake the threads
    of the linear algebra library thousands of times, which is slow on a busy machine.
    """

    points: Floats
    used: Floats
    design: Floats

    def rows(self, rows: NDArray[np.int64] | slice) -> "_Problem":
        design = self.design if len(self.design) == 1 else self.design[rows]
        return _Problem(self.points[rows], self.used[rows], design)

    def curve(self, coefficients: Floats) -> Floats:
        return np.asarray(np.matmul(self.design, coefficients[..., None])[..., 0])

    def back(self, slope: Floats) -> Floats:
        return np.asarray(np.matmul(slope[:, None, :], self.design)[:, 0])

    def gram(self, weight: Floats) -> Floats:
        return np.asarray(np.matmul(self.design.swapaxes(1, 2), weight[..., None] * self.design))


class _Rates(NamedTuple):
    """Mean shortfall and noise in points; shape and inverse scale of the gamma prior of a quarter's progress."""

    shortfall: float
    noise: float
    shape: float
    inverse: float

    @property
    def pull(self) -> float:
        """Return the weight of log progress in the log density of its cube root."""
        return self.shape - 1 / 3


def latent_frontier(
    worlds: Worlds, mask: ArrayLike, *, rng: np.random.Generator, start: float | None = None
) -> LatentFrontier:
    """Return one latent frontier per draw.

    The hyperparameters maximize the marginal likelihood (Laplace) times weak log-normal priors. This is done once, over
    16 draws spread through the sample. Abilities scatter more in a draw than in the posterior mean. A noise fitted
    to the mean would make every draw's frontier chase its luckiest models.

    Args:
        worlds: The draws.
        mask: Side, mask over models.
        rng: For the sample around each draw's mode.
        start: First day of the models used; by default all.
    """
    layout = _layout(worlds, side(worlds, mask, "side"), start)
    some = np.unique(np.linspace(0, worlds.n_draws - 1, min(_HYPER_DRAWS, worlds.n_draws)).astype(np.int64))
    logs, typical, center = _hyper(_problem(worlds.rows(some), layout), _posterior_spread(worlds, layout))
    noise = rng.standard_normal((worlds.n_draws, len(layout.knot_day)))
    level = np.empty_like(noise)
    for part in chunks(worlds.n_draws):
        problem = _problem(worlds.rows(part), layout)
        guess = np.tile(typical, (len(problem.points), 1))
        guess[:, 0] += _mean_used(problem) - center
        mode, hessian = _mode(problem, _rates(logs), guess)
        root = np.linalg.cholesky(hessian).swapaxes(1, 2)
        sample = _coefficients_near(mode, np.linalg.solve(root, noise[part][..., None])[..., 0])
        known = np.where(problem.used.any(axis=1, keepdims=True), 1.0, np.nan)
        level[part] = np.cumsum(sample, axis=1) * known
    rates = _rates(logs)
    hyper = Hyper(
        shortfall_points=rates.shortfall,
        noise_points=rates.noise,
        rate_points_per_year=4 * rates.shape / rates.inverse,
        steadiness=rates.shape,
    )
    level = level / worlds.scale_points[:, None]
    return LatentFrontier(knot_day=layout.knot_day, level=level, as_of=worlds.as_of, hyper=hyper)


class _Layout(NamedTuple):
    """What all draws share: the models used in some draw, the first day allowed, and the days of the knots."""

    columns: NDArray[np.int64]
    start: float
    knot_day: Floats


def _layout(worlds: Worlds, chosen: Bools, start: float | None) -> _Layout:
    begin = -np.inf if start is None else start
    used = chosen & (worlds.day <= worlds.as_of) & (worlds.day >= begin)
    if not used.any():
        raise LeadtimeError("the side has no model from then on", where="start", fix="Choose an earlier start.")
    first = np.floor(worlds.day[used].min())
    n_quarters = max(1, int(np.ceil((worlds.as_of - first) / _QUARTER)))
    return _Layout(np.flatnonzero(used.any(axis=0)), begin, first + _QUARTER * np.arange(n_quarters + 1))


def _problem(worlds: Worlds, layout: _Layout) -> _Problem:
    """Return the observations of a side in some draws."""
    day = worlds.day[:, layout.columns]
    used = (day <= worlds.as_of) & (day >= layout.start)
    day = day[:1] if (day == day[:1]).all() else day
    quarters = np.clip((day[..., None] - layout.knot_day[:-1]) / _QUARTER, 0, 1)
    design = np.concatenate([np.ones((*day.shape, 1)), quarters], axis=-1)
    points = worlds.ability[:, layout.columns] * worlds.scale_points[:, None]
    return _Problem(points, used.astype(np.float64), design)


def _mean_used(problem: _Problem) -> Floats:
    return np.asarray((problem.points * problem.used).sum(axis=1) / np.maximum(problem.used.sum(axis=1), 1))


def _rates(logs: Floats) -> _Rates:
    shortfall, noise, rate, shape = np.clip(np.exp(logs), _LEAST, _MOST).tolist()
    return _Rates(shortfall, noise, shape, shape / rate)


def _coefficients(x: Floats) -> Floats:
    """Return first level and increments from first level and log increments."""
    return np.column_stack([x[:, 0], np.exp(x[:, 1:])])


def _coefficients_near(x: Floats, step: Floats) -> Floats:
    """Return first level and increments a step from a mode, the step of an increment taken in its cube root."""
    cube_root = np.maximum(1 + step[:, 1:] / 3, 1e-3)
    return np.column_stack([x[:, 0] + step[:, 0], np.exp(x[:, 1:]) * cube_root**3])


def _objective(problem: _Problem, rates: _Rates, x: Floats) -> Floats:
    """Return the negative log posterior of each draw up to a constant, shape (draw,)."""
    coefficients = _coefficients(x)
    r = problem.points - problem.curve(coefficients)
    ratio = rates.noise / rates.shortfall
    log_density = r / rates.shortfall + ratio**2 / 2 - np.log(rates.shortfall) + log_ndtr(-r / rates.noise - ratio)
    prior = (rates.inverse * coefficients[:, 1:] - rates.pull * x[:, 1:]).sum(axis=1)
    return np.asarray(prior - (problem.used * log_density).sum(axis=1))


def _derivatives(problem: _Problem, rates: _Rates, x: Floats) -> tuple[Floats, Floats]:
    """Return gradient and Hessian (exact at the mode) of each draw's objective."""
    coefficients = _coefficients(x)
    z = (problem.curve(coefficients) - problem.points) / rates.noise - rates.noise / rates.shortfall
    hazard = np.sqrt(2 / np.pi) / erfcx(-z / np.sqrt(2))  # normal density over distribution at z
    slope = problem.used * (1 / rates.shortfall - hazard / rates.noise)
    weight = problem.used * np.maximum(hazard * (z + hazard), 0) / rates.noise**2
    jacobian = np.column_stack([np.ones(len(x)), coefficients[:, 1:]])
    gradient = jacobian * problem.back(slope)
    gradient[:, 1:] += rates.inverse * coefficients[:, 1:] - rates.pull
    hessian = jacobian[:, :, None] * problem.gram(weight) * jacobian[:, None, :]
    ridge = np.full(x.shape[1], rates.pull)
    ridge[0] = 1e-9
    hessian[:, np.arange(len(ridge)), np.arange(len(ridge))] += ridge
    return gradient, hessian


def _mode(problem: _Problem, rates: _Rates, x: Floats) -> tuple[Floats, Floats]:
    """Return the mode of each draw and the Hessian there, by Newton's method with halved steps."""
    x = x.copy()
    hessian = np.empty((*x.shape, x.shape[1]))
    value = _objective(problem, rates, x)
    active = np.arange(len(x))
    for _ in range(_MAX_ITERATIONS):
        now = problem.rows(active)
        gradient, hessian[active] = _derivatives(now, rates, x[active])
        step = -np.linalg.solve(hessian[active], gradient[..., None])[..., 0]
        gain = -(step * gradient).sum(axis=1)
        largest = np.maximum(np.abs(step[:, 1:]).max(axis=1), np.abs(step[:, 0]) / (5 * rates.shortfall))
        step /= np.maximum(largest, 1)[:, None]
        x[active], value[active] = _halved(now, rates, x[active], value[active], step.astype(np.float64))
        active = active[gain > _TOLERANCE]
        if not len(active):
            return x, hessian
    raise LeadtimeError(
        f"the latent frontier did not settle in {len(active)} of {len(x)} draws",
        where="latent_frontier",
        fix="Check the dates and abilities of the side for outliers, or start later.",
    )


def _halved(problem: _Problem, rates: _Rates, x: Floats, value: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Return the points and values after a step, halved where the objective would not fall."""
    moved = x + step
    after = _objective(problem, rates, moved)
    for _ in range(30):
        worse = np.flatnonzero(~(after <= value + 1e-9))
        if not len(worse):
            break
        step[worse] /= 2
        moved[worse] = x[worse] + step[worse]
        after[worse] = _objective(problem.rows(worse), rates, moved[worse])
    return moved, after


def _posterior_spread(worlds: Worlds, layout: _Layout) -> float:
    """Return the median over models of the standard deviation over draws, in points, less what all models share."""
    points = worlds.ability[:, layout.columns] * worlds.scale_points[:, None]
    return float(np.median((points - points.mean(axis=1, keepdims=True)).std(axis=0)))


def _hyper(problem: _Problem, spread: float) -> tuple[Floats, Floats, float]:
    """Return the logarithms of the hyperparameters; the mean mode of the draws; their mean ability."""
    from scipy.optimize import minimize  # half a second to import, and not needed for a frontier kept on disk

    size = problem.design.shape[-1]
    prior_center = _PRIOR_CENTER.copy()
    prior_center[1] = np.log(max(spread, _LEAST_NOISE))
    rate = np.exp(prior_center[2])
    quarters = problem.design.sum(axis=-1) - 1
    modes = np.full((len(problem.points), size), np.log(rate))
    modes[:, 0] = np.quantile(problem.points - rate * quarters, 0.8, axis=1)

    def loss(logs: Floats) -> float:
        rates = _rates(logs)
        modes[:], hessian = _mode(problem, rates, modes)
        evidence = modes[:, 1:].sum(axis=1) / 3 - _objective(problem, rates, modes) - np.linalg.slogdet(hessian)[1] / 2
        prior = (size - 1) * (rates.shape * np.log(rates.inverse) - gammaln(rates.shape))
        return float(-evidence.mean() - prior + (((logs - prior_center) / _PRIOR_SD) ** 2).sum() / 2)

    options = _SEARCH | {"initial_simplex": prior_center + 0.5 * np.eye(5, 4)}
    best = minimize(loss, prior_center, method="Nelder-Mead", options=options).x
    loss(best)
    return best, modes.mean(axis=0), float(_mean_used(problem).mean())
