"""What an import came to, and its file: written whole, the same bytes for the same rows."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl

from leadtime import parquet, stranger, unseen
from leadtime.errors import LeadtimeError
from leadtime.whole import whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One row, or one file, that was not taken; characters that nobody sees stand by their number.

    Args:
        file: Its file.
        row: Where in it; empty for the whole file.
        reason: Why.
    """

    file: str
    row: str
    reason: str

    def __post_init__(self) -> None:
        for name in ("file", "row", "reason"):
            object.__setattr__(self, name, unseen.shown(getattr(self, name)))

    def __str__(self) -> str:
        return f"{self.file}{f', {self.row}' if self.row else ''}: {self.reason}"


class Note(NamedTuple):
    """What no rule covers in a file, and how many of its rows that leaves."""

    file: str
    text: str
    n_rows: int = 0

    def __str__(self) -> str:
        return unseen.shown(f"{self.file}: {self._rows()}{self.text}")

    def _rows(self) -> str:
        return "1 row is " if self.n_rows == 1 else f"{self.n_rows:,} rows are " if self.n_rows else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an import came to.

    Args:
        responses: Rows of model, item, response, count.
        refused: What was not taken, and why.
        n_files: How many files were looked at.
        notes: What was left, and what to look out for.
    """

    responses: pl.DataFrame
    refused: list[Refused]
    n_files: int
    notes: list[Note] = field(default_factory=list)


def together(table: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each model and item: the mean of its tries, and how many they were."""
    means = table.group_by("model", "item").agg(pl.col("response").mean(), count=pl.len().cast(pl.Int64))
    return means.sort("model", "item")


def write(responses: pl.DataFrame, into: Path) -> Literal["written", "changed", "unchanged"]:
    """Write responses as Parquet, whole or not at all, and say what became of the file.

    Raises:
        LeadtimeError: There are none, or the place cannot be written.
    """
    if responses.is_empty():
        raise LeadtimeError(
            "there are no responses to write", where=str(into), fix="Look at what was refused, and why."
        )
    before = _old(into)
    if before is not None and before.equals(responses):
        return "unchanged"
    buffer = io.BytesIO()  # polars tells of a full disk in words of its own
    responses.write_parquet(buffer)
    with whole(into) as partial:
        partial.write_bytes(buffer.getbuffer())
    return "written" if before is None else "changed"


def _old(path: Path) -> pl.DataFrame | None:
    if not path.exists():
        return None
    try:
        content = stranger.read(path)
        found = parquet.footer(io.BytesIO(content))
        parquet.require_bounded(io.BytesIO(content), found, list(found.columns))
        return parquet.rows(content, list(found.columns))
    except LeadtimeError:
        raise LeadtimeError(
            "already exists and is not a file of responses", where=str(path), fix="Name another one."
        ) from None
