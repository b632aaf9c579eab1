"""Kinds of values that questions take: how each is read from text, described to programs, and offered to people.

A kind reads in two steps. `parse` needs nothing but the text, so a door can refuse a slip at once. `resolve` finds what
a name stands for in the evidence that is asked; other kinds are done after the first step.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime import unseen
from leadtime.errors import LeadtimeError

Schema = dict[str, Any]
#: A text may be so long where a kind says nothing else.
MOST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Text of a line; what other kinds differ in, they say.

    Args:
        most: The longest text.
    """

    most: int = MOST_TEXT

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "TEXT"

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return f"a text of up to {self.most} characters"

    @property
    def control(self) -> str:
        """The control of a form: text, textarea, number, date, checkbox, select, or datalist for a text with
        suggestions.
        """
        return "text"

    @property
    def parted(self) -> bool:
        """Whether several may stand in one text, parted by commas."""
        return False

    def parse(self, value: Any) -> Any:
        """Return a value from text, or from a value that is of the kind already.

        Raises:
            LeadtimeError: It is not of the kind.
        """
        if not isinstance(value, str):
            raise self.refused(value)
        if len(value) > self.most:
            raise LeadtimeError(f"a text of {len(value):,} characters is too long", fix=f"Expected {self.expected}.")
        if unseen.holds_any(value):
            what = f"{value[:80]!r} has a control character, or another that nobody can see"
            raise LeadtimeError(what, fix="Type it again.")
        return value

    def resolve(self, value: Any, subject: Any) -> Any:
        """Return what a parsed value stands for in the evidence of `subject`."""
        return value

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        return {"type": "string", "maxLength": self.most}

    def offered(self) -> tuple[str, ...]:
        """Return the values to complete or to choose from; found without loading a table library."""
        return ()

    def refused(self, value: Any) -> LeadtimeError:
        """Return the error of a value that is not of the kind."""
        shown = str(value)
        return LeadtimeError(
            f"{shown[:80]!r} is not {self.expected.partition(',')[0]}", fix=f"Expected {self.expected}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Kind):
    """Text of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(Kind):
    """The text of a file. On the command line the file itself is named, and a form takes it too."""

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "FILE"

    @property
    def control(self) -> str:
        """The control of a form."""
        return "textarea"

    def parse(self, value: Any) -> str:
        """Return the text; of a path, what the file holds.

        Raises:
            LeadtimeError: It is too long, or there is no such file.
        """
        if isinstance(value, Path):
            from leadtime import stranger

            return str(stranger.text(value))
        return str(Kind.parse(self, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Kind):
    """Yes or no."""

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return "true or false"

    @property
    def control(self) -> str:
        """The control of a form."""
        return "checkbox"

    def parse(self, value: Any) -> bool:
        """Return whether it is so.

        Raises:
            LeadtimeError: It is neither yes nor no.
        """
        known = {
            "true": True,
            "1": True,
            "on": True,
            "yes": True,
            "false": False,
            "0": False,
            "off": False,
            "no": False,
        }
        found = value if isinstance(value, bool) else known.get(str(value).casefold())
        if found is None:
            raise self.refused(value)
        return found

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Kind):
    """One of a few words."""

    of: tuple[str, ...] = ()

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return "|".join(self.of)

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return f"one of {', '.join(self.of)}"

    @property
    def control(self) -> str:
        """The control of a form."""
        return "select"

    def parse(self, value: Any) -> str:
        """Return the word.

        Raises:
            LeadtimeError: It is not one of them.
        """
        if value not in self.of:
            raise LeadtimeError(f"there is no {str(value)[:80]!r} here", fix=f"Expected {self.expected}.")
        return str(value)

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        return {"type": "string", "enum": list(self.of)}

    def offered(self) -> tuple[str, ...]:
        """Return the words."""
        return self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Kind):
    """A file or folder of the person who asks; only questions that are `local` take one.

    Args:
        word: What stands for a value in a usage line.
    """

    word: str = "FILE"

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return self.word

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return "a file or folder"

    def parse(self, value: Any) -> Path:
        """Return its path; whether it can be read is told when it is."""
        return Path(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Kind):
    """Two texts with an equal sign between them.

    Args:
        left: What the first is.
        right: What the second is.
        by_last: The last equal sign parts them, as the first may hold one.
    """

    most: int = 1000
    left: str = "NAME"
    right: str = "ID"
    by_last: bool = False

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return f"{self.left}={self.right}"

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return self.metavar

    def parse(self, value: Any) -> tuple[str, str]:
        """Return both.

        Raises:
            LeadtimeError: One of them is missing.
        """
        text = str(Kind.parse(self, value))
        first, equals, second = text.rpartition("=") if self.by_last else text.partition("=")
        if not (first and equals and second):
            what = f"{text!r} does not name both sides"
            raise LeadtimeError(what, fix=f"Expected {self.metavar}, such as {self._such()}.")
        return first, second

    def _such(self) -> str:
        return "openai/ours=our-model" if self.metavar == "NAME=ID" else f"{self.left.lower()}={self.right.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Kind):
    """A name of something: a model, a country, a side. `answers.names` knows what each stands for.

    Args:
        of: What is named, a key of `names.KINDS`.
    """

    of: str = ""

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return self.of.split()[-1].upper()

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return f"the name of a {self.of}"

    @property
    def control(self) -> str:
        """The control of a form."""
        from leadtime.answers.names import KINDS

        return "select" if KINDS[self.of].few else "datalist"

    def resolve(self, value: Any, subject: Any) -> Any:
        """Return the id that a name stands for.

        Raises:
            LeadtimeError: Nothing, or several, are called so.
        """
        from leadtime.answers.names import resolved

        return resolved(self.of, value, subject)

    def offered(self) -> tuple[str, ...]:
        """Return the names that are built in."""
        from leadtime.answers.names import offered

        return offered(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(Kind):
    """Several values of one kind; `names=a&names=b`, `--chip a --chip b`, or a list.

    Args:
        each: The kind of each.
        at_most: So many.
    """

    each: Kind = Text()
    at_most: int = 10

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""
        return self.each.metavar

    @property
    def expected(self) -> str:
        """What is expected, after "Expected"."""
        return f"up to {self.at_most} values, each {self.each.expected}"

    @property
    def control(self) -> str:
        """The control of a form."""
        return self.each.control

    def parse(self, value: Any) -> tuple[Any, ...]:
        """Return the values.

        Raises:
            LeadtimeError: There are too many, or one is not of the kind.
        """
        given: Iterable[Any] = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else value
        if self.each.parted:  # 0,0.5,1
            given = [part for v in given for part in (v.split(",") if isinstance(v, str) else (v,))]
        found = tuple(self.each.parse(v) for v in given)
        if len(found) > self.at_most:
            raise LeadtimeError(f"{len(found)} values are too many", fix=f"Expected up to {self.at_most}.")
        return found

    def resolve(self, value: Any, subject: Any) -> tuple[Any, ...]:
        """Return what each stands for."""
        return tuple(self.each.resolve(v, subject) for v in value)

    def schema(self) -> Schema:
        """Return the JSON Schema of a value."""
        return {"type": "array", "items": self.each.schema(), "maxItems": self.at_most}

    def offered(self) -> tuple[str, ...]:
        """Return the values to complete or to choose from."""
        return self.each.offered()
