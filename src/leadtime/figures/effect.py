"""What the rules did to the lag, if computing power is the only channel: a bar and a line for each reading of months per e-fold."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from leadtime.effect.words import READINGS, UNITS
from leadtime.figures.chart import SERIES_COLORS, WIDTH, Row


def bounds(product: Sequence[Row]) -> tuple[pl.DataFrame, alt.LayerChart]:
    """Return what is drawn, and its chart: over all worlds without the rules, by reading, in two units.

    Args:
        product: Rows of `effect.Layers.bounds["product"]`.
    """
    rows = [r for r in product if r["world"] == "any"]
    data = pl.DataFrame(
        [
            {
                "unit": UNITS[r["unit"]],
                "reading": READINGS[r["reading"]],
                "low": r["robust_low_months"],
                "lower": r["lower_months"],
                "upper": r["upper_months"],
                "high": r["robust_high_months"],
            }
            for r in rows
        ]
    )
    y = alt.Y("reading:N", title=None, sort=list(READINGS.values()), axis=alt.Axis(labelLimit=200))
    color = alt.Color(
        "unit:N", title=None, scale=alt.Scale(domain=list(UNITS.values()), range=[SERIES_COLORS[0], SERIES_COLORS[2]])
    )
    offset = alt.YOffset("unit:N", sort=list(UNITS.values()))
    tips = [
        alt.Tooltip("reading:N"),
        alt.Tooltip("unit:N"),
        *(alt.Tooltip(f"{c}:Q", format=".1f") for c in ("low", "lower", "upper", "high")),
    ]
    base = alt.Chart(data)
    wide = base.mark_rule(strokeWidth=1.5).encode(
        y=y, yOffset=offset, x=alt.X("low:Q", title="effect on the lag, months"), x2="high:Q", color=color, tooltip=tips
    )
    thick = base.mark_bar(height=7, opacity=0.75).encode(
        y=y, yOffset=offset, x="lower:Q", x2="upper:Q", color=color, tooltip=tips
    )
    zero = alt.Chart(pl.DataFrame({"x": [0.0]})).mark_rule(style="zero").encode(x="x:Q")
    return data, alt.layer(zero, wide, thick).properties(width=WIDTH, height=alt.Step(15))
