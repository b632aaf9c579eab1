"""`leadtime update`: the proposal that it writes, and which headlines it says would move."""

import csv
import io
import json

import polars as pl
import pytest
from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app
from leadtime.evidence import Evidence
from leadtime.update import run
from leadtime.update.connector import File
from leadtime.update.registry import CONNECTORS
from update_files import (
    DAY,
    NEW,
    given,
    hub_csv,
    hub_row,
    samples,
)


def command(*arguments):
    return CliRunner().invoke(app, ["update", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    bad = hub_row("claude-2.1", 87)
    return given(
        tmp_path / "in", {"gpqa_diamond.csv": hub_csv(hub_row(NEW[0], 0.9, *NEW[1:]), bad), "notes.csv": "a,b\n1,2\n"}
    )


def test_a_proposal_is_a_sound_study_with_the_refused_rows_whole_and_its_provisional_rows_listed(folder, tmp_path):
    into = tmp_path / "proposal"
    done = command("--from", folder, "--into", into, "--no-headlines")
    assert done.exit_code == 0, done.output
    assert "evidence" in done.output.splitlines()[-2] or "evidence" in done.output
    assert max(len(line) for line in done.stdout.splitlines() if str(tmp_path) not in line) <= 80
    assert (into / "PROPOSAL.md").read_text().startswith("# New evidence")
    told = list(csv.DictReader(io.StringIO((into / "quarantine" / "update.csv").read_text())))
    [refused] = [r for r in told if r["what"] == "refused"]
    assert json.loads(refused["cells"])["Model version"] == "claude-2.1" and refused["row"] == "3"
    assert [r["file"] for r in told if r["what"] == "not read"] == ["notes.csv"]
    checked = CliRunner().invoke(app, ["check", str(into), "--json"])
    assert checked.exit_code == 0, checked.output
    found = conforms("check", json.loads(checked.stdout))
    assert found["problems"] == [] and found["provisional"] == ["organizations: pangolin-ai", "models: zhuque-9"]
    asked = CliRunner().invoke(app, ["evidence", "models", "--study", str(into), "--where", "zhuque-9", "--json"])
    assert json.loads(asked.stdout)["rows"]


def test_the_json_is_as_its_schema_says(folder, tmp_path):
    done = command("--from", folder, "--into", tmp_path / "p", "--no-headlines", "--json")
    found = conforms("update", json.loads(done.stdout))
    assert (found["new"], found["refused"], found["provisional"][0]["model"]) == (
        {"sources": 1, "organizations": 1, "models": 1, "scores": 1},
        1,
        "zhuque-9",
    )


def test_dry_run_and_strict_write_nothing(folder, tmp_path):
    into = tmp_path / "p"
    assert command("--from", folder, "--into", into, "--no-headlines", "--dry-run").exit_code == 0
    strict = command("--from", folder, "--into", into, "--no-headlines", "--strict")
    assert strict.exit_code == 1 and not into.exists()


def test_a_folder_that_holds_something_else_is_left_alone_and_an_earlier_proposal_is_replaced(folder, tmp_path):
    other = given(tmp_path / "other", {"mine.txt": "x"})
    refused = command("--from", folder, "--into", other, "--no-headlines")
    assert refused.exit_code == 1 and (other / "mine.txt").exists()
    for _ in range(2):
        assert command("--from", folder, "--into", tmp_path / "p", "--no-headlines").exit_code == 0


def test_nothing_new_writes_nothing(tmp_path):
    row = Evidence.load(as_of=DAY)["scores"].filter(pl.col("model") == "gpt-5").head(1).write_csv()
    done = command("--from", given(tmp_path / "in", {"scores.csv": row}), "--into", tmp_path / "p")
    assert done.exit_code == 0 and "nothing new" in done.output and not (tmp_path / "p").exists()


def test_the_headlines_say_what_three_new_models_move_and_by_which(tmp_path):
    files = {}
    for test, best in (
        ("gpqa_diamond", 0.97),
        ("otis_mock_aime_2024_2025", 0.99),
        ("chess_puzzles", 0.8),
        ("simpleqa_verified", 0.95),
        ("frontiermath", 0.5),
    ):
        files[f"{test}.csv"] = hub_csv(
            hub_row("zhuque-9_high", best, *NEW[1:]),
            hub_row("saga-9_max", best, "2026-11-02", "Anthropic", "United States of America"),
            hub_row("nova-lite-9", best / 4, "2026-11-01", "Some lab", "France"),
        )
    found = run.update(run.chosen(()), DAY, run.Origin(given=given(tmp_path / "in", files), place=tmp_path))
    lag = next(h for h in found.moved.headlines if h.name == "daily_mean")
    assert abs(lag.moved) > 0.01 and lag.known_only is not None
    assert {"zhuque-9", "saga-9"} <= set(lag.without) and "nova-lite-9" not in lag.without
    assert "| `zhuque-9` |" in found.text and "quick fit" in found.text


def test_a_file_is_read_by_the_first_connector_that_knows_it(tmp_path):
    taken = {}
    for name, files in samples(tmp_path).items():
        for f, content in files.items():
            file = File(name=f, content=content, day=DAY)
            taken[name] = next((c.name for c in CONNECTORS if c.recognizes(file)), None)
    assert all(taken[n] == n for n in taken if n != "epoch")  # a zip is opened first
