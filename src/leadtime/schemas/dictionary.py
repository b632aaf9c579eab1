"""The data dictionary of outputs, from their schemas: what a key means and what it holds."""

import json
from collections.abc import Iterator
from typing import Any

from leadtime.schemas import read

Schema = dict[str, Any]
WORDS = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
    "null": "null",
}
FORMATS = {"date": "date, such as 2025-01-29", "date-time": "date and time"}


def keys(name: str) -> list[tuple[str, str, str]]:
    """Return the keys of an output, those of objects within it below them: key, meaning, and what it holds.

    Args:
        name: Name of its schema.

    Raises:
        LeadtimeError: There is no schema of that name.
    """
    found = read(name)
    return list(_rows(found, found, ""))


def _rows(value: Schema, root: Schema, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each key within a schema, those of objects within it below them."""
    value = _here(value, root)
    for part in [*value.get("allOf", ()), *value.get("anyOf", ())]:
        if part.get("type") == "null":
            continue
        known = _here(part, root)
        if other := _other(known):
            yield f"{path}*", f"The keys of {other}.", ""
            continue
        words = (
            known.get("items", {}).get("description", "")
            if known.get("type") == "array"
            else known.get("description", "")
        )
        words = words or _here(known.get("items", {}), root).get("description", "")
        if words and part in value.get("anyOf", ()):
            yield path.rstrip("."), words, ""
        yield from _rows(known, root, path)
    required = value.get("required", ())
    for key, inner in value.get("properties", {}).items():
        yield from _row(inner, root, f"{path}{key}", may_lack=key not in required)
    if isinstance(rest := value.get("additionalProperties"), dict) and rest.get("type") not in ("string", "number"):
        yield from _rows(rest, root, f"{path}*.")
    if isinstance(items := value.get("items"), dict):
        yield from _rows(items, root, f"{path.rstrip('.')}[].")


def _row(inner: Schema, root: Schema, path: str, *, may_lack: bool) -> Iterator[tuple[str, str, str]]:
    whole = _here(inner, root)
    meaning = inner.get("description") or whole.get("description", "")
    yield path, meaning, _holds(whole) + ("; may be absent" if may_lack else "")
    if not _other(whole):
        yield from _rows(whole, root, f"{path}.")


def _here(value: Schema, root: Schema) -> Schema:
    """Return a schema, or the part of the same file that it refers to."""
    target = value.get("$ref", "")
    if not target.startswith("#"):
        return value
    found: Schema = root
    for key in target[2:].split("/"):
        found = found[key]
    return found | {k: v for k, v in value.items() if k != "$ref"}


def _other(value: Schema) -> str:
    """Return the name of the schema that this one is, if it is another's."""
    return (
        value["$ref"].removeprefix("../leadtime.").partition("/")[0] if value.get("$ref", "").startswith("..") else ""
    )


def _holds(value: Schema) -> str:
    """Return in words what a key holds."""
    parts = [value, *value.get("allOf", ()), *value.get("anyOf", ())]
    if other := next((o for o in map(_other, parts) if o), ""):
        null = "; may be null" if {"type": "null"} in parts else ""
        return f"as {other}{null}"
    if "const" in value:
        return json.dumps(value["const"])
    if "enum" in value:
        return ", ".join(json.dumps(v) for v in value["enum"])
    kinds = [value["type"]] if isinstance(value.get("type"), str) else value.get("type", [])
    words = " or ".join(_words(k, value) for k in kinds if k != "null") or (
        "object" if "allOf" in value else "any of the following" if "anyOf" in value else "any value"
    )
    return words + ("; may be null" if "null" in kinds else "")


def _words(kind: str, value: Schema) -> str:
    if kind == "string" and value.get("format") in FORMATS:
        return FORMATS[value["format"]]
    if kind == "array" and isinstance(inner := value.get("items"), dict) and isinstance(inner.get("type"), str):
        return f"list of {WORDS[inner['type']]}s"
    low, high = value.get("minimum"), value.get("maximum")
    if kind in ("number", "integer") and high is not None:
        return f"{WORDS[kind]}, {low} to {high}"
    return WORDS[kind]
