"""Answers of the rules as a page shows them: bars to limits, what would change an answer, chips by days."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from leadtime.answers.answer import Answer
from leadtime.answers.words import day
from leadtime.days import month_words
from leadtime.report.site import View

_ISO = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")
#: A bar ends at so many times the limit: what is farther over is full.
_END = 1.35
_KINDS = (("day", "Another day"), ("buyer", "Another buyer"), ("chip", "Another chip"))


def plainly(text: str) -> str:
    """Return a text of the log with days as one says them, and percent without a space."""
    return _ISO.sub(lambda m: day(m[1]), text).replace(" %", "%").replace("mm2", "mm²")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar to a limit: what it is called, how far off, how full (0 to 100), where the mark is, and the numbers."""

    called: str
    title: str
    distance: str
    full: float
    mark: float
    own: str
    at: str
    over: bool


def near(rows: Iterable[Any]) -> list[Bar]:
    """Return limits as bars: the mark stands at the same place where the item is below it, and moves left where it is
    far over.
    """
    found = []
    for r in rows:
        ratio = r["value"] / r["limit"]
        end = max(_END, min(ratio, 8.0))
        found.append(
            Bar(
                called=f"{r['rule']}: {r['called']}",
                title=r["title"],
                distance=r["distance"],
                full=round(min(100.0, 100 * ratio / end), 1),
                mark=round(100 / end, 1),
                own=r["own"].replace("GB/s", "GB a second"),
                at=r["at"].replace("GB/s", "GB a second"),
                over=r["over"],
            )
        )
    return found


def grouped(rows: Iterable[Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what would change an answer, by what is changed."""
    kept = list(rows)

    def then(r: Any) -> str:
        words = plainly(
            r["then"].removeprefix("in practice: ").replace("US: ", "Washington: ").replace("China: ", "Beijing: ")
        )
        return words[:1].upper() + words[1:]

    return [
        (title, [(plainly(r["what"]), then(r)) for r in kept if r["kind"] == kind])
        for kind, title in _KINDS
        if any(r["kind"] == kind for r in kept)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Chips by days.

    Args:
        sentence: What it comes to.
        days: Heading of each column, and whether it is the day that is asked about.
        main: Rows of chips that are watched and of the chip that is asked about: id, name, link, whether it is asked
            about, and for each day letter and words.
        rest: Rows of the others.
        letters: The letters that occur, and what they stand for.
        data: Where a server has them as CSV.
    """

    sentence: str
    days: Sequence[tuple[str, bool]]
    main: Sequence[Any]
    rest: Sequence[Any]
    letters: Sequence[tuple[str, str]]
    data: str


def cells(view: View, found: Answer, chip: str, on: dt.date) -> Cells:
    """Return the matrix of an answer."""
    from leadtime.rules.letters import MEANINGS

    days = list(found.values["days"])
    by: dict[str, list[Any]] = {}
    for r in found.rows.rows:
        by.setdefault(r["chip"], []).append(r)
    rows = [
        (
            c,
            rs[0]["name"],
            view.link("rules", chip=c, to=found.values["to"], on=str(on)),
            c == chip,
            [(r["letter"], r["words"]) for r in rs],
            rs[0]["main"] or c == chip,
        )
        for c, rs in by.items()
    ]
    seen = {r["letter"] for r in found.rows.rows}
    return Cells(
        sentence=found.sentence,
        days=[(month_words(d, short=True), d == on) for d in days],
        main=[r for r in rows if r[5]],
        rest=[r for r in rows if not r[5]],
        letters=[(k, v) for k, v in MEANINGS.items() if k in seen],
        data=view.chart(found.drawn().address, ".csv"),
    )
