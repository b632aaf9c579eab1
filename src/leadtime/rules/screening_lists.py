"""Lists of parties as the US government publishes them together, read from a file: the consolidated screening list, CSV or JSON.

Columns as data.trade.gov gives them (2026): source, name, alt_names, federal_register_notice, start_date, end_date,
license_requirement, license_policy, addresses; others are passed over. A plain table of `name` and `list` is read as well.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime import json_text, stranger
from leadtime.errors import LeadtimeError

#: A list may have so many bytes, entries, and letters in a name; an entry so many names.
MOST_BYTES, MOST_ENTRIES, MOST_NAME, MOST_NAMES = 200_000_000, 500_000, 500, 200
_MOST_CELL = 1_000_000
_ENTITY = ("entity list", "(el)")
_COLUMNS = {
    "source": "source",
    "source list": "source",
    "list": "source",
    "name": "name",
    "alt_names": "alt_names",
    "alternate names": "alt_names",
    "aliases": "alt_names",
    "start_date": "start_date",
    "start date": "start_date",
    "effective date": "start_date",
    "end_date": "end_date",
    "end date": "end_date",
    "federal_register_notice": "notice",
    "federal register notice": "notice",
    "license_requirement": "requirement",
    "license requirement": "requirement",
    "license_policy": "policy",
    "license policy": "policy",
    "programs": "programs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One party on one list.

    Args:
        name: As listed first.
        others: Its other names.
        source: The list, as the file calls it.
        start: First day, or None where the file gives none.
        end: Last day, or None for no end.
        notice: Federal Register notice.
        requirement: What needs a license, in the list's words.
        policy: How applications are reviewed, in the list's words.
    """

    name: str
    others: tuple[str, ...]
    source: str
    start: dt.date | None
    end: dt.date | None
    notice: str
    requirement: str
    policy: str

    @property
    def is_entity_list(self) -> bool:
        """Whether the list is the Entity List (15 CFR 744, supplement 4)."""
        return any(word in f"{self.source} ".casefold() for word in _ENTITY) or self.source.strip().casefold() == "el"

    def holds_on(self, day: dt.date) -> bool:
        """Return whether the entry is in force on a day; a day that is not given is open."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What was read: the entries, and from which files.

    Args:
        entries: In the order of the files.
        files: Names of the files.
        newest: Newest first day of an entry: entries taken off before it are not in the file.
    """

    entries: tuple[Entry, ...]
    files: tuple[str, ...]
    newest: dt.date | None


def read(paths: Iterable[Path], *, also: Iterable[Path] = (), within: Path | None = None) -> Lists:
    """Return the entries of one file or more.

    Args:
        paths: Files that the user names.
        also: Files that must lie in the folder `within`.
        within: Such as a study.

    Raises:
        LeadtimeError: A file that cannot be read, is too large, or is no such list; with the file and the line.
    """
    entries: list[Entry] = []
    files = []
    for path, folder in (*((p, None) for p in paths), *((p, within) for p in also)):
        found = list(_entries(path, folder))
        if not found:
            raise LeadtimeError("holds no party", where=path.name, fix="Expected a list of names, one a row.")
        entries += found
        files.append(path.name)
        if len(entries) > MOST_ENTRIES:
            raise LeadtimeError(f"holds more than {MOST_ENTRIES:,} parties", where=path.name, fix="Read fewer lists.")
    newest = max((e.start for e in entries if e.start), default=None)
    return Lists(entries=tuple(entries), files=tuple(files), newest=newest)


def in_study(folder: Path) -> list[Path]:
    """Return the files in the folder `lists/` of a study."""
    return stranger.files(folder / "lists", (".csv", ".json"), within=folder)


def _entries(path: Path, within: Path | None) -> Iterator[Entry]:
    content = stranger.text(path, most=MOST_BYTES, within=within, fix="Give a file in CSV or JSON.")
    if path.suffix.casefold() == ".json" or content.lstrip()[:1] in ("{", "["):
        rows: Iterable[tuple[str, Mapping[str, Any]]] = _from_json(content, path.name)
    else:
        rows = _from_csv(content, path.name)
    for where, row in rows:
        yield _entry(row, where)


def _from_csv(content: str, file: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    first = content.split("\n", 1)[0]
    before = csv.field_size_limit(_MOST_CELL)
    try:
        reader = csv.reader(
            io.StringIO(content), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True
        )
        header = [_COLUMNS.get(h.strip().casefold(), "") for h in next(reader, [])]
        for needed in ("name", "source"):
            if needed not in header:
                raise LeadtimeError(
                    f"there is no column {needed!r}",
                    where=f"{file}, line 1",
                    fix="Expected the columns of the consolidated screening list: source, name, alt_names, start_date ...",
                )
        for cells in reader:
            if len(cells) > 1 or "".join(cells).strip():
                yield f"{file}, line {reader.line_num}", dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise LeadtimeError(f"is not valid CSV: {error}", where=file) from None
    finally:
        csv.field_size_limit(before)


def _from_json(content: str, file: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = json_text.parsed(content, where=file)
    rows = found.get("results") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise LeadtimeError(
            "holds no list of results", where=file, fix='Expected {"results": [{"name": ..., "source": ...}]}.'
        )
    for i, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise LeadtimeError(
                "is no party", where=f"{file}, result {i}", fix="Expected an object with name and source."
            )
        yield f"{file}, result {i}", {_COLUMNS.get(k.casefold(), ""): v for k, v in row.items() if isinstance(k, str)}


def _entry(row: Mapping[str, Any], where: str) -> Entry:
    name, source = _text(row.get("name")), _text(row.get("source"))
    for label, value in (("name", name), ("list", source)):
        if not value or len(value) > MOST_NAME:
            raise LeadtimeError(f"a party has no {label}, or one of more than {MOST_NAME} letters", where=where)
    others = row.get("alt_names") or ()
    names = others if isinstance(others, list) else str(others).replace("|", ";").split(";")
    kept = dict.fromkeys(n for n in (_text(o) for o in names[:MOST_NAMES]) if n and len(n) <= MOST_NAME)
    return Entry(
        name=name,
        others=tuple(kept),
        source=source,
        start=_day(row.get("start_date"), where),
        end=_day(row.get("end_date"), where),
        notice=_text(row.get("notice"))[:MOST_NAME],
        requirement=_text(row.get("requirement"))[:2000],
        policy=_text(row.get("policy"))[:2000],
    )


def _text(value: Any) -> str:
    """Return a text on one line without what moves a cursor; nothing for what is no text."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _day(value: Any, where: str) -> dt.date | None:
    text = _text(value)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        raise LeadtimeError(f"{text[:40]!r} is not a date", where=where, fix="Expected YYYY-MM-DD.") from None
