"""Long questions of the server: made, heard, cancelled, and never lost, whichever database keeps them."""

import contextlib
import errno
import json
import multiprocessing.util
import os
import time
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

import worker_side
from conforms import conforms
from jobs_side import BODY, wait
from leadtime.errors import LeadtimeError
from leadtime.web import asked, jobs, watch
from leadtime.web.database import JOBS
from leadtime.web.job_routes import shown
from leadtime.web.settings import Settings
from leadtime.web.store import ENDS, MOST_ATTEMPTS, Store
from web_client import API, MINE, client

ME = "here-1-a"


def test_a_job_is_made_heard_and_answered(web):
    made = web.post(f"{API}/jobs", json=BODY)
    assert made.status_code == 201
    conforms("job", made.json())
    assert made.headers["location"] == f"{API}/jobs/{made.json()['id']}"
    with web.stream("GET", f"{API}/jobs/{made.json()['id']}/events") as events:
        said = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]
    assert said[-1]["status"] == "done"
    assert [s["done"] for s in said] == sorted(s["done"] for s in said)
    found = web.get(said[-1]["links"]["result"]).json()
    assert found["n"] == 20_000
    assert {r["scenario"] for r in found["rows"]} == {"as-is"}


def test_a_job_that_fails_says_why_and_a_running_one_can_be_cancelled(web):
    failed = web.post(f"{API}/jobs", json={"answer": "scenario_draws", "parameters": {"names": ["as-was"]}}).json()
    assert wait(web, failed["id"])["problem"]["title"].startswith("there is no scenario called 'as-was'")
    assert web.get(f"{API}/jobs/{failed['id']}/result").status_code == 409
    long = web.post(
        f"{API}/jobs",
        json={"answer": "scenario_draws", "parameters": {"names": ["as-is", "no-controls"], "n": 10_000_000}},
    ).json()
    wait(web, long["id"], ends=("running",))
    begun = time.monotonic()
    assert conforms("job", web.delete(f"{API}/jobs/{long['id']}").json())["status"] == "cancelled"
    assert web.delete(f"{API}/jobs/{long['id']}").status_code == 409
    after = web.post(f"{API}/jobs", json=BODY).json()  # the worker is free again at once
    assert wait(web, after["id"])["status"] == "done"
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"answer": "nothing"}, 400),
        ({"answer": "lag", "parameters": {"draws": 1}}, 422),
        ({"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 10**9}}, 422),
        ({"answer": "lag", "parameters": {"model": "x", "shell": "rm"}}, 422),
        ({"answer": "lag", "parameters": []}, 422),
        ([], 422),
        ({"answer": 7}, 422),
    ],
)
def test_a_malformed_job_is_refused_at_once(web, body, status):
    refused = web.post(f"{API}/jobs", json=body)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert web.get(f"{API}/jobs/{'0' * 32}").status_code == 404
    assert web.get(f"{API}/jobs/nothing").status_code == 422


def test_a_job_that_cannot_be_started_fails_in_words_and_the_next_one_runs(web, monkeypatch):
    begin, left = multiprocessing.util.spawnv_passfds, [BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))]

    def out_of_processes_once(*arguments):
        if left:
            raise left.pop()
        return begin(*arguments)

    monkeypatch.setattr(multiprocessing.util, "spawnv_passfds", out_of_processes_once)
    ids = [web.post(f"{API}/jobs", json=BODY).json()["id"] for _ in range(2)]
    failed = wait(web, ids[0])
    assert failed["status"] == "failed"
    assert failed["problem"]["status"] == 503
    assert "could not be started (Resource temporarily unavailable)" in failed["problem"]["title"]
    assert failed["problem"]["fix"]
    assert wait(web, ids[1])["status"] == "done"


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """The queue of a server, alone, whose jobs do to their processes what is asked for."""
    monkeypatch.setattr(asked, "as_job", worker_side.misbehave)
    monkeypatch.setattr(jobs, "_MOST_SECONDS", 0.5)
    monkeypatch.setattr(watch, "PATIENCE", 1.0)
    monkeypatch.setattr(jobs, "_AFTER_TROUBLE_SECONDS", 0.1)
    monkeypatch.setattr(jobs, "_ROOM_SECONDS", 0.3)
    store = Store(f"sqlite:///{tmp_path}/jobs.sqlite3")
    runner = jobs.Runner(store, Settings(most_memory=400_000_000), lambda id_: contextlib.nullcontext())
    runner.start()
    yield store
    assert runner._thread.is_alive()
    runner.stop()
    store.close()


def ended(store, id_, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = store.get(id_)
        if job.status in ENDS:
            return job
        time.sleep(0.02)
    raise AssertionError(job)


def test_the_queue_outlives_whatever_a_job_does_to_its_process(queue):
    names = [*worker_side.MODES, "too large", "well"]
    ids = {name: queue.create("schema", {"name": name}).id for name in names}
    found = {name: ended(queue, id_) for name, id_ in ids.items()}
    assert {name for name, job in found.items() if job.status != "failed"} == {"well"}
    assert all(job.problem["title"] for name, job in found.items() if name != "well")
    assert "secret" not in json.dumps([job.problem for job in found.values()])
    assert queue.result(ids["too large"]) is None


def test_a_job_whose_process_is_killed_is_begun_again_and_a_result_waits_for_room(queue, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "_ROOM_SECONDS", 60.0)
    monkeypatch.setenv("TEST_MARK", str(tmp_path / "mark"))
    killed = queue.create("schema", {"name": "dies once"}).id
    assert ended(queue, killed).status == "done"
    finish, left = Store.finish, [1] * 3

    def full(store, *given):
        if left:
            left.pop()
            raise sqlalchemy.exc.OperationalError("", {}, Exception("database or disk is full"))
        return finish(store, *given)

    monkeypatch.setattr(Store, "finish", full)
    assert ended(queue, queue.create("schema", {"name": "well"}).id).status == "done" and not left


def test_the_queue_outlives_a_damaged_row_and_a_job_of_another_version(queue):
    row = {"status": "queued", "done": 0.0, "words": "", "created_at": 1.0, "changed_at": 1.0}
    for i, (answer, question) in enumerate(
        [
            ("schema", "{"),
            ("schema", "[]"),
            ("none", "{}"),
            ("schema", '{"nome": 1}'),
            ("schema", '{"name": ' + "[" * 20_000),
        ]
    ):
        with queue.engine.begin() as c:
            c.execute(sqlalchemy.insert(JOBS).values(id=f"{i}", answer=answer, question=question, **row))
    with queue.engine.begin() as c:
        c.exec_driver_sql(
            "INSERT INTO leadtime_jobs (id, answer, question, status, done, words, result, problem, created_at,"
            " changed_at, attempts) VALUES ('x', 'schema', x'ff00', 'queued', 'half', x'00', NULL, x'ff', 'then',"
            " 'now', 'none')"
        )
    well = queue.create("schema", {"name": "well"}).id
    assert ended(queue, well).status == "done"
    assert shown(ended(queue, "x"))["status"] == "failed"
    assert [(queue.get(str(i)).status, bool(queue.get(str(i)).problem["title"])) for i in range(5)] == [
        ("failed", True)
    ] * 5


def test_a_job_put_to_a_study_that_is_deleted_ends(queue, monkeypatch):
    monkeypatch.setattr(jobs, "_MOST_SECONDS", 60.0)
    queue.save_study("a" * 32, {"scenarios/mine.yaml": MINE})
    under_way = queue.create("lag", {"study": "a" * 32, "model": "deepseek-v3"}).id
    while queue.get(under_way).status == "queued":
        time.sleep(0.02)
    queue.drop_study("a" * 32)
    assert "deleted" in ended(queue, under_way, 10).problem["title"]


def test_the_page_of_a_job_that_cannot_be_read_is_shown(web):
    store, row = web.app.app.state.store, {"done": 1.0, "words": "", "created_at": 1.0, "changed_at": time.time()}
    for i, (answer, question) in enumerate(
        [("scenario_draws", "{"), ("none", "{}"), ("scenario_draws", '{"as_of": 5, "study": 7}')]
    ):
        with store.engine.begin() as c:
            c.execute(
                sqlalchemy.insert(JOBS).values(
                    id=f"{i}" * 32, answer=answer, question=question, status="done", result=b"{}", **row
                )
            )
        assert web.get(f"/job/{f'{i}' * 32}").status_code == 200
        assert web.get(f"{API}/jobs/{f'{i}' * 32}").status_code == 200


@pytest.mark.parametrize("how", ["removed", "replaced", "no database"])
def test_the_queue_outlives_its_store(queue, tmp_path, how):
    database = tmp_path / "jobs.sqlite3"
    queue.create("schema", {"name": "well"})
    for ending in ("-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    if how == "removed":
        database.unlink()
    else:
        other = tmp_path / "other"
        other.write_bytes(b"" if how == "replaced" else b"this is no database" * 1000)
        other.replace(database)
    if how == "no database":
        time.sleep(0.4)
        database.unlink()
    until = time.monotonic() + 20
    while time.monotonic() < until:  # requests are told that the store cannot be used, until it is open again
        with contextlib.suppress(SQLAlchemyError, AttributeError):  # or is lost with the file that was there
            assert ended(queue, queue.create("schema", {"name": "well"}).id).status == "done"
            return
        time.sleep(0.05)
    raise AssertionError(how)


def test_a_result_that_the_store_cannot_take_fails_its_job_in_words(queue):
    with queue.engine.connect() as c:
        pages = c.exec_driver_sql("PRAGMA page_count").scalar() + 20
    sqlalchemy.event.listen(queue.engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={pages}"))
    queue.engine.dispose()
    failed = ended(queue, queue.create("schema", {"name": "large"}).id)
    assert failed.status == "failed" and "full" in failed.problem["title"] and failed.problem["status"] == 503
    assert ended(queue, queue.create("schema", {"name": "well"}).id).status == "done"


def test_the_queue_outlives_any_failure_of_ours(queue, monkeypatch):
    left = [RuntimeError("one"), MemoryError(), OSError(5, "disk"), KeyError("x")]
    lookup = Store.next

    def failing(store, server):
        if left:
            raise left.pop()
        return lookup(store, server)

    monkeypatch.setattr(Store, "next", failing)
    made = queue.create("schema", {"name": "well"}).id
    until = time.monotonic() + 20
    while left and time.monotonic() < until:
        time.sleep(0.05)
    monkeypatch.setattr(Store, "next", lookup)
    assert ended(queue, made).status in ("done", "failed")


def test_a_job_that_ends_its_server_each_time_is_not_begun_for_ever(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/jobs.sqlite3")
    poisoned, stopped = store.create("lag", {"model": "a"}), store.create("lag", {"model": "b"})
    for _ in range(MOST_ATTEMPTS):
        assert store.next(ME).id == poisoned.id
        assert store.get(poisoned.id).status == "running"
        store.again(ME)
    assert store.get(poisoned.id).status == "failed" and "3 times" in store.get(poisoned.id).problem["title"]
    for _ in range(MOST_ATTEMPTS + 2):  # a server that is stopped does not count
        assert store.next(ME).id == stopped.id and store.back(stopped.id, ME)
    assert store.get(stopped.id).status == "queued"
    store.close()


def test_a_store_of_a_version_before_is_opened(tmp_path):
    url = f"sqlite:///{tmp_path}/jobs.sqlite3"
    store = Store(url)
    id_ = store.create("lag", {"model": "a"}).id
    with store.engine.begin() as c:
        c.exec_driver_sql("ALTER TABLE leadtime_jobs DROP COLUMN attempts")
    store.close()
    again = Store(url)
    assert again.next(ME).id == id_ and again.again(ME) == 1
    again.close()


def test_results_that_are_kept_are_bounded(tmp_path, monkeypatch):
    store = Store(f"sqlite:///{tmp_path}/jobs.sqlite3")
    monkeypatch.setattr("leadtime.web.store.MOST_RESULTS", 250)
    ids = []
    for _ in range(4):
        ids.append(store.create("lag", {"model": f"{len(ids)}"}).id)
        store.next(ME)
        store.finish(ids[-1], ME, b"x" * 100)
        time.sleep(0.002)
    assert store.expire(0) == 2
    assert [store.get(i) is not None for i in ids] == [False, False, True, True]
    with pytest.raises(LeadtimeError, match="letters"):
        store.create("lag", {"model": "x" * 200_000})
    store.close()


def test_the_queue_is_bounded():
    with client(most_jobs=1) as c:
        c.post(f"{API}/jobs", json={"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 5_000_000}})
        refused = c.post(f"{API}/jobs", json=BODY)
        assert refused.status_code == 503
        assert refused.headers["retry-after"]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    url = (
        request.getfixturevalue("postgresql") if request.param == "postgresql" else f"sqlite:///{tmp_path}/jobs.sqlite3"
    )
    made = Store(url)
    yield made
    made.expire(time.time() + 1e6)
    made.close()
