"""The minimum of the index's objective, by projected Newton steps on its arrow structure.

Given the benchmarks, models are independent of each other: every step eliminates all abilities and solves only for the
2B benchmark parameters. `published_stop` replays the published solver instead, which stops slightly earlier.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpotrf, dpotrs
from scipy.optimize import least_squares
from scipy.sparse import coo_matrix

from leadtime.errors import LeadtimeError

Version = Literal["2026", "2025"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LIMIT = 10.0  # |ability|, |difficulty| and discrimination end here
_LEAST_DISCRIMINATION = 0.1
_CLIP = 1e-3  # the 2026 version moves scores this far away from 0 and 1
_GRADIENT_TOLERANCE = 1e-10
_MAX_ITERATIONS = 1000


class _Parts(NamedTuple):
    ability: Floats
    difficulty: Floats
    discrimination: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Scores by index, each (model, benchmark) pair once; parameters are one vector [ability, difficulty, slope]."""

    model: Integers
    benchmark: Integers
    score: Floats
    n_models: int
    n_benchmarks: int
    anchor: int
    regularization: float

    @property
    def n_free(self) -> int:
        """Number of free parameters: the anchor benchmark's discrimination is fixed."""
        return self.n_models + 2 * self.n_benchmarks - 1

    @property
    def ridge(self) -> float:
        """Weight of one squared parameter in the penalty."""
        return self.regularization / self.n_free

    def split(self, parameters: Floats) -> _Parts:
        """Return the named parts of a parameter vector."""
        return _Parts(*np.split(parameters, [self.n_models, self.n_models + self.n_benchmarks]))

    def neutral(self) -> Floats:
        """Return the vector to start from: abilities and difficulties 0, discriminations 1."""
        return np.repeat([0.0, 1.0], [self.n_models + self.n_benchmarks, self.n_benchmarks])

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the published lower and upper bounds."""
        lower = np.repeat([-_LIMIT, _LEAST_DISCRIMINATION], [self.n_models + self.n_benchmarks, self.n_benchmarks])
        return lower, np.full(lower.size, _LIMIT)

    def is_free(self) -> NDArray[np.bool_]:
        """Return which parameters are free, shape (parameter,)."""
        free = np.ones(self.n_models + 2 * self.n_benchmarks, dtype=bool)
        free[self.n_models + self.n_benchmarks + self.anchor] = False
        return free


class State(NamedTuple):
    """Objective and, per row, what its derivatives need, at one parameter vector."""

    objective: float
    gap: Floats  # ability - difficulty
    slope: Floats
    predicted: Floats
    error: Floats


class Minimum(NamedTuple):
    """Where the minimization ended, and how flat it is there."""

    parameters: Floats
    objective: float
    gradient_norm: float
    n_iterations: int


def problem_of(
    scores: pl.DataFrame,
    models: tuple[str, ...],
    benchmarks: tuple[str, ...],
    anchor: int,
    version: Version,
    regularization: float,
) -> Problem:
    """Return the problem of a table with one row per (model, benchmark); the 2026 version clips its scores."""
    performance = scores["performance"].to_numpy()
    return Problem(
        model=_positions(scores["model"], models),
        benchmark=_positions(scores["benchmark"], benchmarks),
        score=np.clip(performance, _CLIP, 1.0 - _CLIP) if version == "2026" else performance,
        n_models=len(models),
        n_benchmarks=len(benchmarks),
        anchor=anchor,
        regularization=regularization,
    )


def _positions(column: pl.Series, names: tuple[str, ...]) -> Integers:
    position = {name: i for i, name in enumerate(names)}
    return np.array([position[name] for name in column], dtype=np.int64)


def evaluate(problem: Problem, weights: Floats, parameters: Floats) -> State:
    """Return the objective with row weights, and what its derivatives need."""
    ability, difficulty, discrimination = problem.split(parameters)
    gap = ability[problem.model] - difficulty[problem.benchmark]
    slope = discrimination[problem.benchmark]
    predicted = 1.0 / (1.0 + np.exp(-slope * gap))
    error = predicted - problem.score
    # The anchor's discrimination is not a parameter, so it is not penalized.
    penalty = problem.ridge * (parameters @ parameters - discrimination[problem.anchor] ** 2)
    return State(float(0.5 * (weights @ (error * error) + penalty)), gap, slope, predicted, error)


def gradient_of(problem: Problem, weights: Floats, parameters: Floats, state: State) -> Floats:
    """Return the gradient of the objective, shape (parameter,)."""
    per_logit = weights * state.error * state.predicted * (1.0 - state.predicted)
    per_ability = per_logit * state.slope
    by_model = np.bincount(problem.model, per_ability, problem.n_models)
    by_benchmark = np.bincount(problem.benchmark, per_ability, problem.n_benchmarks)
    by_slope = np.bincount(problem.benchmark, per_logit * state.gap, problem.n_benchmarks)
    gradient: Floats = np.concatenate([by_model, -by_benchmark, by_slope]) + problem.ridge * parameters
    return gradient


def newton_step(
    problem: Problem,
    weights: Floats,
    state: State,
    gradient: Floats,
    fixed: NDArray[np.bool_],
    damping: float,
    is_exact: bool,
) -> Floats | None:
    """Return the damped Newton (or, if not exact, Gauss-Newton) step; None when its matrix is not positive definite.

    The matrix is an arrow: diagonal in the abilities. Eliminating them leaves a dense system in the benchmarks'
    parameters. Parameters that are held (at a bound, or the anchor's slope) become rows of the unit matrix.
    """
    n_models, n_benchmarks = problem.n_models, problem.n_benchmarks
    change = state.predicted * (1.0 - state.predicted)
    positive = weights * change * change
    curvature, bend = positive, np.zeros_like(change)
    if is_exact:
        bend = weights * state.error * change
        curvature = curvature + bend * (1.0 - 2.0 * state.predicted)
    bend = bend + curvature * state.slope * state.gap
    per_ability = curvature * state.slope**2
    # Damping adds multiples of Gauss-Newton's diagonal, which is never negative.
    stiffness = per_ability + damping * positive * state.slope**2
    ridge = problem.ridge * (1.0 + damping)
    pivots = np.bincount(problem.model, stiffness, n_models) + ridge
    pivots[fixed[:n_models]] = 1.0
    if pivots.min() <= 0.0:
        return None
    root = 1.0 / np.sqrt(pivots)

    # Rows of models by columns of benchmarks, divided by the root of the pivot: the arrow's shaft.
    shaft = np.zeros((n_models, 2 * n_benchmarks))
    cells = problem.model * (2 * n_benchmarks) + problem.benchmark
    shaft.ravel()[cells] = -per_ability
    shaft.ravel()[cells + n_benchmarks] = bend
    shaft *= np.where(fixed[:n_models], 0.0, root)[:, None]
    held = fixed[n_models:]
    shaft[:, held] = 0.0

    by_difficulty = np.bincount(problem.benchmark, stiffness, n_benchmarks)
    by_slope = np.bincount(problem.benchmark, (curvature + damping * positive) * state.gap**2, n_benchmarks)
    across = -np.bincount(problem.benchmark, bend, n_benchmarks)
    diagonal = np.concatenate([by_difficulty, by_slope]) + ridge
    block = np.zeros((2 * n_benchmarks, 2 * n_benchmarks), order="F")
    np.fill_diagonal(block, np.where(held, 1.0, diagonal))
    low = np.arange(n_benchmarks)
    block[low + n_benchmarks, low] = np.where(held[:n_benchmarks] | held[n_benchmarks:], 0.0, across)
    block = dsyrk(-1.0, shaft.T, beta=1.0, c=block, lower=1, overwrite_c=1)
    factor, failure = dpotrf(block, lower=1, clean=0, overwrite_a=1)
    if failure:
        return None
    scaled = gradient[:n_models] * root
    benchmark_step, _ = dpotrs(factor, scaled @ shaft - gradient[n_models:], lower=1)
    model_step = -(scaled + shaft @ benchmark_step) * root
    return np.where(fixed, 0.0, np.concatenate([model_step, benchmark_step]))


def minimize(problem: Problem, weights: Floats, start: Floats, what: str) -> Minimum:
    """Return the minimum for given row weights: projected Newton with an active set, damped until it descends.

    Args:
        problem: The scores.
        weights: Shape (n_scores,), how often each row counts; 0 leaves it out.
        start: Where to begin, within the bounds.
        what: What is being fitted, for the error.
    """
    counted = weights > 0.0
    if not counted.all():
        problem = replace(
            problem,
            model=problem.model[counted],
            benchmark=problem.benchmark[counted],
            score=problem.score[counted],
        )
        weights = weights[counted]
    lower, upper = problem.bounds()
    is_anchor = ~problem.is_free()
    parameters, state, damping = start, evaluate(problem, weights, start), 0.0
    for iteration in range(_MAX_ITERATIONS):
        gradient = gradient_of(problem, weights, parameters, state)
        fixed = is_anchor | ((parameters <= lower) & (gradient > 0.0)) | ((parameters >= upper) & (gradient < 0.0))
        gradient[fixed] = 0.0
        norm = float(np.abs(gradient).max())
        if norm < _GRADIENT_TOLERANCE:
            return Minimum(parameters, state.objective, norm, iteration)
        rounding = 1e-14 * (1.0 + state.objective)
        is_exact = True
        while damping < 1e12:
            step = newton_step(problem, weights, state, gradient, fixed, damping, is_exact)
            if step is None:
                # Gauss-Newton's matrix is positive definite; should rounding spoil that, damping restores it.
                damping, is_exact = (damping, False) if is_exact else (max(10.0 * damping, 1e-3), False)
                continue
            tried = np.clip(parameters + step, lower, upper)
            new = evaluate(problem, weights, tried)
            promised = float(gradient @ (parameters - tried))
            if new.objective <= state.objective - 1e-4 * promised + (rounding if promised < 1e3 * rounding else 0.0):
                break
            damping = max(10.0 * damping, 1e-3)
        else:
            break
        parameters, state = tried, new
        damping = damping / 10.0 if damping > 1e-3 else 0.0
    fix = "Look for models or benchmarks with very few scores, or raise the regularization."
    raise LeadtimeError(f"{what} did not converge", fix=fix)


def resampled(problem: Problem, draws: int, seed: int) -> Any:
    """Yield one array of row weights per draw: how often each row was taken when each model's rows are resampled.

    One call with a bound per row consumes the generator exactly as `rng.choice(rows, rows.size)` model by model does.
    """
    rng = np.random.default_rng(seed)
    by_model = np.argsort(problem.model, kind="stable")
    counts = np.bincount(problem.model, minlength=problem.n_models)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    n_rows_of_model = np.repeat(counts, counts)
    for _ in range(draws):
        taken = by_model[first + rng.integers(0, n_rows_of_model)]
        yield np.bincount(taken, minlength=problem.score.size).astype(np.float64)


def published_stop(problem: Problem, version: Version) -> Floats:
    """Return the parameters at which scipy's `trf` stops, set up as in the published code.

    2026: analytic sparse Jacobian; 2025: two-point Jacobian, and a slope that equals the anchor's is not penalized.
    """
    free = problem.is_free()
    n_scores, n_located = problem.score.size, problem.n_models + problem.n_benchmarks
    full = problem.neutral()

    def whole(x: Floats) -> Floats:
        parameters = full.copy()
        parameters[free] = x
        return parameters

    # `trf` with `lsmr` amplifies rounding, so the order of operations here is the published one.
    def penalty(x: Floats) -> float:
        counted = np.append(x[:n_located], x[n_located:][x[n_located:] != 1.0]) if version == "2025" else x
        return float(np.sqrt(problem.regularization * np.sum(counted**2) / problem.n_free))

    def residuals(x: Floats) -> Floats:
        return np.append(evaluate(problem, np.ones(n_scores), whole(x)).error, penalty(x))

    has_slope = problem.benchmark != problem.anchor
    row = np.arange(n_scores)
    rows = np.concatenate([row, row, row[has_slope], np.full(problem.n_free, n_scores)])
    column_of_slope = n_located + problem.benchmark - (problem.benchmark > problem.anchor)
    located = [problem.model, problem.n_models + problem.benchmark]
    columns = np.concatenate([*located, column_of_slope[has_slope], np.arange(problem.n_free)])

    def jacobian(x: Floats) -> Any:
        state = evaluate(problem, np.ones(n_scores), whole(x))
        change = state.predicted * (1.0 - state.predicted)
        of_penalty = problem.regularization / (problem.n_free * penalty(x)) * x
        values = [change * state.slope, -change * state.slope, (change * state.gap)[has_slope], of_penalty]
        return coo_matrix((np.concatenate(values), (rows, columns)), shape=(n_scores + 1, problem.n_free)).tocsr()

    normal = np.random.default_rng(42).normal if version == "2026" else np.random.RandomState(42).normal
    start = np.concatenate([normal(0.0, 0.1, n_located), np.ones(problem.n_benchmarks - 1)])
    bounds = tuple(bound[free] for bound in problem.bounds())
    result = least_squares(residuals, start, jac=jacobian if version == "2026" else "2-point", bounds=bounds)
    if not result.success:
        raise LeadtimeError(f"the published solver did not converge ({result.message})", fix="Use stop='optimum'.")
    return whole(np.asarray(result.x, dtype=np.float64))
