"""Item curves (2PL) on sparse responses in a directory of Parquet, read in parts and fitted from disk: time, memory,
agreement, two workers.

    python benchmarks/bench_items_sparse.py [--responses 30000000] [--density 0.1] [--passes 0] [--workers] [--quick]

As many models as items, each model answers a part of the items. With --workers the same blocks are gone through by one
and by two worker processes of a Dask cluster on this machine, each of one thread. With --passes N the fit stops there,
to tell what a pass costs.
"""

import argparse
import logging
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a worker is one core; the sparse products use one anyway


def main(argv: list[str] | None = None) -> None:
    """Run it."""
    import resource

    import numpy as np

    from leadtime.capability.items import fit as engine
    from leadtime.capability.items.read import read
    from leadtime.capability.items.stream import on_cluster

    given = argparse.ArgumentParser()
    given.add_argument("--responses", type=float, default=3e7)
    given.add_argument("--density", type=float, default=0.1)
    given.add_argument("--passes", type=int, default=0)
    given.add_argument("--workers", action="store_true")
    given.add_argument("--quick", action="store_true", help="Only that it runs: 20,000 responses.")
    options = given.parse_args(argv)
    if options.quick:
        options.responses = 2e4
    if options.passes:
        engine._MOST_PASSES = options.passes
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        size, theta, b = _write(Path(folder), int(options.responses), options.density)
        on_disk = sum(p.stat().st_size for p in Path(folder).iterdir()) / 1e9
        print(
            f"{size:,} models x {size:,} items, {options.responses:,.0f} responses, {on_disk:.2f} GB of Parquet, made"
            f" in {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        began = time.perf_counter()
        data = read([folder], streamed=True)
        print(f"read into {len(data.loaders)} blocks on disk: {time.perf_counter() - began:.1f} s", flush=True)
        order = np.array([int(m[1:]) for m in data.models])
        ways = {"one process": None}
        clusters = []
        if options.workers:
            from dask.distributed import LocalCluster

            for n in (1, 2):
                logging.getLogger("distributed").setLevel(logging.ERROR)
                clusters.append(
                    LocalCluster(
                        n_workers=n,
                        threads_per_worker=1,
                        processes=True,
                        dashboard_address=None,
                        silence_logs=logging.ERROR,
                    )
                )
                ways[f"{n} worker{'s' * (n > 1)}"] = on_cluster(clusters[-1].scheduler_address)
        first, seconds = None, {}
        for name, runner in ways.items():
            began = time.perf_counter()
            found = engine.fit(data, runner=runner)
            seconds[name] = time.perf_counter() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            first = found if first is None else first
            apart = float(np.abs(found.theta - first.theta).max())
            items = np.array([int(i[1:]) for i in data.items])
            print(
                f"{name:>12}: {seconds[name]:8.1f} s, {found.passes} passes of {seconds[name] / found.passes:.2f} s,"
                f" peak {peak:.2f} GB, converged {found.converged}, r of ability"
                f" {np.corrcoef(found.theta, theta[order])[0, 1]:.4f}, of difficulty"
                f" {np.corrcoef(found.curves.b, b[items])[0, 1]:.4f}, largest difference from the first {apart:.1e}",
                flush=True,
            )
        if options.workers:
            print(f"two workers are {seconds['1 worker'] / seconds['2 workers']:.2f} times as fast as one")
        for cluster in clusters:
            cluster.close()


def _write(folder, n_responses, density):
    """Write responses in files of a hundred models each or so; return how many models, and the truth."""
    import numpy as np
    import polars as pl

    size = round((n_responses / density) ** 0.5)
    per_model = round(size * density)
    rng = np.random.default_rng(1)
    theta, a, b = rng.normal(size=size), np.exp(rng.normal(0, 0.3, size)), rng.normal(size=size)
    names = pl.Series([f"i{j}" for j in range(size)])
    step = max(2_000_000 // per_model, 1)
    for i in range(0, size, step):
        models = np.arange(i, min(i + step, size))
        item = np.concatenate([rng.choice(size, per_model, replace=False) for _ in models])
        model = np.repeat(models, per_model)
        p = 1 / (1 + np.exp(-a[item] * (theta[model] - b[item])))
        table = pl.DataFrame(
            {
                "model": pl.Series([f"m{k}" for k in models]).gather(model - i),
                "item": names.gather(item),
                "response": (rng.random(len(p)) < p).astype(np.int8),
            }
        )
        table.write_parquet(folder / f"{i:09}.parquet")
    return size, theta, b


if __name__ == "__main__":
    main()
