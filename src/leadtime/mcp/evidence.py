"""The evidence as assistants read it: its tables, and the rows of one, some at a time. Run in a process of the desk."""

from typing import Any

from leadtime.mcp.told import MOST_BYTES

#: Rows of one reading.
MOST_ROWS = 200


def tables(study: Any) -> dict[str, Any]:
    """Return the tables of a study, what a row of each is, how many there are, and what each column means."""
    from leadtime.evidence import TABLES

    found = [
        {
            "table": name,
            "a_row_is": TABLES[name].help,
            "rows": rows.height,
            "read": f"leadtime://evidence/{name}",
            "columns": {c.name: f"{c.help}{f' ({c.unit})' if c.unit else ''}" for c in TABLES[name].columns},
        }
        for name, rows in study.evidence.tables.items()
    ]
    return {"stamp": study.evidence.stamp, "tables": found}


def rows(table: str, first: int, study: Any) -> dict[str, Any]:
    """Return rows of a table as CSV, with what the evidence is and where the next ones are.

    Args:
        table: Its name.
        first: From which row on, counted from 1.
        study: The study.

    Raises:
        LeadtimeError: There is no such table.
    """
    every = study.evidence[table]
    found = every.slice(first - 1, MOST_ROWS)
    while found.height > 1 and len(found.write_csv().encode()) > MOST_BYTES:
        found = found.head(found.height // 2)
    last = first - 1 + found.height
    return {
        "csv": found.write_csv(),
        "about": {
            "table": table,
            "rows": every.height,
            "first": first,
            "last": last,
            "stamp": study.evidence.stamp,
            **({"next": f"leadtime://evidence/{table}/{last + 1}"} if found.height and last < every.height else {}),
        },
    }
