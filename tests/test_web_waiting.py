"""What is computed for those who wait: shared by all, ended when the last has gone, and never in
the way of the quick.
"""

import contextlib
import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2 as httpx
import pytest

import worker_side
from leadtime.web import desk as desks
from leadtime.web import pages
from leadtime.web.asked import Which
from leadtime.web.lanes import Lane
from test_web_bounds import GIGABYTE, sleeping
from web_client import API, client, listening

PAGE = "/models"


@pytest.fixture
def slow(monkeypatch):
    """A server whose pages never end, listened to over the network; a page that is left is so for a second."""
    monkeypatch.setattr(desks, "_LEFT_SECONDS", 1.0)
    monkeypatch.setattr(pages, "filled", worker_side.forever)
    with client(page_seconds=0.05, wait_seconds=0.3) as c, listening(c) as address:
        yield c.app.app.state.desk, address


def key_of(page):
    assert page.status_code == 202
    return re.search(r'data-wait="([0-9a-f]{64})"', page.text)[1]


def until(what, seconds=15.0):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


@contextlib.contextmanager
def listens(address, key):
    with httpx.Client(base_url=address, timeout=30) as c, c.stream("GET", f"/waiting/{key}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        lines = events.iter_lines()
        assert next(lines) == "retry: 5000"
        yield lines


def test_a_page_that_is_closed_ends_its_computation(slow):
    desk, address = slow
    key = key_of(httpx.get(address + PAGE))
    assert until(lambda: desk._slow._running)
    with listens(address, key):
        time.sleep(2.0)  # longer than one may have left
        assert desk.progress(key) is not None
    assert until(lambda: not desk._slow._running) and desk.progress(key) is None


def test_a_page_that_is_closed_ends_nothing_that_another_waits_for(slow):
    desk, address = slow
    key = key_of(httpx.get(address + PAGE))
    with listens(address, key):
        with listens(address, key):
            pass
        time.sleep(2.0)
        assert desk.progress(key) is not None
        assert httpx.post(f"{address}/waiting/{key}/cancel").status_code == 204
        assert desk.progress(key) is None  # nobody else: it is given up at once
    key = key_of(httpx.get(address + PAGE))
    for _ in range(4):  # without scripts a page is asked for again and again
        time.sleep(0.6)
        assert key_of(httpx.get(address + PAGE)) == key
    assert desk.progress(key) is not None
    assert until(lambda: desk.progress(key) is None)


def test_who_was_told_to_ask_again_finds_it_going_on_for_a_while(slow, monkeypatch):
    desk, address = slow
    monkeypatch.setattr(desks, "_RETURN_SECONDS", 2.0)
    monkeypatch.setattr("leadtime.web.questions.put", worker_side.forever)
    told = httpx.get(f"{address}{API}/lag?model=deepseek-v3")
    assert told.status_code == 503 and told.headers["retry-after"]
    (key,) = desk._answers
    time.sleep(1.2)
    assert desk.progress(key) is not None
    assert until(lambda: desk.progress(key) is None) and until(lambda: not desk._slow._running)


def test_those_who_ask_the_same_at_once_are_given_one_computation(monkeypatch, tmp_path):
    monkeypatch.setattr(pages, "downloaded", worker_side.counted)
    monkeypatch.setenv("TEST_COUNT", str(tmp_path))
    with client() as c, listening(c) as address, ThreadPoolExecutor(12) as pool:
        said = list(pool.map(lambda _: httpx.get(f"{address}/data/chips.csv", timeout=60).text, range(12)))
    assert len(set(said)) == 1 and len(list(tmp_path.iterdir())) == 1


def test_a_page_whose_process_is_killed_is_computed_again_once(monkeypatch, tmp_path):
    monkeypatch.setattr(pages, "downloaded", worker_side.dies_once)
    monkeypatch.setenv("TEST_MARK", str(tmp_path / "mark"))
    with client() as c:
        assert c.get("/data/chips.csv").json() == {"alive": True}
        monkeypatch.setattr(pages, "downloaded", worker_side.dies)
        assert c.get("/data/models.csv", headers={"accept": "application/json"}).status_code == 504


def test_one_process_is_always_left_for_what_is_fitted():
    lane = Lane("test", 3, GIGABYTE, fits=True)
    lane._running = {0: sleeping("she", 9, which=Which(seed=1)), 1: sleeping("he", 9, which=Which(seed=2))}
    assert not lane._may_run(sleeping("they", 0, which=Which(seed=3)))
    lane._on_disk.add(Which())
    assert lane._may_run(sleeping("they", 0, which=Which()))


def test_a_day_that_is_not_ready_shows_what_is_known_today_meanwhile(monkeypatch):
    with client() as c:
        today = c.get("/glossary").text
        settings = c.app.app.state.settings
        c.app.app.state.settings = settings.__class__(
            **{**{n: getattr(settings, n) for n in settings.__slots__}, "page_seconds": 0.0}
        )
        page = c.get("/glossary?as_of=2026-03-31")
        assert page.status_code == 200 and 'class="waits"' in page.text and page.headers["cache-control"] == "no-store"
        assert "Working out what was known on March 31, 2026" in page.text
        assert "You see today's answer meanwhile" in page.text.replace("&#39;", "'")
        assert re.search(r"<h1>.*?</h1>", today)[0] in page.text
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.text
