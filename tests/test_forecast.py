"""Forecasts of the lag: through the doors, beside the guesses, and the record of every month."""

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from conforms import conforms
from leadtime.answers.registry import find
from leadtime.backtest import monthly
from leadtime.backtest.monthly import Monthly, Row
from leadtime.backtest.project import SIMPLE
from leadtime.backtest.scored import OURS
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.report import chapter_record
from leadtime.study import Study
from leadtime.study.lags import last_day
from studies import quick_study

DAY = "2026-11-24"
FORECAST = find("lag forecast")


@pytest.fixture(scope="module")
def study():
    return quick_study(DAY)


@pytest.fixture
def quick(monkeypatch, study):
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a: study)


def ask(*words):
    return CliRunner().invoke(app, list(words))


# -- a quarter
# ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"), [("2027Q2", "2027-06-30"), ("2026 q4", "2026-12-31"), ("2028Q1", "2028-03-31")]
)
def test_a_quarter_ends_on_its_last_day(text, day):
    assert str(last_day(text)) == day


@pytest.mark.parametrize("text", ["", "2027", "2027Q5", "Q2", "1999Q1", "2027Q2Q2", "soon"])
def test_what_is_no_quarter_is_told(study, text):
    with pytest.raises(LeadtimeError, match="is not a quarter"):
        study.lag_forecast(text)


def test_a_forecast_is_an_estimate_whose_draws_are_those_of_the_study(study):
    e = study.lag_forecast("2027Q2")
    assert e.draws.shape == (study.draws,)
    assert 3 < e.median < 9
    assert e.low < e.quantile(0.25) < e.quantile(0.75) < e.high
    assert np.array_equal(e.draws, study.lag_forecast("2027Q2").draws)
    near = study.lag_forecast("2026Q4")
    assert near.high - near.low < e.high - e.low
    late = study.lag_forecast("2027Q3")  # one path through all quarters: neighbors go together
    assert np.corrcoef(e.draws, late.draws)[0, 1] > np.corrcoef(near.draws, late.draws)[0, 1]
    assert (late - e).draws.std() < e.draws.std()


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"quarter": "2026Q2"}, "nothing to forecast"),
        ({"quarter": "2040Q1"}, "years ahead"),
        ({"quarter": "2027Q2", "of": "XXX"}, "XXX"),
        ({"quarter": "2027Q2", "definition": "catch_up"}, "catch_up"),
    ],
)
def test_what_cannot_be_forecast_is_told(study, asked, match):
    with pytest.raises(LeadtimeError, match=match):
        FORECAST.ask(study, asked)


def test_the_answer_has_both_intervals_the_guesses_and_the_record(study):
    found = FORECAST.ask(study, {"quarter": "2027Q2"}).to_json()
    conforms("lag-forecast", found)
    assert {r["forecaster"] for r in found["rows"]} == {OURS, "trend", *SIMPLE}
    for r in found["rows"]:
        assert 0 <= r["low"] <= r["low_50"] <= r["median"] <= r["high_50"] <= r["high"]
    assert "best simple guess" in found["record"]
    assert (
        f"will probably be {found['rows'][0]['median']:.1f} months behind America's in the quarter to June 30, 2027"
        in found["sentence"]
    )
    other = FORECAST.ask(study, {"quarter": "2027Q2", "of": "alibaba"}).to_json()
    assert "never scored" in other["record"]


def test_the_command_fits_a_terminal_and_refuses_what_it_does_not_take_up(quick):
    said = ask("lag", "--forecast", "2027Q2")
    assert said.exit_code == 0, said.output
    assert "pool of last and mean" in said.stdout
    assert "best simple guess" in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 80
    for more in (["deepseek-v3"], ["--model", "deepseek-v3"], ["--clock", "trained"]):
        assert "does not take" in str(ask("lag", "--forecast", "2027Q2", *more).exception)
    assert "two questions" in str(ask("lag", "--forecast", "2027Q2", "--all").exception)


# -- the record
# -----------------------------------------------------------------------------------------------------------------


def made(gains, forecaster="last value"):
    """A record in which the other forecaster's score exceeds ours by so much at each origin."""
    rows = []
    for i, gain in enumerate(gains):
        about = {
            "origin": dt.date(2024 + i // 12, i % 12 + 1, 1),
            "definition": "daily_mean",
            "ends": dt.date(2027, 3, 31),
            "ahead": 1,
            "inside_50": 0.5,
            "inside_80": 0.8,
            "inside_90": 0.9,
            "low": 1.0,
            "median": 5.0,
            "high": 9.0,
            "outcome": 5.0,
        }
        rows += [Row(forecaster=OURS, crps=1.0, **about), Row(forecaster=forecaster, crps=1.0 + gain, **about)]
    return Monthly(key="", as_of=dt.date(2026, 1, 1), evidence_hash="0" * 16, rows=tuple(rows))


def test_the_interval_of_a_difference_is_wider_where_neighbors_go_together():
    rng = np.random.default_rng(0)
    alone = rng.normal(0.2, 1, 36)
    together = 0.2 + np.repeat(rng.normal(0, 1, 6), 6)
    widths = []
    for gains in (alone, together):
        line = next(r for r in made(gains).forecasters() if r["forecaster"] != OURS)
        assert line["ours_less_theirs_months"] == pytest.approx(-gains.mean())
        assert line["difference_low"] < line["ours_less_theirs_months"] < line["difference_high"]
        widths.append(line["difference_high"] - line["difference_low"])
    assert widths[1] > 1.4 * widths[0]


def test_where_a_simple_guess_wins_the_sentence_says_so():
    record = made([0.5] * 12 + [-0.4] * 4, forecaster="mean to date")
    rows = [replace(r, forecaster=n) for r in record.rows if r.forecaster != OURS for n in SIMPLE]
    record = replace(record, rows=tuple(r for r in record.rows if r.forecaster == OURS) + tuple(rows))
    assert "had 0.60 and we 1.00" in record.sentence()
    flipped = replace(record, rows=tuple(replace(r, crps=2 - r.crps) for r in record.rows))
    assert "From 2025 on: 1.00 against 1.40" in flipped.sentence()


def test_the_page_says_better_or_worse_only_where_the_interval_does():
    def line(low, high):
        return {"skill": 0.1, "skill_low": low, "skill_high": high}

    said = chapter_record._compared(
        {"a": line(0.1, 0.3), "b": line(-0.3, -0.1), "c": line(-0.1, 0.3), "d": line(None, None)}
    )
    assert said == "it did better than “a”; it did worse than “b”; no difference from “c” and “d” can be told"


def test_golden_what_the_shipped_record_says(study):
    """Our public record: 1.29 months against 1.45 of the best simple guess; a change here is told in the changelog."""
    record = monthly.record(study)
    assert record.key == monthly.key(study), "stale: `make ship` computes it again"
    lines = {r["forecaster"]: r for r in record.forecasters()}
    assert {OURS, "trend", *SIMPLE} == lines.keys()
    assert len({r["n"] for r in lines.values()}) == 1
    assert lines[OURS]["crps_months"] == pytest.approx(1.29, abs=0.03)
    assert lines[OURS]["crps_months"] <= 0.9 * min(lines[n]["crps_months"] for n in SIMPLE)
    assert 0.86 <= lines[OURS]["inside_90"] <= 0.96
    assert record.crps(record.best(2026), 2026) < record.crps(OURS, 2026)  # there a simple guess wins, and it is said
    assert "and we" in record.sentence()
    reaches_zero = lines[record.best()]["difference_high"] >= 0
    assert ("no difference can be told" in record.sentence()) == reaches_zero


def test_the_page_on_the_record_has_its_scores(study):
    page = (Path(__file__).parents[1] / "docs" / "methods" / "backtest.md").read_text(encoding="utf-8")
    for r in monthly.record(study).forecasters():
        said = re.search(rf"\| {re.escape(r['forecaster'])} \| ([\d.]+) \|", page)
        assert float(said[1]) == pytest.approx(r["crps_months"], abs=0.03), r["forecaster"]


def test_a_month_computed_again_is_that_of_the_shipped_record(study):
    record, origin = monthly.record(study), dt.date(2025, 4, 1)
    wanted = [r for r in record.rows if r.origin == origin]
    past = Study(origin, seed=0, draws=monthly.DRAWS, method="map")
    ends = sorted({r.ends for r in wanted})
    truth = {(r.definition, r.ends): np.array([r.outcome]) for r in wanted}
    found = monthly._of(past, ends, truth)
    assert [(r.forecaster, r.definition, r.ahead) for r in found] == [
        (r.forecaster, r.definition, r.ahead) for r in wanted
    ]
    for a, b in zip(found, wanted, strict=True):
        assert (a.low, a.median, a.high) == pytest.approx((b.low, b.median, b.high), abs=0.05), (a.forecaster, a.ahead)


def test_a_record_is_kept_and_read_again(study, tmp_path):
    record = monthly.record(study)
    assert monthly._thawed(monthly._frozen(record)) == record


def test_an_earlier_day_has_no_record_of_a_later_one():
    assert monthly.record(quick_study("2025-06-01")) is None


def test_on_other_evidence_the_built_in_record_is_shown_as_such(study, monkeypatch, quick):
    monkeypatch.setattr(monthly, "key", lambda s: "another")
    record = monthly.record(study)
    assert record.summary(study)["of_this_evidence"] is False
    monkeypatch.setattr(monthly, "compute", lambda s: replace(made([0.1] * 8), key="another"))
    monkeypatch.setattr("leadtime.capability.cache.remembered", lambda parts, make: make())
    said = json.loads(ask("backtest", "--monthly", "--json").stdout)
    conforms("monthly", said)
    assert (said["of_this_evidence"], said["n_origins"]) == (True, 8)
