"""From a table of any shape to rows of model, test and score as text: long as it is, wide with a row for each cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from leadtime.brought import cells
from leadtime.brought.columns import NAMES, PARTS, Long, Want, find, fold, in_percent, is_beside, lacking, long_of
from leadtime.errors import LeadtimeError

#: Columns of what a table is read into, all text but `_row` and `in_percent`.
COLUMNS = ("_row", "_column", "model", "test", "raw", "in_percent", "count", "cluster")
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """A table as long rows of text (see COLUMNS), and what must be said of how it was read."""

    rows: pl.DataFrame
    notes: tuple[str, ...] = ()


def shaped(table: pl.DataFrame, want: Want) -> Shaped:
    """Return the rows of a table with a header and `_row`.

    Args:
        table: The table, its cells of any plain kind.
        want: Scores of benchmarks, or responses to items.

    Raises:
        LeadtimeError: It is of neither shape. Without the place: the caller knows it.
    """
    columns = [c for c in table.columns if c != "_row"]
    found = long_of(columns, want)
    if found is None:
        return _wide(table, columns, want)
    found, note = _of_numbers(table, found, want)
    _require_whole_names(table, columns, found, want)
    return Shaped(rows=_long(table, found), notes=(note,) if note else ())


def text_of(table: pl.DataFrame, column: str | None) -> pl.Expr:
    """Return the cells of a column as text, null where they say nothing, or where there is no such column."""
    return pl.lit(None, dtype=pl.String) if column is None else cells.texts(column, table.schema[column])


def _long(table: pl.DataFrame, found: Long) -> pl.DataFrame:
    test = text_of(table, found.test)
    if found.task:
        test = pl.concat_str(text_of(table, found.task), test, separator="/", ignore_nulls=False).fill_null(test)
    return table.select(
        pl.col("_row").cast(pl.Int64), _column=pl.lit(found.score), model=text_of(table, found.model), test=test, raw=text_of(table, found.score),
        in_percent=pl.lit(in_percent(found.score) or None, dtype=pl.Boolean), count=text_of(table, found.count), cluster=text_of(table, found.cluster),
    )  # fmt: skip


def _of_numbers(table: pl.DataFrame, found: Long, want: Want) -> tuple[Long, str]:
    """Return the columns with that of the marks in place of one that holds what was answered, in words."""
    if want == "scores" or _of_number(table, [found.score], words=True):
        return found, ""
    names = {fold(n) for names in NAMES["response"] for n in names}
    others = [c for c in table.columns if c != found.score and c not in found.names and fold(c) in names]
    marks = _of_number(table, others, words=True)
    if len(marks) != 1:
        return found, ""
    from dataclasses import replace

    note = f"Column {found.score!r} holds words, so {marks[0]!r} is taken as the mark."
    return replace(found, score=marks[0], count=None if found.count == marks[0] else found.count), note


def _of_number(table: pl.DataFrame, columns: Sequence[str], *, words: bool) -> list[str]:
    """Return the columns that hold a number, or a word for right or wrong, in most of their cells that say something."""

    def is_one(name: str) -> pl.Expr:
        raw = pl.col(name)
        right = cells.number(raw.str.replace(r"\s*[%％]$", "")).is_not_null()
        right = right | raw.str.to_lowercase().is_in([*cells.WORDS]) if words else right
        return right.filter(raw.is_not_null()).mean().alias(name)

    seen = table.head(1000).select(text_of(table, c).alias(c) for c in columns)
    found = seen.select(is_one(c) for c in columns).row(0) if columns else ()
    return [c for c, share in zip(columns, found, strict=True) if (share or 0) > 0.5]


def _require_whole_names(table: pl.DataFrame, columns: Sequence[str], found: Long, want: Want) -> None:
    """Refuse scores of several tests under one name: the best of them would stand for all."""
    parts = [c for c in columns if fold(c) in PARTS and c not in found.names]
    if want == "responses" or not parts:
        return
    same = table.select(pl.struct(found.model, found.test).is_duplicated()).to_series()
    for part in parts:
        twice = (
            table.filter(same)
            .group_by(found.model, found.test, maintain_order=True)
            .agg(n=pl.col(part).n_unique(), row=pl.col("_row").first())
        )
        if not (bad := twice.filter(pl.col("n") > 1)).is_empty():
            model, test, n, row = bad.row(0)
            what = f"{model} has {n} scores on {test!r} that differ in {part!r} (the first in row {row})"
            raise LeadtimeError(
                what, fix="Name each test whole, such as MMLU/law, or leave the rows of the one that counts."
            )


def _wide(table: pl.DataFrame, columns: list[str], want: Want) -> Shaped:
    """Return the cells of a table that has models on one side and tests on the other."""
    model = find(columns, "model")
    test = find([c for c in columns if c != model], "benchmark" if want == "scores" else "item")
    if model and test:
        raise lacking(columns, want)
    side = model or test or (columns[0] if columns and columns[0] in ("_index", "") else None)
    others = [c for c in columns if c != side]
    numbers = _of_number(table, others, words=want == "responses")
    taken = [c for c in numbers if not is_beside(c) and fold(c) not in ("score", "performance")]
    if side is None or not taken:
        raise lacking(columns, want)
    if not (model or test):
        fix = (
            "Call the first column 'model' where a row is a model, or "
            + ("'benchmark'" if want == "scores" else "'item'")
            + " where a row is one."
        )
        raise LeadtimeError(
            "the first column has no name, so whether models stand in rows or in columns is not told", fix=fix
        )
    raw = _of_leaderboard(taken)
    taken = raw or taken
    left = [c for c in others if c not in taken]
    long = (
        table.select(pl.col("_row").cast(pl.Int64), text_of(table, side).alias("_side"), *(text_of(table, c).alias(c) for c in taken))
        .unpivot(on=taken, index=["_row", "_side"], variable_name="_column", value_name="raw")
    )  # fmt: skip
    told = {c: in_percent(c) or None for c in taken}
    rows = long.select(
        "_row", "_column", model=pl.col("_side" if model else "_column"), test=pl.col("_column" if model else "_side"), raw="raw",
        in_percent=pl.col("_column").replace_strict(told, return_dtype=pl.Boolean),
        count=pl.lit(None, dtype=pl.String), cluster=pl.lit(None, dtype=pl.String),
    )  # fmt: skip
    if raw:
        rows = rows.with_columns(pl.col("test").str.replace(r" Raw$", ""))
    what = "tests" if model and want == "scores" else "questions" if model else "models"
    notes = [f"Taken as {what}: {_named(taken)}."]
    if left:
        notes.append(f"Left, as no {what[:-1]}: {_named(left)}.")
    return Shaped(rows=rows, notes=tuple(notes))


def _of_leaderboard(taken: list[str]) -> list[str]:
    """Return the raw scores of a board that has each test twice, raw and stretched between guessing and all right; empty for others."""
    raw = [c for c in taken if c.endswith(" Raw") and c.removesuffix(" Raw") in taken]
    return raw if len(raw) > 1 else []


def _named(columns: list[str]) -> str:
    more = f" and {len(columns) - _MOST_NAMED} more" if len(columns) > _MOST_NAMED else ""
    return ", ".join(columns[:_MOST_NAMED]) + more
