"""Editions of the site: written whole by a command, prepared by an idle server, sent only while they are true."""

import dataclasses
import datetime as dt
import gzip
import json
import subprocess
import sys
import time

import pytest

import worker_side
from leadtime.errors import LeadtimeError
from leadtime.web import ahead, editions
from leadtime.web.desk import Desk
from studies import quick_study
from terminal_side import typed
from web_client import client

DAY = dt.date(2026, 10, 31)
every_file = editions.files


def light(day, public):
    """The files of an edition that want no fit, and a first page that wants none either."""
    found = [f for f in every_file(day, public) if f.path in ("glossary/index.html", "search.json", "data/chips.csv")]
    first = next(f for f in every_file(day, public) if f.path == "index.html")
    return (dataclasses.replace(first, compute=worker_side.headline, slow=False), *found)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(editions, "files", light)


def test_an_edition_holds_every_page_and_table_at_its_address():
    found = {f.address: f.path for f in every_file(DAY, "leadtime.example.org")}
    assert found["/"] == "index.html" and found["/models"] == "models/index.html"
    assert {"/cost", "/rules", "/what-if", "/claims", "/search.json", "/data/scores.csv", "/brief.pdf"} <= set(found)


def test_days_are_the_ends_of_months_and_those_of_the_header():
    found = editions.days(dt.date(2026, 11, 30), 3)
    assert found[:3] == [dt.date(2026, 10, 31), dt.date(2026, 9, 30), dt.date(2026, 8, 31)]
    assert set(editions.PAST_DAYS) <= set(found) and editions.days(dt.date(2026, 11, 30), 0) == []


def test_a_server_sends_an_edition_as_it_is_and_none_that_is_of_another_code(few, tmp_path, monkeypatch):
    study = quick_study(DAY)
    out = editions.write(study, tmp_path / str(DAY), "")
    assert json.loads((out / "edition.json").read_text())["evidence_hash"] == study.evidence.hash
    assert gzip.decompress((out / "index.html.gz").read_bytes()) == (out / "index.html").read_bytes()
    (out / "index.html").write_bytes(b"<h1>from disk</h1>")  # damaged: it is not what was written
    (out / "glossary" / "index.html").write_bytes(whole := (out / "glossary" / "index.html").read_bytes())
    with client(editions=tmp_path) as c:
        kept = c.app.app.state.editions
        assert kept.there() == [DAY] and kept.accept(DAY, editions.stamp_of(study))
        monkeypatch.setattr(Desk, "ask", None)  # nothing is asked of the desk
        page = c.get(f"/glossary?as_of={DAY}")
        assert page.content == whole and 'href="/cost?as_of=2026-10-31"' in page.text
        assert c.get(f"/data/chips.csv?as_of={DAY}").text.startswith("id,")
        assert kept.get(DAY, "/") is None and kept.get(DAY, "/cost") is None and kept.get(None, "/") is None
        for other in ({"code": "other"}, {"draws": 100}, {"evidence_hash": "other"}):
            assert not editions.Editions(tmp_path, "").accept(DAY, editions.stamp_of(study) | other)
        (out / "edition.json").write_text("{")
        assert not editions.Editions(tmp_path, "").accept(DAY, editions.stamp_of(study))


def test_an_idle_server_prepares_past_days_and_finds_them_when_it_starts_again(few, tmp_path, monkeypatch):
    monkeypatch.setattr(editions, "days", lambda today, n: [DAY] if n else [])
    monkeypatch.setattr(ahead, "_IDLE_SECONDS", 0.5)
    for n in (1, 0):
        with client(editions=tmp_path, ahead=n, warm=not n) as c:
            kept, until = c.app.app.state.editions, time.monotonic() + 240
            while kept.get(DAY, "/") is None and time.monotonic() < until:
                time.sleep(0.1)
            assert c.get(f"/?as_of={DAY}").text == f"<h1>as of {DAY}</h1>"
    assert (tmp_path / str(DAY) / "static").is_dir() and not list(tmp_path.glob(".*"))


def test_of_two_servers_one_writes_an_edition(tmp_path):
    one, two = (editions.Editions(tmp_path, "") for _ in range(2))
    with one.claimed(DAY) as mine, two.claimed(DAY) as its:
        assert mine and not its
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    machine = editions.own_name().partition("-")[0]
    (tmp_path / f".{DAY}.claim").write_text(f"{machine}-{ended.pid}-0")
    with two.claimed(DAY) as its:
        assert its  # the claim of a process that is gone


def test_the_command_says_what_is_wrong_and_writes_nothing(few, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    options = ("--method", "map", "--draws", "200", "--site", "leadtime.example.org")
    refused = typed("report", "--out", str(tmp_path), "--as-of", str(DAY), *options)
    assert refused.returncode == 1 and "not from an edition" in refused.stderr
    done = typed("report", "--out", str(tmp_path / "made"), "--as-of", str(DAY), *options)
    assert done.returncode == 0 and f"The edition of {DAY}" in done.stdout
    assert (tmp_path / "made" / "data" / "chips.csv").is_file()
    with pytest.raises(LeadtimeError, match="not from an edition"):
        editions.write(quick_study(DAY), tmp_path, "")
