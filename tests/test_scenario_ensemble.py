"""The ensemble, sizes and clusters, sensitivity, and the command."""

import json
import os
import textwrap
import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from conforms import conforms
from leadtime.errors import LeadtimeError
from leadtime.scenario import ensemble as ensembles
from leadtime.scenario import parameters, sensitivity, simulate, stream
from leadtime.scenario.files import built_in
from leadtime.scenario.levers import LEVERS
from leadtime.scenario.observed import KEEP, LagsSeen, lags_seen, observed
from leadtime.study import Study
from scenario_side import AT
from terminal_side import typed

# -- the ensemble
# -----------------------------------------------------------------------------------------------------------


def test_the_shipped_ensemble_belongs_to_the_shipped_evidence(world):
    shipped = ensembles.load()
    assert shipped is not None
    assert shipped.key == ensembles.key_of(world), (
        "run `leadtime calibrate --out src/leadtime/scenario/data/ensemble.npz`"
    )
    now = lags_seen(Study())  # its key leaves them aside, as one ensemble serves every method and seed
    assert shipped.lags.years == now.years
    np.testing.assert_allclose(shipped.lags.center, now.center, atol=1e-6, err_msg="make ship")
    assert shipped.n == ensembles.SIZE
    assert shipped.effective > 1000
    assert set(shipped.draws) == set(parameters.names(parameters.priors(world.evidence["assumptions"])))


def test_constraints_pull_toward_what_was_observed(world):
    found = ensembles.calibrate(world, built_in()["as-is"], None, sampling=ensembles.Sampling(prior_draws=40_000))
    for r in found.checks.iter_rows(named=True):
        assert (
            abs(np.log(r["posterior_median"] / r["observed"])) <= abs(np.log(r["prior_median"] / r["observed"])) + 0.05
        )
        assert r["posterior_high"] / r["posterior_low"] <= r["prior_high"] / r["prior_low"] * 1.02
        assert r["effective_without"] > found.effective * 0.9


def test_the_ensemble_recovers_a_known_world(world, rows, monkeypatch):
    """Constraints taken from one simulated world leave draws near its own stocks and share of diversion."""
    truth = {k: np.full(1, float(v[17])) for k, v in parameters.chunk(rows, 99, 50, 5).items()}
    as_is, seen = built_in()["as-is"], observed(world, None)
    said = seen.said(simulate.run(truth, world.inputs(as_is), KEEP), truth, world)
    known = seen.at({name: float(value[0]) for name, value in said.items()})
    monkeypatch.setattr(ensembles, "observed", lambda *a: known)
    found = ensembles.calibrate(world, as_is, None, sampling=ensembles.Sampling(prior_draws=60_000))
    for name in ("diversion-share", "demand-share"):
        low, high = np.quantile(found.draws[name], [0.025, 0.975])
        assert low < truth[name][0] < high, name


def test_too_few_draws_left_is_said(world, monkeypatch):
    seen = observed(world, None)
    far = replace(seen.at({n: 1e6 for n in seen.names}), covariance=1e-4 * np.eye(len(seen.names)))
    monkeypatch.setattr(ensembles, "observed", lambda *a: far)
    with pytest.raises(LeadtimeError, match="effective draws"):
        ensembles.calibrate(world, built_in()["as-is"], None, sampling=ensembles.Sampling(prior_draws=10_000))


def test_figures_of_one_source_count_little_more_than_once(world):
    """Three ratios of one source pull less than three of three sources would, and more than one of them."""
    seen = observed(world, None)
    three = seen.only(tuple(n for n in seen.names if n.startswith("ratio")))
    assert len(three.names) == 3
    off = {c.name: np.array([c.center * np.exp(c.sd)]) for c in three.constraints}
    apart = replace(three, covariance=np.diag(np.diag(three.covariance)))
    one = three.only(three.names[:1])
    assert one.misfit(off)[0] == pytest.approx(0.5)
    assert 0.5 < three.misfit(off)[0] < 0.7 < apart.misfit(off)[0]


def test_lags_of_neighboring_years_stray_together():
    years = LagsSeen(
        years=(2024, 2025, 2026),
        quarters=((8, 9, 10, 11), (12, 13, 14, 15), (16, 17, 18)),
        center=np.array([10.0, 5.0, 6.0]),
        error=np.full((3, 3), 0.3),
    )
    whole = years.covariance()
    assert np.sqrt(whole[0, 0] - 0.3) == pytest.approx(2.0)
    assert whole[0, 2] < whole[0, 1] < whole[0, 0] < whole[2, 2]
    assert np.linalg.eigvalsh(whole).min() > 0


def test_what_is_calibrated_now_is_what_is_read_later(world, tmp_path):
    made = ensembles.calibrate(world, built_in()["as-is"], None, sampling=ensembles.Sampling(prior_draws=40_000))
    path = tmp_path / "e.npz"
    with path.open("wb") as file:
        ensembles.save(made, file)
    read = ensembles.load(path)
    assert (
        all(np.array_equal(made.draws[k], v) for k, v in read.draws.items()) and made.draws.keys() == read.draws.keys()
    )


def test_an_ensemble_survives_its_file(world, tmp_path):
    shipped = ensembles.load()
    path = tmp_path / "e.npz"
    with path.open("wb") as file:
        ensembles.save(shipped, file)
    again = ensembles.load(path)
    assert again.key == shipped.key
    assert again.checks.equals(shipped.checks)
    assert again.robust.equals(shipped.robust)
    assert again.lags.years == shipped.lags.years
    assert again.lags.quarters == shipped.lags.quarters
    path.write_bytes(path.read_bytes()[:1000])
    assert ensembles.load(path) is None or ensembles.load(path).n == 0


# -- size and clusters
# ----------------------------------------------------------------------------------------------------------


def test_streamed_bands_are_those_of_the_draws(world, rows):
    inputs = {"as-is": world.inputs(built_in()["as-is"])}
    table = stream.run(rows, inputs, draws=15_000, seed=2)
    parts = [simulate.run(parameters.chunk(rows, i, n, 2), inputs["as-is"]) for i, n in enumerate((10_000, 5_000))]
    all_ = np.concatenate([p["lag_months"] for p in parts], axis=1)
    for q in ("2025Q4", "2028Q4"):
        row = table.filter(pl.col("variable") == "lag_months", pl.col("quarter") == q).row(0, named=True)
        assert np.allclose(
            [row["low"], row["median"], row["high"]], np.quantile(all_[AT(q)], [0.05, 0.5, 0.95]), atol=0.06
        )


def test_a_cluster_that_loses_a_worker_gives_the_same_bits(world, rows):
    distributed = pytest.importorskip("distributed")
    inputs = {"as-is": world.inputs(built_in()["as-is"]), "no-controls": world.inputs(built_in()["no-controls"])}
    here = stream.run(rows, inputs, draws=30_000, seed=3)
    os.environ.setdefault("DASK_DISTRIBUTED__WORKER__DAEMON", "False")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
    ) as cluster:
        killed = []

        def progress(text, done):
            if not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], 9)

        there = stream.run(rows, inputs, draws=30_000, seed=3, cluster=cluster.scheduler_address, progress=progress)
    assert killed
    assert there.sort("scenario", "variable", "quarter").equals(here.sort("scenario", "variable", "quarter"))


def test_a_cluster_that_is_not_there_is_said(world, rows, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("leadtime.cluster._PATIENCE_SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(LeadtimeError, match="does not answer"):
        stream.run(rows, {"as-is": world.inputs(built_in()["as-is"])}, draws=1000, seed=0, cluster="tcp://127.0.0.1:9")
    assert time.monotonic() - begun < 8


# -- sensitivity
# ------------------------------------------------------------------------------------------------------------------


def test_sobol_indices_of_a_known_function(rows):
    names = parameters.names(rows)
    weight = {names[0]: 3.0, names[5]: 1.0}

    def linear(p):
        return sum(
            w
            * (np.log(np.maximum(p[k], 1e-9)) - np.log(np.maximum(p[k], 1e-9)).mean())
            / np.log(np.maximum(p[k], 1e-9)).std()
            for k, w in weight.items()
        )

    found = sensitivity.sobol(rows, linear, n=256)
    assert found["parameter"][0] == names[0]
    assert found["total"][0] == pytest.approx(0.9, abs=0.07)
    assert abs(found["total"].to_list()[5]) < 0.05


def test_the_follower_gain_moves_the_lag_most(world, rows, draws):
    of = sensitivity.outcome(world, built_in()["as-is"], "2028Q4")
    bars = sensitivity.tornado(draws, of)
    assert bars["parameter"][0] == "follower-gain"
    gone = sensitivity.vanishing(draws, of(draws), level=3.0)
    assert gone.filter(pl.col("parameter") == "follower-gain")["shift_sd"].item() > 0.3


# -- the command
# ------------------------------------------------------------------------------------------------------------------


def run(*arguments):
    return typed(*arguments)


def test_listing_needs_no_draws():
    done = run("scenario", "list")
    assert "strengthened+tariffs" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    levers = json.loads(run("scenario", "list", "--levers", "--json").stdout)
    assert {r["lever"] for r in levers["rows"]} == set(LEVERS)


def test_a_scenario_of_ones_own_runs_on_the_priors(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        textwrap.dedent("""
        title: Mine
        narrative: More enforcement, and chips that last.
        base: as-is
        levers: {diversion_cut: [{from: 2027-01-01, value: 0.9}]}
        priors: {chip-life: {low: 6, value: 7, high: 8, distribution: lognormal, source: my own judgment}}
    """)
    )
    done = run("scenario", "run", "as-is", "--file", str(path), "--prior", "--draws", "400", "--json")
    assert done.returncode == 0, done.stderr
    said = conforms("scenario-run", json.loads(done.stdout))
    assert said["layer"] == "conditional"
    assert [s["scenario"] for s in said["rows"]] == ["as-is", "mine"]
    assert {"unit", "unit_basis", "scope"} <= set(said["quarters"][0])


@pytest.mark.parametrize(
    "arguments",
    [
        ("scenario", "run"),
        ("scenario", "run", "as-was"),
        ("scenario", "run", "as-is", "--by", "2050Q1"),
        ("scenario", "run", "as-is", "--as-of", "2025-01-29"),
        ("scenario", "sweep", "uptakes", "--values", "1"),
        ("scenario", "sweep", "uptake", "--values", "1,x", "--prior"),
        ("scenario", "sweep", "uptake", "--values", "2", "--prior"),
        ("scenario", "run", "--file", "nowhere.yaml"),
        ("scenario", "sensitivity", "--points", "100"),
    ],
)
def test_the_command_says_what_is_wrong(arguments):
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
