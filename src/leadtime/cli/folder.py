"""`leadtime new`, `check`, `lock` and `diff`: a study folder, kept in git."""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.answers.plain import plain as as_plain
from leadtime.answers.plain import program
from leadtime.cli.terminal import AsJson, AsOf, Draws, Seed, columns, open_study, plain, put, put_json, wrap
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.folder.check import Checked

#: Rows without effect that are shown one by one; of those that wait for a person so many are named. JSON has all.
_SHOWN, _NAMED = 20, 8
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The study folder; default this one.")]


def new(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Make a study folder for git: places for your own evidence, rules, scenarios and claims."""
    from leadtime.folder.make import make

    for path in make(folder):
        put(str(path))
    put(f"next: leadtime check {folder}")


def check(folder: Folder = Path(), as_json: AsJson = False) -> None:
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
            put("sound")
    if found.problems or (found.differs and found.locked):
        raise typer.Exit(1)


def _show_checked(found: "Checked") -> None:
    for o in found.overlays:
        put(f"{o.file}: {o.n_added} rows added, {o.n_replaced} replaced in {o.table}")
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


def lock(folder: Folder = Path(), as_of: AsOf = None) -> None:
    """Pin the day, the evidence and the versions in leadtime.lock, so that a colleague gets the same numbers."""
    from leadtime.environment import installed
    from leadtime.evidence import Evidence
    from leadtime.evidence.lock import Lock
    from leadtime.study import parse_date

    evidence = Evidence.load(folder, as_of=parse_date(as_of) or dt.date.today())  # noqa: DTZ011 - the user's own calendar day
    path = Lock(as_of=evidence.as_of, evidence_hash=evidence.hash, packages=installed()).write(folder)
    put(f"{path}: as of {evidence.as_of}, evidence {evidence.hash}")


def diff(
    a: Annotated[str, typer.Argument(help="A study folder, or built-in.")],
    b: Annotated[str, typer.Argument(help="Another, or built-in.")],
    as_of: AsOf = None,
    as_of_b: Annotated[
        str | None, typer.Option("--as-of-b", metavar="DATE", help="Another day for the second.")
    ] = None,
    rows_only: Annotated[bool, typer.Option("--rows", help="Compare rows only: nothing is computed.")] = False,
    seed: Seed = None,
    draws: Draws = None,
    as_json: AsJson = False,
) -> None:
    """Say which rows of two studies differ, which answers moved (abilities by map), and the rows of which table moved
    them.
    """
    from leadtime.folder import diff as differ

    one = open_study(as_of, _folder(a), seed or 0, draws or 1000, "map")
    two = open_study(as_of_b or as_of, _folder(b), seed or 0, draws or 1000, "map")
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
    return "not measurable" if e["median"] is None else f"{e['median']:.1f} [{e['low']:.1f}, {e['high']:.1f}]"
