"""Which labels of a chart have room, on a wide page and on a phone."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from leadtime.figures.chart import PHONE, WIDTH, Row

Point = tuple[Any, float]


def with_room(
    rows: Iterable[Row],
    x: str,
    y: str,
    text: str,
    *,
    to_the_left: bool = False,
    around: Sequence[Point] = (),
    rise: float = 0,
    margin: float = 0.02,
) -> list[Row]:
    """Return the rows, first ones first served, with `wide` and `narrow`: whether their label has room.

    `around` are other points of the same chart: they widen its range, and labels may lie on them. `rise` is how far
    above its point a label stands, in pixels, and `margin` the room right of the last point, a fraction of the width.
    """
    kept = list(rows)
    if not kept:
        return []
    xs, ys = ([_number(r[key]) for r in kept] + [_number(p[i]) for p in around] for i, key in enumerate((x, y)))
    for field, width, height in (("wide", WIDTH * 0.85, 330.0), ("narrow", PHONE * 0.75, 300.0)):
        px, py = _scaled(xs, width), _scaled(ys, height)
        taken: list[tuple[float, float, float, float]] = [
            (a - 4, a + 4, b - 4, b + 4) for a, b in zip(px, py, strict=True)
        ]
        for i, r in enumerate(kept):
            reach = 6.2 * len(str(r[text])) + 8
            a0, a1 = (px[i] - reach, px[i] - 5) if to_the_left else (px[i] + 5, px[i] + reach)
            box = (a0, a1, py[i] + rise - 7, py[i] + rise + 7)
            inside = a0 > -10 if to_the_left else a1 < width * (1 + margin)
            others = [t for j, t in enumerate(taken) if j != i]
            r[field] = inside and not any(_overlap(box, t) for t in others)
            if r[field]:
                taken.append(box)
    return kept


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


def _scaled(values: Sequence[float], size: float) -> list[float]:
    low, high = min(values), max(values)
    return [(v - low) / (high - low or 1.0) * size for v in values]


def _number(value: Any) -> float:
    return float(value.toordinal()) if isinstance(value, dt.date) else float(value)
