"""How far an answer is that a page waits for: told as it goes, and given up when it is not wanted."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from leadtime.web.clients import Places
from leadtime.web.desk import Desk

router = APIRouter(include_in_schema=False)
Key = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
_LISTEN_SECONDS, _LOOK_SECONDS = 300.0, 0.3


@router.get("/waiting/{key}/events", response_class=EventSourceResponse)
async def listen(request: Request, key: Key) -> AsyncIterator[ServerSentEvent]:
    """Send how far an answer is whenever that changes, and that it is done.

    Who goes ends this, and the computation with it if nobody else waits for it.
    """
    desk: Desk = request.app.state.desk
    places: Places = request.app.state.listeners
    until = time.monotonic() + (_LISTEN_SECONDS if (held := places.take(request.state.client)) else 0)
    last: object = ()
    try:
        yield ServerSentEvent(retry=5000)
        with desk.listened(key):
            while not request.app.state.stops:
                told = desk.progress(key)
                if told is None:
                    yield ServerSentEvent(event="done", data={})
                    return
                if told != last:
                    last = told
                    yield ServerSentEvent(event="told", data={"words": told[0], "done": told[1]})
                if time.monotonic() > until:
                    return
                await asyncio.sleep(_LOOK_SECONDS)
    finally:
        if held:
            places.give(request.state.client)


@router.post("/waiting/{key}/cancel")
async def cancel(request: Request, key: Key) -> Response:
    """Give up an answer; where others wait for it too, it goes on."""
    desk: Desk = request.app.state.desk
    desk.cancel(key)
    return Response(status_code=204)
