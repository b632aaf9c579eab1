"""What a form of results comes to before its numbers are read: rows as text, what is wrong, and what must be said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leadtime import unseen
from leadtime.evidence.csv_rows import Problem, require_few

#: What forms say beside model, test and number, null if they do not.
BESIDE = ("se", "setting", "day", "organization", "relation", "locator")
SCHEMA = {
    "_row": pl.Int64,
    "_column": pl.String,
    "model": pl.String,
    "test": pl.String,
    "raw": pl.String,
    "in_percent": pl.Boolean,
    "count": pl.String,
    "cluster": pl.String,
    **dict.fromkeys(BESIDE, pl.String),
}


@dataclass(slots=True, kw_only=True)
class Found:
    """Rows of one file, as a reader of its form adds them.

    Args:
        file: Its name, for messages.
        rows: Rows by SCHEMA.
        problems: What is wrong, by row and column.
        notes: What must be said of how it was read.
    """

    file: str
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, row: int, column: str, found: Any, expected: str) -> None:
        """Tell what is wrong in one place."""
        self.problems.append(
            Problem(
                file=self.file,
                row=row,
                column=unseen.shown(column),
                found=unseen.shown(str(found)[:80]),
                expected=expected,
            )
        )
        require_few(self.problems)

    def add(self, row: int, column: str, model: str, test: str, raw: Any, **more: Any) -> None:
        """Add one number, as it is written; what is no text, number or flag, or holds what nobody sees, is told."""
        if raw is None:
            text = None
        elif isinstance(raw, bool):
            text = "true" if raw else "false"
        elif isinstance(raw, int | float | str):
            text = str(raw)
        else:
            return self.refuse(row, column, raw, "a number")
        strange = next(
            (t for t in (model, test, text or "", *more.values()) if isinstance(t, str) and unseen.holds_any(t)), None
        )
        if strange is not None:
            return self.refuse(row, column, strange, "no control character, nor another that nobody sees")
        self.rows.append({"_row": row, "_column": column, "model": model, "test": test, "raw": text, **more})
        return None

    def table(self) -> pl.DataFrame:
        """Return the rows as a table, what says nothing as null."""
        from leadtime.brought.cells import texts

        table = (
            filled(pl.DataFrame(self.rows, schema_overrides=SCHEMA, infer_schema_length=None))
            if self.rows
            else pl.DataFrame(schema=SCHEMA)
        )
        return table.with_columns(texts(c) for c in ("raw", "count"))


def filled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with every column of SCHEMA."""
    return rows.select(
        rows[c].cast(k) if c in rows.columns else pl.lit(None, dtype=k).alias(c) for c, k in SCHEMA.items()
    )
