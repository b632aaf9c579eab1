"""Where the server keeps its things on disk, and the folder of each server, which goes with it."""

import atexit
import contextlib
import functools
import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from leadtime.whole import node, runs


def kept_in() -> Path:
    """Return where the server keeps its things: the cache folder, or where that cannot be written one that goes with
    it.
    """
    from leadtime.capability import cache

    return _usable(cache.folder())


@functools.cache
def _usable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            return folder
    except OSError as error:
        made = tempfile.mkdtemp(prefix="leadtime-")
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        words = f"note: {folder} cannot be written ({error.strerror}); jobs and studies are kept until the server stops"
        print(words, file=sys.stderr)
        return Path(made)


def own_folder() -> Path:
    """Return a new folder for what this server needs while it runs; those that killed servers left are removed.

    The name of each says whose it is. What lies beside them and has another name stays, but for studies of versions
    before.
    """
    try:
        shared = kept_in() / "studies"
        shared.mkdir(parents=True, exist_ok=True)
        own = re.compile(rf"{re.escape(node())}-(\d+)-\w+|[0-9a-f]{{32}}")
        for entry in list(os.scandir(shared)):
            left = own.fullmatch(entry.name)
            if left and entry.is_dir(follow_symlinks=False) and not (left[1] and _is_used(int(left[1]))):
                shutil.rmtree(entry.path, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=shared, prefix=f"{node()}-{os.getpid()}-"))
    except OSError:  # a file of that name, a disk that is full
        return Path(tempfile.mkdtemp(prefix="leadtime-"))


def own_name() -> str:
    """Return the name of a server among those on one store: its machine, its process, and chance."""
    return f"{_machine()}-{os.getpid()}-{os.urandom(4).hex()}"


def is_gone(name: str) -> bool:
    """Return whether the process of a named server is gone, as far as this machine can tell; of others it cannot."""
    machine, _, rest = name.partition("-")
    process = rest.partition("-")[0]
    return machine == _machine() and process.isdigit() and not _is_used(int(process))


@functools.cache
def _machine() -> str:
    """Return what tells apart where process numbers mean the same: the machine since its start, and the container."""
    found = [node()]
    with contextlib.suppress(OSError):
        found.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
        found.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256(" ".join(found).encode()).hexdigest()[:16]


def _is_used(process: int) -> bool:
    return process == os.getpid() or runs(process)
