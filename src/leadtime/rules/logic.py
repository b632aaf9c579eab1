"""Three-valued logic over intervals, for one transaction and for arrays of them.

False, unknown and true are 0, 1 and 2: `and` is the least, `or` the greatest, `not` is 2 minus (strong Kleene logic).
A number is an interval of the values it may have; a comparison is unknown when the interval straddles the limit.
"""

import math
from typing import Any, Protocol

FALSE, UNKNOWN, TRUE = 0, 1, 2
WORDS = ("no", "unknown", "yes")
#: The interval of a quantity of which nothing is known.
ANYTHING = (0.0, math.inf)

Interval = tuple[Any, Any]


class Logic(Protocol):
    """What the engine needs of a logic; truth values are ints, or int8 arrays."""

    def both(self, a: Any, b: Any) -> Any:
        """Return a and b."""

    def either(self, a: Any, b: Any) -> Any:
        """Return a or b."""

    def negate(self, a: Any) -> Any:
        """Return not a."""

    def compare(self, left: Interval, sign: str, right: Interval) -> Any:
        """Return whether left stands in the relation `sign` to right."""

    def choose(self, when: Any, then: Any, otherwise: Any) -> Any:
        """Return `then` where `when` holds (a plain condition), else `otherwise`."""

    def pruned(self, a: Any) -> Any:
        """Return a, or a plain FALSE where it is false in every row."""


class One:
    """The logic of one transaction: plain ints."""

    def both(self, a: int, b: int) -> int:
        """Return a and b."""
        return a if a < b else b

    def either(self, a: int, b: int) -> int:
        """Return a or b."""
        return a if a > b else b

    def negate(self, a: int) -> int:
        """Return not a."""
        return TRUE - a

    def compare(self, left: Interval, sign: str, right: Interval) -> int:
        """Return whether left stands in the relation `sign` to right, for every, some or no value."""
        surely, possibly = _bounds(left, sign, right)
        return TRUE if surely else UNKNOWN if possibly else FALSE

    def choose(self, when: Any, then: Any, otherwise: Any) -> Any:
        """Return `then` when `when` holds, else `otherwise`."""
        return then if when else otherwise

    def pruned(self, a: int) -> int:
        """Return a."""
        return a


class Many:
    """The logic of many transactions at once: int8 arrays, or a plain int for what is the same in every row."""

    def __init__(self) -> None:
        import numpy

        self._np = numpy

    def both(self, a: Any, b: Any) -> Any:
        """Return a and b, row by row."""
        if isinstance(b, int):
            a, b = b, a
        if isinstance(a, int) and a != UNKNOWN:
            return b if a else FALSE
        return a if a is b else self._np.minimum(a, b)

    def either(self, a: Any, b: Any) -> Any:
        """Return a or b, row by row."""
        if isinstance(b, int):
            a, b = b, a
        if isinstance(a, int) and a != UNKNOWN:
            return TRUE if a else b
        return a if a is b else self._np.maximum(a, b)

    def negate(self, a: Any) -> Any:
        """Return not a, row by row."""
        if isinstance(a, int):
            return TRUE - a
        return (TRUE - self._np.asarray(a)).astype(self._np.int8)

    def compare(self, left: Interval, sign: str, right: Interval) -> Any:
        """Return whether left stands in the relation `sign` to right, row by row."""
        surely, possibly = _bounds(left, sign, right)
        return self._np.add(surely, possibly, dtype=self._np.int8)

    def choose(self, when: Any, then: Any, otherwise: Any) -> Any:
        """Return `then` where `when` holds, else `otherwise`."""
        return self._np.where(when, then, otherwise)

    def pruned(self, a: Any) -> Any:
        """Return a, or a plain FALSE where it is false in every row."""
        return FALSE if not isinstance(a, int) and a.max(initial=FALSE) == FALSE else a


def _bounds(left: Interval, sign: str, right: Interval) -> tuple[Any, Any]:
    """Return whether the relation holds for all, and for some, values of the two intervals."""
    (a, b), (c, d) = left, right
    if sign == ">=":
        return a >= d, b >= c
    if sign == ">":
        return a > d, b > c
    if sign == "<":
        return b < c, a < d
    return b <= c, a <= d
