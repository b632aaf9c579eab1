"""What every output looks like: one JSON Schema (2020-12) for each, in the file of its name, and what gives it."""

import copy
import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from leadtime.errors import unknown_name

Schema = dict[str, Any]
#: How one file refers to another: by its id, as seen from its own.
_OTHER = re.compile(r"^\.\./leadtime\.(?P<name>[a-z-]+)/\d+(?:#(?P<rest>.*))?$")


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of all schemas, in order."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.json")))


@functools.cache
def _read(name: str) -> Schema:
    found: Schema = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return found


def read(name: str) -> Schema:
    """Return a schema as its file has it: others that it refers to are named, not in it.

    Raises:
        LeadtimeError: There is no schema of that name.
    """
    if name not in names():
        raise unknown_name("schema", name, names())
    return copy.deepcopy(_read(name))


def bundled(name: str) -> Schema:
    """Return a schema with all that it refers to in its `$defs`, so that it stands alone.

    Raises:
        LeadtimeError: There is no schema of that name.
    """
    whole: Schema = _pointed(read(name), "", "#/$defs/")
    others = {n: _inner(n, "#/$defs/") for n in _reached([name]) if n != name}
    return whole | ({"$defs": whole.get("$defs", {}) | others} if others else {})


def components(wanted: Iterable[str]) -> dict[str, Schema]:
    """Return schemas, with all that they refer to, as the components of an OpenAPI description."""
    return {n: _inner(n, "#/components/schemas/") for n in _reached(wanted)}


def given_by(what: str) -> str | None:
    """Return the name of the schema of what a command, an address or a file gives, or None."""
    return next((n for n in names() if what in _read(n)["x-given-by"]), None)


def _inner(name: str, place: str) -> Schema:
    """Return a schema as a part of another document."""
    found = _pointed(read(name), f"{place}{name}", place)
    return {k: v for k, v in found.items() if k not in ("$schema", "$id", "x-given-by")}


def _pointed(value: Any, own: str, place: str) -> Any:
    """Return a schema whose references are pointers: to its own parts below `own`, to others below `place`."""
    if isinstance(value, list):
        return [_pointed(v, own, place) for v in value]
    if not isinstance(value, dict):
        return value
    found = {k: _pointed(v, own, place) for k, v in value.items()}
    target = value.get("$ref")
    if isinstance(target, str):
        other = _OTHER.match(target)
        found["$ref"] = (
            f"{place}{other['name']}{other['rest'] or ''}" if other else f"{own}{target[1:]}" if own else target
        )
    return found


def _reached(wanted: Iterable[str]) -> list[str]:
    """Return the names of schemas and of all that they refer to, each once."""
    found: dict[str, None] = {}
    todo = list(wanted)
    while todo:
        if (name := todo.pop(0)) not in found:
            found[name] = None
            todo += [other["name"] for target in _references(_read(name)) if (other := _OTHER.match(target))]
    return list(found)


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [r for v in value for r in _references(v)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [r for v in value.values() for r in _references(v)]
