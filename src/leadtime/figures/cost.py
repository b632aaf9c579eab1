"""What a training run cost by each meaning of the word, ours and what others published, on one axis."""

import altair as alt
import polars as pl

from leadtime.figures.chart import WIDTH

_KINDS = ("computed here", "stated by others")


def ladder(rungs: pl.DataFrame) -> alt.LayerChart:
    """Return costs on a logarithmic axis of dollars: dots with 90 % intervals where computed here, diamonds where others stated them.

    Args:
        rungs: by (`leadtime` where computed here), words, definition, low_usd, median_usd, high_usd.
    """
    order = rungs["words"].to_list()
    legend = alt.Legend(columns=1)
    base = (
        alt.Chart(rungs)
        .encode(
            y=alt.Y("words:N", sort=order, title=None, axis=alt.Axis(labelLimit=320)),
            color=alt.Color(
                "kind:N", title=None, legend=legend, scale=alt.Scale(domain=list(_KINDS), range=["#3c78c3", "#b06a1a"])
            ),
        )
        .transform_calculate(kind=f"datum.by == 'leadtime' ? '{_KINDS[0]}' : '{_KINDS[1]}'")
    )
    axis = alt.X(
        "median_usd:Q",
        scale=alt.Scale(type="log"),
        title="US dollars of the day",
        axis=alt.Axis(
            labelExpr="replace(format(datum.value, '$.1s'), 'G', 'B')", labelOverlap="greedy", labelSeparation=12
        ),
    )
    shape = alt.Shape(
        "kind:N", title=None, legend=legend, scale=alt.Scale(domain=list(_KINDS), range=["circle", "diamond"])
    )
    tips = [
        alt.Tooltip("words:N"),
        alt.Tooltip("definition:N"),
        *(alt.Tooltip(f"{c}_usd:Q", format="$,.0f") for c in ("low", "median", "high")),
    ]
    bars = base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("low_usd:Q"), x2="high_usd:Q")
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(x=axis, shape=shape, tooltip=tips)
    return alt.layer(bars.transform_filter("isValid(datum.low_usd)"), dots).properties(width=WIDTH, height=alt.Step(26))
