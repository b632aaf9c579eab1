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
        (
            "shipments",
            SHIPMENT
            + "a,2026-03-31,2026-01-01,flow,nvidia,b200,WORLD,all,owned,100,250,int8,derived,ours,2026-10-01\n",
            "period_end",
            "period_start (2026-03-31) or later",
        ),
        (
            "shipments",
            SHIPMENT
            + "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,100,int8,derived,ours,2026-10-01\n",
            "h100e",
            "about 2,274: 1,000 b200",
        ),
        (
            "shipments",
            SHIPMENT
            + "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,2500000,int8,derived,ours,2026-10-01\n",
            "h100e",
            "about 2,274",
        ),
        (
            "shipments",
            SHIPMENT
            + "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,2500,int8,derived,ours,2025-10-01\n",
            "known_on",
            "when the period begins",
        ),
        (
            "scores",
            SCORE + "deepseek-v3,gpqa-diamond,0.5,epoch-ai,independent,2024-01-01,ours\n",
            "known_on",
            "when deepseek-v3 became known",
        ),
        (
            "supply_estimates",
            "id,quantity,period_end,low,value,high,unit,definition,source,known_on\na,china_flow,2026-01-01,5,4,6,H100e,x,ours,2026-10-01\n",
            "value",
            "low (5) or more",
        ),
        (
            "rule_parameters",
            "parameter,instrument,from,to,value,unit,source,known_on\ntpp_x,bis-2022-10,2026-03-01,2026-02-01,1,TPP,ours,2026-10-01\n",
            "to",
            "from (2026-03-01) or later",
        ),
    ],
)
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


# -- what `check` tells beside: names that would be looked up later, rows without effect, what the folder moves
# -------------------------


def checked(folder):
    from leadtime.folder.check import check

    return check(folder)


CLAIM = (
    "- {id: mine, who: me, said_on: 2026-01-01, source: x, words: hi, readings: [{quantity: %s, with: {%s}, low: 1}]}\n"
)


@pytest.mark.parametrize(
    ("quantity", "given", "where"),
    [
        ("lag.model", "model: deepseek-v3, definition: age_of_eqal", "with.definition"),
        ("lag.model", "model: deepseek-v99", "with.model"),
        ("lag.model", "modle: deepseek-v3", "with.modle"),
        ("lag.group", "of: Chine", "with.of"),
        ("lag.group", "clock: trained", "with.clock"),
        ("lag.model", "definition: age_of_equal", "with.model"),
        ("supply.share", "quarter: 2025q4", "with.quarter"),
        ("supply.share", "quarter: 2025Q4, measure: stok", "with.measure"),
        ("scenario", "scenario: as-was, quarter: 2028Q4", "with.scenario"),
        ("cost", "model: gpt-4, definition: amortised", "with.definition"),
        ("curve.rate", "estimand: average", "with.estimand"),
        ("ability.ahead", "first: gpt-4, second: nobody-1", "with.second"),
        ("adoption.months", "innovation: mla2, country: USA", "with.innovation"),
    ],
)
def test_a_slip_in_a_claim_is_told_and_never_a_verdict(tmp_path, quantity, given, where):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "a.yaml").write_text(CLAIM % (quantity, given))
    problems = checked(tmp_path).problems
    assert [p.where.rsplit("readings[0].", 1)[-1] for p in problems] == [where]
    assert problems[0].fix


def test_a_prior_that_does_not_exist_is_told(tmp_path):
    (tmp_path / "scenarios").mkdir()
    prior = "{low: 1, value: 2, high: 3, distribution: lognormal, source: me}"
    text = f"title: B\nnarrative: b\nbase: as-is\npriors: {{world-scal: {prior}}}\n"
    (tmp_path / "scenarios" / "b.yaml").write_text(text)
    assert ["scenarios/b.yaml, key priors" in p.where for p in checked(tmp_path).problems] == [True]


def test_rows_without_effect_are_told_with_the_reason_and_the_rest_with_what_they_move(tmp_path):
    later = "a,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,2500,int8,derived,ours,2099-10-01\n"
    fp4 = "b,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,9000,fp4,derived,ours,2026-10-01\n"
    bare = "c,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000,,int8,derived,ours,2026-10-01\n"
    lone = "deepseek-v3,frontiermath-t4-v9,0.5,epoch-ai,independent,2026-10-01,ours\n"
    bench = (
        "id,name,floor,ceiling,domain,access,source,known_on\n"
        "frontiermath-t4-v9,F,0,1,math,private,ours,2026-10-01\nnone-9,N,0,1,math,private,ours,2026-10-01\n"
    )
    instrument = Evidence.load()["rule_instruments"]["id"][0]
    parameter = (
        f"parameter,instrument,from,value,unit,source,known_on\ntpp_aa,{instrument},2026-01-01,1,TPP,ours,2026-10-01\n"
    )
    folder = study(
        tmp_path,
        shipments=SHIPMENT + later + fp4 + bare,
        scores=SCORE + lone,
        benchmarks=bench,
        rule_parameters=parameter,
    )
    found = checked(folder)
    assert found.problems == []
    assert {(i.where, i.why.split(" ")[0]) for i in found.idle} == {
        ("shipments.csv, row 2", "counts"),
        ("shipments.csv, row 3", "is"),
        ("shipments.csv, row 4", "has"),
        ("benchmarks.csv, row 3", "no"),
        ("rule_parameters.csv, row 2", "no"),
    }
    rows = ["1 row of benchmarks", "1 row of scores"]
    assert found.moves == {"lag": rows, "effect": rows}


def test_a_model_of_too_few_benchmarks_is_told(tmp_path):
    model = (
        "id,name,organization,released_on,weights,reasoning,stage,source,known_on,confidence\n"
        "our-a,A,deepseek,2026-09-01,closed,true,instruct,ours,2026-10-01,high\n"
    )
    score = "our-a,gpqa-diamond,0.5,epoch-ai,independent,2026-10-01,ours\n"
    found = checked(study(tmp_path, models=model, scores=SCORE + score))
    assert [i.why for i in found.idle] == ["our-a has 1 benchmark; a lag wants 4"] * 2 and found.moves == {}


def test_a_count_of_chips_that_are_counted_is_told_and_one_beyond_the_last_whole_quarter_too(tmp_path):
    mine = "mine,2026-01-01,2026-03-31,flow,nvidia,b200,WORLD,all,owned,1000000,2500000,int8,derived,ours,2026-11-01\n"
    late = "late,2027-10-01,2027-12-31,flow,nvidia,b200,WORLD,all,owned,1000000,2500000,int8,estimate,ours,2026-11-01\n"
    old = "old,2026-01-01,2026-03-31,flow,nvidia,b300,WORLD,all,owned,1000,2500,int8,derived,ours,2026-05-01\n"
    found = checked(study(tmp_path, shipments=SHIPMENT + mine + late + old))
    assert any("row 2: is taken instead of b200-world-2026q1" in t for t in found.told)
    assert {(i.where, i.why.split(",")[0]) for i in found.idle} == {
        ("shipments.csv, row 3", "ends after 2026Q2"),
        ("shipments.csv, row 4", "old counts the same chips as b300-world-2026q1"),
    }
    assert found.moves["supply"] == ["1 row of shipments"]


def test_a_row_after_a_gap_makes_no_quarter_whole(tmp_path):
    import numpy as np

    from leadtime.supply import Supply

    late = "late,2028-01-01,2028-03-31,flow,nvidia,b200,WORLD,all,owned,1000000,2500000,int8,estimate,ours,2026-11-01\n"
    supply = Supply(Evidence.load(study(tmp_path, shipments=SHIPMENT + late), as_of=dt.date(2026, 11, 30)), draws=50)
    assert supply.history.quarters[-1] == "2026Q2"
    assert np.isfinite(supply.share_of_china("flow")).all()
