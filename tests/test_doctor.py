"""Doctor says what is there, what works less well and what does not work; and what to do."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from leadtime.cli import app, doctor
from leadtime.errors import LeadtimeError


@pytest.fixture
def quick(monkeypatch):
    """Without the looks that compile or draw."""
    monkeypatch.setattr(doctor, "_compiler", lambda: iter([doctor.Finding("compiler", "ok", "")]))
    monkeypatch.setattr(doctor, "_charts", lambda: iter([doctor.Finding("charts", "ok", "")]))


def test_all_is_well_here(monkeypatch, tmp_path):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 0, outcome.output
    assert "wrong" not in outcome.output
    for what in ("Python", "evidence", "compiler", "charts", "cache", "extra sql"):
        assert what in outcome.output


def test_lines_fit_a_terminal(quick, monkeypatch, tmp_path):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    words = [line for line in CliRunner().invoke(app, ["doctor"]).output.splitlines() if str(tmp_path) not in line]
    assert max(map(len, words)) <= 80


def test_a_cache_that_cannot_be_written_is_a_note(quick, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path / "file" / "cache"))
    outcome = CliRunner().invoke(app, ["doctor", "--json"])
    assert outcome.exit_code == 0
    found = {f["what"]: f for f in json.loads(outcome.output)}
    assert found["cache"]["state"] == "note"
    assert "LEADTIME_CACHE" in found["cache"]["words"]


def test_an_extra_that_is_missing_is_a_note_with_its_command(quick, monkeypatch):
    monkeypatch.setattr(doctor, "_EXTRAS", {"sql": ("no_such_module", "leadtime sql")})
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 0
    assert "pip install 'leadtime[sql]'" in outcome.output


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
