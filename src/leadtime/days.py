"""Days and months in American English, whatever the language that the program around us has set for the C library."""

import datetime as dt

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day_words(day: dt.date, *, short: bool = False) -> str:
    """Return a day as Americans write it: January 29, 2025, in short Jan 29, 2025."""
    return f"{_name(day, short)} {day.day}, {day.year}"


def month_words(day: dt.date, *, short: bool = False) -> str:
    """Return a day's month and year: January 2025, in short Jan 2025."""
    return f"{_name(day, short)} {day.year}"


def _name(day: dt.date, short: bool) -> str:
    return _MONTHS[day.month - 1][: 3 if short else None]
