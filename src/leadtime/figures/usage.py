"""The chart of use: a bar for each place and each way of counting it, so that counts that conflict stand side
by side.
"""

import itertools
from collections.abc import Sequence

from leadtime.figures.chart import Row
from leadtime.figures.frame import Picture, Point, ticks_x
from leadtime.figures.marks import canvas, lines, words
from leadtime.figures.tokens import color

_BAR, _GAP = 24, 12


def usage(width: int, rows: Sequence[Row]) -> Picture:
    """Return bars of shares with their ranges, those of one place together.

    Args:
        width: Of the picture, pixels.
        rows: place, by (who counts; empty on the bars of the main count), main (whether it is that), hue, middle, low,
            high (percent), said, words; rows of one place stand together.
    """
    phone = width < 560
    label = 118 if phone else 160
    tail = 96 if phone else 150
    groups = [list(own) for _, own in itertools.groupby(rows, key=lambda r: r["place"])]
    high = sum(_BAR * len(g) * (2 if phone and len(g) > 1 else 1) + _GAP for g in groups)
    f = canvas(width, max(int(high), 24) + 28, left=label, right=tail, top=4, bottom=24)
    top = max((r["high"] for r in rows), default=100.0)
    scale = f.plot[0] / (10 * -(-top // 10))
    bars, outlines, ranges, places, said, notes, points = ([] for _ in range(7))
    y = _GAP / 2
    for group in groups:
        places.append({"x": -label, "y": y + _BAR / 2, "words": group[0]["place"], "color": color("ink")})
        for r in group:
            at, reach = y + _BAR / 2, scale * r["middle"]
            shade = color(r["hue"])
            if r["main"]:
                bars.append({"x": 0, "y": at, "x2": reach, "y2": at, "color": shade})
            else:  # another count is an outline, so that nobody adds the two
                for a, b in (
                    ((0, -8), (reach, -8)),
                    ((reach, -8), (reach, 8)),
                    ((reach, 8), (0, 8)),
                    ((0, 8), (0, -8)),
                ):
                    outlines.append({"x": a[0], "y": at + a[1], "x2": b[0], "y2": at + b[1], "color": shade})
            ranges.append({"x": scale * r["low"], "y": at, "x2": scale * r["high"], "y2": at, "color": color("ink")})
            said.append({"x": scale * r["high"] + 6, "y": at, "words": r["said"], "color": color("ink")})
            if r["by"]:
                below = phone and len(group) > 1
                notes.append(
                    {
                        "x": 0 if below else scale * r["high"] + 10 + 7.2 * len(r["said"]),
                        "y": at + (20 if below else 0),
                        "words": r["by"],
                        "color": color("soft"),
                    }
                )
            points.append(Point(round(f.left + reach, 1), round(f.top + at, 1), r["words"]))
            y += _BAR * (2 if phone and len(group) > 1 else 1)
        y += _GAP
    ticks = [t for t in range(0, 101, 40 if phone else 20) if t * scale <= f.plot[0] + 1]
    pixels = {t * scale: f"{t}%" for t in ticks}
    layers = [
        *ticks_x(f, pixels, lambda x: pixels[x]),
        lines(f, bars, strokeWidth=16),
        lines(f, outlines, strokeWidth=1.5),
        lines(f, ranges, strokeWidth=2),
        words(f, places, fontWeight=600, fontSize=f.size - 1),
        words(f, said, fontSize=f.size - 1),
        words(f, notes, fontSize=f.size - 1),
    ]
    if not rows:
        layers.append(
            words(f, [{"x": 0, "y": 12, "words": "No count was public on this day.", "color": color("soft")}])
        )
    return Picture(chart=f.layer(*layers), points=points, frame=f)
