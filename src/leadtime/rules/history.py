"""What had happened to a provision by a day, as known on a day: its text, its force, its enforcement."""

import datetime as dt
from dataclasses import dataclass

from leadtime.rules.log import Event, Log, Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN

_ON = {
    "effective": (TRUE, TRUE),
    "suspended": (FALSE, FALSE),
    "superseded": (FALSE, FALSE),
    "withdrawn": (FALSE, FALSE),
    "struck_down": (FALSE, FALSE),
    "ended": (FALSE, FALSE),
}
_POSTURE = {"not_enforced": FALSE, "enforcement_unclear": UNKNOWN, "enforced": TRUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A provision on a day, as known on a day.

    Args:
        codified: Whether the text stands.
        binding: Whether one must comply in law: the text stands and its compliance date has come.
        enforced: Whether the agency enforces it (a posture, not a law).
        unknown_since: The day of a scheduled change of which no outcome is recorded.
        words: One line on how it came to this.
        events: The events that were known, oldest first.
    """

    codified: int
    binding: int
    enforced: int
    unknown_since: dt.date | None
    words: str
    events: tuple[Event, ...]


def state(log: Log, provision: Provision, on: dt.date, known: dt.date) -> State:
    """Return what holds of a provision on `on`, from what was known on `known`."""
    if provision.known_on > known:
        return _NOT_YET
    return state_of(log.events.get(provision.instrument, ()), provision.id, on, known)


def state_of(events: tuple[Event, ...], provision: str, on: dt.date, known: dt.date) -> State:
    """Return what the events of an instrument make of one of its provisions (see `state`).

    Events count from their `effective_on`, in that order. A scheduled return or end counts as scheduled until its
    day comes; from then on, when no later event records what happened, the answer is unknown since that day.
    """
    seen = sorted(
        (e for e in events if e.known_on <= known and e.provision in ("", provision)),
        key=lambda e: (e.effective_on, e.known_on),
    )
    codified = enforced = FALSE
    unknown_since, why = None, ""
    for event in seen:
        if event.effective_on > on:
            continue
        if event.kind in _ON:
            codified, enforced = _ON[event.kind]
            unknown_since, why = None, _told(event, known)
        elif event.kind in _POSTURE:
            enforced = min(_POSTURE[event.kind], codified)
            why = _told(event, known)
        elif event.kind in ("scheduled_return", "scheduled_end"):
            happened = TRUE if event.kind == "scheduled_return" else FALSE
            passed = known >= event.effective_on
            codified = enforced = UNKNOWN if passed else happened
            unknown_since = event.effective_on if passed else None
            why = _told(event, known)
    due = min((e.effective_on for e in seen if e.kind == "compliance_due" and e.effective_on > on), default=None)
    if due and codified:
        return State(
            codified=codified,
            binding=FALSE,
            enforced=FALSE,
            unknown_since=unknown_since,
            words=f"{why}; compliance due {due}",
            events=tuple(seen),
        )
    return State(
        codified=codified,
        binding=codified,
        enforced=enforced,
        unknown_since=unknown_since,
        words=why,
        events=tuple(seen),
    )


def _told(event: Event, known: dt.date) -> str:
    if event.kind in ("scheduled_return", "scheduled_end"):
        what = "returns by itself unless extended" if event.kind == "scheduled_return" else "ends unless extended"
        passed = "outcome not recorded, unknown since" if known >= event.effective_on else "scheduled, on"
        return f"{what}: {passed} {event.effective_on}"
    ahead = " (scheduled)" if event.effective_on > known else ""
    until = f" until {event.until}" if event.until else ""
    return f"{event.kind.replace('_', ' ')} {event.effective_on}{until}{ahead}"


_NOT_YET = State(codified=FALSE, binding=FALSE, enforced=FALSE, unknown_since=None, words="not yet known", events=())


def member(log: Log, group: str, country: str, on: dt.date, known: dt.date) -> int:
    """Return whether a country was in a group, or is the country named (three-valued: some dates have bounds only).

    Of two rows that begin on the same day the one known later counts.
    """
    if group == "WORLD":
        return TRUE
    if group not in log.groups:
        return TRUE if group == country else FALSE
    found = FALSE
    spells = {row["from"]: row for row in log.groups[group].get(country, ()) if row["known_on"] <= known}
    for row in spells.values():
        if on < row["from"] or (row["to"] and on > row["to"]):
            continue
        last_sure = row["sure_to"] or row["to"]
        sure = on >= (row["sure_from"] or row["from"]) and (last_sure is None or on <= last_sure)
        found = max(found, TRUE if sure else UNKNOWN)
    return found


def parameter(log: Log, name: str, on: dt.date, known: dt.date) -> float | None:
    """Return the value of a parameter on a day: the latest that had begun and not ended, or None."""
    value = None
    for row in log.parameters.get(name, ()):
        if row["known_on"] <= known and row["from"] <= on and (row["to"] is None or on <= row["to"]):
            value = row["value"]
    return value
