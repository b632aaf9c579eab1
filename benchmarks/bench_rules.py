"""Time the rules: one status at the command line, and a file of a million transactions.

    python benchmarks/bench_rules.py [--rows N] [--repeats N] [--quick]

The rows differ in numbers, places, days and exporters, so that nothing is answered twice.
"""

import argparse
import datetime as dt
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNTRIES = ["CHN", "HKG", "MAC", "RUS", "ARE", "SAU", "VNM", "MYS", "SGP", "IND", "JPN", "DEU", "TWN", "ISR", "IRN"]
STATUS = ["rules", "status", "--tpp", "15832", "--die-area", "814", "--dram-gb-s", "3350", "--to", "CHN"]
TARGETS = {"status": 0.3, "batch": 5.0}


def write_transactions(path, rows):
    """Write a file of different transactions."""
    draw = random.Random(0)
    first = dt.date(2022, 9, 1).toordinal()
    with path.open("w", encoding="utf-8") as file:
        file.write("to,hq,on,tpp,die_area_mm2,dram_gb_s,io_gb_s,exporter,origin,datacenter\n")
        for _ in range(rows):
            cells = [
                draw.choice(COUNTRIES), draw.choice([*COUNTRIES, ""]),
                dt.date.fromordinal(first + draw.randrange(1500)).isoformat(), str(draw.randrange(100, 40_000)),
                str(draw.randrange(200, 1600)), str(draw.randrange(100, 8000)), str(draw.randrange(1800)),
                draw.choice(["NVIDIA", "AMD", "", "Dell"]), draw.choice(["us", "reexport"]),
                draw.choice(["true", "false", ""]),
            ]  # fmt: skip
            file.write(",".join(cells) + "\n")


def seconds(arguments):
    """Return how long one call of the command line takes."""
    start = time.perf_counter()
    command = [sys.executable, "-c", "from leadtime.cli import main; main()", *arguments]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main(argv=None):
    """Print median times beside their targets."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="Only that it runs: 200 rows, once.")
    chosen = parser.parse_args(argv)
    if chosen.quick:
        chosen.rows, chosen.repeats = 200, 1
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.csv", Path(folder) / "out.csv"
        write_transactions(source, chosen.rows)
        runs = {
            "status": STATUS,
            "batch": ["rules", "batch", str(source), "--out", str(out)],
        }
        for name, arguments in runs.items():
            taken = [seconds(arguments) for _ in range(chosen.repeats)]
            print(
                f"{name}: {statistics.median(taken):.2f} s (target {TARGETS[name]:g} s), {min(taken):.2f}-{max(taken):.2f}"
            )


if __name__ == "__main__":
    main()
