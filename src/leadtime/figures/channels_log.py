"""Amounts by quarter on a scale where each step multiplies: a line for each channel, or for each country."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from leadtime.figures.chart import BREAK, inline
from leadtime.figures.events import Event, marked
from leadtime.figures.frame import HEADROOM, Frame, Picture, dot, pushed_apart, segment, text, years_x
from leadtime.figures.stacked import amount
from leadtime.figures.tokens import color

#: Beneath so small a part of the largest amount nothing is drawn.
_LEAST = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One channel or country: its name, token of its color, and day, low, median, high and words of each quarter."""

    name: str
    hue: str
    quarters: Sequence[tuple[dt.date, float, float, float, str]]


def on_log(
    width: int, lines: Sequence[Line], events: Sequence[Event] = (), most: int | None = None, *, bands: bool = True
) -> Picture:
    """Return lines through quarters on a logarithmic scale; a quarter without any is left out.

    Args:
        width: Of the picture, pixels.
        lines: In the order of their labels.
        events: Days that may be marked.
        most: So many events at most; by default as many as fit.
        bands: Ranges are shaded.
    """
    largest = max((high for line in lines for _, _, _, high, _ in line.quarters), default=1.0) or 1.0
    kept = [(line, [q for q in line.quarters if q[2] > _LEAST * largest]) for line in lines]
    kept = [(line, quarters) for line, quarters in kept if quarters]
    drawn = [q for _, quarters in kept for q in quarters]
    least = min((max(q[1] if bands else q[2], _LEAST * largest) for q in drawn), default=largest / 10)
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(largest))
    phone = width < BREAK
    names = [line.name.partition(" via ")[0] if phone else line.name for line, _ in kept]
    days = [q[0] for q in drawn] or [dt.date(2022, 1, 1), dt.date(2023, 1, 1)]
    f = Frame(
        width=width,
        height=300 if phone else 360,
        x=(dt.date(min(days).year, 1, 1), max(days) + dt.timedelta(days=45)),
        y=(10.0**low, 10.0 ** (high + (high - low) * (HEADROOM if events else 0.03))),
        left=46,
        right=int(6.7 * max(map(len, names), default=0)) + 34,
        top=10,
        log_y=True,
    )
    layers: list[object] = []
    for power in range(low, high + 1):
        y = f.at_y(10.0**power)
        layers.append(segment((0, y), (f.plot[0], y), color=color("line"), strokeWidth=1))
        layers.append(text(-8, y, amount(10.0**power), align="right", color=color("soft"), fontSize=f.size - 1))
    layers += [*years_x(f, every=2 if phone else 1), *(marked(f, events, most) if events else [])]
    for line, quarters in kept:
        rows = [{"day": d, "low": max(a, 10.0**low), "median": m, "high": b} for d, a, m, b, _ in quarters]
        base, shade = alt.Chart(inline(rows)).encode(x=f.enc_x("day")), color(line.hue)
        if bands:
            layers.append(base.mark_area(opacity=0.16, color=shade).encode(y=f.enc_y("low"), y2=alt.Y2("high")))
        layers.append(base.mark_line(color=shade, strokeWidth=2.5).encode(y=f.enc_y("median")))
    places = pushed_apart([f.at_y(quarters[-1][2]) for _, quarters in kept], 20.0, 8, f.plot[1] - 8)
    for (line, _), name, y in zip(kept, names, places, strict=True):
        layers.append(dot(f.plot[0] + 12, y, shape="square", size=110, color=color(line.hue)))
        layers.append(text(f.plot[0] + 22, y, name, fontWeight=600, fontSize=f.size))
    points = [f.point(q[0], q[2], f"{line.name}\n{q[4]}") for line, quarters in kept for q in quarters]
    return Picture(chart=f.layer(*layers), points=points, frame=f)
