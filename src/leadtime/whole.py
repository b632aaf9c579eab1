"""A file or a folder written whole or not at all, whatever happens meanwhile; what a killed process left is cleared
away.
"""

import functools
import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from leadtime.errors import LeadtimeError

#: What this process is writing; a partial of this process's number that is not among them was left by another.
_mine: set[str] = set()


@contextmanager
def whole(path: Path, *, sync: bool = True) -> Iterator[Path]:
    """Give a file beside the path to write into; it takes the path's place when the block ends well, and goes
    otherwise.

    A block that writes nothing changes nothing.

    Args:
        path: The file; what is no file (a device, a pipe) is given itself.
        sync: Whether it must outlast a power cut too; where a torn file is noticed when it is read, it need not.

    Raises:
        LeadtimeError: The place cannot be written.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    partial = _partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path.parent.absolute())
        yield partial
        if partial.exists():
            if sync:
                _sync(partial)
            partial.replace(path)
            if sync:
                _sync_names(path.parent)
    except OSError as error:
        raise _cannot(path, error) from None
    finally:
        with suppress(OSError):  # a place that is no folder has nothing to clear away
            partial.unlink(missing_ok=True)
        _mine.discard(partial.name)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a folder beside the path to fill; it takes the path's place when the block ends well, and goes otherwise.

    A folder that is there is replaced as a whole. Between two renames it has no name for an instant: should the process
    be killed then, the next that writes there puts it back first.

    Raises:
        LeadtimeError: The place cannot be written.
    """
    partial = _partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path.parent.absolute())
        partial.mkdir()
        yield partial
        for inner in partial.rglob("*"):
            if inner.is_file():
                _sync(inner)
            elif inner.is_dir():
                _sync_names(inner)
        _sync_names(partial)
        _swap(partial, path)
    except OSError as error:
        raise _cannot(path, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        _mine.discard(partial.name)


def _cannot(path: Path, error: OSError) -> LeadtimeError:
    return LeadtimeError(f"cannot be written: {error.strerror or error}", where=str(path))


def node() -> str:
    """Return the name of this machine as a part of names of files."""
    return re.sub(r"[^A-Za-z0-9]", "", platform.node()) or "here"


def _partial(path: Path) -> Path:
    name = f".{path.name}.{node()}-{os.getpid()}-{os.urandom(4).hex()}.partial"
    _mine.add(name)
    return path.with_name(name)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_names(folder: Path) -> None:
    """Force the names in a folder to the disk: a file that is there whole is lost with its name."""
    if os.name == "nt":  # there a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems, and folders of a network, know no such thing
            os.fsync(handle)
    finally:
        os.close(handle)


def _swap(partial: Path, path: Path) -> None:
    """Put the finished folder in the place; where that cannot be moved itself (a mount), move what is in it."""
    old = partial.with_suffix(".old")
    try:
        if path.exists():
            path.rename(old)
        partial.rename(path)
    except OSError:
        if old.exists() and not path.exists():
            old.rename(path)
        if not path.is_dir():
            raise
        _fill(partial, path)
    finally:
        if path.exists():
            _sync_names(path.parent)  # or a power cut could take the old one away and not bring the new
            shutil.rmtree(old, ignore_errors=True)


def _fill(partial: Path, path: Path) -> None:
    for entry in path.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    for entry in sorted(partial.iterdir(), key=lambda e: (e.suffix == ".html", e.name)):  # the page comes last
        shutil.move(entry, path / entry.name)


@functools.cache
def _clear(folder: Path) -> None:
    """Clear away, once, what killed processes of this machine left in a folder, and put back folders that they had set
    aside.
    """
    left = re.compile(rf"\.(.+)\.{node()}-(\d+)-[0-9a-f]{{8}}\.(partial|old)")
    for entry in list(folder.iterdir()):
        found = left.fullmatch(entry.name)
        if found is None or entry.with_suffix(".partial").name in _mine or runs(int(found[2])):
            continue
        with suppress(OSError):
            if found[3] == "old" and not (folder / found[1]).exists():
                entry.rename(folder / found[1])
            elif entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()


def runs(process: int) -> bool:
    """Return whether another process of a number runs; one of our own number is not another."""
    if process == os.getpid():
        return False
    if os.name == "nt":  # there the question itself would end it
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
