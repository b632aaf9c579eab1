"""How an application is served: by bounded connections, until it is stopped."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from leadtime.web.connections import protocol
from leadtime.web.settings import Settings


def listen(app: Any, settings: Settings, stop: Callable[[], Awaitable[None]]) -> None:
    """Serve an application (ASGI) until Ctrl-C.

    Args:
        app: The application.
        settings: Where it listens, and the bounds of its connections.
        stop: Ends what is computed; it comes first, so that who waits is told and all can go.

    Raises:
        SystemExit: It could not begin: the port is taken.
    """

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: Any = None) -> None:
            await stop()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="error",
        server_header=False,
        http=protocol(settings),
        ws="none",
        proxy_headers=False,
        workers=1,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=16_384,
    )
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(3)
