"""Parties on lists: official columns read, names known in other spellings, and no list never taken for 'not listed'."""

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.rules import Rulebook
from leadtime.rules import log as logs
from leadtime.rules.batch import run
from leadtime.rules.screening import Screener, screen, words
from leadtime.rules.screening_lists import read
from leadtime.rules.status import status
from leadtime.rules.transaction import Stated, transaction

FILE = Path(__file__).parent / "rules" / "lists.csv"
LOG = logs.built_in()
DAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def screener():
    return Screener(read([FILE]))


def verdict(flags, to="DEU", on=DAY):
    return status(LOG, transaction(LOG, "h100-sxm", Stated(to=to, flags=flags)), on, dt.date(2026, 11, 23)).verdict


@pytest.mark.parametrize(
    "typed",
    [
        "Shenzhen Qixinlong Intelligent Technology Co., Ltd.",
        "SHENZHEN QIXINLONG INTELLIGENT TECH CO LTD",
        "Qixinlong Intelligent Technology (Shenzhen) Limited",
        "Shenzhen Qi Xinlong Intelligent Technology",
        "Shenzhen Qixinglong Intelligent Technology Co. Ltd",
        "Qixinlong AI",
        "Qi Xin Long",
    ],
)
def test_a_listed_party_is_known_in_other_spellings(screener, typed):
    found = screen(screener, typed, [], DAY)
    assert found.listed is True
    best = found.matches[0]
    assert (best.source.split()[0], best.start, best.notice) == ("Entity", dt.date(2023, 3, 2), "88 FR 11111")
    assert verdict(found.flags) == "license-required"


@pytest.mark.parametrize(
    "typed",
    [
        "Shenzhen Tailinmei Intelligent Technology Co., Ltd.",
        "Acme GmbH",
        "Beijing Yuanwei Supercomputing Institute",
        "Intelligent Technology",
    ],
)
def test_another_brand_is_another_party(screener, typed):
    assert screen(screener, typed, [], DAY).listed is False


def test_a_transliteration_with_another_legal_form_is_the_same_party(screener):
    for typed in (
        "Vektorstanov LLC",
        "OOO VEKTORSTANOV",
        "Limited Liability Company Vektorstanov",
        "Vektorst\u00e1nov Ltd",
    ):
        found = screen(screener, typed, [], DAY)
        assert (found.listed, found.on_other_list) == (False, True), typed


def test_another_list_is_not_covered_and_never_no_license(screener):
    found = screen(screener, "Nanjing Taifengke Aviation Industry Corporation", [], DAY)
    assert verdict(found.flags) == "not-covered"
    assert verdict(screen(screener, "Nanjing Taifengke Aviation", [], DAY).flags) == "not-covered"  # may be it


def test_an_entry_counts_on_its_days(screener):
    name = "Istanbul Marzarnur Trading Limited"
    before, after = (screen(screener, name, [], dt.date(2025, 1, d)) for d in (15, 16))
    assert (before.listed, after.listed) == (False, True)
    assert before.later and not before.matches
    assert screen(screener, "Hefei Boguang Optoelectronics", [], DAY).on_other_list is False  # taken off in 2023


def test_no_list_is_said_and_never_taken_for_not_listed():
    found = screen(None, "Acme GmbH", [], DAY)
    assert found.listed is None
    assert "no list of parties was read" in found.said[0]
    assert verdict(found.flags) == "depends"


@pytest.mark.parametrize(
    ("shares", "listed"), [((0.5, 0.0), True), ((0.49, 0.0), False), ((0.3, 0.2), True), ((0.3, 0.19), False)]
)
def test_owners_that_hold_half_together_carry_their_listing_over(screener, shares, listed):
    owners = zip(("Qixinlong AI", "Beijing Zhonglianrui Supercomputing Institute"), shares, strict=True)
    assert screen(screener, "Acme GmbH", [o for o in owners if o[1]], DAY).owned_by_listed is listed


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-09-28", "no-license"),
        ("2025-09-29", "license-required"),
        ("2025-11-09", "license-required"),
        ("2025-11-10", "no-license"),
    ],
)
def test_ownership_counts_while_the_affiliates_rule_was_in_force(screener, on, expected):
    day = dt.date.fromisoformat(on)
    flags = screen(screener, "Acme GmbH", [("Qixinlong AI", 0.6)], day).flags
    made = transaction(LOG, "rtx-3080", Stated(to="DEU", flags=flags))
    assert status(LOG, made, day, dt.date(2026, 11, 23)).verdict == expected


def test_json_and_csv_of_the_same_list_are_the_same(tmp_path):
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [
            {**r, "alt_names": [n.strip() for n in r["alt_names"].split(";") if n.strip()]}
            for r in csv.DictReader(file)
        ]
    path = tmp_path / "consolidated.json"
    path.write_text(
        json.dumps({"total": len(rows), "results": [{k: v or None for k, v in r.items()} for r in rows]}),
        encoding="utf-8",
    )
    assert read([path]).entries == read([FILE]).entries


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "column"),
        ("a,b\n1,2\n", "column 'name'"),
        ("name,list\n,Entity List\n", "no name"),
        ("name,list\n", "does not contain any party"),
        ('{"results": 3}', "a list of results"),
        ("[1]", "is not a party"),
        ("name,list,start_date\nX,EL,soon\n", "is not a date"),
        ('name,list\n"X', "not valid CSV"),
        ("{", "not valid JSON"),
    ],
)
def test_what_is_no_list_is_told(tmp_path, content, told):
    path = tmp_path / "list.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LeadtimeError) as error:
        read([path])
    assert told in str(error.value)


@given(st.text(min_size=1, max_size=60))
def test_any_name_is_screened_or_told(name):
    try:
        found = screen(Screener(read([FILE])) if name[0] == "x" else None, name, [], DAY)
    except LeadtimeError:
        assert not words(name)
        return
    assert found.said


def test_a_list_in_the_folder_of_a_study_does_not_lead_elsewhere(tmp_path):
    folder = tmp_path / "study" / "lists"
    folder.mkdir(parents=True)
    (folder / "el.csv").write_bytes(FILE.read_bytes())
    rules = Rulebook(LOG, study=tmp_path / "study")
    assert len(rules.parties.lists.entries) == 7
    (folder / "out.csv").symlink_to(FILE)
    with pytest.raises(LeadtimeError) as error:
        rules.parties_with([])
    assert str(tmp_path) not in str(error.value) or "leads out" in str(error.value)


def test_a_batch_looks_its_parties_up(tmp_path, screener):
    path, out = tmp_path / "t.csv", tmp_path / "o.csv"
    path.write_text(
        "chip,to,on,party\nh100-sxm,DEU,2026-06-01,Qixinlong AI\nh100-sxm,DEU,2023-03-01,Qixinlong"
        " AI\nh100-sxm,DEU,2026-06-01,Acme GmbH\nh100-sxm,DEU,2026-06-01,\nh100-sxm,DEU,2026-06-01,Nanjing Taifengke"
        " Aviation Industry\nh100-sxm,DEU,2026-06-01,---\n",
        encoding="utf-8",
    )
    done = run(LOG, path, out, tmp_path / "r.csv", dt.date(2026, 11, 23), screener)
    with out.open(encoding="utf-8") as file:
        found = [row["verdict"] for row in csv.DictReader(file)]
    assert done.n_refused == 1
    assert found[0] == "license-required" and found[1] != "license-required"
    assert found[2] == found[3] and found[4] == "not-covered"
    run(LOG, path, out, tmp_path / "r.csv", dt.date(2026, 11, 23))
    with out.open(encoding="utf-8") as file:
        assert [row["verdict"] for row in csv.DictReader(file)][2] == "depends"  # no list at hand
