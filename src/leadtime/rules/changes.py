"""What would change an answer: the same question asked again at other days, numbers and buyers."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from leadtime.days import day_words
from leadtime.rules.case import OneCase
from leadtime.rules.judge import Reading
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE
from leadtime.rules.quantities import CALLED, amount
from leadtime.rules.reading import reading
from leadtime.rules.status import Status, headline
from leadtime.rules.told import in_short
from leadtime.rules.transaction import FIRST_DAY, Transaction

#: So many later days are told, and so many practices.
_MOST_LATER = 3
#: Buyers asked about: who, destination, headquarters, and what is stated of them.
_BUYERS: tuple[tuple[str, str, str, dict[str, bool]], ...] = (
    ("a buyer in Germany", "DEU", "DEU", {}),
    ("a Chinese firm's data center in Singapore", "SGP", "CHN", {}),
    ("a buyer in China", "CHN", "CHN", {}),
    ("the same buyer, if it is on the Entity List", "", "", {"listed": True}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something else about the question, and the answer then.

    Args:
        kind: `day`, `chip` or `buyer`.
        what: What is changed, in words.
        then: The answer then, in a few words.
        verdict: The verdict then; empty for something that happened in practice.
    """

    kind: str
    what: str
    then: str
    verdict: str


def changes(log: Log, s: Status) -> tuple[Change, ...]:
    """Return what would change an answer: days before and after, limits of the chip's numbers, other buyers.

    Each was found by asking the same question again; what leaves the answer as it is is left out.
    """
    now = _key(headline(log, s.transaction, s.on, s.as_known))
    return (*_days(log, s, now), *_limits(log, s), *_buyers(log, s, now))


def _key(found: dict[str, Any]) -> tuple[Any, ...]:
    return found["verdict"], found["review"] if found["verdict"] == "license-required" else "", found["exceptions"]


def about(log: Log, order: Reading, s: Status) -> list[Provision]:
    """Return the provisions that may be about the transaction on some day."""
    t = s.transaction
    case = OneCase(log, t, s.on, s.as_known)
    kept = []
    for p in (*order.classifications, *order.requirements, *order.reviews, *order.exceptions, *order.elsewhere):
        named = {*p.destinations.names, *p.headquarters.names}
        groups = {g for g in named if g in log.groups and {t.to, t.hq, t.parent} & set(log.groups[g])}
        placed = not named or "WORLD" in named or groups or {t.to, t.hq, t.parent} & named
        if case.item_is(p.items) and case.addressed(p.addressees) != FALSE and placed:
            kept.append(p)
    return kept


def edges(log: Log, order: Reading, s: Status) -> list[dt.date]:
    """Return the days on which the answer may change, in order."""
    t = s.transaction
    concerned = about(log, order, s)
    ids = {p.id for p in concerned}
    days = {
        e.effective_on
        for i in {p.instrument for p in concerned}
        for e in log.events.get(i, ())
        if e.known_on <= s.as_known and e.provision in ("", *ids)
    }
    for group in {g for p in concerned for g in (*p.destinations.names, *p.headquarters.names)}:
        for country in {t.to, t.hq, t.parent}:
            for row in log.groups.get(group, {}).get(country, ()):
                if row["known_on"] <= s.as_known:
                    days |= {row[k] for k in ("from", "sure_from") if row[k]}
                    days |= {row[k] + dt.timedelta(days=1) for k in ("to", "sure_to") if row[k]}
    for name in {n for p in concerned for n in p.condition.parameters}:
        for row in log.parameters.get(name, ()):
            days |= {row["from"]} | ({row["to"] + dt.timedelta(days=1)} if row["to"] else set())
    return sorted(d for d in days if d > FIRST_DAY)


def _days(log: Log, s: Status, now: tuple[Any, ...]) -> Iterator[Change]:
    order = reading(log)
    days = edges(log, order, s)
    for day in reversed([d for d in days if d <= s.on]):
        before = headline(log, s.transaction, day - dt.timedelta(days=1), s.as_known)
        if _key(before) != now:
            yield Change(kind="day", what=f"Before {day_words(day)}", then=in_short(before), verdict=before["verdict"])
            break
    told, last = 0, now
    for day in [d for d in days if d > s.on]:
        after = headline(log, s.transaction, day, s.as_known)
        if _key(after) != last and told < _MOST_LATER:
            yield Change(kind="day", what=f"From {day_words(day)}", then=in_short(after), verdict=after["verdict"])
            told += 1
        last = _key(after)
    yield from _practices(log, order, s)


def _practices(log: Log, order: Reading, s: Status) -> Iterator[Change]:
    """Yield what came to be done in practice after the day."""
    case = OneCase(log, s.transaction, s.on, s.as_known)
    later = []
    for p in order.practices:
        if not case.item_is(p.items) or p.condition.evaluate(case) == FALSE or p.known_on > s.as_known:
            continue
        if case.to(p.destinations) == FALSE:
            continue
        later += [
            (e.effective_on, p.title)
            for e in log.events.get(p.instrument, ())
            if e.kind == "effective"
            and e.provision in ("", p.id)
            and s.on < e.effective_on
            and e.known_on <= s.as_known
        ]
    for day, title in sorted(later)[:_MOST_LATER]:
        yield Change(kind="day", what=f"From {day_words(day)}", then=f"in practice: {title}", verdict="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A limit at which the answer changes.

    Args:
        name: The quantity.
        own: What the item has of it.
        edge: The limit.
        rising: It lies above the item's own.
        found: The answer there.
    """

    name: str
    own: float
    edge: float
    rising: bool
    found: dict[str, Any]


def deciding(log: Log, s: Status) -> Iterator[Turn]:
    """Yield, for each number that is known, the nearest limit above and below it at which the answer changes."""
    t = s.transaction
    now = _key(headline(log, t, s.on, s.as_known))
    edges: dict[str, set[float]] = {}
    for p in log.provisions:
        for names, sign, bound, _ in p.condition.limits:
            if len(names) == 1:
                values = [bound] if isinstance(bound, float) else [r["value"] for r in log.parameters.get(bound, ())]
                above = sign in (">", "<=")
                edges.setdefault(names[0], set()).update(math.nextafter(v, math.inf) if above else v for v in values)
    for name in ("tpp", "pd", "dram_gb_s", "io_gb_s", "hbm_gb_s_mm2", "training_operations"):
        low, high = t.number(name)
        if low != high or t.item not in ("chip", "system", "hbm", "weights"):
            continue
        for rising in (True, False):
            ahead = sorted((e for e in edges.get(name, ()) if (e > low if rising else e <= low)), reverse=not rising)
            for edge in ahead:
                value = edge if rising else math.nextafter(edge, 0.0)
                found = headline(log, _with(t, name, value), s.on, s.as_known)
                if _key(found) != now:
                    yield Turn(name=name, own=low, edge=edge, rising=rising, found=found)
                    break


def _limits(log: Log, s: Status) -> Iterator[Change]:
    for turn in deciding(log, s):
        what = _said(turn.name, turn.own, turn.edge, turn.rising)
        yield Change(kind="chip", what=what, then=in_short(turn.found), verdict=turn.found["verdict"])


def _said(name: str, own: float, edge: float, rising: bool) -> str:
    limit = amount(name, float(f"{edge:.12g}"))
    gap = f", {_share(abs(edge - own) / own)} from the item's {amount(name, own)}" if own else ""
    called = CALLED[name][0][0].upper() + CALLED[name][0][1:]
    return f"{called} of {limit} or more{gap}" if rising else f"{called} under {limit}{gap}"


def _share(value: float) -> str:
    return f"{value:.1%}" if value < 0.095 else f"{value:.0%}" if value < 3 else f"{value:,.0f} times"


def _with(t: Transaction, name: str, value: float) -> Transaction:
    """Return a transaction with one number set; density by the area of the die. Its name no longer stands for it."""
    numbers = dict(t.numbers)
    if name == "pd":
        numbers["die_area_mm2"] = (t.number("tpp")[0] / value,) * 2 if value else (math.inf,) * 2
    else:
        numbers[name] = (value, value)
    return replace(t, numbers=tuple(sorted(numbers.items())), chip="" if t.item != "weights" else t.chip)


def _buyers(log: Log, s: Status, now: tuple[Any, ...]) -> Iterator[Change]:
    t = s.transaction
    for who, to, hq, flags in _BUYERS:
        stated = dict(t.flags) | flags
        other = replace(t, to=to or t.to, hq=hq or t.hq, parent=hq or t.parent, flags=tuple(sorted(stated.items())))
        if other == t:
            continue
        found = headline(log, other, s.on, s.as_known)
        if _key(found) != now:
            yield Change(kind="buyer", what=who[0].upper() + who[1:], then=in_short(found), verdict=found["verdict"])
