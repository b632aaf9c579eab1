"""The levers as a page offers them: a plain name, a unit that people know, and what holds today."""

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from leadtime.capability.result import Floats
from leadtime.scenario import step
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.levers import FIRST_YEAR, N_QUARTERS

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork

#: How a value is shown: a share of something in percent; a change in percent; chips a year in millions; chips in 100; a
#: share of capital in percent, whose lever is a change of log odds.
Shown = Literal["share", "percent", "factor", "millions", "hundred", "capital"]
#: Groups of controls, in the order of the page, with the short name that a phone shows.
GROUPS = (
    ("Sales to China", "Sales"),
    ("Smuggling and chips abroad", "Abroad"),
    ("China's own chips", "Own chips"),
    ("Copying and theft of models", "Copying"),
    ("Money and tariffs", "Money"),
)
#: Chips that are stops of the first slider where the table of chips knows their speed: id and name.
STOPS = (
    ("h20", "H20"),
    ("a800-sxm", "A800"),
    ("h200-sxm", "H200"),
    ("mi325x", "MI325X"),
    ("b200", "B200"),
    ("b300", "B300"),
    ("rubin-r200", "Rubin"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control.

    Args:
        lever: The lever it sets.
        group: One of `GROUPS`.
        title: Plain name.
        meaning: What it is, a sentence.
        shown: How its value is shown.
        low: Least value of the slider, as shown.
        high: Greatest value of the slider, as shown; of millions, beyond it there is no limit.
        clause: What it says of a value, with `{v}` in its place: a clause after "If from January 2027".
    """

    lever: str
    group: str
    title: str
    meaning: str
    shown: Shown
    low: float
    high: float
    clause: str

    @property
    def logarithmic(self) -> bool:
        """Whether equal steps of the slider are equal factors."""
        return self.shown in ("factor", "millions")

    def lever_value(self, shown: float, today: float) -> float:
        """Return the lever's value of what is shown; `today` is what is shown of today."""
        if self.shown == "millions":
            return math.inf if shown > self.high else shown * 1e6
        if self.shown == "capital":
            return _log_odds(shown / 100) - _log_odds(today / 100)
        return shown / 100

    def shown_value(self, lever: float, today: float) -> float:
        """Return what is shown of a lever's value; `today` is what is shown of today."""
        if self.shown == "millions":
            return lever / 1e6
        if self.shown == "capital":
            return 100 / (1 + math.exp(-(_log_odds(today / 100) + lever)))
        return lever * 100


def _log_odds(share: float) -> float:
    kept = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(kept / (1 - kept))


CONTROLS: tuple[Control, ...] = (
    Control(
        lever="open_ratio",
        group="Sales to China",
        title="Best chip China may buy",
        shown="share",
        low=0,
        high=100,
        meaning="Its speed against the best chip on sale, with licenses granted.",
        clause="the US sells China chips up to {v} as fast as the best",
    ),
    Control(
        lever="uptake",
        group="Sales to China",
        title="Allowed chips China lets in",
        shown="share",
        low=0,
        high=100,
        meaning="China has turned most allowed chips away since August 2025.",
        clause="China lets in {v} of the chips it may buy",
    ),
    Control(
        lever="quota_h100e",
        group="Sales to China",
        title="Most chips sold a year",
        shown="millions",
        low=0,
        high=10,
        meaning="In chips as fast as an H100.",
        clause="at most {v} chips a year are sold to China",
    ),
    Control(
        lever="diversion_cut",
        group="Smuggling and chips abroad",
        title="Smuggling stopped",
        shown="share",
        low=0,
        high=100,
        meaning="Share of smuggling that checks and staff prevent, beyond what they do now.",
        clause="{v} of smuggling is stopped",
    ),
    Control(
        lever="offshore_cut",
        group="Smuggling and chips abroad",
        title="Rented computing abroad stopped",
        shown="share",
        low=0,
        high=100,
        meaning="Chinese use of chips in other countries.",
        clause="{v} of the computing rented abroad is stopped",
    ),
    Control(
        lever="transit_cost",
        group="Smuggling and chips abroad",
        title="Extra cost of smuggling routes",
        shown="percent",
        low=0,
        high=100,
        meaning="What duties and checks add on the way.",
        clause="smuggling routes cost {v} more",
    ),
    Control(
        lever="hbm_cut",
        group="China's own chips",
        title="Memory withheld",
        shown="share",
        low=0,
        high=100,
        meaning="Fast memory that Chinese chip makers do not get.",
        clause="{v} of fast memory is withheld",
    ),
    Control(
        lever="tools_cut",
        group="China's own chips",
        title="Growth stopped by withholding tools",
        shown="share",
        low=0,
        high=100,
        meaning="Growth of Chinese chip making that controls on tools stop.",
        clause="{v} of the growth of Chinese chip making is stopped",
    ),
    Control(
        lever="distillation_defense",
        group="Copying and theft of models",
        title="Copying from outputs stopped",
        shown="share",
        low=0,
        high=100,
        meaning="Training on the answers of American models.",
        clause="{v} of the copying from model outputs is stopped",
    ),
    Control(
        lever="weight_security",
        group="Copying and theft of models",
        title="Theft of models stopped",
        shown="share",
        low=0,
        high=100,
        meaning="Theft of the models themselves.",
        clause="{v} of the theft of models is stopped",
    ),
    Control(
        lever="us_investment",
        group="Money and tariffs",
        title="US and allied chip supply",
        shown="factor",
        low=50,
        high=200,
        meaning="Against what it would be.",
        clause="US and allied chip supply is {v} of what it would be",
    ),
    Control(
        lever="china_investment",
        group="Money and tariffs",
        title="Chinese chip output",
        shown="factor",
        low=50,
        high=200,
        meaning="Against what it would be.",
        clause="Chinese chip output is {v} of what it would be",
    ),
    Control(
        lever="capital_shift",
        group="Money and tariffs",
        title="China's share of AI capital",
        shown="capital",
        low=1,
        high=50,
        meaning="Money that goes into AI. The simulation passes it on to nothing else.",
        clause="China draws {v} of the money that goes into AI",
    ),
    Control(
        lever="build_cost",
        group="Money and tariffs",
        title="Tariffs on building in the US",
        shown="percent",
        low=0,
        high=50,
        meaning="What they add to the cost of a data center.",
        clause="building in the US costs {v} more",
    ),
    Control(
        lever="displacement",
        group="Money and tariffs",
        title="Sales lost elsewhere",
        shown="hundred",
        low=0,
        high=100,
        meaning="Chips that others go without for 100 sold to China.",
        clause="100 chips sold to China leave others {v} fewer",
    ),
)


def today(fork: "Fork", start: dt.date) -> dict[str, tuple[float, float, float]]:
    """Return what holds today, as it is shown: low, median and high by lever, infinite if there is no limit.

    What may be sold is the best chip over the best on sale, times the chance of its license, in the quarter in which
    changes begin.

    Args:
        fork: The scenarios of a study.
        start: The day from which levers are set.
    """
    found = {c.lever: (0.0, 0.0, 0.0) for c in CONTROLS}
    found |= {c.lever: (100.0, 100.0, 100.0) for c in CONTROLS if c.shown == "factor"}
    found["quota_h100e"] = (math.inf, math.inf, math.inf)
    at = min(max((start.year - FIRST_YEAR) * 4 + (start.month - 1) // 3, 0), N_QUARTERS - 1)
    draws = fork.draws
    found["open_ratio"] = _hundred(step.best_allowed(np, draws, fork.world.openness[at]))
    found["uptake"] = _hundred(draws["uptake-after-2025-08"])
    found["displacement"] = _hundred(draws["displacement"])
    found["capital_shift"] = _hundred(fork.run("as-is")["china_capital_share"][at])
    return found


def _hundred(values: Floats) -> tuple[float, float, float]:
    low, median, high = (100 * float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
    return low, median, high


def stops(fork: "Fork", start: dt.date) -> list[dict[str, Any]]:
    """Return the chips that are stops of the first slider, slowest first: chip, name, and speed against the best on
    sale in percent.
    """
    known = fork.world.rules.log.chips
    found = [{"chip": c, "name": name, "shown": 100 * fork.world.worth(c, start)} for c, name in STOPS if c in known]
    return sorted(found, key=lambda r: r["shown"])


def quarter_of(day: dt.date) -> str:
    """Return the simulated quarter of a day."""
    return QUARTERS[min(max((day.year - FIRST_YEAR) * 4 + (day.month - 1) // 3, 0), N_QUARTERS - 1)]
