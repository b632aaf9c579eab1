"""kill -9 at random points: `python -m faults.kill [CASE ...] [--times N] [--write]`.

Each command is run undisturbed first, for its result and its length. Then it is killed, with all that it started: half
the times after a random part of that length, half just after something changed in the folders that it writes. After
each kill what is there must be whole: the result of before or the new one, a cache of which every file loads. Then the
command is run again, to its end, and must give the same bytes.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults import results
from faults.found import Found
from faults.kill_server import serve
from faults.program import QUICK, ROWS, Place, damaged, digest, kill, leftovers, place, read_of, traceback_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One command to be killed.

    Args:
        name: What it is called.
        prepare: Makes a place as it is before.
        arguments: The command, in a place.
        state: What is there that readers see, as a word.
        watched: Folders whose changes are moments to kill at.
        share: How often, beside the others.
        finish_every: After so many kills the command is run to its end.
    """

    name: str
    prepare: Callable[[Place], None]
    arguments: Callable[[Place], tuple[object, ...]]
    state: Callable[[Place], str]
    watched: Callable[[Place], tuple[Path, ...]]
    share: float
    finish_every: int = 1


def _out(p: Place) -> Path:
    return p.root / "out"


def _report(p: Place) -> str:
    return digest(_out(p)) if _out(p).exists() else "absent"


def _old_report(p: Place) -> None:
    (_out(p) / "figures").mkdir(parents=True)
    for name in ("index.html", "results.json", "figures/a.csv"):
        (_out(p) / name).write_text("as it was before\n")


def _study(p: Place) -> str:
    return read_of(p.study)


def _csv(p: Place) -> None:
    (p.root / "own.csv").write_text(ROWS.format(21, 22))
    p.run("import", "csv", "own.csv", "--into", p.study, "--label", "mine")
    (p.root / "own.csv").write_text(
        ROWS.format(23, 24) + "nobody,mmlu-pro,0.5,epoch-ai,independent,2024-05-01,mmlu-pro-readme\n"
    )


def _earlier(p: Place) -> None:
    """A study as 0.1 left it: the file of an import beside those of its owner, marked by that of what was not taken."""
    _csv(p)
    (p.study / "evidence").mkdir()
    (p.study / "quarantine").mkdir()
    (p.study / "imports" / "mine.1" / "scores.csv").rename(p.study / "evidence" / "scores.mine.csv")
    (p.study / "imports" / "mine.1" / "quarantine.csv").rename(p.study / "quarantine" / "mine.csv")
    shutil.rmtree(p.study / "imports")


def _hub(p: Place) -> None:
    from faults.targets.imports import HUB_ROWS, INDEX

    (p.root / "hub").mkdir()
    (p.root / "hub" / "gpqa_diamond.csv").write_bytes(HUB_ROWS.replace(b"0.123", b"0.222"))
    p.run("import", "epoch", "hub", "--into", p.study, "--label", "hub", "--known-on", "2026-11-01")
    (p.root / "hub" / "gpqa_diamond.csv").write_bytes(HUB_ROWS)
    (p.root / "hub" / "eci_benchmarks.csv").write_bytes(INDEX)


def _nothing(p: Place) -> None:
    pass


CASES = (
    Case(
        name="report",
        prepare=_old_report,
        arguments=lambda p: ("report", *QUICK, "--out", _out(p)),
        state=_report,
        watched=lambda p: (p.cache, p.root, _out(p)),
        share=1.0,
        finish_every=6,
    ),
    Case(
        name="import csv",
        prepare=_csv,
        arguments=lambda p: ("import", "csv", "own.csv", "--into", p.study, "--label", "mine", "--json"),
        state=_study,
        watched=lambda p: (p.study / "imports",),
        share=2.8,
        finish_every=2,
    ),
    Case(
        name="import csv over 0.1",
        prepare=_earlier,
        arguments=lambda p: ("import", "csv", "own.csv", "--into", p.study, "--label", "mine", "--json"),
        state=_study,
        watched=lambda p: (p.study, p.study / "imports", p.study / "evidence"),
        share=1.4,
        finish_every=2,
    ),
    Case(
        name="import epoch",
        prepare=_hub,
        arguments=lambda p: (
            "import",
            "epoch",
            "hub",
            "--into",
            p.study,
            "--label",
            "hub",
            "--known-on",
            "2026-11-01",
            "--json",
        ),
        state=_study,
        watched=lambda p: (p.study / "imports",),
        share=2.8,
        finish_every=2,
    ),
    Case(
        name="scenario run",
        prepare=_nothing,
        arguments=lambda p: ("scenario", "run", "as-is", "--json"),
        state=lambda p: "",
        watched=lambda p: (p.cache,),
        share=1.0,
        finish_every=2,
    ),
)


def _kill_at_change(process: "subprocess.Popen[str]", folders: tuple[Path, ...], nth: int, most_seconds: float) -> None:
    """Kill at the nth change of what is in the folders."""
    seen, end = _names(folders), time.monotonic() + most_seconds
    while process.poll() is None and time.monotonic() < end:
        now = _names(folders)
        if now != seen:
            seen, nth = now, nth - 1
            if nth <= 0:
                break
        time.sleep(0.0005)
    kill(process)


def _names(folders: tuple[Path, ...]) -> set[tuple[str, int]]:
    found = set()
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                found |= {(e.path, e.stat(follow_symlinks=False).st_mtime_ns) for e in entries}
        except OSError:
            continue
    return found


def disturb(case: Case, times: int, rng: random.Random) -> Found:
    """Kill a command so many times, and return what was found."""
    found = Found()
    with place() as p:
        case.prepare(p)
        before = case.state(p)
        kept = p.root / "before"
        _copy(p, kept)
        p.run(*case.arguments(p))  # the first fills the cache
        _restore(p, kept)
        undisturbed = p.run(*case.arguments(p))
        after = case.state(p)
        _keep(p, case.name.replace(" ", "-"))
        if undisturbed.code:
            raise SystemExit(f"{case.name} fails undisturbed: {undisturbed.err}")
        _restore(p, kept)
        for i in range(times):
            if i % 4 == 3 and case.name in ("report", "scenario run"):
                _some_cold(p.cache, rng)
            process = p.start(*case.arguments(p))
            if i % 2:
                _kill_at_change(process, case.watched(p), rng.randint(1, 6), undisturbed.seconds * 3)
            else:
                time.sleep(rng.uniform(0, undisturbed.seconds))
                kill(process)
            found.n_kills += process.returncode == -9
            found.n_ended += process.returncode != -9
            _look(case, p, found, {before: "as before", after: "as after", "absent": "absent"}, i)
            if (i + 1) % case.finish_every == 0 or i == times - 1:
                _end(case, p, found, undisturbed.out, after, i)
            if case.state(p) == after:
                _restore(p, kept)
    return found


def _look(case: Case, p: Place, found: Found, states: dict[str, str], i: int) -> None:
    state = states.get(case.state(p), "between")
    if state == "absent" and not any(x.name.endswith(".old") for x in leftovers(p.root)):
        state = "lost"
    found.states[state] += 1
    if state in ("between", "lost"):
        found.faults.append(f"kill {i}: what is there is {state}")
    found.faults += [f"kill {i}: {d}" for d in damaged(p.cache)]
    found.n_leftovers = max(found.n_leftovers, len(leftovers(p.cache, p.study, p.root)))


def _end(case: Case, p: Place, found: Found, out: str, after: str, i: int) -> None:
    done = p.run(*case.arguments(p))
    found.n_finished += 1
    if done.code or traceback_in(done):
        found.faults.append(f"after kill {i}: exit {done.code}: {done.err[-300:]}")
    elif case.state(p) != after:
        found.faults.append(f"after kill {i}: another result than undisturbed")
        _keep(p, f"{case.name}-{i}".replace(" ", "-"))
    elif case.name == "scenario run" and done.out != out:
        found.faults.append(f"after kill {i}: another output than undisturbed")
    left = leftovers(p.cache, p.study, p.root)
    if left:
        found.faults.append(f"after kill {i}: left behind: {', '.join(x.name for x in left[:3])}")


def _keep(p: Place, name: str) -> None:
    """Keep a result that is another, with the cache it came from, to look at."""
    for part in ("out", "study", "cache"):
        if (p.root / part).exists():
            shutil.copytree(p.root / part, Path("test-output") / "kill" / name / part, dirs_exist_ok=True)


def _copy(p: Place, kept: Path) -> None:
    for name in ("out", "study"):
        if (p.root / name).exists():
            shutil.copytree(p.root / name, kept / name)


def _restore(p: Place, kept: Path) -> None:
    for name in ("out", "study"):
        if (kept / name).exists():
            shutil.rmtree(p.root / name, ignore_errors=True)
            shutil.copytree(kept / name, p.root / name)


def _some_cold(cache: Path, rng: random.Random) -> None:
    """Take some files out of the cache, so that there is something to write."""
    for path in sorted(cache.glob("*.npz")):
        if rng.random() < 0.3:
            path.unlink()


def row(name: str, found: Found, seconds: float) -> dict[str, Any]:
    """Return what was found as a row of the results."""
    return {
        "command": name,
        "n_kills": found.n_kills,
        "n_ended_before": found.n_ended,
        "states": dict(sorted(found.states.items())),
        "n_finished": found.n_finished,
        "most_leftovers": found.n_leftovers,
        "faults": found.faults,
        "seconds": round(seconds),
    }


def main() -> None:
    """Kill what is named, or all; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("cases", nargs="*")
    given.add_argument("--times", type=int, default=40, help="kills of a report; others more or fewer")
    given.add_argument("--seed", type=int, default=0)
    given.add_argument("--write", action="store_true")
    asked = given.parse_args()
    rows: list[dict[str, Any]] = []
    runs: dict[str, Callable[[], Found]] = {
        c.name: lambda c=c: disturb(c, max(1, round(asked.times * c.share)), random.Random(asked.seed))
        for c in CASES  # type: ignore[misc]
    }
    runs["serve"] = lambda: serve(max(1, round(asked.times * 0.6)), random.Random(asked.seed))
    for name in asked.cases or runs:
        start = time.monotonic()
        rows.append(row(name, runs[name](), time.monotonic() - start))
        print(json.dumps(rows[-1]), flush=True)
        if asked.write:
            every = results.rows_beside("kill", rows, "command")
            n_bad, n = sum(len(r["faults"]) for r in every), sum(r["n_kills"] for r in every)
            verdict = f"{n} kills, {n_bad or 'no'} faults."
            results.write("kill", verdict=verdict, seconds=sum(r["seconds"] for r in every), rows=every)
    n_faults = sum(len(r["faults"]) for r in rows)
    sys.exit(1 if n_faults else 0)


if __name__ == "__main__":
    main()
