"""Abilities from single items: recovery from simulated data, gaps, tries, linking, favored items, bad files."""

import gzip
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from conforms import conforms
from leadtime.capability.items.diagnose import differential
from leadtime.capability.items.fit import fit
from leadtime.capability.items.matrix import from_array
from leadtime.capability.items.precision import precision
from leadtime.capability.items.read import of_table, read
from leadtime.cli import app
from leadtime.errors import LeadtimeError

LOGS = Path(__file__).parents[2] / "shared" / "reference" / "items" / "inspect_item_scores.csv.gz"


def world(n, m, irt="2pl", seed=0):
    rng = np.random.default_rng(seed)
    theta, b = rng.normal(size=n), rng.normal(size=m)
    a = np.exp(rng.normal(0, 0.3, m)) if irt != "1pl" else np.ones(m)
    c = rng.uniform(0.1, 0.3, m) if irt == "3pl" else np.zeros(m)
    p = c + (1 - c) / (1 + np.exp(-a * (theta[:, None] - b)))
    return theta, a, b, p, (rng.random((n, m)) < p).astype(np.uint8)


def responses(table):
    return of_table(table if "count" in table.columns else table.with_columns(count=pl.lit(1.0)))


def r(x, y):
    return float(np.corrcoef(x, y)[0, 1])


@pytest.mark.parametrize(
    ("irt", "least_theta", "least_b"), [("1pl", 0.985, 0.98), ("2pl", 0.985, 0.97), ("3pl", 0.97, 0.93)]
)
def test_known_parameters_are_recovered(irt, least_theta, least_b):
    theta, a, b, _, y = world(600, 300, irt)
    found = fit(from_array(y), irt=irt)
    assert found.converged
    assert r(theta, found.theta) > least_theta
    assert r(b, found.curves.b) > least_b
    if irt == "2pl":
        assert r(np.log(a), found.curves.log_a) > 0.85
        assert abs(np.mean(found.curves.log_a - np.log(a))) < 0.1  # not only the order: the size


def test_standard_errors_hold_what_they_promise():
    inside = []
    for seed in range(6):
        theta, _, _, _, y = world(300, 60, seed=seed)
        found = fit(from_array(y), irt="2pl")
        errors = precision(found)
        z = (found.theta - (theta - theta.mean()) / theta.std()) / errors.sd
        inside.append(np.mean(np.abs(z) < 1.645))
    assert 0.86 < np.mean(inside) < 0.94


def test_gaps_are_no_answers_and_not_wrong_ones():
    theta, _, b, _, y = world(500, 200)
    rng = np.random.default_rng(5)
    seen = rng.random(y.shape) < 0.4
    rows, columns = np.nonzero(seen)
    table = pl.DataFrame(
        {"model": [f"m{i:03}" for i in rows], "item": [f"i{j:03}" for j in columns], "response": y[seen].astype(float)}
    )
    found = fit(responses(table), irt="2pl")
    assert r(theta, found.theta) > 0.96 and r(b, found.curves.b) > 0.95
    assert abs(found.theta.mean()) < 0.05


def test_tries_and_rows_that_repeat_are_counted_together(tmp_path):
    theta, _, _, p, _ = world(80, 60)
    rng = np.random.default_rng(2)
    right = rng.binomial(4, p)
    models = np.repeat([f"m{i:02}" for i in range(80)], 60)
    items = np.tile([f"i{j:02}" for j in range(60)], 80)
    counted = pl.DataFrame({"model": models, "item": items, "response": right.ravel() / 4, "count": 4})
    single = pl.concat(
        [
            pl.DataFrame({"model": models, "item": items, "response": (right.ravel() > k).astype(float)})
            for k in range(4)
        ]
    )
    one, two = fit(responses(counted), irt="2pl"), fit(responses(single), irt="2pl")
    np.testing.assert_allclose(one.theta, two.theta, atol=1e-3)
    assert r(theta, one.theta) > 0.97


def test_items_that_are_held_keep_their_scale(tmp_path):
    theta, _, _, _, y = world(400, 120)
    table = pl.DataFrame(
        {
            "model": np.repeat([f"m{i:03}" for i in range(400)], 120),
            "item": np.tile([f"i{j:03}" for j in range(120)], 400),
            "response": y.ravel().astype(float),
        }
    )
    everyone = fit(responses(table), irt="2pl")
    held = dict(
        zip(
            everyone.responses.items,
            zip(everyone.curves.a, everyone.curves.b, everyone.curves.c, strict=True),
            strict=True,
        )
    )
    best = {f"m{i:03}" for i in np.argsort(-theta)[:60]}
    few = fit(responses(table.filter(pl.col("model").is_in(best))), irt="2pl", held=held)
    there = dict(zip(everyone.responses.models, everyone.theta, strict=True))
    apart = (
        np.array([there[m] for m in few.responses.models]) - few.theta
    )  # each shrinks to the mean of its own population
    assert abs(apart.mean()) < 0.1 and np.abs(apart).mean() < 0.2
    assert few.theta.mean() > 1.0  # on the scale of all, not on one of its own


def test_items_that_favor_a_group_are_found():
    theta, a, b, _, _ = world(800, 100)
    rng = np.random.default_rng(3)
    first = np.arange(800) < 400
    shift = np.zeros((800, 100))
    shift[np.ix_(first, np.arange(8))] = 1.2  # eight items that leaked to one side
    y = (rng.random((800, 100)) < 1 / (1 + np.exp(-a * (theta[:, None] + shift - b)))).astype(np.uint8)
    found = differential(fit(from_array(y), irt="2pl"), first, ~first)
    flagged = set(np.flatnonzero(np.asarray(found.q) < 0.05))
    assert len(set(range(8)) & flagged) >= 7
    assert len(flagged - set(range(8))) <= 10
    assert abs(np.mean(found.favor[:8]) - 1.2) < 0.2  # by how much, and whom
    np.testing.assert_allclose(
        differential(fit(from_array(y), irt="2pl"), ~first, first).favor, -found.favor, atol=0.05
    )


def test_a_directory_read_in_blocks_gives_the_same(tmp_path):
    _, _, _, _, y = world(300, 80)
    table = pl.DataFrame(
        {
            "model": np.repeat([f"m{i:03}" for i in range(300)], 80),
            "item": np.tile([f"i{j:03}" for j in range(80)], 300),
            "response": y.ravel().astype(float),
        }
    ).sample(fraction=0.7, seed=1)
    folder = tmp_path / "parts"
    folder.mkdir()
    for k in range(4):
        table[k::4].write_parquet(folder / f"{k}.parquet")
    memory, disk = fit(responses(table), irt="2pl"), fit(read([folder], streamed=True, rows=3000), irt="2pl")
    ours = dict(zip(memory.responses.models, memory.theta, strict=True))
    np.testing.assert_allclose([ours[m] for m in disk.responses.models], disk.theta, atol=1e-3)


@pytest.mark.filterwarnings("ignore")
def test_two_workers_of_a_cluster_give_the_same(tmp_path):
    distributed = pytest.importorskip("distributed")
    from leadtime.capability.items.stream import on_cluster

    _, _, _, _, y = world(200, 40)
    table = pl.DataFrame(
        {
            "model": np.repeat([f"m{i:03}" for i in range(200)], 40),
            "item": np.tile([f"i{j:03}" for j in range(40)], 200),
            "response": y.ravel().astype(float),
        }
    )
    table.write_parquet(tmp_path / "x.parquet")
    blocks = read([tmp_path], streamed=True, rows=2000)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        there = fit(blocks, irt="2pl", runner=on_cluster(cluster.scheduler_address))
    np.testing.assert_allclose(there.theta, fit(blocks, irt="2pl").theta, atol=1e-4)


def test_an_item_that_all_or_none_solve_stays_finite():
    _, _, _, _, y = world(100, 20)
    y[:, 0], y[:, 1], y[0], y[1] = 1, 0, 1, 0
    for irt in ("1pl", "2pl", "3pl"):
        found = fit(from_array(y), irt=irt)
        assert (
            np.isfinite(found.theta).all()
            and np.isfinite(found.curves.b).all()
            and np.isfinite(found.curves.log_a).all()
        )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_models_does_not_matter(seed):
    _, _, _, _, y = world(40, 25, seed=3)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(40), rng.permutation(25)
    one, two = fit(from_array(y), irt="2pl"), fit(from_array(y[rows][:, columns]), irt="2pl")
    np.testing.assert_allclose(one.theta[rows], two.theta, atol=2e-2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b"model,item\na,b\n", "response"),
        (b"model,item,response\na,b,87\n", "87"),
        (b"model,item,response\na,b,x\n", "x"),
        (b"model,item,response\na,b,0\xff\n", "UTF-8"),
        (b"PAR1broken", ""),
        (b"model,item,response\na,b,1\nc,d,0\n", ""),
        (b"model,item,response,count\na,b,1,-2\n", "count"),
        (b"model,item,response\n,b,1\n", "model"),
    ],
)
def test_a_bad_file_is_told_in_words(tmp_path, text, words):
    (tmp_path / "x.csv").write_bytes(text)
    with pytest.raises(LeadtimeError) as told:
        fit(read([tmp_path / "x.csv"]), irt="2pl")
    assert words in str(told.value)


def test_from_the_command_line(tmp_path):
    theta, _, _, _, y = world(60, 50)
    table = pl.DataFrame(
        {
            "model": np.repeat([f"m{i:02}" for i in range(60)], 50),
            "item": np.tile([f"i{j:02}" for j in range(50)], 60),
            "response": y.ravel(),
        }
    )
    table.write_csv(tmp_path / "x.csv")
    said = json.loads(CliRunner().invoke(app, ["capability", "--items", str(tmp_path / "x.csv"), "--json"]).stdout)
    conforms("capability-items", said)
    best = max(said["rows"], key=lambda m: m["theta"])["model"]
    assert theta[int(best[1:])] > 1.0
    assert all(m["points_low"] < m["points"] < m["points_high"] for m in said["rows"])
    shown = CliRunner().invoke(app, ["capability", "--items", str(tmp_path / "x.csv")]).stdout
    assert max(len(line) for line in shown.splitlines()) <= 80 and "60 models, 50 questions" in shown


@pytest.mark.skipif(not LOGS.exists(), reason="the real logs are not here: reference data is not part of the project")
def test_real_logs_of_evaluations_are_fitted():
    table = pl.read_csv(
        gzip.decompress(LOGS.read_bytes()),
        infer_schema_length=100_000,
        schema_overrides={"item": pl.String, "score": pl.String},
    )
    rows = table.select(
        "model", item=pl.col("task") + "/" + pl.col("item"), response=pl.col("score").cast(pl.Float64, strict=False)
    )
    found = fit(responses(rows.filter(pl.col("response").is_between(0, 1))), irt="2pl")
    assert found.converged and len(found.responses.models) > 100
    ability = dict(zip(found.responses.models, found.theta, strict=True))
    assert (
        ability["google/gemini-3-pro-preview"]
        > ability["alibaba/qwen3-max-2025-09-23"]
        > np.median(list(ability.values()))
    )
