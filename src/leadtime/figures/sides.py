"""Small charts side by side: for each quantity a bar of each side with its range, on a scale of its own that starts at
zero.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from leadtime.figures.figure import wrapped
from leadtime.figures.frame import Picture, Point
from leadtime.figures.marks import canvas, lines, words
from leadtime.figures.tokens import color

_GUTTER, _LINE, _BAR, _LABEL = 36, 19, 22, 94
_NONE = "not published"


def sides(width: int, panels: Sequence[Mapping[str, Any]]) -> Picture:
    """Return the charts in three columns, in two on a tablet, in one on a phone.

    Args:
        width: Of the picture, pixels.
        panels: title, year, lead (who has more, in words), bars (label, hue, words, middle, low, high; None where
            unknown, one end where open).
    """
    columns = 3 if width >= 1000 else 2 if width >= 560 else 1
    wide = (width - _GUTTER * (columns - 1)) / columns
    heads = [[*_wrap(f"{p['title']}, {p['year']}", wide, 7.1), *_wrap(p["lead"], wide, 6.3)] for p in panels]
    bold = [len(_wrap(f"{p['title']}, {p['year']}", wide, 7.1)) for p in panels]
    tops, y = [], 0.0
    for i in range(0, len(panels), columns):
        tops.append(y)
        y += max(len(h) for h in heads[i : i + columns]) * _LINE + 3 * _BAR + 26
    f = canvas(width, max(int(y), 40), top=4)
    parts: dict[str, list[dict[str, Any]]] = {k: [] for k in ("head", "soft", "label", "bar", "range", "value", "edge")}
    points: list[Point] = []
    for i, p in enumerate(panels):
        x, top = (i % columns) * (wide + _GUTTER), tops[i // columns]
        most = max(len(h) for h in heads[i - i % columns : i - i % columns + columns])
        for n, line in enumerate(heads[i]):
            kind, shade = ("head", "ink") if n < bold[i] else ("soft", "soft")
            parts[kind].append({"x": x, "y": top + 9 + n * _LINE, "words": line, "color": color(shade)})
        points += _bars(f, p, (x, top + most * _LINE + 8), wide, parts)
    small = f.size - 1
    layers = [
        words(f, parts["head"], fontWeight=600),
        words(f, parts["soft"], fontSize=small),
        words(f, parts["label"], fontSize=small),
        lines(f, parts["edge"], strokeWidth=1),
        lines(f, parts["bar"], strokeWidth=13),
        lines(f, parts["range"], strokeWidth=2),
        words(f, parts["value"], fontSize=small),
    ]
    if not panels:
        layers.append(
            words(f, [{"x": 0, "y": 12, "words": "No figure was public on this day.", "color": color("soft")}])
        )
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _bars(
    f: Any, p: Mapping[str, Any], at: tuple[float, float], wide: float, parts: dict[str, list[dict[str, Any]]]
) -> list[Point]:
    """Add the bars of one chart to the parts, and return what a pointer finds on them."""
    (x, top), found = at, []
    ends = [v for b in p["bars"] for v in (b["middle"], b["low"], b["high"]) if v is not None]
    scale = (wide - _LABEL - 148) / (max(ends, default=1.0) or 1.0)
    start = x + _LABEL
    parts["edge"].append({"x": start, "y": top, "x2": start, "y2": top + 3 * _BAR, "color": color("soft")})
    for n, b in enumerate(p["bars"]):
        y = top + n * _BAR + _BAR / 2
        known = [b[k] for k in ("middle", "low", "high") if b[k] is not None]
        parts["label"].append({"x": x, "y": y, "words": b["label"], "color": color("ink" if known else "soft")})
        if not known:
            parts["value"].append({"x": start + 6, "y": y, "words": _NONE, "color": color("soft")})
            continue
        size = b["middle"] if b["middle"] is not None else known[0]
        reach = start + scale * max(known)
        if b["middle"] is not None:
            parts["bar"].append(
                {"x": start, "y": y, "x2": start + max(scale * size, 1), "y2": y, "color": color(b["hue"])}
            )
        if b["low"] is not None and b["high"] is not None and b["low"] < b["high"]:
            parts["range"].append({"x": start + scale * b["low"], "y": y, "x2": reach, "y2": y, "color": color("ink")})
        elif b["middle"] is None:  # one end is all that is known
            parts["range"].append({"x": reach, "y": y - 7, "x2": reach, "y2": y + 7, "color": color(b["hue"])})
        parts["value"].append({"x": reach + 6, "y": y, "words": b["short"], "color": color("ink")})
        found.append(
            Point(
                round(start + scale * size, 1),
                round(f.top + y, 1),
                f"{p['title']}, {p['year']}\n{b['label']}: {b['words']}",
            )
        )
    return found


def _wrap(text: str, wide: float, letter: float) -> list[str]:
    return wrapped(text, int(wide / letter))
