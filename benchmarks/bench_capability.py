"""How well the stated model predicts scores it has not seen, and how long NUTS takes.

    python benchmarks/bench_capability.py [TABLE] [--method map|nuts|both] [--no-nuts] [--quick]

TABLE is a long CSV or Parquet of scores; without it, Epoch's file of August 2026 in ../shared (or $LEADTIME_SHARED).
Five folds, random rows, by the quick fit (map) and by the one that reports use (nuts: a few minutes). The yardstick is
the published index (least squares, a normal with each benchmark's residual spread) on the same folds. NUTS is timed on
the built-in evidence.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from figure import figure, of_times, say, timed
from scipy.stats import norm
from scipy.stats import t as student

from leadtime.capability import nuts as engine
from leadtime.capability.eci import fit_eci
from leadtime.capability.fit import fit
from leadtime.capability.result import DISPERSION_ITEMS, NU, Cells
from leadtime.capability.scores_file import read_scores
from leadtime.environment import one_thread

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).resolve().parents[2] / "shared"))
DEFAULT = SHARED / "reference/epoch/eci/eci_benchmarks_2026-08.csv"
FOLDS, N_ITEMS = 5, 300.0


def cells_of(table, models, benchmarks, years):
    y = table["performance"].clip(1e-3, 1 - 1e-3).to_numpy()
    return Cells(
        models=models,
        benchmarks=benchmarks,
        model=np.searchsorted(models, table["model"].to_list()),
        benchmark=np.searchsorted(benchmarks, table["benchmark"].to_list()),
        z=np.log(y / (1 - y)),
        n_reports=np.ones(y.size),
        floor=np.zeros(len(benchmarks)),
        ceiling=np.ones(len(benchmarks)),
        n_items=np.full(len(benchmarks), N_ITEMS),
        years=years,
    )


def ours(train, test, method, draws):
    """Per held-out row: error of the predictive mean, log density, whether the 90 % interval holds it; and the fit."""
    fitted = fit(train, method=method, draws=draws, seed=0)
    draws = fitted.draws
    m, b = test.model, test.benchmark
    p = 1 / (1 + np.exp(-draws.discrimination[:, b] * (draws.theta[:, m] - draws.difficulty[:, b])))
    p = np.clip(p, 1e-6, 1 - 1e-6)
    at = np.log(p / (1 - p))
    s = np.sqrt(draws.misfit[:, b] ** 2 + (1 / N_ITEMS + 1 / DISPERSION_ITEMS) / (p * (1 - p)))
    y = 1 / (1 + np.exp(-test.z))
    density = np.mean(student.pdf((test.z - at) / s, NU) / s, axis=0) / (y * (1 - y))
    sample = 1 / (1 + np.exp(-np.clip(at + s * np.random.default_rng(0).standard_t(NU, size=s.shape), -40, 40)))
    low, high = np.quantile(sample, [0.05, 0.95], axis=0)
    return y - sample.mean(axis=0), np.log(density), (y >= low) & (y <= high), fitted


def published(train, test):
    index = fit_eci(train)
    at = {m: c for m, c in zip(index.models, index.ability, strict=True)}
    d = dict(zip(index.benchmarks, zip(index.difficulty, index.discrimination, strict=True), strict=True))

    def predicted(rows):
        pairs = zip(rows["model"], rows["benchmark"], strict=True)
        return np.array([1 / (1 + np.exp(-d[b][1] * (at[m] - d[b][0]))) for m, b in pairs])

    residual = train.with_columns(r=pl.Series(train["performance"].to_numpy() - predicted(train)))
    spread = dict(residual.group_by("benchmark").agg((pl.col("r") ** 2).mean().sqrt().clip(0.02)).iter_rows())
    e = test["performance"].clip(1e-3, 1 - 1e-3).to_numpy() - predicted(test)
    s = np.array([spread[b] for b in test["benchmark"]])
    return e, norm.logpdf(e, 0, s), np.abs(e) <= 1.645 * s


def read(path):
    """Return scores, models, benchmarks, and each model's year counted from the mean."""
    table = read_scores(path).group_by("model", "benchmark").agg(pl.col("performance").max()).sort("model", "benchmark")
    dates = pl.read_csv(path, infer_schema=False).group_by("model").agg(pl.col("date").min()).sort("model")
    years = dates["date"].str.to_date().to_physical().to_numpy() / 365.25
    return table, tuple(dates["model"]), tuple(table["benchmark"].unique().sort()), years - years.mean()


def held_out(path, method, *, draws=1000, folds=FOLDS):
    """Return errors, log densities and whether the interval holds, of ours and of the published index; and a fit."""
    table, models, benchmarks, years = read(path)
    fold = np.random.default_rng(0).permutation(table.height) % FOLDS
    mine, theirs = [], []
    for k in range(folds):
        train, test = table.filter(pl.Series(fold != k)), table.filter(pl.Series(fold == k))
        known = test.join(train, on="model", how="semi").join(train, on="benchmark", how="semi")
        args = (models, benchmarks, years)
        mine.append(ours(cells_of(train, *args), cells_of(known, *args), method, draws))
        theirs.append(published(train, known))
    joined = [[np.concatenate([p[i] for p in parts]) for i in range(3)] for parts in (mine, theirs)]
    return *joined, mine[-1][3]


def scored(path, *, methods=("map", "nuts"), draws=1000, folds=FOLDS):
    """Return how well held-out scores are predicted: root mean squared error, log score, coverage of 90 %."""
    found = {}
    for method in methods:
        mine, theirs, _ = held_out(path, method, draws=draws, folds=folds)
        for name, (error, density, inside) in ((method, mine), ("published", theirs)):
            found[f"rmse_{name}"] = figure([float(np.sqrt(np.mean(error**2)))])
            found[f"log_score_{name}"] = figure([float(density.mean())])
            found[f"coverage_{name}"] = figure([float(inside.mean())])
    return found


#: What JAX tells that it took to compile; tracing is left with the sampling, as it is told nested.
COMPILING = ("/jax/core/compile/backend_compile_duration", "/jax/core/compile/jaxpr_to_mlir_module_duration")


def figures(*, quick=False, repeats=3):
    """Time NUTS of the built-in evidence (quick: of a small world): sampling, told apart from compiling, and the whole.

    The seconds of the chains hold what JAX compiled meanwhile, which is taken out. Chains that diverged and were run
    anew count in the whole only.
    """
    import jax.monitoring

    compiled, marks = [], []

    def listen(name, seconds, **_):
        if name in COMPILING:
            compiled.append(seconds)

    def tell(text, _):
        if text.startswith("sampling, four chains"):
            marks.append(len(compiled))

    jax.monitoring.register_event_duration_secs_listener(listen)
    cells = _cells(quick)
    whole, sampling, compiling = [], [], []
    with one_thread():
        for _ in range(1 if quick else repeats):
            marks.clear()
            whole.append(timed(lambda: fit(cells, method="nuts", draws=50 if quick else 1000, seed=0, progress=tell)))
            compiling.append(sum(compiled[marks[-1] :]))
            sampling.append(whole[-1][2].diagnostics.seconds - compiling[-1])
    last = whole[-1][2].diagnostics
    return {
        "data": f"{len(cells.models)} models, {len(cells.benchmarks)} benchmarks, {cells.z.size:,} cells",
        "nuts_s": figure(sampling),
        "nuts_compile_s": figure(compiling),
        "nuts_whole_s": of_times(whole),
        "nuts_r_hat": figure([last.r_hat_max]),
        "nuts_ess": figure([last.ess_min]),
        "nuts_divergences": figure([last.divergences]),
    }


def _cells(quick):
    """Return the cells of the built-in evidence, or of a small world where it must only run."""
    if quick:
        engine.WARMUP, engine._LEAST_PER_CHAIN, engine._MORE_ROUNDS, engine.ACCEPTANCE = 50, 75, 0, (0.9,)
        with tempfile.TemporaryDirectory() as folder:
            return cells_of(*read(simulated(Path(folder) / "scores.csv")))
    from leadtime.study import Study

    return Study(method="map").fit().cells


def simulated(path, n_models=24, n_benchmarks=8):
    """Write scores of a small world where the stated model holds, as a file of Epoch's form; return its path."""
    rng = np.random.default_rng(0)
    theta, difficulty = np.linspace(-2, 2, n_models), np.linspace(-1, 1, n_benchmarks)
    y = 1 / (1 + np.exp(-(theta[:, None] - difficulty + 0.2 * rng.standard_normal((n_models, n_benchmarks)))))
    rows = [
        {"model": f"m{i:02}", "benchmark": f"b{j}", "performance": y[i, j], "date": f"2024-{1 + i // 2:02}-01"}
        for i in range(n_models)
        for j in range(n_benchmarks)
    ]
    pl.DataFrame(rows).write_csv(path)
    return path


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--method", default="both", choices=("map", "nuts", "both"))
    parser.add_argument("--no-nuts", action="store_true")
    parser.add_argument(
        "--quick", action="store_true", help="Only that it runs: simulated scores, one fold, few draws."
    )
    given = parser.parse_args(argv)
    if given.quick:
        with tempfile.TemporaryDirectory() as folder:
            say({"data": "a small world"} | scored(simulated(Path(folder) / "scores.csv"), methods=("map",), folds=1))
    elif given.table.exists():
        methods = ("map", "nuts") if given.method == "both" else (given.method,)
        say({"data": f"{FOLDS} folds of {given.table.name}"} | scored(given.table, methods=methods))
    else:
        print(f"held-out scores: skipped, there is no {given.table.name}")
    if not given.no_nuts:
        say(figures(quick=given.quick))


if __name__ == "__main__":
    main()
