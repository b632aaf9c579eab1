"""The API: every answer at an address of its own, with the parameters and the JSON of the command line."""

import datetime as dt
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from leadtime import schemas
from leadtime.answers.question import Question
from leadtime.answers.registry import questions as every_question
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.web import problems, questions
from leadtime.web.asked import Answer, Compute, Which
from leadtime.web.guard import address_of
from leadtime.web.headers import Lasts, chosen, kept
from leadtime.web.settings import Settings

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

    async def described_all(request: Request) -> Response:
        return respond(request, await request.app.state.desk.at_once(lambda _: app.openapi()), which=Which())

    app.add_api_route("/api/v1/openapi.json", described_all, methods=["GET"], include_in_schema=False)


def question_of(answer: str, parameters: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the checked question of a job, with the settings of its study filled in.

    Raises:
        LeadtimeError: There is no such answer.
        RequestValidationError: A parameter is wrong.
    """
    return questions.question_of(_question(answer), parameters, settings)


def computation(answer: str, question: dict[str, Any]) -> tuple[Which, Compute]:
    """Return the study and the computation of a question that was checked before."""
    return questions.computation(_question(answer), question)


def _question(answer: str) -> Question:
    known = {q.id: q for q in every_question(local=False)}
    if answer not in known:
        error = unknown_name("answer", answer, known)
        raise LeadtimeError(error.what, where="answer", fix=f"Answers: {', '.join(sorted(known))}.")
    return known[answer]


def client_of(request: Request) -> str:
    """Return by what one client is told from another."""
    return str(request.state.client)


def respond(
    request: Request, answer: Answer, media: str = "application/json", *, which: Which, keep: bool = True
) -> Response:
    """Return an answer, packed where the client takes that, or that the client has it already.

    Args:
        request: What was asked.
        answer: The answer.
        media: Its media type.
        which: The study that was asked.
        keep: The address will say the same all day, so it is kept ready.
    """
    lasts = lasting(which, request.app.state.settings)
    if keep and answer.status == 200:
        request.app.state.shelf.put(address_of(request.scope), answer, media, lasts)
    status, headers, body = chosen(answer.body, answer.packed, answer.tag, request.headers, media, kept(lasts))
    return Response(body, answer.status if status == 200 else status, headers)


def lasting(which: Which, settings: Settings) -> Lasts:
    """Return whose an answer of a study is, and how long it stays what it is."""
    if which.study or not settings.is_for_all:
        return "own"
    today = dt.date.today()  # noqa: DTZ011 - a study without a day is one of today
    return "past" if which.as_of is not None and which.as_of < today else "today"
