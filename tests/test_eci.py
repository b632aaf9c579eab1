"""The published index: golden values, the optimum against scipy, resampling, tables and their errors."""

import dataclasses
import doctest
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad, least_squares

from leadtime.capability import arrow, eci
from leadtime.capability.eci import bootstrap_eci, fit_eci
from leadtime.capability.scores_file import read_scores
from leadtime.errors import LeadtimeError

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def reference(name):
    path = SHARED / "reference/epoch/eci" / name
    if not path.exists():
        pytest.skip(f"the reference file {path} is not here: set LEADTIME_SHARED")
    return path


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


# ---------------------------------------------------------------- the scale and what identifies it


def test_eci_and_edi_share_the_scale_and_keep_predictions():
    table, *_ = simulated(8)
    fit = fit_eci(table, anchors=ends(table))
    assert fit.eci[[fit.models.index("m0"), fit.models.index("m29")]].tolist() == pytest.approx([130.0, 150.0])
    logits = fit.discrimination * (fit.ability[:, None] - fit.difficulty)
    np.testing.assert_allclose(fit.discrimination_per_eci * (fit.eci[:, None] - fit.edi), logits, atol=1e-9)


def test_our_ids_and_other_spellings_are_found():
    table, *_ = simulated(9)
    names = {"m0": "claude-3-5-sonnet-2024-06", "m29": "gpt-5", "Winogrande": "winogrande"}
    table = table.with_columns(pl.col("model", "benchmark").replace(names))
    fit = fit_eci(table)
    assert fit.anchors == (("claude-3-5-sonnet-2024-06", 130.0), ("gpt-5", 150.0))
    assert fit.anchor_benchmark == "winogrande"
    assert fit.notes == ()


def test_without_anchors_there_is_no_scale_and_the_notes_say_so():
    table, *_ = simulated(10)
    fit = fit_eci(table.with_columns(pl.col("benchmark").replace({"Winogrande": "most"})))
    assert fit.scale is None
    assert fit.anchor_benchmark == "most"
    assert len(fit.notes) == 2
    assert "most is fixed at 1" in fit.notes[0]
    with pytest.raises(LeadtimeError, match="no index without the anchor models"):
        _ = fit.eci
    draws = bootstrap_eci(fit, table.with_columns(pl.col("benchmark").replace({"Winogrande": "most"})), draws=2)
    assert draws.eci is None
    assert draws.abilities.shape == (2, 30)
    with pytest.raises(LeadtimeError, match="no intervals"):
        draws.interval()


def test_wrong_anchors_are_refused():
    table, *_ = simulated(11)
    with pytest.raises(LeadtimeError, match="no model called 'm299'"):
        fit_eci(table, anchors=(("m0", 130.0), ("m299", 150.0)))
    with pytest.raises(LeadtimeError, match="no benchmark called 'b77'"):
        fit_eci(table, anchor_benchmark="b77")
    with pytest.raises(LeadtimeError, match="reverse order in the fit"):
        fit_eci(table, anchors=(("m29", 130.0), ("m0", 150.0)))
    with pytest.raises(LeadtimeError, match="equal or in reverse"):
        fit_eci(table, anchors=(("m0", 130.0), ("m0", 150.0)))
    with pytest.raises(LeadtimeError, match="version"):
        fit_eci(table, version="2024")
    with pytest.raises(LeadtimeError, match="regularization"):
        fit_eci(table, regularization=0.0)


def test_the_best_of_several_scores_counts():
    table, *_ = simulated(12)
    worse = table.head(3).with_columns(pl.col("performance") / 2)
    fit = fit_eci(pl.concat([worse, table]))
    assert fit.n_scores == table.height
    assert fit.notes[0].startswith("3 scores left out")
    np.testing.assert_allclose(fit.ability, fit_eci(table).ability, atol=1e-12)


def test_names_that_differ_only_in_case_are_told():
    table, *_ = simulated(12)
    extra = pl.DataFrame({"model": ["M0", "M0"], "benchmark": ["Winogrande", "b1"], "performance": [0.5, 0.5]})
    assert "'M0' and 'm0' differ only in case" in fit_eci(pl.concat([table, extra])).notes[0]


# ---------------------------------------------------------------- the bootstrap


def test_rows_are_resampled_as_in_the_published_code():
    problem = problem_of(simulated(13)[0].sample(fraction=1.0, shuffle=True, seed=3))
    rng = np.random.default_rng(12345)
    rows = [np.flatnonzero(problem.model == m) for m in range(problem.n_models)]
    for weights in arrow.resampled(problem, 5, 12345):
        taken = np.concatenate([rng.choice(r, size=r.size, replace=True) for r in rows])
        np.testing.assert_array_equal(weights, np.bincount(taken, minlength=problem.score.size))
        counts = np.bincount(problem.model, weights), np.bincount(problem.model)
        np.testing.assert_array_equal(*counts)


@pytest.mark.parametrize("version", ["2026", "2025"])
def test_draws_are_refits_on_repeated_rows(version):
    table, *_ = simulated(14, n_models=12, n_benchmarks=4)
    fit = fit_eci(table, version=version, anchors=ends(table))
    seen = []
    draws = bootstrap_eci(fit, table, draws=3, seed=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    problem = problem_of(table, version=version)
    for draw, weights in enumerate(arrow.resampled(problem, 3, 1)):
        ability, difficulty, _ = problem.split(scipy_minimum(problem, weights.astype(int))[0])
        ability = ability - (difficulty[problem.anchor] if version == "2025" else 0.0)
        np.testing.assert_allclose(draws.abilities[draw], ability, atol=1e-5)
    low, high = draws.interval()
    is_anchor = np.isin(fit.models, [name for name, _ in fit.anchors])
    assert np.isnan(low[is_anchor]).all()
    assert (low <= high)[~is_anchor].all()
    np.testing.assert_allclose(draws.eci[:, is_anchor], [[130.0, 150.0]] * 3)
    assert draws.edi.shape == draws.difficulties.shape == draws.discriminations.shape == (3, 4)


def test_a_seed_decides_the_draws():
    table, *_ = simulated(15)
    fit = fit_eci(table, anchors=ends(table))
    first, again, other = (bootstrap_eci(fit, table, draws=3, seed=seed).eci for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_draws_that_define_no_scale_are_refused():
    table, *_ = simulated(16, noise=0.3)
    fit = fit_eci(table)
    order = np.argsort(fit.ability)
    close = ((fit.models[order[14]], 130.0), (fit.models[order[15]], 150.0))
    fit = fit_eci(table, anchors=close)
    with pytest.raises(LeadtimeError, match=r"in bootstrap draws? \d"):
        bootstrap_eci(fit, table, draws=40)


def test_another_table_is_refused():
    table, *_ = simulated(17)
    fit = fit_eci(table)
    with pytest.raises(LeadtimeError, match="other models or benchmarks"):
        bootstrap_eci(fit, table.filter(pl.col("model") != "m3"), draws=1)
    with pytest.raises(LeadtimeError, match="0 draws"):
        bootstrap_eci(fit, table, draws=0)


def test_a_refit_that_does_not_converge_is_refused(monkeypatch):
    table, *_ = simulated(18)
    fit = fit_eci(table)
    monkeypatch.setattr(arrow, "_MAX_ITERATIONS", 1)
    with pytest.raises(LeadtimeError, match="bootstrap draw 0 did not converge"):
        bootstrap_eci(fit, table, draws=1)


def test_results_are_frozen():
    fit = fit_eci(simulated(19)[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.version = "2025"


# ---------------------------------------------------------------- reading


def written(tmp_path, text, name="scores.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_reading_csv_and_parquet(tmp_path):
    table, *_ = simulated(20)
    table.write_csv(tmp_path / "s.csv")
    table.write_parquet(tmp_path / "s.parquet")
    assert read_scores(tmp_path / "s.csv").equals(read_scores(tmp_path / "s.parquet"))
    assert read_scores(tmp_path / "s.parquet").equals(table)


def test_reading_epochs_names_and_a_byte_order_mark(tmp_path):
    path = written(tmp_path, "\ufeffmodel_id,Model,model,benchmark,performance\nm1,GPT-5,gpt-5_high,GPQA, 0.5 \n")
    assert read_scores(path).rows() == [("gpt-5_high", "GPQA", 0.5)]
    path = written(tmp_path, "Model,benchmark_id,score\nGPT-5,b1,1\n")
    assert read_scores(path).rows() == [("GPT-5", "b1", 1.0)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["the file is empty", "Expected: columns"]),
        ("model,benchmark,performance\n", ["there are no rows"]),
        ("model,bench,performance\nx,y,0.5\n", ["no column 'benchmark'", "'bench'"]),
        ("model,benchmark,performance\nx,y,87\n", ["row 2, column 'performance': 87 is not", "write 0.87"]),
        ("model,benchmark,performance\nx,y,0.5\nx,z,87%\n", ["row 3", "'87%' is not a number"]),
        ("model,benchmark,performance\nx,y,NaN\n", ["'NaN' is not a number"]),
        ("model,benchmark,performance\nx,y,-0.1\n", ["-0.1 is not between 0 and 1"]),
        ("model,benchmark,performance\nx,y,\n", ["the score is missing"]),
        ("model,benchmark,performance\n ,y,0.5\n", ["column 'model': the name is missing"]),
        ("model,benchmark,performance\nx,y,0.5,9,9\n", ["row 2: found '5 cells', expected 3 cells"]),
        (b"model,benchmark,performance\nx,y,0.5\nx\xff,y,0.5\n", ["row 3: byte 37 is not valid UTF-8"]),
        (b"PAR1 but not really", ["not a regular table"]),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(LeadtimeError) as caught:
        read_scores(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)


def test_all_wrong_rows_are_counted_and_five_shown(tmp_path):
    rows = "".join(f"x{i},y,{i}\n" for i in range(2, 10))
    with pytest.raises(LeadtimeError) as caught:
        read_scores(written(tmp_path, "model,benchmark,performance\n" + rows))
    message = str(caught.value)
    assert "8 rows cannot be used" in message
    assert message.count("row ") == 5
    assert "and 3 more rows" in message


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(LeadtimeError, match="cannot be read"):
        read_scores(tmp_path / "none.csv")


def test_a_frame_with_wrong_rows_is_refused():
    frame = pl.DataFrame({"model": ["x", None], "benchmark": ["y", "y"], "performance": [0.5, float("nan")]})
    with pytest.raises(LeadtimeError, match="row 2, column 'model'"):
        fit_eci(frame)


def test_the_example_in_the_documentation_holds():
    assert doctest.testmod(eci).failed == 0
