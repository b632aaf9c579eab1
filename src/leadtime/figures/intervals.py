"""The chart that any table of values with intervals can have: a row each, a dot and a bar."""

from collections.abc import Sequence

import altair as alt

from leadtime.figures.chart import SERIES_COLORS, WIDTH, Row, inline, is_finite, tips


def intervals(rows: Sequence[Row], title: str, *, logarithmic: bool = False) -> alt.LayerChart:
    """Return values as dots with their 90 % intervals, one under the other in the order of the rows.

    Args:
        rows: label, median, low, high; perhaps `few`, true where the value jumps between a few: a hollow dot, and no bar.
        title: What the axis shows, with its unit.
        logarithmic: The values are factors.
    """
    kept = [{"few": False, **r} for r in rows if is_finite(r["median"])]
    y = alt.Y(
        "label:N", sort=[r["label"] for r in kept], title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=240)
    )
    scale = alt.Scale(type="log", nice=False) if logarithmic else alt.Scale(zero=False)
    base = alt.Chart(inline(kept)).encode(y=y, color=alt.value(SERIES_COLORS[0]))
    bar = base.transform_filter("!datum.few && isValid(datum.low) && isValid(datum.high)").mark_rule(
        strokeWidth=3, opacity=0.5
    )
    layers: list[alt.Chart] = [bar.encode(x=alt.X("low:Q", title=title, scale=scale), x2="high:Q")]
    for few in (False, True):
        dots = base.transform_filter(alt.datum.few == few).mark_point(size=60, filled=not few, opacity=1)
        layers.append(
            dots.encode(
                x=alt.X("median:Q", title=title, scale=scale),
                tooltip=tips("label", "median:Q:.3g", "low:Q:.3g", "high:Q:.3g"),
            )
        )
    ends = [
        float(v) for r in kept for v in (r["median"], r.get("low"), r.get("high")) if v is not None and is_finite(v)
    ]
    if ends and min(ends) < 0 < max(ends):
        layers.insert(0, alt.Chart(inline([{"x": 0}])).mark_rule(style="zero").encode(x="x:Q"))
    return alt.layer(*layers).properties(width=WIDTH, height=alt.Step(24))


def bars(rows: Sequence[Row], title: str) -> alt.LayerChart:
    """Return values on both sides of zero as bars, one under the other in the order of the rows.

    Args:
        rows: label, median; one without a number is left out.
        title: What the axis shows, with its unit.
    """
    kept = [r for r in rows if is_finite(r["median"])]
    y = alt.Y(
        "label:N", sort=[r["label"] for r in kept], title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=300)
    )
    base = alt.Chart(inline(kept)).encode(y=y, color=alt.value(SERIES_COLORS[0]))
    drawn = base.mark_bar(height=12).encode(
        x=alt.X("median:Q", title=title), x2=alt.datum(0), tooltip=tips("label", "median:Q:.3g")
    )
    zero = alt.Chart(inline([{"x": 0}])).mark_rule(style="zero").encode(x="x:Q")
    return alt.layer(drawn, zero).properties(width=WIDTH, height=alt.Step(24))
