"""The program as its users run it: real processes, with a home, a cache and a study of their own."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from leadtime.evidence import imports, parts

#: Settings with which a report takes seconds; what is tested is not the numbers.
QUICK = ("--method", "map", "--draws", "20", "--as-of", "2024-09-01")
ROWS = (
    "model,benchmark,score,evaluator,report_type,known_on,source\n"
    "gpt-4-2023-06,mmlu-pro,0.{0},epoch-ai,independent,2024-05-01,mmlu-pro-readme\n"
    "claude-2,mmlu-pro,0.{1},epoch-ai,independent,2024-05-01,mmlu-pro-readme\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str
    seconds: float


class Place:
    """A folder with `home`, `cache` and `study`, and processes that know no others."""

    def __init__(self, root: Path) -> None:
        self.root, self.cache, self.study = root, root / "cache", root / "study"
        for folder in (root / "home", self.cache, self.study):
            folder.mkdir(parents=True, exist_ok=True)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process; a value of "" takes the variable away."""
        base = os.environ | {"HOME": str(self.root / "home"), "LEADTIME_CACHE": str(self.cache), "OMP_NUM_THREADS": "1"}
        base.pop("PYTHONDONTWRITEBYTECODE", None)
        return {k: v for k, v in (base | more).items() if v != ""}

    def start(self, *arguments: object, before: tuple[str, ...] = (), **more: str) -> "subprocess.Popen[str]":
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [*before, sys.executable, "-m", "leadtime", *map(str, arguments)],
            env=self.environment(**more),
            cwd=self.root,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
        )

    def run(self, *arguments: object, before: tuple[str, ...] = (), **more: str) -> Done:
        """Run a command to its end."""
        begun = time.monotonic()
        process = self.start(*arguments, before=before, **more)
        out, err = process.communicate(timeout=900)
        return Done(code=process.returncode, out=out, err=err, seconds=time.monotonic() - begun)


@contextmanager
def place() -> Iterator[Place]:
    """Give a place that goes afterwards."""
    root = Path(tempfile.mkdtemp(prefix="leadtime-faults-"))
    try:
        yield Place(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill a process with all that it started, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def digest(*roots: Path) -> str:
    """Return what is in folders, hidden files left out: names and bytes, in 16 hexadecimal digits."""
    found = hashlib.sha256()
    for root in roots:
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            name = path.relative_to(root)
            if not any(part.startswith(".") for part in name.parts):
                found.update(
                    f"{root.name}/{name.as_posix()}".encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest()
                )
    return found.hexdigest()[:16]


def read_of(study: Path) -> str:
    """Return what commands read of a study's tables, with what imports did not take: names without numbers of imports,
    and bytes.
    """
    found = hashlib.sha256()
    aside = [study / imports.FOLDER / f"{x}.{n}" / imports.ASIDE for x, n in imports.newest(study).items()]
    for path in [*parts.tables(study), *aside]:
        name = re.sub(r"\.\d+/", "/", path.relative_to(study).as_posix())
        found.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def damaged(cache: Path) -> list[str]:
    """Return the files of a cache, under the names that are read, that cannot be read."""
    bad = []
    for path in cache.glob("[!.]*.npz"):
        try:
            with np.load(path, allow_pickle=False) as stored:
                dict(stored)
        except Exception as error:  # whatever it is, it is damage
            bad.append(f"{path.name}: {error!r}")
    return bad


def leftovers(*folders: Path) -> list[Path]:
    """Return what killed processes left half written."""
    endings = (".partial", ".old", ".tmp")
    return [p for f in folders if f.is_dir() for p in f.rglob(".*") if p.name.endswith(endings)]


def traceback_in(done: Done) -> bool:
    """Return whether a user would see a traceback, or that this should not have happened."""
    return "Traceback (most recent call last)" in done.err + done.out or "should not have happened" in done.err
