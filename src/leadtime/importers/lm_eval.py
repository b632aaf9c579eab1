"""Results and samples of lm-evaluation-harness: to scores of benchmarks, or to responses to items."""

import datetime as dt
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers import archive
from leadtime.importers.names import Names
from leadtime.importers.outcome import Note, Outcome, Refused, together
from leadtime.importers.rows import Sorted, candidates, sort_out

_STAMP = re.compile(r"_\d{4}-\d\d-\d\dT[\d.:-]+$")


@functools.cache
def rules() -> Mapping[str, Any]:
    """Return which tasks are which benchmarks, and which metric is the score."""
    found: Mapping[str, Any] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("lm_eval.yaml").read_text(encoding="utf-8")
    )
    return found


def scores(
    paths: Iterable[Path],
    evidence: Evidence,
    *,
    evaluator: str,
    source: Mapping[str, str],
    renamed: Mapping[str, str] | None = None,
) -> Sorted:
    """Return the scores in `results_*.json` files.

    Args:
        paths: Files, folders or zips.
        evidence: What is there without them.
        evaluator: Who ran it: an id in `organizations`.
        source: The row of `sources` that the scores name.
        renamed: Names in the files to ids of models.

    Raises:
        LeadtimeError: No such evaluator, or a path that cannot be read or holds no results.
    """
    if evaluator not in set(evidence["organizations"]["id"]):
        raise LeadtimeError(
            f"there is no organization {evaluator!r}",
            where="--evaluator",
            fix="Add it to evidence/organizations.csv, or name one of `leadtime evidence organizations`.",
        )
    names = Names.of(evidence, renamed=renamed)
    developer = dict(evidence["models"].select("id", "organization").iter_rows())
    rows: list[dict[str, Any]] = []
    notes: list[Note] = []
    refused: list[Refused] = []
    n_files = 0
    for name, content in _files(paths, ".json"):
        n_files += 1
        try:
            given = _results(content)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row="", reason=error.what))
            continue
        called = _model_name(given)
        model, _ = names.model(called)
        day = _day(given)
        for task, found in given["results"].items():
            rule = rules()["tasks"].get(task)
            if rule is None:
                notes.append(Note(name, f"no rule for the task {task!r}"))
                continue
            metric, value, se = _metric(found, rule["metrics"])
            if metric is None:
                refused.append(
                    Refused(
                        file=name, row=f"task {task}", reason=f"has none of the metrics {', '.join(rule['metrics'])}"
                    )
                )
                continue
            by = "vendor" if developer.get(model or "") == evaluator else "independent"
            rows.append({
                "model": model or called, "benchmark": rule["benchmark"], "score": str(value), "se": _number(se), "setting": _setting(given, task),
                "evaluator": evaluator, "report_type": by, "measured_on": day, "known_on": day or source["published_on"], "source": source["id"],
                "locator": f"{name}: {task}", "note": f"lm-evaluation-harness, {metric}", "_row": len(rows) + 1,
                "_aside": None if model else f"no model of the evidence is called {called!r}",
            })  # fmt: skip
    if not n_files:
        raise LeadtimeError(
            "no results_*.json was found", where=", ".join(map(str, paths)), fix="Run lm_eval with --output_path."
        )
    found = candidates("scores", "results", rows, source)
    return sort_out(found, evidence, notes=dict.fromkeys(notes), refused=refused, n_files=n_files)


def responses(paths: Iterable[Path]) -> Outcome:
    """Return the responses in `samples_*.jsonl` files: a row for each model and item, the mean of its tries.

    Raises:
        LeadtimeError: A path that cannot be read, or holds no samples.
    """
    rows: list[tuple[str, str, float]] = []
    refused: list[Refused] = []
    n_files = 0
    for name, content in _files(paths, ".jsonl"):
        n_files += 1
        model, task = _of_file(name)
        for line, text in enumerate(content.split(b"\n"), 1):
            if not text.strip():
                continue
            try:
                sample = _sample(text)
                if sample is not None:
                    rows.append((model, f"{task}/{sample[0]}", sample[1]))
            except LeadtimeError as error:
                refused.append(Refused(file=name, row=f"row {line}", reason=error.what))
    if not n_files:
        raise LeadtimeError(
            "no samples_*.jsonl was found",
            where=", ".join(map(str, paths)),
            fix="Run lm_eval with --log_samples and --output_path.",
        )
    table = pl.DataFrame(rows, schema={"model": pl.String, "item": pl.String, "response": pl.Float64}, orient="row")
    return Outcome(responses=together(table), refused=refused, n_files=n_files)


def _files(paths: Iterable[Path], ending: str) -> Iterator[tuple[str, bytes]]:
    start = "results" if ending == ".json" else "samples"
    for path in paths:
        for name, content in archive.contents(path, ending):
            if path.is_file() or PurePosixPath(name).name.startswith(start):
                yield (str(path.parent.name / Path(name)) if path.is_file() else name), content


def _results(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise LeadtimeError(f"is not JSON ({error})") from None
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("results"), dict)
        or not all(isinstance(v, dict) for v in given["results"].values())
    ):
        raise LeadtimeError("has no results by task")
    return given


def _model_name(given: Mapping[str, Any]) -> str:
    config = given.get("config")
    arguments = config.get("model_args") if isinstance(config, dict) else None
    text = arguments if isinstance(arguments, str) else ""
    if isinstance(arguments, dict):
        text = f"pretrained={arguments.get('pretrained') or arguments.get('model') or ''}"
    named = re.search(r"(?:pretrained|model)=([^,]+)", text)
    return str(given.get("model_name") or (named[1] if named else "") or "").rstrip("/")


def _day(given: Mapping[str, Any]) -> str | None:
    date = given.get("date")
    try:
        if isinstance(date, int | float) and not isinstance(date, bool):
            return str(dt.datetime.fromtimestamp(date, tz=dt.UTC).date())
        return str(dt.date.fromisoformat(str(date)[:10]))
    except (ValueError, OverflowError, OSError):
        return None


def _metric(found: Mapping[str, Any], metrics: Iterable[str]) -> tuple[str | None, Any, Any]:
    for metric in metrics:
        for which in (*rules()["filters"], ""):
            name = f"{metric},{which}" if which else metric
            if name in found:
                return name, found[name], found.get(f"{metric}_stderr,{which}" if which else f"{metric}_stderr")
    return None, None, None


def _number(value: Any) -> str | None:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _setting(given: Mapping[str, Any], task: str) -> str | None:
    shots = (given.get("n-shot") or {}).get(task)
    words = [f"{shots}-shot"] if isinstance(shots, int) else []
    count = (given.get("n-samples") or {}).get(task)
    limited = isinstance(given.get("config"), dict) and given["config"].get("limit") is not None
    part = isinstance(count, dict) and count.get("effective") != count.get("original")
    return "+".join([*words, *(["subset"] if limited or part else [])]) or None


def _of_file(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    task = _STAMP.sub("", path.stem.removeprefix("samples_"))
    return path.parent.name.replace("__", "/") or "unnamed", task


def _sample(text: bytes) -> tuple[Any, float] | None:
    """Return the item and the response of a line; None where it is of a filter that is not taken."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise LeadtimeError("is not JSON") from None
    if not isinstance(given, dict) or "doc_id" not in given:
        raise LeadtimeError("is no sample: it has no doc_id")
    # with two filters each item is there twice; the later in the list is the rest of the run
    if given.get("filter", "none") not in ("none", "strict-match", "custom-extract", "get_response", "create_test"):
        return None
    value = next((given[m] for m in rules()["responses"] if m in given), None)
    if not isinstance(value, int | float):
        raise LeadtimeError(f"has none of the metrics {', '.join(rules()['responses'][:5])}, as a number")
    if not 0 <= value <= 1:
        raise LeadtimeError(f"has the response {value:g}; expected 0 to 1")
    return given["doc_id"], float(value)
