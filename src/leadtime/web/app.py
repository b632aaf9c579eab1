"""The server: one application over one desk."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

import leadtime
from leadtime.errors import LeadtimeError
from leadtime.web import (
    ahead,
    api,
    brief,
    charts,
    feed,
    health,
    job_routes,
    pages,
    posts,
    search,
    study_routes,
    waiting,
)
from leadtime.web.clients import Places
from leadtime.web.database import reason_of
from leadtime.web.desk import Desk, TooMuch
from leadtime.web.editions import Editions
from leadtime.web.guard import Guard, Shelf
from leadtime.web.jobs import Runner
from leadtime.web.lanes import Busy
from leadtime.web.listening import listen
from leadtime.web.places import kept_in
from leadtime.web.problems import MEDIA_TYPE, of_error, problem
from leadtime.web.settings import Settings
from leadtime.web.store import Store
from leadtime.web.studies import Studies

#: Jobs listened to at once: in all, and by one client; who comes then is told how far it is, and to ask again.
_LISTENERS = (100, 10)


def create(settings: Settings | None = None) -> Any:
    """Return the application (ASGI).

    Args:
        settings: How it runs; default as `leadtime serve` without options.

    Raises:
        LeadtimeError: Settings that are not safe.
    """
    settings = (settings or Settings()).checked()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = Store(settings.database)
        with contextlib.suppress(SQLAlchemyError):  # without it, cookies end with the server
            guard.key = app.state.store.secret("cookies")
        app.state.studies = Studies(app.state.store, settings)
        app.state.desk = Desk(settings, app.state.studies.lent)
        app.state.runner = runner = Runner(app.state.store, settings, app.state.studies.lent)
        runner.start()
        app.state.editions = Editions(settings.editions or kept_in() / "editions", settings.public)
        tasks = []
        if settings.warm:
            app.state.warming = asyncio.create_task(pages.warm(app.state.desk, settings))
            tasks.append(app.state.warming)
        if settings.warm or settings.ahead:
            tasks.append(asyncio.create_task(ahead.keep(app.state.desk, app.state.editions, settings)))

        async def stop() -> None:
            app.state.stops = True
            await asyncio.gather(*map(asyncio.to_thread, (runner.stop, app.state.desk.close, app.state.studies.close)))

        app.state.stops, app.state.stop = False, stop
        yield
        for task in tasks:
            task.cancel()
        await stop()
        app.state.store.close()

    app = FastAPI(
        title="leadtime",
        version=leadtime.__version__,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        description=(
            "Are the US export rules on AI chips working? The same answers as the command line gives with --json."
        ),
    )
    app.state.settings, app.state.shelf, app.state.listeners = settings, Shelf(), Places(*_LISTENERS)
    app.include_router(api.add(settings))
    app.include_router(job_routes.router)
    app.include_router(study_routes.router)
    app.include_router(posts.router)
    app.include_router(brief.router)
    app.include_router(charts.router)
    app.include_router(feed.router)
    app.include_router(search.router)
    app.include_router(waiting.router)
    app.include_router(health.router)
    app.include_router(pages.router)
    api.with_schemas(app)
    app.add_exception_handler(LeadtimeError, _wrong)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(TooMuch, _too_much)
    app.add_exception_handler(SQLAlchemyError, _no_store)
    app.add_exception_handler(Exception, _ours)
    guard = Guard(app, settings, app.state.shelf)
    return guard


def _answer(request: Request, status: int, found: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    if request.scope["path"].startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(found, status_code=status, media_type=MEDIA_TYPE, headers=headers)
    return pages.refused(request, status, found, headers)


async def _wrong(request: Request, error: Exception) -> Any:
    assert isinstance(error, LeadtimeError)
    return _answer(request, 400, of_error(error))


async def _malformed(request: Request, error: Exception) -> Any:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()[:20]
    found = [{"where": ".".join(str(p) for p in e["loc"]), "what": e["msg"]} for e in wrong]
    first, where = wrong[0], found[0]["where"]
    title = f"{where}: {first.get('what', first['msg'])}"
    return _answer(request, 422, problem(422, title, where=where, fix=first.get("fix", ""), errors=found))


async def _http(request: Request, error: Exception) -> Any:
    assert isinstance(error, HTTPException)
    status, api = error.status_code, request.url.path.startswith("/api/")
    fix = "/api/v1/openapi.json lists all addresses." if status == 404 and api else ""
    return _answer(request, status, problem(status, str(error.detail), fix=fix), dict(error.headers or {}))


async def _busy(request: Request, error: Exception) -> Any:
    return _answer(
        request,
        503,
        problem(503, f"{error}; come back in a few seconds", fix="Send the same request again."),
        {"Retry-After": "5"},
    )


async def _too_much(request: Request, error: Exception) -> Any:
    fix = "Ask for less (draws, points, days), or put it as a job (POST /api/v1/jobs)."
    return _answer(request, 504, problem(504, str(error), fix=fix))


async def _no_store(request: Request, error: Exception) -> Any:
    fix = "Nothing was changed. See whether its disk is full, or its database away; then send the request again."
    found = problem(503, f"the store of jobs cannot be used: {reason_of(error)}", fix=fix)
    return _answer(request, 503, found, {"Retry-After": "30"})


async def _ours(request: Request, error: Exception) -> Any:
    return _answer(request, 500, problem(500, "this should not have happened", fix="Please report it."))


def run(settings: Settings) -> None:
    """Serve until stopped.

    Raises:
        LeadtimeError: Settings that are not safe, or a store that cannot be opened.
    """
    app = create(settings)
    Store(settings.database).close()  # what is wrong with it is told before there is a server
    listen(app, settings, lambda: app.app.state.stop())
