"""Jobs over the API: create, look, listen, cancel."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ConfigDict, Field

from leadtime.web.api import RESPONSES, WITH_BODY, described, question_of
from leadtime.web.clients import Places
from leadtime.web.problems import Body, JsonRoute
from leadtime.web.store import ENDS, Job, Store

router = APIRouter(prefix="/api/v1/jobs", responses=RESPONSES, route_class=JsonRoute, tags=["jobs"])
Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Id of a job.")]

#: How long a job is listened to.
_LISTEN_SECONDS = 900.0


class NewJob(Body):
    """What a job computes: an answer by its name, with the parameters of its address."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 100000}}]}
    )
    answer: str = Field(max_length=64, description="Operation of the API, such as backtest or scenario_draws.")
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=40)


def shown(job: Job) -> dict[str, Any]:
    """Return a job as it is sent."""
    here = f"/api/v1/jobs/{job.id}"
    links = {"self": here, "events": f"{here}/events", **({"result": f"{here}/result"} if job.status == "done" else {})}
    return {
        "id": job.id,
        "answer": job.answer,
        "parameters": job.question,
        "status": job.status,
        "done": job.done,
        "words": job.words,
        "problem": job.problem,
        "created_at": job.created_at,
        "changed_at": job.changed_at,
        "links": links,
    }


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


async def found_job(request: Request, id_: str) -> Job:
    """Return a job.

    Raises:
        HTTPException: There is none of that id.
    """
    job = await asyncio.to_thread(_store(request).get, id_)
    if job is None:
        raise HTTPException(404, "there is no such job; it may have expired")
    return job


async def _found(request: Request, id: Id) -> Job:
    return await found_job(request, id)


async def put_in_queue(request: Request, answer: str, question: dict[str, Any]) -> Job:
    """Put a checked question in the queue.

    Raises:
        HTTPException: Too many are waiting.
        LeadtimeError: It is put to a saved study that is not there.
    """
    store = _store(request)
    if question.get("study"):
        await asyncio.to_thread(request.app.state.studies.files, question["study"])
    if await asyncio.to_thread(store.waiting) >= request.app.state.settings.most_jobs:
        raise HTTPException(503, "too many jobs are waiting", headers={"Retry-After": "30"})
    return await asyncio.to_thread(store.create, answer, question)


@router.post(
    "",
    status_code=201,
    summary="Put a long question in the queue.",
    operation_id="create_job",
    responses={201: described("POST /api/v1/jobs"), **WITH_BODY},
)
async def create(request: Request, asked: NewJob) -> Response:
    """Check the question, and put it in the queue."""
    question = question_of(asked.answer, asked.parameters, request.app.state.settings)
    job = await put_in_queue(request, asked.answer, question)
    return JSONResponse(shown(job), status_code=201, headers={"Location": f"/api/v1/jobs/{job.id}"})


@router.get(
    "/{id}",
    summary="Say how far a job is.",
    operation_id="get_job",
    responses={200: described("GET /api/v1/jobs/{id}"), 404: {"description": "No such job."}},
)
async def look(request: Request, id: Id) -> Response:
    """Return the job."""
    return JSONResponse(shown(await found_job(request, id)), headers={"Cache-Control": "no-store"})


@router.get(
    "/{id}/result",
    summary="Give what a job computed.",
    operation_id="get_job_result",
    responses={404: {"description": "No such job."}, 409: {"description": "It has no result."}},
)
async def result(request: Request, id: Id) -> Response:
    """Return the JSON of the answer."""
    job = await found_job(request, id)
    body = await asyncio.to_thread(_store(request).result, id) if job.status == "done" else None
    if body is None:
        raise HTTPException(409, f"the job is {job.status}")
    return Response(body, media_type="application/json")


@router.delete(
    "/{id}",
    summary="Cancel a job.",
    operation_id="cancel_job",
    responses={
        200: described("DELETE /api/v1/jobs/{id}"),
        404: {"description": "No such job."},
        409: {"description": "It has ended."},
    },
)
async def cancel(request: Request, id: Id) -> Response:
    """Cancel it, queued or running."""
    await found_job(request, id)
    if not await asyncio.to_thread(_store(request).cancel, id):
        raise HTTPException(409, "the job has ended")
    return JSONResponse(shown(await found_job(request, id)))


@router.get(
    "/{id}/events",
    summary="Listen to a job (server-sent events).",
    operation_id="listen_job",
    response_class=EventSourceResponse,
    responses={404: {"description": "No such job."}},
)
async def listen(request: Request, job: Annotated[Job, Depends(_found)]) -> AsyncIterator[ServerSentEvent]:
    """Send the job whenever it changes, for a quarter of an hour; a browser then listens again by itself.

    Where all places are taken it is sent once: a browser asks again in five seconds.
    """
    places: Places = request.app.state.listeners
    until = time.monotonic() + (_LISTEN_SECONDS if (held := places.take(request.state.client)) else 0)
    last: dict[str, Any] = {}
    try:
        yield ServerSentEvent(retry=5000)
        while not request.app.state.stops:
            now = await asyncio.to_thread(_store(request).get, job.id)
            if now is None:
                return
            if (said := shown(now)) != last:
                last = said
                yield ServerSentEvent(event=now.status, data=said)
            if now.status in ENDS or time.monotonic() > until:
                return
            await asyncio.sleep(0.3)
    finally:
        if held:
            places.give(request.state.client)
