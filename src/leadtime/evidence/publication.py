"""On which day a score became public of which only a copy is known: an estimate from scores whose day is known."""

import datetime as dt
import math
from collections.abc import Mapping

import numpy as np
import polars as pl

#: Ways of knowing the day itself; only such rows teach how long a publication takes.
KNOWN = ("published", "page", "history")
#: Who publishes scores of others at no fixed day; a developer's own table is as old as its announcement.
BY_OTHERS = ("leaderboard", "independent")
#: The estimate is the day by which this share of such scores had become public: it is meant to be late.
SHARE = 0.95
#: With fewer scores to learn from, the day of the copy stays.
LEAST = 20


def bounds(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return scores of which only a copy is known, with the days between which each became public.

    The first day is the latest of: release and first mention of model and benchmark, the start of the run, and the last
    earlier copy by the same publisher that has the benchmark, and so would have had the score.

    Args:
        tables: Table name to rows: scores, models, benchmarks and sources.

    Returns:
        Rows of `scores` with `released_on` (the later of model and benchmark), `known_from` and `known_by`, where the
        first is before the second.
    """
    rows = _released(tables).filter(
        pl.col("dated_by").is_in(["copy", "estimated"]), pl.col("report_type").is_in(BY_OTHERS)
    )
    rows = rows.with_columns(pl.col("known_by").fill_null(pl.col("known_on")))
    publishers = tables["sources"].select("publisher", _copy="id")
    rows = rows.with_columns(_copy=pl.coalesce("read_in", "source")).join(publishers, on="_copy", how="left")
    copies = rows.select("benchmark", "publisher", _held="known_by").drop_nulls().unique()
    rows = rows.with_row_index("_i")
    before = rows.join(copies, on=["benchmark", "publisher"]).filter(pl.col("_held") < pl.col("known_by"))
    rows = rows.join(before.group_by("_i").agg(pl.col("_held").max()), on="_i", how="left")
    first = pl.max_horizontal("released_on", "_model_known", "_benchmark_known", "measured_on", "_held")
    rows = rows.with_columns(known_from=first).filter(pl.col("known_from") < pl.col("known_by"))
    return rows.sort("_i").drop("_i", "_copy", "_held", "publisher", "_model_known", "_benchmark_known")


def delays(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return days from release to publication of scores by others whose day is known: columns benchmark, report_type,
    days.
    """
    rows = _released(tables).filter(pl.col("dated_by").is_in(KNOWN), pl.col("report_type").is_in(BY_OTHERS))
    days = (pl.col("known_on") - pl.col("released_on")).dt.total_days().clip(0)
    return rows.select("benchmark", "report_type", "released_on", "known_on", days=days)


def late(
    known: pl.DataFrame, benchmark: str, report_type: str, after: int, until: int, *, other: bool = False
) -> int | None:
    """Return in how many days from release 95% of such scores were public, of those public between two days.

    Scores on the same benchmark teach it; where there are fewer than 20 of them, all of the same kind of reporter do.

    Args:
        known: What `delays` returns.
        benchmark: Id of the benchmark.
        report_type: Kind of reporter.
        after: Days from release after which the score became public.
        until: Days from release by which it was.
        other: Leave the benchmark itself out, as if none of its days were known.

    Returns:
        Days, rounded up, or None if fewer than 20 scores became public in that time.
    """
    there = known.filter(pl.col("days") > after, pl.col("days") <= until)
    same = there.filter(pl.col("benchmark") == benchmark)["days"]
    if other or len(same) < LEAST:
        kind = pl.col("report_type") == report_type
        same = there.filter(kind & (pl.col("benchmark") != benchmark) if other else kind)["days"]
    return None if len(same) < LEAST else math.ceil(float(np.quantile(same.to_numpy(), SHARE)))


def estimated(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the scores whose day can be estimated, with `known_on` estimated, `known_from` and `known_by`."""
    known = delays(tables)
    rows = bounds(tables)
    days = [
        late(known, benchmark, kind, (first - released).days, (last - released).days)
        for benchmark, kind, released, first, last in rows.select(
            "benchmark", "report_type", "released_on", "known_from", "known_by"
        ).iter_rows()
    ]
    found = [
        None if n is None else min(released + dt.timedelta(days=n), last)
        for n, released, last in zip(days, rows["released_on"], rows["known_by"], strict=True)
    ]
    dated = rows.with_columns(known_on=pl.Series(found, dtype=pl.Date), dated_by=pl.lit("estimated"))
    return dated.drop_nulls("known_on").drop("released_on")


def _released(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return scores with the day on which both model and benchmark were out."""
    models = tables["models"].select(model="id", _model="released_on", _model_known="known_on")
    tests = tables["benchmarks"].select(benchmark="id", _test="released_on", _benchmark_known="known_on")
    rows = (
        tables["scores"]
        .join(models, on="model", maintain_order="left")
        .join(tests, on="benchmark", maintain_order="left")
    )
    return rows.with_columns(released_on=pl.max_horizontal("_model", "_test")).drop("_model", "_test")
