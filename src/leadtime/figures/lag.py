"""The chart of the lag in time: its path with bands, the quarters as realized, days of rules, and what others published."""

import datetime as dt
from collections.abc import Sequence

import altair as alt
import polars as pl

from leadtime.figures.chart import SERIES_COLORS, WIDTH, Row, color_of, inline, is_finite, tips, where_room
from leadtime.figures.labels import Point, with_room

PATH, REALIZED = "path of the lag, with 50 and 90 % bands", "mean of the quarter before, as realized"
#: A quarter whose interval is narrower than this many months is one value in all draws: no error of measurement is seen, which is not certainty.
LEAST_MONTHS = 0.05


def lag_in_time(
    path: pl.DataFrame | None,
    realized: pl.DataFrame,
    published: pl.DataFrame,
    rules: Sequence[tuple[dt.date, str]] = (),
    title: str = "months China trails the United States",
) -> alt.LayerChart:
    """Return the lag over time.

    Args:
        path: Rows of `LagPath.table`: date, median, low, high, low_50, high_50; None where there is no path.
        realized: Rows of `Study.lag_over_time`: date, median, low, high. A quarter with one value in all draws is a hollow dot.
        published: known_on, published_by, value, low, high, definition.
        rules: Days on which rules changed, with a few words for each.
        title: What the axis of the lag shows.
    """
    dots = [_dot(r) for r in realized.iter_rows(named=True) if is_finite(r["median"])]
    rows = [] if path is None else [{**r, "series": PATH} for r in path.iter_rows(named=True)]
    around = [(r["date"], y) for r in (*rows, *dots) for y in (0.0, r["median"])]
    names = [*([PATH] if rows else []), REALIZED]
    color = color_of("series", names, SERIES_COLORS if rows else SERIES_COLORS[3:], columns=1)
    x = alt.X("date:T", title=None, axis=alt.Axis(grid=False))
    y = alt.Y("median:Q", title=title)
    line = alt.Chart(inline(rows)).encode(x=x, color=color)
    layers = [
        *_rule_marks(rules, [d for d, _ in around]),
        alt.Chart(inline([{"y": 0}])).mark_rule(style="zero").encode(y="y:Q"),
        line.mark_area(opacity=0.13).encode(y=alt.Y("low:Q", title=title), y2="high:Q"),
        line.mark_area(opacity=0.2).encode(y="low_50:Q", y2="high_50:Q"),
        line.mark_line(strokeWidth=2.5).encode(
            y=y,
            tooltip=tips(
                "series", "date:T", "median:Q:.1f", "low:Q:.1f", "high:Q:.1f", "low_50:Q:.1f", "high_50:Q:.1f"
            ),
        ),
    ]
    every = alt.Chart(inline(dots)).encode(x=x, color=color)
    layers.append(every.mark_rule(strokeWidth=1.5, opacity=0.5).encode(y="low:Q", y2="high:Q"))
    for hollow in (False, True):
        layers.append(
            every.transform_filter(alt.datum.hollow == hollow)
            .mark_point(size=34, filled=not hollow, opacity=1)
            .encode(y=y, tooltip=tips("series", "date:T", "median:Q:.1f", "spread"))
        )
    return alt.layer(*layers, *_others(_published_rows(published, around))).properties(width=WIDTH, height=380)


def _dot(r: Row) -> Row:
    hollow = r["high"] - r["low"] < LEAST_MONTHS
    spread = "one value in all draws" if hollow else f"{r['low']:.1f} to {r['high']:.1f}"
    return {
        **{k: r[k] for k in ("date", "median", "low", "high")},
        "series": REALIZED,
        "hollow": hollow,
        "spread": spread,
    }


def _rule_marks(rules: Sequence[tuple[dt.date, str]], days: Sequence[dt.date]) -> list[alt.Chart]:
    """Return a thin line on each day of a rule within the chart, with its words beside it."""
    kept = [{"date": d, "rule": words} for d, words in rules if days and min(days) <= d <= max(days)]
    if not kept:
        return []
    base = alt.Chart(inline(kept)).encode(x="date:T")
    return [
        base.mark_rule(style="zero").encode(tooltip=tips("rule", "date:T")),
        base.mark_text(style="note", angle=270, align="right", baseline="bottom", dx=-4, dy=-3).encode(
            y=alt.value(0), text="rule:N"
        ),
    ]


def _others(rows: list[Row]) -> list[alt.Chart]:
    """Return the figures of others: diamonds with their ranges and names."""
    marks = alt.Chart(inline(rows))
    return [
        marks.mark_rule(style="ink", strokeWidth=1.5).encode(x="date:T", y="low:Q", y2="high:Q"),
        marks.mark_point(style="mark", shape="diamond", size=64, filled=True).encode(
            x="date:T",
            y="value:Q",
            tooltip=tips("published_by", "date:T", "value:Q:.1f", "low:Q:.1f", "high:Q:.1f", "definition"),
        ),
        marks.mark_text(style="note", align="right", dx=-7).encode(
            x="date:T", y="value:Q", text="published_by:N", opacity=where_room()
        ),
    ]


def _published_rows(published: pl.DataFrame, around: Sequence[Point]) -> list[Row]:
    rows = []
    for r in published.sort("known_on").iter_rows(named=True):
        ends = [v for v in (r["low"], r["high"]) if is_finite(v)]
        value = r["value"] if is_finite(r["value"]) else sum(ends) / len(ends) if ends else None
        if value is not None:
            rows.append(
                {
                    "date": r["known_on"],
                    "published_by": r["published_by"],
                    "definition": r["definition"],
                    "value": value,
                    "low": min([value, *ends]),
                    "high": max([value, *ends]),
                }
            )
    return with_room(rows, "date", "value", "published_by", to_the_left=True, around=around)
