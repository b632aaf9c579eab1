"""Time the index: one fit and 1,000 refits against scipy's `least_squares` set up as the published code does.

    python benchmarks/bench_eci.py [TABLE] [--refits N] [--repeats N] [--quick]

TABLE is a long CSV or Parquet of scores; without it, Epoch's file of August 2026 in ../shared (or $LEADTIME_SHARED).
There is nothing to compile: "first fit" shows what the very first call costs more than the others.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import coo_matrix

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).resolve().parents[2] / "shared"))
DEFAULT = SHARED / "reference/epoch/eci/eci_benchmarks_2026-08.csv"


def timed(action):
    """Return seconds and the result."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def peer(model, benchmark, score, sizes, anchor, start):
    """Fit by scipy's `trf`: one residual per row and one for the whole penalty, sparse analytic Jacobian."""
    n_models, n_benchmarks = sizes
    n_located, n_rows, n_free = n_models + n_benchmarks, score.size, n_models + 2 * n_benchmarks - 1
    sloped, row = benchmark != anchor, np.arange(score.size)
    rows = np.concatenate([row, row, row[sloped], np.full(n_free, n_rows)])
    slope_column = n_located + benchmark - (benchmark > anchor)
    columns = np.concatenate([model, n_models + benchmark, slope_column[sloped], np.arange(n_free)])

    def parts(x):
        slope = np.insert(x[n_located:], anchor, 1.0)[benchmark]
        gap = x[model] - x[n_models + benchmark]
        return slope, gap, 1.0 / (1.0 + np.exp(-slope * gap)), np.sqrt(0.1 * np.sum(x**2) / n_free)

    def residuals(x):
        _, _, predicted, penalty = parts(x)
        return np.append(predicted - score, penalty)

    def jacobian(x):
        slope, gap, predicted, penalty = parts(x)
        change = predicted * (1.0 - predicted)
        values = np.concatenate([change * slope, -change * slope, (change * gap)[sloped], 0.1 / (n_free * penalty) * x])
        return coo_matrix((values, (rows, columns)), shape=(n_rows + 1, n_free)).tocsr()

    lower = np.repeat([-10.0, 0.1], [n_located, n_benchmarks - 1])
    return least_squares(residuals, start, jac=jacobian, bounds=(lower, np.full(n_free, 10.0)))


def table_of(path):
    """The table asked for; without one and without the shared file, the scores the package comes with."""
    from leadtime.capability.scores_file import read_scores

    if path.exists() or path != DEFAULT:
        return read_scores(path)
    import polars as pl

    from leadtime.evidence import Evidence

    print("(no reference table: timing the package's own scores)")
    rows = Evidence.load()["scores"].group_by("model", "benchmark").agg(pl.col("score").max().alias("performance"))
    wide = rows.filter(pl.len().over("model") >= 4, pl.len().over("benchmark") >= 5)
    return wide.sort("model", "benchmark")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--refits", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="Only that it runs: once, and two refits.")
    arguments = parser.parse_args(argv)
    if arguments.quick:
        arguments.refits, arguments.repeats = 2, 1

    seconds, eci = timed(lambda: __import__("leadtime.capability.eci", fromlist=["fit_eci"]))
    print(f"import                        {seconds:8.3f} s")
    seconds, table = timed(lambda: table_of(arguments.table))
    print(f"read and check                {seconds:8.3f} s  ({table.height} scores)")
    seconds, fit = timed(lambda: eci.fit_eci(table))
    print(f"first fit                     {seconds:8.3f} s")
    one_fit = statistics.median(timed(lambda: eci.fit_eci(table))[0] for _ in range(arguments.repeats))
    print(f"one fit                       {one_fit:8.3f} s  (median; objective {fit.objective:.9f})")
    refits, draws = timed(lambda: eci.bootstrap_eci(fit, table, draws=arguments.refits))
    print(f"{arguments.refits:5d} refits {refits:25.3f} s  ({1e3 * refits / arguments.refits:.1f} ms each)")

    scores = table.group_by("model", "benchmark", maintain_order=True).max()
    model = np.array([fit.models.index(name) for name in scores["model"]])
    benchmark = np.array([fit.benchmarks.index(name) for name in scores["benchmark"]])
    score = np.clip(scores["performance"].to_numpy(), 1e-3, 1.0 - 1e-3)
    sizes, anchor = (len(fit.models), len(fit.benchmarks)), fit.benchmarks.index(fit.anchor_benchmark)
    start = np.append(np.random.default_rng(42).normal(0.0, 0.1, sum(sizes)), np.ones(sizes[1] - 1))
    times, results = zip(
        *(timed(lambda: peer(model, benchmark, score, sizes, anchor, start)) for _ in range(arguments.repeats)),
        strict=True,
    )
    peer_fit, result = statistics.median(times), results[0]
    print(f"scipy, one fit {peer_fit:23.3f} s  (objective {result.cost:.9f}, {peer_fit / one_fit:.0f} times as long)")
    rng, peer_times, apart = np.random.default_rng(12345), [], []
    for draw in range(min(20, arguments.refits)):
        rows = [np.flatnonzero(model == m) for m in range(sizes[0])]
        taken = np.concatenate([rng.choice(r, size=r.size, replace=True) for r in rows])
        seconds, refit = timed(
            lambda taken=taken: peer(model[taken], benchmark[taken], score[taken], sizes, anchor, result.x)
        )
        peer_times.append(seconds)
        apart.append(np.abs(refit.x[: sizes[0]] - draws.abilities[draw]).max())
    peer_refit = statistics.median(peer_times)
    ratio = peer_refit * arguments.refits / refits
    print(
        f"scipy, one refit              {peer_refit:8.3f} s  (median of {len(peer_times)}: {ratio:.0f} times as long)"
    )
    print(f"same draws, largest difference of an ability: median {np.median(apart):.4f}, most {max(apart):.4f}")
    print("(scipy stops at its default tolerance, a little before the optimum)")


if __name__ == "__main__":
    main()
