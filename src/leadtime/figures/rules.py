"""The charts of the rules: what happened when, and duties on top of each other."""

import datetime as dt
import json
from collections.abc import Collection, Sequence
from typing import Any

import altair as alt

from leadtime.figures.chart import COUNTRIES, COUNTRY_COLORS, SERIES_COLORS, WIDTH, color_of, inline, tips


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
