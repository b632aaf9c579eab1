"""The charts, drawn once for the page, the notebook and the file.

Each function takes tables as the study returns them and returns an Altair chart. A color means the same everywhere:
teal the United States, orange China, gray anyone else; settings and definitions have colors of their own.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import polars as pl

from leadtime.study import CLAIM_MONTHS
from leadtime.units import DAYS_PER_MONTH

WIDTH = 760  # pixels in a file or a notebook; the page follows its column
PHONE = 330

COUNTRIES = ("United States", "China", "other")
COUNTRY_COLORS = ("#0b8a80", "#d9720f", "#7d8590")
CHANGES = ("base case", "clock", "models compared with", "benchmarks")
CHANGE_COLORS = ("#3c78c3", "#8d63b8", "#7d8590", "#c2528b")
SERIES_COLORS = ("#3c78c3", "#8d63b8", "#c2528b", "#7d8590", "#8c6d1f", "#4aa3c7")
ACCESS = ("public", "semi-private", "private")
ACCESS_COLORS = ("#7d8590", "#3c78c3", "#c2528b")

Row = dict[str, Any]
Point = tuple[Any, float]


def country(code: str | None) -> str:
    """Return the country as the charts call it, from its ISO code."""
    return {"USA": "United States", "CHN": "China"}.get(code or "", "other")


def theme(*, dark: bool = False) -> Row:
    """Return the Vega-Lite config: colors of text, lines and ground; nothing that carries data."""
    ink, soft, line = ("#e8eaed", "#b4bac2", "#3a4048") if dark else ("#1b1f24", "#4d5560", "#dfe3e8")
    return {
        "background": "transparent" if dark else "white",
        "font": "Liberation Sans, Arial, sans-serif",
        "view": {"stroke": None},
        "title": {"anchor": "start", "color": ink, "fontSize": 16, "subtitleColor": soft, "subtitleFontSize": 12,
                  "offset": 12},
        "axis": {"labelColor": soft, "titleColor": soft, "gridColor": line, "domainColor": line, "tickColor": line,
                 "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
        "legend": {"labelColor": ink, "titleColor": soft, "labelFontSize": 12, "titleFontSize": 12, "orient": "top",
                   "layout": {"top": {"direction": "vertical", "anchor": "start"}},
                   "titleFontWeight": "normal", "symbolOpacity": 1, "labelLimit": 300},
        "style": {
            "label": {"color": ink, "fontSize": 11},
            "heading": {"color": ink, "fontSize": 12, "fontWeight": "bold"},
            "note": {"color": soft, "fontSize": 11},
            "ink": {"color": ink},
            "mark": {"color": ink},
            "claim": {"color": "#b08d1a", "opacity": 0.34 if dark else 0.24},
            "zero": {"color": soft, "strokeDash": [2, 3]},
        },
    }  # fmt: skip


def frontiers(lines: pl.DataFrame, records: pl.DataFrame) -> alt.LayerChart:
    """Return two frontiers over time with their bands, their record models and the shift between them today.

    Args:
        lines: group (ISO code), date, points, low, high.
        records: group, name, released_on, points, low, high, probability.
    """
    rows = [{**r, "country": country(r["group"])} for r in lines.iter_rows(named=True)]
    begin = lines["date"].min()
    marks = _labelled_records(records.filter(pl.col("released_on") >= begin))
    right = max((r["date"] for r in rows), default=None)
    left = min((r["date"] for r in rows), default=None)
    edge = right + (right - left) * 0.16 if right and left else None
    domain = [_plain(left), _plain(edge)] if edge else alt.Undefined
    x = alt.X(
        "date:T", title=None, scale=alt.Scale(domain=domain), axis=alt.Axis(grid=False, format="%Y", tickCount="year")
    )
    color = _color("country", COUNTRIES[:2], COUNTRY_COLORS)
    base = alt.Chart(_data(rows)).encode(x=x, color=color)
    y_title = "ability, points of the ECI-like scale"
    band = base.mark_area(opacity=0.18, interpolate="step-after").encode(
        y=alt.Y("low:Q", title=y_title, scale=alt.Scale(zero=False)), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2.5, interpolate="step-after").encode(y=alt.Y("points:Q", title=y_title))
    points = alt.Chart(_data(marks)).encode(x="released_on:T", y="points:Q")
    dots = points.mark_circle(size=46, opacity=1).encode(
        color=color, tooltip=_tips("name", "released_on:T", "points:Q:.1f", "low:Q:.1f", "high:Q:.1f")
    )
    names = [
        points.transform_filter(alt.datum.country == who).mark_text(style="label", align=align, dx=dx, dy=dy).encode(
            text="name:N", opacity=_where_room()
        )
        for who, align, dx, dy in (("United States", "right", -6, -8), ("China", "left", 6, 11))
    ]  # fmt: skip
    layers = [band, line, dots, *names]
    gap = shift(lines)
    if gap:
        segment = alt.Chart(_data([gap]))
        layers.append(
            segment.mark_rule(style="ink", strokeWidth=2, strokeDash=[5, 3]).encode(
                x="start:T", x2="end:T", y="points:Q"
            )
        )
        layers.append(
            segment.mark_text(style="heading", dy=-9, align="left", dx=4).encode(x="end:T", y="points:Q", text="text:N")
        )
    return alt.layer(*layers).properties(width=WIDTH, height=420)


def shift(lines: pl.DataFrame, of: str = "CHN", behind: str = "USA") -> Row | None:
    """Return the horizontal distance between the two medians at the end: start, end, points, months and text.

    None when the follower is level or ahead, or when the leader's line begins above it.
    """
    ours, theirs = (lines.filter(pl.col("group") == g).sort("date").drop_nulls("points") for g in (of, behind))
    if ours.is_empty() or theirs.is_empty():
        return None
    end, level = ours["date"][-1], ours["points"][-1]
    reached = theirs.filter(pl.col("points") >= level)
    if reached.is_empty() or reached.height == theirs.height:
        return None
    start = reached["date"][0]
    months = (end - start).days / DAYS_PER_MONTH
    if months <= 0:
        return None
    return {"start": start, "end": end, "points": level, "months": months, "text": f"{months:.0f} months"}


def readings(grid: pl.DataFrame, claim: tuple[float, float] = CLAIM_MONTHS) -> alt.LayerChart:
    """Return a model's lag under every definition and setting as intervals, against a claimed range.

    Under each definition: a tick per combination of settings, then the base case and each single change from it
    with its 90 % interval.

    Args:
        grid: Rows of `Study.lag_grid(model, everything=True)`.
        claim: The claimed range, months.
    """
    heads, ticks, bars, order = _reading_rows(grid)
    y = alt.Y(
        "row:N", sort=order, title=None, scale=alt.Scale(domain=order),
        axis=alt.Axis(labelExpr="split(datum.label, '|')[1]", ticks=False, domain=False, labelLimit=150, grid=False),
    )  # fmt: skip
    values = [v for r in (*ticks, *bars) for v in (r["median"], r.get("low"), r.get("high")) if _finite(v)]
    span = _span([float(v) for v in (*values, *claim, 0.0) if v is not None])
    x = alt.X(
        "median:Q",
        title="months behind the reference",
        scale=alt.Scale(domain=span, nice=True),
        axis=alt.Axis(orient="top"),
    )
    color = _color("change", CHANGES, CHANGE_COLORS, columns=2)
    band = (
        alt.Chart(_data([{"from": claim[0], "to": claim[1]}]))
        .mark_rect(style="claim")
        .encode(x=alt.X("from:Q"), x2="to:Q")
    )
    zero = alt.Chart(_data([{"median": 0.0}])).mark_rule(style="zero").encode(x=x)
    tick = (
        alt.Chart(_data(ticks))
        .mark_tick(style="ink", opacity=0.45, thickness=1.5, height=9, clip=True)
        .encode(
            x=x,
            y=y,
            tooltip=_tips("title", "clock", "comparison", "benchmarks", "median:Q:.1f", "low:Q:.1f", "high:Q:.1f"),
        )
    )
    interval = alt.Chart(_data(bars)).encode(y=y, color=color)
    bar = interval.mark_rule(strokeWidth=3, opacity=0.55, clip=True).encode(x="low:Q", x2="high:Q")
    dot = interval.mark_circle(size=60, opacity=1).encode(
        x=x,
        tooltip=_tips("title", "clock", "comparison", "benchmarks", "median:Q:.1f", "low:Q:.1f", "high:Q:.1f", "note"),
    )
    head = (
        alt.Chart(_data(heads))
        .mark_text(style="heading", align="left", dy=3)
        .encode(x=alt.value(2), y=y, text="title:N")
    )
    return alt.layer(band, zero, tick, bar, dot, head).properties(width=WIDTH, height=alt.Step(17))


def lag_over_time(lags: pl.DataFrame, published: pl.DataFrame) -> alt.LayerChart:
    """Return the lag by definition over time with bands, and what others published as marks.

    Args:
        lags: date, definition, median, low, high (months); `title` where it differs from the definition's id.
        published: known_on, published_by, value, low, high, definition.
    """
    rows = [
        {**r, "series": r.get("title") or r["definition"]} for r in lags.iter_rows(named=True) if _finite(r["median"])
    ]
    names = list(dict.fromkeys(r["series"] for r in rows))
    others = _published_rows(published, [(r["date"], y) for r in rows for y in (0.0, r["median"])])
    x = alt.X("date:T", title=None, axis=alt.Axis(grid=False))
    base = alt.Chart(_data(rows)).encode(x=x, color=_color("series", names, SERIES_COLORS, columns=1))
    y_title = "months China trails the United States"
    band = base.mark_area(opacity=0.13).encode(y=alt.Y("low:Q", title=y_title), y2="high:Q")
    line = base.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=28)).encode(
        y=alt.Y("median:Q", title=y_title), tooltip=_tips("series", "date:T", "median:Q:.1f", "low:Q:.1f", "high:Q:.1f")
    )
    zero = alt.Chart(_data([{"y": 0}])).mark_rule(style="zero").encode(y="y:Q")
    marks = alt.Chart(_data(others))
    whisker = marks.mark_rule(style="ink", strokeWidth=1.5).encode(x="date:T", y="low:Q", y2="high:Q")
    dot = marks.mark_point(style="mark", shape="diamond", size=64, filled=True).encode(
        x="date:T",
        y="value:Q",
        tooltip=_tips("published_by", "date:T", "value:Q:.1f", "low:Q:.1f", "high:Q:.1f", "definition"),
    )
    name = marks.mark_text(style="note", align="right", dx=-7).encode(
        x="date:T", y="value:Q", text="published_by:N", opacity=_where_room()
    )
    return alt.layer(zero, band, line, whisker, dot, name).properties(width=WIDTH, height=380)


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
    base = alt.Chart(_data(rows)).encode(y=y, color=_color("country", COUNTRIES, COUNTRY_COLORS))
    zero = alt.Chart(_data([{"x": 0}])).mark_rule(style="zero").encode(x="x:Q")
    bar = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("logit_low:Q", title="own score minus others' score, logits"), x2="logit_high:Q"
    )
    dot = base.mark_circle(size=60, opacity=1).encode(
        x="logit:Q", tooltip=_tips("name", "n_pairs:Q", "logit:Q:.2f", "logit_low:Q:.2f", "logit_high:Q:.2f")
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
    rows = _with_room(height, "difficulty_points", "height", "name")
    base = alt.Chart(_data(rows)).encode(
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
        color=_color("access", ACCESS, ACCESS_COLORS, title="questions"),
        size=alt.Size("n_models:Q", title="models", scale=alt.Scale(range=[20, 260]), legend=None),
        tooltip=_tips("name", "domain", "access", "n_models:Q", "difficulty_points:Q:.1f", "discrimination:Q:.2f"),
    )
    names = base.mark_text(style="label", align="left", dx=9).encode(text="name:N", opacity=_where_room())
    return alt.layer(dots, names).properties(width=WIDTH, height=440)


# --- rows -------------------------------------------------------------------------------------------------------


def _reading_rows(grid: pl.DataFrame) -> tuple[list[Row], list[Row], list[Row], list[str]]:
    """Return headings, ticks (all combinations), bars (base case and single changes) and the order of the rows."""
    heads, ticks, bars, order = [], [], [], []
    for n, ((title,), part) in enumerate(grid.group_by(["title"], maintain_order=True)):
        head, every = f"{n}h| ", f"{n}a|all {part.height} combinations"
        heads.append({"row": head, "title": str(title)})
        rows = [r for r in part.iter_rows(named=True) if _finite(r["median"])]
        ticks += [{**r, "row": every} for r in rows]
        order += [head, every] if part.height > 1 else [head]
        for i, r in enumerate(r for r in rows if len(_changes(r)) <= 1):
            changed = _changes(r)
            label = READING_WORDS.get(changed[0][1], changed[0][1]) if changed else "base case"
            row = f"{n}{i:02}|{label}"
            bars.append({**r, "row": row, "change": changed[0][0] if changed else CHANGES[0]})
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


def _labelled_records(records: pl.DataFrame) -> list[Row]:
    rows = []
    ends = [(r["released_on"], r["points"]) for r in records.iter_rows(named=True)]
    for group in ("USA", "CHN"):
        kept = records.filter((pl.col("group") == group) & (pl.col("probability") >= 0.5))
        newest = sorted(kept.iter_rows(named=True), key=lambda r: r["released_on"], reverse=True)
        rows += _with_room(
            newest,
            "released_on",
            "points",
            "name",
            to_the_left=group == "USA",
            around=ends,
            rise=8 if group == "USA" else -11,
            margin=0.14,
        )
    return [{**r, "country": country(r["group"])} for r in rows]


def _published_rows(published: pl.DataFrame, around: Sequence[Point]) -> list[Row]:
    rows = []
    for r in published.sort("known_on").iter_rows(named=True):
        ends = [v for v in (r["low"], r["high"]) if _finite(v)]
        value = r["value"] if _finite(r["value"]) else sum(ends) / len(ends) if ends else None
        if value is not None:
            rows.append({"date": r["known_on"], "published_by": r["published_by"], "definition": r["definition"], "value": value,
                         "low": min([value, *ends]), "high": max([value, *ends])})  # fmt: skip
    return _with_room(rows, "date", "value", "published_by", to_the_left=True, around=around)


def _with_room(
    rows: Iterable[Row],
    x: str,
    y: str,
    text: str,
    *,
    to_the_left: bool = False,
    around: Sequence[Point] = (),
    rise: float = 0,
    margin: float = 0.02,
) -> list[Row]:
    """Return the rows, first ones first served, with `wide` and `narrow`: whether their label has room.

    `around` are other points of the same chart: they widen its range, and labels may lie on them. `rise` is how far
    above its point a label stands, in pixels, and `margin` the room right of the last point, a fraction of the width.
    """
    kept = list(rows)
    if not kept:
        return []
    xs, ys = ([_number(r[key]) for r in kept] + [_number(p[i]) for p in around] for i, key in enumerate((x, y)))
    for field, width, height in (("wide", WIDTH * 0.85, 330.0), ("narrow", PHONE * 0.75, 300.0)):
        px, py = _scaled(xs, width), _scaled(ys, height)
        taken: list[tuple[float, float, float, float]] = [
            (a - 4, a + 4, b - 4, b + 4) for a, b in zip(px, py, strict=True)
        ]
        for i, r in enumerate(kept):
            reach = 6.2 * len(str(r[text])) + 8
            a0, a1 = (px[i] - reach, px[i] - 5) if to_the_left else (px[i] + 5, px[i] + reach)
            box = (a0, a1, py[i] + rise - 7, py[i] + rise + 7)
            inside = a0 > -10 if to_the_left else a1 < width * (1 + margin)
            others = [t for j, t in enumerate(taken) if j != i]
            r[field] = inside and not any(_overlap(box, t) for t in others)
            if r[field]:
                taken.append(box)
    return kept


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


def _scaled(values: Sequence[float], size: float) -> list[float]:
    low, high = min(values), max(values)
    return [(v - low) / (high - low or 1.0) * size for v in values]


def _span(values: Sequence[float], cut: float = 0.01) -> list[float]:
    """Return the range of the values without the wildest ends, so that one open interval does not squeeze the rest."""
    ordered = sorted(values)
    n = int(len(ordered) * cut)
    return [min(ordered[n], 0.0, CLAIM_MONTHS[0]), max(ordered[-1 - n], CLAIM_MONTHS[1])]


# --- pieces of charts -------------------------------------------------------------------------------------------


def _where_room() -> Row:
    """Return an opacity that hides labels without room, judged by the width the chart has now."""
    test = "width < 520 ? datum.narrow : datum.wide"
    return {"condition": {"test": test, "value": 1}, "value": 0}


def _color(
    field: str, domain: Sequence[str], colors: Sequence[str], *, title: str | None = None, columns: int = 0
) -> alt.Color:
    legend = alt.Legend(title=title, columns=columns) if columns else alt.Legend(title=title)
    scale = alt.Scale(domain=list(domain), range=list(colors[: len(domain)]))
    return alt.Color(f"{field}:N", scale=scale, legend=legend)


def _tips(*fields: str) -> list[alt.Tooltip]:
    tips = []
    for field in fields:
        name, kind, form = ([*field.split(":"), "N", ""])[:3] if ":" in field else (field, "N", "")
        title = name.replace("_", " ")
        tips.append(
            alt.Tooltip(f"{name}:{kind}", title=title, format=form)
            if form
            else alt.Tooltip(f"{name}:{kind}", title=title)
        )
    return tips


def _data(rows: Iterable[Row]) -> alt.InlineData:
    return alt.InlineData(values=[{k: _plain(v) for k, v in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return f"{value.isoformat()[:10]}T00:00:00"  # local midnight: a bare date would be read as UTC
    if isinstance(value, float):
        return round(value, 6) if _finite(value) else None
    return value


def _number(value: Any) -> float:
    return float(value.toordinal()) if isinstance(value, dt.date) else float(value)


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and value == value and abs(value) != float("inf")
