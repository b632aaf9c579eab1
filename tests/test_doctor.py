"""Doctor says what is there, what works less well and what does not work; and what to do."""

import datetime as dt
import json
import sys
from dataclasses import replace

import polars as pl
import pytest
from typer.testing import CliRunner

from leadtime import extras
from leadtime.cli import app, doctor
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.evidence.age import age
from leadtime.rules.overdue import Due, overdue


@pytest.fixture
def quick(monkeypatch):
    """Without the looks that compile or draw."""
    monkeypatch.setattr(doctor, "_compiler", lambda: iter([doctor.Finding("compiler", "ok", "")]))
    monkeypatch.setattr(doctor, "_charts", lambda: iter([doctor.Finding("charts", "ok", "")]))


@pytest.fixture(autouse=True)
def nothing_due(monkeypatch):
    """What has come due by the day of the test is the evidence's matter, not the program's."""
    monkeypatch.setattr("leadtime.rules.overdue.overdue", lambda evidence, today: [])


def test_all_is_well_here(monkeypatch, tmp_path):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 0, outcome.output
    assert "wrong" not in outcome.output
    for what in ("Python", "evidence", "compiler", "charts", "cache", "extra sql"):
        assert what in outcome.output


def test_lines_fit_a_terminal(quick, monkeypatch, tmp_path):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    own = (str(tmp_path), sys.prefix)  # a path stays whole, and so does a command
    lines = CliRunner().invoke(app, ["doctor"]).output.splitlines()
    assert max(len(line) for line in lines if not any(p in line for p in own)) <= 80


def test_a_cache_that_cannot_be_written_is_a_note(quick, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path / "file" / "cache"))
    outcome = CliRunner().invoke(app, ["doctor", "--json"])
    assert outcome.exit_code == 0
    found = {f["what"]: f for f in json.loads(outcome.output)}
    assert found["cache"]["state"] == "note"
    assert "LEADTIME_CACHE" in found["cache"]["words"]


def test_an_extra_that_is_missing_is_a_note_with_its_command_on_one_line(quick, monkeypatch):
    gone = extras.Extra(modules=("json", "no_such_module"), purpose="leadtime sql")
    monkeypatch.setattr(doctor, "EXTRAS", {"sql": gone, "mcp": extras.Extra(modules=("json",), purpose="leadtime mcp")})
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 0
    assert "note  extra sql: not installed; for leadtime sql" in outcome.output
    assert "ok    extra mcp: for leadtime mcp" in outcome.output
    assert f"      {extras.installed().command('sql')}\n" in outcome.output
    found = {f["what"]: f for f in json.loads(CliRunner().invoke(app, ["doctor", "--json"]).output)}
    assert found["extra sql"]["command"] == extras.installed().command("sql")
    assert found["extra mcp"]["command"] == "" and "clone" in found["installed"]["words"]


def test_when_several_are_missing_one_command_adds_all(quick, monkeypatch):
    gone = extras.Extra(modules=("no_such_module",), purpose="x")
    monkeypatch.setattr(doctor, "EXTRAS", {"sql": gone, "mcp": gone})
    found = {f["what"]: f for f in json.loads(CliRunner().invoke(app, ["doctor", "--json"]).output)}
    assert found["extra all"]["command"] == extras.installed().command("all")


def test_a_clock_behind_the_evidence_is_wrong(quick, monkeypatch):
    class Early(dt.date):
        @classmethod
        def today(cls):
            return cls(2001, 1, 1)

    monkeypatch.setattr(doctor.dt, "date", Early)
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 1
    assert "set the clock" in outcome.output


@pytest.mark.parametrize("error", [LeadtimeError("is torn", fix="Mend it."), ValueError("is torn")])
def test_a_look_that_fails_is_told_and_the_others_go_on(quick, monkeypatch, error):
    def _evidence():
        raise error
        yield

    monkeypatch.setattr(doctor, "_evidence", _evidence)
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 1
    assert "is torn" in outcome.output
    assert "cache" in outcome.output


# -- age
# ----------------------------------------------------------------------------------------------------------------------


def only(kept, *rows):
    """The evidence with a log of these events alone: instrument, kind, effective_on, known_on, until."""
    e = Evidence.load(as_of=dt.date(2026, 1, 1))
    schema = e["rule_events"].schema
    made = [
        dict.fromkeys(schema) | {"instrument": i, "kind": k, "effective_on": on, "known_on": known, "until": until}
        for i, k, on, known, until in rows
    ]
    tables = {**e.tables, "rule_events": pl.DataFrame(made, schema=schema)}
    return replace(e, tables=tables if kept else {**tables, "rule_parameters": e["rule_parameters"].clear()})


SUSPENDED = ("a-rule", "suspended", dt.date(2025, 11, 10), dt.date(2025, 11, 10), dt.date(2026, 11, 9))
RETURN = ("a-rule", "scheduled_return", dt.date(2026, 11, 10), dt.date(2025, 11, 10), None)


@pytest.mark.parametrize(("later", "is_due"), [
    ([], True), ([("a-rule", "guidance", dt.date(2026, 3, 1), dt.date(2026, 3, 1), None)], True),
    ([("another", "effective", dt.date(2026, 11, 10), dt.date(2026, 11, 10), None)], True),
    ([("a-rule", "effective", dt.date(2026, 11, 10), dt.date(2026, 11, 10), None)], False),
    ([("a-rule", "suspended", dt.date(2026, 11, 10), dt.date(2026, 11, 7), dt.date(2027, 1, 10))], False),
    ([("a-rule", "reported", dt.date(2026, 10, 30), dt.date(2026, 10, 30), None)], False),
])  # fmt: skip
def test_a_scheduled_return_is_due_when_its_day_has_passed_without_an_event(later, is_due):
    found = overdue(only(False, SUSPENDED, RETURN, *later), dt.date(2026, 11, 30))
    assert found == ([Due("a-rule", "scheduled return", dt.date(2026, 11, 10))] if is_due else [])
    assert overdue(only(False, SUSPENDED, RETURN), dt.date(2026, 11, 9)) == []


def test_what_is_due_makes_doctor_fail_and_says_what_to_add(quick, monkeypatch):
    monkeypatch.setattr(
        "leadtime.rules.overdue.overdue",
        lambda evidence, today: [Due("a-rule", "scheduled return", dt.date(2026, 11, 10))],
    )
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 1
    assert "wrong schedule: a-rule" in outcome.output and "rule_events" in outcome.output


def test_old_evidence_is_a_note_that_says_how_to_update(quick, monkeypatch):
    monkeypatch.setattr(doctor, "OLD_DAYS", -1)
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 0
    assert "note  age" in outcome.output and "leadtime update" in outcome.output


def test_the_newest_scored_model_is_of_a_leading_laboratory_and_has_four_benchmarks():
    e = Evidence.load(as_of=dt.date(2026, 9, 1))
    found = age(e.tables, e.as_of)
    n = e["scores"].filter(pl.col("model") == found.model)["benchmark"].n_unique()
    assert n >= 4 and found.released_on <= e.as_of and found.newest_row_on <= e.as_of
    small = dict.fromkeys(e["models"].schema) | {
        "id": "tiny-1",
        "name": "Tiny",
        "organization": "epoch-ai",
        "released_on": e.as_of,
    }
    more = {**e.tables, "models": pl.concat([e["models"], pl.DataFrame([small], schema=e["models"].schema)])}
    assert age(more, e.as_of) == found
    assert age({k: t.clear() for k, t in e.tables.items()}, e.as_of).stamp() == dict.fromkeys(
        ("newest_scored_model", "newest_scored_model_name", "newest_scored_model_on", "newest_row_on")
    )


def test_every_stamp_says_how_old_the_evidence_is():
    outcome = CliRunner().invoke(app, ["evidence", "--as-of", "2025-01-29"])
    assert "January 29, 2025" in " ".join(outcome.output.split())
    stamp = Evidence.load(as_of=dt.date(2025, 1, 29)).stamp
    assert f"scored: {stamp['newest_scored_model_name']} (" in " ".join(outcome.output.split())
    found = json.loads(CliRunner().invoke(app, ["evidence", "countries", "--json", "--as-of", "2025-01-29"]).output)
    age_of = ("newest_scored_model", "newest_scored_model_name", "newest_scored_model_on", "newest_row_on")
    assert found["rows"] and all(found["stamp"][k] == stamp[k] for k in age_of)
