"""Imported rows put into a study folder: each file whole or not at all, the same bytes for the same rows."""

import csv
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, validate
from leadtime.importers.rows import Sorted

ASIDE = "quarantine"
_SHOWN = 5


def label(name: str) -> str:
    """Return a name fit for `TABLE.LABEL.csv`: lower case, digits and dashes."""
    found = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    if not found:
        raise LeadtimeError(
            f"{name!r} is no label", where="--label", fix="Letters, digits and dashes, such as epoch-hub."
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of a file of a study.

    Args:
        file: The file, within the study.
        became: written, changed, unchanged or removed.
        n_added: Rows of keys that it had not.
        n_changed: Rows that say something else than before.
        n_gone: Rows of keys that it has no more.
        changes: The first of each, in words.
    """

    file: str
    became: str
    n_added: int = 0
    n_changed: int = 0
    n_gone: int = 0
    changes: tuple[str, ...] = ()


def place(found: Sorted, study: Path, label: str) -> list[Placed]:
    """Write `evidence/TABLE.LABEL.csv` for each table and `quarantine/LABEL.csv`, and return what became of each file.

    A row that an earlier import of the same label wrote keeps the day on which it became known.

    Args:
        found: What was sorted out.
        study: A study folder; made if it is not there.
        label: Names this import: a second one of the same label replaces the first.

    Raises:
        LeadtimeError: The folder cannot be written.
    """
    wanted, said = {}, {}
    for name, rows in found.accepted.items():
        path = study / "evidence" / f"{name}.{label}.csv"
        old = _before(path, name)
        now = rows if old is None else _days_kept(rows, old)
        wanted[path], said[path] = _csv(now), {} if old is None else _differences(old, now, list(TABLES[name].key))
    if found.aside or found.refused:
        wanted[study / ASIDE / f"{label}.csv"] = _aside(found)
    gone = [p for p in (*(study / "evidence").glob(f"*.{label}.csv"), study / ASIDE / f"{label}.csv") if p.exists() and p not in wanted]  # fmt: skip
    placed = [
        Placed(file=str(p.relative_to(study)), became=_put(p, text), **said.get(p, {})) for p, text in wanted.items()
    ]
    for path in gone:
        path.unlink()
    return placed + [Placed(file=str(p.relative_to(study)), became="removed") for p in gone]


def _before(path: Path, name: str) -> pl.DataFrame | None:
    try:
        return validate.read_table(path, TABLES[name]).drop("_row") if path.exists() else None
    except LeadtimeError:
        return None


def _differences(old: pl.DataFrame, now: pl.DataFrame, key: list[str]) -> dict[str, Any]:
    added, gone = (a.join(b, on=key, how="anti", nulls_equal=True) for a, b in ((now, old), (old, now)))
    rest = [c for c in now.columns if c not in key]
    both = now.join(old, on=key, how="inner", nulls_equal=True, suffix="_old")
    changed = (
        both.filter(pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_old")) for c in rest)) if rest else both.clear()
    )
    lines = [
        f"{mark} {_key(r, key)}" for mark, rows in (("+", added), ("-", gone)) for r in rows.head(_SHOWN).to_dicts()
    ]
    for r in changed.head(_SHOWN).to_dicts():
        moved = "; ".join(f"{c} {r[f'{c}_old']} -> {r[c]}" for c in rest if r[c] != r[f"{c}_old"])
        lines.append(f"~ {_key(r, key)}: {moved}")
    return {"n_added": added.height, "n_gone": gone.height, "n_changed": changed.height, "changes": tuple(lines)}


def _key(row: dict[str, Any], key: list[str]) -> str:
    return ", ".join(str(row[k]) for k in key if row[k] is not None)


def _csv(rows: pl.DataFrame) -> bytes:
    written = [c for c in rows.columns if rows[c].null_count() < rows.height]
    return rows.select(written).write_csv(line_terminator="\n").encode()


def _days_kept(rows: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, those that were there already with the day on which they became known."""
    if "known_on" not in rows.columns:
        return rows
    same = [c for c in rows.columns if c != "known_on"]
    days = old.select(*same, _before="known_on").unique(same, keep="first")
    kept = rows.join(days, on=same, how="left", nulls_equal=True, maintain_order="left")
    return kept.with_columns(pl.min_horizontal("_before", "known_on").alias("known_on")).drop("_before")


def _aside(found: Sorted) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["what", "file", "row", "reason"])
    for what, rows in (("set aside", found.aside), ("refused", found.refused)):
        writer.writerows([what, r.file, r.row.removeprefix("row "), r.reason] for r in rows)
    return out.getvalue().encode()


def _put(path: Path, content: bytes) -> str:
    before = path.read_bytes() if path.exists() else None
    if before == content:
        return "unchanged"
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise LeadtimeError(f"cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        partial.unlink(missing_ok=True)
    return "written" if before is None else "changed"
