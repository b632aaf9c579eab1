"""Item curves (2PL) on dense simulated matrices: time, peak memory and agreement with the truth, beside other programs
on the same data.

    python benchmarks/bench_items.py [--girth PYTHON] [--py-irt PYTHON] [--sizes 500x2000,2000x2000,...] [--repeats 3]
    [--quick]

PYTHON is an interpreter of another environment that has the package. A vectorized NumPy EM (`numpy_em.py`) runs in this
one. Each program is a process of its own; the least of the repeats is shown. The slow ones run on the sizes named below
only.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from figure import figure, say

HEAD = """
import resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
d = np.load(sys.argv[1])
y = d["y"]
def timed(action):
    t, u = time.perf_counter(), time.process_time()
    found = action()
    return found, time.perf_counter() - t, time.process_time() - u
"""
OURS = """
from leadtime.capability.items.fit import fit
from leadtime.capability.items.matrix import from_array
from leadtime.capability.items.precision import precision
fit(from_array(y[:50, :50]), irt="2pl")
found, s, u = timed(lambda: fit(from_array(y), irt="2pl")); t = time.perf_counter() - s
precision(found); e = time.perf_counter() - t
theta, a, b = found.theta, found.curves.a, found.curves.b
"""
NUMPY = """
sys.path.insert(0, sys.argv[2])
import numpy_em
(theta, a, b, _), s, u = timed(lambda: numpy_em.fit(y)); e = s
"""
GIRTH = """
from girth import ability_mle, twopl_jml
found, s, u = timed(lambda: twopl_jml(y.T.astype(int))); t = time.perf_counter() - s
a, b = found["Discrimination"], found["Difficulty"]
# its EAP underflows with this many items
theta = ability_mle(y.T.astype(int), b, a); e = time.perf_counter() - t
"""
PY_IRT = """
import logging, os
os.environ["TQDM_DISABLE"] = "1"
logging.disable(logging.CRITICAL)
import py_irt.training as training
from py_irt.config import IrtConfig
from py_irt.dataset import Dataset
dataset = Dataset.from_jsonlines(sys.argv[1] + ".jsonl")
config = IrtConfig(model_type="2pl", epochs=int(sys.argv[3]), priors="hierarchical", initializers=[])
def train():
    trainer = training.IrtModelTrainer(config=config, data_path=None, dataset=dataset, verbose=False)
    trainer.train(device="cpu")
    return trainer
sys.stdout, out = open(os.devnull, "w"), sys.stdout
trainer, s, u = timed(train)
sys.stdout, e = out, s
p = trainer.best_params
order = lambda ids, values: np.array([v for _, v in sorted((int(ids[i][1:]), v) for i, v in enumerate(values))])
theta = order(p["subject_ids"], p["ability"])
b, a = order(p["item_ids"], p["diff"]), np.exp(order(p["item_ids"], p["disc"]))
"""
SAID = """
r = lambda x, w: np.corrcoef(x[np.isfinite(x)], w[np.isfinite(x)])[0, 1]
gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(s, u, e, gb, r(theta, d["theta"]), r(b, d["b"]), r(a, d["a"]))
"""
#: Responses up to which a program is run: beyond, it takes too long for a run of all.
MOST = {"ours": 10**9, "numpy": 20_000_000, "girth": 20_000_000, "py-irt": 1_000_000}


def programs(girth, py_irt):
    """Return the interpreter and the script of each program that can be run."""
    found = {
        "ours": (sys.executable, OURS),
        "numpy": (sys.executable, NUMPY),
        "girth": (girth, GIRTH),
        "py-irt": (py_irt, PY_IRT),
    }
    return {name: what for name, what in found.items() if what[0]}


def taken(name, program, path, *, repeats=1, epochs=2000):
    """Run a program so often; return a row of numbers of each run: seconds, of the processor, with
    errors, GB, and r.
    """
    python, script = program
    command = [python, "-c", HEAD + script + SAID, str(path), str(Path(__file__).parent), str(epochs)]
    rows = []
    for _ in range(1 if name == "py-irt" else repeats):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{name} failed: {done.stderr.strip().splitlines()[-1][:160]}")
        rows.append([float(x) for x in done.stdout.split()[-7:]])
    return rows


def figures(*, quick=False, girth="", py_irt="", repeats=3):
    """Time 10^8 responses, and 250,000 beside other programs, of which the slow ones run once."""
    large, small = ((60, 80), (50, 60)) if quick else ((10_000, 10_000), (250, 1000))
    found = {"data": "dense, simulated by the 2PL"}
    with tempfile.TemporaryDirectory() as folder:
        path = _matrix(Path(folder), *large, jsonl=False)
        rows = taken("ours", programs("", "")["ours"], path, repeats=1 if quick else repeats)
        found["items_s"] = figure([r[0] for r in rows], [r[1] for r in rows])
        found["items_gb"] = figure([r[3] for r in rows])
        found["items_r_theta"] = figure([r[4] for r in rows])
    with tempfile.TemporaryDirectory() as folder:
        path = _matrix(Path(folder), *small, jsonl=bool(py_irt))
        for name, program in programs(girth, py_irt).items():
            rows = taken(name, program, path, repeats=1 if quick else repeats)
            known = name.replace("-", "_")
            found[f"items_small_{known}_s"] = figure([r[0] for r in rows], [r[1] for r in rows])
            found[f"items_small_{known}_r_theta"] = figure([r[4] for r in rows])
    return found


def main(argv: list[str] | None = None) -> None:
    """Run it."""
    given = argparse.ArgumentParser()
    given.add_argument("--girth", default="")
    given.add_argument("--py-irt", default="")
    given.add_argument("--sizes", default="500x2000,1000x1000,2000x2000,2000x10000,10000x10000")
    given.add_argument("--repeats", type=int, default=3)
    given.add_argument("--epochs", type=int, default=2000, help="of py-irt; 2,000 is its default")
    given.add_argument("--quick", action="store_true", help="Only that it runs: small matrices, once.")
    options = given.parse_args(argv)
    if options.quick:
        say(figures(quick=True))
        return
    for name in [name for name in ("girth", "py_irt") if not getattr(options, name)]:
        print(f"{name}: not run, no interpreter given (--{name.replace('_', '-')} PYTHON)")
    print(
        f"{'models x items':>16} {'what':>7} {'fit s':>9} {'processor':>9} {'and se s':>9} {'ns a response':>14}"
        f" {'GB':>6} {'r theta':>8} {'r b':>7} {'r a':>7}"
    )
    for size in options.sizes.split(","):
        n, m = (int(x) for x in size.split("x"))
        with tempfile.TemporaryDirectory() as folder:
            path = _matrix(Path(folder), n, m, jsonl=bool(options.py_irt) and n * m <= MOST["py-irt"])
            for name, program in programs(options.girth, options.py_irt).items():
                if n * m > MOST[name]:
                    continue
                s, u, e, gb, r, rb, ra = min(taken(name, program, path, repeats=options.repeats, epochs=options.epochs))
                print(
                    f"{size:>16} {name:>7} {s:9.2f} {u:9.2f} {e:9.2f} {s / (n * m) * 1e9:14.1f} {gb:6.2f} {r:8.4f}"
                    f" {rb:7.4f} {ra:7.4f}",
                    flush=True,
                )


def _matrix(folder: Path, n: int, m: int, *, jsonl: bool) -> Path:
    import json

    import numpy as np

    rng = np.random.default_rng(1)
    theta, a, b = rng.normal(size=n), np.exp(rng.normal(0, 0.3, m)), rng.normal(size=m)
    y = np.empty((n, m), np.uint8)
    for i in range(0, n, 500):
        p = 1 / (1 + np.exp(-a * (theta[i : i + 500, None] - b)))
        y[i : i + 500] = rng.random(p.shape, dtype=np.float32) < p
    path = folder / "y.npz"
    np.savez(path, y=y, theta=theta, a=a, b=b)
    if jsonl:
        with Path(f"{path}.jsonl").open("w") as out:
            for i, row in enumerate(y):
                out.write(
                    json.dumps({"subject_id": f"m{i}", "responses": {f"i{j}": int(v) for j, v in enumerate(row)}})
                    + "\n"
                )
    return path


if __name__ == "__main__":
    main()
