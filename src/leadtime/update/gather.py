"""Files to a proposal's rows: each connector reads its own, models nobody knew enter provisionally, and all is held
against the evidence.
"""

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers import epoch
from leadtime.importers.names import Names
from leadtime.importers.outcome import Refused
from leadtime.importers.rows import Candidates, Sorted, sort_out
from leadtime.update import editions
from leadtime.update.connector import PROVISIONAL, Connector, File, Gathered, Known, Lead, Mention, PartyList
from leadtime.update.newcomers import Newcomers, as_candidates, extended, newcomers
from leadtime.update.plainly import require_no_page

T = TypeVar("T")
#: What can name a model, an organization or a test; a newcomer that none of these names is left out.
_NAMED_BY = {
    "models": (("scores", "model"), ("published", "subject")),
    "organizations": (
        ("models", "organization"),
        ("scores", "evaluator"),
        ("training_runs", "organization"),
        ("published", "published_by"),
    ),
    "benchmarks": (("scores", "benchmark"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of one connector.

    Args:
        name: The connector.
        title: Whose files it reads.
        n_files: How many it read.
        n_rows: How many rows those had for tables.
        failed: What could not be brought or read at all.
    """

    name: str
    title: str
    n_files: int
    n_rows: int
    failed: list[Refused]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What all files came to.

    Args:
        rows: Taken, known, set aside, refused.
        new: The models that nobody knew.
        leads: Documents to read.
        lists: Lists of parties.
        asked: The connectors.
        conflicts: Sentences on what cannot both be true.
        unread: Files that no connector reads.
        files: Those that were read.
    """

    rows: Sorted
    new: Newcomers
    leads: list[Lead]
    lists: list[PartyList]
    asked: list[Asked]
    conflicts: list[str]
    unread: list[Refused]
    files: list[File] = field(default_factory=list)


def sorted_by_connector(
    files: Iterable[File], connectors: Iterable[Connector]
) -> tuple[dict[str, list[File]], list[Refused]]:
    """Return files by the first connector that recognizes each, and those that none does."""
    mine: dict[str, list[File]] = {}
    unread: list[Refused] = []
    known = list(connectors)
    for file in files:
        found = next((c for c in known if c.recognizes(file)), None)
        if found is None:
            unread.append(
                Refused(file=file.name, row="", reason=_unlike(file) or "no connector reads files of this shape")
            )
        else:
            mine.setdefault(found.name, []).append(file)
    return mine, unread


def gather(
    brought: dict[str, list[File]],
    evidence: Evidence,
    connectors: Iterable[Connector],
    day: dt.date,
    *,
    failed: Iterable[Refused] = (),
    unread: Iterable[Refused] = (),
) -> Gathering:
    """Return what the files of each connector come to.

    Args:
        brought: Files by connector.
        evidence: All evidence, of every day.
        connectors: Who reads.
        day: Today.
        failed: What could not be brought, its file beginning with the connector's name.
        unread: Files that no connector reads.
    """
    known_connectors = list(connectors)
    lost: dict[str, list[Refused]] = {c.name: [] for c in known_connectors}
    for r in failed:
        lost.setdefault(r.file.split("/")[0], []).append(r)
    sound = {c.name: [f for f in brought.get(c.name, []) if _is_sound(f, c, lost[c.name])] for c in known_connectors}
    mentions: list[Mention] = []
    for c in known_connectors:
        mentions += _tried(functools.partial(c.mentions, sound[c.name]), [], c, lost)
    efforts = epoch.rules()["efforts"]
    new = newcomers(mentions, evidence, Names.of(evidence, efforts), day)
    wider = extended(evidence, new)
    known = Known(evidence=wider, names=Names.of(wider, efforts, new.renamed), renamed=new.renamed)
    got, asked = Gathered(), []
    for c in known_connectors:
        read = functools.partial(c.read, sound[c.name], known)
        one = _tried(read, Gathered(), c, lost) if sound[c.name] else Gathered()
        got.add(one)
        n_rows = sum(p.rows.height for p in one.found if p.table != "sources") + sum(len(x.entries) for x in one.lists)
        asked.append(Asked(name=c.name, title=c.title, n_files=len(sound[c.name]), n_rows=n_rows, failed=lost[c.name]))
    found, conflicts = editions.held(got.found, evidence)
    found = [c for c in found if not _is_known_source(c, evidence)]
    used = _named(found)
    rows = sort_out(
        [*as_candidates(new, used, day), *found],
        evidence,
        notes=got.notes,
        refused=got.refused,
        n_files=sum(map(len, sound.values())),
    )
    rows = _named_only(rows, new)
    taken = set(rows.accepted["models"]["id"]) if "models" in rows.accepted else set()
    new.models = [n for n in new.models if n.id in taken]
    return Gathering(
        rows=rows,
        new=new,
        leads=got.leads,
        lists=got.lists,
        asked=asked,
        conflicts=conflicts,
        unread=list(unread),
        files=[f for fs in sound.values() for f in fs],
    )


def _is_sound(file: File, c: Connector, lost: list[Refused]) -> bool:
    """Return whether a file can be handed to its connector; tell it where not."""
    why = _unlike(file) or (
        "" if c.recognizes(file) else "is of another shape than before: no column or field that tells what it is"
    )
    if why:
        lost.append(Refused(file=f"{c.name}/{file.name}" if file.url else file.name, row="", reason=why))
    return not why


def _unlike(file: File) -> str:
    """Return what a file is instead of data, empty if it may be data."""
    if not file.content.strip():
        return "is empty"
    try:
        require_no_page(file.content[:2000].decode("utf-8-sig", errors="replace"))
    except LeadtimeError as error:
        return f"{error.what}: {error.fix}"
    return ""


def _tried(read: Callable[[], T], instead: T, c: Connector, lost: dict[str, list[Refused]]) -> T:
    """Return what a connector gives; where it fails, whatever the reason, that is told and the others go on."""
    try:
        return read()
    except LeadtimeError as error:
        lost[c.name].append(Refused(file=error.where or c.name, row="", reason=error.what))
    except Exception as error:
        lost[c.name].append(
            Refused(
                file=c.name,
                row="",
                reason=f"its files could not be read ({type(error).__name__}: {str(error)[:120]}); please report it",
            )
        )
    return instead


def _is_known_source(c: Candidates, evidence: Evidence) -> bool:
    """Return whether rows are only the declaration of a source that the evidence has: however it is described there, it
    is that one.
    """
    return c.table == "sources" and set(c.rows["_row"]) == {0} and set(c.rows["id"]) <= set(evidence["sources"]["id"])


def _named(found: Iterable[Candidates]) -> set[str]:
    """Return the models that scores or published figures name: what a model's training took does not bring it
    in alone.
    """
    named: set[str] = set()
    for c in found:
        if c.table in ("scores", "published"):
            sound = c.rows.filter(pl.col("_aside").is_null()) if "_aside" in c.rows.columns else c.rows
            named |= set(sound["model" if c.table == "scores" else "subject"].drop_nulls())
    return named


def _named_only(rows: Sorted, new: Newcomers) -> Sorted:
    """Leave out provisional rows that nothing accepted names, and sources that none is left of."""
    accepted = dict(rows.accepted)
    for table in ("models", "organizations", "benchmarks"):
        if table not in accepted:
            continue
        named: set[str] = set()
        for other, column in _NAMED_BY[table]:
            if other in accepted:
                named |= set(accepted[other][column].drop_nulls())
        is_ours = pl.col("note").fill_null("").str.starts_with(PROVISIONAL)
        accepted[table] = accepted[table].filter(~is_ours | pl.col("id").is_in(list(named)))
    sources = {s for t, r in accepted.items() if "source" in r.columns for s in r["source"].drop_nulls()}
    if "sources" in accepted:
        accepted["sources"] = accepted["sources"].filter(pl.col("id").is_in(list(sources)))
    return Sorted(
        accepted={t: r for t, r in accepted.items() if not r.is_empty()},
        tables=rows.tables,
        n_known=rows.n_known,
        aside=rows.aside,
        refused=rows.refused,
        notes=rows.notes,
        n_files=rows.n_files,
    )
