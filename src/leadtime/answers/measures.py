"""Kinds of values that are measured: numbers, intervals, days and quarters."""

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Any

from leadtime.answers.kinds import MOST_TEXT, Kind, Schema
from leadtime.errors import LeadtimeError

#: A number as people write it. 0,4 is refused, since it would be read as 4.
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DAYS = (dt.date(1990, 1, 1), dt.date(2100, 12, 31))


def written(value: float) -> str:
    """Return a number as a newspaper would print it: `1,000,000`, `0.39`, `1e+25` where it has more than 16 digits."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e16 else f"{value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Kind):
    """A number within a range.

    Args:
        low: It is at least so much; above it where `above`.
        high: It is at most so much.
        unit: Its unit, in words.
        above: The low end is not allowed itself.
    """

    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    above: bool = False

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "NUMBER"

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        ends = []
        if self.low > -math.inf:
            ends.append(f"{'above' if self.above else 'from'} {written(self.low)}")
        if self.high < math.inf:
            ends.append(f"{'and up to' if self.above and ends else 'to' if ends else 'up to'} {written(self.high)}")
        return f"a number{' of ' + self.unit if self.unit else ''}{', ' if ends else ''}{' '.join(ends)}"

    @property
    def control(self) -> str:
        """The control of a form."""
        return "number"

    @property
    def parted(self) -> bool:
        """Whether several may stand in one text, parted by commas."""
        return True

    def parse(self, value: Any) -> float:
        """Return a number; commas may stand between groups of three digits, and nowhere else.

        Raises:
            LeadtimeError: It is not a number, or is out of range.
        """
        found = self._number(value)
        if found > self.high or not (self.low < found if self.above else self.low <= found):
            size = "large" if found > self.high else "small"
            raise LeadtimeError(f"{written(found)} is too {size}", fix=f"Expected {self.expected}.")
        return found

    def refused(self, value: Any) -> LeadtimeError:
        """Return the error of a value that is not a number, with what people often mean by it."""
        error, text = Kind.refused(self, value), str(value).strip()
        if re.fullmatch(r"[+-]?\d+,\d+", text) and not isinstance(self, Whole):
            return LeadtimeError(error.what, fix=f"{error.fix} Write decimals with a point, such as 1.5.")
        if re.match(r"[+-]?[\d.,]*\d", text) and re.search(r"[^\d.,eE+\s-]", text):
            return LeadtimeError(error.what, fix=f"{error.fix} Write the digits alone, such as 30800000 or 3.08e7.")
        return error

    def _number(self, value: Any) -> float:
        if isinstance(value, str) and not _NUMBER.fullmatch(value.strip(" ")):
            raise self.refused(value)
        try:
            found = float(value.replace(",", "") if isinstance(value, str) else value)
        except (TypeError, ValueError, OverflowError):
            raise self.refused(value) from None
        if isinstance(value, bool) or not math.isfinite(found):
            raise self.refused(value)
        return found

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        least = {"exclusiveMinimum" if self.above else "minimum": self.low} if self.low > -math.inf else {}
        return {"type": "number", **least, **({"maximum": self.high} if self.high < math.inf else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Number):
    """A whole number within a range."""

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "N"

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        if self.low == -math.inf:
            return "a whole number"
        return "a whole number, " + (
            f"from {self.low:,.0f} to {self.high:,.0f}" if self.high < math.inf else f"{self.low:,.0f} or more"
        )

    def parse(self, value: Any) -> int:
        """Return a whole number.

        Raises:
            LeadtimeError: It is not a number, or is out of range.
        """
        found = self._number(value)
        if found != round(found):
            raise self.refused(value)
        if not self.low <= found <= self.high:
            size = "large" if found > self.high else "small"
            raise LeadtimeError(f"{written(found)} is too {size}", fix=f"Expected {self.expected}.")
        return int(found)

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        ends = {k: int(v) for k, v in (("minimum", self.low), ("maximum", self.high)) if math.isfinite(v)}
        return {"type": "integer", **ends}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval(Number):
    """A number, or two ends between which it lies: `814`, or `780..830`."""

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "N or LOW..HIGH"

    @property
    def control(self) -> str:
        """The control of a form."""
        return "text"

    def parse(self, value: Any) -> tuple[float, float]:  # type: ignore[override]
        """Return the two ends; both are the number where one is given.

        Raises:
            LeadtimeError: An end is not a number or is out of range, or the larger end comes first.
        """
        if isinstance(value, list | tuple) and len(value) == 2:
            ends = value
        else:
            low, dots, high = str(value).partition("..")
            ends = (low, high if dots else low) if isinstance(value, str) else (value, value)
        low_end, high_end = (Number.parse(self, e.strip() if isinstance(e, str) else e) for e in ends)
        if low_end > high_end:
            raise LeadtimeError(f"{value!r} ends before it begins", fix="Give the smaller number first: LOW..HIGH.")
        return low_end, high_end

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        return {"type": "string", "maxLength": MOST_TEXT, "description": "A number, or LOW..HIGH."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Kind):
    """A calendar day."""

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "DATE"

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return "a calendar date such as 2025-01-29"

    @property
    def control(self) -> str:
        """The control of a form."""
        return "date"

    def parse(self, value: Any) -> dt.date:
        """Return the day.

        Raises:
            LeadtimeError: It is not a day, or is too far away.
        """
        try:
            found = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            raise LeadtimeError(f"{str(value)[:80]!r} is not a date", fix=f"Expected {self.expected}.") from None
        if not _DAYS[0] <= found <= _DAYS[1]:
            raise LeadtimeError(f"{found} is too far away", fix=f"Expected a day from {_DAYS[0]} to {_DAYS[1]}.")
        return found

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter(Kind):
    """A quarter of a year, such as 2027Q2."""

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "QUARTER"

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return "a year and a quarter, such as 2027Q2"

    def parse(self, value: Any) -> str:
        """Return the quarter as `2027Q2`.

        Raises:
            LeadtimeError: It is not a quarter.
        """
        found = re.fullmatch(r"(20\d\d) ?[Qq]([1-4])", value.strip()) if isinstance(value, str) else None
        if not found:
            raise LeadtimeError(f"{str(value)[:80]!r} is not a quarter", fix=f"Expected {self.expected}.")
        return f"{found[1]}Q{found[2]}"

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        return {"type": "string", "pattern": "^20[0-9]{2} ?[Qq][1-4]$"}
