"""`leadtime new`, `check`, `lock` and `diff`: a study folder, kept in git."""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.answers.kinds import File, Flag, Text
from leadtime.answers.plain import plain as as_plain
from leadtime.answers.plain import program
from leadtime.answers.question import Meaning
from leadtime.answers.words import count
from leadtime.cli.declared import AsJson, AsOf, Draws, Seed, declared
from leadtime.cli.terminal import columns, open_study, plain, put, put_json, wrap
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.folder.check import Checked

#: Rows without effect that are shown one by one; of those that wait for a person so many are named. JSON has all.
_SHOWN, _NAMED = 20, 8
_HERE = Path()
Folder = Annotated[
    Path,
    Meaning(
        kind=File(word="DIR"),
        help="The study folder. The default is the current one.",
        positional=True,
        example="study",
    ),
]
NewFolder = Annotated[
    Path, Meaning(kind=File(word="DIR"), help="A new or empty folder.", positional=True, example="study")
]
OneStudy = Annotated[str, Meaning(kind=Text(most=1000), positional=True, help="A study folder, or built-in.")]


@declared
def new(folder: NewFolder) -> None:
    """Make a study folder for git: places for your own evidence, rules, scenarios and claims."""
    from leadtime.folder.make import make

    for path in make(folder):
        put(str(path))
    put(f"next: leadtime check {folder}")


@declared
def check(folder: Folder = _HERE, *, as_json: AsJson = False) -> None:
    """List everything wrong with a study folder, by file, row and column, and what the folder changes."""
    from leadtime.folder.check import check as look

    found = look(folder)
    if as_json:
        overlays = [
            {"table": o.table, "file": o.file, "n_added": o.n_added, "n_replaced": o.n_replaced} for o in found.overlays
        ]
        put_json(
            {
                **program(),
                "problems": [{"what": e.what, "where": e.where, "fix": e.fix} for e in found.problems],
                "overlays": overlays,
                "evidence_hash": found.evidence_hash or None,
                "differs_from_lock": found.differs,
                "ignored": found.ignored,
                "told": found.told,
                "moves": found.moves,
                "without_effect": [{"where": i.where, "why": i.why} for i in found.idle],
                "provisional": found.provisional,
                "lists": as_plain(found.lists),
            }
        )
    else:
        _show_checked(found)
        if not found.problems and not (found.differs and found.locked):
            put("no mistakes found")
    if found.problems or (found.differs and found.locked):
        raise typer.Exit(1)


def _show_checked(found: "Checked") -> None:
    for o in found.overlays:
        put(f"{o.file}: {count(o.n_added, 'row')} added, {o.n_replaced:,} replaced in {o.table}")
    if found.evidence_hash:
        put(f"evidence {found.evidence_hash}")
    if found.provisional:
        more = f" and {len(found.provisional) - _NAMED} more" if len(found.provisional) > _NAMED else ""
        wrap(f"not confirmed yet: {'; '.join(found.provisional[:_NAMED])}{more}", "")
    today = dt.date.today()  # noqa: DTZ011 - the user's own calendar day
    for one in found.lists:
        if not one.is_old(today):  # those that are stand among the notes
            wrap(f"lists/{one.told(today)}", "")
    for answer, why in found.moves.items():
        wrap(f"moves {answer}: {', '.join(why)}", "")
    for line in _beside(found):
        print(plain(line), file=sys.stderr)


def _beside(found: "Checked") -> Iterator[str]:
    """Yield what is told on the error stream: what could be better, what does nothing, what is wrong."""
    yield from (f"note: {words}" for words in found.told)
    yield from (f"without effect: {i.where}: {i.why}" for i in found.idle[:_SHOWN])
    if len(found.idle) > _SHOWN:
        yield f"without effect: {len(found.idle) - _SHOWN} more rows (--json lists them)"
    yield from (f"not read: {name}" for name in found.ignored)
    yield from (f"not as pinned in leadtime.lock: {words}" for words in found.differs)
    yield from (f"error: {error}" for error in found.problems)


@declared
def lock(folder: Folder = _HERE, *, as_of: AsOf | None = None) -> None:
    """Pin the day, the evidence and the versions in leadtime.lock, so that a colleague gets the same numbers."""
    from leadtime.environment import installed
    from leadtime.evidence import Evidence
    from leadtime.evidence.lock import Lock

    evidence = Evidence.load(folder, as_of=as_of or dt.date.today())  # noqa: DTZ011 - the user's own calendar day
    path = Lock(as_of=evidence.as_of, evidence_hash=evidence.hash, packages=installed()).write(folder)
    put(f"{path}: as of {evidence.as_of}, evidence {evidence.hash}")


@declared
def diff(
    a: Annotated[OneStudy, Meaning(example="built-in")],
    b: Annotated[OneStudy, Meaning(help="Another study folder, or built-in.", example="study")],
    *,
    as_of: AsOf | None = None,
    as_of_b: Annotated[AsOf, Meaning(help="Another day for the second study.", option="--as-of-b")] | None = None,
    rows_only: Annotated[
        bool, Meaning(kind=Flag(), option="--rows", help="Compare rows only, and compute nothing.")
    ] = False,
    seed: Seed = 0,
    draws: Annotated[Draws, Meaning(help="Joint draws of each number.")] = 1000,
    as_json: AsJson = False,
) -> None:
    """Say which rows of two studies differ, which answers moved (abilities by map), and the rows of which table moved
    them.
    """
    from leadtime.folder import diff as differ

    one = open_study(as_of, _folder(a), seed, draws, "map")
    two = open_study(as_of_b or as_of, _folder(b), seed, draws, "map")
    rows = differ.rows(one, two)
    moved = [] if rows_only else differ.answers(one, two, [r["table"] for r in rows])
    if as_json:
        return put_json({**program(), "a": one.stamp, "b": two.stamp, "rows": rows, "answers": moved})
    _show_rows(rows)
    if moved:
        _show_answers(moved, several=len(rows) > 1)
    return put(f"as of {one.as_of} and {two.as_of}, evidence {one.evidence.hash} and {two.evidence.hash}")


def _folder(text: str) -> Path | None:
    if text == "built-in":
        return None
    if not Path(text).is_dir():
        raise LeadtimeError("is not a folder", where=text, fix="Name a study folder, or built-in.")
    return Path(text)


def _show_rows(rows: list[dict[str, Any]]) -> None:
    put("rows" if rows else "no row differs")
    for r in rows:
        put(f"  {r['table']}: {r['n_added']} added, {r['n_removed']} removed, {r['n_changed']} changed")
        for mark, keys in (("+", r["added"]), ("-", r["removed"])):
            for key in keys[:5]:
                wrap(f"{mark} {key}", "    ")
        for c in r["changed"][:5]:
            wrap(f"~ {c['key']}: " + "; ".join(f"{k} {old} -> {now}" for k, (old, now) in c["columns"].items()), "    ")
    put()


def _show_answers(moved: list[dict[str, Any]], *, several: bool) -> None:
    columns(
        [
            ("months behind the US", "first", "second", "moved"),
            *(
                (
                    r["answer"],
                    _band(r["a"]),
                    _band(r["b"]),
                    "" if r["moved"] is None else f"{r['moved']:+.2f}{' *' if r['beyond_chance'] else ''}",
                )
                for r in moved
            ),
        ],
        (34, 16, 16, 8),
    )
    put("* more than chance among the draws")
    for r in moved:
        if r["beyond_chance"] and several and r["why"]:
            wrap(f"{r['answer']}: " + ", ".join(f"rows of {t} alone {v:+.2f}" for t, v in r["why"].items()), "  ")


def _band(e: dict[str, Any]) -> str:
    return "not measurable" if e["median"] is None else f"{e['median']:.1f} ({e['low']:.1f} to {e['high']:.1f})"
