"""A CSV in the columns of one of our tables, and the template to begin it with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from leadtime.brought import cells
from leadtime.brought.columns import Role, find
from leadtime.brought.columns import fold as fold_name
from leadtime.brought.read import empty
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import TABLES, Evidence, validate
from leadtime.evidence.csv_rows import Problem, rows_of
from leadtime.evidence.schema import Table
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the user says of a file.

    Args:
        columns: Their column to ours, where the names differ.
        values: A value for a column that the file lacks, or leaves empty.
        renamed: Names in the file to ids of models.
        percent: Whether scores are in percent, where a cell has no sign of it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    percent: bool = False


_NOTHING = Said()


def read(path: Path, table: str, evidence: Evidence, said: Said = _NOTHING, *, replace: bool = False) -> Sorted:
    """Return the rows of a CSV file for a table.

    Args:
        path: The file.
        table: Which table.
        evidence: What is there without them.
        said: What the file does not say.
        replace: Whether rows that say otherwise than the evidence replace it.

    Raises:
        LeadtimeError: The file or its header cannot be used, or there is no such table or column.
    """
    files = list(archive.contents(path, ".csv"))
    if len(files) != 1:
        raise LeadtimeError(f"contains {len(files)} CSV files", where=str(path), fix="Give one CSV file.")
    found, notes, refused = take(path.name, files[0][1], table, evidence, said)
    return sort_out([found], evidence, replace=replace, notes=notes, refused=refused, n_files=1)


def take(
    name: str,
    content: bytes,
    table: str,
    evidence: Evidence,
    said: Said,
) -> tuple[Candidates, list[Note], list[Refused]]:
    """Return the rows of a CSV before they are held against the evidence, what no column covers, and what is irregular;
    see `read`.
    """
    if table not in TABLES:
        raise unknown_name("table", table, TABLES)
    declared = TABLES[table]
    _require_known([*said.columns.values(), *said.values], declared.column_names, table)
    raw, irregular = rows_of(content, name)
    raw = _called(_renamed(raw, said.columns, name), declared, table)
    raw, more = _numbers(raw, declared, name, percent=said.percent)
    notes = []
    if (
        table == "scores"
        and "score" in raw.columns
        and "score" not in said.values
        and (n_empty := raw["score"].null_count())
    ):
        notes.append(Note(name, empty(n_empty)))
        raw = raw.filter(pl.col("score").is_not_null())
    raw = raw.with_columns(
        (pl.col(c).fill_null(v) if c in raw.columns else pl.lit(v)).alias(c) for c, v in said.values.items()
    )
    strange = [c for c in raw.columns if c != "_row" and c not in declared.column_names]
    validate.require_columns([c for c in raw.columns if c != "_row" and c not in strange], declared, name)
    rows = _ids(raw.drop(strange), table, Names.of(evidence, renamed=said.renamed), evidence)
    words = (
        f"{table} has no column{'s' * (len(strange) > 1)} {', '.join(map(repr, strange))}: left (--column THEIRS=OURS"
        " maps one)"
    )
    notes += [Note(name, words)] if strange else []
    refused = [
        Refused(
            file=name,
            row=f"row {p.row}",
            reason=f"{f'{p.column}: ' if p.column else ''}found {p.found}, expected {p.expected}",
        )
        for p in (*irregular, *more)
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


def _called(raw: pl.DataFrame, declared: Table, table: str) -> pl.DataFrame:
    """Return rows whose columns have our names: whatever their case, and for scores by the words that people use."""
    known = {fold_name(c): c for c in declared.column_names}
    names = {c: known[fold_name(c)] for c in raw.columns if c not in declared.column_names and fold_name(c) in known}
    roles: tuple[tuple[str, Role], ...] = (("model", "model"), ("benchmark", "benchmark"), ("score", "score"))
    for ours, role in roles if table == "scores" else ():
        if ours not in raw.columns and ours not in names.values() and (theirs := find(raw.columns, role)):
            names[theirs] = ours
    taken = [n for c, n in names.items() if n not in raw.columns and [*names.values()].count(n) == 1]
    return raw.rename({c: n for c, n in names.items() if n in taken})


def _numbers(raw: pl.DataFrame, declared: Table, name: str, *, percent: bool) -> tuple[pl.DataFrame, list[Problem]]:
    """Return rows with numbers as we write them: points for decimal commas, shares for percent, nothing for what says
    nothing.
    """
    there = [c for c in declared.columns if c.name in raw.columns]
    numbers = [c.name for c in there if c.kind in ("number", "integer")]
    raw = raw.with_columns(pl.when(~cells.is_missing(pl.col(c))).then(pl.col(c)) for c in numbers)
    raw, problems = cells.points(raw, numbers, name)
    shares = [c.name for c in there if c.kind == "number" and c.high == 1 and c.name == "score"]
    for column in shares:
        rows = raw.select(
            "_row",
            _column=pl.lit(column),
            raw=column,
            of=pl.col("benchmark") if "benchmark" in raw.columns else pl.lit(""),
            in_percent=pl.lit(None, dtype=pl.Boolean),
        )
        good, wrong = cells.shares(rows, name, cells.Percent(said=percent, of="benchmark"), words=False)
        ours = [
            p for p in wrong if percent or "% sign" in p.expected
        ]  # what is no share is told when it is judged, as of other columns
        problems += ours
        asked = good.filter(pl.col("raw").str.contains("[%％]$") | percent)
        value = dict(asked.select("_row", "value").iter_rows())
        said = pl.col("_row").replace_strict(value, default=None, return_dtype=pl.Float64).cast(pl.String)
        raw = raw.with_columns(said.fill_null(pl.col(column)).alias(column))
    return raw.filter(~pl.col("_row").is_in([p.row for p in problems])), problems


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
