"""Units: the constants that conversions rest on, and the way days become dates."""

import datetime as dt
import math

#: Days in a mean month (365.25 / 12); every lag in months is days divided by this.
DAYS_PER_MONTH = 30.4375
#: Days in a mean year.
DAYS_PER_YEAR = 365.25


def to_day(date: dt.date) -> float:
    """Return a date as a number of days (proleptic Gregorian ordinal), the internal clock."""
    return float(date.toordinal())


def to_date(day: float) -> dt.date:
    """Return the date of an internal day number, rounded down to the day."""
    return dt.date.fromordinal(math.floor(day))


def spoken_quarter(quarter: str) -> str:
    """Return a quarter as people write it: `2026 Q2` for `2026Q2`."""
    return f"{quarter[:4]} Q{quarter[-1]}"
