"""Parsers: short versions of `make fuzz`, and what it found before."""

import json
import random

import pytest
from faults import program
from faults.mutate import mutate
from faults.targets import all_targets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.errors import LeadtimeError

TARGETS = all_targets()
#: Those whose inputs take longer than milliseconds.
SLOW = {
    "command-line": 6,
    "sql": 4,
    "api-query": 10,
    "api-body": 10,
    "import-inspect": 10,
    "import-epoch": 10,
    "import-csv": 10,
    "import-zip": 10,
    "import-lm-eval": 10,
    "import-results": 4,
    "own-scores": 4,
    "rules-yaml": 15,
    "tool-arguments": 8,
    "mcp-message": 8,
    **dict.fromkeys(("update-epoch", "update-tables", "update-zip", "update-register", "update-configs"), 6),
}
SEEDS = {name: list(target.seeds()) for name, target in TARGETS.items() if name not in SLOW}


# -- parsers
# --------------------------------------------------------------------------------------------------------------


def put(name, data):
    """Put an input to a parser; whether it took it. Anything but LeadtimeError is a fault."""
    try:
        TARGETS[name].check(data)
    except LeadtimeError as error:
        assert str(error).strip()
        return False
    return True


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_nearly_right_is_taken_as_it_says_or_refused(name):
    seeds = SEEDS.get(name) or list(TARGETS[name].seeds())[:4]

    @settings(max_examples=SLOW.get(name, 25), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(seeds), st.integers(0, 2**32))
    def tried(seed, chance):
        put(name, mutate(seed, random.Random(chance), TARGETS[name].words))

    tried()


REFUSED = {
    "evidence-csv": (
        b"Achip,precision\n\x1b[2J,fp8\n",
        b"A\n\n|",
        b"A*,id\na,b\n",
        b"A^.$,id\na,b\n",
    ),
    "rules-yaml": (
        b"\xef",
        b"=",
        b"<<:\n events: 1\n",
        b"tariffs:\n   <<",
        b"events: [[a]]\n",
        b"instruments:\n  - {id: [null]}\n",
        b"tariffs:\n  - {id: a, known_on: '0000-01-01'}\n",
        b"tariffs:\n  - {id: a, announced_on: '2018- 7-06'}\n",
    ),
    "scenario-yaml": (
        b"title: A\nnarrative: B\nbase: [as-is]\n",
        b"0000-01-01: a\n",
        b"!!float 1\n",
        b"title: A\nnarrative: B\nrules: {}\n",
        b"title: A\nnarrative: B\nlevers:\n  : 0\n",
        (
            b"title: A\nnarrative: B\npriors: {follower_gain: {low: 1, value: 2, high: .inf, distribution: normal,"
            b" source: me}}\n"
        ),
        b"title: &a [x]\nnarrative: *a\n",
        b"title: A\nnarrative: B\nlevers: {uptake: " + b"9" * 400 + b"}\n",
    ),
    "levers": (b"uptake=nan", b"uptake=inf", b"quota_h100e=inf", b"uptake=0@2027-02-30"),
    "claims-yaml": tuple(
        b"- {id: a, who: b, said_on: 2025-01-01, source: c, words: d, " + rest + b"}\n"
        for rest in (
            b"not_measurable: [x]",
            b"not_measurable: x, paraphrase: 'yes'",
            b"not_measurable: x, note: [y]",
            b"readings: [{quantity: [lag], low: 1}]",
            b"readings: [{quantity: lag, low: 1, high: .inf}]",
            b"readings: {quantity: lag}",
        )
    ),
    "settings-toml": (b"seed = 123456789012345678900\n", b"draws = 20250129\n", b"draws = true\n"),
    "lock-json": (
        b'{"as_of": "2026-11-01", "evidence_hash": 5, "packages": {}}',
        b'{"as_of": "20261101", "evidence_hash": "a", "packages": {}}',
        b'{"as_of": "2026-11-01", "evidence_hash": "a", "packages": {}, "more": 1}',
        b'{"as_of": "2026-11-01", "as_of": "2026-11-02", "evidence_hash": "a", "packages": {}}',
    ),
    "config-json": (
        b'{"model_type": "llama", "model_type": "llama"}',
        b'{"model_type": "llama", "x": NaN}',
        b'{"model_type": "llama", "x": 1e999}',
    ),
    "brought-forms": (
        b'E[{"*": "a", "benchmark": "b", "score": 0.5}]',
        b'E[{"^m$": "a", "benchmark": "b", "score": 1}]',
    ),
    "party-lists": (
        b"Csource,name,alt_names,start_date\nEntity List,Made Up, Inc.,x,2023-03-02\n",
        b"Csource,name,list\nA,B,C\n",
        b"Csource,name,alt_names,start_date\nEntity List,Made Up,x\nEntity List,Other,y,2023-03-02\n",
    ),
    "values": (b"A0,4", b"A3,4e24", b"A1_000", "A١٢".encode(), b"A1,00,000"),
    "update-filings": ('{"cik": "²", "facts": {"us-gaap": {}}}'.encode(),),
    "update-metr": ("p50_horizon_length: &\u200e. 1\n".encode(),),
    "update-register": (b'{"results": [{"document_number": "2026-1\\ud800"}], "results": []}',),
    "locked-jsonl": (b'{"n": 1}', b"[]"),
    "tool-arguments": ('{"name": "rules_party", "arguments": {"name": "\ufeff GmbH", "on": "2026-06-01"}}'.encode(),),
    "brought-places": (b"models--/0", b"", b"details_ /x"),
    "scores-file": (
        b"model,benchmark,performance,x\na,b,0.5\n",
        b"model,benchmark,performance\na,b,50\nc,b,0.5\n",
        b"model,benchmark,performance\na,b,50%\nc,b,0.5\n",
        b'model,benchmark,performance\n"a"b,c,0.5\n',
        b"model,benchmark,performance\na\x7f,b,0.5\n",
    ),
    "items-file": (
        b"model,item,response,x\na,1,1\n",
        b"model,item,response\na,\x0c,1\n",
        b"model,item,\x0cresponse\na,1,1\n",
        b"\x1f\x8b\x08\x00" + b"z" * 40,
    ),
    "items-held": (b"item,a,b\nx,1,2\nx,1,3\n", b'{"items": {"a": 1}}', b'{"items": [1]}', b"item,a,b\nx,1\n"),
    "rules-ledger": (
        b"date,chip,to,quantity\n2026-02-01,h200-sxm,CHN\n",
        b"date,chip,to,quantity,to\n2026-02-01,h200-sxm,CHN,5,USA\n",
        b"date,chip,to,quantity\n2026-02-01,h200-sxm,CHN,nan\n",
    ),
    "rules-batch": (b"\x0cchip,to,on\n", b"chip,to,20\r25,on\n", b"chip,to,on,\x00\n"),
}


@pytest.mark.parametrize(("name", "data"), [(n, d) for n, inputs in REFUSED.items() for d in inputs])
def test_what_once_was_taken_or_ended_in_a_traceback_is_refused(name, data):
    assert not put(name, data)


TOLD = {
    "brought-forms": (
        b'E[{"model": "a", "benchmark": "b", "score": 0.5, "_row": "z"}]',
        b'E[{"model": "a", "benchmark": "b\\ud800", "score": 0.5}]',
        b'P{"subject_id": "a\\ud800", "responses": {"q": 1}}\n',
        (
            b'E{"model_info": {"id": "o/m"}, "source_metadata": {"source_organization_name": {"a": 1}},'
            b' "evaluation_results": [{"evaluation_name": "MMLU", "score_details": {"score": 0.5}}]}'
        ),
    ),
    "update-register": (
        (
            b'{"results": [{"document_number": "2026-1", "title": "a\\ud83d", "type": "Rule", "publication_date":'
            b' "2026-10-30"}]}'
        ),
    ),
    "import-samples": (b"", b'[{"doc_id": 1, "acc": 1.0}]', b'{"doc_id": 2, "exact_match": true}\n' * 3),
    "items-file": (b"model_id,q1,,\na,1,true,x\nb,1,false,\n",),
    "update-epoch": (b"ymean_score",),
}


@pytest.mark.parametrize(("name", "data"), [(n, d) for n, inputs in TOLD.items() for d in inputs])
def test_what_once_ended_in_a_traceback_or_was_left_in_silence_is_taken_and_told(name, data):
    assert put(name, data)


@pytest.mark.parametrize(
    "data",
    [
        b"item,to,on,x\nweights,CHN,2025",
        b'item,to,on,"a,, b",\nhbm\n',
        b"chip,to,on\nh20",
        b"chip,to,on\nh20,nowhere,2025-01-01\n",
        b"chip,to,on\nh20,CHN,2025-05-01\x0f\n",
        b"chip,to,on\n\x0b\nh20,C\rHN,2025-05-01\n",
    ],
)
def test_a_batch_of_rows_that_cannot_be_read_refuses_each(data):
    assert put("rules-batch", data)


@pytest.mark.parametrize("target", ["scores-file", "items-file", "items-held"])
def test_a_line_of_nothing_but_a_control_character_is_no_blank_one(target):
    known = {
        "scores-file": b"model,benchmark,score\na,b,0.5\n",
        "items-file": b"model,item,response\na,x,1\nb,x,0\n",
        "items-held": b"item,a,b,c\nx,1,0,0\n",
    }
    assert put(target, known[target] + b"\n")
    assert not put(target, known[target] + b"\x0b\n")


def test_a_lone_row_that_holds_a_control_character_is_the_only_one_set_aside(tmp_path):
    (tmp_path / "own.csv").write_bytes(program.ROWS.format(21, "2\x07").encode())
    said = CliRunner().invoke(
        app, ["import", "csv", str(tmp_path / "own.csv"), "--into", str(tmp_path / "s"), "--json"]
    )
    found = json.loads(said.stdout)
    assert (found["accepted"], found["refused"]) == ({"scores": 1}, 1)
    assert "control character" in found["refused_because"][0]["reason"]


def test_new_sources_alone_are_taken(tmp_path):
    text = "id,title,publisher,published_on,kind\nour-report,Ours,us,2026-11-01,primary\n"
    (tmp_path / "sources.csv").write_text(text)
    said = CliRunner().invoke(
        app,
        ["import", "csv", str(tmp_path / "sources.csv"), "--table", "sources", "--into", str(tmp_path / "s"), "--json"],
    )
    assert json.loads(said.stdout)["accepted"] == {"sources": 1}


def test_lists_in_an_answer_of_sql_are_cells_of_csv():
    pytest.importorskip("duckdb")
    said = CliRunner().invoke(app, ["sql", "select [1, 2] as a, {'b': 1} as c", "--csv"])
    assert said.stdout.splitlines() == ["a,c", '"[1, 2]","{""b"": 1}"'], said.output


@pytest.mark.parametrize(("option", "value"), [("--seed", str(2**40)), ("--draws", "5000000")])
def test_seeds_and_draws_beyond_all_bounds_are_refused(option, value):
    said = CliRunner().invoke(app, ["lag", option, value])
    assert isinstance(said.exception, LeadtimeError)
