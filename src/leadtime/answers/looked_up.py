"""The evidence itself: its tables and their rows."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.answers.plain import program, records, stamped
from leadtime.evidence import TABLES

if TYPE_CHECKING:
    from leadtime.evidence import Evidence


def evidence(evidence: "Evidence") -> dict[str, Any]:
    """List the tables, how many rows each has as of the day, and what a row is."""
    tables = [{"table": name, "rows": rows.height, "help": TABLES[name].help} for name, rows in evidence.tables.items()]
    overlays = [
        {"table": o.table, "file": o.file, "n_added": o.n_added, "n_replaced": o.n_replaced} for o in evidence.overlays
    ]
    return {**evidence.stamp, "tables": tables, "overlays": overlays}


def rows_of(evidence: "Evidence", table: str, where: str | None = None) -> pl.DataFrame:
    """Return the rows of a table, or those that contain a text.

    Raises:
        LeadtimeError: There is no such table.
    """
    rows = evidence[table]
    if not where:
        return rows
    hit = pl.any_horizontal(
        pl.all().cast(pl.String).fill_null("").str.to_lowercase().str.contains(where.lower(), literal=True)
    )
    return rows.filter(hit)


def evidence_table(evidence: "Evidence", table: str, where: str | None = None) -> list[dict[str, Any]]:
    """Give the rows of one table, all or those that contain a text."""
    return stamped(records(rows_of(evidence, table, where)), evidence.stamp)


def evidence_columns(evidence: "Evidence", table: str) -> list[dict[str, Any]]:
    """List the columns of one table: what each means, what it holds, and in which unit.

    Raises:
        LeadtimeError: There is no such table.
    """
    _ = evidence[table]
    rows = [{"table": table, "column": c.name, "required": c.required, "expected": c.expected, "unit": c.unit, "help": c.help}
            for c in TABLES[table].columns]  # fmt: skip
    return stamped(rows, program())
