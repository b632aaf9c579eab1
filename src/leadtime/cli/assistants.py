"""`leadtime mcp`: every question as a tool of an assistant."""

import importlib.util
import sys
from typing import Annotated

import typer

from leadtime.cli.terminal import Draws, Method, StudyDir, put
from leadtime.extras import missing

#: Clients give a tool a minute, unless they are told otherwise: before that, they hear that it is being computed.
_WAIT_SECONDS = 45.0


def mcp(
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP, not over standard input and output.")] = False,
    host: Annotated[
        str, typer.Option("--host", help="With --http: address to listen on. Beyond this machine it needs --token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="With --http: port to listen on.")] = 8301,
    token: Annotated[
        str,
        typer.Option(
            "--token", envvar="LEADTIME_TOKEN", help="With --http: what clients must send, 16 characters or more."
        ),
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            help="With --http: proxy before the server. Its X-Forwarded-For is believed.",
        ),
    ] = None,
    per_minute: Annotated[
        int, typer.Option("--per-minute", min=1, help="With --http: requests a client may make in a minute.")
    ] = 600,
    study: StudyDir = None,
    draws: Draws = None,
    method: Method = None,
) -> None:
    """Let an assistant ask: every question as a tool of the Model Context Protocol."""
    if importlib.util.find_spec("mcp") is None:
        raise missing("mcp", "the package `mcp` is not installed", where="mcp")
    from leadtime.evidence.settings import resolve
    from leadtime.web.settings import Settings

    _, draws, method = resolve(study, None, draws, method)
    settings = Settings(
        host=host,
        port=port,
        token=token,
        proxies=tuple(proxy or ()),
        study=study,
        draws=draws,
        method=method,
        per_minute=per_minute,
        wait_seconds=_WAIT_SECONDS,
        gone_at_eof=True,
    ).checked()
    if http:
        from leadtime.mcp import http as door

        put(f"http://{f'[{host}]' if ':' in host else host}:{port}{door.PATH}")
        return door.run(settings)
    from leadtime.mcp import stdio

    if sys.stdin.isatty():
        print("An assistant starts this command and speaks to it. Ctrl-C ends it.", file=sys.stderr)
    return stdio.run(settings)
