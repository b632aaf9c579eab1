"""The charts of the fork: lags by scenario, what China has by channel, the effect of the rules, which inputs matter."""

import altair as alt
import polars as pl

from leadtime.figures.chart import SERIES_COLORS, WIDTH

_CHANNELS = ("legal", "diverted", "domestic", "rented")
#: A color of its own for each scenario that is drawn.
SCENARIO_COLORS = ("#7d8590", "#3c78c3", "#2f8f4e", "#b5322b", "#8d63b8", "#8c6d1f", "#4aa3c7", "#c2528b", "#d9a514")
#: The two readings of a measured lag, the lower first.
BRACKETS = ("measured, lower: since the US first exceeded it", "measured, upper: age of the US record it matched")
_X = alt.X("when:T", title=None, axis=alt.Axis(format="%Y", tickCount="year"))


def fans(bands: pl.DataFrame, observed: pl.DataFrame, order: list[str]) -> alt.LayerChart:
    """Return lags by quarter: a band and a line per scenario, and the two readings of what was measured.

    Args:
        bands: Rows of when, title, low, median, high.
        observed: Rows of when, reading, median, and low and high, from the low end of the lower reading to the high end of the upper.
        order: Titles of the scenarios.
    """
    color = alt.Color(
        "title:N",
        title=None,
        scale=alt.Scale(domain=order, range=list(SCENARIO_COLORS[: len(order)])),
        legend=alt.Legend(columns=2),
    )
    y = alt.Y("median:Q", title="China behind the US, months")
    base = alt.Chart(bands)
    area = base.mark_area(opacity=0.13).encode(
        x=_X, y=alt.Y("low:Q", title="China behind the US, months"), y2="high:Q", color=color
    )
    line = base.mark_line(strokeWidth=2.2).encode(
        x=_X,
        y=y,
        color=color,
        tooltip=[
            alt.Tooltip("title:N"),
            alt.Tooltip("quarter:N"),
            *(alt.Tooltip(f"{c}:Q", format=".1f") for c in ("median", "low", "high")),
        ],
    )
    seen = alt.Chart(observed)
    bars = seen.mark_rule(style="mark", opacity=0.5).encode(x=_X, y="low:Q", y2="high:Q")
    shape = alt.Shape(
        "reading:N",
        title=None,
        scale=alt.Scale(domain=list(BRACKETS), range=["circle", "diamond"]),
        legend=alt.Legend(labelLimit=0, columns=1),
    )
    tips = [alt.Tooltip("reading:N"), *(alt.Tooltip(f"{c}:Q", format=".1f") for c in ("median", "low", "high"))]
    dots = seen.mark_point(filled=True, size=45, style="mark").encode(x=_X, y="median:Q", shape=shape, tooltip=tips)
    return alt.layer(area, line, bars, dots).properties(width=WIDTH, height=360)


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
