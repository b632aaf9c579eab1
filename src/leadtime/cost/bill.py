"""The bill of one run under each definition of cost."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

import leadtime
from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.at_once import chips_at_once
from leadtime.cost.definitions import Component, Cost
from leadtime.cost.meaning import SENTENCES, CostDefinition
from leadtime.cost.prices import ON_DEMAND, purchase_usd, rent_usd_per_hour
from leadtime.cost.run import Hours, Run, chip_hours, doubts
from leadtime.cost.stand_in import system_usd_by_peak, watts_by_peak
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.evidence import Evidence

#: TPUs of which Epoch AI estimated the price.
_TPU_PRICED = ("tpu-v1", "tpu-v2", "tpu-v3", "tpu-v4")
_HYPERSCALERS = ("google", "deepmind", "microsoft", "amazon", "meta", "facebook")


class Bill:
    """Costs of one run, computed when asked for.

    Args:
        run: The run.
        evidence: The tables, as of the study's day.
        seed: Seed; runs of one seed share the draws of shared prices.
        draws: Number of draws; 0 gives central values alone.
        price_usd: A rent per chip-hour to use instead of the quotes.
        price_of: Another chip whose prices stand in; where the run's chip is not known, the chip it is taken to have
            run on.
    """

    def __init__(
        self,
        run: Run,
        evidence: Evidence,
        *,
        seed: int = 0,
        draws: int = 2000,
        price_usd: float | None = None,
        price_of: str | None = None,
    ) -> None:
        if price_usd is not None and not price_usd > 0:
            raise LeadtimeError(
                f"the price is {price_usd:g} dollars", where="--price-usd", fix="Expected a number above zero."
            )
        self.assumed_chip = price_of if run.chip is None else None
        if self.assumed_chip:
            run = replace(run, chip=self.assumed_chip)
        self.run, self.evidence, self.price_usd, self.price_of = run, evidence, price_usd, price_of
        self.stated = Assumptions(evidence["assumptions"], seed=seed, draws=draws)
        self.hours: Hours = chip_hours(run, evidence, self.stated)
        self.doubts = doubts(run, evidence, self.hours)
        self.priced_chip = price_of or run.chip

    def cost(self, definition: CostDefinition | str) -> Cost:
        """Return the cost under a definition.

        Raises:
            LeadtimeError: The definition is unknown, or nobody has published a price or figure that it needs.
        """
        known = [d.value for d in CostDefinition]
        if definition not in known:
            raise LeadtimeError(f"there is no cost definition {definition!r}", fix=f"Definitions: {', '.join(known)}.")
        compute: Callable[[], tuple[list[Component], list[str]]] = getattr(self, f"_{CostDefinition(definition)}")
        components, flags = compute()
        return Cost(
            run=self.run.id,
            definition=CostDefinition(definition),
            components=tuple(components),
            flags=(*self.hours.flags, *self.doubts, *flags),
            because=(self.run.source, *self.stated.used) if self.run.source else tuple(self.stated.used),
        )

    def estimate(self, cost: Cost) -> Estimate:
        """Return the total of a cost as an Estimate in nominal US dollars."""
        return estimate_of(cost, self.evidence, seed=self.stated.seed)

    def _chip(self) -> str:
        if self.priced_chip is None:
            raise LeadtimeError(
                f"nobody has published which chip {self.run.id} used",
                where="training_runs",
                fix="Give --chip or --price-of.",
            )
        if self.priced_chip not in set(self.evidence["chips"]["id"]):
            from leadtime.errors import unknown_name

            raise unknown_name("chip", self.priced_chip, self.evidence["chips"]["id"])
        return self.priced_chip

    @property
    def _stand_in(self) -> list[str]:
        return (
            [f"priced as {self.price_of}, not {self.run.chip}"]
            if self.price_of and self.price_of != self.run.chip
            else []
        )

    def started(self) -> tuple[dt.date, list[str]]:
        """Return the start of training, and a flag where it is estimated (publication less length less 60 days)."""
        if self.run.started_on:
            return self.run.started_on, []
        r = self.run
        wall = r.chip_hours / r.n_chips if r.chip_hours and r.n_chips else None
        hours = r.hours or wall or self.stated.value("epoch-train-hours-default")
        if self.run.ended_on:
            return self.run.ended_on - dt.timedelta(hours=hours), []
        gap = dt.timedelta(hours=hours) + dt.timedelta(days=self.stated.value("epoch-publication-delay"))
        return self.run.published_on - gap, ["start of training estimated from publication"]

    # -- the five --------------------------------------------------------------------------------------------------

    def _rental(self, term: str = ON_DEMAND) -> tuple[list[Component], list[str]]:
        day, flags = self.started()
        if self.price_usd is not None:
            price: Floats = np.full(1, self.price_usd)
            basis = f"${self.price_usd:g} an hour, as given"
        else:
            rent = rent_usd_per_hour(self.evidence, self.stated, self._chip(), day, term=term)
            price, basis = rent.draws_usd, rent.basis
            flags = [*flags, *rent.flags]
        return [Component(name="rent", draws_usd=self.hours.draws * price, basis=basis)], flags + self._stand_in

    def _cloud_committed(self) -> tuple[list[Component], list[str]]:
        return self._rental("3-year")

    def _amortized(self) -> tuple[list[Component], list[str]]:
        s, chip = self.stated, self._chip()
        value, overhead, flags = self.value_at_start()
        rate: Floats | float = s.value("epoch-amortization-rate")
        if s.n:
            rate = s.draw("uncertainty-depreciation", chip) / s.value("epoch-depreciation") * rate
        servers = self.hours.draws * value * rate / s.value("epoch-hours-per-year")
        share = s.value("epoch-interconnect-share")
        network: Floats | float = share / (1 - share)
        if s.n:
            network = s.about("uncertainty-interconnect", 1 / (1 - share), chip) - 1
        energy, energy_flags = self._energy()
        chips = servers / overhead
        return [
            Component(name="chips", draws_usd=chips, basis="fall in value during the run, Epoch AI's method"),
            Component(name="servers", draws_usd=servers - chips, basis="their share of the systems' price"),
            Component(name="network", draws_usd=servers * network, basis="share of the cluster's price"),
            Component(name="energy", draws_usd=energy, basis="power of the servers, cooling, industrial price"),
        ], flags + energy_flags + self._stand_in

    def _acquisition(self) -> tuple[list[Component], list[str]]:
        s, chip = self.stated, self._chip()
        price, overhead, _, flags = self._system_price(chip)
        quantity, more = chips_at_once(self.run, self.hours, self.evidence, s)
        flags = [*flags, *more]
        systems = quantity * price * self._price_factor(chip)
        share = s.value("epoch-interconnect-share")
        return [
            Component(name="chips", draws_usd=systems / overhead, basis="purchase price"),
            Component(
                name="servers", draws_usd=systems * (1 - 1 / overhead), basis="their share of the systems' price"
            ),
            Component(name="network", draws_usd=systems * share / (1 - share), basis="share of the cluster's price"),
        ], flags + self._stand_in

    def _development(self) -> tuple[list[Component], list[str]]:
        components, flags = self._amortized()
        s, own = self.stated, f"development {self.run.organization}"
        final = np.asarray(sum(c.draws_usd for c in components), dtype=float)
        factor, staff = s.draw("development-experiment-factor", own), s.draw("development-staff-share", own)
        return [
            Component(name="final run", draws_usd=final, basis="amortized"),
            Component(
                name="experiments",
                draws_usd=final * (factor - 1),
                basis="all compute over the final run's, as in four studied runs",
            ),
            Component(
                name="staff",
                draws_usd=final * factor * staff / (1 - staff),
                basis="share of the whole, as in four studied runs",
            ),
        ], [*flags, "experiments and staff by the ratios of other runs, not by this developer's books"]

    # -- what Epoch AI's method needs ------------------------------------------------------------------------------

    def value_at_start(self) -> tuple[Floats, float, list[str]]:
        """Return the value of a chip with its share of the server when training began, the server overhead, flags."""
        s, chip = self.stated, self._chip()
        price, overhead, bought_on, flags = self._system_price(chip)
        start, more = self.started()
        years = (start - bought_on).days / 365.25
        if not chip.startswith("tpu"):
            years = max(0.0, years)
        value = price * 10 ** (-s.value("epoch-depreciation") * years) * self._price_factor(chip)
        return value, overhead, flags + more

    def _price_factor(self, chip: str) -> Floats:
        kind = "uncertainty-price-tpu" if chip.startswith("tpu") else "uncertainty-price-gpu"
        family = chip.split("-", 1)[0]
        return self.stated.draw(kind, f"purchase {family}") if self.stated.n else np.ones(1)

    def _system_price(self, chip: str) -> tuple[Floats | float, float, dt.date, list[str]]:
        """Return price with the server's share, server overhead, day of acquisition, flags."""
        s = self.stated
        released = self._chip_row(chip)["released_on"] or self._chip_row(chip)["announced_on"]
        family = next((f for f in ("a100", "v100", "p100") if chip.startswith(f)), "other")
        overhead = s.value(f"epoch-server-overhead-{family}")
        if chip in _TPU_PRICED:
            version = chip.split("-")[1]
            return s.value(f"epoch-tpu-price-{version}") * overhead, overhead, released, ["TPU prices are estimates"]
        found = purchase_usd(self.evidence, chip)
        if found is None:
            price = system_usd_by_peak(self.evidence, s, chip, overhead)
            flag = f"no purchase price of {chip} is known: prices of other chips by their 16-bit peak and age stand in"
            return price, overhead, released + self._delay(), [flag]
        usd, day, basis = found
        flags = [f"purchase price of {day}, later than the run"] if day > self.run.published_on else []
        if basis == "chip":
            usd *= overhead
        if released is not None:
            day = max(day, released + self._delay())
        return usd, overhead, day, flags

    def _delay(self) -> dt.timedelta:
        return dt.timedelta(days=self.stated.value("epoch-acquisition-delay"))

    def _chip_row(self, chip: str) -> dict[str, Any]:
        return self.evidence["chips"].filter(pl.col("id") == chip).row(0, named=True)

    def _energy(self) -> tuple[Floats, list[str]]:
        s, chip = self.stated, self._chip()
        kind = "tpu" if chip.startswith("tpu") else "gpu"
        tdp = self._chip_row(chip)["tdp_w"]
        flags: list[str] = []
        if tdp is None and chip == "tpu-v4":
            tdp = s.value("epoch-tdp-tpu-v4")
        if tdp is None:
            tdp = watts_by_peak(self.evidence, chip)
            flags.append(f"power of {chip} from that of other chips by their 16-bit peak")
        own = next((f for f in ("h100", "a100", "v100") if chip.startswith(f)), "other-gpu")
        versions = {"tpu-v1": "tpu-v1", "tpu-v2": "tpu-v2", "tpu-v3": "tpu-v3"}
        server = s.value("epoch-server-power-" + (versions.get(chip, "tpu") if kind == "tpu" else own))
        hyper = any(h in self.run.organization for h in _HYPERSCALERS)
        place = "hyperscaler" if hyper else "other"
        price, flag = s.electricity_usd_per_kwh(self.run.published_on.year)
        fraction, pue = s.value(f"epoch-power-fraction-{kind}"), s.value(f"epoch-pue-{place}")
        factor: Floats | float = 1.0
        if s.n:
            factor = s.draw("uncertainty-electricity", f"run {self.run.id}")
            fraction_draws = s.draw(f"uncertainty-power-fraction-{kind}", f"run {self.run.id}")
            pue_draws = s.draw(f"uncertainty-pue-{place}", f"run {self.run.id}")
            factor = factor * fraction_draws / fraction * pue_draws / pue
        power_kw = float(tdp) / 1000 * server * fraction * pue
        return np.asarray(self.hours.draws * power_kw * price * factor), flags + ([flag] if flag else [])


def estimate_of(cost: Cost, evidence: Evidence, *, seed: int) -> Estimate:
    """Return the total of a cost as an Estimate in nominal US dollars."""
    return Estimate(
        name=f"cost.{cost.run}.{cost.definition}",
        unit="USD",
        draws=cost.total_usd,
        definition=SENTENCES[cost.definition],
        as_of=evidence.as_of.isoformat(),
        because=cost.because,
        note="; ".join(cost.flags),
        stamp={"evidence_hash": evidence.hash, "seed": seed, "version": leadtime.__version__},
    )
