"""Rules: ledgers, batches of rows, the plane and the chapter."""

import dataclasses
import datetime as dt

import polars as pl
import pytest

from leadtime.errors import LeadtimeError
from leadtime.rules import Rulebook, batch, plane
from leadtime.rules import log as logs
from leadtime.rules.ledger import check
from leadtime.rules.status import status
from leadtime.rules.transaction import Stated, transaction
from rules_chips import log_with_chips

TODAY = dt.date(2026, 11, 23)


def test_ledger(tmp_path):
    path = tmp_path / "shipments.csv"
    path.write_text(
        "date,chip,to,quantity,buyer\n2026-06-10,h200-sxm,USA,100000,a\n2026-06-15,h200-sxm,CHN,40000,b\n"
        "2026-06-20,h200-sxm,CHN,40000,b\n2025-06-01,h100,IND,2000,c\n"
    )
    found = {c.constraint: c for c in check(log_with_chips(), path, TODAY).checks}
    assert found["volume to China over US volume"].verdict == "broken"
    assert found["volume to China over US volume"].limit == 50_000
    assert found["H200 per buyer"].verdict == "broken"
    assert found["TPP per consignee and year"].used == 2000 * 1979 * 8
    assert found["TPP per consignee and year"].verdict == "not in force"
    assert found["TPP per country to 2027"].verdict == "not in force"
    assert found["H200 per buyer"].unconfirmed
    then = {c.constraint: c for c in check(log_with_chips(), path, dt.date(2025, 3, 1)).checks}
    assert then["TPP per consignee and year"].verdict == "broken"  # as it was scheduled then
    assert then["TPP per country to 2027"].verdict == "kept"


def test_the_share_of_the_case_by_case_policy_binds_no_other_chip(tmp_path):
    path = tmp_path / "shipments.csv"
    path.write_text(
        "date,chip,to,quantity\n2026-06-10,h200-sxm,USA,100\n2026-06-15,h200-sxm,CHN,40\n2026-06-15,h20,CHN,500\n"
        "2026-06-15,mi325x,CHN,5\n"
    )
    found = {c.who: c.verdict for c in check(logs.built_in(), path, TODAY).checks if c.constraint.startswith("volume")}
    assert found == {"NVIDIA h200-sxm": "kept", "AMD mi325x": "unknown"}


@pytest.mark.parametrize("row", ["2026-06-10,h200-sxm,USA,-1", "2026-06-31,h200-sxm,USA,1", "2026-06-10,h2000,USA,1"])
def test_a_bad_cell_sets_its_row_aside(tmp_path, row):
    path = tmp_path / "shipments.csv"
    path.write_text(f"date,chip,to,quantity\n{row}\n2026-06-10,h200-sxm,USA,1\n")
    found = check(log_with_chips(), path, TODAY)
    assert [number for number, _ in found.refused] == [2]
    assert found.n_read == 1


SPREADSHEET = {"2026-06-10": True, "2026-06-10 00:00:00": True, "6/10/2026": False, "46183": False, "10.06.2026": False}


@pytest.mark.parametrize(("cell", "is_read"), SPREADSHEET.items())
def test_days_of_spreadsheets_are_read_or_refused_alike(tmp_path, cell, is_read):
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    path.write_text(f"date,chip,to,quantity\n{cell},h20,CHN,5\n")
    assert (check(logs.built_in(), path, TODAY).n_read == 1) == is_read
    path.write_text(f"on,chip,to\n{cell},h20,CHN\n")
    assert (batch.run(logs.built_in(), path, out, bad, TODAY).n_answered == 1) == is_read


NUMBERS = {
    "5000": True,
    '"5,000"': True,
    "5e3": True,
    "5000.0": True,
    '"5,0"': False,
    "5 000": False,
    "inf": False,
    "nan": False,
    "-1": False,
}


@pytest.mark.parametrize(("cell", "is_read"), NUMBERS.items())
def test_numbers_of_spreadsheets_are_read_or_refused_alike(tmp_path, cell, is_read):
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    path.write_text(f"date,chip,to,quantity\n2026-06-10,h20,CHN,{cell}\n")
    assert (check(logs.built_in(), path, TODAY).n_read == 1) == is_read
    path.write_text(f"on,tpp,to\n2026-06-10,{cell},CHN\n")
    assert (batch.run(logs.built_in(), path, out, bad, TODAY).n_answered == 1) == is_read


@pytest.mark.parametrize(
    "column", ["exportr", "Exporter", "as known", "end user hq", "datacentre", "validated_enduser"]
)
def test_a_misspelt_column_never_passes_unread(tmp_path, column):
    path = tmp_path / "in.csv"
    path.write_text(f"on,chip,to,{column}\n2026-06-10,h20,CHN,\n")
    if column == "end user hq":  # near to none of ours: carried through
        assert batch.run(logs.built_in(), path, tmp_path / "o.csv", tmp_path / "b.csv", TODAY).n_answered == 1
        return
    with pytest.raises(LeadtimeError, match="which leadtime does not read"):
        batch.run(logs.built_in(), path, tmp_path / "o.csv", tmp_path / "b.csv", TODAY)


def test_batch_keeps_everything(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "BLOCK_ROWS", 3)
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    lines = [
        'id,to,on,tpp,note', '1,CHN,2023-12-01,5000,"a, b"', "2,CHNN,2023-12-01,5000,x", "3,CHN,2023-13-01,5000,x",
        "4,CHN,2023-12-01,-5,x", "5,CHN,2023-12-01,5000", "6,Viet Nam,2023-12-01,4500..5200,", '7,CHN,2023-12-01,1,"x',
        "8,Hong Kong,2023-12-01,,x", "", "9,CHN,2021-12-01,5000,x", "10,JPN,2023-12-01,5000,last",
    ]  # fmt: skip
    path.write_bytes(("\n".join(lines) + "\n").encode() + b"11,CHN,2023-12-01,5000,\xff\n")
    done = batch.run(logs.built_in(), path, out, bad, TODAY)
    good, refused = pl.read_csv(out), pl.read_csv(bad)
    assert good["id"].to_list() == [1, 6, 10]
    assert good["note"].to_list() == ["a, b", None, "last"]
    assert good["answer"].to_list() == ["license_required", "conditional", "no_license_required"]
    assert refused["row"].to_list() == [3, 4, 5, 6, 8, 9, 11, 13]
    assert done.n_answered + done.n_refused == 11
    assert "China" in refused["reason"][0]


def test_batch_equals_one_by_one_through_files(tmp_path):
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    log = log_with_chips()
    rows = [
        (c, to, hq, on)
        for c in ("h100", "h20", "a800-sxm", "rtx-4090", "ascend-910c")
        for to in ("CHN", "MYS", "ARE")
        for hq in ("", "CHN")
        for on in ("2022-09-15", "2024-06-01", "2026-06-15")
    ]
    path.write_text("chip,to,hq,on\n" + "".join(",".join(r) + "\n" for r in rows))
    batch.run(log, path, out, bad, TODAY)
    for (chip, to, hq, on), row in zip(rows, pl.read_csv(out).iter_rows(named=True), strict=True):
        one = status(log, transaction(log, chip, Stated(to=to, hq=hq or None)), dt.date.fromisoformat(on), TODAY)
        assert (row["eccn"], row["answer"], row["review"]) == (one.eccn, one.answer, one.review)
        assert (row["verdict"], row["confidence"]) == (one.verdict, one.confidence)
        assert row["unknown_since"] == (one.unknown_since and one.unknown_since.isoformat())
        assert (row["practice"] or "").split("; ") == [p.split(" (")[0] for p in one.practical] or [""]


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_the_plane_says_of_each_chip_and_quarter_what_its_status_says(every):
    log = log_with_chips()
    rows = [(r, to) for to in ("KHM", "CHN") for r in plane.legality(log, TODAY, to=to)]
    assert any(" (may)" in r["exceptions"] for r, _ in rows)
    for row, to in rows[::every]:
        one = status(log, transaction(log, row["chip"], Stated(to=to)), row["day"], TODAY)
        assert (row["answer"], row["eccn"], row["review"]) == (one.answer, one.eccn, one.review)
        assert (row["exceptions"], row["codified"]) == (" ".join(one.exceptions), one.license_codified)


def test_no_chips_give_an_empty_plane_and_a_day_before_the_log_is_refused():
    log = log_with_chips()
    assert plane.legality(dataclasses.replace(log, chips={}), TODAY) == []
    with pytest.raises(LeadtimeError, match="before the first day of the rules log"):
        plane.legality(log, dt.date(2022, 7, 15))


def test_plane_tables():
    rows = plane.legality(log_with_chips(), TODAY)
    quarter = {(r["chip"], r["quarter"]): r["answer"] for r in rows}
    assert quarter["h800-sxm", "2023 Q3"] == "no_license_required"
    assert quarter["h800-sxm", "2023 Q4"] == "license_required"
    assert quarter["h20", "2025 Q1"] == "no_license_required"
    assert quarter["h20", "2025 Q2"] == "license_required"


def test_chapter_of_the_report():
    from types import SimpleNamespace

    from leadtime.report import chapter_rules

    study = SimpleNamespace(as_of=TODAY, rules=Rulebook(log_with_chips(), TODAY))
    chapter = chapter_rules.gather(study)
    said = {(r["chip"], r["place"]): r for r in chapter_rules.as_json(chapter)["today"]}
    assert said["H200-SXM", "To China"]["review"] == "case_by_case"
    assert said["H100-SXM", "To Malaysia"]["verdict"] == "not-enforced"
    assert chapter_rules.as_json(chapter)["unconfirmed"]
    early = SimpleNamespace(as_of=dt.date(2022, 7, 1), rules=Rulebook(log_with_chips(), dt.date(2022, 8, 1)))
    assert chapter_rules.gather(early) is None
