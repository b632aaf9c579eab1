"""The door over HTTP: one address, behind the guard, the connections and the desk of the web server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.routing import Route

from leadtime.mcp.asked import Counter
from leadtime.mcp.server import made
from leadtime.web.desk import Desk
from leadtime.web.guard import Guard, Shelf
from leadtime.web.listening import listen
from leadtime.web.settings import Settings

PATH = "/mcp"


def create(settings: Settings) -> Any:
    """Return the application (ASGI).

    Raises:
        LeadtimeError: Settings that are not safe.
    """
    settings = settings.checked()
    desk = Desk(settings, lambda study: contextlib.nullcontext(settings.study))
    # No session, so that no client can take the place of another. Host, Origin and token are the guard's, which stands
    # before every request.
    manager = StreamableHTTPSessionManager(
        made(Counter(desk, settings)),
        stateless=True,
        max_request_body_size=settings.most_body,
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield
        await app.state.stop()

    # Nothing to listen to (GET) or to end (DELETE): the protocol has 405 for that.
    app = Starlette(routes=[Route(PATH, StreamableHTTPASGIApp(manager), methods=["POST"])], lifespan=life)
    app.state.desk = desk

    async def stop() -> None:
        await asyncio.to_thread(desk.close)

    app.state.stop = stop
    return Guard(app, settings, Shelf())


def run(settings: Settings) -> None:
    """Serve until stopped.

    Raises:
        LeadtimeError: Settings that are not safe.
    """
    app = create(settings)
    listen(app, settings, app.app.state.stop)
