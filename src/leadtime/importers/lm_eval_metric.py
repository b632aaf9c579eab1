"""What a task of lm-evaluation-harness came to: its metric, the way answers were read, and the setting."""

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from leadtime import json_text
from leadtime.errors import LeadtimeError
from leadtime.importers.lm_eval_run import rules

MOST_SHOTS, MOST_SAMPLES = 10_000, 10**9
_MOST_FILTER = 200
#: Two ways of reading the same answers that differ by more measure the reading, not the model.
APART = 0.05
_SAMPLED = re.compile(r"maj@\d+|best@\d+|pass@(?!1$)\d+")


class Filter(NamedTuple):
    """The way of reading answers that counts.

    `told` says that another gives something else, `doubt` why someone has to decide; both are empty where all is clear.
    """

    name: str
    told: str = ""
    doubt: str = ""


class Score(NamedTuple):
    """A score as it is written, and by which metric and filter; `told` and `doubt` are of the filter."""

    metric: str
    filter: str
    value: str
    se: str | None
    told: str = ""
    doubt: str = ""

    @property
    def name(self) -> str:
        """The metric as the file calls it."""
        return f"{self.metric},{self.filter}" if self.filter else self.metric


def score_of(given: Mapping[str, Any], task: str, metrics: Sequence[str], wanted: str) -> Score:
    """Return what a task, or a group of tasks, came to.

    Args:
        given: The file of results.
        task: The task.
        metrics: The metrics that count, the first that is there.
        wanted: The filter that was asked for, or nothing.

    Raises:
        LeadtimeError: None of the metrics has a number.
    """
    found = given["results"][task]
    for metric in metrics:
        values = _by_filter(found, metric)
        if values:
            chosen, told, doubt = chosen_filter({f: _float(v) for f, v in values.items()}, wanted)
            value, name = number(values[chosen]), f"{metric},{chosen}" if chosen else metric
            if value is None:
                raise LeadtimeError(f"has a value of {name} that is not a number")
            se = found.get(f"{metric}_stderr,{chosen}" if chosen else f"{metric}_stderr")
            return Score(metric, chosen, value, number(se), told, doubt)
    parts = _deep(given, task)
    if parts != [task]:
        return _pooled(given, [(t, score_of(given, t, metrics, wanted)) for t in parts])
    raise LeadtimeError(f"has none of the metrics {', '.join(metrics)}")


def subjects(given: Mapping[str, Any], wanted: str) -> tuple[Score, int] | None:
    """Return the mean over the subjects of MMLU in a file of version 0.3, and how many there are, or None if it has
    none.
    """
    rule = rules()["subjects"]
    there = [t for t in given["results"] if t.startswith(rule["start"])]
    if not there:
        return None
    parts = [score_of(given, t, rule["metrics"], wanted) for t in there]
    errors = [float(p.se) for p in parts if p.se is not None]
    se = math.sqrt(sum(e * e for e in errors)) / len(parts) if len(errors) == len(parts) else None
    mean = sum(float(p.value) for p in parts) / len(parts)
    return Score(parts[0].metric, "", f"{mean:.10g}", None if se is None else f"{se:.10g}"), len(parts)


def chosen_filter(values: Mapping[str, float | None], wanted: str) -> Filter:
    """Return the filter that counts, of those by which answers were read.

    Args:
        values: Filter to what came out, or None if that is no number.
        wanted: The filter that was asked for, or nothing.
    """
    first = next(iter(values))
    if len(values) == 1:
        return Filter(first)
    if wanted and wanted in values:
        return Filter(wanted)
    given = ", ".join(f"{f or 'no filter'} {v:.4g}" for f, v in values.items() if v is not None)[:300]
    fix = f"--filter says which counts, such as --filter {first}"
    usual = next((f for f in rules()["filters"] if f in values), None)
    if usual is None:
        return Filter(first, doubt=f"answers were read in several ways ({given}), none of them the usual one: {fix}")
    mine = values[usual]
    others = [v for f, v in values.items() if v is not None and f != usual and not _SAMPLED.search(f)]
    far = max((abs(v - mine) for v in others), default=0.0) if mine is not None else 0.0
    if mine is None or far <= APART:
        return Filter(usual)
    if mine < max(others) / 2:
        return Filter(usual, doubt=f"answers were read in several ways that differ by much ({given}): {fix}")
    return Filter(
        usual, told=f"answers were read in several ways that differ by much ({given}): {usual} is taken; {fix}"
    )


def setting(given: Mapping[str, Any], task: str, score: Score, word: str) -> str | None:
    """Return how a task was run: shots, what its rule says of it, sampling, and whether on all of its samples.

    Raises:
        LeadtimeError: Shots or samples are not numbers.
    """
    parts = _deep(given, task)
    shots = _shots(given, task, parts)
    counts = [c for t in parts if (c := by_task(given, "n-samples", t)) is not None]
    if not all(isinstance(c, dict) for c in counts):
        raise LeadtimeError("has an n-samples that is not by original and effective")
    config = given["config"] if isinstance(given.get("config"), dict) else {}
    part = config.get("limit") is not None or any(c.get("effective") != c.get("original") for c in counts)
    sampled = _SAMPLED.search(score.filter) or _SAMPLED.search(score.metric)
    words = [
        *([] if shots is None else [f"{shots}-shot"]),
        *([word] if word else []),
        *([sampled[0]] if sampled else []),
        *(["subset"] if part else []),
    ]
    return "+".join(words) or None


def number(value: Any) -> str | None:
    """Return a number as it is written; None for anything else that JSON may hold, and what is not finite."""
    with contextlib.suppress(OverflowError):
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return str(value)
    return None


def by_task(given: Mapping[str, Any], name: str, task: str) -> Any:
    """Return what a part of the file says of a task.

    Raises:
        LeadtimeError: That part is not by task.
    """
    found = given.get(name)
    if not (found is None or isinstance(found, dict)):
        raise LeadtimeError(f"is in a file whose {name} is not by task")
    return found.get(task) if found else None


def _by_filter(found: Mapping[str, Any], metric: str) -> dict[str, Any]:
    """Return the values of a metric by filter; in version 0.3 there was none.

    Raises:
        LeadtimeError: The name of a filter is not text.
    """
    start = f"{metric},"
    values = {k.removeprefix(start): v for k, v in found.items() if k.startswith(start)}
    if not all(json_text.is_text(f, most=_MOST_FILTER) for f in values):
        raise LeadtimeError("has a filter that is not text")
    return values or ({"": found[metric]} if metric in found else {})


def _float(value: Any) -> float | None:
    text = number(value)
    return None if text is None else float(text)


def _subtasks(given: Mapping[str, Any], task: str) -> list[str]:
    """Return the tasks of a group, all of which are in the file; none if it is no such group."""
    found = given.get("group_subtasks")
    inner = found.get(task) if isinstance(found, dict) else None
    names = inner if isinstance(inner, list) else []
    return names if all(isinstance(n, str) and n in given["results"] for n in names) else []


def parts_of(given: Mapping[str, Any], task: str) -> set[str]:
    """Return all tasks and groups below a group, at any depth."""
    seen, left = {task}, [task]
    while left:
        inner = [n for n in _subtasks(given, left.pop()) if n not in seen]
        seen.update(inner)
        left += inner
    return seen - {task}


def _deep(given: Mapping[str, Any], task: str) -> list[str]:
    """Return the tasks that a task is made of at last: itself, where it is no group."""
    below = parts_of(given, task)
    return sorted(t for t in below if not _subtasks(given, t)) or [task]


def _pooled(given: Mapping[str, Any], parts: Sequence[tuple[str, Score]]) -> Score:
    """Return the mean of the tasks of a group, by how many samples each has: the harness leaves it out of
    some groups.
    """
    sizes, values, errors, first = [], [], [], None
    for task, part in parts:
        first = first or part
        if (part.metric, part.filter) != (first.metric, first.filter):
            raise LeadtimeError("is a group whose tasks have several metrics")
        count = by_task(given, "n-samples", task)
        size = count.get("effective") if isinstance(count, dict) else None
        if type(size) is not int or not 0 < size < MOST_SAMPLES:
            raise LeadtimeError(
                "is a group without a score of its own, and nothing says how many samples its tasks have"
            )
        sizes.append(size)
        values.append(float(part.value))
        errors.append(None if part.se is None else float(part.se))
    assert first is not None
    n = sum(sizes)
    mean = sum(s * v for s, v in zip(sizes, values, strict=True)) / n
    se = None
    if all(e is not None for e in errors):
        se = math.sqrt(sum((s * e) ** 2 for s, e in zip(sizes, errors, strict=True) if e is not None)) / n
    told, doubt = (next((getattr(s, k) for _, s in parts if getattr(s, k)), "") for k in ("told", "doubt"))
    return Score(first.metric, first.filter, f"{mean:.10g}", None if se is None else f"{se:.10g}", told, doubt)


def _shots(given: Mapping[str, Any], task: str, parts: Sequence[str]) -> int | None:
    """Return the shots of a task: its own, those of all its tasks where they agree, or those of the whole run."""
    said = [by_task(given, "n-shot", t) for t in (task, *parts)]
    for shots in said:
        if not (shots is None or (type(shots) is int and 0 <= shots <= MOST_SHOTS)):
            raise LeadtimeError("has an n-shot that is not a number of shots")
    if said[0] is not None and (said[0] or parts == [task]):
        return int(said[0])
    inner = {s for s in said[1:] if s is not None}
    if len(inner) == 1:
        return int(inner.pop())
    config = given["config"] if isinstance(given.get("config"), dict) else {}
    whole = config.get("num_fewshot")
    return whole if given.get("n-shot") is None and type(whole) is int and 0 <= whole <= MOST_SHOTS else None
