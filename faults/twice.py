"""Two processes at once on one study: `python -m faults.twice [--times N] [--write]`.

Both must end well, or one is told; what they leave is what one of them alone would have left, and the numbers are those
of one process alone.
"""

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Callable

from faults import results
from faults.asked import answers, ask
from faults.program import QUICK, ROWS, Done, Place, damaged, digest, kill, leftovers, place, read_of, traceback_in


def at_once(p: Place, first: tuple[object, ...], second: tuple[object, ...], apart_s: float) -> tuple[Done, Done]:
    """Run two commands, the second a moment after the first."""
    one = p.start(*first)
    time.sleep(apart_s)
    two = p.start(*second)
    ended = []
    for process in (one, two):
        out, err = process.communicate(timeout=900)
        ended.append(Done(code=process.returncode, out=out, err=err, seconds=0.0))
    return ended[0], ended[1]


def _well(done: tuple[Done, Done]) -> list[str]:
    bad = [f"exit {d.code}: {d.err[-300:]}" for d in done if d.code not in (0, 1) or traceback_in(d)]
    return bad + ([] if any(d.code == 0 for d in done) else ["neither ended well"])


def _whole(p: Place) -> list[str]:
    return damaged(p.cache) + [f"left behind: {x.name}" for x in leftovers(p.cache, p.study, p.root)]


def reports(p: Place, rng: random.Random, times: int) -> list[str]:
    """Two reports into one folder."""
    out = p.root / "out"
    arguments = ("report", *QUICK, "--out", out)
    p.run(*arguments)
    alone, bad = digest(out), []
    for _ in range(times):
        done = at_once(p, arguments, arguments, rng.uniform(0, 2))
        bad += [*_well(done), *_whole(p)]
        bad += [] if digest(out) == alone else ["another report than of one alone"]
    return bad


def cold(p: Place, rng: random.Random, times: int) -> list[str]:
    """Two commands with an empty cache."""
    arguments = ("lag", *QUICK, "--json")
    alone, bad = p.run(*arguments).out, []
    for _ in range(times):
        shutil.rmtree(p.cache)
        done = at_once(p, arguments, arguments, rng.uniform(0, 1))
        bad += [*_well(done), *_whole(p)]
        bad += [] if {d.out for d in done} == {alone} else ["other numbers than of one alone"]
    return bad


def _files(p: Place) -> None:
    (p.root / "a.csv").write_text(ROWS.format(21, 22))
    (p.root / "b.csv").write_text(ROWS.format(23, 24))


def imports(p: Place, rng: random.Random, times: int) -> list[str]:
    """Two imports into one study, under one label: one of the two files is there, whole."""
    _files(p)
    command = ("import", "csv", "{}", "--into", p.study, "--label", "mine")
    allowed, bad = set(), []
    for name in ("a.csv", "b.csv"):
        p.run(*(name if a == "{}" else a for a in command))
        allowed.add(read_of(p.study))
    for _ in range(times):
        done = at_once(
            p,
            tuple("a.csv" if a == "{}" else a for a in command),
            tuple("b.csv" if a == "{}" else a for a in command),
            rng.uniform(0, 0.3),
        )
        bad += [*_well(done), *_whole(p)]
        bad += [] if read_of(p.study) in allowed else ["a mixture of both"]
    return bad


def labels(p: Place, rng: random.Random, times: int) -> list[str]:
    """Two imports into one study, under two labels: both are there."""
    _files(p)
    bad = []
    for _ in range(times):
        shutil.rmtree(p.study)
        done = at_once(
            p,
            ("import", "csv", "a.csv", "--into", p.study, "--label", "one"),
            ("import", "csv", "b.csv", "--into", p.study, "--label", "two"),
            rng.uniform(0, 0.3),
        )
        bad += [*_well(done), *_whole(p)]
        there = {x.name for x in (p.study / "imports").glob("[!.]*")}
        bad += [] if all(d.code == 0 for d in done) and there == {"one.1", "two.1"} else [f"only {sorted(there)}"]
        checked = p.run("check", p.study)
        bad += [] if checked.code == 0 else [checked.err[-200:]]
    return bad


def reading(p: Place, rng: random.Random, times: int) -> list[str]:
    """An answer asked while an import changes the study: of before or of after."""
    _files(p)
    ask_it = ("lag", "gpt-4o-2024-05", *QUICK, "--study", p.study, "--json")
    allowed, bad = set(), []
    for name in ("b.csv", "a.csv"):
        p.run("import", "csv", name, "--into", p.study, "--label", "mine")
        allowed.add(p.run(*ask_it).out)
    for i in range(times):
        taken = "b.csv" if i % 2 == 0 else "a.csv"
        done = at_once(p, ("import", "csv", taken, "--into", p.study, "--label", "mine"), ask_it, rng.uniform(0, 2))
        bad += [*_well(done), *_whole(p)]
        bad += [] if done[1].out in allowed else ["an answer of neither"]
    return bad


def servers(p: Place, rng: random.Random, times: int) -> list[str]:
    """Two servers on one store: each job is done, and both servers tell the same of it."""
    bad, ports = [], (rng.randint(20_000, 30_000), rng.randint(30_001, 40_000))
    started = [p.start("serve", "--port", port, "--method", "map", "--draws", "50") for port in ports]
    urls = [f"http://127.0.0.1:{port}/api/v1" for port in ports]
    try:
        if not all(answers(f"{u}/openapi.json") for u in urls):
            return ["one of the two does not start"]
        for _ in range(times):
            body = {"answer": "scenario_levers", "parameters": {}}
            jobs = [ask(f"{urls[j % 2]}/jobs", body)["id"] for j in range(4)]
            end = time.monotonic() + 120
            while time.monotonic() < end and any(
                ask(f"{urls[0]}/jobs/{j}")["status"] in ("queued", "running") for j in jobs
            ):
                time.sleep(0.3)
            said = {
                json.dumps(ask(f"{u}/jobs/{j}/result"), sort_keys=True)
                for j in jobs
                for u in urls
                if ask(f"{u}/jobs/{j}")["status"] == "done"
            }
            statuses = [ask(f"{urls[1]}/jobs/{j}")["status"] for j in jobs]
            bad += [] if set(statuses) == {"done"} and len(said) == 1 else [f"{statuses}, {len(said)} results"]
    finally:
        for process in started:
            kill(process)
    return bad


RUNS: dict[str, tuple[str, Callable[[Place, random.Random, int], list[str]], float]] = {
    "two reports into one folder": ("one whole report", reports, 0.2),
    "two commands, an empty cache": ("the numbers of one", cold, 1.0),
    "two imports, one label": ("one of the two, whole", imports, 1.0),
    "two imports, two labels": ("both", labels, 1.0),
    "an answer during an import": ("of before or of after", reading, 1.0),
    "two servers, one store": ("each job done", servers, 0.3),
}


def main() -> None:
    """Run all pairs; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--times", type=int, default=10)
    given.add_argument("--write", action="store_true")
    asked, rows, begun = given.parse_args(), [], time.monotonic()
    for name, (wanted, run, share) in RUNS.items():
        times = max(1, round(asked.times * share))
        with place() as p:
            bad = run(p, random.Random(0), times)
        rows.append({"what": name, "wanted": wanted, "n_pairs": times, "faults": bad})
        print(json.dumps(rows[-1]), flush=True)
    n = sum(len(r["faults"]) for r in rows)
    if asked.write:
        verdict = f"{sum(r['n_pairs'] for r in rows)} pairs, {n or 'no'} faults."
        results.write("twice", verdict=verdict, seconds=time.monotonic() - begun, rows=rows)
    sys.exit(1 if n else 0)


if __name__ == "__main__":
    main()
