"""What an assistant is told of an answer: a text to read, and the envelope, both of a size that a conversation can
hold.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Answer, Column, Table
from leadtime.answers.question import Question
from leadtime.answers.registry import find
from leadtime.answers.words import footnotes, rests_on, shown
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.evidence import Evidence

#: Bytes of an envelope as JSON, and letters of a text; both go into a conversation whole.
MOST_BYTES, MOST_LETTERS = 100_000, 12_000
#: Rows of a table that the text has; where rows are parted, of each part, and as many parts.
_ROWS = 12
#: Sources that are named.
_SOURCES = 8


def told(answer: Answer, question: Question, evidence: "Evidence | None" = None) -> dict[str, Any]:
    """Return an answer as a tool gives it: its text, and its envelope; the sources of its numbers are named in a note.

    Args:
        answer: The answer.
        question: What it answers.
        evidence: What it rests on, if on any.

    Raises:
        LeadtimeError: It is too large, even with one row of each table.
    """
    if evidence is not None and (named := sources(answer, evidence)):
        answer = replace(answer, notes=(*answer.notes, named))
    envelope = bounded(answer.to_json(), MOST_BYTES, elsewhere(question))
    return {"text": text(answer, question), "envelope": envelope}


def sources(answer: Answer, evidence: "Evidence") -> str:
    """Return the sources that the rows of an answer rest on, a sentence: those of most rows first, empty if they
    name none.
    """
    known = {r["id"]: r for r in evidence["sources"].iter_rows(named=True)}
    n = Counter(i for t in answer.tables for row in t.rows for i in dict.fromkeys(_because(row)) if i in known)
    if not n:
        return ""
    first = [known[i] for i, _ in n.most_common(_SOURCES)]
    said = "; ".join(", ".join(r[k] for k in ("title", "publisher", "url") if r[k]) for r in first)
    more = f"; and {len(n) - len(first)} more in leadtime://evidence/sources" if len(n) > len(first) else ""
    return f"Sources: {said}{more}."


def _because(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids that a row, or an estimate in it, says it rests on."""
    for key, cell in row.items():
        if hasattr(cell, "because"):
            yield from cell.because
        elif key in ("because", "source", "sources", "read_in"):
            yield from (str(i) for i in (cell if isinstance(cell, list | tuple) else [cell]))


def elsewhere(question: Question) -> str:
    """Return where an answer is given whole, a sentence."""
    return f"`leadtime {question.command} --json` and `/api/v1{question.path}` of `leadtime serve` give all of it."


def bounded(envelope: dict[str, Any], most: int, where: str) -> dict[str, Any]:
    """Return an envelope of at most so many bytes: the largest table loses rows, which a note says.

    Args:
        envelope: As `Answer.to_json` gives it.
        most: Bytes as JSON.
        where: Where all of it is, a sentence.

    Raises:
        LeadtimeError: It is too large, even with one row of each table.
    """
    found, size = dict(envelope), _size(envelope)
    whole = {k: len(v) for k, v in envelope.items() if k != "notes" and isinstance(v, list)}
    while size > most:
        tables = [k for k in whole if len(found[k]) > 1]
        if not tables:
            raise LeadtimeError("the answer is too large for a conversation", fix=where)
        largest = max(tables, key=lambda k: _size(found[k]))
        rows = found[largest]
        over = (size - most + 500) / _size(rows)
        found[largest] = rows[: max(1, min(len(rows) - 1, int(len(rows) * (1 - over))))]
        cut = {k: n for k, n in whole.items() if len(found[k]) < n}
        notes = [f"Only {len(found[k]):,} of the {n:,} rows of `{k}` are here. {where}" for k, n in cut.items()]
        found["notes"] = [*envelope["notes"], *notes]
        size = _size(found)
    return found


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, default=str).encode())


def text(answer: Answer, question: Question) -> str:
    """Return an answer in Markdown: the sentence, the first rows, footnotes, and what one must know to quote it."""
    rows = _ROWS
    while len(found := _text(answer, question, rows)) > MOST_LETTERS and rows > 1:
        rows //= 2
    return found if len(found) <= MOST_LETTERS else f"{found[:MOST_LETTERS]}...\n\n{elsewhere(question)}"


def _text(answer: Answer, question: Question, rows: int) -> str:
    marks: dict[str, int] = {}
    tables = [_table(t, rows, marks) for t in answer.tables if t.rows and t.columns and not t.detail]
    about = answer.about
    said = [
        *(f"[{mark}] {note}" for note, mark in marks.items()),
        *answer.notes,
        *([f"What is measured: {about.definition}"] if about.definition else []),
        *([f"What it rests on: {about.rests_on}"] if about.rests_on else []),
        f"How it is known: {answer.tag}.",
        *(f"Mind: {limit}" for limit in about.limits),
        f"Stamp: {rests_on(answer)}.",
        f"Read more: leadtime://{about.docs or question.docs}, leadtime://limitations.",
        *([f"Tools that go on from here: {', '.join(find(name).id for name in about.see)}."] if about.see else []),
    ]
    return "\n\n".join([_one_line(answer.sentence), *tables, "\n".join(map(_one_line, said))])


def _one_line(text: str) -> str:
    """Return a text on one line: what someone wrote begins no line of ours."""
    return " ".join(text.split())


def _table(table: Table, most: int, marks: dict[str, int]) -> str:
    """Return the first rows of a table; where rows are parted, the first of each of the first parts under its head."""
    parts = table.parts()
    of_each = min(most, table.most or most)
    first = [(head, rows[:of_each]) for head, rows, _ in parts[:most]]
    every = [row for _, rows in first for row in rows]
    columns = [c for c in table.columns if any(shown(c, r) for r in every)]
    said = [f"**{_one_line(table.title)}**"] if table.title else []
    for head, rows in first:
        lines = [_line([c.title for c in columns]), _line(["---"] * len(columns))]
        lines += [_row(row, columns, marks) for row in rows]
        said += [*([f"**{_one_line(head)}**"] if head else []), "\n".join(lines)]
    left = len(table.rows) - len(every)
    return "\n\n".join(said) + (f"\nand {left:,} more row{'s'[: left > 1]}" if left else "")


def _row(row: Mapping[str, Any], columns: Sequence[Column], marks: dict[str, int]) -> str:
    cells = [shown(c, row) for c in columns]
    noted = "".join(f" [{marks.setdefault(n, len(marks) + 1)}]" for n in footnotes(row))
    return _line([c + noted for c in cells[:1]] + cells[1:])


def _line(cells: Sequence[str]) -> str:
    """Return a row of a table; text of a stranger makes no further cell or line."""
    return f"| {' | '.join(_one_line(c).replace('|', '/') for c in cells)} |"
