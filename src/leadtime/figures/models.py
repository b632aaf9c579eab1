"""The charts, drawn once for the page, the notebook and the file.

Each function takes tables as the study returns them and returns an Altair chart. A color means the same everywhere:
teal the United States, orange China, gray anyone else; settings and definitions have colors of their own.
"""

import math
from collections.abc import Sequence

import altair as alt
import polars as pl

from leadtime.figures.chart import (
    COUNTRIES,
    COUNTRY_COLORS,
    WIDTH,
    Row,
    color_of,
    country,
    inline,
    is_finite,
    tips,
    where_room,
)
from leadtime.figures.labels import with_room
from leadtime.study import CLAIM_MONTHS

CHANGES = ("base case", "clock", "models compared with", "benchmarks")
CHANGE_COLORS = ("#3c78c3", "#8d63b8", "#7d8590", "#c2528b")
ACCESS = ("public", "semi-private", "private")
ACCESS_COLORS = ("#7d8590", "#3c78c3", "#c2528b")


def readings(grid: pl.DataFrame, claim: tuple[float, float] | None = CLAIM_MONTHS) -> alt.LayerChart:
    """Return a model's lag under every definition and setting as intervals, against a claimed range.

    Under each definition: a tick per combination of settings, then the base case and each single change from it
    with its 90 % interval.

    Args:
        grid: Rows of `Study.lag_grid(model, everything=True)`.
        claim: The claimed range, months; None where no claim is about it.
    """
    heads, ticks, bars, order = _reading_rows(grid)
    y = alt.Y(
        "row:N",
        sort=order,
        title=None,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(labelExpr="split(datum.label, '|')[1]", ticks=False, domain=False, labelLimit=150, grid=False),
    )
    values = [v for r in (*ticks, *bars) for v in (r["median"], r.get("low"), r.get("high")) if is_finite(v)]
    span = _span([float(v) for v in (*values, *(claim or ()), 0.0) if v is not None])
    x = alt.X(
        "median:Q",
        title="months behind the reference",
        scale=alt.Scale(domain=span, nice=True),
        axis=alt.Axis(orient="top"),
    )
    color = color_of("change", CHANGES, CHANGE_COLORS, columns=2)
    band = (
        alt.Chart(inline([{"from": claim[0], "to": claim[1]}] if claim else []))
        .mark_rect(style="claim")
        .encode(x=alt.X("from:Q"), x2="to:Q")
    )
    zero = alt.Chart(inline([{"median": 0.0}])).mark_rule(style="zero").encode(x=x)
    tick = (
        alt.Chart(inline(ticks))
        .mark_tick(style="ink", opacity=0.45, thickness=1.5, height=9, clip=True)
        .encode(
            x=x,
            y=y,
            tooltip=tips("title", "clock", "comparison", "benchmarks", "median:Q:.1f", "low:Q:.1f", "high:Q:.1f"),
        )
    )
    interval = alt.Chart(inline(bars)).encode(y=y, color=color)
    bar = interval.mark_rule(strokeWidth=3, opacity=0.55, clip=True).encode(x="low:Q", x2="high:Q")
    told = tips(
        "title", "clock", "comparison", "benchmarks", "median:Q:.1f", "low:Q:.1f", "high:Q:.1f", "atoms", "note"
    )
    dot = interval.transform_filter(alt.datum.hollow == False).mark_circle(size=60, opacity=1).encode(x=x, tooltip=told)  # noqa: E712 - of Vega
    ring = interval.transform_filter(alt.datum.hollow).mark_point(size=52, opacity=1).encode(x=x, tooltip=told)
    head = (
        alt.Chart(inline(heads))
        .mark_text(style="heading", align="left", dy=3)
        .encode(x=alt.value(2), y=y, text="title:N")
    )
    return alt.layer(band, zero, tick, bar, dot, ring, head).properties(width=WIDTH, height=alt.Step(17))


def vendor_effect(effects: pl.DataFrame) -> alt.LayerChart:
    """Return by how much each organization's own scores exceed others' scores of the same models.

    Args:
        effects: Rows of `Study.vendor_effect()`.
    """
    kept = effects.filter((pl.col("level") == "organization") & pl.col("logit").is_finite()).sort(
        "logit", descending=True
    )
    rows = [
        {**r, "row": f"{r['name']} ({r['n_pairs']})", "country": country(r["country"])}
        for r in kept.iter_rows(named=True)
    ]
    y = alt.Y(
        "row:N", sort=[r["row"] for r in rows], title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=150)
    )
    base = alt.Chart(inline(rows)).encode(y=y, color=color_of("country", COUNTRIES, COUNTRY_COLORS))
    zero = alt.Chart(inline([{"x": 0}])).mark_rule(style="zero").encode(x="x:Q")
    bar = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("logit_low:Q", title="own score minus others' score, logits"), x2="logit_high:Q"
    )
    dot = base.mark_circle(size=60, opacity=1).encode(
        x="logit:Q", tooltip=tips("name", "n_pairs:Q", "logit:Q:.2f", "logit_low:Q:.2f", "logit_high:Q:.2f")
    )
    return alt.layer(zero, bar, dot).properties(width=WIDTH, height=alt.Step(20))


def benchmark_map(benchmarks: pl.DataFrame) -> alt.LayerChart:
    """Return where each benchmark measures (difficulty) and how sharply (discrimination).

    Args:
        benchmarks: Rows of `Study.benchmarks_table()`.
    """
    kept = benchmarks.filter(pl.col("difficulty_points").is_finite() & pl.col("discrimination").is_finite())
    most = sorted(kept.filter(pl.col("discrimination") > 0).iter_rows(named=True), key=lambda r: -r["n_models"])
    height = [{**r, "height": math.log(r["discrimination"])} for r in most]  # the axis is logarithmic
    rows = with_room(height, "difficulty_points", "height", "name")
    base = alt.Chart(inline(rows)).encode(
        x=alt.X(
            "difficulty_points:Q",
            title="difficulty: ability at which half is solved, points",
            scale=alt.Scale(zero=False),
        ),
        y=alt.Y(
            "discrimination:Q",
            title="discrimination, per 10 points (logarithmic)",
            scale=alt.Scale(type="log", nice=False, padding=12),
        ),
    )
    dots = base.mark_circle(opacity=0.85).encode(
        color=color_of("access", ACCESS, ACCESS_COLORS, title="questions"),
        size=alt.Size("n_models:Q", title="models", scale=alt.Scale(range=[20, 260]), legend=None),
        tooltip=tips("name", "domain", "access", "n_models:Q", "difficulty_points:Q:.1f", "discrimination:Q:.2f"),
    )
    names = base.mark_text(style="label", align="left", dx=9).encode(text="name:N", opacity=where_room())
    return alt.layer(dots, names).properties(width=WIDTH, height=440)


# --- rows -------------------------------------------------------------------------------------------------------


def _reading_rows(grid: pl.DataFrame) -> tuple[list[Row], list[Row], list[Row], list[str]]:
    """Return headings, ticks (all combinations), bars (base case and single changes) and the order of the rows."""
    heads, ticks, bars, order = [], [], [], []
    for n, ((title,), part) in enumerate(grid.group_by(["title"], maintain_order=True)):
        head, every = f"{n}h| ", f"{n}a|all {part.height} combinations"
        heads.append({"row": head, "title": str(title)})
        rows = [r for r in part.iter_rows(named=True) if is_finite(r["median"])]
        ticks += [{**r, "row": every} for r in rows]
        order += [head, every] if part.height > 1 else [head]
        for i, r in enumerate(r for r in rows if len(_changes(r)) <= 1):
            changed = _changes(r)
            label = READING_WORDS.get(changed[0][1], changed[0][1]) if changed else "base case"
            row = f"{n}{i:02}|{label}"
            hollow = bool(r["atoms"]) or r["low"] == r["high"]
            bars.append({**r, "row": row, "hollow": hollow, "change": changed[0][0] if changed else CHANGES[0]})
            order.append(row)
    return heads, ticks, bars, order


READING_WORDS = {
    "trained": "end of training",
    "non-reasoning": "non-reasoning only",
    "open": "open weights only",
    "not-distilled": "not distilled only",
    "held-back": "held-back questions",
    "public": "public questions",
    "independent": "independent scores",
}


def _changes(row: Row) -> list[tuple[str, str]]:
    """Return which settings differ from the base case, and to what."""
    base = (
        ("clock", "clock", "released"),
        ("models compared with", "comparison", "all"),
        ("benchmarks", "benchmarks", "all"),
    )
    return [(words, str(row[key])) for words, key, usual in base if row.get(key) not in (usual, None, "")]


def _span(values: Sequence[float], cut: float = 0.01) -> list[float]:
    """Return the range of the values without the wildest ends, so that one open interval does not squeeze the rest."""
    ordered = sorted(values)
    n = int(len(ordered) * cut)
    return [min(ordered[n], 0.0, CLAIM_MONTHS[0]), max(ordered[-1 - n], CLAIM_MONTHS[1])]
