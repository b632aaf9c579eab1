"""`leadtime serve`: the pages and the API, on this machine."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from leadtime.cli.terminal import Draws, Method, StudyDir, put


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Beyond this machine it needs --token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8300,
    token: Annotated[
        str, typer.Option("--token", envvar="LEADTIME_TOKEN", help="What clients must send, 16 characters or more.")
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            help="Proxy before the server. Its X-Forwarded-For and -Proto are believed. Repeat it for several.",
        ),
    ] = None,
    public: Annotated[
        str,
        typer.Option(
            "--public",
            metavar="NAME",
            help="Public name behind a proxy. Everybody may then read the server, and other sites may show its charts.",
        ),
    ] = "",
    per_minute: Annotated[
        int, typer.Option("--per-minute", min=1, help="Requests a client may make in a minute.")
    ] = 600,
    database: Annotated[
        str,
        typer.Option(
            "--database",
            envvar="LEADTIME_DATABASE",
            metavar="URL",
            help="Where jobs are kept. The default is SQLite in the cache.",
        ),
    ] = "",
    editions: Annotated[
        Path | None,
        typer.Option("--editions", metavar="DIR", help="Folder of editions to send. The default is one in the cache."),
    ] = None,
    ahead: Annotated[
        int,
        typer.Option("--ahead", min=0, max=60, help="Prepare the ends of this many past months while nobody asks."),
    ] = 0,
    study: StudyDir = None,
    draws: Draws = None,
    method: Method = None,
) -> None:
    """Serve the pages and the API; stops with Ctrl-C."""
    from leadtime.evidence.settings import resolve
    from leadtime.web.settings import Settings
    from leadtime.web.workers import early

    _, draws, method = resolve(study, None, draws, method)
    settings = Settings(
        host=host,
        port=port,
        token=token,
        public=public,
        proxies=tuple(proxy or ()),
        study=study,
        draws=draws,
        method=method,
        per_minute=per_minute,
        database=database,
        warm=True,
        editions=editions,
        ahead=ahead,
    ).checked()
    where = f"[{host}]" if ":" in host else host
    with early("leadtime.web.filled", "warm", draws, method) if study is None else contextlib.nullcontext():
        from leadtime.web.app import run

        put(f"http://{where}:{port}  (the API: /api/v1, described in /api/v1/openapi.json)")
        run(settings)
