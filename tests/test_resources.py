"""Published figures on talent, money, industry, leaks and access: refused where they say too little, drawn as what they
are, told as what is known.
"""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.answers import ask
from leadtime.answers.questions import access, leaks, resources
from leadtime.answers.resourced import times
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.resources import Figure, figures, named
from leadtime.resources.holders import named_in
from leadtime.resources.sides import apart, conflicts, pairs
from studies import quick_study

SOURCE = "id,title,publisher,published_on,kind\nours,Ours,Ours,2026-10-01,primary\n"
HEAD = (
    "id,kind,quantity,bloc,unit,low,central,high,from,to,definition,whole,grade,alleged_by,source,known_on,confidence\n"
)
GOOD = "a,work,people,USA,people,,10,,2025-01-01,2025-12-31,All of them.,,reported,,ours,2026-01-01,high\n"
MONEY = "entity,country,kind,period_start,period_end,value_usd,share,definition,whole,grade,source,known_on\n"
TODAY = "2026-11-30"


@pytest.fixture(scope="module")
def study():
    return quick_study(TODAY)


@pytest.fixture(scope="module")
def stated():
    return Assumptions(Evidence.load()["assumptions"], seed=0, draws=400)


def folder(path, **tables):
    (path / "evidence").mkdir()
    for name, text in {"sources": SOURCE, **tables}.items():
        (path / "evidence" / f"{name}.csv").write_text(text)
    return path


def figure(**more):
    given = {
        "table": "talent",
        "id": "a",
        "kind": "work",
        "quantity": "people",
        "bloc": "USA",
        "who": "",
        "unit": "people",
        "low": None,
        "central": 10.0,
        "high": None,
        "begin": dt.date(2025, 1, 1),
        "end": dt.date(2025, 12, 31),
        "definition": "x",
        "whole": "",
        "grade": "reported",
        "alleged_by": "",
        "conflicts": (),
        "source": "ours",
        "known_on": dt.date(2026, 1, 1),
        "confidence": "high",
        "note": "",
    }
    return Figure(**(given | more))


# -- bad input
# ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        (GOOD.replace(",2025-12-31,", ",,"), "to", "a date"),
        (GOOD.replace(",people,,10", ",,,10"), "unit", "text"),
        (GOOD.replace("All of them.", ""), "definition", "text"),
        (GOOD.replace(",,reported,,", ",,alleged,,"), "alleged_by", "who alleges it"),
        (GOOD.replace(",,reported,,", ",,reported,Somebody,"), "alleged_by", "the grade alleged"),
        (GOOD.replace("people,,10,", "fraction,,0.1,"), "whole", "what the share is a share of"),
        (GOOD.replace("people,,10,", "%,,10,").replace(".,,rep", ".,all,rep"), "unit", "fraction"),
        (GOOD.replace("people,,10,", "fraction,,10,").replace(".,,rep", ".,all,rep"), "unit", "between 0 and 1"),
        (GOOD.replace("people,,10,", "people,,,"), "central", "a number here"),
        (GOOD.replace("reported", "unpublished"), "central", "no number"),
        (GOOD.replace("people,,10,", "people,11,10,"), "central", "low (11) or more"),
        (GOOD.replace("2025-01-01,2025-12-31", "2025-12-31,2025-01-01"), "to", "from (2025-12-31) or later"),
    ],
)
@pytest.mark.parametrize("table", ["talent"])
def test_a_row_that_says_too_little_is_refused_with_file_row_and_column(tmp_path, table, row, column, expected):
    with pytest.raises(LeadtimeError) as found:
        Evidence.load(folder(tmp_path, **{table: HEAD + row}))
    assert f"{table}.csv, row 2, column {column}" in str(found.value)
    assert expected in str(found.value)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("all,USA,share-venture-ai,2025-01-01,2025-12-31,,0.5,All.,,estimate,ours,2026-01-01\n", "whole"),
        ("all,USA,share-venture-ai,2025-01-01,2025-12-31,,0.5,,all money,estimate,ours,2026-01-01\n", "definition"),
        ("all,USA,venture-ai,2025-01-01,2025-12-31,,,All.,,estimate,ours,2026-01-01\n", "value_usd"),
    ],
)
def test_a_share_of_money_says_of_what_and_a_row_has_an_amount(tmp_path, row, column):
    with pytest.raises(LeadtimeError, match=f"investment.csv, row 2, column {column}"):
        Evidence.load(folder(tmp_path, investment=MONEY + row))


def test_a_conflict_names_rows_that_are_there(tmp_path):
    text = HEAD.replace("alleged_by", "alleged_by,conflicts_with") + GOOD.replace("reported,,", "reported,,nobody,")
    with pytest.raises(LeadtimeError, match=r"talent\.csv, row 2, column conflicts_with"):
        Evidence.load(folder(tmp_path, talent=text))


def test_a_row_of_ones_own_is_read_and_asked(tmp_path):
    own = quick_study(TODAY, folder(tmp_path, talent=HEAD + GOOD))
    assert named(own.evidence, "a").central == 10.0


# -- figures
# -----------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    center=st.floats(1e-3, 1e9),
    down=st.floats(0.01, 1),
    up=st.floats(1, 100),
    confidence=st.sampled_from(["high", "medium", "low"]),
)
def test_draws_keep_to_the_published_ends(stated, center, down, up, confidence):
    f = figure(low=center * down, central=center, high=center * up, confidence=confidence)
    x = f.draws(stated)
    assert not x.is_open
    assert np.isfinite(x.low).all() and (x.low > 0).all()
    low, middle, high = np.quantile(x.low, [0.05, 0.5, 0.95])
    assert low == pytest.approx(f.low, rel=0.35) or down < 0.1
    assert center * down <= middle * 1.2 and middle <= center * up * 1.2
    assert low <= middle <= high


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 1), st.sampled_from(["high", "medium", "low"]))
def test_a_share_never_leaves_0_to_1(stated, center, confidence):
    x = figure(unit="fraction", whole="all", central=center, confidence=confidence).draws(stated).low
    assert x.min() >= 0 and x.max() <= 1


def test_less_sure_is_wider_and_a_count_is_exact(stated):
    width = {
        c: np.ptp(np.quantile(figure(confidence=c).draws(stated).low, [0.05, 0.95])) for c in ("high", "medium", "low")
    }
    assert 0 < width["high"] < width["medium"] < width["low"]
    assert np.ptp(figure(grade="measured").draws(stated).low) == 0
    assert figure().interval == "assumed" and figure(low=9.0, high=11.0).interval == "published"


def test_at_least_and_at_most_are_open_ends(stated):
    floor, ceiling = (figure(central=None, **{k: 500.0}).draws(stated) for k in ("low", "high"))
    assert floor.is_open and np.isinf(floor.high).all() and (floor.low == 500).all()
    assert ceiling.is_open and (ceiling.low == 0).all() and (ceiling.high == 500).all()
    assert len(floor.flat()) == 2 * len(floor.low)


def test_every_row_that_ships_can_be_drawn_and_says_what_it_is(study, stated):
    found = figures(study.evidence)
    assert {f.table for f in found} == {"talent", "military", "leaks", "industry", "access", "investment"}
    for f in found:
        if f.is_published:
            x = f.draws(stated)
            assert np.isfinite(x.low).all() and (x.low <= x.high).all(), f.id
        assert bool(f.alleged_by) == (f.grade == "alleged"), f.id
        assert f.whole or f.unit != "fraction", f.id
    assert sum(not f.is_published for f in found) >= 4


def test_a_prior_names_rows_that_were_public_when_it_was_set(study):
    notes = study.evidence["assumptions"].filter(pl.col("note").str.contains("Rows: ")).select("id", "known_on", "note")
    assert {
        "sim-distillation-part",
        "sim-theft-part",
        "sim-capital-odds",
        "sim-capital-response",
        "sim-domestic-scale",
        "sim-hbm-2026",
    } <= set(notes["id"])
    for name, known_on, note in notes.iter_rows():
        for row in note.partition("Rows: ")[2].rstrip(".").split(", "):
            assert named(study.evidence, row).known_on <= known_on, (name, row)


# -- side by side
# --------------------------------------------------------------------------------------------------------------


def test_the_longer_period_counts_then_the_newer(stated):
    one = figure(bloc="CHN", id="half", end=dt.date(2025, 12, 31), begin=dt.date(2025, 7, 1), kind="work")
    other = figure(bloc="CHN", id="year", kind="work", central=20.0)
    newer = figure(bloc="CHN", id="newer", kind="work", central=30.0, known_on=dt.date(2026, 6, 1))
    (pair,) = pairs([one, other, figure(id="usa"), newer], stated)
    assert pair.figures["CHN"].id == "newer" and pair.figures["USA"].id == "usa"
    assert float(np.median(pair.ratio.low)) == pytest.approx(3.0, rel=0.05)


def test_what_cannot_be_compared_says_why(stated):
    found = [
        figure(id="firm", who="Acme"),
        figure(id="aim", grade="target"),
        figure(id="none", grade="unpublished", central=None),
        figure(id="alone", quantity="cars", bloc="CHN"),
        figure(id="usa"),
        figure(id="chn", bloc="CHN"),
    ]
    why = {f.id: w for f, w in apart(found, pairs(found, stated))}
    assert set(why) == {"firm", "aim", "none", "alone"}
    assert "Acme" in why["firm"] and "aim" in why["aim"] and "nobody" in why["none"] and "United States" in why["alone"]


def test_a_sum_over_years_is_no_figure_of_one_year(stated):
    long = figure(table="investment", kind="venture-ai", unit="USD", bloc="CHN", begin=dt.date(2015, 1, 1), id="long")
    year = figure(table="investment", kind="venture-ai", unit="USD", bloc="CHN", id="year")
    (pair,) = pairs([long, year], stated)
    assert pair.figures["CHN"].id == "year"
    assert {f.id: w for f, w in apart([long, year], [pair])}["long"] == "a sum over 11 years"


def test_a_conflict_is_told_once():
    a, b = figure(id="a", conflicts=("b",)), figure(id="b", conflicts=("a",))
    assert len(conflicts([a, b])) == 1


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ((2.0, 1.5, 3.0), "China has 2 times America's (1.5 to 3)"),
        ((0.5, 0.4, 0.6), "America has 2 times China's (1.7 to 2.5)"),
        ((1.1, 0.9, 1.3), "neither has clearly more"),
        ((None, 20.0, None), "China has at least 20 times America's"),
        ((None, None, 0.1), "America has at least 10 times China's"),
        ((None, 0.5, None), ""),
        ((None, None, None), ""),
        ((2.0, 2.0, 2.0), "China has 2 times America's"),
    ],
)
def test_who_has_more_is_told_in_every_direction(cell, words):
    said = times(dict(zip(("china_over_us", "china_over_us_low", "china_over_us_high"), cell, strict=True)))
    assert said.startswith(words) and (words or not said)


def test_no_figure_is_told(study):
    assert resources.sentence([]).startswith("No figure")
    assert resources.sentence_of("CHN", []).startswith("Of China, none of these figures")
    assert access.sentence([]).startswith("No figure")
    assert leaks.sentence([], []).startswith("No case")


def test_the_blocs_stand_side_by_side_with_intervals(study):
    found = ask(study, "resources").to_json()
    by = {(r["quantity"], r["year"]): r for r in found["rows"]}
    electricity = by["electricity generated in a year", 2024]
    assert electricity["china_over_us"] == pytest.approx(10087 / 4635)
    assert electricity["rows"] == ["elec-usa-2024", "elec-chn-2024"] or set(electricity["rows"]) == {
        "elec-usa-2024",
        "elec-chn-2024",
    }
    assert by["private investment in AI", 2025]["usa"] == 285.9e9
    assert {r["resource"] for r in found["rows"]} == {"chips", "capital", "talent", "power", "industrial base"}
    assert any(r["why"].startswith("no figure") for r in found["apart"])
    assert {frozenset((c["row"], c["other_row"])) for c in found["conflicts"]} >= {
        frozenset(("neurips2025-lead-chn", "neurips2025-papers-chn"))
    }


# -- leaks
# ----------------------------------------------------------------------------------------------------------------------


def test_the_accused_are_found_by_name(study):
    texts = ["DeepSeek, Moonshot AI and MiniMax", "Alibaba (Qwen)"]
    assert set(named_in(study.evidence["organizations"], texts)) == {"deepseek", "moonshot", "minimax", "alibaba"}
    assert named_in(study.evidence["organizations"], ["nobody"]) == {}


def test_what_leaks_could_explain_is_a_bound(study):
    found = ask(study, "leaks").to_json()
    assert found["accused"] == ["alibaba", "deepseek", "minimax", "moonshot"]
    for r in found["explains"]:
        assert 0 <= r["share_at_most_low"] <= r["share_at_most"] <= r["share_at_most_high"] <= 1
        if r["gain_months"] is not None:
            assert r["months_at_most_high"] <= r["gain_months_high"] * 1.001
    assert all(r["alleged_by"] for r in found["rows"] if r["grade"] == "alleged")
    assert "Nobody has published" in found["sentence"]


def test_all_laboratories_together_hold_every_day_and_none_holds_none(study):
    from leadtime.resources.holders import share_of_days

    every = frozenset(study.evidence["organizations"].filter(pl.col("country") == "CHN")["id"])
    assert np.allclose(share_of_days(study, every, 2025), 1.0)
    assert np.allclose(share_of_days(study, frozenset(), 2025), 0.0)
    assert share_of_days(study, every, 2035) is None
