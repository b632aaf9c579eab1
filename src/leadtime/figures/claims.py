"""How likely each reading of a claim is: bars from 0 to 100 in 100, colored by the verdict."""

from collections.abc import Sequence

import altair as alt

from leadtime.figures.chart import WIDTH, Row, color_of, inline, tips

_BANDS = ("supported", "plausible", "unlikely", "refuted", "in our simulation", "as alleged")
_COLORS = ("#3c78c3", "#4aa3c7", "#8c6d1f", "#c2528b", "#7d8590", "#8d63b8")


def chances(rows: Sequence[Row], *, one_claim: bool) -> alt.LayerChart:
    """Return the readings of claims as bars of their chances.

    Args:
        rows: claim, reading, band, probability.
        one_claim: All are of one claim, whose id is left out of the labels.
    """
    kept = [
        {
            "label": r["reading"] if one_claim else f"{r['claim']}: {r['reading']}",
            "band": r["band"],
            "chance": 100 * r["probability"],
        }
        for r in rows
    ]
    order = [r["label"] for r in kept]
    base = alt.Chart(inline(kept)).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=300)),
        tooltip=tips("label", "band", "chance:Q:.0f"),
    )
    axis = alt.X(
        "chance:Q",
        title="chance that it is so, in 100",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    color = color_of("band", _BANDS, _COLORS, title="verdict", columns=3)
    bars = base.mark_bar(height=12).encode(x=axis, color=color)
    ends = base.mark_tick(thickness=2, size=14).encode(x=axis, color=color)  # a chance of nought is seen, too
    return alt.layer(bars, ends).properties(width=WIDTH, height=alt.Step(20))
