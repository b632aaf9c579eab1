"""Scenarios as files: what ships, what a study folder adds, and what is wrong with a file that is none."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import parts, yaml_text
from leadtime.scenario.levers import FIRST_YEAR, LAST_YEAR, LEVERS, NEXT, RULES, Lever, Scenario, Setting

DATA = Path(__file__).parent / "data"
#: How a file says the first day of the quarter after the study's own.
NEXT_WORDS = "next quarter"


def built_in() -> dict[str, Scenario]:
    """Return the scenarios that ship with the package, by name."""
    return load_folder(DATA, {})


def available(study: Path | None = None) -> dict[str, Scenario]:
    """Return the built-in scenarios and those of a study folder, which may replace them."""
    found = built_in()
    return found if study is None else found | load_all(parts.files(study, "scenarios"), found, within=study)


def load_folder(folder: Path, known: dict[str, Scenario]) -> dict[str, Scenario]:
    """Return the scenarios of a folder of YAML files; see `load_all`."""
    return load_all(sorted(folder.glob("*.yaml")), known)


def load_all(paths: list[Path], known: dict[str, Scenario], *, within: Path | None = None) -> dict[str, Scenario]:
    """Return the scenarios of YAML files; a `base` may be one of them or among those known.

    Raises:
        LeadtimeError: A malformed file (file, key, reason), or bases in a circle.
    """
    raw = {p.stem: (p, read_yaml(p, within=within)) for p in paths}
    done: dict[str, Scenario] = {}

    def build(name: str, above: tuple[str, ...]) -> Scenario:
        if name in done:
            return done[name]
        if name not in raw:
            if name in known:
                return known[name]
            path = raw[above[-1]][0]
            wrong = unknown_name("scenario", name, set(raw) | set(known))
            raise LeadtimeError(wrong.what, where=f"{path}, key base", fix=wrong.fix)
        path, content = raw[name]
        if name in above:
            raise LeadtimeError(
                f"{' -> '.join((*above, name))}: these scenarios are each based on the next, in a circle",
                where=f"{path}, key base",
                fix="Remove one of them.",
            )
        base = build(str(content["base"]), (*above, name)) if content.get("base") else None
        done[name] = _scenario(path, content, base)
        return done[name]

    return {name: build(name, ()) for name in raw}


def load_file(path: Path, known: dict[str, Scenario]) -> Scenario:
    """Return the scenario of one file (see `load_folder`)."""
    content = read_yaml(path)
    base = None
    if content.get("base"):
        if content["base"] not in known:
            wrong = unknown_name("scenario", str(content["base"]), known)
            raise LeadtimeError(wrong.what, where=f"{path}, key base", fix=wrong.fix)
        base = known[content["base"]]
    return _scenario(path, content, base)


def read_yaml(path: Path, *, within: Path | None = None) -> dict[str, Any]:
    """Return the keys of a YAML file, which must lie within a folder.

    Raises:
        LeadtimeError: It cannot be read, or holds no keys.
    """
    content = yaml_text.load(path, fix="A scenario is a YAML file: see docs, scenarios.", within=within)
    if not isinstance(content, dict):
        raise LeadtimeError("does not contain any keys", where=str(path), fix="Expected title, narrative and levers.")
    base = content.get("base")
    if base is not None and not isinstance(base, str):
        raise LeadtimeError(
            f"{base!r} is not the name of a scenario",
            where=f"{path}, key base",
            fix="Name one of `leadtime scenario list`.",
        )
    return content


_KEYS = ("title", "narrative", "base", "rules", "levers", "priors", "changes")


def _scenario(path: Path, content: dict[str, Any], base: Scenario | None) -> Scenario:
    def wrong(key: str, what: str, fix: str) -> LeadtimeError:
        return LeadtimeError(what, where=f"{path}, key {key}", fix=fix)

    for key in content:
        if key not in _KEYS:
            raise wrong(str(key), f"{key!r} is not a key of a scenario", f"Keys: {', '.join(_KEYS)}.")
    for key in ("title", "narrative"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            raise wrong(key, "is missing, or is not text", "Say in words what the scenario is.")
    rules = content.get("rules", base.rules if base else "log")
    if not isinstance(rules, str) or rules not in RULES:
        raise wrong("rules", f"{rules!r} is not known", f"Expected one of {', '.join(RULES)}.")
    levers = dict(base.levers) if base else {}
    given = content.get("levers") or {}
    if not isinstance(given, dict):
        raise wrong(
            "levers", "is not a list of key: value pairs", "Expected lever: value, or lever: a list of {from, value}."
        )
    for name, steps in given.items():
        levers[str(name)] = _steps(name, steps, wrong)
    return Scenario(
        name=path.stem,
        title=content["title"].strip(),
        narrative=" ".join(content["narrative"].split()),
        rules=rules,
        levers=levers,
        priors={**(base.priors if base else {}), **read_priors(content.get("priors") or {}, wrong)},
        changes={**(base.changes if base else {}), **_changes(content.get("changes") or {}, wrong)},
    )


def _change(lever: str, given: Any, key: str, wrong: Any) -> Setting:
    """Return what a rule change sets: a value, or a chip that it opens for sale."""
    if isinstance(given, str):
        return Setting(NEXT, math.nan, None, _chip(lever, {"chip": given}, key, wrong))
    return Setting(NEXT, _value(given, LEVERS[lever], key, wrong))


def _changes(given: Any, wrong: Any) -> dict[str, dict[str, Setting]]:
    from leadtime.rules.hazard import CLASSES

    if not isinstance(given, dict):
        raise wrong("changes", "is not a list of key: value pairs", "Expected class of rule changes: {lever: value}.")
    out: dict[str, dict[str, Setting]] = {}
    for name, levers in given.items():
        key = f"changes.{name}"
        if name not in CLASSES:
            found = unknown_name("class of rule changes", str(name), CLASSES)
            raise wrong(key, found.what, found.fix)
        if not isinstance(levers, dict) or not levers:
            raise wrong(key, "does not set a lever", "Expected {lever: value}, such as {open_ratio: 0.01}.")
        for lever in levers:
            if lever not in LEVERS:
                found = unknown_name("lever", str(lever), LEVERS)
                raise wrong(f"{key}.{lever}", found.what, found.fix)
        out[str(name)] = {str(k): _change(k, v, f"{key}.{k}", wrong) for k, v in levers.items()}
    return out


_STEP = ("from", "to", "value", "chip")
_EXPECTED = "Expected {from: 2027-01-01, value: 0.5}, with to: and a day where it takes time."


def _steps(name: Any, steps: Any, wrong: Any) -> tuple[Setting, ...]:
    key = f"levers.{name}"
    if name not in LEVERS:
        found = unknown_name("lever", str(name), LEVERS)
        raise wrong(key, found.what, found.fix)
    if isinstance(steps, int | float) and not isinstance(steps, bool):
        steps = [{"from": dt.date(FIRST_YEAR, 1, 1), "value": steps}]
    if not isinstance(steps, list) or not steps:
        raise wrong(key, "is not a number or a list", "Expected a number, or a list of {from: 2027-01-01, value: 0.5}.")
    out: list[Setting] = []
    for i, step in enumerate(steps):
        out.append(_step(name, step, out[-1] if out else None, f"{key}[{i}]", wrong))
    return tuple(out)


def _step(name: str, step: Any, before: Setting | None, key: str, wrong: Any) -> Setting:
    if (
        not isinstance(step, dict)
        or set(step) - set(_STEP)
        or "from" not in step
        or ("value" in step) == ("chip" in step)
    ):
        raise wrong(key, "must have the keys from and value, and only these", _EXPECTED)
    begin = _begin(step["from"], before, f"{key}.from", wrong)
    if "chip" in step:
        return Setting(begin, math.nan, None, _chip(name, step, key, wrong))
    value = _value(step["value"], LEVERS[name], f"{key}.value", wrong)
    if "to" not in step:
        return Setting(begin, value)
    end = step["to"]
    if isinstance(end, dt.datetime) or not isinstance(end, dt.date) or end <= begin or begin == NEXT:
        raise wrong(
            f"{key}.to",
            f"{end!r} is not a day after {step['from']}",
            "Give both ends of a ramp as days, such as from: 2027-01-01, to: 2028-01-01.",
        )
    start = before.value if before is not None else LEVERS[name].default
    if not math.isfinite(start):
        raise wrong(f"{key}.to", f"{name} has no earlier value to move from", "Set it to a value first.")
    return Setting(begin, value, end)


def _chip(name: str, step: dict[str, Any], key: str, wrong: Any) -> str:
    if name != "open_ratio" or "to" in step:
        raise wrong(
            f"{key}.chip",
            "only open_ratio can name a chip, and only without `to`",
            "Remove `to`, or set a value instead of a chip.",
        )
    if not isinstance(step["chip"], str) or not step["chip"].strip():
        raise wrong(
            f"{key}.chip", f"{step['chip']!r} is not a chip", "Expected an id of the table chips, such as h200-sxm."
        )
    return str(step["chip"].strip())


def _begin(begin: Any, before: Setting | None, key: str, wrong: Any) -> dt.date:
    if begin == NEXT_WORDS:
        begin = NEXT
    if isinstance(begin, dt.datetime) or not isinstance(begin, dt.date):
        raise wrong(key, f"{begin!r} is not a date", f"Expected a day such as 2027-01-01, or {NEXT_WORDS!r}.")
    if before is not None and begin <= (last := before.to or before.begin):
        raise wrong(key, f"{begin} is not after {last}, the setting before it", "Put settings in order of their days.")
    if begin.year > LAST_YEAR and begin != NEXT:
        raise wrong(key, f"{begin} is after the last simulated year", f"The simulation ends with {LAST_YEAR}.")
    return begin


def _value(value: Any, lever: Lever, key: str, wrong: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
        raise wrong(key, f"{value!r} is not a number", f"Expected a {lever.unit}.")
    if not lever.low <= value <= lever.high:
        size = "large" if value > lever.high else "small"
        raise wrong(key, f"{value:g} is too {size}", f"Expected a {lever.unit} from {lever.low:g} to {lever.high:g}.")
    return float(value)


def _finite(value: float) -> bool:
    """Return whether a number is finite, and not a whole number beyond all others."""
    return abs(value) <= 1e300


_PRIOR_KEYS = {"low", "value", "high", "distribution", "source"}


def read_priors(given: Any, wrong: Any) -> dict[str, dict[str, Any]]:
    """Return priors that replace others, checked; `wrong(key, what, fix)` makes the error."""
    if not isinstance(given, dict):
        raise wrong(
            "priors",
            "is not a list of key: value pairs",
            "Expected parameter: {low, value, high, distribution, source}.",
        )
    for name, prior in given.items():
        key = f"priors.{name}"
        if not isinstance(prior, dict) or set(prior) - _PRIOR_KEYS:
            raise wrong(
                key,
                "must have the keys low, value, high, distribution and source",
                "Give these five keys and no other.",
            )
        if not str(prior.get("source") or "").strip():
            raise wrong(f"{key}.source", "this prior has no source", "Write where it comes from, or who judged it.")
        if prior.get("distribution") not in ("lognormal", "normal", "uniform", "exact"):
            raise wrong(
                f"{key}.distribution",
                f"{prior.get('distribution')!r} is not known",
                "Expected lognormal, normal, uniform or exact.",
            )
        numbers: list[Any] = [prior.get(k) for k in ("low", "value", "high")]
        if prior["distribution"] == "exact":
            numbers = [prior.get("value")] * 3
        if (
            any(isinstance(n, bool) or not isinstance(n, int | float) or not _finite(n) for n in numbers)
            or not numbers[0] <= numbers[1] <= numbers[2]
        ):
            raise wrong(key, "low, value and high are not three numbers in order", "Expected low <= value <= high.")
        if prior["distribution"] == "lognormal" and numbers[0] <= 0:
            raise wrong(f"{key}.low", f"{numbers[0]:g} is not above zero", "A lognormal quantity must be above zero.")
    return {str(k): dict(v) for k, v in given.items()}
