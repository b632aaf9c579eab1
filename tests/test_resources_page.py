"""The page on who has what: findings in every direction, sentences that open to figures, and no allegation told as a
finding.
"""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest

from leadtime.answers import ask
from leadtime.answers.argued import ARGUMENT
from leadtime.answers.questions import access, leaks, resources
from leadtime.claims import built_in
from leadtime.errors import LeadtimeError
from leadtime.figures.files import inline
from leadtime.figures.leaks import ALLEGED, FOUND, timeline
from leadtime.figures.sides import sides
from leadtime.figures.usage import usage
from leadtime.report import html, site
from leadtime.report.pages.resources import content, sentences
from leadtime.resources import named
from studies import quick_study

TODAY = dt.date(2026, 11, 30)
WIDTHS = (1120, 704, 358)


@pytest.fixture(scope="module")
def study():
    return quick_study(str(TODAY))


@pytest.fixture(scope="module")
def made(study):
    return content(site.View(study=study))


@pytest.fixture(scope="module")
def page(study, made):
    return html.body(replace(site.pages()["resources"], content=lambda _: made), site.View(study=study))


def row(quantity="electricity generated in a year", ratio=(2.0, 1.8, 2.2), year=2024, note=""):
    return {
        "quantity": quantity,
        "year": year,
        "note": note,
        **dict(zip(("china_over_us", "china_over_us_low", "china_over_us_high"), ratio, strict=True)),
    }


# -- findings in every direction
# -------------------------------------------------------------------------------------------------

ROBOTS = "industrial robots installed in a year"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [row(), row(ROBOTS, (0.25, 0.2, 0.3))],
            (
                "In new industrial robots, America has 4 times China's (3.3 to 5). In electricity, China has 2 times"
                " America's (1.8 to 2.2)."
            ),
        ),
        (
            [row(), row(ROBOTS, (8.0, 7.0, 9.0))],
            "America is not clearly ahead in anything that both count. In new industrial robots, China has 8 times",
        ),
        (
            [row(ratio=(0.5, 0.4, 0.6))],
            "In electricity, America has 2 times China's (1.7 to 2.5). China is not clearly ahead in anything",
        ),
        (
            [row("share of AI papers", (1.5, 1.2, 1.9))],
            "America is not clearly ahead in anything that both count. In AI papers, China has 1.5 times",
        ),
        (
            [row(ratio=(1.0, 0.8, 1.2))],
            "America is not clearly ahead in anything that both count."
            " China is not clearly ahead in anything that both count.",
        ),
        ([row(year=2030)], "No figure was public"),
        ([], "No figure was public"),
    ],
)
def test_the_headline_says_who_is_ahead_and_by_how_much(rows, words):
    assert resources.headline(rows, TODAY).startswith(words)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(), row(ROBOTS, (0.25, 0.2, 0.3))], "Of 2 counts, America is ahead in 1, China in 1"),
        (
            [row(), row(ROBOTS, (1.0, 0.9, 1.1))],
            "Of 2 counts, America is ahead in none, China in 1; 1 is too close to call",
        ),
        ([row(ratio=(None, 20.0, None))], "Of 1 count, America is ahead in none, China in 1"),
        ([], "Nothing can be compared"),
    ],
)
def test_the_tally_counts_each_side(rows, words):
    assert resources.tally(rows).removesuffix(" on this day") == words


def test_a_forecast_is_no_count_of_who_has_what():
    rows = [row(), row(year=2030, note="A forecast."), row(year=2025, note="A forecast.")]
    assert [r["year"] for r in resources.compared(rows, TODAY)] == [2024]


def use(who, quantity, value, width=0.01):
    return {"who": who, "quantity": quantity, "value": value, "value_low": value - width, "value_high": value + width}


@pytest.mark.parametrize(
    ("usa", "chn", "own", "words"),
    [
        (
            0.31,
            0.16,
            0.43,
            (
                "People in America use AI more than people in China, by one count: 31% (30% to 32%) against 16% (15% to"
                " 17%). By China's own count it is the other way: 43%"
            ),
        ),
        (
            0.16,
            0.31,
            0.43,
            (
                "People in America use AI less than people in China, by one count: 16% (15% to 17%) against 31% (30% to"
                " 32%). China's own count is 43%"
            ),
        ),
        (0.31, 0.31, 0.43, "People in America and in China use AI about as much"),
        (0.31, None, 0.43, "31% (30% to 32%) of people in United States use AI, by one count."),
        (None, None, None, "No count of users"),
    ],
)
def test_use_is_told_in_every_direction_and_with_the_count_that_conflicts(usa, chn, own, words):
    given = [(("United States", access._USE), usa), (("China", access._USE), chn), (("China", access._CNNIC), own)]
    assert access.finding([use(*k, v) for k, v in given if v is not None]).replace("’", "'").startswith(words)


@pytest.mark.parametrize(
    ("grades", "words"),
    [
        (["alleged", "alleged", "measured"], "Most of the figures on taken ideas are alleged: 2 of 3."),
        (["alleged", "measured"], "Half of the figures on taken ideas are alleged: 1 of 2."),
        (["alleged", "measured", "reported"], "Fewer than half of the figures on taken ideas are alleged: 1 of 3."),
        (["alleged", "alleged"], "Each figure on taken ideas is alleged"),
        (["measured"], "Each figure on taken ideas was found"),
        ([], "No case"),
    ],
)
def test_how_much_is_alleged_is_told(grades, words):
    assert leaks.finding([{"grade": g} for g in grades]).startswith(words)


# -- the argument
# ------------------------------------------------------------------------------------------------------------------


def test_each_sentence_stands_in_the_ledger_and_its_rows_in_the_tables(study):
    claims = {c.id: c for c in built_in()}
    for s in ARGUMENT:
        assert s.claim in claims
        for line in s.lines:
            for name in "+".join(filter(None, (line.row, line.over, line.less))).split("+"):
                assert named(study.evidence, name).is_published, name
    with pytest.raises(LeadtimeError):
        named(study.evidence, "nobody")


def test_each_sentence_opens_to_a_figure_with_source_or_says_what_nobody_published(made):
    assert len(made["sentences"]) == len(ARGUMENT)
    for s in made["sentences"]:
        assert s["found"] or s["alleged"] or s["missing"]
        for line in (*s["found"], *s["alleged"]):
            assert re.search(r"\d", line["said"]) and line["source"]
            exact = line["value_low"] == line["value_high"] or line["value"] is None
            assert exact or re.search(r"\(.+ to .+\)", line["said"]), line
    by = {s["topic"]: s for s in made["sentences"]}
    assert "computing power serves its military" in by["More focus on military uses"]["missing"][0]
    industry = {line["what"]: line["said"] for line in by["A large industrial base"]["found"]}
    assert industry["Electricity generated, 2024"] == "China has 2.2 times America's"
    assert industry["Drones made, 2025"] == "China has at least 20 times America's"


def test_a_day_on_which_little_was_public_says_so_under_each_sentence():
    then = site.View(study=quick_study("2025-02-15"))
    found = list(sentences(then, ask(then.study, "resources").part("argument").rows))
    assert len(found) == len(ARGUMENT) and any(s["nothing"] and not s["missing"] for s in found)


def test_a_day_before_the_argument_has_none():
    early = quick_study("2024-12-31")
    found = ask(early, "resources")
    assert {r["claim"] for r in found.part("argument").rows} <= {c.id for c in built_in() if c.said_on <= early.as_of}
    assert all(r["year"] <= 2024 for r in resources.compared(found.rows.rows, early.as_of))


# -- what is alleged
# ---------------------------------------------------------------------------------------------------------------


def test_no_allegation_is_drawn_or_told_as_a_finding(study, made, page):
    for s in made["sentences"]:
        assert all(not line["alleged_by"] and line["grade"] != "alleged" for line in s["found"])
        assert all(line["alleged_by"] in page for line in s["alleged"])
    alleged = [r for r in made["taken"].rows.rows if r["grade"] == "alleged"]
    assert alleged
    for width in WIDTHS:
        picture = made["taken"].drawn().at(width)
        drawn = json.dumps(picture.chart.to_dict(validate=False), ensure_ascii=False)
        assert drawn.count('"filled": false') == 1
        told = [p.words for p in picture.points if "Alleged by " in p.words]
        assert len(told) == len(leaks.cases(alleged))
        heads = [p.y for p in picture.points if "Alleged by " not in p.words]
        assert max(heads) < min(
            p.y for p in picture.points if "Alleged by " in p.words
        )  # all that is alleged stands below
    shown = [r for r in made["use"].rows.rows if r["grade"] == "alleged"]
    assert shown and not {r["row"] for r in shown} & {r["row"] for r in access.counted(made["use"].rows.rows)}
    for r in resources.compared(made["have"].rows.rows, study.as_of):
        assert all(named(study.evidence, name).grade != "alleged" for name in r["rows"])


def test_who_says_so_stands_over_each_allegation():
    own = [
        {"label": "A: 3 pages", "words": "w", "begin": None, "end": dt.date(2025, 1, 1), "alleged_by": ""},
        {
            "label": "B: 4 pages",
            "words": "w Alleged by Somebody.",
            "begin": None,
            "end": dt.date(2025, 2, 1),
            "alleged_by": "Somebody",
        },
    ]
    drawn = json.dumps(timeline(704, own, (), TODAY).chart.to_dict(validate=False))
    assert drawn.index(FOUND) and drawn.index(ALLEGED) and "By Somebody" in drawn
    only = json.dumps(timeline(704, own[:1], (), TODAY).chart.to_dict(validate=False))
    assert ALLEGED not in only and '"filled": false' not in only
    assert "No case was public" in json.dumps(timeline(358, [], (), TODAY).chart.to_dict(validate=False))


# -- the charts
# --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_the_charts_keep_their_width_and_their_points_lie_within(made, width):
    for a in (made["have"], made["taken"], made["use"]):
        picture = a.drawn().at(width)
        assert picture.frame.width == width and picture.points
        assert all(0 <= p.x <= width and 0 <= p.y <= picture.frame.height and "\n" in p.words for p in picture.points)


def test_charts_of_nothing_say_so():
    for made_of in (sides, usage):
        assert "public on this day" in json.dumps(made_of(358, []).chart.to_dict(validate=False))


def test_the_words_of_a_chart_keep_their_digits(made):
    drawn = inline(made["have"].drawn(), 358)()
    assert "China 0.97 times America's" in drawn.replace("&#39;", "'").replace("&apos;", "'")


def test_what_the_two_leave_of_a_whole_is_the_rest(made):
    by = {(r["quantity"], r["year"]): r for r in made["have"].rows.rows}
    r = by["share of world manufacturing output", 2024]
    assert r["row"] == pytest.approx(1 - r["usa"] - r["chn"], abs=0.02) and r["row_low"] < r["row"] < r["row_high"]
    assert "leave of the whole" in r["note"]
    assert by["electricity generated in a year", 2024]["row"] is None


def test_counts_that_conflict_stand_side_by_side(made):
    places = [r["who"] for r in access.counted(made["use"].rows.rows)]
    assert places.count("China") == 2 and places.count("world") == 2
    assert abs(places.index("China") - (len(places) - 1 - places[::-1].index("China"))) == 1
    assert len(made["costs"]) == 2


def test_the_page_says_no_ids_and_no_iso_dates(page):
    bare = re.sub(r"<(details|svg|aside).*?</\1>", "", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", bare)
    assert not re.search(r"\b(CHN|ROW)\b|\b20\d\d-\d\d-\d\d\b|%%", text)
    assert "Simulated, not measured" in page
