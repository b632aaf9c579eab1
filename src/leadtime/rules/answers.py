"""The answers to many transactions: each as it is, and where something is open, the cases that it may be."""

import numpy as np

from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.log import Log
from leadtime.rules.many import Columns, ManyCase
from leadtime.rules.outcomes import Outcomes, Words, words
from leadtime.rules.reading import reading
from leadtime.rules.split import open_rows, split


def answers(log: Log, columns: Columns) -> Words:
    """Return the status of every transaction, equal to what `status.status` says of each alone."""
    return words(reading(log), outcomes(log, columns))


def outcomes(log: Log, columns: Columns) -> Outcomes:
    """Return what every transaction may come to."""
    order = reading(log)
    found = order.judge(ManyCase(log, columns))
    size = len(columns)
    result = Outcomes.of(order, found, size)
    rows = np.flatnonzero(open_rows(found, size))
    if not len(rows):
        return result
    undecided = columns.taken(rows)
    first, kind = undecided.first_of_each()
    result.put(rows, cases_of(log, order, undecided.taken(first)).taken(kind))
    return result


def cases_of(log: Log, order: Reading, columns: Columns) -> Outcomes:
    """Return what open rows may come to, over the cases that they may be."""
    found = order.judge(ManyCase(log, columns))
    merged = Outcomes.of(order, found, len(columns))
    covered = np.zeros(len(columns), dtype=bool)
    whole = merged.taken(np.arange(len(columns)))
    merged.emptied(np.arange(len(columns)))
    for pieces in split(log, order, columns, found):
        cases = judged(log, order, pieces.columns)
        merged.merge(pieces.row, cases)
        covered[pieces.row] = True
    lost = np.flatnonzero(~covered)  # bounds that leave no case, such as an area of zero: as they are
    if len(lost):
        merged.put(lost, whole.taken(lost))
    return merged


def judged(log: Log, order: Reading, columns: Columns) -> Outcomes:
    """Return what each row comes to, taken as it is."""
    found: Judgement = order.judge(ManyCase(log, columns))
    return Outcomes.of(order, found, len(columns))
