"""Results kept on disk, keyed by the content of exactly what they depend on."""

import functools
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO

import numpy as np
import platformdirs

import leadtime
from leadtime.capability.result import Cells, Diagnostics, Fit, Parameters
from leadtime.environment import one_thread
from leadtime.errors import LeadtimeError
from leadtime.whole import whole

#: Raised whenever equations change, so that old results are not taken for new ones.
MODEL_VERSION = 7
#: What `state` says where all is well.
WRITABLE = "can be written"
Arrays = dict[str, np.ndarray]
_SUM = "checksum"
#: What reading a file that is not there, torn or of another kind may raise.
DAMAGED = (OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError, SyntaxError, TypeError, MemoryError, zipfile.BadZipFile, zlib.error)  # fmt: skip
#: Cache folders that this process could not write, and why.
trouble: dict[str, str] = {}


def folder() -> Path:
    """Return the user's cache folder (LEADTIME_CACHE overrides it)."""
    return Path(os.environ.get("LEADTIME_CACHE") or platformdirs.user_cache_dir("leadtime"))


def state() -> str:
    """Return whether the cache can be written, in words."""
    kept(folder() / "probe", lambda file: None)
    why = trouble.pop(str(folder()), "")
    if why:
        return f"{why}: each run computes all again (LEADTIME_CACHE names another folder)"
    (folder() / "probe").unlink(missing_ok=True)
    return WRITABLE


def remembered(parts: tuple[object, ...], compute: Callable[[], Arrays]) -> Arrays:
    """Return the arrays that belong to `parts` (numbers, texts, arrays, cells), computed once and kept on disk."""
    name = key(*parts)
    found = load(name)
    if found is None:
        with one_thread():
            found = compute()
        store(name, found)
    return found


def key(*parts: object) -> str:
    """Return the content key of what a result depends on."""
    digest = hashlib.sha256(f"{MODEL_VERSION} {leadtime.__version__}".encode())
    for part in parts:
        for value in [getattr(part, f.name) for f in fields(part)] if isinstance(part, Cells) else [part]:
            data = np.ascontiguousarray(value).tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
            digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:24]


@functools.cache
def code() -> str:
    """Return the content key of the package's code and of the scenarios it ships.

    Results of many stages are kept under it: no one could say by hand which change of code moves which of them.
    """
    digest, root = hashlib.sha256(), Path(leadtime.__file__).parent
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.yaml"), *root.rglob("*.npz")]):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:24]


def _file(name: str) -> Path:
    return folder() / f"{name}.summed.npz"  # files without a checksum, of versions before, have another name


def load(name: str) -> Arrays | None:
    """Return the arrays stored under a name, or None when there are none that can be read."""
    path = _file(name)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found = dict(stored)
        return found if found.pop(_SUM).item() == _sum(found) else None
    except DAMAGED:
        return None


def store(name: str, arrays: Arrays) -> None:
    """Store arrays under a name, whole or not at all; a cache that cannot be written is no error, but told (see `trouble`)."""
    summed = {**arrays, _SUM: np.array(_sum(arrays))}
    kept(_file(name), lambda file: np.savez(file, allow_pickle=False, **summed))


def _sum(arrays: Arrays) -> str:
    """Return a checksum over names and values: an archive's own do not cover the names."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def kept(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file of the cache, whole or not at all; where that cannot be done, remember why."""
    try:
        # the checksums within tell a file that a power cut tore from a whole one: it is not waited for the disk
        with whole(path, sync=False) as partial, partial.open("wb") as file:
            write(file)
    except LeadtimeError as error:
        trouble.setdefault(str(folder()), error.what)


def fit_to_arrays(fitted: Fit) -> Arrays:
    """Return the draws, the mode and the diagnostics of a fit as arrays."""
    d = fitted.diagnostics
    numbers = [getattr(d, n) for n in d.__slots__] if d else []
    named = {"draw": asdict(fitted.draws), "mode": asdict(fitted.mode)}
    parts = {f"{kind}_{name}": value for kind, values in named.items() for name, value in values.items()}
    return {**parts, "diagnostics": np.array(numbers, dtype=float)}


def fit_from_arrays(stored: Arrays, cells: Cells, method: str) -> Fit:
    """Return the fit that `fit_to_arrays` took apart."""
    n = stored["diagnostics"]
    diagnostics = Diagnostics(
        r_hat_max=float(n[0]), ess_min=float(n[1]), divergences=int(n[2]), n_chains=int(n[3]), n_draws=int(n[4]),
        seconds=float(n[5]),
    ) if n.size else None  # fmt: skip
    draws, mode = (
        Parameters(**{f.name: stored[f"{kind}_{f.name}"] for f in fields(Parameters)}) for kind in ("draw", "mode")
    )
    return Fit(cells=cells, draws=draws, mode=mode, method=method, diagnostics=diagnostics)
