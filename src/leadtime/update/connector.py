"""What every connector is: who publishes, where, which files are theirs, and what those bring."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.folder import provisional
from leadtime.importers.names import Names
from leadtime.importers.outcome import Note, Refused
from leadtime.importers.rows import Candidates, candidates
from leadtime.rules.screening_lists import Entry

#: How the note of every row begins that only a file stands for; `leadtime check` lists them.
PROVISIONAL = provisional.MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a publisher.

    Args:
        name: Its name, with folders.
        content: Its bytes.
        day: The day of this copy: what has no day of its own was public by then.
        url: Where it was brought from; empty for a file that was given.
    """

    name: str
    content: bytes
    day: dt.date
    url: str = ""


class Address(NamedTuple):
    """Where one file of a publisher is: a name for it here, and the address."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What a file tells of a model, beside its scores, empty if it tells nothing.

    Args:
        file: The file.
        row: The row in it.
        name: The model as the file writes it, perhaps with an effort at its end.
        group: The model of which that is a version, as the publisher says.
        organization: Who made it.
        country: Of the maker, as written.
        released_on: The day of release, as written.
        access: How it can be used, in the publisher's words.
        source: The row of `sources` that the file is.
    """

    file: str
    row: str
    name: str
    group: str = ""
    organization: str = ""
    country: str = ""
    released_on: str = ""
    access: str = ""
    source: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A document that may be a rule and that no row of the log of rules cites: for a person to read."""

    number: str
    title: str
    kind: str
    published_on: str
    effective_on: str
    citation: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What rows may refer to.

    Args:
        evidence: All tables, with the newcomers of this update.
        names: What is called how, those of the newcomers among it.
        renamed: Names in files to ids of models that the evidence did not know under them.
    """

    evidence: Evidence
    names: Names
    renamed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyList:
    """A list of parties, for the folder `lists/` of a study: it enters no table.

    Args:
        name: Its name there.
        content: Its bytes, as they came.
        day: The day of the copy.
        url: Where it was brought from; empty for a file that was given.
        entries: The parties; none of a file of other names, which go to the parties of another.
    """

    name: str
    content: bytes
    day: dt.date
    url: str
    entries: tuple[Entry, ...]


@dataclass(slots=True)
class Gathered:
    """What files came to, before it is held against the evidence."""

    found: list[Candidates] = field(default_factory=list)
    lists: list[PartyList] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)

    def add(self, other: "Gathered") -> None:
        """Add what other files came to."""
        self.found += other.found
        self.lists += other.lists
        self.notes += other.notes
        self.refused += other.refused
        self.leads += other.leads


class Connector(Protocol):
    """One publisher."""

    @property
    def name(self) -> str:
        """Its name, for `--only`."""

    @property
    def title(self) -> str:
        """Whose files it reads, and what is in them."""

    @property
    def gives(self) -> tuple[str, ...]:
        """Tables that it has rows for."""

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return where the files are; none if they come by hand only."""

    def recognizes(self, file: File) -> bool:
        """Return whether a file looks like this publisher's."""

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return what the files tell of models."""

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return what the files bring; a file that is no use is among the refused, and the others count."""


def each(files: Iterable[File], read: Callable[[File], Gathered]) -> Gathered:
    """Return what all files bring; one that cannot be read is refused whole, and does not stop the others."""
    all_of_them = Gathered()
    for file in files:
        try:
            all_of_them.add(read(file))
        except LeadtimeError as error:
            fix = f" ({error.fix})" if error.fix else ""
            all_of_them.refused.append(Refused(file=file.name, row="", reason=f"{error.what}{fix}"))
        except Exception as error:
            why = f"could not be read ({type(error).__name__}: {str(error)[:120]}); please report it"
            all_of_them.refused.append(Refused(file=file.name, row="", reason=why))
    return all_of_them


def rows_for(
    table: str, file: File, rows: list[dict[str, Any]], source: dict[str, str], *, dated_by: str = "copy"
) -> list[Candidates]:
    """Return rows for a table with their source; cells are text, and the columns that say how a row was read are filled
    where the table has them.

    Args:
        table: Name of the table.
        file: Where they come from; a row may name its place in it in `_row`.
        rows: Cells by column.
        source: Row of `sources` that they name.
        dated_by: How the day of a row is known unless the row says so.
    """
    columns = set(TABLES[table].column_names)
    beside = {"source": source["id"], "known_on": str(file.day), "dated_by": dated_by}
    out = []
    for n, row in enumerate(rows, 1):
        whole = {**beside, "_row": n, "_aside": None, **row}
        whole = {k: v for k, v in whole.items() if k in columns or k.startswith("_")}
        out.append({k: v if v is None or k == "_row" else _text(v) for k, v in whole.items()})
    return candidates(table, file.name, out, source)


def _text(value: Any) -> str:
    return (
        str(value).lower() if isinstance(value, bool) else f"{value:.12g}" if isinstance(value, float) else str(value)
    )
