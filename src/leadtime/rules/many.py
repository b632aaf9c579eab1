"""Many transactions at once: the same reading as for one, on arrays; a million take seconds."""

import datetime as dt
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from leadtime.rules import history
from leadtime.rules.conditions import NUMBERS, Places
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN, Interval, Many, One
from leadtime.rules.reading import Held, addressed
from leadtime.rules.standing import CONFIDENCE
from leadtime.rules.transaction import Transaction, is_named

_ONE = One()
#: So many states and memberships are kept for a log before all are forgotten.
_MOST_REMEMBERED = 300_000
#: Columns that hold words.
CODED = ("chip", "item", "to", "hq", "parent", "origin", "exporter")


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of words as whole numbers: `words[codes[i]]` is row i."""

    words: tuple[str, ...]
    codes: Any

    def truth(self, test: Callable[[str], int]) -> Any:
        """Return a test of each row, made once per word."""
        return np.array([test(w) for w in self.words], dtype=np.int8)[self.codes]

    def __getitem__(self, row: int) -> str:
        return self.words[int(self.codes[row])]

    def tolist(self) -> list[str]:
        """Return the word of every row."""
        return [self.words[c] for c in self.codes.tolist()]

    def filled(self, other: "Coded") -> "Coded":
        """Return the column with the words of another one where its own is empty."""
        words = tuple(dict.fromkeys([*self.words, *other.words]))
        at = {w: i for i, w in enumerate(words)}
        theirs = np.array([at[w] for w in other.words], dtype=np.int64)[other.codes]
        empty = np.array([w == "" for w in self.words])[self.codes]
        return Coded(words, np.where(empty, theirs, self.codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Transactions by column; a missing number is the interval from 0 to infinity.

    Args:
        on: Day asked about, as an ordinal, shape (row,).
        known: Day on which it is asked, as an ordinal, shape (row,).
        numbers: Name of a quantity to the low and high ends, each of shape (row,).
        flags: Name of a statement to its truth value, shape (row,).
    """

    chip: Coded
    item: Coded
    to: Coded
    hq: Coded
    parent: Coded
    origin: Coded
    exporter: Coded
    on: Any
    known: Any
    numbers: dict[str, tuple[Any, Any]]
    flags: dict[str, Any]

    def __len__(self) -> int:
        return len(self.on)

    def taken(self, rows: Any) -> "Columns":
        """Return some rows, by a mask or by their numbers, which may repeat."""
        words = {n: Coded(getattr(self, n).words, getattr(self, n).codes[rows]) for n in CODED}
        words |= {"parent": words["hq"]} if self.parent is self.hq else {}
        return Columns(
            **words,
            on=self.on[rows],
            known=self.known[rows],
            numbers={n: (low[rows], high[rows]) for n, (low, high) in self.numbers.items()},
            flags={n: f[rows] for n, f in self.flags.items()},
        )

    def first_of_each(self) -> tuple[Any, Any]:
        """Return the first row of each kind of row, and the number of its kind for every row."""
        parts = [getattr(self, n).codes for n in CODED] + [self.on, self.known]
        parts += [f.astype(np.int64) for f in self.flags.values() if f.size and f.min() != f.max()]
        parts += [end.view(np.int64) for ends in self.numbers.values() for end in map(np.ascontiguousarray, ends)]
        kind = np.zeros(len(self), dtype=np.int64)
        for part in parts:
            _, code = np.unique(part, return_inverse=True)
            _, kind = np.unique(kind * (int(code.max(initial=0)) + 1) + code, return_inverse=True)
        _, first = np.unique(kind, return_index=True)
        return first, kind


def columns_of(transactions: Sequence[Transaction], on: Sequence[dt.date], known: Sequence[dt.date]) -> Columns:
    """Return transactions as columns."""
    from leadtime.rules.conditions import FLAGS

    names = [*(n for n in NUMBERS if n != "pd"), "die_area_mm2"]
    each = {id(t): t for t in transactions}  # one may stand for many days
    place = {key: i for i, key in enumerate(each)}
    row = np.array([place[id(t)] for t in transactions], dtype=np.int64)
    ends = {n: np.array([t.number(n) for t in each.values()]).reshape(-1, 2)[row] for n in names}
    return Columns(
        chip=coded([t.chip for t in transactions]),
        item=coded([t.item for t in transactions]),
        to=coded([t.to for t in transactions]),
        hq=coded([t.hq for t in transactions]),
        parent=coded([t.parent for t in transactions]),
        origin=coded([t.origin for t in transactions]),
        exporter=coded([t.exporter for t in transactions]),
        on=np.array([d.toordinal() for d in on]),
        known=np.array([d.toordinal() for d in known]),
        numbers={n: (np.ascontiguousarray(v[:, 0]), np.ascontiguousarray(v[:, 1])) for n, v in ends.items()},
        flags={f: np.array([t.flag(f) for t in each.values()], dtype=np.int8)[row] for f in FLAGS},
    )


def coded(words: Sequence[str]) -> Coded:
    """Return a column of words as codes."""
    known = {w: i for i, w in enumerate(dict.fromkeys(words))}
    return Coded(tuple(known), np.array([known[w] for w in words], dtype=np.int64))


@functools.lru_cache(maxsize=4)
def _remembered(key: int, holder: Held) -> dict[Any, Any]:
    """Return what was worked out before for a log: states of provisions and memberships, by stretch of days."""
    return {}


class ManyCase:
    """Many transactions for the reading; what only changes with the day is worked out once per stretch of days."""

    logic = Many()

    def __init__(self, log: Log, columns: Columns) -> None:
        self.log, self.columns = log, columns
        edges = _edges_of(id(log), Held(log))
        self._events = _Stretches(columns, *edges.events)
        self._groups = _Stretches(columns, *edges.groups)
        self._parameters = _Stretches(columns, *edges.parameters)
        self._kept: dict[Any, Any] = {}
        self._memory = _remembered(id(log), Held(log))
        if len(self._memory) > _MOST_REMEMBERED:
            self._memory.clear()

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _words(self, key: str, column: Coded, test: Callable[[str], int]) -> Any:
        """Return a test of the words of a column: one int where all words come out alike, else row by row."""

        def values() -> Any:
            kinds = {test(word) for word in column.words}
            return kinds.pop() if len(kinds) == 1 else column.truth(test)

        return self._once(key, values)

    def number(self, name: str) -> Interval:
        """Return the intervals of a quantity, or the value of a parameter on each row's day."""
        numbers = self.columns.numbers
        if name == "pd":
            pd: Interval = self._once("pd", lambda: _densities(numbers["tpp"], numbers["die_area_mm2"]))
            return pd
        if name in NUMBERS:
            low, high = numbers[name]
            return low, high

        def values() -> Interval:
            found = (history.parameter(self.log, name, on, known) for on, known in self._parameters.days)
            value = np.array([math.nan if v is None else v for v in found])[self._parameters.index]
            return value, value

        value: Interval = self._once(f"parameter {name}", values)
        return value

    def flag(self, name: str) -> Any:
        """Return a statement, row by row."""
        return self.columns.flags[name]

    def named(self, patterns: str) -> Any:
        """Return whether each row's chip is one of those named."""

        def truth() -> Any:
            found = self.columns.chip.truth(lambda chip: is_named(chip, patterns))
            without = self.columns.chip.truth(lambda chip: int(not chip)) * self.item_is(("weights",))
            return np.where(without > FALSE, UNKNOWN, found)

        return self._once(f"named {patterns}", truth)

    def item_is(self, items: tuple[str, ...]) -> Any:
        """Return whether each row's item is of one of the kinds."""
        return self._words(
            f"item {items}", self.columns.item, lambda item: TRUE if not items or item in items else FALSE
        )

    def addressed(self, names: tuple[str, ...]) -> Any:
        """Return whether each row's exporter is one of the addressees."""
        return self._words(f"addressed {names}", self.columns.exporter, lambda exporter: addressed(exporter, names))

    def to(self, places: Places) -> Any:
        """Return whether each row's destination is in a set of places."""
        return self._once(f"to {places.text}", lambda: self._inside(places, self.columns.to))

    def home(self, places: Places) -> Any:
        """Return whether each row's end user or its parent has its headquarters in a set of places."""

        def both() -> Any:
            hq, parent = self.columns.hq, self.columns.parent
            inside = self._inside(places, hq)
            return inside if parent is hq else np.maximum(inside, self._inside(places, parent))

        return self._once(f"home {places.text}", both)

    def _inside(self, places: Places, column: Coded) -> Any:
        def test(country: str, on: dt.date, known: dt.date) -> int:
            found: int = places.evaluate(lambda g: history.member(self.log, g, country, on, known), _ONE)
            return found

        table = []
        for (on, known), key in zip(self._groups.days, self._groups.keys, strict=True):
            row = self._memory.setdefault((places.text, key), {})
            table.append([row[c] if c in row else row.setdefault(c, test(c, on, known)) for c in column.words])
        return self._by_place(table, column)

    def _by_place(self, table: list[list[int]], column: Coded) -> Any:
        """Return, row by row, what a table of stretches of days by words of a column holds."""
        cells: Any = self._once(
            ("cells", id(column)), lambda: self._groups.index * len(column.words) + column.codes
        )  # columns live as long as the case
        return np.array(table, dtype=np.int8).ravel().take(cells)

    @functools.cached_property
    def texts(self) -> dict[str, list[dt.date]]:
        """The days of which the whole list of a group was read, by group."""
        found: dict[str, list[dt.date]] = {}
        for row in self.log.tables["group_texts"]:
            found.setdefault(row["group"], []).append(row["on"])
        return found

    def parties_outside(self, places: Places) -> Any:
        """Return whether the end user or its parent surely has its headquarters outside of a set of places."""
        return self._once(
            f"out {places.text}",
            lambda: (
                (self._inside(places, self.columns.hq) == FALSE) | (self._inside(places, self.columns.parent) == FALSE)
            ),
        )

    def by_events(self, key: tuple[str, str], of_day: Callable[[dt.date, dt.date], int]) -> Any:
        """Return a number that only changes with the events, worked out once per stretch of days."""

        def values() -> Any:
            found = []
            for (on, known), stretch in zip(self._events.days, self._events.keys, strict=True):
                if (*key, stretch) not in self._memory:
                    self._memory[(*key, stretch)] = of_day(on, known)
                found.append(self._memory[(*key, stretch)])
            narrow = max(found, default=0) <= np.iinfo(np.int8).max
            return np.array(found, dtype=np.int8 if narrow else np.int32).take(self._events.index)

        return self._once(" ".join(key), values)

    def membership_grade(self, groups: tuple[str, ...]) -> Any:
        """Return the place in `standing.CONFIDENCE` of the least sure record of a place's membership in some groups."""

        def of(country: str, on: dt.date, known: dt.date) -> int:
            rows = (r for g in groups for r in self.log.groups.get(g, {}).get(country, ()))
            kept = [r["confidence"] for r in rows if r["known_on"] <= known and r["from"] <= on and r["confidence"]]
            return max((CONFIDENCE.index(c) for c in kept), default=0)

        def values() -> Any:
            result = np.zeros(len(self.columns), dtype=np.int8)
            for column in {id(c): c for c in (self.columns.to, self.columns.hq, self.columns.parent)}.values():
                table = []
                for (on, known), key in zip(self._groups.days, self._groups.keys, strict=True):
                    row = self._memory.setdefault(("membership", groups, key), {})
                    table.append([row[c] if c in row else row.setdefault(c, of(c, on, known)) for c in column.words])
                np.maximum(result, self._by_place(table, column), out=result)
            return result

        return self._once(f"membership {groups}", values)

    def states(self, provision: Provision) -> tuple[Any, Any, Any]:
        """Return whether a provision is codified, binding, enforced, row by row."""

        def table() -> tuple[Any, Any, Any]:
            found = []
            for (on, known), key in zip(self._events.days, self._events.keys, strict=True):
                if (provision.id, key) not in self._memory:
                    s = history.state(self.log, provision, on, known)
                    self._memory[provision.id, key] = s.codified, s.binding, s.enforced
                found.append(self._memory[provision.id, key])
            columns = list(zip(*found, strict=True)) or [(FALSE,)] * 3
            made: dict[tuple[int, ...], Any] = {}
            for values in columns:
                if values not in made:
                    alike = len(set(values)) == 1
                    made[values] = values[0] if alike else np.array(values, dtype=np.int8).take(self._events.index)
            return made[columns[0]], made[columns[1]], made[columns[2]]

        found: tuple[Any, Any, Any] = self._once(f"state {provision.id}", table)
        return found


class _Edges(NamedTuple):
    """Days on which something may change: of those asked about, and of those of asking; each as sorted ordinals."""

    events: tuple[Any, Any]
    groups: tuple[Any, Any]
    parameters: tuple[Any, Any]


@functools.lru_cache(maxsize=4)
def _edges_of(key: int, holder: Held) -> _Edges:
    """Return the days on which events, memberships and parameters of a log may change."""
    log = holder.log
    events = [e for es in log.events.values() for e in es]
    scheduled = [e.effective_on for e in events if e.kind.startswith("scheduled")]
    known = [*(e.known_on for e in events), *scheduled, *(p.known_on for p in log.provisions)]
    members, values = log.tables["country_groups"], log.tables["rule_parameters"]
    begins = [r[k] for r in members for k in ("from", "sure_from") if r[k]]
    ends = [r[k] + dt.timedelta(days=1) for r in members for k in ("to", "sure_to") if r[k]]
    over = [r["to"] + dt.timedelta(days=1) for r in values if r["to"]]
    return _Edges(
        (_ordinals(e.effective_on for e in events), _ordinals(known)),
        (_ordinals(begins + ends), _ordinals(r["known_on"] for r in members)),
        (_ordinals([*(r["from"] for r in values), *over]), _ordinals(r["known_on"] for r in values)),
    )


def _ordinals(days: Iterable[dt.date]) -> Any:
    return np.array(sorted({d.toordinal() for d in days}), dtype=np.int64)


class _Stretches:
    """The pairs of stretches of days (asked about, known) that occur, with one pair of days standing for each."""

    def __init__(self, columns: Columns, on_edges: Any, known_edges: Any) -> None:
        pair = _stretch(columns.on, on_edges) * (len(known_edges) + 1) + _stretch(columns.known, known_edges)
        some = np.full((len(on_edges) + 1) * (len(known_edges) + 1), -1, dtype=np.int64)
        some[pair] = np.arange(len(pair))  # one row of each pair
        kinds = np.flatnonzero(some >= 0)
        place = np.zeros(len(some), dtype=np.int64)
        place[kinds] = np.arange(len(kinds))
        self.index = place.take(pair)
        self.keys = kinds.tolist()
        self.days = [
            (dt.date.fromordinal(int(columns.on[i])), dt.date.fromordinal(int(columns.known[i]))) for i in some[kinds]
        ]


def _stretch(days: Any, edges: Any) -> Any:
    """Return the stretch between edges in which each day lies; days are looked up in a calendar, not searched one by
    one.
    """
    if not len(days):
        return np.zeros(0, dtype=np.int64)
    first, last = int(days.min()), int(days.max())
    return np.searchsorted(edges, np.arange(first, last + 1), side="right").take(days - first)


def _densities(tpp: Interval, area: Interval) -> Interval:
    if len(tpp[0]) == 0:
        return tpp
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(np.isinf(area[1]), 0.0, tpp[0] / area[1])
        high = np.where(area[0] == 0, np.inf, tpp[1] / area[0])
    return low, high
