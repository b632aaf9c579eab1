"""A hub's `.eval_results/*.yaml`: scores of the model in whose repository they stand."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from leadtime.brought.columns import find
from leadtime.brought.every_eval import day_of
from leadtime.brought.found import Found
from leadtime.errors import LeadtimeError
from leadtime.evidence import yaml_text

FOLDER = ".eval_results"
#: Notes that say no more than that nothing unusual was done.
_USUAL = ("no tools", "no-tools", "without tools", "w/o tools")
_FIX = "Expected a list of results, each with dataset (id, perhaps task_id) and value."


def model_of(path: str) -> str:
    """Return the model in whose folder a file lies: `org__model/.eval_results`, `org/model/.eval_results`, or a cache
    of the hub.

    Raises:
        LeadtimeError: It lies in none.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    above = parts[: len(parts) - 1 - parts[::-1].index(FOLDER)] if FOLDER in parts else parts[:-1]
    cached = next((p for p in above[::-1] if re.match(r"models--\w", p)), None)
    if cached:
        return cached.removeprefix("models--").replace("--", "/", 1)
    last = above[-1] if above else ""
    if not re.search(r"\w", last) or FOLDER not in parts:
        fix = f"Keep the path that the hub uses: MODEL/{FOLDER}/name.yaml, where MODEL is such as org__model."
        raise LeadtimeError("it does not say which model its results are for", fix=fix)
    return last.replace("__", "/", 1)


def records(text: str, file: str) -> list[dict[str, Any]]:
    """Return the rows of a YAML file that is a table: a list of records that each name a model; nothing for another.

    Raises:
        LeadtimeError: It is no YAML.
    """
    given = yaml_text.parse(text, file, fix=_FIX)
    rows = given if isinstance(given, list) else []
    if not rows or not all(isinstance(r, Mapping) and find(list(map(str, r)), "model") for r in rows):
        return []
    return [{str(k): v if isinstance(v, int | float | None) else str(v) for k, v in r.items()} for r in rows]


def scores(text: str, model: str, found: Found) -> None:
    """Add the results of a file.

    Raises:
        LeadtimeError: It is not YAML, or not a list of results.
    """
    given = yaml_text.parse(text, found.file, fix=_FIX)
    if not isinstance(given, list):
        raise LeadtimeError("does not contain a list of results", where=found.file, fix=_FIX)
    for n, result in enumerate(given, 1):
        entry = result if isinstance(result, Mapping) else {}
        data: Any = entry.get("dataset")
        data = data if isinstance(data, Mapping) else {}
        name = data.get("id")
        if not isinstance(name, str) or not name.strip():
            found.refuse(n, "dataset.id", name, "the id of a dataset")
            continue
        task = next((str(data[k]) for k in ("task_id", "config") if data.get(k)), "")
        notes = str(entry.get("notes") or "").strip()
        notes = "" if notes.casefold() in _USUAL else notes
        test = f"{name}:{task}" if task and task.casefold() != "default" else name
        source: Any = entry.get("source")
        found.add(
            n,
            "value",
            model,
            f"{test} ({notes})" if notes else test,
            entry.get("value"),
            setting=notes or None,
            day=day_of(entry.get("date")),
            locator=source.get("url") if isinstance(source, Mapping) and isinstance(source.get("url"), str) else None,
        )
