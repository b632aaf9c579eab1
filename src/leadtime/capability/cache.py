"""Fits kept on disk, keyed by exactly what they depend on: the cells, the method, the draws and the seed."""

import contextlib
import hashlib
import os
import tempfile
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import platformdirs

import leadtime
from leadtime.capability.result import Cells, Parameters

#: Raised whenever the model's equations change, so that old fits are not taken for new ones.
MODEL_VERSION = 5


def folder() -> Path:
    """Return the user's cache folder (LEADTIME_CACHE overrides it)."""
    return Path(os.environ.get("LEADTIME_CACHE") or platformdirs.user_cache_dir("leadtime"))


def key(cells: Cells, method: str, draws: int, seed: int) -> str:
    """Return the content key of a fit."""
    digest = hashlib.sha256(f"{MODEL_VERSION} {leadtime.__version__} {method} {draws} {seed}".encode())
    for item in fields(cells):
        value = getattr(cells, item.name)
        digest.update("|".join(value).encode() if isinstance(value, tuple) else np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()[:24]


def load(name: str) -> dict[str, np.ndarray] | None:
    """Return the arrays stored under a name, or None when there are none that can be read."""
    path = folder() / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, ValueError, KeyError, EOFError):
        return None
    except Exception as error:  # a truncated archive raises zipfile.BadZipFile, zlib.error, ...
        if type(error).__name__ in {"BadZipFile", "error"}:
            return None
        raise


def store(name: str, arrays: dict[str, np.ndarray]) -> None:
    """Store arrays under a name, atomically; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder(), suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        Path(temporary).replace(folder() / f"{name}.npz")


def parameters(arrays: dict[str, np.ndarray], prefix: str) -> Parameters:
    """Return the named parameters stored with a prefix."""
    return Parameters(**{f.name: arrays[f"{prefix}_{f.name}"] for f in fields(Parameters)})


def arrays_of(parameters: Parameters, prefix: str) -> dict[str, np.ndarray]:
    """Return named parameters as arrays with a prefix."""
    return {f"{prefix}_{name}": value for name, value in asdict(parameters).items()}
