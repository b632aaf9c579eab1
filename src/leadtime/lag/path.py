"""The path of the lag: how far one side was behind the other at any time, now, over the past year, and whether it
grows.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.lag.frontier import Floats
from leadtime.units import DAYS_PER_YEAR, to_date, to_day

_YEAR = round(DAYS_PER_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathDraws:
    """Joint draws of the lag as a process, in months, positive when the follower is behind.

    Draw i is one path; it is not the same world as draw i of the abilities, whose draws enter as errors of measurement.

    Args:
        knot_day: Shape (knot,), day numbers a quarter apart, the last the last known day.
        months: Shape (draw, knot): the lag there, linear between.
        first: First day on which both sides have a measured model; before it nothing is known.
        mean_months: Shape (draw,): the level that the process returns to.
        spread_months: Shape (draw,): its stationary standard deviation.
        persistence: Shape (draw,): its correlation with itself a quarter later.
    """

    knot_day: Floats
    months: Floats
    first: float
    mean_months: Floats
    spread_months: Floats
    persistence: Floats

    @property
    def end(self) -> float:
        """Last known day, a day number."""
        return float(self.knot_day[-1])

    def at(self, days: Floats) -> Floats:
        """Return the lag on some days, shape (draw, day).

        Raises:
            LeadtimeError: A day lies before both sides had a model, or after the last known one.
        """
        if days.min() < self.first or days.max() > self.end:
            raise LeadtimeError(
                f"the path is known from {to_date(self.first)} to {to_date(self.end)}",
                where="day",
                fix="Choose a day between.",
            )
        right = np.clip(np.searchsorted(self.knot_day, days), 1, len(self.knot_day) - 1)
        part = (days - self.knot_day[right - 1]) / (self.knot_day[right] - self.knot_day[right - 1])
        return np.asarray((1 - part) * self.months[:, right - 1] + part * self.months[:, right])

    def mean(self, start: float, end: float) -> Floats:
        """Return the mean over the days of a period, shape (draw,)."""
        return np.asarray(self.at(np.arange(start, end + 1)).mean(axis=1))

    def now(self) -> Floats:
        """Return the lag on the last known day, shape (draw,)."""
        return np.asarray(self.months[:, -1])

    def growth(self) -> Floats:
        """Return the lag now less that of a year before, shape (draw,)."""
        return np.asarray(self.now() - self.at(np.array([self.end - _YEAR]))[:, 0])

    def year(self, back: int = 0) -> Floats:
        """Return the mean over the last year, or over one so many years before it, shape (draw,)."""
        end = self.end - back * _YEAR
        return self.mean(end - _YEAR, end)

    def table(self, days: list[dt.date]) -> pl.DataFrame:
        """Return the path on some days: date, median, 90 % interval (low, high) and 50 % interval (low_50, high_50)."""
        quantiles = np.quantile(self.at(np.array([to_day(d) for d in days])), [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        named = zip(("low", "low_50", "median", "high_50", "high"), quantiles, strict=True)
        return pl.DataFrame({"date": days, **dict(named)}).select("date", "median", "low", "high", "low_50", "high_50")

    def quarters(self) -> list[dt.date]:
        """Return the first days of the quarters in which it is known, and the last known day."""
        first, last = to_date(self.first), to_date(self.end)
        days = [dt.date(y, m, 1) for y in range(first.year, last.year + 1) for m in (1, 4, 7, 10)]
        return [*(d for d in days if first < d < last), last]

    def to_arrays(self) -> dict[str, Floats]:
        """Return it as arrays to store; `from_arrays` puts them together again."""
        return {"knot_day": self.knot_day, "first": np.array(self.first)} | {
            name: getattr(self, name).astype(np.float32)
            for name in ("months", "mean_months", "spread_months", "persistence")
        }

    @staticmethod
    def from_arrays(stored: dict[str, Floats]) -> "PathDraws":
        """Return the path that `to_arrays` took apart."""
        draws = {n: stored[n].astype(np.float64) for n in ("months", "mean_months", "spread_months", "persistence")}
        return PathDraws(knot_day=stored["knot_day"], first=float(stored["first"]), **draws)
