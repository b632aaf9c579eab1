"""Runs of any size in flat memory: chunk after chunk into histograms, here or on a Dask cluster, the same bits."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cluster import connect
from leadtime.scenario import parameters, simulate
from leadtime.scenario.inputs import QUARTERS

Progress = Callable[[str, float], None]
#: Edges of the histograms: quantiles are exact to half a bin.
EDGES: dict[str, Floats] = {
    "lag_months": np.linspace(-60.0, 110.0, 3401),
    "chips_months": np.linspace(-60.0, 110.0, 3401),
    "ratio_used": np.geomspace(1e-3, 1e4, 2801),
    "used_h100e": np.geomspace(1e2, 1e11, 3601),
}
KEEP = tuple(EDGES)


def count_chunk(
    rows: pl.DataFrame, inputs: dict[str, dict[str, Floats]], index: int, n: int, seed: int
) -> dict[str, np.ndarray]:
    """Return counts by scenario and variable of one chunk of prior draws, shape (quarter, bin): whole numbers, so sums
    are exact.
    """
    draws = parameters.chunk(rows, index, n, seed)
    out = {}
    for name, x in inputs.items():
        reports = simulate.run(draws, x, KEEP)
        for variable, edges in EDGES.items():
            out[f"{name}|{variable}"] = _count(reports[variable], edges)
    return out


def _count(values: Floats, edges: Floats) -> np.ndarray:
    bins = len(edges) - 1
    if edges[0] > 0:
        scale = bins / np.log(edges[-1] / edges[0])
        at = np.log(np.maximum(values, edges[0]) / np.float32(edges[0])) * np.float32(scale)
    else:
        at = (values - np.float32(edges[0])) * np.float32(bins / (edges[-1] - edges[0]))
    index = np.clip(at.astype(np.int32), 0, bins - 1) + bins * np.arange(len(values), dtype=np.int32)[:, None]
    return np.bincount(index.ravel(), minlength=bins * len(values)).reshape(len(values), bins).astype(np.uint16)


def run(
    rows: pl.DataFrame,
    inputs: dict[str, dict[str, Floats]],
    *,
    draws: int,
    seed: int,
    cluster: str = "",
    progress: Progress = lambda text, done: None,
) -> pl.DataFrame:
    """Return bands by scenario, variable and quarter over any number of prior draws.

    Args:
        rows: The priors.
        inputs: Inputs by scenario.
        draws: How many.
        seed: Seed; the same seed gives the same bits whatever the number of workers.
        cluster: Address of a Dask scheduler; here when empty.
        progress: Called with a text and a fraction done.

    Raises:
        LeadtimeError: The cluster does not answer, or dask is not installed.
    """
    sizes = [min(parameters.CHUNK, draws - i) for i in range(0, draws, parameters.CHUNK)]
    jobs = [(rows, inputs, i, n, seed) for i, n in enumerate(sizes)]
    done = _on_cluster(cluster, jobs) if cluster else (count_chunk(*job) for job in jobs)
    total: dict[str, np.ndarray] = {}
    for i, counts in enumerate(done):
        for k, v in counts.items():
            total[k] = total[k] + v if k in total else v.astype(np.int64)
        progress(f"{min((i + 1) * parameters.CHUNK, draws):,} of {draws:,} draws", (i + 1) / len(jobs))
    return pl.concat(_bands(total))


def _on_cluster(address: str, jobs: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, np.ndarray]]:
    """Yield each chunk's counts as workers finish; what a lost worker had is done again by another."""
    client = connect(address)
    from dask.distributed import as_completed

    with client:
        rows, inputs = jobs[0][:2]  # type: ignore[index]
        shared = client.scatter({"inputs": inputs}, broadcast=True)
        futures = [client.submit(_remote, rows, shared["inputs"], *job[2:], pure=False, retries=5) for job in jobs]
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
            future.release()


def _remote(
    rows: pl.DataFrame, inputs: dict[str, dict[str, Floats]], index: int, n: int, seed: int
) -> dict[str, np.ndarray]:
    return count_chunk(rows, inputs, index, n, seed)


def _bands(total: dict[str, np.ndarray]) -> Iterator[pl.DataFrame]:
    for key, counts in total.items():
        scenario, variable = key.split("|")
        edges = EDGES[variable]
        middle = np.sqrt(edges[1:] * edges[:-1]) if edges[0] > 0 else (edges[1:] + edges[:-1]) / 2
        share = counts.cumsum(axis=1) / counts.sum(axis=1, keepdims=True)
        low, median, high = (middle[(share >= q).argmax(axis=1)] for q in (0.05, 0.5, 0.95))
        yield pl.DataFrame(
            {
                "scenario": scenario,
                "variable": variable,
                "quarter": QUARTERS,
                "low": low,
                "median": median,
                "high": high,
            }
        )
