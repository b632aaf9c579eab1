r"""Two clocks: the day of release, and the end of training.

An unpublished end of training is drawn from the known release delays: with delays d_k (days, of distinct training
runs), log d ~ Normal(m, s), and a model's delay is a draw from the predictive distribution (Student t in log days).
"""

import numpy as np
import polars as pl

from leadtime.capability.result import Floats

CLOCKS = ("released", "trained")


def release_days(models: pl.DataFrame) -> Floats:
    """Return the release day of each row as a day number, shape (model,)."""
    return np.array([d.toordinal() for d in models["released_on"]], dtype=float)


def known_delays(models: pl.DataFrame) -> Floats:
    """Return the known delays in days from end of training to release, one per distinct training run."""
    known = models.filter(pl.col("trained_by").is_not_null())
    known = known.sort("released_on").unique(["organization", "trained_by"], keep="first", maintain_order=True)
    days = (known["released_on"] - known["trained_by"]).dt.total_days().to_numpy().astype(float)
    return np.asarray(np.maximum(days, 1.0), dtype=float)


def training_days(models: pl.DataFrame, delays: Floats, *, draws: int, rng: np.random.Generator) -> Floats:
    """Return draws of the end of training of each row, shape (draw, model)."""
    released = release_days(models)
    logs = np.log(delays)
    n = max(logs.size, 2)
    mean, sd = (logs.mean(), logs.std(ddof=1)) if logs.size > 1 else (np.log(60.0), 1.0)
    delay = np.exp(mean + sd * np.sqrt(1 + 1 / n) * rng.standard_t(n - 1, size=(draws, released.size)))
    days = released - np.minimum(delay, 730.0)
    for i, (low, mid, high) in enumerate(models.select("trained_by_low", "trained_by", "trained_by_high").iter_rows()):
        if mid is not None:
            center = float(mid.toordinal())
            width = [float(d.toordinal()) if d else center for d in (low, high)]
            u = rng.normal(size=draws)
            days[:, i] = center + np.where(u < 0, u * (center - width[0]), u * (width[1] - center)) / 1.645
            days[:, i] = np.minimum(days[:, i], released[i])
    return np.asarray(days, dtype=float)
