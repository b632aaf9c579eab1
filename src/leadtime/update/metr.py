"""METR: time horizons, with its own intervals, and mean scores on its suite of tasks."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers.outcome import Note, Refused
from leadtime.update import addresses
from leadtime.update.connector import Address, File, Gathered, Known, Mention, each, rows_for
from leadtime.update.plainly import json_of, yaml_of

#: What METR calls a series, to how the evidence does.
_SERIES = {"METR-Horizon-v1.0": "1-0", "METR-Horizon-v1.1": "1-1"}
#: Names that no spelling leads to a model of ours.
_CALLED = {
    "claude_3_opus": "claude-3-opus",
    "claude_3_5_sonnet_20240620": "claude-3-5-sonnet-2024-06",
    "claude_3_5_sonnet_20241022": "claude-3-5-sonnet-2024-10",
    "claude_3_7_sonnet": "claude-3-7-sonnet",
    "claude_4_opus": "claude-opus-4",
    "claude_4_1_opus": "claude-opus-4-1",
}


class Metr:
    """METR's file of results for each model."""

    name = "metr"
    title = "METR: time horizons and mean scores"
    gives = ("published", "scores")

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return its file of results."""
        return addresses.of(self.name)

    def recognizes(self, file: File) -> bool:
        """Return whether a file is named so, or speaks of horizons."""
        name = PurePosixPath(file.name).name
        is_text = name.endswith((".yaml", ".yml", ".json"))
        return is_text and (name.startswith("benchmark_results") or b"p50_horizon_length" in file.content[:100_000])

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return the models with their day of release; who made them is not in the file."""
        out = []
        for file in files:
            try:
                out += [
                    Mention(
                        file=file.name, row=name, name=_plain(name), released_on=str(found.get("release_date") or "")
                    )
                    for name, found in _results(file)
                    if _plain(name) not in _CALLED
                ]
            except LeadtimeError:  # told when it is read
                continue
        return out

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return a horizon and a mean score for each model."""
        return each(files, lambda f: _read(f, known))


def _results(file: File) -> Iterator[tuple[str, Mapping[str, Any]]]:
    whole = json_of(file) if file.name.endswith(".json") else yaml_of(file)
    results = whole.get("results") if isinstance(whole, dict) else None
    if not isinstance(results, dict) or not results:
        raise LeadtimeError("holds no `results` by model")
    for name, found in results.items():
        yield str(name), found if isinstance(found, dict) else {}


def _plain(name: str) -> str:
    return name.removesuffix("_inspect")


def _read(file: File, known: Known) -> Gathered:
    got = Gathered()
    horizons: list[dict[str, Any]] = []
    scores: list[dict[str, Any]] = []
    for n, (name, found) in enumerate(_results(file), 1):
        series = _SERIES.get(str(found.get("benchmark_name")), "")
        metrics = found.get("metrics")
        if not series or not isinstance(metrics, dict):
            why = (
                f"{name}: of a series that is not known, {str(found.get('benchmark_name'))[:40]!r}"
                if not series
                else f"{name}: no metrics"
            )
            got.refused.append(Refused(file=file.name, row=f"row {n}", reason=why))
            continue
        model = _CALLED.get(_plain(name)) or known.names.model(_plain(name))[0]
        aside = None if model else f"no model of the evidence is called {_plain(name)!r}"
        source = f"metr-time-horizon-{series}"
        p50, mean = metrics.get("p50_horizon_length"), metrics.get("average_score")
        if isinstance(p50, dict) and p50.get("estimate") is not None:
            horizons.append(
                {
                    "id": f"metr-horizon-{series}-{model or _plain(name)}",
                    "quantity": "horizon_minutes",
                    "subject": model or name,
                    "value": p50["estimate"],
                    "low": p50.get("ci_low"),
                    "high": p50.get("ci_high"),
                    "unit": "minutes",
                    "interval_kind": "95% CI",
                    "definition": (
                        f"length of tasks (human time) done with 50% success, suite TH{series.replace('-', '.')}"
                    ),
                    "published_by": "metr",
                    "source": source,
                    "_row": n,
                    "_aside": aside,
                }
            )
        if isinstance(mean, dict) and mean.get("estimate") is not None:
            scores.append(
                {
                    "model": model or name,
                    "benchmark": f"metr-suite-{series}",
                    "score": mean["estimate"],
                    "evaluator": "metr",
                    "report_type": "independent",
                    "source": source,
                    "locator": f"average_score of {name}",
                    "note": "mean task score, not a horizon",
                    "_row": n,
                    "_aside": aside,
                }
            )
    newest = {
        "id": "metr-time-horizon-1-1",
        "title": "Time Horizon 1.1 benchmark results",
        "publisher": "METR",
        "url": "https://metr.org/assets/benchmark_results_1_1.yaml",
        "kind": "primary",
    }
    got.found += rows_for("published", file, horizons, newest) + rows_for("scores", file, scores, newest)
    if not horizons:
        got.notes.append(Note(file.name, "no time horizon in it"))
    return got
