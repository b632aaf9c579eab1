"""What a policy can move: the levers, and scenarios that set them by date."""

import datetime as dt
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import parts, yaml_text

DATA = Path(__file__).parent / "data"
FIRST_YEAR, LAST_YEAR = 2022, 2032
N_QUARTERS = 4 * (LAST_YEAR - FIRST_YEAR + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One thing a policy can move.

    Args:
        help: What it does, by which mechanism.
        unit: Unit of its value.
        default: Value where nothing sets it; NaN leaves it to the rules and the priors.
        low: Least allowed.
        high: Greatest allowed.
    """

    help: str
    unit: str
    default: float
    low: float
    high: float


LEVERS: dict[str, Lever] = {
    "open_ratio": Lever(help="Best chip that may go to China over the best on the market, licenses granted; unset: by the rules log.",
                        unit="fraction", default=math.nan, low=0, high=1),
    "quota_h100e": Lever(help="Most that may be shipped to China in a year.", unit="H100e per year", default=math.inf, low=0, high=1e9),
    "uptake": Lever(help="Share of allowed imports that China lets in; unset: as it did since August 2025.", unit="fraction",
                    default=math.nan, low=0, high=1),
    "diversion_cut": Lever(help="Diversion stopped by enforcement (location checks, staff, audits).", unit="fraction", default=0, low=0, high=1),
    "diversion_more": Lever(help="Diversion over what it would be, added to it: 1 doubles it.", unit="fraction", default=0, low=0, high=20),
    "transit_cost": Lever(help="Cost that tariffs and compliance add on transit routes; diversion falls with it.", unit="fraction",
                          default=0, low=0, high=5),
    "build_cost": Lever(help="Cost that tariffs add to building in the US; arrivals fall with it.", unit="fraction", default=0, low=0, high=5),
    "tariff_rate": Lever(help="Duty on chips and servers. It adds to the cost of building in the US by the share of that cost that is "
                              "dutiable, and to the cost on transit routes by the part passed on; both are assumptions.",
                         unit="fraction", default=0, low=0, high=5),
    "offshore_cut": Lever(help="Chinese use of chips in third countries stopped.", unit="fraction", default=0, low=0, high=1),
    "hbm_cut": Lever(help="High-bandwidth memory kept from Chinese makers.", unit="fraction", default=0, low=0, high=1),
    "tools_cut": Lever(help="Growth of Chinese logic stopped by controls on tools.", unit="fraction", default=0, low=0, high=1),
    "distillation_defense": Lever(help="Part of the follower gain from distillation that is stopped.", unit="fraction", default=0, low=0, high=1),
    "weight_security": Lever(help="Part of the follower gain from theft that is stopped.", unit="fraction", default=0, low=0, high=1),
    "us_investment": Lever(help="Arrivals outside China over what they would be.", unit="factor", default=1, low=0.1, high=10),
    "china_investment": Lever(help="Chinese output over what it would be.", unit="factor", default=1, low=0.1, high=10),
    "capital_shift": Lever(help="Odds, log, that AI capital goes to Chinese projects.", unit="log odds", default=0, low=-5, high=5),
    "run_elasticity": Lever(help="How far the largest run follows the stock of chips: 1 fully, 0 not at all; unset: its prior.",
                            unit="elasticity", default=math.nan, low=0, high=1),
    "efficiency_response": Lever(help="What Chinese laboratories gain in efficiency when all demand is unmet, reached over about a year; "
                                      "0: denial teaches nothing.", unit="e-folds", default=0, low=0, high=5),
    "displacement": Lever(help="Chips taken from others by one sold to China; unset: its prior.", unit="fraction", default=math.nan, low=0, high=1),
}  # fmt: skip
#: The rules a scenario runs under: those of the log, or none since the first of them.
RULES = ("log", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One policy path.

    Args:
        name: Its id.
        title: Short.
        narrative: What it tells, and why.
        rules: A word of `RULES`.
        levers: Each lever's settings as (from, value), in order.
        priors: Parameters drawn otherwise, by name of the assumption.
        changes: Levers that a class of rule changes (see `rules.hazard`) sets whenever one comes; the last one holds.
    """

    name: str
    title: str
    narrative: str
    rules: str = "log"
    levers: dict[str, tuple[tuple[dt.date, float], ...]] = field(default_factory=dict)
    priors: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: dict[str, dict[str, float]] = field(default_factory=dict)

    def path(self, lever: str) -> Floats:
        """Return a lever's value by quarter, shape (quarter,): that of the last setting begun by the quarter's middle."""
        values = np.full(N_QUARTERS, float(LEVERS[lever].default))
        for begin, value in self.levers.get(lever, ()):
            values[[i for i in range(N_QUARTERS) if middle(i) >= begin]] = value
        return values


def with_constant(scenario: Scenario, lever: str, value: float) -> Scenario:
    """Return a scenario with a lever at one value in every quarter."""
    return replace(scenario, levers={**scenario.levers, lever: ((dt.date(FIRST_YEAR, 1, 1), value),)})


def middle(quarter: int) -> dt.date:
    """Return the middle day of a quarter counted from the first of 2022."""
    return dt.date(FIRST_YEAR + quarter // 4, 3 * (quarter % 4) + 2, 15)


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
                f"{' -> '.join((*above, name))}: bases go in a circle", where=f"{path}, key base", fix="Leave one out."
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
        raise LeadtimeError("holds no keys", where=str(path), fix="Expected title, narrative and levers.")
    base = content.get("base")
    if base is not None and not isinstance(base, str):
        raise LeadtimeError(
            f"{base!r} is no name of a scenario", where=f"{path}, key base", fix="Name one of `leadtime scenario list`."
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
            raise wrong(key, "is missing or no text", "Say in words what the scenario is.")
    rules = content.get("rules", base.rules if base else "log")
    if not isinstance(rules, str) or rules not in RULES:
        raise wrong("rules", f"{rules!r} is not known", f"Expected one of {', '.join(RULES)}.")
    levers = dict(base.levers) if base else {}
    given = content.get("levers") or {}
    if not isinstance(given, dict):
        raise wrong("levers", "is no mapping", "Expected lever: value, or lever: a list of {from, value}.")
    for name, steps in given.items():
        levers[str(name)] = _steps(name, steps, wrong)
    return Scenario(
        name=path.stem, title=content["title"].strip(), narrative=" ".join(content["narrative"].split()), rules=rules, levers=levers,
        priors={**(base.priors if base else {}), **read_priors(content.get("priors") or {}, wrong)},
        changes={**(base.changes if base else {}), **_changes(content.get("changes") or {}, wrong)},
    )  # fmt: skip


def _changes(given: Any, wrong: Any) -> dict[str, dict[str, float]]:
    from leadtime.rules.hazard import CLASSES

    if not isinstance(given, dict):
        raise wrong("changes", "is no mapping", "Expected class of rule changes: {lever: value}.")
    out: dict[str, dict[str, float]] = {}
    for name, levers in given.items():
        key = f"changes.{name}"
        if name not in CLASSES:
            found = unknown_name("class of rule changes", str(name), CLASSES)
            raise wrong(key, found.what, found.fix)
        if not isinstance(levers, dict) or not levers:
            raise wrong(key, "sets no lever", "Expected {lever: value}, such as {open_ratio: 0.01}.")
        for lever in levers:
            if lever not in LEVERS:
                found = unknown_name("lever", str(lever), LEVERS)
                raise wrong(f"{key}.{lever}", found.what, found.fix)
        out[str(name)] = {str(k): _value(v, LEVERS[k], f"{key}.{k}", wrong) for k, v in levers.items()}
    return out


def _steps(name: Any, steps: Any, wrong: Any) -> tuple[tuple[dt.date, float], ...]:
    key = f"levers.{name}"
    if name not in LEVERS:
        found = unknown_name("lever", str(name), LEVERS)
        raise wrong(key, found.what, found.fix)
    lever = LEVERS[name]
    if isinstance(steps, int | float) and not isinstance(steps, bool):
        steps = [{"from": dt.date(FIRST_YEAR, 1, 1), "value": steps}]
    if not isinstance(steps, list) or not steps:
        raise wrong(
            key, "is neither a number nor a list", "Expected a number, or a list of {from: 2026-10-01, value: 0.5}."
        )
    out: list[tuple[dt.date, float]] = []
    for i, step in enumerate(steps):
        if not isinstance(step, dict) or set(step) != {"from", "value"}:
            raise wrong(
                f"{key}[{i}]",
                "does not hold from and value, and only these",
                "Expected {from: 2026-10-01, value: 0.5}.",
            )
        begin = _begin(step["from"], out[-1][0] if out else None, f"{key}[{i}].from", wrong)
        out.append((begin, _value(step["value"], lever, f"{key}[{i}].value", wrong)))
    return tuple(out)


def _begin(begin: Any, before: dt.date | None, key: str, wrong: Any) -> dt.date:
    if isinstance(begin, dt.datetime) or not isinstance(begin, dt.date):
        raise wrong(key, f"{begin!r} is not a date", "Expected a day such as 2026-10-01.")
    if before is not None and begin <= before:
        raise wrong(
            key, f"{begin} is not after {before}, the setting before it", "Put settings in order of their days."
        )
    if begin.year > LAST_YEAR:
        raise wrong(key, f"{begin} is after the last simulated year", f"The simulation ends with {LAST_YEAR}.")
    return begin


def _value(value: Any, lever: Lever, key: str, wrong: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
        raise wrong(key, f"{value!r} is not a number", f"Expected a {lever.unit}.")
    if not lever.low <= value <= lever.high:
        raise wrong(key, f"{value:g} is out of range", f"Expected a {lever.unit} from {lever.low:g} to {lever.high:g}.")
    return float(value)


def _finite(value: float) -> bool:
    """Return whether a number is finite, and not a whole number beyond all others."""
    return abs(value) <= 1e300


_PRIOR_KEYS = {"low", "value", "high", "distribution", "source"}


def read_priors(given: Any, wrong: Any) -> dict[str, dict[str, Any]]:
    """Return priors that replace others, checked; `wrong(key, what, fix)` makes the error."""
    if not isinstance(given, dict):
        raise wrong("priors", "is no mapping", "Expected parameter: {low, value, high, distribution, source}.")
    for name, prior in given.items():
        key = f"priors.{name}"
        if not isinstance(prior, dict) or set(prior) - _PRIOR_KEYS:
            raise wrong(key, "does not hold low, value, high, distribution, source", "Give these five, and only these.")
        if not str(prior.get("source") or "").strip():
            raise wrong(f"{key}.source", "a prior without a source", "Say where it comes from, or who judged it.")
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
            raise wrong(f"{key}.low", f"{numbers[0]:g} is not above zero", "A lognormal quantity is positive.")
    return {str(k): dict(v) for k, v in given.items()}
