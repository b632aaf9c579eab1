"""How long ten scenarios take: prior draws streamed, and the same equations in NumPy, whose results must be the same.

python benchmarks/bench_scenario.py [DRAWS] [--quick]
"""

import argparse
import resource

import numpy as np
from figure import figure, of_times, say, timed

from leadtime.scenario import parameters, simulate, stream
from leadtime.study import Study

#: Of one number by JAX and by NumPy, in 32 bits: part of it, and of a month where it is less than one.
SAME = 1e-4


def figures(*, quick=False, draws=100_000, repeats=3):
    """Time the run of all draws and scenarios, and the equations alone by JAX and NumPy on one chunk of them."""
    draws, repeats = (1000, 1) if quick else (draws, repeats)
    fork = Study().fork
    inputs = {name: fork.world.inputs(s) for name, s in list(fork.scenarios.items())[: 2 if quick else None]}
    rows = fork.priors()
    chunk = parameters.chunk(rows, 0, min(draws, parameters.CHUNK), 0)

    def all_by(runner):
        return [runner(chunk, x, stream.KEEP) for x in inputs.values()]

    compiling = timed(lambda: all_by(simulate.run))
    whole = [timed(lambda: stream.run(rows, inputs, draws=draws, seed=0)) for _ in range(repeats)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    by_jax = [timed(lambda: all_by(simulate.run)) for _ in range(repeats)]
    by_numpy = [timed(lambda: all_by(simulate.run_numpy)) for _ in range(repeats)]
    apart = max(
        float(np.max(np.abs(ours[k] - theirs[k]) / np.maximum(np.abs(theirs[k]), 1.0)))
        for ours, theirs in zip(by_jax[0][2], by_numpy[0][2], strict=True)
        for k in stream.KEEP
    )
    if not apart < SAME:
        raise SystemExit(f"JAX and NumPy differ by {apart:.1e} of a number")
    return {
        "data": f"{draws:,} draws x 44 quarters x {len(inputs)} scenarios",
        "scenario_s": of_times(whole),
        "scenario_gb": figure([peak]),
        "scenario_compile_s": of_times([compiling]),
        "equations_s": of_times(by_jax),
        "equations_numpy_s": of_times(by_numpy),
        "scenario_times": figure([n[0] / j[0] for n, j in zip(by_numpy, by_jax, strict=True)]),
        "scenario_processor_times": figure([n[1] / j[1] for n, j in zip(by_numpy, by_jax, strict=True)]),
        "scenario_apart": figure([apart]),
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("draws", nargs="?", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="Only that it runs: two scenarios, few draws.")
    given = parser.parse_args(argv)
    say(figures(quick=given.quick, draws=given.draws))


if __name__ == "__main__":
    main()
