"""A CSV of scores taken into a study folder: time of the whole command, and its peak memory.

python benchmarks/bench_import.py [--rows 1000000] [--quick]
"""

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from leadtime.evidence import Evidence


def main(argv: list[str] | None = None) -> None:
    """Run it: once without quotes, once with a quoted note in each row."""
    given = argparse.ArgumentParser()
    given.add_argument("--rows", type=int, default=1_000_000)
    given.add_argument("--quick", action="store_true", help="Only that it runs: 200 rows.")
    options = given.parse_args(argv)
    n = 200 if options.quick else options.rows
    evidence = Evidence.load()
    models, tests = evidence["models"]["id"].to_list(), evidence["benchmarks"]["id"].to_list()
    draw = random.Random(0)
    print(f"{'rows':>10} {'cells':>8} {'s':>7} {'GB':>6}  said")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("plain", "quoted"):
            path = Path(folder) / f"{kind}.csv"
            with path.open("w", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(
                    ["model", "benchmark", "score", "setting", "evaluator", "report_type", "known_on", "source", "note"]
                )
                for i in range(n):
                    note = "ours" if kind == "plain" else "ours, again"
                    row = [draw.choice(models), draw.choice(tests), round(draw.random(), 5), f"run-{i}", "epoch-ai", "independent", "2026-01-01", "epoch-eval-logs", note]  # fmt: skip
                    out.writerow(row)
            began = time.perf_counter()
            command = [sys.executable, "-m", "leadtime", "import", "csv", str(path), "--into", str(Path(folder) / kind)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - began
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
            said = (done.stdout or done.stderr).splitlines()
            print(f"{n:>10,} {kind:>8} {seconds:7.2f} {peak:6.2f}  {said[0] if said else ''}", flush=True)


if __name__ == "__main__":
    main()
