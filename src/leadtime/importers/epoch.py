"""Epoch AI's published files to rows of evidence, by the rules declared in `epoch.yaml`."""

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.evidence.csv_rows import rows_of
from leadtime.importers import archive, epoch_scores, epoch_tables
from leadtime.importers.names import Names
from leadtime.importers.outcome import Refused
from leadtime.importers.rows import Candidates, Sorted, sort_out

Rules = Mapping[str, Any]


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
    names = Names.of(evidence, rules()["efforts"], renamed)
    found: list[Candidates] = []
    notes: list[str] = []
    refused: list[Refused] = []
    n_files = 0
    for name, content in archive.contents(path, ".csv"):
        n_files += 1
        try:
            rows, irregular = rows_of(content, name)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row="", reason=str(error)))
            continue
        refused += [
            Refused(file=name, row=f"row {p.row}", reason=f"found {p.found}, expected {p.expected}") for p in irregular
        ]
        found += _reader(name, rows.columns)(name, rows, names, evidence, known_on, rules(), notes)
    if not n_files:
        raise LeadtimeError(
            "holds no CSV file",
            where=str(path),
            fix="Give the folder or zip of the Benchmarking Hub, or one of its files.",
        )
    return sort_out(found, evidence, replace=replace, notes=notes, refused=refused, n_files=n_files)


def _reader(name: str, columns: list[str]) -> Callable[..., list[Candidates]]:
    """Return who reads a file: by its name if a rule has it, else by the columns that tell its kind."""
    if PurePosixPath(name).stem in rules()["files"]:
        return epoch_scores.hub
    signs: list[tuple[set[str], Callable[..., list[Candidates]]]] = [
        ({"performance", "benchmark", "model"}, epoch_scores.index),
        ({"Hardware name", "Manufacturer"}, epoch_tables.hardware),
        ({"Chip manufacturer", "Start date", "End date"}, epoch_tables.chips),
        ({"Model", "Publication date", "Training compute (FLOP)"}, epoch_tables.models),
    ]
    return next((read for wanted, read in signs if wanted <= set(columns)), _unknown)


def _unknown(name: str, rows: pl.DataFrame, *_: Any) -> list[Candidates]:
    notes: list[str] = _[-1]
    notes.append(
        f"{name}: no rule for this file, {rows.height:,} rows left ({', '.join(c for c in rows.columns if c != '_row')[:80]})"
    )
    return []
