"""The constrained ensemble: prior draws weighted by how well their past fits what was observed.

The way of calibrated ensembles in climate science: every constraint, its pull and the effective sample size are shown.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from leadtime.capability import cache
from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError
from leadtime.scenario import parameters, simulate
from leadtime.scenario.inputs import QUARTERS, World
from leadtime.scenario.levers import DATA, Scenario
from leadtime.supply.arrivals import quarter_of

SHIPPED = DATA / "ensemble.npz"
SIZE = 2000
PRIOR_DRAWS = 200_000
#: Errors of comparison, beyond what sources state: other definitions of the same stock, and how ragged lags are.
_LOG_SD_STOCK, _SD_LAG_MONTHS = 0.25, 2.0
_KEEP = ("lag_months", "ratio_owned", "diverted_h100e", "legal_h100e", "domestic_h100e", "us_h100e", "rest_h100e")
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One observed quantity: `center` and `sd` on the scale of `transform` (log or identity)."""

    name: str
    words: str
    center: float
    sd: float
    log: bool
    source: str

    def misfit(self, value: Floats) -> Floats:
        """Return half the squared distance in standard deviations."""
        x = np.log(np.maximum(value, 1e-9)) if self.log else value
        return np.asarray(0.5 * ((x - (np.log(self.center) if self.log else self.center)) / self.sd) ** 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Equally weighted configurations, and how they came about.

    Args:
        draws: Parameters by name, shape (configuration,).
        key: Content key of what they were calibrated on.
        as_of: The day of the evidence.
        effective: Effective sample size of the weights.
        prior_draws: How many prior draws were weighted.
        checks: Per constraint: name, words, observed, low, high, prior and posterior quantiles, effective size without it.
    """

    draws: dict[str, Floats]
    key: str
    as_of: str
    effective: float
    prior_draws: int
    checks: pl.DataFrame

    @property
    def n(self) -> int:
        """Number of configurations."""
        return len(next(iter(self.draws.values())))


def constraints(world: World, lags: pl.DataFrame | None) -> list[Constraint]:
    """Return what was observed by the study's day: stocks, shares, smuggling, and lags by year where measured.

    Args:
        world: Evidence and rules.
        lags: Rows of date, median, low, high: mean lag over the quarter before each date; None to leave lags out.
    """
    e = world.evidence
    counted_until = max(world.history.quarters)
    found: list[Constraint] = []
    rows = e["supply_estimates"].filter(
        pl.col("quantity") == "us_over_china_stock", pl.col("unit_basis") == "fp8", pl.col("value").is_not_null()
    )
    for r in rows.sort("period_end").iter_rows(named=True):
        if quarter_of(r["period_end"]) <= counted_until:
            found.append(Constraint(name=f"ratio-{quarter_of(r['period_end'])}", words="US over Chinese stock, located", center=r["value"],
                                    sd=_LOG_SD_STOCK, log=True, source=r["source"]))  # fmt: skip
    share = e["supply_estimates"].filter(pl.col("id") == "epoch-share-2025")
    for r in share.iter_rows(named=True):
        found.append(Constraint(name="share-2025Q4", words="China in all stock, owned, nothing smuggled", center=r["value"] * 1.04,
                                sd=_LOG_SD_STOCK, log=True, source=r["source"]))  # fmt: skip
    smuggled = e["shipments"].filter(pl.col("id") == "diverted-stock-2025-epoch")
    for r in smuggled.iter_rows(named=True):
        found.append(Constraint(name="smuggled-2025Q4", words="smuggled by the end of 2025, H100e", center=r["h100e"],
                                sd=float(np.log(r["h100e_high"] / r["h100e_low"])) / (2 * _Z90), log=True, source=r["source"]))  # fmt: skip
    if lags is not None and lags.height:
        for year in sorted({d.year for d in (lags["date"] - dt.timedelta(days=1))}):
            some = lags.filter((pl.col("date") - dt.timedelta(days=1)).dt.year() == year, pl.col("median").is_finite())
            if some.height >= 2:
                error = float((some["high"] - some["low"]).mean() or 0.0) / (2 * _Z90)  # type: ignore[arg-type]
                found.append(Constraint(name=f"lag-{year}", words="mean lag of the year, months", center=float(some["median"].mean()),  # type: ignore[arg-type]
                                        sd=float(np.hypot(_SD_LAG_MONTHS, error)), log=False, source="leadtime, daily mean of the quarter"))  # fmt: skip
    if not found:
        raise LeadtimeError(
            "nothing to calibrate on was public on that day",
            where="supply_estimates",
            fix="Choose a later --as-of, or --prior.",
        )
    return found


def modeled(name: str, reports: dict[str, Floats], n_lag_quarters: dict[int, list[int]]) -> Floats:
    """Return what the simulation says of a constraint, shape (draw,)."""
    kind, when = name.split("-", 1)
    if kind == "lag":
        return np.asarray(np.mean(reports["lag_months"][n_lag_quarters[int(when)]], axis=0))
    i = QUARTERS.index(when)
    if kind == "ratio":
        return np.asarray(reports["ratio_owned"][i])
    if kind == "smuggled":
        return np.asarray(reports["diverted_h100e"][i])
    china = reports["legal_h100e"][i] + reports["domestic_h100e"][i]
    return np.asarray(china / (china + reports["us_h100e"][i] + reports["rest_h100e"][i]))


def _lag_quarters(lags: pl.DataFrame | None) -> dict[int, list[int]]:
    """Return which simulated quarters each year's observed lags are of."""
    out: dict[int, list[int]] = {}
    for day in [] if lags is None else lags.filter(pl.col("median").is_finite())["date"]:
        before = day - dt.timedelta(days=1)
        if quarter_of(before) in QUARTERS:
            out.setdefault(before.year, []).append(QUARTERS.index(quarter_of(before)))
    return out


def key_of(world: World) -> str:
    """Return the content key of what an ensemble rests on, the measured lags aside."""
    rows = (
        parameters.priors(world.evidence["assumptions"]).select("id", "low", "value", "high", "distribution").sort("id")
    )
    seen = [(c.name, c.center, c.sd) for c in constraints(world, None)]
    h = world.history
    assumed = [part for name in ("outside", "legal", "domestic") for part in h.assumed(name)]
    return cache.key("ensemble 2", rows.rows(), h.outside, h.legal, h.domestic, *assumed, world.openness, seen)


def calibrate(
    world: World, as_is: Scenario, lags: pl.DataFrame | None, *, seed: int = 0, prior_draws: int = PRIOR_DRAWS, size: int = SIZE,
    progress: Callable[[str, float], None] = lambda text, done: None,
) -> Ensemble:  # fmt: skip
    """Return the ensemble that the observations leave of the priors.

    Raises:
        LeadtimeError: Nothing was observed, or too few draws are left (effective sample size under 200).
    """
    rows = parameters.priors(world.evidence["assumptions"])
    observed, when = constraints(world, lags), _lag_quarters(lags)
    inputs = world.inputs(as_is)
    values: dict[str, list[Floats]] = {c.name: [] for c in observed}
    n_chunks = -(-prior_draws // parameters.CHUNK)
    for i in range(n_chunks):
        progress(f"prior draws, part {i + 1} of {n_chunks}", i / n_chunks)
        reports = simulate.run(parameters.chunk(rows, i, parameters.CHUNK, seed), inputs, _KEEP)
        for c in observed:
            values[c.name].append(modeled(c.name, reports, when))
    said = {name: np.concatenate(parts) for name, parts in values.items()}
    misfit = {c.name: c.misfit(said[c.name]) for c in observed}
    weight = _weights(sum(misfit.values()))  # type: ignore[arg-type]
    effective = float(1 / np.sum(weight**2))
    if effective < 200:
        raise LeadtimeError(
            f"the observations leave {effective:.0f} effective draws of {len(weight)}", where="calibrate",
            fix="Take more prior draws (--draws), or widen the priors that the checks show to be far from what was seen.",
        )  # fmt: skip
    chosen = _systematic(weight, size, seed)
    kept = _take(rows, chosen, seed)
    checks = pl.DataFrame([_check(c, said[c.name], weight, misfit) for c in observed])
    return Ensemble(
        draws=kept,
        key=key_of(world),
        as_of=str(world.evidence.as_of),
        effective=effective,
        prior_draws=len(weight),
        checks=checks,
    )


def _weights(misfit: Floats) -> Floats:
    w = np.exp(-(misfit - misfit.min()))
    return np.asarray(w / w.sum())


def _systematic(weight: Floats, size: int, seed: int) -> np.ndarray:
    """Return `size` indices drawn in proportion to the weights, with the least noise, in random order."""
    rng = np.random.default_rng([seed, 41])
    points = (rng.random() + np.arange(size)) / size
    found = np.minimum(np.searchsorted(np.cumsum(weight), points), len(weight) - 1)
    return rng.permutation(found)


def _take(rows: pl.DataFrame, chosen: np.ndarray, seed: int) -> dict[str, Floats]:
    out = {name: np.empty(len(chosen)) for name in parameters.names(rows)}
    for i in np.unique(chosen // parameters.CHUNK):
        draws = parameters.chunk(rows, int(i), parameters.CHUNK, seed)
        here = chosen // parameters.CHUNK == i
        for name, values in draws.items():
            out[name][here] = values[chosen[here] % parameters.CHUNK]
    return out


def _check(c: Constraint, value: Floats, weight: Floats, misfit: dict[str, Floats]) -> dict[str, Any]:
    order = np.argsort(value)
    total = np.cumsum(weight[order])
    posterior = [float(value[order][np.searchsorted(total, q)]) for q in (0.05, 0.5, 0.95)]
    prior = [float(v) for v in np.quantile(value, [0.05, 0.5, 0.95])]
    without = _weights(sum(m for name, m in misfit.items() if name != c.name) + np.zeros(len(weight)))
    spread = _Z90 * c.sd
    low, high = (
        (c.center * np.exp(-spread), c.center * np.exp(spread)) if c.log else (c.center - spread, c.center + spread)
    )
    return {
        "constraint": c.name, "words": c.words, "observed": c.center, "observed_low": float(low), "observed_high": float(high),
        **{f"prior_{k}": v for k, v in zip(("low", "median", "high"), prior, strict=True)},
        **{f"posterior_{k}": v for k, v in zip(("low", "median", "high"), posterior, strict=True)},
        "effective_without": float(1 / np.sum(without**2)), "source": c.source,
    }  # fmt: skip


def save(ensemble: Ensemble, file: IO[bytes]) -> None:
    """Write an ensemble into a file."""
    arrays: dict[str, Any] = {f"draw {k}": v.astype(np.float32) for k, v in ensemble.draws.items()}
    text = np.frombuffer(ensemble.checks.write_json().encode(), dtype=np.uint8)
    facts = np.array([ensemble.effective, float(ensemble.prior_draws)])
    np.savez_compressed(
        file, checks=text, facts=facts, key=np.array(ensemble.key), as_of=np.array(ensemble.as_of), **arrays
    )


def load(path: Path = SHIPPED) -> Ensemble | None:
    """Return the ensemble of a file, or None when there is none that can be read."""
    import io

    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            held = dict(stored)
        return Ensemble(
            draws={k.removeprefix("draw "): v.astype(float) for k, v in held.items() if k.startswith("draw ")},
            key=str(held["key"]), as_of=str(held["as_of"]), effective=float(held["facts"][0]), prior_draws=int(held["facts"][1]),
            checks=pl.read_json(io.BytesIO(held["checks"].tobytes())),
        )  # fmt: skip
    except (*cache.DAMAGED, IndexError, AttributeError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
