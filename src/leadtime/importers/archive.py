"""The files in a folder, a zip or alone: bounded in size and number, never a path that climbs out."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from leadtime.errors import LeadtimeError

#: An archive may unpack to this much, in so many files: beyond, it is a trap.
MOST_BYTES, MOST_MEMBERS = 4_000_000_000, 500_000
#: One file is read as a whole, so it may have no more than this.
MOST_MEMBER = 1_000_000_000
_MOST_RATIO = 1000


def require_harmless(path: Path) -> None:
    """Refuse a zip that is torn, unpacks to too much, or whose names climb out of it.

    Raises:
        LeadtimeError: Without the place: the caller knows it. (`zipfile` raises NotImplementedError at a compression that it does not know.)
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise LeadtimeError(f"is no whole archive ({error})") from None
    size = sum(m.file_size for m in members)
    if size > MOST_BYTES or len(members) > MOST_MEMBERS or size > _MOST_RATIO * max(path.stat().st_size, 1_000_000):
        raise LeadtimeError(f"unpacks to {size:,} bytes in {len(members):,} files: too much")
    for m in members:
        if m.filename.startswith(("/", "\\")) or ".." in Path(m.filename.replace("\\", "/")).parts:
            raise LeadtimeError(f"holds a path that climbs out of it: {m.filename[:60]!r}")


def contents(path: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files with an ending: in a folder at any depth, in a zip, or the file itself.

    Raises:
        LeadtimeError: It is not there, is a torn or harmful archive, or too large.
    """
    try:
        yield from _contents(path, ending)
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=error.where or str(path), fix=error.fix) from None
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise LeadtimeError(f"cannot be read ({error})", where=str(path)) from None


def _contents(path: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(p for p in path.rglob(f"*{ending}") if p.is_file()):
            yield str(file.relative_to(path)), _read(file)
    elif not path.is_file():
        raise LeadtimeError("is not there", fix="Give a file, a folder or a zip.")
    elif zipfile.is_zipfile(path) or path.suffix == ".zip":
        require_harmless(path)
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(ending) and "__MACOSX" not in name:
                    _require_small(archive.getinfo(name).file_size, f"{path}, {name}")
                    yield name, archive.read(name)
    else:
        yield path.name, _read(path)


def _read(path: Path) -> bytes:
    _require_small(path.stat().st_size, str(path))
    return path.read_bytes()


def _require_small(n_bytes: int, where: str) -> None:
    if n_bytes > MOST_MEMBER:
        raise LeadtimeError(f"has more than {MOST_MEMBER:,} bytes", where=where, fix="Split it into several files.")
