"""How a lag may be read from two frontiers, and what a reading comes to."""

from dataclasses import dataclass
from typing import Literal

from leadtime.lag.frontier import Floats, Integers, LagDraws


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the lag of a day is read.

    Args:
        by: What is counted: see `daily_mean`.
        tolerance_points: Within how many points counts as the same (Epoch: 1).
    """

    by: Literal["time_since_exceeded", "age_of_matched_record"]
    tolerance_points: float = 0.0


SINCE_EXCEEDED, AGE_OF_MATCHED = Reading(by="time_since_exceeded"), Reading(by="age_of_matched_record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """When a record counts as matched, and how far ahead it is looked.

    Args:
        tolerance_points: How far below a record still counts as matching it (Epoch's events: 1).
        horizon_months: The end of the curve and of the restricted mean, above 0.
    """

    tolerance_points: float = 0.0
    horizon_months: float = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedLag(LagDraws):
    """A lag with the reference model it is counted from: column number per draw, -1 where there is none."""

    model: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyLag(LagDraws):
    """The lag of each day, summarized over a period; `months` is the mean over its days.

    Args:
        least: Shape (draw,), lag of the best day of the follower, months.
        most: Shape (draw,), lag of its worst day.
        today: Shape (draw,), lag on the last day.
        share_in_lead: Shape (draw,), share of days on which the follower's best stood above the reference's.
        n_days: Shape (draw,), days counted: those on which the follower had a model.
    """

    least: Floats
    most: Floats
    today: Floats
    share_in_lead: Floats
    n_days: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp(LagDraws):
    """Time to catch up with the reference's records (Kaplan-Meier); `months` is the median.

    Args:
        restricted_mean: Shape (draw,), mean time within the horizon, months.
        grid_months: Shape (k,), times of the survival curve.
        survival: Shape (draw, k), share of records not yet matched that long after their date.
        n_events: Shape (draw,), records matched by `as_of`.
        n_open: Shape (draw,), records not yet matched, right-censored.
        horizon_months: Where the restricted mean stops.
    """

    restricted_mean: Floats
    grid_months: Floats
    survival: Floats
    n_events: Floats
    n_open: Floats
    horizon_months: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise:
    """Which of two models is abler: the probability that A is, and A minus B in points per draw."""

    definition: str
    probability: float
    points: Floats
