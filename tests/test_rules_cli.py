"""`leadtime rules` as a user meets it."""

import json
import re
import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.cli.light import narrowed
from terminal_side import typed


@pytest.fixture(scope="module")
def run():
    return lambda *arguments: typed("rules", *arguments)


H20 = ("--tpp", "2368", "--die-area", "814", "--dram-gb-s", "4000", "--bidirectional-gb-s", "900")


@pytest.mark.parametrize("command", ["status", "timeline", "show", "diff", "tariffs", "ledger", "batch"])
def test_help(run, command):
    result = run(command, "--help")
    assert result.returncode == 0
    assert "Usage" in result.stdout


def test_status_in_words(run):
    result = run("status", *H20, "--to", "CHN", "--on", "2025-05-01", "--exporter", "NVIDIA")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Exporting a chip with these numbers to China needed a license on May 1, 2025.")
    assert "Washington did not say how it would decide." in " ".join(lines[:2])
    assert "Confidence: medium." in result.stdout
    assert all(len(line) <= 80 for line in lines)
    assert len(lines) < 50
    assert re.search(r"^Before April 9, 2025 +no license$", result.stdout, re.MULTILINE)
    assert "\nHow we got there" not in result.stdout
    whole = run("status", *H20, "--to", "CHN", "--on", "2025-05-01", "--exporter", "NVIDIA", "--verbose").stdout
    assert "\nHow we got there" in whole
    assert "[r-letters-2025]" in whole and "dram_gb_s >= letter_dram [dram_gb_s 4000" in " ".join(whole.split())
    assert "Not confirmed" in whole
    assert all(len(line) <= 80 for line in whole.splitlines())


def test_status_json_names_the_paragraph(run):
    result = run(
        "status",
        "--tpp",
        "15832",
        "--die-area",
        "814",
        "--dram-gb-s",
        "3350",
        "--bidirectional-gb-s",
        "900",
        "--to",
        "China",
        "--on",
        "2023-12-01",
        "--as-known",
        "2024-01-01",
        "--json",
    )
    found = json.loads(result.stdout)
    assert found["eccn"] == "3A090.a"
    assert found["license_enforced"] == "yes"
    assert found["review"] == "presumption_of_denial"
    assert found["as_known"] == "2024-01-01"
    assert found["trace"]
    assert found["transaction"]["numbers"]["pd"]["low"] == pytest.approx(19.45, abs=0.01)


def test_status_with_an_interval_gives_a_probability(run):
    result = run(
        "status",
        "--tpp",
        "4500..5200",
        "--die-area",
        "600",
        "--dram-gb-s",
        "900",
        "--bidirectional-gb-s",
        "64",
        "--not-datacenter",
        "--exporter",
        "NVIDIA",
        "--to",
        "CHN",
        "--on",
        "2024-06-01",
        "--json",
    )
    found = json.loads(result.stdout)
    assert found["answer"] == "conditional"
    assert 0.5 < found["p_controlled"] < 0.8
    assert found["turns_on"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status", "--tpp", "1", "--to", "CHNN"], "CHN (China)"),
        (["status", "h1000", "--to", "CHN"], "no chip called"),
        (["status", "--tpp", "1", "--to", "CHN", "--on", "2025-02-30"], "is not a date"),
        (["status", "--tpp", "1", "--to", "CHN", "--on", "2020-01-01"], "before the first day of the rules log"),
        (["status", "--tpp", "x", "--to", "CHN"], "is not a number"),
        (["status", "--bidirectional-gb-s", "x", "--to", "CHN"], "--bidirectional-gb-s: 'x' is not a number"),
        (["status", "--tpp", "5..4", "--to", "CHN"], "ends before it begins"),
        (["status", "--to", "CHN"], "no item was given"),
        (["status", "--tpp", "1"], "--to: a value is missing"),
        (["status", "--tpp", "1", "--to", "CHN", "--origin", "mars"], "--origin: there is no 'mars'"),
        (["show", "bis-2025-01-ai-difusion"], "bis-2025-01-ai-diffusion"),
        (["tariffs", "--good", "semiconducters", "--from", "CHN"], "semiconductors"),
        (["ledger", "absent.csv"], "absent.csv"),
        (["batch", "absent.csv", "--out", "out.csv"], "absent.csv"),
        (["timeline", "--study", "absent"], "not a folder"),
    ],
)
def test_mistakes_are_told(run, arguments, words):
    result = run(*arguments)
    assert result.returncode == 1
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_timeline_as_known(run):
    old = run("timeline", "--as-known", "2025-02-01", "--json")
    assert "--as-known is now --as-of" in old.stderr
    rows = json.loads(old.stdout)["rows"]
    assert rows and rows == json.loads(run("timeline", "--as-of", "2025-02-01", "--json").stdout)["rows"]
    assert max(r["known_on"] for r in rows) <= "2025-02-01"
    assert not [r for r in rows if r["kind"] == "not_enforced"]
    assert [r for r in rows if r["kind"] == "compliance_due" and r["effective_on"] == "2025-05-15"]


@pytest.mark.parametrize(
    "command",
    [
        ["timeline"],
        ["show", "bis-2025-01-ai-diffusion"],
        ["coverage"],
        ["tariffs", "--good", "ai-chips", "--from", "TWN"],
        ["diff", "--from", "2025-04-01", "--to", "2025-06-01", "--chip", "h20"],
    ],
)
def test_no_line_is_wider_than_a_terminal(run, command):
    result = run(*command)
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if len(line) > 80] == []


def test_show_has_three_standings(run):
    found = json.loads(run("show", "bis-2025-01-ai-diffusion", "--on", "2026-07-23", "--json").stdout)
    (worldwide,) = [p for p in found["provisions"] if p["id"] == "r-diffusion"]
    assert (worldwide["codified"], worldwide["binding"], worldwide["enforced"]) == ("yes", "yes", "no")
    assert "not enforced" in run("show", "r-diffusion").stdout


def test_tariffs_show_the_stack(run):
    found = json.loads(
        run("tariffs", "--good", "semiconductors", "--from", "CHN", "--on", "2026-11-20", "--json").stdout
    )
    # section 232 is on boards and systems, not on bare circuits; products may be excluded, and the goods may be left
    # out
    assert (found["rate_fraction"], found["rate_fraction_high"]) == pytest.approx((0.0, 0.625))
    assert len(found["turns_on"]) == 2
    for layer in found["rows"]:
        assert layer["authority"]
        assert layer["announced_on"]
        assert layer["legal_from"]
        assert layer["collected_from"]


def test_diff_lists_events(run):
    found = json.loads(run("diff", "--from", "2026-01-14", "--to", "2026-01-16", "--json").stdout)
    assert "bis-2026-01-case-by-case" in {e["instrument"] for e in found["events"]}


def test_batch(run, tmp_path):
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("to,on,tpp,die_area_mm2\nCHN,2024-06-01,15832,814\nXXX,2024-06-01,1,1\n")
    result = run("batch", str(source), "--out", str(out))
    assert result.returncode == 1, result.stderr  # one row was refused
    assert "1 transaction was answered and 1 set aside." in result.stdout
    assert "row 3" in result.stderr
    assert "3A090.a" in out.read_text()


def test_status_loads_no_table_library():
    code = (
        "import sys; from leadtime.rules import Rulebook; r = Rulebook(); "
        "r.status(r.transaction(to='CHN', numbers={'tpp': (5000.0, 5000.0)}), '2024-01-01'); "
        "print([m for m in ('polars', 'numpy', 'jax', 'pydantic') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_command_status_loads_only_what_it_needs():
    heavy = ("polars", "numpy", "jax", "pydantic", "importlib.metadata")
    code = (
        "import atexit, sys; from leadtime.cli import main; sys.argv = ['leadtime', 'rules', 'status', 'h20', '--to',"
        f" 'CN']; atexit.register(lambda: print([m for m in {heavy} if m in sys.modules])); main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("\n[]\n")


@pytest.mark.parametrize(
    "words",
    [["rules", "status", "--help"], ["rules", "--help"], ["lag", "--help"], ["rules", "statu"], ["status"], ["rules"]],
)
def test_a_command_alone_says_what_it_says_among_all(words):
    alone, among = (CliRunner().invoke(each, words) for each in (narrowed(app, words), app))
    assert (alone.exit_code, alone.output) == (among.exit_code, among.output)


def test_help_has_every_option_whole_within_eighty_columns(monkeypatch):
    """What is cut off cannot be typed."""
    monkeypatch.setenv("COLUMNS", "80")
    said = CliRunner().invoke(app, ["rules", "status", "--help"]).output
    status = get_command(app).commands["rules"].commands["status"]
    shown = [p for p in status.params if p.param_type_name == "option" and not p.hidden]
    options = [o for p in shown for o in (*p.opts, *p.secondary_opts)]
    assert "--bidirectional-gb-s" in options and all(re.search(rf"{o}\b", said) for o in options)
    assert all(len(line) <= 80 for line in said.splitlines()) and "\u2026" not in said


@pytest.mark.parametrize("words", [[], ["rules"], ["scenario"], ["import"]])
def test_help_says_of_every_command_what_it_does(words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = " ".join(CliRunner().invoke(app, [*words, "--help"]).output.partition("Commands:")[2].split())
    group = get_command(app)
    for word in words:
        group = group.commands[word]
    for name, command in group.commands.items():
        told = command.get_short_help_str(1_000)
        assert told and f"{name} {' '.join(told.split())}" in said
