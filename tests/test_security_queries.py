"""Attacks by queries: what they write, and when they end."""

import os
import re
import subprocess
import sys
import threading
import time

import pytest

from leadtime.errors import LeadtimeError

SPILLS = "select count(*) from (select hash(range) h, hash(range + 1) g from range({}) order by h)"


@pytest.mark.parametrize(
    ("n", "seconds", "disk"),
    [(6_000_000, 30, 1_000_000_000), (200_000_000, 1.5, 1_000_000_000), (60_000_000, 30, 20_000_000)],
)
def test_a_query_writes_nothing_but_in_a_folder_that_goes(tmp_path, monkeypatch, n, seconds, disk):
    pytest.importorskip("duckdb")
    from leadtime.extract import sql
    from studies import quick_study

    stand, folder = tmp_path / "stand", tmp_path / "tmp"
    stand.mkdir()
    folder.mkdir()
    monkeypatch.chdir(stand)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(sql, "MEMORY_BYTES", 40_000_000)
    monkeypatch.setattr(sql, "DISK_BYTES", disk)
    spilled, over = [], threading.Event()

    def watch():
        while not over.wait(0.02):
            spilled.extend(str(p) for p in folder.rglob("*.tmp"))
            assert list(stand.iterdir()) == []

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        found = sql.ask(quick_study(None), SPILLS.format(n), seconds=seconds).item()
    except LeadtimeError as error:
        found = error.what
    over.set()
    watching.join()
    assert (
        found == n if seconds == 30 and disk > 1e8 else re.search("took longer|wants more memory and disk", str(found))
    )
    assert spilled, "nothing was spilled: the test proves nothing"
    assert list(stand.iterdir()) == [] and list(folder.iterdir()) == []


def test_a_query_ends_with_whoever_asked(tmp_path):
    pytest.importorskip("duckdb")
    query = SPILLS.format(2_000_000_000)
    with subprocess.Popen(
        [sys.executable, "-m", "leadtime", "sql", query], cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as process:
        until = time.monotonic() + 30
        while not list(tmp_path.glob("leadtime-*/query.sql")) and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.5)
        process.kill()
    until = time.monotonic() + 10
    while list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []
