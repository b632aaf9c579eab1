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
#: Parts of a step that are tried before it is damped: a part costs a fifth of another step.
_PARTS = (1.0, 0.5, 0.25, 0.1)


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


class Arrow:
    """The matrix of a Newton step, and room to work in: the same cells are filled in every step of a minimization.

    It is diagonal in the abilities. Eliminating them leaves a dense system in the benchmarks' parameters.
    """

    def __init__(self, problem: Problem) -> None:
        n = 2 * problem.n_benchmarks
        self.problem = problem
        self.cells = problem.model * n + problem.benchmark
        # Rows of models by columns of benchmarks' parameters: what is not a cell stays 0.
        self.shaft = np.zeros((problem.n_models, n))
        self.block = np.zeros((n, n), order="F")

    def step(
        self,
        weights: Floats,
        state: State,
        gradient: Floats,
        fixed: NDArray[np.bool_],
        *,
        damping: float = 0.0,
        is_exact: bool = True,
    ) -> Floats | None:
        """Return the damped Newton (or, if not exact, Gauss-Newton) step, or None if its matrix is not positive
        definite.

        Args:
            weights: Shape (n_scores,), how often each row counts.
            state: The point from which to step.
            gradient: Shape (parameter,), 0 if a parameter is held.
            fixed: Shape (parameter,), which are held, at a bound or as the anchor: they become rows of the unit matrix.
            damping: Multiples of Gauss-Newton's diagonal, which is never negative, that are added.
            is_exact: Whether the matrix has the second derivatives too.
        """
        problem, n_models, n = self.problem, self.problem.n_models, self.problem.n_benchmarks
        change = state.predicted * (1.0 - state.predicted)
        positive = weights * change * change
        curvature, bend = positive, np.zeros_like(positive)
        if is_exact:
            bend = weights * state.error * change
            curvature = curvature + bend * (1.0 - 2.0 * state.predicted)
        leaning = curvature * state.slope
        per_ability, bent = leaning * state.slope, bend + leaning * state.gap
        stiffness, by_slope = per_ability, curvature
        if damping:
            stiffness = per_ability + damping * positive * state.slope**2
            by_slope = curvature + damping * positive
        ridge = problem.ridge * (1.0 + damping)
        pivots = np.bincount(problem.model, stiffness, n_models) + ridge
        pivots[fixed[:n_models]] = 1.0
        if pivots.min() <= 0.0:
            return None
        root = 1.0 / np.sqrt(pivots)

        # The arrow's shaft, divided by the root of the pivot.
        held = fixed[n_models:]
        per_row = np.where(fixed[:n_models], 0.0, root)[problem.model]
        shaft = self.shaft.reshape(-1)
        shaft[self.cells] = np.where(held[:n][problem.benchmark], 0.0, -per_ability * per_row)
        shaft[self.cells + n] = np.where(held[n:][problem.benchmark], 0.0, bent * per_row)

        block = dsyrk(-1.0, self.shaft.T, c=self.block, lower=1, overwrite_c=1)
        diagonal = (
            np.bincount(problem.benchmark, stiffness, n),
            np.bincount(problem.benchmark, by_slope * state.gap**2, n),
        )
        block.ravel(order="K")[:: 2 * n + 1] += np.where(held, 1.0, np.concatenate(diagonal) + ridge)
        across = np.bincount(problem.benchmark, bent, n)
        low = np.arange(n)
        block[low + n, low] -= np.where(held[:n] | held[n:], 0.0, across)
        factor, failure = dpotrf(block, lower=1, clean=0, overwrite_a=1)
        if failure:
            return None
        scaled = gradient[:n_models] * root
        benchmark_step, _ = dpotrs(factor, scaled @ self.shaft - gradient[n_models:], lower=1)
        model_step = -(scaled + self.shaft @ benchmark_step) * root
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
    arrow, parameters, state, damping = Arrow(problem), start, evaluate(problem, weights, start), 0.0
    for iteration in range(_MAX_ITERATIONS):
        gradient = gradient_of(problem, weights, parameters, state)
        fixed = is_anchor | ((parameters <= lower) & (gradient > 0.0)) | ((parameters >= upper) & (gradient < 0.0))
        gradient[fixed] = 0.0
        norm = float(np.abs(gradient).max())
        if norm < _GRADIENT_TOLERANCE:
            return Minimum(parameters, state.objective, norm, iteration)
        found, is_exact = None, True
        while found is None and damping < 1e12:
            step = arrow.step(weights, state, gradient, fixed, damping=damping, is_exact=is_exact)
            if step is None and is_exact:
                # Gauss-Newton's matrix is positive definite; should rounding spoil that, damping restores it.
                is_exact = False
                continue
            found = None if step is None else _downhill(problem, weights, parameters, state, gradient, step)
            if found is None:
                damping = max(10.0 * damping, 1e-3)
        if found is None:
            break
        parameters, state = found
        damping = damping / 10.0 if damping > 1e-3 else 0.0
    fix = "Look for models or benchmarks with very few scores, or raise the regularization."
    raise LeadtimeError(f"{what} did not converge", fix=fix)


def _downhill(
    problem: Problem, weights: Floats, parameters: Floats, state: State, gradient: Floats, step: Floats
) -> tuple[Floats, State] | None:
    """Return where the step, or a part of it, ends within the bounds and lowers the objective, or None if none does."""
    lower, upper = problem.bounds()
    rounding = 1e-14 * (1.0 + state.objective)
    for part in _PARTS:
        tried = np.clip(parameters + part * step, lower, upper)
        new = evaluate(problem, weights, tried)
        promised = float(gradient @ (parameters - tried))
        if new.objective <= state.objective - 1e-4 * promised + (rounding if promised < 1e3 * rounding else 0.0):
            return tried, new
    return None


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
