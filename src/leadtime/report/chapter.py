"""What a report is made of: figures with their words and data, and chapters of figures and tables."""

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leadtime.report import chart, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its words and its data.

    Args:
        name: File name without ending.
        title: What it shows, a heading.
        description: What a reader who cannot see it should know.
        method: How it was made, for the caption.
        n: What it counts, in words.
        chart: The Altair chart.
        data: All numbers drawn.
        caption: As-of day, n, method and sources; empty until known.
    """

    name: str
    title: str
    description: str
    method: str
    n: str
    chart: Any
    data: pl.DataFrame
    caption: str = ""

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite spec without title and theme, in the width of its container.

        Each of its parts was held against the schema when it was made; the tests hold the whole against it.
        """
        spec: dict[str, Any] = self.chart.to_dict(validate=False)
        spec.pop("config", None)
        return spec | {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}

    def file_spec(self) -> dict[str, Any]:
        """Return the spec for a file of its own: fixed width, light, titled."""
        title = {"text": self.title, "subtitle": wrapped(self.caption, 118)}
        return self.spec() | {"width": chart.WIDTH, "autosize": "pad", "padding": 16, "title": title,
                              "config": chart.theme()}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One chapter of the page after the first: its answer in a sentence, figures with captions, tables, data.

    Args:
        name: Its anchor on the page and its key in results.json.
        title: Heading.
        lead: What it says, in one or two sentences.
        figures: With captions filled in.
        tables: Tables.
        json: What results.json holds of it.
        template: Template of what a table cannot show; empty for none.
        content: What the template reads.
    """

    name: str
    title: str
    lead: str
    figures: tuple[Figure, ...]
    tables: tuple[tables.Table, ...]
    json: dict[str, Any] = field(default_factory=dict)
    template: str = ""
    content: dict[str, Any] = field(default_factory=dict)


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` characters."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def json_rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON can hold them: days as text, what is not finite as nothing."""
    return [
        {
            k: None if isinstance(v, float) and not math.isfinite(v) else str(v) if isinstance(v, dt.date) else v
            for k, v in r.items()
        }
        for r in table.to_dicts()
    ]


def spread(low: float | None, median: float | None, high: float | None) -> str:
    """Return `3.4 [1.2, 5]` with three digits, `9.66M` for millions, leaving out what is not known."""
    ends = [None if v is None else _short(v) for v in (low, median, high)]
    if ends == [None, None, None]:
        return "–"
    return (ends[1] or "") + (f" [{ends[0] or '?'}, {ends[2] or '?'}]" if ends[0] or ends[2] else "")


def _short(value: float) -> str:
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.3g}{unit}".replace("-", "−")
    return f"{value:,.3g}".replace("-", "−")
