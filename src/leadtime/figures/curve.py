"""The charts of the curve: models against their compute, every reading of the yearly fall, savings, and spending."""

from typing import Any

import altair as alt
import polars as pl

from leadtime.figures.chart import COUNTRIES, COUNTRY_COLORS, SERIES_COLORS, WIDTH, country

_FLOP = alt.Axis(labelExpr="format(datum.value, '.0e')", tickCount=6)


def curve(models: pl.DataFrame, line: pl.DataFrame, marked: str) -> alt.LayerChart:
    """Return models by compute and ability, with what those before `marked` led one to expect at its date.

    Args:
        models: Rows of model, name, country, released_on, flop, flop_low, flop_high, points, low, high.
        line: Rows of flop, low, median, high.
        marked: Id of the model that is tested.
    """
    rows = models.with_columns(
        who=pl.col("country").map_elements(country, return_dtype=pl.String),
        label=pl.when(pl.col("model") == marked).then(pl.col("name")),
    )
    x = alt.X("flop:Q", scale=alt.Scale(type="log", nice=False), title="training compute, FLOP", axis=_FLOP)
    y = alt.Y("points:Q", scale=alt.Scale(zero=False), title="ability, points")
    band = (
        alt.Chart(line)
        .mark_area(opacity=0.16, color=SERIES_COLORS[0])
        .encode(x=x, y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q")
    )
    middle = alt.Chart(line).mark_line(color=SERIES_COLORS[0], strokeDash=[5, 3]).encode(x=x, y="median:Q")
    base = alt.Chart(rows).encode(
        color=alt.Color("who:N", title=None, scale=alt.Scale(domain=list(COUNTRIES), range=list(COUNTRY_COLORS))),
    )
    bars = base.mark_rule(opacity=0.35).encode(x=x, y="low:Q", y2="high:Q")
    across = base.mark_rule(opacity=0.35).encode(x="flop_low:Q", x2="flop_high:Q", y=y)
    dots = base.mark_point(filled=True, size=46, opacity=0.9).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("name:N"),
            alt.Tooltip("released_on:T"),
            alt.Tooltip("flop:Q", format=".2e"),
            alt.Tooltip("points:Q", format=".1f"),
        ],
    )
    ring = (
        alt.Chart(rows.filter(pl.col("model") == marked))
        .mark_point(size=190, strokeWidth=2, style="mark")
        .encode(x=x, y=y)
    )
    text = (
        alt.Chart(rows.filter(pl.col("model") == marked))
        .mark_text(align="left", dx=12, dy=-10, style="heading")
        .encode(x=x, y=y, text="label:N")
    )
    return alt.layer(band, middle, across, bars, dots, ring, text).properties(width=WIDTH, height=380)


def specifications(rows: pl.DataFrame, titles: dict[str, str]) -> alt.LayerChart:
    """Return every reading of the yearly fall in order of its median, with 90 % intervals cut at the edges of the chart."""
    low, high = 0.5, 2000.0
    drawn = (
        rows.filter(pl.col("median").is_not_null())
        .sort("median")
        .with_row_index("order")
        .with_columns(
            meaning=pl.col("estimand").replace(titles),
            from_=pl.col("low").clip(low, high),
            to=pl.col("high").clip(low, high),
            at=pl.col("median").clip(low, high),
            text=pl.col("method").str.replace_all("_", " "),
        )
    )
    color = alt.Color(
        "meaning:N",
        title=None,
        legend=alt.Legend(columns=1),
        scale=alt.Scale(domain=list(titles.values()), range=list(SERIES_COLORS[:3])),
    )
    base = alt.Chart(drawn).encode(x=alt.X("order:O", axis=None), color=color)
    y = alt.Y(
        "at:Q",
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        title="fall of compute for a given ability, times a year",
    )
    tips = [alt.Tooltip(f"{c}:N") for c in ("meaning", "text", "sample", "n")] + [
        alt.Tooltip(f"{c}:Q", format=".3g") for c in ("median", "low", "high")
    ]
    bars = base.mark_rule(strokeWidth=2.5, opacity=0.45).encode(
        y=alt.Y("from_:Q", scale=alt.Scale(type="log", domain=[low, high], nice=False)), y2="to:Q"
    )
    dots = base.mark_point(filled=True, size=34, opacity=1).encode(y=y, tooltip=tips)
    claim = alt.Chart(pl.DataFrame({"at": [4.0], "words": ["the essay's 4 times a year"]}))
    rule = claim.mark_rule(strokeDash=[4, 3], style="zero").encode(y="at:Q")
    said = claim.mark_text(align="left", baseline="bottom", dx=4, dy=-3, style="note").encode(
        y="at:Q", x=alt.value(0), text="words:N"
    )
    return alt.layer(rule, bars, dots, said).properties(width=WIDTH, height=360)


def waterfall(steps: list[dict[str, Any]]) -> alt.LayerChart:
    """Return how each innovation brings a run down from what it would have taken: rows of step, start, end, kind."""
    data = pl.DataFrame(steps)
    order = data["step"].to_list()
    y = alt.Y("step:N", sort=order, title=None, axis=alt.Axis(labelLimit=190))
    color = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=["whole run", "saved", "added"], range=["#7d8590", "#2f8f4e", "#b5322b"]),
    )
    bars = (
        alt.Chart(data)
        .mark_bar(height=18)
        .encode(
            y=y,
            x=alt.X("start:Q", title="GPU-hours, millions"),
            x2="end:Q",
            color=color,
            tooltip=[
                alt.Tooltip("step:N"),
                alt.Tooltip("kind:N"),
                alt.Tooltip("change:Q", format=".3g", title="GPU-hours, millions"),
            ],
        )
    )
    words = alt.Chart(data).mark_text(align="left", dx=6, style="label").encode(y=y, x="right:Q", text="words:N")
    return alt.layer(bars, words).properties(width=WIDTH, height=alt.Step(30))


def reinvestment(rows: pl.DataFrame) -> alt.LayerChart:
    """Return growth of spending and fall of cost at equal ability on one scale, factors a year."""
    drawn = rows.with_columns(
        kind=pl.col("kind").replace({"growth": "grows by", "fall": "falls by"}), end=pl.col("high").clip(None, 300.0)
    )
    order = drawn["quantity"].to_list()
    base = alt.Chart(drawn).encode(
        y=alt.Y("quantity:N", sort=order, title=None, axis=alt.Axis(labelLimit=170)),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=["grows by", "falls by"], range=[SERIES_COLORS[4], SERIES_COLORS[0]]),
        ),
    )
    scale = alt.Scale(type="log", domain=[1, 300])
    bars = base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("low:Q", scale=scale), x2="end:Q")
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=alt.X("median:Q", scale=scale, title="times a year"),
        tooltip=[alt.Tooltip("quantity:N"), *(alt.Tooltip(f"{c}:Q", format=".3g") for c in ("median", "low", "high"))],
    )
    return alt.layer(bars, dots).properties(width=WIDTH, height=alt.Step(28))
