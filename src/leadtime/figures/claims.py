"""Claims: the readings of one on an axis with the claimed range shaded, and the chances of many as bars."""

import math
from collections.abc import Sequence
from typing import Any

from leadtime.figures.chart import Row
from leadtime.figures.frame import Frame, Mark, Picture, Point, dot, rect, segment, text, ticks_x
from leadtime.figures.tokens import color

#: Chances, in 100, at which a bar has a mark.
_MARKS = (5, 33, 66)
_LETTER = 0.47  # of its size, the width of a letter


def on_one_axis(rows: Sequence[Row]) -> bool:
    """Return whether readings share a unit and a claimed range, so that they can stand on one axis."""
    asked = {(r["unit"], r["asserted_low"], r["asserted_high"]) for r in rows}
    return len(asked) == 1 and not rows[0]["unit"].startswith("(")


def of_100(p: float | None) -> str:
    """Return a chance in 100; one that would round onto a mark stays on its side of it."""
    if p is None:
        return "–"
    percent = 100 * p
    if percent < 1 or percent > 99:
        return "under 1" if percent < 1 else "over 99"
    whole = round(percent)
    return f"just under {whole}" if whole in _MARKS and percent < whole else f"{whole}"


def readings(width: int, rows: Sequence[Row]) -> Picture:
    """Return readings as dots with ranges, what was claimed shaded, the chance now and on the day of the claim beside
    each.

    Args:
        width: Of the picture, pixels.
        rows: reading, low, median, high, unit, probability, then, support, asserted_low, asserted_high; all of one unit
            and range.
    """
    log, ends = _ends(rows)
    phone = width < 560
    step = 50 if phone else 36
    has_then = any(r["then"] is not None for r in rows)
    left = 8 if phone else min(300, 24 + int(max(len(_named(r)) for r in rows) * 14 * _LETTER))
    right = 14 if phone else 200 if has_then else 110
    f = Frame(
        width=width,
        height=46 + step * len(rows) + 30,
        x=ends,
        y=(0, 1),
        left=left,
        right=right,
        top=46,
        bottom=30,
        log_x=log,
    )
    say = _say(rows[0]["unit"])
    ticks = _ticks(ends, log, 3 if phone else 6)
    layers: list[Any] = [*_claimed(f, rows[0], say), *ticks_x(f, ticks, lambda v: say(v, bare=v != ticks[-1]))]
    if not phone:
        layers.append(text(f.plot[0] + 20, -14, "Now", fontWeight=600, fontSize=f.size))
        if has_then:
            layers.append(text(f.plot[0] + 105, -14, "On that day", fontSize=f.size, color=color("soft")))
    points = []
    for i, r in enumerate(rows):
        y = i * step + (34 if phone else step / 2)
        layers += _one(f, r, y, say)
        name, now = _named(r), of_100(r["probability"])
        hue = color("ink") if r["support"] not in ("simulated", "alleged") else color("yours")
        if phone:
            layers.append(text(0, y - 20, name[:40], fontSize=f.size, color=hue))
            layers.append(text(f.plot[0] + 12, y - 20, now, align="right", fontWeight=600, fontSize=f.size))
        else:
            layers += [
                segment(
                    (-left, (i + 1) * step), (f.plot[0] + right, (i + 1) * step), color=color("line"), strokeWidth=1
                ),
                text(-left + 2, y, name, fontSize=f.size, color=hue),
                text(f.plot[0] + 20, y, now, fontWeight=600, fontSize=f.size),
            ]
            if has_then:
                layers.append(text(f.plot[0] + 105, y, of_100(r["then"]), fontSize=f.size, color=color("soft")))
        words = _range(r, say)
        points.append(
            Point(
                round(f.left + min(max(f.at_x(r["median"]), 0), f.plot[0]), 1),
                round(f.top + y, 1),
                f"{name}\n{words}. Chance: {now} in 100",
            )
        )
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _named(r: Row) -> str:
    name = r["reading"][:1].upper() + r["reading"][1:]
    return f"{name}, {r['support']}" if r["support"] in ("simulated", "alleged") else name


def _range(r: Row, say: Any) -> str:
    """Return a value with its range, of which one end may not be known."""
    if r["low"] is None or r["high"] is None:
        return f"{say(r['median'])} or {'more' if r['high'] is None else 'less'}"
    return f"{say(r['median'])} ({say(r['low'])} to {say(r['high'])})"


def _claimed(f: Frame, r: Row, say: Any) -> list[Mark]:
    low, high = r["asserted_low"], r["asserted_high"]
    x, x2 = (f.at_x(e) if e is not None else None for e in (low, high))
    x, x2 = max(x if x is not None else 0.0, 0.0), min(x2 if x2 is not None else f.plot[0], f.plot[0])
    both = low is not None and high is not None
    words = (
        f"{say(low, bare=True)} to {say(high)}"
        if both
        else f"{say(low)} or more"
        if high is None
        else f"up to {say(high)}"
    )
    middle, wide = (x + x2) / 2, (len(words) + 16) * f.size * _LETTER / 2
    at = min(max(middle, wide), max(f.plot[0] - wide, wide))
    return [
        rect(x, -2, max(x2 - x, 3), f.plot[1] + 2, "china", 0.16),
        text(at, -32, f"What was said: {words}", align="center", fontWeight=600, fontSize=f.size, color=color("china")),
    ]


def _one(f: Frame, r: Row, y: float, say: Any) -> list[Any]:
    low, high = (r[k] if r[k] is not None else end for k, end in zip(("low", "high"), f.x, strict=True))
    a, b, at = (min(max(f.at_x(v), 0), f.plot[0]) for v in (low, high, r["median"]))
    hue = "yours" if r["support"] == "simulated" else "ink"
    layers: list[Any] = [rect(a, y - 5, max(b - a, 2), 10, hue, 0.28)]
    if r["high"] is not None and f.at_x(r["high"]) > f.plot[0] + 1:
        layers.append(
            text(
                f.plot[0],
                y + (14 if f.phone else -13),
                f"to {say(r['high'], bare=True)}",
                align="right",
                fontSize=f.size - 1,
                color=color("soft"),
            )
        )
    return [*layers, dot(at, y, size=80, color=color(hue))]


def _ends(rows: Sequence[Row]) -> tuple[bool, tuple[float, float]]:
    """Return whether the axis is logarithmic, and its ends: what lies far out is cut, and said."""
    marks = [r["median"] for r in rows] + [
        e for k in ("asserted_low", "asserted_high") if (e := rows[0][k]) is not None
    ]
    lows, highs = ([r[k] if r[k] is not None else r["median"] for r in rows] for k in ("low", "high"))
    least, most = min(*lows, *marks), max(*highs, *marks)
    if least > 0 and most / least > 30:
        return True, (least / 1.15, most * 1.15)
    reach = max(marks) - min(*marks, 0.0)
    top = min(most, max(marks) + 0.9 * reach)
    bottom = max(min(least, 0.0), min(marks) - 0.9 * reach)
    pad = 0.03 * (top - bottom)
    return False, (bottom - (pad if bottom < 0 else 0), top + pad)


def _ticks(ends: tuple[float, float], log: bool, most: int) -> list[float]:
    if log:
        found = [m * 10.0**e for e in range(-6, 16) for m in (1, 2, 5) if ends[0] <= m * 10.0**e <= ends[1]]
        return found[:: math.ceil(len(found) / most)] if found else []
    span = ends[1] - ends[0]
    size = 10.0 ** math.floor(math.log10(span / most))
    step = next(m * size for m in (1, 2, 2.5, 5, 10, 20) if span / (m * size) <= most)
    return [i * step for i in range(math.ceil(ends[0] / step), math.floor(ends[1] / step) + 1)]


def _say(unit: str) -> Any:
    """Return how values of a unit are said; `bare` leaves the unit out."""
    sizes = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))

    def short(v: float) -> str:
        for size, word in sizes:
            if abs(v) >= size:
                return f"{v / size:.3g}{word}"
        return f"{v:.3g}".replace("-", "−")

    def say(v: float, *, bare: bool = False) -> str:
        if unit == "USD":
            return f"${short(v)}"
        if unit == "fraction":
            return f"{100 * v:.3g}" + ("" if bare else "%")
        word = {
            "months": " months",
            "points": " points",
            "times a year": " times a year",
            "ratio": " times",
            "percentile": "th percentile",
        }
        return short(v) + ("" if bare else word.get(unit, ""))

    return say


def chances(width: int, rows: Sequence[Row]) -> Picture:
    """Return readings of claims as bars of their chances, with marks where one verdict ends and the next begins.

    Args:
        width: Of the picture, pixels.
        rows: claim, reading, support, probability.
    """
    step = 38
    one = len({r["claim"] for r in rows}) == 1
    f = Frame(width=width, height=step * len(rows) + 34, x=(0, 100), y=(0, 1), left=2, right=96, top=4, bottom=28)
    layers: list[Any] = []
    points = []
    for i, r in enumerate(rows):
        y, name = i * step + 16, _named(r) if one else f"{r['claim'].replace('-', ' ')}: {r['reading']}"
        hue = "yours" if r["support"] == "simulated" else "ink"
        layers.append(text(0, y - 2, name[: int(f.plot[0] / f.size / _LETTER)], fontSize=f.size))
        layers.append(rect(0, y + 9, f.plot[0], 8, "line", 0.7))
        layers.append(rect(0, y + 9, max(f.at_x(100 * r["probability"]), 1.5), 8, hue, 1))
        layers.append(text(f.plot[0] + 10, y + 12, of_100(r["probability"]), fontWeight=600, fontSize=f.size))
        points.append(
            Point(f.left + f.at_x(100 * r["probability"]), f.top + y + 12, f"{name}\n{of_100(r['probability'])} in 100")
        )
    layers += ticks_x(f, (0, *_MARKS, 100), lambda v: f"{v:g}" + (" in 100" if v == 100 else ""))
    return Picture(chart=f.layer(*layers), points=points, frame=f)
