"""When the files in `lists/` of a study were brought, and from where: `lists/brought.toml`, which an update writes."""

import datetime as dt
import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError

#: The file in a study.
NAME = "lists/brought.toml"
_MOST, _MOST_FILES = 100_000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One file, as it was brought.

    Args:
        file: Its name in `lists/`.
        day: The day of the copy.
        sha256: Checksum of its bytes.
        url: Where it came from; empty for a file that was given.
    """

    file: str
    day: dt.date
    sha256: str
    url: str

    def is_of(self, content: bytes) -> bool:
        """Return whether a file is the one that was brought, byte for byte."""
        return hashlib.sha256(content).hexdigest() == self.sha256


def read(study: Path) -> tuple[Brought, ...]:
    """Return what is on record of the files in `lists/` of a study, nothing if there is no record.

    Raises:
        LeadtimeError: The record cannot be read.
    """
    path = study / NAME
    if not stranger.is_there(path):
        return ()
    fix = "Delete it, or run leadtime update again."
    try:
        content = stranger.read(path, most=_MOST, within=study).decode()
        rows = tomllib.loads(content)["list"][:_MOST_FILES]
        found = tuple(Brought(**{k: row[k] for k in ("file", "day", "sha256", "url")}) for row in rows)
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=NAME, fix=fix) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LeadtimeError("is not in the form that an update writes", where=NAME, fix=fix) from None
    if any(type(b.day) is not dt.date or not all(isinstance(x, str) for x in (b.file, b.sha256, b.url)) for b in found):
        raise LeadtimeError("may contain only names and days", where=NAME, fix=fix)
    return found


def written(rows: Iterable[Brought]) -> str:
    """Return the text of the record."""
    lines = ["# When each list was brought, and from where. Written by leadtime update."]
    for row in rows:
        lines += [
            "",
            "[[list]]",
            f"file = {json.dumps(row.file)}",
            f"day = {row.day}",
            f"sha256 = {json.dumps(row.sha256)}",
            f"url = {json.dumps(row.url)}",
        ]
    return "\n".join(lines) + "\n"
