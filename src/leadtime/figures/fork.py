"""The charts behind the fork: what China has by channel, what the rules changed by quarter, which inputs matter, what
one lever does.
"""

import math
from collections.abc import Callable
from typing import Any

import altair as alt
import polars as pl

from leadtime.figures.chart import BREAK, inline
from leadtime.figures.frame import Frame, Picture, dot, end_labels, text, ticks_x, ticks_y, years_x
from leadtime.figures.gaps import quarter_words
from leadtime.figures.period import Quarter, Shown, by_quarter
from leadtime.figures.rows import Axis, Range, by_row
from leadtime.figures.stacks import PARTS
from leadtime.figures.tokens import color

Drawn = Callable[[int], Picture]


def channels(bands: pl.DataFrame) -> Drawn:
    """Return what China has or uses by channel, middles one upon the other: rows of when, quarter, channel, low,
    median, high (millions).
    """
    rows = bands.sort("when").to_dicts()
    return lambda width: _channels(width, rows)


def _channels(width: int, rows: list[dict[str, Any]]) -> Picture:
    days = sorted({r["when"] for r in rows})
    by = {(r["when"], r["channel"]): r for r in rows}
    order = [p for p in reversed(PARTS) if any(r["channel"] == p[0] for r in rows)]
    tops = {day: 0.0 for day in days}
    areas = []
    for key, words, hue, _ in order:
        band = []
        for day in days:
            base = tops[day]
            tops[day] = base + by[day, key]["median"]
            band.append({"day": day, "low": base, "high": tops[day]})
        areas.append((words, hue, band))
    step = _step(max(tops.values()))
    f = Frame(
        width=width,
        height=300,
        x=(days[0], days[-1]),
        y=(0, step * math.ceil(max(tops.values()) / step) * 1.08),
        left=34,
        right=112 if width < BREAK else 140,
        top=8,
    )
    layers: list[Any] = [
        *ticks_y(f, [i * step for i in range(int(f.y[1] / step) + 1)], " million"),
        *years_x(f, every=2 if f.phone else 1),
    ]
    labels = []
    for words, hue, band in areas:
        shape = alt.Chart(inline(band)).mark_area(color=color(hue), opacity=1)
        layers.append(shape.encode(x=f.enc_x("day"), y=f.enc_y("low"), y2=alt.Y2("high")))
        labels.append({"y": (band[-1]["low"] + band[-1]["high"]) / 2, "words": words, "color": color("ink")})
    layers += end_labels(f, labels, f.plot[0] + 8)
    points = [
        f.point(
            day,
            tops[day],
            "\n".join([quarter_words(by[day, order[0][0]]["quarter"]), *(_part(by[day, p[0]], p[1]) for p in order)]),
        )
        for day in days
    ]
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _part(r: dict[str, Any], words: str) -> str:
    return f"{words}: {r['median']:.2f} million ({r['low']:.2f} to {r['high']:.2f})"


def _step(most: float) -> float:
    return next((s for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if most / s <= 5), 100.0)


def difference(bands: pl.DataFrame, unit: str) -> Drawn:
    """Return what the rules changed, by quarter, with its range: rows of when, quarter, low, median, high; `unit` on
    the topmost tick.
    """
    quarters = [
        Quarter(
            day=r["when"],
            low=r["low"],
            median=r["median"],
            high=r["high"],
            words=f"{quarter_words(r['quarter'])}\n{r['median']:.1f} ({r['low']:.1f} to {r['high']:.1f}){unit}",
        )
        for r in bands.sort("when").iter_rows(named=True)
    ]
    return lambda width: by_quarter(width, quarters, shown=Shown(unit=unit, hue="yours"))


def tornado(rows: pl.DataFrame) -> Drawn:
    """Return the gap with one input at each end of its range: rows of parameter, at_low, at_high, middle, from, to."""
    made = [
        Range(
            label=str(r["parameter"]).removeprefix("sim-").replace("-", " ").capitalize(),
            low=min(r["at_low"], r["at_high"]),
            high=max(r["at_low"], r["at_high"]),
            dot=r["at_high"],
            words=f"{r['at_low']:.1f} to {r['at_high']:.1f}",
            hue="blue",
            faded=True,
        )
        for r in rows.iter_rows(named=True)
    ]
    ends = [v for r in made for v in (r.low, r.high) if v is not None] or [0.0, 1.0]
    step = _step((max(ends) - min(ends)) or 1.0)
    first, last = math.floor(min(ends) / step), math.ceil(max(ends) / step)
    ticks = [i * step for i in range(first, max(last, first + 1) + 1)]
    middle = rows["middle"][0] if rows.height else 0.0
    axis = Axis(
        ends=(ticks[0], ticks[-1]),
        ticks=ticks,
        say=lambda v: f"{v:g} months" if v == ticks[-1] else f"{v:g}",
        zero=middle,
    )
    return lambda width: by_row(width, made, axis, names=220)


def response(rows: pl.DataFrame, x: str, y: str) -> Drawn:
    """Return what one input does, as a line with its range: rows of value, low, median, high; `x` and `y` name the
    axes.
    """
    kept = rows.sort("value").to_dicts()
    return lambda width: _response(width, kept, x, y)


def _response(width: int, rows: list[dict[str, Any]], x: str, y: str) -> Picture:
    values = [r["value"] for r in rows]
    step = _step(max(r["high"] for r in rows))
    low = step * math.floor(min(0.0, *(r["low"] for r in rows)) / step)
    high = step * math.ceil(max(r["high"] for r in rows) / step)
    span = (values[-1] - values[0]) or 1.0
    f = Frame(
        width=width,
        height=300,
        x=(values[0] - 0.02 * span, values[-1] + 0.02 * span),
        y=(low, high),
        left=40,
        right=20,
        top=34,
        bottom=50,
    )
    ticks = [low + i * step for i in range(round((high - low) / step) + 1)]
    base = alt.Chart(inline(rows))
    layers = [
        *ticks_y(f, ticks, ""),
        *ticks_x(
            f, values if len(values) <= 6 else [values[0], values[len(values) // 2], values[-1]], lambda v: f"{v:,.3g}"
        ),
        text(-f.left + 2, -20, y, color=color("soft"), fontSize=f.size - 1),
        text(0, f.plot[1] + 36, x, color=color("soft"), fontSize=f.size - 1),
        base.mark_area(opacity=0.16, color=color("yours")).encode(
            x=f.enc_x("value"), y=f.enc_y("low"), y2=alt.Y2("high")
        ),
        base.mark_line(strokeWidth=2.5, color=color("yours")).encode(x=f.enc_x("value"), y=f.enc_y("median")),
        *(dot(f.at_x(r["value"]), f.at_y(r["median"]), color=color("yours")) for r in rows),
    ]
    points = [
        f.point(
            r["value"], r["median"], f"{x} {r['value']:,.3g}\n{r['median']:.1f} ({r['low']:.1f} to {r['high']:.1f})"
        )
        for r in rows
    ]
    return Picture(chart=f.layer(*layers), points=points, frame=f)
