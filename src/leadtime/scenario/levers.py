"""What a policy can move: the levers, their settings by date, and the scenarios that are made of them."""

import datetime as dt
import math
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from leadtime.capability.result import Floats

FIRST_YEAR, LAST_YEAR = 2022, 2032
N_QUARTERS = 4 * (LAST_YEAR - FIRST_YEAR + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One thing a policy can move.

    Args:
        help: What it does, and how.
        unit: Unit of its value.
        default: Its value if nothing sets it. NaN leaves it to the rules and the priors.
        low: The smallest value allowed.
        high: The largest value allowed.
    """

    help: str
    unit: str
    default: float
    low: float
    high: float


LEVERS: dict[str, Lever] = {
    "open_ratio": Lever(
        help="Best chip that may go to China over the best on the market, licenses granted; unset: by the rules log.",
        unit="fraction",
        default=math.nan,
        low=0,
        high=1,
    ),
    "quota_h100e": Lever(
        help="Most that may be shipped to China in a year.", unit="H100e per year", default=math.inf, low=0, high=1e9
    ),
    "uptake": Lever(
        help="Share of allowed imports that China lets in; unset: as it did since August 2025.",
        unit="fraction",
        default=math.nan,
        low=0,
        high=1,
    ),
    "diversion_cut": Lever(
        help="Diversion stopped by enforcement (location checks, staff, audits).",
        unit="fraction",
        default=0,
        low=0,
        high=1,
    ),
    "diversion_more": Lever(
        help="Diversion over what it would be, added to it: 1 doubles it.", unit="fraction", default=0, low=0, high=20
    ),
    "transit_cost": Lever(
        help="Cost that tariffs and compliance add on transit routes; diversion falls with it.",
        unit="fraction",
        default=0,
        low=0,
        high=5,
    ),
    "build_cost": Lever(
        help="Cost that tariffs add to building in the US; arrivals fall with it.",
        unit="fraction",
        default=0,
        low=0,
        high=5,
    ),
    "tariff_rate": Lever(
        help=(
            "Duty on chips and servers. It adds to the cost of building in the US by the share of that cost that is "
            "dutiable, and to the cost on transit routes by the part passed on; both are assumptions."
        ),
        unit="fraction",
        default=0,
        low=0,
        high=5,
    ),
    "offshore_cut": Lever(
        help="Chinese use of chips in third countries stopped.", unit="fraction", default=0, low=0, high=1
    ),
    "hbm_cut": Lever(help="High-bandwidth memory kept from Chinese makers.", unit="fraction", default=0, low=0, high=1),
    "tools_cut": Lever(
        help="Growth of Chinese logic stopped by controls on tools.", unit="fraction", default=0, low=0, high=1
    ),
    "distillation_defense": Lever(
        help="Part of the follower gain from distillation that is stopped.", unit="fraction", default=0, low=0, high=1
    ),
    "weight_security": Lever(
        help="Part of the follower gain from theft that is stopped.", unit="fraction", default=0, low=0, high=1
    ),
    "us_investment": Lever(
        help="Arrivals outside China over what they would be.", unit="factor", default=1, low=0.1, high=10
    ),
    "china_investment": Lever(help="Chinese output over what it would be.", unit="factor", default=1, low=0.1, high=10),
    "capital_shift": Lever(
        help="Odds, log, that AI capital goes to Chinese projects.", unit="log odds", default=0, low=-5, high=5
    ),
    "run_elasticity": Lever(
        help="How far the largest run follows the stock of chips: 1 fully, 0 not at all; unset: its prior.",
        unit="elasticity",
        default=math.nan,
        low=0,
        high=1,
    ),
    "efficiency_response": Lever(
        help=(
            "What Chinese laboratories gain in efficiency when all demand is unmet, reached over about a year; "
            "0: denial teaches nothing."
        ),
        unit="e-folds",
        default=0,
        low=0,
        high=5,
    ),
    "displacement": Lever(
        help="Chips taken from others by one sold to China; unset: its prior.",
        unit="fraction",
        default=math.nan,
        low=0,
        high=1,
    ),
}
#: The rules a scenario runs under: those of the log, or none since the first of them.
RULES = ("log", "none")


#: In place of a day: the first one of the quarter after the study's own day.
NEXT = dt.date.max


class Setting(NamedTuple):
    """A lever's value from a day on.

    Args:
        begin: First day; `NEXT` for the first day of the quarter after the study's own.
        value: Its value; what it opens for sale instead where `chip` is given.
        to: Last day of a ramp: from `begin` on the value moves there in equal steps a day; None for at once.
        chip: For `open_ratio`: the best chip that may go, by its id; what it is worth is computed (see `World.worth`).
    """

    begin: dt.date
    value: float
    to: dt.date | None = None
    chip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One policy, as a path in time.

    Args:
        name: Its id.
        title: A short title.
        narrative: What happens in it, and why.
        rules: A word of `RULES`.
        levers: The settings of each lever, in order.
        priors: Parameters with other priors, by the name of the assumption.
        changes: Levers that are set whenever a class of rule changes comes (see `rules.hazard`). The last one holds.
    """

    name: str
    title: str
    narrative: str
    rules: str = "log"
    levers: dict[str, tuple[Setting, ...]] = field(default_factory=dict)
    priors: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: dict[str, dict[str, Setting]] = field(default_factory=dict)

    def path(self, lever: str) -> Floats:
        """Return a lever's value by quarter, shape (quarter,): that of the last setting begun by the
        quarter's middle.
        """
        values = np.full(N_QUARTERS, float(LEVERS[lever].default))
        before = float(LEVERS[lever].default)
        for s in self.levers.get(lever, ()):
            for i in range(N_QUARTERS):
                if (day := middle(i)) >= s.begin:
                    part = 1.0 if s.to is None else min((day - s.begin).days / (s.to - s.begin).days, 1.0)
                    values[i] = s.value if part == 1.0 else before + part * (s.value - before)
            before = s.value
        return values


def next_quarter(day: dt.date) -> dt.date:
    """Return the first day of the quarter after that of a day."""
    month = 3 * ((day.month - 1) // 3) + 4
    return dt.date(day.year + month // 13, (month - 1) % 12 + 1, 1)


def with_constant(scenario: Scenario, lever: str, value: float) -> Scenario:
    """Return a scenario with a lever at one value in every quarter."""
    return replace(scenario, levers={**scenario.levers, lever: (Setting(dt.date(FIRST_YEAR, 1, 1), value),)})


def middle(quarter: int) -> dt.date:
    """Return the middle day of a quarter counted from the first of 2022."""
    return dt.date(FIRST_YEAR + quarter // 4, 3 * (quarter % 4) + 2, 15)
