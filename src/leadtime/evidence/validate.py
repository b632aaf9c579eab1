"""From the text of a CSV file to typed rows, or to the list of everything that is wrong with it."""

from pathlib import Path

import polars as pl

from leadtime import stranger, unseen
from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence.csv_rows import MOST_PROBLEMS, Problem, header_of, require_few, rows_of
from leadtime.evidence.schema import Column, Table

_DTYPE: dict[str, pl.DataType] = {
    "id": pl.String(),
    "text": pl.String(),
    "choice": pl.String(),
    "date": pl.Date(),
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "flag": pl.Boolean(),
}
_SHOWN = 8
#: Lines that a table of a study may have, and bytes in a line (up to twice as many where a look every so often meets no
#: end).
MOST_LINES, MOST_LINE = 3_000_000, 1_000_000
#: How many unknown ids of a column are compared with the known ones: milliseconds each.
_COMPARED = 200


def refuse(problems: list[Problem]) -> None:
    """Raise one error that lists the problems (the first few, and how many there are), if there are any."""
    if not problems:
        return
    lines = [str(p) for p in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        lines.append(f"... and {len(problems) - _SHOWN} more")
    noun = "problem" if len(problems) == 1 else "problems"
    raise LeadtimeError(
        f"{len(problems)} {noun} in the evidence, so nothing was loaded",
        fix="\n  ".join([*lines, "`leadtime evidence TABLE --schema` shows what each column must hold."]),
    )


def empty(table: Table) -> pl.DataFrame:
    """Return the table with no rows."""
    return pl.DataFrame(schema={c.name: _DTYPE[c.kind] for c in table.columns})


def read_table(path: Path, table: Table, *, within: Path | None = None, name: str = "") -> pl.DataFrame:
    """Return the typed rows of a CSV file, with the line number of each in the column `_row`.

    Args:
        path: The file.
        table: What its rows are.
        within: The folder that it must lie in (see `stranger.read`).
        name: What messages call it; default its name.

    Raises:
        LeadtimeError: With every bad cell (file, row, column, what was expected) when any is bad.
    """
    return table_of(stranger.read(path, within=within), table, name or path.name)


def table_of(content: bytes, table: Table, file: str) -> pl.DataFrame:
    """Return the typed rows of the text of a CSV file; see `read_table`."""
    if content.count(b"\n") > MOST_LINES:
        raise LeadtimeError(f"has more than {MOST_LINES:,} lines", where=file, fix="Split it into several files.")
    if any(content.find(b"\n", i, i + MOST_LINE) < 0 for i in range(0, len(content) - MOST_LINE, MOST_LINE)):
        raise LeadtimeError(
            f"has a line of more than {MOST_LINE:,} bytes", where=file, fix="Write one row on each line."
        )
    require_columns(header_of(content, file), table, file)
    raw, irregular = rows_of(content, file)
    refuse(irregular)
    typed, problems = judge(raw, table, file)
    refuse(problems)
    return typed


def typed_rows(header: list[str], rows: list[tuple[int, list[str]]], table: Table, file: str) -> pl.DataFrame:
    """Return rows of text as typed rows, each with its line in `_row`.

    Raises:
        LeadtimeError: With every bad cell when any is bad.
    """
    raw = pl.DataFrame(
        {name: [r[i] or None for _, r in rows] for i, name in enumerate(header)},
        schema={name: pl.String for name in header},
    )
    typed, problems = judge(raw.with_columns(pl.Series("_row", [n for n, _ in rows], dtype=pl.Int64)), table, file)
    refuse(problems)
    return typed


def judge(raw: pl.DataFrame, table: Table, file: str, *, unique: bool = True) -> tuple[pl.DataFrame, list[Problem]]:
    """Return rows of text as typed rows, with null if a cell is bad, and every bad cell and doubled key.

    Args:
        raw: Text, null where empty, and `_row`; a column that is not there is empty.
        table: What the columns must hold.
        file: Its name, for messages.
        unique: Whether a key may be there once only.
    """
    missing = [c.name for c in table.columns if c.name not in raw.columns]
    raw = raw.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    typed = raw.select("_row", *(_typed(c) for c in table.columns))
    problems = _bad_cells(raw, typed, table, file)
    if unique:
        problems += _duplicates(typed, table, file)
        require_few(problems)
    return typed, sorted(problems, key=lambda p: p.row)


def require_columns(header: list[str], table: Table, file: str) -> None:
    """Refuse a header with a column that the table has not, or without one that it must have."""
    known = table.column_names
    unknown = [h for h in header if h not in known]
    if unknown:
        close = nearest(unknown[0], known, 2)
        raise LeadtimeError(
            f"there is no column {unknown[0]!r} in table {table.name}",
            where=f"{file}, row 1",
            fix=f"Did you mean {' or '.join(close)}?" if close else f"The columns are {', '.join(known)}.",
        )
    lacking = [c.name for c in table.columns if c.required and c.name not in header]
    if lacking:
        what = f"the column {lacking[0]!r} is missing"
        raise LeadtimeError(what, where=f"{file}, row 1", fix=f"The columns are {', '.join(known)}.")


def _bad_cells(raw: pl.DataFrame, typed: pl.DataFrame, table: Table, file: str) -> list[Problem]:
    """Return the cells that are not what their column must hold, column after column."""
    both = typed.hstack(raw.select(pl.col(c.name).alias(_text_of(c)) for c in table.columns))
    some = both.select(_is_bad(c).any().alias(c.name) for c in table.columns).row(0, named=True)
    problems: list[Problem] = []
    for column in table.columns:
        if not some[column.name]:
            continue
        cells = both.filter(_is_bad(column)).head(MOST_PROBLEMS + 1).select("_row", _text_of(column))
        problems += [
            Problem(file=file, row=row, column=column.name, found=found or "", expected=_hint(column, found))
            for row, found in cells.iter_rows()
        ]
        require_few(problems)
    return problems


def _text_of(column: Column) -> str:
    return f"{column.name} as written"


def _is_bad(column: Column) -> pl.Expr:
    text, value = pl.col(_text_of(column)), pl.col(column.name)
    bad = text.is_not_null() & value.is_null()
    if column.required:
        bad |= text.is_null()
    if column.low is not None:
        bad |= (value < column.low).fill_null(value=False)
    if column.high is not None:
        bad |= (value > column.high).fill_null(value=False)
    return bad


def _hint(column: Column, found: str | None) -> str:
    if found and column.kind == "text":
        return f"{column.expected} without control characters"
    if found and column.kind == "number" and column.high == 1:
        try:
            if 1 < float(found) <= 100:
                return f"{column.expected} ({found} percent is {float(found) / 100:g})"
        except ValueError:
            if found.count(",") == 1:
                return f"{column.expected}, with a decimal point"
    return column.expected


def _typed(column: Column) -> pl.Expr:
    """Return the cells of a column of text as what it must hold, null if they are not."""
    text = pl.col(column.name)
    if column.kind == "date":
        written = pl.when(text.str.contains(r"^[1-9]\d{3}-\d\d-\d\d$")).then(text)
        return written.str.to_date("%Y-%m-%d", strict=False, exact=True)
    if column.kind == "number":
        value = text.cast(pl.Float64, strict=False)
        return pl.when(value.is_finite()).then(value)
    if column.kind == "integer":
        return text.cast(pl.Int64, strict=False)
    if column.kind == "flag":
        known = {"true": True, "false": False}
        return text.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.Boolean)
    if column.kind == "choice":
        return pl.when(text.is_in(list(column.choices))).then(text)
    if column.kind == "id":
        return pl.when(text.str.contains(r"^[a-z0-9][a-z0-9-]*$")).then(text)
    return pl.when(~text.str.contains(f"[{unseen.MARKS}]")).then(text)


def _duplicates(rows: pl.DataFrame, table: Table, file: str) -> list[Problem]:
    twice = rows.filter(~pl.struct(table.key).is_first_distinct()).head(MOST_PROBLEMS + 1).select("_row", *table.key)
    return [
        Problem(
            file=file,
            row=row,
            column="+".join(table.key),
            found=", ".join(str(k or "") for k in key),
            expected="a key that no earlier row of the file has",
        )
        for row, *key in twice.iter_rows()
    ]


def foreign_problems(rows: pl.DataFrame, table: Table, ids: dict[str, set[str]], file: str) -> list[Problem]:
    """Return the cells that name a row which no table has, each with the nearest names."""
    problems: list[Problem] = []
    for column in table.columns:
        if not column.refers_to:
            continue
        known = ids[column.refers_to]
        strange = rows.select("_row", column.name).filter(
            pl.col(column.name).is_not_null() & ~pl.col(column.name).is_in(list(known))
        )
        values = strange[column.name].unique(maintain_order=True)
        words = {value: f"an id in {column.refers_to}" for value in values}
        words |= {value: _nearest_ids(value, known, column.refers_to) for value in values.head(_COMPARED)}
        problems += [
            Problem(file=file, row=row or 0, column=column.name, found=value, expected=words[value])
            for row, value in strange.head(MOST_PROBLEMS + 1).iter_rows()
        ]
        require_few(problems)
    return problems


def _nearest_ids(name: str, known: set[str], table: str) -> str:
    close = nearest(name, known, 3)
    return f"an id in {table}" + (f" (nearest: {', '.join(close)})" if close else "")
