"""The files that an update is given: a folder, a zip, or one file, with zips in a folder opened too."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.importers import archive
from leadtime.importers.outcome import Refused
from leadtime.update.connector import File

#: What connectors can read; other files are not opened.
ENDINGS = (".csv", ".json", ".yaml", ".yml")
#: Reading stops here: a folder of this size is no download of tables.
MOST_FILES, MOST_BYTES = 20_000, 2_000_000_000


def given(path: Path, day: dt.date) -> tuple[list[File], list[Refused]]:
    """Return the files below a path, and those that cannot be read.

    Args:
        path: A folder, a zip, or a file.
        day: The day of the copy.

    Raises:
        LeadtimeError: It is not there, holds nothing of use, or more than is read.
    """
    found: list[File] = []
    refused: list[Refused] = []
    if not stranger.is_there(path):
        raise LeadtimeError("does not exist", where=str(path), fix="--from takes a file, a folder or a zip.")
    size = 0
    for place, label in _places(path):
        try:
            for ending in ENDINGS:
                for name, content in archive.contents(place, ending):
                    size += len(content)
                    if len(found) >= MOST_FILES or size > MOST_BYTES:
                        what = f"holds more than {MOST_FILES:,} files, or {MOST_BYTES:,} bytes"
                        raise LeadtimeError(what, where=str(path), fix="Give only the folder of the downloads.")
                    if place.is_dir() or name.casefold().endswith(ending):
                        found.append(File(name=f"{label}{name}", content=content, day=day))
        except LeadtimeError as error:
            if not label:
                raise
            refused.append(Refused(file=label.rstrip("/"), row="", reason=error.what))
    if not found and not refused:
        raise LeadtimeError(
            "contains no file that a connector can read", where=str(path), fix=f"They read {', '.join(ENDINGS)}."
        )
    return sorted(found, key=lambda f: f.name), refused


def _places(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the path itself, and the zips in it, with what the names of their files begin with."""
    yield path, ""
    if path.is_dir():
        for inner in stranger.deep(path, lambda name: name.endswith(".zip")):
            yield inner, f"{inner.relative_to(path)}/"
