"""One quantity by quarter, with its range, and black bars for the periods that a sentence compares."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from leadtime.figures.chart import inline
from leadtime.figures.events import Event, marked
from leadtime.figures.frame import HEADROOM, Frame, Picture, text, ticks_y, years_x
from leadtime.figures.tokens import color


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A quarter of a line.

    Args:
        day: Its middle.
        low: Low end of the 90% range.
        median: Middle.
        high: High end.
        words: For who points at it.
        sure: Whether a range could be computed: without one it is a hollow dot.
    """

    day: dt.date
    low: float
    median: float
    high: float
    words: str
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period that is compared: from a day to a day, its mean, and its words."""

    begin: dt.date
    end: dt.date
    value: float
    label: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How values are shown.

    Args:
        unit: Words after the topmost value, such as ` months` or `%`.
        hue: Token of the color of the line.
        log: Each step upward multiplies; a quarter at zero or below is drawn at the foot.
    """

    unit: str
    hue: str = "china"
    log: bool = False


def by_quarter(
    width: int,
    quarters: Sequence[Quarter],
    periods: Sequence[Period] = (),
    events: Sequence[Event] = (),
    *,
    shown: Shown,
) -> Picture:
    """Return a line through quarters with its band, the periods compared, and days of rules.

    Args:
        width: Of the picture, pixels.
        quarters: In the order of time.
        periods: At most two, the earlier first.
        events: Days that may be marked.
        shown: Unit, color and scale.
    """
    unit, hue, log = shown.unit, shown.hue, shown.log
    step = _step(max(q.high for q in quarters))
    top = step * math.ceil(max(q.high for q in quarters) / step)
    foot = min((v for q in quarters for v in (q.low, q.median) if v > 0), default=top / 10) if log else 0.0
    ticks = _decades(foot, top) if log else [i * step for i in range(int(top / step) + 1)]
    f = Frame(
        width=width,
        height=238 if width < 400 else 290,
        x=(min(quarters[0].day, dt.date(quarters[0].day.year, 1, 1)), quarters[-1].day + dt.timedelta(days=60)),
        y=(foot, top * (top / foot) ** HEADROOM)
        if log
        else (min(0.0, *(q.low for q in quarters)), top * (1 + HEADROOM)),
        log_y=log,
        left=40,
        right=14,
        top=6,
    )
    rows = [
        {"day": q.day, "low": v[0], "median": v[1], "high": v[2], "sure": q.sure}
        for q in quarters
        for v in [[max(x, foot) if log else x for x in (q.low, q.median, q.high)]]
    ]
    sure = [r for r in rows if r["sure"]]
    shade = color(hue)
    x, y = f.enc_x("day"), f.enc_y("median")
    line = alt.Chart(inline(rows)).encode(x=x)
    layers = [
        *ticks_y(f, ticks, unit),
        *years_x(f),
        *marked(f, events),
        alt.Chart(inline(sure)).mark_area(opacity=0.16, color=shade).encode(x=x, y=f.enc_y("low"), y2=alt.Y2("high")),
        line.mark_line(color=shade, strokeWidth=2.5).encode(y=y),
        alt.Chart(inline(sure)).mark_point(color=shade, filled=True, size=40, opacity=1).encode(x=x, y=y),
        alt.Chart(inline([r for r in rows if not r["sure"]]))
        .mark_point(color=shade, fill=color("paper"), size=46, opacity=1)
        .encode(x=x, y=y),
    ]
    for p in periods:
        bar = [{"begin": p.begin, "end": p.end, "value": p.value}]
        layers.append(
            alt.Chart(inline(bar))
            .mark_rule(color=color("ink"), strokeWidth=3)
            .encode(x=f.enc_x("begin"), x2=alt.X2("end"), y=f.enc_y("value"))
        )
        layers += _label(f, p, quarters)
    points = [f.point(q.day, max(q.median, foot) if log else q.median, q.words) for q in quarters]
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _label(f: Frame, p: Period, quarters: Sequence[Quarter]) -> list[alt.Chart]:
    """Return the words of a period: where the band leaves more room, above it or below its bar."""
    x = min(max((f.at_x(p.begin) + f.at_x(p.end)) / 2, 34), f.plot[0] - 40)
    reach = 3.2 * max(len(p.words), 8)
    within = [q for q in quarters if abs(f.at_x(q.day) - x) <= reach] or list(quarters)
    above, below = f.at_y(max(q.high for q in within)), f.at_y(min(q.low for q in within))
    big, small = (
        {"fontSize": 21, "fontWeight": 600, "align": "center"},
        {"fontSize": f.size - 1, "color": color("soft"), "align": "center"},
    )
    head = f.plot[1] * HEADROOM
    if above - head < 42 and f.plot[1] - below > 46:
        return [text(x, below + 16, p.label, **big), text(x, below + 36, p.words, **small)]
    middle = max(above - 32, head + 8)
    return [text(x, middle, p.label, **big), text(x, middle + 20, p.words, **small)]


def _decades(low: float, high: float) -> list[float]:
    """Return ticks of a logarithmic scale: ones, twos and fives between two values."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [v for p in powers for v in (1 * 10.0**p, 2 * 10.0**p, 5 * 10.0**p) if low <= v <= high]


def _step(most: float) -> float:
    for step in (0.5, 1, 2, 3, 5, 10, 20, 25, 50, 100):
        if most / step <= 5:
            return float(step)
    return float(10 ** math.floor(math.log10(most)))
