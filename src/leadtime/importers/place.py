"""Imported rows put into a study folder: all of them or none, the same bytes for the same rows."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, compare, together, validate
from leadtime.importers.rows import Sorted

ASIDE = together.FOLDER
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
    """Write `evidence/TABLE.LABEL.csv` for each table and `quarantine/LABEL.csv`, which has what was not taken and marks the import, and return what became of each.

    A row that an earlier import of the same label wrote keeps the day on which it became known.

    Args:
        found: What was sorted out.
        study: A study folder; made if it is not there.
        label: Names this import: a second one of the same label replaces the first.

    Raises:
        LeadtimeError: The folder cannot be written, or holds a file of that name which no import wrote.
    """
    aside = study / ASIDE / f"{label}.csv"
    wanted, said = {}, {}
    for name, rows in found.accepted.items():
        path = study / "evidence" / f"{name}.{label}.csv"
        if path.exists() and not aside.exists():
            raise LeadtimeError(
                "is there, and no import wrote it", where=str(path), fix="Give this import another --label."
            )
        old = _before(path, name)
        now = rows if old is None else _days_kept(rows, old)
        wanted[path], said[path] = _csv(now), {} if old is None else _differences(old, now, list(TABLES[name].key))
    wanted[aside] = _aside(found)
    mine = (study / "evidence" / f"{name}.{label}.csv" for name in found.tables)
    gone = [p for p in mine if p not in wanted and p.exists()] if aside.exists() else []
    became = {p: _became(p, text) for p, text in wanted.items()}
    changed = {p: text for p, text in wanted.items() if became[p] != "unchanged"}
    together.change(study, {**changed, **dict.fromkeys(gone)})
    placed = [Placed(file=str(p.relative_to(study)), became=became[p], **said.get(p, {})) for p in wanted]
    return placed + [Placed(file=str(p.relative_to(study)), became="removed") for p in gone]


def _before(path: Path, name: str) -> pl.DataFrame | None:
    try:
        return validate.read_table(path, TABLES[name]).drop("_row") if path.exists() else None
    except LeadtimeError:
        return None


def _differences(old: pl.DataFrame, now: pl.DataFrame, key: list[str]) -> dict[str, Any]:
    found = compare.differences(old, now, key)
    lines = [
        f"{mark} {compare.name_of(r, key)}"
        for mark, rows in (("+", found.added), ("-", found.gone))
        for r in rows.head(_SHOWN).to_dicts()
    ]
    for r in found.changed.head(_SHOWN).to_dicts():
        moved = "; ".join(f"{c} {before} -> {after}" for c, (before, after) in compare.moved(r).items())
        lines.append(f"~ {compare.name_of(r, key)}: {moved}")
    return {
        "n_added": found.added.height,
        "n_gone": found.gone.height,
        "n_changed": found.changed.height,
        "changes": tuple(lines),
    }


def _csv(rows: pl.DataFrame) -> bytes:
    written = [c for c in rows.columns if rows[c].null_count() < rows.height]
    return rows.select(written).write_csv(line_terminator="\n").encode()


def _days_kept(rows: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, those that were there already with the day on which they became known."""
    if "known_on" not in rows.columns:
        return rows
    same = [c for c in rows.columns if c not in ("known_on", "dated_by", "read_in")]
    days = old.select(*same, _before="known_on").unique(same, keep="first")
    kept = rows.join(days, on=same, how="left", nulls_equal=True, maintain_order="left")
    return kept.with_columns(pl.min_horizontal("_before", "known_on").alias("known_on")).drop("_before")


def _aside(found: Sorted) -> bytes:
    told = [
        (what, r.file, r.row.removeprefix("row "), r.reason)
        for what, rows in (("set aside", found.aside), ("refused", found.refused)) for r in rows
    ]  # fmt: skip
    names = ("what", "file", "row", "reason")
    return pl.DataFrame(told, schema=dict.fromkeys(names, pl.String), orient="row").write_csv().encode()


def _became(path: Path, content: bytes) -> str:
    before = path.read_bytes() if path.exists() else None
    return "unchanged" if before == content else "written" if before is None else "changed"
