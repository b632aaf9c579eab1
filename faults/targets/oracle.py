"""The same file read a second way, plainly, to see whether what was accepted is what the file says."""

import csv
import datetime as dt
import functools
import io
import re
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

_INTEGER, NUMBER = re.compile(r"[+-]?\d+"), re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
#: Written down here again, not taken from the program: what nobody sees in a text.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f\ufffe\uffff]"
)


def require_seen(*texts: str) -> None:
    """Refuse a text that holds what nobody sees, or cannot be written."""
    for text in texts:
        assert not CONTROL.search(text), "a control character was accepted, or another that nobody sees"


@functools.cache
def folder() -> Path:
    """Return a folder of this process for inputs, in memory where that can be had."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="leadtime-fuzz-", dir=memory if memory.is_dir() else None))


def file(name: str, content: bytes) -> Path:
    """Return a file with the content."""
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def records(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV file, blanks at the ends of cells left out; rows of blanks are none."""
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    assert not CONTROL.search(text), "a control character was accepted"
    said = re.match(r"(?i)sep=([,;\t|])\r?\n", text)
    text = text[said.end() :] if said else text
    first = re.sub(r'"[^"]*"?', "", text.partition("\n")[0])
    mark = said[1] if said else next((m for m in ",;\t|" if m in first), ",")
    found = list(csv.reader(io.StringIO(text), strict=True, delimiter=mark))
    header = [h.strip() for h in found[0]] if found else []
    rows = [[c.strip() for c in r] for r in found[1:] if any(c.strip() for c in r)]
    while len(header) > 1 and not header[-1] and all(len(r) == len(header) and not r[-1] for r in rows):
        header, rows = header[:-1], [r[:-1] for r in rows]  # a spreadsheet's empty columns on the right
    named = [h for h in header if h]  # columns without a name are left aside, each by its place
    assert len(set(named)) == len(named), "a column is named twice"
    assert all(len(r) == len(header) for r in rows), "a row of another length was accepted"
    return header, rows


def value(text: str, kind: pl.DataType) -> Any:
    """Return what a cell says, for a column of a type; a cell that says nothing of the kind is an AssertionError."""
    if text == "":
        return None
    if kind == pl.Date:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", text), f"the date {text!r} was accepted"
        return dt.date.fromisoformat(text)
    if kind == pl.Float64:
        assert NUMBER.fullmatch(text), f"the number {text!r} was accepted"
        return float(text)
    if kind == pl.Int64:
        assert _INTEGER.fullmatch(text), f"the whole number {text!r} was accepted"
        return int(text)
    if kind == pl.Boolean:
        assert text.lower() in ("true", "false"), f"the flag {text!r} was accepted"
        return text.lower() == "true"
    return text


def same_cells(rows: pl.DataFrame, header: list[str], said: list[list[str]]) -> None:
    """Refuse typed rows that are not what the text says, cell for cell."""
    assert rows.height == len(said), f"{len(said)} rows in the file, {rows.height} accepted"
    for name in rows.columns:
        if name.startswith("_"):
            continue
        wanted = [value(r[header.index(name)], rows[name].dtype) if name in header else None for r in said]
        found = rows[name].to_list()
        if rows[name].dtype == pl.Float64:
            assert all((a is None) == (b is None) for a, b in zip(found, wanted, strict=True)), (
                f"column {name}: a cell came or went"
            )
            pairs = ((a, b) for a, b in zip(found, wanted, strict=True) if a is not None)
            assert all(a - a == 0 and abs(a - b) <= 1e-12 * abs(b) for a, b in pairs), f"column {name}: another number"
        else:
            assert found == wanted, f"column {name}: {found!r} for {wanted!r}"
