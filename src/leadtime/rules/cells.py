"""Cells of a spreadsheet, read alike wherever rows of shipments or transactions come in."""

import datetime as dt
import re

from leadtime.errors import LeadtimeError, nearest
from leadtime.rules.transaction import FIRST_DAY, MOST, day

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?Z?")


def day_of_cell(text: str) -> dt.date:
    """Return the day in a cell: 2025-06-15, or the same with a midnight that a spreadsheet adds.

    Raises:
        LeadtimeError: Another way to write a day, such as 6/15/2025 (which may be read in two ways) or 45823.
    """
    plain = _DAY_AND_TIME.fullmatch(text.strip())
    return day(plain[1] if plain else text.strip())


def since_first(found: dt.date) -> dt.date:
    """Return a day, unless it is before the first day of the rules log."""
    if found < FIRST_DAY:
        raise LeadtimeError(
            f"{found} is before the first day of the rules log", fix=f"Choose {FIRST_DAY} or a later day."
        )
    return found


def amount(text: str, name: str) -> float:
    """Return the number in a cell: 5000, 5,000 or 5e3; a comma stands before three digits.

    Raises:
        LeadtimeError: Not a number of 0 or more.
    """
    value = float(text.replace(",", "")) if _NUMBER.fullmatch(text.strip()) else -1.0
    if not 0 <= value < MOST:
        raise LeadtimeError(f"the {name} {text!r} is not a number of 0 or more", fix="Example: 5000.")
    return value


def refuse_misspelt(header: list[str], known: tuple[str, ...], name: str) -> None:
    """Refuse a header with a column that is near to one of ours and is none: it would pass unread.

    Raises:
        LeadtimeError: Such a column.
    """
    plain = {re.sub(r"[^a-z0-9]", "", k.casefold()): k for k in known}
    for column in header:
        if column in known:
            continue
        meant = plain.get(re.sub(r"[^a-z0-9]", "", column.casefold()))
        close = [meant] if meant else [c for c in nearest(column, known, 1) if c not in header and _near(column, c)]
        if close and close[0] not in header:
            raise LeadtimeError(
                f"has a column {column!r}, which leadtime does not read",
                where=f"{name}, row 1",
                fix=f"Did you mean {close[0]!r}? If not, rename it, such as my_{column}.",
            )


def _near(a: str, b: str) -> bool:
    """Return whether two names differ by a slip: one or two letters of four and more."""
    from difflib import SequenceMatcher

    return min(len(a), len(b)) >= 4 and SequenceMatcher(None, a.casefold(), b).ratio() > 0.8
