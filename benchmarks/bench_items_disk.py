"""Item curves (2PL) of dense matrices in blocks on disk: does the time of a response stay the same from 10^8 to 10^9?

    python benchmarks/bench_items_disk.py [--responses 1e9] [--quick]

As many models as items. The matrix is made block by block, a byte a response, as reading a folder of Parquet leaves it
on disk, and fitted from there by the same code. Each size has a process of its own, for its peak memory. What is not
timed is the making, and the reading of rows: `bench_items_sparse.py` reads Parquet.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from figure import figure, say, timed

BLOCK = 1000


def load(folder, first):
    from leadtime.capability.items.matrix import Block

    return Block(first=first, right=np.load(folder / f"{first}.npy", mmap_mode="r"))


def made(folder, size):
    """Write the blocks; return them as responses, and the true abilities."""
    from leadtime.capability.items.matrix import Responses

    rng = np.random.default_rng(1)
    theta = rng.normal(size=size).astype(np.float32)
    a, b = np.exp(rng.normal(0, 0.3, size)).astype(np.float32), rng.normal(size=size).astype(np.float32)
    for first in range(0, size, BLOCK):
        p = a * (theta[first : first + BLOCK, None] - b)
        np.exp(np.negative(p, out=p), out=p)
        p += 1.0
        np.reciprocal(p, out=p)
        np.save(folder / f"{first}.npy", (rng.random(p.shape, dtype=np.float32) < p).astype(np.uint8))
    responses = Responses(
        models=tuple(f"m{i}" for i in range(size)),
        items=tuple(f"i{i}" for i in range(size)),
        loaders=tuple(partial(load, folder, first) for first in range(0, size, BLOCK)),
        n_responses=size * size,
    )
    return responses, theta


def one(n_responses, repeats):
    """Make and fit one size; return what came of it."""
    from leadtime.capability.items.fit import fit

    with tempfile.TemporaryDirectory() as name:
        responses, theta = made(Path(name), round(n_responses**0.5))
        taken = [timed(lambda: fit(responses)) for _ in range(repeats)]
    found = taken[0][2]
    return {
        "s": [t[0] for t in taken],
        "processor_s": [t[1] for t in taken],
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "n": responses.n_responses,
        "passes": found.passes,
        "converged": found.converged,
        "r_theta": float(np.corrcoef(found.theta, theta)[0, 1]),
    }


def figures(*, quick=False, responses=1e9, repeats=1):
    """Fit a tenth of the responses and all of them, each in a process; return what a response takes in both."""
    sizes = {"disk_tenth": 4e4 if quick else responses / 10, "disk": 4e5 if quick else responses}
    found, each = {"data": f"{sizes['disk']:.0e} dense responses in blocks on disk"}, {}
    for name, n in sizes.items():
        words = [
            sys.executable,
            __file__,
            "--one",
            str(n),
            "--repeats",
            str(repeats if name == "disk" else 3 * repeats),
        ]
        r = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        if not r["converged"]:
            raise SystemExit(f"the fit of {n:.0e} responses did not converge")
        each[name] = [1e9 * s / r["n"] for s in r["s"]], [1e9 * s / r["n"] for s in r["processor_s"]]
        found[f"{name}_s"] = figure(r["s"], r["processor_s"])
        found[f"{name}_ns"] = figure(*each[name])
        found[f"{name}_passes"] = figure([r["passes"]])
        found[f"{name}_gb"] = figure([r["gb"]])
        found[f"{name}_r_theta"] = figure([r["r_theta"]])
    middle = [np.median(each["disk_tenth"][i]) for i in (0, 1)]
    for i, name in enumerate(("disk_times", "disk_processor_times")):
        found[name] = figure([float(v / middle[i]) for v in each["disk"][i]])
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=float, default=1e9)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--one", type=float, help="Only this size, as JSON.")
    parser.add_argument("--quick", action="store_true", help="Only that it runs: 400,000 responses.")
    given = parser.parse_args(argv)
    if given.one:
        print(json.dumps(one(given.one, given.repeats)))
    else:
        say(figures(quick=given.quick, responses=given.responses, repeats=given.repeats))


if __name__ == "__main__":
    main()
