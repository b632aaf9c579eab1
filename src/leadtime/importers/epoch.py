"""Epoch AI's published files to rows of evidence, by the rules declared in `epoch.yaml`."""

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml import YAML

from leadtime.brought import cells
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.evidence.csv_rows import rows_of, separator_of
from leadtime.importers import archive, epoch_scores, epoch_tables
from leadtime.importers.copy import Copy
from leadtime.importers.names import Names
from leadtime.importers.outcome import Note, Refused
from leadtime.importers.rows import Candidates, Sorted, sort_out

Rules = Mapping[str, Any]
Reader = Callable[[Copy], list[Candidates]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What files bring before it is held against the evidence; see `rows.Sorted` for the parts."""

    found: list[Candidates] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    n_files: int = 0


@functools.cache
def rules() -> Rules:
    """Return what is declared about Epoch AI's files."""
    found: Mapping[str, Any] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("epoch.yaml").read_text(encoding="utf-8")
    )
    return found


def read(
    path: Path,
    evidence: Evidence,
    *,
    known_on: dt.date,
    renamed: Mapping[str, str] | None = None,
    replace: bool = False,
) -> Sorted:
    """Return what Epoch AI's files bring: scores, training runs, chips and their peaks, arrivals of chips.

    Args:
        path: The hub's folder or zip, `eci_benchmarks.csv`, or a table of models, hardware or chip counts.
        evidence: What is there without them.
        known_on: The day the copy was made: rows without a day of their own are known since then.
        renamed: Names in the files to ids of models.
        replace: Whether rows that say otherwise than the evidence replace it.

    Raises:
        LeadtimeError: The path cannot be read, or holds no CSV.
    """
    taken = take(archive.contents(path, ".csv"), evidence, rules(), known_on=known_on, renamed=renamed)
    if not taken.n_files:
        raise LeadtimeError(
            "does not contain a CSV file",
            where=str(path),
            fix="Give the folder or zip of the Benchmarking Hub, or one of its files.",
        )
    return sort_out(
        taken.found, evidence, replace=replace, notes=taken.notes, refused=taken.refused, n_files=taken.n_files
    )


def take(
    files: Iterable[tuple[str, bytes]],
    evidence: Evidence,
    declared: Rules,
    *,
    known_on: dt.date,
    renamed: Mapping[str, str] | None = None,
) -> Taken:
    """Return the rows of files before they are held against the evidence.

    Args:
        files: Name and content of each.
        evidence: What names they may use.
        declared: The rules, as `rules` returns them.
        known_on: The day the copy was made.
        renamed: Names in the files to ids of models.
    """
    names = Names.of(evidence, declared["efforts"], renamed)
    found: list[Candidates] = []
    notes: list[Note] = []
    refused: list[Refused] = []
    n_files = 0
    for name, content in files:
        n_files += 1
        try:
            rows, irregular = rows_of(content, name)
            commas = separator_of(content, name) == ","  # there, Epoch's own commas part thousands
            rows, unclear = (rows, []) if commas else cells.points(rows, cells.of_numbers(rows), name)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row=error.where.removeprefix(f"{name}, "), reason=error.what))
            continue
        refused += [
            Refused(file=name, row=f"row {p.row}", reason=f"found {p.found}, expected {p.expected}")
            for p in (*irregular, *unclear)
        ]
        copy = Copy(
            file=name, rows=rows, names=names, evidence=evidence, known_on=known_on, rules=declared, notes=notes
        )
        if rows.is_empty() and not (irregular or unclear):
            copy.note("has no rows", 0)
        found += _reader(name, rows.columns, declared)(copy)
    return Taken(found, notes, refused, n_files)


def _reader(name: str, columns: list[str], declared: Rules) -> Reader:
    """Return who reads a file: by its name if a rule has it, else by the columns that tell its kind."""
    if PurePosixPath(name).stem in declared["files"]:
        return epoch_scores.hub
    signs: list[tuple[set[str], Reader]] = [
        ({"performance", "benchmark", "model"}, epoch_scores.index),
        ({"Hardware name", "Manufacturer"}, epoch_tables.hardware),
        ({"Chip manufacturer", "Start date", "End date"}, epoch_tables.chips),
        ({"Model", "Publication date", "Training compute (FLOP)"}, epoch_tables.models),
    ]
    return next((read for wanted, read in signs if wanted <= set(columns)), _unknown)


def _unknown(copy: Copy) -> list[Candidates]:
    columns = ", ".join(c for c in copy.rows.columns if c != "_row")
    copy.note(f"left out: leadtime has no rule for a file with these columns ({columns[:80]})", copy.rows.height)
    return []
