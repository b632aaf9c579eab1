"""Scores in Epoch AI's files: the hub's, one benchmark each, and the index's, all in one table."""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from leadtime.evidence import Evidence
from leadtime.importers.names import Names, fold
from leadtime.importers.rows import Candidates

_COLUMNS = [
    "model",
    "benchmark",
    "score",
    "se",
    "effort",
    "setting",
    "evaluator",
    "report_type",
    "measured_on",
    "known_on",
    "source",
    "locator",
    "note",
]
_SCHEMA = {**dict.fromkeys(_COLUMNS, pl.String), "_row": pl.Int64, "_aside": pl.String}


def hub(
    name: str,
    rows: pl.DataFrame,
    names: Names,
    evidence: Evidence,
    known_on: dt.date,
    rules: Mapping[str, Any],
    notes: list[str],
) -> list[Candidates]:
    """Return the scores of one file of the hub."""
    rule = rules["files"][PurePosixPath(name).stem]
    if "no_score" in rule:
        notes.append(f"{name}: {rule['no_score']}, {rows.height:,} rows left")
        return []
    specs, of = {rule.get("benchmark", ""): rule["score"], **rule.get("also", {})}, rule.get("benchmark_of", "")
    used = {
        *specs.values(),
        rule.get("se"),
        rule.get("on"),
        rule.get("locator"),
        rule.get("shots"),
        *rule.get("settings", ()),
        of,
        rule.get("setting_if", {}).get("column"),
    }
    _report_columns(
        name,
        rows.columns,
        used,
        [*rules["hub"]["model"], *rules["hub"]["left"], *rule.get("left", [])],
        tuple(rule.get("left_like", ())),
        notes,
    )
    lacking = [c for c in specs.values() if c not in rows.columns]
    if lacking:
        notes.append(f"{name}: has no column {lacking[0]!r}, where scores were before; {rows.height:,} rows left")
        return []
    knows = _Sources(evidence, rules["boards"])
    out = []
    for row in rows.iter_rows(named=True):
        model, effort = names.model(*(row.get(c) for c in rules["hub"]["model"]))
        called = next((row[c] for c in rules["hub"]["model"] if row.get(c)), "")
        for benchmark, column in specs.items():
            if row[column] is None:
                continue
            test = (
                benchmark or names.other("benchmarks", row.get(of)) or fold(row.get(of) or f"{name} (version unstated)")
            )
            by = (
                knows.measured(row, model)
                if rule["by"] == "source"
                else (rule["by"], "independent" if rule["by"] == "epoch-ai" else "leaderboard", "")
            )
            day = _day(row.get(rule.get("on", "")))
            out.append({
                "model": model or called, "benchmark": test, "score": _scaled(row[column], rule.get("scale", 1)),
                "se": _scaled(row.get(rule["se"]), rule.get("se_scale", rule.get("scale", 1))) if "se" in rule else None,
                "effort": effort or None, "setting": _setting(row, rule), "evaluator": by[0], "report_type": by[1], "measured_on": day,
                "known_on": day or str(known_on), "source": by[2] or rules["source"]["id"], "locator": row.get(rule.get("locator", "")) or name,
                "note": "collected by Epoch AI" if by[2] else None, "_row": row["_row"],
                "_aside": _why(model, called, by, row),
            })  # fmt: skip
    return _with_source(name, out, rules["source"])


def index(
    name: str,
    rows: pl.DataFrame,
    names: Names,
    evidence: Evidence,
    known_on: dt.date,
    rules: Mapping[str, Any],
    notes: list[str],
) -> list[Candidates]:
    """Return the scores of the index's table, with the correction for guessing undone."""
    rule = rules["eci"]
    at = rule["columns"]
    versions = [c for c in at["version"] if c in rows.columns]
    called_by = [c for c in at["names"] if c in rows.columns]
    _report_columns(
        name, rows.columns, {*versions, *called_by, at["benchmark"], at["score"], at["source"]}, rule["left"], (), notes
    )
    knows = _Sources(evidence, rules["boards"])
    out = []
    for row in rows.iter_rows(named=True):
        version = next((row[c] for c in versions if row[c]), None)
        model, effort = names.model(version, *(row[c] for c in called_by))
        called = version or next((row[c] for c in called_by if row[c]), "")
        said = row[at["benchmark"]] or ""
        benchmark = rule["benchmarks"].get(said) or names.other("benchmarks", said) or fold(said)
        own = row.get(at["source"]) == rule["own_runs"]
        by = ("epoch-ai", "independent", "") if own else knows.measured({"Source": row.get(at["source"])}, model)
        if not by[0] and benchmark in rule["by"]:
            by = (rule["by"][benchmark], "leaderboard", "")
        chance = rule["chance"].get(benchmark, 0.0) if rule["corrected_if"] in rows.columns else 0.0
        aside = (
            "which of several tests is meant is not told"
            if rule["benchmarks"].get(said) == ""
            else _why(model, called, by, row)
        )
        out.append({
            "model": model or called, "benchmark": benchmark, "score": _uncorrected(row[at["score"]], chance), "effort": effort or None,
            "setting": rule["setting"].get(benchmark), "evaluator": by[0], "report_type": by[1], "known_on": str(known_on), "source": by[2] or rules["source"]["id"], "locator": name,
            "note": f"published corrected for guessing; undone with floor {chance:g}" if chance else None, "_row": row["_row"], "_aside": aside,
        })  # fmt: skip
    return _with_source(name, out, rules["source"])


class _Sources:
    """Who measured what a source reports, as the evidence has it."""

    def __init__(self, evidence: Evidence, boards: Mapping[str, str]) -> None:
        self._boards = {fold(name): who for name, who in boards.items() if who}
        sources, scores = evidence["sources"], evidence["scores"]
        self._by_title: dict[str, str] = {fold(t): i for i, t in sources.select("id", "title").iter_rows()}
        self._by_url = {_url(u): i for i, u in sources.select("id", "url").iter_rows() if u}
        who = scores.group_by("source").agg(pl.col("evaluator").unique(), pl.col("report_type").mode().first())
        self._who = {s: (e[0], r) for s, e, r in who.iter_rows() if len(e) == 1}
        self._developer = dict(evidence["models"].select("id", "organization").iter_rows())

    def measured(self, row: Mapping[str, Any], model: str | None) -> tuple[str, str, str]:
        """Return evaluator, kind of report and id of the source; empty where the evidence does not know it."""
        title, url = (
            row.get("Source") or "",
            next((row[c] for c in ("Source link", "Source link (site from table)") if row.get(c)), ""),
        )
        source = (
            self._by_url.get(_url(url)) or self._by_url.get(_url(title)) or self._by_title.get(fold(title))
            if title or url
            else None
        )
        if source not in self._who:
            board = self._boards.get(fold(title), "")
            return board, "independent" if board else "", ""
        evaluator, kind = self._who[source]
        if kind in ("vendor", "competitor"):
            kind = "vendor" if self._developer.get(model or "") == evaluator else "competitor"
        return evaluator, kind, source or ""


def _url(url: str) -> str:
    paper = re.search(r"arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5})", url)
    return paper[1] if paper else re.sub(r"^https?://(www\.)?", "", url.strip()).rstrip("/").casefold()


def _why(model: str | None, called: str, by: tuple[str, str, str], row: Mapping[str, Any]) -> str | None:
    """Return why a row has to wait, or None."""
    if model is None:
        return f"no model of the evidence is called {called!r}" if called else "names no model"
    if not by[0]:
        said = row.get("Source") or row.get("source") or "no source"
        return f"who measured it is not known: {said[:80]}"
    return None


def _setting(row: Mapping[str, Any], rule: Mapping[str, Any]) -> str | None:
    words = [rule["setting"]] if "setting" in rule else []
    tells = rule.get("setting_if")
    if tells and fold(row.get(tells["column"]) or "") not in [fold(str(w)) for w in tells["not"]]:
        words.append(tells["setting"])
    words += [fold(row[c]) for c in rule.get("settings", ()) if row.get(c)]
    shots = row.get(rule.get("shots", "")) or ""
    number = re.fullmatch(r"\s*(\d+)(?:\.0)?\s*(?:-?\s*shots?)?\s*", shots, re.IGNORECASE)
    if number:
        words.append(f"{number[1]}-shot")
    elif shots:
        words.append(fold(shots))
    return "+".join(words) or None


def _scaled(text: str | None, scale: float) -> str | None:
    """Return a number over its scale; what is no number as it is, to be refused with its words."""
    try:
        return text if text is None or scale == 1 else f"{float(text) / scale:.10g}"
    except ValueError:
        return text


def _uncorrected(text: str | None, chance: float) -> str | None:
    try:
        return text if text is None or not chance else f"{float(text) * (1 - chance) + chance:.10g}"
    except ValueError:
        return text


def _day(text: str | None) -> str | None:
    return text[:10] if text else None


def _report_columns(
    name: str, columns: list[str], used: set[Any], left: list[str], like: tuple[str, ...], notes: list[str]
) -> None:
    strange = [
        c for c in columns if c != "_row" and c not in used and c not in left and not (like and c.startswith(like))
    ]
    if strange:
        notes.append(f"{name}: no rule for column{'s' * (len(strange) > 1)} {', '.join(map(repr, strange))}")


def _with_source(name: str, rows: list[dict[str, Any]], source: Mapping[str, str]) -> list[Candidates]:
    if not rows:
        return []
    about = pl.DataFrame([{**source, "_row": 0}])
    return [
        Candidates(table="sources", file=name, rows=about),
        Candidates(table="scores", file=name, rows=pl.DataFrame(rows, schema=_SCHEMA)),
    ]
