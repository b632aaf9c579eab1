"""How often the rules change: acts that bar, tighten or ease, counted in the log, and the chance of one more in time.

    n | rate ~ Poisson(rate T),  rate ~ Gamma(1/2, 0)   so   rate | n ~ Gamma(n + 1/2, T)
    P(at least one within h) = 1 - (T / (T + h))^(n + 1/2)

T runs from the first act (which is not counted: without it there would be no log) to the day that is asked about.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.rules.log import Log

#: Classes of acts: whose, and which effects of the table `rule_instruments` count.
CLASSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "us-bars": ("USA", ("bars",)),
    "us-tightens": ("USA", ("bars", "tightens")),
    "us-eases": ("USA", ("eases",)),
    "cn-tightens": ("CHN", ("bars", "tightens")),
}
#: What takes back an act that tightened counts as easing.
_REVERSALS = ("suspended", "not_enforced", "withdrawn", "struck_down")
#: Acts closer than this are one episode.
_APART = dt.timedelta(days=30)
_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often acts of a class come.

    Args:
        name: The class.
        episodes: First day of each episode that counts.
        instruments: What they rest on.
        years: Exposure, years.
    """

    name: str
    episodes: tuple[dt.date, ...]
    instruments: tuple[str, ...]
    years: float

    @property
    def shape(self) -> float:
        """Shape of the posterior of the rate."""
        return len(self.episodes) + 0.5

    def chance(self, days: float) -> float:
        """Return P(at least one episode within so many days)."""
        return chance_of_one(len(self.episodes), self.years, days)

    def draws(self, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Return draws of the rate, episodes a year, shape (n,)."""
        return rng.gamma(self.shape, 1.0 / self.years, n)


def chance_of_one(n: int, years: float, days: float) -> float:
    """Return P(at least one more within so many days) of a Poisson process seen `n` times in so many years."""
    return float(1.0 - (years / (years + max(days, 0.0) / _YEAR)) ** (n + 0.5))


def first_act(log: Log, as_known: dt.date) -> dt.date:
    """Return the day of the first act that bars, tightens or eases, by what the log held on a day.

    Raises:
        LeadtimeError: A day on which no act was known.
    """
    days: list[dt.date] = [
        i["announced_on"]
        for i in log.instruments.values()
        if i["known_on"] <= as_known and i["effect"] in ("bars", "tightens", "eases")
    ]
    if not days:
        raise LeadtimeError("nobody knew of a rule change by that day", fix="Choose a later --as-of.")
    return min(days)


def rate(log: Log, name: str, as_known: dt.date) -> Rate:
    """Return the rate of a class of acts by what the log held on a day.

    Raises:
        LeadtimeError: The class is unknown, or nobody knew of a rule change by that day.
    """
    if name not in CLASSES:
        raise unknown_name("class of rule changes", name, CLASSES)
    country, effects = CLASSES[name]
    acts = [
        (i["announced_on"], i["id"], i["effect"], i["jurisdiction"])
        for i in log.instruments.values()
        if i["known_on"] <= as_known and i["effect"] in ("bars", "tightens", "eases")
    ]
    first = first_act(log, as_known)
    for instrument, events in log.events.items():
        act = log.instruments[instrument]
        if act["effect"] in ("bars", "tightens"):
            acts += [
                (min(e.effective_on, e.known_on), instrument, "eases", act["jurisdiction"])
                for e in events
                if e.kind in _REVERSALS and e.known_on <= as_known
            ]
    mine = sorted((day, id_) for day, id_, effect, where in acts if where == country and effect in effects)
    episodes: list[dt.date] = []
    for day, _ in mine:
        if day > first and (not episodes or day - episodes[-1] >= _APART):
            episodes.append(day)
    years = (as_known - first).days / _YEAR
    if years <= 0:
        raise LeadtimeError("the first rule change came on that day or later", fix="Choose a later --as-of.")
    return Rate(
        name=name,
        episodes=tuple(episodes),
        instruments=tuple(sorted({id_ for day, id_ in mine if day > first})),
        years=years,
    )
