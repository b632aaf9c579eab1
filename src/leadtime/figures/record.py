"""The chart of our own record: forecasts of earlier days beside what came."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from leadtime.days import day_words
from leadtime.figures.chart import Row
from leadtime.figures.frame import Frame, Picture, Point, dot, rect, segment, text, ticks_y
from leadtime.figures.tokens import color

#: Tokens of the colors of days, the first the earliest.
_HUES = ("blue", "yours", "olive", "pink", "looser", "without")


def forecasts(width: int, rows: Sequence[Row]) -> Picture:
    """Return forecasts with intervals by the quarter that is forecast, side by side, and the outcomes.

    Args:
        width: Of the picture, pixels.
        rows: origin, closes_on (days), low, median, high, outcome, outcome_low, outcome_high; months.
    """
    closes = sorted({r["closes_on"] for r in rows})
    origins = sorted({r["origin"] for r in rows})
    low = min(0.0, *(r["low"] for r in rows))
    high = max(v for r in rows for v in (r["high"], r["outcome"] or 0.0))
    step = next((s for s in (1, 2, 3, 5, 10) if (high - low) / s <= 6), 20)
    phone = width < 560
    keys = -(-len(origins) // (2 if phone else 4))
    f = Frame(
        width=width,
        height=(320 if phone else 380) + 20 * keys,
        x=(0.0, float(len(closes))),
        y=(float(step * math.floor(low / step)), float(step * math.ceil(high / step))),
        left=44,
        right=8,
        top=26 + 20 * keys,
        bottom=42,
    )
    ticks = [float(step * i) for i in range(round(f.y[0] / step), round(f.y[1] / step) + 1)]
    layers: list[Any] = [*ticks_y(f, ticks, " months"), *_quarters(f, closes), *_key(f, origins)]
    slot = f.plot[0] / max(1, len(closes))
    wide = min(14.0, 0.8 * slot / max(1, len(origins)))
    points = []
    for r in sorted(rows, key=lambda r: (r["closes_on"], r["origin"])):
        i, j = closes.index(r["closes_on"]), origins.index(r["origin"])
        x = slot * (i + 0.5) + wide * (j - (len(origins) - 1) / 2)
        hue = _HUES[j % len(_HUES)]
        top, bottom = f.at_y(r["high"]), f.at_y(r["low"])
        layers.append(rect(x - 0.35 * wide, top, 0.7 * wide, max(bottom - top, 1.0), hue, 0.35))
        layers.append(dot(x, f.at_y(r["median"]), size=30, color=color(hue)))
        words = f"{_quarter(r['closes_on'])}, as forecast on {day_words(r['origin'])}\n"
        words += f"{r['median']:.1f} months ({r['low']:.1f} to {r['high']:.1f})"
        points.append(Point(round(f.left + x, 1), round(f.top + f.at_y(r["median"]), 1), words + _came(r)))
    for i, day in enumerate(closes):
        of_day = [r for r in rows if r["closes_on"] == day and r["outcome"] is not None]
        if not of_day:
            continue
        r = of_day[0]
        x = slot * (i + 0.5)
        if r["outcome_low"] is not None and r["outcome_high"] is not None:
            ends = (f.at_y(r["outcome_low"]), f.at_y(r["outcome_high"]))
            layers.append(segment((x, ends[0]), (x, ends[1]), color=color("ink"), strokeWidth=2))
        layers.append(dot(x, f.at_y(r["outcome"]), shape="diamond", size=80, color=color("ink")))
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _came(r: Row) -> str:
    if r["outcome"] is None:
        return "\nNot known yet"
    if r["outcome_low"] is None or r["outcome_high"] is None:
        return f"\nIt came to {r['outcome']:.1f}"
    return f"\nIt came to {r['outcome']:.1f} ({r['outcome_low']:.1f} to {r['outcome_high']:.1f})"


def _quarter(day: dt.date) -> str:
    return f"{('Early', 'Spring', 'Summer', 'Late')[(day.month - 1) // 3]} {day.year}"


def _quarters(f: Frame, closes: Sequence[dt.date]) -> list[Any]:
    """Return the quarters beneath the plot, the year once."""
    found, slot, high = [], f.plot[0] / max(1, len(closes)), f.plot[1]
    soft: Row = {"color": color("soft"), "fontSize": f.size - 1, "align": "center"}
    for i, day in enumerate(closes):
        x = slot * (i + 0.5)
        found.append(text(x, high + 14, f"Q{(day.month - 1) // 3 + 1}", **soft))
        if i == 0 or closes[i - 1].year != day.year:
            found.append(text(x, high + 31, str(day.year), **soft))
    return found


def _key(f: Frame, origins: Sequence[dt.date]) -> list[Any]:
    """Return which color is of which day, and what came."""
    across = 2 if f.phone else 4
    found: list[Any] = []
    for j, origin in enumerate(origins):
        x, y = (j % across) * (160 if f.phone else 165) - f.left + 2, -f.top + 12 + 20 * (j // across)
        found.append(rect(x, y - 6, 12, 12, _HUES[j % len(_HUES)], 0.6))
        found.append(text(x + 18, y, day_words(origin, short=True), fontSize=f.size - 1))
    return found
