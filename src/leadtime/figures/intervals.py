"""The chart that any table of values with intervals can have: a row each, a dot and a bar; and bars on both sides of
zero.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from leadtime.figures.chart import Row, is_finite
from leadtime.figures.frame import Frame, Picture, Point, dot, segment, text
from leadtime.figures.tokens import color

Drawn = Callable[[int], Picture]
#: Longer names than this stand above their bars, on a desk too.
_LONGEST = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Values as dots with their ranges, one under the other.

    Args:
        rows: label, median, low, high. Perhaps `few`, true where the value jumps between a few: a hollow dot, and no
            bar; `hue`, a token; `ticks`, further values as thin marks in place of a dot; `head`, true for a heading
            without a value; `words` for who points at it.
        title: What the axis shows, with its unit.
        logarithmic: The values are factors.
        span: A range to shade, such as one that was claimed.
        bars: Values are bars from zero, without a range.
        digits: Decimals of the value beside its bar; by default three digits that count.
    """

    rows: Sequence[Row]
    title: str
    logarithmic: bool = False
    span: tuple[float, float] | None = None
    bars: bool = False
    digits: int | None = None

    def drawn(self, width: int) -> Picture:
        """Return the chart for a width in pixels: names left of the bars where there is room, else above them."""
        longest = max((len(str(r["label"])) for r in self.rows), default=0)
        beside = width >= 560 and longest <= _LONGEST
        step = 26 if beside else 40
        heights = [24 if r.get("head") else step for r in self.rows]
        f = Frame(
            width=width,
            height=sum(heights) + 52,
            x=self._ends(),
            y=(0, 1),
            left=min(20 + int(7.0 * longest), 260) if beside else 8,
            right=64,
            top=4,
            bottom=48,
            log_x=self.logarithmic,
        )
        layers: list[Any] = self._axis(f)
        points: list[Point] = []
        top = 0.0
        for r, high in zip(self.rows, heights, strict=True):
            y = top + (high / 2 if beside or r.get("head") else high * 0.68)
            layers += self._row(f, r, y, beside=beside)
            if is_finite(r.get("median")) and not r.get("head"):
                points.append(Point(round(f.left + f.at_x(r["median"]), 1), round(f.top + y, 1), self._words(r)))
            top += high
        return Picture(chart=f.layer(*layers), points=points, frame=f)

    def _ends(self) -> tuple[float, float]:
        values = [
            float(v)
            for r in self.rows
            for v in (r.get("median"), r.get("low"), r.get("high"), *_usual(r.get("ticks", ())), *(self.span or ()))
            if v is not None and is_finite(v) and (v > 0 or not self.logarithmic)
        ]
        if not values:
            return (0.1, 10.0) if self.logarithmic else (0.0, 1.0)
        low, high = min(values), max(values)
        if self.logarithmic:
            return low / 1.1, max(high, low * 1.5) * 1.1
        low, high = (min(low, 0.0), max(high, 0.0)) if self.bars or (low > 0 and low < 0.6 * high) else (low, high)
        room = 0.03 * ((high - low) or abs(high) or 1.0)
        return (low if low == 0 else low - room, high + room)

    def _axis(self, f: Frame) -> list[Any]:
        found: list[Any] = []
        high = f.plot[1]
        if self.span:
            a, b = (max(0.0, min(f.at_x(v), f.plot[0])) for v in self.span)
            found.append(
                segment(((a + b) / 2, 0), ((a + b) / 2, high), color=color("claim"), strokeWidth=max(b - a, 1))
            )
        last = -100.0
        for v in _ticks(f):
            x = f.at_x(v)
            shade = color("soft" if v == (1.0 if self.logarithmic else 0.0) else "line")
            found.append(segment((x, 0), (x, high), color=shade, strokeWidth=1))
            if x - last > 44:
                last = x
                align = "left" if x < 10 else "center"
                found.append(text(x, high + 14, f"{v:,.4g}", align=align, color=color("soft"), fontSize=f.size - 1))
        found.append(
            text(0 if f.left < 40 else -f.left + 8, high + 36, self.title, color=color("soft"), fontSize=f.size - 1)
        )
        return found

    def _row(self, f: Frame, r: Row, y: float, *, beside: bool) -> list[Any]:
        found: list[Any] = []
        bold: Row = {"fontWeight": 600} if r.get("head") else {}
        at = (-f.left + 8, y) if beside or r.get("head") else (4, y - 17)
        found.append(text(*at, str(r["label"]), fontSize=f.size - (0 if beside else 1), **bold))
        if r.get("head"):
            return found
        hue, right = color(r.get("hue") or "blue"), 0.0
        for v in r.get("ticks", ()):
            x = f.at_x(v)
            if 0 <= x <= f.plot[0]:
                found.append(segment((x, y - 5), (x, y + 5), color=color("ink"), strokeWidth=1.5, opacity=0.45))
        if not is_finite(r.get("median")):
            return found
        x = f.at_x(float(r["median"]))
        if self.bars:
            zero = f.at_x(0.0)
            found.append(segment((zero, y), (x, y), color=hue, strokeWidth=12))
            right = max(zero, x)
        else:
            low, high = r.get("low"), r.get("high")
            if is_finite(low) and is_finite(high) and not r.get("few"):
                a, b = (max(0.0, min(f.at_x(v), f.plot[0])) for v in (float(low or 0), float(high or 0)))
                if b - a > 1:
                    found.append(segment((a, y), (b, y), color=hue, strokeWidth=8, opacity=0.35))
                right = b
            own = {"fill": color("paper"), "stroke": hue, "strokeWidth": 2} if r.get("few") else {"color": hue}
            found.append(dot(x, y, size=70, **own))
        found.append(text(max(right, x) + 9, y, self._say(r["median"]), fontWeight=600, fontSize=f.size - 1))
        return found

    def _say(self, value: Any) -> str:
        return f"{value:,.3g}" if self.digits is None else f"{value:,.{self.digits}f}"

    def _words(self, r: Row) -> str:
        if r.get("words"):
            return str(r["words"])
        low, high = r.get("low"), r.get("high")
        ends = f" ({self._say(low)} to {self._say(high)})" if is_finite(low) and is_finite(high) else ""
        return f"{r['label']}\n{self._say(r['median'])}{ends}"


def _usual(ticks: Sequence[float]) -> Sequence[float]:
    """Return thin marks without the wildest, so that one open interval does not squeeze the rest."""
    cut = len(ticks) // 20
    return sorted(ticks)[cut : len(ticks) - cut]


def _ticks(f: Frame) -> list[float]:
    low, high = (float(v) for v in f.x)  # type: ignore[arg-type]
    if f.log_x:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        wide = last - first > 3
        steps = [m * 10.0**n for n in range(first, last + 1) for m in ((1,) if wide else (1, 2, 5))]
        return [v for v in steps if low <= v <= high]
    size = 10.0 ** math.floor(math.log10((high - low) or 1.0))
    step = next(s * size for s in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (s * size) <= 6)
    return [round(step * i, 10) for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def intervals(rows: Sequence[Row], title: str, *, logarithmic: bool = False) -> Drawn:
    """Return values as dots with their 90% intervals, one under the other in the order of the rows.

    Args:
        rows: label, median, low, high; perhaps `few`, true where the value jumps between a few: a hollow dot, and no
            bar.
        title: What the axis shows, with its unit.
        logarithmic: The values are factors.
    """
    kept = [r for r in rows if is_finite(r["median"])]
    return Ranges(rows=kept, title=title, logarithmic=logarithmic).drawn


def bars(rows: Sequence[Row], title: str) -> Drawn:
    """Return values on both sides of zero as bars, one under the other in the order of the rows.

    Args:
        rows: label, median; one without a number is left out.
        title: What the axis shows, with its unit.
    """
    return Ranges(rows=[r for r in rows if is_finite(r["median"])], title=title, bars=True).drawn
