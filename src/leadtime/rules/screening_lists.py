"""Lists of parties as the US government publishes them, read from files: the consolidated screening list, and the
Treasury's.

Columns of the consolidated list as data.trade.gov gives them (2026): source, name, alt_names, federal_register_notice,
start_date, end_date, license_requirement, license_policy, addresses; others are passed over. A plain table of `name`
and `list` is read as well. The Treasury's files have no header: see `sdn_lists`.
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
from leadtime.rules import brought_lists, sdn_lists

#: A list may have so many bytes, entries, and letters in a name; an entry so many names.
MOST_BYTES, MOST_ENTRIES, MOST_NAME, MOST_NAMES = 200_000_000, 500_000, 500, 200
#: A list that is so many days old is told to be old: lists change weekly.
MOST_DAYS = 45
#: The folder of a study that holds lists, and how their names end.
FOLDER, ENDINGS = "lists", (".csv", ".json")
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
        start: First day, or None if the file gives none.
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
class ListFile:
    """One file that was read.

    Args:
        name: Its name.
        n_entries: Parties in it.
        day: Day of the copy where it is on record; else the newest first day of an entry: it is of that day or later.
        is_dated: Whether the day of the copy is on record.
    """

    name: str
    n_entries: int
    day: dt.date | None
    is_dated: bool

    def age_days(self, on: dt.date) -> int | None:
        """Return how many days old it is on a day, at most, or None if its day is not known."""
        return None if self.day is None else (on - self.day).days

    def is_old(self, on: dt.date) -> bool:
        """Return whether it is, or may be, too old to rest on."""
        age = self.age_days(on)
        return age is None or age > MOST_DAYS

    def told(self, on: dt.date) -> str:
        """Return its size and age in words, and whether that is too old."""
        size = f"{self.name}: {self.n_entries:,} parties"
        if self.day is None:
            return f"{size}, of a day that is not known: it may be old"
        if not self.is_old(on):
            return f"{size}, {'of' if self.is_dated else 'the newest entry of'} {self.day}"
        age = f"{self.age_days(on)} days before {on}"
        if self.is_dated:
            return f"{size}, of {self.day}, {age}: too old to rest on, bring it again (`leadtime update --only lists`)"
        return f"{size}, the newest entry of {self.day}, {age}: it may be old"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What was read: the entries, and from which files.

    Args:
        entries: In the order of the files.
        files: The files.
        newest: Newest first day of an entry: entries taken off before it are not in the file.
    """

    entries: tuple[Entry, ...]
    files: tuple[ListFile, ...]
    newest: dt.date | None


def read(paths: Iterable[Path], *, study: Path | None = None) -> Lists:
    """Return the entries of one file or more.

    Args:
        paths: Files that the user names.
        study: A study whose files in `lists/` are read too.

    Raises:
        LeadtimeError: A file cannot be read, is too large, or is not such a list (with the file and the line).
    """
    content: dict[str, bytes] = {}
    days: dict[str, dt.date] = {}
    if study is not None:
        content = {p.name: content_of(p, study) for p in in_study(study)}
        days = {d.file: d.day for d in brought_lists.read(study) if d.is_of(content.get(d.file, b""))}
    for path in paths:
        content[path.name if path.name not in content else str(path)] = content_of(path)
    return of_files(content, days)


def of_files(content: Mapping[str, bytes], days: Mapping[str, dt.date]) -> Lists:
    """Return the entries of files.

    Args:
        content: Bytes by name of the file.
        days: Day of the copy by name, where it is known.

    Raises:
        LeadtimeError: As `read`.
    """
    found = [(name, entries_of(name, content)) for name in content]
    files = tuple(_file(name, entries, days) for name, entries in found if entries)
    every = tuple(e for _, entries in found for e in entries)
    if len(every) > MOST_ENTRIES:
        raise LeadtimeError(f"the lists hold more than {MOST_ENTRIES:,} parties", fix="Read fewer lists.")
    return Lists(entries=every, files=files, newest=max((e.start for e in every if e.start), default=None))


def each_of(content: Mapping[str, bytes], days: Mapping[str, dt.date]) -> tuple[list[ListFile], list[LeadtimeError]]:
    """Return the files that can be read, and what is wrong with each of the others; see `of_files`."""
    files, wrong = [], []
    for name in content:
        try:
            entries = entries_of(name, content)
        except LeadtimeError as error:
            wrong.append(error)
        else:
            files += [_file(name, entries, days)] if entries else []
    return files, wrong


def _file(name: str, entries: tuple[Entry, ...], days: Mapping[str, dt.date]) -> ListFile:
    newest = max((e.start for e in entries if e.start), default=None)
    return ListFile(name=name, n_entries=len(entries), day=days.get(name, newest), is_dated=name in days)


def entries_of(name: str, content: Mapping[str, bytes]) -> tuple[Entry, ...]:
    """Return the entries of one file among those beside it; none of a file of other names, which go to their
    parties.
    """
    text = _text_of(name, content[name])
    if sdn_lists.is_other_names(text):
        if not any(sdn_lists.is_sdn(_text_of(n, c)) for n, c in content.items()):
            raise LeadtimeError(
                "contains only other names of parties", where=name, fix="Put sdn.csv in the same folder."
            )
        sdn_lists.other_names({name: text})
        return ()
    beside = {}
    if sdn_lists.is_sdn(text):
        texts = {n: _text_of(n, c) for n, c in content.items()}
        beside = sdn_lists.other_names({n: t for n, t in texts.items() if sdn_lists.is_other_names(t)})
    found = tuple(_entries(name, text, beside))
    if not found:
        raise LeadtimeError("does not contain any party", where=name, fix="Expected a list with one name in each row.")
    return found


def in_study(folder: Path) -> list[Path]:
    """Return the files in the folder `lists/` of a study."""
    return [p for p in stranger.files(folder / FOLDER, ENDINGS, within=folder) if not p.name.startswith(".")]


def content_of(path: Path, study: Path | None = None) -> bytes:
    """Return the bytes of a file; where it is one of a study, an error names it within the study."""
    try:
        return stranger.read(path, most=MOST_BYTES, within=study, fix="Give a file in CSV or JSON.")
    except LeadtimeError as error:
        if study is None:
            raise
        raise LeadtimeError(error.what, where=f"{FOLDER}/{path.name}", fix=error.fix) from None


def _text_of(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LeadtimeError(f"cannot be read: byte {error.start} is not UTF-8", where=name) from None
    if text.lstrip()[:15].casefold().startswith(("<!doctype html", "<html")):
        raise LeadtimeError("is a web page, not a list", where=name, fix="Download the file again.")
    return text


def _entries(name: str, content: str, others: Mapping[str, tuple[str, ...]]) -> Iterator[Entry]:
    rows: Iterable[tuple[str, Mapping[str, Any]]]
    if name.casefold().endswith(".json") or content.lstrip()[:1] in ("{", "["):
        rows = _from_json(content, name)
    elif sdn_lists.is_sdn(content):
        rows = sdn_lists.rows(content, name, others)
    else:
        rows = _from_csv(content, name)
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
                    fix=(
                        "Expected the columns of the consolidated screening list: source, name, alt_names,"
                        " start_date ..."
                    ),
                )
        if twice := [h for h in header if h and header.count(h) > 1]:
            fix = "Leave one of them out."
            raise LeadtimeError(f"has two columns for the {twice[0]}", where=f"{file}, line 1", fix=fix)
        for cells in reader:
            if not "".join(cells).strip("\x1a \t"):
                continue
            where = f"{file}, line {reader.line_num}"
            if len(cells) != len(header):
                what = f"has {len(cells)} cells where the header has {len(header)}: it may be cut off"
                raise LeadtimeError(what, where=where, fix="Download the file again.")
            yield where, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise LeadtimeError(f"is not valid CSV: {error}", where=file) from None
    finally:
        csv.field_size_limit(before)


def _from_json(content: str, file: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = json_text.parsed(content, where=file)
    rows = found.get("results") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise LeadtimeError(
            "does not contain a list of results",
            where=file,
            fix='Expected {"results": [{"name": ..., "source": ...}]}.',
        )
    for i, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise LeadtimeError(
                "is not a party", where=f"{file}, result {i}", fix="Expected an object with name and source."
            )
        yield f"{file}, result {i}", {_COLUMNS.get(k.casefold(), ""): v for k, v in row.items() if isinstance(k, str)}


def _entry(row: Mapping[str, Any], where: str) -> Entry:
    name, source = _text(row.get("name")), _text(row.get("source"))
    for label, value in (("name", name), ("list", source)):
        if not value or len(value) > MOST_NAME:
            raise LeadtimeError(f"a party has no {label}, or a {label} of more than {MOST_NAME} letters", where=where)
    others = row.get("alt_names") or ""
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
