"""One answer over time: what the rule said, what Washington did, and what the government of the destination did."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from leadtime.rules.case import OneCase
from leadtime.rules.changes import edges
from leadtime.rules.history import state
from leadtime.rules.letters import lettered
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE
from leadtime.rules.reading import reading
from leadtime.rules.status import Status, headline
from leadtime.rules.transaction import FIRST_DAY

RULE, WASHINGTON = "rule", "washington"
THERE = "there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A span of days over which one thing holds.

    Args:
        row: Whose row it is in: `rule`, `washington` or `there` (the destination).
        begin: Its first day.
        end: The first day after it, or None if it holds on the last day that is known of.
        letter: Of a rule, one of `letters.MEANINGS`; empty for what was done.
        words: What holds.
        sure: Whether its first day is confirmed.
    """

    row: str
    begin: dt.date
    end: dt.date | None
    letter: str
    words: str
    sure: bool = True


def spells(log: Log, s: Status) -> tuple[Spell, ...]:
    """Return the spells of the three rows from the day the item was announced, in the order of rows and days."""
    first = begun(log, s)
    return (*_rule(log, s, first), *_done(log, s, first))


def begun(log: Log, s: Status) -> dt.date:
    """Return the first day shown: that of the item's announcement, or of the log; never after the day that is asked
    about.
    """
    row = log.chips.get(s.transaction.chip) or {}
    born = row.get("announced_on") or row.get("released_on") or FIRST_DAY
    return max(FIRST_DAY, min(born, s.on))


def _rule(log: Log, s: Status, first: dt.date) -> Iterator[Spell]:
    last = max(s.as_known, s.on)
    days = [first, *(d for d in edges(log, reading(log), s) if first < d <= last)]
    begin, held = first, lettered(headline(log, s.transaction, first, s.as_known))
    for day in days[1:]:
        now = lettered(headline(log, s.transaction, day, s.as_known))
        if now != held:
            yield Spell(row=RULE, begin=begin, end=day, letter=held.letter, words=held.words)
            begin, held = day, now
    yield Spell(row=RULE, begin=begin, end=None, letter=held.letter, words=held.words)


def _done(log: Log, s: Status, first: dt.date) -> Iterator[Spell]:
    case = OneCase(log, s.transaction, s.on, s.as_known)
    last = max(s.as_known, s.on)
    for row, place in ((WASHINGTON, "USA"), (THERE, s.transaction.to)):
        if row == THERE and place == "USA":
            continue
        found = [
            spell
            for p in reading(log).practices
            if log.instruments[p.instrument]["jurisdiction"] == place and _concerns(p, case)
            for spell in _held(log, p, row, s.as_known, first, last)
        ]
        yield from sorted(found, key=lambda x: x.begin)


def _concerns(p: Provision, case: OneCase) -> bool:
    """Return whether a practice is about the item and the place, on whatever day."""
    return (
        case.item_is(p.items) == TRUE
        and p.condition.evaluate(case) == TRUE
        and max(case.to(p.destinations), case.home(p.headquarters)) != FALSE
        and p.known_on <= case.known
    )


def _held(log: Log, p: Provision, row: str, known: dt.date, first: dt.date, last: dt.date) -> Iterator[Spell]:
    """Yield the spans over which a practice held."""
    events = [e for e in log.events.get(p.instrument, ()) if e.provision in ("", p.id) and e.known_on <= known]
    days = sorted({e.effective_on for e in events if e.effective_on <= last})
    begin, sure = None, True
    for day in days:
        holds = state(log, p, day, known).codified == TRUE
        if holds and begin is None:
            begin = max(day, first)
            sure = not any(e.unconfirmed for e in events if e.effective_on == day)
        elif not holds and begin is not None:
            if day > first:
                yield Spell(row=row, begin=begin, end=day, letter="", words=_words(p), sure=sure)
            begin = None
    if begin is not None:
        yield Spell(row=row, begin=begin, end=None, letter="", words=_words(p), sure=sure)


def _words(p: Provision) -> str:
    """Return the title of a practice without whose it is."""
    said = p.title.partition(": ")[2] or p.title
    return said[0].upper() + said[1:].replace(" %", "%")
