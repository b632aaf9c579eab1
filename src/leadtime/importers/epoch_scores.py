"""Scores in Epoch AI's files: the hub's, one benchmark each, and the index's, all in one table."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from leadtime.evidence import Evidence
from leadtime.importers.copy import Copy, number
from leadtime.importers.names import fold
from leadtime.importers.rows import Candidates, candidates


def hub(copy: Copy) -> list[Candidates]:
    """Return the scores of one file of the hub."""
    names, rows, rules = copy.names, copy.rows, copy.rules
    rule = rules["files"][PurePosixPath(copy.file).stem]
    if "no_score" in rule:
        copy.note(f"left out: {rule['no_score']}", rows.height)
        return []
    specs, of = {rule.get("benchmark", ""): rule["score"], **rule.get("also", {})}, rule.get("benchmark_of", "")
    used = {
        *specs.values(),
        *(rule.get(k) for k in ("se", "on", "locator", "shots")),
        *rule.get("settings", ()),
        of,
        rule.get("setting_if", {}).get("column"),
    }
    left = [*rules["hub"]["model"], *rules["hub"]["left"], *rule.get("left", [])]
    copy.report_columns(used, left, tuple(rule.get("left_like", ())))
    lacking = [c for c in specs.values() if c not in rows.columns]
    if lacking:
        copy.note(f"left out: there is no column {lacking[0]!r}, where scores were before", rows.height)
        return []
    knows = _Sources(copy.evidence, rules["boards"])
    out = []
    for row in rows.iter_rows(named=True):
        model, effort = names.model(*(row.get(c) for c in rules["hub"]["model"]))
        called = next((row[c] for c in rules["hub"]["model"] if row.get(c)), "")
        for benchmark, column in specs.items():
            if row[column] is None:
                continue
            test = (
                benchmark
                or names.other("benchmarks", row.get(of))
                or fold(row.get(of) or f"{copy.file} (version unstated)")
            )
            own = (rule["by"], "independent" if rule["by"] == "epoch-ai" else "leaderboard", "")
            by = knows.measured(row, model) if rule["by"] == "source" else own
            day = _day(row.get(rule.get("on", "")))
            out.append(
                {
                    "model": model or called,
                    "benchmark": test,
                    "score": number(row[column], 1 / rule.get("scale", 1)),
                    "se": number(row.get(rule["se"]), 1 / rule.get("se_scale", rule.get("scale", 1)))
                    if "se" in rule
                    else None,
                    "effort": effort or None,
                    "setting": _setting(row, rule),
                    "evaluator": by[0],
                    "report_type": by[1],
                    "measured_on": day,
                    "known_on": day or str(copy.known_on),
                    "source": by[2] or rules["source"]["id"],
                    "locator": row.get(rule.get("locator", "")) or copy.file,
                    "note": "collected by Epoch AI" if by[2] else None,
                    "_row": row["_row"],
                    "_aside": _why(model, called, by, row),
                }
            )
    return candidates("scores", copy.file, out, rules["source"])


def index(copy: Copy) -> list[Candidates]:
    """Return the scores of the index's table, with the correction for guessing undone."""
    names, rows, rules = copy.names, copy.rows, copy.rules
    rule = rules["eci"]
    at = rule["columns"]
    versions = [c for c in at["version"] if c in rows.columns]
    called_by = [c for c in at["names"] if c in rows.columns]
    copy.report_columns({*versions, *called_by, at["benchmark"], at["score"], at["source"]}, rule["left"])
    knows = _Sources(copy.evidence, rules["boards"])
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
        best = rule.get("ceiling", {}).get(benchmark, 1.0)
        aside = (
            "which of several tests is meant is not told"
            if rule["benchmarks"].get(said) == ""
            else _why(model, called, by, row)
        )
        out.append(
            {
                "model": model or called,
                "benchmark": benchmark,
                "score": number(row[at["score"]], best - chance, chance),
                "effort": effort or None,
                "setting": rule["setting"].get(benchmark),
                "evaluator": by[0],
                "report_type": by[1],
                "known_on": str(copy.known_on),
                "source": by[2] or rules["source"]["id"],
                "locator": copy.file,
                "note": f"published corrected for guessing; undone with floor {chance:g}"
                if chance
                else f"published as a share of the best attainable; undone with ceiling {best:g}"
                if best < 1
                else None,
                "_row": row["_row"],
                "_aside": aside,
            }
        )
    return candidates("scores", copy.file, out, rules["source"])


class _Sources:
    """Who measured what a source reports, as the evidence has it."""

    def __init__(self, evidence: Evidence, boards: Mapping[str, str]) -> None:
        self._boards = {fold(name): who for name, who in boards.items() if who}
        sources, scores = evidence["sources"], evidence["scores"]
        self._by_title: dict[str, str] = {fold(t): i for i, t in sources.select("id", "title").iter_rows()}
        self._by_url = {_url(u): i for i, u in sources.select("id", "url").iter_rows() if u and _url(u)}
        who = scores.group_by("source").agg(pl.col("evaluator").unique(), pl.col("report_type").mode().first())
        self._who = {s: (e[0], r) for s, e, r in who.iter_rows() if len(e) == 1}
        self._developer = dict(evidence["models"].select("id", "organization").iter_rows())

    def measured(self, row: Mapping[str, Any], model: str | None) -> tuple[str, str, str]:
        """Return evaluator, kind of report and id of the source, empty if the evidence does not know it."""
        title = row.get("Source") or ""
        url = row.get("Source link") or row.get("Source link (site from table)") or ""
        source = self._by_url.get(_url(url)) or self._by_url.get(_url(title)) or self._by_title.get(fold(title))
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


def _day(text: str | None) -> str | None:
    return text[:10] if text else None
