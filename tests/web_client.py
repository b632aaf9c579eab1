"""The server under test, as its tests meet it."""

import json
import subprocess
import sys
import tempfile

from starlette.testclient import TestClient

from leadtime.web.app import create
from leadtime.web.settings import Settings

API = "/api/v1"
MINE = "title: Mine\nnarrative: None let in.\nbase: as-is\nlevers: {uptake: 0}\n"
QUICK = {"method": "map", "draws": 200, "per_minute": 1_000_000}


def client(**more):
    app = create(Settings(**{**QUICK, "database": f"sqlite:///{tempfile.mkdtemp()}/jobs.sqlite3", **more}))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def command(*arguments):
    done = subprocess.run([sys.executable, "-m", "leadtime", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
