"""How far the simulation can be trusted: what stands beside each of its answers, in every door."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.backtest import simulated

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork

#: How many drivers are told.
_DRIVERS = 6


def standing(fork: "Fork") -> dict[str, Any]:
    """Return the checks of a fork on the ensemble: trend, p-values, prior beside posterior, what the data moved,
    budget, hindcasts.
    """
    from leadtime.scenario import robust
    from leadtime.supply.arrivals import quarter_of

    quarter = robust.begun(quarter_of(fork.study.evidence.as_of))
    checks, moved = fork.checks, fork.moved(quarter)
    trend = checks.trend
    return {
        "sentence": (
            trend.sentence() if trend else "No trend of the lag is measured that the simulation could be held against."
        ),
        "trend": (
            None
            if trend is None
            else {
                "first": trend.first,
                "last": trend.last,
                "measured": list(trend.measured),
                "simulated": list(trend.simulated),
                "p": trend.p,
                "reproduced": trend.reproduced,
            }
        ),
        "p_values": checks.p_values.to_dicts(),
        "p_all": checks.p_all,
        "effect": {
            "quarter": quarter,
            "prior": fork.effect_prior(quarter),
            "posterior": fork.effect_posterior(quarter),
        },
        "variance": {
            "by_moved": moved["by_moved"][0],
            "by_others": moved["by_others"][0],
            "parameters": moved.select("parameter", "overlap", "moved", "share").head(_DRIVERS).to_dicts(),
        },
        "robust": fork.robust(quarter).drop("quarter").to_dicts(),
        "budget": fork.budget,
        "hindcasts": simulated.told(fork.study.as_of),
    }


def effect_words(found: dict[str, Any]) -> str:
    """Return the effect before and after the data, and what of it the data moved."""
    e, v = found["effect"], found["variance"]
    first = v["parameters"][0]
    return (
        f"Effect of the rules on the lag in {e['quarter']}, one model's answer: {_three(e['posterior'])} months; by the"
        f" priors alone {_three(e['prior'])}. More than half a month: P = {e['posterior']['p_over_half']:.2f} in our"
        f" simulation (prior {e['prior']['p_over_half']:.2f}). What the data moved explains {v['by_moved']:.0%} of its"
        f" variance, what they did not {v['by_others']:.0%}; {first['parameter']} alone {first['share']:.0%}."
    )


def robust_words(found: dict[str, Any]) -> str:
    """Return how far the chance of an effect moves with what is assumed."""
    rows = pl.DataFrame(found["robust"])

    def of(kind: str, setting: str = "") -> dict[str, Any] | None:
        some = rows.filter(pl.col("kind") == kind, pl.col("setting") == setting)
        return some.row(0, named=True) if some.height else None

    parts = [
        f"{r['p_over_half']:.2f} if runs follow the stock by {s}"
        for s in ("0.1", "0.5", "0.95")
        if (r := of("elasticity", s))
    ]
    if r := of("contaminated", "0.05"):
        parts.append(f"{r['p_low']:.2f} to {r['p_high']:.2f} if a twentieth of the prior may be anything")
    if r := of("efficiency", "0.5"):
        parts.append(f"{r['p_over_half']:.2f} if denial teaches half an e-fold")
    corners = rows.filter(pl.col("kind") == "corner")
    if corners.height:
        least, most = (float(p) for p in corners.select(pl.min("p_over_half"), most=pl.max("p_over_half")).row(0))
        parts.append(f"{least:.2f} to {most:.2f} over {corners.height} corners of three priors")
    return f"That chance is {'; '.join(parts)}."


def budget_words(found: dict[str, Any]) -> str:
    """Return what China would have bought without rules beside what its firms spent."""
    rows = [r for r in found["budget"] if r["year"] >= 2025] or found["budget"]
    if not rows:
        return "No capital spending of Chinese firms is on record to hold purchases against."
    parts = [
        f"in {r['year']} ${r['bought_median_usd'] / 1e9:.0f}B (${r['bought_low_usd'] / 1e9:.0f}B to"
        f" ${r['bought_high_usd'] / 1e9:.0f}B) of ${r['capex_usd'] / 1e9:.0f}B spent on all capital goods (more than"
        f" all of it with P = {r['p_more_than_all']:.2f})"
        for r in rows
    ]
    return f"Budget: without rules China would buy {'; '.join(parts)}."


def _three(r: dict[str, float]) -> str:
    return f"{r['median']:+.1f} ({r['low']:+.1f} to {r['high']:+.1f})"
