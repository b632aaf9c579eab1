"""What is killed, full, closed or damaged: short versions of `make faults` and `make fuzz`, and what they found before."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from faults import kill, program
from faults.disk import filled, small_disk
from faults.mutate import mutate
from faults.targets import all_targets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leadtime.capability import cache
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.evidence import parts
from leadtime.importers import numbered
from leadtime.web.settings import Settings
from leadtime.web.store import Store
from leadtime.whole import whole, whole_folder
from web_client import API, client

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
        b'{"results": [{"document_number": "2026-1", "title": "a\\ud83d", "type": "Rule", "publication_date": "2026-10-30"}]}',
    ),
    "import-samples": (b"", b'[{"doc_id": 1, "acc": 1.0}]'),
}


@pytest.mark.parametrize(("name", "data"), [(n, d) for n, inputs in TOLD.items() for d in inputs])
def test_what_once_ended_in_a_traceback_is_taken_and_told(name, data):
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


# -- killed
# ---------------------------------------------------------------------------------------------------------------

WRITER = """
import pathlib, sys
from leadtime.importers import numbered
from leadtime.whole import whole, whole_folder
root = pathlib.Path(sys.argv[1])
for i in range(10**6):
    text = f"{i} " * 20_000
    with whole(root / "file", sync=False) as partial:
        partial.write_text(text)
    with whole_folder(root / "folder") as partial:
        for name in "ab":
            (partial / name).write_text(text)
    with numbered.locked(root / "study"):
        numbered.put(root / "study", "mine", {name + ".csv": text.encode() for name in ("chips", "scores")})
    print(i, flush=True)
"""


def test_what_is_killed_while_it_writes_leaves_the_old_or_the_new(tmp_path):
    rng = random.Random(0)
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        taken = parts.tables(tmp_path / "study") or [tmp_path / "none" / "a"] * 2
        for one, two in ((tmp_path / "folder" / "a", tmp_path / "folder" / "b"), taken):
            if one.parent.exists():
                assert one.read_text() == two.read_text()
            else:  # between two renames: what was there is beside, and is put back
                assert any(p.name.endswith(".old") for p in tmp_path.iterdir())
        assert len(set((tmp_path / "file").read_text().split())) == 1
    again = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    again.stdout.readline()
    again.kill()
    again.communicate()
    assert [p for p in tmp_path.rglob(".*") if f"-{again.pid}-" not in p.name] == []


def test_an_import_that_is_killed_is_done_or_not_done():
    found = kill.disturb(kill.CASES[1], 2, random.Random(3))
    assert found.faults == []
    assert found.n_kills + found.n_ended == 2


def test_a_report_set_aside_by_a_killed_process_is_put_back(tmp_path):
    node = __import__("leadtime.whole", fromlist=["node"]).node()
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    aside = tmp_path / f".out.{node}-{int(ended.stdout)}-0123abcd.old"
    aside.mkdir()
    (aside / "page").write_text("old")
    with pytest.raises(LeadtimeError, match="no work"), whole_folder(tmp_path / "out"):
        raise LeadtimeError("no work")
    assert (tmp_path / "out" / "page").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


# -- full, and closed
# -----------------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_what_was_there(tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, 256) as mounted:
        if not mounted:
            pytest.skip("may not mount")
        with whole(disk / "file") as partial:
            partial.write_text("old")
        with whole_folder(disk / "folder") as partial:
            (partial / "page").write_text("old")
        filled(disk, 8192)
        with pytest.raises(LeadtimeError, match="No space left"), whole(disk / "file") as partial:
            partial.write_bytes(b"x" * 100_000)
        with pytest.raises(LeadtimeError, match="No space left"), whole_folder(disk / "folder") as partial:
            (partial / "page").write_bytes(b"x" * 100_000)
        with pytest.raises(LeadtimeError, match="No space left"):
            numbered.put(disk, "mine", {"chips.csv": b"x" * 4096, "scores.csv": b"x" * 100_000})
        assert (disk / "file").read_text() == (disk / "folder" / "page").read_text() == "old"
        (disk / "ballast").unlink()
        assert sorted(p.name for p in disk.rglob("*") if p.is_file()) == ["file", "page"]


def test_an_output_that_takes_nothing_is_told():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "leadtime", "evidence", "chips", "--csv"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")


def test_without_a_cache_all_is_computed_and_told_once(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path / "file" / "cache"))
    for _ in range(2):
        found = cache.remembered(("a", 1), lambda: {"x": np.arange(3)})
        assert found["x"].tolist() == [0, 1, 2]
    assert list(cache.trouble) == [str(tmp_path / "file" / "cache")]
    cache.trouble.clear()
    said = CliRunner().invoke(app, ["doctor"]).stdout
    assert "cannot be written" in said and "each run computes all again" in said
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path / "cache"))
    assert "ok    cache" in CliRunner().invoke(app, ["doctor"]).stdout
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_damaged_file_of_the_cache_is_computed_again(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    cache.store("key", {"theta": np.arange(100.0)})
    whole_bytes = (tmp_path / "key.summed.npz").read_bytes()
    for at in range(0, len(whole_bytes), 7):
        (tmp_path / "key.summed.npz").write_bytes(
            whole_bytes[:at] + bytes((whole_bytes[at] ^ 4,)) + whole_bytes[at + 1 :]
        )
        found = cache.load("key")
        assert found is None or (list(found) == ["theta"] and found["theta"].tolist() == list(range(100)))


def test_the_server_says_that_its_store_takes_nothing_and_goes_on(tmp_path, monkeypatch):
    asked = {"answer": "scenario_levers", "parameters": {}}
    error = sa.exc.OperationalError("insert", {}, Exception("database or disk is full"))

    def full(*_):
        raise error

    with client() as web:
        with monkeypatch.context() as at_once:
            for method in ("create", "next", "again"):
                at_once.setattr(Store, method, full)
            told = web.post(f"{API}/jobs", json=asked)
            assert told.status_code == 503 and "disk is full" in told.json()["title"] + str(told.json())
            time.sleep(0.5)  # the one who takes jobs meets it too
        job = web.post(f"{API}/jobs", json=asked).json()["id"]
        end = time.monotonic() + 60
        while time.monotonic() < end and web.get(f"{API}/jobs/{job}").json()["status"] != "done":
            time.sleep(0.2)
        assert web.get(f"{API}/jobs/{job}").json()["status"] == "done"


def test_servers_that_start_at_once_share_a_store(tmp_path):
    with ThreadPoolExecutor(4) as at_once:
        for i in range(10):
            for store in at_once.map(Store, [f"sqlite:///{tmp_path}/{i}.sqlite3"] * 4):
                store.close()


def test_a_store_that_cannot_be_opened_is_told_before_there_is_a_server(tmp_path):
    (tmp_path / "file").write_text("")
    said = CliRunner().invoke(app, ["serve", "--port", "8399", "--database", f"sqlite:///{tmp_path}/file/x.sqlite3"])
    assert isinstance(said.exception, LeadtimeError) and "cannot be opened" in str(said.exception)


def test_the_server_starts_without_a_cache(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path / "file" / "cache"))
    with client(database="") as web:
        assert web.get(f"{API}/openapi.json").status_code == 200
    assert capsys.readouterr().err.count("until the server stops") == 1
    assert Settings(database="").checked()


# -- languages and clocks
# -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8"},
    ],
)
def test_a_terminal_without_our_letters_shows_the_rest(more):
    pytest.importorskip("duckdb")
    done = subprocess.run(
        [sys.executable, "-m", "leadtime", "sql", "select 'caf\u00e9 \u2013 \u0130' as x", "--csv"],
        capture_output=True,
        env=os.environ | more,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == ("x\ncaf? ? ?\n" if "PYTHONIOENCODING" in more else "x\ncaf\u00e9 \u2013 \u0130\n")
