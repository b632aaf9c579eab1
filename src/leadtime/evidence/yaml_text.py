"""YAML that says what it means: each key once, nothing that stands for something else, no types but those of its own."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from leadtime.errors import LeadtimeError


class _Plain(Composer):
    """Refuses aliases, of which a few lines can mean gigabytes, and types asked for by a tag."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent):
            raise ComposerError(None, None, "an alias (*name); write the value out", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise ComposerError(None, None, f"a tag ({event.tag}); write the value without", event.start_mark)
        return super().compose_node(parent, index)


def load(path: Path, reader: YAML | None = None, *, fix: str) -> Any:
    """Return what a YAML file holds.

    Args:
        path: The file, in UTF-8.
        reader: How scalars are read; default as YAML's own types.
        fix: What is expected of such a file, for messages.

    Raises:
        LeadtimeError: It cannot be read or is not such YAML, with the line.
    """
    reader = reader or YAML(typ="safe", pure=True)
    reader.Composer = _Plain
    reader.allow_duplicate_keys = False
    try:
        return reader.load(path.read_bytes().decode("utf-8-sig"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        what = f"cannot be read: {error.problem or error.context or 'not YAML'}"
        raise LeadtimeError(" ".join(what.split()), where=f"{path}{line}", fix=fix) from None
    except UnicodeDecodeError as error:
        raise LeadtimeError(f"cannot be read: byte {error.start} is not UTF-8", where=str(path), fix=fix) from None
    except (YAMLError, OSError) as error:
        raise LeadtimeError(f"cannot be read: {' '.join(str(error).split())}", where=str(path), fix=fix) from None
    except RecursionError:
        raise LeadtimeError("cannot be read: it is nested too deeply", where=str(path), fix=fix) from None
    except (ValueError, TypeError, OverflowError, AttributeError, IndexError, KeyError, AssertionError) as error:
        # what looks like a date or a number and is none: 2026-02-30
        raise LeadtimeError(f"cannot be read: {' '.join(str(error).split())}", where=str(path), fix=fix) from None
