"""The record: forecasts of earlier days, that nothing later leaks into, and scores that a known world gives back."""

import csv
import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadtime.evidence.store as store
from leadtime.backtest import ORIGINS, backtest, kept, questions, run, score
from leadtime.backtest.history import History
from leadtime.backtest.others import LAST_FIGURE, SPREADS, next_figure
from leadtime.backtest.project import LOG_AR, POOL, SIMPLE, baselines, growing, log_ar, pooled, project
from leadtime.backtest.run import NO_EVENTS, forecast
from leadtime.backtest.scored import OURS, share_interval
from leadtime.capability import cache
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.rules import log
from leadtime.study import Study
from studies import EARLY, quick_study

ORIGIN = dt.date(2025, 1, 29)


@pytest.fixture(scope="module")
def study():
    return quick_study()


@pytest.fixture(scope="module")
def found(study):
    return backtest(study)


# -- questions
# ------------------------------------------------------------------------------------------------------------


def test_thirty_questions_and_more_are_resolved_with_source_and_day(study):
    asked = questions(study.evidence)
    resolved = [q for q in asked if not q.is_open]
    assert len(resolved) >= 60
    assert {q.topic for q in resolved} == {"lag", "revenue", "capital", "rules", "supply"}
    for q in resolved:
        assert q.known_on > q.opens_on
        assert (q.value is None) == (q.resolved_by == "measure"), q.id
        assert q.kind == "number" or q.value in (0, 1)
    assert all(q.value is None for q in asked if q.is_open)


def test_figures_of_the_questions_are_those_of_their_tables(study):
    rows = study.evidence["revenue"]
    seen = {(r["company"], r["item"], r["basis"], r["fiscal_period"]): r for r in rows.to_dicts()}
    for q in questions(study.evidence):
        kind, _, rest = q.series.partition(":")
        if kind == "revenue" and not q.is_open and "Q" in q.period:
            company, item, basis = rest.split(":")
            r = seen[company, item, basis, q.period]
            assert (r["value_usd"], r["known_on"], r["source"]) == (q.value, q.known_on, q.source), q.id


def test_a_question_is_asked_only_while_it_is_open(study):
    asked = {q.id: q for q in questions(study.evidence)}
    h20 = asked["h20-license-2025"]
    assert h20.asked_on(dt.date(2025, 4, 14))
    assert not h20.asked_on(dt.date(2025, 4, 15))
    assert not h20.asked_on(dt.date(2025, 1, 28))
    # the quarter was over, though nobody had measured it yet: that would be no forecast
    assert not asked["lag-daily-mean-2024-12-31"].asked_on(ORIGIN)
    # a quarter that is over and not yet reported is one
    assert asked["nvidia-total-fy2025q4"].asked_on(ORIGIN)


# -- no leak
# --------------------------------------------------------------------------------------------------------------


def mutated(folder: Path, day: dt.date) -> int:
    """Change every number and date of every row known after a day; return how many rows."""
    shutil.copytree(Path(store.__file__).parent / "data", folder)
    n = 0
    for table in TABLES.values():
        if "known_on" not in table.column_names:
            continue
        path = folder / table.folder / f"{table.name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if dt.date.fromisoformat(row["known_on"]) <= day or (table.folder == "rules" and table.name == "countries"):
                continue
            n += 1
            for c in table.columns:
                if not row.get(c.name) or c.name in table.key or c.name == "known_on":
                    continue
                if c.kind == "number" and table.name not in ("rule_parameters",):
                    row[c.name] = repr(0.5 * float(row[c.name]))
                elif c.kind == "date" and table.name == "models":
                    row[c.name] = (dt.date.fromisoformat(row[c.name]) + dt.timedelta(days=3)).isoformat()
                elif c.name == "effect":
                    row[c.name] = "bars"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return n


def said_on(day):
    past = quick_study(day)
    return {
        q.id: forecast(past, q) for q in questions(Evidence.load(as_of=dt.date(2026, 11, 24))) if q.asked_on(day)
    }, past


def test_nothing_that_became_known_later_moves_a_forecast_by_a_bit(tmp_path, monkeypatch):
    before, past = said_on(ORIGIN)
    assert sum(bool(s) for s, _ in before.values()) > 20
    n = mutated(tmp_path / "data", ORIGIN)
    assert n > 3000
    monkeypatch.setattr(store, "_BUILT_IN", tmp_path / "data")
    monkeypatch.setattr(log, "DATA", tmp_path / "data")
    store._built_in.cache_clear()
    log.built_in.cache_clear()
    try:
        after, changed = said_on(ORIGIN)
        assert changed.evidence.hash == past.evidence.hash
        later = Evidence.load(as_of=dt.date(2026, 11, 24))
        assert later.hash != Evidence.load(as_of=ORIGIN).hash
        assert after.keys() == before.keys()
        for name, (said, why) in before.items():
            assert why == after[name][1], name
            assert said.keys() == after[name][0].keys()
            for who, draws in said.items():
                np.testing.assert_array_equal(draws, after[name][0][who], err_msg=f"{name} {who}")
        # the test can fail: the same change moves what is said a year later
        moved, _ = said_on(dt.date(2026, 1, 29))
    finally:
        monkeypatch.undo()
        store._built_in.cache_clear()
        log.built_in.cache_clear()
    true, _ = said_on(dt.date(2026, 1, 29))
    assert any(not np.array_equal(true[k][0].get(OURS), moved[k][0].get(OURS)) for k in true if true[k][0])


# -- models recover what made the data
# --------------------------------------------------------------------------------------


def test_growing_series_are_covered_as_often_as_said():
    rng = np.random.default_rng(2)
    worlds, n, inside = 4000, 10, {0.5: [], 0.9: []}
    s2 = 0.09 * 0.25 / rng.gamma(2.0, size=worlds)
    m = 0.05 + np.sqrt(s2 * 4.0) * rng.standard_normal(worlds)
    steps = m[:, None] + np.sqrt(s2)[:, None] * rng.standard_normal((worlds, n))
    x = np.concatenate([np.zeros((worlds, 1)), np.cumsum(steps, axis=1)], axis=1)
    fade = rng.uniform(0.3, 1.0, worlds) ** 0.25
    ahead = np.arange(1, 5)
    future = (
        x[:, -1] + (m[:, None] * fade[:, None] ** ahead).sum(axis=1) + np.sqrt(s2 * 4) * rng.standard_normal(worlds)
    )
    draws = np.stack([growing(x, np.array([4.0]), 0.25, np.random.default_rng(i))[:, 0] for i in range(200)])
    for level, found in inside.items():
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        found.append(np.mean((future >= low) & (future <= high)))
        assert found[0] == pytest.approx(level, abs=0.03)


def test_log_ar_covers_as_often_as_said():
    """Worlds from its own priors, short pasts: the stationary start and the learned persistence are in the coverage."""
    from leadtime.lag.release import MEAN_LOG, PERSISTENCE, SCATTER

    rng = np.random.default_rng(3)
    worlds, n, each = 400, 6, 19
    m = MEAN_LOG[0] + MEAN_LOG[1] * rng.standard_normal(worlds)
    f, s = rng.beta(*PERSISTENCE, worlds), SCATTER[1] * np.sqrt(SCATTER[0] / rng.chisquare(SCATTER[0], worlds))
    x = [s * rng.standard_normal(worlds)]
    for _ in range(n + 1):
        x.append(f * x[-1] + s * np.sqrt(1 - f**2) * rng.standard_normal(worlds))
    past, future = np.expm1(m[:, None] + np.column_stack(x[:n])), np.expm1(m + x[n + 1])
    kept = (past > 0).all(axis=1)  # a lag below 0 is cut, which these worlds do not know
    draws = log_ar(lags(past[kept], 2.0), each * kept.sum(), rng).reshape(each, -1)
    rank = (draws < future[kept]).sum(axis=0)  # among 19 draws: nine in ten lie between the least and the most
    assert np.mean((rank > 0) & (rank < each)) == pytest.approx(0.9, abs=0.045)


def lags(values, ahead):
    return History(values=np.asarray(values), ahead=(ahead,), known=0.0, grows=False, step_years=0.25)


def test_the_first_value_counts_where_the_past_is_short():
    high, low = (np.median(log_ar(lags([[v, v]], 20.0), 600, np.random.default_rng(0))) for v in (12.0, 2.0))
    assert high > 1.5 * low


def test_guesses_of_a_lag_are_never_below_zero_and_the_pool_is_half_of_each():
    said = baselines(lags([[3.0, 1.0, 0.5, 0.2, 2.0]], 2.0), 4000, np.random.default_rng(0))
    assert set(SIMPLE) <= said.keys()
    assert all((v >= 0).all() for v in said.values())
    one, two = np.full(10_000, 1.0), np.full(10_000, 5.0)
    assert np.mean(pooled(one, two, np.random.default_rng(1)) == 1.0) == pytest.approx(0.5, abs=0.02)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_a_pool_scores_alike_in_any_order_and_in_any_part(seed):
    """A pool that is joined end to end would be cut wrongly by whoever takes the first draws of it."""
    rng = np.random.default_rng(seed)
    pool = pooled(rng.normal(2, 0.2, 4000), rng.normal(8, 0.2, 4000), rng)
    truth = np.array([5.0])
    whole = score.crps(pool, truth)
    assert score.crps(rng.permutation(pool), truth) == pytest.approx(whole, abs=1e-9)
    assert score.crps(pool[:1000], truth) == pytest.approx(whole, abs=0.25)
    assert POOL in SIMPLE and LOG_AR in SIMPLE


def test_a_sum_keeps_what_is_already_known():
    h = History(values=np.log([[4.0, 5.0, 6.0, 7.0, 8.0]]), ahead=(1.0, 2.0), known=15.0, grows=True, step_years=0.25)
    draws = project(h, 2000, np.random.default_rng(0))
    assert (draws > 15).all()
    assert 28 < np.median(draws) < 40
    assert {k: v.shape for k, v in baselines(h, 500, np.random.default_rng(0)).items()} == {
        "last value": (500,),
        "mean to date": (500,),
        "trend": (500,),
    }


def test_a_past_of_three_points_has_no_baselines():
    h = History(values=np.log([[4.0, 5.0, 6.0]]), ahead=(1.0,), known=0.0, grows=True, step_years=0.25)
    assert baselines(h, 10, np.random.default_rng(0)) == {}


# -- what others will print
# -----------------------------------------------------------------------------------------------


def asked_of(study, id_):
    return next(q for q in questions(study.evidence) if q.id == id_)


def test_what_another_will_print_leans_as_far_from_ours_as_it_did(study):
    q = asked_of(quick_study("2026-11-30"), "caisi-next-lag-2027-06-30")
    table, found = study.evidence["published"], {}
    for factor in (1.0, 2.0):
        rows = table.with_columns(
            value=pl.when(pl.col("id").is_in(["caisi-v4-pro-lag", "caisi-glm-5-2-lag"]))
            .then(pl.col("value") * factor)
            .otherwise("value")
        )
        past = study.with_evidence(replace(study.evidence, tables=study.evidence.tables | {"published": rows}))
        past._fits, past._worlds = study._fits, study._worlds
        draws, simple, why = next_figure(past, q, np.random.default_rng(0))
        assert why.startswith("2 earlier figures")
        assert simple[LAST_FIGURE][0] == pytest.approx(6.1 * factor)
        found[factor] = np.log(np.median(draws))
    one, alike = SPREADS["months"]
    shrunk = 2 / one**2 / (1 / alike**2 + 2 / one**2)
    assert found[2.0] - found[1.0] == pytest.approx(shrunk * np.log(2), abs=1e-6)


def test_nothing_is_said_of_what_another_never_printed(study):
    q = asked_of(quick_study("2026-11-30"), "epoch-next-lag-2027-06-30")
    said, why = forecast(quick_study(EARLY), q)
    assert said == {}
    assert "none of the figures" in why


# -- scores
# ---------------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 3), st.floats(-5, 5))
def test_crps_of_draws_is_that_of_the_normal(mean, sd, truth):
    draws = mean + sd * np.random.default_rng(0).standard_normal(20_000)
    from scipy.stats import norm

    z = (truth - mean) / sd
    exact = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert score.crps(draws, np.array([truth])) == pytest.approx(exact, abs=0.03 * sd + 0.01)


def test_an_uncertain_truth_is_averaged_over():
    truth = score.truth_of(188e3, 479e3, 1287e3, 4000, np.random.default_rng(0))
    low, high = np.quantile(truth, [0.05, 0.95])
    assert low == pytest.approx(183e3, rel=0.1)
    assert high == pytest.approx(1.25e6, rel=0.1)
    draws = np.full(100, 479e3)
    assert score.crps(draws, truth) == pytest.approx(np.mean(np.abs(truth - 479e3)), rel=1e-6)
    assert score.inside(np.array([1.0, 2.0, 3.0]), np.array([2.0, 9.0]))[0.9] == 0.5


# -- the whole
# ------------------------------------------------------------------------------------------------------------


def test_four_origins_are_scored_beside_their_baselines(found):
    assert {f.origin for f in found.forecasts} == set(ORIGINS)
    scored = [f for f in found.forecasts if f.scored]
    assert len({f.question.id for f in scored}) >= 30
    lines = {(r["group"], r["forecaster"]): r for r in found.summary()}
    for other in ("last value", "mean to date", "trend", POOL, LOG_AR):
        for group in ("lag", "revenue") if other not in (POOL, LOG_AR) else ("lag",):
            line = lines[group, other]
            assert line["skill"] == pytest.approx(1 - line["ours"] / line["score"])
            assert line["n"] >= 20
    assert lines["revenue", "NVIDIA"]["n"] == 4
    covered = found.coverage()
    assert covered["n"] == len(scored)
    assert 0.5 < covered["inside_90%"]["share"] <= 1
    assert covered["inside_90%"]["low"] < 0.9 < covered["inside_90%"]["high"]  # so few series tell no more
    assert covered["inside_50%"]["share"] < covered["inside_90%"]["share"]


def test_what_ships_is_of_this_evidence_and_is_what_is_computed(monkeypatch):
    study = Study()
    assert kept._shipped(kept.key(study)), "the shipped forecasts are stale: make ship"
    made = {(f.origin, f.question.id): f for f in run._made(study, ORIGINS[1:2], None)}
    ship = {(f.origin, f.question.id): f for f in backtest(study).forecasts if f.origin == ORIGINS[1]}
    assert ship.keys() == made.keys()
    for name, f in ship.items():
        assert (f.made, f.scored, f.why, f.scores.keys()) == (
            made[name].made,
            made[name].scored,
            made[name].why,
            made[name].scores.keys(),
        )
        both = ([*(x.said or ()), *(x.scores.values()), *x.inside, x.pit or 0.0] for x in (f, made[name]))
        np.testing.assert_allclose(*both, rtol=1e-6)  # the machine that ships it has another library of algebra
    other = replace(study.evidence, tables=study.evidence.tables | {"resolutions": study.evidence["resolutions"][1:]})
    assert not kept._shipped(kept.key(study.with_evidence(other)))
    monkeypatch.setattr(cache, "made_by", lambda *files: "other code")
    assert not kept._shipped(kept.key(Study()))


def test_golden_what_the_record_says(found):
    """Figures of the built-in evidence, abilities by map: a change here is a change of our public record."""
    lines = {(r["group"], r["forecaster"]): r for r in found.summary()}
    assert lines["revenue", OURS]["score"] == pytest.approx(0.145, abs=0.01)
    assert lines["lag", OURS]["score"] == pytest.approx(1.34, abs=0.15)
    for simple in SIMPLE:
        assert lines["lag", simple]["skill"] > 0


def test_no_forecast_is_made_of_events(found):
    events = [f for f in found.forecasts if f.question.kind == "event"]
    assert len(events) > 20
    assert not any(f.made for f in events)
    assert {f.why for f in events} == {NO_EVENTS}


def test_open_questions_have_forecasts_and_no_score(study):
    now = backtest(study, [study.as_of])
    still_open = [f for f in now.forecasts if f.question.is_open]
    assert len(still_open) >= 6
    asked = [f for f in still_open if f.question.series != "none" and f.question.kind == "number"]
    assert len(asked) >= 4
    assert all(f.made and not f.scored for f in asked)
    assert {r["outcome"] for r in now.rows() if r["question"].endswith("2026-11-24")} == {None}


def test_an_origin_in_the_future_is_refused(study):
    with pytest.raises(LeadtimeError, match="after the day of the study"):
        backtest(study, [dt.date(2030, 1, 1)])


@given(st.lists(st.floats(0, 1), min_size=3, max_size=60), st.integers(3, 12))
def test_the_interval_of_a_coverage_holds_it_and_is_wide_where_series_are_few(values, n):
    values = np.array([*values, *[0.5] * n])  # each series has one at least
    clusters = [str(i % n) for i in range(len(values))]
    low, high = share_interval(values, clusters)
    assert 0 <= low <= values.mean() <= high <= 1
    low, high = share_interval(np.ones(len(values)), clusters)
    assert low < 0.5 ** (1 / n) and high == 1  # n series without a miss do not rule a miss out


def test_too_few_series_have_no_interval():
    assert share_interval(np.ones(9), ["a", "b", "a"] * 3) == (None, None)
