"""The door over standard input and output: the assistant starts the server, and it ends with it."""

import asyncio
import contextlib

from mcp.server.stdio import stdio_server

from leadtime.mcp.asked import Counter
from leadtime.mcp.server import made
from leadtime.web.desk import Desk
from leadtime.web.settings import Settings


def run(settings: Settings) -> None:
    """Serve whoever started it, until the input ends."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    desk = Desk(settings, lambda study: contextlib.nullcontext(settings.study))
    server = made(Counter(desk, settings))
    try:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
    finally:
        await asyncio.to_thread(desk.close)
