"""How long nine scenarios take: 100,000 prior draws streamed, the same equations in NumPy, and the shipped ensemble.

python benchmarks/bench_scenario.py [DRAWS] [--quick]
"""

import argparse
import resource
import time

from leadtime.scenario import parameters, simulate, stream
from leadtime.study import Study


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("draws", nargs="?", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="Only that it runs: two scenarios, few draws.")
    given = parser.parse_args(argv)
    draws = 1000 if given.quick else given.draws
    fork = Study().fork
    inputs = {name: fork.world.inputs(s) for name, s in list(fork.scenarios.items())[: 2 if given.quick else None]}
    rows = fork.priors()
    chunk = parameters.chunk(rows, 0, min(draws, parameters.CHUNK), 0)
    for x in inputs.values():
        simulate.run(chunk, x, stream.KEEP)  # compile
    begun = time.perf_counter()
    stream.run(rows, inputs, draws=draws, seed=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{draws:,} draws x 44 quarters x {len(inputs)} scenarios, drawn, run and counted:"
        f" {time.perf_counter() - begun:.1f} s, peak {peak:.2f} GB"
    )
    seconds = {}
    for label, runner in (("JAX", simulate.run), ("NumPy", simulate.run_numpy)):
        begun = time.perf_counter()
        for x in inputs.values():
            runner(chunk, x, stream.KEEP)
        seconds[label] = time.perf_counter() - begun
    print(
        f"equations alone, {min(draws, parameters.CHUNK):,} draws x {len(inputs)}: "
        + ", ".join(f"{k} {v:.2f} s" for k, v in seconds.items())
        + f", {seconds['NumPy'] / seconds['JAX']:.1f} times"
    )
    small = fork.ensemble.draws
    five = list(inputs.values())[:5]
    for x in five:
        simulate.run(small, x)
    begun = time.perf_counter()
    for x in five:
        simulate.run(small, x)
    print(f"ensemble of {fork.ensemble.n} x {len(five)} scenarios: {time.perf_counter() - begun:.2f} s after start")


if __name__ == "__main__":
    main()
