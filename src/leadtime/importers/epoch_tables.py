"""Epoch AI's tables of models, hardware and chip counts, as training runs, chips, their peaks, and arrivals."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from leadtime.evidence import TABLES, Evidence
from leadtime.importers.names import Names, fold
from leadtime.importers.rows import Candidates

_GIGA, _TERA = 1e9, 1e12


def models(
    name: str,
    rows: pl.DataFrame,
    names: Names,
    evidence: Evidence,
    known_on: dt.date,
    rules: Mapping[str, Any],
    notes: list[str],
) -> list[Candidates]:
    """Return what the training of the models took; a model that has a run in the evidence already is left."""
    rule, there = rules["models"], set(evidence["training_runs"]["model"].drop_nulls())
    out, n_there, n_empty = [], 0, 0
    for row in rows.iter_rows(named=True):
        cell = _cells(row, rule["columns"])
        model, _ = names.model(cell["name"])
        if not cell["flop"]:
            n_empty += 1
            continue
        if model in there:
            n_there += 1
            continue
        developer = dict(evidence["models"].select("id", "organization").iter_rows()).get(model or "") or names.other(
            "organizations", cell["organization"]
        )
        chip = names.other("chips", cell["chip"])
        out.append({
            "id": fold(cell["name"] or "")[:60] if model is None else model, "name": cell["name"], "model": model, "organization": developer or cell["organization"],
            "published_on": cell["published_on"], "scope": "all", "flop": cell["flop"], "flop_basis": "estimate", "tokens": cell["tokens"],
            "parameters": cell["parameters"], "chip": chip, "n_chips": _whole(cell["n_chips"]) if chip else None, "hours": cell["hours"],
            "source": rule["source"]["id"], "known_on": max(str(cell["published_on"] or ""), "") or str(known_on), "confidence": rule["confidence"].get(cell["confidence"] or ""),
            "note": "compute, parameters and tokens as Epoch AI has them", "_row": row["_row"],
            "_aside": None if model else f"no model of the evidence is called {cell['name']!r}",
        })  # fmt: skip
    if n_there or n_empty:
        notes.append(
            f"{name}: {n_there:,} models have a run in the evidence already, {n_empty:,} rows tell no compute: left"
        )
    return _candidates(name, "training_runs", out, rule["source"])


def hardware(
    name: str,
    rows: pl.DataFrame,
    names: Names,
    evidence: Evidence,
    known_on: dt.date,
    rules: Mapping[str, Any],
    notes: list[str],
) -> list[Candidates]:
    """Return peaks of chips that the evidence has; a chip that it has not is set aside, for the file does not tell its market and country."""
    rule = rules["hardware"]
    peaks, chips = [], []
    for row in rows.iter_rows(named=True):
        cell = _cells(row, rule["columns"])
        chip = names.other("chips", cell["name"])
        day = cell["released_on"] if re.fullmatch(r"\d{4}-\d\d-\d\d", cell["released_on"] or "") else str(known_on)
        if chip is None:
            chips.append({"id": fold(cell["name"] or ""), "name": cell["name"], "_row": row["_row"],
                          "_aside": f"no chip of the evidence is called {cell['name']!r}; its country and market are not in the file"})  # fmt: skip
            continue
        peaks += [
            {"chip": chip, "precision": precision, "tera_op_s": _over(row[column], _TERA), "unit": unit, "source": rule["source"]["id"], "known_on": day, "_row": row["_row"]}
            for column, (precision, unit) in rule["peaks"].items() if row.get(column)
        ]  # fmt: skip
    unread = [c for c in rows.columns if "performance (" in c and c not in rule["peaks"]]
    if unread:
        notes.append(f"{name}: no rule for columns {', '.join(map(repr, unread))}")
    return [*_candidates(name, "chips", chips, rule["source"]), *_candidates(name, "chip_peaks", peaks, rule["source"])]


def chips(
    name: str,
    rows: pl.DataFrame,
    names: Names,
    evidence: Evidence,
    known_on: dt.date,
    rules: Mapping[str, Any],
    notes: list[str],
) -> list[Candidates]:
    """Return arrivals by chip and calendar quarter, of the world and of China."""
    rule, there = (
        rules["chips"],
        evidence["shipments"].filter(
            pl.col("measure") == "flow", pl.col("chip").is_not_null(), pl.col("channel").is_in(["all", "legal"])
        ),
    )
    out, n_left = [], 0
    mapped = {c for given in rule["columns"].values() for c in _listed(given)}
    strange = [c for c in rows.columns if c != "_row" and c not in mapped and c not in rule["left"]]
    if strange:
        notes.append(f"{name}: no rule for columns {', '.join(map(repr, strange))}")
    for row in rows.iter_rows(named=True):
        cell = _cells(row, rule["columns"])
        begin, end = _date(cell["period_start"]), _date(cell["period_end"])
        owner = "all" if cell["owner"] is None else rule["owners"].get(cell["owner"])
        if not cell["chip"] or owner is None or begin is None or not _is_quarter(begin, end) or "cumulative" in name:
            n_left += 1
            continue
        chip = names.other("chips", cell["chip"])
        at, bloc = _place_of(there, chip, begin, owner)
        aside = (
            "the period is marked incomplete"
            if row.get("Incomplete")
            else None
            if chip
            else f"no chip of the evidence is called {cell['chip']!r}"
        )
        out.append({
            "id": at or f"{chip or fold(cell['chip'])}-{(bloc or '').lower()}-{begin.year}q{(begin.month + 2) // 3}", "period_start": str(begin), "period_end": str(end),
            "measure": "flow", "designer": fold(cell["designer"] or ""), "chip": chip, "bloc": bloc, "channel": "legal" if bloc == "CHN" else "all", "scope": "owned",
            **{c: _plain(cell[c]) for c in ("units_low", "units", "units_high", "h100e_low", "h100e", "h100e_high")},
            "unit_basis": "int8", "grade": "derived", "source": rule["source"]["id"], "known_on": str(known_on), "_row": row["_row"],
            "_aside": aside or (None if bloc else "no earlier quarter of the chip tells whether it is sold in China"),
        })  # fmt: skip
    if n_left:
        notes.append(
            f"{name}: {n_left:,} rows are totals, running sums, fiscal quarters or single firms: left, for they hold the same chips again"
        )
    return _candidates(name, "shipments", out, rule["source"])


def _place_of(there: pl.DataFrame, chip: str | None, begin: dt.date, owner: str) -> tuple[str | None, str | None]:
    """Return the id of the row that the evidence has for a chip and quarter, and whose the chips are, as in its latest row before.

    A table without owners counts all chips of a kind: in the evidence those are China's, where the kind was made for China,
    and all others' else.
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


def _candidates(
    name: str, table: str, rows: Iterable[Mapping[str, Any]], source: Mapping[str, str]
) -> list[Candidates]:
    rows = list(rows)
    if not rows:
        return []
    schema = {**dict.fromkeys(TABLES[table].column_names, pl.String), "_row": pl.Int64, "_aside": pl.String}
    about = Candidates(table="sources", file=name, rows=pl.DataFrame([{**source, "_row": 0}]))
    return [about, Candidates(table=table, file=name, rows=pl.DataFrame(rows, schema=schema))]


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
    return (end + dt.timedelta(days=1)).day == 1 and 85 <= (end - begin).days <= 93


def _plain(text: str | None) -> str | None:
    return text.replace(",", "") if text and re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text) else text


def _whole(text: str | None) -> str | None:
    return text.removesuffix(".0") if text else None


def _over(text: str, scale: float) -> str:
    try:
        return f"{float(text) / scale:.10g}"
    except ValueError:
        return text
