"""How long one run's cost takes with 10,000 draws, the evidence loaded.

python benchmarks/bench_cost.py [--quick]
"""

import argparse
import statistics
import time

from leadtime.cost.bill import Bill
from leadtime.cost.run import find_run
from leadtime.evidence import Evidence


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="Only that it runs: three times, few draws.")
    quick = parser.parse_args(argv).quick
    draws, repeats = (100, 3) if quick else (10_000, 12)
    evidence = Evidence.load()
    for name in ("deepseek-v3", "gpt-4", "llama-3-1-405b"):
        times = []
        for _ in range(repeats):
            begun = time.perf_counter()
            Bill(find_run(evidence, name), evidence, draws=draws).cost("amortized")
            times.append(time.perf_counter() - begun)
        print(
            f"{name}: {1e3 * statistics.median(times[2:]):.1f} ms (median of {repeats - 2}, amortized, {draws:,} draws)"
        )


if __name__ == "__main__":
    main()
