"""The server under test, as its tests meet it."""

import contextlib
import csv
import io
import json
import socket
import tempfile

import uvicorn
from starlette.testclient import TestClient
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.web.app import create
from leadtime.web.connections import protocol
from leadtime.web.settings import Settings

API = "/api/v1"
MINE = "title: Mine\nnarrative: None let in.\nbase: as-is\nlevers: {uptake: 0}\n"
QUICK = {"method": "map", "draws": 200, "per_minute": 1_000_000, "page_seconds": 120.0, "wait_seconds": 120.0}


def client(**more):
    made = create(Settings(**{**QUICK, "database": f"sqlite:///{tempfile.mkdtemp()}/jobs.sqlite3", **more}))
    return TestClient(made, base_url="http://127.0.0.1", raise_server_exceptions=False)


@contextlib.contextmanager
def listening(web):
    """The address where a server that is asked in this process is asked over the network too, as `leadtime
    serve` is.
    """
    app = web.app.app
    config = uvicorn.Config(
        web.app,
        port=0,
        lifespan="off",
        log_level="error",
        http=protocol(app.state.settings),
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as place:
        ended = web.portal.start_task_soon(server.serve, [place])
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            ended.result(30)


def row(found):
    """A row of a built-in table as a study's file holds it."""
    return {k: v for k, v in found.items() if v is not None}


def own(found):
    """A row without its stamp, as a reader would bring it."""
    stamp = ("version", "as_of", "evidence_hash")
    return {k: v for k, v in found.items() if k not in stamp and not k.startswith("newest_")}


def as_csv(*rows):
    out = io.StringIO()
    written = csv.DictWriter(out, list(rows[0]))
    written.writeheader()
    written.writerows(rows)
    return out.getvalue()


def save(web, files, **more):
    return web.post(f"{API}/studies", json={"files": files}, **more)


def command(*arguments):
    """What the command line says in JSON."""
    done = CliRunner().invoke(app, [*arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)
