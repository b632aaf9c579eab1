"""The charts of the fork: what China has by channel, the effect of the rules, which inputs matter."""

import altair as alt
import polars as pl

from leadtime.figures.chart import SERIES_COLORS, WIDTH

_CHANNELS = ("legal", "diverted", "domestic", "rented")
_X = alt.X("when:T", title=None, axis=alt.Axis(format="%Y", tickCount="year"))


def channels(bands: pl.DataFrame) -> alt.Chart:
    """Return what China has or uses by channel, medians stacked: rows of when, channel, median."""
    color = alt.Color(
        "channel:N",
        title=None,
        sort=list(_CHANNELS),
        scale=alt.Scale(
            domain=list(_CHANNELS), range=[SERIES_COLORS[0], SERIES_COLORS[2], SERIES_COLORS[4], SERIES_COLORS[3]]
        ),
    )
    return (
        alt.Chart(bands)
        .mark_area(opacity=0.85)
        .encode(
            x=_X,
            y=alt.Y("median:Q", title="million H100-equivalents (dense 8-bit)", stack="zero"),
            color=color,
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("channel:N"),
                alt.Tooltip("quarter:N"),
                *(alt.Tooltip(f"{c}:Q", format=".2f") for c in ("median", "low", "high")),
            ],
        )
        .properties(width=WIDTH, height=300)
    )


def difference(bands: pl.DataFrame, words: str) -> alt.LayerChart:
    """Return what the rules changed, by quarter, with its band: rows of when, low, median, high; `words` on the axis."""
    base = alt.Chart(bands)
    y = alt.Y("median:Q", title=words)
    area = base.mark_area(opacity=0.2, color=SERIES_COLORS[0]).encode(x=_X, y=alt.Y("low:Q", title=words), y2="high:Q")
    line = base.mark_line(strokeWidth=2.2, color=SERIES_COLORS[0]).encode(
        x=_X,
        y=y,
        tooltip=[alt.Tooltip("quarter:N"), *(alt.Tooltip(f"{c}:Q", format=".1f") for c in ("median", "low", "high"))],
    )
    zero = alt.Chart(pl.DataFrame({"y": [0.0]})).mark_rule(style="zero").encode(y="y:Q")
    return alt.layer(zero, area, line).properties(width=WIDTH, height=240)


def tornado(rows: pl.DataFrame) -> alt.LayerChart:
    """Return the lag with one input at each end of its range: rows of parameter, at_low, at_high, middle, from, to."""
    order = rows["parameter"].to_list()
    y = alt.Y("parameter:N", sort=order, title=None, axis=alt.Axis(labelLimit=200))
    tips = [
        alt.Tooltip("parameter:N"),
        *(alt.Tooltip(f"{c}:Q", format=".3g") for c in ("from", "to", "at_low", "at_high")),
    ]
    bars = (
        alt.Chart(rows)
        .mark_bar(height=14, color=SERIES_COLORS[0], opacity=0.6)
        .encode(
            y=y,
            x=alt.X("at_low:Q", title="median lag, months", scale=alt.Scale(zero=False)),
            x2="at_high:Q",
            tooltip=tips,
        )
    )
    ends = (
        alt.Chart(rows)
        .mark_point(filled=True, size=55, color=SERIES_COLORS[2], opacity=1)
        .encode(y=y, x="at_high:Q", tooltip=tips)
    )
    middle = alt.Chart(rows.head(1)).mark_rule(style="zero").encode(x="middle:Q")
    return alt.layer(bars, ends, middle).properties(width=WIDTH, height=alt.Step(24))


def response(rows: pl.DataFrame, x: str, y: str) -> alt.LayerChart:
    """Return what one input does, as a line with its band: rows of value, low, median, high; `x` and `y` on the axes."""
    base = alt.Chart(rows).encode(x=alt.X("value:Q", title=x))
    tips = [
        alt.Tooltip("value:Q", format=".3g"),
        *(alt.Tooltip(f"{c}:Q", format=".1f") for c in ("median", "low", "high")),
    ]
    scale = alt.Scale(zero=False)
    area = base.mark_area(opacity=0.2, color=SERIES_COLORS[0]).encode(
        y=alt.Y("low:Q", title=y, scale=scale), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2.2, color=SERIES_COLORS[0]).encode(y=alt.Y("median:Q", title=y, scale=scale))
    dots = base.mark_point(filled=True, size=45, opacity=1, color=SERIES_COLORS[0]).encode(y="median:Q", tooltip=tips)
    return alt.layer(area, line, dots).properties(width=WIDTH, height=260)
