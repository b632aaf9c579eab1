"""From files of responses, long tables that anyone has, to a checked response matrix."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from leadtime.capability.items.matrix import Responses, block_of
from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence.csv_rows import all_rows_of

_COLUMNS = {"model": ("model", "model_id"), "item": ("item", "item_id", "sample_id"), "response": ("response", "score")}
_OPTIONAL = {"task": ("task", "benchmark"), "count": ("count", "epochs", "attempts")}
_EXPECTED = "Expected: columns model, item, response (0 to 1) and, if you have it, count; one row per response."
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
        streamed = sum(_height(f) for f in files if f.suffix == ".parquet") > IN_MEMORY
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
    if path.is_dir():
        inside = sorted(path.rglob("*.parquet"))
        if not inside:
            raise LeadtimeError("the folder has no Parquet file", where=str(path), fix=_EXPECTED)
        yield from inside
    elif not path.exists():
        raise LeadtimeError("there is no such file", where=str(path), fix="Give a CSV or Parquet file, or a folder.")
    else:
        yield path


def _height(path: Path) -> int:
    try:
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _irregular(path, error) from None


def _irregular(path: Path, error: Exception) -> LeadtimeError:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
    return LeadtimeError(f"not a regular table ({first})", where=str(path), fix=_EXPECTED)


def _parts(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """Yield the checked rows of a file, `rows` at a time if it is Parquet; all at once for 0."""
    try:
        if path.suffix == ".parquet":
            height = _height(path)
            for i in range(0, height, rows or max(height, 1)):
                part = pl.scan_parquet(path).slice(i, rows or height).collect()
                yield _checked(part.with_row_index("_row", i + 1), path)
            return
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        if content[:4] == b"PAR1":
            yield _checked(pl.read_parquet(content).with_row_index("_row", 1), path)
            return
        if not content.strip():
            raise LeadtimeError("the file is empty", where=str(path), fix=_EXPECTED)
        yield _checked(all_rows_of(content, str(path), _EXPECTED), path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, EOFError, zlib.error) as error:
        raise _irregular(path, error) from None


def _checked(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return columns model, item (text), response and count (numbers), or raise with the first bad row."""
    found = {}
    for wanted, names in _COLUMNS.items():
        found[wanted] = next((n for n in names if n in table.columns), "")
        if not found[wanted]:
            near = nearest(wanted, table.columns) or table.columns
            raise LeadtimeError(
                f"there is no column {wanted!r}", where=str(path),
                fix=f"Name it {' or '.join(names)}; the nearest columns are {', '.join(map(repr, near[:4]))}.",
            )  # fmt: skip
    extra = {k: next((n for n in names if n in table.columns), "") for k, names in _OPTIONAL.items()}
    item = pl.col(found["item"]).cast(pl.String)
    if extra["task"]:
        item = pl.concat_str(pl.col(extra["task"]).cast(pl.String), item, separator="/")
    rows = table.select(
        "_row",
        model=pl.col(found["model"]).cast(pl.String),
        item=item,
        response=_number(found["response"]),
        count=_number(extra["count"]) if extra["count"] else pl.lit(1.0),
        raw=pl.col(found["response"]).cast(pl.String),
        raw_count=pl.col(extra["count"]).cast(pl.String) if extra["count"] else pl.lit("1"),
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
