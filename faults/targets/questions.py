"""Questions as doors put them: parameters of every kind, names in every spelling, and messages of assistants."""

import datetime as dt
import functools
import json
import math
from collections.abc import Iterator
from typing import Any

from faults.targets import Target
from faults.targets.doors import _no_constant
from faults.targets.oracle import require_seen
from leadtime.answers import names
from leadtime.answers.kinds import Many
from leadtime.answers.question import Question
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.rules.rulebook import Rulebook
from leadtime.web.settings import Settings

_SERVER = Settings(method="map", draws=50)
#: What is answered from tables alone, at once; of others the parameters are read and nothing is computed.
_QUICK = (
    "rules status",
    "rules timeline",
    "rules diff",
    "rules tariffs",
    "rules show",
    "rules coverage",
    "rules party",
    "evidence",
    "evidence table",
    "evidence columns",
    "cost network",
    "schemas",
    "schema",
    "quantities",
)


@functools.cache
def _all() -> tuple[Question, ...]:
    from leadtime.answers.registry import questions

    return tuple(questions(local=False))


@functools.cache
def _evidence() -> Evidence:
    return Evidence.load(as_of=dt.date(2026, 11, 1))


@functools.cache
def _rules() -> Rulebook:
    return Rulebook(as_known=dt.date(2026, 11, 1))


def _subject(question: Question) -> Any:
    if question.of == "nothing":
        return None
    return _rules() if question.of == "rules" else _evidence()


def _arguments_seeds() -> Iterator[bytes]:
    for q in _all():
        from leadtime.answers.plain import plain

        yield json.dumps({"name": q.id, "arguments": plain(dict(q.example))}).encode()


def _arguments(data: bytes) -> None:
    """The arguments of a tool: read by their kinds, names looked up, and the quick questions answered."""
    from leadtime import schemas
    from leadtime.mcp import told
    from leadtime.mcp.tools import parameters
    from leadtime.web.questions import parsed

    try:
        given = json.loads(data, parse_constant=lambda c: float(c))
    except (ValueError, RecursionError):
        raise LeadtimeError("no message at all: the protocol's own reader refuses it") from None
    by_id = {q.id: q for q in _all()}
    question = by_id.get(str(given.get("name"))) if isinstance(given, dict) else None
    arguments = given.get("arguments") if isinstance(given, dict) else None
    if question is None or not isinstance(arguments, dict):
        raise LeadtimeError("no such tool")
    from fastapi.exceptions import RequestValidationError

    known = parameters(question, _SERVER)
    try:
        found = parsed(arguments, known, (), more="Ask for less.")
    except RequestValidationError as error:
        json.dumps([e["msg"] for e in error.errors()]).encode()
        raise LeadtimeError("refused in words") from None
    for name, value in found.items():
        _sound(value, known[name].name)
        known[name].read(value, _subject(question))
    if question.name not in _QUICK:
        return
    own = {p.name for p in question.parameters}
    answer = question.ask(_subject(question), {k: v for k, v in found.items() if k in own})
    envelope = told.told(answer, question)
    text = json.dumps(envelope["envelope"], allow_nan=False, ensure_ascii=False)
    text.encode()
    assert "\u001b" not in envelope["text"]
    require_seen(answer.sentence)
    schemas.read("envelope")


def _sound(value: Any, name: str) -> None:
    if isinstance(value, tuple | list):
        for v in value:
            _sound(v, name)
    elif isinstance(value, float | int):
        assert math.isfinite(value), f"{name} is {value}"
    elif isinstance(value, dt.date):
        assert dt.date(1990, 1, 1) <= value <= dt.date(2100, 12, 31), f"{name} is {value}"


def _name_seeds() -> Iterator[bytes]:
    few = ("deepseek-v3", "gpt-4o", "h20", "H100 SXM", "China", "UAE", "openai", "open weights", "as-is", "lag")
    for i, _ in enumerate(names.KINDS):
        for text in (few[i % len(few)], few[(i + 3) % len(few)]):
            yield bytes((65 + i,)) + text.encode()


def _name(data: bytes) -> None:
    """A name of every kind: what it is found to be is there."""
    kinds = list(names.KINDS)
    of = kinds[(data[0] if data else 0) % 65 % len(kinds)]
    text = data[1:].decode("utf-8", "replace")
    subject = _rules() if of in ("chip", "item", "rule", "instrument") and len(data) % 2 else _evidence()
    found = names.resolved(of, text, subject)
    assert isinstance(found, str) and (found or not text.strip())
    require_seen(found) if of in names._TABLES and names._TABLES[of] != "chips" else None
    table = {"model": "models", "organization": "organizations"}.get(of)
    if table and not hasattr(subject, "log"):
        assert found in set(_evidence()[table]["id"]), f"{text!r} is found to be {found!r}, which is not there"


def _value_seeds() -> Iterator[bytes]:
    for i, text in enumerate(("0.5", "1,000", "2025-01-29", "2027Q2", "814..900", "true", "3e24", "0.1,0.5,0.9")):
        for j in range(8):
            yield bytes((65 + (i * 8 + j) % 60,)) + text.encode()


@functools.cache
def _kinds() -> tuple[Any, ...]:
    found = {repr(p.kind): p.kind for q in _all() for p in q.served}
    return tuple(found.values())


def _value(data: bytes) -> None:
    """A value of every kind, from text: a number is one that the text says."""
    kind = _kinds()[(data[0] if data else 0) % 65 % len(_kinds())]
    text = data[1:].decode("utf-8", "replace")
    found = kind.parse(text)
    _sound(found, type(kind).__name__)
    if isinstance(found, float) and not isinstance(kind, Many):
        bare = text.strip(" ")
        assert bare.isascii() and "_" not in bare, f"the number {text!r} was accepted"
        groups = bare.lstrip("+-").split(".")[0].split(",")
        assert all(len(g) == 3 for g in groups[1:]) and "," not in bare.partition(".")[2], f"{text!r} became {found}"
        assert float(bare.replace(",", "")) == found


def _message_seeds() -> Iterator[bytes]:
    ask = {"jsonrpc": "2.0", "id": 1}
    about = {
        "io.modelcontextprotocol/protocolVersion": "2025-11-25",
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    started = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    yield json.dumps({**ask, "method": "initialize", "params": started}).encode()
    for method, params in (
        ("tools/list", {}),
        ("resources/list", {}),
        ("resources/read", {"uri": "leadtime://limitations"}),
        ("resources/read", {"uri": "leadtime://schemas/envelope"}),
        ("prompts/get", {"name": "leadtime", "arguments": {"question": "How far behind?"}}),
        ("tools/call", {"name": "cost_network", "arguments": {"config": "{}"}}),
        ("tools/call", {"name": "nothing", "arguments": {}}),
    ):
        yield json.dumps({**ask, "method": method, "params": {**params, "_meta": about}}).encode()


@functools.cache
def _door() -> Any:
    from faults.targets.doors import Served
    from leadtime.mcp.http import create

    return Served(create(Settings(method="map", draws=50, per_minute=10**9)))


def _message(data: bytes) -> None:
    """A message to the door of assistants, as it comes over HTTP; questions of a study are left
    out, for they compute.
    """
    lowered = data.lower()
    if any(f'"{q.id}"'.encode() in lowered for q in _all() if q.of != "nothing") or b"evidence" in lowered:
        raise LeadtimeError("is computed in a process of its own: not here")
    accept = [(b"accept", b"application/json, text/event-stream")]
    status, body = _door().ask("POST", "/mcp", b"", data, b"application/json", accept)
    assert status < 500, f"{status}: {body[:300]!r}"
    assert b"Traceback" not in body and b"site-packages" not in body
    if status >= 400:
        raise LeadtimeError(str(status))
    for line in body.split(b"\n"):
        if line.startswith(b"data: ") and line[6:].strip():
            json.loads(line[6:], parse_constant=_no_constant)


_WORDS = (
    "deepseek-v3",
    "h20",
    "CHN",
    "2025-01-29",
    "2027Q2",
    "0,5",
    "1,000",
    "0.1,0.5,0.9",
    "as_of",
    "model",
    "chip",
    "to",
    "draws",
    "\\ud800",
    "\\u202e",
    "null",
    "[[]]",
    "true",
    "\u0130",
    "ﷺ",
)
TARGETS = (
    Target(
        name="tool-arguments",
        what="arguments of the tools of `leadtime mcp`",
        seeds=_arguments_seeds,
        check=_arguments,
        words=_WORDS,
    ),
    Target(
        name="names",
        what="names of models, chips, countries and 20 more kinds",
        seeds=_name_seeds,
        check=_name,
        words=_WORDS,
    ),
    Target(
        name="values",
        what="numbers, days, intervals and quarters of questions",
        seeds=_value_seeds,
        check=_value,
        words=_WORDS,
    ),
    Target(
        name="mcp-message",
        what="messages to `leadtime mcp --http`",
        seeds=_message_seeds,
        check=_message,
        words=(
            "jsonrpc",
            "id",
            "method",
            "params",
            "tools/list",
            "resources/read",
            "prompts/get",
            "leadtime://",
            *_WORDS,
        ),
    ),
)
