"""Attacks on what SECURITY.md promises of files: queries, archives, downloads, the cache."""

import json
import time
from pathlib import Path

import pytest

from leadtime.errors import LeadtimeError

# -- SQL
# ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evidence():
    from studies import quick_study

    return quick_study(None)


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "copy scores to 'x'",
        "attach 'x.db'",
        "install httpfs",
        "set memory_limit='10GB'",
        "select 1; drop table scores",
        "select * from query",
        "select repeat('x', 2000000000)",
        "select * from range(3000000)",
        "select * from read_parquet('https://evil.example/x')",
        "pragma enable_external_access",
    ],
)
def test_a_query_has_no_way_out(evidence, query):
    pytest.importorskip("duckdb")
    from leadtime.extract.sql import ask

    with pytest.raises(LeadtimeError) as refused:
        ask(evidence, query)
    assert refused.value.where == "sql"


def test_a_query_that_does_not_listen_is_ended(evidence):
    pytest.importorskip("duckdb")
    from leadtime.extract.sql import ask

    begun = time.monotonic()
    with pytest.raises(LeadtimeError, match=r"took longer|[Mm]emory"):
        ask(evidence, "select length(repeat('x', 900000000) || repeat('y', 900000000)) from range(50)", seconds=1)
    assert time.monotonic() - begun < 15


def test_no_file_where_one_stands_is_run(evidence, tmp_path, monkeypatch):
    pytest.importorskip("duckdb")
    from leadtime.extract.sql import ask

    for name in ("json.py", "polars.py", "duckdb.py", "leadtime.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    assert ask(evidence, "select 1 as one").item() == 1
    assert not (tmp_path / "ran").exists()


# -- archives and downloads
# ------------------------------------------------------------------------------------------------------------------


def test_a_zip_that_is_a_trap_is_refused(tmp_path, monkeypatch):
    import zipfile

    from leadtime.importers import archive

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.csv", bytes(10_000_000))
        z.infolist()[0].file_size = 1_100_000_000  # as its directory says
    with pytest.raises(LeadtimeError, match=r"too much|more than"):
        list(archive.contents(bomb, ".csv"))
    for name in ("../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv"):
        climbing = tmp_path / "climbing.zip"
        with zipfile.ZipFile(climbing, "w") as z:
            z.writestr(name, "x")
        with pytest.raises(LeadtimeError, match="climbs out"):
            list(archive.contents(climbing, ".csv"))
    monkeypatch.setattr(archive, "MOST_MEMBER", 10)
    (tmp_path / "large.csv").write_text("x" * 11)
    with pytest.raises(LeadtimeError, match="more than 10 bytes"):
        list(archive.contents(tmp_path / "large.csv", ".csv"))


def test_a_record_of_downloads_leads_to_no_other_file(tmp_path):
    from leadtime.importers import fetch

    (tmp_path / "downloads").mkdir()
    entry = {
        "url": "https://a.example/x.csv",
        "file": "../../secret.csv",
        "sha256": "0",
        "n_bytes": "1",
        "etag": "e",
        "modified_on": "2026-01-01",
    }
    (tmp_path / "downloads" / fetch.RECORD).write_text(json.dumps([entry]))
    assert fetch._record(tmp_path / "downloads") == {}
    with pytest.raises(LeadtimeError, match="would replace"):
        fetch.fetch(f"http://127.0.0.1:9/{fetch.RECORD}", tmp_path)


def test_the_cache_is_data_and_never_code(tmp_path, monkeypatch):
    import numpy as np

    from leadtime.capability import cache

    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))

    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    np.savez(tmp_path / "trap.summed.npz", a=np.array([Trap()], dtype=object))
    assert cache.load("trap") is None
    assert not (tmp_path / "ran").exists()
