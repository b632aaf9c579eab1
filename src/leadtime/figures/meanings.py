"""One quantity by several meanings, for one subject or several beside each other: a dot, a range, and its value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from leadtime.figures.chart import is_finite
from leadtime.figures.frame import Frame, Picture, Point, dot, segment, text
from leadtime.figures.tokens import color

#: A range narrower than this many units is a bare dot: the same in every run.
_BARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value: whose, by which meaning, with its range; `words` for who points at it."""

    subject: str
    meaning: str
    low: float | None
    median: float | None
    high: float | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """What is drawn.

    Args:
        readings: All values; those without a median are told as missing.
        chosen: The meaning in color.
        unit: Words after the last tick, such as ` months`.
        hues: Token of the color of a subject, where it is not China's.
    """

    readings: Sequence[Reading]
    chosen: str = ""
    unit: str = " months"
    hues: dict[str, str]

    def drawn(self, width: int) -> Picture:
        """Return the chart for a width in pixels: subjects beside each other where there is room, else one under the
        other.
        """
        subjects = list(dict.fromkeys(r.subject for r in self.readings))
        meanings = list(dict.fromkeys(r.meaning for r in self.readings))
        beside = width >= 640 and len(subjects) > 1
        across = min(len(subjects), 4) if beside else 1
        step = 34 if beside else 42 if width >= 400 else 40
        head = 26 if len(subjects) > 1 else 0
        block = head + step * len(meanings) + 26
        down = math.ceil(len(subjects) / across)
        f = Frame(width=width, height=block * down + 6, x=self._span(), y=(0, 1), left=8, right=8, top=4, bottom=2)
        names = 232.0 if beside else 0.0
        gutter, wide = 36.0, 0.0
        wide = (f.plot[0] - names - gutter * (across - 1)) / across
        layers: list[Any] = []
        points: list[Point] = []
        for i, subject in enumerate(subjects):
            left, top = names + (i % across) * (wide + gutter), block * (i // across)
            own = {r.meaning: r for r in self.readings if r.subject == subject}
            panel = _Panel(
                f=f, left=left, top=top + head, wide=wide, step=step, span=self._span(), own_names=not beside
            )
            if head:
                layers.append(text(left, top + 10, subject, fontWeight=600, fontSize=f.size + 1))
            layers += panel.axis(len(meanings), self.unit)
            for j, meaning in enumerate(meanings):
                if beside and not i % across:
                    hue = color(self.hues.get(subject, "china")) if meaning == self.chosen else color("ink")
                    layers.append(text(0, panel.y(j), meaning, color=hue, fontSize=f.size))
                hue = color(self.hues.get(subject, "china")) if meaning == self.chosen else color("without")
                layers += panel.row(j, meaning, own.get(meaning), hue)
                r = own.get(meaning)
                if r is not None and is_finite(r.median):
                    points.append(Point(round(f.left + panel.x(r.median)), round(f.top + panel.y(j)), r.words))
        return Picture(chart=f.layer(*layers), points=points, frame=f)

    def _span(self) -> tuple[float, float]:
        ends = [v for r in self.readings for v in (r.low, r.median, r.high) if is_finite(v)]
        low, high = min(0.0, *map(float, ends), 0.0), max(1.0, *map(float, ends), 1.0)  # type: ignore[arg-type]
        step = _step(high - low)
        return (low if low > -0.6 * step else step * math.floor(low / step), step * math.ceil(high / step))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """Where the rows of one subject stand."""

    f: Frame
    left: float
    top: float
    wide: float
    step: float
    span: tuple[float, float]
    own_names: bool

    def x(self, value: float | None) -> float:
        low, high = self.span
        assert value is not None
        room = self.wide - 60  # the value stands right of its bar, and the unit right of the last tick
        return self.left + (value - low) / (high - low) * room

    def y(self, row: int) -> float:
        return self.top + self.step * row + (self.step * 0.68 if self.own_names else self.step / 2)

    def axis(self, rows: int, unit: str) -> list[alt.Chart]:
        low, high = self.span
        step, found, bottom = _step(high - low), [], self.top + self.step * rows
        first, n = math.ceil(low / step - 1e-9), round(high / step)
        for i in range(first, n + 1):
            v = step * i
            shade = color("soft" if abs(v) < 1e-9 else "line")
            x = self.x(v)
            found.append(segment((x, self.top), (x, bottom), color=shade, strokeWidth=1))
            words = f"{v:g}{unit if i == n else ''}"
            align = "left" if i == n or x < 8 else "center"
            at = x - 4 if i == n else x
            found.append(text(at, bottom + 12, words, align=align, color=color("soft"), fontSize=self.f.size - 1))
        return found

    def row(self, i: int, meaning: str, r: Reading | None, hue: str) -> list[alt.Chart]:
        y, found = self.y(i), []
        if self.own_names:
            shade = hue if hue != color("without") else color("ink")
            found.append(text(self.left + 5, y - 17, meaning, color=shade, fontSize=self.f.size - 1))
        if r is None or not is_finite(r.median):
            words = "cannot be measured"
            return [*found, text(self.x(max(0.0, self.span[0])) + 6, y, words, color=color("soft"), fontSize=12)]
        right = self.x(r.median)
        if is_finite(r.low) and is_finite(r.high) and float(r.high or 0) - float(r.low or 0) >= _BARE:
            found.append(segment((self.x(r.low), y), (self.x(r.high), y), color=hue, strokeWidth=8, opacity=0.35))
            right = self.x(r.high)
        found.append(dot(self.x(r.median), y, size=80, color=hue))
        found.append(text(right + 10, y, f"{r.median:.1f}", fontWeight=600, fontSize=self.f.size))
        return found


def _step(span: float) -> float:
    for step in (0.5, 1, 2, 5, 10, 20, 50):
        if span / step <= 6:
            return float(step)
    return 100.0
