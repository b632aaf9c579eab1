"""One update from end to end: files, rows, headlines, note."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import Evidence
from leadtime.update import bring, files, gather, headlines, markdown
from leadtime.update.connector import Connector
from leadtime.update.registry import CONNECTORS
from leadtime.update.relisted import Relisted, relisted

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an update came to.

    Args:
        day: The day it was made.
        found: Rows, models, leads, failures.
        moved: The headlines, or None if they were not asked for.
        lists: The lists of parties, and what each changes.
        text: PROPOSAL.md.
        stamp: Of the evidence that it was held against.
    """

    day: dt.date
    found: gather.Gathering
    moved: headlines.Moved | None
    lists: list[Relisted]
    text: str
    stamp: dict[str, Any]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to propose."""
        return not (self.found.rows.accepted or self.found.leads or self.found.lists)


def chosen(names: Iterable[str]) -> list[Connector]:
    """Return the connectors of these names, all where none is named.

    Raises:
        LeadtimeError: There is no such connector.
    """
    by_name = {c.name: c for c in CONNECTORS}
    for name in names:
        if name not in by_name:
            raise unknown_name("connector", name, by_name)
    return [c for c in CONNECTORS if c.name in set(names)] if names else list(CONNECTORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where files come from.

    Args:
        place: Where downloads are kept.
        given: Files instead of the network, which is then not touched.
        contact: How the servers can reach who asks.
        wait_s: Seconds before a server is asked a second time.
    """

    place: Path
    given: Path | None = None
    contact: str = ""
    wait_s: float = 1.0


def update(
    connectors: list[Connector],
    day: dt.date,
    origin: Origin,
    *,
    with_headlines: bool = True,
    against: Path | None = None,
    progress: Progress = lambda text, done: None,
) -> Update:
    """Return what connectors bring, and what it does to the headlines.

    Args:
        connectors: Who is asked.
        day: Today, and the day of copies that are given.
        origin: Where the files come from.
        with_headlines: Whether the headlines are computed before and after.
        against: The study whose lists of parties are compared with those brought.
        progress: Called with a text and a fraction done.

    Raises:
        LeadtimeError: Nothing could be read at all.
    """
    evidence = Evidence.load(as_of=dt.date.max)
    progress("files", 0.05)
    if origin.given is not None:
        every, failed = files.given(origin.given, day)
        brought, unread = gather.sorted_by_connector(every, connectors)
        unread = [*failed, *unread]
        failed = []
    else:
        unread = []
        brought, failed = bring.bring(
            connectors, evidence, day, origin.place, contact=origin.contact, wait_s=origin.wait_s
        )
        if not brought:
            what = (
                "nothing could be brought"
                if failed
                else "the connectors chosen have no address: their files come by hand"
            )
            why = f": {failed[0].file}: {failed[0].reason}" if failed else ""
            raise LeadtimeError(
                f"{what}{why}",
                fix="Offline, name a folder with the files: `leadtime update --from DIR`.",
            )
    progress("rows", 0.25)
    found = gather.gather(brought, evidence, connectors, day, failed=failed, unread=unread)
    progress("headlines before and after", 0.5)
    moved = headlines.moved(evidence, found.rows.accepted, day) if with_headlines else None
    progress("done", 1.0)
    lists = relisted(found.lists, against)
    return Update(
        day=day,
        found=found,
        moved=moved,
        lists=lists,
        text=markdown.text(found, moved, lists, evidence, str(day)),
        stamp=evidence.stamp_by(day),
    )
