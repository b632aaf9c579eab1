"""The page on the rules: limits and how near, the answer over time, chips by days, and what the page says of them."""

import datetime as dt
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers.over_time import finding
from leadtime.answers.registry import find
from leadtime.figures.tokens import TOKENS
from leadtime.report import html
from leadtime.report.pages.rules import example
from leadtime.report.site import View, pages
from leadtime.report.statuses import near, plainly
from leadtime.rules.letters import MEANINGS, lettered
from leadtime.rules.nearness import distance, limits
from leadtime.rules.quantities import times
from leadtime.rules.rulebook import Rulebook
from leadtime.rules.spells import Spell, spells
from leadtime.rules.status import headline
from leadtime.study import Study

TODAY = dt.date(2026, 11, 30)
RULES = Rulebook(as_known=TODAY)


def status(chip, to, on):
    return RULES.status(RULES.transaction(chip, to=to), dt.date.fromisoformat(on))


def test_the_h20_stands_just_under_the_general_rule_and_far_over_the_letter():
    found = {(x.rule, x.quantity): x for x in limits(RULES.log, status("h20", "CHN", "2025-05-01"))}
    assert found["General rule", "tpp"].limit == 2400 and found["General rule", "tpp"].distance == "Under by 1.3%"
    assert found["General rule", "pd"].distance == "Under by 9%"
    letter = found["Letter", "dram_gb_s"]
    assert letter.over and letter.limit == 1400 and letter.distance == "Over, nearly three times the limit"


@pytest.mark.parametrize("chip,on", [("h20", "2025-05-01"), ("h100-sxm", "2026-02-01"), ("h200-sxm", "2026-11-01")])
def test_each_limit_that_is_named_is_one_of_a_rule_and_on_the_side_it_says(chip, on):
    s = status(chip, "CHN", on)
    found = limits(RULES.log, s)
    assert found
    for x in found:
        assert x.over == (x.value >= x.limit)
        assert x.distance.startswith("Over" if x.over and x.value > x.limit else ("Under", "Exactly"))
        assert s.transaction.number(x.quantity) == (x.value, x.value)
    bars = near([{k: getattr(x, k) for k in x.__dataclass_fields__} for x in found])
    assert all(0 < b.full <= 100 and 0 < b.mark < 100 and (b.full >= b.mark) == b.over for b in bars)


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_a_distance_never_says_the_wrong_side(value, limit):
    said = distance(value, limit)
    assert said.startswith("Exactly" if value == limit else "Over" if value > limit else "Under")


@pytest.mark.parametrize(
    "ratio,said", [(2.86, "nearly three times"), (2.0, "two times"), (2.4, "2.4 times"), (12, "12 times")]
)
def test_ratios_are_said_as_people_say_them(ratio, said):
    assert times(ratio) == said


@pytest.mark.parametrize("chip,to", [("h20", "CHN"), ("h100-sxm", "CHN"), ("gb300", "ARE"), ("b200", "MYS")])
def test_each_day_lies_in_one_spell_of_the_rule_and_the_engine_says_the_same(chip, to):
    s = status(chip, to, "2026-06-01")
    rule = [x for x in spells(RULES.log, s) if x.row == "rule"]
    assert all(a.end == b.begin and a.letter + a.words != b.letter + b.words for a, b in itertools.pairwise(rule))
    assert rule[-1].end is None
    for x in rule:
        for day in {x.begin, (x.end or TODAY) - dt.timedelta(days=1)}:
            said = lettered(headline(RULES.log, s.transaction, day, TODAY))
            assert (said.letter, said.words) == (x.letter, x.words)


def test_what_was_done_stands_with_whoever_did_it():
    found = spells(RULES.log, status("h20", "CHN", "2025-05-01"))
    begun = {(x.row, x.begin) for x in found}
    assert ("washington", dt.date(2025, 8, 8)) in begun and ("there", dt.date(2025, 9, 17)) in begun
    known_then = Rulebook(as_known="2025-05-01")
    s = known_then.status(known_then.transaction("h20", to="CHN"), "2025-05-01")
    assert [x.row for x in spells(known_then.log, s)] == ["rule", "rule"]


@pytest.mark.parametrize(
    "letters,said",
    [
        ("F", "never needed a license"),
        ("D", "was always presumed denied"),
        ("F?", "went from free to licensed in one step"),
        ("DC", "went from presumed denied to case by case in one step"),
        ("FDF", "is free again, after two steps"),
    ],
)
def test_the_title_of_the_strip_in_each_direction(letters, said):
    days = [dt.date(2022 + i, 8, 1) for i in range(len(letters) + 1)]
    rule = [Spell(row="rule", begin=days[i], end=days[i + 1], letter=k, words=k) for i, k in enumerate(letters)]
    assert finding("the H20", rule) == f"The H20 {said}"


def test_the_matrix_says_what_one_question_says():
    found = find("rules matrix").ask(RULES, {"chip": ["h20", "h200-sxm", "b200"], "on": ["2025-05-01", "2026-02-01"]})
    for r in found.rows.rows:
        one = headline(RULES.log, RULES.transaction(r["chip"], to="CHN"), r["on"], TODAY)
        assert (r["letter"], r["words"]) == tuple(lettered(one))
        assert r["letter"] in MEANINGS
    drawn = found.drawn()
    assert {drawn.at(w).frame.width for w in (358, 704, 1120)} == {358, 704, 1120}
    assert len(drawn.at(358).points) == len(found.rows.rows)


def luminance(value):
    parts = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(
        w * (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4)
        for w, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
    )


@pytest.mark.parametrize("ground,ink", [("free", "ink"), ("case", "ink"), ("denied", "paper"), ("paper", "soft")])
@pytest.mark.parametrize("dark", [0, 1])
def test_words_on_each_shade_can_be_read(ground, ink, dark):
    a, b = sorted(luminance(TOKENS[n][dark]) for n in (ground, ink))
    assert (b + 0.05) / (a + 0.05) >= 4.5


def page(as_of=TODAY, live=True, **asked):
    study = Study(as_of)
    view = View(study=study, asked=asked, live=live)
    return html.body(pages()["rules"], view, carried="")


def test_the_page_opens_on_a_worked_example_with_its_verdict_first():
    made = page()
    assert re.search(r'<h1 class="verdict">No, not without a license.</h1>', made)
    assert made.index("<h1") < made.index("Because") < made.index("How near the limits")
    assert "Under by 1.3%" in made and "You asked: May 1, 2025" in made
    said = re.sub(r"<figcaption>.*?</figcaption>", "", made.partition("How we got there")[0], flags=re.S)
    assert not re.search(r">[^<]*\b20\d\d-\d\d-\d\d\b", said)
    offline = page(live=False)
    assert "<form" not in offline and "May the HGX H20 be sold to China on May 1, 2025?" in offline


def test_a_past_day_opens_on_what_was_known_and_a_slip_is_told_in_place():
    assert example(dt.date(2025, 1, 29)) == {"chip": "h100-sxm", "to": "CHN", "on": "2022-11-01"}
    assert "presumes that it would deny" in page(dt.date(2025, 1, 29))
    wrong = page(chip="nope", to="CHN")
    assert "We could not answer that" in wrong and 'role="alert"' in wrong
    assert plainly("NVIDIA 8-K of 2025-04-15, 15 % of it") == "NVIDIA 8-K of April 15, 2025, 15% of it"
