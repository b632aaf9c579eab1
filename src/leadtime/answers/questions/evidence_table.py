"""The rows of one table."""

from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import Text
from leadtime.answers.parameters import TableName
from leadtime.answers.plain import records
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import count

if TYPE_CHECKING:
    import polars as pl

    from leadtime.evidence import Evidence

#: So many columns are shown to people; JSON and CSV have all.
_SHOWN = 4


@question(
    "evidence table",
    "What are the rows of a table?",
    of="evidence",
    command="evidence TABLE",
    path="/evidence/{table}",
    example={"table": "chips", "where": "h20"},
    schema="evidence-rows",
    docs="methods/evidence",
    no_figure="It is a list of rows.",
)
def evidence_table(
    evidence: "Evidence",
    *,
    table: TableName,
    where: Annotated[str, Meaning(kind=Text(), help="Only rows that contain this text.")] = "",
) -> Answer:
    """Give the rows of one table, all or those that contain a text."""
    from leadtime.evidence import TABLES

    rows = rows_of(evidence, table, where)
    some = f" that contain{'s' * (rows.height < 2)} “{where}”" if where else ""
    n = count(rows.height, "row") if rows.height else "no row"
    return Answer(
        sentence=f"The table {table} has {n}{some}.",
        rows=Table(
            rows=records(rows), columns=tuple(Column(key=c, title=c) for c in rows.columns[:_SHOWN]), footnoted=False
        ),
        tag="recorded",
        about=About(
            definition=f"One row is {TABLES[table].help[0].lower()}{TABLES[table].help[1:]}",
            rests_on="The sources that the rows name.",
            docs="methods/evidence",
            see=("evidence columns",),
        ),
        notes=(f"The table has {len(rows.columns) - _SHOWN} more columns; CSV and JSON have all.",)
        if len(rows.columns) > _SHOWN
        else (),
    )


def rows_of(evidence: "Evidence", table: str, where: str | None = None) -> "pl.DataFrame":
    """Return the rows of a table, or those that contain a text.

    Raises:
        LeadtimeError: There is no such table.
    """
    import polars as pl

    rows = evidence[table]
    if not where:
        return rows
    hit = pl.any_horizontal(
        pl.all().cast(pl.String).fill_null("").str.to_lowercase().str.contains(where.lower(), literal=True)
    )
    return rows.filter(hit)
