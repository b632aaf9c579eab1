"""Power cuts: `python -m faults.power [CASE ...] [--states N] [--write]`.

A command is run once under strace, which tells what it writes, names and forces to the disk. Then every moment of it is
taken for that of a power cut: what was forced is there, of the rest anything may be missing (see `cut`). Each state
that a disk may then be in is made, and read as readers read it. It must be the old state or the new one, or be told to
be damaged; and what the command had said is done must be there, where that is promised.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults import results
from faults.cut import Cut, Disk, after, cuts, resolved
from faults.program import QUICK, ROWS, Place, digest, place, read_of
from faults.recorded import Step, can, record
from leadtime.errors import LeadtimeError

_PYTHON = (sys.executable, "-c")
_LEADTIME = (sys.executable, "-m", "leadtime")
#: What a reader may find, beside a fault: in words for the table.
OLD, NEW, TOLD, AGAIN, SAID = "as before", "as after", "told", "computed again", "as was said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One command, and how what it writes is read.

    Args:
        name: What is written.
        prepare: Makes a place as it is before.
        command: The command, in a place.
        written: The folder that is looked at.
        read: Returns what a reader finds in that folder, as a word; what is read before and after the whole command is
            `OLD` and `NEW`.
        lasting: Whether what the command said is done must be there.
    """

    name: str
    prepare: Callable[[Place], None]
    command: Callable[[Place], tuple[str, ...]]
    written: Callable[[Place], Path]
    read: Callable[[Path], str]
    lasting: bool = True


_KEEP = """
import numpy as np
from leadtime.capability import cache
cache.store("key", {"theta": np.arange(3000.0) + %d, "note": np.array("%s")})
"""
_LOCK = """
import dataclasses, pathlib, sys
from leadtime.backtest import locked
from leadtime.whole import whole
one = locked.read(locked.SHIPPED)[0]
path, entries = pathlib.Path(sys.argv[1]), []
for n in range(1, 1 + int(sys.argv[2])):
    entries.append(dataclasses.replace(one, n=n, before=locked.head(entries)))
locked.write(path, entries)
print("locked")
"""
_JOBS = """
import sys
from leadtime.web.store import Store
store = Store(f"sqlite:///{sys.argv[1]}/jobs.sqlite3")
for i in range(4):
    job = store.create("lag", {"i": i})
    print("queued", job.id, flush=True)
    store.next("server")
    store.finish(job.id, "server", b"x" * 9000)
    print("done", job.id, flush=True)
store.save_study("0" * 32, {"claims/a.yaml": "x" * 5000})
print("saved", "0" * 32, flush=True)
"""


def _kept(folder: Path) -> str:
    from leadtime.capability import cache

    before = os.environ.get("LEADTIME_CACHE")
    os.environ["LEADTIME_CACHE"] = str(folder)
    try:
        found = cache.load("key")
    finally:
        os.environ.pop("LEADTIME_CACHE") if before is None else os.environ.update(LEADTIME_CACHE=before)
    return AGAIN if found is None else f"{found['note'].item()} {found['theta'].sum()}"


def _locked(folder: Path) -> str:
    from leadtime.backtest import locked

    return locked.head(locked.read(folder / "locked.jsonl")) if (folder / "locked.jsonl").exists() else "absent"


def _folder(folder: Path) -> str:
    """What a reader sees in the place of a folder that is replaced as a whole, once the next writer has put back what
    was set aside.
    """
    if (folder / "out").exists():
        return digest(folder / "out")
    for aside in folder.glob(".out.*.old"):
        aside.rename(folder / "out")  # as the next who writes there does
        return digest(folder / "out")
    return "absent"


def _pinned(folder: Path) -> str:
    from leadtime.evidence import lock

    found = lock.read(folder)
    return "absent" if found is None else repr(sorted(found.packages.items()))


def _jobs(folder: Path) -> str:
    """The jobs that are there, by their state; a database that is not sound is a fault."""
    import sqlite3

    file = folder / "jobs.sqlite3"
    if not file.exists():
        return ""
    with sqlite3.connect(file) as there:
        sound = there.execute("pragma integrity_check").fetchone()[0]
        assert sound == "ok", f"the database is not sound: {sound[:80]}"
        tables = {r[0] for r in there.execute("select name from sqlite_master where type = 'table'")}
        jobs = (
            there.execute("select id, status, length(result) from leadtime_jobs") if "leadtime_jobs" in tables else ()
        )
        found = {i: f"{'done' if s == 'done' else 'queued'} {i}" for i, s, n in jobs if s != "done" or n == 9000}
        studies = (
            there.execute("select id, length(files) from leadtime_studies") if "leadtime_studies" in tables else ()
        )
        saved = [f"saved {i}" for i, n in studies if n > 5000]
    there.close()
    return "\n".join(sorted([*found.values(), *saved]))


def _is_promised(found: str, said: bytes) -> bool:
    """Return whether all that a store said is there: a job that was done counts for one that was queued."""
    there = set(found.split("\n"))
    ended = {line.split()[1] for line in there if line.startswith("done")}
    for line in said.decode().rpartition("\n")[0].split("\n"):  # what was said to its end
        if line and line not in there and not (line.startswith("queued") and line.split()[1] in ended):
            return False
    return True


def _prepared_study(p: Place) -> None:
    (p.root / "own.csv").write_text(ROWS.format(21, 22))
    p.run("import", "csv", "own.csv", "--into", p.study, "--label", "mine")
    (p.root / "own.csv").write_text(ROWS.format(23, 24))


def _prepared_report(p: Place) -> None:
    (p.root / "work" / "out" / "figures").mkdir(parents=True)
    for name in ("index.html", "results.json", "figures/a.csv"):
        (p.root / "work" / "out" / name).write_text("as it was before\n")
    p.run("report", *QUICK, "--out", p.root / "elsewhere")  # fills the cache


def _prepared_proposal(p: Place) -> None:
    (p.root / "work").mkdir()
    (p.root / "in").mkdir()
    from faults.targets.updates import _register_seeds

    content = next(iter(_register_seeds()))
    (p.root / "in" / "federal_register_rules.json").write_bytes(content.replace(b"2026-19999", b"2026-18888"))
    done = p.run("update", "--from", p.root / "in", "--into", p.root / "work" / "out", "--no-headlines")
    assert done.code == 0, done.err
    (p.root / "in" / "federal_register_rules.json").write_bytes(content)


def _prepared_lock(p: Place) -> None:
    done = p.run("lock", p.study)
    assert done.code == 0, done.err
    file = p.study / "leadtime.lock"
    file.write_text(file.read_text().replace('"packages": {', '"packages": {\n  "a-package": "1.0",', 1))


def _run(p: Place, command: tuple[str, ...]) -> None:
    done = subprocess.run(command, env=p.environment(), cwd=p.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _python(script: str, *arguments: object) -> tuple[str, ...]:
    return (*_PYTHON, script, *map(str, arguments))


CASES = (
    Case(
        name="the cache",
        prepare=lambda p: _run(p, _python(_KEEP % (1, "old"))),
        command=lambda p: _python(_KEEP % (2, "new")),
        written=lambda p: p.cache,
        read=_kept,
        lasting=False,
    ),
    Case(
        name="locked forecasts",
        prepare=lambda p: _run(p, _python(_LOCK, p.study / "locked.jsonl", 2)),
        command=lambda p: _python(_LOCK, p.study / "locked.jsonl", 3),
        written=lambda p: p.study,
        read=_locked,
    ),
    Case(
        name="an import",
        prepare=_prepared_study,
        command=lambda p: (*_LEADTIME, "import", "csv", "own.csv", "--into", str(p.study), "--label", "mine"),
        written=lambda p: p.study,
        read=read_of,
    ),
    Case(
        name="a lock",
        prepare=_prepared_lock,
        command=lambda p: (*_LEADTIME, "lock", str(p.study)),
        written=lambda p: p.study,
        read=_pinned,
    ),
    Case(
        name="a proposal",
        prepare=_prepared_proposal,
        command=lambda p: (
            *(*_LEADTIME, "update", "--from", str(p.root / "in"), "--into", str(p.root / "work" / "out")),
            "--no-headlines",
        ),
        written=lambda p: p.root / "work",
        read=_folder,
    ),
    Case(
        name="an export",
        prepare=lambda p: (p.root / "work").mkdir(),
        command=lambda p: (
            *(*_LEADTIME, "export", "--to", str(p.root / "work" / "out"), "--as-of", "2024-09-01"),
            *("--format", "csv", "--evidence-only"),
        ),
        written=lambda p: p.root / "work",
        read=_folder,
    ),
    Case(
        name="a report",
        prepare=_prepared_report,
        command=lambda p: (*_LEADTIME, "report", *QUICK, "--out", str(p.root / "work" / "out")),
        written=lambda p: p.root / "work",
        read=_folder,
    ),
    Case(
        name="the server's store",
        prepare=lambda p: (p.root / "work").mkdir(),
        command=lambda p: _python(_JOBS, p.root / "work"),
        written=lambda p: p.root / "work",
        read=_jobs,
    ),
)


@dataclass(slots=True, kw_only=True)
class Found:
    """What came of one case."""

    n_steps: int
    n_states: int
    states: Counter[str]
    faults: list[str]


def tried(case: Case, rng: random.Random, most: int) -> Found:
    """Record a command, and read what a cut at each of its moments may leave.

    Args:
        case: The command.
        rng: Where chance comes from.
        most: So many states are read; of more, some by chance.
    """
    with place() as p, tempfile.TemporaryDirectory(prefix="leadtime-power-", dir=_memory()) as memory:
        case.prepare(p)
        folder = case.written(p)
        before = Disk.of(folder)
        steps = record(case.command(p), folder, p.environment(), p.root / "strace.log", p.root)
        root = os.path.realpath(folder)
        _require_whole_record(case, before, steps, folder)
        words = {case.read(_made(before, root, Path(memory) / "old")): OLD, case.read(folder): NEW}
        every = list(cuts(before, steps, rng, heed_words=case.read is _jobs))
        some = every if len(every) <= most else [*rng.sample(every[:-1], most - 1), every[-1]]
        found = Found(n_steps=len(steps), n_states=len(some), states=Counter(), faults=[])
        for i, cut in enumerate(some):
            _look(case, cut, words, _made(cut.disk, root, Path(memory) / str(i)), found)
            shutil.rmtree(Path(memory) / str(i), ignore_errors=True)
    return found


def _require_whole_record(case: Case, before: Disk, steps: list[Step], folder: Path) -> None:
    """Refuse a record that does not lead to what is there: then something was done that strace did not show."""
    every = resolved(before, steps)
    led, there = after(before, every, set(range(len(every)))), Disk.of(folder)
    for disk in (led, there):  # shared memory of SQLite, which is made anew
        disk.files = {f: n for f, n in disk.files.items() if not f.endswith("-shm")}
    if led.digest() != there.digest():
        raise SystemExit(f"{case.name}: the steps that were recorded do not lead to what is there")


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _made(disk: Disk, root: str, to: Path) -> Path:
    kept = {f: n for f, n in disk.files.items() if not f.endswith("-shm")}
    Disk(kept, disk.content).put(root, to)
    return to


def _look(case: Case, cut: Cut, words: dict[str, str], folder: Path, found: Found) -> None:
    try:
        said = case.read(folder)
    except LeadtimeError as error:
        said, told = TOLD, str(error)
        found.faults += [f"{_when(cut)}: {told[:160]}"] if cut.is_end and case.lasting else []
    except Exception as error:
        found.states["fault"] += 1
        found.faults.append(f"{_when(cut)}: {type(error).__name__}: {str(error)[:160]}")
        return
    if case.read is _jobs:
        state = SAID if _is_promised(said, cut.said) else "lost"
    else:
        state = words.get(said, said if said in (TOLD, AGAIN, "absent") else "between")
    if state in ("lost", "between") or (state == "absent" and OLD in words.values() and "absent" not in words):
        found.faults.append(f"{_when(cut)}: what is there is {state}")
    elif cut.is_end and case.lasting and state not in (NEW, SAID):
        found.faults.append(f"{_when(cut)}: said to be done, and {state}")
    found.states[state] += 1


def _when(cut: Cut) -> str:
    return f"after step {cut.n_steps}{', at the end' if cut.is_end else ''}, lost: {cut.how}"


def main() -> None:
    """Try the cases named, or all; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("cases", nargs="*")
    given.add_argument("--states", type=int, default=1500, help="at most, for each case")
    given.add_argument("--seed", type=int, default=0)
    given.add_argument("--write", action="store_true")
    asked, begun = given.parse_args(), time.monotonic()
    if not can():
        print("strace is not there, so nothing can be recorded (Debian: apt-get install strace)")
        return
    rows: list[dict[str, Any]] = []
    for case in [c for c in CASES if not asked.cases or c.name in asked.cases]:
        found = tried(case, random.Random(asked.seed), asked.states)
        kinds = {word: found.states[word] for word in (OLD, NEW, SAID, TOLD, AGAIN, "absent") if found.states[word]}
        row = {"written": case.name, "n_steps": found.n_steps, "n_states": found.n_states, "states": kinds}
        rows.append({**row, "faults": sorted(set(found.faults))[:20]})
        print(json.dumps(rows[-1], indent=1), flush=True)
    n, n_states = sum(len(r["faults"]) for r in rows), sum(r["n_states"] for r in rows)
    if asked.write:
        results.write(
            "power",
            verdict=f"{n_states:,} states after a power cut, {n or 'no'} faults.",
            seconds=time.monotonic() - begun,
            rows=rows,
            notes=[
                "The cut is simulated: a disk that says it has written what it has not is not. Of more states than"
                f" {asked.states:,} in one case, that many by chance were read."
            ],
        )
    sys.exit(1 if n else 0)


if __name__ == "__main__":
    main()
