"""Rows that an update made of a file's own columns, and that no person has confirmed yet."""

import polars as pl

from leadtime.evidence import TABLES, Evidence
from leadtime.evidence.compare import name_of

#: How the note of such a row begins.
MARK = "provisional"


def rows(evidence: Evidence) -> list[str]:
    """Return those rows, by table and key."""
    found = []
    for name, table in evidence.tables.items():
        if "note" in table.columns:
            ours = table.filter(pl.col("note").fill_null("").str.starts_with(MARK))
            found += [f"{name}: {name_of(r, list(TABLES[name].key))}" for r in ours.to_dicts()]
    return found
