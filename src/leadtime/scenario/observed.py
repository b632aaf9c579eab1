"""What the simulation's past is held against: stocks, shares, smuggling, demand and lags, each once, with their
correlation.

What comes from one source, or from one fit, errs together: it counts little more than once (`covariance`).
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError
from leadtime.once import once
from leadtime.scenario.inputs import ERA, QUARTERS, World
from leadtime.supply.arrivals import quarter_of

if TYPE_CHECKING:
    from leadtime.study.lags import Lags

#: Errors of comparison, beyond what sources state: other definitions of the same stock, and sales that are not free
#: demand.
LOG_SD_STOCK, LOG_SD_DEMAND = 0.25, 0.25
#: Of the error of a stock, the part of its variance that all figures of one source share (judged: one method, one day).
SHARED = 0.8
#: The simulation is smooth, lags are ragged: how far a year's mean strays, and how much of it is left a quarter later
#: (measured on the quarters since 2023: 0.69).
SD_LAG_MONTHS, PERSISTENCE = 2.0, 0.7
#: What is kept of a run to compare.
KEEP = ("lag_months", "ratio_owned", "diverted_h100e", "legal_h100e", "domestic_h100e", "us_h100e", "rest_h100e")
_Z90 = 1.6448536269514722
#: Lags are looked at from the quarter before this day on: the first with a measured Chinese model.
_FIRST_END = dt.date(2023, 10, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One observed quantity: `center` and `sd` on the scale of `log` (the logarithm, or as it is)."""

    name: str
    words: str
    center: float
    sd: float
    log: bool
    source: str

    def apart(self, value: Floats) -> Floats:
        """Return how far values lie above what was observed, on the scale of the error."""
        if self.log:
            return np.asarray(np.log(np.maximum(value, 1e-9)) - np.log(self.center))
        return np.asarray(value - self.center)

    def ends(self) -> tuple[float, float]:
        """Return the 90 % interval of the observation."""
        spread = _Z90 * self.sd
        if self.log:
            return float(self.center * np.exp(-spread)), float(self.center * np.exp(spread))
        return self.center - spread, self.center + spread


@dataclass(frozen=True, slots=True, kw_only=True)
class LagsSeen:
    """Mean lags by year, measured in one fit, so that they err together.

    Args:
        years: Shape (year,).
        quarters: Which simulated quarters each year's mean is of.
        center: Shape (year,), months.
        error: Shape (year, year), covariance of the measurement, months squared.
    """

    years: tuple[int, ...]
    quarters: tuple[tuple[int, ...], ...]
    center: Floats
    error: Floats

    def covariance(self) -> Floats:
        """Return the covariance of the measurement and of how ragged lags are: an AR(1) of quarters, averaged
        by year.
        """
        n = len(self.years)
        ragged = np.array([[_alike(self.quarters[i], self.quarters[j]) for j in range(n)] for i in range(n)])
        whole = _alike(tuple(range(4)), tuple(range(4)))
        return np.asarray(self.error + SD_LAG_MONTHS**2 * ragged / whole)


def _alike(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    apart = np.abs(np.subtract.outer(np.array(a), np.array(b)))
    return float(np.mean(PERSISTENCE**apart))


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that was observed: constraints, their joint covariance (on their own scales), and the quarters of
    the lags.
    """

    constraints: tuple[Constraint, ...]
    covariance: Floats
    lag_quarters: dict[str, tuple[int, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the constraints, in order."""
        return tuple(c.name for c in self.constraints)

    def only(self, keep: "tuple[str, ...]") -> "Observed":
        """Return some of the constraints with the covariance that is theirs."""
        at = [i for i, n in enumerate(self.names) if n in keep]
        return Observed(
            constraints=tuple(self.constraints[i] for i in at),
            covariance=self.covariance[np.ix_(at, at)],
            lag_quarters=self.lag_quarters,
        )

    def at(self, centers: dict[str, float]) -> "Observed":
        """Return the same observations with other values: a world that is known, for tests and checks."""
        some = tuple(replace(c, center=centers[c.name]) for c in self.constraints)
        return replace(self, constraints=some)

    def said(self, reports: dict[str, Floats], draws: dict[str, Floats], world: World) -> dict[str, Floats]:
        """Return what a run says of each constraint, shape (draw,)."""
        return {name: self._said(name, reports, draws, world) for name in self.names}

    def _said(self, name: str, reports: dict[str, Floats], draws: dict[str, Floats], world: World) -> Floats:
        kind, when = name.split("-", 1)
        if kind == "lag":
            return np.asarray(np.mean(reports["lag_months"][list(self.lag_quarters[name])], axis=0), dtype=float)
        if kind == "demand":
            return np.asarray(draws["demand-share"], dtype=float)
        i = QUARTERS.index(when)
        if kind == "ratio":
            return np.asarray(reports["ratio_owned"][i], dtype=float)
        if kind == "smuggled":
            return np.asarray(reports["diverted_h100e"][i], dtype=float)
        china = reports["legal_h100e"][i] + reports["domestic_h100e"][i]
        # that share counts smuggled chips where they were sold
        others = reports["us_h100e"][i] + reports["rest_h100e"][i] + reports["diverted_h100e"][i]
        return np.asarray(china / (china + others), dtype=float)

    def misfit(self, said: dict[str, Floats]) -> Floats:
        """Return half the squared distance to what was observed, errors correlated, shape (draw,)."""
        apart = np.stack([c.apart(said[c.name]) for c in self.constraints])
        half = np.linalg.solve(np.linalg.cholesky(self.covariance), apart)
        return np.asarray(0.5 * (half**2).sum(axis=0))


def observed(world: World, lags: LagsSeen | None) -> Observed:
    """Return what was observed by the study's day: stocks, shares, smuggling, demand, and lags by year where measured.

    Args:
        world: Evidence and rules.
        lags: See `lags_seen`; None to leave lags out.

    Raises:
        LeadtimeError: Nothing was.
    """
    found = [*_stocks(world), *_demand(world)]
    sd = np.array([c.sd for c in found])
    kind = [(c.name.split("-")[0], c.source) for c in found]
    same = np.array([[a == b for b in kind] for a in kind]).reshape(len(found), len(found))
    covariance = np.outer(sd, sd) * np.where(np.eye(len(found)) > 0, 1.0, SHARED * same)
    quarters: dict[str, tuple[int, ...]] = {}
    if lags is not None and lags.years:
        whole = lags.covariance()
        for i, year in enumerate(lags.years):
            quarters[f"lag-{year}"] = lags.quarters[i]
            found.append(
                Constraint(
                    name=f"lag-{year}",
                    words="mean lag of the year, months",
                    center=float(lags.center[i]),
                    sd=float(np.sqrt(whole[i, i])),
                    log=False,
                    source="leadtime, midpoint of two readings",
                )
            )
        n = len(covariance)
        joined = np.zeros((n + len(whole), n + len(whole)))
        joined[:n, :n], joined[n:, n:] = covariance, whole
        covariance = joined
    if not found:
        raise LeadtimeError(
            "nothing to calibrate on was public on that day",
            where="supply_estimates",
            fix="Choose a later --as-of, or --prior.",
        )
    return Observed(constraints=tuple(found), covariance=covariance, lag_quarters=quarters)


def _stocks(world: World) -> list[Constraint]:
    e, found = world.evidence, []
    counted_until = world.last_counted()
    rows = e["supply_estimates"].filter(
        pl.col("quantity") == "us_over_china_stock", pl.col("unit_basis") == "fp8", pl.col("value").is_not_null()
    )
    for r in rows.sort("period_end").iter_rows(named=True):
        if quarter_of(r["period_end"]) <= counted_until:
            found.append(
                Constraint(
                    name=f"ratio-{quarter_of(r['period_end'])}",
                    words="US over Chinese stock, located",
                    center=r["value"],
                    sd=LOG_SD_STOCK,
                    log=True,
                    source=r["source"],
                )
            )
    for r in e["supply_estimates"].filter(pl.col("id") == "epoch-share-2025").iter_rows(named=True):
        found.append(
            Constraint(
                name="share-2025Q4",
                words="China in all stock, owned, nothing smuggled",
                center=r["value"] * 1.04,
                sd=LOG_SD_STOCK,
                log=True,
                source=r["source"],
            )
        )
    for r in e["shipments"].filter(pl.col("id") == "diverted-stock-2025-epoch").iter_rows(named=True):
        found.append(
            Constraint(
                name="smuggled-2025Q4",
                words="smuggled by the end of 2025, H100e",
                center=r["h100e"],
                sd=float(np.log(r["h100e_high"] / r["h100e_low"])) / (2 * _Z90),
                log=True,
                source=r["source"],
            )
        )
    return found


def _demand(world: World) -> list[Constraint]:
    """Return China's counted share of chips for sale when chips made for the rule were sold without a license, if it is
    counted.
    """
    if world.last_counted() < ERA[1]:
        return []
    source = world.evidence["shipments"].filter(pl.col("id").str.contains("800"), pl.col("bloc") == "CHN")["source"]
    return [
        Constraint(
            name=f"demand-{ERA[0]}",
            words="share of chips for sale that China bought as A800 and H800",
            center=world.era_share(),
            sd=LOG_SD_DEMAND,
            log=True,
            source=source[0] if source.len() else "shipments",
        )
    ]


@once
def quarter_readings(study: "Lags") -> dict[int, tuple[Floats, Floats]]:
    """Return joint draws of the mean lag by simulated quarter, months, by the lower and the upper reading of a day;
    empty without any.

    The time since the leader first exceeded the follower's best is a lower bracket of the shift between two like
    frontiers, the age of the record that was matched an upper one.
    """
    from leadtime import lag

    found: dict[int, tuple[Floats, Floats]] = {}
    readings = lag.SINCE_EXCEEDED, lag.AGE_OF_MATCHED
    try:
        worlds, follower, leader = study.worlds(), study.mask("CHN"), study.mask("USA")
        for day in pl.date_range(_FIRST_END, study.evidence_through, "1q", eager=True):
            end, name = float(day.toordinal()), quarter_of(day - dt.timedelta(days=1))
            span = {"start": end - 91.0, "end": end}
            low, high = (lag.daily_mean(worlds, follower, leader, reading=r, **span).months for r in readings)
            if np.isfinite(low + high).all() and name in QUARTERS:
                found[QUARTERS.index(name)] = low, high
    except LeadtimeError:
        return {}  # too few models on an early day
    return found


@once
def quarter_lags(study: "Lags") -> dict[int, Floats]:
    """Return joint draws of the mean lag by simulated quarter: the middle between its two readings, day by day; empty
    without any.

    A smooth frontier passes between the two brackets (`quarter_readings`): so their middle.
    """
    return {i: (low + high) / 2 for i, (low, high) in quarter_readings(study).items()}


def lags_seen(study: "Lags", least: int = 2) -> LagsSeen | None:
    """Return the mean lag of each year with at least so many measured quarters; None without any (stocks still
    constrain).
    """
    found: dict[int, list[tuple[int, Floats]]] = {}
    for i, middle in quarter_lags(study).items():
        found.setdefault(int(QUARTERS[i][:4]), []).append((i, middle))
    some = {year: rows for year, rows in sorted(found.items()) if len(rows) >= least}
    if not some:
        return None
    means = np.stack([np.mean([m for _, m in rows], axis=0) for rows in some.values()])
    return LagsSeen(
        years=tuple(some),
        quarters=tuple(tuple(i for i, _ in rows) for rows in some.values()),
        center=np.median(means, axis=1),
        error=np.atleast_2d(np.cov(means)),
    )
