"""Gaps by quarter under sets of rules, beside the gaps that were measured: one line a set, named at its end."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from leadtime.figures.chart import BREAK, inline
from leadtime.figures.events import Event, marked
from leadtime.figures.frame import HEADROOM, Frame, Picture, end_labels, segment, text, ticks_y, years_x
from leadtime.figures.tokens import color


@dataclass(frozen=True, slots=True)
class At:
    """A gap in a quarter: its middle day, its name, and months: low, median, high."""

    day: dt.date
    quarter: str
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A set of rules.

    Args:
        title: Its name at the end of the line.
        points: Quarter by quarter.
        hue: Token of its color.
        dashed: It is drawn dashed.
        band: Its range is shaded.
    """

    title: str
    points: Sequence[At]
    hue: str
    dashed: bool = False
    band: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What stands around the lines.

    Args:
        measured: Gaps that were measured.
        begins: The day from which all is what would follow.
        words: Two short lines over what follows.
        events: Days of rules.
        added: What the rules add today, two lines, between a solid and a dashed line; empty where nothing is said.
    """

    measured: Sequence[At]
    begins: dt.date
    words: tuple[str, str]
    events: Sequence[Event] = ()
    added: tuple[str, str] = ("", "")


def gaps(width: int, lines: Sequence[Line], scene: Scene) -> Picture:
    """Return gaps by quarter with what was measured, what would follow shaded, and each line named at its end.

    Args:
        width: Of the picture, pixels.
        lines: Today's rules first.
        scene: What stands around them.
    """
    f = frame(width, lines, scene)
    begins, end = f.at_x(scene.begins), f.at_x(lines[0].points[-1].day)
    shade = [{"a": scene.begins, "b": lines[0].points[-1].day, "y": f.y[0], "z": f.y[1]}]
    layers: list[Any] = [
        alt.Chart(inline(shade))
        .mark_rect(color=color("yours"), opacity=0.1)
        .encode(x=f.enc_x("a"), x2=alt.X2("b"), y=f.enc_y("y"), y2=alt.Y2("z")),
        *ticks_y(f, range(0, int(f.y[1] / (1 + HEADROOM)) + 1, _step(f.y[1])), " months"),
        *years_x(f, every=2 if f.phone else 1),
        *marked(f, [e for e in scene.events if f.at_x(e.day) < begins - 90], None),
    ]
    room = end - begins > 96
    for i, words in enumerate(scene.words):
        place = (begins + 6, "left") if room else (end - 2, "right")
        weight = {"fontWeight": 600} if i == 0 else {}
        layers.append(
            text(place[0], 7 + 15 * i, words, align=place[1], color=color("yours"), fontSize=f.size - 1, **weight)
        )
    for line in reversed(lines):  # today's rules lie on top: before a change all lines are theirs
        layers += _drawn(f, line)
    layers += _seen(f, scene.measured)
    if scene.added[0]:
        layers += _bracket(f, lines, scene)
    layers += end_labels(f, [_label(line, f) for line in lines], f.plot[0] + 10)
    return Picture(chart=f.layer(*layers), points=_points(f, lines, scene.measured), frame=f)


def frame(width: int, lines: Sequence[Line], scene: Scene) -> Frame:
    """Return the plot: its scales hold every line, every shaded range and every dot."""
    tops = [p.high for line in lines if line.band for p in line.points]
    tops += [p.median for line in lines for p in line.points] + [m.median for m in scene.measured]
    lows = [
        0.0,
        *(p.low for line in lines if line.band for p in line.points),
        *(p.median for line in lines for p in line.points),
    ]
    step = _step(max(tops))
    top = step * math.ceil(max(tops) / step)
    low = step * math.floor(min(lows) / step)
    end = max(p.day for line in lines for p in line.points)
    first = min(p.day for line in lines for p in line.points)
    return Frame(
        width=width,
        height=320 if width < BREAK else 400 if width < 900 else 420,
        x=(dt.date(first.year, 1, 1), end),
        y=(low, top * (1 + HEADROOM)),
        left=40,
        right=118 if width < BREAK else 190,
        top=8,
        bottom=30,
    )


def _step(most: float) -> int:
    return next((s for s in (1, 2, 3, 5, 10) if most / s <= 6.5), 20)


def _drawn(f: Frame, line: Line) -> list[alt.Chart]:
    rows = [{"day": p.day, "low": p.low, "median": p.median, "high": p.high} for p in line.points]
    base, shade = alt.Chart(inline(rows)), color(line.hue)
    band = base.mark_area(opacity=0.16, color=shade).encode(x=f.enc_x("day"), y=f.enc_y("low"), y2=alt.Y2("high"))
    dash = {"strokeDash": [5, 4]} if line.dashed else {}
    drawn = base.mark_line(color=shade, strokeWidth=2.5, **dash).encode(x=f.enc_x("day"), y=f.enc_y("median"))
    return [band, drawn] if line.band else [drawn]


def _seen(f: Frame, measured: Sequence[At]) -> list[alt.Chart]:
    if not measured:
        return []
    top = f.y[1] / (1 + HEADROOM)
    rows = [{"day": m.day, "low": max(m.low, f.y[0]), "median": m.median, "high": min(m.high, top)} for m in measured]
    base, shade = alt.Chart(inline(rows)).encode(x=f.enc_x("day")), color("china")
    x, y = _clear(f, measured)
    return [
        base.mark_rule(color=shade, strokeWidth=1.2, opacity=0.65).encode(y=f.enc_y("low"), y2=alt.Y2("high")),
        base.mark_point(color=shade, filled=True, size=44, opacity=1).encode(y=f.enc_y("median")),
        text(x, y, "Measured", color=shade, fontWeight=600, fontSize=f.size - 1),
    ]


def _clear(f: Frame, measured: Sequence[At]) -> tuple[float, float]:
    """Return where the word for the dots stands: right of the highest one that leaves room before the next range."""
    wide = 66.0

    def free(m: At) -> bool:
        x, y = f.at_x(m.day) + 10, f.at_y(m.median)
        crossed = [o for o in measured if x - 4 <= f.at_x(o.day) <= x + wide]
        return all(y + 9 < f.at_y(o.high) or y - 9 > f.at_y(o.low) for o in crossed)

    order = sorted(measured, key=lambda m: -m.median)
    chosen = next((m for m in order if free(m)), order[0])
    return f.at_x(chosen.day) + 10, f.at_y(chosen.median)


def _bracket(f: Frame, lines: Sequence[Line], scene: Scene) -> list[alt.Chart]:
    """Return a bar between today's rules and none, on the day from which all is what would follow; on a wide chart its
    words below the range.
    """
    free = next((line for line in lines if line.dashed), None)
    if free is None:
        return []
    near = [min(line.points, key=lambda p: abs((p.day - scene.begins).days)) for line in (lines[0], free)]
    x, (a, b) = f.at_x(near[0].day), (f.at_y(p.median) for p in near)
    found = [segment((x, a), (x, b), color=color("ink"), strokeWidth=2)]
    if f.phone:
        return found
    low = max(f.at_y(near[0].low), f.at_y(near[1].low))
    where, align = (x - 4, "left") if f.plot[0] - x > 215 else (f.plot[0] - 2, "right")
    return [
        *found,
        *(
            text(where, low + 16 + 17 * i, words, align=align, fontSize=f.size - 1, fontWeight=600)
            for i, words in enumerate(scene.added)
        ),
    ]


def _label(line: Line, f: Frame) -> dict[str, Any]:
    p = line.points[-1]
    months = f"{p.median:.1f} ({p.low:.1f} to {p.high:.1f})"
    return {
        "y": p.median,
        "words": line.title,
        "more": months if f.phone else f"{months.replace(' (', ' months (', 1)}",
        "color": color(line.hue),
    }


def _points(f: Frame, lines: Sequence[Line], measured: Sequence[At]) -> list[Any]:
    seen = {m.quarter: m for m in measured}
    found = []
    for i, p in enumerate(lines[0].points):
        told = [
            f"{line.title}: {line.points[i].median:.1f} ({line.points[i].low:.1f} to {line.points[i].high:.1f})"
            for line in lines
        ]
        if m := seen.get(p.quarter):
            told.insert(0, f"Measured: {m.median:.1f} ({m.low:.1f} to {m.high:.1f})")
        found.append(f.point(p.day, p.median, "\n".join([f"{quarter_words(p.quarter)}, months behind", *told])))
    return found


def quarter_words(quarter: str) -> str:
    """Return a quarter in words: `Early 2024 (Jan–Mar)`."""
    part = int(quarter[-1]) - 1
    when = ("Early", "Spring", "Summer", "Late")[part]
    months = ("Jan–Mar", "Apr–Jun", "Jul–Sep", "Oct–Dec")[part]
    return f"{when} {quarter[:4]} ({months})"
