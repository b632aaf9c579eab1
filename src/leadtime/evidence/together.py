"""Several files of a study changed together: all or none, for whoever reads meanwhile and whatever is killed.

What is to come is written beside each file, then a list of it; from that instant on it holds. Who finds a list takes the
lock, which a killed process lets go, and finishes it.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from leadtime.errors import LeadtimeError
from leadtime.whole import whole

try:
    import fcntl
except ImportError:  # where there is no such lock, two at once are not kept apart
    fcntl = None  # type: ignore[assignment]

FOLDER = "quarantine"
_LIST, _COMING = ".changes.json", ".coming"


def change(study: Path, files: Mapping[Path, bytes | None]) -> None:
    """Put files of a study in their places together; None removes one.

    Raises:
        LeadtimeError: The folder cannot be written; nothing is changed then.
    """
    if not files:
        return
    listed = study / FOLDER / _LIST
    with _locked(study):
        _finish(study)
        for left in study.glob(f"*/.*{_COMING}"):  # of one that was killed before it could list them
            left.unlink(missing_ok=True)
        try:
            for path, content in files.items():
                if content is not None:
                    with whole(_coming(path)) as partial:
                        partial.write_bytes(content)
            said = {path.relative_to(study).as_posix(): content is not None for path, content in files.items()}
            with whole(listed) as partial:
                partial.write_text(json.dumps(said), encoding="utf-8")
        except LeadtimeError:
            if not listed.exists():
                for path in files:
                    _coming(path).unlink(missing_ok=True)
            raise
        _finish(study)


def finish(study: Path) -> None:
    """Finish what a killed import began, before the study is read; what it had not yet listed is as if it had never been.

    Raises:
        LeadtimeError: There is something to finish, and the folder cannot be written.
    """
    if (study / FOLDER / _LIST).exists():
        with _locked(study):
            _finish(study)


def _finish(study: Path) -> None:
    listed = study / FOLDER / _LIST
    try:
        said = json.loads(listed.read_text(encoding="utf-8"))
        for name, comes in said.items():
            path = study / name
            with contextlib.suppress(FileNotFoundError):  # done before it was killed
                if comes:
                    _coming(path).replace(path)
                else:
                    path.unlink()
        listed.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise LeadtimeError(
            f"an import was cut off, and cannot be finished: {error.strerror}", where=str(study),
            fix="Make the folder writable for one command.",
        ) from None  # fmt: skip


def _coming(path: Path) -> Path:
    return path.with_name(f".{path.name}{_COMING}")


@contextlib.contextmanager
def _locked(study: Path) -> Iterator[None]:
    """Hold the lock of a study; a process that ends in any way lets go of it."""
    folder = study / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY) if fcntl is not None else -1
    except OSError as error:
        raise LeadtimeError(f"cannot be written: {error.strerror}", where=str(study)) from None
    try:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        if fcntl is not None:
            os.close(held)
