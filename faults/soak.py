"""Many readers for a while, and trouble in the middle: `python -m faults.soak [--minutes 20] [--clients 200]
[--write]`.

A server has so many readers on connections that stay open: pages, charts, answers of the API, sliders, fits, scores of
their own, jobs. From a third of the time on, processes that compute are killed with `kill -9`; half-way the disk of its
store is full for a tenth of the time (a small file system in memory, for which this has to be root). Wanted: no answer
that is the server's own fault (500, or a connection that is cut), every job that was taken done, and memory that does
not grow once the caches are full.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from faults import results
from faults.asked import answers
from faults.disk import filled, small_disk
from faults.program import Place, kill, place
from faults.readers import KINDS, Met, Reader, read

#: Readers that put jobs; jobs have so many seconds after the end of the run to end.
_JOBBERS, _GRACE_SECONDS = 4, 420.0
#: Between two looks at the end: one client may ask 600 times a minute.
_LOOK_SECONDS = 0.2
_ID = re.compile(r"[0-9a-f]{32}")
_SAMPLE_SECONDS = 5.0
#: What is tested is not the numbers.
_SERVE = [sys.executable, "-m", "leadtime", "serve", "--method", "map", "--draws", "200", "--proxy", "127.0.0.1"]
#: Memory grows where its slope is surely above zero and adds more than this share in an hour.
_MOST_GROWTH = 0.10


@dataclass(slots=True)
class Jobs:
    """The jobs that were taken, what became of each, and how often one was refused."""

    taken: list[str] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    n_refused: int = 0


async def jobber(reader: Reader, jobs: Jobs, until: float) -> None:
    """Put jobs one after the other, some of which another asks too, cancel a few, and see each to its end."""
    while time.monotonic() < until:
        body = {
            "answer": "scenario_draws",
            "parameters": {"names": ["as-is"], "n": 2000, "seed": reader.random.randrange(10_000)},
        }
        with contextlib.suppress(Exception):  # counted where it was met
            said, job = await reader.json("job", "POST", "/api/v1/jobs", body)
            if said.status != 201:
                jobs.n_refused += 1
            else:
                jobs.taken.append(job["id"])
                if reader.random.random() < 0.1:
                    gone, _ = await reader.json("job", "DELETE", f"/api/v1/jobs/{job['id']}")
                    if gone.status == 200:
                        jobs.cancelled.add(job["id"])
                await _seen_through(reader, jobs, job["id"], until)
        await asyncio.sleep(reader.random.uniform(1, 5))


async def _seen_through(reader: Reader, jobs: Jobs, id_: str, until: float) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(1)
        said, job = await reader.json("job", "GET", f"/api/v1/jobs/{id_}")
        if said.status == 200 and job["status"] in ("done", "failed", "cancelled"):
            jobs.ends[id_] = job["status"] if job["problem"] is None else f"failed: {job['problem']['title']}"
            return


async def last_look(reader: Reader, jobs: Jobs) -> None:
    """See what became of the jobs that had not ended, and that each that is done has a result."""
    until = time.monotonic() + _GRACE_SECONDS
    for id_ in jobs.taken:
        await asyncio.sleep(_LOOK_SECONDS)
        if id_ not in jobs.ends:
            with contextlib.suppress(Exception):
                await _seen_through(reader, jobs, id_, until)
        if jobs.ends.get(id_) == "done":
            with contextlib.suppress(Exception):
                _, run = await reader.json("job", "GET", f"/api/v1/jobs/{id_}/result")
                if run.get("n") != 2000:
                    jobs.ends[id_] = "done, without its result"


def _children(server: int) -> list[int]:
    """Return the processes of a server that compute."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == server and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def _megabytes(process: int) -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0


async def weigh(server: int, weights: list[tuple[float, float, float, int]], until: float) -> None:
    """Note the memory of the server, of all its processes, and their number, every few seconds."""
    begun = time.monotonic()
    while time.monotonic() < until:
        own, others = _megabytes(server), [_megabytes(c) for c in _children(server)]
        weights.append((time.monotonic() - begun, own, own + sum(others), 1 + len(others)))
        await asyncio.sleep(_SAMPLE_SECONDS)


async def trouble(server: int, disk: Path, seconds: float, done: Counter[str]) -> None:
    """Kill processes that compute, and fill the disk, in the middle of the run."""
    rng = random.Random(0)
    await asyncio.sleep(seconds / 3)
    for _ in range(3):
        for process in rng.sample(here := _children(server), min(2, len(here))):
            os.kill(process, signal.SIGKILL)
            done["processes killed"] += 1
        await asyncio.sleep(seconds / 18)
    await asyncio.to_thread(filled, disk)
    done["disk full, s"] = round(seconds / 10)
    await asyncio.sleep(seconds / 10)
    (disk / "ballast").unlink()


async def soaked(port: int, server: int, disk: Path, minutes: float, clients: int) -> dict[str, Any]:
    """Let readers read and trouble come, and return what was met."""
    met, jobs, weights, done = Met(), Jobs(), [], Counter[str]()
    until = time.monotonic() + 60 * minutes
    tasks = [weigh(server, weights, until), trouble(server, disk, 60 * minutes, done)]
    k = 0
    for does, share, pause in KINDS:
        for _ in range(max(1, round(share * (clients - _JOBBERS)))):
            k += 1
            tasks.append(read(Reader(port, k, met), does, pause, until))
    tasks += [jobber(Reader(port, k + 1 + i, met), jobs, until) for i in range(_JOBBERS)]
    await asyncio.gather(*tasks)
    await last_look(Reader(port, 60_000, met), jobs)
    return {"met": met, "jobs": jobs, "weights": weights, "done": done, "clients": k + _JOBBERS}


def slope(at_s: list[float], megabytes: list[float], *, n: int = 2000) -> tuple[float, float, float]:
    """Return the slope of memory in megabytes an hour, with a 90 % interval.

    Least squares; the interval is that of a bootstrap of the residuals in blocks of a minute, for what follows each
    other is alike.
    """
    t, y = np.array(at_s) / 3600, np.array(megabytes)
    fitted = np.polyfit(t, y, 1)
    residuals = y - np.polyval(fitted, t)
    block = max(1, round(60 / _SAMPLE_SECONDS))
    rng = np.random.default_rng(0)
    starts = rng.integers(0, max(len(y) - block, 1), size=(n, -(-len(y) // block)))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(n, -1)[:, : len(y)]
    again = np.polyval(fitted, t) + residuals[np.minimum(drawn, len(y) - 1)]
    slopes = np.polyfit(t, again.T, 1)[0]
    low, high = np.quantile(slopes, [0.05, 0.95])
    return float(fitted[0]), float(low), float(high)


def _kind_row(kind: str, met: Met) -> dict[str, Any]:
    took = np.array(met.seconds[kind]) * 1000
    middle, most, top = (round(float(q), 1) for q in np.quantile(took, [0.5, 0.95, 0.99])) if len(took) else (0, 0, 0)
    return {
        "what": kind,
        "n": sum(met.statuses[kind].values()),
        "found": dict(sorted(met.statuses[kind].items())),
        "median_ms": middle,
        "p95_ms": most,
        "p99_ms": top,
        "faults": [f"{n:,} times {what}" for what, n in Counter(_alike(f) for f in met.faults[kind]).most_common()],
    }


def _alike(fault: str) -> str:
    """Return a fault without the ids and the page in it, so that those alike are counted together."""
    return _ID.sub("ID", fault.partition(" <")[0])


def _row(what: str, n: int, found: Any, faults: list[str]) -> dict[str, Any]:
    none = {"median_ms": None, "p95_ms": None, "p99_ms": None}
    return {"what": what, "n": n, "found": found, **none, "faults": faults}


def rows_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was met as the rows of a table."""
    met, jobs, weights = found["met"], found["jobs"], found["weights"]
    rows = [_kind_row(kind, met) for kind in sorted(met.statuses)]
    ends = {i: jobs.ends.get(i, "lost") for i in jobs.taken}
    wrong = [f"{i}: {end}" for i, end in ends.items() if end != ("cancelled" if i in jobs.cancelled else "done")]
    rows.append(_row("jobs taken", len(ends), dict(Counter(e.partition(":")[0] for e in ends.values())), wrong))
    rows.append(_row("jobs refused", jobs.n_refused, "503 while the disk is full, or the queue", []))
    rows.append(_row("trouble", found["done"]["processes killed"], dict(found["done"]), []))
    steady = [w for w in weights if w[0] > weights[-1][0] / 3]  # until then the caches fill
    for what, i in (("memory of the server, MB", 1), ("memory of all its processes, MB", 2)):
        sizes = [w[i] for w in steady]
        middle, low, high = slope([w[0] for w in steady], sizes)
        grows = low > 0 and middle > _MOST_GROWTH * float(np.mean(sizes))
        said = f"{middle:+.0f} MB an hour (90 %: {low:+.0f} to {high:+.0f}), at most {max(sizes):.0f}"
        rows.append(_row(what, round(float(np.mean(sizes))), said, [f"it grows: {said}"] if grows else []))
    return rows


def run(p: Place, minutes: float, clients: int) -> list[dict[str, Any]]:
    """Start a server on a small disk, soak it, and return what was found."""
    port, disk = 20_000 + os.getpid() % 20_000, p.root / "disk"
    with small_disk(disk, 65_536) as mounted:
        if not mounted:
            raise SystemExit("the disk of the store could not be made: this has to be root")
        log = (p.root / "log").open("w")
        process = subprocess.Popen(
            [*_SERVE, "--port", str(port), "--database", f"sqlite:///{disk}/jobs.sqlite3"],
            env=p.environment(),
            cwd=p.root,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=log,
            text=True,
        )
        try:
            if not answers(f"http://127.0.0.1:{port}/health/ready", 1800):
                raise SystemExit(f"the server does not start: exit {process.poll()}")
            found = asyncio.run(soaked(port, process.pid, disk, minutes, clients))
            rows = rows_of(found)
            alive = process.poll() is None
        finally:
            kill(process)
        log.close()
        said = [line for line in (p.root / "log").read_text().splitlines() if "Traceback" in line or "failed" in line]
        bad = said[:20] + ([] if alive else [f"the server ended by itself: exit {process.returncode}"])
        return [*rows, _row("the server", 1, "runs to the end" if alive else "ended", bad)]


def main() -> None:
    """Soak a server; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--minutes", type=float, default=20)
    given.add_argument("--clients", type=int, default=200)
    given.add_argument("--cache", type=Path, help="begin with a copy of this cache, so that the server starts sooner")
    given.add_argument("--write", action="store_true")
    asked, begun = given.parse_args(), time.monotonic()
    with place() as p:
        if asked.cache is not None:
            shutil.copytree(asked.cache, p.cache, dirs_exist_ok=True)
        rows = run(p, asked.minutes, asked.clients)
    for r in rows:
        print(json.dumps(r), flush=True)
    n = sum(len(r["faults"]) for r in rows)
    if asked.write:
        requests = sum(r["n"] for r in rows if r["median_ms"] is not None)
        verdict = (
            f"{asked.clients} readers, {asked.minutes:g} minutes, {requests:,} requests, {n or 'no'} kinds of faults."
        )
        load = f"Load of the machine at the end: {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors."
        results.write("soak", verdict=verdict, seconds=time.monotonic() - begun, rows=rows, notes=[load])
    sys.exit(1 if n else 0)


if __name__ == "__main__":
    main()
