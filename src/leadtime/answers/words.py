"""Numbers and comparisons in plain English: one way to say each, for every door."""

import datetime as dt
from typing import Any

from leadtime.answers.answer import Answer, Column, Row, Spread
from leadtime.days import day_words

#: Less than so many months apart is level: figures are shown to a tenth.
LEVEL_MONTHS = 0.05
#: From this chance on, something is said to be so; beyond its complement, not to be.
CLEAR = 0.9
_SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_NONE = "not known"
#: Values of a number that jumps between a few are told down to this chance.
_LEAST_CHANCE = 0.01


def number(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """Return a number with so many decimals; no minus zero."""
    if value is None or value != value:
        return _NONE
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return text.replace("-", "").replace("+", "") if not any(c in "123456789" for c in text) else text


def significant(value: float | None, digits: int = 3, *, signed: bool = False) -> str:
    """Return a number with so many digits that count: `2.79 million`, `0.034`."""
    if value is None or value != value:
        return _NONE
    sign = "+" if signed and value > 0 else ""
    if abs(value) >= 1e15:
        return f"{sign}{value:.{digits - 1}e}"
    rounded = float(f"{value:.{digits}g}")
    for size, word in _SIZES:
        if abs(rounded) >= size:
            return f"{sign}{_digits(rounded / size, digits)} {word}"
    return f"{sign}{_digits(rounded, digits)}"


def _digits(value: float, digits: int) -> str:
    """Return a number that has so many digits that count, without an exponent above one."""
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:.{digits}g}"


def money(value: float | None) -> str:
    """Return US dollars with two digits that count: `$5.7 million`."""
    return _NONE if value is None or value != value else f"${significant(value, 2)}"


def chance(p: float | None) -> str:
    """Return a probability as people say it: `86 in 100`."""
    if p is None or p != p:
        return _NONE
    percent = 100 * p
    return "under 1 in 100" if percent < 1 else "over 99 in 100" if percent > 99 else f"{percent:.0f} in 100"


def share(p: float | None) -> str:
    """Return a fraction in percent; never 0 or 100 for a part that is neither."""
    if p is None or p != p:
        return _NONE
    percent = 100 * p
    return "under 1%" if 0 < percent < 0.5 else "over 99%" if 99.5 < percent < 100 else f"{percent:.0f}%"


def day(value: dt.date | str | None, *, short: bool = False) -> str:
    """Return a day as Americans write it: `January 29, 2025`, in short `Jan 29, 2025`."""
    if not value:
        return _NONE
    found = dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return day_words(found, short=short)


def count(n: int, one: str, many: str = "") -> str:
    """Return `1 model`, `2 models`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def between(s: Spread, digits: int = 1) -> str:
    """Return the interval in brackets: `(4.1 to 6.1)`, or that all draws agree."""
    low, high = number(s.low, digits), number(s.high, digits)
    return "(the same in every draw)" if low == high else f"({low} to {high})"


def spread(s: Spread, digits: int = 1, *, signed: bool = False, exact: bool = False) -> str:
    """Return a value with its interval: `4.9 (4.1 to 6.1)`."""
    if s.median is None or s.median != s.median:
        return _NONE
    say = significant if exact else number
    middle, low, high = (say(v, digits, signed=signed) for v in (s.median, s.low, s.high))
    if s.low is None or s.high is None:
        return middle
    if low == high == middle:
        return f"{middle} (in all draws)"
    size = high.partition(" ")[2]
    shared = size and low.endswith(f" {size}")  # 3.4 to 11 billion
    return f"{middle} ({low.removesuffix(f' {size}') if shared else low} to {high})"


def shown(column: Column, row: Row) -> str:
    """Return the cell of a row as people see it, with its unit where the row says it, empty if there is nothing."""
    text = column.say(row) if column.say is not None else _shown(column, row)
    unit = row.get(column.unit_from) if column.unit_from else None
    return f"{text} {unit}" if unit and text not in ("", _NONE) else text


def _shown(column: Column, row: Row) -> str:
    value = row.get(column.key)
    if value is None:
        return _only_ends(column, row)
    if column.kind == "spread" and row.get(
        "atoms"
    ):  # the few values stand in a footnote: an interval would hold what cannot be
        return number(column.spread(row).median, column.digits)
    if column.kind == "spread":
        return spread(column.spread(row), column.digits, signed=column.signed, exact=column.significant)
    say = significant if column.significant else number
    if column.kind == "number":
        return say(value, column.digits, signed=column.signed)
    if column.kind == "range":
        first, last = say(value, column.digits), say(row.get(column.to), column.digits)
        return first if first == last else f"{first} to {last}"
    if column.kind == "chance":
        return chance(value)
    if column.kind == "share":
        return _share(column.spread(row), signed=column.signed)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _share(s: Spread, *, signed: bool) -> str:
    """Return a fraction in percent, a change in points, with its interval where there is one."""

    def say(p: float | None) -> str:
        return number(100 * p, 0, signed=True) if signed and p is not None else share(p)

    ends = "" if s.low is None or s.high is None else f" ({say(s.low)} to {say(s.high)})"
    return f"{say(s.median)}{ends}"


def _only_ends(column: Column, row: Row) -> str:
    """Return an interval without a middle, empty if no end is known, or the cell is no interval."""
    low, high = (row.get(k) for k in column.ends()) if column.kind == "spread" and column.low else (None, None)
    say = significant if column.significant else number
    if low is None or high is None:
        return (
            f"at least {say(low, column.digits)}"
            if low is not None
            else f"at most {say(high, column.digits)}"
            if high is not None
            else ""
        )
    return f"{say(low, column.digits)} to {say(high, column.digits)}"


def footnotes(row: Row) -> list[str]:
    """Return what must be known of a row: the few values that its number can have, what was filled in or is doubtful,
    and its note.
    """
    atoms, note = row.get("atoms"), row.get("note")
    flags = [f"{str(f)[:1].upper()}{str(f)[1:]}." for f in row.get("flags") or ()]
    return [*([_few(atoms)] if atoms else []), *flags, *([str(note)] if note else [])]


def _few(atoms: Any) -> str:
    if isinstance(atoms, str):
        return f"Jumps between a few values: {atoms}."
    told = [
        f"{number(a['value'])} ({chance(a['probability'])}{', ' if a['model'] else ''}{a['model']})"
        for a in atoms
        if a["probability"] >= _LEAST_CHANCE
    ]
    return f"Jumps between a few values: {', '.join(told)}."


def months_apart(who: str, whom: str, s: Spread, *, verb: str = "were", when: str = "") -> str:
    """Return how far one side is behind another, a sentence without its full stop; it may be ahead, level, or not
    known.

    Args:
        who: The subject, such as `China's best models`.
        whom: What it is compared with, such as `America's`.
        s: Months, positive when behind.
        verb: were, was, are, will be.
        when: Appended to what is said, such as `over the past year`.
    """
    after = f" {when}" if when else ""
    if s.median is None or s.median != s.median:
        return f"How far {who} {verb} behind {whom}{after} cannot be measured"
    middle, low, high = s.median, s.low if s.low is not None else s.median, s.high if s.high is not None else s.median
    if abs(middle) < LEVEL_MONTHS:
        return f"{who} {verb} level with {whom}{after} {_ends(low, high)}"
    side = "behind" if middle > 0 else "ahead of"
    size = number(abs(middle))
    unit = "month" if size == "1.0" else "months"
    return f"{who} {verb} {size} {unit} {side} {whom}{after} {_ends(low, high, ahead=middle < 0)}"


def _ends(low: float, high: float, *, ahead: bool = False) -> str:
    """Return the interval of a lag in brackets, told in the direction of its middle; where it holds both, each end says
    which.
    """
    if number(low) == number(high):
        return "(the same in every draw)"
    if low >= 0 and not ahead:
        return f"({number(low)} to {number(high)})"
    if high <= 0 and ahead:
        return f"({number(-high)} to {number(-low)})"
    return f"({_one(low)} to {_one(high)})"


def _one(months: float) -> str:
    return "level" if number(abs(months)) == "0.0" else f"{number(abs(months))} {'behind' if months > 0 else 'ahead'}"


def grew(what: str, change: Spread, p: float | None, since: str) -> str:
    """Return whether something grew, a sentence: clearly so, clearly not, or unclear.

    Args:
        what: The subject, such as `The gap`.
        change: By how many months it is longer.
        p: The chance that it is.
        since: What it is compared with, such as `the year before`.
    """
    if p is None or change.median is None or change.median != change.median:
        return f"Whether {what[0].lower()}{what[1:]} grew from {since} is not known."
    if p >= CLEAR:
        return f"{what} grew by {number(abs(change.median))} months from {since} (chance {chance(p)})."
    if p <= 1 - CLEAR:
        return f"{what} shrank by {number(abs(change.median))} months from {since} (chance {chance(1 - p)})."
    return f"Whether {what[0].lower()}{what[1:]} grew from {since} is unclear: the chance is {chance(p)}."


def listed(items: list[Any], most: int = 4) -> str:
    """Return `a, b and c`, the rest counted."""
    words = [str(i) for i in items]
    if len(words) > most:
        words = [*words[: most - 1], f"{len(items) - most + 1} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"


def rests_on(answer: Answer) -> str:
    """Return the line that says how old an answer is, and what it takes to get the same numbers again."""
    s = answer.stamp
    if "as_of" not in s:
        return f"leadtime {s['version']}"
    if "rules_hash" in s:
        return f"as of {s['as_of']}, rules {s['rules_hash']}, leadtime {s['version']}"
    rests = f"as of {s['as_of']}, evidence {s['evidence_hash']}, leadtime {s['version']}"
    s = {**{k: v for k, v in answer.asked.items() if k in ("seed", "draws")}, **s}
    if "draws" in s:
        rests += f", seed {s['seed']}, {s['draws']} draws" + (f", method {s['method']}" if "method" in s else "")
        rests += {"placed": ", own models placed", "refit": ", all refit"}.get(s.get("own_scores", ""), "")
    if s.get("newest_scored_model_name"):
        rests += f"; newest model scored: {s['newest_scored_model_name']} ({s['newest_scored_model_on']})"
    return rests


def end_of(by: str) -> str:
    """Return when a quarter ends: `at the end of 2028`, `at the end of June 2028`."""
    month = {"1": "March ", "2": "June ", "3": "September ", "4": ""}[by[-1]]
    return f"at the end of {month}{by[:4]}"
