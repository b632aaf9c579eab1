"""Attacks on what SECURITY.md promises of the server's work: no request takes the time, memory, disk or turns of
others.
"""

import contextlib
import functools
import json
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

import worker_side
from jobs_side import server
from leadtime.web import pages, studies, watch
from leadtime.web.asked import Answer, Which
from leadtime.web.desk import Desk, _Asked
from leadtime.web.lanes import Busy, Lane, Question
from leadtime.web.settings import Settings
from leadtime.web.workers import Ended, Failed, Worker
from web_client import API, MINE, client, save

GIGABYTE = 1_000_000_000


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """However little of the processor the tests are given, the limit of the clock is not what ends a computation."""
    monkeypatch.setattr(watch, "PATIENCE", 1000.0)


@pytest.fixture(scope="module")
def short():
    """A server whose computations have a second, and whose clients wait for most of it."""
    with client(request_seconds=1.0, wait_seconds=120.0) as c:
        yield c


@pytest.fixture(scope="module")
def worker():
    made = Worker(GIGABYTE)
    yield made
    made.end()


def call(function, *arguments):
    """A call that takes no notice of who is told."""
    return functools.partial(function, *arguments)


def gone(process, seconds=3.0):
    """Whether a process ends in a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
            if b") Z " in Path(f"/proc/{process}/stat").read_bytes():
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


# -- one process
# ------------------------------------------------------------------------------------------------------------------


def test_what_takes_too_long_too_much_or_is_not_wanted_ends_with_its_process(worker):
    first = int(worker.ask(call(worker_side.slept, 0), seconds=5))
    for function, words, more in (
        (worker_side.burns, "took longer than 0.3 seconds of the processor", {"seconds": 0.3}),
        (worker_side.forever, "was deleted", {"seconds": 60, "unwanted": lambda: "was deleted"}),
    ):
        begun = time.monotonic()
        with pytest.raises(Ended, match=words):
            worker.ask(call(function), **more)
        assert time.monotonic() - begun < 20 and not worker.runs
    assert gone(first)
    assert int(worker.ask(call(worker_side.slept, 0), seconds=5)) != first


def test_a_process_that_was_killed_between_two_questions_is_replaced_unseen(worker):
    first = int(worker.ask(call(worker_side.slept, 0), seconds=5))
    os.kill(first, signal.SIGKILL)
    assert int(worker.ask(call(worker_side.slept, 0), seconds=5)) != first


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="seconds of the processor are counted on Linux")
def test_the_limit_is_of_the_processor_and_a_much_longer_one_of_the_clock(worker, monkeypatch):
    assert int(worker.ask(call(worker_side.slept, 1.0), seconds=0.4)) == int(
        worker.ask(call(worker_side.slept, 0), seconds=5)
    )
    monkeypatch.setattr(watch, "PATIENCE", 2.0)
    with pytest.raises(Ended, match=r"did not end within \d seconds, in which it had 0 of the processor"):
        worker.ask(call(worker_side.forever), seconds=0.5)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="seconds of the processor are counted on Linux")
def test_a_computation_that_a_busy_machine_keeps_waiting_is_answered(worker):
    process = int(worker.ask(call(worker_side.slept, 0), seconds=5))

    def starve():
        for _ in range(6):
            os.kill(process, signal.SIGSTOP)
            time.sleep(0.3)
            os.kill(process, signal.SIGCONT)
            time.sleep(0.02)

    starving = threading.Thread(target=starve)
    starving.start()
    begun = time.monotonic()
    assert int(worker.ask(call(worker_side.worked, 0.2), seconds=1.0)) == process
    assert time.monotonic() - begun > 1.0
    starving.join()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is watched on Linux")
def test_memory_without_end_ends_with_its_process():
    worker = Worker(300_000_000)
    begun = time.monotonic()
    with pytest.raises(Ended, match="memory"):
        worker.ask(call(worker_side.hoard), seconds=60)
    assert time.monotonic() - begun < 30 and not worker.runs


def test_a_failure_within_is_told_apart_from_an_end(worker):
    for function in (worker_side.broken, worker_side.panic):
        with pytest.raises(Failed):
            worker.ask(call(function), seconds=5)
    assert worker.runs


# -- who waits where
# --------------------------------------------------------------------------------------------------------------


def sleeping(client, seconds, **more):
    return Question(client=client, work=lambda ask: ask(call(worker_side.slept, seconds)), seconds=60, **more)


def test_a_client_has_one_turn_at_a_time_and_clients_have_them_in_turn():
    lane, order = Lane("test", 2, GIGABYTE), []
    try:
        lane.put(warm := sleeping("", 0))
        warm.future.result(30)
        hers = [sleeping("she", 0.2) for _ in range(5)]
        for q in hers:
            lane.put(q)
        time.sleep(0.1)
        his = sleeping("he", 0)
        lane.put(his)
        for name, q in [*((f"hers {i}", q) for i, q in enumerate(hers)), ("his", his)]:
            q.future.add_done_callback(lambda _, name=name: order.append(name))
        for q in (*hers, his):
            q.future.result(60)
        assert order.index("his") < len(order) - 1  # five of hers did not stand before him
        assert [n for n in order if n != "his"] == [f"hers {i}" for i in range(5)]
    finally:
        lane.close()


def test_questions_that_wait_are_bounded_and_those_of_a_client_more_so():
    lane = Lane("test", 1, GIGABYTE, most_waiting=6, most_of_a_client=3)
    lane._threads[0].start = lambda: None  # nobody begins
    for _ in range(3):
        lane.put(sleeping("she", 0))
    with pytest.raises(Busy, match="of yours"):
        lane.put(sleeping("she", 0))
    for _ in range(3):
        lane.put(sleeping("he", 0))
    with pytest.raises(Busy, match="too many"):
        lane.put(sleeping("they", 0))


def test_one_study_is_fitted_once_and_another_does_not_wait_for_it():
    lane = Lane("test", 3, GIGABYTE, fits=True)
    lane._running[0] = sleeping("she", 9, which=Which(seed=1))
    assert not lane._may_run(sleeping("he", 0, which=Which(seed=1)))
    assert lane._may_run(sleeping("he", 0, which=Which(seed=2)))
    assert not lane._may_run(sleeping("she", 0, which=Which(seed=2)))
    lane._on_disk.add(Which(seed=1))
    assert lane._may_run(sleeping("he", 0, which=Which(seed=1)))


def test_two_slow_questions_of_a_client_leave_room_for_all_others(monkeypatch):
    monkeypatch.setattr("leadtime.web.desk._LEFT_SECONDS", 600.0)  # both are still looked at
    with client(page_seconds=0.1, request_seconds=600.0) as c:
        with monkeypatch.context() as slow:
            slow.setattr(pages, "filled", worker_side.forever)
            for of in ("USA", "CHN"):
                assert c.get(f"/models?of={of}").status_code == 202
        desk = c.app.app.state.desk
        desk.settings = Settings(wait_seconds=60.0, method="map", draws=200)
        begun = time.monotonic()
        assert c.get(f"{API}/rules/status?chip=h20&to=CHN&on=2025-05-01").status_code == 200
        assert len(desk._slow._running) == 1 and time.monotonic() - begun < 30


# -- over the limit, in words
# -----------------------------------------------------------------------------------------------------


def test_a_computation_over_its_time_is_ended_told_and_not_begun_again(short, monkeypatch):
    short.get(f"{API}/evidence")  # the process is there
    monkeypatch.setattr(pages, "downloaded", worker_side.burns)
    told = short.get("/data/chips.csv", headers={"accept": "application/json"})
    assert told.status_code == 504
    said = told.json()
    assert "took longer than 1 seconds of the processor" in said["title"] and "POST /api/v1/jobs" in said["fix"]
    begun = time.monotonic()
    assert [short.get("/data/chips.csv").status_code for _ in range(5)] == [504] * 5
    assert time.monotonic() - begun < 0.8  # it is remembered
    desk = short.app.app.state.desk
    desk.settings = replace(desk.settings, request_seconds=60.0)
    assert short.get(f"{API}/evidence/chips").status_code == 200  # another has its turn


def test_what_needs_no_study_waits_for_none(monkeypatch):
    monkeypatch.setattr(pages, "gathered", worker_side.forever)
    with client(warm=True, wait_seconds=0.2) as c:
        assert c.get(f"{API}/lag?model=deepseek-v3").status_code == 503  # this one waits for the study being warmed
        small = {n: 64 for n in ("hidden_size", "intermediate_size", "vocab_size")} | {
            n: 2 for n in ("num_hidden_layers", "num_attention_heads", "num_key_value_heads")
        }
        network = urlencode({"config": json.dumps({"model_type": "llama", **small})})
        for path in (
            "schemas",
            "schemas/lag",
            "scenarios/levers",
            "explain",
            f"cost/network?{network}",
            "openapi.json",
        ):
            begun = time.monotonic()
            assert c.get(f"{API}/{path}").status_code == 200, path
            assert time.monotonic() - begun < 2, path
        assert c.get("/own/table").status_code == 200


# -- deleted
# ----------------------------------------------------------------------------------------------------------------------


def test_delete_ends_the_answers_under_way_and_nothing_answers_afterward(web, monkeypatch):
    id_ = save(web, {"scenarios/mine.yaml": MINE}).json()["id"]
    there = {"study": id_}
    assert web.get("/data/chips.csv", params=there).status_code == 200
    place = web.app.app.state.studies._place / id_
    assert place.is_dir()
    monkeypatch.setattr(pages, "downloaded", worker_side.forever)
    found = []
    asking = threading.Thread(target=lambda: found.append(web.get("/data/models.csv", params=there)))
    asking.start()
    time.sleep(0.5)
    begun = time.monotonic()
    assert web.delete(f"{API}/studies/{id_}").status_code == 204
    asking.join(10)
    assert found[0].status_code == 400 and "deleted" in found[0].text and time.monotonic() - begun < 3
    assert not place.exists()
    monkeypatch.undo()
    for path in ("/data/chips.csv", "/data/models.csv"):
        refused = web.get(path, params=there)
        assert refused.status_code == 400 and "there is no study" in refused.text


def test_an_answer_that_ends_as_its_study_is_deleted_is_not_given():
    desk = Desk(Settings(), lambda id_: contextlib.nullcontext())
    which = Which(study="0" * 32)
    done = Question(client="", work=lambda ask: b"", seconds=1, which=which)
    done.future.set_result(Answer(b"secret", b"", "tag"))
    desk._answers["key"] = found = _Asked(which, done)
    desk.drop("0" * 32)
    with pytest.raises(Exception, match="deleted"):
        desk._come_to("key", found)
    assert desk._answers == {}


# -- what is brought
# --------------------------------------------------------------------------------------------------------------


def test_yaml_by_the_megabyte_is_refused_at_once(web):
    lists = "- " + "[" + "a," * 45_000 + "]\n"
    begun = time.monotonic()
    refused = save(web, {f"rules/a{i}.yaml": lists for i in range(20)})
    assert refused.status_code == 400 and "YAML" in refused.json()["title"]
    assert time.monotonic() - begun < 3


def test_a_check_that_takes_too_long_is_ended_and_nobody_waits_for_it(web, monkeypatch):
    id_ = save(web, {"scenarios/mine.yaml": MINE}).json()["id"]
    monkeypatch.setattr(studies, "_checked", worker_side.burns)
    monkeypatch.setattr(studies, "_CHECK_SECONDS", 1.0)
    found = []
    asking = [
        threading.Thread(target=lambda i=i: found.append(save(web, {f"scenarios/a{i}.yaml": MINE}))) for i in range(8)
    ]
    for t in asking:
        t.start()
    begun = time.monotonic()
    assert web.get(f"{API}/studies/{id_}").status_code == 200 and web.delete(f"{API}/studies/{id_}").status_code == 204
    assert time.monotonic() - begun < 1
    for t in asking:
        t.join(30)
    said = [(f.status_code, f.json()["title"]) for f in found]
    assert {s for s, _ in said} == {400, 503} and any("took longer than 1 seconds" in t for _, t in said), said
    assert any("too many questions of yours" in t for _, t in said)
    assert [p.name for p in web.app.app.state.studies._place.glob("check-*")] == []


def test_who_comes_back_finds_the_check_that_was_begun(monkeypatch, tmp_path):
    monkeypatch.setattr(studies, "_checked", worker_side.counted)
    monkeypatch.setenv("TEST_COUNT", str(tmp_path))
    with client(wait_seconds=0.05) as c:
        said = []
        while (len(said) < 200 and said[-1:] in ([], [503])) and not time.sleep(0.05):
            said.append(save(c, {"scenarios/mine.yaml": MINE}).status_code)
        assert said[0] == 503 and said[-1] == 201 and len(list(tmp_path.iterdir())) == 1


def test_a_check_whose_process_is_killed_is_begun_again(monkeypatch, tmp_path):
    monkeypatch.setattr(studies, "_checked", worker_side.dies_once)
    monkeypatch.setenv("TEST_MARK", str(tmp_path / "mark"))
    with client() as c:
        assert save(c, {"scenarios/mine.yaml": MINE}).status_code == 201


# -- a server that stops
# ----------------------------------------------------------------------------------------------------------


def children(process):
    return [int(p) for by in Path(f"/proc/{process}/task").glob("*/children") for p in by.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are listed on Linux")
def test_a_server_that_is_stopped_ends_what_it_computes_at_once(tmp_path):
    database = f"sqlite:///{tmp_path}/jobs.sqlite3"
    with server(database) as (c, process):
        made = c.post(
            f"{API}/jobs", json={"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 5_000_000}}
        )
        with c.stream("GET", f"{API}/jobs/{made.json()['id']}/events") as events:
            next(events.iter_lines())
            time.sleep(1)
            its = children(process.pid)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        assert time.monotonic() - begun < 4
        assert len(its) >= 2 and all(gone(p) for p in its)
