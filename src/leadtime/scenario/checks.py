"""Does the simulation reproduce what it is fitted to: its trend beside the measured one, and posterior-predictive
p-values.

A replica of the observations is what the simulation says in a draw plus an error drawn with the covariance of the fit.
The p-value of an observation is twice the share of replicas beyond it, on the side that has fewer. The p-value of all
observations together is the share of draws whose replica lies farther from the draw than the observations do. The model
was fitted to the same data, so these p-values are kind to it: a small one is a contradiction, a large one no proof.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.scenario.observed import LagsSeen, Observed

_REPLICAS = 20  # of each draw
_BAND = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The change of the yearly mean lag between two years, measured and simulated; months, 90 % intervals (low, median,
    high).

    Args:
        first: The first year.
        last: The last.
        measured: With its error of measurement.
        simulated: In the draws of the ensemble, nothing added.
        p: Two-sided p-value of the measured change, errors of the fit added to the simulated one.
    """

    first: int
    last: int
    measured: tuple[float, float, float]
    simulated: tuple[float, float, float]
    p: float

    @property
    def reproduced(self) -> bool:
        """Whether the two intervals meet."""
        return self.measured[0] <= self.simulated[2] and self.simulated[0] <= self.measured[2]

    def sentence(self) -> str:
        """Return what a reader must know first, on one line."""
        found, said = self.measured, self.simulated
        words = (
            f"from {self.first} to {self.last} the measured lag changed by {found[1]:+.1f} months ({found[0]:+.1f} to"
            f" {found[2]:+.1f}), the simulated one by {said[1]:+.1f} ({said[0]:+.1f} to {said[2]:+.1f})"
        )
        if self.reproduced:
            return f"The simulation agrees with the measured path within its errors: {words} (p = {self.p:.2g})."
        return (
            f"The simulation does not reproduce the measured path: {words}. With all errors of the fit added, p ="
            f" {self.p:.2g}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Posterior-predictive checks.

    Args:
        trend: The change of the lag, or None if lags of two years are not measured.
        p_values: Rows of constraint, words, p.
        p_all: Of all observations together.
    """

    trend: Trend | None
    p_values: pl.DataFrame
    p_all: float


def check(seen: Observed, said: dict[str, Floats], lags: LagsSeen | None, *, seed: int) -> Checks:
    """Return the checks of an ensemble.

    Args:
        seen: What was observed, with the covariance of the fit.
        said: What the ensemble says of it, shape (draw,) by constraint.
        lags: The lags among them, or None.
        seed: Seed of the replicas.
    """
    n = len(next(iter(said.values())))
    rng = np.random.default_rng([seed, 61])
    root = np.linalg.cholesky(seen.covariance)
    errors = np.einsum("ij,rjn->rin", root, rng.standard_normal((_REPLICAS, len(seen.names), n)))
    # on the scale of the errors, observations at zero: what the simulation says lies `apart` from them
    apart = np.stack([c.apart(said[c.name]) for c in seen.constraints])
    replicas = apart + errors
    rows: list[dict[str, Any]] = [
        {"constraint": c.name, "words": c.words, "p": _two_sided(replicas[:, i])}
        for i, c in enumerate(seen.constraints)
    ]
    ours = np.linalg.solve(root, apart)
    theirs = np.linalg.solve(root, errors)
    p_all = float(np.mean((theirs**2).sum(axis=1) >= (ours**2).sum(axis=0)))
    return Checks(trend=_trend(seen, said, lags, errors), p_values=pl.DataFrame(rows), p_all=p_all)


def _two_sided(apart: Floats) -> float:
    return min(1.0, 2 * min(float(np.mean(apart <= 0)), float(np.mean(apart >= 0))))


def _trend(seen: Observed, said: dict[str, Floats], lags: LagsSeen | None, errors: Floats) -> Trend | None:
    whole = [i for i, q in enumerate(lags.quarters) if len(q) == 4] if lags is not None else []
    if lags is None or not whole or whole[0] == len(lags.years) - 1:
        return None
    i, j = whole[0], len(lags.years) - 1
    a, b = f"lag-{lags.years[i]}", f"lag-{lags.years[j]}"
    simulated = said[b] - said[a]
    measured = float(lags.center[j] - lags.center[i])
    sd = float(np.sqrt(max(lags.error[i, i] + lags.error[j, j] - 2 * lags.error[i, j], 0.0)))
    replicas = simulated + errors[:, seen.names.index(b)] - errors[:, seen.names.index(a)]
    low, median, high = (float(v) for v in np.quantile(simulated, _BAND))
    return Trend(
        first=lags.years[i],
        last=lags.years[j],
        measured=(measured - 1.645 * sd, measured, measured + 1.645 * sd),
        simulated=(low, median, high),
        p=_two_sided(replicas - measured),
    )
