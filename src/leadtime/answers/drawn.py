"""The figures of answers: charts of their tables, with the words that go with them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from leadtime.answers.answer import Answer, Table
from leadtime.answers.words import day, shown

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure

_INTERVALS = "Bars are 90% intervals; hollow dots jump between a few values."


class Named(TypedDict):
    """What a figure is called.

    Args:
        name: File name without ending.
        title: What it shows.
    """

    name: str
    title: str


class Words(Named):
    """The words of a figure.

    Args:
        n: What it counts, in words.
        method: How it was made.
    """

    n: str
    method: str


def of_table(
    table: Table,
    column: str,
    *,
    axis: str,
    stamp: dict[str, Any],
    label: str = "",
    logarithmic: bool = False,
    **named: Unpack[Named],
) -> "Figure":
    """Return a table as dots and bars, one row under the other.

    Args:
        table: The table.
        column: Key of the column that is drawn.
        axis: What the axis shows, with its unit.
        stamp: What the answer rests on.
        label: Key of what names a row; the first column by default.
        logarithmic: The values are factors.
        named: What it is called.
    """
    from leadtime.figures.intervals import intervals

    drawn = next(c for c in table.columns if c.key == column)
    rows = []
    for i, row in enumerate(table.rows[: table.most]):
        s = drawn.spread(row) if drawn.kind == "spread" else None
        middle, ends = (
            (row.get(column), {"low": None, "high": None}) if s is None else (s.median, {"low": s.low, "high": s.high})
        )
        words = str(row[label]) if label else shown(table.columns[0], row)
        rows.append({"label": words or f"{i + 1}", "median": middle, **ends, "few": bool(row.get("atoms"))})
    return figure(
        chart=intervals(rows, axis, logarithmic=logarithmic),
        rows=rows,
        stamp=stamp,
        n="1 row" if len(rows) == 1 else f"{len(rows)} rows",
        method=_INTERVALS,
        **named,
    )


def told(made: "Callable[[], Figure]", answer: Answer) -> "Figure":
    """Return the figure of an answer, with what was found over it, and the answer's sources and evidence in its
    caption.
    """
    from leadtime.answers.sourced import credited

    drawn, stamp = made(), answer.stamp
    rests = f"leadtime {stamp['version']}"
    if hashed := stamp.get("rules_hash") or stamp.get("evidence_hash"):
        rests += f", evidence {hashed}"
    sources = credited(answer.sources() if answer.sources else [])
    return replace(
        drawn,
        finding=drawn.finding or answer.sentence,
        caption=f"{drawn.caption} {sources}{rests}.",
        address=drawn.address or _address(answer),
        tag=drawn.tag or answer.tag,
    )


def _address(answer: Answer) -> str:
    """Return where a server draws the figure of an answer: its question and what was asked, of the study's day."""
    from urllib.parse import urlencode

    from leadtime.answers.plain import plain

    asked = {k: v for k, v in plain(dict(answer.asked)).items() if v not in (None, "", [], False)}
    return f"{answer.question.replace(' ', '_').replace('-', '_')}?{urlencode(asked, doseq=True)}".rstrip("?")


def figure(*, chart: Any, rows: Any, stamp: dict[str, Any], **words: Unpack[Words]) -> "Figure":
    """Return a chart with its words: as-of day, n, method and sources.

    Args:
        chart: The Altair chart.
        rows: What is drawn: rows or a table.
        stamp: What it rests on.
        words: What it is called, what it counts, and how it was made.
    """
    import polars as pl

    from leadtime.figures.figure import Figure

    data = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, infer_schema_length=None)
    known = f"As of {day(stamp['as_of'])}. " if "as_of" in stamp else ""
    return Figure(
        **words,
        description=f"{words['title'].rstrip('.')}. {words['method']}",
        chart=chart,
        data=data,
        caption=f"{known}{words['n']}. {words['method']}",
    )
