"""Rows that are well-formed and cannot be so, or can do nothing: refused with their row, or told."""

import datetime as dt

import polars as pl
import pytest

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence, sense

SOURCE = "id,title,publisher,published_on,kind\nours,Ours,Ours,2026-10-01,primary\n"
SHIPMENT = (
    "id,period_start,period_end,measure,designer,chip,bloc,channel,scope,units,h100e,unit_basis,grade,source,known_on\n"
)
SCORE = "model,benchmark,score,evaluator,report_type,known_on,source\n"


@pytest.fixture(scope="module")
def every():
    return Evidence.load(as_of=dt.date.max)


def study(folder, **files):
    (folder / "evidence").mkdir()
    for name, text in {"sources": SOURCE, **files}.items():
        (folder / "evidence" / f"{name}.csv").write_text(text)
    return folder


def test_every_row_that_ships_makes_sense(every):
    found = [p for n, t in TABLES.items() for p in sense.wrong(every[n].with_row_index("_row", 2), t, every.tables, n)]
    assert [str(p) for p in found] == []


@pytest.mark.parametrize(
    ("table", "text", "column", "expected"),
    [
        ("shipments", SHIPMENT + "a,2026-03-31,2026-01-01,flow,nvidia,b200,WORLD,all,owned,100,250,int8,derived,ours,2026-10-01\n", "period_end", "period_start (2026-03-31) or later"),
        ("shipments", SHIPMENT + "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,100,int8,derived,ours,2026-10-01\n", "h100e", "about 2,274: 1,000 b200"),
        ("shipments", SHIPMENT + "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,2500000,int8,derived,ours,2026-10-01\n", "h100e", "about 2,274"),
        ("shipments", SHIPMENT + "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,2500,int8,derived,ours,2025-10-01\n", "known_on", "when the period begins"),
        ("scores", SCORE + "deepseek-v3,gpqa-diamond,0.5,epoch-ai,independent,2024-01-01,ours\n", "known_on", "when deepseek-v3 became known"),
        ("supply_estimates", "id,quantity,period_end,low,value,high,unit,definition,source,known_on\na,china_flow,2026-01-01,5,4,6,H100e,x,ours,2026-10-01\n", "value", "low (5) or more"),
        ("rule_parameters", "parameter,instrument,from,to,value,unit,source,known_on\ntpp_x,bis-2022-10,2026-03-01,2026-02-01,1,TPP,ours,2026-10-01\n", "to", "from (2026-03-01) or later"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_row_and_what_was_expected(every, table, text, column, expected):
    from leadtime.evidence import csv_rows, validate

    raw, _ = csv_rows.rows_of(text.encode(), f"{table}.csv")
    rows, problems = validate.judge(raw, TABLES[table], f"{table}.csv")
    assert problems == []
    found = sense.wrong(rows, TABLES[table], every.tables, f"{table}.csv")
    assert [(p.row, p.column) for p in found] == [(2, column)]
    assert expected in found[0].expected


def test_a_forecast_is_no_count_that_came_too_early(every):
    rows = every["shipments"].filter(pl.col("known_on") < pl.col("period_start"))
    assert set(rows["grade"]) <= {"estimate", "judgment", "reported"} and rows.height


def test_a_study_with_a_row_that_cannot_be_is_refused(tmp_path):
    row = "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,2500000,int8,derived,ours,2026-10-01\n"
    with pytest.raises(LeadtimeError, match="1 problem") as refused:
        Evidence.load(study(tmp_path, shipments=SHIPMENT + row))
    assert "shipments.csv, row 2, column h100e" in str(refused.value)
