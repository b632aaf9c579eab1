"""Two processes that compute the same: one does, the other waits and is given what came of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from leadtime import held
from leadtime.capability import cache

HOLDS = """
import pathlib, sys, time
from leadtime.held import in_turn
with in_turn(pathlib.Path(sys.argv[1]), 10.0):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def slowly(made):
    def compute():
        made.append(1)
        time.sleep(0.3)
        return {"a": np.arange(3)}

    return compute


def test_what_several_compute_at_once_is_computed_once(folder):
    made = []
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: cache.remembered(("the same",), slowly(made))["a"].tolist(), range(6)))
    assert made == [1] and found == [[0, 1, 2]] * 6
    assert [p.name for p in folder.iterdir()] == [f"{cache.key('the same')}.summed.npz"]


def test_what_is_not_kept_waits_for_nobody(folder):
    made = []
    with cache.alone(cache.key("the same")), cache.keeping(False):
        cache.remembered(("the same",), slowly(made))
    assert made == [1]


def test_where_there_is_no_place_nobody_waits(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "turn", tmp_path):  # below what is no folder; a folder itself
        begun = time.monotonic()
        with held.in_turn(place, 5.0):
            assert time.monotonic() - begun < 1.0


def test_who_waits_is_let_in_when_the_other_is_killed_or_has_had_his_time(tmp_path):
    file = tmp_path / "turn"
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(file)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        os.kill(other.pid, signal.SIGSTOP)
        begun = time.monotonic()
        with held.in_turn(file, 0.5):
            assert 0.5 <= time.monotonic() - begun < 5.0
        threading.Timer(0.3, other.kill).start()
        begun = time.monotonic()
        with held.in_turn(file, 30.0):
            assert 0.2 < time.monotonic() - begun < 10.0 and file.exists()
        assert not file.exists()
    finally:
        other.kill()
        other.communicate()


def test_what_killed_processes_left_goes_after_a_day(folder):
    folder.mkdir()
    old, new, other = (folder / f".{name}.turn" for name in (cache.key(0), cache.key(1), "notes"))
    for path in (old, new, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (1, 1))
    cache.store(cache.key("any"), {"a": np.zeros(1)})
    assert not old.exists() and new.exists() and other.exists()
