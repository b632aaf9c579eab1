"""A disk that is full, and a home that cannot be written: `python -m faults.disk [--write]`.

As root, a small file system in memory (`mount -t tmpfs`) is filled to the last byte, and a read-only one stands for
home and cache; without, a limit on the size of files (RLIMIT_FSIZE) and folders without permission do. What is wanted:
exit 1 with a line that says so, no traceback, nothing half-written, what was there before still there; and without a
cache all the same numbers.
"""

import argparse
import contextlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from faults import results
from faults.asked import answers, ask
from faults.program import QUICK, ROWS, Done, Place, digest, kill, leftovers, place, traceback_in


@contextlib.contextmanager
def small_disk(at: Path, kilobytes: int) -> Iterator[bool]:
    """Give a file system of a size at a folder; False where one may not mount."""
    at.mkdir(parents=True, exist_ok=True)
    made = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(at)], capture_output=True
        ).returncode
        == 0
    )
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "-l", str(at)], check=True)


def filled(folder: Path, left: int = 0) -> None:
    """Fill a file system but for some bytes."""
    with contextlib.suppress(OSError), (folder / "ballast").open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    if left:
        with (folder / "ballast").open("rb+") as file:
            file.truncate(max(0, (folder / "ballast").stat().st_size - left))


def _told(done: Done, words: tuple[str, ...]) -> list[str]:
    said = done.out + done.err
    bad = [] if done.code == 1 else [f"exit {done.code}: {said[-200:]}"]
    bad += ["a traceback"] if traceback_in(done) else []
    told = any(w.casefold() in done.err.casefold() for w in words)
    return bad + ([] if told else [f"does not say why: {done.err[-200:]}"])


_FULL = ("No space left", "full", "File too large")
#: A report that cannot be written says so before its work: loading takes less of the processor, the work more.
_MOST_BEFORE_TOLD_S = 8.0


def _one(p: Place, what: str, arguments: tuple[object, ...], disk: Path, left: int, before: str) -> dict[str, Any]:
    filled(disk, left)
    done = p.run(*arguments)
    bad = _told(done, _FULL)
    (disk / "ballast").unlink()
    if digest(disk) != before:
        bad.append("what was there is not as before")
    bad += [f"left behind: {x.name}" for x in leftovers(disk)]
    return {"what": what, "left_bytes": left, "said": " ".join(done.err.split())[:160], "faults": bad}


def full(p: Place) -> list[dict[str, Any]]:
    """Write everything that is written to a full disk."""
    disk, rows = p.root / "disk", []
    (p.root / "own.csv").write_text(ROWS.format(21, 22))
    (p.root / "in.csv").write_text("chip,to,on\n" + "h20,CHN,2025-05-01\n" * 20_000)
    p.run("report", *QUICK, "--out", p.root / "warm")
    with small_disk(disk, 8192) as mounted:
        if not mounted:
            return limited(p)
        (disk / "study").mkdir()
        p.run("import", "csv", "own.csv", "--into", disk / "study", "--label", "mine")
        (p.root / "own.csv").write_text(ROWS.format(31, 32))
        (disk / "out" / "figures").mkdir(parents=True)
        (disk / "out" / "index.html").write_text("as it was before\n")
        before = digest(disk)
        for what, arguments, lefts in (
            ("report", ("report", *QUICK, "--out", disk / "out"), (0, 100_000, 2_000_000)),
            ("import csv", ("import", "csv", "own.csv", "--into", disk / "study", "--label", "mine"), (0, 4096)),
            ("import csv, into a new study", ("import", "csv", "own.csv", "--into", disk / "new"), (0,)),
            ("export", ("export", "--to", disk / "tables", "--evidence-only", "--as-of", "2024-09-01"), (0, 100_000)),
            ("export, CSV", ("export", "--to", disk / "tables", "--evidence-only", "--format", "csv"), (100_000,)),
            ("new", ("new", disk / "made"), (0, 4096)),
            ("lock", ("lock", disk / "study"), (0,)),
            ("rules batch", ("rules", "batch", "in.csv", "--out", disk / "answered.csv"), (0, 100_000)),
            ("import inspect or lm-eval", ("import", "lm-eval", _samples(p), "--into", disk / "items.parquet"), (0,)),
            ("calibrate", ("calibrate", "--draws", "20000", "--out", disk / "ensemble.npz"), (0,)),
        ):
            rows += [_one(p, what, arguments, disk, left, before) for left in lefts]
        rows.append(_cache(p, disk))
        rows.append(_store(p, disk))
    rows.append(_stdout(p))
    return rows


def _samples(p: Place) -> Path:
    path = p.root / "samples_gsm8k.jsonl"
    path.write_text(
        "".join(json.dumps({"doc_id": i, "filter": "none", "exact_match": float(i % 2)}) + "\n" for i in range(2000))
    )
    return path


def _same_numbers(p: Place, what: str, **environment: str) -> dict[str, Any]:
    """Ask for a lag with a cache that takes nothing, and as usual."""
    arguments = ("lag", "gpt-4o-2024-05", *QUICK, "--json")
    usual, done = p.run(*arguments), p.run(*arguments, **environment)
    bad = [f"exit {done.code}: {done.err[-300:]}"] if done.code else []
    bad += [] if done.out == usual.out else ["other numbers"]
    bad += ["a traceback"] if traceback_in(done) else []
    if done.err.count("note:") > 1:
        bad.append("says it more than once")
    return {"what": what, "left_bytes": None, "said": " ".join(done.err.split())[:160], "faults": bad}


def _cache(p: Place, disk: Path) -> dict[str, Any]:
    (disk / "cache").mkdir()
    filled(disk)
    found = _same_numbers(p, "cache", LEADTIME_CACHE=str(disk / "cache"))
    (disk / "ballast").unlink()
    found["faults"] += [f"left behind: {x.name}" for x in leftovers(disk / "cache")]
    return found


def _store(p: Place, disk: Path) -> dict[str, Any]:
    """Fill the disk under a server: it says so, goes on, and takes jobs again when there is room."""
    port, bad = 20_000 + os.getpid() % 20_000, []
    url = f"http://127.0.0.1:{port}/api/v1"
    process = p.start(
        "serve", "--port", port, "--method", "map", "--draws", "50", "--database", f"sqlite:///{disk}/jobs.sqlite3"
    )
    body = {"answer": "scenario_levers", "parameters": {}}
    try:
        if not answers(f"{url}/openapi.json"):
            bad.append("does not start")
        filled(disk)
        statuses = [_status(f"{url}/jobs", {**body, "parameters": {}}) for _ in range(30)]
        if set(statuses) - {201, 503}:
            bad.append(f"answers {sorted(set(statuses))} on a full disk")
        if 503 not in statuses:
            bad.append("the disk was not full")
        (disk / "ballast").unlink()
        end, last = time.monotonic() + 60, ""
        job = None
        while time.monotonic() < end and last != "done":
            with contextlib.suppress(OSError):
                job = job or ask(f"{url}/jobs", body)["id"]
                last = ask(f"{url}/jobs/{job}")["status"]
            time.sleep(0.3)
        if last != "done":
            bad.append(f"a job after there is room again is {last or 'not taken'}")
    finally:
        kill(process)
    return {"what": "serve, the store of jobs", "left_bytes": 0, "said": "503 while full, then 201", "faults": bad}


def _status(url: str, body: Any) -> int:
    import urllib.error

    try:
        ask(url, body)
    except urllib.error.HTTPError as error:
        return error.code
    return 201


def _stdout(p: Place) -> dict[str, Any]:
    done = p.run("evidence", "models", "--csv", before=("sh", "-c", 'exec "$@" > /dev/full', "sh"))
    return {
        "what": "standard output",
        "left_bytes": 0,
        "said": " ".join(done.err.split())[:160],
        "faults": _told(done, _FULL),
    }


def limited(p: Place) -> list[dict[str, Any]]:
    """The same where nothing may be mounted: no file may grow beyond 20 kB."""
    rows = []
    for what, arguments in (
        ("report", ("report", *QUICK, "--out", p.root / "out")),
        ("export", ("export", "--to", p.root / "tables", "--evidence-only")),
        ("rules batch", ("rules", "batch", "in.csv", "--out", p.root / "answered.csv")),
    ):
        done = p.run(*arguments, before=("sh", "-c", 'trap "" XFSZ; ulimit -f 40; exec "$@"', "sh"))
        rows.append(
            {"what": what, "left_bytes": 20_480, "said": " ".join(done.err.split())[:160], "faults": _told(done, _FULL)}
        )
    return rows


@contextlib.contextmanager
def read_only(at: Path) -> Iterator[bool]:
    """Give a file system at a folder that takes nothing."""
    with small_disk(at, 100) as made:
        if made:
            subprocess.run(["mount", "-o", "remount,ro", str(at)], check=True)
        yield made


def home(p: Place) -> list[dict[str, Any]]:
    """Run with homes and caches that cannot be written."""
    rows = []
    (p.root / "file").write_text("")
    rows.append(_same_numbers(p, "the cache is under a file", LEADTIME_CACHE=str(p.root / "file" / "cache")))
    rows.append(_same_numbers(p, "HOME is not there", HOME="/nonexistent/home", LEADTIME_CACHE="", XDG_CACHE_HOME=""))
    with read_only(p.root / "ro") as made:
        if made:
            ro = str(p.root / "ro")
            rows.append(
                _same_numbers(
                    p, "HOME and cache on a read-only file system", HOME=ro, LEADTIME_CACHE="", XDG_CACHE_HOME=""
                )
            )
            rows.append(_doctor(p, HOME=ro, LEADTIME_CACHE="", XDG_CACHE_HOME=""))
            rows.append(_report_read_only(p, ro))
            rows.append(_serve_read_only(p, HOME=ro, LEADTIME_CACHE="", XDG_CACHE_HOME=""))
    rows.append(_other_user(p))
    return rows


def _doctor(p: Place, **environment: str) -> dict[str, Any]:
    done = p.run("doctor", **environment)
    bad = (
        []
        if done.code in (0, 1) and "cannot be written" in done.out  # 1: something scheduled has come due
        else [f"exit {done.code}, does not tell: {done.out[-200:]}"]
    )
    line = next((x for x in done.out.splitlines() if x.startswith("cache:")), "")
    return {"what": "doctor", "left_bytes": None, "said": line[:160], "faults": bad}


def _report_read_only(p: Place, ro: str) -> dict[str, Any]:
    begun = os.times()
    done = p.run("report", *QUICK, "--out", Path(ro) / "out")
    ended = os.times()
    bad = _told(done, ("Read-only", "cannot be written"))
    used_s = ended.children_user + ended.children_system - begun.children_user - begun.children_system
    bad += [f"told after {used_s:.0f} s of the processor"] if used_s > _MOST_BEFORE_TOLD_S else []
    return {
        "what": "report into a read-only folder",
        "left_bytes": None,
        "said": " ".join(done.err.split())[:160],
        "faults": bad,
    }


def _serve_read_only(p: Place, **environment: str) -> dict[str, Any]:
    port, bad = 20_001 + os.getpid() % 20_000, []
    process = p.start("serve", "--port", port, "--method", "map", "--draws", "50", **environment)
    if not answers(f"http://127.0.0.1:{port}/api/v1/openapi.json"):
        bad.append(f"does not start: {process.poll()}")
    kill(process)
    return {"what": "serve", "left_bytes": None, "said": "starts; jobs are kept until it stops", "faults": bad}


def _without_python(said: str) -> str:
    """Return an answer without the version of Python: where another user may not read ours, the system's own runs."""
    return re.sub(r'"python": "[^"]*"', "", said)


def _other_user(p: Place) -> dict[str, Any]:
    """As a user who may write nothing here; the interpreter of this environment may be closed to others, then this is
    left.
    """
    what = "as another user, without a home"
    with tempfile.TemporaryDirectory(prefix="leadtime-nobody-") as folder:
        Path(folder).chmod(0o555)
        barred = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        able = (
            os.geteuid() == 0
            and subprocess.run(
                [*barred, sys.executable, "-c", "import polars"], capture_output=True, cwd="/"
            ).returncode
            == 0
        )
        if not able:
            return {
                "what": what,
                "left_bytes": None,
                "said": "left: this user may not, or the other cannot read the program",
                "faults": [],
            }
        usual = p.run("lag", "gpt-4o-2024-05", *QUICK, "--json")
        done = subprocess.run(
            [*barred, sys.executable, "-m", "leadtime", "lag", "gpt-4o-2024-05", *QUICK, "--json"],
            cwd="/",
            capture_output=True,
            text=True,
            env=p.environment(HOME=folder, LEADTIME_CACHE="", XDG_CACHE_HOME=""),
        )
    same = _without_python(done.stdout) == _without_python(usual.out)
    bad = [] if done.returncode == 0 and same else [f"exit {done.returncode}: {done.stderr[-300:]}"]
    return {"what": what, "left_bytes": None, "said": " ".join(done.stderr.split())[:160], "faults": bad}


def main() -> None:
    """Do both; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--write", action="store_true")
    asked, n_faults = given.parse_args(), 0
    runs: dict[str, Callable[[Place], list[dict[str, Any]]]] = {"disk": full, "home": home}
    for name, run in runs.items():
        begun = time.monotonic()
        with place() as p:
            rows = run(p)
        for r in rows:
            print(json.dumps(r), flush=True)
        n = sum(len(r["faults"]) for r in rows)
        n_faults += n
        if asked.write:
            results.write(
                name, verdict=f"{len(rows)} cases, {n or 'no'} faults.", seconds=time.monotonic() - begun, rows=rows
            )
    sys.exit(1 if n_faults else 0)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
