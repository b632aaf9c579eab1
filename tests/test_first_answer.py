"""What ships with its key, and models of one's own that are placed on it."""

import functools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from typer.testing import CliRunner

import worker_side
from conforms import conforms
from leadtime.answers import refitted
from leadtime.answers.answer import About, Answer, Table
from leadtime.backtest import kept as forecasts
from leadtime.capability import cache, kept
from leadtime.capability.density import log_density
from leadtime.capability.place import ability, place
from leadtime.capability.result import Cells, Fit, Parameters, Trend
from leadtime.capability.vendor import COMPETITOR, ReporterEffects, extended
from leadtime.cli import app
from leadtime.effect import kept as effect
from leadtime.study import Study, shipping
from leadtime.study.fits import Fits

PACKAGE = Path(cache.__file__).parents[1]
#: Bytes of all data that ships beside the evidence.
MOST_SHIPPED = 6_000_000
ROWS = {"gpqa-diamond": 0.71, "mmlu-pro": 0.78, "aime-2025": 0.6, "simpleqa": 0.3, "math-level-5": 0.92}


@pytest.fixture(scope="module")
def study():
    return Study()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("own")
    (made / "evidence").mkdir()
    source = "id,title,published_on,kind\nmine,My own,2026-11-30,primary\n"
    labs = "id,name,country,source,known_on\nmy-lab,My laboratory,FRA,mine,2026-11-30\n"
    models = (
        "id,name,organization,released_on,weights,reasoning,stage,source,known_on\n"
        "my-own,My Own,my-lab,2025-06-01,closed,true,instruct,mine,2026-11-30\n"
        "my-other,My Other,my-lab,2025-07-01,closed,true,instruct,mine,2026-11-30\n"
    )
    head = "model,benchmark,score,evaluator,report_type,known_on,dated_by,source\n"
    rows = [f"my-own,{b},{y},my-lab,independent,2026-11-30,copy,mine\n" for b, y in ROWS.items()]
    rows += [f"my-other,{b},0.5,my-lab,independent,2026-11-30,copy,mine\n" for b in ("mmlu-pro", "simpleqa")]
    files = {"sources": source, "organizations": labs, "models": models, "scores": head + "".join(rows)}
    for name, text in files.items():
        (made / "evidence" / f"{name}.csv").write_text(text)
    return made


def test_what_ships_is_of_this_evidence_and_this_code(study):
    wanted = {f"{key}.npz" for key in shipping.results(study)}
    there = {p.name for p in cache.SHIPPED.glob("*.npz")}
    assert there == wanted, "the shipped fits do not belong to the evidence and the code: make ship"
    assert all(cache.load(name.removesuffix(".npz")) is not None for name in there)


def test_what_ships_is_small():
    files = [p for p in PACKAGE.glob("*/*/*") if p.suffix in (".npz", ".json", ".parquet")]
    assert len(files) > 10 and sum(p.stat().st_size for p in files) < MOST_SHIPPED


@pytest.mark.parametrize("other", [{"seed": 1}, {"draws": 1999}, {"as_of": "2026-06-30"}, {"method": "map"}])
def test_another_day_or_setting_does_not_find_it(study, other):
    s = Study(**{"draws": 2000, **other})
    assert s.fit_key() != study.fit_key() and s.path_key("CHN", "USA") != study.path_key("CHN", "USA")
    assert not (cache.SHIPPED / f"{s.fit_key()}.npz").exists()


def test_other_rows_and_other_code_do_not_find_it(study, monkeypatch):
    scores = study.evidence["scores"]
    for rows in (scores[1:], scores.with_columns(score=scores["score"] * 0.999)):
        evidence = replace(study.evidence, tables=study.evidence.tables | {"scores": rows})
        assert study.with_evidence(evidence).fit_key() != study.fit_key()
    noted = replace(
        study.evidence, tables=study.evidence.tables | {"scores": scores.with_columns(note=scores["model"])}
    )
    assert study.with_evidence(noted).fit_key() == study.fit_key()  # a note moves no number
    before = study.fit_key()
    monkeypatch.setattr(cache, "made_by", lambda *files: "other code")
    assert Study().fit_key() != before


def test_a_shipped_file_that_is_torn_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "SHIPPED", tmp_path)
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path / "user"))
    (path,) = cache.ship({"a" * 24: {"x": np.arange(3.0)}}, tmp_path)
    assert cache.load("a" * 24)["x"].tolist() == [0, 1, 2] and cache.is_there("a" * 24)
    path.write_bytes(path.read_bytes()[:-40])
    assert cache.named("a" * 24, lambda: {"x": np.zeros(1)})["x"].tolist() == [0]
    assert [p.name for p in cache.ship({"b" * 24: {"x": np.zeros(1)}}, tmp_path)] == [f"{'b' * 24}.npz"]
    assert not path.exists()  # what shipped before goes


def test_what_ships_can_be_left_aside(study, tmp_path, monkeypatch):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))

    def taken():
        return [
            cache.is_there(study.fit_key()) and cache.load(study.fit_key()) is not None,
            bool(forecasts._shipped(forecasts.key(study))),
            effect._shipped(study) is not None,
        ]

    assert taken() == [True] * 3
    with cache.unshipped():
        assert taken() == [False] * 3
    assert taken() == [True] * 3


def test_the_first_answer_needs_no_compiler(tmp_path):
    code = (
        "import sys; from leadtime.study import Study; s = Study(); s.lag('deepseek-v3'); s.fit('independent');"
        "print(s.lag_path().now.median, 'jax' in sys.modules)"
    )
    environment = {"LEADTIME_CACHE": str(tmp_path), "PYTHONPATH": str(PACKAGE.parent), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.split()[1:] == ["False"], done.stderr


@given(arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6)))
def test_draws_in_sixteen_bits_are_within_half_a_step(values):
    stored = kept.packed(values)
    assert stored["draws"].dtype == np.uint16
    apart = np.abs(kept.unpacked(stored) - values)
    assert (apart <= stored["step"] / 2 + 1e-9 * np.abs(values).max() + 1e-300).all()


def base_of(n_draws=400, seed=0):
    """Return a fit of six models on five benchmarks whose draws hardly differ, and the generator."""
    rng = np.random.default_rng(seed)
    m, k = 6, 5
    model, benchmark = (x.ravel() for x in np.meshgrid(np.arange(m), np.arange(k), indexing="ij"))
    cells = Cells(
        models=tuple(f"m{i}" for i in range(m)),
        benchmarks=tuple(f"b{i}" for i in range(k)),
        model=model,
        benchmark=benchmark,
        z=rng.normal(size=model.size),
        n_reports=np.ones(model.size),
        floor=np.array([0.0, 0.25, 0.0, 0.1, 0.0]),
        ceiling=np.full(k, 0.97),
        n_items=np.full(k, 500.0),
        years=np.linspace(-1, 1, m),
        reports=np.zeros((model.size, 2)),
    )
    draws = Parameters(
        theta=rng.normal(size=(n_draws, m)),
        difficulty=np.tile(rng.normal(size=k), (n_draws, 1)),
        discrimination=np.tile(np.exp(rng.normal(0, 0.3, k)), (n_draws, 1)),
        misfit=np.full((n_draws, k), 0.3),
    )
    mode = Parameters(**{n: getattr(draws, n)[0] for n in draws.__slots__})
    trend = Trend(rate=np.full(n_draws, 1.0), spread=np.full(n_draws, 0.8))
    return Fit(cells=cells, draws=draws, mode=mode, trend=trend, method="nuts")


def with_own(base, name, z, year):
    """Return the cells of a fit with a model that has taken the first benchmarks."""
    c, n = base.cells, len(z)
    return replace(
        c,
        models=(*c.models, name),
        model=np.concatenate([c.model, np.full(n, len(c.models))]),
        benchmark=np.concatenate([c.benchmark, np.arange(n)]),
        z=np.concatenate([c.z, z]),
        n_reports=np.concatenate([c.n_reports, np.ones(n)]),
        years=np.append(c.years, year),
        reports=np.concatenate([c.reports, np.zeros((n, 2))]),
    )


@pytest.mark.parametrize("z", [[0.4, 1.0, 0.2], [5.0, -4.0, 5.0, -4.0], [-6.0] * 5, [7.0] * 5])
def test_an_ability_has_the_density_of_the_model(z):
    base = base_of(1000)
    cells = with_own(base, "own", np.array(z), 0.5)
    which, no = np.flatnonzero(cells.model == 6), np.zeros((1000, 2))
    u = (np.arange(1000) + 0.5) / 1000
    drawn = ability(base, cells, which, 0.5, no, u)
    grid = np.linspace(-8, 8, 4001)
    one = replace(base.draws, **{n: getattr(base.draws, n)[:1] for n in base.draws.__slots__})
    log_p = np.array([log_density(cells, one, no[:1], which, np.full((1, 1), g)).sum() for g in grid])
    log_p -= 0.5 * ((grid - 0.5) / 0.8) ** 2
    p = np.exp(log_p - log_p.max())
    cdf = np.cumsum(p) / p.sum()
    for at in (0.05, 0.5, 0.95):
        assert np.quantile(drawn, at) == pytest.approx(grid[np.searchsorted(cdf, at)], abs=0.02)


def test_only_models_with_other_scores_are_placed_and_each_for_itself():
    base = base_of()
    cells, no = with_own(base, "own", np.array([0.4, 1.0, 0.2]), 0.5), np.zeros((400, 2))
    found = place(base, cells, no, seed=0)
    assert found.placed.models == ("own",) and found.placed.n_scores == 3
    np.testing.assert_array_equal(found.draws.theta[:, :6], base.draws.theta)
    changed = replace(cells, z=np.where(np.arange(cells.z.size) == 2, 3.0, cells.z), years=cells.years + 4.0)
    again = place(base, changed, no, seed=0)  # years from another mean date are the same years
    assert again.placed.models == ("m0", "own")
    np.testing.assert_allclose(again.draws.theta[:, 6], found.draws.theta[:, 6], atol=1e-9)
    assert np.abs(again.draws.theta[:, 0] - base.draws.theta[:, 0]).max() > 0.1
    np.testing.assert_array_equal(again.draws.theta[:, 1:6], base.draws.theta[:, 1:])


def test_who_reported_moves_an_ability_draw_by_draw():
    base = base_of()
    cells = with_own(base, "own", np.zeros(5), 0.5)
    cells = replace(cells, reports=np.where((cells.model == 6)[:, None], [1.0, 0.0], 0.0))
    deviation = np.column_stack([np.linspace(-0.5, 0.5, 400), np.zeros(400)])
    theta = place(base, cells, deviation, seed=0).draws.theta[:, 6]
    assert np.corrcoef(theta, deviation[:, 0])[0, 1] < -0.5  # who flatters itself is less able than its scores


def test_a_new_developer_has_the_effect_of_its_country():
    import polars as pl

    effects = ReporterEffects(
        names=("a", COMPETITOR),
        countries=("USA", ""),
        n_pairs=(5, 2),
        effect=np.array([[0.1, 0.5], [0.2, 0.6]]),
        country_names=("USA",),
        country=np.array([[1.0], [2.0]]),
        overall=np.array([3.0, 4.0]),
    )
    scores = pl.DataFrame({"report_type": ["vendor"] * 3, "evaluator": ["a", "b", "c"]})
    found = extended(effects, scores, {"a": "USA", "b": "USA", "c": "FRA"})
    assert found.names == ("a", "b", "c", COMPETITOR) and found.n_pairs == (5, 0, 0, 2)
    assert found.effect.tolist() == [[0.1, 1.0, 3.0, 0.5], [0.2, 2.0, 4.0, 0.6]]


def test_own_models_are_placed_and_the_built_in_ones_stay(study, folder):
    own = Study(folder=folder)
    assert own.own_scores == "placed" and own.stamp["own_scores"] == "placed" and "own_scores" not in study.stamp
    fitted = own.fit()
    assert fitted.placed.models == ("my-own",) and fitted.placed.too_few == ("my-other",)
    there = [fitted.cells.models.index(m) for m in study.fit().cells.models]
    np.testing.assert_array_equal(fitted.draws.theta[:, there], study.fit().draws.theta)
    assert own.evidence_through == study.evidence_through  # scores of one's own say nothing of the others since
    assert own.lag_path().now.median == study.lag_path().now.median  # neither side has one of its models
    assert own.lag_year().median == study.lag_year().median
    assert -6 < own.lag("my-own").median < 24


def test_a_folder_without_scores_is_the_built_in_study(tmp_path, study):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "leadtime.toml").write_text("")
    own = Study(folder=tmp_path)
    assert own.own_scores == "" and own.fit_key() == study.fit_key()


def test_a_folder_that_changes_a_test_is_fitted_anew(folder, tmp_path, study):
    (tmp_path / "evidence").mkdir()
    for path in (folder / "evidence").iterdir():
        (tmp_path / "evidence" / path.name).write_text(path.read_text())
    row = study.evidence["benchmarks"].filter(study.evidence["benchmarks"]["id"] == "mmlu-pro").with_columns(floor=0.2)
    (tmp_path / "evidence" / "benchmarks.csv").write_text(row.write_csv())
    assert Study(folder=tmp_path).own_scores == "refit"


def test_the_command_says_which_of_the_two_it_is(folder, monkeypatch):
    done = CliRunner().invoke(app, ["lag", "my-own", "--study", str(folder)])
    words = " ".join(done.stdout.split())
    assert "Quick answer: My Own is placed on the built-in fit." in words and "--refit" in words
    assert "Too few known tests to be placed: My Other." in words and "own models placed" in words
    said = json.loads(CliRunner().invoke(app, ["lag", "my-own", "--study", str(folder), "--json"]).stdout)
    conforms("lag", said)
    assert said["stamp"]["own_scores"] == "placed"
    about = About(docs="methods/supply")  # it rests on no score
    table = Table(rows=[], columns=())
    assert refitted.said(Study(folder=folder), Answer(sentence="", rows=table, tag="measured", about=about), id) == ()
    monkeypatch.setattr(Fits, "_sampled", Fits._about_mode)  # the sampler takes a minute and has tests of its own
    done = CliRunner().invoke(app, ["lag", "my-own", "--study", str(folder), "--refit", "--json"])
    said = json.loads(done.stdout)
    conforms("lag", said)
    notes = " ".join(said["notes"])
    assert said["stamp"]["own_scores"] == "refit" and "fitted anew with your scores" in notes
    assert "The quick answer was: My Own was" in notes and "The refit moved" in notes


@pytest.mark.slow
def test_what_ships_is_what_is_computed(study, tmp_path, monkeypatch):
    shipped, path = study.fit(), study.lag_path()
    monkeypatch.setattr(cache, "SHIPPED", tmp_path / "none")
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    anew = Study()
    found = anew.fit()
    for name in ("theta", "difficulty", "discrimination", "misfit"):
        before, now = (getattr(f.draws, name) for f in (shipped, found))
        spread = before.std(axis=0)
        assert (np.abs(np.median(now, axis=0) - np.median(before, axis=0)) / spread).max() < 0.25, name
        assert np.abs(now.std(axis=0) / spread - 1).max() < 0.25, name
    assert abs(anew.lag_path().now.median - path.now.median) < 0.25


def test_claims_ship_as_they_are_read():
    from leadtime.claims import ledger

    assert json.loads(ledger.READ.read_text(encoding="utf-8"))["of"] == ledger._sum()
    assert ledger.built_in() == ledger.load_file(ledger.LEDGER)


def test_a_process_is_started_before_anyone_asks_and_answers_first(monkeypatch):
    from leadtime.web import workers

    monkeypatch.setattr(workers, "_early", [])
    made = workers.Worker(2_000_000_000, behind=True)
    with workers.early("worker_side", "sets", "EARLY_OR_LATE", "yes"):
        process, _ = workers._early[0]
        try:
            assert made.ask(functools.partial(worker_side.says, "EARLY_OR_LATE"), seconds=60.0) == b"yes"
            assert made._process is process and workers._early == []
        finally:
            made.end()


def test_a_process_that_nobody_took_is_ended(monkeypatch):
    from leadtime.web import workers

    monkeypatch.setattr(workers, "_early", [])
    with workers.early("worker_side", "sets", "EARLY_OR_LATE", "yes"):
        process, _ = workers._early[0]
        assert process.is_alive()
    assert not process.is_alive() and workers._early == []
