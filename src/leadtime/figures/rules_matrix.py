"""Chips by days: one letter and one shade for each answer."""

from collections.abc import Sequence
from typing import Any

from leadtime.days import month_words
from leadtime.figures.frame import Frame, Picture, Point, rect, text
from leadtime.figures.rules_strip import GROUND, hatched
from leadtime.figures.tokens import color

_HIGH, _HEAD = 26, 28


def matrix(width: int, rows: Sequence[dict[str, Any]]) -> Picture:
    """Return a row for each chip and a column for each day.

    Args:
        width: Of the picture, pixels.
        rows: chip, name, on (day), letter, words, in the order of chips and days.
    """
    chips = list(dict.fromkeys((r["chip"], r["name"]) for r in rows))
    days = list(dict.fromkeys(r["on"] for r in rows))
    left = 118 if width < 560 else 190
    f = Frame(
        width=width,
        height=_HEAD + _HIGH * len(chips) + 4,
        x=(0, len(days)),
        y=(0, 1),
        left=left,
        right=2,
        top=_HEAD,
        bottom=4,
    )
    at = {c: i for i, (c, _) in enumerate(chips)}
    layers, points, slants = [], list[Point](), []
    for i, d in enumerate(days):
        layers.append(
            text(
                f.at_x(i + 0.5),
                -12,
                month_words(d, short=True),
                align="center",
                fontWeight=600,
                fontSize=f.size - 1,
                color=color("soft"),
            )
        )
    for i, (_, name) in enumerate(chips):
        short = name if len(name) * f.size * 0.5 < left else name[: int(left / f.size / 0.55)].rstrip() + "…"
        layers.append(text(-left + 2, i * _HIGH + _HIGH / 2, short, fontSize=f.size - 1, color=color("ink")))
    labels = []
    for r in rows:
        i, j = at[r["chip"]], days.index(r["on"])
        x, x2, y = f.at_x(j), f.at_x(j + 1) - 2, i * _HIGH + 1
        ground, ink = GROUND[r["letter"]]
        layers.append(rect(x, y, x2 - x, _HIGH - 2, ground, 1))
        if r["letter"] == "?":
            slants += hatched(x, x2, y, _HIGH - 2)
        whole = f"{r['letter']}  {r['words']}" if not f.phone and x2 - x > 160 else r["letter"]
        labels.append(
            text((x + x2) / 2, y + _HIGH / 2 - 1, whole, align="center", fontSize=f.size - 1, color=color(ink))
        )
        points.append(
            Point(
                round(f.left + (x + x2) / 2, 1),
                f.top + y + _HIGH / 2,
                f"{r['name']}, {month_words(r['on'], short=True)}\n{r['words']}",
            )
        )
    return Picture(chart=f.layer(*layers, *slants, *labels), points=points, frame=f)
