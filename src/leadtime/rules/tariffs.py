"""The duty on goods of an origin on a day: every layer with its authority, rate and dates, and their sum."""

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from leadtime.errors import LeadtimeError, nearest
from leadtime.rules.case import OneCase
from leadtime.rules.conditions import parse, parse_places
from leadtime.rules.destinations import country_code, is_region
from leadtime.rules.history import member, state_of
from leadtime.rules.log import Log, Row
from leadtime.rules.logic import FALSE, UNKNOWN, WORDS
from leadtime.rules.terms import END_USES, GOODS
from leadtime.rules.transaction import Transaction, chip_numbers

#: Goods of which it is not known whether an action leaves them out.
_ELECTRONICS = ("semiconductors", "ai-chips", "servers", "legacy-chips")
_SAID = {
    "not exempt_use": "the end use is not an exempt one",
    "not left_out": "these goods are not among those left out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One measure on the goods: its law, rate and dates, and whether it applies.

    Args:
        rate_fraction: Rate ad valorem; None when exempt, excluded or not set.
        applies: `yes`, `no`, `conditional` (on the item) or `unknown` (nobody recorded the outcome of a cliff).
        why: What decided, when it does not plainly apply.
        legal: Whether it is law on the day.
        collected: Whether it is collected on the day, which can differ by days.
    """

    measure: str
    title: str
    authority: str
    citation: str
    rate_fraction: float | None
    treatment: str
    applies: str
    why: str
    announced_on: dt.date
    legal_from: dt.date
    legal_to: dt.date | None
    collected_from: dt.date
    collected_to: dt.date | None
    legal: bool
    collected: bool
    unconfirmed: str
    note: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """The stack of duties on goods of an origin on a day; the least and the greatest sum, by what is open.

    Args:
        end_use: One of `END_USES`, or empty when it is not known.
        not_set: Measures in law whose rate nobody has set: they are in neither sum.
        turns_on: What makes the least and the greatest sum differ, in sentences.
    """

    goods: str
    origin: str
    on: dt.date
    as_known: dt.date
    rate_fraction: float
    rate_fraction_high: float
    end_use: str
    not_set: tuple[str, ...]
    turns_on: tuple[str, ...]
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What is brought in.

    Args:
        goods: One of `GOODS`.
        chip: A chip, for measures that turn on its numbers.
        end_use: One of `END_USES`; empty: not known, and both ends are counted.
        numbers: Numbers of the item, alone or in place of the chip's.
    """

    goods: str
    chip: str = ""
    end_use: str = ""
    numbers: dict[str, tuple[float, float]] | None = None


def duty(log: Log, what: Goods, origin: str, on: dt.date, as_known: dt.date) -> Duty:
    """Return the stack of duties on imports into the United States.

    A measure has one row at a time: among those known and begun, exemptions before rates, then the latest known, then
    the latest begun. The ordinary (most favored nation) rate is not in the log: semiconductors enter free of it.

    Args:
        log: The rules.
        what: The goods.
        origin: Country of origin.
        on: Day of entry.
        as_known: Nothing that became known later counts.

    Raises:
        LeadtimeError: The goods or the country are unknown.
    """
    goods, end_use = what.goods, what.end_use
    if goods not in GOODS:
        close = nearest(goods, GOODS, 3)
        raise LeadtimeError(
            f"there are no goods called {goods!r}",
            fix=f"Did you mean {', '.join(close)}?" if close else f"Known: {', '.join(GOODS)}.",
        )
    if end_use and end_use not in END_USES:
        raise LeadtimeError(f"there is no end use called {end_use!r}", fix=f"Known: {', '.join(END_USES)}.")
    place = country_code(log, origin)
    if is_region(place):
        raise LeadtimeError(
            f"leadtime has no duties on goods from {log.countries[place]}", where="--from", fix="Name a country."
        )
    stated = tuple(sorted((chip_numbers(log, what.chip) | (what.numbers or {})).items()))
    flags = (("exempt_use", END_USES[end_use]),) if end_use else ()
    if goods not in _ELECTRONICS:
        flags = (*flags, ("left_out", False))
    case = OneCase(log, Transaction(to="USA", chip=what.chip, numbers=stated, flags=flags), on, as_known)
    measures: dict[str, list[Row]] = {}
    for row in log.tables["tariffs"]:
        measures.setdefault(row["measure"], []).append(row)
    layers = [layer for rows in measures.values() if (layer := _layer(log, rows, goods, place, case))]
    sums = list(_sums(layers, log))
    opened = [x for x in layers if x.applies in ("conditional", "unknown")]
    return Duty(
        goods=goods,
        origin=place,
        on=on,
        as_known=as_known,
        rate_fraction=min(sums),
        rate_fraction_high=max(sums),
        end_use=end_use,
        not_set=tuple(x.title for x in layers if x.treatment == "not-set" and x.applies != "no"),
        turns_on=tuple(f"{x.title}: {x.why}" for x in opened),
        layers=tuple(_displaced(layers, log)),
    )


def _sums(layers: list[Layer], log: Log) -> Iterator[float]:
    """Yield the sum of the rates for every way in which the open layers may turn out, each applied or not."""
    sure = [x for x in layers if x.applies == "yes"]
    opened = [x for x in layers if x.applies in ("conditional", "unknown")]
    for chosen in itertools.product((False, True), repeat=len(opened)):
        on = sure + [x for x, yes in zip(opened, chosen, strict=True) if yes]
        displaced = {m for x in on for m in _displaces(log, x.measure)}
        yield sum(x.rate_fraction or 0.0 for x in on if x.measure not in displaced)


def _inside(log: Log, row: Row, place: str, case: OneCase) -> int:
    where = parse_places(row["origins"])
    found: int = where.evaluate(lambda g: member(log, g, place, case.on, case.known), case.logic)
    return found


def _layer(log: Log, rows: list[Row], goods: str, place: str, case: OneCase) -> Layer | None:
    known = [
        r
        for r in rows
        if r["known_on"] <= case.known
        and (not r["goods"] or goods in r["goods"].split("|"))
        and _inside(log, r, place, case) != FALSE
        and min(r["legal_from"], r["announced_on"]) <= case.on
    ]
    begun = [r for r in known if r["legal_from"] <= case.on and (r["legal_to"] is None or case.on <= r["legal_to"])]
    if begun:
        row = max(
            begun,
            key=lambda r: (r["treatment"] == "excluded", r["treatment"] == "exempt", r["known_on"], r["legal_from"]),
        )
        return _make(log, row, _collected_before(known, row, case), case)
    ahead = [r for r in known if r["legal_from"] > case.on]
    return _make(log, min(ahead, key=lambda r: r["legal_from"]), None, case) if ahead else None


def _collected_before(rows: list[Row], row: Row, case: OneCase) -> Row | None:
    """Return the earlier row that customs still collects, when the law has changed and collection has not."""
    if row["collected_from"] is None or case.on >= row["collected_from"]:
        return None
    earlier = [r for r in rows if r["legal_from"] < row["legal_from"] and r["treatment"] != "exempt"]
    return max(earlier, key=lambda r: r["legal_from"], default=None)


def _make(log: Log, row: Row, still: Row | None, case: OneCase) -> Layer:
    state = state_of(log.events.get(row["instrument"], ()), "", case.on, case.known)
    names = frozenset(r["parameter"] for r in log.tables["rule_parameters"])
    condition = parse(row["condition"] or "", parameters=names)
    met = condition.evaluate(case)
    legal = row["legal_from"] <= case.on and state.codified != FALSE
    applies, why = WORDS[met], ""
    if row["treatment"] in ("exempt", "excluded"):
        applies, why = "no", row["treatment"]
        if row["displaces"] and legal:  # an exclusion of some products of other measures
            applies, why = "conditional", "for the products that are named; they pay none of the measures it sets aside"
        if state.unknown_since:
            applies, why = "unknown", f"{row['treatment']}; unknown since {state.unknown_since}"
    elif not legal:
        applies, why = "no", f"from {row['legal_from']}" if row["legal_from"] > case.on else state.words
    elif state.unknown_since:
        applies, why = "unknown", f"unknown since {state.unknown_since}"
    elif met == UNKNOWN:
        undecided = [text for text, evaluate, _ in condition.leaves if evaluate(case) == UNKNOWN]
        applies, why = (
            "conditional",
            f"if {' and '.join(_SAID.get(t) or _with_values(t, names, case) for t in undecided)}",
        )
    elif met == FALSE:
        why = f"not: {_with_values(row['condition'], names, case)}"
    begun = row["collected_from"] or row["legal_from"]
    ended = row["collected_to"] or row["legal_to"]
    collected = applies != "no" and begun <= case.on and (ended is None or case.on <= ended)
    instrument = log.instruments[row["instrument"]]
    if still is not None and row["treatment"] == "excluded":
        collected, why = True, f"{row['treatment']} in law; {still['rate_fraction']:.0%} still collected"
    return Layer(
        measure=row["measure"],
        title=row["title"],
        authority=row["authority"],
        citation=instrument["citation"] or "",
        rate_fraction=row["rate_fraction"],
        treatment=row["treatment"],
        applies=applies,
        why=why,
        announced_on=row["announced_on"],
        legal_from=row["legal_from"],
        legal_to=row["legal_to"],
        collected_from=begun,
        collected_to=ended,
        legal=legal and row["treatment"] not in ("exempt", "excluded"),
        collected=collected,
        unconfirmed="; ".join(dict.fromkeys(u for u in (row["unconfirmed"], instrument["unconfirmed"]) if u)),
        note=row["note"] or "",
        source=row["source"],
    )


def _with_values(condition: str, names: frozenset[str], case: OneCase) -> str:
    """Return a condition with the numbers of the day in place of their names."""
    return re.sub(r"\w+", lambda m: f"{case.number(m[0])[0]:g}" if m[0] in names else m[0], condition)


def _displaced(layers: list[Layer], log: Log) -> list[Layer]:
    """Return the layers with those set aside that another one displaces where it applies."""
    out = []
    for layer in layers:
        by = [x for x in layers if layer.measure in _displaces(log, x.measure) and x.applies in ("yes", "conditional")]
        if by and layer.applies == "yes":
            sure = any(x.applies == "yes" for x in by)
            words = f"where {by[0].measure} applies, this does not"
            layer = replace(layer, applies="no" if sure else "conditional", why=words)
        out.append(layer)
    return out


def _displaces(log: Log, measure: str) -> set[str]:
    rows: list[dict[str, Any]] = log.tables["tariffs"]
    return {m for r in rows if r["measure"] == measure and r["displaces"] for m in r["displaces"].split("|")}
