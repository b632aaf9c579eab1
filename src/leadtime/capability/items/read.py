"""From files of responses, tables that anyone has or results in another form, to a checked response matrix."""

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from leadtime import parquet, stranger
from leadtime.brought import columns, leaderboard
from leadtime.brought import read as brought
from leadtime.brought.cells import Percent
from leadtime.brought.found import filled
from leadtime.brought.shape import shaped
from leadtime.capability.items.matrix import Responses, block_of
from leadtime.errors import LeadtimeError

T = TypeVar("T")
_EXPECTED = brought.expected("responses")
#: A file may have so many bytes; another than Parquet, also unpacked, no more than any table.
MOST_BYTES = 500_000_000_000
#: Beyond so many rows, Parquet is read in parts and kept on disk.
IN_MEMORY = 20_000_000
_STEP = 4_000_000

Tell = Callable[[str], None]


def _silent(note: str) -> None:
    """Tell nobody."""


def read(
    paths: Sequence[Path | str],
    *,
    percent: bool = False,
    tell: Tell = _silent,
    streamed: bool | None = None,
    rows: int = _STEP,
) -> Responses:
    """Return the responses in files of rows model, item, response and optionally count and task, or of another form.

    Rows of one model and one item are added up, a row with a count as so many responses of that mean. With a column
    `task`, items of the same name in two tasks are two items.

    Args:
        paths: Tables in text (perhaps gzipped) or Parquet, long or wide, results in another form, and folders of those.
        percent: Whether the numbers are in percent, where a file does not say.
        tell: Takes what must be said of how a file was read.
        streamed: Whether to read in parts and keep the matrix on disk; by default beyond IN_MEMORY rows.
        rows: Rows of Parquet read at a time when streamed.

    Raises:
        LeadtimeError: A file that cannot be read, a missing column, rows that cannot be used, no rows at all, or
            groups of models that share no item.
    """
    files = [file for path in paths for file in _files(Path(path))]
    if streamed is None:
        streamed = sum(_height(f) for f, _, _ in files) > IN_MEMORY
    read_one = functools.partial(_parts, percent=percent, tell=tell)
    if streamed:
        from leadtime.capability.items.stream import spooled

        found = spooled(lambda: (part for f in files for part in read_one(*f, rows)))
    else:
        found = of_table(pl.concat([part for f in files for part in read_one(*f, 0)]))
    if not found.n_responses:
        raise LeadtimeError("there are no rows", where=", ".join(map(str, paths)), fix=_EXPECTED)
    require_connected(found)
    return found


def rows_of(
    paths: Sequence[Path | str], wanted: Callable[[str], bool], *, percent: bool = False, tell: Tell = _silent
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the responses of some models, and the names of all models in the files.

    Args:
        paths: As `read` takes them.
        wanted: Whether a model's responses are.
        percent: As in `read`.
        tell: As in `read`.

    Returns:
        Rows of model, item, response, count and cluster (null if a file has none); and names.
    """
    parts: list[pl.DataFrame] = []
    known: dict[str, bool] = {}
    for file in [file for path in paths for file in _files(Path(path))]:
        for part in _parts(*file, _STEP, percent=percent, tell=tell):
            names = part["model"].unique().to_list()
            known |= {name: wanted(name) for name in names if name not in known}
            parts.append(part.filter(pl.col("model").is_in([name for name in names if known[name]])))
    return pl.concat(parts), tuple(sorted(known))


def of_table(table: pl.DataFrame) -> Responses:
    """Return the responses of a checked table of columns model, item, response and count, held in memory."""
    table = table.with_columns(right=pl.col("response") * pl.col("count"))
    models, items = (table[c].unique().sort() for c in ("model", "item"))
    coded = table.group_by(
        pl.col("model").cast(pl.Enum(models)).to_physical(), pl.col("item").cast(pl.Enum(items)).to_physical()
    ).agg(pl.col("right", "count").sum())
    columns = [coded[c].to_numpy() for c in ("model", "item", "right", "count")]
    block = block_of(0, (len(models), len(items)), *columns)
    return Responses(
        models=tuple(models),
        items=tuple(items),
        loaders=(lambda: block,),
        n_responses=coded.height,
        repeated=bool((coded["count"] > 1).any()),
        partial=not bool((coded["right"] == coded["right"].round()).all()),
    )


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
            fix=(
                "Abilities of models that share no item cannot be compared: add shared items, or measure each group"
                " alone."
            ),
        )


def _files(path: Path) -> Iterator[tuple[Path, str, Path | None]]:
    """Yield each file that a path means, its name for messages, and the folder that it must lie in."""
    within = path if path.is_dir() else None
    for file, name in brought.files(path, "responses"):
        there = stranger.regular(
            file, most=MOST_BYTES, within=within, fix="Give a table, results in another form, or a folder."
        )
        yield (file if leaderboard.is_details(file.name) else there), name, within


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


def _parts(
    path: Path, name: str, within: Path | None, rows: int, *, percent: bool, tell: Tell
) -> Iterator[pl.DataFrame]:
    """Yield the checked rows of a file, `rows` at a time if it is a long table in Parquet; all at once for 0."""
    with stranger.opened(path, most=MOST_BYTES) as file:
        is_table = parquet.is_parquet(file.read(4)) and not leaderboard.is_details(path.name)
        found = _told(path, lambda: parquet.footer(file)) if is_table else None
        long = _told(path, lambda: columns.long_of(found.columns, "responses")) if found else None
        if found and long:
            _told(path, lambda: parquet.require_bounded(file, found, long.names))
    if not (found and long):
        one = brought.read(brought.opened(path, name, within=within), "responses", percent=percent)
        one.require_sound(name, "responses")
        for note in one.notes:
            tell(note)
        yield _plain(one.rows)
        return
    step = rows or max(found.n_rows, 1)
    for i in range(0, max(found.n_rows, 1), step):
        part = _told(path, functools.partial(parquet.rows, path, long.names, i, step))
        yield _checked(part.with_row_index("_row", i + 1), long, path, percent=percent, tell=tell)


def _checked(table: pl.DataFrame, long: columns.Long, path: Path, *, percent: bool, tell: Tell) -> pl.DataFrame:
    """Return the rows of a part of a long table, or raise with the first that cannot be used."""
    item = pl.col(long.test).cast(pl.String)
    if long.task:
        item = pl.concat_str(pl.col(long.task).cast(pl.String), item, separator="/")
    counts = pl.col(long.count).cast(pl.Float64, strict=False) if long.count else pl.lit(1.0)
    if not percent and table.schema[long.score].is_numeric():  # the usual one, read without a look at each cell as text
        fast = table.select(
            model=pl.col(long.model).cast(pl.String),
            item=item,
            response=pl.col(long.score).cast(pl.Float64),
            count=counts,
            cluster=pl.col(long.cluster).cast(pl.String) if long.cluster else pl.lit(None, dtype=pl.String),
        )
        named = pl.all_horizontal(pl.col("model", "item").fill_null("").str.strip_chars() != "")
        counted = ((pl.col("count") > 0) & (pl.col("count") <= brought.MOST_COUNT)).fill_null(value=False)
        right = pl.col("response").is_between(0, 1).fill_null(value=False)
        if fast.select((named & counted & right).all()).item():
            return fast
    rows = filled(_told(path, lambda: shaped(table, "responses")).rows)
    good, problems, n_missing = brought.numbered(rows, "responses", str(path), Percent(said=percent))
    brought.Brought(rows=good, problems=problems, n_missing=n_missing).require_sound(str(path), "responses")
    if n_missing:
        tell(brought.empty(n_missing))
    return _plain(good)


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("model", "count", "cluster", item="test", response="value").select(
        "model", "item", "response", "count", "cluster"
    )
