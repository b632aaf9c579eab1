"""Whether the server lives, and whether it is ready: for who starts, stops and chooses servers; nothing is computed."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from leadtime.web.jobs import Runner

router = APIRouter(include_in_schema=False)


def found(request: Request) -> dict[str, bool]:
    """Return what is the matter: `alive` where this is answered, `ready` from its first page until it stops, and `jobs`
    while their store can be used.

    A store that is away makes no server less ready: pages need none, and all servers share it.
    """
    state = request.app.state
    warming, runner = getattr(state, "warming", None), state.runner
    assert isinstance(runner, Runner)
    ready = not state.stops and (warming is None or warming.done())
    return {"alive": True, "ready": ready, "jobs": not runner.trouble}


def _sent(said: dict[str, bool], well: bool) -> JSONResponse:
    headers = {"Cache-Control": "no-store"} | ({} if well else {"Retry-After": "2"})
    return JSONResponse(said, 200 if well else 503, headers)


@router.get("/health")
@router.get("/health/alive")
async def alive(request: Request) -> JSONResponse:
    """Say that it lives: what does not answer this is to be started again."""
    return _sent(found(request), True)


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """Say whether readers may be sent here."""
    said = found(request)
    return _sent(said, said["ready"])
