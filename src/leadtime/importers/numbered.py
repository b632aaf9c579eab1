"""The folder of one import, `imports/LABEL.N`: filled beside, renamed into place as the next number, the older ones
cleared.

What 0.1 wrote, `evidence/TABLE.LABEL.csv` with `quarantine/LABEL.csv`, is what came before; it goes when the folder
stands.
"""

import contextlib
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, imports
from leadtime.held import held
from leadtime.whole import whole_folder

_WRITTEN = (*(f"{table}.csv" for table in TABLES), imports.ASIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What an earlier import of a label wrote.

    Args:
        number: The number of its folder; 0 for none, and for files of 0.1.
        files: Content by name, such as `scores.csv`.
    """

    number: int
    files: Mapping[str, bytes]


@contextlib.contextmanager
def locked(study: Path) -> Iterator[None]:
    """Hold the folder of imports of a study, made if it is not there; a process that ends in any way lets go of it.

    Raises:
        LeadtimeError: It cannot be written, or is not a folder of the study.
    """
    folder = study / imports.FOLDER
    _require_own(folder)
    with held(folder):
        yield


def before(study: Path, label: str) -> Before:
    """Return what an earlier import of a label wrote, whichever version did."""
    number = imports.newest(study).get(label, 0)
    if number:
        folder = study / imports.FOLDER / f"{label}.{number}"
        there = {p.name: p for p in stranger.files(folder, (".csv",), within=study) if p.name in _WRITTEN}
    else:
        there = {name: p for name, p in _earlier(study, label).items() if stranger.is_there(p)}
    return Before(number=number, files={name: stranger.read(p, within=study) for name, p in there.items()})


def put(study: Path, label: str, files: Mapping[str, bytes]) -> int:
    """Write the files of an import as the next folder of its label, clear what came before, and return its number."""
    folder = study / imports.FOLDER
    number = imports.newest(study).get(label, 0)
    if number == imports.MOST_NUMBER:
        number = _renumbered(folder, label)
    with whole_folder(folder / f"{label}.{number + 1}") as partial:
        for name, content in files.items():
            (partial / name).write_bytes(content)
    clear(study, label)
    return number + 1


def clear(study: Path, label: str) -> None:
    """Clear what older and unfinished imports of a label left, and what 0.1 wrote if a later import took its place.

    Raises:
        LeadtimeError: One of them is not a folder of the study, or cannot be removed.
    """
    folder, number = study / imports.FOLDER, imports.newest(study).get(label, 0)
    own = [n for n in stranger.entries(folder) if label in (imports.partial_of(n), imports.numbered(n)[0])]
    for name in own:
        _require_own(folder / name)
    try:
        for name in own:
            if imports.numbered(name)[1] < number or imports.partial_of(name):
                _remove(folder / name)
        if number and imports.is_earlier(study, label):
            for path in _earlier(study, label).values():  # the mark is the last of them
                _require_own(path.parent)
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others are in it
                (study / imports.EARLIER).rmdir()
    except OSError as error:
        raise LeadtimeError(f"cannot be written: {error.strerror}", where=str(folder)) from None


def _earlier(study: Path, label: str) -> dict[str, Path]:
    """Return where 0.1 put the files of a label, by what they are called now, nothing if it imported none."""
    if not imports.is_earlier(study, label):
        return {}
    tables = {f"{table}.csv": study / "evidence" / f"{table}.{label}.csv" for table in TABLES}
    return tables | {imports.ASIDE: study / imports.EARLIER / f"{label}.csv"}


def _renumbered(folder: Path, label: str) -> int:
    """Call the folder of the last number by the first that is free above all others, and return that."""
    found = [imports.numbered(name) for name in stranger.entries(folder)]
    number = 1 + max((n for one, n in found if one == label and n < imports.MOST_NUMBER), default=0)
    try:
        (folder / f"{label}.{imports.MOST_NUMBER}").rename(folder / f"{label}.{number}")
    except OSError as error:
        raise LeadtimeError(f"cannot be written: {error.strerror}", where=str(folder)) from None
    return number


def _remove(folder: Path) -> None:
    """Take away what an import wrote, and the folder unless another put something there."""
    for name in _WRITTEN:
        with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
            (folder / name).unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _require_own(folder: Path) -> None:
    """Refuse a link in the place of a folder of the study: what it leads to is not the study's."""
    try:
        mode = folder.lstat().st_mode
    except OSError:  # it is not there, and then there is nothing to lead out
        return
    if not stat.S_ISDIR(mode):
        what = "is a link, not a folder" if stat.S_ISLNK(mode) else "is not a folder"
        raise LeadtimeError(what, where=str(folder), fix="Remove it and import again.")
