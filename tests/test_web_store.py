"""The store of jobs: servers that are killed, both databases."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2 as httpx
import pytest

from jobs_side import BODY, free_port, server, wait
from leadtime.errors import LeadtimeError
from leadtime.web.store import Store
from terminal_side import typed
from web_client import API, MINE, client


def test_the_command_starts_a_server_that_answers_and_stops_when_told(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "leadtime", "serve", "--port", str(port), "--method", "map", "--draws", "50"]
    where = {**os.environ, "LEADTIME_CACHE": str(tmp_path)}
    with subprocess.Popen(command, env=where, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert f"http://127.0.0.1:{port}" in process.stdout.readline()
            answer = None
            for _ in range(150):
                with contextlib.suppress(httpx.TransportError):
                    answer = httpx.get(f"http://127.0.0.1:{port}{API}/schemas/lag")
                    break
                time.sleep(0.2)
            assert answer is not None
            assert answer.json()["question"] == "schema"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)


def test_a_killed_server_loses_no_job(tmp_path):
    database = f"sqlite:///{tmp_path}/jobs.sqlite3"
    with server(database) as (c, process):
        ids = [c.post(f"{API}/jobs", json=BODY).json()["id"] for _ in range(2)]
        wait(c, ids[0], ends=("running",))
        os.killpg(process.pid, signal.SIGKILL)
    with server(database) as (c, _):
        assert [wait(c, i)["status"] for i in ids] == ["done", "done"]


# -- the store, on both databases
# --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgresql():
    """A PostgreSQL of our own, in a folder of its own, gone afterward."""
    pytest.importorskip("psycopg")
    found = shutil.which("initdb") or next(
        iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None
    )
    if found is None:
        pytest.skip("there is no PostgreSQL here (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="leadtime-pg-"))
    as_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--clear-groups"]
    binaries, port = Path(found).resolve().parent, free_port()
    start = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        subprocess.run(
            [*as_user, binaries / "initdb", "-D", folder / "data", "-U", "leadtime", "--auth=trust"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        subprocess.run(
            [*as_user, binaries / "pg_ctl", "-D", folder / "data", "-o", start, "-l", folder / "log", "-w", "start"],
            check=True,
            capture_output=True,
            cwd="/",
        )
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {getattr(error, 'stderr', b'') or error}")
    yield f"postgresql+psycopg://leadtime@127.0.0.1:{port}/postgres"
    subprocess.run(
        [*as_user, binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"],
        check=False,
        capture_output=True,
        cwd="/",
    )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    url = (
        request.getfixturevalue("postgresql") if request.param == "postgresql" else f"sqlite:///{tmp_path}/jobs.sqlite3"
    )
    made = Store(url)
    yield made
    made.expire(time.time() + 1e6)
    made.close()


def test_a_job_goes_its_way_once(store):
    first, second = (store.create("lag", {"model": m}) for m in ("a", "b"))
    assert store.waiting() == 2
    taken = store.next()
    assert (taken.id, taken.status) == (first.id, "queued")
    assert store.get(first.id).status == "running"
    assert store.told(first.id, "half", 0.5)
    assert store.get(first.id).done == 0.5
    assert store.again() == 1  # the server stopped: it waits again
    assert store.next().id == first.id
    assert store.finish(first.id, b"{}")
    assert store.result(first.id) == b"{}"
    assert not store.cancel(first.id)
    assert not store.fail(first.id, {})
    assert store.cancel(second.id)
    assert store.next() is None
    assert store.waiting() == 0
    assert store.expire(time.time() + 10) == 2
    assert store.get(first.id) is None


def test_saved_studies_outlive_the_server(store):
    files = {"scenarios/mine.yaml": MINE}
    store.save_study("a" * 32, files)
    store.save_study("a" * 32, {"scenarios/other.yaml": "x"})  # the same id is the same study: it stays as it is
    again = Store(store.engine.url.render_as_string(hide_password=False))
    assert again.study("a" * 32) == files and again.kept_studies()[0] >= 1
    assert again.drop_study("a" * 32) and not again.drop_study("a" * 32) and store.study("a" * 32) is None
    again.close()


def test_a_server_on_postgresql_runs_a_job(postgresql):
    with client(database=postgresql) as c:
        made = c.post(f"{API}/jobs", json={"answer": "scenario_levers"}).json()
        assert wait(c, made["id"])["status"] == "done"
        assert {r["lever"] for r in c.get(f"{API}/jobs/{made['id']}/result").json()["rows"]} >= {
            "uptake",
            "quota_h100e",
        }


@pytest.mark.parametrize(
    "url", ["nothing", "sqlite:////nowhere/at/all.sqlite3", "postgresql+psycopg://nobody@127.0.0.1:1/none"]
)
def test_a_store_that_cannot_be_opened_is_said(url):
    with pytest.raises(LeadtimeError, match="cannot be opened"):
        Store(url)


def test_serve_starts_the_server_that_its_options_name(monkeypatch):
    started = []
    monkeypatch.setattr("leadtime.web.app.run", started.append)
    options = ("--port", "8399", "--method", "map", "--draws", "200", "--per-minute", "70", "--proxy", "10.0.0.1")
    done = typed("serve", *options)
    assert (done.returncode, done.stdout.split()[0]) == (0, "http://127.0.0.1:8399")
    assert typed("serve", "--host", "::1", *options).stdout.startswith("http://[::1]:8399")
    told = {(s.host, s.port, s.method, s.draws, s.per_minute, s.proxies, s.warm) for s in started}
    assert told == {(host, 8399, "map", 200, 70, ("10.0.0.1",), True) for host in ("127.0.0.1", "::1")}
    refused = typed("serve", "--host", "0.0.0.0")
    assert refused.returncode == 1 and "no token" in refused.stderr and len(started) == 2
