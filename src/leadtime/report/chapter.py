"""What a report is made of: chapters of figures and tables."""

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leadtime.figures.figure import Figure
from leadtime.report.tables import Table


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
    lead: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    json: dict[str, Any] = field(default_factory=dict)
    template: str = ""
    content: dict[str, Any] = field(default_factory=dict)


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
    """Return `3.4 (1.2 to 5)` with three digits, `9.66M` for millions, leaving out what is not known."""
    ends = [None if v is None else _short(v) for v in (low, median, high)]
    if ends == [None, None, None]:
        return "–"
    return (ends[1] or "") + (f" ({ends[0] or '?'} to {ends[2] or '?'})" if ends[0] or ends[2] else "")


def _short(value: float) -> str:
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.3g}{unit}".replace("-", "−")
    return f"{value:,.3g}".replace("-", "−")
