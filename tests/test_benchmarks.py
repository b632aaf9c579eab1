"""Every benchmark script runs, quickly; what it measures is not looked at here."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = sorted(p.stem for p in BENCHMARKS.glob("bench_*.py"))


def test_every_script_runs(pytestconfig):
    """In one process and compiled without optimization, for the time it takes; fits are kept for the next run, apart
    from those of users.
    """
    code = f"""
import importlib
for name in {SCRIPTS}:
    print("==", name, flush=True)
    importlib.import_module(name).main(["--quick"])
"""
    env = os.environ | {
        "LEADTIME_CACHE": str(pytestconfig.cache.mkdir("scripts")),
        "PYTHONPATH": os.pathsep.join([str(BENCHMARKS), str(BENCHMARKS.parent / "src")]),
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    said = done.stdout.split("== ")[1:]
    assert [part.split()[0] for part in said] == SCRIPTS
    assert all(any(c.isdigit() for c in part.partition("\n")[2]) for part in said), done.stdout
    told = {part.split()[0]: part for part in said}
    for module, targets in own("targets").PARTS.values():
        wanted = [t.key for t in targets if t.key not in ("refit_ms", "fit_s")]  # of a file that is not in the package
        assert all(f"\n{key}: " in told[module] for key in wanted), told[module]


def own(name):
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_the_runner_measures_idle_and_beside_busy_processes():
    env = os.environ | {"PYTHONPATH": str(BENCHMARKS.parent / "src")}
    command = [sys.executable, str(BENCHMARKS / "speed.py"), "--only", "disk", "--quick"]  # the cheapest
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    heads = [line for line in done.stdout.splitlines() if line.startswith("disk, ")]
    assert [h.split(":")[0].split(", THE")[0] for h in heads] == ["disk, idle", "disk, beside 2 busy processes"]
    assert done.stdout.count("target at most 1.25: ") == 2


def test_busy_processes_are_busy_and_end():
    def children():
        return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())

    before = children()  # of other tests
    with own("busy").busy(1):
        busy = children() - before
        assert busy
    assert not any(Path(f"/proc/{c}").exists() for c in busy)


@pytest.mark.parametrize(
    ("least", "value", "held"), [(False, 4.9, True), (False, 5.1, False), (True, 5.1, True), (True, 4.9, False)]
)
def test_a_target_is_reached_or_missed_and_the_page_says_so(least, value, held):
    targets, speed = own("targets"), own("speed")
    target = targets.Target(key="a", what="A thing", unit="s", idle=5.0, least=least, peer="b", peer_is="another")
    found = {"a": {"values": [value], "processor": [1.0]}, "b": {"values": [50.0], "processor": None}}
    idle, busy = (speed.row(target, found, loaded=loaded) for loaded in (False, True))
    assert (idle["held"], busy["held"]) == (held, None)
    assert idle["peer"]["times"] == pytest.approx(50.0 / value)
    assert ("MISSED" in speed.told(idle)) is not held
    runs = {"idle": {"data": "here", "others": 1.5, "rows": [idle]}, "busy": {"rows": [busy]}}
    sys.path.insert(0, str(BENCHMARKS.parent / "docs" / "extensions"))
    try:
        page = importlib.import_module("speeded").part(
            json.loads(json.dumps({"date": "2026-11-30", "machine": speed.machine(), "runs": runs}))
        )
    finally:
        sys.path.pop(0)
    assert ("**missed**" in page) is not held
    assert "The machine was not quiet" in page
    assert speed.row(targets.Target(key="c", what="Not there", unit="s"), found, loaded=False) is None
