"""Results kept on disk, keyed by the content of exactly what they depend on."""

import functools
import hashlib
import os
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import IO

import numpy as np
import platformdirs

import leadtime
from leadtime.capability.result import Cells
from leadtime.environment import one_thread
from leadtime.errors import LeadtimeError
from leadtime.held import in_turn
from leadtime.whole import whole

#: Raised whenever equations change, so that old results are not taken for new ones.
MODEL_VERSION = 7
#: What `state` says where all is well.
WRITABLE = "can be written"
#: Results that ship with the package, each in a file named by its key: what is not of this evidence, these settings and
#: this code is not found there.
SHIPPED = Path(__file__).parent / "data"
Arrays = dict[str, np.ndarray]
_SUM = "checksum"
#: What reading a file that is not there, torn or of another kind may raise.
DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)
#: Cache folders that this process could not write, and why.
trouble: dict[str, str] = {}
#: Results in the cache have at most so many bytes together, unless LEADTIME_CACHE_BYTES says otherwise.
MOST_BYTES = 2_000_000_000
#: Names of results, of versions before too, and of what stands for one that is computed: nothing else is ever removed.
_OURS = re.compile(r"[0-9a-f]{24}(\.summed)?\.npz|ensemble-[0-9a-f]{24}-\d+\.npz")
_TURNS = re.compile(r"\.(ensemble-)?[0-9a-f]{24}(-\d+)?\.turn")
#: So long one process waits for another that computes the same; what killed processes left goes after so long.
_WAIT_SECONDS, _LEFT_SECONDS = 300.0, 86_400.0
_keep = _ships = True


@contextmanager
def unshipped() -> Iterator[None]:
    """Take nothing within that ships with the package: what it holds is computed."""
    global _ships
    before, _ships = _ships, False
    try:
        yield
    finally:
        _ships = before


def ships() -> bool:
    """Return whether what ships with the package is taken."""
    return _ships


@contextmanager
def keeping(keep: bool) -> Iterator[None]:
    """Keep what is computed within on disk, or not; what is there is read in any case."""
    global _keep
    before, _keep = _keep, keep
    try:
        yield
    finally:
        _keep = before


def most_bytes() -> int:
    """Return how many bytes the results in the cache may have together (LEADTIME_CACHE_BYTES overrides it).

    Raises:
        LeadtimeError: It is not a number.
    """
    said = os.environ.get("LEADTIME_CACHE_BYTES", "").strip()
    if not said:
        return MOST_BYTES
    if not (said.isascii() and said.isdigit() and len(said) < 20):
        fix = "Expected a whole number of bytes, such as 2000000000."
        raise LeadtimeError(
            f"takes nothing: LEADTIME_CACHE_BYTES is {said[:40]!r}, which is not a number of bytes", fix=fix
        )
    return int(said)


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
    """Return the arrays that belong to `parts` (numbers, texts, arrays, cells): shipped, or computed once and kept on
    disk.
    """
    return named(key(*parts), compute)


def named(name: str, compute: Callable[[], Arrays]) -> Arrays:
    """Return the arrays of a key: shipped, or computed once and kept on disk."""
    found = load(name)
    if found is None:
        with alone(name):
            found = load(name)
            if found is None:
                with one_thread():
                    found = compute()
                store(name, found)
    return found


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait for another process that computes what is kept under a name, for some minutes at most; what is not kept is
    computed by each.
    """
    if not _keep:
        yield
        return
    with in_turn(folder() / f".{name}.turn", _WAIT_SECONDS):
        yield


def key(*parts: object) -> str:
    """Return the content key of what a result depends on."""
    digest = hashlib.sha256(f"{MODEL_VERSION} {leadtime.__version__}".encode())
    for part in parts:
        for value in [getattr(part, f.name) for f in fields(part)] if isinstance(part, Cells) else [part]:
            data = np.ascontiguousarray(value).tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
            digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:24]


@functools.cache
def made_by(*files: str) -> str:
    """Return the content key of some files of the package's code, by their place in it: what a result was made by."""
    root = Path(leadtime.__file__).parent
    return key(*((name, (root / name).read_bytes().replace(b"\r\n", b"\n")) for name in files))


@functools.cache
def files_of(*folders: str) -> tuple[str, ...]:
    """Return the files of some folders of the package's code, by their place in it, for `made_by`."""
    root = Path(leadtime.__file__).parent
    return tuple(sorted(p.relative_to(root).as_posix() for f in folders for p in (root / f).glob("*.py")))


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
    """Return the arrays that ship or are stored under a name, or None when there are none that can be read."""
    found = _read(SHIPPED / f"{name}.npz") if _ships else None
    if found is None and (found := _read(_file(name))) is not None:
        used(_file(name))
    return found


def _read(path: Path) -> Arrays | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found = dict(stored)
        return found if found.pop(_SUM).item() == _sum(found) else None
    except DAMAGED:
        return None


def is_there(name: str) -> bool:
    """Return whether something ships or is stored under a name, without reading it."""
    return any(path.is_file() for path in (*([SHIPPED / f"{name}.npz"] if _ships else []), _file(name)))


def ship(results: dict[str, Arrays], folder: Path = SHIPPED) -> list[Path]:
    """Write results by their keys to a folder that ships, and remove what was there before.

    Raises:
        LeadtimeError: The folder cannot be written.
    """
    for before in folder.glob("*.npz"):
        before.unlink()
    found = []
    for name, arrays in sorted(results.items()):
        found.append(folder / f"{name}.npz")
        with whole(found[-1]) as partial, partial.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays, **{_SUM: np.array(_sum(arrays))})
    return found


def used(path: Path) -> None:
    """Note that a file of the cache was used: what was not for longest is what goes."""
    with suppress(OSError):
        os.utime(path)


def store(name: str, arrays: Arrays) -> None:
    """Store arrays under a name, whole or not at all; a cache that cannot be written is no error, but told (see
    `trouble`).
    """
    summed = {**arrays, _SUM: np.array(_sum(arrays))}
    kept(_file(name), lambda file: np.savez(file, allow_pickle=False, **summed))


def _sum(arrays: Arrays) -> str:
    """Return a checksum over names and values: an archive's own do not cover the names."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def kept(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file of the cache, whole or not at all; where that cannot be done, remember why.

    Where results then have more bytes than they may, those that were not used for longest go, but not this one.
    """
    if not _keep:
        return
    try:
        room = most_bytes()
        # the checksums within tell a file that a power cut tore from a whole one: it is not waited for the disk
        with whole(path, sync=False) as partial, partial.open("wb") as file:
            write(file)
        _clear(path, room)
    except LeadtimeError as error:
        trouble.setdefault(str(folder()), error.what)


def _clear(just_written: Path, room: int) -> None:
    """Remove results until the rest has room; another process may do the same at this moment."""
    found = []
    with suppress(OSError), os.scandir(just_written.parent) as entries:
        for entry in entries:
            with suppress(OSError):
                if (
                    _TURNS.fullmatch(entry.name)
                    and time.time() - entry.stat(follow_symlinks=False).st_mtime > _LEFT_SECONDS
                ):
                    os.unlink(entry.path)  # noqa: PTH108
                if _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    had = entry.stat(follow_symlinks=False)
                    found.append((entry.name == just_written.name, had.st_mtime_ns, entry.path, had.st_size))
    for _, _, path, size in sorted(found, reverse=True):
        room -= size
        if room < 0 and path != str(just_written):
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - a link that took its place is removed, not followed
