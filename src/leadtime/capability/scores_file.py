"""From a file that anyone has, a long table of scores, to checked rows."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from leadtime import parquet, stranger
from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence.csv_rows import all_rows_of

_COLUMNS = {
    "model": ("model", "model_version", "Model", "model_id"),
    "benchmark": ("benchmark", "benchmark_id"),
    "performance": ("performance", "score"),
}
#: A file may have so many scores.
MOST_ROWS = 5_000_000


def read_scores(path: Path | str) -> pl.DataFrame:
    """Return a long table of scores: columns model, benchmark (text) and performance (0-1), checked.

    Args:
        path: A CSV (UTF-8) or Parquet file with these columns, or Epoch's names for them; other columns are left out.

    Raises:
        LeadtimeError: For a file that cannot be read, a missing column, or rows that cannot be used (the first five).
    """
    path = Path(path)
    where = str(path)
    content = stranger.read(path, fix="Give the path of a CSV or Parquet file.")
    if not content.strip():
        raise LeadtimeError("the file is empty", where=where, fix=_expected())
    if not parquet.is_parquet(content):
        return checked(all_rows_of(content, where, _expected()), where)
    try:
        return checked(_of_parquet(content, where).with_row_index("_row", 1), where)
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=error.where or where, fix=error.fix or _expected()) from None


def _of_parquet(content: bytes, where: str) -> pl.DataFrame:
    file = io.BytesIO(content)
    found = parquet.footer(file)
    if found.n_rows > MOST_ROWS:
        raise LeadtimeError(f"has {found.n_rows:,} rows", fix=f"At most {MOST_ROWS:,} scores.")
    wanted = [_column(found.columns, name, where) for name in _COLUMNS]
    parquet.require_bounded(file, found, wanted)
    return parquet.rows(content, wanted)


def _expected() -> str:
    return "Expected: columns model, benchmark, performance (0 to 1), one row per score."


def checked(table: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the three columns of a table, or raise with what is wrong in its first bad rows, by their `_row`."""
    found = {wanted: _column(table.columns, wanted, where) for wanted in _COLUMNS}
    if table.is_empty():
        raise LeadtimeError("there are no rows", where=where, fix=_expected())
    performance = pl.col(found["performance"])
    raw = performance.cast(pl.String).str.strip_chars().alias("raw")
    names = [pl.col(found[key]).cast(pl.String).alias(key) for key in ("model", "benchmark")]
    number = raw.cast(pl.Float64, strict=False) if table[found["performance"]].dtype == pl.String else performance
    rows = table.select(*names, raw, number.cast(pl.Float64).alias("performance"), row="_row")
    is_fraction = pl.col("performance").is_between(0.0, 1.0).fill_null(False)
    is_named = pl.all_horizontal(pl.col("model", "benchmark").fill_null("").str.strip_chars() != "")
    wrong = rows.filter(~(is_fraction & is_named))
    if wrong.height:
        raise _row_errors(wrong, found, where)
    return rows.select("model", "benchmark", "performance")


def _column(columns: Sequence[str], wanted: str, where: str) -> str:
    for name in _COLUMNS[wanted]:
        if name in columns:
            return name
    close = nearest(wanted, columns) or columns
    fix = f"Name it {' or '.join(_COLUMNS[wanted])}; the nearest columns are {', '.join(map(repr, close[:4]))}."
    raise LeadtimeError(f"no column {wanted!r}", where=where, fix=fix)


def _row_errors(wrong: pl.DataFrame, found: dict[str, str], where: str) -> LeadtimeError:
    lines = []
    for row in wrong.head(5).iter_rows(named=True):
        place = f"row {row['row']}, column "
        for key in ("model", "benchmark"):
            if not (row[key] or "").strip():
                lines.append(f"{place}{found[key]!r}: the name is missing")
        if not (row["performance"] is not None and 0.0 <= row["performance"] <= 1.0):
            lines.append(f"{place}{found['performance']!r}: {_score_problem(row['raw'], row['performance'])}")
    more = f"\n  and {wrong.height - 5} more rows" if wrong.height > 5 else ""
    what = f"{wrong.height} row{'s' * (wrong.height > 1)} cannot be used:\n  " + "\n  ".join(lines[:5]) + more
    return LeadtimeError(what, where=where, fix="Correct or remove them; a score is a number from 0 to 1.")


def _score_problem(raw: str | None, value: float | None) -> str:
    if not raw:
        return "the score is missing"
    if value is None or not np.isfinite(value):
        return f"{raw!r} is not a number"
    hint = f"; if it is in percent, write {value / 100:g}" if 1.0 < value <= 100.0 else ""
    return f"{raw} is not between 0 and 1{hint}"
