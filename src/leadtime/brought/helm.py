"""HELM's files of one run: `per_instance_stats.json`, with what was run in the `run_spec.json` beside it."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from leadtime import json_text
from leadtime.brought.found import Found
from leadtime.errors import LeadtimeError

INSTANCES, SPEC = "per_instance_stats.json", "run_spec.json"
#: A file of instances may have so many bytes: all of it is read at once.
MOST_BYTES = 200_000_000
_MODEL = re.compile(r"(?:^|(?<=[:,]))(?:model|model_deployment)=[^,]*,?")


@functools.cache
def rules() -> Mapping[str, Any]:
    """Return which metric HELM shows for each of its scenarios, and which others are a share of right answers."""
    found: Mapping[str, Any] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("helm.yaml").read_text("utf-8")
    )
    return found


def is_instances(given: Any) -> bool:
    """Return whether JSON is a file of instances."""
    return (
        isinstance(given, list)
        and bool(given)
        and isinstance(given[0], dict)
        and {"instance_id", "stats"} <= set(given[0])
    )


def answers(given: list[Any], spec: bytes | None, found: Found, metric: str) -> None:
    """Add the answers of a run, by one metric.

    Raises:
        LeadtimeError: There is no file beside it that says what was run, or which of several metrics counts is not
            told.
    """
    model, task, groups = _run(spec, found.file)
    stats: list[tuple[int, str, dict[str, float]]] = []
    n_changed = 0
    for n, one in enumerate(given, 1):
        if (
            not isinstance(one, dict)
            or not isinstance(one.get("instance_id"), str)
            or not isinstance(one.get("stats"), list)
        ):
            found.refuse(
                n,
                "instance_id",
                one if not isinstance(one, dict) else one.get("instance_id"),
                "an instance with its stats",
            )
            continue
        changed = one.get("perturbation") is not None
        n_changed += changed
        if not changed:
            stats.append((n, one["instance_id"], _values(one["stats"])))
    name = _metric([values for _, _, values in stats], groups, metric, found.file)
    for n, item, values in stats:
        if name in values:
            found.add(n, name, model, f"{task}/{item}", values[name], in_percent=False)
        else:
            found.refuse(n, name, "nothing", "a value of this metric")
    found.notes.append(f"{task}: the metric is {name}.")
    if n_changed:
        found.notes.append(f"{n_changed:,} instances whose wording HELM changed to test robustness are left out.")


def _run(spec: bytes | None, file: str) -> tuple[str, str, list[str]]:
    """Return model, name of the run without the model, and groups, as a run's specification has them."""
    fix = f"Give the folder of the run, with {SPEC} in it."
    if spec is None:
        raise LeadtimeError(f"there is no {SPEC} beside it, so nobody can tell what was run", where=file, fix=fix)
    given = json_text.parsed(spec, where=f"{SPEC} beside {file}", numbers_alone=False)
    adapter = given.get("adapter_spec") if isinstance(given, dict) else None
    model = adapter.get("model") or adapter.get("model_deployment") if isinstance(adapter, dict) else None
    name = given.get("name") if isinstance(given, dict) else None
    if not json_text.is_text(model) or not json_text.is_text(name):
        raise LeadtimeError(f"the {SPEC} beside it does not name the model or the run", where=file, fix=fix)
    groups = [g for g in given.get("groups") or [] if isinstance(g, str)]
    return str(model), _MODEL.sub("", str(name)).rstrip(",:"), [*groups, str(name).split(":")[0]]


def _values(stats: list[Any]) -> dict[str, float]:
    """Return the mean of each metric that has one, on the wording as it is."""
    found: dict[str, float] = {}
    for stat in stats:
        name = stat.get("name") if isinstance(stat, dict) else None
        if not isinstance(name, dict) or name.get("perturbation") is not None or not isinstance(name.get("name"), str):
            continue
        mean = stat.get(
            "mean",
            stat["sum"] / stat["count"] if _numbers(stat.get("sum"), stat.get("count")) and stat["count"] else None,
        )
        if _numbers(mean):
            found[name["name"]] = float(mean)
    return found


def _numbers(*values: Any) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _metric(stats: list[dict[str, float]], groups: list[str], wanted: str, file: str) -> str:
    """Return the metric that counts: the one that is wanted, HELM's for the scenario, else the only one that is a share
    of right answers.
    """
    there = {name for values in stats for name in values}
    if wanted:
        if wanted not in there:
            raise LeadtimeError(
                f"has no metric {wanted!r}", where=file, fix=f"It has {', '.join(sorted(there))[:400]}."
            )
        return wanted
    shown = next((m for g in groups for m in rules()["shown"].get(g, ()) if m in there), None)
    if shown:
        return str(shown)
    could = [m for m in rules()["right"] if m in there]
    if len(could) > 1 and all(len({values.get(m) for m in could}) == 1 for values in stats):
        could = could[:1]
    if len(could) == 1:
        return str(could[0])
    what = (
        f"which metric counts is not told: {', '.join(could)} differ"
        if could
        else "has no metric that is known as a share of right answers"
    )
    fix = f"Choose one with `leadtime import results ... --metric`: {', '.join(sorted(there))[:300]}."
    raise LeadtimeError(what, where=file, fix=fix)
