"""Everything the report says, gathered from a study once, and its sentences."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime import stranger
from leadtime.answers.words import day
from leadtime.claims import available
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate, atoms_text
from leadtime.evidence import imports, parts
from leadtime.lag import DEFINITIONS
from leadtime.report import (
    chapter_claims,
    chapter_cost,
    chapter_curve,
    chapter_effect,
    chapter_fork,
    chapter_published,
    chapter_record,
    chapter_rules,
    tables,
)
from leadtime.report.chapter import Chapter
from leadtime.report.derivations import Derivation, derivations
from leadtime.report.front import Front, front
from leadtime.report.said import percent
from leadtime.study import CLAIM_MONTHS
from leadtime.study.headline import Headline
from leadtime.study.path import LagPath

if TYPE_CHECKING:
    from leadtime.study import Study

CLAIM_MODEL = "deepseek-v3"
CLAIM_ORGANIZATION = "deepseek"
#: The chapters after the first, in the order of the argument.
CHAPTERS = (
    chapter_cost,
    chapter_curve,
    chapter_rules,
    chapter_effect,
    chapter_fork,
    chapter_claims,
    chapter_published,
    chapter_record,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything the report says, computed once."""

    stamp: dict[str, Any]
    group: Estimate
    year: Headline
    path: LagPath | None
    choices: pl.DataFrame
    bounding: pl.DataFrame
    model: Estimate | None
    model_smoothed: Estimate | None
    group_grid: pl.DataFrame
    model_grid: pl.DataFrame | None
    abilities: pl.DataFrame
    effects: pl.DataFrame
    benchmarks: pl.DataFrame
    lines: pl.DataFrame
    records: pl.DataFrame
    over_time: pl.DataFrame
    published: pl.DataFrame
    organization: list[dict[str, Any]]
    counts: dict[str, int]
    diagnostics: dict[str, Any] | None
    sources: pl.DataFrame
    overlays: tuple[Any, ...]
    own_files: dict[str, str]
    names: dict[str, str]
    front: Front
    derivations: tuple[Derivation, ...]
    chapters: tuple[Chapter, ...] = ()

    def named(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """Return the rows with ids of organizations replaced by their names, for reading."""
        return frame.with_columns(pl.col(column).replace(self.names))


def gather(study: "Study") -> Results:
    """Return all results of the report; the claimed model's are None where it was not out or not measured yet."""
    model, smoothed, model_grid = None, None, None
    try:
        model, smoothed = study.lag(CLAIM_MODEL), study.lag(CLAIM_MODEL, definition="age_of_equal_windowed")
        model_grid = study.lag_grid(CLAIM_MODEL, everything=True)
    except LeadtimeError:
        pass  # as of an early date the model does not exist: the page says so
    published = study.evidence["published"].filter(pl.col("quantity") == tables.LAG)
    abilities = study.abilities()
    answer, year = front(study), study.lag_headline()
    return Results(
        stamp=dict(study.stamp),
        group=study.lag(),
        year=year,
        path=year.path,
        choices=_or_none(study.lag_sensitivity),
        bounding=_or_none(study.lag_bounding),
        model=model,
        model_smoothed=smoothed,
        group_grid=study.lag_grid(),
        model_grid=model_grid,
        abilities=abilities,
        effects=study.vendor_effect(),
        benchmarks=study.benchmarks_table(),
        lines=_by_group(study.frontier),
        records=_by_group(study.records),
        over_time=_titled(study.lag_over_time()),
        published=published,
        organization=_organization(study, abilities),
        counts=study.counts(),
        diagnostics=study.diagnostics(),
        sources=study.evidence["sources"].sort("publisher", "title"),
        overlays=tuple(getattr(study.evidence, "overlays", ())),
        own_files=own_files(study.folder),
        names=dict(study.evidence["organizations"].select("id", "name").iter_rows()),
        front=answer,
        derivations=derivations(study, answer, [c for c in available(study.folder) if c.said_on <= study.as_of]),
        chapters=tuple(c for m in CHAPTERS if (c := m.chapter(study)) is not None),
    )


def _or_none(table: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Return a table, or one without rows where the day's evidence does not reach."""
    try:
        return table()
    except LeadtimeError:
        return pl.DataFrame()


def own_files(folder: Path | None) -> dict[str, str]:
    """Return the files of a study folder that can move a result, each with the first digits of its SHA-256."""
    if folder is None:
        return {}
    return imports.steady(
        folder,
        lambda: {
            p.relative_to(folder).as_posix(): hashlib.sha256(stranger.read(p, within=folder)).hexdigest()[:16]
            for p in sorted(parts.every(folder))
        },
    )


def _by_group(table: Any) -> pl.DataFrame:
    both: pl.DataFrame = pl.concat([table(g).select(pl.lit(g).alias("group"), pl.all()) for g in ("USA", "CHN")])
    return both


def _titled(lags: pl.DataFrame) -> pl.DataFrame:
    words = {name: d.title for name, d in DEFINITIONS.items()}
    return lags.with_columns(title=pl.col("definition").replace(words))


def _organization(study: "Study", abilities: pl.DataFrame) -> list[dict[str, Any]]:
    own = abilities.filter((pl.col("organization") == CLAIM_ORGANIZATION) & pl.col("headline")).sort("released_on")
    rows = []
    for row in own.iter_rows(named=True):
        try:
            rows.append({**row, "lag": study.lag(row["model"])})
        except LeadtimeError:
            continue  # the model has no lag by this definition; its ability is in results.json all the same
    return rows


def headline(h: Headline) -> str:
    """Return the headline in two sentences, whatever its sign: the past year and its change, and now."""
    year, words = h.past_year, ""
    if not tables.finite(year.median):
        return f"As of {day(year.as_of)}, the evidence does not say how far Chinese models are behind the US frontier."
    spread, over = _spread(year.median, year.low, year.high), "on average over the past year"
    if year.low > 0:
        said = f"As of {day(year.as_of)}, Chinese models trailed the US frontier by {spread} {over}"
    elif year.high < 0:
        said = (
            f"As of {day(year.as_of)}, Chinese models were ahead of the US frontier by"
            f" {_spread(-year.median, -year.high, -year.low)} {over}"
        )
    else:
        said = (
            f"As of {day(year.as_of)}, the evidence does not show that Chinese models are behind the US frontier:"
            f" {spread} {over}"
        )
    if h.change is not None and h.p_grew is not None:
        c = h.change
        sign = "+" if c.median > 0 else ""
        words = (
            f" That is {sign}{_spread(c.median, c.low, c.high)} against the year before: longer with probability"
            f" {percent(h.p_grew)}"
        )
        if h.p_grew_without_parallel is not None:
            words += f", or {percent(h.p_grew_without_parallel)} without Pro, Heavy and Deep Think products"
        words += "."
    now = (
        f" Now it is {_spread(h.path.now.median, h.path.now.low, h.path.now.high)} by a path that all models inform."
        if h.path
        else ""
    )
    return f"{said}. The interval (90%) is error of measurement alone.{words}{now}"


def _spread(median: float, low: float, high: float) -> str:
    return f"{tables.number(median)} months ({tables.number(low)} to {tables.number(high)})"


def model_sentence(results: Results) -> str:
    """Return how far DeepSeek-V3 was behind, and how many readings lie in the claimed range."""
    low, high = CLAIM_MONTHS
    if results.model is None or results.model_grid is None:
        return (
            f"As of this date DeepSeek-V3 was not out or not measured enough to place it, so {low:.0f} to {high:.0f}"
            " months cannot be checked."
        )
    m = results.model_smoothed or results.model
    stood = _spread(m.median, m.low, m.high)
    where = f"DeepSeek-V3 stood {stood} behind when released"
    if m.high < 0:
        where = f"DeepSeek-V3 stood {_spread(-m.median, -m.high, -m.low)} ahead when released"
    elif m.low <= 0:
        where = f"DeepSeek-V3 was not shown to be behind when released ({stood})"
    inside, overlapping, all_of_them = counts(results.model_grid)
    steps = atoms_text(results.model.atoms, "months")
    in_steps = f" In steps that is {steps}." if steps else ""
    return (
        f"{where}, by the age of its equal, smoothed.{in_steps} Anthropic's Dario Amodei said {low:.0f} to {high:.0f}."
        f" Whether that is so depends on the definition: {inside} of {all_of_them} readings fall in {low:.0f} to"
        f" {high:.0f}, and the intervals of {overlapping} reach into it."
    )


def counts(grid: pl.DataFrame) -> tuple[int, int, int]:
    """Return how many readings have their median in the claimed range, their interval reach into it, and are
    defined.
    """
    low, high = CLAIM_MONTHS
    defined = grid.filter(pl.col("median").is_finite())
    inside = defined.filter(pl.col("median").is_between(low, high)).height
    return inside, defined.filter((pl.col("low") <= high) & (pl.col("high") >= low)).height, defined.height
