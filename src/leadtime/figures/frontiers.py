"""The best models of each side over time, and arrows from models back to their first equals."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from leadtime.figures.chart import Row, inline
from leadtime.figures.events import Event, marked
from leadtime.figures.frame import HEADROOM, Frame, Picture, dot, end_labels, segment, text, ticks_y, years_x
from leadtime.figures.placed import Box, Room, around
from leadtime.figures.tokens import color

#: Points of ability below the leader's first level that are still drawn.
_BELOW = 14.0
#: So many record models are named on a desk, and on a phone.
_NAMED, _NAMED_PHONE = 10, 3
#: Tokens of sides that are neither country, in their order.
_OTHERS = ("blue", "yours", "pink", "olive", "sky", "without")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A model that set a record of its side."""

    name: str
    day: dt.date
    points: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A side: its name, its best ability by day (day, low, median, high), and its records.

    Args:
        name: As people call it.
        country: ISO code, empty where it is no country.
        steps: Days in their order, each with the level from that day on.
        records: Models that were probably records when they came out.
        leads: It is the side that others are measured against.
    """

    name: str
    country: str
    steps: Sequence[tuple[dt.date, float, float, float]]
    records: Sequence[Record] = ()
    leads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A model that was asked for, with the day of its first equal; None where there is none."""

    name: str
    country: str
    day: dt.date
    points: float
    equal_on: dt.date | None
    gap: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontiers:
    """What is drawn: sides, models, days of rules, the first and the last day, and whether bands are shown."""

    sides: Sequence[Side]
    models: Sequence[Chosen]
    events: Sequence[Event] = ()
    most_events: int | None = None
    since: dt.date
    until: dt.date
    bands: bool = True

    def drawn(self, width: int) -> Picture:
        """Return the chart for a width in pixels."""
        hues = _hues(self.sides)
        sides = [replace(s, steps=_within(s.steps, self.since, self.until)) for s in self.sides]
        sides = [s for s in sides if s.steps]
        models = [m for m in self.models if self.since <= m.day <= self.until]
        f = self._frame(width, sides, models)
        room = Room(f.plot[0] + f.right, f.plot[1], top=f.plot[1] * HEADROOM * 0.8)
        layers: list[Any] = [*ticks_y(f, _ticks(f.y), " points", zero=False), *years_x(f)]
        layers += marked(f, self.events, self.most_events)
        layers += [x for s in sides for x in _steps(f, s, hues[s.name], self.bands)]
        for s in sides:
            room.line(_path(f, s))
        for m in models:
            layers += _arrow(f, m, room)
        points = [f.point(r.day, r.points, r.words) for s in sides for r in s.records if _seen(f, r.day, r.points)]
        points += [f.point(m.day, m.points, m.words) for m in models]
        for s in sides:
            layers += _dots(f, s, hues[s.name], room)
        layers += _ends(f, sides, hues, room)
        for m in sorted(models, key=lambda m: m.points):
            layers += _named(f, m, room, _hue(m.country))
        layers += _records(f, sides, hues, room, {m.name for m in models})
        return Picture(chart=f.layer(*layers), points=sorted(points, key=lambda p: p.x), frame=f)

    def _frame(self, width: int, sides: Sequence[Side], models: Sequence[Chosen]) -> Frame:
        levels = [v for s in sides for _, *vs in s.steps for v in vs] + [m.points for m in models]
        levels = levels or [float(_BELOW), 2.0 * _BELOW]  # nothing falls into the span: an empty frame
        start = [s.steps[0][2] for s in sides if s.leads] or [max(levels)]
        low = max(min(levels), min([*start, *(m.points + _BELOW / 2 for m in models)]) - _BELOW)
        low, high = 5 * (low // 5), 5 * -(-max(levels) // 5)
        phone = width < 560
        return Frame(
            width=width,
            height=320 if phone else 440 if width > 800 else 400,
            x=(self.since, self.until),
            y=(low, high + (high - low) * HEADROOM / (1 - HEADROOM)),
            left=34 if phone else 44,
            right=62 if phone else 112,
        )


def _hues(sides: Sequence[Side]) -> dict[str, str]:
    others = iter(_OTHERS)
    return {s.name: _hue(s.country) if s.country in ("USA", "CHN") else color(next(others, "other")) for s in sides}


def _hue(country: str) -> str:
    return color({"USA": "us", "CHN": "china"}.get(country, "without"))


def _within(steps: Sequence[tuple[dt.date, float, float, float]], since: dt.date, until: dt.date) -> list[Any]:
    """Return the steps of a span of days, the level before it as its first."""
    before = [s for s in steps if s[0] <= since]
    kept = [s for s in steps if since < s[0] <= until]
    first = [(since, *before[-1][1:])] if before else []
    found = [*first, *kept]
    return [*found, (until, *found[-1][1:])] if found and found[-1][0] < until else found


def _ticks(y: tuple[float, float]) -> list[float]:
    step = 10 if y[1] - y[0] > 25 else 5
    top = y[1] - (y[1] - y[0]) * HEADROOM
    return [float(v) for v in range(int(-(-y[0] // step) * step), int(top) + 1, step)]


def _seen(f: Frame, day: dt.date, points: float) -> bool:
    return bool(f.x[0] <= day <= f.x[1]) and f.y[0] <= points <= f.y[1]  # type: ignore[operator]


def _steps(f: Frame, s: Side, hue: str, bands: bool) -> list[alt.Chart]:
    rows = [{"day": d, "low": lo, "median": m, "high": hi} for d, lo, m, hi in s.steps]
    base = alt.Chart(inline(rows)).encode(x=f.enc_x("day"))
    band = base.mark_area(opacity=0.16, color=hue, interpolate="step-after", clip=True)
    line = base.mark_line(strokeWidth=2.5, color=hue, interpolate="step-after", clip=True).encode(y=f.enc_y("median"))
    return [band.encode(y=f.enc_y("low"), y2=alt.Y2("high")), line] if bands else [line]


def _path(f: Frame, s: Side) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for d, _, m, _ in s.steps:
        x, y = f.at_x(d), f.at_y(m)
        if found:
            found.append((x, found[-1][1]))
        found.append((x, y))
    return found


def _dots(f: Frame, s: Side, hue: str, room: Room) -> list[alt.Chart]:
    kept = [r for r in s.records if _seen(f, r.day, r.points)]
    for r in kept:
        room.mark(f.at_x(r.day), f.at_y(r.points))
    rows = [{"day": r.day, "points": r.points} for r in kept]
    if not rows:
        return []
    marks = alt.Chart(inline(rows)).mark_point(filled=True, size=32, opacity=1, color=hue)
    return [marks.encode(x=f.enc_x("day"), y=f.enc_y("points"))]


def _arrow(f: Frame, m: Chosen, room: Room) -> list[alt.Chart]:
    """Return an arrow from a model back, or on, to its first equal, and its dot."""
    x, y = f.at_x(m.day), f.at_y(m.points)
    room.mark(x, y, 8)
    found: list[alt.Chart] = []
    if m.equal_on is not None:
        to = max(0.0, min(f.at_x(m.equal_on), f.plot[0]))
        room.line([(to, y), (x, y)])
        if abs(to - x) > 9:
            way = 1 if to < x else -1
            found.append(segment((to + 6 * way, y), (x, y), color=color("ink"), strokeWidth=2.5))
            tip: Row = {"shape": "triangle-left" if way > 0 else "triangle-right", "size": 90}
            found.append(dot(to + 4 * way, y, color=color("ink"), **tip))
    return [*found, dot(x, y, size=120, color=_hue(m.country), stroke=color("paper"), strokeWidth=1.5)]


def _wide(words: str, size: float, *, bold: bool = False) -> float:
    return len(words) * size * (0.53 if bold else 0.48)


def _named(f: Frame, m: Chosen, room: Room, hue: str) -> list[alt.Chart]:
    """Return a model's name and gap where there is room; those who point at it read them in any case."""
    wide = max(_wide(m.name, f.size, bold=True), _wide(m.gap, f.size - 1)) + 4
    x, y = f.at_x(m.day), f.at_y(m.points)
    box = room.place(around(x, y, wide, 34, above=False, far=(4, 12, 22, 34, 48)))
    if box is None:
        return []
    return [
        text(box[0], box[1] + 9, m.name, color=hue, fontWeight=600, fontSize=f.size),
        text(box[0], box[1] + 25, m.gap, color=color("ink"), fontSize=f.size - 1),
    ]


def _records(
    f: Frame, sides: Sequence[Side], hues: dict[str, str], room: Room, named: Iterable[str]
) -> list[alt.Chart]:
    """Return names of records, the newest first, where they cross nothing."""
    found: list[alt.Chart] = []
    taken = set(named)
    most = (_NAMED_PHONE if f.phone else _NAMED) // max(1, len(sides)) + 1
    for s in sides:
        some = [r for r in s.records if r.name not in taken and _seen(f, r.day, r.points)]
        n = 0
        for r in sorted(some, key=lambda r: r.day, reverse=True):
            wide = _wide(r.name, f.size - 1) + 4
            box: Box | None = None
            if n < most and len(r.name) < 28:
                x, y = f.at_x(r.day), f.at_y(r.points)
                near = around(x, y, wide, 16, above=s.leads, far=(6, 13))
                box = room.place(near[: len(near) // 2])
            if box is not None:
                n += 1
                found.append(text(box[0], box[1] + 8, r.name, color=hues[s.name], fontSize=f.size - 1))
    return found


def _ends(f: Frame, sides: Sequence[Side], hues: dict[str, str], room: Room) -> list[alt.Chart]:
    items = []
    for s in sides:
        y = f.at_y(s.steps[-1][2])
        room.taken.append((f.plot[0], y - 24, f.plot[0] + f.right, y + 24))
        first, _, rest = s.name.partition(" ") if f.phone else (s.name, "", "")
        items.append({"y": s.steps[-1][2], "words": first, "more": rest, "color": hues[s.name]})
    return end_labels(f, items, f.plot[0] + 7) if items else []
