"""Fuzz every parser: `python -m faults.fuzz [TARGET ...] [--seconds N]`.

Each target runs in a process of its own, guided by coverage with atheris where that is installed, else by chance alone.
What an input may come to: a result that says what the input says, or LeadtimeError. All else is a fault, and so is an
input that takes longer than a second, and again than a second of the processor.
"""

import argparse
import contextlib
import datetime as dt
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from faults import results
from faults.mutate import mutate
from leadtime.errors import LeadtimeError

SLOW_SECONDS, HANG_SECONDS = 1.0, 20
_COVERAGE = re.compile(rb"cov: (\d+)")


@dataclass(slots=True)
class Tally:
    """How a target is doing: inputs, how many were accepted, the slowest, and each fault once with an input for it."""

    n: int = 0
    accepted: int = 0
    slowest_s: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)


class Watch:
    """Puts inputs to a target, and keeps count in a file that outlives the process."""

    def __init__(self, check: Callable[[bytes], None], kept: Path) -> None:
        self.check, self.kept, self.tally, self.saved = check, kept, Tally(), 0.0
        self.pool: list[bytes] = []
        self.last = os.open(kept.parent / "last", os.O_CREAT | os.O_WRONLY)

    def one(self, data: bytes) -> None:
        """Try one input."""
        os.pwrite(self.last, len(data).to_bytes(8, "little") + data, 0)  # should it take the process down
        seconds = self._timed(data)
        if seconds > SLOW_SECONDS:  # once more, by the processor's time: the machine may be busy with others
            begun = time.process_time()
            self._timed(data)
            seconds = min(seconds, time.process_time() - begun)
            if seconds > SLOW_SECONDS:
                self._fault(f"slow: {seconds:.1f} s", data)
        self.tally.n += 1
        self.tally.slowest_s = max(self.tally.slowest_s, seconds)
        if time.monotonic() - self.saved > 1:
            self.save()

    def save(self) -> None:
        """Write the count."""
        self.saved = time.monotonic()
        self.kept.write_text(json.dumps(asdict(self.tally)))

    def _timed(self, data: bytes) -> float:
        begun = time.perf_counter()
        signal.alarm(HANG_SECONDS)
        try:
            self.check(data)
            self.tally.accepted += 1
            self._remember(data)
        except LeadtimeError:
            pass
        except BaseException as error:  # a panic of polars is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            self._fault(_where(error), data)
        finally:
            signal.alarm(0)
        return time.perf_counter() - begun

    def _remember(self, data: bytes) -> None:
        """Keep what was accepted, a sample of it: changed further, it reaches further."""
        if len(self.pool) < 2000:
            self.pool.append(data)
        else:
            self.pool[self.tally.accepted * 7919 % 2000] = data

    def _fault(self, what: str, data: bytes) -> None:
        if len(data) < len(bytes.fromhex(self.tally.inputs.get(what, "00" * 200_000))):
            self.tally.faults[what] = what
            self.tally.inputs[what] = data.hex()
            self.save()


def _where(error: BaseException) -> str:
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in f.filename and ("leadtime" in f.filename or "faults" in f.filename)
    ]
    last = frames[-1] if frames else None
    place = f"{Path(last.filename).name}:{last.lineno}" if last else "?"
    words = re.sub(r"\d+", "N", " ".join(str(error).split())[:90]) if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} at {place} {words}".strip()


def _hung(*_: Any) -> None:
    raise TimeoutError(f"more than {HANG_SECONDS} seconds")


def child(name: str, kept: Path, seconds: float, engine: str, seed: int) -> None:
    """Fuzz one target in this process until the time is over."""
    signal.signal(signal.SIGALRM, _hung)
    if engine == "atheris":
        import atheris

        with atheris.instrument_imports(include=["leadtime"]):
            targets = _targets()
    else:
        targets = _targets()
    target = targets[name]
    watch = Watch(target.check, kept)
    seeds = list(target.seeds())
    for data in seeds:  # the first time much is loaded and compiled: that is no measure
        with contextlib.suppress(LeadtimeError):
            target.check(data)
    for data in seeds:
        watch.one(data)
    watch.save()
    words, rng = target.words, random.Random(seed)
    if engine != "atheris":
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            watch.one(mutate(rng.choice(watch.pool if watch.pool and rng.random() < 0.5 else seeds), rng, words))
        return watch.save()
    corpus = kept.parent / "corpus"
    corpus.mkdir(exist_ok=True)
    for i, data in enumerate(seeds):
        (corpus / f"seed-{i}").write_bytes(data)

    def changed(data: bytes, most: int, number: int) -> bytes:
        kind = rng.random()
        if kind < 0.1:
            return bytes(atheris.Mutate(data, most))
        return mutate(rng.choice(watch.pool) if kind < 0.5 and watch.pool else data, rng, words, most)

    options = [
        sys.argv[0],
        f"-max_total_time={seconds:.0f}",
        "-max_len=20000",
        "-rss_limit_mb=4096",
        f"-seed={seed + 1}",
        f"-artifact_prefix={kept.parent}/",
        "-timeout=60",
        str(corpus),
    ]
    atheris.Setup(options, watch.one, custom_mutator=changed)
    return atheris.Fuzz()


def _targets() -> dict[str, Any]:
    from faults.targets import all_targets

    return all_targets()


def run(name: str, seconds: float, engine: str, seed: int) -> dict[str, Any]:
    """Fuzz one target in a process of its own, and return its row."""
    with tempfile.TemporaryDirectory(
        prefix="leadtime-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None
    ) as folder:
        kept = Path(folder) / "tally.json"
        own = [
            sys.executable,
            "-m",
            "faults.fuzz",
            name,
            "--child",
            str(kept),
            "--seconds",
            str(seconds),
            "--engine",
            engine,
            "--seed",
            str(seed),
        ]
        begun = time.monotonic()
        with (Path(folder) / "log").open("wb") as log:
            done = subprocess.run(
                own,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
                timeout=seconds + 600,
            )
        said = (Path(folder) / "log").read_bytes()
        tally = json.loads(kept.read_text()) if kept.exists() else asdict(Tally())
        if done.returncode not in (0,):
            last = (Path(folder) / "last").read_bytes() if (Path(folder) / "last").exists() else b""
            last = last[8 : 8 + int.from_bytes(last[:8], "little")]
            words = (
                f"the process ended with {done.returncode}: {' '.join(said[-300:].decode(errors='replace').split())}"
            )
            tally["faults"][words], tally["inputs"][words] = words, last.hex()
        _keep(name, tally)
        edges = [int(n) for n in _COVERAGE.findall(said)]
        return {
            "target": name,
            "n_inputs": tally["n"],
            "n_accepted": tally["accepted"],
            "edges_first": edges[0] if edges else None,
            "edges_last": edges[-1] if edges else None,
            "slowest_s": round(tally["slowest_s"], 2),
            "faults": sorted(tally["faults"]),
            "seconds": round(time.monotonic() - begun),
            "on": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        }


def _keep(name: str, tally: dict[str, Any]) -> None:
    """Keep an input for each fault, to look at."""
    for i, (what, data) in enumerate(sorted(tally["inputs"].items())):
        path = Path("test-output") / "fuzz" / f"{name}-{i}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes.fromhex(data))
        path.with_suffix(".txt").write_text(what + "\n", encoding="utf-8")


def best_engine() -> str:
    """Return atheris where it is installed, else chance."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        return "chance"
    return "atheris"


def main() -> None:
    """Fuzz the targets named, or all; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("targets", nargs="*")
    given.add_argument("--seconds", type=float, default=60.0, help="for each target")
    given.add_argument("--engine", default=best_engine(), choices=("atheris", "chance"))
    given.add_argument("--seed", type=int, default=0)
    given.add_argument("--child", type=Path)
    given.add_argument("--write", action="store_true", help="write docs/trust/results/fuzz.json")
    asked = given.parse_args()
    if asked.child:
        return child(asked.targets[0], asked.child, asked.seconds, asked.engine, asked.seed)
    known = _targets()
    unknown = [t for t in asked.targets if t not in known]
    if unknown:
        sys.exit(f"there is no target {unknown[0]!r}; targets: {', '.join(known)}")
    rows: list[dict[str, Any]] = []
    for name in asked.targets or known:
        rows.append(
            run(name, asked.seconds, asked.engine, asked.seed) | {"what": known[name].what, "engine": asked.engine}
        )
        tell(rows[-1])
        if asked.write:
            keep(rows)
    return sys.exit(1 if any(r["faults"] for r in rows) else 0)


def tell(row: dict[str, Any]) -> None:
    """Print what came of a target."""
    print(
        f"{row['target']}: {row['n_inputs']:,} inputs, {row['n_accepted']:,} accepted, edges {row['edges_first']} to"
        f" {row['edges_last']}, slowest {row['slowest_s']} s, {len(row['faults'])} faults",
        *row["faults"],
        sep="\n  ",
        flush=True,
    )


def keep(rows: list[dict[str, Any]]) -> None:
    """Write what came of targets, beside what came of the others before."""
    every = results.rows_beside("fuzz", rows, "target")
    n, n_faults = sum(r["n_inputs"] for r in every), sum(len(r["faults"]) for r in every)
    verdict = f"{n:,} inputs, {n_faults or 'no'} faults."
    results.write("fuzz", verdict=verdict, seconds=sum(r["seconds"] for r in every), rows=every)


if __name__ == "__main__":
    main()
