"""What a list of parties that was brought changes against the one of the same name that was there."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from leadtime.errors import LeadtimeError
from leadtime.rules import screening_lists
from leadtime.rules.screening_lists import Entry
from leadtime.update.connector import PartyList

#: A list that shrinks to under this share of what it was may have been cut off.
_LEAST = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Relisted:
    """One list, and what is new in it.

    Args:
        file: Its name.
        day: The day of the copy.
        n_entries: Parties in it.
        newest: Newest first day of an entry.
        by_list: Parties by list within it, most first.
        compared: What it was held against, in words, empty if none was there.
        added: Parties that the earlier one has not, each with its list.
        removed: Parties that only the earlier one has.
        n_changed: Parties in both, of which names, days or policy differ.
        warning: That it may be cut off, or that the earlier one cannot be read; else empty.
    """

    file: str
    day: dt.date
    n_entries: int
    newest: dt.date | None
    by_list: tuple[tuple[str, int], ...]
    compared: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    n_changed: int
    warning: str


def relisted(lists: Iterable[PartyList], study: Path | None) -> list[Relisted]:
    """Return what each list holds, and what it changes.

    Args:
        lists: Those that were brought.
        study: The study whose `lists/` they are held against; None for none.
    """
    content, wrong = _there(study)
    return [_one(x, content, wrong) for x in lists if x.entries]


def _there(study: Path | None) -> tuple[dict[str, bytes], str]:
    """Return the lists of a study, or why they cannot be read."""
    if study is None:
        return {}, ""
    try:
        return {p.name: screening_lists.content_of(p, study) for p in screening_lists.in_study(study)}, ""
    except LeadtimeError as error:
        return {}, f"the lists that were there cannot be read: {error.what}"


def _one(new: PartyList, content: dict[str, bytes], wrong: str) -> Relisted:
    before: dict[tuple[str, str], Entry] | None = None
    if new.name in content:
        try:
            before = _by_key(screening_lists.entries_of(new.name, content))
        except LeadtimeError as error:
            wrong = f"the list that was there cannot be read: {error.what}"
    now = _by_key(new.entries)
    old = before or {}
    if len(now) < _LEAST * len(old):
        wrong = f"it has {len(now):,} parties, the list that was there {len(old):,}: it may be cut off"
    return Relisted(
        file=new.name,
        day=new.day,
        n_entries=len(new.entries),
        newest=max((e.start for e in new.entries if e.start), default=None),
        by_list=tuple(Counter(e.source for e in new.entries).most_common()),
        compared="" if before is None else f"the {len(old):,} parties of the list that was there",
        added=() if before is None else tuple(_said(k) for k in sorted(now.keys() - old.keys())),
        removed=tuple(_said(k) for k in sorted(old.keys() - now.keys())),
        n_changed=sum(now[k] != old[k] for k in now.keys() & old.keys()),
        warning=wrong,
    )


def _by_key(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    return {(e.name, e.source): e for e in entries}


def _said(key: tuple[str, str]) -> str:
    return f"{key[0]} ({key[1]})"
