"""Scores for the index, made up."""

import numpy as np
import polars as pl
from scipy.optimize import least_squares

from leadtime.capability import arrow


def simulated(seed=0, n_models=30, n_benchmarks=8, noise=0.02, fill=0.7):
    """Return a table and the ability, difficulty and discrimination behind it (benchmark b0 has discrimination 1)."""
    rng = np.random.default_rng(seed)
    ability = np.sort(rng.normal(0.0, 1.0, n_models))
    difficulty = rng.normal(0.0, 1.0, n_benchmarks)
    discrimination = np.append(1.0, rng.uniform(0.7, 2.0, n_benchmarks - 1))
    chance = 1.0 / (1.0 + np.exp(-discrimination * (ability[:, None] - difficulty)))
    score = np.clip(chance + noise * rng.normal(size=chance.shape), 0.0, 1.0)
    kept = rng.uniform(size=chance.shape) < fill
    kept[:, 0] = True
    kept[np.arange(n_models), 1 + np.arange(n_models) % (n_benchmarks - 1)] = True
    model, benchmark = np.nonzero(kept)
    table = pl.DataFrame(
        {
            "model": [f"m{i}" for i in model],
            "benchmark": ["Winogrande" if i == 0 else f"b{i}" for i in benchmark],
            "performance": score[kept],
        }
    )
    return table, ability, difficulty, discrimination


def ends(table):
    """Anchors: the first and the last model of a simulated table."""
    names = table["model"].unique(maintain_order=True)
    return (names[0], 130.0), (names[-1], 150.0)


def problem_of(table, regularization=0.1, version="2026"):
    models = tuple(table["model"].unique(maintain_order=True))
    benchmarks = tuple(table["benchmark"].unique(maintain_order=True))
    return arrow.problem_of(table, models, benchmarks, benchmarks.index("Winogrande"), version, regularization)


def scipy_minimum(problem, weights=None):
    """Minimize the same objective by another way: repeated rows, one residual per penalized parameter, tight stop."""
    repeats = np.ones(problem.score.size, int) if weights is None else weights
    model, benchmark, score = (np.repeat(a, repeats) for a in (problem.model, problem.benchmark, problem.score))
    free = problem.is_free()

    def residuals(x):
        whole = problem.neutral()
        whole[free] = x
        ability, difficulty, slope = problem.split(whole)
        predicted = 1.0 / (1.0 + np.exp(-slope[benchmark] * (ability[model] - difficulty[benchmark])))
        return np.concatenate([predicted - score, np.sqrt(problem.ridge) * x])

    bounds = tuple(bound[free] for bound in problem.bounds())
    start = problem.neutral()[free]
    result = least_squares(residuals, start, bounds=bounds, jac="3-point", xtol=1e-15, ftol=1e-15, gtol=1e-14)
    whole = problem.neutral()
    whole[free] = result.x
    return whole, result.cost
