"""The log of rules: its records as objects, read from the built-in tables or a study's, and checked as a whole."""

import csv
import datetime as dt
import functools
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence import TABLES, Table
from leadtime.rules.conditions import Condition, Places, parse, parse_places

DATA = Path(__file__).parents[1] / "evidence" / "data"
#: Tables that the engine reads.
NAMES = (
    "countries",
    "country_groups",
    "rule_instruments",
    "rule_provisions",
    "rule_events",
    "rule_parameters",
    "tariffs",
    "rule_exporters",
    "card_links",
    "group_texts",
    "chips",
    "chip_peaks",
    "chip_systems",
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """One paragraph of an instrument, with its condition and places parsed."""

    id: str
    instrument: str
    role: str
    title: str
    pinpoint: str
    eccn: tuple[str, ...]
    requires: tuple[str, ...]
    items: tuple[str, ...]
    condition: Condition
    destinations: Places
    headquarters: Places
    addressees: tuple[str, ...]
    outcome: str
    priority: int
    source: str
    known_on: dt.date
    confidence: str
    unconfirmed: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an instrument or to one of its provisions (`provision` empty: to all)."""

    instrument: str
    provision: str
    kind: str
    effective_on: dt.date
    known_on: dt.date
    until: dt.date | None
    source: str
    confidence: str
    unconfirmed: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Everything that is recorded, whenever it became known; questions filter by `known_on`."""

    tables: dict[str, list[Row]]
    instruments: dict[str, Row]
    provisions: tuple[Provision, ...]
    events: dict[str, tuple[Event, ...]]
    parameters: dict[str, tuple[Row, ...]]
    groups: dict[str, dict[str, tuple[Row, ...]]]
    countries: dict[str, str]
    chips: dict[str, Row]
    peaks: dict[str, tuple[Row, ...]]
    systems: dict[str, Row]
    links: dict[str, Row]
    places: Mapping[tuple[str, tuple[Any, ...]], str] = field(default_factory=dict)

    def provision(self, name: str) -> Provision:
        """Return the provision called `name`."""
        return next(p for p in self.provisions if p.id == name)


@functools.cache
def built_in() -> Log:
    """Return the log that comes with the package."""
    return build({name: read_rows(TABLES[name]) for name in NAMES})


def read_rows(table: Table) -> list[Row]:
    """Return the typed rows of a built-in table, without a table library, so that one answer comes at once."""
    path = DATA / table.folder / f"{table.name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        place = {name: i for i, name in enumerate(next(lines, []))}
        nothing = dict.fromkeys(c.name for c in table.columns)
        columns = [(c.name, c.kind, place[c.name]) for c in table.columns if c.name in place]
        return [nothing | {n: _cell(row[i], k) for n, k, i in columns} for row in lines if row]


def _cell(text: str, kind: str) -> Any:
    if not text:
        return None
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind == "number":
        return float(text)
    if kind == "integer":
        return int(text)
    return text == "true" if kind == "flag" else text


def build(tables: dict[str, list[Row]], places: Mapping[tuple[str, tuple[Any, ...]], str] | None = None) -> Log:
    """Return the log made of typed rows.

    Args:
        tables: Table name to rows, as the schema types them.
        places: Where a row was read (table and key to file and line), for messages; built-in rows have none.

    Raises:
        LeadtimeError: A condition or set that cannot be understood, an unknown group or parameter, overlapping
            parameters, an event before its instrument; with the place.
    """
    names = frozenset(r["parameter"] for r in tables["rule_parameters"])
    place = functools.partial(_place, places or {})
    provisions = tuple(_provision(r, names, place("rule_provisions", r)) for r in tables["rule_provisions"])
    log = Log(
        tables=tables,
        instruments={r["id"]: r for r in tables["rule_instruments"]},
        provisions=provisions,
        events=_grouped((_event(r) for r in tables["rule_events"]), lambda e: e.instrument),
        parameters=_grouped(sorted(tables["rule_parameters"], key=lambda r: r["from"]), lambda r: r["parameter"]),
        groups={
            g: _grouped(rows, lambda r: r["country"])
            for g, rows in _grouped(
                sorted(tables["country_groups"], key=lambda r: r["known_on"]), lambda r: r["group"]
            ).items()
        },
        countries={r["id"]: r["name"] for r in tables["countries"]},
        chips={r["id"]: r for r in tables["chips"]},
        peaks=_grouped(tables["chip_peaks"], lambda r: r["chip"]),
        systems={r["id"]: r for r in tables["chip_systems"]},
        links={r["chip"]: r for r in tables["card_links"]},
        places=places or {},
    )
    _check(log)
    return log


def _place(places: Mapping[tuple[str, tuple[Any, ...]], str], table: str, row: Row) -> str:
    key = tuple(row[k] for k in TABLES[table].key)
    shown = ", ".join(str(k) for k in key if k is not None)
    return places.get((table, key)) or f"{table}.csv, {shown}"


def _grouped(rows: Iterable[Any], key: Any) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {k: tuple(v) for k, v in found.items()}


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split("|") if part.strip())


def _provision(row: Row, parameters: frozenset[str], where: str) -> Provision:
    return Provision(
        id=row["id"],
        instrument=row["instrument"],
        role=row["role"],
        title=row["title"],
        pinpoint=row["pinpoint"] or "",
        eccn=_split(row["eccn"]),
        requires=_split(row["requires"]),
        items=_split(row["item"]),
        condition=parse(row["condition"] or "", where=f"{where}, condition", parameters=parameters),
        destinations=parse_places(row["destinations"] or "", where=f"{where}, destinations"),
        headquarters=parse_places(row["headquarters"] or "", where=f"{where}, headquarters"),
        addressees=_split(row["addressees"]),
        outcome=row["outcome"] or "",
        priority=row["priority"] or 0,
        source=row["source"],
        known_on=row["known_on"],
        confidence=row["confidence"] or "",
        unconfirmed=row["unconfirmed"] or "",
        note=row["note"] or "",
    )


def _event(row: Row) -> Event:
    return Event(
        instrument=row["instrument"],
        provision=row["provision"] or "",
        kind=row["kind"],
        effective_on=row["effective_on"],
        known_on=row["known_on"],
        until=row["until"],
        source=row["source"],
        confidence=row["confidence"] or "",
        unconfirmed=row["unconfirmed"] or "",
        note=row["note"] or "",
    )


def _check(log: Log) -> None:
    """Refuse a log that contradicts itself, with the place of the first contradiction of each kind."""
    place = functools.partial(_place, log.places)
    for p in log.provisions:
        _check_provision(log, p)
    for row in log.tables["rule_events"]:
        made = log.instruments.get(row["instrument"])
        if made is None:
            raise _unknown("instrument", row["instrument"], log.instruments, place("rule_events", row))
        if row["provision"] and row["provision"] not in {p.id for p in log.provisions}:
            raise _unknown("provision", row["provision"], [p.id for p in log.provisions], place("rule_events", row))
        first = min(made["announced_on"], made["known_on"])
        if row["effective_on"] < first or row["known_on"] < first:
            raise LeadtimeError(
                f"an event of {min(row['effective_on'], row['known_on'])} comes before its instrument "
                f"{made['id']}, announced on {first}",
                where=place("rule_events", row),
                fix="Correct the date, or the instrument's `announced_on`.",
            )
    for rows in log.parameters.values():
        _check_parameter(rows, place)


def _check_provision(log: Log, p: Provision) -> None:
    where = _place(log.places, "rule_provisions", {"id": p.id})
    if p.instrument not in log.instruments:
        raise _unknown("instrument", p.instrument, log.instruments, where)
    requirements = {q.id for q in log.provisions if q.role == "requirement"}
    for name in p.requires:
        if name not in requirements:
            raise _unknown("requirement", name, requirements, where)
    known = {*log.groups, *log.countries, "WORLD"}
    for name in (*p.destinations.names, *p.headquarters.names):
        if name not in known:
            raise _unknown("country or group", name, known, where)


def _check_parameter(rows: tuple[Row, ...], place: Any) -> None:
    for earlier, later in itertools.pairwise(rows):
        if earlier["from"] == later["from"] or (earlier["to"] and earlier["to"] >= later["from"]):
            raise LeadtimeError(
                f"two values of the parameter {later['parameter']} hold on {later['from']}",
                where=place("rule_parameters", later),
                fix=f"The other one is at {place('rule_parameters', earlier)}; end it, or start this one later.",
            )


def _unknown(kind: str, name: str, known: Iterable[str], where: str) -> LeadtimeError:
    close = nearest(name, known, 3)
    return LeadtimeError(
        f"there is no {kind} called {name!r}", where=where, fix=f"Did you mean {', '.join(close)}?" if close else ""
    )
