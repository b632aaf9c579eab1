"""Odd clocks, zones, languages and terminals: `python -m faults.clock [--write]`.

The clock is set by a `sitecustomize` that shifts `time.time`, `date.today` and `datetime.now`. For the same `--as-of`
the same bytes are wanted; where no day is given, an answer of the day of the clock or a line that says why not. What is
printed for a terminal without our letters stays legible, and what is written to files is UTF-8 with decimal points.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from faults import locales, results
from faults.program import QUICK, Done, Place, place, traceback_in

_SHIFT = """
import ctypes, datetime, gc, locale, os, time
if os.environ.get("FAULTS_AS_A_HOST"):
    locale.setlocale(locale.LC_ALL, "")
_by = float(os.environ.get("FAULTS_SHIFT_S", "0"))
def _put(kind, name, function):
    gc.get_referents(kind.__dict__)[0][name] = classmethod(function)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
if _by:
    _time = time.time
    time.time = lambda: _time() + _by
    _put(datetime.date, "today", lambda kind: kind.fromtimestamp(time.time()))
    _put(datetime.datetime, "now", lambda kind, tz=None: kind.fromtimestamp(time.time(), tz))
"""
_DAY = 86_400
_YEAR = 365.25 * _DAY
SETTINGS: dict[str, dict[str, str]] = {
    "zone Kiritimati, UTC+14": {"TZ": "Pacific/Kiritimati"},
    "zone UTC-12": {"TZ": "Etc/GMT+12"},
    "a zone that is none": {"TZ": "Not/AZone"},
    "clock 30 years ahead": {"FAULTS_SHIFT_S": str(30 * _YEAR)},
    "clock 40 years behind": {"FAULTS_SHIFT_S": str(-40 * _YEAR)},
    "clock a day behind": {"FAULTS_SHIFT_S": str(-_DAY)},
    "LC_ALL=C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "LC_ALL=POSIX, ASCII terminal": {
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    },
    "LC_ALL=C, PYTHONUTF8=1": {"LC_ALL": "C", "PYTHONUTF8": "1"},
    "Latin-1 terminal": {"PYTHONIOENCODING": "latin-1"},
    "no variables at all": {"LANG": "", "LC_ALL": "", "LC_CTYPE": "", "TERM": ""},
}


def _same(p: Place, arguments: tuple[object, ...], usual: Done, setting: dict[str, str]) -> list[str]:
    done = p.run(*arguments, **setting)
    if _says_why(done, setting):
        return []
    if done.code or traceback_in(done):
        return [f"{arguments[0]}: exit {done.code}: {done.err[-200:]}"]
    return [] if done.out == usual.out else [f"{arguments[0]}: another output"]


def _says_why(done: Done, setting: dict[str, str]) -> bool:
    """Return whether a clock that runs before all that is known is given as the reason, as it should be."""
    behind = float(setting.get("FAULTS_SHIFT_S", "0")) < -_YEAR
    return (
        behind
        and done.code == 1
        and not traceback_in(done)
        and any(
            w in done.err
            for w in ("in the future", "was public on or before", "nobody had published", "before the log begins")
        )
    )


def _legible(p: Place, setting: dict[str, str]) -> list[str]:
    """An answer with marks that ASCII has not."""
    done = p.run("claims", "--help", **setting)
    table = p.run("evidence", "models", "--where", "claude", **setting)
    return [
        f"exit {d.code}: {d.err[-200:]}"
        for d in (done, table)
        if (d.code or traceback_in(d) or len(d.out) < 200) and not _says_why(d, setting)
    ]


def _today(p: Place, setting: dict[str, str]) -> list[str]:
    """Without a day: an answer, or a line that says why not."""
    bad = []
    for arguments in (
        ("evidence",),
        ("rules", "status", "h20", "--to", "CHN"),
        ("lag", "gpt-4o-2024-05", "--method", "map", "--draws", "20"),
    ):
        done = p.run(*arguments, **setting)
        if done.code not in (0, 1) or traceback_in(done) or (done.code and not done.err.startswith("error: ")):
            bad.append(f"{arguments[0]} without a day: exit {done.code}: {done.err[-200:]}")
    return bad


def _files(p: Place, name: str, setting: dict[str, str]) -> list[str]:
    """A report and a study are the same bytes, UTF-8, with points in decimals."""
    done = p.run("report", *QUICK, "--out", p.root / name, **setting)
    if done.code:
        return [f"report: exit {done.code}: {done.err[-200:]}"]
    usual = {f.name: f.read_bytes() for f in (p.root / "usual").rglob("*") if f.is_file()}
    found = {f.name: f.read_bytes() for f in (p.root / name).rglob("*") if f.is_file()}
    return [] if found == usual else [f"report: other files: {[n for n in usual if found.get(n) != usual[n]][:3]}"]


def main() -> None:
    """Run the settings named, or all, those of languages first; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("settings", nargs="*")
    given.add_argument("--write", action="store_true")
    asked, rows, begun = given.parse_args(), list[dict[str, Any]](), time.monotonic()
    commands: tuple[tuple[object, ...], ...] = (
        ("lag", "gpt-4o-2024-05", *QUICK, "--json"),
        ("rules", "status", "h20", "--to", "CHN", "--on", "2025-05-01", "--as-known", "2026-10-01", "--json"),
        ("evidence", "scores", "--as-of", "2024-09-01", "--csv"),
        ("cost", "gpt-4", "--as-of", "2026-10-01", "--json"),
    )
    with place() as p, tempfile.TemporaryDirectory(prefix="leadtime-locales-") as made:
        spoken = locales.make(Path(made)) if locales.can() else {}
        whole = {name: own | {"PYTHONUTF8": "0"} for name, own in spoken.items()}
        whole |= {f"{name}, set by a host": own | {"FAULTS_AS_A_HOST": "1"} for name, own in spoken.items()}
        whole |= SETTINGS
        (p.root / "site").mkdir()
        (p.root / "site" / "sitecustomize.py").write_text(_SHIFT)
        path = f"{p.root / 'site'}:{p.environment().get('PYTHONPATH', '')}"
        usual = {c: p.run(*c) for c in commands}
        p.run("report", *QUICK, "--out", p.root / "usual")
        for i, name in enumerate(asked.settings or whole):
            with_files = name not in SETTINGS or list(SETTINGS).index(name) in (0, 3, 6)
            setting = whole[name] | {"PYTHONPATH": path}
            bad = [b for c in commands for b in _same(p, c, usual[c], setting)]
            bad += [*_legible(p, setting), *_today(p, setting)]
            if with_files:
                bad += _files(p, f"out{i}", setting)
            rows.append({"setting": name, "n_commands": len(commands) + 5 + with_files, "faults": bad})
            print(json.dumps(rows[-1]), flush=True)
            if asked.write:
                _write(rows, bool(spoken), time.monotonic() - begun)
    sys.exit(1 if any(r["faults"] for r in rows) else 0)


def _write(rows: list[dict[str, Any]], spoken: bool, seconds: float) -> None:
    every = results.rows_beside("clock", rows, "setting")
    n = sum(len(r["faults"]) for r in every)
    made = "Turkish and German were made for this run, and once more set for the whole process as a program may that"
    note = (
        f"{made} Python runs in."
        if spoken
        else "Turkish and German were not tried: what they are made of (Debian's `locales`) was not there."
    )
    results.write(
        "clock", verdict=f"{len(every)} settings, {n or 'no'} faults.", seconds=seconds, rows=every, notes=[note]
    )


if __name__ == "__main__":
    main()
