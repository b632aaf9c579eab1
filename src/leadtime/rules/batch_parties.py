"""The column `party` of a file of transactions, looked up on lists: each name on each day once."""

import datetime as dt
from typing import Any

import numpy as np

from leadtime.errors import LeadtimeError
from leadtime.rules.batch_cells import Reader
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.screening import Screener, screen

_CODES = {True: TRUE, False: FALSE, None: UNKNOWN}


def screened(screener: Screener | None, reader: Reader, on: Any) -> dict[str, Any]:
    """Return, for the statements about listing, their truth value in each row, nothing if no party is named.

    Args:
        screener: The lists; None: whether a named party is listed is not known.
        reader: The file.
        on: Day of each row as an ordinal, shape (row,).
    """
    if not reader.has("party"):
        return {}
    party = reader.words("party", lambda name, _: name)
    pairs, where = np.unique(np.stack([party.codes, on]), axis=1, return_inverse=True)
    found: dict[str, Any] = {
        name: np.full(pairs.shape[1], FALSE, dtype=np.int8) for name in ("listed", "on_other_list")
    }
    bad = np.zeros(pairs.shape[1], dtype=bool)
    for i, (code, day) in enumerate(pairs.T):
        name = party.words[code]
        if not name:
            continue
        try:
            flags = screen(screener, name, [], dt.date.fromordinal(int(day))).flags
        except LeadtimeError:
            bad[i] = True
            continue
        for statement, values in found.items():
            values[i] = _CODES[flags[statement]]
    where = where.reshape(-1)
    if bad.any():
        reader.refuse(bad[where], "party: cannot be the name of a party")
    return {statement: values[where] for statement, values in found.items()}
