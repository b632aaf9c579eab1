"""The addresses of questions: parameters, limits and descriptions are those that the questions declare."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from leadtime import schemas
from leadtime.answers.kinds import Many, Text
from leadtime.answers.measures import Whole
from leadtime.answers.parameters import QUANTILES, settings
from leadtime.answers.plain import plain
from leadtime.answers.question import Parameter, Question, meant
from leadtime.answers.registry import questions
from leadtime.errors import LeadtimeError
from leadtime.web.asked import Compute, Which, put
from leadtime.web.desk import Asking, Desk
from leadtime.web.settings import Settings

#: How an endpoint answers: from a request and an answer to a response.
Respond = Callable[..., Response]


def add(router: APIRouter, server: Settings, respond: Respond, client_of: Callable[[Request], str]) -> None:
    """Add an address for each question to a router.

    Args:
        router: The router of the API.
        server: The server's settings, whose limits hold.
        respond: Makes a response of an answer.
        client_of: Says who asks.
    """
    for q in questions(local=False):
        example = urlencode({k: v for k, v in q.example.items() if f"{{{k}}}" not in q.path}, doseq=True)
        shown = f"{q.path.format(**q.example)}?{example}".rstrip("?")
        router.add_api_route(
            q.path,
            _endpoint(q, server, respond, client_of),
            methods=["GET"],
            name=q.id,
            operation_id=q.id,
            summary=q.help,
            description=f"{q.asks} Example: `/api/v1{shown}`",
            response_class=JSONResponse,
            openapi_extra={"parameters": [_described(p, q, server) for p in offered(q, server)]},
            responses={200: described(q.schema), 304: {"description": "Not changed."}},
        )


def described(schema: str) -> dict[str, Any]:
    """Return how the OpenAPI description tells what an address gives: by the schema of that output."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": schemas.read(schema)["description"], "content": content}


def offered(q: Question, server: Settings) -> tuple[Parameter, ...]:
    """Return what a server lets one ask: the parameters of the question, and the settings of what it is put to."""
    own: dict[str, dict[str, Any]] = {
        "study": {"kind": StudyId(), "help": "Id of a saved study; default the one that is served."},
        "draws": {"kind": Whole(low=2, high=server.most_draws), "default": server.draws},
        "method": {"default": server.method},
        "seed": {"default": 0},
    }
    there = tuple(replace(s, **own.get(s.name, {})) for s in settings(q))
    return (*_its_own(q, own), *there, *(() if q.of == "nothing" else (QUANTILES,)))


def _its_own(q: Question, limits: Mapping[str, Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """Return the parameters of a question; seed and draws, where it takes them itself, within the limits of the server.

    One that the question may be asked without means something else then, so the server's default is not put in its
    place.
    """

    def within(p: Parameter) -> Parameter:
        own = {k: v for k, v in limits[p.name].items() if k != "default" or p.default is not None}
        return replace(p, **own)

    return tuple(within(p) if p.name in ("seed", "draws") else p for p in q.served)


class StudyId(Text):
    """The id of a saved study; empty for the one that is served."""

    def parse(self, value: Any) -> str:
        """Return the id.

        Raises:
            LeadtimeError: It is not the id of a study.
        """
        if value == "":
            return ""
        if not isinstance(value, str) or len(value) != 32 or set(value) - set("0123456789abcdef"):
            raise LeadtimeError(
                "is not the id of a study", fix="Expected 32 hexadecimal digits, as the server gave them."
            )
        return value

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a value."""
        return {"type": "string", "pattern": "^([0-9a-f]{32})?$"}


def _described(p: Parameter, q: Question, server: Settings) -> dict[str, Any]:
    in_path = f"{{{p.name}}}" in q.path
    schema = p.kind.schema()
    if p.at_once is not None:
        schema["maximum"] = p.at_once
    if p.default not in (None, ()):
        schema["default"] = plain(p.default)
    return {
        "name": p.name,
        "in": "path" if in_path else "query",
        "required": in_path or p.required,
        "description": p.help,
        "schema": schema,
        **({"example": p.example} if p.example else {}),
    }


def _endpoint(q: Question, server: Settings, respond: Respond, client_of: Callable[[Request], str]) -> Any:
    known = {p.name: p for p in offered(q, server)}

    async def endpoint(request: Request) -> Response:
        given = {**query_of(request, known), **request.path_params}
        asked = parsed(given, known, ("query",), more="Ask for more as a job (POST /api/v1/jobs).")
        which, rest = split(q, asked, server)
        desk: Desk = request.app.state.desk
        compute = functools.partial(put, q.name, rest)
        if q.of == "nothing":
            return respond(request, await desk.at_once(compute), which=which)
        found = await desk.ask(Asking(client_of(request), q.id, which, rest), compute, slow=q.of == "study")
        return respond(request, found, which=which)

    endpoint.__doc__ = None
    return endpoint


def query_of(request: Request, known: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return what a query holds: of one name the last value, or all where several are taken."""
    query = request.query_params
    several = {n for n, p in known.items() if isinstance(p.kind, Many)}
    return {n: query.getlist(n) if n in several else query[n] for n in query if query[n] != "" or n in several}


def parsed(
    given: Mapping[str, Any], known: Mapping[str, Parameter], place: tuple[str, ...], *, more: str
) -> dict[str, Any]:
    """Return given values by their kinds.

    Args:
        given: Values by name.
        known: What may be given.
        place: Where it stands, for what is told.
        more: How to ask for more than a request may have at once; empty where that does not hold.

    Raises:
        RequestValidationError: What is wrong, each parameter with its place.
    """
    wrong, found = [], {}
    for name, value in given.items():
        if name not in known:
            close = meant(name, known.values())
            near = f"Did you mean {close.name}? " if close else ""
            wrong.append((name, "there is no such parameter", f"{near}It takes {', '.join(known)}."))
            continue
        if value is None:
            continue
        p = known[name]
        try:
            found[name] = p.read(value, resolve=False)
            if more and p.at_once is not None and found[name] > p.at_once:
                raise LeadtimeError(f"more than {p.at_once:,.0f}", fix=more)
        except LeadtimeError as error:
            what, _, fix = error.told("http")
            wrong.append((name, what, fix))
    told = {n for n, _, _ in wrong}
    wrong += [(n, "it is needed", p.help) for n, p in known.items() if p.required and n not in found and n not in told]
    if wrong:
        raise RequestValidationError(
            [{"loc": (*place, n), "msg": f"{what}. {fix}".strip(), "what": what, "fix": fix} for n, what, fix in wrong]
        )
    return found


def split(q: Question, asked: dict[str, Any], server: Settings) -> tuple[Which, dict[str, Any]]:
    """Return the study that a question is put to, and what it is asked; settings that it takes itself are its own."""
    names = {s.name for s in settings(q)}
    own = {p.name for p in q.parameters if p.default is not None}
    asked = {k: v for k, v in (("seed", 0), ("draws", server.draws)) if k in own} | asked
    which = {"draws": server.draws, "method": server.method, **{k: v for k, v in asked.items() if k in names}}
    return Which(**which), {k: v for k, v in asked.items() if k not in names}


def question_of(q: Question, parameters: Mapping[str, Any], server: Settings) -> dict[str, Any]:
    """Return the checked parameters of a job, with the settings of its study filled in, as JSON can hold them.

    Raises:
        RequestValidationError: A parameter is wrong.
    """
    known = {p.name: p for p in offered(q, server)}
    found = parsed(parameters, known, ("parameters",), more="")
    defaults = {
        s.name: s.default for s in known.values() if s.name in ("seed", "draws", "method") and s.default is not None
    }
    checked: dict[str, Any] = plain({**defaults, **found})
    return checked


def computation(q: Question, question: Mapping[str, Any]) -> tuple[Which, Compute]:
    """Return the study and the computation of parameters that were checked before.

    Raises:
        LeadtimeError: They were checked by another version.
    """
    server = Settings(most_draws=10**9)
    known = {p.name: p for p in offered(q, server)}
    try:
        which, rest = split(q, parsed(question, known, ("parameters",), more=""), server)
    except RequestValidationError:
        raise LeadtimeError("the job is from another version of leadtime", fix="Ask again.") from None
    return which, functools.partial(put, q.name, rest)
