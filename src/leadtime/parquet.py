"""Parquet that someone else wrote: what it unpacks to is known from its footer and its pages before it is read.

A page of a few bytes may say that it holds a billion rows, or unpacks to gigabytes, and a table library takes its word.
So the footer and the head of each page that is wanted are read here first (in Thrift's compact form, as Parquet has
them), and must agree with each other.
"""

import contextlib
import io
import operator
import os
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from leadtime.errors import LeadtimeError

#: A footer may have so many bytes, a table so many columns.
MOST_FOOTER, MOST_COLUMNS = 20_000_000, 1000
#: A group of rows, the least that is read at a time, may have so many rows, and unpack to so many bytes in one column.
MOST_GROUP_ROWS, MOST_GROUP_BYTES = 10_000_000, 1_000_000_000
#: A cell of text may have so many bytes: it may be there once and stand for all rows.
MOST_CELL = 10_000
#: What the library makes of a file that is none, beside what is seen here.
BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
#: What comes of a footer that holds other kinds of values than a footer does.
_OTHERWISE = (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError)
_MAGIC, _DEPTH, _MOST_HEAD = b"PAR1", 16, 100_000
# Kinds of pages with the fields that say what is in them and how it is written; among those a way of repeating text
# without end.
_PAGES, _DICTIONARY, _WRITTEN, _DELTA_TEXT, _REPEATED = {0: 5, 3: 8}, 2, {0: 2, 3: 4}, 7, 2


@dataclass(frozen=True, slots=True)
class Footer:
    """What a footer says: the columns, which of them hold one value a row, the groups of rows, and how many rows."""

    columns: tuple[str, ...]
    flat: frozenset[str]
    groups: tuple[dict[int, Any], ...]
    n_rows: int


def is_parquet(start: bytes) -> bool:
    """Return whether a file that begins so is Parquet."""
    return start[:4] == _MAGIC


def footer(file: BinaryIO) -> Footer:
    """Return what the footer of a file says.

    Raises:
        LeadtimeError: It is torn, too large, or says what cannot be. Without the place: the caller knows it.
    """
    size = file.seek(0, 2)
    file.seek(max(size - 8, 0))
    tail = file.read(8)
    n = int.from_bytes(tail[:4], "little")
    if size < 12 or tail[4:] != _MAGIC or n > size - 12:
        raise LeadtimeError("is not a readable Parquet file: its end is missing")
    if n > MOST_FOOTER:
        raise LeadtimeError(f"has a footer of more than {MOST_FOOTER:,} bytes")
    file.seek(size - 8 - n)
    said = _Thrift(file.read(n)).whole()
    try:
        schema, groups, n_rows = said[2], said.get(4, []), said[3]
        columns, flat = _columns(schema)
        heights = [operator.index(g[3]) for g in groups]
        if operator.index(n_rows) != sum(heights) or any(h < 0 for h in heights):
            raise LeadtimeError(
                "is not a readable Parquet file: its footer and its groups disagree on the number of rows"
            )
    except _OTHERWISE:
        raise LeadtimeError("is not a readable Parquet file: its footer cannot be read") from None
    return Footer(columns, flat, tuple(groups), n_rows)


def require_bounded(file: BinaryIO, found: Footer, wanted: list[str]) -> None:
    """Refuse a file of which some columns hold other rows, or unpack to more, than is read at a time.

    Raises:
        LeadtimeError: Which column, and why. Without the place: the caller knows it.
    """
    size = file.seek(0, 2)
    for name in wanted:
        if name not in found.flat:
            raise LeadtimeError(f"column {name[:60]!r} has lists or records, not one value in each row")
    for group in found.groups:
        if group[3] > MOST_GROUP_ROWS:
            fix = f"Write it with row groups of up to {MOST_GROUP_ROWS:,} rows."
            raise LeadtimeError(f"has {group[3]:,} rows in one row group", fix=fix)
        try:
            chunks = {c[3][3][0].decode(): c[3] for c in group[1] if len(c[3][3]) == 1 and 1 not in c}
            for name in wanted:
                _require_true(file, chunks[name], name, int(group[3]), size)
        except _OTHERWISE:
            raise LeadtimeError("is not a readable Parquet file: its footer and its columns disagree") from None


def rows(source: bytes | Path, wanted: list[str], first: int = 0, n: int | None = None) -> pl.DataFrame:
    """Return some rows of some columns of a file that is bounded (see `require_bounded`), texts in them as such.

    Raises:
        LeadtimeError: The library cannot read it, or a column holds bytes, or a text that is too long. Without the
            place.
    """
    try:
        with _silent():
            scan = pl.scan_parquet(io.BytesIO(source) if isinstance(source, bytes) else source, glob=False)
            table = scan.select(wanted).slice(first, n).collect()
    except BROKEN as error:
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
        raise LeadtimeError(f"is not a readable Parquet file ({first_line})") from None
    for name, kind in table.schema.items():
        if isinstance(kind, pl.Categorical | pl.Enum):
            _require_short(table[name].unique().cast(pl.String), name)
        elif kind == pl.String:
            _require_short(table[name], name)
        elif not (kind.is_numeric() or kind in (pl.Boolean, pl.Null)):
            raise LeadtimeError(f"column {name[:60]!r} has neither text nor numbers, but {str(kind)[:40]}")
    return table


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Let the library not write to the error stream, where it tells of a panic in a page of its own; the error comes
    all the same.
    """
    try:
        kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:
        yield
        return
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _require_short(texts: pl.Series, name: str) -> None:
    longest: Any = texts.str.len_bytes().max()
    if (longest or 0) > MOST_CELL:
        raise LeadtimeError(f"column {name[:60]!r} has a cell of more than {MOST_CELL:,} bytes")


def _columns(schema: list[dict[int, Any]]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the columns in the order of the file, and those that hold one value a row."""
    if schema[0].get(5, 0) > MOST_COLUMNS or len(schema) > 10 * MOST_COLUMNS:
        raise LeadtimeError(f"has more than {MOST_COLUMNS:,} columns")
    names, flat, i = [], set(), 1
    while i < len(schema):
        names.append(schema[i][4].decode())
        left = schema[i].get(5, 0)
        if not left and schema[i].get(3, 0) != _REPEATED:
            flat.add(names[-1])
        i += 1
        while left > 0:  # passes over what is within
            left += schema[i].get(5, 0) - 1
            i += 1
    if len(set(names)) < len(names):
        name = Counter(names).most_common(1)[0][0]
        raise LeadtimeError(f"has two columns called {name[:60]!r}")
    return tuple(names), frozenset(flat)


def _require_true(file: BinaryIO, chunk: dict[int, Any], name: str, n_rows: int, size: int) -> None:
    """Refuse a column of a group whose pages hold other rows, or unpack to more, than there may be."""
    values = bytes_ = 0
    at = min(o for o in (chunk[9], chunk.get(11)) if o)
    end = at + int(chunk[7])
    if int(chunk[5]) != n_rows or not 4 <= at <= end <= size:
        raise LeadtimeError(
            f"is not a readable Parquet file: column {name[:60]!r} is not where its footer says, or has other rows"
        )
    for kind, n_values, n_bytes in _pages(file, at, end):
        bytes_ += n_bytes
        if kind in _PAGES:
            values += n_values
        elif n_values > n_bytes:
            raise LeadtimeError(f"is not a readable Parquet file: column {name[:60]!r} names more values than it has")
        if bytes_ > MOST_GROUP_BYTES:
            raise LeadtimeError(
                f"column {name[:60]!r} unpacks to more than {MOST_GROUP_BYTES:,} bytes in one row group"
            )
    if values != n_rows:
        raise LeadtimeError(
            f"is not a readable Parquet file: column {name[:60]!r} holds {values:,} rows in a group of {n_rows:,}"
        )


def _pages(file: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, number of values and unpacked bytes of each page between two places of a file."""
    while at < end:
        file.seek(at)
        read = 1024  # nearly always enough: beyond come statistics
        while True:
            head = _Thrift(file.read(min(read, end - at)))
            try:
                said = head.whole()
                break
            except LeadtimeError:
                if read >= min(_MOST_HEAD, end - at):
                    raise
                read = _MOST_HEAD
                file.seek(at)
        kind, n_bytes, packed = said[1], said[2], said[3]
        if min(kind, n_bytes, packed) < 0 or at + head.at + packed > end:
            raise LeadtimeError("is not a readable Parquet file: a page ends beyond its column")
        about = said[7] if kind == _DICTIONARY else said[_PAGES[kind]] if kind in _PAGES else {1: 0}
        if kind in _PAGES and about[_WRITTEN[kind]] == _DELTA_TEXT:
            raise LeadtimeError(
                "is written as DELTA_BYTE_ARRAY, which leadtime cannot read",
                fix="Save it again with the usual settings.",
            )
        if about[1] < 0:
            raise LeadtimeError("is not a readable Parquet file: a page has a negative number of values")
        yield kind, about[1], n_bytes
        at += head.at + packed


class _Thrift:
    """Reads one struct in Thrift's compact form, as values by the number of their field."""

    def __init__(self, content: bytes) -> None:
        self._content, self.at = content, 0

    def whole(self) -> dict[int, Any]:
        """Return the struct.

        Raises:
            LeadtimeError: It is not a struct.
        """
        try:
            return self._struct(0)
        except (IndexError, struct.error, RecursionError):
            raise LeadtimeError("is not a readable Parquet file: it ends before its end") from None

    def _struct(self, depth: int) -> dict[int, Any]:
        found: dict[int, Any] = {}
        field = 0
        if depth > _DEPTH:
            raise IndexError
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            found[field] = self._value(head & 15, depth, inside=False)
        return found

    def _value(self, kind: int, depth: int, *, inside: bool) -> Any:
        if kind in (1, 2):
            return self._byte() == 1 if inside else kind == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._zigzag()
        if kind == 7:
            return struct.unpack("<d", self._bytes(8))[0]
        if kind == 8:
            return self._bytes(self._varint())
        if kind in (9, 10):
            head = self._byte()
            n = head >> 4 if head >> 4 < 15 else self._varint()
            if n > len(self._content) - self.at:  # each has a byte at least
                raise IndexError
            return [self._value(head & 15, depth + 1, inside=True) for _ in range(n)]
        if kind == 12:
            return self._struct(depth + 1)
        raise IndexError  # maps, which Parquet has none of

    def _byte(self) -> int:
        self.at += 1
        return self._content[self.at - 1]

    def _bytes(self, n: int) -> bytes:
        if n > len(self._content) - self.at:
            raise IndexError
        self.at += n
        return self._content[self.at - n : self.at]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise IndexError

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
