"""Every benchmark script runs, quickly; what it measures is not looked at here."""

import os
import subprocess
import sys
from pathlib import Path

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
