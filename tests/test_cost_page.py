"""Costs side by side: what the headline says in each direction, the chart at each width, and the page."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers.answer import Spread
from leadtime.answers.questions import cost_savings, expected
from leadtime.answers.registry import find
from leadtime.evidence import Evidence
from leadtime.figures.cost import PLAIN, dollars, hues, ladder, parts, side_by_side
from leadtime.report import costed
from leadtime.report.pages.cost import EXAMPLES


@pytest.fixture(scope="module")
def compared():
    evidence = Evidence.load(as_of=dt.date(2026, 11, 30))
    return find("cost compare").ask(evidence, {"models": ["deepseek-v3", "llama-3-1-405b"], "draws": 400})


@pytest.mark.parametrize(
    "ratio,said",
    [
        (5.1, "about five times as much"),
        (1.5, "about 1.5 times as much"),
        (1.05, "about as much"),
        (0.9, "about as much"),
        (0.7, "about 70% as much"),
        (0.5, "about half as much"),
        (0.14, "about a seventh as much"),
        (0.03, "about 3% as much"),
        (48.0, "about 48 times as much"),
    ],
)
def test_a_ratio_is_said_as_people_say_it(ratio, said):
    assert costed.as_much(ratio) == said


@given(st.floats(1e-4, 1e4))
def test_every_ratio_has_words_on_its_own_side(ratio):
    said = costed.as_much(ratio)
    if ratio > 1.3:
        assert "times as much" in said
    if ratio < 0.75:
        assert "times" not in said and "as much" in said


@pytest.mark.parametrize(
    "p,said", [(0.99, "cost"), (0.01, "cost"), (0.88, "probably cost"), (0.2, "probably cost"), (0.5, "may have cost")]
)
def test_the_verb_says_how_sure_it_is(p, said):
    assert costed.verb(p) == said


def answer(models, ratio=None, wear=5.7e6, buying=114e6):
    rows = [
        {"definition": d, "model": m, "median": Spread(v and v / 2, v, v and v * 2), "note": ""}
        for m in models
        for d, v in (("amortized", wear), ("acquisition", buying))
    ]
    draws = None if ratio is None else np.full(10, ratio)
    ratios = (
        []
        if ratio is None
        else [
            {
                "definition": "amortized",
                "model": models[0],
                "against": models[1],
                "ratio": SimpleNamespace(median=ratio, low=ratio / 2, high=ratio * 2, draws=draws),
                "p_dearer": float(ratio > 1),
                "p_half_more": 0.5,
                "p_tenfold": 0.1,
                "p_two_thirds": 0.5,
                "p_tenth": 0.1,
            }
        ]
    )
    tables = {"ratios": ratios, "published": [], "filled": []}
    return SimpleNamespace(
        rows=SimpleNamespace(rows=rows),
        part=lambda n: SimpleNamespace(rows=tables[n]),
        values={"models": [{"model": m} for m in models]},
    )


def test_the_headline_in_every_direction():
    assert costed.headline(answer(["A", "B"], 5.0)) == "A cost about five times as much to train as B"
    assert costed.headline(answer(["A", "B"], 0.2)) == "A cost about a fifth as much to train as B"
    assert costed.headline(answer(["A", "B"], 1.5)) == (
        "A cost more to train than B, but how much more is not known"  # 0.75 to 3 times
    )
    assert "from 0.75 to 3 times as much. Our middle guess is about 1.5 times" in costed.deck(answer(["A", "B"], 1.5))
    assert costed.headline(answer(["A", "B"], 0.6)).endswith("to train than B, but how much less is not known")
    assert (
        costed.headline(answer(["A"]))
        == "A's chips wore out by about $5.7m with their power; buying them would take about $110m"
    )
    assert costed.headline(answer(["A"], buying=None)).endswith("with their power")
    assert costed.headline(answer(["A"], wear=None)) == "What A cost to train cannot be worked out"
    assert costed.headline(answer([])) == "Nobody has published enough to say what training cost"
    assert "from 2.5 to 10 times as much" in costed.deck(answer(["A", "B"], 5.0))
    assert "from 10% to 40%" in costed.deck(answer(["A", "B"], 0.2))
    assert (
        costed.sure(answer(["A", "B"], 5.0))[0] == "Chance that A cost more than B: over 99 in 100 by wear and power."
    )
    assert (
        costed.sure(answer(["A", "B"], 0.2))[0] == "Chance that A cost less than B: over 99 in 100 by wear and power."
    )


def test_the_ratio_is_taken_draw_by_draw(compared):
    for r in compared.part("ratios").rows:
        draws = r["ratio"].draws
        assert r["p_dearer"] == np.mean(draws > 1) and r["p_tenth"] == np.mean(draws < 0.1)
        assert r["p_two_thirds"] == np.mean(draws <= 2 / 3)
    medians = {str(r["definition"]): r["median"].median for r in compared.rows.rows if r["model"] == "DeepSeek-V3"}
    assert set(medians) == set(PLAIN)


def test_published_figures_stand_only_where_their_source_states_the_meaning(compared):
    stated = compared.part("published").rows
    mine = [o for o in stated if o["by"] == "deepseek"]
    assert [str(o["definition"]) for o in mine] == ["rental"]
    drawn = compared.drawn()
    assert len(drawn.at(1120).points) == sum(r["median"].median is not None for r in compared.rows.rows) + len(stated)


@pytest.mark.parametrize("width", [358, 704, 1120])
def test_the_chart_keeps_within_its_picture_also_where_something_is_not_known(width):
    rows = [
        {"definition": d, "model": m, "low": 1e6, "median": 5e6, "high": 9e8, "note": ""}
        for d in PLAIN
        for m in ("A", "B")
    ]
    rows[3] |= {
        "low": None,
        "median": None,
        "high": None,
        "note": "nobody has said how many chips it used at once, nor where",
    }
    others = [
        {
            "definition": d,
            "model": "A",
            "name": "Epoch AI",
            "value_usd": 3e6,
            "low_usd": low,
            "high_usd": high,
            "meaning": "m",
        }
        for d, low, high in (("amortized", None, None), ("", 2e6, 6e6), ("", None, None))
    ]
    drawn = side_by_side(width, rows, others, hues({"A": "CHN", "B": "CHN"}))
    assert drawn.frame.width == width and len(drawn.points) == 12
    assert all(0 <= p.x <= width and 0 <= p.y <= drawn.frame.height for p in drawn.points)
    told = str(drawn.chart.to_dict())
    assert "Cannot be worked out" in told and "Meaning not stated" in told
    assert side_by_side(width, [], [], {}).chart.to_dict()
    assert ladder(
        width,
        [{"by": "leadtime", "words": "rental", "definition": "", "low_usd": 1e6, "median_usd": 2e6, "high_usd": 3e6}],
    ).points
    ours = [
        {"part": p, "low_usd": v / 2, "median_usd": v, "high_usd": 2 * v} for p, v in (("Chips", 3e6), ("Power", 1e5))
    ]
    bar = parts(width, ours, "china")
    assert len(bar.points) == 2 and "Chips: $3m ($1.5m to $6m)" in str(bar.chart.to_dict())


def test_colors_are_those_of_countries_and_never_the_same_twice():
    assert hues({"A": "CHN", "B": "USA"}) == {"A": "china", "B": "us"}
    assert len(set(hues({"A": "CHN", "B": "CHN", "C": None, "D": "USA"}).values())) == 4


@pytest.mark.parametrize(
    "value,said",
    [(5.73e6, "$5.7m"), (114e6, "$110m"), (1.62e9, "$1.6bn"), (999.9e6, "$1bn"), (950e3, "$950k"), (12, "$12")],
)
def test_dollars_have_two_digits_that_count(value, said):
    assert dollars(value) == said


def test_the_page_opens_on_models_that_the_evidence_names():
    names = set(Evidence.load(as_of=dt.date(2026, 11, 30))["models"]["id"])
    assert {m for example in EXAMPLES for m in example} <= names


def view(percentile):
    return {"views": [{"view": "ex_ante", "ability_percentile": percentile}]}


@pytest.mark.parametrize(
    "percentile,said",
    [
        (92, "For its compute DeepSeek-V3 was abler than 92% of what was to be expected"),
        (20, "For its compute DeepSeek-V3 was less able than 80% of what was to be expected"),
        (50, "For its compute DeepSeek-V3 was about as able as was to be expected"),
        (None, "What was to be expected of DeepSeek-V3 is not known for this day"),
    ],
)
def test_the_title_of_the_curve_in_every_direction(percentile, said):
    assert expected.finding("DeepSeek-V3", view(percentile)) == said


def test_the_title_of_the_savings_names_what_saved_most_or_that_nothing_did():
    hours = {"mla": {"shapley": 1.0}, "fp8": {"shapley": 2.0}}
    assert cost_savings.saver(hours) == "8-bit products (FP8) took most off DeepSeek-V3's chip hours"
    assert cost_savings.saver({"mla": {"shapley": -1.0}}).startswith("None of its innovations")
