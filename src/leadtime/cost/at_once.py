"""How many chips a run used at once, where that was not published: from the size of runs whose count is known."""

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.run import Hours, Run
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

_LEAST_RUNS = 8


def chips_at_once(
    run: Run, hours: Hours, evidence: Evidence, stated: Assumptions
) -> tuple[Floats | float, tuple[str, ...]]:
    """Return draws of how many chips a run used at once, and what was filled in.

    The published count; else chip-hours over days; else the count that runs of so many chip-hours had: the log of the
    count regressed on the log of chip-hours over the runs of which both are known, drawn from the prediction
    (Student-t).

    Raises:
        LeadtimeError: Nothing gives it.
    """
    if run.n_chips is not None:
        return (
            run.n_chips * (1.0 if run.chip_hours_reported else stated.draw("uncertainty-quantity", f"run {run.id}")),
            (),
        )
    if run.hours is not None:
        return hours.draws / run.hours, ("chips at once from chip-hours and days",)
    known = evidence["training_runs"].filter(
        pl.col("n_chips").is_not_null(),
        pl.col("chip_hours").is_not_null(),
        pl.col("id") != run.id,
        pl.col("scope").is_in(["all", "pre-training"]),
    )
    if known.height < _LEAST_RUNS:
        raise LeadtimeError(
            f"nobody has published how many chips {run.id} used at once", where="training_runs", fix="Give --chips."
        )
    from scipy.special import ndtr, stdtrit

    x, y = (np.log(known[c].to_numpy().astype(float)) for c in ("chip_hours", "n_chips"))
    middle, slope = x.mean(), float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))
    left = y - y.mean() - slope * (x - middle)
    freedom = len(x) - 2
    scatter2 = float(left @ left) / freedom
    at = np.log(hours.draws) - middle
    width = np.sqrt(scatter2 * (1 + 1 / len(x) + at**2 / float(((x - middle) ** 2).sum())))
    share = np.clip(ndtr(stated.normal(f"at once {run.id}")), 1e-6, 1 - 1e-6)
    drawn = np.exp(y.mean() + slope * at + width * stdtrit(freedom, share))
    return np.minimum(drawn, hours.draws / 24), (f"chips at once as in {len(x)} runs of which they are known",)
