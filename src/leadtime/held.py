"""What one process does at a time: two that would add to the same file, or compute the same, follow each other."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from leadtime.errors import LeadtimeError

try:
    import fcntl
except ImportError:  # where there is no such lock, two at once are not kept apart
    fcntl = None  # type: ignore[assignment]

_LOOK_SECONDS = 0.1


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder, made if it is not there, and wait for whoever holds it; a process that ends in any way lets go of
    it.

    Raises:
        LeadtimeError: It cannot be written, or is a link.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW) if fcntl is not None else -1
    except OSError as error:
        raise LeadtimeError(f"cannot be written: {error.strerror}", where=str(folder)) from None
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        if fcntl is not None:
            os.close(handle)


@contextlib.contextmanager
def in_turn(file: Path, most_seconds: float) -> Iterator[None]:
    """Wait for whoever does the same, but so long at most: then it is done twice. A process that ends in any way lets
    the next begin.

    Args:
        file: Stands for what is done, and goes when it is done; where it cannot be made, nobody waits.
        most_seconds: A process that is stopped, or has too little of the processor, keeps nobody for longer.
    """
    handle, until = -1, time.monotonic() + most_seconds
    while handle == -1 and time.monotonic() < until:
        try:
            handle = _taken(file)
        except BlockingIOError:
            time.sleep(_LOOK_SECONDS)
        except OSError:
            break
    try:
        yield
    finally:
        if handle != -1:
            with contextlib.suppress(OSError):
                file.unlink()
            os.close(handle)


def _taken(file: Path) -> int:
    """Return the open file, which this process holds alone.

    Raises:
        BlockingIOError: Another holds it.
        OSError: There is no such lock here, or no place for the file.
    """
    if fcntl is None:
        raise OSError
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(handle), file.stat()):
            return handle
    os.close(handle)  # who held it took it away meanwhile
    raise BlockingIOError
