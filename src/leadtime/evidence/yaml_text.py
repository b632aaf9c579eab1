"""YAML that anyone may have written: plain data, or what is wrong with it, in bounded time."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadtime import stranger, unseen
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from ruamel.yaml import YAML

#: A file may be this long, nested this deep, and hold this many values, which take a second in 30,000; the longest that
#: ships has 20,000 characters and a depth of six.
MOST_CHARACTERS, MOST_DEPTH, MOST_VALUES = 1_000_000, 20, 20_000
MOST_BYTES = 4 * MOST_CHARACTERS
#: What the reader raises for what looks like a date or a number and is none, such as 2025-02-30.
_ODD = (ValueError, TypeError, OverflowError, AttributeError, IndexError, KeyError, AssertionError, RecursionError)


def load(path: Path, *, fix: str, within: Path | None = None, as_written: bool = False) -> Any:
    """Return what a YAML file holds: mappings, lists, texts, numbers, dates, nothing else.

    Args:
        path: The file.
        fix: What to do when it cannot be read.
        within: The folder that it must lie in (see `stranger.read`).
        as_written: Keep every scalar as the text in the file, and the line of each record (`lc`).

    Raises:
        LeadtimeError: It cannot be read, is too long or nested too deep, or holds an alias or a tag; with the line.
    """
    text = stranger.text(path, most=MOST_BYTES, within=within, fix=fix)
    return parse(text, str(path), fix=fix, as_written=as_written)


def parse(text: str, where: str, *, fix: str, as_written: bool = False) -> Any:
    """Return what YAML text holds; `where` names it in errors. See `load`."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > MOST_CHARACTERS:
        raise LeadtimeError(
            f"has more than {MOST_CHARACTERS:,} characters", where=where, fix="Split it into several files."
        )
    try:
        return _reader(as_written=as_written).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        what = " ".join((error.problem or error.context or "not YAML").split())
        raise LeadtimeError(f"cannot be read: {what}", where=f"{where}{line}", fix=fix) from None
    except (YAMLError, *_ODD) as error:
        raise LeadtimeError(f"cannot be read: {' '.join(str(error).split())[:200]}", where=where, fix=fix) from None


def _refused(event: Any) -> str:
    """Return why a part of a document is not taken: it stands for another, names a type, changes how all is read, or
    holds what nobody sees.
    """
    from ruamel.yaml.events import AliasEvent

    if isinstance(event, AliasEvent):
        return "an alias (*name): write the value out"
    if getattr(event, "tag", None) is not None:
        return f"a tag ({event.tag[:40]}): leave it out"
    if getattr(event, "anchor", None) is not None:
        return f"an anchor (&{event.anchor[:40]}) for an alias: write the value out"
    if unseen.holds_any(getattr(event, "value", "")):
        return f"a control character, or another that nobody sees, in {unseen.shown(event.value)[:40]!r}: leave it out"
    return (
        "a line that begins with %: leave it out"
        if getattr(event, "version", None) or getattr(event, "tags", None)
        else ""
    )


def _reader(*, as_written: bool) -> "YAML":
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer, ComposerError
    from ruamel.yaml.constructor import RoundTripConstructor

    class Plain(Composer):
        """Takes what stands in the file for what it is: no part stands for another, none names a type."""

        depth = n_values = 0

        def compose_document(self) -> Any:
            event = self.parser.peek_event()
            if why := _refused(event):
                raise ComposerError(None, None, why, event.start_mark)
            return super().compose_document()

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.parser.peek_event()
            if why := _refused(event):
                raise ComposerError(None, None, why, event.start_mark)
            self.n_values += 1
            if self.n_values > MOST_VALUES:
                raise ComposerError(None, None, f"more than {MOST_VALUES:,} values", event.start_mark)
            if self.depth >= MOST_DEPTH:
                raise ComposerError(None, None, f"nested deeper than {MOST_DEPTH}", event.start_mark)
            self.depth += 1
            try:
                return super().compose_node(parent, index)
            finally:
                self.depth -= 1

    class AsWritten(RoundTripConstructor):
        """Keeps every scalar as the text in the file: 4E091 is a paragraph, not a number; the schema gives types."""

    for kind in ("timestamp", "float", "int", "bool", "value", "merge"):
        AsWritten.add_constructor(f"tag:yaml.org,2002:{kind}", lambda constructor, node: str(node.value))
    reader = YAML(typ="rt") if as_written else YAML(typ="safe", pure=True)
    reader.Composer = Plain
    if as_written:
        reader.Constructor = AsWritten
    reader.allow_duplicate_keys = False
    return reader
