"""The door of assistants as its tests meet it: the client of the official SDK, in this process, over pipes, and over
HTTP.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn
from mcp import Client, StdioServerParameters

from leadtime.answers.kinds import File
from leadtime.mcp.asked import Counter
from leadtime.mcp.http import PATH, create
from leadtime.mcp.server import made
from leadtime.web.connections import protocol
from leadtime.web.desk import Desk
from leadtime.web.settings import Settings

QUICK = {"method": "map", "draws": 200}


def in_process(conversation, settings=None, mode="auto"):
    """What a conversation with a server comes to that has no processes but for what is put to a study."""
    settings = settings or Settings(**QUICK)
    desk = Desk(settings, lambda study: contextlib.nullcontext(settings.study))

    async def talk():
        async with Client(made(Counter(desk, settings)), mode=mode) as assistant:
            return await conversation(assistant)

    try:
        return asyncio.run(talk())
    finally:
        desk.close()


def over_pipes(conversation, *options):
    """What a conversation with `leadtime mcp` comes to, started as an assistant starts it."""
    import leadtime

    env = {k: v for k, v in os.environ.items() if k.startswith(("JAX_", "XDG_", "LEADTIME_"))}
    env["PYTHONPATH"] = str(Path(leadtime.__file__).parents[1])
    started = StdioServerParameters(
        command=sys.executable, args=["-m", "leadtime", "mcp", "--method", "map", "--draws", "200", *options], env=env
    )

    async def talk():
        async with Client(started) as assistant:
            return await conversation(assistant)

    return asyncio.run(talk())


@contextlib.contextmanager
def served(**more):
    """A server over HTTP as `leadtime mcp --http` runs it, and its address."""
    with socket.socket(proto=socket.IPPROTO_TCP) as place:  # as the server's own: answers do not wait to be sent
        place.bind(("127.0.0.1", 0))
        place.listen()
        settings = Settings(
            **{**QUICK, "per_minute": 1_000_000, "gone_at_eof": True, "port": place.getsockname()[1], **more}
        )
        app = create(settings)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", http=protocol(settings), ws="none", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([place])), daemon=True)
        thread.start()
        try:
            yield app, f"http://127.0.0.1:{settings.port}{PATH}"
        finally:
            server.should_exit = True
            thread.join(30)


def over_http(conversation, address, mode="auto", **more):
    """What a conversation with a server over HTTP comes to."""

    async def talk():
        async with Client(address, mode=mode, **more) as assistant:
            return await conversation(assistant)

    return asyncio.run(talk())


def takes_file(parameter):
    return isinstance(getattr(parameter.kind, "each", parameter.kind), File)
