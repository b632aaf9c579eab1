"""The chart of the lag in time: its path with bands, the quarters as realized, days of rules, and what others
published.
"""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from leadtime.days import day_words
from leadtime.figures.chart import Row, inline, is_finite
from leadtime.figures.events import Event, marked
from leadtime.figures.frame import HEADROOM, Frame, Picture, dot, segment, text, ticks_y, years_x
from leadtime.figures.intervals import Drawn
from leadtime.figures.placed import Room, around
from leadtime.figures.tokens import color

#: A quarter whose interval is narrower than this many months is one value in all draws: no error of measurement is
#: seen, which is not certainty.
LEAST_MONTHS = 0.05


def lag_in_time(
    path: pl.DataFrame | None, realized: pl.DataFrame, published: pl.DataFrame, events: Sequence[Event] = ()
) -> Drawn:
    """Return the lag over time.

    Args:
        path: Rows of `LagPath.table`: date, median, low, high, low_50, high_50; None where there is no path.
        realized: Rows of `Study.lag_over_time`: date, median, low, high. A quarter with one value in all draws is a
            hollow dot.
        published: known_on, published_by, value, low, high, definition.
        events: Days on which rules changed.
    """
    line = [] if path is None else list(path.iter_rows(named=True))
    dots = [r for r in realized.iter_rows(named=True) if is_finite(r["median"])]
    others = published_rows(published)
    return lambda width: _drawn(width, line, dots, others, events)


def _drawn(
    width: int, line: Sequence[Row], dots: Sequence[Row], others: Sequence[Row], events: Sequence[Event]
) -> Picture:
    days = [r["date"] for r in (*line, *dots, *others)] or [dt.date(2024, 1, 1), dt.date(2025, 1, 1)]
    values = [float(r[k]) for r in (*line, *dots) for k in ("low", "median", "high") if is_finite(r[k])]
    values += [float(r[k]) for r in others for k in ("low", "value", "high")]
    high, low = max([1.0, *values]), min([0.0, *values])
    step = next((s for s in (1, 2, 3, 5, 10, 20) if (high - low) / s <= 6), 50)
    top, bottom = step * math.ceil(high / step), step * math.floor(low / step)
    f = Frame(
        width=width,
        height=300 if width < 560 else 400,
        x=(min(days), max(days) + dt.timedelta(days=30)),
        y=(float(bottom), top + (top - bottom) * HEADROOM / (1 - HEADROOM)),
        left=40,
        right=16,
    )
    china, ink = color("china"), color("ink")
    ticks = [float(step * i) for i in range(bottom // step, top // step + 1)]
    layers: list[Any] = [*ticks_y(f, ticks, " months"), *years_x(f), *marked(f, events)]
    base = alt.Chart(inline(line)).encode(x=f.enc_x("date"))
    if line:
        layers.append(base.mark_area(opacity=0.16, color=china).encode(y=f.enc_y("low"), y2=alt.Y2("high")))
        layers.append(base.mark_area(opacity=0.16, color=china).encode(y=f.enc_y("low_50"), y2=alt.Y2("high_50")))
        layers.append(base.mark_line(strokeWidth=2.5, color=china).encode(y=f.enc_y("median")))
    room = Room(*f.plot, top=f.plot[1] * HEADROOM)
    room.line([(f.at_x(r["date"]), f.at_y(r["median"])) for r in line])
    points = []
    for r in dots:
        x, y = f.at_x(r["date"]), f.at_y(r["median"])
        room.mark(x, y)
        room.line([(x, f.at_y(r["low"])), (x, f.at_y(r["high"]))])
        sure = r["high"] - r["low"] >= LEAST_MONTHS
        if sure:
            layers.append(
                segment((x, f.at_y(r["low"])), (x, f.at_y(r["high"])), color=ink, strokeWidth=1.5, opacity=0.5)
            )
        own: Row = {"color": ink} if sure else {"fill": color("paper"), "stroke": ink, "strokeWidth": 1.5}
        layers.append(dot(x, y, size=34, **own))
        spread = f"({r['low']:.1f} to {r['high']:.1f})" if sure else "(one value in all draws)"
        points.append(
            f.point(
                r["date"],
                r["median"],
                f"{day_words(r['date'])}, average of the quarter\n{r['median']:.1f} months {spread}",
            )
        )
    for r in others:
        x, y = f.at_x(r["date"]), f.at_y(r["value"])
        layers.append(segment((x, f.at_y(r["low"])), (x, f.at_y(r["high"])), color=color("blue"), strokeWidth=1.5))
        layers.append(dot(x, y, shape="diamond", size=70, color=color("blue")))
        room.mark(x, y, 6)
        room.line([(x, f.at_y(r["low"])), (x, f.at_y(r["high"]))])
        points.append(
            f.point(
                r["date"],
                r["value"],
                f"{r['published_by']}, {day_words(r['date'])}\n{r['value']:.1f} months: {r['definition']}",
            )
        )
    for r in others:
        x, y, name = f.at_x(r["date"]), f.at_y(r["value"]), str(r["published_by"])
        if box := room.place(around(x, y, 0.5 * (f.size - 1) * len(name), 16, above=True, far=(4, 10))):
            layers.append(text(box[0], box[1] + 8, name, color=color("blue"), fontSize=f.size - 1))
    return Picture(chart=f.layer(*layers), points=sorted(points, key=lambda p: p.x), frame=f)


def published_rows(published: pl.DataFrame) -> list[Row]:
    """Return the figures of others with a value: their own, or the middle of their range."""
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
    return rows
