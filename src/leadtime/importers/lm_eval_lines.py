"""The lines of one file of samples of lm-evaluation-harness: item to response, for each filter of the answers."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadtime import json_text
from leadtime.errors import LeadtimeError
from leadtime.importers.lm_eval_metric import by_task, number
from leadtime.importers.lm_eval_run import Run, rules
from leadtime.importers.outcome import Refused

#: A file of samples may have so many bytes in a line, and so many lines that cannot be used.
MOST_LINE, MOST_REFUSED = 50_000_000, 100_000
#: The mean of answers and the score that the file of results gives may differ by so much.
_SAME = 5e-4

Item = int | str
Responses = dict[Item, float]


def read_lines(
    content: bytes, name: str, task: str, run: Run | None
) -> tuple[dict[str, Responses], list[Refused], int]:
    """Return filter to item to response, the lines that are none, and how many only repeat an answer, by filters that
    the file does not name.

    Args:
        content: The file: an object a line, or one list of objects as 0.4.0 to 0.4.2 wrote it.
        name: Its name.
        task: The task that was answered.
        run: The run, where a file of results beside it tells.

    Raises:
        LeadtimeError: Too many lines are none; or items are there more than once, and it cannot be told by which
            filter.
    """
    found: dict[str, dict[Item, list[float]]] = {}
    refused: list[Refused] = []
    rule = rules()["tasks"].get(task)
    metrics = (*(rule["metrics"] if rule else ()), *rules()["responses"])
    metric = ""
    for line, text in _lines(content):
        try:
            item, which, metric, value = _sample(text, metrics)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row=f"row {line}", reason=error.what))
            if len(refused) > MOST_REFUSED:
                raise LeadtimeError(f"has more than {MOST_REFUSED:,} lines that cannot be used") from None
            continue
        values = found.setdefault(which, {}).setdefault(item, [])
        values.append(value)
        if which and len(values) > 1:
            why = f"is a second answer to item {str(item)[:40]} by the same filter"
            refused.append(Refused(file=name, row=f"row {line}", reason=why))
    named: dict[str, Responses] = {w: {i: v[0] for i, v in items.items()} for w, items in found.items() if w}
    unnamed = found.get("", {})
    if not unnamed:
        return named, refused, 0
    ordered = _by_order(unnamed, _order(task, run, metric), _scores(task, run, metric))
    alike = sum(map(len, unnamed.values())) - sum(map(len, ordered.values()))
    return named | ordered, refused, alike


def _by_order(
    found: Mapping[Item, Sequence[float]], names: Sequence[str], scores: Mapping[str, float]
) -> dict[str, Responses]:
    """Return filter to item to response where lines name no filter: before 0.4.7 they stood one filter after the other.

    Args:
        found: Item to its responses in their order.
        names: The filters in their order, as far as they are known.
        scores: Filter to the score that the results give.
    """
    n = len(next(iter(found.values())))
    if any(len(v) != n for v in found.values()):
        raise LeadtimeError("has some items more often than others, and does not name the filter")
    if n == 1:
        return {names[0] if len(names) == 1 else "": {i: v[0] for i, v in found.items()}}
    if len(names) != n:
        if all(len(set(v)) == 1 for v in found.values()):
            return {"": {i: v[0] for i, v in found.items()}}
        what = f"has each item {n} times, and does not name the filter"
        raise LeadtimeError(f"{what}: versions before 0.4.7 did not, so put the file of results of that run beside it")
    by_name = {name: {i: v[k] for i, v in found.items()} for k, name in enumerate(names)}
    for name, values in by_name.items():
        if name in scores and abs(sum(values.values()) / len(values) - scores[name]) > _SAME:
            raise LeadtimeError(f"does not agree with the results beside it, in which {name} is {scores[name]:.4g}")
    return by_name


def _order(task: str, run: Run | None, metric: str) -> list[str]:
    """Return the filters of a task in the order in which the harness took them, as far as that is known."""
    if run is not None:
        config = by_task(run.given, "configs", task)
        listed = config.get("filter_list") if isinstance(config, dict) else None
        if isinstance(listed, list) and listed:
            names = [f.get("name") if isinstance(f, dict) else None for f in listed]
            return [str(n) for n in names if json_text.is_text(n, most=200)]
        return list(_of_metric(task, run, metric))
    return list(rules()["unnamed"].get(task, ()))


def _scores(task: str, run: Run | None, metric: str) -> dict[str, float]:
    values = {f: number(v) for f, v in _of_metric(task, run, metric).items()} if run is not None else {}
    return {f: float(v) for f, v in values.items() if v is not None}


def _of_metric(task: str, run: Run, metric: str) -> dict[str, Any]:
    """Return filter to what a task came to by a metric, in the order of the file."""
    start = f"{metric},"
    given = run.given["results"].get(task) or {}
    found = {k.removeprefix(start): v for k, v in given.items() if metric and k.startswith(start)}
    return {k: v for k, v in found.items() if json_text.is_text(k, most=200)}


def _lines(content: bytes) -> Iterator[tuple[int, Any]]:
    """Yield number and content of each line; of a file that is one list, number and content of each of its entries."""
    if content.lstrip()[:1] == b"[":
        try:
            given = json_text.parsed(content, numbers_alone=False)
        except LeadtimeError:
            given = None
        if isinstance(given, list) and all(isinstance(g, dict) for g in given):
            yield from enumerate(given, 1)
            return
    for line, text in enumerate(io.BytesIO(content), 1):
        if text.strip():
            yield line, text


def _sample(given: Any, metrics: Sequence[str]) -> tuple[Item, str, str, float]:
    """Return the item, the filter, the metric and the response of a line."""
    if isinstance(given, bytes):
        if len(given) > MOST_LINE:
            raise LeadtimeError(f"has more than {MOST_LINE:,} bytes")
        try:
            given = json_text.parsed(given, numbers_alone=False)
        except LeadtimeError as error:
            raise LeadtimeError("is not JSON" if error.what.startswith("is not valid") else error.what) from None
    if not isinstance(given, dict) or "doc_id" not in given:
        raise LeadtimeError("is not a sample: it has no doc_id")
    item, which = given["doc_id"], given.get("filter", "")
    if type(item) is not int and not json_text.is_text(item):
        raise LeadtimeError("has a doc_id that is neither a number nor a text")
    if which != "" and not json_text.is_text(which, most=200):
        raise LeadtimeError("has a filter that is not text")
    metric = next((m for m in metrics if m in given), "")
    value = given.get(metric)
    if not isinstance(value, int | float):
        raise LeadtimeError(f"has none of the metrics {', '.join(dict.fromkeys(metrics[:5]))}, as a number")
    if not 0 <= value <= 1:
        raise LeadtimeError(f"has the response {str(value)[:20]}; expected 0 to 1")
    return item, which, metric, float(value)
