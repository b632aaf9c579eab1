"""A folder held by one process at a time: two that would add to the same file follow each other."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from leadtime.errors import LeadtimeError

try:
    import fcntl
except ImportError:  # where there is no such lock, two at once are not kept apart
    fcntl = None  # type: ignore[assignment]


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
