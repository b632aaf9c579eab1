"""What stands beside the simulation: its trend, its p-values, what the data moved, other assumptions, its budget, its
hindcasts.
"""

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conforms import conforms
from leadtime.backtest import simulated
from leadtime.backtest.standing import budget_words, effect_words, robust_words, standing
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.figures import fans
from leadtime.report import chapter_fork
from leadtime.scenario import budget, checks, moved, robust
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.observed import Constraint, LagsSeen, Observed, quarter_lags, quarter_readings
from leadtime.scenario.past import PastWorld
from leadtime.supply.counts import begin
from studies import quick_study

DAY = dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def study():
    return quick_study(DAY)


@pytest.fixture(scope="module")
def fork(study):
    return study.fork


# -- does it reproduce what it is fitted to
# -----------------------------------------------------------------------------


def world_of(change, n=2000):
    """Two years of lags, seen as 9 and 9 + `change`; the simulation says 5 and 6.5."""
    lags = LagsSeen(
        years=(2024, 2026),
        quarters=((8, 9, 10, 11), (16, 17, 18, 19)),
        center=np.array([9.0, 9.0 + change]),
        error=np.array([[0.4, 0.1], [0.1, 0.4]]),
    )
    rows = tuple(
        Constraint(name=f"lag-{y}", words="", center=float(c), sd=2.0, log=False, source="")
        for y, c in zip(lags.years, lags.center, strict=True)
    )
    seen = Observed(constraints=rows, covariance=lags.covariance(), lag_quarters={})
    rng = np.random.default_rng(0)
    first = rng.normal(5, 0.5, n)
    return checks.check(seen, {"lag-2024": first, "lag-2026": first + rng.normal(1.5, 0.3, n)}, lags, seed=0)


def test_a_trend_that_is_not_reproduced_is_told_first_and_has_a_small_p():
    against, along = world_of(-6.0), world_of(1.4)
    assert not against.trend.reproduced
    assert against.trend.p < 0.02
    assert against.trend.sentence().startswith("The simulation does not reproduce the measured path")
    assert along.trend.reproduced
    assert along.trend.p > 0.5
    assert "agrees" in along.trend.sentence()


def test_p_values_are_even_when_the_data_come_from_the_simulation():
    """Over worlds drawn from the model itself, errors and all, p-values of known parameters are uniform."""
    rng = np.random.default_rng(3)
    sd, found = 2.0, []
    for _ in range(300):
        truth, seen_at = 5.0, rng.normal(5.0, sd)
        row = Constraint(name="lag-2025", words="", center=seen_at, sd=sd, log=False, source="")
        seen = Observed(constraints=(row,), covariance=np.array([[sd**2]]), lag_quarters={})
        found.append(checks.check(seen, {"lag-2025": np.full(200, truth)}, None, seed=1).p_values["p"][0])
    assert np.mean(np.array(found) < 0.2) == pytest.approx(0.2, abs=0.07)
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_the_ensemble_and_its_observations_are_checked(fork):
    found = fork.checks
    assert set(found.p_values["constraint"]) == set(fork.ensemble.checks["constraint"])
    assert found.p_values["p"].is_between(0, 1).all()
    assert (found.trend.first, found.trend.last) == (2024, 2026)
    assert found.trend.measured[1] < 0 < found.trend.simulated[1]  # the contradiction that the page tells
    assert not found.trend.reproduced


# -- what the data moved
# ----------------------------------------------------------------------------------------------------


def test_a_parameter_that_the_data_moved_is_told_from_one_they_did_not():
    rng = np.random.default_rng(0)
    before = {"a": rng.normal(size=5000), "b": rng.normal(size=5000)}
    after = {"a": rng.normal(1.0, 0.5, 2000), "b": rng.normal(size=2000)}
    effect = 3 * (after["a"] - 1.0) + 1.5 * after["b"]  # equal parts
    rows = moved.table(before, after, {"2026Q4": effect})
    assert dict(rows.select("parameter", "moved").iter_rows()) == {"a": True, "b": False}
    assert rows["by_moved"][0] == pytest.approx(0.5, abs=0.06)
    assert rows["by_others"][0] == pytest.approx(0.5, abs=0.06)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(5, 400))
def test_shares_lie_between_nothing_and_all(seed, n):
    rng = np.random.default_rng(seed)
    draws = {"a": rng.normal(size=n), "b": np.ones(n)}
    assert 0 <= moved.share(draws, ["a", "b"], rng.normal(size=n)) <= 1
    assert moved.share(draws, ["b"], rng.normal(size=n)) == 0
    assert moved.overlap(draws["a"], draws["a"]) == pytest.approx(1.0)


def test_the_fork_shows_both_readings_and_the_simulation_is_fitted_between_them(study, fork):
    both, between = quarter_readings(study), quarter_lags(study)
    assert all((both[i][0] <= x + 1e-9).all() and (x <= both[i][1] + 1e-9).all() for i, x in between.items())
    titles = {n: fork.scenario(n).title for n in ("as-is",)}
    data, chart = fans.lag_fans(study, fork.table(["as-is"], ("lag_months",)), titles)
    seen = {m.quarter: m for m in fans.measured(study)}
    assert set(seen) == {QUARTERS[i] for i in both if QUARTERS[i] >= "2023Q1"}
    for i, (lower, upper) in both.items():
        m = seen[QUARTERS[i]]
        assert m.low == pytest.approx(np.quantile(lower, 0.05)) and m.high == pytest.approx(np.quantile(upper, 0.95))
        assert m.low <= m.median <= m.high
    assert data.filter(pl.col("scenario") == "measured").height == len(seen)
    told = [p.words for p in chart(704).points]
    assert sum("Measured:" in words for words in told) == len(seen)


# -- other assumptions
# -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.0, 0.6), more=st.floats(0.0, 0.4), mildly=st.booleans())
def test_contamination_widens_around_what_it_contaminates(seed, share, more, mildly):
    rng = np.random.default_rng(seed)
    effect, weight = rng.normal(0.8, 1.0, 2000), rng.gamma(1.0, size=2000)
    p = weight[effect > robust.HALF].sum() / weight.sum()
    narrow, wide = (robust.contaminated(effect, weight, s, mildly=mildly) for s in (share, share + more))
    assert 0 <= wide[0] <= narrow[0] + 1e-12
    assert narrow[0] <= p + 1e-12
    assert p - 1e-12 <= narrow[1] <= wide[1] + 1e-12
    assert robust.contaminated(effect, weight, 0.0, mildly=mildly) == pytest.approx((p, p))


def test_what_the_effect_rests_on_ships_with_the_ensemble(fork):
    rows = fork.robust("2026Q4")
    by = {kind: rows.filter(pl.col("kind") == kind) for kind in rows["kind"].unique()}
    assert set(by) >= {
        "prior",
        "posterior",
        "elasticity",
        "contaminated",
        "contaminated mildly",
        "corner",
        "efficiency",
        "budget",
    }
    effect = fork.effect().at("2026Q4")
    assert by["posterior"]["median"][0] == pytest.approx(effect["median"], abs=0.15)  # the ensemble is a sample of it
    assert by["elasticity"]["median"].is_sorted()  # the more runs follow the stock, the more the rules do
    assert by["efficiency"]["median"].is_sorted(descending=True)
    assert (rows["effective"] >= robust.LEAST).all()
    assert (rows["p_low"] <= rows["p_over_half"]).all()
    assert fork.effect_prior("2026Q4")["high"] > fork.effect_posterior("2026Q4")["high"]
    with pytest.raises(LeadtimeError, match="nobody has worked out"):
        fork.robust("2031Q1")
    assert [robust.begun(q) for q in ("2024Q1", "2025Q4", "2026Q3", "2031Q1")] == [
        "2025Q4",
        "2025Q4",
        "2025Q4",
        "2028Q4",
    ]


# -- could China have paid
# ---------------------------------------------------------------------------------------------------


def test_purchases_stand_beside_all_capital_spending(fork):
    limit = budget.limit(fork.world)
    table = fork.study.evidence["investment"]
    of_2025 = table.filter(
        pl.col("country") == "CHN",
        pl.col("kind") == "capex",
        pl.col("period_start") == dt.date(2025, 1, 1),
        pl.col("period_end") == dt.date(2025, 12, 31),
    )
    assert limit.usd[limit.years.index(2025)] == pytest.approx(of_2025["value_usd"].sum())
    free = fork.run("no-controls")
    at = [i for i, q in enumerate(QUARTERS) if q.startswith("2025")]
    by_hand = (free["legal_added_h100e"][at].astype(float) * free["price_usd"][at]).sum(axis=0)
    row = next(r for r in fork.budget if r["year"] == 2025)
    assert row["bought_median_usd"] == pytest.approx(np.median(by_hand))
    assert row["p_more_than_all"] == pytest.approx(np.mean(by_hand > row["capex_usd"]))


# -- what it would have forecast
# ----------------------------------------------------------------------------------------------


def test_a_past_day_knows_only_what_was_public(study):
    day = dt.date(2025, 1, 1)
    past = PastWorld(Evidence.load(as_of=day), study.evidence["assumptions"])
    assert past.last_counted() == "2024Q3"  # the quarter to January 2025 was reported in February
    later = PastWorld(Evidence.load(as_of=dt.date(2026, 4, 1)), study.evidence["assumptions"])
    assert np.array_equal(later._seen["outside"][: past.n_counted], past._seen["outside"])
    counted = study.fork.world.history.outside[: past.n_counted]
    assert 0.5 < np.median(past._seen["outside"] / counted) < 1.5  # revenue over price is near what was counted later
    ours, theirs = (
        {r["id"]: (r["low"], r["value"], r["high"], r["known_on"]) for r in w.iter_rows(named=True)}
        for w in (study.fork.world.priors(), past.priors())
    )
    for name, (low, value, high, known) in ours.items():
        other = theirs[name]
        if known <= day and name.removeprefix("sim-") not in (
            "world-scale",
            "legal-scale",
            "domestic-scale",
            "growth-2026",
        ):
            assert other[:3] == (low, value, high), name
        assert other[0] <= low, name
        assert other[2] >= high, name


def test_hindcasts_ship_and_are_scored_against_simple_guesses(study):
    rows, of = simulated.shipped()
    assert rows["origin"].n_unique() >= 5
    assert set(rows["forecaster"]) == set(simulated.FORECASTERS)
    for origin, quarter in rows.select("origin", "quarter").unique().iter_rows():
        assert begin(quarter) >= dt.date.fromisoformat(origin)  # none is of the past
    per = rows.group_by("origin", "quarter").len()
    assert (per["len"] == len(simulated.FORECASTERS)).all()
    truth = {QUARTERS[i]: float(np.median(x)) for i, x in quarter_lags(study).items()}
    for quarter, value in rows.select("quarter", "measured").unique().iter_rows():
        assert value == pytest.approx(truth[quarter], abs=1.5), quarter  # by map, few draws
    table = simulated.summary(rows)
    mean = rows.filter(pl.col("forecaster") == "simulation")["crps"].mean()
    assert table.filter(pl.col("origin") == "all", pl.col("forecaster") == "simulation")["crps"][0] == pytest.approx(
        mean
    )
    assert "little proof" in simulated.sentence(rows)
    assert of["as_of"]


def hindcast_rows(theirs):
    """Six days with two quarters each; the simulation misses by 1 month, the mean by what is given of each day, last
    value by 5.
    """
    errors = {"simulation": [1.0] * 6, "last value": [5.0] * 6, "mean to date": theirs}
    rows = [
        {"origin": f"2024-0{k + 1}-01", "quarter": q, "forecaster": who, "crps": error[k], "inside_90": 0.9}
        for who, error in errors.items()
        for k in range(6)
        for q in ("2024Q3", "2024Q4")
    ]
    return pl.DataFrame(rows)


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        ([2.0] * 6, "did better than mean"),
        ([0.5] * 6, "did worse than mean"),
        ([0.2, 0.2, 2.5, 2.5, 0.2, 2.5], "cannot be told from mean"),
    ],
)
def test_the_simulation_is_said_to_be_better_only_where_the_interval_says_so(theirs, words):
    rows = hindcast_rows(theirs)
    assert words in simulated.sentence(rows)
    low, high = simulated.difference(rows, "mean to date")
    assert low <= 1 - np.mean(theirs) <= high
    assert "cannot be told from mean" in simulated.sentence(
        rows.filter(pl.col("origin") < "2024-03")
    )  # two days: no interval


def test_hindcasts_of_a_past_day_hold_no_quarter_that_was_not_over():
    now, early, before = (simulated.told(dt.date(*d)) for d in ((2026, 11, 30), (2024, 12, 31), (2023, 6, 1)))
    count = {k: sum(r["n"] for r in v["scores"] if r["origin"] == "all") for k, v in (("now", now), ("early", early))}
    assert 0 < count["early"] < count["now"]
    assert before["scores"] == []
    assert "No hindcast" in before["sentence"]


def test_hindcasts_that_cannot_be_read_are_none(tmp_path, monkeypatch):
    for content in (None, "[1", "{}", json.dumps({"as_of": 1, "evidence_hash": 2, "rows": 3})):
        path = tmp_path / "x.json"
        if content is not None:
            path.write_text(content)
        monkeypatch.setattr(simulated, "SHIPPED", path)
        rows, of = simulated.shipped()
        assert (rows.is_empty(), of) == (True, {})
        assert "No hindcast" in simulated.sentence(rows)


@pytest.mark.slow
def test_an_origin_is_worked_out_from_its_own_data(study):
    truth = quarter_lags(study)
    rows = pl.DataFrame(simulated._of(study, dt.date(2026, 1, 1), truth))
    shipped = simulated.shipped()[0].filter(pl.col("origin") == "2026-01-01")
    assert rows["quarter"].unique().sort().to_list() == shipped["quarter"].unique().sort().to_list()
    both = rows.join(shipped, on=("quarter", "forecaster"), suffix="_shipped")
    assert (both["median"] - both["median_shipped"]).abs().max() < 1.0


# -- in words
# -----------------------------------------------------------------------------------------------------------------


def test_the_chapter_leads_with_it_and_is_as_its_schema_says(study, fork):
    made = chapter_fork.chapter(study)
    assert made.lead.startswith("The simulation does not reproduce the measured path")
    assert {"effect-robust", "effect-moved", "budget", "hindcasts"} <= {t.name for t in made.tables}
    conforms("chapters", {"fork": made.json})


def test_it_is_said_in_sentences(fork):
    found = standing(fork)
    assert found["sentence"].startswith("The simulation does not reproduce the measured path")
    effect, rest, paid = effect_words(found), robust_words(found), budget_words(found)
    assert "one model's answer" in effect
    assert "in our simulation" in effect
    assert f"{found['variance']['by_others']:.0%}" in effect
    assert "if a twentieth of the prior may be anything" in rest
    assert "spent on all capital goods" in paid
