"""What the answers to many transactions rest on: confidence, since when unknown, what they turn on, what is practised.

The same as `standing` says of one, on arrays.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from leadtime.rules import history
from leadtime.rules.conditions import Places
from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.log import Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.many import ManyCase
from leadtime.rules.outcomes import spread
from leadtime.rules.standing import CONFIDENCE, event_grades, may_have_got_a_letter

_NEVER = dt.date.max.toordinal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rests:
    """What answers rest on, row by row.

    Args:
        confidence: The least confidence among the records, as a place in `standing.CONFIDENCE`.
        unknown_since: Ordinal of the day since which an outcome is not recorded; 0: none.
        practice: What is practised, one bit a provision in reading order.
    """

    confidence: Any
    unknown_since: Any
    practice: Any


def rests(case: ManyCase, order: Reading, found: Judgement) -> Rests:
    """Return what the answers to many transactions rest on."""
    size = len(case.columns)
    grade = np.zeros(size, dtype=np.int8)
    since = np.zeros(size, dtype=np.int32)
    practice = np.zeros(size, dtype=np.int64)
    for p in (*order.classifications, *order.requirements, *order.reviews, *order.exceptions, *order.elsewhere):
        mask = _decisive(p, order, found, size)
        if mask.any():
            np.maximum(grade, np.where(mask, _grade(case, p), 0), out=grade)
            unknown = mask & spread(np.asarray(found.applies[p.id][1]) == UNKNOWN, size)
            if unknown.any():
                np.maximum(since, np.where(unknown, case.by_events(("since", p.id), _since(case, p)), 0), out=since)
    for i, p in enumerate(order.practices):
        mask = _practised(case, p, size)
        if mask.any():
            practice |= np.where(mask, np.int64(1) << np.int64(i), 0)
            np.maximum(grade, np.where(mask, _grade(case, p), 0), out=grade)
    chips = case.columns.chip
    grade = np.maximum(
        grade, chips.truth(lambda c: _rank(case.log.chips[c]["confidence"]) if c in case.log.chips else 0)
    )
    for p in order.requirements:
        for free in (_absent(case, order, found, p, size), _unaddressed(case, found, p, size)):
            if free is not None:
                np.maximum(grade, np.where(free, 1, 0), out=grade)
    return Rests(confidence=grade, unknown_since=since, practice=practice)


def _rank(grade: str | None) -> int:
    return CONFIDENCE.index(grade) if grade else 0


def _decisive(p: Provision, order: Reading, found: Judgement, size: int) -> Any:
    written, enforced = found.applies[p.id]
    if p.role == "review":
        i = order.reviews.index(p)
        chosen = (np.asarray(found.review[0]) == i) | (np.asarray(found.review[1]) == i)
        return spread(chosen | (np.asarray(enforced) == UNKNOWN), size)
    if p.role in ("exception", "elsewhere"):
        return spread(np.asarray(enforced) != FALSE, size)
    return spread((np.asarray(written) != FALSE) | (np.asarray(enforced) != FALSE), size)


def _grade(case: ManyCase, p: Provision) -> Any:
    def of_day(on: dt.date, known: dt.date) -> int:
        state = history.state(case.log, p, on, known)
        return max((_rank(g) for g in event_grades(case.log, p, state, on)), default=0)

    grade = case.by_events(("grade", p.id), of_day)
    names = (*p.destinations.names, *p.headquarters.names)
    return np.maximum(grade, case.membership_grade(names)) if names else grade


def _since(case: ManyCase, p: Provision) -> Any:
    def of_day(on: dt.date, known: dt.date) -> int:
        day = history.state(case.log, p, on, known).unknown_since
        return day.toordinal() if day else 0

    return of_day


def _practised(case: ManyCase, p: Provision, size: int) -> Any:
    mask = spread(case.item_is(p.items) != FALSE, size) & (spread(case.states(p)[0], size) != FALSE)
    if not mask.any():
        return mask
    place = (spread(case.to(p.destinations), size) == TRUE) | (spread(case.home(p.headquarters), size) == TRUE)
    mask = mask & place
    return mask & (spread(p.condition.evaluate(case), size) == TRUE) if mask.any() else mask


def _absent(case: ManyCase, order: Reading, found: Judgement, p: Provision, size: int) -> Any:
    """Return where absence from a group whose list of the day was not read frees a row, or None if p has no
    such group.
    """
    texts = {g: days for g, days in case.texts.items() if g in (*p.destinations.names, *p.headquarters.names)}
    if not texts:
        return None
    mask = (spread(found.matched[p.id], size) == FALSE) & spread(case.item_is(p.items), size).astype(bool)
    if not mask.any():
        return None
    _, binding, enforced = case.states(p)
    mask = mask & ((np.asarray(binding) != FALSE) | (np.asarray(enforced) != FALSE))
    among: Any = np.zeros(size, dtype=bool) if p.eccn else np.ones(size, dtype=bool)
    for c in order.classifications:
        if set(c.eccn) & set(p.eccn):
            among = among | (spread(found.applies[c.id][0], size) != FALSE)
    mask = mask & among & (spread(case.addressed(p.addressees), size) != FALSE)
    if not mask.any():
        return None
    mask = mask & (spread(p.condition.evaluate(case), size) != FALSE)
    absent = np.zeros(size, dtype=bool)
    for group, days in texts.items():
        first, last = min(days).toordinal(), max(days).toordinal()
        unread = (case.columns.on < first) | (case.columns.on > last)
        place = _one(group)
        if group in p.destinations.names:
            absent |= unread & (case.to(place) == FALSE)
        if group in p.headquarters.names:
            absent |= unread & (case.parties_outside(place))
    return mask & absent


def _unaddressed(case: ManyCase, found: Judgement, p: Provision, size: int) -> Any:
    """Return where a letter would ask for a license, had the shipper got it too, or None if p is no letter."""
    if not p.addressees:
        return None
    mask = spread(case.addressed(p.addressees) == FALSE, size) & spread(np.asarray(found.license[1]) != TRUE, size)
    mask = mask & spread(case.item_is(p.items) != FALSE, size) & spread(case.states(p)[2] != FALSE, size)
    mask = mask & case.columns.exporter.truth(may_have_got_a_letter).astype(bool)
    if mask.any() and (p.destinations.text or p.headquarters.text):
        mask = mask & (np.maximum(case.to(p.destinations), case.home(p.headquarters)) != FALSE)
    return mask & (spread(p.condition.evaluate(case), size) != FALSE) if mask.any() else None


def _one(group: str) -> Places:
    return Places(group, lambda member, logic: member(group), (group,))
