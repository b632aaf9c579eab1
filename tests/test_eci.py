"""The published index: golden values, the optimum against scipy, resampling, tables and their errors."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from eci_side import ends, problem_of, scipy_minimum, simulated
from leadtime.capability import arrow, eci
from leadtime.capability.eci import bootstrap_eci, fit_eci
from leadtime.capability.scores_file import read_scores

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def reference(name):
    path = SHARED / "reference/epoch/eci" / name
    if not path.exists():
        pytest.skip(f"the reference file {path} is not here: set LEADTIME_SHARED")
    return path


# ---------------------------------------------------------------- golden


def test_the_older_published_result_is_reproduced():
    fit = fit_eci(read_scores(reference("scores_2025-12.csv")), version="2025")
    published = pl.read_csv(reference("fit_models_2025-12.csv"))
    ability = dict(zip(fit.models, fit.ability, strict=True))
    assert len(ability) == published.height == 179
    found = [ability[name.strip()] for name in published["model"]]  # one has a blank at its end
    np.testing.assert_allclose(found, published["estimated_capability"], atol=1e-4)
    benchmarks = pl.read_csv(reference("fit_benchmarks_2025-12.csv"))
    position = [fit.benchmarks.index(name) for name in benchmarks["benchmark_name"]]
    np.testing.assert_allclose(fit.difficulty[position], benchmarks["estimated_difficulty"], atol=2e-3)
    np.testing.assert_allclose(fit.discrimination[position], benchmarks["estimated_slope"], atol=1e-3)
    assert fit.objective == pytest.approx(3.4474, abs=5e-5)
    assert fit.rmse == pytest.approx(0.0714, abs=5e-5)
    assert (fit.scale.intercept, fit.scale.slope) == pytest.approx((86.9791, 23.8238), abs=1e-3)


def test_the_published_stop_reproduces_the_older_result_more_closely():
    fit = fit_eci(read_scores(reference("scores_2025-12.csv")), version="2025", stop="published")
    published = pl.read_csv(reference("fit_models_2025-12.csv"))
    ability = dict(zip(fit.models, fit.ability, strict=True))
    found = [ability[name.strip()] for name in published["model"]]  # one has a blank at its end
    np.testing.assert_allclose(found, published["estimated_capability"], atol=1e-5)
    assert (fit.scale.intercept, fit.scale.slope) == pytest.approx((86.9791, 23.8238), abs=1e-4)


def test_the_file_of_august_2026():
    table = read_scores(reference("eci_benchmarks_2026-08.csv"))
    both = eci.fit_both(table)
    fit, published, note = both.optimum, both.published, both.note
    assert (fit.n_scores, len(fit.models), len(fit.benchmarks)) == (2249, 222, 57)
    assert fit.rmse == pytest.approx(0.0754, abs=5e-5)
    score = dict(zip(fit.models, fit.eci, strict=True))
    assert score["DeepSeek-V3"] == pytest.approx(132.9, abs=0.05)
    assert 0.0 < published.objective - fit.objective < 1e-5
    apart = np.abs(published.eci - fit.eci)
    assert apart[fit.eci > 130.0].max() < 0.01
    assert 0.15 < apart.max() < 0.25  # the weakest models are loosely held
    assert f"{published.objective:.6f}" in note
    assert f"{fit.objective:.6f}" in note
    assert f"{apart.max():.2f} points at most ({fit.models[int(apart.argmax())]})" in note
    # Standard errors of the published bootstrap: 500 draws, its seed.
    draws = bootstrap_eci(fit, table)
    known = {"DeepSeek-V3": 2.14, "DeepSeek-R1": 1.10, "o1": 0.93, "o1-preview": 2.13, "Kimi K3": 1.48}
    for name, error in known.items():
        assert draws.eci[:, fit.models.index(name)].std() == pytest.approx(error, abs=0.011), name


# ---------------------------------------------------------------- the optimum


@given(seed=st.integers(0, 10_000), noise=st.floats(0.0, 0.1), regularization=st.floats(0.02, 1.0))
@settings(max_examples=6, deadline=None, derandomize=True)
def test_the_optimum_is_that_of_scipy(seed, noise, regularization):
    table, *_ = simulated(seed, n_models=12, n_benchmarks=4, noise=noise)
    problem = problem_of(table, regularization)
    weights = np.random.default_rng(seed).integers(0, 3, problem.score.size)
    for repeats in (np.ones(problem.score.size, int), weights):
        ours = arrow.minimize(problem, repeats.astype(float), problem.neutral(), "test")
        theirs, cost = scipy_minimum(problem, repeats)
        assert ours.objective <= cost + 1e-12
        np.testing.assert_allclose(ours.parameters, theirs, atol=1e-6)
        assert ours.gradient_norm < 1e-10


def test_gradient():
    problem = problem_of(simulated(3)[0])
    rng = np.random.default_rng(1)
    weights = rng.integers(0, 4, problem.score.size).astype(float)
    point = problem.neutral() + rng.uniform(0.0, 0.5, problem.neutral().size) * problem.is_free()
    free = problem.is_free()

    def at(x):
        whole = point.copy()
        whole[free] = x
        return whole, arrow.evaluate(problem, weights, whole)

    def gradient(x):
        whole, state = at(x)
        return arrow.gradient_of(problem, weights, whole, state)[free]

    assert check_grad(lambda x: at(x)[1].objective, gradient, point[free]) < 1e-6


def test_steps_solve_the_normal_equations():
    problem = problem_of(simulated(4, n_models=7, n_benchmarks=3)[0])
    rng = np.random.default_rng(2)
    weights = rng.uniform(0.5, 2.0, problem.score.size)
    point = problem.neutral() + rng.uniform(0.0, 0.3, problem.neutral().size) * problem.is_free()
    state = arrow.evaluate(problem, weights, point)
    gradient = arrow.gradient_of(problem, weights, point, state)
    fixed = ~problem.is_free()
    fixed[[1, 8]] = True
    gradient[fixed] = 0.0

    def full_gradient(x):
        return arrow.gradient_of(problem, weights, x, arrow.evaluate(problem, weights, x))

    size = point.size
    hessian = np.empty((size, size))
    for i, unit in enumerate(np.eye(size)):
        hessian[i] = (full_gradient(point + 1e-6 * unit) - full_gradient(point - 1e-6 * unit)) / 2e-6
    step = arrow.newton_step(problem, weights, state, gradient, fixed, 0.0, is_exact=True)
    hessian = hessian[np.ix_(~fixed, ~fixed)]
    if step is None:
        assert np.linalg.eigvalsh(hessian).min() < 1e-6
    else:
        np.testing.assert_allclose(step[~fixed], -np.linalg.solve(hessian, gradient[~fixed]), rtol=1e-5, atol=1e-7)
        assert (step[fixed] == 0.0).all()
    assert arrow.newton_step(problem, weights, state, gradient, fixed, 0.0, is_exact=False) is not None


def test_bounds_are_kept_and_reached():
    models = [f"m{i}" for i in range(6)]
    scores = {"Winogrande": np.linspace(0.45, 0.55, 6), "steep": [0.0, 0.0, 0.0, 1.0, 1.0, 1.0], "flat": [0.5] * 6}
    rows = [(m, b, float(v)) for b, values in scores.items() for m, v in zip(models, values, strict=True)]
    table = pl.DataFrame(rows, schema=["model", "benchmark", "performance"], orient="row")
    problem = problem_of(table, 1e-4, "2025")
    found = arrow.minimize(problem, np.ones(18), problem.neutral(), "test")
    _, _, discrimination = problem.split(found.parameters)
    assert discrimination.tolist() == [1.0, 10.0, 0.1]
    theirs, cost = scipy_minimum(problem)
    assert found.objective <= cost + 1e-12
    np.testing.assert_allclose(found.parameters, theirs, atol=1e-5)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_perfect_and_empty_scores_stay_within_the_bounds(score):
    table = simulated(21)[0].with_columns(performance=pl.lit(score))
    fit = fit_eci(table, version="2025", regularization=1e-12)
    assert np.abs(np.concatenate([fit.ability, fit.difficulty]) + fit.translation).max() <= 10.0
    assert fit.discrimination.min() >= 0.1
    assert fit.discrimination.max() <= 10.0
    assert fit.rmse < 0.01


def test_a_benchmark_without_rows_in_a_draw_does_not_stop_the_refit():
    problem = problem_of(simulated(5)[0])
    weights = np.where(problem.benchmark == 2, 0.0, 1.0)
    found = problem.split(arrow.minimize(problem, weights, problem.neutral(), "test").parameters)
    assert found.difficulty[2] == pytest.approx(0.0, abs=1e-7)
    assert found.discrimination[2] == 0.1


def test_row_order_and_names_do_not_matter():
    table, *_ = simulated(6)
    anchors = ends(table)
    fit = fit_eci(table, anchors=anchors)
    shuffled = fit_eci(table.sample(fraction=1.0, shuffle=True, seed=1), anchors=anchors)
    assert shuffled.objective == pytest.approx(fit.objective, rel=1e-13)
    order = [shuffled.models.index(name) for name in fit.models]
    np.testing.assert_allclose(shuffled.eci[order], fit.eci, atol=1e-6)
    renamed = fit_eci(
        table.with_columns(model="new " + pl.col("model")), anchors=(("new m0", 130.0), ("new m29", 150.0))
    )
    np.testing.assert_array_equal(renamed.ability, fit.ability)


def test_known_parameters_are_recovered():
    table, ability, difficulty, discrimination = simulated(7, n_models=120, n_benchmarks=15, noise=0.0, fill=0.9)
    fit = fit_eci(table, version="2025", regularization=1e-5)
    order = [int(name[1:]) for name in fit.models]
    np.testing.assert_allclose(fit.ability, ability[order] - difficulty[0], atol=0.01)
    order = [0 if name == "Winogrande" else int(name[1:]) for name in fit.benchmarks]
    np.testing.assert_allclose(fit.discrimination, discrimination[order], rtol=0.01)
    np.testing.assert_allclose(fit.difficulty, difficulty[order] - difficulty[0], atol=0.01)
