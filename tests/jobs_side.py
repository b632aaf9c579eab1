"""Jobs of the server, asked for and waited for."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import httpx2 as httpx

from conforms import conforms
from web_client import API

# -- jobs
# -----------------------------------------------------------------------------------------------------------------

BODY = {"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 20_000}}


def wait(c, id_, ends=("done", "failed", "cancelled"), seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = conforms("job", c.get(f"{API}/jobs/{id_}").json())
        if job["status"] in ends:
            return job
        time.sleep(0.2)
    raise AssertionError(job)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


SERVER = """
import sys
from leadtime.web.app import run
from leadtime.web.settings import Settings
run(Settings(port=int(sys.argv[1]), database=sys.argv[2], method="map", draws=200))
"""


@contextlib.contextmanager
def server(database):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port), database],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as c:
        for _ in range(900):
            with contextlib.suppress(httpx.TransportError):
                c.get("/static/none")
                break
            time.sleep(0.1)
        try:
            yield c, process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
