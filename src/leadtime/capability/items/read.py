"""From files of responses, long tables that anyone has, to a checked response matrix."""

import functools
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from leadtime import parquet, stranger
from leadtime.capability.items.matrix import Responses, block_of
from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence.csv_rows import all_rows_of

T = TypeVar("T")
_COLUMNS = {"model": ("model", "model_id"), "item": ("item", "item_id", "sample_id"), "response": ("response", "score")}
_OPTIONAL = {"task": ("task", "benchmark"), "count": ("count", "epochs", "attempts")}
_EXPECTED = "Expected: columns model, item, response (0 to 1) and, if you have it, count; one row per response."
#: A file may have so many bytes; another than Parquet, also unpacked, no more than any table.
MOST_BYTES = 500_000_000_000
#: Beyond so many rows, Parquet is read in parts and kept on disk.
IN_MEMORY = 20_000_000


def read(paths: Sequence[Path | str], *, streamed: bool | None = None, rows: int = 4_000_000) -> Responses:
    """Return the responses in files of rows model, item, response and optionally count and task.

    Rows of one model and one item are added up, a row with a count as so many responses of that mean. With a column
    `task`, items of the same name in two tasks are two items.

    Args:
        paths: CSV (UTF-8, perhaps gzipped) and Parquet files, and folders of Parquet files.
        streamed: Whether to read in parts and keep the matrix on disk; by default beyond IN_MEMORY rows.
        rows: Rows of Parquet read at a time when streamed.

    Raises:
        LeadtimeError: A file that cannot be read, a missing column, rows that cannot be used, no rows at all, or
            groups of models that share no item.
    """
    files = [file for path in paths for file in _files(Path(path))]
    if streamed is None:
        streamed = sum(_height(f) for f in files) > IN_MEMORY
    if streamed:
        from leadtime.capability.items.stream import spooled

        found = spooled(lambda: (part for f in files for part in _parts(f, rows)))
    else:
        found = of_table(pl.concat([part for f in files for part in _parts(f, 0)]))
    if not found.n_responses:
        raise LeadtimeError("there are no rows", where=", ".join(map(str, paths)), fix=_EXPECTED)
    require_connected(found)
    return found


def of_table(table: pl.DataFrame) -> Responses:
    """Return the responses of a checked table of columns model, item, response and count, held in memory."""
    table = table.with_columns(right=pl.col("response") * pl.col("count"))
    models, items = (table[c].unique().sort() for c in ("model", "item"))
    coded = table.group_by(
        pl.col("model").cast(pl.Enum(models)).to_physical(), pl.col("item").cast(pl.Enum(items)).to_physical()
    ).agg(pl.col("right", "count").sum())
    columns = [coded[c].to_numpy() for c in ("model", "item", "right", "count")]
    block = block_of(0, len(models), len(items), *columns)
    return Responses(
        models=tuple(models), items=tuple(items), loaders=(lambda: block,), n_responses=coded.height,
        repeated=bool((coded["count"] > 1).any()), partial=not bool((coded["right"] == coded["right"].round()).all()),
    )  # fmt: skip


def require_connected(responses: Responses) -> None:
    """Raise if some models share no item with the others, however indirectly: they have no common scale."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n_items = len(responses.items)
    label = np.arange(n_items)
    of_model = np.zeros(len(responses.models), dtype=np.int64)
    for block in responses.raw_blocks():
        for part in block.chunks():
            if part.tries is None:
                label[:] = 0
                of_model[part.first : part.first + part.n] = 0
                continue
            row, item, _, _ = part.cells()
            tail = np.concatenate([row + n_items, np.arange(n_items)])
            head = np.concatenate([item, label])
            size = n_items + part.n
            graph = coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(size, size))
            joined = connected_components(graph, directed=False)[1]
            first = np.full(int(joined.max()) + 1, n_items)
            np.minimum.at(first, joined[:n_items], np.arange(n_items))
            label = first[joined[:n_items]]
            of_model[part.first : part.first + part.n] = first[joined[n_items:]]
    of_model = label[of_model]
    names, sizes = np.unique(of_model, return_counts=True)
    if len(names) > 1:
        small = responses.models[int(np.flatnonzero(of_model == names[sizes.argmin()])[0])]
        raise LeadtimeError(
            f"the models fall into {len(names)} groups without a common item ({small!r} is in the smallest)",
            fix="Abilities of models that share no item cannot be compared: add shared items, or measure each group alone.",
        )


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield stranger.regular(path, most=MOST_BYTES, fix="Give a CSV or Parquet file, or a folder.")
        return
    inside = stranger.deep(path, lambda name: name.endswith(".parquet"))
    if not inside:
        raise LeadtimeError("the folder has no Parquet file", where=str(path), fix=_EXPECTED)
    yield from inside


def _height(path: Path) -> int:
    """Return how many rows a file of Parquet has; another is read whole."""
    with stranger.opened(path, most=MOST_BYTES) as file:
        return _told(path, lambda: parquet.footer(file).n_rows) if parquet.is_parquet(file.read(4)) else 0


def _told(path: Path, read: Callable[[], T]) -> T:
    """Return what a reader does, its error with the file."""
    try:
        return read()
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=error.where or str(path), fix=error.fix or _EXPECTED) from None


def _parts(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """Yield the checked rows of a file, `rows` at a time if it is Parquet; all at once for 0."""
    with stranger.opened(path, most=MOST_BYTES) as file:
        if not parquet.is_parquet(file.read(4)):
            yield _checked(_csv(path), path)
            return
        found = _told(path, lambda: parquet.footer(file))
        names = [n for n in _columns(found.columns, path).values() if n]
        _told(path, lambda: parquet.require_bounded(file, found, names))
    step = rows or max(found.n_rows, 1)
    for i in range(0, max(found.n_rows, 1), step):
        part = _told(path, functools.partial(parquet.rows, path, names, i, step))
        yield _checked(part.with_row_index("_row", i + 1), path)


def _csv(path: Path) -> pl.DataFrame:
    content = stranger.read(path)
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(stranger.MOST_TABLE + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise LeadtimeError(f"is torn ({error})", where=str(path), fix=_EXPECTED) from None
        if len(content) > stranger.MOST_TABLE:
            fix = "Make several files of it, or Parquet."
            raise LeadtimeError(f"unpacks to more than {stranger.MOST_TABLE:,} bytes", where=str(path), fix=fix)
    if not content.strip():
        raise LeadtimeError("the file is empty", where=str(path), fix=_EXPECTED)
    return all_rows_of(content, str(path), _EXPECTED)


def _columns(there: Sequence[str], path: Path) -> dict[str, str]:
    """Return what our columns are called in a file; empty where it has not one that it need not have."""
    found = {k: next((n for n in names if n in there), "") for k, names in (_COLUMNS | _OPTIONAL).items()}
    for wanted, names in _COLUMNS.items():
        if not found[wanted]:
            near = nearest(wanted, there) or there
            raise LeadtimeError(
                f"there is no column {wanted!r}", where=str(path),
                fix=f"Name it {' or '.join(names)}; the nearest columns are {', '.join(map(repr, near[:4]))}.",
            )  # fmt: skip
    return found


def _checked(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return columns model, item (text), response and count (numbers), or raise with the first bad row."""
    found = _columns(table.columns, path)
    item = pl.col(found["item"]).cast(pl.String)
    if found["task"]:
        item = pl.concat_str(pl.col(found["task"]).cast(pl.String), item, separator="/")
    rows = table.select(
        "_row",
        model=pl.col(found["model"]).cast(pl.String),
        item=item,
        response=_number(found["response"]),
        count=_number(found["count"]) if found["count"] else pl.lit(1.0),
        raw=pl.col(found["response"]).cast(pl.String),
        raw_count=pl.col(found["count"]).cast(pl.String) if found["count"] else pl.lit("1"),
    )
    named = pl.all_horizontal(pl.col("model", "item").fill_null("").str.strip_chars() != "")
    right = pl.col("response").is_between(0, 1).fill_null(value=False)
    counted = (pl.col("count") > 0).fill_null(value=False) & pl.col("count").is_finite().fill_null(value=False)
    flags = rows.select(ok=named & right & counted)["ok"]
    if not flags.all():
        raise _row_error(rows, int(flags.arg_min() or 0), path)
    return rows.select("model", "item", "response", "count")


def _number(column: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    truth = text.str.to_lowercase().replace({"true": "1", "false": "0"})
    return truth.cast(pl.Float64, strict=False)


def _row_error(rows: pl.DataFrame, i: int, path: Path) -> LeadtimeError:
    row = rows.row(i, named=True)
    where = f"{path}, row {row['_row']}"
    if not (row["model"] or "").strip() or not (row["item"] or "").strip():
        return LeadtimeError("the model or the item is empty", where=where, fix=_EXPECTED)
    value = row["response"]
    if value is None or value != value or not 0 <= value <= 1:
        fix = "A response is a number from 0 (wrong) to 1 (right)."
        if value is not None and 1 < value <= 100:
            fix += f" Write {value:g} % as {value / 100:g}."
        return LeadtimeError(f"the response is {row['raw']!r}", where=where, fix=fix)
    return LeadtimeError(f"the count is {row['raw_count']!r}", where=where, fix="A count is a number above 0.")
