"""What a whole is made of, a bar for each: parts named below, their sizes within them."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from leadtime.figures.chart import BREAK, inline
from leadtime.figures.frame import Frame, Picture, Point, text
from leadtime.figures.tokens import color

#: Parts of the chips in Chinese use: key, words, token of the color, token of the words on it.
PARTS = (
    ("legal", "Bought legally", "bought", "paper"),
    ("domestic", "Made in China", "domestic", "ink"),
    ("rented", "Rented abroad", "rented", "ink"),
    ("diverted", "Smuggled", "smuggled", "paper"),
)
#: What is read on a color: that of the page (#FFFFFF) where the color is pale in the dark, else white as it is.
_ON = {"bought": "#FFFFFF", "smuggled": "#FEFEFE"}


def stacks(width: int, bars: Sequence[tuple[str, dict[str, float]]], *, unit: str) -> Picture:
    """Return a bar for each whole.

    Args:
        width: Of the picture, pixels.
        bars: Name, and size of each part by key.
        unit: Words after a size in the words of a point, such as ` million`.
    """
    phone = width < BREAK
    most = max(sum(parts.values()) for _, parts in bars) or 1.0
    keys = 2 if phone else 1
    f = Frame(
        width=width, height=len(bars) * 62 + 26 * keys + 12, x=(0, most), y=(0, 1), left=0, right=8, top=0, bottom=0
    )
    layers: list[Any] = []
    points: list[Point] = []
    for i, (name, parts) in enumerate(bars):
        y, x = 62.0 * i, 0.0
        layers.append(text(0, y + 12, name, fontWeight=600, fontSize=f.size))
        for key, words, hue, _ in PARTS:
            wide = f.at_x(parts[key])
            layers.append(_box(x, y + 24, x + max(wide - 1, 0.5), y + 52, color(hue)))
            if wide > 30:
                layers.append(
                    text(
                        x + wide / 2,
                        y + 38,
                        _size(parts[key]),
                        align="center",
                        fontWeight=600,
                        fontSize=f.size - 1,
                        color=_on(hue),
                    )
                )
            points.append(Point(round(x + wide / 2, 1), y + 38, f"{name}: {words.lower()}\n{_size(parts[key])}{unit}"))
            x += wide
    for i, (_, words, hue, _) in enumerate(PARTS):
        x = (i % 2 if phone else i) * (170.0 if phone else 150.0)
        y = 62.0 * len(bars) + 16 + 26 * (i // 2 if phone else 0)
        layers += [_box(x, y - 6, x + 12, y + 6, color(hue)), text(x + 18, y, words, fontSize=f.size - 1)]
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _on(hue: str) -> str:
    return _ON.get(hue, "#000000")


def _size(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _box(x: float, y: float, x2: float, y2: float, shade: str) -> alt.Chart:
    return (
        alt.Chart(inline([{"n": 1}]))
        .mark_rect(color=shade)
        .encode(x=alt.XValue(x), y=alt.YValue(y), x2=alt.X2Value(x2), y2=alt.Y2Value(y2))
    )
