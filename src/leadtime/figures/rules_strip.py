"""One answer over time in three rows: the rule, Washington, and the government of the destination; the day asked about
is a black line.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from leadtime.days import day_words
from leadtime.figures.frame import Frame, Mark, Picture, Point, rect, segment, text, years_x
from leadtime.figures.tokens import color

#: Letter of an answer to the token of its ground, and of the words on it. Hatched means only that the policy is not
#: stated.
GROUND = {
    "F": ("free", "ink"),
    "A": ("free", "ink"),
    "C": ("case", "ink"),
    "D": ("denied", "paper"),
    "?": ("free", "ink"),
    "–": ("paper", "soft"),
    "E": ("paper", "soft"),
}
_BAR, _STEP, _TOP = 30, 62, 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its row (0, 1, 2), days, letter of an answer (empty for what was done), words, its number among what was
    done, words for a pointer.
    """

    row: int
    begin: dt.date
    end: dt.date
    letter: str
    words: str
    n: int
    told: str


def strip(width: int, heads: Sequence[str], bars: Sequence[Bar], asked: dt.date, words: str) -> Picture:
    """Return the rows with their bars.

    Args:
        width: Of the picture, pixels.
        heads: Words above each row.
        bars: Bars, in the order of time within each row; what was done later lies over what was done before.
        asked: The day that is asked about.
        words: What stands above its line.
    """
    first, last = min(b.begin for b in bars), max(b.end for b in bars)
    f = Frame(
        width=width,
        height=_TOP + _STEP * len(heads) + 34,
        x=(first, last),
        y=(0, 1),
        left=2,
        right=2,
        top=_TOP,
        bottom=26,
    )
    layers, points = [*years_x(f, every=2 if f.phone and (last - first).days > 1500 else 1)], list[Point]()
    for row, head in enumerate(heads):
        y = row * _STEP + 26
        layers.append(text(0, y - 12, head, fontWeight=600, fontSize=f.size, color=color("ink")))
        mine = [b for b in bars if b.row == row]
        layers.append(rect(0, y, f.plot[0], _BAR, "line", 0.45))
        if not mine:
            layers.append(text(10, y + _BAR / 2, "Nothing recorded", fontSize=f.size - 1, color=color("soft")))
        for i, b in enumerate(mine):
            end = b.end if row == 0 or i + 1 == len(mine) else min(b.end, mine[i + 1].begin)
            layers += _bar(f, b, y, f.at_x(b.begin), f.at_x(end))
            x = f.at_x(b.begin)
            room = f.at_x(mine[i + 1].begin) - x if i + 1 < len(mine) else f.plot[0] - x
            begins, left = 6.2 * 13, len(head) * f.size * 0.56 + 8
            crossed = x - 2 < f.at_x(asked) < x + begins  # the line of the day that is asked about stands there
            if x > left + begins * crossed and room > begins:
                words_of = {"align": "right" if crossed else "left", "fontSize": f.size - 1, "color": color("soft")}
                at = x - 4 if crossed else x
                layers.append(text(at, y - 12, day_words(b.begin, short=True), **words_of))
            middle = f.at_x(b.begin) + (f.at_x(end) - f.at_x(b.begin)) / 2
            points.append(Point(round(f.left + middle, 1), f.top + y + _BAR / 2, b.told))
    x = f.at_x(asked)
    layers.append(segment((x, -8), (x, _STEP * len(heads)), color=color("ink"), strokeWidth=2.5))
    align = "left" if x < 80 else "right" if x > f.plot[0] - 80 else "center"
    layers.append(text(x, -20, words, align=align, fontWeight=600, fontSize=f.size, color=color("ink")))
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _bar(f: Frame, b: Bar, y: float, x: float, x2: float) -> list[Mark]:
    ground, ink = GROUND[b.letter] if b.letter else ("denied", "paper") if b.n % 2 else ("case", "ink")
    layers = [rect(x, y, max(x2 - x - 1.5, 1), _BAR, ground, 1)]
    if b.letter == "?":
        layers += hatched(x, x2 - 1.5, y, _BAR)
    room, letters = x2 - x - 14, f.size * 0.5
    whole = b.words if len(b.words) * letters <= room else b.letter or str(b.n) if room > 0 else ""
    if whole and b.letter == "?":  # words on hatching stand on a plain ground
        wide = len(whole) * letters + 12
        layers.append(rect(x + (x2 - x - wide) / 2, y + 4, wide, _BAR - 8, ground, 1))
    if whole:
        layers.append(
            text(
                (x + x2) / 2, y + _BAR / 2, whole, align="center", fontWeight=600, fontSize=f.size - 1, color=color(ink)
            )
        )
    return layers


def hatched(x: float, x2: float, y: float, high: float) -> list[Mark]:
    """Return slanted lines over a bar, each cut at its ends."""
    lines, slant, at = list[Mark](), 10.0, x - 10.0
    while at < x2:
        left, right = max(at, x), min(at + slant, x2)
        if right > left:
            up = high / slant
            ends = ((left, y + high - (left - at) * up), (right, y + high - (right - at) * up))
            lines.append(segment(*ends, color=color("case"), strokeWidth=1))
        at += 11
    return lines
