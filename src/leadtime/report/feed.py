"""What moved, and what happened to the rules, as a feed (Atom, RFC 4287) that a reader's program follows."""

import datetime as dt
import itertools
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadtime.answers.regulated import happened
from leadtime.answers.words import count, day
from leadtime.report import editions
from leadtime.report.html import environment
from leadtime.rules.timeline import Entry, timeline

if TYPE_CHECKING:
    from leadtime.study import Study

NAMESPACE = "http://www.w3.org/2005/Atom"
#: So many events of the rules, the newest by the day on which they were known.
MOST_EVENTS = 40
_DAY = re.compile(r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")
_OWN = uuid.uuid5(uuid.NAMESPACE_URL, "https://pypi.org/project/leadtime/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry: what names it for ever, its title, its sentences, its day, and the page that shows more."""

    name: str
    title: str
    sentences: tuple[str, ...]
    day: dt.date
    link: str


def items(study: "Study") -> list[Item]:
    """Return what moved by each stored edition, and the newest events of the rules, the newest first."""
    found = [*_moved(study.as_of), *_rules(study)]
    return sorted(found, key=lambda i: (i.day, i.name), reverse=True)


def _moved(as_of: dt.date) -> list[Item]:
    kept = [e for e in editions.stored() if e.as_of <= as_of]
    made = []
    for before, now in itertools.pairwise(kept):
        moved = editions.moved(before, now.numbers)
        n = len(moved)
        title = (
            f"{count(n, 'number')} moved between {day(before.as_of)} and {day(now.as_of)}"
            if n
            else f"No number moved between {day(before.as_of)} and {day(now.as_of)}"
        )
        told = tuple(f"{m.words}: {m.before} before, {m.now} now." for m in moved) or (f"{title}.",)
        made.append(Item(name=f"edition {now.as_of}", title=title, sentences=told, day=now.as_of, link="moved"))
    if kept:
        first = kept[0]
        answer = (first.answer,)
        title = f"The answer of {day(first.as_of)}"
        made.append(Item(name=f"edition {first.as_of}", title=title, sentences=answer, day=first.as_of, link="moved"))
    return made


def _rules(study: "Study") -> list[Item]:
    rules = study.rules
    events = sorted(timeline(rules.log, rules.as_known), key=lambda e: e.known_on)[-MOST_EVENTS:]
    return [
        Item(
            name=f"rule {e.instrument} {e.provision} {e.kind} {e.effective_on}",
            title=_spoken(f"{e.title}: {happened(e.kind)}"),
            sentences=_told(e),
            day=e.known_on,
            link="rules",
        )
        for e in events
    ]


def _told(e: Entry) -> tuple[str, ...]:
    what = happened(e.kind)
    said = [f"{e.title}{f' ({e.provision})' if e.provision else ''}: {what} on {day(e.effective_on)}."]
    said += [f"It holds until {day(e.until)}."] if e.until else []
    said += [f"It became known on {day(e.known_on)}."] if e.known_on != e.effective_on else []
    said += [f"Not confirmed: {e.unconfirmed.rstrip('.')}."] if e.unconfirmed else []
    said += [f"Citation: {e.citation.rstrip('.')}."] if e.citation else []
    return (*map(_spoken, said), "This is our reading of the rules, not legal advice.")


def _spoken(text: str) -> str:
    """Return a text of the rule log with its days as one says them."""
    return _DAY.sub(lambda m: day(dt.date.fromisoformat(m[0])), text)


def atom(study: "Study", origin: str) -> bytes:
    """Return the feed.

    Args:
        study: The study, of whose day it is.
        origin: Where the server is, such as `https://leadtime.example.org`, before each link.
    """
    found = items(study)
    entries = [
        {
            "id": f"urn:uuid:{uuid.uuid5(_OWN, i.name)}",
            "title": i.title,
            "updated": _moment(i.day),
            "link": i.link,
            "text": " ".join(i.sentences) or i.title,
        }
        for i in found
    ]
    given = {"id": f"urn:uuid:{uuid.uuid5(_OWN, 'feed')}", "origin": origin, "entries": entries}
    updated = _moment(max((i.day for i in found), default=study.as_of))
    return environment().get_template("feed.xml").render(**given, updated=updated).encode()


def _moment(of: dt.date) -> str:
    """Return a day as the feed's rules write a time: its first second."""
    return f"{of.isoformat()}T00:00:00Z"
