"""The charts of the rules: chips against the lines of each regime, and what could be shipped in which quarter."""

import datetime as dt
import json
from collections.abc import Collection, Sequence
from typing import Any

import altair as alt
import polars as pl

from leadtime.figures.chart import COUNTRIES, COUNTRY_COLORS, SERIES_COLORS, WIDTH, color_of, inline, tips

#: What a license officer would say, in the order of the legend; gray is what nobody can say.
ANSWERS = (
    "no license",
    "license, approval presumed",
    "license, case by case",
    "license, policy not stated",
    "license, denial presumed",
    "open",
)
ANSWER_COLORS = ("#2f8f4e", "#8bbf5a", "#d9a514", "#c58bb0", "#b5322b", "#8d939b")
_LIKELY = ("presumption_of_approval", "approval_within_cap")


def prospect(answer: str, review: str) -> str:
    """Return what an answer and a review policy come to, as the charts call it."""
    if answer == "no_license_required":
        return ANSWERS[0]
    if answer != "license_required":
        return ANSWERS[5]
    if review in _LIKELY:
        return ANSWERS[1]
    return {"case_by_case": ANSWERS[2], "not_stated": ANSWERS[3]}.get(review, ANSWERS[4])


def _rows(legality: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            **{k: r[k] for k in ("chip", "name", "maker", "market", "quarter", "eccn", "exceptions", "tpp", "pd")},
            "prospect": prospect(r["answer"], r["review"]),
            "review": r["review"].replace("_", " "),
        }
        for r in legality.iter_rows(named=True)
    ]


def _color() -> alt.Color:
    scale = alt.Scale(domain=list(ANSWERS), range=list(ANSWER_COLORS))
    return alt.Color("prospect:N", scale=scale, title=None, legend=alt.Legend(columns=2))


def plane(legality: pl.DataFrame, regimes: pl.DataFrame, labelled: Collection[str] = ()) -> alt.LayerChart:
    """Return chips on the plane of TPP and performance density with the lines of the regime, by quarter (a slider).

    Args:
        legality: Rows of `rules.plane.legality`.
        regimes: Rows of `rules.plane.regimes`.
        labelled: Ids of the chips that carry their name; the others tell it to the pointer.
    """
    quarters = sorted(set(legality["quarter"].to_list()) | set(regimes["quarter"].to_list()))
    index = {q: i for i, q in enumerate(quarters)}
    slider = alt.param(
        name="quarter",
        value=len(quarters) - 1,
        bind=alt.binding_range(min=0, max=len(quarters) - 1, step=1, name="quarter, from 2022 Q3: "),
    )
    chips = [{**r, "index": index[r["quarter"]]} for r in _rows(legality) if r["pd"]]
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for r in chips:
        if r["chip"] in labelled:
            together.setdefault((r["quarter"], r["tpp"], r["pd"]), []).append(r)
    for same in together.values():  # chips at one place share a label
        same[0]["label"] = ", ".join(r["name"] for r in same)
    lines = [{**r, "index": index[r["quarter"]]} for r in regimes.iter_rows(named=True)]
    x = alt.X("tpp:Q", scale=alt.Scale(type="log", domain=[500, 100_000]), title="total processing performance (TPP)")
    y = alt.Y("pd:Q", scale=alt.Scale(type="log", domain=[0.5, 100]), title="performance density, TPP per mm²")
    now = "datum.index == quarter"
    limit = (
        alt.Chart(alt.Data(values=lines))
        .transform_filter(now)
        .mark_line(strokeWidth=1.6, opacity=0.8)
        .encode(
            x=x,
            y=y,
            detail="line:N",
            order="order:O",
            strokeDash=alt.StrokeDash("regime:N", title=None, legend=alt.Legend(columns=1, labelLimit=420)),
            color=alt.value("#4d5560"),
        )
    )
    points = alt.Chart(alt.Data(values=chips)).transform_filter(now)
    tips = [
        alt.Tooltip("name:N"),
        alt.Tooltip("eccn:N"),
        alt.Tooltip("review:N"),
        alt.Tooltip("exceptions:N"),
        alt.Tooltip("tpp:Q", format=",.0f"),
        alt.Tooltip("pd:Q", format=".2f"),
        alt.Tooltip("quarter:N"),
    ]
    dots = points.mark_point(filled=True, size=70, opacity=1).encode(
        x=x,
        y=y,
        color=_color(),
        tooltip=tips,
        shape=alt.Shape("market:N", title=None, legend=alt.Legend(columns=4)),
    )
    names = (
        points.transform_filter("isValid(datum.label)")
        .mark_text(style="label", align="left", dx=7, dy=3)
        .encode(x=x, y=y, text="label:N")
    )
    title = (
        alt.Chart(alt.Data(values=[{"quarter": q, "index": i} for q, i in index.items()]))
        .transform_filter(now)
        .mark_text(style="heading", align="left")
        .encode(x=alt.value(8), y=alt.value(14), text="quarter:N")
    )
    chart = alt.layer(limit, dots, names, title).resolve_scale(color="shared")
    return chart.add_params(slider).properties(width=WIDTH, height=460)


def shippable(legality: pl.DataFrame) -> alt.Chart:
    """Return which chips could be shipped to China from the US in which quarter.

    Args:
        legality: Rows of `rules.plane.legality`.
    """
    rows = _rows(legality)
    order = [r["name"] for r in sorted({(r["name"], r["tpp"]): r for r in rows}.values(), key=lambda r: -r["tpp"])]
    tips = [alt.Tooltip(f"{n}:N") for n in ("name", "quarter", "prospect", "eccn", "review", "exceptions")]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("quarter:O", title=None, axis=alt.Axis(labelAngle=-60)),
            y=alt.Y("name:N", sort=list(dict.fromkeys(order)), title=None, axis=alt.Axis(labelLimit=160)),
            color=_color(),
            tooltip=tips,
        )
        .properties(width=WIDTH, height=alt.Step(17))
    )


def strip(rows: Sequence[dict[str, Any]], asked: str) -> alt.LayerChart:
    """Return one answer quarter by quarter, as a strip.

    Args:
        rows: quarter, day, prospect (one of `ANSWERS`), verdict, paragraph.
        asked: The quarter that is asked about, which is outlined.
    """
    x = alt.X("quarter:O", title=None, axis=alt.Axis(labelAngle=-60))
    cells = alt.Chart(inline(rows)).mark_rect(stroke="white", strokeWidth=1)
    cells = cells.encode(x=x, color=_color(), tooltip=tips("quarter", "day:T", "prospect", "verdict", "paragraph"))
    outline = alt.Chart(inline([r for r in rows if r["quarter"] == asked])).mark_rect(
        fill=None, stroke="black", strokeWidth=2
    )
    return alt.layer(cells, outline.encode(x=x)).properties(width=WIDTH, height=60)


def events(rows: Sequence[dict[str, Any]], at: Collection[dt.date] = ()) -> alt.LayerChart:
    """Return events on an axis of time, a lane for each government, those of one day above each other.

    Args:
        rows: day, by (whose rule it is), what, title.
        at: Days that are marked by an upright.
    """
    lanes = list(dict.fromkeys(r["by"] for r in rows))
    seen: dict[tuple[str, dt.date], int] = {}
    drawn = []
    for r in rows:
        n = seen[r["by"], r["day"]] = seen.get((r["by"], r["day"]), -1) + 1
        drawn.append({**r, "lane": lanes.index(r["by"]) - 0.1 * n})
    days = [*(r["day"] for r in rows), *at]
    is_long = (max(days) - min(days)).days > 2 * 365
    x = alt.X(
        "day:T", title=None, axis=alt.Axis(format="%Y" if is_long else "%b %-d, %Y", tickCount="year" if is_long else 6)
    )
    y = alt.Y(
        "lane:Q",
        title=None,
        scale=alt.Scale(domain=[len(lanes) - 0.6, -0.9], nice=False),
        axis=alt.Axis(
            values=list(range(len(lanes))),
            labelExpr=f"{json.dumps(lanes)}[datum.value]",
            grid=False,
            ticks=False,
            domain=False,
            labelPadding=10,
        ),
    )
    known = dict(zip(COUNTRIES, COUNTRY_COLORS, strict=True))
    colors = [known.get(w, known["other"]) for w in lanes]
    color = alt.Color("by:N", scale=alt.Scale(domain=lanes, range=colors), legend=None)
    dots = alt.Chart(inline(drawn)).mark_point(filled=True, size=60, opacity=0.75)
    marks = alt.Chart(inline({"day": d} for d in at)).mark_rule(style="zero").encode(x=x)
    chart = alt.layer(marks, dots.encode(x=x, y=y, color=color, tooltip=tips("day:T", "what", "title")))
    return chart.properties(width=WIDTH, height=40 + 60 * len(lanes))


def stack(rows: Sequence[dict[str, Any]]) -> alt.Chart:
    """Return duties as stacked bars: those that apply, and those that may.

    Args:
        rows: applies, title, percent, authority.
    """
    titles = list(dict.fromkeys(r["title"] for r in rows))
    colors = [(*COUNTRY_COLORS, *SERIES_COLORS)[i % 9] for i in range(len(titles))]
    return (
        alt.Chart(inline(rows))
        .mark_bar(stroke="white")
        .encode(
            x=alt.X("percent:Q", title="percent of the value", stack="zero"),
            y=alt.Y("applies:N", title=None, sort=["applies", "may apply"]),
            color=color_of("title", titles, colors, columns=2),
            order=alt.Order("order:Q"),
            tooltip=tips("title", "percent:Q", "authority", "applies"),
        )
        .properties(width=WIDTH, height=alt.Step(46))
    )
