"""A user's own rules: the YAML files in `STUDY/rules/`, read as rows of the rule tables, with lines in every message.

A file holds lists of records under the names `instruments`, `provisions`, `events`, `parameters`, `country_groups` and
`tariffs`; the keys of a record are the columns of the table.
"""

from pathlib import Path
from typing import Any

import polars as pl

from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence import validate, yaml_text
from leadtime.evidence.rule_tables import COUNTRY_GROUPS, EVENTS, INSTRUMENTS, PARAMETERS, PROVISIONS, TARIFFS
from leadtime.evidence.schema import Table

SECTIONS: dict[str, Table] = {
    "instruments": INSTRUMENTS,
    "provisions": PROVISIONS,
    "events": EVENTS,
    "parameters": PARAMETERS,
    "country_groups": COUNTRY_GROUPS,
    "tariffs": TARIFFS,
}


def read(path: Path, *, within: Path | None = None) -> list[tuple[Table, pl.DataFrame]]:
    """Return the rows of a YAML file, which must lie within a folder, by table, with the line of each record in `_row`.

    Raises:
        LeadtimeError: Not YAML, an unknown or repeated key, a cell that is not what its column holds; with the line.
    """
    document = _parse(path, within)
    if document is None:
        return []
    _known(document, SECTIONS, path, "section")
    return [(SECTIONS[name], _rows(document[name], document, name, path)) for name in document]


def _parse(path: Path, within: Path | None) -> Any:
    document = yaml_text.load(path, fix="Expected YAML with each key once.", within=within, as_written=True)
    if document is not None and not hasattr(document, "keys"):
        raise LeadtimeError("does not contain any records", where=str(path), fix=f"Sections: {', '.join(SECTIONS)}.")
    return document


def _known(record: Any, names: Any, path: Path, kind: str) -> None:
    for key in record:
        if not isinstance(key, str) or key not in names:
            close = nearest(str(key), names, 2)
            line = _line(record, key)
            fix = f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(names)}."
            raise LeadtimeError(f"there is no {kind} {str(key)!r}", where=f"{path}, line {line}", fix=fix)


def _rows(records: Any, document: Any, section: str, path: Path) -> pl.DataFrame:
    table = SECTIONS[section]
    if not isinstance(records, list):
        line = _line(document, section)
        raise LeadtimeError(
            f"{section} is not a list", where=f"{path}, line {line}", fix="Start each record with a dash."
        )
    columns = table.column_names
    places: Any = getattr(records, "lc", None)
    rows: list[tuple[int, list[str]]] = []
    for i, record in enumerate(records):
        line = places.item(i)[0] + 1
        if not hasattr(record, "keys"):
            raise LeadtimeError(f"{record!r} is not a record", where=f"{path}, line {line}", fix="Write key: value.")
        _known(record, columns, path, "column")
        rows.append((line, [_text(record.get(name), f"{path}, line {line}", name) for name in columns]))
    return validate.typed_rows(columns, rows, table, path.name)


def _line(record: Any, key: Any) -> int:
    """Return the line of a key; that of its record where the key was merged in."""
    try:
        return int(record.lc.key(key)[0]) + 1
    except (KeyError, TypeError, AttributeError):
        return int(getattr(record.lc, "line", None) or 0) + 1


def _text(value: Any, where: str, name: str) -> str:
    if value is None:
        return ""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(v, str) for v in parts):
        what = f"{name} is neither text nor a list of texts"
        raise LeadtimeError(what, where=where, fix="Write it as text, or as [one, another].")
    return "|".join(v.strip() for v in parts)
