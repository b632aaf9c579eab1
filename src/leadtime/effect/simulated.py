"""What one model says of the effect, and how much of it was put in: its prior beside its posterior, and what else would
give.
"""

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork
    from leadtime.study import Study

Row = dict[str, Any]
_ENDS = ("low", "median", "high")


def simulated(study: "Study", at: str) -> Row:
    """Return the simulation's answer for the last quarter up to `at` for which it was worked out (see
    `scenario.robust`).

    Posterior and prior of as-is less no-controls in months, the probability of more than half a month, the share of the
    variance that the parameters explain which the data moved and which they did not, that probability by elasticity
    from stock to run, by weight of any other prior and by what denial teaches, the trend check and the budget check.

    Raises:
        LeadtimeError: Nothing can be simulated on the study's day.
    """
    from leadtime.scenario.robust import begun

    fork: Fork = study.fork
    quarter = begun(at)
    moved, robust = fork.moved(quarter), fork.robust(quarter)
    posterior, prior = fork.effect_posterior(quarter), fork.effect_prior(quarter)
    trend = fork.checks.trend
    first = moved.row(0, named=True)
    return {
        "quarter": quarter,
        **{f"{k}_months": posterior[k] for k in _ENDS},
        **{f"prior_{k}_months": prior[k] for k in _ENDS},
        "p_matters": posterior["p_over_half"],
        "prior_p_matters": prior["p_over_half"],
        "variance_moved": float(first["by_moved"]),
        "variance_unmoved": float(first["by_others"]),
        "n_moved": int(moved["moved"].sum()),
        "n_parameters": moved.height,
        "strongest": first["parameter"],
        "strongest_share": float(first["share"]),
        "elasticity": _rows(robust, "elasticity", "elasticity", ("p_over_half",)),
        "contamination": _rows(robust, "contaminated", "weight", ("p_low", "p_high")),
        "efficiency": _rows(robust, "efficiency", "e_folds", ("p_over_half",)),
        "trend": "" if trend is None else trend.sentence(),
        "reproduces_trend": None if trend is None else trend.reproduced,
        "budget": [{"year": r["year"], "p_more_than_all_capex": r["p_more_than_all"]} for r in fork.budget],
    }


def _rows(robust: pl.DataFrame, kind: str, name: str, columns: tuple[str, ...]) -> list[Row]:
    """Return the rows of one kind: its setting as a number, and the probabilities of more than half a month."""
    said = {"p_over_half": "p_matters", "p_low": "lower_p_matters", "p_high": "upper_p_matters"}
    some = robust.filter(pl.col("kind") == kind).sort(pl.col("setting").cast(pl.Float64))
    return [{name: float(r["setting"]), **{said[c]: float(r[c]) for c in columns}} for r in some.iter_rows(named=True)]
