"""JSON that someone else wrote: each name once, its faults told by line and in words."""

import json
import math
from collections.abc import Callable
from typing import Any

from leadtime import unseen
from leadtime.errors import LeadtimeError

#: What the standard library says of wrong JSON, in plain words.
_PLAIN = {
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting ',' delimiter": "a comma is missing",
    "Extra data": "there is more text after its end",
}


def parsed(text: str | bytes, *, where: str = "", numbers_alone: bool = True, fix: str = "") -> Any:
    """Return what a text in JSON says.

    Args:
        text: The text, in UTF-8 where it is bytes.
        where: What to name in an error, before the line.
        numbers_alone: Whether NaN and Infinity, which JSON has not, are refused, and numbers too large for any.
        fix: How it is written, for where it is no JSON.

    Raises:
        LeadtimeError: It is no JSON, names a field twice, is nested too deeply, or holds a number of thousands of
            digits.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise LeadtimeError(f"has the field {_twice(pairs)!r} twice", where=where, fix="Remove one of them.")
        return found

    constant, real = _numbers(where) if numbers_alone else (None, None)
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=constant, parse_float=real)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise LeadtimeError(
            f"is not valid JSON: {_PLAIN.get(error.msg, error.msg)}",
            where=f"{where}, {place}" if where else place,
            fix=fix,
        ) from None
    except UnicodeDecodeError as error:
        raise LeadtimeError(f"byte {error.start} is not UTF-8", where=where, fix="Save it as UTF-8.") from None
    except ValueError:
        raise LeadtimeError(
            "contains a number with thousands of digits", where=where, fix="Write it as 128, without quotes."
        ) from None
    except RecursionError:
        raise LeadtimeError("is nested too deeply", where=where) from None


def _numbers(where: str) -> tuple[Callable[[str], float], Callable[[str], float]]:
    """Return what reads the words that stand for no number, and the numbers with a point: both refuse what is none."""

    def constant(name: str) -> float:
        raise LeadtimeError(f"{name} is not a number in JSON", where=where, fix="Write null, or a number.")

    def real(digits: str) -> float:
        found = float(digits)
        if math.isinf(found):
            raise LeadtimeError(f"{digits[:20]} is larger than any number", where=where, fix="Write null, or a number.")
        return found

    return constant, real


def is_text(value: Any, most: int = 1000) -> bool:
    """Return whether a value is a text that is not empty, not too long, and holds nothing that nobody sees."""
    return isinstance(value, str) and 0 < len(value) <= most and "\r" not in value and not unseen.holds_any(value)


def _twice(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name[:60]
        seen.add(name)
    return ""
