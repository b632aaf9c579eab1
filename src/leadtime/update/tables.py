"""Tables in our own columns, by CSV: CAISI's and any other that someone wrote down by hand, named `TABLE.csv` or
`TABLE.LABEL.csv`.
"""

import datetime as dt
from pathlib import PurePosixPath

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.importers import plain
from leadtime.update.connector import Address, File, Gathered, Known, Mention, each
from leadtime.update.epoch import header


class Tables:
    """CSV files in the columns of a table of the evidence."""

    name = "tables"
    title = "tables by CSV, such as CAISI's: TABLE.csv or TABLE.LABEL.csv"
    gives = tuple(TABLES)

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return none: these come by hand."""
        return []

    def recognizes(self, file: File) -> bool:
        """Return whether a CSV is named after a table and has most of what its rows must have."""
        table = _table(file)
        if table is None:
            return False
        wanted = {c.name for c in TABLES[table].columns if c.required}
        return len(wanted & set(header(file.content))) >= 0.6 * len(wanted)

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return nothing: a new model comes as a row of models.csv."""
        return []

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return the rows of each file, those of sources, organizations and models first."""
        order = list(TABLES)
        return each(sorted(files, key=lambda f: order.index(_table(f) or order[-1])), lambda f: _read(f, known))


def _table(file: File) -> str | None:
    name = PurePosixPath(file.name).name
    table = name.split(".")[0]
    return table if name.endswith(".csv") and table in TABLES else None


def _read(file: File, known: Known) -> Gathered:
    table = _table(file)
    if table is None:
        raise LeadtimeError("does not have the name of a table")
    rows, notes, refused = plain.take(file.name, file.content, table, known.evidence, plain.Said(renamed=known.renamed))
    return Gathered(found=[rows], notes=notes, refused=refused)
