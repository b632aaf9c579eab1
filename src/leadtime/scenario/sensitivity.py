"""Which inputs matter: Sobol indices, a tornado, and what would have to be true for the lead to vanish."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.scenario import parameters, simulate
from leadtime.scenario.inputs import QUARTERS, World
from leadtime.scenario.levers import Scenario

_KEEP = ("lag_months",)


def outcome(
    world: World, scenario: Scenario, quarter: str, against: Scenario | None = None
) -> Callable[[dict[str, Floats]], Floats]:
    """Return a function from parameters to the lag of a scenario in a quarter, or to its excess over another's."""
    at, inputs = QUARTERS.index(quarter), world.inputs(scenario)
    other = None if against is None else world.inputs(against)

    def lag(draws: dict[str, Floats]) -> Floats:
        months = simulate.run(draws, inputs, _KEEP, first=at, last=at)["lag_months"][0]
        if other is not None:
            months = months - simulate.run(draws, other, _KEEP, first=at, last=at)["lag_months"][0]
        return np.asarray(months, dtype=float)

    return lag


def sobol(
    rows: pl.DataFrame, of: Callable[[dict[str, Floats]], Floats], *, n: int = 2048, seed: int = 0
) -> pl.DataFrame:
    """Return first-order and total Sobol indices of each prior with bootstrap 90 % intervals, greatest total first.

    Saltelli's design with scrambled Sobol points (scipy.stats.sobol_indices), n (d + 2) runs.

    Args:
        rows: The priors.
        of: See `outcome`.
        n: A power of two.
        seed: Seed.
    """
    from scipy import stats
    from scipy.special import ndtri

    known = parameters.names(rows)

    def function(points: Floats) -> Floats:
        normal = ndtri(np.clip(points, 1e-6, 1 - 1e-6))
        parts = [of(parameters.from_normal(rows, normal[:, i : i + 50_000])) for i in range(0, normal.shape[1], 50_000)]
        return np.concatenate(parts)[None]

    found = stats.sobol_indices(
        func=function, n=n, dists=[stats.uniform()] * len(known), rng=np.random.default_rng([seed, 53])
    )
    with (
        warnings.catch_warnings()
    ):  # an input that does nothing has no spread to resample: its ends are NaN, and told as such
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        ends = found.bootstrap(confidence_level=0.9, n_resamples=200)
    return pl.DataFrame(
        {
            "parameter": known,
            "first": found.first_order.ravel(),
            "first_low": ends.first_order.confidence_interval.low.ravel(),
            "first_high": ends.first_order.confidence_interval.high.ravel(),
            "total": found.total_order.ravel(),
            "total_low": ends.total_order.confidence_interval.low.ravel(),
            "total_high": ends.total_order.confidence_interval.high.ravel(),
        }
    ).sort("total", descending=True)


def tornado(draws: dict[str, Floats], of: Callable[[dict[str, Floats]], Floats]) -> pl.DataFrame:
    """Return the median outcome with each parameter at its 5 % and its 95 % quantile, the others as drawn; widest
    first.
    """
    middle = float(np.median(of(draws)))
    rows = []
    for name, values in draws.items():
        ends = np.quantile(values, [0.05, 0.95])
        low, high = (float(np.median(of(draws | {name: np.full(len(values), v)}))) for v in ends)
        rows.append(
            {
                "parameter": name,
                "from": float(ends[0]),
                "to": float(ends[1]),
                "at_low": low,
                "at_high": high,
                "middle": middle,
                "width": abs(high - low),
            }
        )
    return pl.DataFrame(rows).sort("width", descending=True)


def what_would_do(
    rows: pl.DataFrame, draws: dict[str, Floats], of: Callable[[dict[str, Floats]], Floats], *, level: float = 1.0
) -> pl.DataFrame:
    """Return what a parameter alone would have to be for the median outcome to fall to `level`, within its prior's 0.5
    to 99.5 %.

    Rows of parameter, now (median of the draws), needed (None if no value does it), in_prior (its quantile in the
    prior).
    """
    from scipy.special import ndtr, ndtri

    known = parameters.names(rows)
    grid = ndtri(np.linspace(0.005, 0.995, 41))
    n = len(next(iter(draws.values())))
    result: list[dict[str, Any]] = []
    for i, name in enumerate(known):
        normal = np.zeros((len(known), len(grid)))
        normal[i] = grid
        values = parameters.from_normal(rows, normal)[name]
        medians = np.array([np.median(of(draws | {name: np.full(n, v)})) for v in (values[0], values[-1])])
        needed = quantile = None
        if medians.min() <= level:
            curve = np.array([np.median(of(draws | {name: np.full(n, v)})) for v in values])
            nearest = np.flatnonzero(curve <= level)
            now = np.median(draws[name])
            best = nearest[np.argmin(np.abs(values[nearest] - now))]
            needed, quantile = float(values[best]), float(ndtr(grid[best]))
        result.append(
            {
                "parameter": name,
                "now": float(np.median(draws[name])),
                "needed": needed,
                "in_prior": quantile,
                "least_median": float(medians.min()),
            }
        )
    return pl.DataFrame(result, schema_overrides={"needed": pl.Float64, "in_prior": pl.Float64}).sort("least_median")


def vanishing(draws: dict[str, Floats], lag: Floats, *, level: float = 1.0, least: int = 20) -> pl.DataFrame:
    """Return how the draws in which the lag falls to `level` differ from all: parameter, all, there, shift in its own
    spread.

    Empty when fewer than `least` draws do.
    """
    there = lag <= level
    if there.sum() < least:
        return pl.DataFrame(
            schema={"parameter": pl.String, "all": pl.Float64, "there": pl.Float64, "shift_sd": pl.Float64}
        )
    rows = [
        {
            "parameter": k,
            "all": float(np.median(v)),
            "there": float(np.median(v[there])),
            "shift_sd": float((np.mean(v[there]) - np.mean(v)) / (np.std(v) or 1.0)),
        }
        for k, v in draws.items()
    ]
    return pl.DataFrame(rows).sort(pl.col("shift_sd").abs(), descending=True)
