"""The command line, as a user meets it: answers on stdout, mistakes told in words, never a traceback."""

import json
import os
import subprocess
import sys

import pytest

from leadtime.errors import LISTED, unknown_name
from leadtime.evidence import Evidence
from leadtime.evidence.store import TABLES
from terminal_side import typed


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    cache = str(tmp_path_factory.mktemp("cache"))
    return lambda *arguments: typed(*arguments, LEADTIME_CACHE=cache)


def started(*arguments):
    """How a command ends in a process of its own."""
    command = [sys.executable, "-m", "leadtime", *arguments]
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "80"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)


@pytest.mark.parametrize("command", [[], ["lag"], ["capability"], ["evidence"], ["report"], ["doctor"]])
def test_help(run, command):
    result = run(*command, "--help")
    assert result.returncode == 0
    assert "Usage" in result.stdout


@pytest.mark.parametrize("arguments", [["--version"], ["evidence", "modles"], ["evidence", "chips", "--json"]])
def test_a_process_of_its_own_ends_as_the_command_does_here(arguments):
    assert tuple(typed(*arguments)) == (lambda d: (d.returncode, d.stdout, d.stderr))(started(*arguments))


def test_lag_of_v3_has_intervals_and_lineage(run):
    result = run("lag", "deepseek-v3", "--draws", "200", "--method", "map", "--as-of", "2025-01-29", "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["stamp"]["as_of"] == "2025-01-29"
    assert len(found["rows"]) == 5
    for row in found["rows"]:
        assert row["low"] <= row["median"] <= row["high"]
        assert row["unit"] == "months"
        assert row["because"]


def test_two_models_are_compared_overall_by_domain_and_by_benchmark(run):
    both = ("--draws", "200", "--method", "map", "--json")
    there = run("lag", "deepseek-r1", "--against", "deepseek-v3", *both)
    back = run("lag", "deepseek-v3", "--against", "deepseek-r1", *both)
    assert there.returncode == 0, there.stderr
    rows, mirrored = (json.loads(x.stdout)["rows"] for x in (there, back))
    assert {r["level"] for r in rows} == {"overall", "domain", "benchmark"}
    assert rows[0]["probability"] > 0.9  # R1 was trained from V3 to reason
    for a, b in zip(rows, mirrored, strict=True):
        assert a["name"] == b["name"]
        assert a["probability"] + b["probability"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lag", "deepsek-v3"], "deepseek-v3"),
        (["lag", "--as-of", "2025-13-01"], "Expected a calendar date"),
        (["lag", "--as-of", "1990-01-01"], "nobody had published a score by 1990-01-01"),
        (["evidence", "modles"], "there is no table"),
        (["capability", "--scores", "absent.csv", "--method", "eci"], "absent.csv"),
        (["lag", "--study", "absent"], "not a folder"),
        (["lag", "--against", "deepseek-v3"], "which model?"),
    ],
)
def test_mistakes_are_told(run, arguments, words):
    result = run(*arguments)
    assert result.returncode == 1
    assert words in result.stderr


def test_bad_rows_name_file_row_and_column(run, tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "scores.csv").write_text(
        "model,benchmark,score,evaluator,report_type,known_on,source\n"
        "deepseek-v3,mmlu,87,deepseek,vendor,2025-13-01,deepseek-v3-report\n"
    )
    result = run("evidence", "--study", str(tmp_path))
    assert result.returncode == 1
    assert "scores.csv, row 2, column score" in result.stderr
    assert "87 percent is 0.87" in result.stderr
    assert "column known_on" in result.stderr


def test_import_loads_nothing_heavy():
    code = "import sys, leadtime, leadtime.cli; print([m for m in ('jax', 'altair', 'polars') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_built_in_evidence_is_broad():
    e = Evidence.load()
    assert e["models"].height >= 130
    assert e["models"]["organization"].n_unique() >= 25
    assert e["benchmarks"].height >= 25
    assert e["scores"].height >= 1500
    needed = {
        "deepseek-v2",
        "deepseek-v3",
        "deepseek-r1",
        "deepseek-v3-1",
        "deepseek-v3-2",
        "deepseek-v4-pro",
        "claude-3-5-sonnet-2024-06",
        "claude-3-5-sonnet-2024-10",
    }
    assert needed <= set(e["scores"]["model"])


def test_at_least_a_hundred_vendor_pairs():
    from leadtime.capability.vendor import pairs

    e = Evidence.load()
    scores = e["scores"].join(e["benchmarks"].select("n_items", benchmark="id"), on="benchmark")
    found = pairs(scores).filter(report_type="vendor")
    assert found.unique(["model", "benchmark", "effort", "setting"]).height >= 100


def test_hash_and_as_of(tmp_path):
    import datetime as dt

    now, then = Evidence.load(), Evidence.load(as_of=dt.date(2025, 1, 29))
    assert now.hash == Evidence.load().hash
    assert now.hash != then.hash
    assert then["scores"]["known_on"].max() <= dt.date(2025, 1, 29)


@pytest.mark.parametrize(
    "command", [["cost", b"v3\x9f"], ["lag", b"v3\x9f"], ["evidence", b"\xff"], ["scenario", "run", b"\x9f"]]
)
def test_an_argument_that_is_no_text_is_told(run, command):
    for result in (run(*command), *([started(*command)] if command[0] == "evidence" else [])):
        assert result.returncode == 1
        assert "that nobody can see" in result.stderr
        assert "should not have happened" not in result.stderr


@pytest.mark.parametrize("command", LISTED.values())
def test_where_known_names_are_said_to_be_listed_they_are(run, command):
    _, name, *more = command.split()
    assert run(name, *more[: name != "evidence"], "--help").returncode == 0
    assert name != "evidence" or not more or more[0] in TABLES


def test_an_unknown_name_is_told_with_those_like_it_or_all_or_where_they_are():
    assert "Did you mean as-is?" in str(unknown_name("scenario", "as-si", ["as-is", "b"]))
    assert "Known: a, b." in str(unknown_name("bloc", "zz", ["b", "a"]))
    assert "and 5 more" in str(unknown_name("bloc", "zz", [f"a{i}" for i in range(25)]))
    assert "`leadtime evidence training_runs` lists" in str(unknown_name("training run", "zz", ["a"]))
