"""Time the index: fits, and refits by the hundred, against scipy's `least_squares` set up as the published code does.

    python benchmarks/bench_eci.py [TABLE] [--quick]

TABLE is a long CSV or Parquet of scores; without it, Epoch's file of August 2026 in ../shared (or $LEADTIME_SHARED).
The scores that the package comes with, more than twice as many, are timed beside it, and alone where it is not there.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from figure import figure, of_times, say, timed
from scipy.optimize import least_squares
from scipy.sparse import coo_matrix

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).resolve().parents[2] / "shared"))
DEFAULT = SHARED / "reference/epoch/eci/eci_benchmarks_2026-08.csv"


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


def own():
    """Return the scores the package comes with, of models and benchmarks that have enough of them."""
    import polars as pl

    from leadtime.evidence import Evidence

    rows = Evidence.load()["scores"].group_by("model", "benchmark").agg(pl.col("score").max().alias("performance"))
    wide = rows.filter(pl.len().over("model") >= 4, pl.len().over("benchmark") >= 5)
    return wide.sort("model", "benchmark")


def figures(*, quick=False, table=DEFAULT):
    """Time the fits of the table, where it is there, and of the scores that the package comes with."""
    from leadtime.capability.scores_file import read_scores

    said, found = [], {}
    for name, rows in (("", read_scores(table) if table.exists() else None), ("_own", own())):
        if rows is not None:
            of, one = figures_of(rows, name, quick=quick)
            said.append(f"{'own scores' if name else 'Epoch of August 2026' if table == DEFAULT else table.name}, {of}")
            found |= one
    return {"data": "; ".join(said), **found}


def figures_of(rows, name, *, quick):
    """Time fits and refits, ours and scipy's, on the same draws; say how far the abilities are apart."""
    from leadtime.capability import eci
    from leadtime.environment import one_thread

    repeats, draws, n_peer = (1, 2, 2) if quick else (7, 100, 5)
    fit = eci.fit_eci(rows)
    fits = [timed(lambda: eci.fit_eci(rows)) for _ in range(repeats)]
    refits = [timed(lambda: eci.bootstrap_eci(fit, rows, draws=draws)) for _ in range(repeats)]

    scores = rows.group_by("model", "benchmark", maintain_order=True).max()
    model = np.array([fit.models.index(name) for name in scores["model"]])
    benchmark = np.array([fit.benchmarks.index(name) for name in scores["benchmark"]])
    score = np.clip(scores["performance"].to_numpy(), 1e-3, 1.0 - 1e-3)
    sizes, anchor = (len(fit.models), len(fit.benchmarks)), fit.benchmarks.index(fit.anchor_benchmark)
    start = np.append(np.random.default_rng(42).normal(0.0, 0.1, sum(sizes)), np.ones(sizes[1] - 1))
    with one_thread():  # for the peer what is for ours
        peers = [timed(lambda: peer(model, benchmark, score, sizes, anchor, start)) for _ in range(min(repeats, 3))]
        rng, peer_refits, apart = np.random.default_rng(12345), [], []
        for draw in range(n_peer):
            own = [np.flatnonzero(model == m) for m in range(sizes[0])]
            taken = np.concatenate([rng.choice(r, size=r.size, replace=True) for r in own])
            of_draw = (model[taken], benchmark[taken], score[taken], sizes, anchor, peers[0][2].x)
            peer_refits.append(timed(lambda of_draw=of_draw: peer(*of_draw)))
            apart.append(np.abs(peer_refits[-1][2].x[: sizes[0]] - refits[0][2].abilities[draw]).max())
    said = f"{score.size:,} scores of {sizes[0]} models on {sizes[1]} benchmarks"
    return said, {
        f"refit{name}_ms": of_times(refits, 1e3 / draws),
        f"refit{name}_scipy_ms": of_times(peer_refits, 1e3),
        f"fit{name}_s": of_times(fits),
        f"fit{name}_scipy_s": of_times(peers),
        f"apart{name}": figure([float(a) for a in apart]),
        f"objective{name}": figure([fit.objective]),
        f"objective{name}_scipy": figure([float(peers[0][2].cost)]),
    }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--quick", action="store_true", help="Only that it runs: once, and two refits.")
    given = parser.parse_args(argv)
    say(figures(quick=given.quick, table=given.table))
    print("(apart: the largest difference of an ability; scipy stops at its default tolerance, before the optimum)")


if __name__ == "__main__":
    main()
