"""What happened, in order; one instrument in full; what changed for whom between two days."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from leadtime.errors import unknown_name
from leadtime.rules import history
from leadtime.rules.log import Event, Log
from leadtime.rules.logic import WORDS
from leadtime.rules.status import Status, status
from leadtime.rules.transaction import Stated, transaction

#: Destinations and headquarters that a comparison of two days asks about.
SITUATIONS = (
    ("CHN", "CHN", "us"), ("CHN", "CHN", "reexport"), ("MAC", "MAC", "us"), ("RUS", "RUS", "us"),
    ("MYS", "CHN", "reexport"), ("MYS", "MYS", "us"), ("SGP", "SGP", "us"), ("VNM", "VNM", "us"),
    ("ARE", "ARE", "us"), ("SAU", "SAU", "us"), ("IND", "IND", "us"), ("JPN", "JPN", "us"), ("DEU", "DEU", "us"),
)  # fmt: skip
#: Chips that a comparison of two days asks about, where the log has them.
WATCHED = (
    "a100-sxm-80gb",
    "a800-sxm",
    "h100-sxm",
    "h800-sxm",
    "h20",
    "h200-sxm",
    "b200",
    "rtx-4090",
    "l40s",
    "mi300x",
    "mi308x",
    "mi325x",
    "gaudi-3",
    "ascend-910b",
    "ascend-910c",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline."""

    effective_on: dt.date
    known_on: dt.date
    instrument: str
    provision: str
    kind: str
    title: str
    citation: str
    until: dt.date | None
    confidence: str
    unconfirmed: str
    note: str
    source: str


def timeline(log: Log, known: dt.date, *, jurisdiction: str = "", since: dt.date | None = None) -> list[Entry]:
    """Return the events known by a day, in the order in which they take effect."""
    found = [
        _entry(log, event)
        for events in log.events.values()
        for event in events
        if event.known_on <= known
        and (not jurisdiction or log.instruments[event.instrument]["jurisdiction"] == jurisdiction)
        and (since is None or event.effective_on >= since)
    ]
    return sorted(found, key=lambda e: (e.effective_on, e.known_on, e.instrument, e.provision))


def _entry(log: Log, event: Event) -> Entry:
    made = log.instruments[event.instrument]
    return Entry(
        effective_on=event.effective_on,
        known_on=event.known_on,
        instrument=event.instrument,
        provision=event.provision,
        kind=event.kind,
        title=made["title"],
        citation=made["citation"] or "",
        until=event.until,
        confidence=event.confidence,
        unconfirmed=event.unconfirmed,
        note=event.note,
        source=event.source,
    )


def show(log: Log, name: str, on: dt.date, known: dt.date) -> dict[str, Any]:
    """Return an instrument (or the one of a provision) in full: its events, provisions, parameters, standing.

    Raises:
        LeadtimeError: There is no such instrument or provision. The message has the nearest names.
    """
    of_provision = {p.id: p.instrument for p in log.provisions}
    key = name if name in log.instruments else of_provision.get(name)
    if key is None or log.instruments[key]["known_on"] > known:
        raise unknown_name("rule", name, [*log.instruments, *of_provision])
    provisions = [p for p in log.provisions if p.instrument == key and p.known_on <= known]
    standing = {p.id: history.state(log, p, on, known) for p in provisions}
    return {
        **log.instruments[key],
        "events": [_entry(log, e) for e in log.events.get(key, ()) if e.known_on <= known],
        "provisions": [
            {
                "id": p.id,
                "role": p.role,
                "title": p.title,
                "pinpoint": p.pinpoint,
                "eccn": list(p.eccn),
                "condition": p.condition.text,
                "destinations": p.destinations.text,
                "headquarters": p.headquarters.text,
                "addressees": list(p.addressees),
                "outcome": p.outcome,
                "codified": WORDS[standing[p.id].codified],
                "binding": WORDS[standing[p.id].binding],
                "enforced": WORDS[standing[p.id].enforced],
                "unknown_since": standing[p.id].unknown_since,
                "state": standing[p.id].words,
                "source": p.source,
                "confidence": p.confidence,
                "unconfirmed": p.unconfirmed,
            }
            for p in provisions
        ],
        "parameters": [
            {**r, "value": r["value"]}
            for rows in log.parameters.values()
            for r in rows
            if r["instrument"] == key and r["known_on"] <= known
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A chip and a situation for which the answer differs between two days."""

    chip: str
    to: str
    hq: str
    origin: str
    before: str
    after: str


def diff(log: Log, first: dt.date, second: dt.date, known: dt.date, chips: tuple[str, ...] = WATCHED) -> list[Change]:
    """Return what changed for whom between two days, over watched chips and a fixed set of situations."""
    changes = []
    for chip in chips:
        if chip not in log.chips:
            continue
        for to, hq, origin in SITUATIONS:
            what = transaction(log, chip, Stated(to=to, hq=hq, origin=origin))
            before, after = (summary(status(log, what, day, known)) for day in (first, second))
            if before != after:
                changes.append(Change(chip=chip, to=to, hq=hq, origin=origin, before=before, after=after))
    return changes


def summary(s: Status) -> str:
    """Return a status in one line: paragraph, answer as enforced, policy, exceptions, the text where it differs."""
    policy = "" if s.review == "none" else f", {s.review.replace('_', ' ')}"
    exceptions = f", exception {' '.join(s.exceptions)}" if s.exceptions else ""
    text = "" if s.license_codified == s.license_enforced else f" (in the text: {s.license_codified})"
    return f"{s.eccn}: {s.answer.replace('_', ' ')}{policy}{exceptions}{text}"
