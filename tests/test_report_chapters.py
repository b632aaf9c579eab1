"""Chapters and the front page of the report, on the built-in evidence."""

import numpy as np
import polars as pl
import pytest

from conforms import conforms
from leadtime.quantities import value
from leadtime.report import (
    chapter_cost,
    chapter_curve,
    chapter_fork,
    chapter_rules,
    front,
    tables,
)
from leadtime.report.derivations import of_measure
from leadtime.study import Study
from studies import EARLY, shared


def test_the_chapter_on_the_rules_says_what_the_engine_says():
    study = Study("2024-06-01", method="map")
    chapter = chapter_rules.chapter(study)
    conforms("chapters", {"rules": chapter.json})
    today = {(row["chip"], row["place"]): row for row in chapter.json["today"]}
    h100 = study.evidence["chips"].filter(pl.col("id") == "h100-sxm")["name"].item()
    assert today[h100, "To China"]["eccn"] == "3A090.a"
    assert today[h100, "To China"]["review"] == "presumption_of_denial"
    assert not [q for q in chapter.json["quarters"] if q["quarter"] > "2024 Q2"]


def test_the_chapter_on_cost_keeps_the_meanings_apart():
    chapter = chapter_cost.chapter(shared())
    conforms("chapters", {"cost": chapter.json})
    rungs = {r["words"]: r for r in chapter.json["ladder"]}
    assert rungs["amortized"]["low_usd"] < rungs["amortized"]["median_usd"] < rungs["acquisition"]["median_usd"]
    assert rungs["acquisition"]["median_usd"] < 1.6e9 == rungs["servers owned, SemiAnalysis"]["median_usd"]
    factors = [r["factor"] for r in chapter.json["savings"] if r["metric"] == "gpu_hours"]
    assert np.prod(factors[:-1]) == pytest.approx(factors[-1])
    split = chapter.json["against_llama_3_1_405b"]
    assert split["flop_per_token"] * split["tokens"] * split["throughput"] == pytest.approx(split["gpu_hours"])
    assert "11.6 times fewer chip hours" in chapter.lead
    assert chapter_cost.chapter(shared("2024-06-01")) is None


def test_the_chapter_on_the_curve_can_be_written_as_of_the_day_of_the_essay():
    found = chapter_curve.chapter(shared(EARLY))
    assert {f.name for f in found.figures} == {
        "curve-expected",
        "curve-spec",
    }  # dollars per FLOP were published later
    assert found.json["reinvestment"] == []
    assert "DeepSeek-V3 was abler than" in found.lead
    for f in found.figures:
        assert f.spec()["$schema"]


@pytest.mark.parametrize("day", ["2024-02-01", EARLY])
def test_chapters_that_the_day_cannot_fill_are_left_out(day):
    assert chapter_fork.chapter(shared(day)) is None


# -- the front page
# -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fell", "grew", "begins", "holds"),
    [
        (0.99, 0.99, "So far, yes. China gets a smaller share", "and its models are further behind than a year ago"),
        (0.99, 0.5, "In part. China gets a smaller share", "but its models are not clearly further behind"),
        (0.99, 0.01, "In part. ", "less far behind than a year ago"),
        (0.01, 0.99, "In part. China gets no smaller share", "but its models are further behind"),
        (0.01, 0.01, "So far, no. China gets no smaller share", "and its models are less far behind"),
        (0.5, 0.5, "Not shown. Whether China gets a smaller share", "not clearly further behind"),
        (None, 0.5, "Not shown. How many chips reach China was not counted yet", "and its models"),
        (None, None, "As of this day the evidence does not say", "whether the rules are working"),
    ],
)
def test_the_front_page_answers_whichever_way_the_measures_point(fell, grew, begins, holds):
    said = front.answer(fell, grew)
    assert said.startswith(begins)
    assert holds in said


def test_what_opens_beside_a_number_of_the_front_page_is_that_number():
    study = shared()
    page = front.front(study)
    assert [m.name for m in page.measures][:3] == ["share_fell", "diverted_share", "stock_ratio"]
    for m in page.measures:
        if not m.explain:
            assert m.name == "price_of_a_month_usd"
            continue
        draws = value(study, *of_measure(m.explain))
        percent = m.name in ("share_fell", "diverted_share")
        if m.name == "share_fell":  # the page gives both ends, the explanation their difference
            assert float(np.mean(draws < 0)) == pytest.approx(m.probability)
            continue
        middle = float(np.median(draws)) * (100 if percent else 1)
        assert m.value.startswith(tables.number(middle, 0 if percent else 1)), m.name


@pytest.mark.parametrize("fell", [0.99, 0.01])
def test_what_rests_on_an_assumption_is_said_to_and_is_no_plain_answer(fell):
    said = front.answer(fell, fell, assumed=True)
    assert (
        said.startswith(("In part. ", "Not shown. "))
        and "This holds if what we assume of uncounted chips holds." in said
    )


def test_the_front_leads_with_what_was_counted_and_names_what_is_assumed_beside_it():
    page = front.front(shared())
    share = page.measures[0]
    assert share.layer == "estimated from few sources" and "before the rules tightened" in share.words
    assert "assume" not in page.answer
    before_any = next(u for u in page.unknown if u.startswith("How China's share moved since before any rule"))
    assert "We assume, with ranges: " in before_any and "Huawei 2022" in before_any


def test_the_front_bounds_the_effect_and_calls_the_simulation_one_models_answer():
    study = shared()
    page = front.front(study)
    assert (
        page.cause == study.effect().short == study.ask("effect").sentence
        and "if computing power is the only way" in page.cause.lower()
    )
    effect = next(m for m in page.measures if m.name == "effect")
    assert effect.layer == "simulated" and "in our simulation" in effect.words and "in our simulation" in effect.chance
    assert "cannot be bounded" in front.front(shared(EARLY)).cause
