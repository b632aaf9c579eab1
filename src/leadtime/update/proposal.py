"""A proposal as a study folder: the rows to add, what was refused whole, documents to read, and PROPOSAL.md."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.importers.outcome import Refused
from leadtime.rules import brought_lists, screening_lists
from leadtime.rules.brought_lists import Brought
from leadtime.update.connector import File, Lead
from leadtime.update.gather import Gathering
from leadtime.whole import whole_folder

NOTE, LEADS, ASIDE = "PROPOSAL.md", "leads.csv", "quarantine/update.csv"
_LEAD = ("number", "title", "kind", "published_on", "effective_on", "citation", "url")


def write(found: Gathering, text: str, into: Path) -> list[str]:
    """Write a proposal, whole or not at all, and return its files.

    Args:
        found: What the files came to.
        text: PROPOSAL.md.
        into: A new folder, or that of an earlier proposal, whose place it takes.

    Raises:
        LeadtimeError: The folder holds something else, or cannot be written.
    """
    require_free(into)
    files = _files(found, text)
    with whole_folder(into.absolute()) as partial:
        for path, content in files.items():
            place = partial / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    return sorted(files)


def require_free(into: Path) -> None:
    """Refuse a place that holds something else than a proposal.

    Raises:
        LeadtimeError: It does.
    """
    if stranger.is_there(into) and (there := stranger.entries(into)) and NOTE not in there:
        raise LeadtimeError(
            "already exists and is not a proposal", where=str(into), fix="Name a new folder with --into."
        )


def _files(found: Gathering, text: str) -> dict[str, bytes]:
    files = {NOTE: text.encode(), ASIDE: _aside(found), ".gitignore": b"out/\n"}
    for table, rows in found.rows.accepted.items():
        written = [c for c in rows.columns if rows[c].null_count() < rows.height]
        files[f"evidence/{table}.csv"] = rows.select(written).write_csv(line_terminator="\n").encode()
    files |= {f"{screening_lists.FOLDER}/{x.name}": x.content for x in found.lists}
    if found.lists:
        rows_of = (
            Brought(file=x.name, day=x.day, sha256=hashlib.sha256(x.content).hexdigest(), url=x.url)
            for x in found.lists
        )
        files[brought_lists.NAME] = brought_lists.written(rows_of).encode()
    if found.leads:
        files[LEADS] = _table(_LEAD, ([getattr(lead, c) for c in _LEAD] for lead in _sorted(found.leads)))
    return files


def _sorted(leads: Iterable[Lead]) -> list[Lead]:
    return sorted(leads, key=lambda lead: (lead.published_on, lead.number), reverse=True)


def _aside(found: Gathering) -> bytes:
    """Return what was not taken, each row with its reason and its cells as the file has them."""
    parts = [("refused", found.rows.refused), ("set aside", found.rows.aside), ("not read", found.unread)]
    parts += [("failed", a.failed) for a in found.asked]
    cells = rows_of_files(found.files, [r for _, rows in parts for r in rows])
    rows = (
        [what, r.file, r.row.removeprefix("row "), r.reason, cells.get((r.file, r.row), "")]
        for what, told in parts
        for r in told
    )
    return _table(("what", "file", "row", "reason", "cells"), rows)


def rows_of_files(files: Iterable[File], wanted: Iterable[Refused]) -> dict[tuple[str, str], str]:
    """Return the cells of rows of CSV files as JSON, by file and row."""
    by_file: dict[str, set[str]] = {}
    for r in wanted:
        if r.row.startswith("row "):
            by_file.setdefault(r.file, set()).add(r.row)
    found = {}
    for file in files:
        rows = by_file.get(file.name)
        if not rows or not file.name.endswith(".csv"):
            continue
        reader = csv.reader(io.StringIO(file.content.decode("utf-8-sig", errors="replace")))
        try:
            header = next(reader, [])
            for cells in reader:
                if (row := f"row {reader.line_num}") in rows:
                    pairs = dict(zip(header, cells, strict=False)) if len(cells) == len(header) else {"": cells}
                    found[file.name, row] = json.dumps({k: v for k, v in pairs.items() if v}, ensure_ascii=False)
        except csv.Error:
            continue
    return found


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def new_rows(found: Gathering) -> dict[str, pl.DataFrame]:
    """Return the rows to add by table, without the sources that come with them."""
    return {t: r for t, r in found.rows.accepted.items() if t != "sources"}
