"""Claims as cards: five verdicts by direction, sentences in each direction, chances that never cross a mark, and the
page.
"""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers.answer import Spread
from leadtime.claims import STANDINGS, Claim, Reading, built_in, standing
from leadtime.claims.standing import CANNOT, DEPENDS, HOLDS, NOT, OPEN
from leadtime.claims.verdict import Verdict
from leadtime.figures.claims import chances, of_100, on_one_axis, readings
from leadtime.report import html
from leadtime.report.claimed import Card, headline, moved, named
from leadtime.report.claimed import Reading as Bar
from leadtime.report.pages.claims import FRONT, matches
from leadtime.report.site import View, pages
from studies import quick_study


def claim(n):
    made = tuple(
        Reading(name=f"reading {i}", quantity="lag.model", parameters={"definition": f"d{i}"}, low=7, high=10)
        for i in range(n)
    )
    return Claim(
        id="c",
        who="Someone",
        said_on=dt.date(2025, 1, 29),
        source="s",
        words="words",
        paraphrase=False,
        note="",
        readings=made,
        not_measurable="" if n else "nobody counts it",
    )


def verdicts(chances_of, simulated=()):
    return [
        Verdict(
            claim="c",
            reading=f"reading {i}",
            band="",
            probability=p,
            low=1,
            median=2,
            high=3,
            unit="months",
            undefined=0,
            note="",
            support="simulated" if i in simulated else "measured",
        )
        for i, p in enumerate(chances_of)
    ]


@pytest.mark.parametrize(
    "p,simulated,verdict,title,sentence",
    [
        ((0.98,), (), HOLDS, "Holds", "True on its one reading."),
        (
            (0.98, 0.7, 0.8),
            (1, 2),
            HOLDS,
            "Holds, two readings of three by simulation",
            "True on all three readings, two of them in our simulation.",
        ),
        ((0.9, 0.9), (0, 1), HOLDS, "Holds, by simulation only", "True on both readings, in our simulation."),
        ((0.2, 0.01), (), NOT, "Does not hold", "Not so on either reading."),
        (
            (0.5,),
            (0,),
            OPEN,
            "Open, by simulation only",
            "Neither shown nor ruled out on its one reading, in our simulation.",
        ),
        (
            (0.9, 0.5, 0.1),
            (),
            DEPENDS,
            "Depends on the definition",
            "Of three readings, true on one, open on one and not so on one.",
        ),
        (
            (0.9, 0.1),
            (1,),
            DEPENDS,
            "Depends on the definition",
            "Of two readings, true on one and not so on one, one of these in our simulation.",
        ),
    ],
)
def test_the_verdict_is_by_direction_and_says_what_is_simulated(p, simulated, verdict, title, sentence):
    found = standing(claim(len(p)), verdicts(p, simulated))
    assert (found.verdict, found.title, found.sentence) == (verdict, title, sentence)
    assert found.n == len(p) and found.n_simulated == len(simulated)


def test_what_cannot_be_measured_says_why():
    none = Verdict(
        claim="c",
        reading="",
        band="not measurable",
        probability=None,
        low=None,
        median=None,
        high=None,
        unit="",
        undefined=0,
        note="nobody counts it",
    )
    found = standing(claim(0), [none])
    assert (found.verdict, found.sentence) == (CANNOT, "Nobody counts it.")


def test_what_is_alleged_counts_for_no_verdict():
    found = verdicts((0.99, 0.1))
    alleged = [dataclasses.replace(found[0], support="alleged"), found[1]]
    both = standing(claim(2), alleged)
    assert both.verdict == NOT
    assert (
        both.sentence == "Not so on its one reading. One reading rests on what somebody alleges and nobody has shown."
    )
    alone = standing(claim(1), alleged[:1])
    assert (alone.verdict, alone.n) == (CANNOT, 0)
    assert alone.sentence == "One reading rests on what somebody alleges and nobody has shown."


@given(st.floats(0, 1))
def test_a_chance_stays_on_its_side_of_a_mark(p):
    said = of_100(p)
    for mark in (5, 33, 66):
        if said == f"{mark}":
            assert 100 * p >= mark
        if said == f"just under {mark}":
            assert mark - 1 < 100 * p < mark
    assert (said == "under 1") == (100 * p < 1) and (said == "over 99") == (100 * p > 99)


def card(verdict, **more):
    return Card(
        **(
            {
                "id": "x",
                "words": "“w”",
                "who": "A",
                "when": "May 1, 2025",
                "said_on": "2025-05-01",
                "summary": False,
                "verdict": verdict,
                "shape": "disk",
                "title": "",
                "sentence": "",
                "topic": "Cost",
                "rests": "measured",
                "readings": (),
                "link": "",
                "source": ("", ""),
                "note": "",
                "missing": "",
            }
            | more
        )
    )


@pytest.mark.parametrize(
    "n,said",
    [
        ((7, 17, 0, 7), "Of 37 claims, 7 hold on every reading and 7 on none. For 17 it depends on what a word means."),
        ((1, 0, 0, 1), "Of 8 claims, 1 holds on every reading and 1 on none."),
        ((0, 0, 0, 2), "Of 8 claims, none holds on every reading, and 2 on no reading."),
        ((0, 0, 0, 0), "Of 6 claims, none holds on every reading."),
    ],
)
def test_the_headline_in_every_direction(n, said):
    made = [card(v) for v, k in zip(STANDINGS, (*n, 6), strict=True) for _ in range(k)]
    assert headline(made) == said.replace("Of 8", f"Of {len(made)}")
    assert headline([]) == "No claim of our ledger was made by this day"


@pytest.mark.parametrize("was,now,how", [(0.2, 0.5, "lower"), (0.5, 0.2, "higher"), (0.5, 0.5, "much the same")])
def test_how_the_chances_moved_is_said_in_each_direction(was, now, how):
    bar = Bar(
        name="r", chance=of_100(now), of_100=100 * now, then=of_100(was), support="measured", ours="", note="", was=was
    )
    assert f"the chances were {how}: {of_100(was)} in 100, against {of_100(now)} now" in moved(
        card(HOLDS, readings=(bar,))
    )
    assert not moved(card(HOLDS, readings=(dataclasses.replace(bar, was=None),)))


@pytest.mark.parametrize(
    "reading,unit,said",
    [
        ("amortized", "USD", "Wear and power: $5.7m"),
        ("over GPT-4, amortized", "ratio", "Over GPT-4, by wear and power"),
        ("Lag against no controls, 2025 Q1", "months", "Gap against no controls, early 2025"),
        ("age of its equal", "months", "Age of its equal"),
    ],
)
def test_a_reading_has_no_codes_in_its_name(reading, unit, said):
    assert named({"reading": reading, "unit": unit, "median": Spread(1e6, 5.7e6, 1e7)}) == said


def test_a_choice_keeps_what_fits_and_nothing_else():
    one = card(HOLDS, words="“chips”")
    for wanted, fits in (
        ({"verdict": HOLDS}, True),
        ({"verdict": OPEN}, False),
        ({"who": "A"}, True),
        ({"topic": "Chips"}, False),
        ({"rests": "simulated"}, False),
        ({"rests": "measured"}, True),
        ({"q": "CHIPS a"}, True),
        ({"q": "models"}, False),
    ):
        assert matches(one, wanted) == fits, wanted


def row(low, median, high, unit="months", asserted=(7.0, 10.0), **more):
    return {
        "claim": "c",
        "reading": "age of its equal",
        "low": low,
        "median": median,
        "high": high,
        "unit": unit,
        "asserted_low": asserted[0],
        "asserted_high": asserted[1],
        "probability": 0.2,
        "then": 0.1,
        "support": "measured",
    } | more


@pytest.mark.parametrize("width", [358, 704, 1120])
@pytest.mark.parametrize(
    "rows",
    [
        [row(3.4, 3.4, 6.2), row(4.6, 9.5, 28), row(-2, 1, 4)],
        [row(2.8e6, 5.7e6, 11e6, "USD", (None, 6e6)), row(58e6, 114e6, 230e6, "USD", (None, 6e6), then=None)],
        [row(0.02, 0.05, 0.06, "fraction", (0.05, None), support="simulated")],
        [row(None, 5, 9, "ratio", (3.0, None)), row(2, 4, None, "ratio", (3.0, None), support="alleged")],
    ],
)
def test_readings_of_one_claim_stand_within_their_picture(rows, width):
    assert on_one_axis(rows)
    for drawn in (readings(width, rows), chances(width, rows)):
        assert drawn.frame.width == width and len(drawn.points) == len(rows)
        assert all(0 <= p.x <= width and 0 <= p.y <= drawn.frame.height for p in drawn.points)
        assert drawn.chart.to_dict()


def test_readings_of_two_ranges_do_not_share_an_axis():
    assert not on_one_axis([row(1, 2, 3), row(1, 2, 3, asserted=(0.0, 1.0))])
    assert not on_one_axis([row(0, 1, 1, "(1 if so)", (1.0, None))])


def test_the_first_page_shows_claims_of_the_ledger():
    assert {c.id for c in built_in()} >= set(FRONT)


def test_the_page_of_a_day_before_any_claim_says_so():
    study = quick_study("2023-06-01")
    made = html.body(pages()["claims"], View(study=study, live=True), carried="")
    assert "No claim of our ledger was made by this day" in made
