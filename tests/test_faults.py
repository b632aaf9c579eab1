"""What is killed, full, closed or damaged: short versions of `make faults` and `make fuzz`, and
what they found before.
"""

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
from faults import cut, kill
from faults.disk import filled, small_disk
from faults.recorded import Step
from typer.testing import CliRunner

from leadtime import whole as written
from leadtime.capability import cache
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.evidence import parts
from leadtime.importers import numbered
from leadtime.web.settings import Settings
from leadtime.web.store import Store
from leadtime.whole import whole, whole_folder
from web_client import API, client

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


# -- cut off from power
# ---------------------------------------------------------------------------------------------------


def left_after_cuts(*steps):
    """What a reader of `/r/b` may find after a power cut at any of the steps; None where it is not there."""
    found = set()
    for one in cut.cuts(cut.Disk({"/r": None, "/r/b": 0}, {0: b"old"}), steps, random.Random(0)):
        number = one.disk.files.get("/r/b", -1)
        found.add(one.disk.content.get(number))
    return found


def test_a_power_cut_takes_what_was_not_forced_and_nothing_else():
    made, wrote = Step(kind="open", path="/r/a", empty=True), Step(kind="write", path="/r/a", data=b"new")
    moved = Step(kind="move", path="/r/a", to="/r/b")
    assert left_after_cuts(made, wrote, moved) == {b"old", b"new", b"", bytes(3)}
    forced = (made, wrote, Step(kind="sync", path="/r/a"))
    assert left_after_cuts(*forced, moved) == {b"old", b"new"}
    ends = [
        c
        for c in cut.cuts(cut.Disk({"/r": None}), (*forced, moved, Step(kind="sync", path="/r")), random.Random(0))
        if c.is_end
    ]
    assert [c.disk.content[c.disk.files["/r/b"]] for c in ends] == [b"new"]


def test_the_names_of_a_new_folder_are_forced_before_the_old_one_goes(tmp_path, monkeypatch):
    done = []
    names, away = written._sync_names, written.shutil.rmtree
    monkeypatch.setattr(written, "_sync_names", lambda folder: (done.append(("names", folder.name)), names(folder)))
    monkeypatch.setattr(
        written.shutil, "rmtree", lambda path, **more: (done.append(("away", Path(path).suffix)), away(path, **more))
    )
    for _ in range(2):
        with whole_folder(tmp_path / "out") as partial:
            (partial / "inner").mkdir()
            (partial / "inner" / "page").write_text("new")
    with whole(tmp_path / "file") as partial:
        partial.write_text("new")
    second = done[len(done) // 2 - 1 :]
    assert ("names", "inner") in done and done[-1] == ("names", tmp_path.name)
    assert second.index(("names", tmp_path.name)) < second.index(("away", ".old"))


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
    wanted = "error: the output: no space left on device\n  Free some space, or send the output elsewhere.\n"
    assert (done.returncode, done.stderr) == (1, wanted)


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
