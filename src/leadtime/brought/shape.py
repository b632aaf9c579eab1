"""From a table of any shape to rows of model, test and score as text: long as it is, wide with a row for each cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.brought import cells
from leadtime.brought.columns import NAMES, PARTS, Long, Want, find, fold, in_percent, is_beside, lacking, long_of
from leadtime.errors import LeadtimeError

#: Columns of what a table is read into, all text but `_row` and `in_percent`.
COLUMNS = ("_row", "_column", "model", "test", "raw", "in_percent", "count", "cluster")
_MOST_NAMED = 6
#: What else tells rows of a wide table apart.
_ALSO = ("mode", "shots", "nshot", "prompt", "effort")


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
    return Shaped(rows=_long(table, found), notes=(note,) if note else _by_another_name(found, want))


def text_of(table: pl.DataFrame, column: str | None) -> pl.Expr:
    """Return the cells of a column as text, null if they say nothing, or where there is no such column."""
    return pl.lit(None, dtype=pl.String) if column is None else cells.texts(column)


def _long(table: pl.DataFrame, found: Long) -> pl.DataFrame:
    test = text_of(table, found.test)
    if found.task:
        test = pl.concat_str(text_of(table, found.task), test, separator="/", ignore_nulls=False).fill_null(test)
    return table.select(
        pl.col("_row").cast(pl.Int64),
        _column=pl.lit(found.score),
        model=text_of(table, found.model),
        test=test,
        raw=text_of(table, found.score),
        in_percent=pl.lit(in_percent(found.score) or None, dtype=pl.Boolean),
        count=text_of(table, found.count),
        cluster=text_of(table, found.cluster),
    )


def _by_another_name(found: Long, want: Want) -> tuple[str, ...]:
    """Return that a column is taken as the score whose name does not say so."""
    usual = ("performance", "score") if want == "scores" else ("response", "score")
    return (
        ()
        if fold(found.score) in usual
        else (f"Column {found.score!r} is taken as the {usual[-1] if want == 'scores' else usual[0]}.",)
    )


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
    """Return the columns that hold a number, or a word for right or wrong, in most of their cells that say
    something.
    """
    if not columns:
        return []
    long = _melted(table.head(1000), columns)
    raw = pl.col("raw")
    seen = long.select("_column", cells.texts("raw")).filter(raw.is_not_null())
    right = cells.number(raw.str.replace(r"\s*[%％]$", "")).is_not_null()
    right = right | raw.str.to_lowercase().is_in([*cells.WORDS]) if words else right
    most = seen.group_by("_column").agg(right.mean().alias("_share")).filter(pl.col("_share") > 0.5)["_column"]
    taken = set(most)
    return [c for c in columns if c in taken]


def _melted(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return a row for each cell of some columns, as text: number of its row, column, and what stands in it."""
    texts = table.select(pl.col(columns).cast(pl.String))
    if len(columns) <= texts.height:
        index = pl.Series("_at", np.tile(np.arange(texts.height, dtype=np.uint32), len(columns)))
        return texts.unpivot(variable_name="_column", value_name="raw").with_columns(index)
    turned = texts.transpose(
        include_header=True, header_name="_column", column_names=[str(i) for i in range(texts.height)]
    )
    long = turned.unpivot(index="_column", variable_name="_at", value_name="raw")
    return long.with_columns(pl.col("_at").cast(pl.UInt32))


def _require_whole_names(table: pl.DataFrame, columns: Sequence[str], found: Long, want: Want) -> None:
    """Refuse scores of several tests under one name: the best of them would stand for all."""
    parts = [c for c in columns if fold(c) in PARTS and c not in found.names]
    if want == "responses" or not parts:
        return
    _require_one(table, [found.model, found.test], parts)


def _require_one(table: pl.DataFrame, names: list[str], parts: list[str]) -> None:
    """Refuse rows of one name that differ in what tells them apart."""
    same = table.select(pl.struct(names).is_duplicated()).to_series()
    for part in parts:
        found = table.filter(same).group_by(names, maintain_order=True)
        twice = found.agg(_n=pl.col(part).n_unique(), _at=pl.col("_row").first()).filter(pl.col("_n") > 1)
        if not twice.is_empty():
            said = " on ".join(map(str, twice.row(0)[:-2]))
            what = f"{said} has {twice['_n'][0]} rows that differ in {part!r} (the first is row {twice['_at'][0]})"
            fix = "Give each test its full name, such as MMLU/law, or keep only the rows of the test that counts."
            raise LeadtimeError(what, fix=fix)


def _wide(table: pl.DataFrame, columns: list[str], want: Want) -> Shaped:
    """Return the cells of a table that has models on one side and tests on the other."""
    model = find(columns, "model")
    test = find([c for c in columns if c != model], "benchmark" if want == "scores" else "item")
    if (model and test) or (test and find(columns, "score" if want == "scores" else "response")):
        raise lacking(columns, want)
    side = model or test or (columns[0] if columns and columns[0] in ("_index", "") else None)
    others = [c for c in columns if c != side]
    numbers = _of_number(table, others, words=want == "responses")
    taken = [c for c in numbers if not is_beside(c) and fold(c) not in ("score", "performance")]
    if side is None or not taken:
        raise lacking(columns, want)
    if not (model or test):
        fix = (
            "Call the first column 'model' if each row is a model. Call it "
            + ("'benchmark'" if want == "scores" else "'item'")
            + " if each column is a model."
        )
        raise LeadtimeError(
            "the first column has no name, so nobody can tell whether a row or a column is a model", fix=fix
        )
    raw = _of_leaderboard(taken)
    taken = raw or taken
    kept = set(taken)
    left = [c for c in others if c not in kept]
    _require_one(table, [side], [c for c in left if fold(c) in (*PARTS, *_ALSO)])
    sides = table.select(pl.col("_row").cast(pl.Int64), cells.texts(side).alias("_side")).with_row_index("_at")
    long = _melted(table, taken).join(sides, on="_at", maintain_order="left")
    told = {c: in_percent(c) or None for c in taken}
    rows = long.select(
        "_row",
        "_column",
        model=pl.col("_side" if model else "_column"),
        test=pl.col("_column" if model else "_side"),
        raw=cells.texts("raw"),
        in_percent=pl.col("_column").replace_strict(told, return_dtype=pl.Boolean),
        count=pl.lit(None, dtype=pl.String),
        cluster=pl.lit(None, dtype=pl.String),
    )
    rows = rows.with_columns(pl.col("model", "test").str.replace_all(r"\s+", " "))
    if raw:
        rows = rows.with_columns(pl.col("test").str.replace(r" Raw$", ""))
    what = "tests" if model and want == "scores" else "questions" if model else "models"
    notes = [f"Taken as {what}: {_named(taken)}."]
    if left:
        notes.append(f"Left out, since they are not {what}: {_named(left)}.")
    return Shaped(rows=rows, notes=tuple(notes))


def _of_leaderboard(taken: list[str]) -> list[str]:
    """Return the raw scores of a board that has each test twice, raw and stretched between guessing and all right;
    empty for others.
    """
    raw = [c for c in taken if c.endswith(" Raw") and c.removesuffix(" Raw") in taken]
    return raw if len(raw) > 1 else []


def _named(columns: list[str]) -> str:
    more = f" and {len(columns) - _MOST_NAMED} more" if len(columns) > _MOST_NAMED else ""
    return ", ".join(columns[:_MOST_NAMED]) + more
