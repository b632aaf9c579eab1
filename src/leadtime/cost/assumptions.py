"""Draws of the stated assumptions: one stream of random numbers per name, so that adding one moves no other."""

import zlib
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError

_Z90 = 1.6448536269514722


class Assumptions:
    """The table `assumptions`, as central values or as draws.

    Args:
        table: Rows of `assumptions`.
        seed: Seed of the draws.
        draws: Number of draws; 0 for central values only (shape (1,)).
    """

    def __init__(self, table: pl.DataFrame, *, seed: int, draws: int) -> None:
        self._rows = {row["id"]: row for row in table.iter_rows(named=True)}
        self.seed, self.n = seed, draws
        self.used: dict[str, None] = {}

    def normal(self, path: str) -> Floats:
        """Return standard normal draws that belong to a path; zero where central values are asked for."""
        if not self.n:
            return np.zeros(1)
        return np.random.default_rng([self.seed, zlib.crc32(path.encode())]).standard_normal(self.n)

    def choice(self, path: str, among: int) -> Floats:
        """Return draws of one of so many that are equally likely, 0 to `among` - 1; the first where central values are
        asked for.
        """
        if not self.n:
            return np.zeros(1)
        rng = np.random.default_rng([self.seed, zlib.crc32(path.encode())])
        return rng.integers(0, among, self.n).astype(float)

    def value(self, name: str) -> float:
        """Return the central value of an assumption.

        Raises:
            LeadtimeError: There is no such assumption on that day.
        """
        return float(self._row(name)["value"])

    def draw(self, name: str, path: str = "") -> Floats:
        """Return draws of an assumption; runs that share a `path` share them.

        Raises:
            LeadtimeError: There is no such assumption on that day.
        """
        row = self._row(name)
        kind, center = row["distribution"], float(row["value"])
        if kind == "exact" or not self.n:
            return np.full(max(self.n, 1), center)
        z = self.normal(f"{name} {path}")
        low, high = float(row["low"]), float(row["high"])
        if kind == "lognormal":
            up, down = np.log(high / center), np.log(center / low)
            return np.asarray(center * np.exp(z * np.where(z > 0, up, down) / _Z90))
        if kind == "uniform":
            from scipy.special import ndtr

            wide = (high - low) / 0.9  # low and high are the 5 % and 95 % quantiles
            return np.asarray((low + high) / 2 + wide * (ndtr(z) - 0.5))
        return np.asarray(center + z * np.where(z > 0, high - center, center - low) / _Z90)

    def about(self, name: str, center: float, path: str = "") -> Floats:
        """Return draws within the interval of a lognormal assumption about another center: what is drawn about a
        published value.

        Raises:
            LeadtimeError: There is no such assumption on that day.
        """
        row = self._row(name)
        z = self.normal(f"{name} {path}")
        up, down = np.log(float(row["high"]) / center), np.log(center / float(row["low"]))
        return np.asarray(center * np.exp(z * np.where(z > 0, up, down) / _Z90))

    def spread_oom(self, name: str) -> float:
        """Return the standard deviation of log10 of a lognormal assumption.

        Raises:
            LeadtimeError: There is no such assumption on that day.
        """
        row = self._row(name)
        return float(np.log10(float(row["high"]) / float(row["low"])) / (2 * _Z90))

    def _row(self, name: str) -> dict[str, Any]:
        if name not in self._rows:
            raise LeadtimeError(
                f"the assumption {name} is not known on that day",
                where="assumptions",
                fix="Choose a later --as-of, or add the row to evidence/assumptions.csv in a study folder.",
            )
        self.used.setdefault(name)
        return self._rows[name]

    def electricity_usd_per_kwh(self, year: int) -> tuple[float, str]:
        """Return the US industrial price of a year, and a flag where another year stands in."""
        years = sorted(int(n.rsplit("-", 1)[1]) for n in self._rows if n.startswith("epoch-electricity-"))
        if not years:
            raise LeadtimeError("no electricity price is known on that day", fix="Choose a later --as-of.")
        near = min(max(year, years[0]), years[-1])
        flag = "" if near == year else f"electricity of {near} stands in for {year}"
        return self.value(f"epoch-electricity-{near}"), flag
