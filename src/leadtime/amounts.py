"""How amounts are written: a number with its unit, and a number with its interval, short enough for a line."""

import math

#: Units that scale nothing: their product with another has the unit of the other.
PLAIN = frozenset(("", "ratio", "fraction", "factor", "probability", "elasticity"))
_SIZES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k"))
_SHARES = frozenset(("fraction", "probability"))


def amount(value: float, unit: str = "") -> str:
    """Return a number as it is written with its unit: `6.4 months`, `$5.7M`, `9%`, `13.9M H100e`.

    Args:
        value: The number, in the unit; what is not finite is `unknown`.
        unit: The unit, as an `Estimate` names it.
    """
    if not math.isfinite(value):
        return "unknown"
    before, words, after = _parts(value, unit)
    return f"{before}{words}{after}"


def interval(median: float, low: float, high: float, unit: str = "") -> str:
    """Return a number and its interval: `6.4 months (5.8 to 7.2)`, `$5.7M ($4.1M to $8.2M)`, `9% (5% to 16%)`."""
    if not math.isfinite(median):
        return "unknown"
    ends = (_end(end, unit) if math.isfinite(end) else "unknown" for end in (low, high))
    return f"{amount(median, unit)} ({' to '.join(ends)})"


def _end(value: float, unit: str) -> str:
    """Return an end of an interval: the sign of money or percent stays, the words of a unit are said once."""
    before, digits, after = _parts(value, unit)
    return f"{before}{digits}{after if after == '%' else ''}"


def _parts(value: float, unit: str) -> tuple[str, str, str]:
    """Return what stands before the digits, the digits, and what stands after."""
    if unit in _SHARES:
        return "", _signed(f"{abs(100 * value):.0f}", value), "%"
    if unit == "USD":
        return ("-$" if value < 0 else "$"), _digits(abs(value)), ""
    words = f"{abs(value):.1f}" if unit == "months" else _digits(abs(value))
    return "", _signed(words, value), f" {unit}" if unit not in PLAIN else ""


def _digits(value: float) -> str:
    for size, letter in _SIZES:
        if value >= 0.9995 * size:
            scaled = value * 1e-3 if letter == "k" else value / size
            return f"{scaled:.3g}{letter}" if scaled < 999.5 else f"{scaled:,.0f}{letter}"
    return f"{value:,.3g}" if value < 999.5 else f"{value:,.0f}"


def _signed(words: str, value: float) -> str:
    """Return digits with their sign; what rounds to nothing has none."""
    return f"-{words}" if value < 0 and words.strip("0.,") else words
