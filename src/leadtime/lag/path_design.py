"""What the path of the lag is estimated from: who was released when and by whom, and the joint draws of ability as
measured values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadtime.errors import LeadtimeError
from leadtime.lag.frontier import Bools, Floats, Integers, Worlds, side
from leadtime.units import DAYS_PER_MONTH, to_date

#: Months of the reference's frontier before its first model and after the last known day; beyond, it keeps its last
#: rate.
BEFORE_MONTHS, AFTER_MONTHS = 12, 6
#: The lag is linear between knots so many months apart.
QUARTER_MONTHS = 3.0
#: Models that a side needs, and months from the follower's first model to the last known day.
LEAST_MODELS, LEAST_MONTHS = 8, 6.0
#: Leading factors of the covariance of the draws that are kept as shared errors.
FACTORS = 3
_LEAST_VARIANCE = 0.01  # points squared: an anchor of the scale has none of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is known before any ability is; models are those of the reference, then those of the follower.

    Args:
        month: Shape (model,): release in months after `origin`.
        n_reference: How many models are the reference's.
        group: Shape (model,): number of the model's laboratory and half-year.
        group_side: Shape (group,): 0 reference, 1 follower.
        knots: Months after `origin` of the frontier's knots, a month apart.
        lag_knots: The same of the lag, a quarter apart, the last at `end`.
        end: Last known day, months after `origin`.
        origin: Day number of the reference's first model.
        level: Center of the prior of the frontier's level at knot `anchor`, points.
        anchor: Number of the knot by the middle of the models: a level known there leaves the rates free.
    """

    month: Floats
    n_reference: int
    group: Integers
    group_side: Integers
    knots: Floats
    lag_knots: Floats
    end: float
    origin: float
    level: float
    anchor: int

    @property
    def side(self) -> Integers:
        """Return 0 for each model of the reference and 1 for each of the follower, shape (model,)."""
        return (np.arange(len(self.month)) >= self.n_reference).astype(np.int64)

    def month_of(self, day: float) -> float:
        """Return a day number as months after `origin`."""
        return (day - self.origin) / DAYS_PER_MONTH

    def day_of(self, month: float) -> float:
        """Return months after `origin` as a day number."""
        return self.origin + month * DAYS_PER_MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Joint draws of ability as measured values with errors, in points.

    Args:
        mean: Shape (model,).
        factors: Shape (model, factor): errors that models share, each factor standard normal.
        variance: Shape (model,): of the rest of the error, a model's own.
    """

    mean: Floats
    factors: Floats
    variance: Floats


def design_of(
    worlds: Worlds, follower: Bools, reference: Bools, laboratory: Sequence[str], level: float | None = None
) -> tuple[Design, Seen]:
    """Return the design and the measured values of two sides.

    Args:
        worlds: The draws, by the clock of releases.
        follower: Mask over models.
        reference: Mask over models.
        laboratory: Of each model.
        level: Center of the prior of the level; by default the best of the reference near the anchor.

    Raises:
        LeadtimeError: A model is on both sides, or a side has too few models or months.
    """
    day = worlds.day.mean(axis=0)
    known = day <= worlds.as_of
    sides = [
        np.flatnonzero(side(worlds, mask, name) & known)
        for mask, name in ((reference, "reference"), (follower, "follower"))
    ]
    _enough(worlds, sides, day)
    chosen = np.concatenate(sides)
    origin = float(day[sides[0]].min())
    month = (day[chosen] - origin) / DAYS_PER_MONTH
    end = (worlds.as_of - origin) / DAYS_PER_MONTH
    seen = measured(worlds.ability[:, chosen] * worlds.scale_points.mean())
    n = len(sides[0])
    anchor = BEFORE_MONTHS + round(float(np.median(month[:n])))
    first = max(float(month[n:].min()), 0.0)
    quarters = int(np.ceil((end - first) / QUARTER_MONTHS))
    group, group_side = _groups(day[chosen], [laboratory[i] for i in chosen], n)
    near = np.argsort(np.abs(month[:n] - (anchor - BEFORE_MONTHS)), kind="stable")[: max(5, n // 10)]
    return (
        Design(
            month=month,
            n_reference=n,
            group=group,
            group_side=group_side,
            knots=np.arange(-BEFORE_MONTHS, np.ceil(end) + AFTER_MONTHS + 1.0),
            lag_knots=np.asarray(end - QUARTER_MONTHS * np.arange(quarters + 1.0)[::-1], dtype=np.float64),
            end=end,
            origin=origin,
            level=float(seen.mean[near].max()) if level is None else level,
            anchor=anchor,
        ),
        seen,
    )


def _enough(worlds: Worlds, sides: Sequence[Integers], day: Floats) -> None:
    if both := set(sides[0]) & set(sides[1]):
        raise LeadtimeError(
            f"{worlds.models[min(both)]} is on both sides: a path lies between two groups that share no model",
            fix="Choose two groups such as CHN and USA, or open and closed.",
        )
    for name, chosen in zip(("leading", "following"), sides, strict=True):
        if len(chosen) < LEAST_MODELS:
            raise LeadtimeError(
                f"the {name} side has {len(chosen)} measured models by {to_date(worlds.as_of)}; a path needs"
                f" {LEAST_MODELS}",
                fix="Choose a larger group or a later day, or ask for a definition of the lag without a path.",
            )
    begun = max(float(day[s].min()) for s in sides)
    if (worlds.as_of - begun) / DAYS_PER_MONTH < LEAST_MONTHS:
        raise LeadtimeError(
            f"both sides have measured models from {to_date(begun)} on only; a path needs {LEAST_MONTHS:.0f} months",
            fix="Choose a later day or other groups.",
        )


def measured(points: Floats) -> Seen:
    """Return the mean, shared factors and own variance of joint draws of ability, shape (draw, model).

    The lag does not change when the scale is shifted or stretched. So each draw is first put on the scale of the mean
    by least squares, which leaves only errors that can move a lag.
    """
    mean = points.mean(axis=0)
    about = mean - mean.mean()
    centered = points - points.mean(axis=1, keepdims=True)
    stretch = centered @ about / max(float(about @ about), 1e-9)
    usual = np.where(np.abs(stretch) > 0.2, stretch, 1.0)
    same = centered / usual[:, None] + mean.mean()
    mean = same.mean(axis=0)
    off = same - mean
    _, size, axes = np.linalg.svd(off, full_matrices=False)
    kept = min(FACTORS, len(size))
    factors = (axes[:kept] * size[:kept, None] / np.sqrt(max(len(points) - 1, 1))).T
    own = off.var(axis=0) - (factors**2).sum(axis=1)
    return Seen(mean=mean, factors=factors, variance=np.maximum(own, _LEAST_VARIANCE))


def _groups(day: Floats, laboratory: Sequence[str], n_reference: int) -> tuple[Integers, Integers]:
    """Return the number of each model's laboratory and half-year, and the side of each such group."""
    halves = [(d.year, d.month > 6) for d in (to_date(float(v)) for v in day)]
    keys = [(int(i >= n_reference), lab, half) for i, (lab, half) in enumerate(zip(laboratory, halves, strict=True))]
    found = sorted(set(keys))
    number = {k: i for i, k in enumerate(found)}
    return np.array([number[k] for k in keys]), np.array([k[0] for k in found])
