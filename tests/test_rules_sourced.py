"""Every sourced case: none confidently wrong, one by one and through a file, and every one with its source and place in
it.
"""

import csv
from collections import Counter

import pytest

from leadtime.rules import log as logs
from leadtime.rules.verdict import MEANINGS
from rules_sourced import OPEN, flags, many, one, outcome, read

CASES = read()
#: Asked one by one in each run; the others through the file, which must say the same.
SINGLES = CASES[::4]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return many(CASES, tmp_path_factory.mktemp("cases"))


def wrong_in(case, found):
    """Return what a status, or a row of the batch, says against the source."""
    said = (
        found
        if isinstance(found, dict)
        else {"verdict": found.verdict, "eccn": found.eccn, "review": found.review, "exceptions": found.exceptions}
    )
    exceptions = said["exceptions"]
    has = (
        case["exceptions"] in exceptions
        if case["exceptions"] not in ("", "-")
        else not exceptions or case["exceptions"] == ""
    )
    return [
        name
        for name, is_so in (
            ("verdict", outcome(case, said["verdict"]) != "wrong"),
            ("eccn", case["eccn"] in ("", said["eccn"])),
            ("review", case["review"] in ("", said["review"])),
            ("exceptions", has),
        )
        if not is_so
    ]


def test_no_answer_is_confidently_wrong(rows):
    wrong = {
        case["id"]: (wrong_in(case, row), row["verdict"], case["note"]) for case, row in zip(CASES, rows, strict=True)
    }
    assert {key: value for key, value in wrong.items() if value[0]} == {}


def test_one_by_one_they_are_as_in_a_file(rows):
    by_id = {case["id"]: row["verdict"] for case, row in zip(CASES, rows, strict=True)}
    for case in SINGLES:
        found = one(case)
        assert found.verdict == by_id[case["id"]], case
        assert wrong_in(case, found) == [], (case, found.verdict, found.eccn, found.review, found.exceptions)


@pytest.mark.slow
def test_all_one_by_one():
    for case in CASES:
        assert wrong_in(case, one(case)) == [], case


def test_hardly_any_answer_is_left_open(rows):
    """An engine that never answers is never wrong either."""
    told = Counter(outcome(case, row["verdict"]) for case, row in zip(CASES, rows, strict=True))
    assert told["right"] >= 0.97 * len(CASES)


def test_cases_are_many_and_each_has_its_source():
    with (logs.DATA / "sources.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    assert len(CASES) >= 300
    assert len({case["id"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case["source"] in known or case["source"].startswith(("https://", "http://")), case
        assert (
            case["where"]
            and case["note"]
            and case["kind"] in ("rule text", "agency guidance", "company filing", "law firm", "press", "data sheet")
        )
        assert set(case["verdict"].split("|")) <= set(MEANINGS)
        assert not set(case["verdict"].split("|")) <= set(
            OPEN
        )  # a case that only asks for an open answer tests nothing


def test_no_case_is_there_twice_and_all_kinds_are():
    keys = Counter(
        tuple(v for k, v in case.items() if k not in ("id", "source", "where", "kind", "note")) for case in CASES
    )
    assert max(keys.values()) == 1
    assert {case["item"] for case in CASES} == {"chip", "system", "hbm", "weights", "foundry-die"}
    assert {case["origin"] or "us" for case in CASES} == {"us", "reexport", "in-country"}
    assert {name for case in CASES for name in flags(case)} >= {"listed", "owned_by_listed", "datacenter", "certified"}
