"""Abilities from single items: what simulated worlds were made of is found again, and bad files are told in words."""

import functools
import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leadtime.capability.items import stream
from leadtime.capability.items.diagnose import differential, discovery_rate, misfit
from leadtime.capability.items.fit import fit
from leadtime.capability.items.link import link
from leadtime.capability.items.matrix import from_array
from leadtime.capability.items.posterior import NODES, at, on_nodes
from leadtime.capability.items.precision import draws, precision
from leadtime.capability.items.read import _checked, of_table, read
from leadtime.capability.items.scale import points
from leadtime.errors import LeadtimeError

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).resolve().parents[2] / "shared"))
REAL = SHARED / "reference/items/inspect_item_scores.csv.gz"


@functools.cache
def world(seed, n_models=600, n_items=80, irt="2pl"):
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=n_models)
    theta = (theta - theta.mean()) / theta.std()
    a = np.full(n_items, 1.3) if irt == "1pl" else np.exp(rng.normal(0.2, 0.4, n_items))
    b = rng.normal(0, 1.1, n_items)
    c = np.full(n_items, 0.25) if irt == "3pl" else np.zeros(n_items)
    p = c + (1 - c) / (1 + np.exp(-a * (theta[:, None] - b)))
    return (rng.random(p.shape) < p).astype(np.uint8), theta, a, b, p


def long(y, mask=None):
    model, item = np.nonzero(np.ones(y.shape, bool) if mask is None else mask)
    return pl.DataFrame(
        {"model": [f"m{i:04}" for i in model], "item": [f"i{i:04}" for i in item], "response": y[model, item]}
    ).with_columns(pl.col("response").cast(pl.Float64), count=pl.lit(1.0))


@pytest.mark.parametrize("irt,least", [("1pl", 0.97), ("2pl", 0.97), ("3pl", 0.95)])
def test_each_model_finds_what_it_was_simulated_from(irt, least):
    y, theta, a, b, _ = world(1, irt=irt)
    found = fit(from_array(y), irt=irt)
    assert found.converged
    assert np.corrcoef(found.theta, theta)[0, 1] > least
    inner = np.abs(b) < 1.5
    assert np.sqrt(np.mean((found.curves.b - b)[inner] ** 2)) < (0.3 if irt == "3pl" else 0.15)
    if irt == "1pl":
        assert found.curves.a == pytest.approx(1.3, rel=0.05)
        assert np.ptp(found.curves.a) == 0
    else:
        assert np.corrcoef(found.curves.log_a, np.log(a))[0, 1] > (0.75 if irt == "3pl" else 0.93)
    if irt == "3pl":
        assert found.curves.c.mean() == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("n_models,n_items", [(600, 80), (60, 1500), (500, 20)])
def test_intervals_hold_the_truth_as_often_as_they_say(n_models, n_items):
    y, theta, a, b, _ = world(2, n_models, n_items)
    found = fit(from_array(y))
    errors = precision(found)
    assert np.mean(np.abs(found.theta - theta) < 1.645 * errors.sd) == pytest.approx(0.9, abs=0.08)
    for i, (ours, truth) in enumerate([(found.curves.log_a, np.log(a)), (found.curves.b, b)]):
        held = np.mean(np.abs(ours - truth) < 1.645 * errors.item_errors[:, i])
        assert 0.8 <= held <= 1.0
    d = draws(found, errors, np.arange(0, n_models, 7), n=800, seed=0)
    assert d.std(axis=0) / errors.sd[::7] == pytest.approx(1.0, abs=0.15)


def test_missing_responses_cost_precision_not_truth():
    y, theta, _, _, _ = world(1)
    mask = np.random.default_rng(0).random(y.shape) < 0.4
    whole, part = fit(from_array(y)), fit(from_array(np.where(mask, y, np.nan)))
    assert np.corrcoef(part.theta, theta)[0, 1] > 0.9
    assert part.sd.mean() > 1.2 * whole.sd.mean()
    ours = of_table(long(y, mask))
    assert fit(ours).theta == pytest.approx(part.theta, abs=2e-4)


@pytest.mark.parametrize("share", [0.06, 0.5])
def test_streamed_is_the_same_as_in_memory(share):
    y = world(1)[0]
    table = long(y, np.random.default_rng(1).random(y.shape) < share)
    parts = lambda: (table[i : i + 999] for i in range(0, table.height, 999))  # noqa: E731
    spooled = stream.spooled(parts, block_rows=500)
    assert len(spooled.loaders) > 3
    here, there = of_table(table), spooled
    assert (here.n_responses, here.models, here.items) == (there.n_responses, there.models, there.items)
    first, second = fit(here), fit(there)
    assert first.theta == pytest.approx(second.theta, abs=1e-3)
    assert first.curves.b == pytest.approx(second.curves.b, abs=1e-3)
    assert precision(first).sd == pytest.approx(precision(second).sd, abs=1e-3)
    folder = there.keep.folder
    assert folder.exists()
    del spooled, there, second
    import gc

    gc.collect()
    assert not folder.exists()


def test_repeated_tries_that_agree_count_less_than_as_many_items():
    _, theta, _, _, p = world(3, 200, 60)
    rng = np.random.default_rng(0)
    independent = rng.binomial(8, p)
    own = rng.beta(np.clip(p, 1e-3, 1) * 1.5, np.clip(1 - p, 1e-3, 1) * 1.5)  # correlation 1 / (1 + 1.5) = 0.4
    tries = np.full(p.shape, 8, np.uint8)
    free, tied = (fit(from_array(k, tries)) for k in (independent, rng.binomial(8, own)))
    assert free.responses.rho == pytest.approx(0.0, abs=0.03)
    assert tied.responses.rho == pytest.approx(0.4, abs=0.06)
    assert tied.sd.mean() > 1.4 * free.sd.mean()
    held = np.mean(np.abs(tied.theta - theta) < 1.645 * precision(tied).sd)
    assert held == pytest.approx(0.9, abs=0.07)


def test_partial_credit_and_counts_as_rows_are_one_thing():
    y, theta, _, _, p = world(1)
    credit = np.clip(p + 0.1 * np.random.default_rng(0).normal(size=p.shape), 0, 1)
    found = fit(from_array(credit))
    assert found.responses.phi < 0.5
    assert np.corrcoef(found.theta, theta)[0, 1] > 0.98
    once = long(y[:50, :20]).with_columns(count=pl.lit(2.0), response=pl.lit(0.5))
    rows = pl.concat([long(np.zeros((50, 20))), long(np.ones((50, 20)))])
    for got, want in zip(of_table(once).blocks(), of_table(rows).blocks(), strict=True):
        assert (got.right == want.right).all()
        assert (got.tries == want.tries).all()


def test_held_items_put_new_models_on_the_old_scale():
    y, theta, a, b, _ = world(4)
    strong = theta > 0.3
    given = {f"i{i}": (a[i], b[i], 0.0) for i in range(40)}
    found = fit(from_array(y[strong]), held=given)
    assert found.population[0] == pytest.approx(theta[strong].mean(), abs=0.1)
    assert np.mean(found.theta - theta[strong]) == pytest.approx(0.0, abs=0.1)
    assert found.curves.b[:40] == pytest.approx(b[:40])
    inner = np.flatnonzero(np.abs(b[40:] - 1) < 0.8) + 40
    assert found.curves.b[inner] == pytest.approx(b[inner], abs=0.6)


def test_planted_items_that_favor_a_group_are_found_and_others_left_alone():
    rng = np.random.default_rng(5)
    theta, group = rng.normal(size=400), np.arange(400) % 2 == 0
    a, b = np.exp(rng.normal(0.2, 0.3, 100)), rng.normal(0, 1, 100)
    shift = np.where(np.arange(100) < 8, 1.2, 0.0)
    eta = a * (theta[:, None] - b + shift * group[:, None])
    y = (rng.random(eta.shape) < 1 / (1 + np.exp(-eta))).astype(np.uint8)
    found = differential(fit(from_array(y)), group, ~group)
    assert (found.q[:8] < 0.05).sum() >= 7
    assert (found.q[8:] < 0.05).sum() <= 3
    assert found.favor[:8].mean() == pytest.approx(1.2, abs=0.35)
    with pytest.raises(LeadtimeError, match="groups have"):
        differential(fit(from_array(y)), group & False, ~group)


def test_fit_statistics_are_one_where_the_model_holds_and_tell_a_random_item():
    y = world(6)[0].copy()
    y[:, 0] = np.random.default_rng(0).random(len(y)) < 0.5
    found = fit(from_array(y), irt="1pl")
    stats = misfit(found, precision(found))
    assert np.median(stats.infit[1:]) == pytest.approx(1.0, abs=0.05)
    assert stats.infit[0] == stats.infit.max() > 1.2


def test_all_right_and_all_wrong_stay_finite():
    y = world(1)[0][:40, :20].copy()
    y[:, 0], y[:, 1], y[0], y[1] = 1, 0, 1, 0
    for irt in ("1pl", "2pl", "3pl"):
        found = fit(from_array(y), irt=irt)
        errors = precision(found)
        assert all(np.isfinite(v).all() for v in (found.theta, found.curves.b, errors.sd, errors.item_errors))
        assert found.theta.argmax() == 0
        assert found.theta.argmin() == 1


def test_200_points_triple_the_odds():
    found = fit(from_array(world(1)[0]), irt="1pl")
    gap = np.log(3) / found.curves.a[0]
    assert np.diff(points(found, np.array([0.0, gap])))[0] == pytest.approx(200)


def test_link_finds_the_line_and_gives_its_error():
    rng = np.random.default_rng(0)
    x = rng.normal(size=30)
    y = 0.5 + 1.7 * x + rng.normal(0, 0.2, 30)
    there = link(x + rng.normal(0, 0.05, (2000, 30)), y + rng.normal(0, 0.05, (2000, 30)), seed=0)
    assert np.median(there.slope) == pytest.approx(1.7, abs=0.2)
    assert np.median(there.scatter) == pytest.approx(0.25, abs=0.08)
    new = there.moved(np.full((2000, 1), 1.0), seed=0)
    assert np.quantile(new, 0.05) < 2.2 < np.quantile(new, 0.95)
    with pytest.raises(LeadtimeError, match="3 models"):
        link(np.zeros((9, 3)), np.zeros((9, 3)), seed=0)
    with pytest.raises(LeadtimeError, match="correlate"):
        link(np.tile(x, (9, 1)), np.tile(-x, (9, 1)), seed=0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-5.5, 5.5), min_size=1, max_size=9), st.floats(-2, 2), st.floats(0.2, 2))
def test_nodes_carry_the_mean_of_a_smooth_function(thetas, center, slope):
    theta = np.array([thetas])
    w = np.full(theta.shape, 1 / theta.size)
    f = lambda t: 1 / (1 + np.exp(-slope * (t - center)))  # noqa: E731
    assert (on_nodes(theta, w) @ f(NODES))[0] == pytest.approx(f(theta).mean(), abs=1e-3)
    assert at(f(NODES)[None], theta) == pytest.approx(f(theta), abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_discovery_rate_keeps_order_and_never_falls_below_p(p):
    p = np.array([*p, np.nan])
    q = discovery_rate(p)
    assert np.isnan(q[-1])
    order = np.argsort(p[:-1])
    assert (np.diff(q[:-1][order]) >= -1e-12).all()
    assert (q[:-1] >= p[:-1] - 1e-12).all()
    assert (q[:-1] <= 1).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_order_of_models_and_items_does_not_matter(seed):
    y = world(1)[0][:80, :30]
    rng = np.random.default_rng(seed)
    rows, cols = rng.permutation(80), rng.permutation(30)
    straight, mixed = fit(from_array(y)), fit(from_array(y[np.ix_(rows, cols)]))
    assert mixed.theta == pytest.approx(straight.theta[rows], abs=5e-3)


BAD = {
    "column": (b"model,item,answer\na,b,1\n", "no column 'response'"),
    "percent": (b"model,item,response\na,b,87\n", "Write 87 % as 0.87"),
    "text": (b"model,item,response\na,b,yes\n", "'yes'"),
    "nan": (b"model,item,response\na,b,nan\n", "nan"),
    "count": (b"model,item,response,count\na,b,1,0\n", "count"),
    "unnamed": (b"model,item,response\n,b,1\n", "empty"),
    "empty": (b"", "empty"),
    "header": (b"model,item,response\n", "no rows"),
    "latin": (b"model,item,response\ncaf\xe9,b,1\n", "not UTF-8"),
    "parquet": (b"PAR1 and no more", "not a regular table"),
    "gzip": (b"\x1f\x8b\x08broken", "not a regular table"),
    "apart": (b"model,item,response\na,x,1\nb,y,0\n", "without a common item"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_told_in_words(name, tmp_path, monkeypatch, capsys):
    from leadtime import cli

    content, said = BAD[name]
    path = tmp_path / "items.csv"
    path.write_bytes(content)
    monkeypatch.setattr("sys.argv", ["leadtime", "capability", "--items", str(path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    error = capsys.readouterr().err
    assert said in error
    assert "should not have happened" not in error


def test_truncated_parquet_and_missing_paths(tmp_path):
    whole = tmp_path / "a.parquet"
    long(world(1)[0][:20, :10]).write_parquet(whole)
    whole.write_bytes(whole.read_bytes()[:-40])
    for path, said in [(whole, "not a regular"), (tmp_path / "no.csv", "no such file"), (tmp_path, "not a regular")]:
        with pytest.raises(LeadtimeError, match=said):
            read([path])


def test_task_keeps_items_of_one_name_apart():
    rows = _checked(
        pl.DataFrame({"model": ["a", "a"], "item": ["1", "1"], "task": ["x", "y"], "score": [1, 0]}), Path("f"), 1
    )
    assert rows["item"].to_list() == ["x/1", "y/1"]


def test_command_line_end_to_end(tmp_path):
    from leadtime.cli import app

    y = world(1)[0][:60, :30]
    folder = tmp_path / "responses"
    folder.mkdir()
    long(y).write_parquet(folder / "a.parquet")
    groups = tmp_path / "groups.csv"
    groups.write_text("model,group\n" + "".join(f"m{i:04},{'ab'[i % 2]}\n" for i in range(60)))
    run = functools.partial(CliRunner().invoke, app)
    shown = run(["capability", "--items", str(folder), "--group", str(groups)])
    assert shown.exit_code == 0, shown.output
    assert all(len(line) <= 80 for line in shown.output.splitlines())
    assert "points [90 %]" in shown.output
    assert "differ by group" in shown.output
    printed = run(["capability", "--items", str(folder), "--json"])
    told = json.loads(printed.output)
    assert len(told["models"]) == 60
    assert len(told["items"]) == 30
    hold = tmp_path / "held.json"
    hold.write_text(printed.output)
    again = json.loads(run(["capability", "--items", str(folder), "--hold", str(hold), "--json"]).output)
    ours, held = ({m["model"]: m["theta"] for m in t["models"]} for t in (told, again))
    assert [held[m] for m in ours] == pytest.approx(list(ours.values()), abs=0.03)
    wrong = run(["capability", "--items", str(folder), "--irt", "4pl"])
    assert isinstance(wrong.exception, LeadtimeError)


@pytest.mark.skipif(not REAL.exists(), reason="the item logs in ../shared are not here")
def test_real_logs_agree_with_the_benchmark_scale():
    from leadtime.answers import itemized
    from leadtime.study import Study

    found = itemized.itemized([REAL])
    assert found.fitted.converged
    assert 0.1 < found.fitted.responses.rho < 0.6  # tries of one item are not independent
    study = Study(method="map", draws=200)
    names = itemized.known(study.evidence, found.models)
    assert len(names) > 60
    import datetime as dt

    both = itemized.joined(study, found, "deepseek/deepseek-reasoner", dt.date(2025, 1, 20))
    assert both.link.correlation > 0.85
    months, chance = itemized.ahead(study, both, "deepseek/deepseek-reasoner", "openai/gpt-4-0314")
    assert months.low > 0
    assert chance > 0.95
