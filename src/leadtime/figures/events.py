"""Days of rules on an axis of time, from the log of rules."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from leadtime.days import month_words
from leadtime.figures.frame import Frame, segment, text
from leadtime.figures.tokens import color


@dataclass(frozen=True, slots=True)
class Event:
    """A day that a chart marks: the day in force, its words, and which are marked first."""

    day: dt.date
    label: str
    weight: int


def events_of(rows: Iterable[dict[str, Any]], as_of: dt.date) -> tuple[Event, ...]:
    """Return the events of a log that charts mark and that were known by a day, in the order of their days.

    Args:
        rows: Rows of the table `rule_events`.
        as_of: The day.
    """
    found = [
        Event(r["effective_on"], r["label"], r["weight"] or 0)
        for r in rows
        if r.get("label") and r["known_on"] <= as_of and r["effective_on"] <= as_of
    ]
    return tuple(sorted(found, key=lambda e: e.day))


def marked(f: Frame, events: Sequence[Event], most: int | None = None) -> list[alt.Chart]:
    """Return dotted lines on days of rules, each with two short lines of words in the headroom of the plot.

    Args:
        f: The frame, time across.
        events: What may be marked.
        most: So many, the weightiest; by default three, two on a phone.
    """
    within = [e for e in events if f.x[0] <= e.day <= f.x[1]]  # type: ignore[operator]
    most = (2 if f.phone else 3) if most is None else most
    kept: list[Event] = []
    for e in sorted(within, key=lambda e: -e.weight):
        reach = 7.0 * max(len(e.label), 8) + 10
        clear = all(abs(f.at_x(e.day) - f.at_x(o.day)) > reach for o in kept)
        if len(kept) < most and clear:
            kept.append(e)
    found: list[alt.Chart] = []
    for e in sorted(kept, key=lambda e: e.day):
        x = round(f.at_x(e.day)) + 0.5
        found.append(segment((x, 0), (x, f.plot[1]), color=color("soft"), strokeWidth=1, strokeDash=[1, 3]))
        words = 7.0 * max(len(e.label), 8)
        left = x + words + 4 > f.plot[0] + f.right
        place = {"align": "right" if left else "left", "color": color("soft"), "fontSize": f.size - 1}
        at = x - 4 if left else x + 4
        found += [text(at, 7, e.label, **place), text(at, 22, month_words(e.day, short=True), **place)]
    return found
