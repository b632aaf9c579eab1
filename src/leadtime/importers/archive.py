"""The files in a folder, a zip or alone: bounded in size and number, and none but what the zip's directory says."""

import copy
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError

#: An archive may have and unpack to this much, in so many files: beyond, it is a trap.
MOST_BYTES, MOST_MEMBERS = 4_000_000_000, 500_000
#: One file is read as a whole, so it may have no more than this.
MOST_MEMBER = stranger.MOST_TABLE
_MOST_RATIO, _MOST_NAME = 1000, 1000
#: Packed so, a file is unpacked bit by bit; other ways of packing unpack all at once, whatever the directory says.
USUAL = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_NESTED = (".zip", ".gz", ".tar", ".tgz", ".7z", ".eval")
# So little at a time that no way of packing makes more than a few hundred megabytes of it.
_CHUNK = 4096
_TORN = (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError)


def contents(path: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files with an ending: in a folder at any depth, in a zip, or the file itself.

    Raises:
        LeadtimeError: It is not there, is a torn or harmful archive, leads out of the folder, or is too large.
    """
    if path.is_dir():
        for file in stranger.deep(path, lambda name: name.casefold().endswith(ending)):
            yield legible(str(file.relative_to(path))), stranger.read(file, most=MOST_MEMBER, within=path)
        return
    there = stranger.regular(path, most=MOST_BYTES, fix="Give a file, a folder or a zip.")
    if path.suffix != ".zip" and not zipfile.is_zipfile(there):
        yield legible(path.name), stranger.read(path, most=MOST_MEMBER)
        return
    with opened(path) as archive:
        for member in sorted(_members(archive, path), key=lambda m: m.filename):
            if member.filename.endswith(_NESTED):
                what = f"contains another archive: {legible(member.filename)[:60]!r}"
                raise LeadtimeError(what, where=str(path), fix="Unpack it and give the folder.")
            if member.filename.casefold().endswith(ending) and "__MACOSX" not in member.filename:
                if member.file_size > MOST_MEMBER:
                    raise LeadtimeError(
                        f"has more than {MOST_MEMBER:,} bytes", where=f"{path}, {legible(member.filename)}"
                    )
                yield legible(member.filename), b"".join(_unpacked(archive, member, path))


def require_true(path: Path, packed: frozenset[int] = USUAL, again: str = "\0", unread: str = "\0") -> None:
    """Refuse a zip that another library is to read, unless each file unpacks to what its directory says.

    Args:
        path: The zip.
        packed: The ways of packing that are read.
        again: What the name of a file begins with that may be there more than once, since that library takes the last.
        unread: What the name of a file begins with that the library leaves alone.

    Raises:
        LeadtimeError: It is torn or harmful: see `contents`.
    """
    with opened(path) as archive:
        for member in _members(archive, path, packed, again):
            for _ in _unpacked(archive, member, path) if not member.filename.startswith(unread) else ():
                pass


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give a zip opened to be read.

    Raises:
        LeadtimeError: It does not exist, is not a regular file, or is not a complete archive.
    """
    with stranger.opened(path, most=MOST_BYTES) as file:
        try:
            archive = zipfile.ZipFile(file)
        except _TORN as error:
            raise LeadtimeError(f"is not a complete archive ({error})", where=str(path)) from None
        with archive:
            yield archive


def legible(name: str) -> str:
    """Return a name of a file as UTF-8 has it; bytes that are none of its letters are shown as such."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _members(
    archive: zipfile.ZipFile, path: Path, packed: frozenset[int] = USUAL, again: str = "\0"
) -> list[zipfile.ZipInfo]:
    """Return what a zip holds, once its directory promises no harm."""
    members = archive.infolist()
    size, n_packed = sum(m.file_size for m in members), path.stat().st_size
    if size > MOST_BYTES or len(members) > MOST_MEMBERS or size > _MOST_RATIO * max(n_packed, 1_000_000):
        raise LeadtimeError(f"unpacks to {size:,} bytes in {len(members):,} files, which is too much", where=str(path))
    once = [m for m in members if not m.filename.startswith(again)]
    wrong = next((w for m in members if (w := _wrong(m, packed))), "") or _twice(once) or _overlap(members)
    if wrong:
        raise LeadtimeError(wrong, where=str(path))
    return [m for m in members if not m.is_dir()]


def _wrong(member: zipfile.ZipInfo, packed: frozenset[int]) -> str:
    name = legible(member.orig_filename)
    if "\0" in name or len(name) > _MOST_NAME:
        return f"contains a file without a usable name: {name[:60]!r}"
    if name.startswith(("/", "\\")) or ".." in Path(name.replace("\\", "/")).parts:
        return f"contains a path that climbs out of it: {name[:60]!r}"
    if member.flag_bits & 0x1:
        return f"is encrypted: {name[:60]!r}"
    if member.compress_type not in packed:
        return f"is compressed in a way that leadtime cannot read (number {member.compress_type}): {name[:60]!r}"
    return ""


def _twice(members: list[zipfile.ZipInfo]) -> str:
    name, n = Counter(m.filename for m in members).most_common(1)[0] if members else ("", 0)
    return f"has the file name {legible(name)[:60]!r} twice" if n > 1 else ""


def _overlap(members: list[zipfile.ZipInfo]) -> str:
    """Tell files that share bytes: a few then unpack to any amount."""
    end = 0
    for m in sorted(members, key=lambda m: m.header_offset):
        if m.header_offset < end:
            return f"contains files that overlap: {legible(m.filename)[:60]!r}"
        end = m.header_offset + 30 + len(m.orig_filename) + m.compress_size
    return ""


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    """Yield what a file of a zip holds, no more than its directory says."""
    room = copy.copy(member)
    room.file_size += 2 * _CHUNK  # so that there is a difference between enough and too much
    where, size = f"{path}, {legible(member.filename)}", 0
    try:
        with archive.open(room) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > member.file_size:
                    break
                yield chunk
    except _TORN as error:
        raise LeadtimeError(f"cannot be read ({error})", where=where) from None
    if size != member.file_size:
        raise LeadtimeError("unpacks to another size than the archive's directory says", where=where)
