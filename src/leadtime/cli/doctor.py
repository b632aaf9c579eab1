"""`leadtime doctor`: whether everything that is needed is there, and what to do where it is not."""

import datetime as dt
import importlib.util
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import typer

from leadtime.answers.plain import program, stamped
from leadtime.cli.declared import AsJson, declared
from leadtime.cli.terminal import put_json, wrap
from leadtime.errors import LeadtimeError

#: Optional parts: the module that they need, and what for.
_EXTRAS = {
    "sql": ("duckdb", "leadtime sql"),
    "cluster": ("distributed", "--cluster"),
    "inspect": ("inspect_ai", "leadtime import inspect"),
    "postgresql": ("psycopg", "leadtime serve on PostgreSQL"),
    "mcp": ("mcp", "leadtime mcp"),
    "memo": ("typst", "leadtime memo to docx and pdf"),
    "networks": ("transformers", "leadtime cost --config of types without a formula"),
}
_LEAST_FREE_BYTES = 200_000_000
#: A frontier model comes every few weeks: evidence older than this is behind.
OLD_DAYS = 45


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found: `ok`, a `note` (something works less well), or `wrong` (something does not work)."""

    what: str
    state: str
    words: str
    fix: str = ""


@declared
def doctor(*, as_json: AsJson = False) -> None:
    """Check that everything is there that leadtime needs. The exit code is 1 if something is missing."""
    found = [
        f
        for look in (_python, _packages, _evidence, _age, _schedules, _clock, _compiler, _charts, _cache, _extras)
        for f in _looked(look)
    ]
    if as_json:
        put_json(stamped([asdict(f) for f in found], program()))
    else:
        for f in found:
            wrap(f"{f.state:<6}{f.what}: {f.words}", "")
            if f.fix:
                wrap(f.fix, "      ")
    if any(f.state == "wrong" for f in found):
        raise typer.Exit(1)


def _looked(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what a look finds; one that fails is a finding too."""
    try:
        yield from look()
    except LeadtimeError as error:
        yield Finding(look.__name__.strip("_"), "wrong", str(error.what), error.fix)
    except Exception as error:
        yield Finding(
            look.__name__.strip("_"),
            "wrong",
            f"{type(error).__name__}: {error}",
            "Install leadtime anew in an empty environment.",
        )


def _python() -> Iterator[Finding]:
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(
        "Python",
        "ok" if supported else "wrong",
        platform.python_version(),
        "" if supported else "leadtime needs 3.11, 3.12 or 3.13.",
    )


def _packages() -> Iterator[Finding]:
    import leadtime
    from leadtime.environment import recorded

    yield Finding(
        "leadtime",
        "ok",
        f"{leadtime.__version__}, with " + ", ".join(f"{n} {v}" for n, v in recorded().items() if n != "python"),
    )


def _evidence() -> Iterator[Finding]:
    from leadtime.evidence import Evidence

    found = Evidence.load(as_of=dt.date.max)
    yield Finding(
        "evidence",
        "ok",
        f"{found.hash}, {sum(t.height for t in found.tables.values()):,} rows of {len(found.tables)} tables",
    )


def _age() -> Iterator[Finding]:
    from leadtime.evidence import Evidence
    from leadtime.evidence.age import age

    today = dt.date.today()  # noqa: DTZ011 - the user's own day
    found = age(Evidence.load(as_of=today).tables, today)
    days = (today - found.newest_row_on).days if found.newest_row_on else 0
    old = days > OLD_DAYS
    yield Finding(
        "age",
        "note" if old else "ok",
        f"newest frontier model scored {found.name} ({found.released_on}); newest row {found.newest_row_on}, {days}"
        " days ago",
        (
            "`leadtime update` writes a proposal of what is new. `leadtime update --from DIR` does it where there is no"
            " network."
            if old
            else ""
        ),
    )


def _schedules() -> Iterator[Finding]:
    from leadtime.evidence import Evidence
    from leadtime.rules.overdue import overdue

    today = dt.date.today()  # noqa: DTZ011 - the user's own day
    due = overdue(Evidence.load(as_of=today), today)
    for d in due:
        fix = (
            "Find out what happened, and add the event to rule_events (or the next value to rule_parameters), in a"
            " study's evidence or here."
        )
        yield Finding("schedule", "wrong", f"{d.of}: {d.what} was {d.on}, and the log says nothing since", fix)
    if not due:
        yield Finding("schedule", "ok", "everything scheduled in the rules log that came due has been followed up")


def _clock() -> Iterator[Finding]:
    from leadtime.evidence import Evidence

    today = dt.date.today()  # noqa: DTZ011 - the user's own day
    last: Any = Evidence.load(as_of=dt.date.max)["scores"]["known_on"].max()
    early = today < last
    yield Finding(
        "today",
        "wrong" if early else "ok",
        str(today),
        f"The evidence reaches {last}: set the clock, or give --as-of." if early else "",
    )


def _compiler() -> Iterator[Finding]:
    from leadtime.capability.fit import compiler

    yield Finding("compiler", "ok", compiler())


def _charts() -> Iterator[Finding]:
    from leadtime.figures.files import svg

    drawn = svg({"data": {"values": [{}]}, "mark": {"type": "text", "text": "drawn"}})
    yield Finding("charts", "ok" if "drawn" in drawn else "wrong", "are drawn")


def _cache() -> Iterator[Finding]:
    from leadtime.capability import cache

    folder, state = cache.folder(), cache.state()
    if state != cache.WRITABLE:
        yield Finding("cache", "note", f"{folder} {state}")
        return
    files = [p for p in folder.glob("*.npz") if p.is_file()]
    size, free = sum(p.stat().st_size for p in files), shutil.disk_usage(folder).free
    short = free < _LEAST_FREE_BYTES
    yield Finding(
        "cache",
        "note" if short else "ok",
        f"{folder}, {len(files):,} results in {size / 1e6:,.0f} MB, {free / 1e9:,.1f} GB free",
        "Little space is left: the files there can be removed at any time." if short else "",
    )


def _extras() -> Iterator[Finding]:
    for extra, (module, purpose) in _EXTRAS.items():
        there = importlib.util.find_spec(module) is not None
        yield Finding(
            f"extra {extra}",
            "ok" if there else "note",
            purpose if there else f"not installed; only {purpose} needs it",
            "" if there else f"pip install 'leadtime[{extra}]'",
        )
