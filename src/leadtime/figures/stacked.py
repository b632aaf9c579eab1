"""Amounts by period, stacked by what they are made of: years or quarters, one country or several beside each other."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from leadtime.figures.chart import inline
from leadtime.figures.events import Event, marked
from leadtime.figures.frame import HEADROOM, Frame, Mark, Picture, Point, dot, pushed_apart, segment, text, years_x
from leadtime.figures.tokens import color


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A period and its parts.

    Args:
        begin: First day.
        end: Last day.
        label: Words below it; empty where the axis has years.
        total: Words above it; empty for none.
        parts: Amount of each part, from the lowest up.
        words: For who points at it.
    """

    begin: dt.date
    end: dt.date
    label: str
    total: str
    parts: Mapping[str, float]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One country: its name, its bars, and the labels of the parts of the last one (part, words)."""

    name: str
    bars: Sequence[Bar]
    labels: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacked:
    """What is drawn.

    Args:
        panels: One, or several beside each other on one scale.
        hues: Token of the color of each part.
        events: Days of rules that may be marked.
        most_events: So many at most; by default as many as fit.
        years: The axis below has years; else each bar has its label.
    """

    panels: Sequence[Panel]
    hues: Mapping[str, str]
    events: Sequence[Event] = ()
    most_events: int | None = None
    years: bool = False

    def drawn(self, width: int) -> Picture:
        """Return the chart for a width in pixels."""
        several, phone = len(self.panels) > 1, width < 560
        across = 1 if phone or not several else len(self.panels)
        high = 250 if several and phone else 300 if phone or width < 600 else 360
        gutter = 20.0
        wide = (width - gutter * (across - 1)) / across
        layers: list[Any] = []
        points: list[Point] = []
        down = math.ceil(len(self.panels) / across)
        for i, panel in enumerate(self.panels):
            dx, dy = (i % across) * (wide + gutter), (i // across) * (high + 12)
            f = self._frame(int(wide), high, panel, labels=not several)
            made = self._panel(f, panel)
            if several:
                made.append(text(0, 8 - f.top + 4, panel.name, fontWeight=600, fontSize=f.size + 1))
            layers += [_moved(c, dx + f.left, dy + f.top) for c in made]
            points += [Point(round(dx + f.left + x), round(dy + f.top + y), w) for x, y, w in self._points(f, panel)]
        whole = Frame(
            width=width, height=down * high + 12 * (down - 1), x=(0, 1), y=(0, 1), left=0, right=0, top=0, bottom=0
        )
        return Picture(chart=whole.layer(*layers), points=points, frame=whole)

    def _frame(self, width: int, height: int, panel: Panel, *, labels: bool) -> Frame:
        bars = panel.bars
        most = max((sum(b.parts.values()) for p in self.panels for b in p.bars), default=0.0) or 1.0
        top = _step(most) * math.ceil(most / _step(most))
        head = HEADROOM if self.events else 0.06
        lines = [line for _, w in panel.labels for line in _lines(w, phone=width < 480)]
        own = max(map(len, lines), default=0) if labels else 0
        return Frame(
            width=width,
            height=height,
            x=(bars[0].begin, bars[-1].end),
            y=(0.0, top * (1 + head)),
            left=46,
            right=int((6.9 if width >= 480 else 6.3) * own) + 26 if own else 10,
            top=10 if labels else 30,
            bottom=28 if self.years or not any("\n" in b.label for b in bars) else 44,
        )

    def _panel(self, f: Frame, panel: Panel) -> list[Any]:
        step = _step(f.y[1] / (1 + (HEADROOM if self.events else 0.06)))
        values = [step * i for i in range(int(f.y[1] / step) + 1)]
        layers: list[Any] = [x for v in values for x in _tick(f, v)]
        layers += years_x(f) if self.years else []
        layers += marked(f, self.events, self.most_events) if self.events else []
        rows = []
        for b in panel.bars:
            left, right, base = *_ends(f, b), 0.0
            for part, value in b.parts.items():
                if value > 0:
                    rows.append(
                        {
                            "x": left,
                            "x2": right,
                            "y": f.at_y(base + value),
                            "y2": f.at_y(base),
                            "hue": color(self.hues[part]),
                        }
                    )
                base += value
            middle = (left + right) / 2
            if b.total:
                layers.append(text(middle, f.at_y(base) - 11, b.total, align="center", fontWeight=600, fontSize=f.size))
            for n, line in enumerate(b.label.split("\n") if not self.years else ()):
                layers.append(
                    text(
                        middle, f.plot[1] + 14 + 16 * n, line, align="center", color=color("soft"), fontSize=f.size - 1
                    )
                )
        pixel: dict[str, Any] = {"scale": None, "axis": None}
        marks = alt.Chart(inline(rows)).mark_rect(stroke=color("paper"), strokeWidth=0.5)
        layers.append(
            marks.encode(
                x=alt.X("x:Q", **pixel),
                x2=alt.X2("x2:Q"),
                y=alt.Y("y:Q", **pixel),
                y2=alt.Y2("y2:Q"),
                color=alt.Color("hue:N", scale=None),
            )
        )
        return layers + self._labels(f, panel)

    def _labels(self, f: Frame, panel: Panel) -> list[Any]:
        """Return the words of the parts at the right, each beside its part of the last bar that has it, with
        its color.
        """
        if len(self.panels) > 1:
            return []
        middles: dict[str, float] = {}
        for b in panel.bars:
            base = 0.0
            for part, value in b.parts.items():
                if value > 0.004 * f.y[1]:
                    middles[part] = base + value / 2
                base += value
        items = [(part, *_lines(words, phone=f.width < 480)) for part, words in panel.labels]
        lines = 2 if any(rest for _, _, rest in items) else 1
        wanted = [f.at_y(middles.get(part, 0.0)) for part, _, _ in items]
        found: list[Any] = []
        for (part, first, rest), y in zip(
            items, pushed_apart(wanted, 15.0 * lines + 7, 12, f.plot[1] - 8), strict=True
        ):
            up, x = (8 if rest else 0), f.plot[0] + 8
            swatch = {"shape": "square", "size": 110, "color": color(self.hues[part])}
            found.append(dot(x + 5, y - up, **swatch))
            found.append(text(x + 16, y - up, first, fontWeight=600, fontSize=f.size))
            if rest:
                found.append(text(x + 16, y + 9, rest, color=color("soft"), fontSize=f.size - 1))
        return found

    def _points(self, f: Frame, panel: Panel) -> list[tuple[float, float, str]]:
        found = []
        for b in panel.bars:
            left, right = _ends(f, b)
            found.append(((left + right) / 2, f.at_y(sum(b.parts.values())), b.words))
        return found


def _lines(words: str, *, phone: bool) -> tuple[str, str]:
    """Return the two lines of a label; on a phone a share stands over what it is of."""
    first, _, rest = words.partition("\n")
    share, _, of = words.replace("\n", " ").partition("% ")
    return (f"{share}%", of) if phone and of else (first, rest)


def _tick(f: Frame, value: float) -> list[Any]:
    y = f.at_y(value)
    return [
        segment((0, y), (f.plot[0], y), color=color("line" if value else "soft"), strokeWidth=1),
        text(-8, y, amount(value), align="right", color=color("soft"), fontSize=f.size - 1),
    ]


def amount(value: float) -> str:
    """Return so many in few letters: `52k`, `1.2m`."""
    rounded = float(f"{value:.3g}")
    if rounded >= 1e6:
        return f"{rounded / 1e6:.1f}m"
    return f"{rounded / 1e3:.0f}k" if rounded >= 1e3 else f"{rounded:.0f}"


def _ends(f: Frame, b: Bar) -> tuple[float, float]:
    """Return where a bar begins and ends, pixels, with some air to its neighbors."""
    left, right = f.at_x(b.begin), f.at_x(b.end)
    air = (right - left) * (0.14 if right - left > 40 else 0.1)
    return left + air, right - air


def _moved(mark: Any, dx: float, dy: float) -> Any:
    """Return a mark at another place: its pixels, or those of its data."""
    if isinstance(mark, Mark):
        return mark.moved(dx, dy)
    shift = {"x": dx, "x2": dx, "y": dy, "y2": dy}
    mark.data = alt.InlineData(
        values=[{k: v + shift.get(k, 0) if k in shift else v for k, v in r.items()} for r in mark.data.values]
    )
    return mark


def _step(most: float) -> float:
    size = 10.0 ** math.floor(math.log10(most))
    for part in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5):
        if most / (part * size) <= 5:
            return part * size
    return 5 * size
