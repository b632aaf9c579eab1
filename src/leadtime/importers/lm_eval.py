"""Results and samples of lm-evaluation-harness: to scores of benchmarks, or to responses to items."""

import contextlib
import datetime as dt
import functools
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from leadtime import json_text
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers import archive
from leadtime.importers.names import Names
from leadtime.importers.outcome import Note, Outcome, Refused, together
from leadtime.importers.rows import Sorted, candidates, sort_out

#: A file of results may have so many bytes and tasks; a file of samples so many bytes in a line, and so many lines that cannot be used.
MOST_RESULTS, MOST_TASKS, MOST_LINE, MOST_REFUSED = 50_000_000, 10_000, 50_000_000, 100_000
MOST_SHOTS = 10_000
_BLOCK_ROWS = 100_000
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
            called = _model_name(given)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row="", reason=error.what))
            continue
        model, _ = names.model(called)
        day = _day(given)
        for task, found in given["results"].items():
            rule = rules()["tasks"].get(task)
            if rule is None:
                notes.append(Note(name, f"no rule for the task {task[:80]!r}"))
                continue
            try:
                metric, value, se = _metric(found, rule["metrics"])
                setting = _setting(given, task)
            except LeadtimeError as error:
                refused.append(Refused(file=name, row=f"task {task}", reason=error.what))
                continue
            by = "vendor" if developer.get(model or "") == evaluator else "independent"
            rows.append({
                "model": model or called, "benchmark": rule["benchmark"], "score": value, "se": se, "setting": setting,
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
    tables = [_table([])]
    refused: list[Refused] = []
    n_files = 0
    for name, content in _files(paths, ".jsonl"):
        n_files += 1
        try:
            found, bad = _samples(name, content)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row="", reason=error.what))
        else:
            tables += found
            refused += bad
    if not n_files:
        raise LeadtimeError(
            "no samples_*.jsonl was found",
            where=", ".join(map(str, paths)),
            fix="Run lm_eval with --log_samples and --output_path.",
        )
    return Outcome(responses=together(pl.concat(tables)), refused=refused, n_files=n_files)


def _files(paths: Iterable[Path], ending: str) -> Iterator[tuple[str, bytes]]:
    start = "results" if ending == ".json" else "samples"
    for path in paths:
        for name, content in archive.contents(path, ending):
            if path.is_file() or PurePosixPath(name).name.startswith(start):
                yield (archive.legible(str(path.parent.name / Path(name))) if path.is_file() else name), content


def _results(content: bytes) -> dict[str, Any]:
    if len(content) > MOST_RESULTS:
        raise LeadtimeError(f"has more than {MOST_RESULTS:,} bytes")
    given = json_text.parsed(content, numbers_alone=False)
    found = given.get("results") if isinstance(given, dict) else None
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise LeadtimeError("has no results by task")
    if len(found) > MOST_TASKS:
        raise LeadtimeError(f"has more than {MOST_TASKS:,} tasks")
    return {**given, "results": found}


def _model_name(given: Mapping[str, Any]) -> str:
    """Return what the file calls its model; empty where it does not say."""
    config = given.get("config")
    arguments = config.get("model_args") if isinstance(config, dict) else None
    text = arguments if isinstance(arguments, str) else ""
    if isinstance(arguments, dict):
        text = f"pretrained={arguments.get('pretrained') or arguments.get('model') or ''}"
    named = re.search(r"(?:pretrained|model)=([^,]+)", text)
    name = given.get("model_name") or (named[1] if named else "")
    if name and not json_text.is_text(name):
        raise LeadtimeError("names a model that is no text")
    return str(name or "").rstrip("/")


def _day(given: Mapping[str, Any]) -> str | None:
    date = given.get("date")
    try:
        if isinstance(date, int | float) and not isinstance(date, bool):
            return str(dt.datetime.fromtimestamp(date, tz=dt.UTC).date())
        return str(dt.date.fromisoformat(str(date)[:10]))
    except (ValueError, OverflowError, OSError):
        return None


def _metric(found: Mapping[str, Any], metrics: Iterable[str]) -> tuple[str, str, str | None]:
    """Return which metric counts, its value and its standard error."""
    for metric in metrics:
        for which in (*rules()["filters"], ""):
            name = f"{metric},{which}" if which else metric
            if name in found:
                value = _number(found[name])
                if value is None:
                    raise LeadtimeError(f"has a value of {name} that is no number")
                return name, value, _number(found.get(f"{metric}_stderr,{which}" if which else f"{metric}_stderr"))
    raise LeadtimeError(f"has none of the metrics {', '.join(metrics)}")


def _number(value: Any) -> str | None:
    """Return a number as it is written; None for anything else that JSON may hold, and what is not finite."""
    with contextlib.suppress(OverflowError):
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return str(value)
    return None


def _setting(given: Mapping[str, Any], task: str) -> str | None:
    """Return how a task was run: shots, and whether on all of its samples; None where the file does not say."""
    shots, count = _by_task(given, "n-shot", task), _by_task(given, "n-samples", task)
    if not (shots is None or (type(shots) is int and 0 <= shots <= MOST_SHOTS)):
        raise LeadtimeError("has an n-shot that is no number of shots")
    if not (count is None or isinstance(count, dict)):
        raise LeadtimeError("has an n-samples that is not by original and effective")
    limited = isinstance(given.get("config"), dict) and given["config"].get("limit") is not None
    part = count is not None and count.get("effective") != count.get("original")
    words = [*([] if shots is None else [f"{shots}-shot"]), *(["subset"] if limited or part else [])]
    return "+".join(words) or None


def _by_task(given: Mapping[str, Any], name: str, task: str) -> Any:
    found = given.get(name)
    if not (found is None or isinstance(found, dict)):
        raise LeadtimeError(f"is in a file whose {name} is not by task")
    return found.get(task) if found else None


def _of_file(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    task = _STAMP.sub("", path.stem.removeprefix("samples_"))
    return path.parent.name.replace("__", "/") or "unnamed", task


def _samples(name: str, content: bytes) -> tuple[list[pl.DataFrame], list[Refused]]:
    """Return the responses of a file in blocks, and the lines that are none."""
    model, task = _of_file(name)
    found: list[pl.DataFrame] = []
    rows: list[tuple[str, str, float]] = []
    refused: list[Refused] = []
    for line, text in enumerate(io.BytesIO(content), 1):
        if not text.strip():
            continue
        try:
            sample = _sample(text)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row=f"row {line}", reason=error.what))
            if len(refused) > MOST_REFUSED:
                raise LeadtimeError(f"has more than {MOST_REFUSED:,} lines that cannot be used") from None
            continue
        if sample is not None:
            rows.append((model, f"{task}/{sample[0]}", sample[1]))
        if len(rows) == _BLOCK_ROWS:
            found.append(_table(rows))
            rows = []
    return [*found, _table(rows)], refused


def _table(rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"model": pl.String, "item": pl.String, "response": pl.Float64}, orient="row")


def _sample(text: bytes) -> tuple[int | str, float] | None:
    """Return the item and the response of a line; None where it is of a filter that is not taken."""
    if len(text) > MOST_LINE:
        raise LeadtimeError(f"has more than {MOST_LINE:,} bytes")
    try:
        given = json_text.parsed(text, numbers_alone=False)
    except LeadtimeError as error:
        raise LeadtimeError("is not JSON" if error.what.startswith("is not valid") else error.what) from None
    if not isinstance(given, dict) or "doc_id" not in given:
        raise LeadtimeError("is no sample: it has no doc_id")
    item = given["doc_id"]
    if type(item) is not int and not json_text.is_text(item):
        raise LeadtimeError("has a doc_id that is neither a number nor a text")
    # with two filters each item is there twice; the later in the list is the rest of the run
    if given.get("filter", "none") not in ("none", "strict-match", "custom-extract", "get_response", "create_test"):
        return None
    value = next((given[m] for m in rules()["responses"] if m in given), None)
    if not isinstance(value, int | float):
        raise LeadtimeError(f"has none of the metrics {', '.join(rules()['responses'][:5])}, as a number")
    if not 0 <= value <= 1:
        raise LeadtimeError(f"has the response {str(value)[:20]}; expected 0 to 1")
    return item, float(value)
