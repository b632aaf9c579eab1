"""How long nine scenarios take: 100,000 prior draws streamed, the same equations in NumPy, and the shipped ensemble.

python benchmarks/bench_scenario.py [DRAWS]
"""

import resource
import sys
import time

from leadtime.scenario import parameters, simulate, stream
from leadtime.study import Study


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    fork = Study().fork
    inputs = {name: fork.world.inputs(s) for name, s in fork.scenarios.items()}
    rows = fork.priors()
    chunk = parameters.chunk(rows, 0, parameters.CHUNK, 0)
    for x in inputs.values():
        simulate.run(chunk, x, stream.KEEP)  # compile
    begun = time.perf_counter()
    stream.run(rows, inputs, draws=draws, seed=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{draws:,} draws x 44 quarters x {len(inputs)} scenarios, drawn, run and counted: {time.perf_counter() - begun:.1f} s, peak {peak:.2f} GB"
    )
    seconds = {}
    for label, runner in (("JAX", simulate.run), ("NumPy", simulate.run_numpy)):
        begun = time.perf_counter()
        for x in inputs.values():
            runner(chunk, x, stream.KEEP)
        seconds[label] = time.perf_counter() - begun
    print(f"equations alone, {parameters.CHUNK:,} draws x {len(inputs)}: " + ", ".join(f"{k} {v:.2f} s" for k, v in seconds.items())
          + f", {seconds['NumPy'] / seconds['JAX']:.1f} times")  # fmt: skip
    small = fork.ensemble.draws
    five = list(inputs.values())[:5]
    for x in five:
        simulate.run(small, x)
    begun = time.perf_counter()
    for x in five:
        simulate.run(small, x)
    print(f"ensemble of {fork.ensemble.n} x 5 scenarios: {time.perf_counter() - begun:.2f} s after start")


if __name__ == "__main__":
    main()
