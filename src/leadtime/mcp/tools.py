"""Tools made from questions: names, descriptions and schemas are those that the questions declare."""

from typing import Any

from mcp_types import Tool, ToolAnnotations

from leadtime import schemas
from leadtime.answers.kinds import Many, Name
from leadtime.answers.measures import Interval
from leadtime.answers.plain import plain
from leadtime.answers.question import Parameter, Question
from leadtime.answers.registry import questions
from leadtime.web.questions import offered
from leadtime.web.settings import Settings

#: So many names are listed in a description.
_FEW = 24
_NOTHING_CHANGES = ToolAnnotations(
    read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False
)
_PUT_TO = {
    "study": "It is computed from the evidence; the first such question of a day may take a minute.",
    "evidence": "It is read from the evidence.",
    "rules": "It is read from the published rules.",
    "nothing": "It is worked out from what you give.",
}


def parameters(q: Question, server: Settings) -> dict[str, Parameter]:
    """Return what a tool takes, by name: all that the server offers, but the study, which is the one that it was
    started with.
    """
    return {p.name: p for p in offered(q, server) if p.name != "study"}


def tools(server: Settings) -> list[Tool]:
    """Return a tool for each question that reads no files of the person who asks."""
    shape = _shape()
    return [
        Tool(
            name=q.id,
            title=q.asks,
            description=_described(q),
            input_schema=_takes(q, server),
            output_schema=shape,
            annotations=_NOTHING_CHANGES,
        )
        for q in questions(local=False)
    ]


def _described(q: Question) -> str:
    example = ", ".join(f"{k}: {v}" for k, v in plain(dict(q.example)).items())
    said = [q.asks, q.help, f"Example: {example}." if example else "", _PUT_TO[q.of]]
    known = f"The answer's `tag` says how it is known; leadtime://{q.docs} says how it is found."
    return " ".join(s for s in [*said, known] if s)


def _takes(q: Question, server: Settings) -> dict[str, Any]:
    known = parameters(q, server)
    needed = [p.name for p in known.values() if p.required]
    return {
        "type": "object",
        "properties": {name: _one(p) for name, p in known.items()},
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def _one(p: Parameter) -> dict[str, Any]:
    schema = p.kind.schema()
    if isinstance(p.kind, Interval):  # a program gives a number as one
        schema["type"] = ["string", "number"]
    if p.at_once is not None:
        schema["maximum"] = p.at_once
    schema["description"] = p.help + _names(p)
    if p.default not in (None, ()):
        schema["default"] = plain(p.default)
    if p.example and "enum" not in schema:
        schema["examples"] = [[p.example] if isinstance(p.kind, Many) else p.example]
    return schema


def _names(p: Parameter) -> str:
    """Return the names that a parameter knows, where they are few."""
    kind = p.kind.each if isinstance(p.kind, Many) else p.kind
    names = kind.offered() if isinstance(kind, Name) and kind.control == "select" else ()
    return f" Known: {', '.join(names)}." if 0 < len(names) <= _FEW else ""


def _shape() -> dict[str, Any]:
    """Return what every tool gives, in short: the envelope, whose parts its own schema describes
    (`leadtime://schemas/...`).
    """
    envelope = schemas.read("envelope")
    said = {
        k: {"type": v.get("type", "object"), "description": v["description"]} for k, v in envelope["properties"].items()
    }
    said["tag"] = envelope["properties"]["tag"]
    said["rows"] = {
        "type": "array",
        "items": {"type": "object"},
        "description": "The main table; each number's interval stands in its row.",
    }
    return {"type": "object", "properties": said, "required": envelope["required"]}
