"""The answers to many transactions: each as it is, and where something is open, the cases that it may be."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.kinds import bits
from leadtime.rules.log import Log
from leadtime.rules.many import Coded, Columns, ManyCase
from leadtime.rules.outcomes import Outcomes, Words, each, words
from leadtime.rules.quantities import CALLED, SAID
from leadtime.rules.reading import reading
from leadtime.rules.rests import rests
from leadtime.rules.split import open_rows, split
from leadtime.rules.standing import CONFIDENCE


def answers(log: Log, columns: Columns) -> Words:
    """Return the status of every transaction, equal to what `status.status` says of each alone."""
    order = reading(log)
    case = ManyCase(log, columns)
    return words(order, _outcomes(log, order, case, order.judge(case))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """The answers to many transactions, with what they rest on and turn on, by column."""

    words: Words
    confidence: Coded
    unknown_since: Coded
    turns_on: Coded
    practice: Coded


def full(log: Log, columns: Columns) -> Full:
    """Return the answers to many transactions, with what they rest on."""
    order = reading(log)
    case = ManyCase(log, columns)
    found = order.judge(case)
    result, turns = _outcomes(log, order, case, found)
    on = rests(case, order, found)
    titles = [p.title for p in order.practices]
    return Full(
        words=words(order, result),
        confidence=Coded(CONFIDENCE, on.confidence),
        unknown_since=each(on.unknown_since, lambda n: dt.date.fromordinal(n).isoformat() if n else ""),
        turns_on=turns,
        practice=each(on.practice, lambda mask: "; ".join(bits(mask, titles))),
    )


def _outcomes(log: Log, order: Reading, case: ManyCase, found: Judgement) -> tuple[Outcomes, Coded]:
    """Return what every transaction may come to, and what open ones turn on."""
    size = len(case.columns)
    result = Outcomes.of(order, found, size)
    turns = np.zeros(size, dtype=np.int64)
    rows = np.flatnonzero(open_rows(found, size))
    if not len(rows):
        return result, Coded(("",), turns)
    undecided = case.columns.taken(rows)
    first, kind = undecided.first_of_each()
    cases, names = cases_of(log, order, undecided.taken(first))
    result.put(rows, cases.taken(kind))
    turns[rows] = names.codes[kind] + 1
    return result, Coded(("", *names.words), turns)


def cases_of(log: Log, order: Reading, columns: Columns) -> tuple[Outcomes, Coded]:
    """Return what open rows may come to over the cases that they may be, and the open things that this turns on."""
    found = order.judge(ManyCase(log, columns))
    merged = Outcomes.of(order, found, len(columns))
    covered = np.zeros(len(columns), dtype=bool)
    whole = merged.taken(np.arange(len(columns)))
    merged.emptied(np.arange(len(columns)))
    least: dict[str, Any] = {}
    for pieces in split(log, order, columns, found):
        merged.merge(pieces.row, judged(log, order, pieces.columns))
        covered[pieces.row] = True
        for name, piece in pieces.piece.items():
            ends = least.setdefault(name, [np.full(len(columns), 99), np.full(len(columns), -1)])
            np.minimum.at(ends[0], pieces.row, piece)
            np.maximum.at(ends[1], pieces.row, piece)
    lost = np.flatnonzero(~covered)  # bounds that leave no case, such as an area of zero: as they are
    if len(lost):
        merged.put(lost, whole.taken(lost))
    return merged, _turns(merged, least)


def _turns(merged: Outcomes, ends: dict[str, list[Any]]) -> Coded:
    """Return, where the license or the policy is open, the names of what was split."""
    several = np.zeros(len(merged.eccn), dtype=bool)
    for mask in (merged.license[1], merged.review):
        several |= (mask & (mask - 1)) != 0
    code = np.zeros(len(several), dtype=np.int64)
    names = [n for n in sorted(ends) if n != "sum"]
    for i, name in enumerate(names):
        code |= np.where(several & (ends[name][0] < ends[name][1]), np.int64(1) << np.int64(i), 0)
    called = [
        CALLED[n][0] if n in CALLED else SAID.get(n, {"exporter": "who ships", "model": "which model"}.get(n, n))
        for n in names
    ]
    return each(code, lambda mask: "; ".join(bits(mask, called)))


def judged(log: Log, order: Reading, columns: Columns) -> Outcomes:
    """Return what each row comes to, taken as it is."""
    found: Judgement = order.judge(ManyCase(log, columns))
    return Outcomes.of(order, found, len(columns))
