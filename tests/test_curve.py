"""The curve: published regressions to the second digit, recovery from simulated worlds, and what no rate may do."""

import datetime as dt
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conforms import conforms
from leadtime.answers.registry import find
from leadtime.cost import curve_model, curve_plain, expected, spread
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.curve import ESTIMANDS, SAMPLES, Curve, in_sample, summary
from leadtime.cost.curve_data import CENTER_OOM, CENTER_POINTS, ORIGIN, CurveData, curve_data
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from terminal_side import typed

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).parents[2] / "shared")) / "reference" / "cost"
COUNTRY = {"United States of America": "USA", "China": "CHN"}


def data_of(points, oom, years, **more):
    points = np.atleast_2d(np.asarray(points, dtype=float))
    n = points.shape[1]
    given_ = {
        "models": tuple(f"m{i}" for i in range(n)), "names": tuple(f"M{i}" for i in range(n)),
        "organizations": tuple(f"o{i % 7}" for i in range(n)), "countries": tuple("USA" for _ in range(n)),
        "points": points, "oom": np.asarray(oom, float), "oom_sd": np.zeros(n),
        "day": ORIGIN + np.asarray(years, float) * 365.25, "reasoning": np.zeros(n, bool), "distilled": np.zeros(n, bool),
        "coding": np.zeros(n, bool), "sure": np.ones(n, bool), "sources": tuple("s" for _ in range(n)),
    }  # fmt: skip
    return CurveData(**(given_ | more))


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load(as_of=dt.date(2026, 11, 23))


@pytest.fixture(scope="module")
def reference():
    path = SHARED / "eci_flop_dedup_2026-04.csv"
    if not path.exists():
        pytest.skip("the published index joined to compute is not here (set LEADTIME_SHARED)")
    t = pl.read_csv(path, infer_schema_length=None).with_columns(day=pl.col("date").str.to_date()).sort("day")
    return data_of(
        np.broadcast_to(t["eci"].to_numpy(), (2, t.height)), np.log10(t["flop"].to_numpy()),
        [(d.toordinal() - ORIGIN) / 365.25 for d in t["day"]], models=tuple(t["Model version"]), names=tuple(t["name"]),
        organizations=tuple(t["Organization"]), countries=tuple(COUNTRY.get(c, "") for c in t["Country"]),
        reasoning=t["reasoning"].to_numpy(), distilled=t["distilled"].to_numpy(), coding=t["code"].to_numpy(),
        sure=(t["Confidence"] == "Confident").to_numpy(),
    )  # fmt: skip


#: The samples of the published reruns, as they were taken.
PUBLISHED_SAMPLES = {
    "all": lambda d: in_sample(d, "all"),
    "no distilled": lambda d: in_sample(d, "not-distilled"),
    "no code-only": lambda d: in_sample(d, "not-coding"),
    "no distilled, no code, ECI>=105": lambda d: in_sample(d, "able"),
    "non-reasoning only (no distil/code)": lambda d: in_sample(d, "non-reasoning"),
    "before 2024-12-26 (ex-ante)": lambda d: in_sample(d, "before-v3"),
    "flop>=5e23": lambda d: ~d.coding & (d.oom >= np.log10(5e23)),
    "US only": lambda d: ~d.coding & (np.array(d.countries) == "USA"),
    "China only": lambda d: in_sample(d, "chn"),
    "confident only": lambda d: ~d.coding & d.sure,
}


@pytest.mark.parametrize("sample", PUBLISHED_SAMPLES)
def test_both_regressions_agree_with_the_published_reruns_to_the_second_digit(reference, sample):
    row = pl.read_csv(SHARED / "curve_reduction_rates.csv").filter(pl.col("sample") == sample).row(0, named=True)
    some = reference.keep(PUBLISHED_SAMPLES[sample](reference))
    assert some.n == row["n"]
    parts = some.points, some.oom, some.years, np.ones(some.points.shape)
    assert curve_plain.direct(*parts)[0] == pytest.approx(row["direct_x_per_yr"], rel=0.005)
    assert curve_plain.inverse(*parts)[0] == pytest.approx(row["inverse_x_per_yr"], rel=0.005)


def test_percentiles_of_v3_agree_with_the_published_reruns(reference):
    rows = pl.read_csv(SHARED / "v3_predictive_test.csv")
    for view, sample in (
        ("ex_ante", "ex-ante (<2024-12-26), all countries"),
        ("hindsight", "full sample excl. DeepSeek V3 family"),
    ):
        for compute, oom in (("flop_epoch", None), ("flop_arch", 24.569)):
            d = reference
            if oom:
                i = d.index("DeepSeek-V3")
                d = replace(d, oom=np.where(np.arange(d.n) == i, oom, d.oom))
            row = rows.filter((pl.col("sample") == sample) & (pl.col("compute") == compute)).row(0, named=True)
            e = expected.expectedness(d, "DeepSeek-V3", view)
            assert e.n == row["n"]
            assert e.ability_percentile == pytest.approx(row["pctile_capability"], abs=0.15)
            assert e.compute_percentile == pytest.approx(row["pctile_compute_low"], abs=0.15)
            assert e.compute_ratio[1] == pytest.approx(row["compute_ratio_pred_over_actual"], rel=0.02)


def test_the_base_rate_agrees_with_the_published_rerun(reference):
    theirs = dict(pl.read_csv(SHARED / "rolling_ex_ante_percentiles.csv").select("model", "ex_ante_pctile").iter_rows())
    ours = dict(expected.base_rate(reference).select("name", "ability_percentile").iter_rows())
    both = [m for m in theirs if m in ours]
    assert len(both) >= 35
    assert max(abs(ours[m] - theirs[m]) for m in both) < 1.0
    p = np.array([ours[m] for m in both])
    assert np.mean(p >= 95) == pytest.approx(0.105, abs=0.03)


# -- recovery ---------------------------------------------------------------------------------------------------------


def world(rng, *, n=90, slope=0.9, bend=0.0, year=0.5, chn=0.2, noise=0.25, oom_sd=0.0, draws=60):
    """Simulate abilities from the stated model, direct reading; return the regression and the compute-equivalent rate."""
    years = rng.uniform(-2.0, 1.5, n)
    country = rng.choice(3, n, p=[0.5, 0.4, 0.1])
    x = -0.3 + 0.35 * years + rng.normal(0, 0.8, n)
    organization = rng.integers(0, 20, n)
    shift = rng.normal(0, 0.2, 20)[organization]
    flags = rng.random((n, 3)) < [0.2, 0.1, 0.1]
    t = rng.standard_t(5, n)
    y = (
        slope * x
        + bend * x * x / 2
        + (year + chn * (country == 1)) * years
        + flags @ [0.3, 0.3, -0.4]
        + shift
        + noise * t
    )
    seen = x + rng.normal(0, oom_sd, n)
    wide = np.broadcast_to
    common = {
        "years": years,
        "country": country,
        "flags": flags.astype(float),
        "organization": organization,
        "use": np.ones(n),
    }
    return curve_model.Regression(
        y=wide(y, (draws, n)), y_sd=np.zeros(n), x=wide(seen, (draws, n)), x_sd=np.full(n, oom_sd), **common
    )


def covered(worlds, *, seed=0, **settings_):
    """Return in what share of simulated worlds the 90 % interval of each coefficient holds the truth."""
    truth = {"slope": 0.9, "year": 0.5, "year_chn": 0.2, "reasoning": 0.3} | {
        k: v for k, v in settings_.items() if k in curve_model.NAMES
    }
    hits = {k: 0 for k in truth} | {"rate": 0}
    for i in range(worlds):
        rng = np.random.default_rng([seed, i])
        c = curve_model.sample(world(rng, **settings_), seed=i)
        for k, v in truth.items():
            low, high = np.quantile(c[k], [0.05, 0.95])
            hits[k] += low <= v <= high
        low, high = np.quantile(c["year"] / c["slope"], [0.05, 0.95])
        hits["rate"] += low <= truth["year"] / truth["slope"] <= high
    return {k: v / worlds for k, v in hits.items()}


def test_intervals_hold_the_truth_in_simulated_worlds():
    found = covered(40, oom_sd=0.25)
    assert min(found.values()) > 0.75, found  # 40 worlds: nine in ten, give or take three standard errors


@pytest.mark.slow
def test_intervals_hold_the_truth_nine_times_in_ten():
    found = covered(240, oom_sd=0.25, draws=400)
    assert 0.85 <= found["rate"] <= 0.95, found
    assert min(found.values()) > 0.84, found
    assert covered(120, oom_sd=0.0, bend=-0.2, draws=400)["rate"] > 0.84


def test_errors_in_compute_flatten_least_squares_and_not_the_model():
    slopes = []
    for i in range(6):
        w = world(np.random.default_rng([5, i]), n=300, oom_sd=0.6, noise=0.15)
        design = np.stack([np.ones_like(w.x[:1]), w.x[:1], np.broadcast_to(w.years, w.x[:1].shape)], axis=-1)
        plain = curve_plain.least_squares(design, w.y[:1], np.ones_like(w.y[:1]))[0, 1]
        slopes.append((plain, float(np.median(curve_model.sample(w, seed=i)["slope"]))))
    plain, modeled = np.mean(slopes, axis=0)
    assert plain < 0.72
    assert modeled == pytest.approx(0.9, abs=0.08)


def test_chains_have_forgotten_their_start():
    w = world(np.random.default_rng(3), oom_sd=0.25, draws=1500)
    short, long = curve_model.sample(w, seed=1), curve_model.sample(w, seed=2, sweeps=4 * curve_model.SWEEPS)
    for name in curve_model.NAMES:
        apart = abs(np.mean(short[name]) - np.mean(long[name])) / np.std(long[name])
        assert apart < 0.15, name
        assert np.std(short[name]) == pytest.approx(np.std(long[name]), rel=0.15), name


def test_models_that_do_not_count_move_nothing():
    w = world(np.random.default_rng(4), oom_sd=0.25)
    use = np.arange(90) % 3 > 0
    odd = replace(w, use=use.astype(float), y=np.where(use, w.y, 1e6), x=np.where(use, w.x, -1e6))
    fewer = {f: getattr(w, f)[..., use] for f in ("y", "y_sd", "x", "x_sd", "years", "country", "organization", "use")}
    left, without = (curve_model.sample(r, seed=1) for r in (odd, replace(w, flags=w.flags[use], **fewer)))
    assert np.array_equal(left.beta, without.beta)
    assert np.array_equal(left.scatter, without.scatter)


def test_a_falling_cost_of_nothing_is_no_fall():
    rng = np.random.default_rng(1)
    oom, years = rng.normal(24, 1, 80), rng.uniform(-2, 1, 80)
    d = data_of(np.broadcast_to(130 + 9 * (oom - 24.5) + rng.normal(0, 2, 80), (2, 80)), oom, years)
    w = np.ones(d.points.shape)
    assert curve_plain.direct(d.points, d.oom, d.years, w)[0] == pytest.approx(1.0, abs=0.15)
    assert curve_plain.within_releases(d.points, d.oom, d.years, w, np.arange(80) % 9)[0] == pytest.approx(
        1.0, abs=0.25
    )


# -- properties -------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-3, 3), scale=st.floats(-1, 1))
def test_no_rate_depends_on_where_years_or_orders_of_magnitude_are_counted_from(seed, shift, scale):
    rng = np.random.default_rng(seed)
    oom, years = rng.normal(24, 1, 40), rng.uniform(-2, 1, 40)
    points = (130 + 8 * (oom - 24.5) + 9 * years + rng.normal(0, 4, 40))[None, :]
    w = np.ones((1, 40))
    for rate in (curve_plain.direct, curve_plain.inverse):
        assert rate(points, oom + scale, years + shift, w)[0] == pytest.approx(rate(points, oom, years, w)[0], rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(80, 120), st.integers(20, 27), st.integers(0, 9)), min_size=1, max_size=14))
def test_a_record_is_a_run_nobody_matched_before_with_as_little_compute(rows):
    points, oom, day = (np.array(c, float) for c in zip(*rows, strict=True))
    found = curve_plain.is_record(points[None], oom, day, np.ones((1, len(rows))))[0]
    for i in range(len(rows)):
        beaten = any(
            points[j] >= points[i] and oom[j] <= oom[i] and (day[j] < day[i] or (day[j] == day[i] and oom[j] < oom[i]))
            for j in range(len(rows))
        )
        assert found[i] == (not beaten)


def test_the_cheapest_run_is_followed_from_the_first():
    d = data_of([[101.0, 101.0, 95.0]], [25.0, 23.0, 22.0], [0.0, 1.0, 1.5])
    rate = curve_plain.cheapest_rate(d.points, d.oom, d.day, ORIGIN + 2 * 365.25, np.ones((1, 3)), np.array([100.0]))
    assert rate[0] == pytest.approx(10.0)  # two orders of magnitude over two years


def test_a_rate_that_is_not_defined_is_said_to_be_so():
    assert summary(np.full(5, np.nan))["undefined"] == 1.0
    down = np.array([[3.0, 2.0, 1.0, 0.5]])  # abler with less compute: no compute-equivalent exists
    rate = curve_plain.direct(
        100 + down, np.array([22.0, 23.0, 24.0, 25.0]), np.array([0.0, 0.4, 0.1, 0.2]), np.ones((1, 4))
    )
    assert np.isnan(rate[0])


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
    study = SimpleNamespace(curve=built_in, stamp={"version": "0"})
    found = find("curve spec").ask(study, {})
    conforms("curve-spec", found.to_json())
    assert re.match(
        rf"By {table['median'].is_not_null().sum()} readings the cost of a given ability falls from [\d.]+ to [\d,.]+ times a year",
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
        (lambda c: c.rate("best_practice", country="USA"), "no rate per country"),
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


@pytest.mark.parametrize("arguments", [("--test", "gpt-9"), ("--country", "FRA", "--method", "map", "--draws", "200"),
                                       ("--as-of", "2022-06-01", "--method", "map", "--draws", "200")])  # fmt: skip
def test_the_command_says_what_is_wrong(arguments):
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")


def test_adoption_needs_no_fit_and_fits_the_terminal():
    done = run("--adoption")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "mla" in done.stdout
