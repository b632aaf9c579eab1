"""Responses of any number in bounded memory: sorted into blocks of models on disk, gone through block by block."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.items.curve import Curves
from leadtime.capability.items.fit import Runner, logs_at_nodes, look
from leadtime.capability.items.matrix import Block, Responses, block_of
from leadtime.capability.items.result import Found
from leadtime.capability.result import Floats
from leadtime.cluster import connect
from leadtime.environment import one_thread

_ROW = np.dtype([("model", "<u4"), ("item", "<u4"), ("right", "<f4"), ("tries", "<f4")])
#: Rows of a block: about 300 MB while it is sorted, and enough blocks that workers finish together.
BLOCK_ROWS = 5_000_000


class _Kept:
    """A folder that goes with the last who uses it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="leadtime-items-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def spooled(parts: Callable[[], Iterable[pl.DataFrame]], *, block_rows: int = BLOCK_ROWS) -> Responses:
    """Return responses kept on disk, in a folder that goes when they are no longer used.

    Args:
        parts: Yields the checked rows (model, item, response, count) in parts; called twice.
        block_rows: Rows per block at most, about.
    """
    models, items, n = _names(parts())
    if not n:
        return Responses(models=(), items=(), loaders=(), n_responses=0)
    keep = _Kept()
    folder = keep.folder
    n_blocks = min(-(-n // block_rows), len(models))
    size = -(-len(models) // n_blocks)
    with_model, with_item = pl.Enum(models), pl.Enum(items)
    for part in parts():
        _append(part, folder, size, with_model, with_item)
    loaders, cells, repeated, partly = [], 0, False, False
    for first in range(0, len(models), size):
        height = min(size, len(models) - first)
        block = _block(folder / f"{first}.rows", first, height, len(items))
        filled = block.tries if block.tries is not None else np.ones(1)
        values: Any = filled.data if not block.dense else filled
        cells += block.right.size if block.tries is None else int((values > 0).sum())
        sums = block.right.data if not block.dense else block.right
        repeated |= bool(np.max(values, initial=0) > 1)
        partly |= sums.dtype != np.uint8 and not bool((sums == np.round(sums)).all())
        loaders.append(_stored(folder, block))
    return Responses(
        models=tuple(models),
        items=tuple(items),
        loaders=tuple(loaders),
        n_responses=cells,
        repeated=repeated,
        partial=partly,
        keep=keep,
    )


def _names(parts: Iterable[pl.DataFrame]) -> tuple[pl.Series, pl.Series, int]:
    models, items, n = pl.Series("model", [], pl.String), pl.Series("item", [], pl.String), 0
    for part in parts:
        models = pl.concat([models, part["model"].unique()]).unique()
        items = pl.concat([items, part["item"].unique()]).unique()
        n += part.height
    return models.sort(), items.sort(), n


def _append(part: pl.DataFrame, folder: Path, size: int, with_model: pl.Enum, with_item: pl.Enum) -> None:
    rows = np.empty(part.height, _ROW)
    rows["model"] = part["model"].cast(with_model).to_physical().to_numpy()
    rows["item"] = part["item"].cast(with_item).to_physical().to_numpy()
    rows["right"] = (part["response"] * part["count"]).to_numpy()
    rows["tries"] = part["count"].to_numpy()
    place = rows["model"] // size
    rows = rows[np.argsort(place, kind="stable")]
    counts = np.bincount(place)
    for block, (end, count) in enumerate(zip(np.cumsum(counts), counts, strict=True)):
        if count:
            with (folder / f"{block * size}.rows").open("ab") as out:
                rows[end - count : end].tofile(out)


def _block(path: Path, first: int, height: int, n_items: int) -> Block:
    rows = np.fromfile(path, _ROW)
    path.unlink()
    return block_of(first, (height, n_items), rows["model"] - first, rows["item"], rows["right"], rows["tries"])


def _stored(folder: Path, block: Block) -> Callable[[], Block]:
    parts: dict[str, Any] = {"right": block.right, "tries": block.tries}
    for name, matrix in parts.items():
        if matrix is not None:
            arrays = {"": matrix} if block.dense else {k: getattr(matrix, k) for k in ("data", "indices", "indptr")}
            for kind, array in arrays.items():
                np.save(folder / f"{block.first}.{name}{kind}.npy", array)
    return partial(_load, folder, block.first, block.right.shape, block.dense, block.tries is not None)


def _load(folder: Path, first: int, shape: tuple[int, int], dense: bool, counted: bool) -> Block:
    from scipy.sparse import csr_matrix

    def matrix(name: str) -> Any:
        read = partial(np.load, mmap_mode="r" if dense else None)
        if dense:
            return read(folder / f"{first}.{name}.npy")
        return csr_matrix(
            tuple(read(folder / f"{first}.{name}{kind}.npy") for kind in ("data", "indices", "indptr")), shape=shape
        )

    return Block(first=first, right=matrix("right"), tries=matrix("tries") if counted else None)


def on_cluster(address: str) -> Runner:
    """Return a runner that has each block looked at by a worker of a Dask cluster that sees the same disk.

    Args:
        address: Address of the scheduler.

    Raises:
        LeadtimeError: The scheduler does not answer, or dask is not installed.
    """
    client = connect(address)
    from dask.distributed import as_completed

    def run(
        responses: Responses, curves: Curves, population: tuple[float, float], start: dict[int, tuple[Floats, Floats]]
    ) -> Iterator[Found]:
        tables = client.scatter(logs_at_nodes(curves), broadcast=True, hash=False)
        jobs = [
            client.submit(_remote, load, responses.rho, responses.phi, tables, population, start, pure=False, retries=5)
            for load in responses.loaders
        ]
        for done in as_completed(jobs, loop=client.loop):
            yield done.result()
            done.release()

    return run


def _remote(
    load: Callable[[], Block],
    rho: float,
    phi: float,
    tables: Any,
    population: tuple[float, float],
    start: dict[int, tuple[Floats, Floats]],
) -> Found:
    odds, wrong = tables
    with one_thread():
        return look(load().weighted(rho, phi), odds, wrong, population, start)
