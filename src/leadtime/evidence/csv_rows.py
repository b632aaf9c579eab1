"""From the bytes of a table in text to rows of text, each with its line; a row of another length is told, not guessed.

Cells stand between commas, semicolons, tabs or bars: whichever the first line has. A spreadsheet's `sep=;` line is
obeyed.
"""

import codecs
import csv
import re
from dataclasses import dataclass, replace

import polars as pl

from leadtime import unseen
from leadtime.errors import LeadtimeError

_SHOWN = 5
#: A file may have so many columns, named in so many characters, so many cells and rows; so much that is wrong is told
#: one by one.
MOST_COLUMNS, MOST_HEADER, MOST_CELLS, MOST_ROWS, MOST_PROBLEMS = 1000, 10_000_000, 100_000_000, 20_000_000, 100_000
#: What may stand between cells, the usual one first, and its name in messages.
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
#: Rows that are not regular are read in blocks of so many.
_BLOCK_ROWS = 100_000
#: What last columns without a name are called; those that are empty are left out.
_EMPTY = "_unnamed_"
#: How far it is looked for what stands between cells, in characters.
_LOOK = 1_000_000
_CONTROL = f"[{unseen.MARKS}]"
_EXPECTED = "no control character, nor another that nobody sees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One bad cell or row: where it is and what was expected."""

    file: str
    row: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        found = self.found if len(self.found) <= 40 else self.found[:37] + "..."
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, row {self.row}{column}: found {found!r}, expected {self.expected}"


def require_few(problems: list[Problem]) -> None:
    """Refuse a file in which more is wrong than can be told one by one."""
    if len(problems) > MOST_PROBLEMS:
        what = f"more than {MOST_PROBLEMS:,} of its cells and rows are wrong"
        raise LeadtimeError(what, where=problems[0].file, fix=f"The first: {problems[0]}")


def rows_of(
    content: bytes, file: str, *, most_columns: int = MOST_COLUMNS, unnamed: bool = False
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows of a CSV file as text without blanks at the ends, null where empty, and the rows that are
    irregular.

    Args:
        content: The file; UTF-8 (UTF-16 with its mark), one of SEPARATORS between cells, double quotes.
        file: Its name, for messages.
        most_columns: So many columns it may have.
        unnamed: Whether the first column may have no name, as a program's index has; it is then named `_index`.

    Returns:
        A column for each of the header and `_row`, the line of the row; and a problem for each row of another length.

    Raises:
        LeadtimeError: It is not UTF-8, two columns have one name, a quote is not closed, or there are too many columns,
            cells or irregular rows.
    """
    text, mark, above = _separated(_decoded(content, file))
    text = text if text.endswith("\n") else f"{text}\n"
    header = _header(text, file, mark, most_columns)
    if unnamed and header and not header[0]:
        header = ["_index", *header[1:]]
    n_rows = text.count("\n")
    for n, most, what in ((n_rows, MOST_ROWS, "rows"), (n_rows + text.count(mark), MOST_CELLS, "cells")):
        if n > most:
            raise LeadtimeError(f"has more than {most:,} {what}", where=file, fix="Split it into several files.")
    if not header:
        return pl.DataFrame(schema={"_row": pl.Int64}), []
    fast = _fast(text, header, mark) if _regular(text, len(header), mark) else None
    found, problems = (fast, []) if fast is not None else _slow(text, header, file, mark)
    if above:
        found = found.with_columns(pl.col("_row") + above)
        problems = [replace(p, row=p.row + above) for p in problems]
    if re.search(_CONTROL, text):
        found, problems = _seen(found, problems, file)
    cells = found.select(pl.exclude("_row").str.strip_chars().replace("", None))
    empty = [c for c in header if c.startswith(_EMPTY) and cells[c].null_count() == cells.height]
    cells = cells.drop(empty)
    found = cells.with_columns(found["_row"])
    return found.filter(~cells.select(pl.all_horizontal(pl.all().is_null())).to_series()), problems


def header_of(content: bytes, file: str) -> list[str]:
    """Return the names of the columns of a CSV file, before its rows are read; see `rows_of`."""
    text, mark, _ = _separated(_decoded(content[: 4 * MOST_HEADER], file, whole=len(content) <= 4 * MOST_HEADER))
    return _header(text, file, mark)


def separator_of(content: bytes, file: str) -> str:
    """Return what stands between the cells of a CSV file: one of SEPARATORS; see `rows_of`."""
    return _separated(_decoded(content[:MOST_HEADER], file, whole=len(content) <= MOST_HEADER))[1]


def all_rows_of(content: bytes, file: str, fix: str) -> pl.DataFrame:
    """Return the rows of a CSV file in which every row is as long as the header (see `rows_of`).

    Args:
        content: The file.
        file: Its name, for messages.
        fix: What is expected of such a file, for messages.

    Raises:
        LeadtimeError: As `rows_of`, and for rows that are irregular, the first five.
    """
    found, problems = rows_of(content, file)
    require_none(problems, file, fix)
    return found


def require_none(problems: list[Problem], file: str, fix: str) -> None:
    """Refuse a file in which something is wrong, with the first five.

    Raises:
        LeadtimeError: There is a problem.
    """
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more rows" if len(problems) > _SHOWN else ""
        noun = "row" if len(problems) == 1 else "rows"
        what = (
            f"{len(problems)} {noun} cannot be used:\n  "
            + "\n  ".join(str(p).removeprefix(f"{file}, ") for p in problems[:_SHOWN])
            + more
        )
        raise LeadtimeError(what, where=file, fix=fix)


def _decoded(content: bytes, file: str, *, whole: bool = True) -> str:
    try:
        if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return codecs.getincrementaldecoder("utf-16")().decode(content, final=whole)
        return codecs.getincrementaldecoder("utf-8-sig")().decode(content, final=whole)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fix = "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
        raise LeadtimeError(f"byte {error.start} is not valid UTF-8", where=f"{file}, row {line}", fix=fix) from None


def _separated(text: str) -> tuple[str, str, int]:
    """Return the text of a table, what stands between its cells, and how many lines above it say so."""
    told = re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE)
    if told:
        return text[told.end() :], told[1], 1
    first = text[: text.find("\n") + 1 or len(text)][:MOST_HEADER]
    counts = {mark: _bare(first).count(mark) for mark in SEPARATORS}
    there = [mark for mark, n in counts.items() if n]
    if len(there) < 2:
        return text, there[0] if there else ",", 0
    lines = [line for line in text[:_LOOK].split("\n")[1:21] if line.strip()]
    agree = [m for m in there if all(_bare(line).count(m) == counts[m] for line in lines[:-1] or lines)]
    return text, agree[0] if agree else ",", 0


def _bare(line: str) -> str:
    """Return what stands outside of quotes."""
    return re.sub(r'"[^"]*"?', "", line) if '"' in line else line


def _seen(found: pl.DataFrame, problems: list[Problem], file: str) -> tuple[pl.DataFrame, list[Problem]]:
    """Set aside the rows that hold a character that nobody sees."""
    told = list(problems)
    for name in found.columns[:-1]:
        bad = found[name].str.contains(_CONTROL).fill_null(value=False)
        rows, cells = (found[c].filter(bad).head(MOST_PROBLEMS + 1) for c in ("_row", name))
        told += [
            Problem(file=file, row=n, column=name, found=unseen.shown(cell), expected=_EXPECTED)
            for n, cell in zip(rows, cells, strict=True)
        ]
        require_few(told)
    return found.filter(~found["_row"].is_in([*{p.row for p in told}])), sorted(told, key=lambda p: p.row)


def _first_row(text: str, file: str, mark: str, most: int) -> str:
    """Return the first row of a text, once its cells were counted without being made."""
    n_columns, end = 1, 0
    for found in re.finditer(rf'"[^"]*"?|{re.escape(mark)}+|\n', text[: MOST_HEADER + 1]):
        if found[0] == "\n":
            end = found.end()
            break
        n_columns += len(found[0]) if found[0][0] == mark else 0
    if n_columns > most and end:
        raise LeadtimeError(f"has {n_columns:,} columns", where=f"{file}, row 1", fix=f"It may have at most {most:,}.")
    if len(text) > MOST_HEADER and not end:
        raise LeadtimeError(f"the first row has more than {MOST_HEADER:,} characters", where=f"{file}, row 1")
    return text[: end or len(text)]


def _header(text: str, file: str, mark: str, most: int = MOST_COLUMNS) -> list[str]:
    try:
        written = next(csv.reader([_first_row(text, file, mark, most)], strict=True, delimiter=mark), [])
    except csv.Error as error:
        raise LeadtimeError(f"is not valid CSV: {error}", where=f"{file}, row 1") from None
    header = _named([h.strip() for h in written])
    if not header and text.strip():
        raise LeadtimeError(
            "the first line is empty", where=f"{file}, row 1", fix="The first row must name the columns."
        )
    if any(re.search(_CONTROL, h) for h in written):
        what = "a column's name has a control character, or another that nobody can see"
        raise LeadtimeError(what, where=f"{file}, row 1", fix="Write it again.")
    if barred := [h for h in header if is_barred(h)]:
        raise LeadtimeError(f"a column may not be called {barred[0]!r}", where=f"{file}, row 1", fix="Rename it.")
    if (
        len(header) > 1
        and all(re.fullmatch(r"[+-]?\d+([.,]\d+)?", h) for h in header)
        and header != [str(i) for i in range(len(header))]
    ):
        fix = "Add a first row: model, then a name for each column."
        raise LeadtimeError("the first row has numbers instead of column names", where=f"{file}, row 1", fix=fix)
    if len(set(header)) != len(header):
        twice = next(h for h in header if header.count(h) > 1)
        raise LeadtimeError(f"has two columns called {twice!r}", where=f"{file}, row 1", fix="Rename one of them.")
    return header


def is_barred(name: str) -> bool:
    """Return whether a column may not have a name: it would stand for several columns, or for our own."""
    return name in ("_row", "*") or (name.startswith("^") and name.endswith("$")) or unseen.holds_any(name)


def _named(header: list[str]) -> list[str]:
    """Return a header whose last columns have no name with names for them: a spreadsheet writes what stands empty on
    the right.
    """
    n = len(header)
    while n > 1 and not header[n - 1]:
        n -= 1
    return [*header[:n], *(f"{_EMPTY}{i}" for i in range(len(header) - n))]


def _regular(text: str, width: int, mark: str) -> bool:
    """Return whether every line is a row of as many cells as the header, so that lines can be counted for rows."""
    bare = _unquoted(text, mark) if '"' in text else text
    if not bare.endswith("\n") or ("\r" in bare and "\r" in bare.replace("\r\n", "")):
        return False
    n_lines = bare.count("\n")
    if n_lines != text.count("\n") or "\n\n" in bare or "\n\r\n" in bare:
        return False
    return bare.count(mark) == (width - 1) * n_lines


def _unquoted(text: str, mark: str) -> str:
    """Return what stands outside of quotes, nothing if a quote opens or closes within a cell."""
    outside = text.split('"')[::2]
    if (
        text.count('"') % 2
        or not all(o[0] in f"{mark}\r\n" for o in outside[1:] if o)
        or not all(o[-1] in f"{mark}\n" for o in outside[:-1] if o)
    ):
        return ""
    return "".join(outside)


def _fast(text: str, header: list[str], mark: str) -> pl.DataFrame | None:
    """Return the rows, or None if a row is too long and another too short, which the number of commas does not tell."""
    try:
        rows = pl.read_csv(
            text.encode(), has_header=False, skip_rows=1, new_columns=header, infer_schema=False, separator=mark
        )
    except pl.exceptions.NoDataError:
        rows = pl.DataFrame(schema=dict.fromkeys(header, pl.String))
    except pl.exceptions.PolarsError:
        return None
    return rows.with_columns(pl.int_range(2, rows.height + 2, dtype=pl.Int64).alias("_row"))


def _slow(text: str, header: list[str], file: str, mark: str) -> tuple[pl.DataFrame, list[Problem]]:
    reader = csv.reader((line[0] for line in re.finditer(r"[^\n]*\n", text)), strict=True, delimiter=mark)
    blocks = [_block([], [], header)]
    rows: list[list[str]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    try:
        next(reader, [])
        for cells in reader:
            if len(cells) == len(header):
                rows.append(cells)
                lines.append(reader.line_num)
                if len(rows) == _BLOCK_ROWS:
                    blocks.append(_block(rows, lines, header))
                    rows, lines = [], []
            elif any(c.strip() or re.search(_CONTROL, c) for c in cells):  # some of those count as blanks
                wanted = (
                    f"{len(header)} cells, as the header has (a {SEPARATORS[mark]} inside a cell needs double quotes"
                    " around it)"
                )
                problems.append(
                    Problem(file=file, row=reader.line_num, column="", found=f"{len(cells)} cells", expected=wanted)
                )
                require_few(problems)
    except csv.Error as error:
        fix = "Write a quote inside a cell twice."
        raise LeadtimeError(f"is not valid CSV: {error}", where=f"{file}, row {reader.line_num}", fix=fix) from None
    return pl.concat([*blocks, _block(rows, lines, header)], rechunk=True), problems


def _block(rows: list[list[str]], lines: list[int], header: list[str]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    frame = pl.DataFrame(dict(zip(header, columns, strict=True)), schema=dict.fromkeys(header, pl.String))
    return frame.with_columns(pl.Series("_row", lines, dtype=pl.Int64))
