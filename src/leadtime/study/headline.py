"""The headline: the gap of the past year, its change, the gap now, what bounds it, and how far other choices
move it.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.once import once
from leadtime.study.lags import START
from leadtime.study.path import LagPath, Paths

#: Days of the year over which the headline is the mean.
YEAR_DAYS = 365.0
#: Products that put several answers, or far more computing, into one: by the name of the model. Not one of these is a
#: setting of a model that is measured otherwise, so the table of efforts cannot tell them.
PARALLEL = r"^(o\d|gpt-\d).*-pro(-|$)|-heavy(-|$)|deep-think"
#: First days of the realized mean that are set beside the headline.
STARTS = ("2023-07-01", "2024-01-01", "2024-07-01", "2025-01-01")
#: How a choice of another first day begins in the table of choices: of the mean, and of the gap of trend lines.
MEAN_SINCE, LINES_SINCE = "mean since", "gap of trend lines since"
#: The choice that leaves out what developers report of their own models.
OTHERS_ALONE = "scores measured by others alone"
#: First days of the trend lines that are set beside it: the first and the last of these.
LINE_STARTS = (STARTS[0], STARTS[-1])
#: A gap of trend lines is told where so many of the draws have one.
_MOST_DRAWS = 0.9
#: Laboratories that are left out one at a time: those whose records make the largest shares of the past year's lag.
LABORATORIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What is said first of the lag between two groups, in months, positive when behind.

    Args:
        past_year: Mean over the last 365 days as realized; its interval is error of measurement alone.
        change: `past_year` less the mean over the 365 days before; None where that year has no model of the follower.
        p_grew: P(change > 0).
        since: Mean over the days since July 2023 as realized.
        path: The path of the lag; None where it cannot be estimated.
        level: The level of the process that made these lags: sampling error too.
        p_grew_without_parallel: P(change > 0) without products that put several answers into one; None where that
            cannot be told.
    """

    past_year: Estimate
    change: Estimate | None
    p_grew: float | None
    since: Estimate
    path: LagPath | None
    level: Estimate | None
    p_grew_without_parallel: float | None = None


class Headlines(Paths):
    """The headline of the lag, and what stands beside it."""

    @once
    def lag_headline(self, of: str = "CHN", behind: str = "USA") -> Headline:
        """Return the headline of one group behind another.

        Raises:
            LeadtimeError: Unknown group, or a follower without a model in the past year.
        """
        try:
            change = self.lag_year(of, behind) - self.lag_year(of, behind, back=1)
        except LeadtimeError:
            change = None
        try:
            rest: float | None = float(np.mean(self.lag_change_without_parallel(of, behind).draws > 0))
        except LeadtimeError:
            rest = None
        try:
            path: LagPath | None = self.lag_path(of, behind)
        except LeadtimeError:
            path = None
        return Headline(
            past_year=self.lag_year(of, behind),
            change=change,
            p_grew=None if change is None else float(np.mean(change.draws > 0)),
            since=self.lag(of=of, behind=behind),
            path=path,
            level=self._level_or_none(of, behind),
            p_grew_without_parallel=rest,
        )

    def lag_year(
        self,
        of: str = "CHN",
        behind: str = "USA",
        back: int = 0,
        clock: str = "released",
        benchmarks: str = "all",
    ) -> Estimate:
        """Return the realized daily mean of the lag over the last 365 days, or over those so many years before."""
        end = float(self.evidence_through.toordinal()) - back * YEAR_DAYS
        name = "past_year" if not back else f"year_{back}_before"
        return self._realized(of, behind, end - YEAR_DAYS, end, name, clock, benchmarks)

    @once
    def lag_level(self, of: str = "CHN", behind: str = "USA") -> Estimate:
        """Return the level of the process that made the lags, by the process of releases: sampling error too.

        Raises:
            LeadtimeError: A side has no model.
        """
        return replace(
            self.lag_year(of, behind),
            name=f"lag.{of}-{behind}.level".lower(),
            censored=0.0,
            note="",
            draws=self.level_arrays(of, behind)["draws"],
            definition=(
                f"{of} behind {behind}, the mean that the process of releases has in the long run: the interval"
                " holds error of measurement and of sampling."
            ),
        )

    def _level_or_none(self, of: str, behind: str) -> Estimate | None:
        try:
            return self.lag_level(of, behind)
        except LeadtimeError:
            return None

    @once
    def lag_change_without_parallel(self, of: str = "CHN", behind: str = "USA") -> Estimate:
        """Return the change of the realized lag from year to year without products that put several answers into one.

        Raises:
            LeadtimeError: The follower had no model in one of the two years.
        """
        worlds = self.worlds()
        rest = ~np.asarray(self._info(worlds.models)["id"].str.contains(PARALLEL))
        now, before = (_year(worlds, self.mask(of) & rest, self.mask(behind) & rest, back) for back in (0, 1))
        year = self.lag_year(of, behind)
        return replace(
            year,
            name=f"{year.name}.change_without_parallel",
            draws=now - before,
            models={},
            definition=(
                f"{of} behind {behind}, daily mean of the past year less that of the year before, as realized, without"
                " products that put several answers into one."
            ),
        )

    @once
    def _realized(
        self,
        of: str,
        behind: str,
        start: float,
        end: float,
        name: str,
        clock: str = "released",
        benchmarks: str = "all",
    ) -> Estimate:
        from leadtime.lag import daily_mean
        from leadtime.units import to_date

        follower, reference = (self.mask(g, benchmarks=benchmarks) for g in (of, behind))
        result = daily_mean(self.worlds(clock, benchmarks), follower, reference, start=start, end=end)
        return Estimate(
            name=f"lag.{of}-{behind}.{name}".lower(),
            unit="months",
            draws=result.months,
            definition=(
                f"{of} behind {behind}, daily mean from {to_date(start)} to {to_date(end)}, as realized: the interval"
                " is error of measurement alone."
            ),
            as_of=self.as_of.isoformat(),
            because=self._because(),
            censored=float(np.mean(result.bound != 0)),
            note=result.note,
            stamp=self.stamp,
        )

    @once
    def lag_bounding(self, of: str = "CHN", behind: str = "USA", start: str = START.isoformat()) -> pl.DataFrame:
        """Return which records of the leader bound the lag since a day, and their shares (see `lag.bounding`)."""
        from leadtime.lag.bounding import bounding

        day = float(dt.date.fromisoformat(start).toordinal())
        worlds = self.worlds()
        found = bounding(worlds, self.mask(of), self.mask(behind), start=day, end=worlds.as_of)
        named = self._info(worlds.models).select("name", "organization", model="id")
        return found.join(named, on="model", maintain_order="left").select(
            "model", "name", "organization", "days_fraction", "mean_fraction", "without_months"
        )

    @once
    def lag_sensitivity(self, of: str = "CHN", behind: str = "USA") -> pl.DataFrame:
        """Return what the headline would be by other choices: tiers of products, laboratories, own scores, first days.

        Returns:
            choice, past_year, past_year_low, past_year_high, change, p_grew (months, medians and 90 % interval); null
            where a choice is not one of these. Abilities are not fitted again, but for the scores of others alone,
            which are by `map`.
        """
        found = self.sensitivity_arrays(of, behind)
        return pl.DataFrame(found).with_columns(pl.exclude("choice").fill_nan(None))

    def sensitivity_key(self, of: str = "CHN", behind: str = "USA") -> str:
        """Return the content key of what the headline would be by other choices."""
        from leadtime.capability import cache

        files = ("study/headline.py", *(f"lag/{name}.py" for name in ("bounding", "definitions", "trend")))
        fits = (self.fit_key(), self.fit_key("independent"))
        names = self.evidence["organizations"].select("id", "name").sort("id").write_csv()
        return self._read_off("sensitivity", cache.made_by(*files), *fits, names, of, behind)

    def sensitivity_arrays(self, of: str = "CHN", behind: str = "USA") -> dict[str, Any]:
        """Return what is kept of what the headline would be by other choices, column by column."""
        from leadtime.capability import cache

        def compute() -> dict[str, Any]:
            table = self._sensitivity(of, behind)
            numbers = {c: table[c].cast(pl.Float64).to_numpy() for c in table.columns if c != "choice"}
            return {"choice": np.array(table["choice"].to_list()), **numbers}

        return cache.named(self.sensitivity_key(of, behind), compute)

    def _sensitivity(self, of: str, behind: str) -> pl.DataFrame:
        worlds, ours, theirs = self.worlds(), self.mask(of), self.mask(behind)
        info = self._info(worlds.models)
        parallel = np.asarray(info["id"].str.contains(PARALLEL))
        rows = [
            _row("the headline", worlds, ours, theirs),
            _row("without Pro, Heavy and Deep Think products", worlds, ours & ~parallel, theirs & ~parallel),
        ]
        year_ago = dt.date.fromordinal(int(worlds.as_of - YEAR_DAYS)).isoformat()
        labs = (
            self.lag_bounding(of, behind, year_ago)
            .group_by("organization", maintain_order=True)
            .agg(pl.col("mean_fraction").sum())
        )
        names = dict(self.evidence["organizations"].select("id", "name").iter_rows())
        for lab in labs.sort("mean_fraction", descending=True, maintain_order=True)["organization"].head(LABORATORIES):
            without = np.asarray(info["organization"] == lab)
            rows.append(_row(f"without {names.get(lab, lab)}", worlds, ours & ~without, theirs & ~without))
        try:
            masks = [self.mask(g, benchmarks="independent") for g in (of, behind)]
            rows.append(_row(OTHERS_ALONE, self.worlds("released", "independent"), *masks))
        except LeadtimeError:
            pass
        for start in STARTS:
            if (row := self._since(of, behind, start)) is not None:
                rows.append(row)
        for start in LINE_STARTS:
            if (row := self._lines_since(of, behind, start)) is not None:
                rows.append(row)
        return pl.DataFrame(rows, infer_schema_length=None)

    def _since(self, of: str, behind: str, start: str) -> dict[str, Any] | None:
        """Return the realized mean since a day as a row."""
        day = float(dt.date.fromisoformat(start).toordinal())
        try:
            e = self._realized(of, behind, day, float(self.evidence_through.toordinal()), "since")
        except LeadtimeError:
            return None
        return _level_row(f"{MEAN_SINCE} {start} instead of the past year", e.draws)

    def _lines_since(self, of: str, behind: str, start: str) -> dict[str, Any] | None:
        """Return the gap between the trend lines through the records since a day as a row."""
        from leadtime.lag import trend_gap_linear

        day, rng = float(dt.date.fromisoformat(start).toordinal()), np.random.default_rng([self.seed, 11])
        try:
            months = trend_gap_linear(self.worlds(), self.mask(of), self.mask(behind), start=day, rng=rng).months
        except LeadtimeError:
            return None
        if np.isfinite(months).mean() < _MOST_DRAWS:
            return None
        return _level_row(f"{LINES_SINCE} {start} instead of the past year", months)


def _level_row(choice: str, months: Any) -> dict[str, Any]:
    """Return a lag as a row without a change between years."""
    low, mid, high = (float(v) for v in np.quantile(months[np.isfinite(months)], [0.05, 0.5, 0.95]))
    level = {"past_year": mid, "past_year_low": low, "past_year_high": high}
    return {"choice": choice, **level, "change": None, "p_grew": None}


def _row(choice: str, worlds: Any, follower: Any, reference: Any) -> dict[str, Any]:
    """Return the past year, its change and P(grew) under one choice of models."""
    now = _year(worlds, follower, reference, 0)
    row = _level_row(choice, now)
    try:
        change = now - _year(worlds, follower, reference, 1)
    except LeadtimeError:
        return row
    change = change[np.isfinite(change)]
    return row | ({"change": float(np.median(change)), "p_grew": float(np.mean(change > 0))} if change.size else {})


def _year(worlds: Any, follower: Any, reference: Any, back: int) -> Any:
    """Return the realized mean of the last 365 days, or of those so many years before, shape (draw,)."""
    from leadtime.lag import daily_mean

    end = worlds.as_of - back * YEAR_DAYS
    return daily_mean(worlds, follower, reference, start=end - YEAR_DAYS, end=end).months


def agreed(*chances: float) -> float:
    """Return the chance to speak by where several readings give one each: the one nearest to a half."""
    return min(chances, key=lambda p: abs(p - 0.5))
