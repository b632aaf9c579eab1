"""The chart of our own record: forecasts of earlier days beside what came."""

import altair as alt
import polars as pl

from leadtime.figures.chart import SERIES_COLORS, WIDTH


def forecasts(rows: pl.DataFrame) -> alt.LayerChart:
    """Return forecasts with intervals by day of origin, side by side, and the outcomes.

    Args:
        rows: Rows of origin, closes_on, low, median, high, outcome, outcome_low, outcome_high.
    """
    order = sorted(set(rows["origin"]))
    x = alt.X("closes_on:O", title=None, axis=alt.Axis(labelAngle=0, labelExpr="slice(datum.value, 0, 7)"))
    shift = alt.XOffset("origin:N", scale=alt.Scale(domain=order, paddingInner=0.3))
    color = alt.Color(
        "origin:N", title="as known on", scale=alt.Scale(domain=order, range=list(SERIES_COLORS[: len(order)]))
    )
    tips = [
        alt.Tooltip("origin:N", title="as known on"),
        alt.Tooltip("closes_on:O", title="quarter to"),
        *(alt.Tooltip(f"{c}:Q", format=".1f") for c in ("median", "low", "high", "outcome")),
    ]
    base = alt.Chart(rows.with_columns(pl.col("closes_on").cast(pl.String)))
    y = alt.Y("low:Q", title="China behind the US, months")
    bars = base.mark_bar(width=5, opacity=0.45).encode(
        x=x, xOffset=shift, y=y, y2=alt.Y2("high:Q"), color=color, tooltip=tips
    )
    dots = base.mark_point(filled=True, size=45, opacity=1).encode(
        x=x, xOffset=shift, y="median:Q", color=color, tooltip=tips
    )
    came = base.transform_filter("isValid(datum.outcome)").mark_point(
        shape="diamond", filled=True, size=70, style="mark", opacity=1
    )
    zero = alt.Chart(pl.DataFrame({"y": [0.0]})).mark_rule(style="zero").encode(y=alt.Y("y:Q"))
    return alt.layer(zero, bars, dots, came.encode(x=x, y=alt.Y("outcome:Q"), tooltip=tips)).properties(
        width=WIDTH, height=320
    )
