"""From rows that someone else wrote to rows of evidence: accepted, known already, set aside or refused, each told."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leadtime import unseen
from leadtime.evidence import TABLES, Evidence, csv_rows, sense, validate
from leadtime.importers.outcome import Note, Refused

#: Two scores closer than this are one measurement, rounded differently.
SAME_SCORE = 1e-4
#: So are two of which one is given to three decimals and differs by no more than its rounding.
ROUNDED = 6e-4
_BESIDE = {
    "source",
    "read_in",
    "known_on",
    "dated_by",
    "note",
    "confidence",
    "aliases",
    "locator",
    "measured_on",
    "report_type",
    "se",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Rows for one table, as text, from one file.

    Args:
        table: Name of the table.
        file: The file they come from.
        rows: Columns of the table as text, `_row` the line, and `_aside` why a row waits for someone to decide, or
            null.
        unique: Whether a second row of a key is refused; else the latest run of a score is taken, and the others wait.
    """

    table: str
    file: str
    rows: pl.DataFrame
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What rows came to.

    Args:
        accepted: Table name to typed rows.
        tables: The tables it was about, those of no accepted row too.
        n_known: Rows that the evidence has already.
        aside: Rows that wait: they name what the evidence has not, or differ from it.
        refused: Rows that are no evidence.
        notes: What no rule covers: columns and files.
        n_files: How many files were looked at.
    """

    accepted: dict[str, pl.DataFrame] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    n_known: int = 0
    aside: list[Refused] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    n_files: int = 0


def candidates(table: str, file: str, rows: list[dict[str, Any]], source: Mapping[str, str]) -> list[Candidates]:
    """Return rows for a table, cells by column, with the row of the source that they name, nothing if there are
    none.
    """
    if not rows:
        return []
    schema = {**dict.fromkeys(TABLES[table].column_names, pl.String), "_row": pl.Int64, "_aside": pl.String}
    rows = [_writable({**_read(r, source["id"]), **r}) for r in rows]
    about = Candidates(table="sources", file=file, rows=pl.DataFrame([{**source, "_row": 0}]))
    return [about, Candidates(table=table, file=file, rows=pl.DataFrame(rows, schema=schema))]


def _writable(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as it is where all of it can be seen and written, else set aside with the rest shown by number."""
    strange = [k for k, v in row.items() if isinstance(v, str) and unseen.holds_any(v)]
    if not strange:
        return row
    shown = {k: unseen.shown(row[k]) for k in strange}
    what = "half a character, which no file can hold" if unseen.holds_half(row[strange[0]]) else "what nobody sees"
    row = {**row, **shown}
    return row | {"_aside": row.get("_aside") or f"column {strange[0]} holds {what}: write it as UTF-8 text"}


def _read(row: Mapping[str, Any], file: str) -> dict[str, str | None]:
    """Return where a row was read and how its day is known: the file, where the row names another source; a copy, where
    it states no day.
    """
    day = row.get("known_on")
    return {
        "read_in": file if row.get("source") not in (None, file) else None,
        "dated_by": ("page" if day == row.get("measured_on") else "copy") if day else None,
    }


def sort_out(
    found: Iterable[Candidates],
    evidence: Evidence,
    *,
    replace: bool = False,
    notes: Iterable[Note] = (),
    refused: Iterable[Refused] = (),
    n_files: int = 0,
) -> Sorted:
    """Return what of the candidates the evidence can take.

    Args:
        found: Rows of text by table.
        evidence: What is there without them.
        replace: Whether a row of the same key that says otherwise replaces that of the evidence; else it is set aside.
        notes: What no rule covers.
        refused: What was refused before there were rows.
        n_files: How many files were looked at.
    """
    aside: list[Refused] = []
    bad = list(refused)
    typed: dict[str, list[pl.DataFrame]] = {}
    tables = dict(evidence.tables)
    for c in sorted(found, key=lambda c: list(TABLES).index(c.table)):
        rows = _judged(c, tables, aside, bad)
        typed.setdefault(c.table, []).append(rows.with_columns(pl.lit(c.file).alias("_file")))
        if "id" in rows.columns:  # what comes later may name it
            tables[c.table] = pl.concat([tables[c.table], rows.drop("_row")])
    accepted, n_known = {}, 0
    beside = "sources" if len(typed) > 1 else ""  # sources come with other rows, and count for themselves only alone
    for name, parts in typed.items():
        rows = _once(pl.concat(parts), name, aside)
        new, old = _compared(rows, evidence[name], name, aside, replace=replace)
        n_known += 0 if name == beside else old
        if not new.is_empty():
            accepted[name] = new.drop("_row", "_file").sort(TABLES[name].key)
    return Sorted(
        accepted=_with_sources_used(accepted) if beside else accepted,
        tables=tuple(typed),
        n_known=n_known,
        aside=aside,
        refused=bad,
        notes=list(notes),
        n_files=n_files,
    )


def _judged(c: Candidates, tables: dict[str, pl.DataFrame], aside: list[Refused], bad: list[Refused]) -> pl.DataFrame:
    """Return the sound rows of one file; put the others where they belong."""
    table = TABLES[c.table]
    waiting = c.rows.filter(pl.col("_aside").is_not_null()) if "_aside" in c.rows.columns else c.rows.clear()
    aside += (
        [Refused(file=c.file, row=f"row {n}", reason=why) for n, why in waiting.select("_row", "_aside").iter_rows()]
        if waiting.height
        else []
    )
    raw = c.rows.filter(pl.col("_aside").is_null()).drop("_aside") if "_aside" in c.rows.columns else c.rows
    typed, problems = validate.judge(raw, table, c.file, unique=c.unique)
    by_row: dict[int, str] = {}
    for p in problems:
        by_row.setdefault(p.row, _words(p))
    bad += [Refused(file=c.file, row=f"row {n}", reason=why) for n, why in by_row.items()]
    typed = typed.filter(~pl.col("_row").is_in(list(by_row)))
    strange: dict[int, str] = {}
    ids = {column.refers_to: set(tables[column.refers_to]["id"]) for column in table.columns if column.refers_to}
    for p in [*validate.foreign_problems(typed, table, ids, c.file), *sense.wrong(typed, table, tables, c.file)]:
        strange.setdefault(p.row, _words(p))
    aside += [Refused(file=c.file, row=f"row {n}", reason=why) for n, why in strange.items()]
    return typed.filter(~pl.col("_row").is_in(list(strange)))


def _words(p: csv_rows.Problem) -> str:
    return f"{p.column}: found {p.found[:40]!r}, expected {p.expected}"


def _once(rows: pl.DataFrame, name: str, aside: list[Refused]) -> pl.DataFrame:
    """Return one row for each key: the latest run of a score, else the first; set the others aside where they say
    otherwise.
    """
    key = list(TABLES[name].key)
    if rows.select(key).n_unique() == rows.height:
        return rows
    latest = (
        rows.sort("measured_on", descending=True, nulls_last=True, maintain_order=True) if name == "scores" else rows
    )
    kept = latest.unique(key, keep="first", maintain_order=True)
    said = [
        c
        for c in rows.columns
        if c not in (*key, "_row", "_file", "read_in", "known_on", "dated_by", "locator", "note", "measured_on")
    ]
    others = latest.join(kept.select(*key, *said), on=[*key, *said], how="anti", nulls_equal=True)
    for file, row in others.select("_file", "_row").iter_rows():
        aside.append(
            Refused(
                file=file,
                row=f"row {row}",
                reason="another row with the same key says something else. The latest counts",
            )
        )
    return kept


def _compared(
    rows: pl.DataFrame, old: pl.DataFrame, name: str, aside: list[Refused], *, replace: bool
) -> tuple[pl.DataFrame, int]:
    """Return the rows that the evidence has not, and how many it has; one that says otherwise waits, unless it
    replaces.
    """
    n_all = rows.height
    if name == "scores":
        rows = _not_measured(rows, old)
    key = list(TABLES[name].key)
    there = rows.join(old.select(key), on=key, how="semi", nulls_equal=True)
    fresh = rows.join(old.select(key), on=key, how="anti", nulls_equal=True)
    both = there.join(old, on=key, how="left", suffix="_old", nulls_equal=True)
    said = [c for c in rows.columns if f"{c}_old" in both.columns and c not in _BESIDE]
    differs = (
        both.filter(pl.any_horizontal(pl.col(c).is_not_null() & ~_same(both, c) for c in said))
        if said
        else both.clear()
    )
    n_known = n_all - fresh.height - differs.height
    if replace:
        return (
            pl.concat([fresh, there.join(differs.select("_file", "_row"), on=["_file", "_row"], how="semi")]),
            n_known,
        )
    for row in differs.iter_rows(named=True):
        now = [
            f"{c} {row[c]} (evidence: {row[f'{c}_old']})"
            for c in said
            if row[c] is not None and not _equal(row[c], row[f"{c}_old"])
        ]
        why = f"differs from the evidence. --replace would take it: {', '.join(now[:3])}"
        aside.append(Refused(file=row["_file"], row=f"row {row['_row']}", reason=why))
    return fresh, n_known


def _not_measured(rows: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Return the scores that the evidence has not: another's of the same model and test, by the same evaluator, are
    one.
    """
    on = ["model", "benchmark", "evaluator"]
    near = rows.join(old.select(*on, _score="score"), on=on, how="left", nulls_equal=True)
    rounded = (pl.col("score").round(3) - pl.col("score")).abs() < ROUNDED / 100
    within = pl.when(rounded).then(ROUNDED).otherwise(SAME_SCORE)
    known = (
        near.filter((pl.col("score") - pl.col("_score")).abs() <= within).select("_file", "_row", "benchmark").unique()
    )
    return rows.join(known, on=["_file", "_row", "benchmark"], how="anti", nulls_equal=True)


def _same(both: pl.DataFrame, column: str) -> pl.Expr:
    one, two = pl.col(column), pl.col(f"{column}_old")
    if both[column].dtype == pl.Float64:
        return ((one - two).abs() <= 0.01 * two.abs()).fill_null(value=False)
    return one.eq_missing(two)


def _equal(one: object, two: object) -> bool:
    return abs(one - two) <= 0.01 * abs(two) if isinstance(one, float) and isinstance(two, float) else one == two


def _with_sources_used(accepted: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Leave out new sources that no accepted row names."""
    if "sources" not in accepted:
        return accepted
    used: set[str] = functools.reduce(
        set.union, ({*r["source"], *r["read_in"]} for r in accepted.values() if "source" in r.columns), set()
    )
    kept = accepted["sources"].filter(pl.col("id").is_in(list(used - {None})))
    return {n: kept if n == "sources" else r for n, r in accepted.items() if n != "sources" or not kept.is_empty()}
