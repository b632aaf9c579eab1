"""Item curves (2PL) on dense simulated matrices: time, peak memory, agreement with the truth; and girth where it is installed.

    python benchmarks/bench_items.py [--peers PYTHON] [--sizes 500x2000,2000x2000,2000x10000,10000x10000]

PYTHON is an interpreter of another environment that has `girth`; it gets the same matrix.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = """
import resource, sys, time
import numpy as np
from leadtime.capability.items.fit import fit
from leadtime.capability.items.matrix import from_array
from leadtime.capability.items.precision import precision
d = np.load(sys.argv[1])
y = d["y"]
fit(from_array(y[:50, :50]), irt="2pl")
t = time.perf_counter(); found = fit(from_array(y), irt="2pl"); s = time.perf_counter() - t
precision(found); e = time.perf_counter() - t
theta, a, b = found.theta, found.curves.a, found.curves.b
"""
GIRTH = """
import resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from girth import ability_mle, twopl_jml
d = np.load(sys.argv[1])
y = d["y"]
t = time.perf_counter(); found = twopl_jml(y.T.astype(int)); s = time.perf_counter() - t
a, b = found["Discrimination"], found["Difficulty"]
# its EAP underflows with this many items
theta = ability_mle(y.T.astype(int), b, a); e = time.perf_counter() - t
"""
SAID = """
r = lambda x, w: np.corrcoef(x[np.isfinite(x)], w[np.isfinite(x)])[0, 1]
print(f"{s:9.2f} {e:9.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:7.2f} {r(theta, d['theta']):8.4f} {r(b, d['b']):7.4f} {r(a, d['a']):7.4f}")
"""


def main() -> None:
    """Run it."""
    import numpy as np

    given = argparse.ArgumentParser()
    given.add_argument("--peers", default="")
    given.add_argument("--sizes", default="500x2000,2000x2000,2000x10000,10000x10000")
    options = given.parse_args()
    print(
        f"{'models x items':>16} {'what':>6} {'fit s':>9} {'and se s':>9} {'GB':>7} {'r theta':>8} {'r b':>7} {'r a':>7}"
    )
    for size in options.sizes.split(","):
        n, m = (int(x) for x in size.split("x"))
        rng = np.random.default_rng(1)
        theta, a, b = rng.normal(size=n), np.exp(rng.normal(0, 0.3, m)), rng.normal(size=m)
        y = np.empty((n, m), np.uint8)
        for i in range(0, n, 500):
            p = 1 / (1 + np.exp(-a * (theta[i : i + 500, None] - b)))
            y[i : i + 500] = rng.random(p.shape, dtype=np.float32) < p
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "y.npz"
            np.savez(path, y=y, theta=theta, a=a, b=b)
            for what, python, script in (("ours", sys.executable, OURS), ("girth", options.peers, GIRTH)):
                if python and (what == "ours" or n * m <= 20_000_000):
                    done = subprocess.run(
                        [python, "-c", script + SAID, str(path)], capture_output=True, text=True, check=False
                    )
                    print(f"{size:>16} {what:>6} {done.stdout.rstrip() or done.stderr[-200:]}", flush=True)


if __name__ == "__main__":
    main()
