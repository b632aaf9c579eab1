"""Editions at the ends of months, and what moved since."""

import datetime as dt

import pytest

from leadtime.errors import LeadtimeError
from leadtime.report import editions
from leadtime.report.editions import Edition, Number
from studies import quick_study


def edition(*numbers):
    return Edition(as_of=dt.date(2026, 10, 31), evidence_hash="x", version="0", answer="In part.", numbers=numbers)


def number(name, value):
    return Number(name=name, words=f"the {name}", value=value, chance="")


def test_ends_of_months_are_the_last_before_a_day():
    assert [str(d) for d in editions.month_ends(dt.date(2026, 3, 31))] == ["2025-12-31", "2026-01-31", "2026-02-28"]
    assert editions.month_ends(dt.date(2024, 3, 1), 1) == [dt.date(2024, 2, 29)]


def test_what_moved_came_and_went_is_told_and_nothing_else():
    before = edition(number("a", "1 (0 to 2)"), number("b", "5%"), number("gone", "3"))
    now = [number("a", "2 (1 to 3)"), number("b", "5%"), number("new", "7")]
    told = [(m.words, m.before, m.now) for m in editions.moved(before, now)]
    assert told == [("the a", "1 (0 to 2)", "2 (1 to 3)"), ("the new", "not told", "7"), ("the gone", "3", "not told")]
    assert editions.moved(before, list(before.numbers)) == []


def test_editions_that_ship_are_ends_of_months_with_their_hash():
    kept = editions.stored()
    assert [e.as_of for e in kept] == editions.month_ends(kept[-1].as_of + dt.timedelta(days=1))
    assert all(len(e.evidence_hash) == 16 and e.numbers and e.answer for e in kept)
    assert editions.last_before(dt.date(2030, 1, 1)) == kept[-1]
    with pytest.raises(LeadtimeError, match="there is no edition"):
        editions.last_before(dt.date(2024, 1, 1))


def test_an_edition_is_the_first_page_of_its_day():
    study = quick_study("2026-10-31")
    made = editions.of(study)
    assert made.as_of == study.as_of and made.evidence_hash == study.stamp["evidence_hash"]
    assert {n.name for n in made.numbers} >= {"share_fell", "lag_behind", "lag_grew"}
    rows = dict(editions.new_rows(quick_study("2026-11-30"), dt.date(2026, 8, 31)))
    assert rows["scores"] > 100
