"""kill -9 of a server with a job in flight: the job is seen through by the next."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

from faults.asked import answers, ask
from faults.found import Found
from faults.program import Place, damaged, kill, place


def serve(times: int, rng: random.Random) -> Found:
    """Kill a server with a job in flight so many times, start it again, and see the job through."""
    found, wanted = Found(), ""
    port = 20_000 + os.getpid() % 20_000
    with place() as p:
        arguments = ("serve", "--port", port, "--method", "map", "--draws", "50")
        url = f"http://127.0.0.1:{port}/api/v1"
        for i in range(times):
            process = p.start(*arguments)
            if not answers(f"{url}/openapi.json"):
                found.faults.append(f"kill {i}: does not start again: {_said(process)}")
                kill(process)
                continue
            job = ask(
                f"{url}/jobs",
                {
                    "answer": "scenario_draws",
                    "parameters": {"names": ["as-is"], "n": 2000, "seed": i % 3, "as_of": "2026-11-24"},
                },
            )["id"]
            time.sleep(rng.uniform(0, 12))
            kill(process)
            found.n_kills += process.returncode == -9
            found.faults += [f"kill {i}: {d}" for d in damaged(p.cache)]
            said = _store_says(p.cache / "server.sqlite3", job)
            found.states[said] += 1
            if said not in ("queued", "running", "done"):
                found.faults.append(f"kill {i}: the store says {said!r} of the job")
            if (i + 1) % 4 == 0:
                wanted = _see_through(p, arguments, url, job, found, i, wanted if i % 3 == 0 else "")
    return found


def _store_says(path: Path, job: str) -> str:
    """Return the status of a job, read without the server; whether the file is sound."""
    copy = path.with_name("copy.sqlite3")
    for ending in ("", "-wal"):
        if path.with_name(path.name + ending).exists():
            shutil.copy(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
    with sqlite3.connect(copy) as c:
        if c.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return "damaged"
        row = c.execute("select status from leadtime_jobs where id = ?", (job,)).fetchone()
    for left in path.parent.glob("copy.sqlite3*"):
        left.unlink()
    return str(row[0]) if row else "lost"


def _see_through(p: Place, arguments: tuple[object, ...], url: str, job: str, found: Found, i: int, wanted: str) -> str:
    process = p.start(*arguments)
    said: dict[str, Any] = {}
    try:
        if not answers(f"{url}/openapi.json"):
            found.faults.append(f"after kill {i}: does not start again")
            return wanted
        end = time.monotonic() + 240
        while time.monotonic() < end:
            said = ask(f"{url}/jobs/{job}")
            if said["status"] in ("done", "failed", "cancelled"):
                break
            time.sleep(0.3)
        found.n_finished += 1
        if said["status"] != "done":
            found.faults.append(f"after kill {i}: the job is {said['status']}: {said.get('problem')}")
            return wanted
        result = json.dumps(ask(f"{url}/jobs/{job}/result"), sort_keys=True)
        if wanted and result != wanted:
            found.faults.append(f"after kill {i}: the job came to other numbers")
        return result if i % 3 == 0 else wanted
    finally:
        kill(process)


def _said(process: "subprocess.Popen[str]") -> str:
    return f"exit {process.poll()}"
