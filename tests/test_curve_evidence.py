"""The curve of our own evidence, what is refused, and the command."""

import datetime as dt
import json
import re
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from conforms import conforms
from leadtime.answers.registry import find
from leadtime.cost import expected, spread
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.curve import Curve
from leadtime.cost.curve_data import CENTER_OOM, CENTER_POINTS, ORIGIN, curve_data
from leadtime.cost.estimands import ESTIMANDS, SAMPLES
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.study import Study
from terminal_side import typed


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load(as_of=dt.date(2026, 11, 23))


# -- our evidence -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built_in(evidence):
    """The built-in runs with abilities simulated from their compute and dates: the join is ours, the fit is quick."""
    models = tuple(evidence["models"]["id"])
    day = np.array([d.toordinal() for d in evidence["models"]["released_on"]])
    flop = dict(
        evidence["training_runs"].filter(pl.col("flop").is_not_null()).sort("flop").select("model", "flop").iter_rows()
    )
    rng = np.random.default_rng(0)
    level = np.array([np.log10(flop.get(m, 1e24)) for m in models])
    points = CENTER_POINTS + 8 * (level - CENTER_OOM) + 8 * (day - ORIGIN) / 365.25 + rng.normal(0, 4, len(models))
    return Curve.of(evidence, models, points + rng.normal(0, 1, (300, len(models))), seed=0, draws=300)


def test_the_evidence_joins_v3_sonnet_and_gpt_4(built_in):
    d = built_in.data
    for model in ("deepseek-v3", "claude-3-5-sonnet-2024-06", "gpt-4", "llama-3-1-405b", "deepseek-v4-pro"):
        assert d.has(model)
    assert d.n >= 90
    assert d.oom[d.index("deepseek-v3")] == pytest.approx(24.52, abs=0.05)
    assert d.oom_sd[d.index("claude-3-5-sonnet-2024-06")] > d.oom_sd[d.index("llama-3-1-405b")]


def test_every_reading_is_given_with_its_interval(built_in):
    table = built_in.specifications
    study = SimpleNamespace(curve=built_in, stamp={"version": "0"}, own_scores="")
    found = find("curve spec").ask(study, {})
    conforms("curve-spec", found.to_json())
    assert re.match(
        rf"By {table['median'].is_not_null().sum()} readings the cost of a given ability falls from [\d.]+ to [\d,.]+"
        r" times a year",
        found.sentence,
    )
    assert set(table["estimand"]) == set(ESTIMANDS)
    assert set(table["sample"]) == set(SAMPLES)
    some = table.filter(pl.col("median").is_not_null())
    assert (some["low"] <= some["median"]).all()
    assert (some["median"] <= some["high"]).all()


def test_draws_are_aligned_and_the_same_for_one_seed(built_in):
    again = Curve(built_in.data, built_in.evidence, seed=0, draws=300)
    assert np.array_equal(built_in.rate("compute_equivalent"), again.rate("compute_equivalent"), equal_nan=True)


def test_a_model_is_never_compared_with_itself_or_what_came_of_its_run(built_in):
    d = built_in.data
    seen = {d.models[i] for i in np.flatnonzero(expected.others(d, "deepseek-v3", "hindsight"))}
    assert not seen & {"deepseek-v3", "deepseek-r1", "deepseek-v3-0324", "deepseek-v3-1"}
    assert {"deepseek-v2", "gpt-5"} <= seen
    before = expected.others(d, "deepseek-v3", "ex_ante")
    assert d.day[before].max() < d.day[d.index("deepseek-v3")]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda c: c.rate("best"), "estimand"),
        (lambda c: c.rate("average_practice", "records"), "method"),
        (lambda c: c.rate("average_practice", sample="big"), "sample"),
        (lambda c: c.rate("average_practice", country="FRA"), "country"),
        (lambda c: c.rate("best_practice", country="USA"), "no rate for a single country"),
        (lambda c: c.expected("gpt-9"), "training compute"),
        (lambda c: c.expected("deepseek-v3", quality=-1), "quality"),
        (
            lambda c: Curve(c.data.keep(c.data.oom > 26.4), c.evidence, draws=50).rate("average_practice"),
            "a curve needs",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(built_in, ask, words):
    with pytest.raises(LeadtimeError, match=words):
        ask(built_in)


def test_the_essays_arithmetic(evidence):
    stated = Assumptions(evidence["assumptions"], seed=0, draws=20_000)
    his, equal = expected.essay(stated), expected.essay(stated, quality=1.0)
    assert np.median(his.expected_usd) == pytest.approx(30e6 / 4 ** (8.5 / 12) / 2, rel=0.07)
    assert np.allclose(equal.expected_usd, 2 * his.expected_usd)
    assert equal.probability_no_more(5.576e6) < 0.05 < his.probability_no_more(5.576e6) < 0.6


def test_spending_grew_and_the_growth_is_near_the_published_one(evidence):
    growth = spread.compute_growth(evidence["training_runs"], draws=500, seed=0, end=evidence.as_of)
    low, high = np.quantile(growth, [0.05, 0.95])
    assert 2.5 < low < high < 8  # Epoch AI publishes 4 to 5 a year for notable models


def test_adoption_counts_from_deepseeks_own_release(evidence):
    rows = spread.adoption(evidence["adoptions"], evidence["organizations"])
    mla = rows.filter((pl.col("innovation") == "mla") & (pl.col("country") == "CHN")).row(0, named=True)
    assert mla["shipped_on"] == dt.date(2024, 5, 6)
    assert mla["n"] >= 3
    assert rows.filter(pl.col("n") == 0)["first"].null_count() == rows.filter(pl.col("n") == 0).height
    assert (rows["first_months"].drop_nulls() >= 0).all()


def test_firsts_need_no_more_compute_than_allowed(built_in):
    rows = spread.firsts(built_in.data)
    assert (rows["flop"] <= rows["budget_flop"] * 1.0001).all()
    assert rows.filter(pl.col("country") == "CHN")["developer_country"].unique().to_list() == ["CHN"]
    at = rows.filter((pl.col("country") == "") & (pl.col("budget_flop") == 1e27)).sort("level_points")
    assert at["level_points"].is_sorted()


def test_runs_of_one_model_count_once_and_bases_only_alone(evidence):
    stated = Assumptions(evidence["assumptions"], seed=0, draws=0)
    models = ("deepseek-v3", "deepseek-v3-base", "yi-34b-base", "deepseek-v3-1")
    d = curve_data(
        evidence["training_runs"], evidence["models"], evidence["organizations"], stated, models, np.zeros((2, 4))
    )
    assert set(d.models) == {"deepseek-v3", "yi-34b-base", "deepseek-v3-1"}
    assert 10 ** d.oom[d.models.index("deepseek-v3-1")] == pytest.approx(
        3.594e24, rel=0.01
    )  # the whole, not its last part


# -- the command ------------------------------------------------------------------------------------------------------


def run(*arguments):
    return typed("curve", *arguments)


def test_the_command_tests_v3():
    done = run("--test", "deepseek-v3", "--method", "map", "--draws", "200", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [v["view"] for v in said["rows"]] == list(expected.VIEWS)
    assert 50 < said["rows"][0]["ability_percentile"] < 100
    assert said["base_rate"]["n"] > 40
    assert {e["quality"] for e in said["essay"]} == {2.0, 1.0}
    assert "stated" in {e["against"] for e in said["essay"]}
    costs = {e["against"]: e for e in said["essay"]}
    assert costs["stated"]["against_usd_low"] is None
    for meaning in ("rental", "amortized"):  # the same number as the question of costs gives
        cost, e = Study(draws=200).cost("deepseek-v3", meaning), costs[meaning]
        told = (e["against_usd_low"], e["against_usd"], e["against_usd_high"])
        assert told == pytest.approx((cost.low, cost.median, cost.high))
    assert f"abler than {said['rows'][0]['ability_percentile']:.0f} in 100" in said["sentence"]


def test_the_command_prints_rates_within_80_columns():
    done = run("--country", "CHN", "--method", "map", "--draws", "200")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    for e in ESTIMANDS.values():
        assert e.title in done.stdout


def test_the_curve_can_be_asked_as_of_the_day_of_the_essay():
    done = run("--as-of", "2025-01-29", "--method", "map", "--draws", "200", "--json")
    assert done.returncode == 0, done.stderr
    rows = {r["estimand"]: r for r in conforms("curve", json.loads(done.stdout))["rows"]}
    assert rows["average_practice"]["median"] > 1
    assert rows["average_practice"]["usd_median"] is None  # the fall of cost per FLOP was published later


@pytest.mark.parametrize(
    "arguments",
    [
        ("--test", "gpt-9"),
        ("--country", "FRA", "--method", "map", "--draws", "200"),
        ("--as-of", "2022-06-01", "--method", "map", "--draws", "200"),
    ],
)
def test_the_command_says_what_is_wrong(arguments):
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")


def test_adoption_needs_no_fit_and_fits_the_terminal():
    done = run("--adoption")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "mla" in done.stdout
