"""The store of jobs: servers that are killed, both databases."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from jobs_side import BODY, free_port, server, wait
from leadtime.errors import LeadtimeError
from leadtime.web import store as stores
from leadtime.web.database import JOBS
from leadtime.web.places import own_name
from leadtime.web.store import Store
from terminal_side import typed
from web_client import API, MINE, client

ME, OTHER = "here-1-a", "there-2-b"


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
    taken = store.next(ME)
    assert (taken.id, taken.status) == (first.id, "queued")
    assert (store.get(first.id).status, store.get(first.id).held_by) == ("running", ME)
    assert store.told(first.id, ME, "half", 0.5)
    assert store.get(first.id).done == 0.5
    assert store.again(ME) == 1  # the server stopped: it waits again
    assert store.next(ME).id == first.id
    assert store.finish(first.id, ME, b"{}")
    assert store.result(first.id) == b"{}"
    assert not store.cancel(first.id)
    assert not store.fail(first.id, ME, {})
    assert store.cancel(second.id)
    assert store.next(ME) is None
    assert store.waiting() == 0
    assert store.expire(time.time() + 10) == 2
    assert store.get(first.id) is None


def test_a_job_is_its_servers_own_until_that_is_gone_or_silent(store, monkeypatch):
    id_ = store.create("lag", {"model": "a"}).id
    assert store.next(ME).id == id_ and store.next(OTHER) is None
    assert store.again(OTHER) == 0 and store.hold(id_, ME)  # the other server starts: it takes nothing
    assert not (store.hold(id_, OTHER) or store.told(id_, OTHER, "", 0.1) or store.finish(id_, OTHER, b"no"))
    assert not (store.fail(id_, OTHER, {}) or store.back(id_, OTHER)) and store.get(id_).status == "running"
    monkeypatch.setattr(stores, "HELD_SECONDS", 0.2)
    time.sleep(0.3)
    assert store.hold(id_, ME) and store.again(OTHER) == 0  # it has just been heard of
    time.sleep(0.3)
    assert store.again(OTHER) == 1 and store.next(OTHER).id == id_
    assert not store.finish(id_, ME, b"late") and store.finish(id_, OTHER, b"well")
    assert store.result(id_) == b"well"
    monkeypatch.setattr(stores, "HELD_SECONDS", 1000.0)
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    machine = own_name().partition("-")[0]
    for name, n in ((f"{machine}-{ended.pid}-1", 1), (f"elsewhere-{ended.pid}-1", 0), (own_name(), 0)):
        of_it = store.create("lag", {"model": name})
        assert store.next(name).id == of_it.id
        assert store.again(OTHER) == n, name  # at once where it is seen to be gone
        store.cancel(of_it.id)


def test_many_servers_take_each_job_once_and_compute_the_same_question_once(store):
    url = store.engine.url.render_as_string(hide_password=False)
    ids = [store.create("lag", {"model": f"m{i % 10}"}).id for i in range(40)]

    def serve(k):
        mine, own, done = Store(url), f"server-{k}", []
        while mine.waiting():
            if (job := mine.next(own)) is not None:
                time.sleep(0.005)
                done.append(job.question["model"])
                assert mine.finish(job.id, own, job.question["model"].encode())
        mine.close()
        return done

    with ThreadPoolExecutor(4) as pool:
        computed = [m for done in pool.map(serve, range(4)) for m in done]
    assert sorted(computed) == sorted({f"m{i}" for i in range(10)})
    assert [store.result(id_) for id_ in ids] == [f"m{i % 10}".encode() for i in range(40)]


def test_of_two_servers_on_one_database_one_takes_over_the_job_of_the_other_that_is_killed(postgresql):
    with server(postgresql) as (one, first), server(postgresql) as (two, second):
        id_ = one.post(f"{API}/jobs", json=BODY).json()["id"]
        wait(two, id_, ends=("running",))
        store = Store(postgresql)
        holder = int(store.get(id_).held_by.split("-")[1])
        assert holder in (first.pid, second.pid)
        os.killpg(holder, signal.SIGKILL)
        begun = time.monotonic()
        assert wait(two if holder == first.pid else one, id_)["status"] == "done"
        assert time.monotonic() - begun < 60
        with store.engine.connect() as c:
            assert c.execute(sa.select(JOBS.c.attempts).where(JOBS.c.id == id_)).scalar() == 2
        store.close()


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
    assert refused.returncode == 1 and "needs a token" in refused.stderr and len(started) == 2
