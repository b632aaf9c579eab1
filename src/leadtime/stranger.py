"""Files that someone else may have written: regular files within their folder, of a size known before a byte is read.

Everything that leadtime reads and did not write itself is opened here. Nothing here writes.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from leadtime.errors import LeadtimeError

#: A table of a study folder may have so many bytes, a file of text (YAML, TOML, JSON) so many.
MOST_TABLE, MOST_TEXT = 500_000_000, 4_000_000
#: A folder of a study may hold so many entries, a folder of logs and downloads so many at any depth.
MOST_ENTRIES, MOST_DEEP = 10_000, 500_000
_MOST_DEPTH = 40
# Neither waits for the other end of a pipe, nor follows a link that took the file's place since it was looked at.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read(path: Path, *, most: int = MOST_TABLE, within: Path | None = None, fix: str = "") -> bytes:
    """Return the bytes of a file.

    Args:
        path: The file.
        most: So many bytes it may have.
        within: The folder that it must lie in, links followed; None for a file that the user named.
        fix: What to do when it cannot be read.

    Raises:
        LeadtimeError: It does not exist, is not a regular file, lies outside the folder, or is too large.
    """
    with opened(path, most=most, within=within, fix=fix) as file:
        try:
            content = file.read(most + 1)
        except OSError as error:
            raise LeadtimeError(f"cannot be read: {reason(error)}", where=str(path), fix=fix) from None
    if len(content) > most:  # it has grown since it was looked at
        raise _too_large(path, most)
    return content


def text(path: Path, *, most: int = MOST_TEXT, within: Path | None = None, fix: str = "") -> str:
    """Return the text of a file in UTF-8, with or without a byte-order mark; see `read`."""
    try:
        return read(path, most=most, within=within, fix=fix).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LeadtimeError(f"cannot be read: byte {error.start} is not UTF-8", where=str(path), fix=fix) from None


def opened(path: Path, *, most: int, within: Path | None = None, fix: str = "") -> BinaryIO:
    """Return a file opened to be read; see `read`."""
    try:
        there = _place(path, within)
        file = os.open(there, _FLAGS)
    except ValueError:  # a NUL in the name, or half a character
        raise LeadtimeError("cannot be the name of a file", where=ascii(str(path))[:200], fix=fix) from None
    except OSError as error:
        _refuse_unnamed(path)
        raise _unreadable(path, error, fix) from None
    found = os.fstat(file)
    wrong = _not_regular(found.st_mode)
    if wrong or found.st_size > most:
        os.close(file)
        raise _irregular(path, wrong) if wrong else _too_large(path, most)
    return os.fdopen(file, "rb")


def regular(path: Path, *, most: int, within: Path | None = None, fix: str = "") -> Path:
    """Return where a file lies that is for a reader of paths (a table, an archive), after the same look at it; see
    `read`.
    """
    opened(path, most=most, within=within, fix=fix).close()
    return Path(_place(path, within))


def is_there(path: Path) -> bool:
    """Return whether something of any kind has this name: a link that leads nowhere too."""
    return os.path.lexists(path)


def files(folder: Path, endings: Collection[str], *, within: Path | None = None) -> list[Path]:
    """Return the files of a folder with one of the endings, sorted by name, nothing if there is no such folder.

    Args:
        folder: The folder.
        endings: Such as `.csv`; another file is left alone.
        within: The folder that it must lie in, with links followed; None for itself.

    Raises:
        LeadtimeError: It is no folder, lies elsewhere, or holds too many entries; or one with such an ending is no
            regular file, or leads elsewhere.
    """
    found, wrong = sorted_out(folder, endings, within=within)
    if wrong:
        raise wrong[0]
    return found


def sorted_out(
    folder: Path, endings: Collection[str], *, within: Path | None = None
) -> tuple[list[Path], list[LeadtimeError]]:
    """Return the files of a folder as `files` does, and what is wrong with each of the others that have such
    an ending.
    """
    found, wrong = [], []
    for name in entries(folder, within=within):
        if name.endswith(tuple(endings)):
            try:
                _require_regular(folder / name, within or folder)
                found.append(folder / name)
            except LeadtimeError as error:
                wrong.append(error)
    return found, wrong


def require_bounded(paths: Collection[Path], *, where: Path, most_files: int, most: int) -> None:
    """Refuse files that are too many, or have too many bytes together."""
    if len(paths) > most_files:
        raise LeadtimeError(f"holds more than {most_files:,} files", where=str(where), fix="Put several into one.")
    try:
        together = sum(path.stat().st_size for path in paths)
    except OSError as error:
        raise LeadtimeError(f"cannot be read: {error.strerror}", where=str(where)) from None
    if together > most:
        raise LeadtimeError(f"its files have more than {most:,} bytes together", where=str(where), fix="Take some out.")


def shown(name: str) -> str:
    """Return a name as a line shows it: what is no letter, mark or blank by its number."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def entries(folder: Path, *, within: Path | None = None) -> list[str]:
    """Return the names of all that is in a folder, sorted; see `files`."""
    if not is_there(folder):
        return []
    found = []
    for entry in _scanned(folder, within):
        found.append(entry.name)
        if len(found) > MOST_ENTRIES:
            raise _too_many(folder, MOST_ENTRIES)
    return sorted(found)


def deep(folder: Path, wanted: Callable[[str], bool]) -> list[Path]:
    """Return the files at any depth of a folder whose name is wanted, sorted; links to folders are not followed.

    Raises:
        LeadtimeError: As `files`, for a folder of logs or downloads.
    """
    found, seen, left = [], 0, [(folder, 0)]
    while left:
        here, depth = left.pop()
        for entry in _scanned(here, folder):
            seen += 1
            if seen > MOST_DEEP:
                raise _too_many(folder, MOST_DEEP)
            if entry.is_dir(follow_symlinks=False):
                if depth >= _MOST_DEPTH:
                    raise LeadtimeError(f"holds folders in folders, deeper than {_MOST_DEPTH}", where=str(folder))
                left.append((here / entry.name, depth + 1))
            elif wanted(entry.name):
                _require_regular(here / entry.name, folder)
                found.append(here / entry.name)
    return sorted(found)


def _scanned(folder: Path, within: Path | None) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(_place(folder, within)) as found:
            yield from found
    except OSError as error:
        what = "is not a folder" if error.errno == errno.ENOTDIR else f"cannot be read: {reason(error)}"
        raise LeadtimeError(what, where=str(folder)) from None


def _place(path: Path, within: Path | None) -> str:
    """Return where a path leads; where that must lie in a folder and does not, nothing is told of where it leads."""
    there = os.path.realpath(path)
    if within is not None:
        root = os.path.realpath(within)
        if there != root and not there.startswith(root.rstrip(os.sep) + os.sep):
            fix = "Replace the link with the file itself."
            raise LeadtimeError("is a link that leads out of its folder", where=str(path), fix=fix)
    return there


def _require_regular(path: Path, root: Path) -> None:
    if not path.name.isprintable():
        raise LeadtimeError(
            "has a name with characters that nobody can see", where=shown(str(path)), fix="Give it another name."
        )
    try:
        wrong = _not_regular(Path(_place(path, root)).lstat().st_mode)
    except OSError as error:
        raise _unreadable(path, error, "") from None
    if wrong:
        raise _irregular(path, wrong)


def _not_regular(mode: int) -> str:
    kinds = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISLNK, "a link that leads in a circle"),
    )
    return "" if stat.S_ISREG(mode) else next((words for is_kind, words in kinds if is_kind(mode)), "something else")


def _refuse_unnamed(path: Path) -> None:
    """Refuse what is open without a name of its own, as the standard input or what a shell puts in a
    command's place.
    """
    with contextlib.suppress(OSError):
        if wrong := _not_regular(path.stat().st_mode):
            raise _irregular(path, wrong)


def _irregular(path: Path, kind: str) -> LeadtimeError:
    fix = "Save it to a file first, and give that." if kind == "a pipe" else "Only regular files are read."
    return LeadtimeError(f"is {kind}, not a file", where=str(path), fix=fix)


def _unreadable(path: Path, error: OSError, fix: str) -> LeadtimeError:
    if error.errno == errno.ENXIO:
        return _irregular(path, "a socket")
    what = "is a link that leads in a circle" if error.errno == errno.ELOOP else f"cannot be read: {reason(error)}"
    return LeadtimeError(what, where=str(path), fix=fix)


def reason(error: OSError) -> str:
    """Return in plain words why the system gave no file: `there is no such file or folder`."""
    words = {
        errno.ENOENT: "there is no such file or folder",
        errno.EACCES: "you may not read it",
        errno.EPERM: "you may not read it",
        errno.ENAMETOOLONG: "its name is too long",
    }
    return words.get(error.errno or 0, (error.strerror or str(error)).lower())


def _too_large(path: Path, most: int) -> LeadtimeError:
    return LeadtimeError(f"has more than {most:,} bytes", where=str(path), fix="Split it into several files.")


def _too_many(folder: Path, most: int) -> LeadtimeError:
    return LeadtimeError(
        f"holds more than {most:,} entries", where=str(folder), fix="Keep only the files that belong there."
    )
