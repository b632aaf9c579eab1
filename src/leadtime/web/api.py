"""The API: every answer at an address of its own, with the parameters and the JSON of the command line."""

import datetime as dt
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from leadtime import schemas
from leadtime.answers.question import Question
from leadtime.answers.registry import questions as every_question
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.web import problems, questions
from leadtime.web.asked import Answer, Compute, Which, answered
from leadtime.web.desk import Desk
from leadtime.web.guard import address_of
from leadtime.web.headers import chosen
from leadtime.web.settings import Settings

_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address of the API.

    Args:
        path: Below /api/v1.
        answer: The function in `answers`.
        of: What it is put to: a `study` (which is fitted: slow), its `evidence`, its `rules` (quick), or `nothing` (which waits for no one).
        example: A query that works, for the documentation.
    """

    path: str
    answer: Callable[..., Any]
    of: Literal["study", "evidence", "rules", "nothing"]
    example: str = ""


ROUTES: tuple[Route, ...] = ()
#: Limits of what one request may ask, by name of the parameter.
_LIMITS: dict[str, dict[str, Any]] = {
    "without": {"ge": 0, "le": 20}, "most": {"ge": 1, "le": 50}, "refits": {"ge": 0, "le": 4}, "days": {"gt": 0, "le": 100_000}, "quality": {"gt": 0, "le": 1e6},
    "gpu_hours": {"gt": 0, "le": 1e12}, "flop": {"gt": 0, "le": 1e40}, "mfu": {"gt": 0, "le": 1}, "chips": {"gt": 0, "le": 1e9},
    "tokens": {"gt": 0, "le": 1e18}, "active_parameters": {"gt": 0, "le": 1e18}, "price_usd": {"gt": 0, "le": 1e6},
    "given": {"max_length": 10},
    "since": {"max_length": 8}, "chip": {"max_length": 20}, "owner": {"max_length": 20}, "sequence": {"ge": 1, "le": 100_000_000},
}  # fmt: skip
#: Texts that may be longer than others.
_MOST_TEXT = {"config": 20_000}
AsOf = Annotated[dt.date | None, Query(description="Only what was public on this day; default today.")]
StudyId = Annotated[
    str, Query(pattern="^([0-9a-f]{32})?$", description="Id of a saved study; default the one that is served.")
]
PROBLEM = {
    "description": "What is wrong, where, and what to do.",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/problem"}}},
}
RESPONSES: dict[int | str, dict[str, Any]] = {code: PROBLEM for code in (400, 401, 413, 422, 429, 503, 504)}
#: Of addresses that read a body.
WITH_BODY: dict[int | str, dict[str, Any]] = {415: PROBLEM}


def add(settings: Settings) -> APIRouter:
    """Return the router with every answer on it."""
    made = APIRouter(prefix="/api/v1", responses=RESPONSES)
    questions.add(made, settings, respond, client_of)
    for route in ROUTES:
        made.add_api_route(
            route.path, _endpoint(route, settings), methods=["GET"], name=route.answer.__name__, operation_id=route.answer.__name__,
            summary=(route.answer.__doc__ or "").strip().splitlines()[0],
            description=f"Example: `/api/v1{route.path}?{route.example}`" if route.example else "",
            response_class=JSONResponse, responses={200: described(f"GET /api/v1{route.path}"), 304: {"description": "Not changed."}},
        )  # fmt: skip
    return made


def described(what: str) -> dict[str, Any]:
    """Return how the OpenAPI description tells what an address gives: by the schema of that output."""
    return questions.described(str(schemas.given_by(what)))


def with_schemas(app: FastAPI) -> None:
    """Let the OpenAPI description of an application hold the schemas of what it gives, each once."""
    plain = app.openapi
    wanted = [n for n in schemas.names() if any("/api/v1" in by for by in schemas.read(n)["x-given-by"])]

    def openapi() -> dict[str, Any]:
        found = plain()
        found["components"]["schemas"].update(schemas.components(wanted))
        return found

    app.openapi = openapi  # type: ignore[method-assign]


def _fields(route: Route, settings: Settings) -> list[inspect.Parameter]:
    """Return the parameters of a request: those of the answer, and the settings of its study."""
    own = _own(route)
    names = {p.name for p in own}
    fields = [_parameter(p, in_path=f"{{{p.name}}}" in route.path) for p in own if p.name not in ("seed", "draws")]
    kw = inspect.Parameter.KEYWORD_ONLY
    if route.of != "nothing":
        fields.append(inspect.Parameter("as_of", kw, default=None, annotation=AsOf))
        fields.append(inspect.Parameter("study", kw, default="", annotation=StudyId))
    if route.of == "study" or {"seed", "draws"} & names:
        fields.append(inspect.Parameter("seed", kw, default=0, annotation=Annotated[int, Query(ge=0, le=2**31 - 1)]))
        fields.append(
            inspect.Parameter(
                "draws", kw, default=settings.draws, annotation=Annotated[int, Query(ge=2, le=settings.most_draws)]
            )
        )
    if route.of == "study":
        fields.append(
            inspect.Parameter("method", kw, default=settings.method, annotation=Literal["nuts", "map", "bootstrap"])
        )
    return fields


def _own(route: Route) -> list[inspect.Parameter]:
    own = list(inspect.signature(route.answer).parameters.values())
    return own if route.of == "nothing" else own[1:]


def _endpoint(route: Route, settings: Settings) -> Callable[..., Any]:
    """Return a handler whose signature is that of the answer, with the study's settings beside."""

    async def endpoint(request: Request, **given: Any) -> Response:
        which, asked = _split(given, settings)
        desk: Desk = request.app.state.desk
        compute, name = _computation(route, asked, which), route.answer.__name__
        if route.of == "nothing":
            return respond(request, await desk.at_once(compute))
        return respond(
            request, await desk.ask(client_of(request), name, which, asked, compute, slow=route.of == "study")
        )

    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    endpoint.__signature__ = inspect.Signature([first, *_fields(route, settings)])  # type: ignore[attr-defined]
    endpoint.__doc__ = None
    return endpoint


def _split(given: dict[str, Any], settings: Settings) -> tuple[Which, dict[str, Any]]:
    rest = dict(given)
    which = Which(study=rest.pop("study", ""), as_of=rest.pop("as_of", None), seed=rest.pop("seed", 0), draws=rest.pop("draws", settings.draws),
                  method=rest.pop("method", settings.method))  # fmt: skip
    return which, rest


def question_of(answer: str, parameters: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the checked question of a job, with the settings of its study filled in.

    Raises:
        LeadtimeError: There is no such answer.
        RequestValidationError: A parameter is wrong.
    """
    if (asked := _question(answer)) is not None:
        return questions.question_of(asked, parameters, settings)
    try:
        return _model(_route(answer), settings)(**parameters).model_dump(mode="json")
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("parameters", *e["loc"])} for e in error.errors(include_url=False, include_context=False)]) from None  # fmt: skip


def computation(answer: str, question: dict[str, Any]) -> tuple[Which, Compute]:
    """Return the study and the computation of a question that was checked before."""
    if (declared := _question(answer)) is not None:
        return questions.computation(declared, question)
    route, settings = _route(answer), Settings()
    found = _model(route, Settings(most_draws=10**9))(**question)
    which, asked = _split({k: getattr(found, k) for k in type(found).model_fields}, settings)
    return which, _computation(route, asked, which)


def _route(answer: str) -> Route:
    known = {r.answer.__name__: r for r in ROUTES}
    if answer not in known:
        every = sorted([*known, *(q.id for q in every_question(local=False))])
        error = unknown_name("answer", answer, every)
        raise LeadtimeError(error.what, where="answer", fix=f"Answers: {', '.join(every)}.")
    return known[answer]


def _question(answer: str) -> Question | None:
    """Return the declared question of a job, or None where the answer is one of `ROUTES`."""
    return next((q for q in every_question(local=False) if q.id == answer), None)


def _model(route: Route, settings: Settings) -> type[BaseModel]:
    """Return the parameters of an answer as a model, nothing beside them allowed."""
    fields: dict[str, Any] = {
        p.name: (p.annotation, ... if p.default is inspect.Parameter.empty else p.default)
        for p in _fields(route, settings)
    }
    made: type[BaseModel] = create_model(
        f"{route.answer.__name__}_question", __config__=ConfigDict(extra="forbid"), **fields
    )
    return made


def _computation(route: Route, given: dict[str, Any], which: Which) -> Compute:
    names = {p.name for p in _own(route)}
    more: dict[str, Any] = {k: getattr(which, k) for k in ("seed", "draws") if k in names}
    asked = {k: tuple(v) if isinstance(v, list) and k != "chip" else v for k, v in given.items()}
    return functools.partial(answered, route.answer, route.of, {**asked, **more})


def client_of(request: Request) -> str:
    """Return by what one client is told from another."""
    return str(request.state.client)


def _parameter(p: inspect.Parameter, *, in_path: bool) -> inspect.Parameter:
    """Return a parameter of an answer as one of a request, within limits."""
    kind = p.annotation
    text = str(kind)
    limits = (
        dict(_LIMITS.get(p.name, {}))
        if "Sequence" in text or "list" in text or "int" in text or "float" in text
        else {}
    )
    if "Sequence[str]" in text:
        kind = list[Annotated[str, Query(max_length=_TEXT)]]
    elif "Sequence[datetime.date]" in text:
        kind = list[dt.date]
    elif "list[str]" in text:
        kind = list[Annotated[str, Query(max_length=_TEXT)]] | None
    elif "str" in text:
        limits["max_length"] = _MOST_TEXT.get(p.name, _TEXT)
    elif "float" in text:
        limits["allow_inf_nan"] = False
    default = p.default
    if default == ():
        default = []
    where = Path(**limits) if in_path else Query(**limits)
    return inspect.Parameter(
        p.name, inspect.Parameter.KEYWORD_ONLY, default=inspect.Parameter.empty if in_path else default, annotation=Annotated[kind, where],
    )  # fmt: skip


def respond(request: Request, answer: Answer, media: str = "application/json", *, keep: bool = True) -> Response:
    """Return an answer, packed where the client takes that, or that the client has it already.

    Args:
        request: What was asked.
        answer: The answer.
        media: Its media type.
        keep: The address will say the same all day, so it is kept ready.
    """
    if keep:
        request.app.state.shelf.put(address_of(request.scope), answer, media)
    status, headers, body = chosen(answer.body, answer.packed, answer.tag, request.headers, media)
    return Response(body, status, headers)
