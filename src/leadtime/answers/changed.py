"""Sets of rules in words: what they change, and what would follow."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from leadtime.answers.words import chance, end_of, number
from leadtime.days import month_words
from leadtime.scenario.compare import TODAYS
from leadtime.scenario.controls import CONTROLS, Control
from leadtime.scenario.levers import LEVERS

Row = Mapping[str, Any]
#: So many changes are told one by one.
_MOST_TOLD = 4
#: A change of the middle below it, months, whose range holds zero, is no change worth a number.
_MUCH_THE_SAME = 0.5


def value_words(c: Control, shown: float) -> str:
    """Return the value of a control in words: `60%`, `2 million`, `no limit`."""
    if c.shown == "millions":
        return "no limit" if shown > c.high or shown == float("inf") else f"{_short(shown)} million" if shown else "no"
    if c.shown == "hundred":
        return f"{_short(shown)}"
    return f"{_short(shown)}%"


def _short(value: float) -> str:
    return f"{value:.2g}" if 0 < abs(value) < 10 else f"{value:.0f}"


def clause(lever: str, value: float, today: float, stops: Sequence[Row] = ()) -> str:
    """Return what a lever's value says, a clause after `If from January 2027`.

    Args:
        lever: The lever.
        value: Its value.
        today: What is shown of today.
        stops: Chips by their speed (see `controls.stops`).
    """
    known = {c.lever: c for c in CONTROLS}
    if lever not in known:
        return f"{lever.replace('_', ' ')} is {value:g} {LEVERS[lever].unit}"
    c = known[lever]
    shown = c.shown_value(value, today)
    if lever == "open_ratio":
        near = next((s for s in stops if abs(s["shown"] - shown) < 0.5), None)
        if shown < 1.5:
            return "the US sells China next to no AI chips"
        if near:
            return f"the US sells China chips up to the class of the {near['name']}"
    if c.shown == "millions" and not shown:
        return "no chips are sold to China"
    if c.shown == "millions" and (shown > c.high or shown == float("inf")):
        return "sales to China have no limit in number"
    if c.shown == "share" and lever != "open_ratio":
        words = {0.0: "none", 50.0: "half", 100.0: "all"}.get(round(shown, 6))
        return c.clause.replace("{v}", words or value_words(c, shown))
    return c.clause.replace("{v}", value_words(c, shown))


def changes(clauses: Sequence[str]) -> str:
    """Return clauses in one: `a, b and c`, or `a, b, c and 3 other things change`."""
    told = list(clauses[:_MOST_TOLD])
    if len(clauses) > _MOST_TOLD + 1:
        told.append(f"{len(clauses) - _MOST_TOLD} other things change")
    elif len(clauses) == _MOST_TOLD + 1:
        told.append(clauses[_MOST_TOLD])
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def sentence(row: Row, clauses: Sequence[str], start: dt.date, by: str, *, free: bool = False) -> str:
    """Return what would follow from a set of rules, in our simulation, in either direction.

    Args:
        row: What it comes to (see `compare.outcome`).
        clauses: What it changes.
        start: The day from which it holds.
        by: The quarter that is judged, such as 2028Q4.
        free: Without any rules since 2022, whatever else it changes.
    """
    if row["title"] == TODAYS:
        return f"If today's rules stay, China's models would be {apart(row['lag_median'])} {end_of(by)}."
    begin = "If there had been no rules since 2022" if free else ""
    if clauses:
        begin += f"{' and ' if begin else 'If '}from {month_words(start)} {changes(clauses)}"
    return f"{begin}, China's models would be {apart(row['lag_median'])} {end_of(by)}: {comparison(row)}."


def apart(months: float) -> str:
    """Return how far apart they are: `about 8 months behind`, in either direction."""
    size = f"{abs(months):.0f}"
    if size == "0":
        return "about level with America's"
    return f"about {size} month{'s' * (size != '1')} {'behind' if months > 0 else 'ahead'}"


def comparison(row: Row) -> str:
    """Return how a set differs from today's rules."""
    low, median, high = (row[f"change_{k}"] for k in ("low", "median", "high"))
    if max(abs(low), abs(high)) < 0.05:
        return "no different from today's rules"
    if abs(median) < _MUCH_THE_SAME and low < 0 < high:
        return "much the same as under today's rules"
    size = f"{abs(median):.0f}" if abs(median) >= 1.95 else number(abs(median))
    unit = "month" if size in ("1.0", "1") else "months"
    return f"about {size.removesuffix('.0')} {unit} {'more' if median > 0 else 'less'} than under today's rules"


def told_change(row: Row) -> str:
    """Return how a set differs from today's rules, as a cell; nothing of today's own."""
    if row["title"] == TODAYS:
        return ""
    low, median, high = (number(row[f"change_{k}"], signed=True) for k in ("low", "median", "high"))
    return f"{median} ({low} to {high})"


def told_odds(row: Row) -> str:
    """Return the chance that a set leaves a wider gap, as a cell; nothing of today's own."""
    return "" if row["title"] == TODAYS else chance(row["p_wider"])


def detail(row: Row, today: Row) -> str:
    """Return the range of a set of rules, that of today's, and the chance that its gap is wider."""

    def told(r: Row) -> str:
        return f"({number(r['lag_low'])} to {number(r['lag_high'])})"

    if row["title"] == TODAYS:
        return f"In our simulation: {number(row['lag_median'])} months {told(row)}."
    same = max(abs(row["change_low"]), abs(row["change_high"])) < 0.05
    odds = "" if same else f" Chance that these rules leave a wider gap: {chance(row['p_wider'])}."
    return (
        f"In our simulation: {number(row['lag_median'])} months {told(row)}, against {number(today['lag_median'])}"
        f" under today's rules {told(today)}.{odds}"
    )
