"""The Treasury's list of specially designated nationals: `sdn.csv` with a row for each party, `alt.csv` with their
other names.

Neither has a header. By the Treasury's data specification (2023-09-25) the columns of the first are ent_num, SDN_Name,
SDN_Type, Program, Title, Call_Sign, Vess_type, Tonnage, GRT, Vess_flag, Vess_owner, Remarks; of the second ent_num,
alt_num, alt_type, alt_name, alt_remarks. `-0-` stands for nothing, and a last line may hold the mark of an old end of
file.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from leadtime.errors import LeadtimeError

#: What the list is called in the consolidated one.
SOURCE = "Specially Designated Nationals (SDN) - Treasury Department"
_PARTY, _OTHER = 12, 5
_KINDS = ("aka", "fka", "nka")
_NOTHING, _END = "-0-", "\x1a"
_MOST_CELL = 1_000_000


def is_sdn(content: str) -> bool:
    """Return whether a text is the list of parties: twelve columns, and a number first."""
    first = _first(content)
    return len(first) == _PARTY and first[0].strip().isdecimal()


def is_other_names(content: str) -> bool:
    """Return whether a text is the file of other names."""
    first = _first(content)
    return len(first) == _OTHER and first[0].strip().isdecimal() and first[2].strip() in _KINDS


def rows(content: str, file: str, others: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each party as the consolidated list names its columns, with the place it stands in.

    Args:
        content: Of `sdn.csv`.
        file: Its name, for messages.
        others: Other names by number.

    Raises:
        LeadtimeError: A row of another shape.
    """
    for where, cells in _cells(content, file, _PARTY):
        name, program = (_plain(cells[i]) for i in (1, 3))
        yield (
            where,
            {"name": name, "source": SOURCE, "alt_names": list(others.get(cells[0].strip(), ())), "programs": program},
        )


def other_names(files: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the other names of parties by number, from files by name.

    Raises:
        LeadtimeError: A row of another shape.
    """
    found: dict[str, tuple[str, ...]] = {}
    for file, content in files.items():
        for _, cells in _cells(content, file, _OTHER):
            number = cells[0].strip()
            found[number] = (*found.get(number, ()), _plain(cells[3]))
    return found


def _first(content: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(content[:10_000])), [])
    except csv.Error:
        return []


def _cells(content: str, file: str, n: int) -> Iterator[tuple[str, list[str]]]:
    before = csv.field_size_limit(_MOST_CELL)
    try:
        reader = csv.reader(io.StringIO(content), strict=True)
        for cells in reader:
            if not "".join(cells).strip(f"{_END} "):
                continue
            where = f"{file}, line {reader.line_num}"
            if len(cells) != n or not cells[0].strip().isdecimal():
                fix = "It may be cut off. Download the file again."
                raise LeadtimeError(f"is not a row of {n} columns that starts with a number", where=where, fix=fix)
            yield where, cells
    except csv.Error as error:
        raise LeadtimeError(f"is not valid CSV: {error}", where=file) from None
    finally:
        csv.field_size_limit(before)


def _plain(cell: str) -> str:
    text = cell.strip()
    return "" if text == _NOTHING else text
