"""An answer: a sentence, tables, perhaps a figure, and what it rests on; and the one envelope in which every door sends
it.

A row is a mapping from keys to values that JSON can hold. A value with its interval is one cell: an `Estimate`, a
`Spread`, or three keys of the row. Where a cell's key is `months`, JSON has `months`, `months_low` and `months_high`;
where it ends in `median`, JSON has `low` and `high` in its place.
"""

import html
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from leadtime.answers.plain import plain
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import polars as pl

    from leadtime.answers.sourced import Source
    from leadtime.figures.figure import Figure

Row = Mapping[str, Any]
Tag = Literal[
    "measured",
    "estimated from few sources",
    "simulated",
    "assumed in part",
    "the rules as written",
    "recorded",
    "arithmetic",
]


@dataclass(frozen=True, slots=True)
class Spread:
    """A value with its 90% interval, where its draws are not kept."""

    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as people see it.

    Args:
        key: The key of its cells.
        title: Its heading.
        kind: text; number; spread (a value with its interval); range (two keys, `key` and `to`); chance (0 to 1, shown
            as 86 in 100); share (0 to 1, shown in percent, with its interval where the row has one; in points where
            `signed`); day.
        unit: Unit of its numbers, for the heading and for programs.
        digits: Decimals shown; of `significant`, digits that count, thousands as words (1.2 million).
        significant: Numbers of very different sizes.
        to: Key of the other end of a range.
        signed: A plus sign stands before what is above zero: changes.
        unit_from: Key of the row's own unit, shown behind its number.
        say: Makes the words of a cell from its row, where they are made of several keys.
        low: Key of the low end, where it is not made of the key.
        high: Key of the high end, likewise.
    """

    key: str
    title: str
    kind: Literal["text", "number", "spread", "range", "chance", "share", "day"] = "text"
    unit: str = ""
    digits: int = 1
    significant: bool = False
    to: str = ""
    signed: bool = False
    unit_from: str = ""
    say: "Callable[[Row], str] | None" = None
    low: str = ""
    high: str = ""

    def ends(self) -> tuple[str, str]:
        """Return the keys of low and high."""
        low, high = ends_of(self.key)
        return self.low or low, self.high or high

    def spread(self, row: Row) -> Spread:
        """Return the cell of a row with its interval."""
        cell: Any = row.get(self.key)
        if isinstance(cell, Spread):
            return cell
        if hasattr(cell, "quantile"):
            return Spread(*(plain(float(v)) for v in (cell.low, cell.median, cell.high)))
        low, high = self.ends()
        return Spread(row.get(low), cell, row.get(high))


def ends_of(key: str) -> tuple[str, str]:
    """Return the keys of low and high beside the key of a middle."""
    stem = key.removesuffix("median")
    return (f"{stem}low", f"{stem}high") if stem != key else (f"{key}_low", f"{key}_high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows, and which of their keys people see.

    Args:
        rows: From keys to values. `note` (text), `flags` (texts) and `atoms` become footnotes of the row.
        columns: What is shown, the first a heading of its row; one column of text is a list.
        name: Its key in JSON; without one it is shown to people only, whose JSON holds the same in another form.
        title: Its heading; the main table needs none.
        most: So many rows are shown to people at first, of each part where they are parted; JSON and CSV have all.
        footnoted: What a row says in `note`, `flags` and `atoms` is shown to people.
        by: Key that parts the rows: each of its values stands above its rows, after the words of `by_title`, in place
            of a column.
        by_title: Those words; without any, the value is a heading of its own.
        detail: People see it only when they ask for all there is.
    """

    rows: Sequence[Row]
    columns: tuple[Column, ...]
    name: str = "rows"
    title: str = ""
    most: int | None = None
    footnoted: bool = True
    by: str = ""
    by_title: str = ""
    detail: bool = False

    def parts(self) -> list[tuple[str, list[Row], int]]:
        """Return what people see at first: what heads some rows, the rows, and how many more there are."""
        parts = itertools.groupby(self.rows, key=lambda row: str(row[self.by]) if self.by else "")
        found = [(f"{self.by_title} {of}:" if self.by_title else of, list(rows)) for of, rows in parts]
        return [(head, rows[: self.most], len(rows) - len(rows[: self.most])) for head, rows in found]

    def flat(self) -> list[dict[str, Any]]:
        """Return the rows with cells as numbers and text only."""
        return [_flat(row) for row in self.rows]


def _flat(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, cell in row.items():
        if isinstance(cell, Spread) or hasattr(cell, "quantile"):
            low, high = ends_of(key)
            found |= {key: plain(cell.median), low: plain(cell.low), high: plain(cell.high)}
        else:
            found[key] = plain(cell)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a reader must know beside an answer.

    Args:
        definition: What is measured, a sentence.
        rests_on: What it is computed from, a sentence.
        limits: What it cannot say, a sentence each.
        docs: The page of the documentation, such as `methods/lag`.
        see: Names of questions that go on from here.
    """

    definition: str = ""
    rests_on: str = ""
    limits: tuple[str, ...] = ()
    docs: str = ""
    see: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer:
    """An answer to a question.

    Args:
        sentence: What it comes to in plain English: quotable, and true as it stands.
        rows: Its main table.
        tag: How it is known.
        about: What a reader must know beside it.
        more: Further tables.
        values: Further values of the JSON, by key; an `Estimate` is sent as one.
        figure: Makes its figure, or None if it has none.
        notes: What holds for the answer as a whole; what holds for one row stands in that row.
        refused: What could not be read of files that were given, a line each: the command line tells them, and ends
            with 1.
        question: The question's name; it is filled in where the question is asked.
        asked: The values that were asked, names resolved.
        schema: Name of the schema of its JSON.
        stamp: What it rests on.
        sources: Gives the sources that it rests on (see `answers.sourced`), those that count most first; where it is
            asked, it is filled in.
    """

    sentence: str
    rows: Table
    tag: Tag
    about: About = About()
    more: tuple[Table, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    figure: "Callable[[], Figure] | None" = None
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    question: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    schema: str = ""
    stamp: Mapping[str, Any] = field(default_factory=dict)
    sources: "Callable[[], list[Source]] | None" = None

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, the main one first."""
        return (self.rows, *self.more)

    @property
    def table(self) -> "pl.DataFrame":
        """The main table as a polars frame, a value with its interval as three columns; `units` tells their units."""
        import polars as pl

        return pl.DataFrame(self.rows.flat(), infer_schema_length=None)

    @property
    def units(self) -> dict[str, str]:
        """The unit of each column of `table` that has one; chances and shares run from 0 to 1."""
        found: dict[str, str] = {}
        for c in self.rows.columns:
            if unit := c.unit or {"chance": "probability", "share": "fraction"}.get(c.kind, ""):
                keys = (c.key, *(c.ends() if c.kind == "spread" else ()), *((c.to,) if c.to else ()))
                found |= dict.fromkeys(keys, unit)
        return found

    def drawn(self) -> "Figure":
        """Return its figure.

        Raises:
            LeadtimeError: It has none, and why.
        """
        if self.figure is None:
            from leadtime.answers.registry import find

            why = find(self.question).no_figure if self.question else ""
            raise LeadtimeError(f"`{self.question}` has no figure", fix=why or "It has nothing to draw.")
        return self.figure()

    def part(self, name: str) -> Table:
        """Return a table by its name."""
        return next(t for t in self.tables if t.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return the envelope: numbers as numbers, the stamp once."""
        from leadtime.schemas import read

        about = {k: v for k, v in plain(self.about).items() if v}
        return {
            "question": self.question,
            "asked": plain(dict(self.asked)),
            "sentence": self.sentence,
            "rows": self.rows.flat(),
            **{t.name: t.flat() for t in self.more if t.name},
            **{k: v.to_json() if hasattr(v, "to_json") else plain(v) for k, v in self.values.items()},
            "notes": list(self.notes),
            "about": about,
            "tag": self.tag,
            "stamp": dict(self.stamp),
            "schema": read(self.schema)["$id"] if self.schema else "",
        }

    def at_quantiles(self, wanted: Sequence[float]) -> "Answer":
        """Return the answer with a table more: chosen quantiles of each number whose draws are kept.

        Args:
            wanted: Fractions between 0 and 1.

        Raises:
            LeadtimeError: A fraction is not between 0 and 1, or no number of the answer keeps its draws.
        """
        if wrong := [q for q in wanted if not 0 < q < 1]:
            raise LeadtimeError(
                f"{wrong[0]:g} is not a quantile", fix="Expected fractions between 0 and 1, such as 0.1,0.5,0.9."
            )
        rows = [
            {"of": name, "quantile": q, "value": e.quantile(q), "unit": e.unit}
            for name, e in self._drawn()
            for q in wanted
        ]
        if not rows:
            raise LeadtimeError("this answer keeps no draws", fix="It keeps only the quantiles that it shows.")
        columns = (
            Column(key="of", title="Of"),
            Column(key="quantile", title="Quantile", kind="number", digits=2),
            Column(key="value", title="Value", kind="number", significant=True, digits=3),
            Column(key="unit", title="Unit"),
        )
        return replace(self, more=(*self.more, Table(name="quantiles", title="Quantiles", rows=rows, columns=columns)))

    def _drawn(self) -> Iterator[tuple[str, Any]]:
        """Yield every estimate, by what its row is called, or by its key."""
        for row in self.rows.rows:
            for cell in row.values():
                if hasattr(cell, "quantile"):
                    yield str(row.get(self.rows.columns[0].key, cell.name)), cell
        yield from ((k, v) for k, v in self.values.items() if hasattr(v, "quantile"))

    def __repr__(self) -> str:
        return f"<Answer to {self.question!r}: {self.sentence}>"

    def _repr_html_(self) -> str:
        from leadtime.answers.words import shown

        def one(t: Table) -> str:
            head = "".join(f"<th>{html.escape(c.title)}</th>" for c in t.columns)
            body = ""
            for heading, rows, _ in t.parts():
                body += f'<tr><th colspan="{len(t.columns)}">{html.escape(heading)}</th></tr>' if heading else ""
                cells = ("".join(f"<td>{html.escape(shown(c, r))}</td>" for c in t.columns) for r in rows)
                body += "".join(f"<tr>{row}</tr>" for row in cells)
            return f"{'<h4>' + html.escape(t.title) + '</h4>' if t.title else ''}<table><tr>{head}</tr>{body}</table>"

        tables = "".join(one(t) for t in self.tables if not t.detail)
        return f"<p><strong>{html.escape(self.sentence)}</strong></p>{tables}"
