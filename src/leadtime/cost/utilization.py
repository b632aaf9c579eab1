"""How much of a chip's peak a run achieved, where that was not published: as in runs whose compute and chip-hours are
both known.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.stand_in import peaks
from leadtime.evidence import Evidence

_LEAST_RUNS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Achieved:
    """The achieved share of the 16-bit peak over runs that tell: mean and standard deviation of its logarithm, and of
    how many.
    """

    mean: float
    spread: float
    n: int


def achieved(evidence: Evidence, *, apart_from: tuple[str, ...] = ()) -> Achieved | None:
    """Return what share of the peak runs achieved whose compute and chip-hours were both published or counted; None
    where too few tell.

    Args:
        evidence: The tables.
        apart_from: Ids of runs or models that are not to tell of themselves.
    """
    known = peaks(evidence)
    runs = evidence["training_runs"].filter(
        pl.col("chip").is_in(list(known)),
        pl.col("chip_hours").is_not_null(),
        pl.col("flop").is_not_null(),
        pl.col("flop_basis").is_in(["reported", "6nd"]),
        pl.col("scope").is_in(["all", "pre-training"]),
        ~pl.col("id").is_in(list(apart_from)),
        pl.col("model").is_null() | ~pl.col("model").is_in(list(apart_from)),
    )
    rates = [r["flop"] / (r["chip_hours"] * 3600) / (known[r["chip"]] * 1e12) for r in runs.iter_rows(named=True)]
    if len(rates) < _LEAST_RUNS:
        return None
    logs = np.log(rates)
    return Achieved(mean=float(logs.mean()), spread=float(logs.std(ddof=1)), n=len(logs))


def utilization(
    evidence: Evidence, stated: Assumptions, path: str, precision: str, *, apart_from: tuple[str, ...]
) -> tuple[Floats, str]:
    """Return draws of the utilization of a run that did not publish it, and in words from what.

    Student-t about the mean log of runs that tell (the prediction of one more), clipped to 1 to 99 %; before eight of
    them were known, the interval that Epoch AI states.
    """
    found = achieved(evidence, apart_from=apart_from)
    if found is None:
        drawn = np.clip(stated.draw("uncertainty-mfu", path), 0.05, 0.99)
        center = stated.value("uncertainty-mfu")
        return drawn, f"utilization not published: {center:g} of the {precision} peak, with its spread"
    from scipy.special import ndtr, stdtrit

    if stated.n:
        share = np.clip(ndtr(stated.normal(f"utilization {path}")), 1e-6, 1 - 1e-6)
        t = stdtrit(found.n - 1, share) * np.sqrt(1 + 1 / found.n)
    else:
        t = np.zeros(1)
    drawn = np.clip(np.exp(found.mean + found.spread * t), 0.01, 0.99)
    low, high = (found.mean + found.spread * z for z in (-1.6448536269514722, 1.6448536269514722))
    ends = f"{np.exp(low):.0%} to {np.exp(high):.0%}"
    how = f"{np.exp(found.mean):.0%} of the {precision} peak ({ends}), as in {found.n} runs that tell"
    return drawn, f"utilization not published: {how}"
