"""The figures about the lag, each with the words that go with it."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from leadtime.answers.words import day
from leadtime.figures import models
from leadtime.figures.events import Event
from leadtime.figures.figure import Figure
from leadtime.figures.lag import lag_in_time
from leadtime.report import tables
from leadtime.report.results import Results, counts

FITS = {
    "map": "mode and normal approximation of the stated model",
    "nuts": "NUTS on the stated model",
    "bootstrap": "bootstrap of the stated model",
}


def draw(r: Results, events: Sequence[Event] = ()) -> list[Figure]:
    """Return the figures in the order of the page; days of rules are marked on axes of time."""
    found = [_readings(r), _over_time(r, events), _vendor(r), _map(r)]
    return [replace(f, caption=caption(f, r)) for f in found if f is not None]


def _readings(r: Results) -> Figure | None:
    if r.model_grid is None:
        return None
    inside, overlapping, n = counts(r.model_grid)
    return Figure(
        name="v3-lag",
        title="How far behind was DeepSeek-V3? It depends on the reading",
        description=(
            f"Interval plot of {n} readings of DeepSeek-V3's lag, grouped by definition. {inside} medians and "
            f"{overlapping} intervals lie in or reach into the shaded band of 7 to 10 months."
        ),
        method=(
            "Each tick is one combination of clock, models compared with and benchmark set; below it the base case and "
            "each single change. Bars are 90% intervals. Shaded: “7-10 months older” (Amodei, 2025-01-29)."
        ),
        n=f"{n} readings of {r.model_grid.height} combinations could be computed",
        chart=models.readings(r.model_grid),
        data=r.model_grid.rename(tables.RENAMES),
    )


def _over_time(r: Results, events: Sequence[Event]) -> Figure:
    others = r.published.filter(pl.col("subject") == "CHN")
    kept = r.over_time.filter(pl.col("median").is_finite())
    last = kept.sort("date").tail(1).to_dicts()
    said = (
        f"The last quarter's mean is {tables.months(last[0]['median'], last[0]['low'], last[0]['high'])} months. "
        if last
        else ""
    )
    along = (
        []
        if r.path is None
        else [
            r.path.table.select(
                pl.lit("leadtime").alias("by"), "date", pl.lit("path of the lag").alias("definition"), *_months()
            )
        ]
    )
    ours = r.over_time.select(pl.lit("leadtime").alias("by"), "date", pl.col("title").alias("definition"), *_months())
    theirs = others.select(
        pl.col("published_by").alias("by"),
        pl.col("known_on").alias("date"),
        "definition",
        pl.col("value").cast(pl.Float64).alias("median_months"),
        *_months()[1:],
    )
    return Figure(
        name="lag-over-time",
        title="How the Chinese lag moved, and what others published",
        description=(
            f"Lag in months over time as a line with bands, and by quarter as dots. {_said(r)}{said}{others.height}"
            " published figures are marked as diamonds with their ranges."
        ),
        method=(
            "The line is a path that all models of both sides inform; its bands hold errors of measurement and of"
            " sampling. Each dot is the mean of the three months before it as realized, with today's estimates of"
            " ability; a hollow one has one value in all draws, which is no certainty. Dotted lines are days of rules."
            " Diamonds are figures of others, by the day they were published; their definitions differ."
        ),
        n=(
            f"{0 if r.path is None else r.path.table.height} days of the path, {kept.height} quarters, {others.height}"
            " published figures"
        ),
        chart=lag_in_time(
            None if r.path is None else r.path.table, r.over_time, r.named(others, "published_by"), events
        ),
        data=pl.concat([*along, ours, theirs]),
    )


def _said(r: Results) -> str:
    """Return where the path ends, in a sentence."""
    if r.path is None:
        return ""
    now = r.path.now
    return f"The path ends at {tables.months(now.median, now.low, now.high)} months. "


def _months() -> list[pl.Expr]:
    return [
        (
            pl.col(c).cast(pl.Float64).alias(f"{c}_months")
            if c in ("low", "high")
            else pl.col(c).cast(pl.Float64).alias("median_months")
        )
        for c in ("median", "low", "high")
    ]


def _vendor(r: Results) -> Figure | None:
    organizations = r.effects.filter(pl.col("level") == "organization")
    if organizations.is_empty():
        return None
    top = organizations.sort("logit", descending=True).row(0, named=True)
    return Figure(
        name="vendor-effect",
        title="Do developers report higher scores for their own models?",
        description=(
            f"One interval per organization. The largest is {r.names.get(top['name'], top['name'])} with"
            f" {tables.months(top['logit'], top['logit_low'], top['logit_high'], 2)} logits; right of zero means own"
            " scores are higher."
        ),
        method=(
            "Own score minus others' score of the same model on the same benchmark, in logits, shrunk toward the "
            "mean; number of pairs in parentheses. Bars are 90% intervals."
        ),
        n=f"{int(organizations['n_pairs'].sum())} pairs of {organizations.height} organizations",
        chart=models.vendor_effect(r.named(r.effects, "name")),
        data=r.effects.rename(tables.EFFECT_RENAMES),
    )


def _map(r: Results) -> Figure:
    return Figure(
        name="benchmark-map",
        title="Where each benchmark measures, and how sharply",
        description=(
            f"{r.benchmarks.height} benchmarks by difficulty (across) and discrimination (up), colored by "
            "whether the questions are public."
        ),
        method=(
            "Difficulty is the ability at which a model solves half; discrimination is the slope there, per 10 points. "
            "Larger dots have more models. Medians; intervals are in the data."
        ),
        n=f"{r.benchmarks.height} benchmarks",
        chart=models.benchmark_map(r.benchmarks),
        data=r.benchmarks,
    )


def caption(figure: Figure, results: Results) -> str:
    """Return as-of day, n, method and sources of a figure."""
    s = results.stamp
    return (
        f"As of {day(s['as_of'])}, scores known through {day(s['evidence_through'])}. {figure.n}. {figure.method} "
        f"Fit: {FITS[s['method']]}. Sources: Epoch AI (CC BY 4.0) and those listed on the page; "
        f"leadtime {s['version']}, evidence {s['evidence_hash']}, seed {s['seed']}."
    )
