"""How long one run's cost takes with 10,000 draws, the evidence loaded.

python benchmarks/bench_cost.py
"""

import time

from leadtime.cost.bill import Bill
from leadtime.cost.run import find_run
from leadtime.evidence import Evidence


def main() -> None:
    evidence = Evidence.load()
    for name in ("deepseek-v3", "gpt-4", "llama-3-1-405b"):
        times = []
        for _ in range(12):
            begun = time.perf_counter()
            Bill(find_run(evidence, name), evidence, draws=10_000).cost("amortized")
            times.append(time.perf_counter() - begun)
        print(f"{name}: {1e3 * sorted(times[2:])[5]:.1f} ms (median of 10, amortized, 10,000 draws)")


if __name__ == "__main__":
    main()
