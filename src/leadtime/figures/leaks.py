"""The chart of leaks: a line for each figure, on an axis of time. What is alleged stands apart, below the name of who
says so, and is hollow.
"""

import datetime as dt
import itertools
from collections.abc import Sequence

from leadtime.figures.chart import Row
from leadtime.figures.events import Event, marked
from leadtime.figures.figure import wrapped
from leadtime.figures.frame import Frame, Picture, Point, years_x
from leadtime.figures.marks import dots, lines, words
from leadtime.figures.tokens import color

FOUND, ALLEGED = "Found by a court, counted, reported or estimated", "Alleged, and not shown"
#: Below this width the words stand above their line.
_NARROW, _WIDE = 700, 1000
_HEADROOM, _LABEL, _LETTER = 34, 420, 6.4


def timeline(width: int, rows: Sequence[Row], events: Sequence[Event], until: dt.date) -> Picture:
    """Return the figures as lines: first what was found, then what is alleged, by who says so.

    Args:
        width: Of the picture, pixels.
        rows: label (whose and what), words (for who points at it), begin and end (days; begin may be None), alleged_by
            (empty where it was found).
        events: Days of rules that may be marked.
        until: The last day of the axis.
    """
    narrow = width < _NARROW
    left = 0 if narrow else _LABEL if width >= _WIDE else 330
    heads, placed, high = _placed(rows, (width - 8) if narrow else (left - 16), above=narrow)
    first = min((r["begin"] or r["end"] for r in rows), default=until)
    f = Frame(
        width=width,
        height=int(high) + 30,
        x=(dt.date(first.year, 1, 1), until),
        y=(high, 0.0),
        left=left,
        right=12,
        top=0,
        bottom=30,
    )
    grid = [{"x": 0, "x2": f.plot[0], "y": y, "y2": y, "color": color("line")} for _, y, _ in placed]
    spans: dict[bool, list[Row]] = {False: [], True: []}
    ends: dict[bool, list[Row]] = {False: [], True: []}
    said: dict[bool, list[Row]] = {False: [], True: []}
    points = []
    for r, y, lines_of in placed:
        is_alleged, shade = bool(r["alleged_by"]), color("soft" if r["alleged_by"] else "ink")
        x = f.at_x(r["end"])
        spans[is_alleged].append({"x": f.at_x(r["begin"] or r["end"]), "x2": x, "y": y, "y2": y, "color": shade})
        ends[is_alleged].append({"x": x, "y": y, "color": shade})
        points.append(Point(round(left + x, 1), round(y, 1), r["words"]))
        said[is_alleged] += [{"x": -left, "y": at, "words": line, "color": color("ink")} for line, at in lines_of]
    layers = [
        lines(f, grid, strokeWidth=1),
        *years_x(f),
        *marked(f, events),
        # days of rules pass behind the words
        lines(f, [_behind(f, t) for t in (*said[False], *said[True])] if narrow else [], strokeWidth=17),
        lines(f, [_behind(f, {"x": 0, "y": y, "words": w}) for w, y, _ in heads] if narrow else [], strokeWidth=19),
        lines(f, spans[False], strokeWidth=3),
        lines(f, spans[True], strokeWidth=2, strokeDash=[3, 3]),
        dots(f, ends[False], size=90),
        dots(f, ends[True], hollow=True),
        words(f, [*said[False], *said[True]], fontSize=f.size - 1),
        words(
            f, [{"x": -left, "y": y, "words": w, "color": color("ink")} for w, y, main in heads if main], fontWeight=600
        ),
        words(
            f,
            [{"x": -left, "y": y, "words": w, "color": color("soft")} for w, y, main in heads if not main],
            fontWeight=600,
            fontSize=f.size - 1,
        ),
    ]
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _behind(f: Frame, t: Row) -> Row:
    """Return the ground behind a line of words."""
    reach = min(t["x"] + 7.2 * len(t["words"]), f.plot[0])
    return {"x": t["x"], "x2": reach, "y": t["y"], "y2": t["y"], "color": color("paper")}


def _placed(
    rows: Sequence[Row], wide: float, *, above: bool
) -> tuple[list[tuple[str, float, bool]], list[tuple[Row, float, list[tuple[str, float]]]], float]:
    """Return the heads (words, y, whether it heads a part), the rows with their y and their lines of words, and the
    height, pixels.
    """
    y, heads, placed = float(_HEADROOM), [], []
    for title, part in (
        (FOUND, [r for r in rows if not r["alleged_by"]]),
        (ALLEGED, [r for r in rows if r["alleged_by"]]),
    ):
        if not part:
            continue
        heads.append((title, y + 12, True))
        y += 28
        for who, own in itertools.groupby(part, key=lambda r: r["alleged_by"]):
            for line in wrapped(f"By {who}", int(wide / 6.8)) if who else ():
                heads.append((line, y + 10, False))
                y += 20
            for r in own:
                texts = wrapped(r["label"], int(wide / _LETTER))
                step = 17 * len(texts)
                if above:
                    placed.append((r, y + step + 10, [(t, y + 9 + 17 * i) for i, t in enumerate(texts)]))
                    y += step + 24
                else:
                    middle = y + (step + 7) / 2
                    placed.append(
                        (r, middle, [(t, middle + 17 * (i - (len(texts) - 1) / 2)) for i, t in enumerate(texts)])
                    )
                    y += step + 7
        y += 10
    if not rows:
        heads.append(("No case was public on this day.", y + 12, False))
        y += 28
    return heads, placed, y
