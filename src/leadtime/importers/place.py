"""Imported rows put into a study folder: all of them or none, the same bytes for the same rows."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, compare, imports, validate
from leadtime.importers import numbered
from leadtime.importers.rows import Sorted

ASIDE = imports.ASIDE
_SHOWN = 5


def label(name: str) -> str:
    """Return a name fit for the folder of an import: lower case, digits and dashes."""
    found = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    if not found:
        raise LeadtimeError(
            f"{name!r} cannot be a label", where="--label", fix="Use letters, digits and dashes, such as epoch-hub."
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
    """Write `imports/LABEL.N/TABLE.csv` for each table, and beside them what was not taken, and return what became of
    each.

    A row that an earlier import of the same label wrote keeps the day on which it became known; tables that this one is
    not about stay. An import that changes nothing writes nothing.

    Args:
        found: What was sorted out.
        study: A study folder; made if it is not there.
        label: Names this import: a second one of the same label replaces the first.

    Raises:
        LeadtimeError: The folder cannot be written, or holds a file of that name which no import wrote.
    """
    _require_no_other(found, study, label)
    with numbered.locked(study):
        numbered.clear(study, label)
        old = numbered.before(study, label)
        now = {f: content for f, content in old.files.items() if f.removesuffix(".csv") not in found.tables}
        said: dict[str, dict[str, Any]] = {}
        for name, rows in found.accepted.items():
            earlier = _rows(old.files.get(f"{name}.csv"), name)
            kept = rows if earlier is None else _days_kept(rows, earlier)
            now[f"{name}.csv"] = _csv(kept)
            said[f"{name}.csv"] = {} if earlier is None else _differences(earlier, kept, list(TABLES[name].key))
        now[ASIDE] = _aside(found)
        number = old.number if old.number and now == old.files else numbered.put(study, label, now)
    placed = [
        Placed(file=f"{imports.FOLDER}/{label}.{number}/{f}", became=_became(f, now, old), **said.get(f, {}))
        for f in (*said, ASIDE)
    ]
    gone = [f"{imports.FOLDER}/{label}.{number}/{f}" for f in old.files if f not in now]
    return placed + [Placed(file=f, became="removed") for f in gone]


def _require_no_other(found: Sorted, study: Path, label: str) -> None:
    """Refuse a label by which someone named a file of their own; a file of 0.1 is marked as an import's."""
    for name in found.accepted if not imports.is_earlier(study, label) else ():
        path = study / "evidence" / f"{name}.{label}.csv"
        if stranger.is_there(path):
            fix = "Choose another --label for this import."
            raise LeadtimeError("already exists, and no import wrote it", where=str(path), fix=fix)


def _rows(content: bytes | None, name: str) -> pl.DataFrame | None:
    """Return the rows of an earlier import, or None if there was none, or it is no table any more."""
    try:
        return validate.table_of(content, TABLES[name], name).drop("_row") if content is not None else None
    except LeadtimeError:
        return None


def _became(file: str, now: dict[str, bytes], old: numbered.Before) -> str:
    if file not in old.files or (now[file] == old.files[file] and not old.number):
        return "written"
    return "unchanged" if now[file] == old.files[file] else "changed"


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
        for what, rows in (("set aside", found.aside), ("refused", found.refused))
        for r in rows
    ]
    names = ("what", "file", "row", "reason")
    return pl.DataFrame(told, schema=dict.fromkeys(names, pl.String), orient="row").write_csv().encode()
