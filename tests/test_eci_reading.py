"""The published index: its scale, its bootstrap, and the files it is computed from."""

import dataclasses
import doctest

import numpy as np
import polars as pl
import pytest

from eci_side import ends, problem_of, scipy_minimum, simulated
from leadtime.capability import arrow, eci
from leadtime.capability.eci import bootstrap_eci, fit_eci
from leadtime.capability.scores_file import read_scores
from leadtime.errors import LeadtimeError

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
    with pytest.raises(LeadtimeError, match="needs the anchor models"):
        _ = fit.eci
    draws = bootstrap_eci(fit, table.with_columns(pl.col("benchmark").replace({"Winogrande": "most"})), draws=2)
    assert draws.eci is None
    assert draws.abilities.shape == (2, 30)
    with pytest.raises(LeadtimeError, match="before it can have intervals"):
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
    assert fit.notes[0].startswith("3 scores are left out")
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
    with pytest.raises(LeadtimeError, match="the same models and benchmarks"):
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
        ("model,benchmark,performance\nx,y,87\n", ["row 2, column performance: found '87'", "percent="]),
        (
            "model,benchmark,performance\nx,y,0.5\nx,z,high\n",
            ["row 3, column performance: found 'high', expected a number"],
        ),
        ("model,benchmark,performance\nx,y,0.5\nz,y,87%\n", ["row 2", "expected a % sign, as others have there"]),
        ("model,benchmark,performance\nx,y,NaN\n", ["there are no rows: every cell is empty (1)"]),
        ("model,benchmark,performance\nx,y,-0.1\n", ["found '-0.1', expected a number from 0 to 1"]),
        ("model,benchmark,performance\nx,y,\n", ["there are no rows"]),
        ("model,benchmark,performance\n ,y,0.5\n", ["row 2, column model: found '', expected a name"]),
        ("model,benchmark,performance\nx,y,0.5,9,9\n", ["row 2: found '5 cells', expected 3 cells"]),
        (b"model,benchmark,performance\nx,y,0.5\nx\xff,y,0.5\n", ["row 3: byte 37 is not valid UTF-8"]),
        (b"PAR1 but not really", ["not a readable Parquet file"]),
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
    assert message.count("column performance") == 5
    assert "and 3 more rows" in message


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(LeadtimeError, match="cannot be read"):
        read_scores(tmp_path / "none.csv")


def test_a_frame_with_wrong_rows_is_refused():
    frame = pl.DataFrame({"model": ["x", None], "benchmark": ["y", "y"], "performance": [0.5, 0.5]})
    with pytest.raises(LeadtimeError, match="row 2, column model"):
        fit_eci(frame)


def test_the_example_in_the_documentation_holds():
    assert doctest.testmod(eci).failed == 0
