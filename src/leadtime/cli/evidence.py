"""`leadtime evidence`: the tables, their columns, their rows."""

import sys
from typing import Annotated

import typer

from leadtime.cli.terminal import AsCsv, AsJson, AsOf, StudyDir, columns, open_evidence, put, put_json, put_stamp


def evidence(
    table: Annotated[str | None, typer.Argument(help="A table; none lists them.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the columns and what they mean.")] = False,
    where: Annotated[str | None, typer.Option("--where", help="Only rows that contain this text.")] = None,
    as_of: AsOf = None,
    study: StudyDir = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Show what everything rests on: the tables, their columns, their rows."""
    from leadtime import answers
    from leadtime.answers.looked_up import evidence_columns, rows_of
    from leadtime.evidence import TABLES

    e = open_evidence(as_of, study)
    if table is None and as_json:
        return put_json(answers.evidence(e))
    if table is None:
        lines = [(name, str(rows.height), TABLES[name].help) for name, rows in e.tables.items()]
        columns([("table", "rows", "one row is"), *lines], (16, 6, 54))
        for o in e.overlays:
            put(f"{o.file}: {o.n_added} rows added, {o.n_replaced} replaced")
        return put_stamp(e.stamp)
    if schema and as_json:
        return put_json(evidence_columns(e, table))
    if schema:
        _ = e[table]
        for c in TABLES[table].columns:
            must = "required" if c.required else "may be empty"
            put(f"{c.name} ({must}): {c.expected}" + (f", {c.unit}" if c.unit else ""))
            put(f"    {c.help}")
        return None
    if as_json:
        return put_json(answers.evidence_table(e, table, where))
    rows = rows_of(e, table, where)
    if as_csv:
        return put(rows.write_csv().rstrip())
    names = rows.columns[:4]
    widths = (30, 26, 12, 8)[: len(names)]
    columns([tuple(names), *(tuple("" if v is None else str(v) for v in r[:4]) for r in rows.iter_rows())], widths)
    put_stamp(e.stamp)
    return print(f"{rows.height} rows; --csv prints all columns", file=sys.stderr)
