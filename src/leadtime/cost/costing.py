"""What a run cost, over what is not known of it: a bill for each chip that it may have run on, and what was
filled in.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, InitVar, dataclass, field, replace

import numpy as np

from leadtime.capability.result import Floats, Integers
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.bill import Bill, estimate_of
from leadtime.cost.by_ability import Known, flop_by_ability, pooled
from leadtime.cost.definitions import Component, Cost
from leadtime.cost.in_use import chips_in_use
from leadtime.cost.meaning import CostDefinition
from leadtime.cost.run import Run
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.evidence import Evidence

#: What is doubtful of a chip is told where the run ran on it at least so often.
_TOLD_SHARE = 0.15
_UTILIZATION = "utilization not published: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One thing that is not known of a run, and what stands in for it.

    Args:
        what: What it is.
        how: What stands in, in words.
        narrow: What would narrow it.
        draws: Draws of what stands in, shape (draw,); of a chip its index.
        groups: Whether the draws name groups instead of sizes.
    """

    what: str
    how: str
    narrow: str
    draws: Floats
    groups: bool = False

    def explains(self, total: Floats) -> float:
        """Return the share of the variance of the log of a cost that goes with it, 0 to 1."""
        y = np.log(total)
        if y.std() == 0:
            return 0.0
        if self.groups:
            means = {k: y[self.draws == k].mean() for k in np.unique(self.draws)}
            return float(np.var(np.vectorize(means.__getitem__)(self.draws)) / np.var(y))
        x = np.log(self.draws)
        return 0.0 if x.std() == 0 else float(np.corrcoef(x, y)[0, 1] ** 2)


@dataclass(eq=False, repr=False)
class Costing:
    """The costs of one run over what is not known of it.

    Args:
        run: The run, as it is known.
        evidence: The tables, as of the study's day.
        known: Gives how able models are and how that goes with compute; asked only where compute is not known.
        seed: Seed; runs of one seed share the draws of shared prices.
        draws: Number of draws.
        price_usd: A rent per chip-hour to use instead of the quotes.
        price_of: Another chip whose prices stand in; where the run's chip is not known, the chip it is taken to have
            run on.

    Raises:
        LeadtimeError: Nothing is known that the cost could be told from, or a figure is off.
    """

    run: Run
    evidence: Evidence
    known: InitVar[Callable[[], Known] | None] = None
    _: KW_ONLY
    seed: int = 0
    draws: int = 2000
    price_usd: float | None = None
    price_of: str | None = None
    _costs: dict[str, Cost] = field(init=False, default_factory=dict)

    def __post_init__(self, known: Callable[[], Known] | None) -> None:
        run, evidence = self.run, self.evidence
        self._stated = Assumptions(evidence["assumptions"], seed=self.seed, draws=self.draws)
        filled: list[Filled] = []
        if (compute := self._compute(known)) is not None:
            filled.append(compute)
            run = replace(run, flop_drawn=compute.draws, flop_how=compute.how)
        chips = {run.chip or self.price_of or "": 1.0}
        if "" in chips:
            chips = self._likely_chips() or chips
        self.bills = self._bills(run, chips)
        whole = sum(chips[c] for c in self.bills)
        self.shares = {c: chips[c] / whole for c in self.bills}
        self._which_chip = self._which(list(self.shares.values()))
        if len(self.shares) > 1:
            filled.append(_chip(evidence, self.shares, self._which_chip, run.organization))
        one = next(iter(self.bills.values()))
        if one.hours.rate is not None and len(one.hours.rate) > 1:
            how = next(f for f in one.hours.flags if f.startswith(_UTILIZATION)).removeprefix(_UTILIZATION)
            filled.append(
                Filled(what="utilization", how=how, narrow="its chip-hours, or its utilization", draws=one.hours.rate)
            )
        self.filled = tuple(filled)

    def _likely_chips(self) -> dict[str, float]:
        """Return the chips that the run may have used, with their shares; none if nothing tells of any."""
        run, e = self.run, self.evidence
        started, _ = Bill(replace(run, chip_hours=1.0), e, seed=self.seed, draws=0).started()
        try:
            return chips_in_use(e, run.organization, started, apart_from=run.model or run.id)
        except LeadtimeError:
            return {}

    def _bills(self, run: Run, chips: dict[str, float]) -> dict[str, Bill]:
        """Return a bill on each chip on which the known figures of the run can be true."""
        found: dict[str, Bill] = {}
        for i, chip in enumerate(chips, start=1):
            taken = chip if run.chip is None and chip else None
            on = replace(run, chip=chip or None) if len(chips) > 1 else run
            try:
                found[chip] = Bill(
                    on,
                    self.evidence,
                    seed=self.seed,
                    draws=self.draws,
                    price_usd=self.price_usd,
                    price_of=self.price_of or taken,
                )
            except LeadtimeError:
                if i == len(chips) and not found:
                    raise
        return found

    @property
    def chip(self) -> str | None:
        """The chip, where it is known or taken to be one."""
        return next(iter(self.shares)) or None if len(self.shares) == 1 else None

    @property
    def basis(self) -> str:
        """What the chip-hours rest on."""
        return next(iter(self.bills.values())).hours.basis

    @property
    def flags(self) -> tuple[str, ...]:
        """What the run covers, where that is not the whole training of the model."""
        said = []
        if self.run.scope in ("continued", "post-training"):
            said.append(f"the {self.run.scope} training alone, not what it began from")
        runs = self.evidence["training_runs"]
        own = runs.filter(runs["id"] == self.run.id)["model"]
        if self.run.model and len(own) and own[0] and own[0] != self.run.model:
            said.append(f"the run of {own[0]}, from which it was made: what came after is not counted")
        return tuple(said)

    def cost(self, definition: CostDefinition | str) -> Cost:
        """Return the cost under a definition, over the chips it may have run on; computed once.

        Raises:
            LeadtimeError: The definition is unknown, or it cannot be computed for any of the chips.
        """
        if definition not in self._costs:
            self._costs[definition] = self._cost(definition)
        return self._costs[definition]

    def _cost(self, definition: CostDefinition | str) -> Cost:
        costs: dict[str, Cost] = {}
        for chip, bill in self.bills.items():
            try:
                costs[chip] = bill.cost(definition)
            except LeadtimeError:
                if len(self.bills) == 1 or (chip == list(self.bills)[-1] and not costs):
                    raise
        if len(self.bills) == 1:
            (only,) = costs.values()
            return replace(only, run=self.run.id, flags=_once(*self.flags, *self._told(only)))
        which = self._which_chip
        if len(costs) < len(self.bills):
            which = self._which([self.shares[c] for c in costs])
        lines = []
        for i, part in enumerate(next(iter(costs.values())).components):
            table = np.stack([np.broadcast_to(c.components[i].draws_usd, which.shape) for c in costs.values()])
            drawn = np.take_along_axis(table, which[None], axis=0)[0]
            lines.append(
                Component(name=part.name, draws_usd=drawn, basis=f"{part.basis.split(',')[0]}, over its likely chips")
            )
        told = [f for c, k in costs.items() if self.shares[c] >= _TOLD_SHARE for f in self._told(k)]
        return Cost(
            run=self.run.id,
            definition=CostDefinition(definition),
            components=tuple(lines),
            flags=_once(*self.flags, *told),
            because=_once(*(b for k in costs.values() for b in k.because)),
        )

    def _told(self, cost: Cost) -> list[str]:
        """Return what is doubtful of a cost beside what `filled` says."""
        filled = {f.how for f in self.filled}
        return [f for f in cost.flags if f not in filled and not f.startswith(_UTILIZATION)]

    def estimate(self, cost: Cost) -> Estimate:
        """Return the total of a cost as an Estimate in nominal US dollars."""
        return estimate_of(cost, self.evidence, seed=self.seed)

    def _compute(self, known: Callable[[], Known] | None) -> Filled | None:
        """Return what stands in for the training compute, None if it is known or not needed."""
        run, stated = self.run, self._stated
        hours = run.chip_hours or (run.n_chips and run.hours)
        counted = run.flop_published or run.confidence == "high" or (run.flop_low and run.flop_high)
        if hours or (run.flop is not None and counted) or (run.flop is None and run.tokens and run.active_parameters):
            return None
        if known is None or not run.model:
            return None  # what is known suffices, or the bill says what is missing
        try:
            guess, how = flop_by_ability(known, run, self.evidence, stated)
        except LeadtimeError:
            if run.flop is not None:
                return None
            raise
        if run.flop is not None:
            how = (
                f"compute as either {run.flop:.2g} FLOP, another's estimate of {run.confidence or 'unstated'}"
                f" confidence, or from {how.removeprefix('compute from ')}"
            )
            guess = pooled(guess, run, stated)
        return Filled(
            what="training compute", how=how, narrow="its training compute, or its parameters and tokens", draws=guess
        )

    def _which(self, shares: list[float]) -> Integers:
        """Return which of some chips each draw is on."""
        from scipy.special import ndtr

        at = ndtr(self._stated.normal(f"chip {self.run.model or self.run.id}"))
        return np.asarray(
            np.minimum(np.searchsorted(np.cumsum(shares) / sum(shares), at), len(shares) - 1), dtype=np.int64
        )


def _chip(evidence: Evidence, chips: dict[str, float], which: Integers, developer: str) -> Filled:
    names = dict(evidence["chips"].select("id", "name").iter_rows())
    known = (
        "those in use in its country then and those of its developer's other runs"
        if developer
        else "those in use outside China then"
    )
    mix = ", ".join(f"{names.get(c, c)} {w:.0%}" for c, w in chips.items())
    return Filled(
        what="chip", how=f"{known} ({mix})", narrow="the chip it ran on", draws=which.astype(float), groups=True
    )


def _once(*words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
