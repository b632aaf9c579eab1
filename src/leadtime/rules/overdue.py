"""What was scheduled and has come due without a word in the log: a return, an end, the last day of a suspension or of a
number.
"""

import datetime as dt
from typing import NamedTuple

import polars as pl

from leadtime.evidence import Evidence

#: What became known so many days before a scheduled day may be about it, such as a suspension prolonged.
_BEFORE_DAYS = 60
_SCHEDULED = ("scheduled_return", "scheduled_end")


class Due(NamedTuple):
    """One thing that has come due: of which instrument or parameter, what it is, and its day."""

    of: str
    what: str
    on: dt.date


def overdue(evidence: Evidence, today: dt.date) -> list[Due]:
    """Return what was scheduled for a day before today, and of which the log says nothing since.

    An event of the same instrument speaks of it when it holds from that day on or later, or became known at most 60
    days before.
    """
    events = evidence["rule_events"]
    scheduled = pl.col("kind").is_in(_SCHEDULED)
    due = events.filter(scheduled).select("instrument", "provision", "kind", "known_on", on="effective_on")
    until = events.filter(~scheduled, pl.col("until").is_not_null())
    due = pl.concat([due, until.select("instrument", "provision", "kind", "known_on", on="until")])
    said = events.filter(~scheduled).select("instrument", "effective_on", _known="known_on")
    found: dict[str, Due] = {}
    for instrument, _, kind, known_on, on in due.filter(pl.col("on") < today).sort("on").iter_rows():
        after = (pl.col("effective_on") >= on) | (pl.col("_known") >= on - dt.timedelta(days=_BEFORE_DAYS))
        if said.filter(pl.col("instrument") == instrument, after, pl.col("_known") > known_on).is_empty():
            what = kind.replace("_", " ") if kind in _SCHEDULED else f"last day of being {kind.replace('_', ' ')}"
            found[instrument] = Due(instrument, what, on)  # a return takes the place of the last day before it
    return sorted([*found.values(), *_numbers(evidence, today)], key=lambda d: (d.on, d.of))


def _numbers(evidence: Evidence, today: dt.date) -> list[Due]:
    """Return the parameters whose last day is past and that no later row follows."""
    rows = evidence["rule_parameters"].select("parameter", "from", "to")
    last = rows.group_by("parameter").agg(pl.all().sort_by("from").last())
    ended = last.filter(pl.col("to").is_not_null(), pl.col("to") < today)
    return [Due(name, "last day of its value", to) for name, _, to in ended.iter_rows()]
