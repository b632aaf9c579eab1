"""The lines of a file of transactions, so many at a time, and their cells; what is no row is told with its number."""

import csv
import re
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from leadtime import unseen

#: A file is read by so many bytes; a line of it may have so many.
_READ_BYTES, MOST_LINE = 4_000_000, 100_000
#: Characters that no cell holds.
CONTROL = f"[\r{unseen.MARKS}]"
#: All bytes but those that end cells and lines, and those that ask for a closer look.
_IN_CELLS = bytes(b for b in range(256) if b > 127 or not (chr(b) in ',\n"' or re.match(CONTROL, chr(b))))
_BOM = b"\xef\xbb\xbf"
Refused = list[tuple[int, str]]


class Lines:
    """The lines of a file, so many at a time, bounded in number and together; of a line that is too long, its
    beginning.
    """

    def __init__(self, file: BinaryIO, n_lines: int) -> None:
        self._file, self._n_lines = file, n_lines
        self._ready, self._n_ready, self._rest = list[bytes](), 0, b""

    def block(self) -> bytes | None:
        """Return the next lines, without the end of the last; None at the end of the file."""
        while self._n_ready < self._n_lines and (data := self._file.read(_READ_BYTES)):
            data = self._rest + data
            first = data.find(b"\n")
            if max(first, 0 if first >= 0 else len(data)) > MOST_LINE:
                data = data[: MOST_LINE + 1] + (data[first:] if first >= 0 else b"")
            whole = data.rfind(b"\n") + 1
            self._rest = data[whole:]
            self._take(data[:whole])
        if self._n_ready < self._n_lines and self._rest:
            self._take(self._rest + b"\n")
            self._rest = b""
        if not self._n_ready:
            return None
        text, n = b"".join(self._ready), min(self._n_ready, self._n_lines)
        end = len(text) if n == self._n_ready else _end_of(text, n)
        self._ready, self._n_ready = [text[end:]], self._n_ready - n
        return text[: end - 1]

    def _take(self, text: bytes) -> None:
        self._ready.append(text)
        self._n_ready += text.count(b"\n")


def _end_of(text: bytes, n: int) -> int:
    """Return where the n-th line ends, its end included."""
    return int(np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n"))[n - 1]) + 1


def cells(text: bytes, header: list[str], first_row: int) -> tuple[pl.DataFrame, Refused]:
    """Return the rows with the right number of cells, stripped, and the others with the reason; empty lines are passed
    over.

    Args:
        text: Lines, without the end of the last.
        header: Names of the columns.
        first_row: Number of the first line.
    """
    plain = _plain(text.replace(b"\r\n", b"\n").removesuffix(b"\r"), header, first_row)
    if plain is not None:
        return plain, []
    block = text.split(b"\n")
    long = [i for i, line in enumerate(block) if len(line) > MOST_LINE]
    for i in long:
        block[i] = b""
    found, refused = _looked_at(block, header, first_row)
    return found, refused + [(first_row + i, f"has more than {MOST_LINE:,} bytes") for i in long]


def _plain(text: bytes, header: list[str], first_row: int) -> pl.DataFrame | None:
    """Return the rows where every line has its cells, and none is quoted or strange; else None."""
    n_lines = text.count(b"\n") + 1
    ends = ((b"," * (len(header) - 1) + b"\n") * n_lines)[:-1]
    if text.translate(None, _IN_CELLS) != ends or text.startswith(_BOM) or max(map(len, text.split(b"\n"))) > MOST_LINE:
        return None
    if not (is_ascii := text.isascii()):
        try:
            if re.search(CONTROL, text.decode("utf-8")):
                return None
        except UnicodeDecodeError:
            return None
    names = [f"c{i}" for i in range(len(header))]
    frame = pl.read_csv(text, has_header=False, quote_char=None, schema=dict.fromkeys(names, pl.String))
    if frame.height != n_lines:
        return None
    given = pl.all() if is_ascii and b" " not in text and b"\t" not in text else pl.all().str.strip_chars()
    frame = frame.with_columns(given.fill_null(""))
    frame = frame.rename(dict(zip(names, header, strict=True)))
    return frame.select(pl.int_range(first_row, first_row + n_lines, dtype=pl.Int64).alias("_row"), pl.all())


def text_of(line: bytes) -> str:
    """Return a line as it is told when it was refused."""
    return line.decode("utf-8", errors="backslashreplace").rstrip("\r\n")


def _looked_at(block: list[bytes], header: list[str], first_row: int) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Return the rows with the right number of cells, and the others with the reason; empty lines are passed over."""
    try:
        text = b"\n".join(block).decode("utf-8")
        lines = pl.Series("line", text.split("\n"), dtype=pl.String)
        refused: list[tuple[int, str]] = []
    except UnicodeDecodeError:
        good = [_decoded(line) for line in block]
        lines = pl.Series("line", good, dtype=pl.String)
        refused = [(first_row + i, "is not UTF-8") for i, g in enumerate(good) if g is None]
    table = pl.DataFrame({"line": lines.str.strip_chars_end("\r\n")}).with_row_index("_row", offset=first_row)
    table = table.with_columns(pl.col("_row").cast(pl.Int64))
    is_empty = (pl.col("line").str.strip_chars() == "") & ~pl.col("line").str.contains(CONTROL)
    table = table.filter(pl.col("line").is_not_null() & ~is_empty)
    strange = table.filter(pl.col("line").str.contains(CONTROL))
    refused += [(row, "has a control character, or another that nobody can see") for row in strange["_row"]]
    table = table.filter(~pl.col("line").str.contains(CONTROL))
    quoted = pl.col("line").str.contains('"', literal=True)
    n_commas = pl.col("line").str.count_matches(",", literal=True)
    plain = table.filter(~quoted & (n_commas == len(header) - 1))
    ragged = table.filter(~quoted & (n_commas != len(header) - 1))
    refused += [
        (row, f"has {line.count(',') + 1} cells where the header has {len(header)}") for row, line in ragged.iter_rows()
    ]
    names = [f"c{i}" for i in range(len(header))]
    split = plain.select("_row", pl.col("line").str.split_exact(",", len(header) - 1).struct.rename_fields(names))
    split = (
        split.unnest("line")
        if split.height
        else pl.DataFrame(schema={"_row": pl.Int64} | dict.fromkeys(names, pl.String))
    )
    if quoted_rows := table.filter(quoted).rows():
        parsed, more = _quoted(quoted_rows, len(header))
        refused += more
        extra = pl.DataFrame(parsed, schema=split.schema, orient="row")
        split = pl.concat([split, extra]).sort("_row")
    split = split.rename(dict(zip(names, header, strict=True)))
    return split.with_columns(pl.col(header).str.strip_chars().fill_null("")), refused


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _quoted(rows: list[Any], n_cells: int) -> tuple[list[list[Any]], list[tuple[int, str]]]:
    parsed, refused = [], []
    for row, line in rows:
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error as error:
            refused.append((row, f"is not valid CSV: {error}"))
            continue
        if len(cells) != n_cells:
            refused.append((row, f"has {len(cells)} cells where the header has {n_cells}"))
        else:
            parsed.append([row, *cells])
    return parsed, refused
