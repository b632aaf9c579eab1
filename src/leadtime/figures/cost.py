"""What training runs cost by each meaning of the word, ours and what others published, on one axis of dollars."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from leadtime.figures.chart import Row
from leadtime.figures.figure import wrapped
from leadtime.figures.frame import Frame, Picture, Point, dot, pushed_apart, rect, segment, text, ticks_x
from leadtime.figures.tokens import color

#: Meaning of cost to what a page calls it, and what it holds, in the order of a chart.
PLAIN: Mapping[str, tuple[str, str]] = {
    "amortized": ("Wear and power", "The part of the chips' life that the run used up, and its electricity"),
    "rental": ("Renting the chips", "The run's chip hours at the hourly price of that day"),
    "cloud_committed": (
        "Renting on a three-year contract",
        "The same hours at the price of those who commit for years",
    ),
    "development": ("With trials and staff", "Wear and power, the failed runs before it, and the people"),
    "acquisition": ("Buying the chips", "All chips, servers and network that the run used at once"),
}
UNSTATED = "Meaning not stated"
_HUES = ("yours", "olive", "pink", "blue")
_LETTER = 0.48


def dollars(value: float) -> str:
    """Return dollars with two digits that count: `$5.8m`, `$1.2bn`."""
    for size, word in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= 0.9995 * size:
            number = float(f"{value / size:.2g}")
            return f"${number:,.0f}{word}" if number >= 10 else f"${number:.2g}{word}"
    return f"${value:.2g}" if value else "$0"


def hues(countries: Mapping[str, str | None]) -> dict[str, str]:
    """Return a token of a color for each model: its country's where none before it has that, else another."""
    found: dict[str, str] = {}
    for model, code in countries.items():
        own = {"CHN": "china", "USA": "us"}.get(code or "", "")
        left = [h for h in _HUES if h not in found.values()]
        found[model] = own if own and own not in found.values() else left[0]
    return found


def _ticks(f: Frame) -> list[float]:
    if not f.log_x:
        most = float(f.x[1])  # type: ignore[arg-type]
        size = 10.0 ** math.floor(math.log10(most))
        step = next(m * size / 10 for m in (1, 2, 5, 10, 20, 50) if most / (m * size / 10) <= (3.5 if f.phone else 6))
        return [step * i for i in range(int(most / step) + 1)]
    low, high = (math.log10(float(v)) for v in f.x)  # type: ignore[arg-type]
    steps = (
        (1, 2, 5) if (high - low) < (2 if f.phone else 3.2) else (1, 5) if not f.phone and high - low < 4.6 else (1,)
    )
    found = [m * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for m in steps]
    return [v for v in found if low <= math.log10(v) <= high]


def side_by_side(
    width: int, rows: Sequence[Row], others: Sequence[Row], shades: Mapping[str, str], *, log: bool = True
) -> Picture:
    """Return the costs of up to four models, a band of bars for each meaning; published figures are diamonds where
    their source states the meaning.

    Args:
        width: Of the picture, pixels.
        rows: definition, model, low, median, high (US dollars; None where it cannot be worked out), note (why not).
        others: definition (empty where the source states none), model, name, value_usd, low_usd, high_usd.
        shades: Token of a color for each model, in the order of the bars.
        log: Each step multiplies; else each adds the same, from zero.
    """
    phone, models = width < 560, list(shades)
    ends = [r[k] for r in rows for k in ("low", "high") if r["median"]]
    ends += [v for o in others for v in (o["value_usd"], o["low_usd"], o["high_usd"]) if v]
    low, high = (min(ends) / 1.25, max(ends) * 1.25) if ends else (1e6, 1e9)
    low = low if log else 0.0
    left = 2 if phone else 300 if width > 900 else 228
    bar, head = 34, 26 if phone else 14
    open_ones = [o for o in others if not o["definition"]]
    bands = [*PLAIN, *([""] if open_ones else [])]
    high_of = {b: max(head + bar * (len(models) if b else len(open_ones)) + 8, 0 if phone else 62) for b in bands}
    f = Frame(
        width=width,
        height=26 + max(sum(high_of.values()), 10) + 8,
        x=(low, high),
        y=(0, 1),
        left=left,
        right=12 if phone else 66,
        top=26,
        bottom=8,
        log_x=log,
    )
    layers: list[Any] = [*ticks_x(f, _ticks(f), dollars, above=True)]
    points: list[Point] = []
    top = 0.0
    for band in bands:
        layers.append(segment((-left, top), (f.plot[0] + f.right, top), color=color("line"), strokeWidth=1))
        layers += _named(f, band, top, high_of[band])
        if band:
            for i, model in enumerate(models):
                y = top + head + bar * i + bar / 2 + 2
                mine = next((r for r in rows if r["definition"] == band and r["model"] == model), None)
                stated = [o for o in others if o["definition"] == band and o["model"] == model]
                layers += _one(f, mine, shades[model], y) + _diamonds(f, stated, y)
                points += _points(f, band, mine, stated, y)
        else:
            for i, o in enumerate(open_ones):
                y = top + head + bar * i + bar / 2
                layers += _bracket(f, o, y)
                points.append(_stated(f, o, y))
        top += high_of[band]
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _named(f: Frame, band: str, top: float, high: float) -> list[Any]:
    title, holds = PLAIN.get(band, (UNSTATED, "Published by others, who do not say which cost they mean"))
    if f.phone:
        return [text(0, top + 14, title, fontWeight=600, fontSize=f.size + 1)]
    lines = wrapped(holds, int((f.left - 16) / (f.size * _LETTER)))[:2] if high > 56 else []
    return [
        text(-f.left, top + 18, title, fontWeight=600, fontSize=f.size + 1),
        *(text(-f.left, top + 37 + 17 * i, x, fontSize=f.size - 1, color=color("soft")) for i, x in enumerate(lines)),
    ]


def _one(f: Frame, r: Row | None, hue: str, y: float) -> list[Any]:
    if r is None:
        return []
    if not r["median"]:
        room = int(f.plot[0] / ((f.size - 1) * _LETTER))
        said = f"Cannot be worked out: {r['note']}"
        said = said if len(said) <= room else said[: room - 1].rsplit(" ", 1)[0].rstrip(",.") + "…"
        return [text(0, y, said, fontSize=f.size - 1, color=color(hue))]
    a, b, at = (f.at_x(r[k]) for k in ("low", "high", "median"))
    words = dollars(r["median"])
    wide = len(words) * f.size * 0.58
    inside = b + 8 + wide > f.plot[0] + f.right
    x = (a - 8 if a - 8 > wide else at + 10) if inside else b + 8
    align = "right" if inside and a - 8 > wide else "left"
    rise = -10 if inside and align == "left" else 0
    return [
        rect(a, y - 5, max(b - a, 2), 10, hue, 0.3),
        dot(at, y, size=90, color=color(hue)),
        text(x, y + rise, words, align=align, fontWeight=600, fontSize=f.size, color=color(hue)),
    ]


def _diamonds(f: Frame, stated: Sequence[Row], y: float) -> list[Any]:
    layers: list[Any] = []
    places = [f.at_x(o["value_usd"]) for o in stated]
    labels = pushed_apart(places, 11 * (f.size - 1) * _LETTER, 20, f.plot[0])
    for o, x, label in zip(stated, places, labels, strict=True):
        if o["low_usd"] and o["high_usd"]:
            layers.append(
                segment((f.at_x(o["low_usd"]), y), (f.at_x(o["high_usd"]), y), color=color("ink"), strokeWidth=1)
            )
        look = {"shape": "diamond", "size": 130, "fill": color("paper"), "stroke": color("ink"), "strokeWidth": 1.8}
        layers.append(dot(x, y, **look))
        layers.append(text(label, y - 15, o["name"], align="center", fontSize=f.size - 1, color=color("ink")))
    return layers


def _bracket(f: Frame, o: Row, y: float) -> list[Any]:
    """Return a published figure that does not say which cost it means: a bracket, and who said it of which model."""
    a, b = (f.at_x(o[k] or o["value_usd"]) for k in ("low_usd", "high_usd"))
    ink = {"color": color("ink"), "strokeWidth": 2}
    words = f"{o['name']}, of {o['model']}"
    wide = len(words) * (f.size - 1) * _LETTER
    right = b + 10 + wide < f.plot[0] + f.right
    below = not right and a - 10 < wide
    x = b + 10 if right else a - 10
    at = {"align": "left" if right else "right"}
    if below:
        x, at = min(max((a + b) / 2, wide / 2), f.plot[0] - wide / 2), {"align": "center"}
    return [
        segment((a, y), (max(b, a + 1), y), **ink),
        segment((a, y - 5), (a, y + 5), **ink),
        segment((b, y - 5), (b, y + 5), **ink),
        text(x, y + (-14 if below else 0), words, fontSize=f.size - 1, color=color("ink"), **at),
    ]


def _points(f: Frame, band: str, r: Row | None, stated: Sequence[Row], y: float) -> list[Point]:
    found = []
    if r and r["median"]:
        low, mid, high = (dollars(r[k]) for k in ("low", "median", "high"))
        found.append(
            Point(
                round(f.left + f.at_x(r["median"]), 1),
                round(f.top + y, 1),
                f"{r['model']}, {PLAIN[band][0].lower()}\n{mid} ({low} to {high})",
            )
        )
    return [*found, *(_stated(f, o, y) for o in stated)]


def _stated(f: Frame, o: Row, y: float) -> Point:
    said = (
        f"{dollars(o['low_usd'])} to {dollars(o['high_usd'])}"
        if o["low_usd"] and o["high_usd"]
        else dollars(o["value_usd"])
    )
    return Point(
        round(f.left + f.at_x(o["value_usd"]), 1),
        round(f.top + y, 1),
        f"{o['name']}, of {o['model']}\n{said}: {o['meaning']}",
    )


def ladder(width: int, rungs: Sequence[Row]) -> Picture:
    """Return costs on a logarithmic axis of dollars: dots with ranges where computed here, diamonds where others stated
    them.

    Args:
        width: Of the picture, pixels.
        rungs: by (`leadtime` where computed here), words, definition, low_usd, median_usd, high_usd.
    """
    ends = [v for r in rungs for v in (r["low_usd"], r["median_usd"], r["high_usd"]) if v]
    step, phone = 46, width < 560
    f = Frame(
        width=width,
        height=26 + step * len(rungs) + 6,
        x=(min(ends) / 1.3, max(ends) * 1.3),
        y=(0, 1),
        left=2,
        right=12 if phone else 70,
        top=26,
        bottom=6,
        log_x=True,
    )
    layers: list[Any] = [*ticks_x(f, _ticks(f), dollars, above=True)]
    points = []
    for i, r in enumerate(rungs):
        y, words = i * step + 32, r["words"][:1].upper() + r["words"][1:]
        row = {"low": r["low_usd"], "median": r["median_usd"], "high": r["high_usd"], "note": ""}
        layers.append(text(0, y - 20, words[: int(f.plot[0] / f.size / _LETTER)], fontSize=f.size))
        if r["by"] == "leadtime":
            layers += _one(f, row, "blue", y)
            said = f"{dollars(r['median_usd'])} ({dollars(r['low_usd'])} to {dollars(r['high_usd'])})"
        else:
            stated = {"value_usd": r["median_usd"], "low_usd": r["low_usd"], "high_usd": r["high_usd"], "name": ""}
            layers += _diamonds(f, [stated], y)
            said = dollars(r["median_usd"])
            x = f.at_x(r["median_usd"])
            layers.append(text(x + 12, y, said, fontWeight=600, fontSize=f.size))
        points.append(Point(round(f.left + f.at_x(r["median_usd"]), 1), round(f.top + y, 1), f"{words}\n{said}"))
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def parts(width: int, found: Sequence[Row], hue: str) -> Picture:
    """Return one bar in parts, and beneath it each part with its dollars and their range.

    Args:
        width: Of the picture, pixels.
        found: Rows of part, low_usd, median_usd, high_usd, in order.
        hue: Token of a color.
    """
    total = sum(r["median_usd"] for r in found) or 1.0
    f = Frame(width=width, height=58 + 22 * len(found), x=(0.0, total), y=(0, 1), left=2, right=2, top=2, bottom=2)
    layers: list[Any] = []
    points, at = [], 0.0
    for i, r in enumerate(found):
        x, x2, shade = f.at_x(at), f.at_x(at + r["median_usd"]), max(0.15, 0.6 - 0.15 * i)
        words = f"{dollars(r['median_usd'])} ({dollars(r['low_usd'])} to {dollars(r['high_usd'])})"
        layers.append(rect(x, 0, max(x2 - x - 1.5, 1), 40, hue, shade))
        y = 60 + 22 * i
        layers += [rect(0, y - 6, 12, 12, hue, shade), text(20, y, f"{r['part']}: {words}", fontSize=f.size)]
        points.append(
            Point(round(f.left + (x + x2) / 2, 1), 22.0, f"{r['part']}\n{words}, {100 * r['median_usd'] / total:.0f}%")
        )
        at += r["median_usd"]
    return Picture(chart=f.layer(*layers), points=points, frame=f)
