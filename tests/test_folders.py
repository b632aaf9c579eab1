"""A study folder, as its owner and a colleague meet it: made, checked, pinned, compared."""

import csv
import datetime as dt
import io
import json

import pytest
from typer.testing import CliRunner

from leadtime.cli import app, main
from leadtime.evidence import TABLES, Evidence
from leadtime.rules.rulebook import Rulebook
from leadtime.study import Study


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def failed(*arguments, capsys, monkeypatch):
    """What a user sees of a mistake."""
    monkeypatch.setattr("sys.argv", ["leadtime", *(str(a) for a in arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    return capsys.readouterr().err


@pytest.fixture
def study(tmp_path):
    assert run("new", tmp_path / "s").exit_code == 0
    return tmp_path / "s"


def overlay(study, model, change):
    """Write a score of the built-in evidence with another value, and return its row."""
    rows = Evidence.load()["scores"]
    row = next(r for r in rows.to_dicts() if r["model"] == model and r["score"] is not None and r["score"] < 0.7)
    out = io.StringIO()
    written = csv.writer(out)
    names = [k for k, v in row.items() if v is not None]
    written.writerow(names)
    written.writerow([change if k == "score" else row[k] for k in names])
    (study / "evidence" / "scores.csv").write_text(out.getvalue())
    return row


def test_a_new_folder_is_sound_and_changes_nothing(study, capsys, monkeypatch):
    found = json.loads(run("check", study, "--json").stdout)
    assert found["problems"] == [] and found["overlays"] == [] and found["ignored"] == []
    assert found["evidence_hash"] == Evidence.load().hash
    assert "not a new or empty folder" in failed("new", study, capsys=capsys, monkeypatch=monkeypatch)
    assert "example" in run("scenario", "list", "--study", study).stdout


def test_what_no_reader_takes_up_is_named_and_nothing_else(study):
    (study / "scenarios" / "profiles").mkdir()
    (study / "scenarios" / "profiles" / "mine.yml").write_text("name: mine\n")
    (study / "evidence" / "scores.xlsx").write_text("")
    found = json.loads(run("check", study, "--json").stdout)
    assert found["ignored"] == ["evidence/scores.xlsx", "scenarios/profiles/mine.yml"]


def test_all_that_is_wrong_is_listed_at_once(study):
    (study / "evidence" / "scores.csv").write_text(
        "model,benchmark,score,evaluator,report_type,known_on,source\ndeepseek-v3,gpqa-diamond,87,epoch-ai,independent,2026-13-01,x\n"
    )
    (study / "scenarios" / "bad.yaml").write_text("title: 3\n")
    (study / "claims" / "bad.yaml").write_text("- id: x\n")
    (study / "evidence" / "scores.xlsx").write_text("")
    done = run("check", study)
    assert done.exit_code == 1
    for words in (
        "row 2, column score: found '87'",
        "column known_on: found '2026-13-01'",
        "key title",
        "claim 1, key who",
    ):
        assert words in done.stderr
    assert "not read: evidence/scores.xlsx" in done.stderr


def test_a_table_may_come_in_several_files_and_the_later_wins(study):
    row = overlay(study, "deepseek-v3", 0.01)
    text = (study / "evidence" / "scores.csv").read_text()
    (study / "evidence" / "scores.later.csv").write_text(text.replace(",0.01,", ",0.02,"))
    key = [k for k in row if k in TABLES["scores"].key]
    (found,) = (r for r in Evidence.load(study)["scores"].to_dicts() if all(r[k] == row[k] for k in key))
    assert found["score"] == 0.02
    (study / "evidence" / "nothing.later.csv").write_text("x\n")
    assert "there is no table called 'nothing'" in run("check", study).stderr


def test_a_rule_that_is_wrong_is_told_once(study):
    (study / "rules" / "x.yaml").write_text("a: 1\n")
    assert run("check", study).stderr.count("there is no section") == 1


def test_a_lock_pins_the_day_and_tells_what_differs(study):
    assert run("lock", study, "--as-of", "2026-06-01").exit_code == 0
    pinned = json.loads((study / "leadtime.lock").read_text())
    assert pinned["as_of"] == "2026-06-01" and pinned["packages"]["numpy"]
    assert Evidence.load(study).as_of.isoformat() == "2026-06-01"
    assert run("check", study).stderr == ""
    overlay(study, "deepseek-v3", 0.01)
    changed = run("check", study)
    assert changed.exit_code == 0 and f"pinned {pinned['evidence_hash']}" in changed.stderr
    pinned["packages"]["numpy"] = "0.1"
    (study / "leadtime.lock").write_text(json.dumps(pinned))
    assert "numpy" in run("check", study).stderr
    (study / "leadtime.lock").write_text("{")
    assert "is not a lock" in run("check", study).stderr


def test_rows_and_answers_of_two_studies_are_compared(study):
    row = overlay(study, "deepseek-v3", 0.01)
    said = json.loads(run("diff", "built-in", study, "--draws", "200", "--json").stdout)
    (table,) = said["rows"]
    assert (table["table"], table["n_added"], table["n_removed"], table["n_changed"]) == ("scores", 0, 0, 1)
    assert table["changed"][0]["columns"] == {"score": [row["score"], 0.01]}
    moved = {r["answer"]: r for r in said["answers"]}
    assert moved["deepseek-v3: age_of_equal_windowed"]["moved"] > 0  # a model that scores less is further behind
    assert all(r["why"] == ({"scores": r["moved"]} if r["moved"] else {}) for r in said["answers"])
    same = json.loads(run("diff", study, study, "--draws", "200", "--json").stdout)
    assert same["rows"] == [] and all(r["moved"] == 0 and not r["beyond_chance"] for r in same["answers"])
    shown = run("diff", "built-in", study, "--rows").stdout
    assert "scores: 0 added, 0 removed, 1 changed" in shown and max(map(len, shown.splitlines())) <= 80


def test_own_claims_are_checked_with_the_rest(study):
    (study / "claims" / "mine.yaml").write_text(
        "- id: my-claim\n  who: Me\n  said_on: 2026-01-01\n  source: https://example.org\n  words: six months behind\n"
        "  readings:\n    - {name: daily mean, quantity: lag.group, with: {definition: daily_mean}, low: 5, high: 7}\n"
    )
    assert run("check", study).exit_code == 0
    said = json.loads(
        run("claims", "--study", study, "--claim", "my-claim", "--method", "map", "--draws", "200", "--json").stdout
    )
    assert said["rows"][0]["claim"] == "my-claim"
    from leadtime.claims import available

    (study / "claims" / "mine.yaml").write_text(
        "- id: my-claim\n  who: Me\n  said_on: 2026-01-01\n  source: https://example.org\n  words: it cannot be"
        " measured\n  not_measurable: it is an opinion\n"
    )
    assert run("check", study).exit_code == 0
    assert "my-claim" in {c.id for c in available(study)}


def test_a_study_sets_what_its_commands_ask_for(study):
    (study / "leadtime.toml").write_text('as_of = 2026-01-15\nseed = 7\ndraws = 60\nmethod = "map"\n')
    own = run("lag", "--study", study).stdout
    assert "as of 2026-01-15" in own and "seed 7, 60 draws, method map" in " ".join(own.split())
    asked = run("lag", "--study", study, "--seed", 0, "--draws", 50, "--as-of", "2026-02-01").stdout
    assert "as of 2026-02-01" in asked and "seed 0, 50 draws, method map" in " ".join(asked.split())
    assert Study(folder=study).seed == 7 and Study(folder=study, seed=1).seed == 1
    assert "as of 2026-01-15" in run("cost", "deepseek-v3", "--study", study).stdout
    assert Rulebook.open(study).as_known == dt.date(2026, 1, 15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("draws = 1", "2 or more"),
        ('draws = "many"', "2 or more"),
        ("seed = true", "0 or more"),
        ("sed = 1", "Did you mean seed"),
        ("as_of = 2026-13-01", "is not TOML"),
        ('as_of = "2026-01-01"', "without quotes"),
        ('method = "best"', "nuts"),
        ("as_of = 2026-01-01T10:00:00", "without quotes"),
        ("= 3", "is not TOML"),
    ],
)
def test_a_setting_that_is_not_understood_is_refused(study, text, words, capsys, monkeypatch):
    (study / "leadtime.toml").write_text(text)
    assert words in failed("evidence", "--study", study, capsys=capsys, monkeypatch=monkeypatch)
    assert words in run("check", study).stderr


def test_a_locked_study_refuses_what_is_not_as_pinned(study, capsys, monkeypatch):
    run("lock", study, "--as-of", "2026-05-01")
    assert run("evidence", "--study", study).exit_code == 0
    (study / "leadtime.toml").write_text("locked = true\n")
    assert run("check", study).exit_code == 0
    overlay(study, "deepseek-v3", 0.01)
    for command in (["evidence"], ["cost", "deepseek-v3"], ["lag", "--method", "map"]):
        assert "differs from what leadtime.lock pins: evidence" in failed(
            *command, "--study", study, capsys=capsys, monkeypatch=monkeypatch
        )
    assert run("check", study).exit_code == 1
    assert run("evidence", "--study", study, "--as-of", "2026-05-02").exit_code == 0  # another day is not pinned
    (study / "leadtime.toml").write_text("as_of = 2026-01-01\n")
    assert "which comes first" in run("check", study).stderr
    assert "differs from leadtime.lock" in run("cost", "deepseek-v3", "--study", study).stderr
