"""What is the same in every draw: counted arrivals, the state of the rules, and the levers, by quarter."""

import datetime as dt
import functools
import math
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability import cache
from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import Evidence
from leadtime.rules import hazard
from leadtime.scenario import parameters
from leadtime.scenario.levers import FIRST_YEAR, LEVERS, N_QUARTERS, NEXT, Scenario, Setting, middle, next_quarter
from leadtime.supply.arrivals import History, history, quarters
from leadtime.units import to_date

if TYPE_CHECKING:
    from leadtime.rules import Rulebook

#: What a license officer would do, most open first; each has its own chance of a license.
POLICIES = ("none", "approval", "case", "unstated", "denial")
_REVIEWS = {
    "presumption_of_approval": "approval",
    "approval_within_cap": "approval",
    "case_by_case": "case",
    "presumption_of_denial": "denial",
    "policy_of_denial": "denial",
}
#: From here China turned most allowed chips away (guidance of August 2025, customs from January 2026).
TURNED_AWAY = to_date(739479.0)  # 2025-08-13
#: Designers whose chips anyone may buy, rules aside.
MERCHANTS = ("nvidia", "amd")
#: When chips made for the rule of October 2022 were sold without a license: the nearest to free sales that is counted.
ERA = ("2022Q4", "2023Q3")
#: Levers that set what may be sold and is let in.
_SALES = ("open_ratio", "quota_h100e", "uptake")
QUARTERS = quarters(FIRST_YEAR, N_QUARTERS)


def policy(answer: str, review: str | None) -> str:
    """Return the class of an answer of the rules."""
    if answer == "no_license_required":
        return "none"
    if answer == "license_required" and review in _REVIEWS:
        return _REVIEWS[review]
    return "unstated"


def openness(rules: "Rulebook") -> tuple[Floats, Floats]:
    """Return by quarter and policy the best NVIDIA or AMD chip that falls under it over the best on the market, and
    that one's TPP.

    Before the first rules all is open; after the last day that is known, that day's state holds on.
    """
    from leadtime.rules.plane import legality, settled

    best = np.zeros((N_QUARTERS, len(POLICIES)))
    top = np.zeros(N_QUARTERS)
    seen: set[int] = set()
    for row in legality(rules.log, settled(rules.log, rules.as_known)):
        if row["market"] != "datacenter" or row["maker"] not in ("NVIDIA", "AMD"):
            continue
        i = (row["day"].year - FIRST_YEAR) * 4 + (row["day"].month - 1) // 3
        if not 0 <= i < N_QUARTERS:
            continue
        seen.add(i)
        k = POLICIES.index(policy(row["answer"], row["review"]))
        best[i, k], top[i] = max(best[i, k], row["tpp"]), max(top[i], row["tpp"])
    ratio = np.divide(best, top[:, None], out=np.zeros_like(best), where=top[:, None] > 0)
    first, last = min(seen), max(seen)
    ratio[:first] = [1.0, 0.0, 0.0, 0.0, 0.0]
    ratio[last + 1 :], top[last + 1 :] = ratio[last], top[last]
    top[:first] = top[first]
    return ratio, top


def openness_key(rules: "Rulebook") -> str:
    """Return the content key of `openness`: the rules and chips as known, and the code that judges by them."""
    from leadtime.rules.plane import settled

    judged_by = cache.made_by("scenario/inputs.py", *cache.files_of("rules"))
    return cache.key(
        "openness", judged_by, rules.hash, str(settled(rules.log, rules.as_known)), sorted(rules.log.chips)
    )


def openness_arrays(rules: "Rulebook") -> dict[str, Floats]:
    """Return what is kept of `openness`."""
    return cache.named(openness_key(rules), lambda: dict(zip(("best", "top"), openness(rules), strict=True)))


class World:
    """What a study's day knows: counted arrivals and the state of the rules; scenarios turn it into inputs.

    Args:
        evidence: The tables, as of the study's day.
        rules: The rules as known on that day.
    """

    def __init__(self, evidence: Evidence, rules: "Rulebook") -> None:
        self.evidence = evidence
        self.rules = rules
        self.history: History = history(evidence)
        found = openness_arrays(rules)
        self.openness, self._top = found["best"], found["top"]

    def priors(self) -> pl.DataFrame:
        """Return the rows of the priors."""
        return parameters.priors(self.evidence["assumptions"])

    @property
    def n_counted(self) -> int:
        """Number of quarters with counted arrivals."""
        return len(self.history.quarters)

    def last_counted(self) -> str:
        """Return the last quarter with counted arrivals."""
        return self.history.quarters[-1]

    def key(self) -> list[Any]:
        """Return all that a run depends on besides levers and parameters."""
        assumed = [part for name in ("outside", "legal", "domestic") for part in self.history.assumed(name)]
        return [self.history.outside, self.history.legal, self.history.domestic, *assumed, self.openness, self.merchant]

    def inputs(self, scenario: Scenario) -> dict[str, Floats]:
        """Return the arrays that `step` reads, each with the quarter first."""
        n, scenario = self.n_counted, self.dated(scenario)

        def padded(path: Floats) -> Floats:
            return np.concatenate([path, np.zeros(N_QUARTERS - n)])

        departs = self.departs_on(scenario)
        ratios = self.openness.copy()
        if scenario.rules == "none":
            ratios[:] = [1.0, 0.0, 0.0, 0.0, 0.0]
        return {
            "year": FIRST_YEAR + np.arange(N_QUARTERS) / 4,
            "counted": (np.arange(N_QUARTERS) < n).astype(float),
            **{name: padded(path) for name, path in self._arrivals().items()},
            "departed": np.array([float(departs is not None and middle(i) >= departs) for i in range(N_QUARTERS)]),
            "turned_away": np.array([float(middle(i) >= TURNED_AWAY) for i in range(N_QUARTERS)]),
            "own_rules": np.full(N_QUARTERS, float(scenario.rules == "log")),
            "merchant": self.merchant,
            "ratios": ratios,
            "ratios_as_is": self.openness,
            **{name: scenario.path(name) for name in LEVERS},
        }

    def dated(self, scenario: Scenario) -> Scenario:
        """Return a scenario with days in place of `NEXT`, and what chips are worth in place of their names."""
        day = next_quarter(self.evidence.as_of)

        def fixed(s: Setting) -> Setting:
            begin = day if s.begin == NEXT else s.begin
            return Setting(begin, self.worth(s.chip, begin) if s.chip else s.value, s.to)

        levers = {k: tuple(sorted(fixed(s) for s in steps)) for k, steps in scenario.levers.items()}
        changes = {c: {k: fixed(s) for k, s in found.items()} for c, found in scenario.changes.items()}
        return replace(scenario, levers=levers, changes=changes)

    def worth(self, chip: str, day: dt.date) -> float:
        """Return what a chip is worth of the best on the market on a day, in TPP: the number that the rules log gives
        as well.

        Raises:
            LeadtimeError: There is no such chip, or it has no numbers.
        """
        from leadtime.rules.transaction import chip_numbers

        if chip not in self.rules.log.chips:
            raise unknown_name("chip", chip, self.rules.log.chips)
        numbers = chip_numbers(self.rules.log, chip)
        if "tpp" not in numbers or math.isinf(numbers["tpp"][1]):
            raise LeadtimeError(
                f"{chip} has no rate in the table of chips",
                where="open_ratio",
                fix="Name another chip, or set a value.",
            )
        i = min(max((day.year - FIRST_YEAR) * 4 + (day.month - 1) // 3, 0), N_QUARTERS - 1)
        return min(float(numbers["tpp"][0] / self._top[i]), 1.0)

    def departs_on(self, scenario: Scenario) -> dt.date | None:
        """Return the first day on which legal shipments are not those of the record, or None.

        Without rules that is the day of the first act of the log: what a scenario sets cannot change sales before it,
        for there was nothing to be without.
        """
        days = [steps[0].begin for name, steps in self.dated(scenario).levers.items() if name in _SALES]
        days += [self.evidence.as_of] if scenario.changes else []
        if scenario.rules == "none":
            first = hazard.first_act(self.rules.log, self.evidence.as_of)
            days = [max(day, first) for day in (*days, first)]
        return min(days, default=None)

    @functools.cached_property
    def merchant(self) -> Floats:
        """What of arrivals outside China is sold by its designer to anyone (NVIDIA, AMD), by quarter; Google and Amazon
        keep theirs.

        After the last counted quarter the share of the last four holds on.
        """
        c, n = self.history.counts, self.n_counted
        sold = (
            sum((p.path for p in c.of("world") if p.designer in MERCHANTS), np.zeros(n))
            - c.inside(assumed=False)
            - c.inside(assumed=True)
        )
        share = np.divide(sold, self.history.outside, out=np.ones(n), where=self.history.outside > 0)
        last = sold[-4:].sum() / self.history.outside[-4:].sum()
        return np.concatenate([share, np.full(N_QUARTERS - n, last)])

    def era_share(self) -> float:
        """Return China's counted share of the chips sold at all, from the last quarter of 2022 to the third of 2023
        (A800 and H800).
        """
        at = [i for i, q in enumerate(self.history.quarters) if ERA[0] <= q <= ERA[1]]
        legal = float(self.history.legal[at].sum())
        return legal / (legal + float((self.merchant[: self.n_counted] * self.history.outside)[at].sum()))

    def _arrivals(self) -> dict[str, Floats]:
        """Return what was counted, and what is assumed with its log widths, by quarter; `inside` is where the world's
        rows hold China's.
        """
        c = self.history.counts
        paths = {"outside": c.median("world", assumed=False) - c.inside(assumed=False)}
        paths |= {name: c.median(name, assumed=False) for name in ("legal", "domestic")}
        for name in ("outside", "legal", "domestic"):
            middle, down, up = self.history.assumed(name)
            paths |= {f"{name}_assumed": middle, f"{name}_down": down, f"{name}_up": up}
        return paths | {"inside": (c.inside(assumed=True) > 0).astype(float)}

    def rate(self, name: str) -> hazard.Rate:
        """Return how often a class of rule changes came, by what the study's day knew."""
        return hazard.rate(self.rules.log, name, self.evidence.as_of)

    def changing(self, scenario: Scenario, n: int, seed: int) -> dict[str, Floats]:
        """Return the levers that rule changes set, shape (quarter, draw): none before the day after what is known.

        Each class of acts comes as a Poisson process at the rate the log shows, new in each draw; whichever came
        last holds, over what the scenario itself sets.
        """
        day, scenario = self.evidence.as_of, self.dated(scenario)
        begin = np.array([(middle(i) - day).days / 365.25 for i in range(N_QUARTERS)])
        horizon = float(begin[-1])
        latest = np.full((N_QUARTERS, n), -np.inf)
        values = {
            lever: np.repeat(scenario.path(lever)[:, None], n, axis=1)
            for levers in scenario.changes.values()
            for lever in levers
        }
        for name in sorted(scenario.changes):
            rng = np.random.default_rng([seed, 17, zlib.crc32(name.encode())])
            rates = self.rate(name).draws(rng, n)
            most = int(np.ceil(rates.max() * horizon + 6 * np.sqrt(rates.max() * horizon + 1)))
            days = np.cumsum(rng.exponential(size=(most, n)) / rates, axis=0)
            for i in np.flatnonzero(begin > 0):
                last = np.where(days <= begin[i], days, -np.inf).max(axis=0)
                newer = last > latest[i]
                latest[i] = np.where(newer, last, latest[i])
                for lever, value in scenario.changes[name].items():
                    values[lever][i] = np.where(newer, value.value, values[lever][i])
        return values
