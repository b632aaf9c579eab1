"""The curve: published regressions to the second digit, recovery from simulated worlds, and what no rate may do."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.cost import curve_model, curve_plain, expected
from leadtime.cost.curve import summary
from leadtime.cost.curve_data import ORIGIN, CurveData
from leadtime.cost.estimands import in_sample

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).parents[2] / "shared")) / "reference" / "cost"


COUNTRY = {"United States of America": "USA", "China": "CHN"}


def data_of(points, oom, years, **more):
    points = np.atleast_2d(np.asarray(points, dtype=float))
    n = points.shape[1]
    given_ = {
        "models": tuple(f"m{i}" for i in range(n)),
        "names": tuple(f"M{i}" for i in range(n)),
        "organizations": tuple(f"o{i % 7}" for i in range(n)),
        "countries": tuple("USA" for _ in range(n)),
        "points": points,
        "oom": np.asarray(oom, float),
        "oom_sd": np.zeros(n),
        "day": ORIGIN + np.asarray(years, float) * 365.25,
        "reasoning": np.zeros(n, bool),
        "distilled": np.zeros(n, bool),
        "coding": np.zeros(n, bool),
        "sure": np.ones(n, bool),
        "sources": tuple("s" for _ in range(n)),
    }
    return CurveData(**(given_ | more))


@pytest.fixture(scope="module")
def reference():
    path = SHARED / "eci_flop_dedup_2026-04.csv"
    if not path.exists():
        pytest.skip("the published index joined to compute is not here (set LEADTIME_SHARED)")
    t = pl.read_csv(path, infer_schema_length=None).with_columns(day=pl.col("date").str.to_date()).sort("day")
    return data_of(
        np.broadcast_to(t["eci"].to_numpy(), (2, t.height)),
        np.log10(t["flop"].to_numpy()),
        [(d.toordinal() - ORIGIN) / 365.25 for d in t["day"]],
        models=tuple(t["Model version"]),
        names=tuple(t["name"]),
        organizations=tuple(t["Organization"]),
        countries=tuple(COUNTRY.get(c, "") for c in t["Country"]),
        reasoning=t["reasoning"].to_numpy(),
        distilled=t["distilled"].to_numpy(),
        coding=t["code"].to_numpy(),
        sure=(t["Confidence"] == "Confident").to_numpy(),
    )


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
    """Simulate abilities from the stated model, direct reading; return the regression and the
    compute-equivalent rate.
    """
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
    w = world(np.random.default_rng(3), oom_sd=0.25, draws=500)
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
