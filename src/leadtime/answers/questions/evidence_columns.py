"""The columns of one table."""

from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.parameters import TableName
from leadtime.answers.question import question
from leadtime.answers.words import count

if TYPE_CHECKING:
    from leadtime.evidence import Evidence


@question(
    "evidence columns",
    "What does each column of a table hold?",
    of="evidence",
    command="evidence TABLE --schema",
    path="/evidence/{table}/columns",
    example={"table": "scores"},
    schema="evidence-columns",
    docs="methods/evidence",
    no_figure="It is a list of columns.",
)
def evidence_columns(evidence: "Evidence", *, table: TableName) -> Answer:
    """List the columns of one table: what each means, what it holds, and in which unit."""
    from leadtime.evidence import TABLES

    columns = TABLES[table].columns
    must = sum(c.required for c in columns)
    return Answer(
        sentence=f"A row of {table} has {count(len(columns), 'column')}; {must or 'none'} must be filled.",
        rows=Table(
            rows=[
                {
                    "table": table,
                    "column": c.name,
                    "required": c.required,
                    "expected": c.expected,
                    "unit": c.unit,
                    "help": c.help,
                }
                for c in columns
            ],
            columns=(
                Column(key="column", title="Column"),
                Column(key="required", title="Needed"),
                Column(key="expected", title="Holds"),
                Column(key="unit", title="Unit"),
                Column(key="help", title="Meaning"),
            ),
        ),
        tag="recorded",
        about=About(definition="The columns of a table.", docs="methods/evidence", see=("evidence table",)),
    )
