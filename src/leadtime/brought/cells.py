"""From what stands in cells to numbers: decimal commas, percent signs, words for right and wrong, blanks. Nothing is
guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from leadtime.evidence.csv_rows import Problem

#: What stands in a cell that says nothing, in lower case.
MISSING = (
    "",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "<na>",
    "nan",
    "-nan",
    "null",
    "none",
    "nil",
    "missing",
    "-",
    "--",
    "–",
    "—",
    ".",
)
#: Words for a right and for a wrong answer, in lower case.
WORDS = {
    **dict.fromkeys(("true", "yes", "correct", "right", "pass", "passed", "c", "t", "✓"), "1"),
    **dict.fromkeys(("false", "no", "incorrect", "wrong", "fail", "failed", "i", "f", "✗"), "0"),
}
_BLANKS = "\u00a0\u202f\u2009"
_COMMA = r"^[+-]?\d*,\d+$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Percent:
    """Whether numbers without a sign of their own are in percent.

    Args:
        said: Whether it was said that they are.
        of: What it holds for, in words for messages: a benchmark each, or the file.
    """

    said: bool = False
    of: str = "file"


def is_missing(cell: pl.Expr) -> pl.Expr:
    """Return whether cells of text say nothing."""
    return cell.is_null() | cell.str.strip_chars().str.to_lowercase().is_in(MISSING)


def texts(column: str) -> pl.Expr:
    """Return the cells of a column as text without blanks at the ends, null if they say nothing."""
    cell = pl.col(column).cast(pl.String).str.replace_all(f"[{_BLANKS}]", " ").str.strip_chars()
    return pl.when(is_missing(cell)).then(None).otherwise(cell).alias(column)


def number(cell: pl.Expr) -> pl.Expr:
    """Return numbers in text, with a point or one decimal comma, null if there is none."""
    pointed = pl.when(cell.str.contains(_COMMA)).then(cell.str.replace(",", ".", literal=True)).otherwise(cell)
    value = pointed.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def is_ambiguous(cell: pl.Expr) -> pl.Expr:
    """Return whether a comma may part thousands or decimals, as in 1,000."""
    return cell.str.contains(r"^[+-]?[1-9]\d{0,2},\d{3}$")


def points(rows: pl.DataFrame, columns: Sequence[str], file: str) -> tuple[pl.DataFrame, list[Problem]]:
    """Return rows of text in which decimal commas of some columns are points, and the cells of which that is not clear.

    A comma before three digits parts decimals where the column has another that can only do so; where it has one, a
    point parts thousands.

    Args:
        rows: Columns of text, and `_row`.
        columns: Those that hold numbers.
        file: Its name, for messages.
    """
    problems: list[Problem] = []
    for name in columns:
        cell = pl.col(name)
        comma = rows[name].str.contains(_COMMA).fill_null(value=False)
        both = rows[name].str.contains(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$").fill_null(value=False)
        if not (comma | both).any():
            continue
        riddle = rows.select(is_ambiguous(cell).fill_null(value=False)).to_series()
        unclear = riddle
        if ((comma & ~riddle) | both).any():
            unclear = rows[name].str.contains(r"^[^,]*\.[^,]*$").fill_null(value=False)
        problems += [
            Problem(
                file=file,
                row=n,
                column=name,
                found=found,
                expected="a number whose comma or point is no riddle: 1000, or 1.0",
            )
            for n, found in rows.filter(unclear).select("_row", name).iter_rows()
        ]
        bare = pl.when(both).then(cell.str.replace_all(".", "", literal=True)).otherwise(cell)
        fixed = pl.when(pl.lit(comma | both) & ~unclear).then(bare.str.replace(",", ".", literal=True)).otherwise(cell)
        rows = rows.with_columns(fixed.alias(name))
    return rows.filter(~pl.col("_row").is_in([p.row for p in problems])), problems


def of_numbers(rows: pl.DataFrame) -> list[str]:
    """Return the columns of text in which nothing but numbers stands."""
    number_like = r"^[+-]?[\d.,]+([eE][+-]?\d+)?\s*[%％]?$"
    names = [c for c in rows.columns if c != "_row" and rows.schema[c] == pl.String]
    if not names or rows.is_empty():
        return []
    found = rows.select(pl.col(c).str.contains(number_like).all() & (pl.col(c).count() > 0) for c in names).row(0)
    return [c for c, so in zip(names, found, strict=True) if so]


def shares(rows: pl.DataFrame, file: str, percent: Percent, *, words: bool) -> tuple[pl.DataFrame, list[Problem]]:
    """Return rows with `value`, a share from 0 to 1, null if nothing stands; and the cells that are none.

    A percent sign counts. A number above 1 without one is refused unless it was said that numbers are in percent; then
    what has no number above 1 is refused, for it does not look like percent.

    Args:
        rows: Columns `_row`, `_column`, `raw` (text or null), `of` (what shares its unit) and `in_percent`
            (whether its file says percent, or that it is a share, null if it says neither).
        file: Its name, for messages.
        percent: What was said.
        words: Whether words for right and wrong count.
    """
    raw = pl.col("raw")
    low = raw.str.to_lowercase()
    plain = pl.when(low.is_in([*WORDS])).then(low.replace(WORDS)).otherwise(raw) if words else raw
    bare = plain.str.replace(r"\s*[%％]$", "")
    table = rows.with_columns(
        _signed=raw.str.contains(r"[%％]$").fill_null(value=False),
        _bare=number(bare),
        _worded=low.is_in([*WORDS]).fill_null(value=False) if words else pl.lit(value=False),
    )
    table = table.with_columns(_told=pl.col("_signed") | pl.col("in_percent").is_not_null())
    table = table.with_columns(_most=pl.col("_bare").filter(~pl.col("_told") & ~pl.col("_worded")).max().over("of"))
    mixed = ~pl.col("_told") & (pl.col("_bare") > 0) & pl.col("_signed").any().over("of")
    signed = pl.col("_signed") | pl.col("in_percent").fill_null(value=False)
    divided = signed | (pl.lit(percent.said) & ~pl.col("_told") & ~pl.col("_worded"))
    table = table.with_columns(
        value=pl.when(divided).then((pl.col("_bare") / 100).round(12)).otherwise(pl.col("_bare"))
    )
    odd = pl.lit(percent.said) & ~pl.col("_told") & (pl.col("_most") <= 1) & (pl.col("_bare") > 0)
    value = pl.col("value")
    expected = (
        pl.when(raw.is_null())
        .then(None)
        .when(value.is_null())
        .then(pl.lit("a number"))
        .when(mixed & pl.lit(not percent.said))
        .then(pl.lit("a % sign, as others have there"))
        .when(value < 0)
        .then(pl.lit("a number from 0 to 1"))
        .when((value > 1) & divided)
        .then(pl.lit("a number from 0 to 100"))
        .when(value > 1)
        .then(pl.lit("a number from 0 to 1 (is it in percent? then say --percent)"))
        .when(odd & ~pl.col("_worded"))
        .then(
            pl.lit(
                f"percent, yet no number of this {percent.of} is above 1: put a % sign behind it, or leave"
                " --percent out"
            )
        )
    )
    table = table.with_columns(_expected=expected)
    wrong = table.filter(pl.col("_expected").is_not_null())
    problems = [
        Problem(file=file, row=n, column=column, found=found, expected=why)
        for n, column, found, why in wrong.select("_row", "_column", "raw", "_expected").iter_rows()
    ]
    good = table.filter(pl.col("_expected").is_null())
    return good.drop("_signed", "_bare", "_worded", "_told", "_most", "_expected"), problems
