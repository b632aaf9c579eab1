"""What scenarios come to: bands by quarter, the effect of the rules by the simulation, and its price."""

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.scenario import budget as budgets
from leadtime.scenario import ensemble as ensembles
from leadtime.scenario import parameters, profiles, simulate
from leadtime.scenario.checks import Checks, check
from leadtime.scenario.ensemble import Ensemble
from leadtime.scenario.files import available
from leadtime.scenario.inputs import QUARTERS, World
from leadtime.scenario.levers import Scenario
from leadtime.scenario.observed import lags_seen, observed
from leadtime.scenario.profiles import Profile
from leadtime.scenario.robust import HALF

if TYPE_CHECKING:
    from leadtime.study.lags import Lags

#: What is reported by quarter: name, unit, unit_basis, scope.
VARIABLES: dict[str, tuple[str, str, str]] = {
    "lag_months": ("months", "", ""),
    "chips_months": ("months", "", ""),
    "follower_months": ("months", "", ""),
    "ratio_used": ("ratio", "int8", "US stock over what China uses"),
    "ratio_owned": ("ratio", "int8", "US stock over China's own"),
    "us_h100e": ("H100e", "int8", "owned"),
    "rest_h100e": ("H100e", "int8", "owned"),
    "legal_h100e": ("H100e", "int8", "owned"),
    "diverted_h100e": ("H100e", "int8", "owned"),
    "domestic_h100e": ("H100e", "int8", "owned"),
    "rented_h100e": ("H100e", "int8", "used"),
    "used_h100e": ("H100e", "int8", "used"),
    "us_added_h100e": ("H100e per quarter", "int8", "owned"),
    "legal_added_h100e": ("H100e per quarter", "int8", "owned"),
    "diverted_added_h100e": ("H100e per quarter", "int8", "owned"),
    "domestic_added_h100e": ("H100e per quarter", "int8", "owned"),
    "largest_run_us_flop": ("FLOP", "fp16", ""),
    "largest_run_china_flop": ("FLOP", "fp16", ""),
    "effective_compute_e_folds": ("e-folds", "", ""),
    "frontier_points": ("points", "", "counted from 2022"),
    "china_points": ("points", "", "counted from 2022"),
    "china_capital_share": ("fraction", "", ""),
    "price_usd": ("USD per H100e", "int8", ""),
}
MILITARY_SHARES = (0.01, 0.05, 0.20)
THRESHOLDS_MONTHS = (6.0, 12.0, 24.0)
BASE, FREE = "as-is", "no-controls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How much the rules changed the lag: joint draws by quarter, shape (quarter, draw), and what that cost."""

    months: Floats
    revenue_forgone_usd: Floats
    compute_denied_h100e_years: Floats

    def at(self, quarter: str) -> dict[str, float]:
        """Return median and 90 % interval in a quarter, and the share of draws in which the rules did nothing
        or less.
        """
        x = self.months[QUARTERS.index(quarter)]
        low, median, high = (float(v) for v in np.quantile(x, [0.05, 0.5, 0.95]))
        return {"median": median, "low": low, "high": high, "p_nothing_or_less": float(np.mean(x < 0.5))}

    def denied(self, quarter: str) -> dict[str, float]:
        """Return what China did not use until a quarter, H100e-years, median and 90 % interval."""
        low, median, high = (
            float(v) for v in np.quantile(self.compute_denied_h100e_years[QUARTERS.index(quarter)], [0.05, 0.5, 0.95])
        )
        return {"median": median, "low": low, "high": high}


class Fork:
    """The scenarios of one study, on one set of draws.

    Args:
        study: The study up to its lags; its folder may hold scenarios of its own.
        prior: Use draws of the priors instead of the constrained ensemble.
        draws: How many prior draws, with `prior`; default as many as the ensemble holds.
        profile: Whose priors replace ours (see `profiles`); what a scenario sets itself goes before.
    """

    def __init__(self, study: "Lags", *, prior: bool = False, draws: int | None = None, profile: str = "") -> None:
        self.study = study
        self.world = World(study.evidence, study.rules)
        self.scenarios = available(study.folder)
        self.profile = self._profile(profile)
        self.prior = prior
        self._n = draws or ensembles.SIZE
        self._ran: dict[str, dict[str, Floats]] = {}

    @functools.cached_property
    def ensemble(self) -> Ensemble:
        """The ensemble that ships where it fits the study's evidence; else one calibrated now and kept on disk."""
        return constrained(self.study, self.world, self.scenarios)

    @functools.cached_property
    def draws(self) -> dict[str, Floats]:
        """Parameters, shape (draw,), by name."""
        if self.prior:
            return parameters.chunk(self.priors(), 0, self._n, self.study.seed)
        return self.ensemble.draws

    def _profile(self, name: str) -> Profile | None:
        known = profiles.available(self.study.folder) if name else {}
        if name and name not in known:
            raise unknown_name("profile", name, known)
        return known.get(name)

    def priors(self, replaced: dict[str, dict[str, Any]] | None = None) -> pl.DataFrame:
        """Return the rows of the priors, with those a scenario replaces."""
        return parameters.priors(self.study.evidence["assumptions"], replaced)

    def _parameters(self, scenario: Scenario) -> dict[str, Floats]:
        """Return the draws with those a scenario or the profile replaces drawn again."""
        replaced = (self.profile.priors if self.profile else {}) | scenario.priors
        if not replaced:
            return self.draws
        n = len(next(iter(self.draws.values())))
        fresh = parameters.chunk(self.priors(replaced), 0, n, self.study.seed)
        own = {k.removeprefix(parameters.PREFIX) for k in replaced}
        return {k: fresh[k] if k in own else v for k, v in self.draws.items()}

    def scenario(self, name: str) -> Scenario:
        """Return a scenario by name.

        Raises:
            LeadtimeError: There is no such scenario. The message has the nearest names.
        """
        if name not in self.scenarios:
            raise unknown_name("scenario", name, self.scenarios)
        return self.scenarios[name]

    def run(self, name: str) -> dict[str, Floats]:
        """Return all variables of a scenario, shape (quarter, draw)."""
        if name not in self._ran:
            s = self.scenario(name)
            p, inputs = self._parameters(s), self.world.inputs(s)
            if s.changes:
                inputs |= self.world.changing(s, len(next(iter(p.values()))), self.study.seed)
            self._ran[name] = simulate.run(p, inputs, tuple(VARIABLES))
        return self._ran[name]

    def forget(self, name: str) -> None:
        """Drop a scenario and what it ran to; one that is not there is no error."""
        self.scenarios.pop(name, None)
        self._ran.pop(name, None)

    def table(self, names: Sequence[str], variables: Sequence[str] = tuple(VARIABLES)) -> pl.DataFrame:
        """Return one long table: scenario, variable, unit, unit_basis, scope, quarter, low, median, high."""
        each = [(name, v, *VARIABLES[v]) for name in names for v in variables]
        head = pl.DataFrame(each, schema=["scenario", "variable", "unit", "unit_basis", "scope"], orient="row")
        bands = [np.quantile(self.run(name)[v], [0.05, 0.5, 0.95], axis=1) for name, v, *_ in each]
        low, median, high = np.concatenate(bands, axis=1)
        rows = head.select(pl.all().repeat_by(len(QUARTERS)).explode())
        return rows.with_columns(
            quarter=pl.Series(QUARTERS * len(each)),
            low=pl.Series(low),
            median=pl.Series(median),
            high=pl.Series(high),
        )

    def summary(self, names: Sequence[str], quarter: str) -> list[dict[str, Any]]:
        """Return per scenario the lag in a quarter, its change from as-is in the same draws, its chances, the stock
        ratio.
        """
        at = QUARTERS.index(quarter)
        base = self.run(BASE)["lag_months"][at]
        rows = []
        for name in names:
            r = self.run(name)
            lag = r["lag_months"][at]
            rows.append(
                {
                    "scenario": name,
                    "title": self.scenario(name).title,
                    **_band(lag, "lag"),
                    **_band(lag - base, "change"),
                    **{f"p_over_{int(m)}": float(np.mean(lag > m)) for m in THRESHOLDS_MONTHS},
                    "p_level_or_ahead": float(np.mean(lag <= 0)),
                    **_band(r["ratio_used"][at], "ratio_used"),
                    **_band(r["chips_months"][at], "chips"),
                    **_band(r["used_h100e"][at], "used_h100e"),
                    **{
                        f"military_{100 * share:.0f}_percent_h100e": float(np.median(r["used_h100e"][at]) * share)
                        for share in MILITARY_SHARES
                    },
                    **_band(r["china_capital_share"][at], "china_capital_share"),
                }
            )
        return rows

    def effect(self, name: str = BASE, against: str = FREE) -> Effect:
        """Return how much one scenario's lag exceeds another's in the same draws, and what the difference costs."""
        a, b = self.run(name), self.run(against)
        forgone = np.cumsum((b["legal_added_h100e"] - a["legal_added_h100e"]) * a["price_usd"], axis=0)
        denied = np.cumsum((b["used_h100e"] - a["used_h100e"]) / 4, axis=0)
        return Effect(
            months=a["lag_months"] - b["lag_months"], revenue_forgone_usd=forgone, compute_denied_h100e_years=denied
        )

    @functools.cached_property
    def checks(self) -> Checks:
        """Whether the ensemble reproduces what it was fitted to (see `checks`)."""
        e = self.ensemble
        seen = observed(self.world, e.lags)
        return check(seen, seen.said(self.run(BASE), self.draws, self.world), e.lags, seed=self.study.seed)

    @functools.cached_property
    def budget(self) -> list[dict[str, Any]]:
        """What China would have bought without rules, in dollars by year, beside all capital spending on record (see
        `budget`).
        """
        found = budgets.limit(self.world)
        return [] if found is None else budgets.check(self.run(FREE), found)

    def effect_prior(self, quarter: str) -> dict[str, float]:
        """Return the effect of the rules by the priors alone: low, median, high, mean, p_over_half; for a quarter of
        `robust.BY`.
        """
        row = self.robust(quarter).filter(pl.col("kind") == "prior").row(0, named=True)
        return {k: float(row[k]) for k in ("low", "median", "high", "mean", "p_over_half")}

    def effect_posterior(self, quarter: str) -> dict[str, float]:
        """Return the same by the ensemble, from whose draws every other number of the effect comes."""
        months = self.effect().months[QUARTERS.index(quarter)]
        low, median, high = (float(v) for v in np.quantile(months, [0.05, 0.5, 0.95]))
        share = float(np.mean(months > HALF))
        return {"low": low, "median": median, "high": high, "mean": float(months.mean()), "p_over_half": share}

    def moved(self, quarter: str) -> pl.DataFrame:
        """Return which parameters the data moved, and what of the variance of the effect lies in them: rows of
        `moved.table`.

        Raises:
            LeadtimeError: A quarter for which that was not worked out (see `robust.BY`).
        """
        return self._worked_out(self.ensemble.moved, quarter)

    def robust(self, quarter: str) -> pl.DataFrame:
        """Return how the effect in a quarter depends on what is assumed: rows of `robust.table`.

        Raises:
            LeadtimeError: A quarter for which that was not worked out (see `robust.BY`).
        """
        return self._worked_out(self.ensemble.robust, quarter)

    def _worked_out(self, rows: pl.DataFrame, quarter: str) -> pl.DataFrame:
        some = rows.filter(pl.col("quarter") == quarter) if rows.height else rows
        if some.is_empty():
            known = ", ".join(rows["quarter"].unique().sort()) if rows.height else "none"
            raise LeadtimeError(
                f"nobody has worked out what the effect of {quarter} rests on",
                where="quarter",
                fix=f"It is known for {known}.",
            )
        return some

    def price_of_a_month(self, name: str, against: str, quarter: str) -> dict[str, float]:
        """Return sales forgone over months of lead won until a quarter, over the draws that have any; empty when most
        have none.
        """
        e, at = self.effect(name, against), QUARTERS.index(quarter)
        months, usd = e.months[at], e.revenue_forgone_usd[at]
        won = months > 0.25
        if won.mean() < 0.5:
            return {}
        low, median, high = (float(v) for v in np.quantile(usd[won] / months[won], [0.05, 0.5, 0.95]))
        return {"median": median, "low": low, "high": high, "p_none": float(1 - won.mean())}


def constrained(study: "Lags", world: World, scenarios: dict[str, Scenario]) -> Ensemble:
    """Return the shipped ensemble if it was calibrated on this evidence, else one calibrated now, kept on disk."""
    from leadtime.capability import cache

    key = ensembles.key_of(world)
    shipped = ensembles.load() if cache.ships() else None
    if shipped is not None and shipped.key == key and not study.evidence.overlays:
        return shipped
    path = cache.folder() / f"ensemble-{key}-{study.seed}.npz"
    with cache.alone(path.stem):
        kept = ensembles.load(path)
        if kept is not None and not study.evidence.overlays:
            cache.used(path)
            return kept
        found = calibrated(study, world, scenarios)
        cache.kept(path, lambda file: ensembles.save(found, file))
        return found


def calibrated(
    study: "Lags", world: World, scenarios: dict[str, Scenario], *, prior_draws: int = ensembles.PRIOR_DRAWS
) -> Ensemble:
    """Return an ensemble constrained by the study's evidence and the lags it measures, with what the effect
    rests on.
    """
    return ensembles.calibrate(
        world,
        scenarios[BASE],
        lags_seen(study),
        free=scenarios[FREE],
        sampling=ensembles.Sampling(prior_draws=prior_draws, seed=study.seed),
        progress=study.progress,
    )


def _before(day: dt.date) -> str:
    from leadtime.supply.arrivals import quarter_of

    return quarter_of(day - dt.timedelta(days=1))


def _band(values: Floats, name: str) -> dict[str, float]:
    low, median, high = (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
    return {f"{name}_low": low, f"{name}_median": median, f"{name}_high": high}
