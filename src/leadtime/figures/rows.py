"""Ranges one under the other on one axis: a row each, its name at the left, above its bar on a phone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from leadtime.figures.chart import BREAK, inline
from leadtime.figures.frame import Frame, Picture, Point, segment, text
from leadtime.figures.tokens import color


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One row.

    Args:
        label: Its name.
        more: A second, smaller line below it.
        low: Low end of the bar; None where there is none.
        high: High end of the bar.
        thin_low: Low end of the thin line around it.
        thin_high: High end of the thin line.
        dot: The middle; None where a bound has none.
        words: What stands right of it.
        note: What stands in the place of a bar that cannot be drawn.
        hue: Token of its color.
        simulated: It stands on the ground of what is simulated.
        faded: The bar is pale, so that its middle stands out.
    """

    label: str
    more: str = ""
    low: float | None = None
    high: float | None = None
    thin_low: float | None = None
    thin_high: float | None = None
    dot: float | None = None
    words: str = ""
    note: str = ""
    hue: str = "ink"
    simulated: bool = False
    faded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The axis of rows.

    Args:
        ends: Values at the left and the right edge.
        ticks: Where its lines are.
        say: From a tick to its words.
        zero: Where its dark line is: what changes nothing.
        log: It is logarithmic.
        marks: Further lines: value, two lines of words above the plot, token of the color, and whether it is dashed.
    """

    ends: tuple[float, float]
    ticks: Sequence[float]
    say: Callable[[float], str]
    zero: float = 0.0
    log: bool = False
    marks: Sequence[tuple[float, tuple[str, str], str, bool]] = ()


def by_row(width: int, rows: Sequence[Range], axis: Axis, *, names: int = 0) -> Picture:
    """Return rows of ranges.

    Args:
        width: Of the picture, pixels.
        rows: From the top down.
        axis: Their axis.
        names: Width of the names at the left, pixels; a third of the picture by default, none on a phone.
    """
    phone = width < BREAK
    left = 8 if phone else names or min(400, width * 2 // 5)
    room = left + 4 if not phone else width - 16
    heads = [(_wrapped(r.label, room, 7.6), _wrapped(r.more, room, 6.5)) for r in rows]
    highs = [_high(a, b, phone=phone) for a, b in heads]
    top = 44 if axis.marks else 10
    f = Frame(
        width=width,
        height=top + sum(highs) + 30,
        x=axis.ends,
        y=(0, 1),
        left=left,
        right=(64 if phone else 110) if any(r.words for r in rows) else 16,
        top=top,
        bottom=30,
        log_x=axis.log,
    )
    layers: list[Any] = []
    points: list[Point] = []
    y = 0.0
    grounds = []
    for r, high in zip(rows, highs, strict=True):
        if r.simulated:
            grounds.append(_box(-f.left, y + 1, f.plot[0] + f.right, y + high - 1, color("yours"), 0.1))
        y += high
    layers += grounds
    layers += _lines(f, axis, highs)
    y = 0.0
    for i, (r, head, high) in enumerate(zip(rows, heads, highs, strict=True)):
        if i and not r.simulated:
            layers.append(segment((-f.left, y), (f.plot[0] + f.right, y), color=color("line"), strokeWidth=1))
        at = _names(f, head, y, high, layers)
        _bar(f, r, at, layers, max([0.0, *(f.at_x(m[0]) for m in axis.marks)]))
        middle = r.dot if r.dot is not None else None if r.low is None or r.high is None else (r.low + r.high) / 2
        if middle is not None:
            points.append(
                Point(round(f.left + _within(f, middle), 1), round(f.top + at, 1), f"{r.label}\n{r.words or r.note}")
            )
        y += high
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _wrapped(words: str, room: float, letter: float) -> list[str]:
    if not words:
        return []
    lines = [""]
    for word in words.split():
        if lines[-1] and (len(lines[-1]) + 1 + len(word)) * letter > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _high(head: Sequence[str], more: Sequence[str], *, phone: bool) -> int:
    words = 19 * len(head) + 17 * len(more)
    return words + (44 if phone else 22)


def _names(f: Frame, head: tuple[list[str], list[str]], y: float, high: float, layers: list[Any]) -> float:
    """Add the name of a row, and return where its bar is, pixels from the top of the plot."""
    at = y + 20
    for i, part in enumerate(head):
        for line in part:
            weight = {"fontWeight": 600} if i == 0 else {}
            layers.append(
                text(
                    -f.left + 4,
                    at,
                    line,
                    color=color("soft" if i else "ink"),
                    fontSize=f.size if i == 0 else f.size - 1,
                    **weight,
                )
            )
            at += 19 if i == 0 else 17
    return y + high - 18 if f.phone else y + high / 2


def _within(f: Frame, value: float) -> float:
    return min(max(f.at_x(value), 0.0), float(f.plot[0]))


def _bar(f: Frame, r: Range, y: float, layers: list[Any], clear: float) -> None:
    """Add the bar of a row, or what stands in its place, right of where the last line is."""
    shade = color(r.hue)
    if r.note:
        place = max(0.0 if f.log_x else f.at_x(0), clear) + 8
        lines = _wrapped(r.note, f.plot[0] + f.right - place, 6.4)
        top = y - 7.5 * (len(lines) - 1)
        layers += [
            text(place, top + 15 * i, line, color=color("soft"), fontSize=f.size - 1) for i, line in enumerate(lines)
        ]
        return
    end = 0.0
    if r.thin_low is not None and r.thin_high is not None:
        a, b = _within(f, r.thin_low), _within(f, r.thin_high)
        layers.append(segment((a, y), (b, y), color=shade, strokeWidth=2))
        end = max(end, b)
    if r.low is not None and r.high is not None:
        a, b = _within(f, r.low), max(_within(f, r.high), _within(f, r.low) + 2)
        layers.append(segment((a, y), (b, y), color=shade, strokeWidth=11, opacity=0.4 if r.faded else 1.0))
        end = max(end, b)
    if r.dot is not None:
        x = _within(f, r.dot)
        layers.append(_dot(x, y, shade))
        end = max(end, x + 5)
    if r.words:
        layers.append(
            text(end + 8, y, r.words, fontWeight=600, fontSize=f.size, color=shade if r.hue != "ink" else color("ink"))
        )


def _lines(f: Frame, axis: Axis, highs: Sequence[int]) -> list[Any]:
    """Return the lines down the plot with their words; on a phone they leave the names above the bars alone."""
    lines: list[tuple[float, dict[str, Any]]] = [(v, {"color": color("line"), "strokeWidth": 1}) for v in axis.ticks]
    if axis.ends[0] <= axis.zero <= axis.ends[1]:
        lines.append((axis.zero, {"color": color("ink"), "strokeWidth": 1.5}))
    for value, _, hue, dashed in axis.marks:
        lines.append((value, {"color": color(hue), "strokeWidth": 2, **({"strokeDash": [5, 4]} if dashed else {})}))
    found: list[Any] = []
    for value, mark in lines:
        x = f.at_x(value)
        if not f.phone:
            found.append(segment((x, 0), (x, f.plot[1]), **mark))
            continue
        bottom = 0.0
        for high in highs:
            bottom += high
            found.append(segment((x, bottom - 32), (x, bottom - 4), **mark))
    for v in axis.ticks:
        x = f.at_x(v)
        align = "left" if x < 12 else "right" if x > f.plot[0] - 12 else "center"
        found.append(text(x, f.plot[1] + 14, axis.say(v), align=align, color=color("soft"), fontSize=f.size - 1))
    for value, words, hue, _ in axis.marks:
        x = f.at_x(value)
        right = value == max(m[0] for m in axis.marks)
        for i, line in enumerate(words):
            place = (x + 4, "left") if right else (x - 4, "right")
            if not right and x < 110 - f.left:
                place = (x - 4, "left")  # there is no room at its left
            found.append(
                text(
                    place[0], -32 + 15 * i, line, align=place[1], color=color(hue), fontWeight=600, fontSize=f.size - 1
                )
            )
    return found


def _dot(x: float, y: float, shade: str) -> alt.Chart:
    return (
        alt.Chart(inline([{"n": 1}]))
        .mark_point(filled=True, size=90, color=shade, opacity=1, stroke=color("paper"), strokeWidth=1.5)
        .encode(x=alt.XValue(round(x, 1)), y=alt.YValue(round(y, 1)))
    )


def _box(x: float, y: float, x2: float, y2: float, shade: str, opacity: float = 1.0) -> alt.Chart:
    return (
        alt.Chart(inline([{"n": 1}]))
        .mark_rect(color=shade, opacity=opacity)
        .encode(x=alt.XValue(x), y=alt.YValue(y), x2=alt.X2Value(x2), y2=alt.Y2Value(y2))
    )
