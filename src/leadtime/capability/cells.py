"""From rows of evidence to the cells that the likelihood sees."""

import numpy as np
import polars as pl

from leadtime.capability.result import Cells
from leadtime.capability.vendor import COMPETITOR, ReporterEffects
from leadtime.errors import LeadtimeError

BENCHMARK_SETS = ("all", "held-back", "public", "independent")
#: Settings that are another test than the usual one: extra sampling, tools, part of the items, or a choice by
#: likelihood where others let the model write an answer.
_OTHER_TEST = r"parallel|cons@|maj@|best-of|tools|subset|pro-mode|unguided|likelihood"
#: Models with fewer than three cells carry no information.
_MIN_CELLS, _MIN_MODELS = 3, 5
_NO_WINDOW = ["livecodebench", "livebench"]


def chosen(scores: pl.DataFrame, benchmarks: pl.DataFrame, *, which: str, effort: str) -> pl.DataFrame:
    """Return one row per model, benchmark and kind of reporter: the best setting, or the stated effort.

    Args:
        scores: Table `scores`.
        benchmarks: Table `benchmarks`.
        which: One of BENCHMARK_SETS, or a domain: its benchmarks alone.
        effort: `best`, or an effort label; models without effort settings are always kept.
    """
    domains = sorted(benchmarks["domain"].unique())
    if which not in (*BENCHMARK_SETS, *domains):
        fix = f"Sets: {', '.join(BENCHMARK_SETS)}; domains: {', '.join(domains)}."
        raise LeadtimeError(f"there is no benchmark set {which!r}", fix=fix)
    rows = scores.join(
        benchmarks.select("n_items", "floor", "ceiling", "access", benchmark="id"), on="benchmark"
    ).filter(~pl.col("setting").fill_null("").str.contains(_OTHER_TEST), ~pl.col("benchmark").is_in(_NO_WINDOW))
    if which == "held-back":
        rows = rows.filter(pl.col("access") != "public")
    elif which == "public":
        rows = rows.filter(pl.col("access") == "public")
    elif which == "independent":
        rows = rows.filter(pl.col("report_type").is_in(["independent", "leaderboard"]))
    elif which in domains:
        rows = rows.filter(pl.col("benchmark").is_in(benchmarks.filter(pl.col("domain") == which)["id"].to_list()))
    if effort != "best":
        known = rows["effort"].drop_nulls().unique()
        if effort not in known:
            raise LeadtimeError(f"no score has effort {effort!r}", fix=f"Efforts: {', '.join(sorted(known))}.")
        rows = rows.filter((pl.col("effort") == effort) | pl.col("effort").is_null())
    reporter = (
        pl.when(pl.col("report_type") == "vendor")
        .then(pl.col("evaluator"))
        .when(pl.col("report_type") == "competitor")
        .then(pl.lit(COMPETITOR))
        .otherwise(pl.lit(""))
    )
    rows = rows.with_columns(reporter=reporter)
    best = rows.sort("score", descending=True).unique(["model", "benchmark", "reporter"], keep="first")
    rivals_only = (pl.col("reporter") == COMPETITOR) & (pl.len().over("model", "benchmark") > 1)
    return best.filter(~rivals_only).sort("model", "benchmark", "reporter")


def build(rows: pl.DataFrame, models: pl.DataFrame, effects: ReporterEffects | None) -> Cells:
    """Return the cells of chosen rows, corrected by the mean reporter effects.

    Raises:
        LeadtimeError: Too little evidence to place any model.
    """
    rows = _pruned(rows)
    if rows.is_empty():
        raise LeadtimeError(
            "too few scores to measure ability",
            fix=(
                f"It takes models with {_MIN_CELLS} benchmarks that {_MIN_MODELS} models share; "
                "choose a later --as-of or a wider benchmark set."
            ),
        )
    names = effects.names if effects else ()
    column = {name: i for i, name in enumerate(names)}
    share = np.zeros((rows.height, len(names)))
    for i, reporter in enumerate(rows["reporter"]):
        if reporter in column:
            share[i, column[reporter]] = 1.0
    n = rows["n_items"].fill_null(200).to_numpy().astype(float)
    p = (rows["score"].to_numpy() * n + 0.5) / (n + 1)
    mean = effects.effect.mean(axis=0) if effects else np.zeros(0)
    z = np.log(p / (1 - p)) - share @ mean
    key = rows.select(cell=pl.struct("model", "benchmark").rank("dense") - 1)["cell"].to_numpy().astype(int)
    count = np.bincount(key).astype(float)
    reports = np.zeros((count.size, len(names)))
    np.add.at(reports, key, share)
    first = np.unique(key, return_index=True)[1]
    cells = rows[first]
    model_ids, bench_ids = cells["model"].unique().sort().to_list(), cells["benchmark"].unique().sort().to_list()
    info = cells.unique("benchmark").sort("benchmark")
    dates = dict(models.select("id", "released_on").iter_rows())
    years = np.array([dates[m].toordinal() / 365.25 for m in model_ids])
    return Cells(
        models=tuple(model_ids),
        benchmarks=tuple(bench_ids),
        model=np.searchsorted(model_ids, cells["model"].to_list()),
        benchmark=np.searchsorted(bench_ids, cells["benchmark"].to_list()),
        z=np.bincount(key, z) / count,
        n_reports=count,
        floor=info["floor"].to_numpy(),
        ceiling=info["ceiling"].to_numpy(),
        n_items=info["n_items"].fill_null(200).to_numpy().astype(float),
        years=years - years.mean(),
        reports=reports / count[:, None],
    )


def _pruned(rows: pl.DataFrame) -> pl.DataFrame:
    while True:
        kept = rows.filter(
            pl.col("benchmark").n_unique().over("model") >= _MIN_CELLS,
            pl.col("model").n_unique().over("benchmark") >= _MIN_MODELS,
        )
        if kept.height == rows.height:
            return _connected(kept)
        rows = kept


def _connected(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the largest set of models linked by shared benchmarks: others have no common scale."""
    if rows.is_empty():
        return rows
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    m = rows["model"].rank("dense").to_numpy().astype(int) - 1
    b = rows["benchmark"].rank("dense").to_numpy().astype(int) + m.max()
    size = int(b.max()) + 1
    label = connected_components(coo_matrix((np.ones(m.size), (m, b)), shape=(size, size)), directed=False)[1]
    return rows.filter(pl.Series(label[m] == np.bincount(label[m]).argmax()))
