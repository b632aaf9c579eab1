"""What lists of parties say of an end user and its owners."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Column, Row, Table
from leadtime.answers.lagging import capital
from leadtime.answers.plain import plain
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.screening import Screening


def screened(
    rules: "Rulebook", party: str | None, owners: Sequence[str], on: dt.date, lists: Iterable[Path] = ()
) -> "Screening | None":
    """Return what the lists in `lists/` of the study, and those given, say of a party, or None if nothing is asked.

    Raises:
        LeadtimeError: A list that cannot be read, no name, an owner without a share.
    """
    named = tuple(lists)
    if not (party or owners or named):
        return None
    if not party or not party.strip():
        raise LeadtimeError(
            "no party was named", where="--party", fix="Name the party that the owners and lists belong to."
        )
    from leadtime.rules.screening import screen

    screener = rules.parties_with(named) if named else rules.parties
    return screen(screener, party, [_share(o) for o in owners], on)


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.rpartition("=")
    try:
        value = float(share.strip().removesuffix("%")) / (100 if share.strip().endswith("%") else 1)
    except ValueError:
        value = float("nan")
    if not name.strip() or not 0 < value <= 1:
        raise LeadtimeError(
            f"{text[:80]!r} does not name an owner and a share", where="--owner", fix="Write it as Name=60%."
        )
    return name.strip(), value


def _names(row: Row) -> str:
    return f"{row['asked']} {'is' if row['is_sure'] else 'may be'} {row['name']}"


def _listed(row: Row) -> str:
    since = f", since {row['start']}" if row["start"] else ""
    until = f", until {row['end']}" if row["end"] else ""
    return f"{row['source']}{since}{until}{', ' + row['notice'] if row['notice'] else ''}"


_MATCHED = (
    Column(key="name", title="Who", say=_names),
    Column(key="source", title="List", say=_listed),
    Column(key="policy", title="Review"),
    Column(key="score", title="Likeness, of 100", kind="number", digits=0),
)


def matches(s: "Screening | None", name: str = "rows") -> Table:
    """Return the names on lists that a party or an owner is, or may be, on the day."""
    return Table(
        name=name, title="On lists" if name != "rows" else "", rows=plain(s.matches) if s else [], columns=_MATCHED
    )


def more(s: "Screening | None") -> tuple[Table, ...]:
    """Return the same that do not hold on the day, and the lists that were read."""
    read = (
        Column(key="name", title="List that was read"),
        Column(key="n_entries", title="Parties", kind="number", digits=0),
        Column(key="day", title="Of", kind="day"),
    )
    return (
        Table(name="later", title="Not on the list on that day", rows=plain(s.later) if s else [], columns=_MATCHED),
        Table(name="lists", title="Lists", rows=plain(s.lists) if s else [], columns=read),
    )


def whether(s: "Screening") -> dict[str, Any]:
    """Return whether a party is listed, in a sentence and by list."""
    from leadtime.rules.screening_told import told

    keys = ("listed", "owned_by_listed", "on_other_list")
    return {"headline": told(s), **{k: getattr(s, k) for k in keys}}


def said(s: "Screening") -> tuple[str, ...]:
    """Return what was read and what is open, as sentences; a name stays as it is spelled."""
    return tuple(f"{line if '.' in line.split(' ')[0] else capital(line)}." for line in s.said)
