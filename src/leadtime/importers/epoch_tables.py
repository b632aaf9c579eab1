"""Epoch AI's tables of models, hardware and chip counts, as training runs, chips, their peaks, and arrivals."""

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from leadtime.importers.copy import Copy, number
from leadtime.importers.names import fold
from leadtime.importers.rows import Candidates, candidates

_TERA = 1e12


def models(copy: Copy) -> list[Candidates]:
    """Return what the training of the models took; a model that has a run in the evidence already is left."""
    rule, there = copy.rules["models"], set(copy.evidence["training_runs"]["model"].drop_nulls())
    developers = dict(copy.evidence["models"].select("id", "organization").iter_rows())
    copy.report_columns(_read_by(rule), rule["left"])
    out, n_there, n_empty = [], 0, 0
    for row in copy.rows.iter_rows(named=True):
        cell = _cells(row, rule["columns"])
        model, _ = copy.names.model(cell["name"])
        n_empty += not cell["flop"]
        n_there += bool(cell["flop"]) and model in there
        if not cell["flop"] or model in there:
            continue
        chip = copy.names.other("chips", cell["chip"])
        out.append(
            {
                "id": model or fold(cell["name"] or "")[:60],
                "name": cell["name"],
                "model": model,
                "organization": (
                    developers.get(model or "")
                    or copy.names.other("organizations", cell["organization"])
                    or cell["organization"]
                ),
                "published_on": cell["published_on"],
                "scope": "all",
                "flop": cell["flop"],
                "flop_basis": "estimate",
                "parameters": cell["parameters"],
                "chip": chip,
                "n_chips": _whole(cell["n_chips"]) if chip else None,
                "hours": cell["hours"],
                "source": rule["source"]["id"],
                "known_on": str(copy.known_on),
                "confidence": rule["confidence"].get(cell["confidence"] or ""),
                "note": "compute and parameters as Epoch AI has them",
                "_row": row["_row"],
                "_aside": None if model else f"no model of the evidence is called {cell['name']!r}",
            }
        )
    if n_there:
        copy.note("left out: the evidence has a run of these models already", n_there)
    if n_empty:
        copy.note("left out: they tell no compute", n_empty)
    return candidates("training_runs", copy.file, out, rule["source"])


def hardware(copy: Copy) -> list[Candidates]:
    """Return peaks of chips that the evidence has; a chip that it has not is set aside, for the file does not tell its
    market and country.
    """
    rule = copy.rules["hardware"]
    copy.report_columns([*_read_by(rule), *rule["peaks"]], rule["left"])
    peaks, chips = [], []
    for row in copy.rows.iter_rows(named=True):
        cell = _cells(row, rule["columns"])
        chip = copy.names.other("chips", cell["name"])
        if chip is None:
            why = f"no chip of the evidence is called {cell['name']!r}; its country and market are not in the file"
            chips.append({"id": fold(cell["name"] or ""), "name": cell["name"], "_row": row["_row"], "_aside": why})
            continue
        peaks += [
            {
                "chip": chip,
                "precision": precision,
                "tera_op_s": number(row[column], 1 / _TERA),
                "unit": unit,
                "source": rule["source"]["id"],
                "known_on": str(copy.known_on),
                "_row": row["_row"],
            }
            for column, (precision, unit) in rule["peaks"].items()
            if row.get(column)
        ]
    return [
        *candidates("chips", copy.file, chips, rule["source"]),
        *candidates("chip_peaks", copy.file, peaks, rule["source"]),
    ]


def chips(copy: Copy) -> list[Candidates]:
    """Return arrivals by chip and calendar quarter, of the world and of China."""
    rule = copy.rules["chips"]
    counted = pl.col("measure") == "flow", pl.col("chip").is_not_null(), pl.col("channel").is_in(["all", "legal"])
    there = copy.evidence["shipments"].filter(*counted)
    copy.report_columns(_read_by(rule), rule["left"])
    out, n_left = [], 0
    for row in copy.rows.iter_rows(named=True):
        cell = _cells(row, rule["columns"])
        begin, end = _date(cell["period_start"]), _date(cell["period_end"])
        owner = "all" if cell["owner"] is None else rule["owners"].get(cell["owner"])
        if (
            not cell["chip"]
            or owner is None
            or begin is None
            or not _is_quarter(begin, end)
            or "cumulative" in copy.file
        ):
            n_left += 1
            continue
        chip = copy.names.other("chips", cell["chip"])
        at, bloc = _place_of(there, chip, begin, owner)
        out.append(
            {
                "id": (
                    at or f"{chip or fold(cell['chip'])}-{(bloc or '').lower()}-{begin.year}q{(begin.month + 2) // 3}"
                ),
                "period_start": str(begin),
                "period_end": str(end),
                "measure": "flow",
                "designer": fold(cell["designer"] or ""),
                "chip": chip,
                "bloc": bloc,
                "channel": "legal" if bloc == "CHN" else "all",
                "scope": "owned",
                **{
                    c: _plain(cell[c]) for c in ("units_low", "units", "units_high", "h100e_low", "h100e", "h100e_high")
                },
                "unit_basis": "int8",
                "grade": "derived",
                "source": rule["source"]["id"],
                "known_on": str(copy.known_on),
                "_row": row["_row"],
                "_aside": _why(cell, chip, bloc),
            }
        )
    if n_left:
        copy.note(
            "totals, running sums, fiscal quarters or single firms: left, for they hold the same chips again", n_left
        )
    return candidates("shipments", copy.file, out, rule["source"])


def _why(cell: Mapping[str, str | None], chip: str | None, bloc: str | None) -> str | None:
    """Return why a count has to wait, or None."""
    if chip is None:
        return f"no chip of the evidence is called {cell['chip']!r}"
    if cell["incomplete"]:
        return "the period is marked incomplete"
    return None if bloc else "no earlier quarter of the chip tells whether it is sold in China"


def _place_of(there: pl.DataFrame, chip: str | None, begin: dt.date, owner: str) -> tuple[str | None, str | None]:
    """Return the id of the row that the evidence has for a chip and quarter, and whose the chips are, as in its latest
    row before.

    A table without owners counts all chips of a kind: in the evidence those are China's, where the kind was made for
    China, and all others' else.
    """
    rows = there.filter(pl.col("chip") == (chip or ""), pl.col("period_start") <= begin).sort(
        "period_start", pl.col("bloc") == "CHN"
    )
    rows = rows.filter(pl.col("bloc") == "CHN") if owner == "CHN" else rows
    if rows.is_empty():
        return None, "CHN" if owner == "CHN" else None
    now = rows.filter(pl.col("period_start") == begin)
    latest = (
        (rows if now.is_empty() else now)
        .filter(pl.col("period_start") == pl.col("period_start").max())
        .row(0, named=True)
    )
    return None if now.is_empty() else latest["id"], latest["bloc"]


def _cells(row: Mapping[str, Any], columns: Mapping[str, str | list[str]]) -> dict[str, str | None]:
    """Return our columns from theirs: the first of several names that is there."""
    return {ours: next((row[c] for c in _listed(theirs) if row.get(c)), None) for ours, theirs in columns.items()}


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _read_by(rule: Mapping[str, Any]) -> list[str]:
    """Return all columns that a rule reads."""
    return [c for given in rule["columns"].values() for c in _listed(given)]


def _date(text: str | None) -> dt.date | None:
    """Return a day written 2024-01-31, 1/31/2024 or 1/31/24."""
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"):
        try:
            return dt.datetime.strptime(text or "", form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _is_quarter(begin: dt.date | None, end: dt.date | None) -> bool:
    if begin is None or end is None or begin.day != 1 or begin.month not in (1, 4, 7, 10):
        return False
    return end.day == calendar.monthrange(end.year, end.month)[1] and 85 <= (end - begin).days <= 93


def _plain(text: str | None) -> str | None:
    return text.replace(",", "") if text and re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text) else text


def _whole(text: str | None) -> str | None:
    return text.removesuffix(".0") if text else None
