"""How an answer stands in a terminal: the sentence first, then tables with their footnotes, notes, and what it rests
on.
"""

import itertools
import json
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from leadtime.answers.answer import Answer, Column, Row, Table
from leadtime.answers.parameters import QUANTILES
from leadtime.answers.registry import find
from leadtime.answers.words import footnotes, rests_on, shown
from leadtime.cli.terminal import plain, put, put_csv, put_json
from leadtime.errors import LeadtimeError

_GAP = "  "
_LEAST, _MOST_WIDTH = 6, 120


def width() -> int:
    """Return the columns that text may take: those of the terminal, no more than can be read with ease; a
    pipe has 80.
    """
    return min(_MOST_WIDTH, max(40, shutil.get_terminal_size((80, 24)).columns)) if sys.stdout.isatty() else 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """In which form an answer is wanted."""

    as_json: bool
    as_csv: bool
    figure: Path | None
    quantiles: tuple[float, ...]
    verbose: bool

    @staticmethod
    def of(given: Mapping[str, Any]) -> "Output":
        """Return the form that options ask for.

        Raises:
            LeadtimeError: Two forms at once, a figure of no kind, or no quantiles.
        """
        if given["as_json"] and given["as_csv"]:
            raise LeadtimeError("--json and --csv cannot be given together", fix="Choose one of them.")
        figure = Path(given["figure"]) if given["figure"] else None
        if figure is not None:
            from leadtime.figures.files import kind_of

            kind_of(figure)
        asked = QUANTILES.read(given["quantiles"], where=QUANTILES.option) if given["quantiles"] else ()
        return Output(
            as_json=given["as_json"],
            as_csv=given["as_csv"],
            figure=figure,
            quantiles=asked,
            verbose=given["verbose"],
        )

    def show(self, answer: Answer) -> None:
        """Print an answer, and write its figure where that is wanted.

        Raises:
            LeadtimeError: It has no figure, or keeps no draws for quantiles.
        """
        if self.quantiles:
            answer = answer.at_quantiles(self.quantiles)
        if self.figure is not None:
            write_figure(answer, self.figure)
            print(f"wrote {self.figure}", file=sys.stderr)
        if self.as_json:
            put_json(answer.to_json())
        elif self.as_csv:
            put_csv([_csv_row(row) for row in answer.rows.flat()])
        else:
            show(answer, verbose=self.verbose)
        for line in answer.refused:
            print(plain(line), file=sys.stderr)
        if answer.refused:
            raise typer.Exit(1)


def write_figure(answer: Answer, path: Path, *, phone: bool = False, dark: bool = False) -> None:
    """Write the figure of an answer (see `figures.files`).

    Raises:
        LeadtimeError: It has none, or the file cannot be written.
    """
    from leadtime.figures.files import content, kind_of
    from leadtime.whole import whole

    drawn = answer.drawn()
    with whole(path) as partial:
        partial.write_bytes(content(drawn, kind_of(path), phone=phone, dark=dark))


def _csv_row(row: Row) -> dict[str, Any]:
    """Return a row as CSV can hold it: numbers by name become columns."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict) and all(isinstance(v, int | float | None) for v in value.values()):
            found |= {f"{key}_{name}": v for name, v in value.items()}
        else:
            found[key] = _csv(value)
    return found


def _csv(value: Any) -> Any:
    """Return a cell as CSV can hold it."""
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "|".join(value)
    return json.dumps(value) if isinstance(value, list | dict) else value


def show(answer: Answer, *, verbose: bool = False, stamped: bool = True) -> None:
    """Print an answer as text, unless `stamped` is false with the line that says what it rests on."""
    wide = width()
    _paragraph(answer.sentence, wide)
    notes: dict[str, int] = {}
    seen = [t for t in answer.tables if t.rows and t.columns]
    for table in seen:
        if verbose or not table.detail:
            put("\n".join(["", *textwrap.wrap(table.title, wide, break_on_hyphens=False), *lines(table, wide, notes)]))
    _block([f"[{mark}] {text}" for text, mark in notes.items()], wide, hang=4)
    see = [f"leadtime {find(name).command}" for name in answer.about.see]
    more = [f"{t.title} ({len(t.rows)})" for t in seen if t.detail and not verbose]
    ends = ([f"With --verbose also: {', '.join(more)}."] if more else []) + (
        [f"See also: {', '.join(see)}."] if see else []
    )
    _block([*answer.notes, *ends], wide)
    if verbose:
        _about(answer, wide)
    if stamped:
        _block([rests_on(answer)], wide)


def _block(texts: Sequence[str], wide: int, *, hang: int = 2) -> None:
    """Print paragraphs under an empty line, nothing if there are none."""
    if texts:
        put()
    for text in texts:
        _paragraph(text, wide, hang=hang)


def _about(answer: Answer, wide: int) -> None:
    a = answer.about
    put()
    for title, text in (("Measures", a.definition), ("Rests on", a.rests_on), ("Known", f"{answer.tag}.")):
        if text:
            _paragraph(f"{title}: {text}", wide, hang=2)
    for text in a.limits:
        _paragraph(f"Mind: {text}", wide, hang=2)
    if a.docs:
        put(f"More: docs/{a.docs}.md")
    for key in ("evidence_through", "n_scores", "n_models", "n_benchmarks"):
        if key in answer.stamp:
            put(f"{key.replace('n_', 'number of ').replace('_', ' ')}: {answer.stamp[key]}")


def _paragraph(text: str, wide: int, *, hang: int = 0) -> None:
    put(textwrap.fill(text, wide, subsequent_indent=" " * hang, break_on_hyphens=False))


def lines(table: Table, wide: int, notes: dict[str, int]) -> list[str]:
    """Return a table as lines of text, within a width.

    Args:
        table: The table.
        wide: The width, in letters.
        notes: Footnotes so far with their marks; those of this table are added.
    """
    parts = table.parts()
    cells = [
        [_cell(c, r, notes, first=i == 0 and table.footnoted) for i, c in enumerate(table.columns)]
        for _, rows, _ in parts
        for r in rows
    ]
    empty = [i > 0 and all(not row[i] for row in cells) for i in range(len(table.columns))]
    columns = [c for c, none in zip(table.columns, empty, strict=True) if not none]
    cells = [[x for x, none in zip(row, empty, strict=True) if not none] for row in cells]
    if not table.by and [c.kind for c in columns] == ["text"]:
        texts = [textwrap.fill(f"- {row[0]}", wide, initial_indent="  ", subsequent_indent="    ") for row in cells]
        return texts if table.title else [columns[0].title, *texts]
    widths = _widths(columns, cells, wide)
    found = _wrapped([c.title for c in columns], widths, columns, below=True)
    left = iter(cells)
    for head, rows, more in parts:
        if head:
            found += [
                *([] if table.by_title else [""]),
                *textwrap.wrap(head, wide, subsequent_indent="  ", break_on_hyphens=False),
            ]
        for row in itertools.islice(left, len(rows)):
            found += _wrapped(row, widths, columns) if any(row) else []
        if more:
            found.append(f"and {more} more: --json has all" + (" and --csv" if table.name == "rows" else ""))
    return found


def _cell(column: Column, row: Row, notes: dict[str, int], *, first: bool) -> str:
    text = shown(column, row)
    marks = "".join(f" [{notes.setdefault(n, len(notes) + 1)}]" for n in footnotes(row)) if first else ""
    return f"{text}{marks}".lstrip()


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], wide: int) -> list[int]:
    """Return the width of each column: as wide as its cells, the widest cut down until all have room."""
    needs = [[c.title, *(row[i] for row in cells)] for i, c in enumerate(columns)]
    widths = [max((len(x) for x in need[1:]), default=0) for need in needs]
    least = [
        max(_LEAST if c.kind == "text" else 0, *(len(w) for x in need for w in x.split()))
        for c, need in zip(columns, needs, strict=True)
    ]
    least = [min(x, wide // 2) for x in least]
    widths = [max(w, m) for w, m in zip(widths, least, strict=True)]
    room = wide - len(_GAP) * (len(columns) - 1)
    for floor in (least, [_LEAST] * len(columns)):  # at words first, then within them
        for kinds in (("text",), ("text", "number", "spread", "range", "chance", "share", "day")):
            while sum(widths) > room and (
                able := [i for i, c in enumerate(columns) if c.kind in kinds and widths[i] > floor[i]]
            ):
                widths[max(able, key=lambda i: widths[i])] -= 1
    return widths


def _wrapped(row: Sequence[str], widths: Sequence[int], columns: Sequence[Column], *, below: bool = False) -> list[str]:
    """Return one row as lines: text to the left, numbers to the right; `below` puts short cells at the bottom."""
    parts = [textwrap.wrap(x, w, break_on_hyphens=False) or [""] for x, w in zip(row, widths, strict=True)]
    height = max(map(len, parts))
    full = [[*[""] * (height - len(p)), *p] if below else [*p, *[""] * (height - len(p))] for p in parts]
    made = []
    for at in range(height):
        line = [
            f"{p[at]:<{w}}" if c.kind in ("text", "day", "spread", "range") else f"{p[at]:>{w}}"
            for p, w, c in zip(full, widths, columns, strict=True)
        ]
        made.append(_GAP.join(line).rstrip())
    return made
