"""A CSV in the columns of one of our tables, and the template to begin it with."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import TABLES, Evidence, validate
from leadtime.evidence.csv_rows import rows_of
from leadtime.importers import archive
from leadtime.importers.names import Names, fold
from leadtime.importers.outcome import Note, Refused
from leadtime.importers.rows import Candidates, Sorted, sort_out


def template(table: str, evidence: Evidence) -> str:
    """Return the header of a table and two rows of the evidence as examples; imported again they are known.

    Raises:
        LeadtimeError: There is no such table.
    """
    if table == "responses":
        return "model,item,response,count\nour-model,task/1,1,1\nour-model,task/2,0.5,2\n"
    if table not in TABLES:
        raise unknown_name("table", table, [*TABLES, "responses"])
    return evidence[table].head(2).write_csv()


def read(
    path: Path, table: str, evidence: Evidence, *, columns: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None, replace: bool = False,
) -> Sorted:  # fmt: skip
    """Return the rows of a CSV file for a table.

    Args:
        path: The file.
        table: Which table.
        evidence: What is there without them.
        columns: Their column to ours, where the names differ.
        values: A value for a column that the file lacks, or leaves empty.
        renamed: Names in the file to ids of models.
        replace: Whether rows that say otherwise than the evidence replace it.

    Raises:
        LeadtimeError: The file or its header is no use, or there is no such table or column.
    """
    files = list(archive.contents(path, ".csv"))
    if len(files) != 1:
        raise LeadtimeError(f"holds {len(files)} CSV files", where=str(path), fix="Give one CSV file.")
    found, notes, refused = take(
        path.name, files[0][1], table, evidence, columns=columns, values=values, renamed=renamed
    )
    return sort_out([found], evidence, replace=replace, notes=notes, refused=refused, n_files=1)


def take(
    name: str, content: bytes, table: str, evidence: Evidence, *, columns: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None, renamed: Mapping[str, str] | None = None,
) -> tuple[Candidates, list[Note], list[Refused]]:  # fmt: skip
    """Return the rows of a CSV before they are held against the evidence, what no column covers, and what is irregular; see `read`."""
    if table not in TABLES:
        raise unknown_name("table", table, TABLES)
    declared = TABLES[table]
    _require_known([*(columns or {}).values(), *(values or {})], declared.column_names, table)
    raw, irregular = rows_of(content, name)
    raw = _renamed(raw, columns or {}, name)
    _require_commas(raw, name)
    raw = raw.with_columns(
        (pl.col(c).fill_null(v) if c in raw.columns else pl.lit(v)).alias(c) for c, v in (values or {}).items()
    )
    strange = [c for c in raw.columns if c != "_row" and c not in declared.column_names]
    validate.require_columns([c for c in raw.columns if c != "_row" and c not in strange], declared, name)
    rows = _ids(raw.drop(strange), table, Names.of(evidence, renamed=renamed), evidence)
    words = f"{table} has no column{'s' * (len(strange) > 1)} {', '.join(map(repr, strange))}: left (--column THEIRS=OURS maps one)"
    notes = [Note(name, words)] if strange else []
    refused = [
        Refused(file=name, row=f"row {p.row}", reason=f"found {p.found}, expected {p.expected}") for p in irregular
    ]
    return Candidates(table=table, file=name, rows=rows, unique=True), notes, refused


def _require_known(wanted: list[str], known: list[str], table: str) -> None:
    for name in wanted:
        if name not in known:
            raise LeadtimeError(
                f"{table} has no column {name!r}", where="--column, --set", fix=f"The columns are {', '.join(known)}."
            )


def _renamed(raw: pl.DataFrame, columns: Mapping[str, str], name: str) -> pl.DataFrame:
    for theirs, ours in columns.items():
        if theirs not in raw.columns:
            raise LeadtimeError(
                f"has no column {theirs!r}",
                where=name,
                fix=f"Its columns are {', '.join(c for c in raw.columns if c != '_row')[:200]}.",
            )
        if ours in raw.columns and ours != theirs:
            raise LeadtimeError(
                f"has a column {ours!r} already", where=name, fix=f"--column {theirs}={ours} would make two of them."
            )
    return raw.rename(dict(columns))


def _require_commas(raw: pl.DataFrame, name: str) -> None:
    header = [c for c in raw.columns if c != "_row"]
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            raise LeadtimeError(
                f"is separated by {word}",
                where=f"{name}, row 1",
                fix="Save it with commas between cells, and a point in decimals (87,5 is 87.5).",
            )


def _ids(raw: pl.DataFrame, table: str, names: Names, evidence: Evidence) -> pl.DataFrame:
    """Return rows with ids in place of the names of models, organizations, chips and benchmarks."""
    out = []
    for column in TABLES[table].columns:
        if column.name in raw.columns and column.refers_to in ("models", "organizations", "chips", "benchmarks"):
            known = names.models if column.refers_to == "models" else names.others[column.refers_to]
            ids = set(evidence[column.refers_to]["id"])
            given = {n: n if n in ids else known.get(fold(n), n) for n in raw[column.name].drop_nulls().unique()}
            out.append(pl.col(column.name).replace(given))
    return raw.with_columns(out)
