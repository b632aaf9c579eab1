"""The door over HTTP: one address, behind the guard, the connections and the desk of the web server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from leadtime.mcp.asked import Counter
from leadtime.mcp.server import made
from leadtime.web.desk import Desk
from leadtime.web.guard import Guard, Shelf
from leadtime.web.listening import listen
from leadtime.web.settings import Settings

PATH = "/mcp"


class Manager:
    """Gives each request to the protocol; nothing is kept between two, so that no client can take the place of another."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        # Host, Origin and token are the guard's, which stands before every request.
        guarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        self._manager = StreamableHTTPSessionManager(
            made(Counter(desk, settings)), stateless=True, security_settings=guarded, max_request_body_size=settings.most_body
        )  # fmt: skip

    def run(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Return what holds while it serves."""
        return self._manager.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._manager.handle_request(scope, receive, send)


def create(settings: Settings) -> Any:
    """Return the application (ASGI).

    Raises:
        LeadtimeError: Settings that are not safe.
    """
    settings = settings.checked()
    desk = Desk(settings, lambda study: contextlib.nullcontext(settings.study))
    manager = Manager(desk, settings)

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield
        await app.state.stop()

    # No session, so nothing to listen to (GET) or to end (DELETE): the protocol has 405 for that.
    app = Starlette(routes=[Route(PATH, manager, methods=["POST"])], lifespan=life)
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
