"""One table of a copy that someone published, with all that its reader needs; and numbers as they stand in text."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from leadtime.evidence import Evidence
from leadtime.importers.names import Names
from leadtime.importers.outcome import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One file of a copy.

    Args:
        file: Its name.
        rows: Its cells as text, and `_row`.
        names: What is called how.
        evidence: What is there without it.
        known_on: The day of the copy.
        rules: What is declared about such files.
        notes: What no rule covers; readers add to it.
    """

    file: str
    rows: pl.DataFrame
    names: Names
    evidence: Evidence
    known_on: dt.date
    rules: Mapping[str, Any]
    notes: list[Note]

    def note(self, text: str, n_rows: int = 0) -> None:
        """Tell what no rule covers, and how many rows that leaves."""
        self.notes.append(Note(self.file, text, n_rows))

    def report_columns(self, used: Iterable[str | None], left: Iterable[str], like: tuple[str, ...] = ()) -> None:
        """Tell the columns that are neither used nor left on purpose."""
        known = {*used, *left, "_row"}
        strange = [c for c in self.rows.columns if c not in known and not (like and c.startswith(like))]
        if strange:
            self.note(f"no rule for column{'s' * (len(strange) > 1)} {', '.join(map(repr, strange))}")


def number(text: str | None, times: float = 1.0, plus: float = 0.0) -> str | None:
    """Return a number in text, scaled and shifted; what is no number as it is, to be refused with its own words."""
    try:
        return text if text is None else f"{float(text) * times + plus:.10g}"
    except ValueError:
        return text
