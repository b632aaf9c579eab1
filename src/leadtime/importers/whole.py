"""A file written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadtime.errors import LeadtimeError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a file beside the path to write into; it takes the path's place when the block ends well, and goes otherwise.

    Raises:
        LeadtimeError: The place cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise LeadtimeError(f"cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        partial.unlink(missing_ok=True)
