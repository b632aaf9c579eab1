"""Editions: the numbers of the first page as they stood at the ends of months, kept unchanged; and what moved since the
last.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.report.front import front

if TYPE_CHECKING:
    from leadtime.study import Study

DATA = Path(__file__).parent / "data" / "editions.json"
#: So many ends of months are kept.
KEPT = 3
#: Tables whose new rows are counted.
TABLES = ("scores", "models", "shipments", "rule_events", "training_runs", "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of the first page: its key, its words, its value and its chance as they are said."""

    name: str
    words: str
    value: str
    chance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The first page as it could be written on a day, with the hash of the evidence of that day."""

    as_of: dt.date
    evidence_hash: str
    version: str
    answer: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A number that is told otherwise than before: its words, and its value and chance then and now."""

    words: str
    before: str
    now: str


def of(study: "Study") -> Edition:
    """Return the edition of a study's day."""
    found, stamp = front(study), study.stamp
    numbers = tuple(Number(name=m.name, words=m.words, value=m.value, chance=m.chance) for m in found.measures)
    return Edition(
        as_of=study.as_of,
        evidence_hash=stamp["evidence_hash"],
        version=stamp["version"],
        answer=found.answer,
        numbers=numbers,
    )


def save(study: "Study") -> Path:
    """Write the editions of the last ends of months, as they could be known on these days, and return the file."""
    from leadtime.study import Study

    made = [of(Study(day)) for day in month_ends(study.as_of)]
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text(
        json.dumps([asdict(e) for e in made], indent=1, default=str, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return DATA


def month_ends(day: dt.date, n: int = KEPT) -> list[dt.date]:
    """Return the last days of the n months before that of a day, the earliest first."""
    found, first = list[dt.date](), day.replace(day=1)
    for _ in range(n):
        last = first - dt.timedelta(days=1)
        found.append(last)
        first = last.replace(day=1)
    return found[::-1]


def stored() -> tuple[Edition, ...]:
    """Return the editions that are kept, the earliest first; none where the file is missing."""
    if not DATA.is_file():
        return ()
    return tuple(
        Edition(
            as_of=dt.date.fromisoformat(e["as_of"]),
            evidence_hash=e["evidence_hash"],
            version=e["version"],
            answer=e["answer"],
            numbers=tuple(Number(**n) for n in e["numbers"]),
        )
        for e in json.loads(DATA.read_text(encoding="utf-8"))
    )


def last_before(day: dt.date) -> Edition:
    """Return the last edition before a day.

    Raises:
        LeadtimeError: There is no earlier edition.
    """
    earlier = [e for e in stored() if e.as_of < day]
    if not earlier:
        raise LeadtimeError("there is no edition from before this day", fix="Choose a later day.")
    return earlier[-1]


def moved(before: Edition, now: Sequence[Number]) -> list[Moved]:
    """Return the numbers that are told otherwise, in the order of today's page; one that is new or gone is
    said to be.
    """
    old = {n.name: n for n in before.numbers}
    found = []
    for n in now:
        was = old.pop(n.name, None)
        if was is None:
            found.append(Moved(words=n.words, before="not told", now=n.value))
        elif was.value != n.value:
            found.append(Moved(words=n.words, before=was.value, now=n.value))
    found += [Moved(words=n.words, before=n.value, now="not told") for n in old.values()]
    return found


def new_rows(study: "Study", since: dt.date) -> list[tuple[str, int]]:
    """Return how many rows of each table became known after a day; tables without any are left out."""
    counted = [(t, study.evidence[t].filter(pl.col("known_on") > since).height) for t in TABLES]
    return [(t, n) for t, n in counted if n]


def numbers_of(measures: Sequence[Any]) -> list[Number]:
    """Return the measures of a first page as an edition keeps them."""
    return [Number(name=m.name, words=m.words, value=m.value, chance=m.chance) for m in measures]
