"""What a table declaration is made of: columns with types, units, ranges and references, and the columns all share."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "date", "number", "integer", "flag", "choice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Args:
        name: Column name; numeric columns carry their unit here or in `unit`.
        kind: What the cells hold.
        help: One sentence for the data dictionary.
        unit: Unit of a number.
        required: Whether an empty cell is refused.
        low: Least allowed number.
        high: Greatest allowed number.
        choices: Allowed words, for `choice`.
        refers_to: Table whose ids the cells must be among.
    """

    name: str
    kind: Kind
    help: str
    unit: str = ""
    required: bool = True
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    refers_to: str = ""

    @property
    def expected(self) -> str:
        """What a valid cell looks like, in words, for error messages."""
        words = {
            "id": "an id in lower-case kebab-case, such as deepseek-v3",
            "text": "text",
            "date": "a date such as 2025-01-29",
            "number": "a number",
            "integer": "a whole number",
            "flag": "true or false",
            "choice": "one of " + ", ".join(self.choices),
        }[self.kind]
        if self.low is not None or self.high is not None:
            words += (
                f" between {self.low:g} and {self.high:g}" if self.high is not None else f" of {self.low:g} or more"
            )
        return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One evidence table: its name, what a row is, its columns, its key, and the folder of its file."""

    name: str
    help: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)
    folder: str = ""

    def column(self, name: str) -> Column:
        """Return the column called `name`."""
        return next(c for c in self.columns if c.name == name)

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in file order."""
        return [c.name for c in self.columns]


SOURCE = Column(name="source", kind="id", help="Who stated the fact: an id in `sources`.", refers_to="sources")
READ_IN = Column(
    name="read_in",
    kind="id",
    help="Where it was really read: an id in `sources`; empty when in the source itself.",
    refers_to="sources",
    required=False,
)
KNOWN_ON = Column(name="known_on", kind="date", help="The day the fact became public; `as_of` filters on it.")
DATED_BY = Column(
    name="dated_by",
    kind="choice",
    help=(
        "How that day is known. published: the publication states it; page: the page read shows it; history: the"
        " history of a repository or archive shows it; estimated: from how long such scores take, between known_from"
        " and known_by; copy: only by then, from the day of a copy or from what must have come later."
    ),
    choices=("published", "page", "history", "estimated", "copy"),
    required=False,
)
NOTE = Column(name="note", kind="text", help="Anything a reader must know about this row.", required=False)
CONFIDENCE = Column(
    name="confidence",
    kind="choice",
    help="How sure the curator is.",
    choices=("high", "medium", "low"),
    required=False,
)
ID = Column(name="id", kind="id", help="The name used in commands and in the other tables.")
NAME = Column(name="name", kind="text", help="The name as its maker writes it.")
ALIASES = Column(name="aliases", kind="text", help="Names others use, separated by |.", required=False)
