"""What scenarios come to: bands by quarter, the effect of the rules, its price, and what data alone show."""

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import unknown_name
from leadtime.scenario import ensemble as ensembles
from leadtime.scenario import parameters, profiles, simulate
from leadtime.scenario.ensemble import Ensemble
from leadtime.scenario.inputs import QUARTERS, World
from leadtime.scenario.levers import FIRST_YEAR, Scenario, available
from leadtime.scenario.profiles import Profile

if TYPE_CHECKING:
    from leadtime.study.lags import Lags

#: What is reported by quarter: name, unit, unit_basis, scope.
VARIABLES: dict[str, tuple[str, str, str]] = {
    "lag_months": ("months", "", ""), "chips_months": ("months", "", ""), "follower_months": ("months", "", ""),
    "ratio_used": ("ratio", "int8", "US stock over what China uses"), "ratio_owned": ("ratio", "int8", "US stock over China's own"),
    "us_h100e": ("H100e", "int8", "owned"), "rest_h100e": ("H100e", "int8", "owned"), "legal_h100e": ("H100e", "int8", "owned"),
    "diverted_h100e": ("H100e", "int8", "owned"), "domestic_h100e": ("H100e", "int8", "owned"),
    "rented_h100e": ("H100e", "int8", "used"), "used_h100e": ("H100e", "int8", "used"),
    "us_added_h100e": ("H100e per quarter", "int8", "owned"), "legal_added_h100e": ("H100e per quarter", "int8", "owned"),
    "diverted_added_h100e": ("H100e per quarter", "int8", "owned"), "domestic_added_h100e": ("H100e per quarter", "int8", "owned"),
    "largest_run_us_flop": ("FLOP", "fp16", ""), "largest_run_china_flop": ("FLOP", "fp16", ""),
    "effective_compute_e_folds": ("e-folds", "", ""), "frontier_points": ("points", "", "counted from 2022"),
    "china_points": ("points", "", "counted from 2022"), "china_capital_share": ("fraction", "", ""), "price_usd": ("USD per H100e", "int8", ""),
}  # fmt: skip
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
        """Return median and 90 % interval in a quarter, and the share of draws in which the rules did nothing or less."""
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
        return constrained(self.study, self.world, self.scenarios[BASE])

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
        """Return the draws with those a scenario or the profile replaces drawn anew."""
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
            LeadtimeError: There is none of that name, with the nearest ones.
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
        rows = []
        for name in names:
            reports = self.run(name)
            for v in variables:
                low, median, high = np.quantile(reports[v], [0.05, 0.5, 0.95], axis=1)
                unit, basis, scope = VARIABLES[v]
                rows.append(pl.DataFrame({"scenario": name, "variable": v, "unit": unit, "unit_basis": basis, "scope": scope,
                                          "quarter": QUARTERS, "low": low, "median": median, "high": high}))  # fmt: skip
        return pl.concat(rows)

    def summary(self, names: Sequence[str], quarter: str) -> list[dict[str, Any]]:
        """Return per scenario the lag in a quarter, its change from as-is in the same draws, its chances, the stock ratio."""
        at = QUARTERS.index(quarter)
        base = self.run(BASE)["lag_months"][at]
        rows = []
        for name in names:
            r = self.run(name)
            lag = r["lag_months"][at]
            rows.append({
                "scenario": name, "title": self.scenario(name).title, **_band(lag, "lag"), **_band(lag - base, "change"),
                **{f"p_over_{int(m)}": float(np.mean(lag > m)) for m in THRESHOLDS_MONTHS}, "p_level_or_ahead": float(np.mean(lag <= 0)),
                **_band(r["ratio_used"][at], "ratio_used"), **_band(r["chips_months"][at], "chips"),
                **_band(r["used_h100e"][at], "used_h100e"),
                **{f"military_{share:.0%}_h100e": float(np.median(r["used_h100e"][at]) * share) for share in MILITARY_SHARES},
                **_band(r["china_capital_share"][at], "china_capital_share"),
            })  # fmt: skip
        return rows

    def effect(self, name: str = BASE, against: str = FREE) -> Effect:
        """Return how much one scenario's lag exceeds another's in the same draws, and what the difference costs."""
        a, b = self.run(name), self.run(against)
        forgone = np.cumsum((b["legal_added_h100e"] - a["legal_added_h100e"]) * a["price_usd"], axis=0)
        denied = np.cumsum((b["used_h100e"] - a["used_h100e"]) / 4, axis=0)
        return Effect(
            months=a["lag_months"] - b["lag_months"], revenue_forgone_usd=forgone, compute_denied_h100e_years=denied
        )

    def price_of_a_month(self, name: str, against: str, quarter: str) -> dict[str, float]:
        """Return sales forgone over months of lead won until a quarter, over the draws that have any; empty when most have none."""
        e, at = self.effect(name, against), QUARTERS.index(quarter)
        months, usd = e.months[at], e.revenue_forgone_usd[at]
        won = months > 0.25
        if won.mean() < 0.5:
            return {}
        low, median, high = (float(v) for v in np.quantile(usd[won] / months[won], [0.05, 0.5, 0.95]))
        return {"median": median, "low": low, "high": high, "p_none": float(1 - won.mean())}

    def breaks(self, days: Sequence[tuple[dt.date, str]] | None = None) -> pl.DataFrame:
        """Return the data alone around each rule: China's share of arrivals and the measured lag, a year before and after.

        Args:
            days: Other days with a name for each, instead of those of the rules.
        """
        from leadtime.supply import Supply

        supply = Supply(self.study.evidence, seed=self.study.seed, draws=1000)
        names = supply.history.quarters
        f = supply.flows
        legal_share = f["legal"] / (f["legal"] + f["usa"] + f["rest"])
        share = supply.share_of_china("flow")
        lags = self.study.lag_over_time()
        rows = []
        for day, words in RULE_DAYS if days is None else days:
            at = (day.year - FIRST_YEAR) * 4 + (day.month - 1) // 3
            before, after = range(max(at - 4, 0), at), range(at + 1, at + 5)
            row: dict[str, Any] = {"on": day, "rule": words}
            for label, values in (("legal_share", legal_share), ("share", share)):
                if after[0] < len(names) and len(before):
                    then = [i for i in after if i < len(names)]
                    change = values[:, then].mean(axis=1) - values[:, list(before)].mean(axis=1)
                    row |= _band(change, f"{label}_change")
            rows.append(row | lag_break(lags, day))
        return pl.DataFrame(rows, infer_schema_length=None)

    def data_alone(self) -> str:
        """Return in a sentence what the data show around the rules, without the simulation."""
        found = self.breaks()
        said = "By the data alone: "
        if (
            "share_change_median" in found.columns
            and (some := found.filter(pl.col("share_change_median").is_not_null())).height
        ):
            r = some.sort("share_change_median").row(0, named=True)
            low, median, high = (100 * r[f"share_change_{k}"] for k in ("low", "median", "high"))
            said += f"China's share of arriving chips changed by {median:+.0f} points [{low:+.0f}, {high:+.0f}] around the {r['rule']}; "
        grew = found.filter(pl.col("lag_change_low") > 0)["rule"].to_list() if "lag_change_low" in found.columns else []
        return said + (
            f"the measured lag grew after {', '.join(grew)}."
            if grew
            else "after no rule did the measured lag clearly grow."
        )


#: The rules whose days are looked at; what changed on each is in the rules log.
RULE_DAYS = (
    (dt.date(2022, 10, 7), "controls of October 2022"), (dt.date(2023, 11, 17), "controls of October 2023"),
    (dt.date(2024, 12, 2), "memory and tools, December 2024"), (dt.date(2025, 4, 9), "H20 barred"),
    (dt.date(2026, 1, 15), "H200 case by case"),
)  # fmt: skip


def constrained(study: "Lags", world: World, as_is: Scenario) -> Ensemble:
    """Return the shipped ensemble if it was calibrated on this evidence, else one calibrated now, kept on disk."""
    key = ensembles.key_of(world)
    shipped = ensembles.load()
    if shipped is not None and shipped.key == key and not study.evidence.overlays:
        return shipped
    from leadtime.capability import cache

    path = cache.folder() / f"ensemble-{key}-{study.seed}.npz"
    kept = ensembles.load(path)
    if kept is not None and not study.evidence.overlays:
        cache.used(path)
        return kept
    found = calibrated(study, world, as_is)
    cache.kept(path, lambda file: ensembles.save(found, file))
    return found


def calibrated(study: "Lags", world: World, as_is: Scenario, *, prior_draws: int = ensembles.PRIOR_DRAWS) -> Ensemble:
    """Return an ensemble constrained by the study's evidence and the lags it measures."""
    from leadtime.errors import LeadtimeError

    try:
        lags = study.lag_over_time()
    except LeadtimeError:
        lags = None  # too few models on an early day: stocks still constrain
    return ensembles.calibrate(world, as_is, lags, seed=study.seed, prior_draws=prior_draws, progress=study.progress)


def _before(day: dt.date) -> str:
    from leadtime.supply.arrivals import quarter_of

    return quarter_of(day - dt.timedelta(days=1))


def _band(values: Floats, name: str) -> dict[str, float]:
    low, median, high = (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
    return {f"{name}_low": low, f"{name}_median": median, f"{name}_high": high}


def lag_break(lags: pl.DataFrame, day: dt.date) -> dict[str, float]:
    """Return the change of the mean lag from the year before a day to the year after; nothing without two quarters of each.

    Args:
        lags: Rows of date, median, low and high by quarter, as `Study.lag_over_time` gives them.
        day: The day; its own quarter counts for neither side.
    """
    known = {_before(d): values for d, *values in lags.select("date", "median", "low", "high").iter_rows()}
    at = (day.year - FIRST_YEAR) * 4 + (day.month - 1) // 3
    old, new = (
        [
            (m, low, high)
            for i in quarters
            if i < len(QUARTERS) and (found := known.get(QUARTERS[i]))
            for m, low, high in [found]
        ]
        for quarters in (range(max(at - 4, 0), at), range(at + 1, at + 5))
    )
    return _gap(old, new) if len(old) >= 2 and len(new) >= 2 else {}


def _gap(old: list[tuple[float, float, float]], new: list[tuple[float, float, float]]) -> dict[str, float]:
    """Return the change of the mean lag with an interval from the scatter of quarters and the error of each.

    The scatter is estimated from few quarters, hence Student's t; quarters share their abilities, so their own error does
    not average out. Without both, one day in ten of a constant lag was said to see it grow (calibration, coverage of lags).
    """
    from scipy.stats import t as student  # half a second to import

    a, b = np.array(old), np.array(new)
    change = float(b[:, 0].mean() - a[:, 0].mean())
    error = 0.0
    for x in (a, b):
        own = np.mean(((x[:, 2] - x[:, 1]) / 3.29) ** 2)
        error += x[:, 0].var(ddof=1) / len(x) + own
    half = float(student.ppf(0.95, len(a) + len(b) - 2) * np.sqrt(error))
    return {"lag_change_low": change - half, "lag_change_median": change, "lag_change_high": change + half}
