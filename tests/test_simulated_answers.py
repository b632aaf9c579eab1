"""Answers on chips, on the effect of the rules and on scenarios: their sentences are true in every direction, their
figures are drawn.
"""

import datetime as dt
from types import SimpleNamespace

import polars as pl
import pytest

from leadtime.answers import ask, find
from leadtime.answers.answer import Column, Spread
from leadtime.answers.questions import (
    scenario_run,
    scenario_sensitivity,
    scenario_sweep,
    supply,
    supply_compare,
    supply_share,
)
from leadtime.answers.simulated import Chosen, lags_told, lead, wanted
from leadtime.answers.words import shown
from leadtime.effect import layers
from leadtime.errors import LeadtimeError
from leadtime.figures.fork import response
from leadtime.scenario.files import built_in
from studies import quick_study
from terminal_side import typed

TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def study():
    return quick_study()


# -- sentences
# ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "arrived", "against", "words"),
    [
        (
            "CHN",
            (0.66e6, 1.2e6, 2.2e6),
            (0.17, 0.42, 0.72),
            (
                "1.2 million H100s arrived in China (660,000 to 2.2 million). About 42% of them came against the rules"
                " (17% to 72%)."
            ),
        ),
        (
            "CHN",
            (20e3, 30e3, 40e3),
            (0.0, 0.0, 0.0),
            "30,000 H100s arrived in China (20,000 to 40,000). None is known to have come against the rules.",
        ),
        ("CHN", (0.0, 0.0, 0.0), None, "no counted AI chips arrived in China."),
        ("USA", (12e6, 14e6, 17e6), None, "14 million H100s arrived in the United States (12 million to 17 million)."),
    ],
)
def test_what_arrived_is_told_with_what_came_against_the_rules(country, arrived, against, words):
    said = supply.sentence(
        country, "In the year to June 2026", Spread(*arrived), None if against is None else Spread(*against)
    )
    assert said.startswith("In the year to June 2026, ") and said.endswith(words)


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (
            0.97,
            (
                "China's share of arriving AI chips, counting the same makers, fell from 18% (15% to 22%) in 2022 Q4 to"
                " 2023 Q3 to 9%"
            ),
        ),
        (0.03, "did not fall: it went from 18%"),
        (0.5, "fell is unclear: it was 18%"),
    ],
)
def test_chinas_share_fell_did_not_or_it_is_unclear(p, words):
    ends = {"share_before": (0.15, 0.18, 0.22), "share_after": (0.05, 0.09, 0.16)}
    row = {f"{k}_{e}": v for k, vs in ends.items() for e, v in zip(("low", "median", "high"), vs, strict=True)}
    said = supply_share.sentence(
        {**row, "makers": "same", "before": "2022Q4-2023Q3", "after": "2025Q3-2026Q2", "p_fell": p}
    )
    assert words in said and said.endswith(".")


def compared(value, low=None, high=None, ours=(1.0, 2.0, 3.0)):
    return {
        "value": value,
        "low": low,
        "high": high,
        **dict(zip(("our_low", "our_median", "our_high"), ours, strict=True)),
    }


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "No estimate of others was public"),
        ([compared(1.0, ours=(None,) * 3)], "1 estimate. None can be set beside"),
        ([compared(2.5), compared(None, 2.9, 9.0)], "All of these agree"),
        ([compared(9.0), compared(None, None, 0.5)], "None of these agree"),
        ([compared(2.0), compared(9.0)], "1 of these agrees"),
        ([compared(2.0)], "One can be set beside our count, and agrees"),
        ([compared(9.0)], "and does not agree"),
    ],
)
def test_estimates_of_others_agree_or_not(rows, words):
    assert words in supply_compare.sentence(rows)


@pytest.mark.parametrize(
    ("lower", "upper", "p", "words"),
    [
        (-0.2, 1.6, (0.003, 0.99), "changed it by something between 0.2 months shorter and 1.6 longer"),
        (
            0.4,
            1.6,
            (0.4, 0.9),
            (
                "lengthened it by 0.4 to 1.6 months. The chance that they added more than half a month is anywhere from"
                " 40 in 100 to 90 in 100"
            ),
        ),
        (-1.6, -0.4, (0.0, 0.1), "shortened it by 0.4 to 1.6 months"),
        (-0.01, 0.02, (0.5, 0.5), "did not change it. The chance that they added more than half a month is 50 in 100."),
        (0.0, 1.6, (0.1, 0.2), "lengthened it by 0.0 to 1.6 months"),
        (1.0, 1.0, (1.0, 1.0), "lengthened it by 1.0 months"),
    ],
)
def test_the_effect_of_the_rules_is_told_in_its_direction(lower, upper, p, words):
    said = layers.short(
        "2026Q2", {"lower_months": lower, "upper_months": upper, "lower_p_matters": p[0], "upper_p_matters": p[1]}
    )
    assert said.startswith("What the rules did to China's gap cannot be measured.") and words in said


def lag_row(title, low, median, high, **more):
    return {"title": title, "lag_low": low, "lag_median": median, "lag_high": high, **more}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [lag_row("As it is", 5.1, 8.1, 11.6)],
            (
                "In our simulation, under “As it is”, China's best models would be 8.1 months behind America's in the"
                " fourth quarter of 2028 (5.1 to 11.6)."
            ),
        ),
        ([lag_row("A", -3.0, -1.5, 0.5)], "would be 1.5 months ahead of America's"),
        ([lag_row("A", 0.0, 0.0, 0.0)], "would be level with America's"),
        (
            [lag_row("A", 1, 2, 3), lag_row("B", 2, 3, 4)],
            "Under “B”, they would be 3.0 months behind America's (2.0 to 4.0).",
        ),
        ([lag_row(c, 1, 2, 3) for c in "ABCDE"], "There are 2 more in the table."),
    ],
)
def test_scenarios_are_told_as_simulated_behind_ahead_and_level(rows, words):
    assert words in scenario_run.sentence("In our simulation,", rows, "2028Q4")


def test_a_simulation_says_first_what_it_is():
    def fork(reproduced):
        trend = None if reproduced is None else SimpleNamespace(reproduced=reproduced)
        return SimpleNamespace(prior=False, checks=SimpleNamespace(trend=trend))

    assert lead(SimpleNamespace(prior=True)).startswith("By the priors of our simulation alone")
    assert lead(fork(True)) == "In our simulation,"
    assert "does not reproduce the measured path" in lead(fork(False))
    assert "no measured trend" in lead(fork(None))
    assert lags_told("In our simulation,", [("under “A”", Spread(None, None, None))], "2028Q1").endswith(
        "cannot be measured."
    )


def test_a_sweep_tells_its_ends_or_its_one_value():
    rows = [{**lag_row("", 5, 8, 11), "value": v} for v in (0.0, 0.5, 1.0)]
    said = scenario_sweep.sentence("In our simulation,", "diversion_cut", rows, dt.date(2027, 1, 1), "2028Q4")
    assert "with diversion cut at 0 from January 1, 2027, China's" in said and "With diversion cut at 1, they" in said
    assert "they" not in scenario_sweep.sentence("", "uptake", rows[:1], dt.date(2027, 1, 1), "2028Q4")


@pytest.mark.parametrize(
    ("width", "needed", "words"),
    [
        (
            7.2,
            None,
            (
                "follower gain moves the gap most: from 11.9 months at the low end of its range to 4.7 at the high end."
                " No input alone brings"
            ),
        ),
        (7.2, 3.5, "Alone, follower gain would bring its middle to one month or less at 3.5 (now 1.2)."),
        (0, None, "no input moves the gap. No input"),
    ],
)
def test_what_matters_most_is_told_and_what_alone_would_do(width, needed, words):
    bars = [{"parameter": "follower-gain", "width": width, "at_low": 11.9, "at_high": 4.7}]
    alone = [{"parameter": "follower-gain", "needed": needed, "now": 1.2}]
    said = scenario_sensitivity.sentence("gap", bars, alone, 0.0)
    assert words in said and said.endswith("The chance of one month or less is under 1 in 100.")


# -- cells
# -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"v": None, "a": 1.0, "b": 2.0}, "1.0 to 2.0"),
        ({"v": None, "a": None, "b": 2.0}, "at most 2.0"),
        ({"v": None, "a": 1.0, "b": None}, "at least 1.0"),
        ({"v": None, "a": None, "b": None}, ""),
        ({"v": 1.5, "a": 1.0, "b": 2.0}, "1.5 (1.0 to 2.0)"),
    ],
)
def test_an_interval_may_lack_its_middle_or_an_end(row, words):
    assert shown(Column(key="v", title="V", kind="spread", low="a", high="b"), row) == words


def test_a_share_is_told_with_its_interval_and_a_change_in_points():
    row = {"x": 0.09, "x_low": 0.05, "x_high": 0.16, "d": -0.09, "d_low": -0.15, "d_high": 0.02}
    assert shown(Column(key="x", title="X", kind="share"), row) == "9% (5% to 16%)"
    assert shown(Column(key="d", title="D", kind="share", signed=True), row) == "-9 (-15 to +2)"
    assert shown(Column(key="x", title="X", kind="share"), {"x": 0.09}) == "9%"


# -- scenarios of one's own
# --------------------------------------------------------------------------------------------------


class FakeFork:
    def __init__(self):
        self.scenarios, self.forgotten = built_in(), []

    def scenario(self, name):
        if name not in self.scenarios:
            raise LeadtimeError(f"there is no scenario called {name!r}")
        return self.scenarios[name]

    def forget(self, name):
        self.scenarios.pop(name, None)
        self.forgotten.append(name)


def test_scenarios_of_ones_own_are_forgotten_whatever_happens(tmp_path):
    fork, path = FakeFork(), tmp_path / "as-is.yaml"
    path.write_text("title: Mine\nnarrative: More.\nbase: as-is\nlevers: {uptake: [{from: 2027-01-01, value: 1}]}\n")
    with wanted(fork, Chosen(names=["no-controls"], sets=["uptake=0"], files=[path])) as names:
        assert names == ["no-controls", "as-is", "(yours)"]
        assert (
            fork.scenario("as-is").title == "Mine" and "as-is" in fork.forgotten
        )  # what ran under that name was another
    assert fork.scenarios == built_in()
    with pytest.raises(LeadtimeError, match="too large"), wanted(fork, Chosen(sets=["uptake=2"], files=[path])):
        pass
    assert fork.scenarios == built_in()
    with pytest.raises(LeadtimeError, match="no scenario was named"), wanted(fork, Chosen()):
        pass


# -- figures and doors
# -------------------------------------------------------------------------------------------------------


def test_figures_of_fakes_are_drawn():
    rows = pl.DataFrame({"value": [0.0, 1.0], "low": [1.0, 2.0], "median": [2.0, 3.0], "high": [3.0, 4.0]})
    assert all(response(rows, "uptake", "months")(width).chart.to_dict()["layer"] for width in (704, 358))


def test_a_sweep_in_one_call_has_its_figure_and_leaves_nothing_behind(study):
    before = dict(study.fork.scenarios)
    found = ask(study, "scenario sweep", lever="uptake", values=(1, 0, 0.5, 0))
    assert [r["value"] for r in found.to_json()["rows"]] == [0.0, 0.5, 1.0]
    assert found.figure().data.height == 3 and found.sentence.startswith("In our simulation")
    assert study.fork.scenarios == before
    for bad in (
        {"values": ()},
        {"values": (float("nan"),)},
        {"values": (2,)},
        {"lever": "upteak", "values": (1,)},
        {"values": (1,), "start": "2050-01-01"},
        {"values": (1,), "by": "2050Q1"},
        {"values": (1,), "base": "as-was"},
    ):
        with pytest.raises(LeadtimeError):
            ask(study, "scenario sweep", **{"lever": "uptake", **bad})


def test_blocs_have_names_and_forms_have_titles(study):
    from leadtime.report.controls import controls

    assert ask(study, "supply", country="America").asked == {"country": "USA"}
    assert dict(controls("supply", study, {})["country"].choices)["ROW"] == "Rest of the world"
    assert dict(controls("scenario run", study, {})["names"].choices)["as-is"] == "As it is"
    assert ask(study, "supply chips", country="USA").figure is None and find("supply chips").no_figure


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scenario", "run", "as-is", "--draws", "60000"), "too many to keep"),
        (("scenario", "show", "as-was"), "as-was"),
        (("scenario", "draws", "rules-change"), "its own priors or rule changes"),
        (("scenario", "list", "--levers", "--profiles"), "two questions"),
        (("supply", "--compare", "--country", "USA"), "does not take"),
        (("scenario", "draws", "as-is", "--draws", "7"), "too small"),
    ],
)
def test_what_cannot_be_asked_is_told_in_words(arguments, words):
    done = typed(*arguments)
    assert done.returncode == 1 and words in done.stderr.replace("\n  ", " ")
