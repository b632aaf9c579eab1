"""What a reader changes: the same numbers and words from the server's equations and from the page's own script."""

import datetime as dt
import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadtime
from leadtime.answers import laddered
from leadtime.answers.changed import apart, comparison, sentence
from leadtime.answers.compared_drawn import added_up
from leadtime.errors import LeadtimeError
from leadtime.figures.effect import ladder, seen
from leadtime.report.pages.what_if import _control, data_of, own_rules
from leadtime.scenario.compare import TODAYS, read
from leadtime.scenario.controls import CONTROLS, GROUPS
from studies import quick_study

SCRIPT = Path(leadtime.__file__).parent / "report/templates/js/58-simulation.js"
ASKED = (
    ("strengthened",),
    ("curtailed",),
    ("h200-sales",),
    ("weights-secured",),
    ("no-controls",),
    (),
    ("uptake=0.6 open_ratio=mi325x diversion_cut=0.5",),
    ("capital_shift=0.5 displacement=0.1 build_cost=0.5 transit_cost=1",),
    ("us_investment=0.5 china_investment=2 quota_h100e=0 hbm_cut=1 tools_cut=1 weight_security=1",),
    ("quota_h100e=inf uptake=1 open_ratio=1",),
)
_RUN = """
const [script, asked] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const compare = new Function(script + "; return WHAT_IF.simulation;")()(asked.data);
const found = asked.sets.map((sets) => compare(sets, asked.options));
const begin = process.hrtime.bigint();
compare([{ title: "Your rules", levers: { uptake: 0.123 }, base: "as-is" }], { ...asked.options, alone: false });
const ms = Number(process.hrtime.bigint() - begin) / 1e6;
console.log(JSON.stringify({ found, ms }));
"""


@pytest.fixture(scope="module")
def study():
    return quick_study("2026-11-30")


def sets_of(answer, fork, start, rules):
    found = [read(text, fork, start) for text in rules]
    return [
        {"title": r.title, "levers": {k: "inf" if math.isinf(v) else v for k, v in r.levers.items()}, "base": r.base}
        for r in found
    ]


@pytest.mark.skipif(not shutil.which("node"), reason="runs the script of the page in node")
def test_the_page_without_a_server_says_what_the_server_says(study):
    start = dt.date(2027, 1, 1)
    answers = [study.ask("scenario compare", rules=rules, start=start, alone=True) for rules in ASKED]
    sets = [sets_of(a, study.fork, start, rules) for a, rules in zip(answers, ASKED, strict=True)]
    asked = {
        "data": data_of(study, start, whole=True),
        "sets": sets,
        "options": {"start": str(start), "by": "2028Q4", "alone": True},
    }
    text = json.dumps([SCRIPT.read_text(encoding="utf-8"), asked]).replace('"inf"', "1e999")
    run = subprocess.run(["node", "-e", _RUN], input=text, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)["found"]
    assert len(found) == len(ASKED)
    for rules, ours, theirs in zip(ASKED, answers, found, strict=True):
        assert [r["title"] for r in theirs["rows"]] == [r["title"] for r in ours.rows.rows], rules
        for a, b in zip(ours.rows.rows, theirs["rows"], strict=True):
            for key in a:
                if key.startswith(("lag_", "change_")):
                    assert abs(a[key] - b[key]) < 0.01, (rules, key, a[key], b[key])
                elif key.endswith(("_h100e", "_low", "_median", "_high")):
                    assert math.isclose(a[key], b[key], rel_tol=2e-3, abs_tol=1), (rules, key, a[key], b[key])
            assert abs(a["p_wider"] - b["p_wider"]) <= 0.003, (rules, a["p_wider"], b["p_wider"])
            assert (a["sentence"], a["detail"]) == (b["sentence"], b["detail"])
        for name in ("quarters", "alone"):
            mine, other = ours.part(name).rows, theirs[name]
            assert len(mine) == len(other)
            for a, b in zip(mine, other, strict=True):
                assert {k: a[k] for k in ("title", "quarter", "lever", "words") if k in a} == {
                    k: b[k] for k in ("title", "quarter", "lever", "words") if k in b
                }
                assert all(abs(a[k] - b[k]) < 0.01 for k in ("low", "median", "high")), (rules, a, b)


# -- words and figures of fakes
# ------------------------------------------------------------------------------------------------


def row(low, median, high, *, title="Your rules", lag=8.0, wider=0.5):
    lags = {"lag_low": lag - 3, "lag_median": lag, "lag_high": lag + 3}
    return {"title": title, **lags, "change_low": low, "change_median": median, "change_high": high, "p_wider": wider}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((-0.5, 0.1, 0.6), "much the same as under today's rules"),
        ((0.1, 0.2, 0.6), "about 0.2 months more than under today's rules"),
        ((-4.0, -2.4, -1.0), "about 2 months less than under today's rules"),
        ((0.5, 1.0, 2.0), "about 1 month more than under today's rules"),
        ((0.0, 0.0, 0.0), "no different from today's rules"),
    ],
)
def test_a_set_is_compared_in_every_direction(change, words):
    assert comparison(row(*change)) == words
    assert words in sentence(row(*change), ["half of smuggling is stopped"], dt.date(2027, 1, 1), "2028Q4")


@pytest.mark.parametrize(
    ("months", "words"),
    [(8.1, "about 8 months behind"), (-1.2, "about 1 month ahead"), (0.3, "about level with America's")],
)
def test_a_gap_is_behind_ahead_or_level(months, words):
    assert apart(months) == words
    told = sentence(row(0, 0, 0, title=TODAYS, lag=months), [], dt.date(2027, 1, 1), "2028Q4")
    assert told == f"If today's rules stay, China's models would be {words} at the end of 2028."


@pytest.mark.parametrize(
    ("parts", "whole", "words"),
    [
        ((0.9, -0.5), 0.2, "The changes nearly cancel out"),
        ((0.9, -0.3), 0.6, "The changes pull both ways, and widen the gap together"),
        ((-0.4, -0.2), -0.6, "The changes narrow the gap"),
        ((0.0, 0.01), 0.01, "None of the changes moves the gap"),
    ],
)
def test_what_changes_come_to_together_is_said_in_every_direction(parts, whole, words):
    assert added_up(parts, whole) == words


@pytest.mark.parametrize("text", ["uptake=2", "uptake=x", "open_ratio=h999", "nobody", ": uptake=0.5", "rules-change"])
def test_a_set_that_is_none_is_refused_in_words(study, text):
    with pytest.raises(LeadtimeError) as found:
        study.ask("scenario compare", rules=(text,))
    assert found.value.fix


def test_a_day_or_a_quarter_out_of_order_is_refused(study):
    for asked in ({"start": "2031-01-01"}, {"start": "2050-01-01"}, {"by": "2040Q1"}):
        with pytest.raises(LeadtimeError):
            study.ask("scenario compare", rules=("uptake=0.5",), **asked)


def test_sets_of_one_name_are_told_apart_and_todays_comes_first(study):
    rows = study.ask("scenario compare", rules=("uptake=0.5", "uptake=0.6", "as-is")).rows.rows
    assert [r["title"] for r in rows] == ["Today's rules", "Your rules", "Your rules 2"]


def test_every_control_says_what_holds_today_and_every_box_may_be_sent_back(study):
    rows = study.ask("scenario today").rows.rows
    assert len(rows) == 15 and {r["group"] for r in rows} == {g for g, _ in GROUPS}
    panel = [_control(c, r, "") for c, r in zip(CONTROLS, rows, strict=True)]
    assert own_rules(panel, "") == ""
    again = [_control(c, r, held["plain"]) for c, r, held in zip(CONTROLS, rows, panel, strict=True)]
    assert own_rules(again, "") == ""
    changed = [
        _control(c, r, {"uptake": "60%", "quota_h100e": "2 million", "capital_shift": "10"}.get(c.lever, ""))
        for c, r in zip(CONTROLS, rows, strict=True)
    ]
    text = own_rules(changed, "")
    assert "uptake=0.6" in text and "quota_h100e=2000000" in text
    with pytest.raises(LeadtimeError, match="no value"):
        own_rules(
            [_control(c, r, "many" if c.lever == "uptake" else "") for c, r in zip(CONTROLS, rows, strict=True)], ""
        )


@settings(max_examples=50, deadline=None)
@given(shown=st.floats(1, 50), today=st.floats(1, 50))
def test_what_is_shown_and_what_a_lever_holds_are_one(shown, today):
    for c in CONTROLS:
        assert c.shown_value(c.lever_value(shown, today), today) == pytest.approx(shown) or c.shown == "millions"


def test_the_h200_stands_where_the_log_of_rules_has_it(study):
    stops = {s["name"]: s["shown"] for s in study.ask("scenario today").part("stops").rows}
    worth = study.fork.world.worth("h200-sxm", dt.date(2027, 1, 1))
    preset = next(p for p in study.ask("scenario today").part("presets").rows if p["scenario"] == "h200-sales")
    assert stops["H200"] == pytest.approx(100 * worth) and preset["levers"]["open_ratio"] == pytest.approx(worth)
    assert list(stops.values()) == sorted(stops.values())


# -- the effect
# ------------------------------------------------------------------------------------------------------------------


def layers(high=4.9, low=0.0):
    none = {
        "name": "nothing",
        "low_months": None,
        "high_months": None,
        "robust_low_months": None,
        "robust_high_months": None,
    }
    lead = {
        "name": "no-help-no-lead",
        "low_months": low,
        "high_months": high,
        "robust_low_months": 0.0,
        "robust_high_months": high + 1,
    }
    unit = {"lower_months": -0.2, "upper_months": 1.6, "lower_months_accounting": -0.8, "upper_months_accounting": 6.2}
    simulation = {
        "quarter": "2025Q4",
        "low_months": 0.1,
        "median_months": 0.9,
        "high_months": 2.6,
        "reproduces_trend": False,
    }
    return {
        "assumptions": [none, lead],
        "bounds": {"range": {"int8": unit, "bandwidth": unit}},
        "simulation": simulation,
    }


def test_each_rung_of_the_ladder_lies_within_the_one_above():
    rows = laddered.rungs(layers())
    third, fourth, rates, simulated = rows[2:]
    for r in (fourth, rates):
        assert third["low"] <= r["low"] <= r["high"] <= third["high"]
    assert [r["median"] is not None for r in rows] == [False] * 5 + [True] and simulated["simulated"]
    assert all(ladder(width, rows).chart.to_dict() for width in (1120, 358))


@pytest.mark.parametrize(
    ("p_fell", "after", "words"),
    [
        (0.99, 0.005, "nearly ended"),
        (0.95, 0.1, "legal share of new AI chips fell"),
        (0.05, 0.3, "did not fall"),
        (0.5, 0.1, "unclear"),
    ],
)
def test_the_headline_of_the_effect_is_said_in_every_direction(p_fell, after, words):
    legal = {"p_fell": p_fell, "share_after_median": after}
    assert words in laddered.headline(layers(), legal)
    assert "between nothing and five months" in laddered.headline(layers(), legal)
    assert "no bound" in laddered.headline(layers(high=-1.0, low=-1.0), legal)
    assert "not counted" in laddered.headline(layers(), None)


def test_the_cause_leads_with_bounds_and_calls_a_number_simulated():
    now = {"low": 0.2, "median": 1.4, "high": 3.5}
    told = laddered.cause(layers(), now)
    assert told.index("between nothing and five months") < told.index("Our simulation says 1.4 (0.2 to 3.5)")
    assert "no bound" in laddered.cause(layers(high=0.1), None)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.2, 2.2, "would have 1.2 to 2.2 times"),
        (0.5, 0.9, "less computing"),
        (0.9, 2.2, "somewhat less, or much more"),
        (0.9, 1.2, "might have 0.9 to 1.2"),
    ],
)
def test_computing_without_the_rules_is_said_in_every_direction(low, high, words):
    assert words in laddered.computing_heading({"lower_times": low, "upper_times": high})


def test_links_and_tests_are_said_in_every_direction():
    def readings(chinese, every):
        return [{"reading": "chinese", "lower_p_positive": chinese}, {"reading": "all", "lower_p_positive": every}]

    assert "too" in laddered.links_heading(readings(0.95, 0.95))
    assert "not clearly at Chinese" in laddered.links_heading(readings(0.5, 0.95))
    assert "No clear link" in laddered.links_heading(readings(0.5, 0.5))
    tests = [
        {"name": "a", "detectable": None, "note": "Cannot be tested: none"},
        {"name": "b", "detectable": 8.9, "note": ""},
    ]
    assert "nine months" in laddered.seen_heading(tests) and "No test" in laddered.seen_heading(tests[:1])
    assert all(seen(width, tests, 4.9, 0.9).chart.to_dict() for width in (1120, 358))
