"""Time the rules: help and one status at the command line, and a file of a million transactions.

    python benchmarks/bench_rules.py [--rows N] [--repeats N] [--quick]

The rows differ in numbers, places, days and exporters, so that nothing is answered twice. Each short command runs once
before it is timed, with its compiled modules kept, as they are once a package is installed. Beside the time by the
clock stands that of the processor, which a busy machine moves less.
"""

import argparse
import datetime as dt
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figure import figure, say

COUNTRIES = ["CHN", "HKG", "MAC", "RUS", "ARE", "SAU", "VNM", "MYS", "SGP", "IND", "JPN", "DEU", "TWN", "ISR", "IRN"]
STATUS = ["rules", "status", "h20", "--to", "CN"]
NUMBERS = ["rules", "status", "--tpp", "15832", "--die-area", "814", "--dram-gb-s", "3350", "--to", "CHN"]


def write_transactions(path, rows):
    """Write a file of different transactions."""
    draw = random.Random(0)
    first = dt.date(2022, 9, 1).toordinal()
    with path.open("w", encoding="utf-8") as file:
        file.write("to,hq,on,tpp,die_area_mm2,dram_gb_s,io_gb_s,exporter,origin,datacenter\n")
        for _ in range(rows):
            cells = [
                draw.choice(COUNTRIES),
                draw.choice([*COUNTRIES, ""]),
                dt.date.fromordinal(first + draw.randrange(1500)).isoformat(),
                str(draw.randrange(100, 40_000)),
                str(draw.randrange(200, 1600)),
                str(draw.randrange(100, 8000)),
                str(draw.randrange(1800)),
                draw.choice(["NVIDIA", "AMD", "", "Dell"]),
                draw.choice(["us", "reexport"]),
                draw.choice(["true", "false", ""]),
            ]
            file.write(",".join(cells) + "\n")


def seconds(arguments, compiled):
    """Return how long one call of the command line takes, by the clock and of the processor."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", "from leadtime.cli import main; main()", *arguments]
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**kept, "PYTHONPYCACHEPREFIX": str(compiled)})
    clock, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return clock, used


def figures(*, quick=False, rows=1_000_000, repeats=3):
    """Time commands and a file of transactions, each in a process of its own."""
    rows, repeats = (200, 1) if quick else (rows, repeats)
    with tempfile.TemporaryDirectory() as folder:
        source, out, compiled = Path(folder) / "in.csv", Path(folder) / "out.csv", Path(folder) / "compiled"
        write_transactions(source, rows)
        runs = {
            "help_s": ["--help"],
            "status_s": STATUS,
            "status_by_numbers_s": NUMBERS,
            "rules_s": ["rules", "batch", str(source), "--out", str(out)],
        }
        found = {}
        for name, arguments in runs.items():
            if not quick:  # what is compiled is kept
                seconds(["--help"] if name == "rules_s" else arguments, compiled)
            taken = [seconds(arguments, compiled) for _ in range(repeats)]
            found[name] = figure([clock for clock, _ in taken], [used for _, used in taken])
    return {"data": f"{rows:,} transactions", **found}


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="Only that it runs: 200 rows, once.")
    given = parser.parse_args(argv)
    say(figures(quick=given.quick, rows=given.rows, repeats=given.repeats))


if __name__ == "__main__":
    main()
