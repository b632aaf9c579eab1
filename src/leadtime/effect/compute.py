"""How much the rules changed the ratio of American to usable Chinese computing power, against named worlds without
them.

Each world without the rules is a set: what China would have bought, what it would have made itself, and what others
would have gone without. The set's corners are taken in each draw. China can buy chips of merchants (NVIDIA, AMD), not
TPUs or Trainium.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.effect.bounds import Box, over, union
from leadtime.errors import LeadtimeError
from leadtime.supply import Supply, like
from leadtime.supply.bandwidth import in_bandwidth

#: Designers whose chips anyone can buy.
MERCHANTS = frozenset({"nvidia", "amd"})
#: The first quarter whose arrivals the rules changed (rule of 2022-10-07).
FIRST_RULED = "2022Q4"
UNITS = {"int8": "dense 8-bit rate, H100-equivalents", "bandwidth": "memory bandwidth, H100-equivalents"}
#: One account of capital expenditure by calendar year, entity by entity: other rows are of fiscal years or groups.
_CAPEX = "pilz-capex-2026-08"
#: Part of the chips taken from others by one sold to China: none to all.
DISPLACEMENT = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A named world without the rules.

    Args:
        name: Key.
        words: What is assumed, in a sentence.
        change: ln(US : China) as it is less that without the rules, e-folds.
        china: Usable computing power of China without the rules over that as it is.
    """

    name: str
    words: str
    change: Box
    china: Box


class Compute:
    """Computing power at the end of a quarter, as it is and in worlds without the rules, in one unit.

    Args:
        supply: Arrivals in that unit.
        at: The quarter.

    Raises:
        LeadtimeError: Arrivals of the quarter are not counted.
    """

    def __init__(self, supply: Supply, at: str) -> None:
        self.supply, self.at = supply, at
        known = supply.history.quarters
        if at not in known or at <= FIRST_RULED:
            raise LeadtimeError(
                f"{at!r} is not a quarter since the first rule with counted arrivals",
                where="--at",
                fix=f"Expected {known[known.index(FIRST_RULED) + 1]} to {known[-1]}.",
            )
        self.end = known.index(at)
        self.ruled = np.arange(len(known)) >= known.index(FIRST_RULED)

    @functools.cached_property
    def as_is(self) -> dict[str, Floats]:
        """Return usable stocks of China by part, and `usa`, at the end of the quarter, shape (draw,)."""
        s = {k: v[:, self.end] for k, v in self.supply.stocks.items()}
        return {
            "legal": s["legal"],
            "diverted": s["diverted"],
            "domestic": self._use * (s["domestic"] + s["proxy"]),
            "rented": s["rented"],
            "usa": s["usa"],
        }

    @property
    def _use(self) -> Floats:
        return np.clip(self.supply.stated.draw("sim-domestic-use"), 0.1, 1.2)

    @property
    def china(self) -> Floats:
        """What China can use as it is: at home, and rented abroad."""
        return np.asarray(sum(v for k, v in self.as_is.items() if k != "usa"))

    def worlds(self) -> list[World]:
        """Return the worlds without the rules, and what any of them allows as the last."""
        low, high = (self._stated("effect-share-2022", end) for end in ("low", "high"))
        here = self.supply.history.quarters
        early = like.share(self.supply, like.span(like.BEFORE_ANY, here), makers={"nvidia"}, channels="legal")
        era = like.span(like.BEFORE_2023, here)
        own, every = (like.share(self.supply, era, makers=m, channels="legal") for m in ({"nvidia"}, None))
        found = [
            self._shared(
                "early-2022-middle",
                "China's share of merchant chips stayed what it was in early 2022, at its middle estimate",
                [early],
            ),
            self._shared(
                "early-2022",
                f"that share stayed between the ends of what is assumed of early 2022, {low:.0%} and {high:.0%}",
                [low, high],
            ),
            self._shared(
                "a800-h800",
                "it stayed what it was in the year before the rule of October 2023, of all arrivals or of NVIDIA's",
                [own, every],
            ),
            *self._money(),
            self._peers(era),
        ]
        return [
            *found,
            World(
                name="any",
                words="any of these",
                change=union([w.change for w in found]),
                china=union([w.china for w in found]),
            ),
        ]

    def _stated(self, name: str, end: str) -> float:
        rows = self.supply.evidence["assumptions"].filter(pl.col("id") == name)
        if rows.is_empty():
            raise LeadtimeError(
                f"the assumption {name} is not known on that day", where="assumptions", fix="Choose a later --as-of."
            )
        return float(rows[end].item())

    @functools.cached_property
    def _merchant(self) -> dict[str, Floats]:
        """Arrivals of merchant chips: `outside` (of China, not diverted), `legal` and `diverted`, shape (draw,
        quarter).
        """
        f = self.supply.arrived(frozenset(MERCHANTS))
        return {"outside": f["usa"] + f["rest"], "legal": f["legal"], "diverted": f["diverted"]}

    def _shared(self, name: str, words: str, shares: list[Floats | float]) -> World:
        """Return the world in which China bought a share of all merchant chips, as many fewer for others as
        displacement says.
        """
        m, cases = self._merchant, []
        for share, taken, kept in itertools.product(shares, DISPLACEMENT, self._kept):
            s = np.broadcast_to(np.asarray(share, dtype=float), (self.supply.draws,))[:, None]
            got = m["legal"] + m["diverted"]
            # bought = s x all, and all = what it was + (1 - taken) x (bought - got)
            bought = s * (m["outside"] + got - (1 - taken) * got) / (1 - s * (1 - taken))
            cases.append((bought, taken, kept))
        return self._world(name, words, cases)

    @property
    def _kept(self) -> tuple[float, ...]:
        return tuple(self._stated("effect-domestic-kept", end) for end in ("low", "high"))

    def _money(self) -> list[World]:
        """Return the world in which Chinese capital expenditure bought chips at what American firms paid for each in
        the year; none without accounts of both.
        """
        capex = self.supply.evidence["investment"].filter(pl.col("kind") == "capex", pl.col("source") == _CAPEX)
        usd = {
            (c, str(d.year)): v
            for c, d, v in capex.group_by("country", "period_end").agg(pl.col("value_usd").sum()).iter_rows()
        }
        part = np.zeros(len(self.supply.history.quarters))
        for i, q in enumerate(self.supply.history.quarters):
            part[i] = usd.get(("CHN", q[:4]), 0.0) / usd.get(("USA", q[:4]), np.inf)
        if any(
            q[:4] > FIRST_RULED[:4] and not part[i] for i, q in enumerate(self.supply.history.quarters[: self.end + 1])
        ):
            return []
        flow = self.supply.flows["usa"] * part
        before = self._merchant["legal"]  # years without an account: as it was
        cases = [
            (np.where(part > 0, factor * flow, before), taken, 0.0)
            for factor in (self._stated("effect-budget-factor", end) for end in ("low", "high"))
            for taken in DISPLACEMENT
        ]
        words = (
            "Chinese firms spent what they spent, or half as much again, all on chips, at what American firms paid in"
            " the year"
        )
        return [self._world("same-money", words, cases)]

    def _peers(self, era: list[int]) -> World:
        """Return the world in which China's legal arrivals grew as those of everyone else did since the year before the
        rule of October 2023.
        """
        f, m = self.supply.flows, self._merchant
        base = m["legal"][:, era].mean(axis=1, keepdims=True)
        cases = []
        for others in (m["outside"], f["usa"] + f["rest"]):
            grown = base * others / others[:, era].mean(axis=1, keepdims=True)
            bought = np.where(np.arange(grown.shape[1]) > era[-1], grown, m["legal"])
            cases += [(bought, taken, kept) for taken in DISPLACEMENT for kept in self._kept]
        words = (
            "China's purchases grew as everyone else's did since the year before the rule of October 2023, of"
            " merchants' chips or of all"
        )
        return self._world("peers", words, cases)

    def _world(self, name: str, words: str, cases: list[tuple[Floats, float, float]]) -> World:
        """Return the set that cases span: arrivals bought (draw, quarter), displacement, Chinese output kept
        (0 to 1).
        """
        now = self.as_is
        ratio = np.log(now["usa"] / self.china)
        old = np.where(self.ruled, 0.0, self.supply.flows["legal"])
        first = (
            self.supply.per_h100e_2021
            * self.supply.stated.draw("sim-stock-2021")
            * np.clip(self.supply.stated.draw("sim-china-share-2021"), 0.02, 0.6)
        )
        us = np.clip(self.supply.stated.draw("sim-us-share"), 0.3, 0.95)
        got = self._merchant["legal"] + self._merchant["diverted"]
        changes, sizes = [], []
        for bought, taken, kept in cases:
            flow = np.where(self.ruled, bought, 0.0)
            china = self.supply.stock(old + flow, first)[:, self.end] + kept * now["domestic"]
            more = self.supply.stock(np.where(self.ruled, bought - got, 0.0))[:, self.end]
            usa = np.maximum(now["usa"] - taken * us * more, 0.05 * now["usa"])
            changes.append(ratio - np.log(usa / china))
            sizes.append(china / self.china)
        return World(name=name, words=words, change=over(changes), china=over(sizes))


def computes(supply: Supply, at: str) -> dict[str, Compute]:
    """Return computing power at the end of a quarter by unit: in 8-bit rate and in memory bandwidth."""
    return {"int8": Compute(supply, at), "bandwidth": Compute(in_bandwidth(supply), at)}
