"""A table as a memo shows it: its first rows, in words, with units and footnotes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadtime.answers.answer import Column, Table
from leadtime.answers.words import count, footnotes, shown
from leadtime.memo.text import line

#: So many rows, and so many columns: a memo is read on paper.
_MOST_ROWS, _MOST_COLUMNS = 6, 6
_LEFT = ("text", "day", "spread", "range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table in words.

    Args:
        heads: Headings, with units.
        is_number: Of each column, whether it is set to the right.
        rows: Cells, as many in each as there are headings; what heads some rows stands alone in the first cell.
        notes: Footnotes, the first is number 1.
        more: What is left out, a sentence, empty if nothing is.
    """

    heads: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    more: str


def grid_of(table: Table) -> Grid | None:
    """Return what a memo shows of a table, or None if there is nothing to see."""
    parts = _first(table)
    rows = [row for _, those in parts for row in those]
    columns = [c for c in table.columns if any(shown(c, r) for r in rows)]
    if not rows or not columns:
        return None
    kept, marks = columns[:_MOST_COLUMNS], {}  # type: tuple[list[Column], dict[str, int]]
    cells = []
    for part, those in parts:
        if part:
            cells.append((line(part), *[""] * (len(kept) - 1)))
        for row in those:
            first, *others = (line(shown(c, row)) for c in kept)
            noted = "".join(f" [{marks.setdefault(line(n), len(marks) + 1)}]" for n in footnotes(row))
            cells.append((first + noted, *others))
    left_out = [
        count(n, what)
        for n, what in ((len(table.rows) - len(rows), "more row"), (len(columns) - len(kept), "more column"))
        if n
    ]
    return Grid(
        heads=tuple(_head(c) for c in kept),
        is_number=tuple(c.kind not in _LEFT for c in kept),
        rows=tuple(cells),
        notes=tuple(marks),
        more=f"{' and '.join(left_out)}: the command below has all.".capitalize() if left_out else "",
    )


def _first(table: Table) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return the first rows, under what heads them where they are parted."""
    found, room = [], _MOST_ROWS
    for head, rows, _ in table.parts():
        if rows[:room]:
            found.append((head, rows[:room]))
        room -= len(rows[:room])
    return found


def _head(column: Column) -> str:
    """Return a heading with its unit, where the heading does not say it."""
    if not column.unit or column.unit.casefold() in column.title.casefold():
        return line(column.title)
    return line(f"{column.title} ({column.unit})" if column.title else column.unit)
