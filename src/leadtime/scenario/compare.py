"""Sets of rules beside today's, in the same draws: what a page redraws while a reader moves a control."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.scenario import simulate
from leadtime.scenario.controls import CONTROLS
from leadtime.scenario.fork import BASE, FREE, Fork
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.levers import LEVERS, NEXT, Scenario, Setting

TODAYS, YOURS = "Today's rules", "Your rules"
#: What a page begins from: its name, and the scenario it is.
PRESETS = (
    (TODAYS, BASE),
    ("Tougher rules", "strengthened"),
    ("Looser rules", "curtailed"),
    ("Sell H200s", "h200-sales"),
    ("Secure the labs", "weights-secured"),
    ("No rules since 2022", FREE),
)
#: The first quarter that is shown, and the first by whose end a set may be judged.
SHOWN_FROM = "2023Q1"
CHANNELS = ("legal", "domestic", "rented", "diverted")
_KEEP = ("lag_months", "used_h100e", "legal_added_h100e", "price_usd", *(f"{c}_h100e" for c in CHANNELS))
_EXPECTED = (
    "Expected LEVER=VALUE with a blank between two, such as `uptake=0.5 diversion_cut=0.5`, or the name of a scenario."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One set of rules.

    Args:
        title: Its name.
        levers: Values of levers that differ from today's.
        base: The scenario they are set in.
    """

    title: str
    levers: Mapping[str, float] = field(default_factory=dict)
    base: str = BASE

    @property
    def text(self) -> str:
        """It as `read` reads it, without its name."""
        return " ".join(
            [*([self.base] if self.base != BASE else []), *(f"{k}={v:.6g}" for k, v in self.levers.items())]
        )


def read(text: str, fork: Fork, start: dt.date) -> Rules:
    """Return the set of rules of a text: `uptake=0.5 diversion_cut=0.5`, the name of a scenario, or both; before a
    colon its name.

    Of a scenario each lever's last value is taken, so that all begin on the same day; of one without rules, that it has
    none.

    Args:
        text: The text.
        fork: The scenarios of a study.
        start: The day from which the levers are set.

    Raises:
        LeadtimeError: A scenario, lever or chip is unknown, or a value is not a number or is out of range.
    """
    title, colon, rest = text.rpartition(":")
    words = rest.split()
    levers: dict[str, float] = {}
    base, named = BASE, ""
    for word in words:
        lever, equals, value = word.partition("=")
        if equals:
            levers[lever] = _value(lever, value, fork, start)
            continue
        scenario = fork.scenario(word)
        named = named or dict((s, t) for t, s in PRESETS).get(word, scenario.title)
        if scenario.rules == "none":
            base = word
        elif scenario.changes or scenario.priors:
            raise LeadtimeError(
                f"{word!r} does not fix its rules: it draws them",
                where="rules",
                fix="Ask the question `scenario run` for it.",
            )
        else:
            dated = fork.world.dated(scenario)
            levers |= {k: steps[-1].value for k, steps in dated.levers.items()}
    if colon and not title.strip():
        raise LeadtimeError(f"{text!r} needs a name before the colon", where="rules", fix=_EXPECTED)
    only = named if named and not any("=" in w for w in words) else ""
    order = [c.lever for c in CONTROLS]
    kept = {k: levers[k] for k in sorted(levers, key=lambda k: (order.index(k) if k in order else len(order), k))}
    return Rules(title=title.strip()[:40] or only or (YOURS if words else TODAYS), levers=kept, base=base)


def _value(lever: str, text: str, fork: Fork, start: dt.date) -> float:
    if lever not in LEVERS:
        raise unknown_name("lever", lever, LEVERS)
    known = LEVERS[lever]
    if lever == "open_ratio" and text in fork.world.rules.log.chips:
        return fork.world.worth(text, start)
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    unlimited = value == float("inf") and known.default == float("inf")
    if not (known.low <= value <= known.high or unlimited):
        raise LeadtimeError(
            f"{text[:40]!r} is not a value of {lever}",
            where="rules",
            fix=f"Expected a {known.unit} from {known.low:g} to {known.high:g}.",
        )
    return value


def scenario_of(rules: Rules, fork: Fork, start: dt.date) -> Scenario:
    """Return a set of rules as a scenario: its levers from a day on, and before it what was so."""
    base = fork.scenario(rules.base)
    levers = {k: (*_before(base, k, start), Setting(start, v)) for k, v in rules.levers.items()}
    return replace(base, name=rules.title, title=rules.title, levers={**base.levers, **levers})


def _before(base: Scenario, lever: str, start: dt.date) -> tuple[Setting, ...]:
    return tuple(s for s in base.levers.get(lever, ()) if s.begin != NEXT and s.begin < start)


def run(rules: Rules, fork: Fork, start: dt.date, keep: tuple[str, ...] = _KEEP) -> dict[str, Floats]:
    """Return what a set of rules comes to by quarter and draw; today's as the study keeps it."""
    if not rules.levers:
        found = fork.run(rules.base)
        return {k: found[k] for k in keep}
    return simulate.run(fork.draws, fork.world.inputs(scenario_of(rules, fork, start)), keep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Sets of rules beside today's.

    Args:
        rows: What each comes to, today's first.
        quarters: Gap by quarter: title, quarter, low, median, high in months.
        alone: What each lever of each set changes alone: title, lever, low, median, high in months.
    """

    rows: list[dict[str, Any]]
    quarters: list[dict[str, Any]]
    alone: list[dict[str, Any]]


def compare(sets: list[Rules], fork: Fork, start: dt.date, by: str, *, alone: bool) -> Compared:
    """Return what sets of rules come to beside today's rules.

    Args:
        sets: The sets.
        fork: The scenarios of a study.
        start: The day from which their levers are set.
        by: The quarter that is judged.
        alone: Also each lever of each set on its own.
    """
    every = [Rules(title=TODAYS), *(s for s in sets if s.levers or s.base != BASE)]
    last, first = QUARTERS.index(by), QUARTERS.index(SHOWN_FROM)
    since = QUARTERS.index(f"{start.year}Q{(start.month - 1) // 3 + 1}")
    base = run(every[0], fork, start)
    rows, quarters, parts = [], [], []
    for rules in every:
        found = run(rules, fork, start)
        rows.append({"title": rules.title, "rules": rules.text, **outcome(found, base, since, last)})
        low, median, high = np.quantile(found["lag_months"][first : last + 1], [0.05, 0.5, 0.95], axis=1)
        quarters += [
            {"title": rules.title, "quarter": q, "low": float(a), "median": float(b), "high": float(c)}
            for q, a, b, c in zip(QUARTERS[first : last + 1], low, median, high, strict=True)
        ]
        for lever in rules.levers if alone and rules.base == BASE else ():
            one = run(Rules(title="", levers={lever: rules.levers[lever]}), fork, start, ("lag_months",))
            change = _spread(one["lag_months"][last] - base["lag_months"][last])
            parts.append({"title": rules.title, "lever": lever, **change})
    return Compared(rows=rows, quarters=quarters, alone=parts)


def rests_on(draws: Mapping[str, Floats], lag: Floats) -> dict[str, Any]:
    """Return the assumption with which the gap differs most: parameter, and the middle gap where it is in its lowest
    and its highest tenth, months.

    Args:
        draws: Parameters by name, shape (draw,).
        lag: The gap in each draw, months.
    """
    best: dict[str, Any] = {"parameter": "", "at_low": 0.0, "at_high": 0.0}
    for name in sorted(draws):
        low, high = np.quantile(draws[name], [0.1, 0.9])
        if low == high:
            continue
        ends = [float(np.median(lag[some])) for some in (draws[name] <= low, draws[name] >= high)]
        if abs(ends[1] - ends[0]) > abs(best["at_high"] - best["at_low"]):
            best = {"parameter": name, "at_low": ends[0], "at_high": ends[1]}
    return best


def outcome(found: dict[str, Floats], base: dict[str, Floats], since: int, last: int) -> dict[str, float]:
    """Return what a set of rules comes to by the end of a quarter.

    Args:
        found: What it ran to.
        base: What today's rules ran to, in the same draws.
        since: The first quarter of its sales.
        last: The quarter.
    """
    lag = found["lag_months"][last].astype(float)
    change = lag - base["lag_months"][last]
    usd = (found["legal_added_h100e"].astype(float) * found["price_usd"])[since : last + 1].sum(axis=0)
    return {
        **_spread(lag, "lag_"),
        **_spread(change, "change_"),
        "p_wider": float(np.mean(change > LEAST_CHANGE)),
        **_spread(found["used_h100e"][last], "used_h100e_"),
        **_spread(usd, "sales_usd_"),
        **{f"{c}_h100e": float(np.median(found[f"{c}_h100e"][last])) for c in CHANNELS},
    }


#: Smaller changes are those of rounding, months.
LEAST_CHANGE = 0.005


def _spread(values: Floats, name: str = "") -> dict[str, float]:
    low, median, high = (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
    return {f"{name}low": low, f"{name}median": median, f"{name}high": high}
