"""Where the plot of a chart lies in its picture: margins, scales and pixels, known before anything is drawn.

A chart made in a frame grows for no label (`autosize` is none) and rounds no axis, so paired charts align, labels can
be pushed apart by code, and the place of each point is known to what answers a pointer.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from leadtime.figures.chart import BREAK, Row
from leadtime.figures.tokens import color

Value = float | dt.date
#: Of the height of a plot, above the data: labels of events stand there and cross nothing.
HEADROOM = 0.15


@dataclass(frozen=True, slots=True)
class Point:
    """What a pointer or the arrow keys find: a place in the picture, pixels, and the words for it."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The plot of a chart.

    Args:
        width: Of the picture, pixels.
        height: Of the picture, pixels.
        left: Margin, pixels; so are the next three.
        right: Margin.
        top: Margin.
        bottom: Margin.
        x: Values at the left and the right edge, numbers or days.
        y: Values at the lower and the upper edge.
        log_x: The scale across is logarithmic.
        log_y: The scale upward is logarithmic.
    """

    width: int
    height: int
    x: tuple[Value, Value]
    y: tuple[float, float]
    left: int = 44
    right: int = 16
    top: int = 8
    bottom: int = 28
    log_x: bool = False
    log_y: bool = False

    @property
    def phone(self) -> bool:
        """Whether it has the layout of a phone."""
        return self.width < BREAK

    @property
    def plot(self) -> tuple[int, int]:
        """Width and height of the plot, pixels."""
        return self.width - self.left - self.right, self.height - self.top - self.bottom

    @property
    def size(self) -> int:
        """Size of its text, pixels."""
        return 13 if self.phone else 14

    def at_x(self, value: Value) -> float:
        """Return where a value lies across the plot, pixels from its left edge."""
        return _along(value, self.x, self.log_x) * self.plot[0]

    def at_y(self, value: float) -> float:
        """Return where a value lies in the plot, pixels from its upper edge."""
        return (1 - _along(value, self.y, self.log_y)) * self.plot[1]

    def point(self, x: Value, y: float, words: str) -> Point:
        """Return a point of the picture for values of the plot."""
        return Point(round(self.left + self.at_x(x), 1), round(self.top + self.at_y(y), 1), words)

    def scale_x(self) -> alt.Scale:
        """Return the scale across."""
        return alt.Scale(
            domain=_domain(self.x),
            nice=False,
            zero=False,
            type="time" if isinstance(self.x[0], dt.date) else "log" if self.log_x else "linear",
        )

    def scale_y(self) -> alt.Scale:
        """Return the scale upward."""
        return alt.Scale(domain=list(self.y), nice=False, zero=False, type="log" if self.log_y else "linear")

    def enc_x(self, field: str) -> alt.X:
        """Return the encoding of a field across."""
        return alt.X(f"{field}:{'T' if isinstance(self.x[0], dt.date) else 'Q'}", scale=self.scale_x(), axis=None)

    def enc_y(self, field: str) -> alt.Y:
        """Return the encoding of a field upward."""
        return alt.Y(f"{field}:Q", scale=self.scale_y(), axis=None)

    def layer(self, *layers: Any) -> "Layers":
        """Return marks as the chart of this frame: charts of Altair, or marks of this module."""
        wide, high = self.plot
        padding = {"left": self.left, "right": self.right, "top": self.top, "bottom": self.bottom}
        size = {"width": wide, "height": high, "autosize": "none", "padding": padding}
        return Layers(tuple(m for m in layers if m is not None), size)


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark at a place that is known in pixels, as Vega-Lite has it: a chart has hundreds, and Altair takes
    milliseconds for each.
    """

    spec: Row

    def to_dict(self, *, validate: bool = True) -> Row:
        """Return the spec."""
        return self.spec

    def moved(self, dx: float, dy: float) -> "Mark":
        """Return it at another place, so many pixels to the right and down."""
        by = {"x": dx, "x2": dx, "y": dy, "y2": dy}
        there = {k: {"value": v["value"] + by[k]} if k in by else v for k, v in self.spec["encoding"].items()}
        return Mark(self.spec | {"encoding": there})


@dataclass(frozen=True, slots=True)
class Layers:
    """Marks over each other, and what they share: the size of the plot and its margins."""

    marks: tuple[Any, ...]
    size: Row

    def to_dict(self, *, validate: bool = True) -> Row:
        """Return the spec of the whole; with `validate`, each chart of Altair is held against the schema again."""
        layers, datasets = [], dict[str, Any]()
        for mark in self.marks:
            spec = dict(mark.to_dict(validate=validate))
            datasets |= spec.pop("datasets", {})
            layers.append({k: v for k, v in spec.items() if k not in ("$schema", "config")})
        found = {"$schema": alt.SCHEMA_URL, **self.size, "layer": layers}
        return found | ({"datasets": datasets} if datasets else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart drawn for one width.

    Args:
        chart: The Altair chart.
        points: What a pointer finds, in the order of the arrow keys.
        frame: Its plot; None where the chart sizes itself.
    """

    chart: Any
    points: Sequence[Point] = ()
    frame: Frame | None = None


def _along(value: Value, ends: tuple[Value, Value], log: bool) -> float:
    low, high, here = (_number(v, log) for v in (*ends, value))
    return (here - low) / ((high - low) or 1.0)


def _number(value: Value, log: bool) -> float:
    from math import log10

    number = float(value.toordinal()) if isinstance(value, dt.date) else float(value)
    return log10(max(number, 1e-300)) if log else number


def _domain(ends: tuple[Value, Value]) -> list[Any]:
    return [alt.DateTime(year=v.year, month=v.month, date=v.day) if isinstance(v, dt.date) else v for v in ends]


def _placed(kind: str, encoding: Row, own: Row) -> Mark:
    return Mark(
        {
            "data": {"values": [{}]},
            "mark": {"type": kind, **own},
            "encoding": {k: {"value": v} for k, v in encoding.items()},
        }
    )


def text(x: float, y: float, words: str, **mark: Any) -> Mark:
    """Return words at a place of the plot, pixels from its upper left corner.

    Args:
        x: Across.
        y: Downward, of the middle of the line.
        words: One line.
        mark: Properties of the text mark, such as align, color, fontWeight.
    """
    own = {"align": "left", "baseline": "middle", **mark}
    return _placed("text", {"x": round(x, 1), "y": round(y, 1), "text": words}, own)


def segment(frm: tuple[float, float], to: tuple[float, float], **mark: Any) -> Mark:
    """Return a straight line between two places of the plot, pixels."""
    (x, y), (x2, y2) = ((round(v, 1) for v in place) for place in (frm, to))
    return _placed("rule", {"x": x, "y": y, "x2": x2, "y2": y2}, mark)


def rect(x: float, y: float, wide: float, high: float, hue: str, opacity: float) -> Mark:
    """Return a rectangle at a place of the plot, pixels from its upper left corner, in the color of a token."""
    own = {"color": color(hue), "opacity": opacity, **({"stroke": color("line")} if hue == "paper" else {})}
    x, y, x2, y2 = (round(v, 1) for v in (x, y, x + wide, y + high))
    return _placed("rect", {"x": x, "y": y, "x2": x2, "y2": y2}, own)


def dot(x: float, y: float, **mark: Any) -> Mark:
    """Return a point at a place of the plot, pixels; filled unless it has a fill of its own."""
    own = {"opacity": 1, **({} if "fill" in mark else {"filled": True}), **mark}
    return _placed("point", {"x": round(x, 1), "y": round(y, 1)}, own)


def ticks_y(f: Frame, values: Iterable[float], unit: str = "", *, zero: bool = True) -> list[Mark]:
    """Return grid lines with their values, the unit on the topmost.

    Args:
        f: The frame.
        values: Where the lines are.
        unit: Words after the topmost value, such as ` months` or `%`.
        zero: The line at zero is darker.
    """
    found, kept = [], [v for v in values if f.y[0] - 1e-9 <= v <= f.y[1] + 1e-9]
    for v in kept:
        y, dark = f.at_y(v), zero and v == 0
        last = v == max(kept)
        found.append(segment((0, y), (f.plot[0], y), color=color("soft" if dark else "line"), strokeWidth=1))
        words = f"{v:,.10g}{unit if last else ''}"
        # the topmost value stands on its line: its unit would not fit beside it
        place = {"align": "left", "baseline": "bottom"} if last and unit.strip().isalpha() else {"align": "right"}
        x = -f.left + 2 if place["align"] == "left" else -8
        found.append(
            text(x, y - 3 if place["align"] == "left" else y, words, color=color("soft"), fontSize=f.size - 1, **place)
        )
    return found


def years_x(f: Frame, *, every: int = 1) -> list[Mark]:
    """Return the years below the plot, each at its first day, with a short tick."""
    first, last = f.x
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    years = range(first.year, last.year + 1)
    days = [day for y in years if first <= (day := dt.date(y, 1, 1)) <= last and not (y - first.year) % every]
    found, high, wide, free = [], f.plot[1], 2.1 * f.size, 1e9
    for day in reversed(days):  # of two that would run into each other the later one is named
        x = f.at_x(day)
        found.append(segment((x, high), (x, high + 5), color=color("soft"), strokeWidth=1))
        align = "center" if 16 < x < f.plot[0] - 12 else "left"
        begin = x - wide / 2 if align == "center" else x
        if begin + wide > free:
            continue
        free = begin - 3
        found.append(text(x, high + 15, str(day.year), align=align, color=color("soft"), fontSize=f.size - 1))
    return found


def ticks_x(f: Frame, values: Iterable[float], say: Any, *, above: bool = False) -> list[Mark]:
    """Return lines down the plot with words for their values.

    Args:
        f: The frame.
        values: Where they are.
        say: From a value to its words.
        above: The words stand above the plot.
    """
    found, high = [], f.plot[1]
    for v in values:
        x = f.at_x(v)
        found.append(segment((x, 0), (x, high), color=color("line"), strokeWidth=1))
        align = "left" if x < 12 else "right" if x > f.plot[0] - 12 else "center"
        found.append(
            text(x, -10 if above else high + 14, say(v), align=align, color=color("soft"), fontSize=f.size - 1)
        )
    return found


def pushed_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places as near as can be to those wanted, none nearer to another than the gap, all within the ends where
    they fit.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[list[Any]] = []  # middle of what is wanted, members
    for i in order:
        groups.append([wanted[i], [i]])
        while len(groups) > 1 and _start(groups[-1], gap) < _start(groups[-2], gap) + gap * len(groups[-2][1]):
            _, members = groups.pop()
            all_of = groups[-1][1] + members
            groups[-1] = [sum(wanted[k] for k in all_of) / len(all_of), all_of]
    found = [0.0] * len(wanted)
    for group in groups:
        start = min(max(_start(group, gap), low), max(low, high - gap * (len(group[1]) - 1)))
        for place, i in enumerate(group[1]):
            found[i] = start + gap * place
    for before, i in itertools.pairwise(order):  # a group that an end moved may have come near its neighbor
        found[i] = max(found[i], found[before] + gap)
    for before, i in reversed([*itertools.pairwise(order)]):
        found[i] = min(found[i], max(low, high))
        found[before] = min(found[before], found[i] - gap)
    return found


def _start(group: list[Any], gap: float) -> float:
    return float(group[0]) - gap * (len(group[1]) - 1) / 2


def end_labels(f: Frame, items: Sequence[Row], x: float) -> list[Mark]:
    """Return direct labels at the ends of lines, pushed apart.

    Args:
        f: The frame.
        items: Rows of y (value), words, color, and perhaps more (a second line).
        x: Where they begin, pixels from the left edge of the plot.
    """
    lines = 2 if any(i.get("more") for i in items) else 1
    places = pushed_apart([f.at_y(i["y"]) for i in items], 17.0 * lines + 3, 8, f.plot[1] - 8)
    found = []
    for item, y in zip(items, places, strict=True):
        up = 8 if item.get("more") else 0
        found.append(text(x, y - up, item["words"], color=item["color"], fontWeight=600, fontSize=f.size))
        if item.get("more"):
            found.append(text(x, y + 9, item["more"], color=color("soft"), fontSize=f.size - 1))
    return found
