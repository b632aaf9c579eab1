"""Every Eval Ever's two schemas: scores of one model in a JSON file, and its answers to single questions in
JSON lines.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from leadtime.brought.found import Found
from leadtime.errors import LeadtimeError

#: Kinds of metric that are a share of right answers, in the schema's words and those of its converters.
_RIGHT = (
    "accuracy",
    "acc",
    "exact_match",
    "exactmatch",
    "pass_rate",
    "pass@1",
    "score",
    "mean",
    "resolved",
    "solve_rate",
    "win_rate",
)
_RELATIONS = {"first_party": "vendor", "third_party": "independent"}


def is_scores(given: Any) -> bool:
    """Return whether JSON is a file of scores."""
    return isinstance(given, dict) and {"evaluation_results", "model_info"} <= set(given)


def is_answer(given: Any) -> bool:
    """Return whether a line of JSON is an answer to one question."""
    return isinstance(given, dict) and {"evaluation_id", "sample_id", "evaluation"} <= set(given)


def scores(given: Mapping[str, Any], found: Found) -> None:
    """Add the scores of a file.

    Raises:
        LeadtimeError: It does not name the model, or its results are not a list.
    """
    model = given["model_info"].get("id") if isinstance(given["model_info"], dict) else None
    results = given["evaluation_results"]
    if not isinstance(model, str) or not model.strip():
        raise LeadtimeError("does not name the model in model_info.id", where=found.file)
    if not isinstance(results, list) or not all(isinstance(r, dict) for r in results):
        raise LeadtimeError("evaluation_results is not a list of results", where=found.file)
    source = _part(given, "source_metadata")
    left: list[str] = []
    times = Counter(str(r.get("evaluation_name")) for r in results)
    right = Counter(str(r.get("evaluation_name")) for r in results if _is_right(_kind(r)))
    for n, result in enumerate(results, 1):
        name, metric = result.get("evaluation_name"), _part(result, "metric_config")
        if not isinstance(name, str) or not name.strip():
            found.refuse(n, "evaluation_name", name, "the name of a test")
            continue
        kind = _kind(result)
        usual = times[name] == 1 or (right[name] == 1 and _is_right(kind))
        scale = _scale(metric)
        if scale not in ("share", "percent", None):
            left.append(f"{name} ({scale})")
            continue
        details = _part(result, "score_details")
        error = _part(_part(details, "uncertainty"), "standard_error").get("value")
        found.add(
            n,
            name,
            model,
            name if usual else f"{name} ({kind or n})",
            details.get("score"),
            in_percent=None if scale is None else scale == "percent",
            se=_divided(error, scale == "percent"),
            setting=None if usual else kind or str(n),
            day=day_of(result.get("evaluation_timestamp") or given.get("evaluation_timestamp")),
            organization=name if isinstance(name := source.get("source_organization_name"), str) else None,
            relation=_RELATIONS.get(str(source.get("evaluator_relationship"))),
            locator=f"evaluation_results {n}: {name}",
        )
    if left:
        more = f" and {len(left) - 6} more" if len(left) > 6 else ""
        found.notes.append(f"Left out, since they are not shares of right answers: {', '.join(left[:6])}{more}.")


def answer(given: Mapping[str, Any], n: int, found: Found, metric: str) -> None:
    """Add one answer, of the metric that is wanted where one is."""
    evaluation, of = _part(given, "evaluation"), str(given.get("evaluation_result_id") or "")
    model, test, item = (given.get(k) for k in ("model_id", "evaluation_name", "sample_id"))
    for column, value in (("model_id", model), ("evaluation_name", test), ("sample_id", item)):
        if not isinstance(value, str) or not value.strip():
            return found.refuse(n, column, value, "a name")
    if metric and of and not of.endswith(metric):
        return None
    if given.get("error"):
        return found.refuse(n, "error", given["error"], "an answer; this one ended in an error")
    return found.add(n, "evaluation.score", str(model), f"{test}/{item}", evaluation.get("score"), setting=of or None)


def require_one_metric(found: Found) -> None:
    """Refuse answers of which one question is marked by several metrics: their mean would be none of them.

    Raises:
        LeadtimeError: There are several, and which.
    """
    marks: dict[tuple[str, str], set[str]] = {}
    for row in found.rows:
        marks.setdefault((row["model"], row["test"]), set()).add(row.get("setting") or "")
    several = next((m for m in marks.values() if len(m) > 1), None)
    if several:
        fix = "Choose one with `leadtime import results ... --metric`, by the end of its evaluation_result_id."
        raise LeadtimeError(
            f"scores one question by several metrics: {', '.join(sorted(several))[:200]}", where=found.file, fix=fix
        )


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    return value if isinstance(value, dict) else {}


def _kind(result: Mapping[str, Any]) -> str:
    metric = _part(result, "metric_config")
    return str(metric.get("metric_id") or metric.get("metric_name") or metric.get("metric_kind") or "")


def _is_right(kind: str) -> bool:
    return kind.casefold().rsplit(".", 1)[-1] in _RIGHT


def _scale(metric: Mapping[str, Any]) -> str | None:
    """Return `share`, `percent`, None if it is not told; else what it is, in words."""
    if metric.get("lower_is_better") is True:
        return "less is better"
    unit = str(metric.get("metric_unit") or "").casefold()
    if unit in ("percent", "percentage", "%"):
        return "percent"
    if unit in ("proportion", "fraction", "share", "ratio"):
        return "share"
    low, high = (_limit(metric.get(k)) for k in ("min_score", "max_score"))
    if low is None or high is None:
        return None if not unit or unit == "points" else f"in {unit}"
    if (low, high) in ((0, 1), (0, 100)):
        return "share" if high == 1 else "percent"
    return f"{low:g} to {high:g}"


def _limit(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return math.nan


def _divided(value: Any, percent: bool) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return f"{value / 100 if percent else value:.10g}" if number else None


def day_of(value: Any) -> str | None:
    """Return the day of a time, in Unix seconds or as ISO 8601 has it, or None if it is neither."""
    text = str(value or "")
    try:
        if text.replace(".", "", 1).isdigit():
            return str(dt.datetime.fromtimestamp(float(text), tz=dt.UTC).date())
        return str(dt.date.fromisoformat(text[:10]))
    except (ValueError, OverflowError, OSError):
        return None
