"""The charts of the rules: what happened when, and duties on top of each other."""

import datetime as dt
import functools
from collections.abc import Collection, Sequence
from typing import Any

from leadtime.days import day_words
from leadtime.figures.frame import Frame, Picture, Point, dot, rect, segment, text, ticks_x, years_x
from leadtime.figures.tokens import color

_HUES = {"United States": "us", "China": "china"}
_LETTER = 0.5
Row = dict[str, Any]


def events(rows: Sequence[Row], at: Collection[dt.date] = ()) -> Any:
    """Return what draws events on an axis of time, a lane for each government, those of one day above each other.

    Args:
        rows: day, by (whose rule it is), what, title.
        at: Days that are marked by an upright.
    """
    return functools.partial(_events, rows=list(rows), at=sorted(at))


def _events(width: int, rows: list[Row], at: list[dt.date]) -> Picture:
    lanes, step, top = list(dict.fromkeys(r["by"] for r in rows)), 66, 12
    days = [*(r["day"] for r in rows), *at]
    pad = dt.timedelta(days=max(6, (max(days) - min(days)).days // 40))
    f = Frame(
        width=width,
        height=top + step * len(lanes) + 34,
        x=(min(days) - pad, max(days) + pad),
        y=(0, 1),
        left=6,
        right=34,
        top=top,
        bottom=28,
    )
    is_long = (max(days) - min(days)).days > 2 * 365
    layers: list[Any] = [
        *(
            years_x(f, every=2 if f.phone and (max(days) - min(days)).days > 2200 else 1)
            if is_long
            else _ends(f, min(days), max(days))
        )
    ]
    for d in at:
        x = f.at_x(d)
        layers.append(segment((x, 0), (x, f.plot[1]), color=color("soft"), strokeWidth=1, strokeDash=[2, 3]))
    points, seen = [], dict[tuple[str, dt.date], int]()
    for i, lane in enumerate(lanes):
        layers.append(text(0, i * step + 10, lane, fontWeight=600, fontSize=f.size))
        layers.append(segment((0, i * step + 50), (f.plot[0], i * step + 50), color=color("line"), strokeWidth=1))
    for r in rows:
        n = seen[r["by"], r["day"]] = seen.get((r["by"], r["day"]), -1) + 1
        x, y = f.at_x(r["day"]), lanes.index(r["by"]) * step + 50 - 6.0 * min(n, 4)
        layers.append(dot(x, y, size=60, color=color(_HUES.get(r["by"], "other")), opacity=0.75))
        words = f"{day_words(r['day'])}: {r['what']}\n{r['title']}"
        points.append(Point(round(f.left + x, 1), round(f.top + y, 1), words))
    return Picture(chart=f.layer(*layers), points=sorted(points, key=lambda p: p.x), frame=f)


def _ends(f: Frame, first: dt.date, last: dt.date) -> list[Any]:
    """Return the first and the last day below a plot that spans no two years."""
    found = []
    for d, align in ((first, "left"), (last, "right"))[: 1 if first == last else 2]:
        words = day_words(d, short=True)
        found.append(text(f.at_x(d), f.plot[1] + 15, words, align=align, fontSize=f.size - 1, color=color("soft")))
    return found


def stack(rows: Sequence[Row]) -> Any:
    """Return what draws duties one after the other: those that apply, and those that may.

    Args:
        rows: applies, title, percent, authority.
    """
    return functools.partial(_stack, rows=list(rows))


def _stack(width: int, rows: list[Row]) -> Picture:
    phone, high = width < 560, 44 if width < 560 else 32
    order = [r for kind in ("applies", "may apply") for r in rows if r["applies"] == kind]
    sums = {k: sum(r["percent"] for r in rows if r["applies"] == k) for k in ("applies", "may apply")}
    most = max([*sums.values(), 1.0])
    left = 2 if phone else 330
    f = Frame(
        width=width,
        height=26 + high * max(len(order), 1) + 4,
        x=(0.0, most * 1.02),
        y=(0, 1),
        left=left,
        right=50,
        top=26,
        bottom=4,
    )
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000) if most / s <= 6)
    layers: list[Any] = [*ticks_x(f, [i * step for i in range(int(most / step) + 1)], lambda v: f"{v:g}%", above=True)]
    points, begun = [], dict.fromkeys(sums, 0.0)
    for i, r in enumerate(order):
        y, start = i * high + (30 if phone else high / 2), begun[r["applies"]]
        begun[r["applies"]] += r["percent"]
        a, b = f.at_x(start), f.at_x(begun[r["applies"]])
        name = f"{r['title']}{'' if r['applies'] == 'applies' else ', may apply'}"
        room = int((f.plot[0] if phone else left - 10) / f.size / _LETTER)
        name = name if len(name) <= room else f"{name[: room - 1].rstrip()}…"
        layers += [
            text(0 if phone else -left, y - 18 if phone else y, name, fontSize=f.size),
            rect(a, y - 8, max(b - a, 2), 16, "blue", 1.0 if r["applies"] == "applies" else 0.4),
            text(b + 6, y, f"{r['percent']:g}%", fontWeight=600, fontSize=f.size),
        ]
        points.append(
            Point(
                round(f.left + (a + b) / 2, 1),
                f.top + y,
                f"{r['title']}\n{r['percent']:g}%, {r['applies']} ({r['authority']})",
            )
        )
    if not order:
        layers.append(text(0, 16, "No extra duty applies", fontSize=f.size, color=color("soft")))
    return Picture(chart=f.layer(*layers), points=points, frame=f)
