"""The effect as a product: computing lost, upward, against the months that go with it, across."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from leadtime.figures.chart import BREAK, Row
from leadtime.figures.effect import READINGS
from leadtime.figures.frame import Frame, Picture, Point, dot, segment, text, ticks_x
from leadtime.figures.tokens import color

#: Where a shade begins, months; the first is the bold line.
EDGES = (0.5, 1.0, 2.0, 3.5, 5.0)
_Y = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
_X_MOST, _ROW = 6.5, 21
#: Worlds in few words, beside the drawing.
_SHORT = {
    "early-2022": ("Share of", "early 2022"),
    "a800-h800": ("A800, H800", "era"),
    "same-money": ("Same", "money"),
    "peers": ("As everyone", "else"),
}


def product(width: int, worlds: Sequence[Row], readings: Sequence[Row], pairs: Sequence[Row], odds: str) -> Picture:
    """Return regions of months, with the ranges of both steps beside them and a dot for each pair.

    Args:
        width: Of the picture, pixels.
        worlds: Rows of `effect.Layers.bounds["compute"]` of one unit.
        readings: Rows of `effect.Layers.pass_through`.
        pairs: Rows of world, reading and words, what both come to together.
        odds: Between what the chance of more than half a month lies, in words.
    """
    phone = width < BREAK
    shown = [r for name in READINGS for r in readings if r["reading"] == name]
    beside = [r for name in _SHORT for r in worlds if r["world"] == name]
    top = 30 + (2 * _ROW - 4 if phone else _ROW) * len(shown) + (10 if phone else 34)
    f = Frame(
        width=width,
        height=top + (250 if phone else 360) + 46 + (20 * 2 if phone else 0),
        x=(0.0, _X_MOST),
        y=(_Y[0], _Y[-1] + 0.1),
        left=58 if phone else 104,
        right=74 if phone else 96 * len(_SHORT) + 24,
        top=top,
        bottom=46 + (20 * 2 if phone else 0),
    )
    size, soft = f.size - 1, color("soft")
    layers: list[Any] = [*_regions(f), *ticks_x(f, range(7), lambda v: f"{v} months" if v == 6 and not phone else v)]
    for e in _Y:
        y = f.at_y(e)
        words = f"×{math.exp(e):.1f}" if phone else f"×{math.exp(e):.1f} ({e:g})"
        layers += [
            segment((0, y), (f.plot[0], y), color=color("line"), strokeWidth=1),
            text(-8, y, words, align="right", color=soft, fontSize=size),
        ]
    layers += [
        *_edge(f, odds),
        text(-f.left, -10, "Lead ×" if phone else "US lead multiplied by", color=soft, fontSize=size),
        text(0, f.plot[1] + 34, "Months for each 2.7 times less computing", color=soft, fontSize=size),
    ]
    layers += _above(f, shown) + _aside(f, beside)
    points = []
    for p in pairs:
        w = next((r for r in beside if r["world"] == p["world"]), None)
        r = next((r for r in shown if r["reading"] == p["reading"]), None)
        if w is None or r is None:
            continue
        x, y = _middle(r, "months"), _middle(w, "e_folds")
        if 0 <= x <= _X_MOST and y >= 0:
            layers.append(dot(f.at_x(x), f.at_y(y), size=44, fill=color("paper"), stroke=color("ink"), strokeWidth=1.4))
            points.append(f.point(x, y, p["words"]))
    return Picture(chart=f.layer(*layers), points=points or [Point(0, 0, odds)], frame=f)


def _middle(r: Row, unit: str) -> float:
    return float(r[f"lower_{unit}"] + r[f"upper_{unit}"]) / 2


def _regions(f: Frame) -> list[Any]:
    """Return a shade from each edge on: they lie over each other, so that more months are darker."""
    top, found = f.y[1], []
    for edge in EDGES:
        xs = [edge / top + (_X_MOST - edge / top) * i / 40 for i in range(41)]
        rows = [{"x": round(x, 3), "y": round(min(edge / x, top), 4), "top": top} for x in xs]
        base = alt.Chart(alt.InlineData(values=rows))
        found.append(
            base.mark_area(color=color("us"), opacity=0.15, clip=True).encode(
                x=f.enc_x("x"), y=f.enc_y("y"), y2=alt.Y2("top:Q")
            )
        )
        words = "5 months" if edge == EDGES[-1] else f"{edge:g}"
        if edge > EDGES[0]:
            y = f.at_y(edge / _X_MOST)
            found.append(
                text(
                    f.plot[0] - 6,
                    y - 1 if edge == 1 else y + 9,
                    words,
                    align="right",
                    color=color("ink"),
                    fontSize=f.size - 1,
                )
            )
    return found


def _edge(f: Frame, odds: str) -> list[Any]:
    """Return the bold line of half a month, and the chance of being beyond it."""
    xs = [EDGES[0] / f.y[1] + (_X_MOST - EDGES[0] / f.y[1]) * i / 60 for i in range(61)]
    rows = [{"x": round(x, 3), "y": round(min(EDGES[0] / x, f.y[1]), 4)} for x in xs]
    line = alt.Chart(alt.InlineData(values=rows)).mark_line(color=color("ink"), strokeWidth=3, clip=True)
    lines = ("Over half a month:", odds) if f.phone else (f"Over half a month: {odds}",)
    ink = {"color": color("ink"), "fontWeight": 600, "fontSize": f.size, "align": "right"}
    return [
        line.encode(x=f.enc_x("x"), y=f.enc_y("y")),
        *(text(f.plot[0] - 6, 14 + 17 * i, words, **ink) for i, words in enumerate(lines)),
    ]


def _above(f: Frame, readings: Sequence[Row]) -> list[Any]:
    """Return the range of months of each reading, above the drawing."""
    found: list[Any] = []
    step = 2 * _ROW - 4 if f.phone else _ROW
    for i, r in enumerate(readings):
        y = -f.top + 18 + step * i + (18 if f.phone else 0)
        low, high = (min(max(r[f"robust_{k}_months"], 0.0), _X_MOST) for k in ("low", "high"))
        hue = color("china" if r["reading"] == "chinese" else "ink")
        a, b = f.at_x(low), f.at_x(high)
        found.append(segment((a, y), (max(b, a + 1), y), color=hue, strokeWidth=3, opacity=0.45))
        ends = [f.at_x(min(max(r[f"{k}_months"], 0.0), _X_MOST)) for k in ("lower", "upper")]
        if ends[1] - ends[0] > 2:
            found.append(segment((ends[0], y), (ends[1], y), color=hue, strokeWidth=7))
        else:
            found.append(dot(ends[0], y, size=60, color=hue))
        name = READINGS[r["reading"]][0]
        wide = len(name) * f.size * 0.48
        beside = b + 10 + wide < f.plot[0] + 60
        x, up = (0.0, 16) if f.phone else (b + 10 if beside else a - 10, 0)
        side = "left" if f.phone or beside else "right"
        found.append(text(x, y - up, name, color=hue, fontSize=f.size - 1, align=side))
    return found


def _aside(f: Frame, worlds: Sequence[Row]) -> list[Any]:
    """Return the range of computing lost of each world, beside the drawing."""
    found: list[Any] = []
    step = 17 if f.phone else 96
    for i, w in enumerate(worlds):
        x = f.plot[0] + (14 if f.phone else 54) + step * i
        ends = [f.at_y(min(max(w[f"{k}_e_folds"], f.y[0]), f.y[1])) for k in ("robust_low", "robust_high")]
        thick = [f.at_y(min(max(w[f"{k}_e_folds"], f.y[0]), f.y[1])) for k in ("lower", "upper")]
        found += [
            segment((x, ends[0]), (x, ends[1]), color=color("ink"), strokeWidth=1.5),
            segment((x, thick[0]), (x, thick[1]), color=color("ink"), strokeWidth=7),
        ]
        ink = {"color": color("ink"), "fontSize": f.size - 1, "align": "center"}
        if f.phone:
            found.append(text(x, -10, str(i + 1), **ink))
        else:
            found += [text(x, -28 + 16 * n, words, **ink) for n, words in enumerate(_SHORT[w["world"]])]
    if f.phone:
        named = [f"{i + 1} {' '.join(_SHORT[w['world']])}" for i, w in enumerate(worlds)]
        for n, line in enumerate((", ".join(named[:2]), ", ".join(named[2:]))):
            found.append(text(-f.left, f.plot[1] + 58 + 18 * n, line, color=color("soft"), fontSize=f.size - 1))
    return found
