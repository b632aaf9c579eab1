"""The tables that everything rests on."""

from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.question import question
from leadtime.answers.words import count, day

if TYPE_CHECKING:
    from leadtime.evidence import Evidence


@question(
    "evidence",
    "What does everything rest on?",
    of="evidence",
    schema="evidence",
    docs="methods/evidence",
    no_figure="It is a list of tables.",
)
def evidence(evidence: "Evidence") -> Answer:
    """List the tables that everything rests on, how many rows each has, and what a row is."""
    from leadtime.evidence import TABLES

    tables = [{"table": name, "rows": rows.height, "help": TABLES[name].help} for name, rows in evidence.tables.items()]
    overlays = [
        {"table": o.table, "file": o.file, "n_added": o.n_added, "n_replaced": o.n_replaced} for o in evidence.overlays
    ]
    total, newest = sum(rows.height for rows in evidence.tables.values()), evidence.stamp.get("newest_row_on")
    return Answer(
        sentence=f"Everything rests on {count(total, 'row')} in {count(len(tables), 'table')}"
        + (f"; the newest became known on {day(newest)}." if newest else "."),
        rows=Table(
            rows=tables,
            columns=(
                Column(key="table", title="Table"),
                Column(key="rows", title="Rows", kind="number", digits=0),
                Column(key="help", title="One row is"),
            ),
        ),
        more=(
            Table(
                name="overlays",
                title="Files of your study",
                rows=overlays,
                columns=(
                    Column(key="file", title="File"),
                    Column(key="n_added", title="Rows added", kind="number", digits=0),
                    Column(key="n_replaced", title="Replaced", kind="number", digits=0),
                ),
            ),
        ),
        tag="recorded",
        about=About(
            definition="Rows that were public by the day.",
            rests_on="The built-in tables, and those of a study folder.",
            docs="methods/evidence",
            see=("evidence table", "evidence quality"),
        ),
    )
