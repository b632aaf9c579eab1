"""Models and Chips: what their headlines say in every direction, what their charts hold, and the pages in
every state.
"""

import datetime as dt
import re

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers.frontier_words import after_its_equal, equals, gap_of, title_of_meanings
from leadtime.answers.questions.supply_share import heading as share_heading
from leadtime.answers.registry import ask
from leadtime.answers.supply_drawn import bar, shares, smuggled
from leadtime.figures.frontiers import Chosen, Frontiers, Record, Side
from leadtime.figures.meanings import Meanings, Reading
from leadtime.figures.placed import Room, around
from leadtime.report import html, site
from leadtime.report.site import View
from studies import quick_study


@pytest.fixture(scope="module")
def study():
    return quick_study()


# -- what is said
# ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "chance", "still_open", "said"),
    [
        (3.4, 0.7, False, "X came out 3.4 months after its first US equal."),
        (1.0, 0.7, False, "X came out 1.0 month after its first US equal."),
        (-1.2, 0.9, False, "X came out 1.2 months before its first US equal."),
        (0.0, 0.9, False, "X came out on the same day as its first US equal."),
        (5.5, 0.3, False, "X came out about 5.5 months after its first US equal."),
        (-2.0, 1.0, True, "X has no US equal yet, 2.0 months after it came out."),
        (0.0, 1.0, True, "X has no US equal yet."),
        (None, 0.0, False, "How far X was behind cannot be measured."),
    ],
)
def test_a_model_came_out_after_its_equal_before_it_or_has_none(months, chance, still_open, said):
    row = {"title": "X", "likely_months": months, "likely_chance": chance, "open": still_open}
    assert after_its_equal(row, "US equal") == said


def test_the_other_equal_is_named_with_its_gap_whichever_way_it_points():
    row = {
        "open": False,
        "first_equal": "OpenAI's o1",
        "first_equal_on": dt.date(2024, 12, 5),
        "likely_chance": 0.6,
        "other_equals": [{"model": "xAI's Grok", "months": -0.4, "chance": 0.2}],
    }
    first, other = equals(row)
    assert first == "Its likeliest equal was OpenAI's o1 of December 5, 2024."
    assert other == "It may have been xAI's Grok instead (20 in 100). Then the gap was 0.4 months ahead."
    assert len(equals({**row, "other_equals": [{"model": "Y", "months": 1.0, "chance": 0.01}]})) == 1
    assert equals({**row, "first_equal": ""}) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"A": [3.4, 6.2]}, "“How far behind?” has two fair answers: 3.4 to 6.2 months"),
        ({"A": [-2.0, -1.0]}, "“How far behind?” has two fair answers: 1.0 to 2.0 months ahead"),
        ({"A": [-2.0, 1.0]}, "“How far behind?” has two fair answers: 2.0 months ahead to 1.0 behind"),
        ({"A": [3.0, 4.0], "B": [1.0, 2.0]}, "“Behind” has several meanings. B was the closest on all two"),
        (
            {"A": [3.0, 1.0, 1.0], "B": [1.0, 2.0, 2.0]},
            "“Behind” has several meanings. A was the closest on two of three",
        ),
        ({"A": [None, None]}, "“Behind” has many meanings, and none can be measured here"),
    ],
)
def test_the_meanings_have_a_finding(values, said):
    rows = [
        {"title": who, "definition": str(i), "median": m}
        for who, medians in values.items()
        for i, m in enumerate(medians)
    ]
    assert title_of_meanings(rows) == said


def test_a_gap_in_a_few_words():
    assert [gap_of(v) for v in (3.44, -1.2, 0.0, None)] == [
        "3.4 months behind",
        "1.2 months ahead",
        "level",
        "not measured",
    ]


class Counted:
    """Arrivals of two years and a half, as draws."""

    class history:
        quarters = tuple(f"{y}Q{q}" for y in (2024, 2025, 2026) for q in (1, 2, 3, 4))[:10]

    def __init__(self, legal, diverted):
        shape = np.ones((4, 10))
        self.flows = {"legal": legal * shape, "diverted": diverted * shape}


@pytest.mark.parametrize(
    ("legal", "diverted", "said"),
    [
        (60.0, 40.0, "About 40% of the AI chips China got in 2025 were smuggled, and 40% in 2026 so far"),
        (60.0, 0.0, "Of the AI chips China got in 2025, none is known to have been smuggled"),
        (0.0, 0.0, "Of the AI chips China got in 2025, none is known to have been smuggled"),
    ],
)
def test_what_was_smuggled_is_said_whether_much_or_none(legal, diverted, said):
    assert smuggled(Counted(legal, diverted), ("legal", "diverted")) == said


@pytest.mark.parametrize(("p", "word"), [(0.97, " fell from "), (0.5, "is unclear"), (0.02, "did not fall")])
def test_the_share_fell_did_not_or_it_is_unclear(p, word):
    assert word in share_heading({"p_fell": p, "share_before_median": 0.18, "share_after_median": 0.09})


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=5))
def test_a_bar_is_as_high_as_its_total_and_its_parts_are_its_shares(values):
    draws = {
        name: np.full(20, v)
        for name, v in zip(("legal", "domestic", "proxy", "diverted", "rented"), values, strict=False)
    }
    drawn = bar((dt.date(2025, 1, 1), dt.date(2025, 12, 31)), "2025", "2025", draws, total=True)
    assert sum(drawn.parts.values()) == pytest.approx(sum(values), rel=1e-9, abs=1e-9)
    assert sum(s.median for s in shares(draws).values()) == pytest.approx(1.0 if sum(values) > 0 else 0.0)


# -- what is drawn
# -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200), st.booleans()), max_size=20))
def test_words_cross_neither_marks_nor_each_other(points):
    room = Room(300, 200, top=20)
    for x, y, _ in points:
        room.mark(x, y)
    marks, placed = list(room.taken), []
    for x, y, above in points:
        box = room.place(around(x, y, 60, 16, above=above, far=(6, 14)))
        if box:
            assert not any(a < box[2] and box[0] < c and b < box[3] and box[1] < d for a, b, c, d in [*marks, *placed])
            assert box[0] >= 0 and box[2] <= 300 and box[1] >= 20 and box[3] <= 200
            placed.append(box)


def sizes(spec):
    """Yield the size of every text mark of a spec."""
    for layer in spec.get("layer", ()):
        yield from sizes(layer)
        mark = layer.get("mark")
        if isinstance(mark, dict) and mark.get("type") == "text":
            yield mark["fontSize"]


@pytest.mark.parametrize("width", [358, 704, 1120])
def test_the_frontier_chart_is_legible_and_within_its_picture(width):
    days = [dt.date(2024, m, 1) for m in range(1, 13)]
    sides = [
        Side(
            name=name,
            country=code,
            leads=code == "USA",
            steps=[(d, v + i - 1, v + i, v + i + 1) for i, d in enumerate(days)],
            records=[Record(name=f"{name} {i}", day=d, points=v + i, words="words") for i, d in enumerate(days)],
        )
        for name, code, v in (("United States", "USA", 130.0), ("China", "CHN", 120.0))
    ]
    models = [
        Chosen(name="M", country="CHN", day=days[6], points=126.0, equal_on=None, gap="no equal yet", words="M"),
        Chosen(
            name="Ahead", country="CHN", day=days[3], points=134.0, equal_on=days[5], gap="2 months ahead", words="A"
        ),
    ]
    drawn = Frontiers(sides=sides, models=models, since=days[0], until=days[-1]).drawn(width)
    spec = drawn.chart.to_dict()
    assert min(sizes(spec)) >= 12
    assert len(drawn.points) == 2 * 12 + 2
    assert all(0 <= p.x <= width and 0 <= p.y <= drawn.frame.height for p in drawn.points)
    without = Frontiers(sides=sides, models=models, since=days[0], until=days[-1], bands=False).drawn(width)
    assert len(without.chart.to_dict()["layer"]) < len(spec["layer"])


@pytest.mark.parametrize("width", [358, 540, 1120])
def test_a_range_without_width_is_a_bare_dot_and_what_is_missing_says_so(width):
    readings = [
        Reading(subject=s, meaning=m, low=low, median=v, high=high, words=f"{s} {m}")
        for s in ("A", "B")
        for m, low, v, high in (("one", 1.0, 1.0, 1.0), ("two", -1.0, 2.0, 3.0), ("three", None, None, None))
    ]
    drawn = Meanings(readings=readings, chosen="one", hues={}).drawn(width)
    with alt.data_transformers.enable(consolidate_datasets=False):
        text = str(drawn.chart.to_dict())
    assert text.count("cannot be measured") == 2 and len(drawn.points) == 4
    assert text.count("'strokeWidth': 8") == 2  # one bar for each that has a range


# -- the pages
# ---------------------------------------------------------------------------------------------------------------


def shown(study, path, **asked):
    return html.body(site.pages()[path], View(study=study, asked=asked, live=True), carried="")


def test_the_models_page_in_its_states(study):
    usual = shown(study, "models", tab="table")
    assert re.search(r"<h1>DeepSeek-V3 came out (about )?\d\.\d months (after|before) its first US equal\.</h1>", usual)
    assert usual.count("You asked about") == 4 and "Show" in usual
    empty = shown(study, "models", names=("none",))
    assert "Add a model to see how far behind it is" in empty and empty.count("data-explore>DeepSeek") == 2
    slip = shown(study, "models", add="Deepsek-V3", tab="table")
    assert 'aria-invalid="true"' in slip and 'value="Deepsek-V3"' in slip and "deepseek-v3" in slip
    assert "DeepSeek-V3 came out" in slip  # the rest stands
    lab = shown(study, "models", names=("deepseek",), tab="table", definition="trend_gap_linear")
    assert re.search(r"<h1>DeepSeek&#39;s best models were .* (behind|ahead of) America&#39;s", lab)
    assert "2024Q" not in usual and "CHN" not in re.sub(r"<(input|a|option)[^>]*>", "", usual)


def test_a_page_of_a_past_day_knows_no_later_model():
    early = quick_study("2024-10-01")
    found = ask(early, "frontiers")
    assert "deepseek-v3" not in {r["id"] for r in found.rows.rows} and found.sentence.endswith(".")
    assert all(str(r["released_on"]) <= "2024-10-01" for r in found.rows.rows if r["released_on"])


def test_the_chips_page_in_its_states(study):
    several = shown(study, "chips", names=("CHN", "USA"), tab="table")
    assert "the United States" in several and "smuggled" in several
    assert "Add a country" in shown(study, "chips", names=("none",))
    slip = shown(study, "chips", since="soon", tab="about")
    assert "is not a date" in slip and "got AI chips worth" in slip
    found = ask(study, "supply arrivals", since=dt.date(2025, 1, 1))
    assert {r["quarter"][:4] for r in found.rows.rows} == {"2025", "2026"}


def test_a_chart_keeps_what_was_chosen_in_its_address(study):
    drawn = ask(
        study, "frontiers", names=("kimi-k3", "CHN"), bands="off", events="none", since=dt.date(2025, 1, 1)
    ).drawn()
    for part in ("names=kimi-k3", "names=CHN", "bands=off", "events=none", "since=2025-01-01"):
        assert part in drawn.address
    assert drawn.data["day"].min() >= dt.date(2025, 1, 1)
