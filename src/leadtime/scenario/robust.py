"""How much of the simulated effect of the rules is assumed: other elasticities, priors, answers to denial, and budgets.

Each row is the same prior draws weighted by the same likelihood, with one thing otherwise:

- `elasticity`: the largest run follows the stock by so much and no other (draws within 0.03 of it);
- `contaminated`: a share of the prior is any distribution whatever (epsilon contamination, its likelihood cut at the
  99.9 % quantile); `contaminated mildly`: that share is our own prior where the effect is under half a month, or over
  it;
- `corner`: demand share, follower gain and growth of algorithms near given values at once;
- `efficiency`: Chinese laboratories answer denial by so many e-folds of efficiency;
- `budget`: only draws in which what China would buy without rules, counted years together, fits the capital spending on
  record.
"""

import itertools
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.scenario import budget, parameters, simulate
from leadtime.scenario.inputs import QUARTERS, World
from leadtime.scenario.levers import Scenario, with_constant
from leadtime.scenario.observed import KEEP, Observed

#: An effect under this many months is called none.
HALF = 0.5
ELASTICITIES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.95)
CONTAMINATIONS = (0.01, 0.05, 0.10, 0.30)
RESPONSES = (0.25, 0.5, 1.0)
CORNERS = {"demand-share": (0.12, 0.18, 0.25), "follower-gain": (0.6, 1.7, 3.5), "algorithmic-growth": (2.0, 3.4, 5.5)}
#: Fewest effective draws of a row that is shown.
LEAST = 50
#: Quarters it is worked out for; another day is told of the last of them that has begun.
BY = ("2025Q4", "2026Q4", "2027Q4", "2028Q4")
_KEPT = (*CORNERS, "run-elasticity")


def table(world: World, as_is: Scenario, free: Scenario, seen: Observed, *, seed: int, chunks: int) -> pl.DataFrame:
    """Return the rows: kind, setting, quarter, low, median, high, mean, p_over_half with p_low and p_high, effective.

    Args:
        world: What the study's day knows.
        as_is: The rules as they are.
        free: No rules.
        seen: What was observed.
        seed: Seed of the prior draws.
        chunks: How many chunks of them.
    """
    found: list[dict[str, Any]] = []
    for response in (0.0, *RESPONSES):
        few = chunks if not response else max(chunks // 4, 1)
        misfit, effects, kept, spent = _prior(world, (as_is, free), seen, seed, few, response)
        weight = np.exp(-(misfit - misfit.min()))
        for q, effect in effects.items():
            if response:
                found += _row("efficiency", f"{response:g}", q, effect, weight)
                continue
            found += _row("prior", "", q, effect, np.ones(len(effect)))
            found += _row("posterior", "", q, effect, weight)
            for e in ELASTICITIES:
                found += _row("elasticity", f"{e:g}", q, effect, weight * (np.abs(kept["run-elasticity"] - e) <= 0.03))
            found += _contaminated(q, effect, weight)
            found += _corners(q, effect, weight, kept)
            if spent is not None:
                found += _row("budget", "fits capital spending", q, effect, weight * spent)
    return pl.DataFrame(found, infer_schema_length=None)


def _prior(
    world: World, sides: tuple[Scenario, Scenario], seen: Observed, seed: int, chunks: int, response: float
) -> tuple[Floats, dict[str, Floats], dict[str, Floats], Floats | None]:
    """Return of prior draws the misfit, the effect by quarter, some parameters, and whether purchases fit the
    budget.
    """
    rows = world.priors()
    ours, theirs = (world.inputs(with_constant(s, "efficiency_response", response)) for s in sides)
    at = [QUARTERS.index(q) for q in BY]
    limit = budget.limit(world)
    parts: dict[str, list[Floats]] = {}
    for i in range(chunks):
        draws = parameters.chunk(rows, i, parameters.CHUNK, seed)
        a = simulate.run(draws, ours, KEEP)
        b = simulate.run(draws, theirs, ("lag_months", "legal_added_h100e", "price_usd"))
        one = {"misfit": seen.misfit(seen.said(a, draws, world)), **{k: draws[k] for k in _KEPT}}
        one |= {q: (a["lag_months"][j] - b["lag_months"][j]).astype(float) for q, j in zip(BY, at, strict=True)}
        if limit is not None:
            one["fits"] = (budget.spent(b, limit.years).sum(axis=0) <= limit.usd.sum()).astype(float)
        for k, v in one.items():
            parts.setdefault(k, []).append(v)
    whole = {k: np.concatenate(v) for k, v in parts.items()}
    return whole["misfit"], {q: whole[q] for q in BY}, {k: whole[k] for k in _KEPT}, whole.get("fits")


def begun(quarter: str) -> str:
    """Return the last quarter of `BY` that is no later than one, or the first of them."""
    return max((q for q in BY if q <= quarter), default=BY[0])


def quantiles(value: Floats, weight: Floats) -> tuple[float, float, float]:
    """Return the 5, 50 and 95 % quantiles of weighted draws."""
    order = np.argsort(value)
    total = np.cumsum(weight[order])
    at = [min(int(np.searchsorted(total, q * total[-1])), len(value) - 1) for q in (0.05, 0.5, 0.95)]
    low, median, high = (float(value[order][i]) for i in at)
    return low, median, high


def _row(
    kind: str, setting: str, quarter: str, effect: Floats, weight: Floats, ends: tuple[float, float] | None = None
) -> list[dict[str, Any]]:
    total = weight.sum()
    effective = float(total**2 / np.sum(weight**2)) if total > 0 else 0.0
    if effective < LEAST:
        return []
    low, median, high = quantiles(effect, weight)
    p = float(weight[effect > HALF].sum() / total)
    return [
        {
            "kind": kind,
            "setting": setting,
            "quarter": quarter,
            "low": low,
            "median": median,
            "high": high,
            "mean": float((weight * effect).sum() / total),
            "p_over_half": p,
            "p_low": ends[0] if ends else p,
            "p_high": ends[1] if ends else p,
            "effective": effective,
        }
    ]


def contaminated(effect: Floats, weight: Floats, share: float, *, mildly: bool) -> tuple[float, float]:
    """Return the least and the greatest P(effect over half a month) when a share of the prior may be otherwise.

    With m the evidence of the prior and p its probability: the rest of the prior puts all its weight on the wrong side,
    at the greatest likelihood there is (99.9 % quantile), or mildly, as our prior does on that side.

    Args:
        effect: Shape (draw,), months, of prior draws.
        weight: Their likelihood, on any scale.
        share: From 0 to 1.
        mildly: The contaminant is our own prior on one side.
    """
    over = effect > HALF
    evidence, p = weight.mean(), weight[over].sum() / weight.sum()

    def strength(side: Any) -> float:
        if not side.any():
            return 0.0
        return float(weight[side].mean() if mildly else min(np.quantile(weight, 0.999), weight[side].max()))

    ours, against, with_ = (1 - share) * evidence, share * strength(~over), share * strength(over)
    return float(ours * p / (ours + against)), float((ours * p + with_) / (ours + with_))


def _contaminated(quarter: str, effect: Floats, weight: Floats) -> list[dict[str, Any]]:
    found = []
    for mildly in (False, True):
        for share in CONTAMINATIONS:
            ends = contaminated(effect, weight, share, mildly=mildly)
            found += _row(
                "contaminated mildly" if mildly else "contaminated", f"{share:g}", quarter, effect, weight, ends
            )
    return found


def _corners(quarter: str, effect: Floats, weight: Floats, kept: dict[str, Floats]) -> list[dict[str, Any]]:
    """Return rows of corners: log distance of each parameter to its value under 12 %."""
    found = []
    for corner in itertools.product(*CORNERS.values()):
        near = np.ones(len(effect))
        for name, value in zip(CORNERS, corner, strict=True):
            near = near * (np.abs(np.log(kept[name] / value)) < 0.12)
        setting = ", ".join(f"{name} {value:g}" for name, value in zip(CORNERS, corner, strict=True))
        found += _row("corner", setting, quarter, effect, weight * near)
    return found
