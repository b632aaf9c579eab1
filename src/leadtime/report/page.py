"""The page and the files beside it: gathered from a study, written as one folder or not at all."""

import base64
import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import polars as pl
import vl_convert
from markupsafe import Markup

from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.lag import DEFINITIONS
from leadtime.report import chapter_rules, figures, tables
from leadtime.report.chapter import Chapter, Figure
from leadtime.study import CLAIM_MONTHS, START, lag_definitions

if TYPE_CHECKING:
    from leadtime.study import Study

CLAIM_MODEL = "deepseek-v3"
CLAIM_ORGANIZATION = "deepseek"
WRITTEN = {"index.html", "results.json", "figures"}
FITS = {
    "map": "mode and normal approximation of the stated model",
    "nuts": "NUTS on the stated model",
    "bootstrap": "bootstrap of the stated model",
}
INTERVAL = "Bands and bars are 90 % intervals."


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything the report says, computed once."""

    stamp: dict[str, Any]
    group: Estimate
    model: Estimate | None
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
    names: dict[str, str]
    chapters: tuple[Chapter, ...] = ()

    def named(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """Return the rows with ids of organizations replaced by their names, for reading."""
        return frame.with_columns(pl.col(column).replace(self.names))


def write(study: "Study", out: Path | str) -> Path:
    """Write `index.html`, `results.json` and `figures/` into a folder, all or nothing, and return the page's path.

    Args:
        study: The study to report.
        out: New or empty folder, or one that an earlier report wrote, which is replaced.

    Raises:
        LeadtimeError: `out` is a file, or holds files that are not a report's.
    """
    out = Path(out).absolute()
    _refuse_foreign(out)
    results = gather(study)
    study.progress("drawing the figures", 0.88)
    drawn = draw(results)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        (partial / "figures").mkdir(parents=True)
        for figure in [*drawn, *(f for c in results.chapters for f in c.figures)]:
            _write_figure(partial / "figures", figure)
        (partial / "results.json").write_text(
            json.dumps(as_json(results), indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
        (partial / "index.html").write_text(html(results, drawn), encoding="utf-8")
        _put_in_place(partial, out)
        study.progress("done", 1.0)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return out / "index.html"


# --- what is said -----------------------------------------------------------------------------------------------


def gather(study: "Study") -> Results:
    """Return all results of the report; the claimed model's are None where it was not out or not measured yet."""
    model, model_grid = None, None
    try:
        model = study.lag(CLAIM_MODEL)
        model_grid = study.lag_grid(CLAIM_MODEL, everything=True)
    except LeadtimeError:
        pass  # as of an early date the model does not exist: the page says so
    published = study.evidence["published"].filter(pl.col("quantity") == tables.LAG)
    abilities = study.abilities()
    return Results(
        stamp=dict(study.stamp),
        group=study.lag(),
        model=model,
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
        names=dict(study.evidence["organizations"].select("id", "name").iter_rows()),
        chapters=tuple(c for c in (chapter_rules.chapter(study),) if c is not None),
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


def headline(group: Estimate) -> str:
    """Return the answer in one sentence, whichever way it points."""
    spread = _spread(group.median, group.low, group.high)
    title = DEFINITIONS[name].title if (name := group.name.rsplit(".", 1)[-1]) in DEFINITIONS else group.definition
    how = f"(definition: {title.rstrip('.')})"
    since = f"on average since {START:%B %Y}"
    if not tables.finite(group.median):
        return f"As of {group.as_of}, the evidence does not say how far Chinese models are behind the US frontier."
    if group.low > 0:
        return f"As of {group.as_of}, Chinese models trail the US frontier by {spread} {since} {how}."
    if group.high < 0:
        ahead = _spread(-group.median, -group.high, -group.low)
        return f"As of {group.as_of}, Chinese models are ahead of the US frontier by {ahead} {since} {how}."
    return f"As of {group.as_of}, the evidence does not show that Chinese models are behind the US frontier: {spread} {since} {how}."


def _spread(median: float, low: float, high: float) -> str:
    return f"{tables.number(median)} months [{tables.number(low)}, {tables.number(high)}]"


def model_sentence(results: Results) -> str:
    """Return how far DeepSeek-V3 was behind, and how many readings lie in the claimed range."""
    low, high = CLAIM_MONTHS
    if results.model is None or results.model_grid is None:
        return f"As of this date DeepSeek-V3 was not out or not measured enough to place it, so {low:.0f} to {high:.0f} months cannot be checked."
    m = results.model
    stood = _spread(m.median, m.low, m.high)
    where = f"DeepSeek-V3 stood {stood} behind when released"
    if m.high < 0:
        where = f"DeepSeek-V3 stood {_spread(-m.median, -m.high, -m.low)} ahead when released"
    elif m.low <= 0:
        where = f"DeepSeek-V3 was not shown to be behind when released ({stood})"
    inside, overlapping, all_of_them = counts(results.model_grid)
    return (
        f"{where}. Whether that is {low:.0f} to {high:.0f} months depends on the definition: {inside} of {all_of_them} "
        f"readings fall in {low:.0f} to {high:.0f}, and the intervals of {overlapping} reach into it."
    )


def counts(grid: pl.DataFrame) -> tuple[int, int, int]:
    """Return how many readings have their median in the claimed range, their interval reach into it, and are defined."""
    low, high = CLAIM_MONTHS
    defined = grid.filter(pl.col("median").is_finite())
    inside = defined.filter(pl.col("median").is_between(low, high)).height
    return inside, defined.filter((pl.col("low") <= high) & (pl.col("high") >= low)).height, defined.height


def caption(figure: Figure, results: Results) -> str:
    """Return as-of day, n, method and sources of a figure."""
    s = results.stamp
    return (
        f"As of {s['as_of']}, scores known through {s['evidence_through']}. {figure.n}. {figure.method} "
        f"Fit: {FITS[s['method']]}. Sources: Epoch AI (CC BY 4.0) and those listed on the page; "
        f"leadtime {s['version']}, evidence {s['evidence_hash']}, seed {s['seed']}."
    )


# --- figures ----------------------------------------------------------------------------------------------------


def draw(r: Results) -> list[Figure]:
    """Return the figures in the order of the page."""
    found = [_frontiers(r), _readings(r), _over_time(r), _vendor(r), _map(r)]
    return [replace(f, caption=caption(f, r)) for f in found if f is not None]


def _frontiers(r: Results) -> Figure:
    gap = figures.shift(r.lines)
    ends = {g: part.sort("date")["points"][-1] for (g,), part in r.lines.group_by("group")}
    said = (
        f"The two medians are {gap['months']:.1f} months apart at the end. "
        if gap
        else "The lines are level at the end. "
    )
    if not gap and ends.get("CHN", 0) > ends.get("USA", 0):
        said = "The Chinese line is above the US line at the end. "
    data = pl.concat(
        [
            r.lines.select(pl.lit("frontier").alias("kind"), "group", pl.lit(None, pl.String).alias("name"), "date",
                           *_points(), pl.lit(None, pl.Float64).alias("record_probability_fraction")),
            r.records.select(pl.lit("record").alias("kind"), "group", "name", pl.col("released_on").alias("date"),
                             *_points(), pl.col("probability").cast(pl.Float64).alias("record_probability_fraction")),
        ]
    )  # fmt: skip
    return Figure(
        name="frontiers",
        title="Two frontiers: the ablest US and Chinese models over time",
        description=f"Two rising step lines with bands, the United States and China, from {data['date'].min()!s} to "
        f"{r.stamp['as_of']}. {said}The table below the figure has every number.",
        method=f"Best model of each side by date of release. {INTERVAL} Lines are monthly; dots are models that were probably records when released. The "
        "dashed line is the distance between the two medians at the end; the headline number averages over time.",
        n=f"{r.counts['models']} models on {r.counts['benchmarks']} benchmarks, {r.counts['pairs']} pairs, of "
        f"{r.stamp['n_scores']} scores",
        chart=figures.frontiers(r.lines, r.records),
        data=data,
    )


def _points() -> list[pl.Expr]:
    names = {"points": "ability_points", "low": "ability_low_points", "high": "ability_high_points"}
    return [pl.col(old).cast(pl.Float64).alias(new) for old, new in names.items()]


def _readings(r: Results) -> Figure | None:
    if r.model_grid is None:
        return None
    inside, overlapping, n = counts(r.model_grid)
    return Figure(
        name="v3-lag",
        title="How far behind was DeepSeek-V3? It depends on the reading",
        description=f"Interval plot of {n} readings of DeepSeek-V3's lag, grouped by definition. {inside} medians and "
        f"{overlapping} intervals lie in or reach into the shaded band of 7 to 10 months.",
        method="Each tick is one combination of clock, models compared with and benchmark set; below it the base case and "
        "each single change. Bars are 90 % intervals. Shaded: “7-10 months older” (Amodei, 2025-01-29).",
        n=f"{n} readings of {r.model_grid.height} combinations could be computed",
        chart=figures.readings(r.model_grid),
        data=r.model_grid.rename(tables.RENAMES),
    )


def _over_time(r: Results) -> Figure:
    others = r.published.filter(pl.col("subject") == "CHN")
    kept = r.over_time.filter(pl.col("median").is_finite())
    last = kept.sort("date").tail(1).to_dicts()
    said = (
        f"The last point is {tables.months(last[0]['median'], last[0]['low'], last[0]['high'])} months. "
        if last
        else ""
    )
    ours = r.over_time.select(pl.lit("leadtime").alias("by"), "date", pl.col("title").alias("definition"), *_months())
    theirs = others.select(
        pl.col("published_by").alias("by"), pl.col("known_on").alias("date"), "definition",
        pl.col("value").cast(pl.Float64).alias("median_months"), *_months()[1:],
    )  # fmt: skip
    return Figure(
        name="lag-over-time",
        title="How the Chinese lag moved, and what others published",
        description=f"Lag in months by quarter with its interval. {said}{others.height} published figures are marked "
        "as diamonds with their ranges.",
        method=f"Each point looks at the three months before it, with today's estimates of ability. {INTERVAL} Diamonds "
        "are figures of others, by the day they were published; their definitions differ.",
        n=f"{kept.height} points, {others.height} published figures",
        chart=figures.lag_over_time(r.over_time, r.named(others, "published_by")),
        data=pl.concat([ours, theirs]),
    )


def _months() -> list[pl.Expr]:
    return [pl.col(c).cast(pl.Float64).alias(f"{c}_months") if c in ("low", "high") else pl.col(c).cast(pl.Float64).alias("median_months")
            for c in ("median", "low", "high")]  # fmt: skip


def _vendor(r: Results) -> Figure | None:
    organizations = r.effects.filter(pl.col("level") == "organization")
    if organizations.is_empty():
        return None
    top = organizations.sort("logit", descending=True).row(0, named=True)
    return Figure(
        name="vendor-effect",
        title="Do developers report higher scores for their own models?",
        description=f"One interval per organization. The largest is {r.names.get(top['name'], top['name'])} with "
        f"{tables.months(top['logit'], top['logit_low'], top['logit_high'], 2)} logits; right of zero means own scores are higher.",
        method="Own score minus others' score of the same model on the same benchmark, in logits, shrunk toward the "
        "mean; number of pairs in parentheses. Bars are 90 % intervals.",
        n=f"{int(organizations['n_pairs'].sum())} pairs of {organizations.height} organizations",
        chart=figures.vendor_effect(r.named(r.effects, "name")),
        data=r.effects.rename(tables.EFFECT_RENAMES),
    )


def _map(r: Results) -> Figure:
    return Figure(
        name="benchmark-map",
        title="Where each benchmark measures, and how sharply",
        description=f"{r.benchmarks.height} benchmarks by difficulty (across) and discrimination (up), colored by "
        "whether the questions are public.",
        method="Difficulty is the ability at which a model solves half; discrimination is the slope there, per 10 points. "
        "Larger dots have more models. Medians; intervals are in the data.",
        n=f"{r.benchmarks.height} benchmarks",
        chart=figures.benchmark_map(r.benchmarks),
        data=r.benchmarks,
    )


def _write_figure(folder: Path, figure: Figure) -> None:
    spec = figure.file_spec()
    (folder / f"{figure.name}.csv").write_text(tables.csv(figure.data), encoding="utf-8")
    (folder / f"{figure.name}.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
    (folder / f"{figure.name}.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=2))


# --- tables, JSON, HTML -----------------------------------------------------------------------------------------


def page_tables(r: Results) -> list[tables.Table]:
    """Return the tables in the order of the page."""
    ours = {row["model"]: tables.months(row["lag"].median, row["lag"].low, row["lag"].high) for row in r.organization}
    ours["CHN"] = tables.months(r.group.median, r.group.low, r.group.high)
    found = [
        tables.abilities(r.named(r.abilities, "organization")),
        tables.grid(r.group_grid, "group-grid", "China behind the United States, by definition",
                    "Months, median and 90 % interval; negative means ahead. “Only a bound”: share of draws in which the true value lies beyond."),
    ]  # fmt: skip
    if r.model_grid is not None:
        found.append(
            tables.grid(r.model_grid, "model-grid", "DeepSeek-V3, by definition and setting",
                        "Months behind when released, and the probability that the lag is within 7 to 10.", claim=True)
        )  # fmt: skip
    if r.organization:
        found.append(tables.model_lags(r.organization, "DeepSeek"))
    return [
        *found,
        tables.published(r.named(r.published, "published_by"), ours),
        tables.vendor_effect(r.named(r.effects, "name")),
    ]


def as_json(r: Results) -> dict[str, Any]:
    """Return the contents of results.json; keys end in their unit."""
    inside, overlapping, n = counts(r.model_grid) if r.model_grid is not None else (None, None, None)
    return {
        "stamp": r.stamp,
        "sentences": [headline(r.group), model_sentence(r)],
        "estimates": {
            "lag_chn_usa": r.group.to_json(),
            "lag_deepseek_v3": r.model.to_json() if r.model else None,
            "lag_by_model": {row["model"]: row["lag"].to_json() for row in r.organization},
        },
        "deepseek_v3_readings": {"n_in_7_10_months": inside, "n_interval_reaches_7_10_months": overlapping, "n": n},
        "grids": {
            "chn_usa": tables.plain_rows(r.group_grid, tables.RENAMES),
            "deepseek_v3": tables.plain_rows(r.model_grid, tables.RENAMES) if r.model_grid is not None else [],
        },
        "tables": {
            "abilities": tables.plain_rows(r.abilities, tables.ABILITY_RENAMES),
            "frontiers": tables.plain_rows(r.lines, {"points": "ability_points", "low": "ability_low_points", "high": "ability_high_points"}),
            "lag_over_time": tables.plain_rows(r.over_time, tables.RENAMES),
            "vendor_effect": tables.plain_rows(r.effects, tables.EFFECT_RENAMES),
            "benchmarks": tables.plain_rows(r.benchmarks),
            "published": tables.plain_rows(r.published),
        },
        "chapters": {c.name: c.json for c in r.chapters},
        "diagnostics": r.diagnostics,
    }  # fmt: skip


def html(r: Results, drawn: list[Figure]) -> str:
    """Return the page, complete in itself."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("leadtime.report"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    payload = {
        "figures": {
            f.name: {"page": f.spec(), "file": f.file_spec()}
            for f in [*drawn, *(f for c in r.chapters for f in c.figures)]
        },
        "light": figures.theme() | {"background": "transparent", "aria": False},
        "dark": figures.theme(dark=True) | {"aria": False},
    }
    return environment.get_template("index.html").render(
        r=r,
        headline=headline(r.group),
        definition=r.group.definition,
        model_sentence=model_sentence(r),
        model_definition=r.model.definition if r.model else "",
        figures=[_shown(f) for f in drawn],
        chapters=[(c, [_shown(f) for f in c.figures]) for c in r.chapters],
        tables=page_tables(r),
        definitions=lag_definitions(),
        style=Markup(_template("style.css")),
        script=Markup(_template("page.js")),
        vega=Markup(inert(_vega())),
        payload=Markup(inert(json.dumps(payload, ensure_ascii=False, allow_nan=False))),
    )


def _shown(f: Figure) -> dict[str, Any]:
    return {
        "figure": f,
        "csv": "data:text/csv;charset=utf-8;base64," + base64.b64encode(tables.csv(f.data).encode()).decode(),
        "table": tables.of_figure(f.data, f.name, f.title),
    }


def _vega() -> str:
    bundle: Any = vl_convert.javascript_bundle  # its stub asks for an argument that has a default
    return str(bundle())


def _template(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")


def inert(script: str) -> str:
    r"""Return script or JSON that cannot end its element: inside strings `<\/` and `<\!` mean the same as without."""
    return script.replace("</script", r"<\/script").replace("</SCRIPT", r"<\/SCRIPT").replace("<!--", r"<\u0021--")


# --- the folder -------------------------------------------------------------------------------------------------


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise LeadtimeError("is a file, not a folder", where=str(out), fix="Name a folder for the report.")
    foreign = sorted(p.name for p in out.iterdir() if p.name not in WRITTEN) if out.is_dir() else []
    if foreign:
        raise LeadtimeError(
            f"holds files that are not a report's, such as {foreign[0]!r}",
            where=str(out),
            fix="Name a new or empty folder: a report replaces the folder as a whole.",
        )


def _put_in_place(partial: Path, out: Path) -> None:
    """Swap the finished folder in; where the folder itself cannot be moved (a mount), move its entries."""
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        if out.exists():
            out.rename(old)
        partial.rename(out)
    except OSError:
        if old.exists() and not out.exists():
            old.rename(out)
        for name in WRITTEN:
            shutil.rmtree(out / name, ignore_errors=True)
            shutil.move(partial / name, out / name)
    finally:
        shutil.rmtree(old, ignore_errors=True)
