"""What stands around the answers: who may keep them and how long, whether the server is ready, and
that it stops well.
"""

import datetime as dt
import json
import signal
import time

import pytest

from jobs_side import BODY, server, wait
from leadtime.web import headers
from leadtime.web.store import Store
from web_client import API, MINE, client

TABLE = "/data/chips.csv"


@pytest.fixture(scope="module")
def public():
    with client(public="leadtime.example.org") as c:
        yield c


def cache_of(c, path, **more):
    found = c.get(path, **more)
    assert found.status_code == 200, found.text
    return found.headers["cache-control"]


def test_what_everybody_may_read_may_be_kept_by_caches_and_what_is_one_readers_own_may_not(public):
    days = {"": "max-age=60", "?as_of=2026-10-31": "max-age=3600"}
    for path in (TABLE, f"{API}/evidence/chips"):
        for day, age in days.items():
            for _ in range(2):  # computed, and ready
                assert cache_of(public, path + day).startswith(f"public, {age}, stale-while-revalidate"), path
    assert "max-age=60" in cache_of(public, f"{API}/openapi.json")
    study = "a" * 32
    public.app.app.state.store.save_study(study, {"scenarios/mine.yaml": MINE})
    for _ in range(2):
        assert cache_of(public, f"{TABLE}?study={study}") == "private, no-cache"
    for path in ("/own", f"/health?x={study}", f"{API}/studies/{study}"):
        assert cache_of(public, path) == "no-store"
    assert public.get(f"{API}/cost").headers.get("cache-control") is None  # what is wrong is kept by nobody's word
    asset = next(a for a in public.get("/own").text.split('"') if a.startswith("/static/"))
    assert cache_of(public, asset) == "public, max-age=31536000, immutable"
    with client(public="leadtime.example.org", token="a token of sufficient length") as c:
        bearer = {"authorization": "Bearer a token of sufficient length"}
        assert cache_of(c, TABLE, headers=bearer) == "private, no-cache"


def test_an_answer_of_today_is_not_kept_beyond_the_day(monkeypatch):
    class Late(dt.datetime):
        @classmethod
        def now(cls):
            return cls(2026, 11, 30, 23, 59, 50)

    monkeypatch.setattr(headers.dt, "datetime", Late)
    assert headers.kept("today").startswith("public, max-age=10, ")
    assert headers.kept("past").startswith("public, max-age=3600, ")


def test_the_tag_is_of_the_bytes_that_are_sent(public):
    tags = {}
    for encoding in ("gzip", "identity"):
        first = public.get(TABLE, headers={"accept-encoding": encoding})
        tags[encoding] = first.headers["etag"]
        again = public.get(TABLE, headers={"accept-encoding": encoding, "if-none-match": tags[encoding]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tags[encoding])
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert tags["gzip"] != tags["identity"] and not tags["gzip"].startswith("W/")


def test_a_head_is_answered_as_what_it_is_the_head_of(public):
    asked, head = public.get("/own"), public.head("/own")
    assert head.status_code == 200 and head.headers["content-length"] == asked.headers["content-length"]
    assert public.head(f"{API}/jobs/{'0' * 32}/events").status_code == 405


def test_health_is_told_to_any_name_without_a_token_and_nothing_else_is():
    with client(token="a token of sufficient length", host="0.0.0.0") as c:
        for path in ("/health", "/health/alive", "/health/ready"):
            said = c.get(path, headers={"host": "10.1.2.3:8300"})
            assert (said.status_code, said.json()) == (200, {"alive": True, "ready": True, "jobs": True})
        assert c.get("/healthy").status_code == 401 and c.get("/health/").status_code in (401, 404)
        runner = c.app.app.state.runner
        runner.trouble = "away"
        assert c.get("/health/ready").json() == {"alive": True, "ready": True, "jobs": False}
        c.app.app.state.stops = True
        assert (c.get("/health/ready").status_code, c.get("/health/alive").status_code) == (503, 200)
        c.app.app.state.stops = False
    with client() as c:
        assert c.get("/health", headers={"host": "evil.example"}).status_code == 200
        assert c.get("/own", headers={"host": "evil.example"}).status_code == 421


def test_a_server_is_not_ready_before_its_first_page(monkeypatch):
    import worker_side
    from leadtime.web import pages

    monkeypatch.setattr(pages, "gathered", worker_side.forever)
    with client(warm=True) as c:
        begun = time.monotonic()
        assert (c.get("/health/ready").status_code, c.get("/health/alive").status_code) == (503, 200)
        assert time.monotonic() - begun < 5


def test_a_server_that_is_told_to_stop_ends_at_once_and_its_job_waits_for_the_next(tmp_path):
    database = f"sqlite:///{tmp_path}/jobs.sqlite3"
    with server(database) as (c, process):
        id_ = c.post(f"{API}/jobs", json=BODY).json()["id"]
        wait(c, id_, ends=("running",))
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM) and time.monotonic() - begun < 20
        assert process.stderr.read() == b""
    store = Store(database)
    job = store.get(id_)
    assert (job.status, job.held_by) == ("queued", "")
    assert store.next("next").id == id_
    store.close()
    assert json.dumps(job.problem) == "null"
