"""The stage that says how far behind one side is now, how the lag came there, and whether it grows."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.once import once
from leadtime.study.lags import Lags

#: The code that makes a path.
_MADE_BY = tuple(f"lag/{name}.py" for name in ("path", "path_design", "path_fit", "path_model", "path_space"))
_NOTE = "Draws of the path are not the worlds of other draws: abilities enter as measured values with errors."


@dataclass(frozen=True, slots=True, kw_only=True)
class LagPath:
    """The lag of one side behind another as a path in time, months, positive when behind.

    Args:
        of: The following side.
        behind: The side it is compared with.
        table: By quarter and on the last known day: date, median, low, high (90%), low_50, high_50.
        now: The lag on the last known day.
        level: The level that the process returns to. It includes sampling error, not only error of measurement.
        past_year: Mean over the last 365 days. None if the path does not reach back so far, as below.
        change: `past_year` minus the mean over the year before.
        growth: `now` minus the lag a year before.
        p_growing: P(growth > 0).
        r_hat_max: R-hat of the worst published parameter.
        ess_min: Effective draws of the worst.
        divergences: Diverged transitions, of `n_draws` drawn in all.
        n_draws: Draws of all chains.
        stamp: Version, evidence hash, seed and settings.
    """

    of: str
    behind: str
    table: pl.DataFrame
    now: Estimate
    level: Estimate
    past_year: Estimate | None
    change: Estimate | None
    growth: Estimate | None
    p_growing: float | None
    r_hat_max: float
    ess_min: float
    divergences: int
    n_draws: int
    stamp: dict[str, Any]

    def __str__(self) -> str:
        grows = "" if self.p_growing is None else f"; grew in twelve months with probability {self.p_growing:.2f}"
        return f"{self.of} behind {self.behind}, now: {self.now}{grows}"


class Paths(Lags):
    """The lag as a process that all models of both sides inform (docs/methods/lag.md, the path)."""

    @once
    def lag_path(self, of: str = "CHN", behind: str = "USA", benchmarks: str = "all", effort: str = "best") -> LagPath:
        """Return the path of the lag of one group behind another. There is no start date to choose.

        Raises:
            LeadtimeError: A group is unknown, there are too few models or months, the groups share a model, or the
                chains did not mix.
        """
        from leadtime.lag.path import PathDraws

        stored = self.path_arrays(of, behind, benchmarks, effort)
        path = PathDraws.from_arrays(stored)
        r_hat, ess, divergences, n_draws = stored["diagnostics"].tolist()
        make = functools.partial(self._of_path, of, behind, benchmarks, effort)
        growth = make("growth", "the lag now less that a year before", path.growth)
        return LagPath(
            of=of,
            behind=behind,
            table=path.table(path.quarters()),
            now=self._path_estimate(of, behind, benchmarks, effort, "now", "the lag on the last known day", path.now()),
            level=self._path_estimate(
                of,
                behind,
                benchmarks,
                effort,
                "level",
                "the level that the process of the lag returns to",
                path.mean_months,
            ),
            past_year=make("past_year", "the mean over the last 365 days", path.year),
            change=make(
                "change",
                "the mean over the last 365 days less that over the 365 days before",
                lambda: path.year() - path.year(1),
            ),
            growth=growth,
            p_growing=None if growth is None else float(np.mean(growth.draws > 0)),
            r_hat_max=r_hat,
            ess_min=ess,
            divergences=int(divergences),
            n_draws=int(n_draws),
            stamp=self.stamp,
        )

    def _of_path(
        self, of: str, behind: str, benchmarks: str, effort: str, name: str, what: str, compute: Any
    ) -> Estimate | None:
        """Return an estimate, or None if the path does not reach so far back."""
        try:
            return self._path_estimate(of, behind, benchmarks, effort, name, what, compute())
        except LeadtimeError:
            return None

    def _path_estimate(
        self, of: str, behind: str, benchmarks: str, effort: str, name: str, what: str, draws: Any
    ) -> Estimate:
        return Estimate(
            name=f"lag.path.{of}-{behind}.{name}".lower(),
            unit="months",
            draws=np.asarray(draws, dtype=np.float64),
            definition=f"{of} behind {behind}, path of the lag: {what}. Benchmarks: {benchmarks}; effort: {effort}.",
            as_of=self.as_of.isoformat(),
            because=self._because(None, benchmarks, effort),
            note=_NOTE,
            stamp=self.stamp,
        )

    def path_key(self, of: str, behind: str, benchmarks: str = "all", effort: str = "best") -> str:
        """Return the content key of a path: the fit it rests on, its day, and the code that makes it."""
        from leadtime.capability import cache

        made = cache.made_by(*_MADE_BY)
        return cache.key("path", made, self.fit_key(benchmarks, effort), str(self.evidence_through), of, behind)

    def path_arrays(self, of: str, behind: str, benchmarks: str = "all", effort: str = "best") -> dict[str, Any]:
        """Return the path as arrays. It ships with the package, comes from the cache, or is sampled now.

        If models are placed on the built-in fit, and neither side has one of them, this is the path of the built-in
        evidence.
        """
        from leadtime.capability import cache

        placed = self.fit(benchmarks, effort).placed
        if placed is not None and self.evidence_through == self._base.evidence_through:
            own = np.isin(self.fit(benchmarks, effort).cells.models, placed.models)
            sides = (self.mask(g, benchmarks=benchmarks, effort=effort) for g in (of, behind))
            if not any((own & side).any() for side in sides):
                found: dict[str, Any] = self._base.path_arrays(of, behind, benchmarks, effort)
                return found
        return cache.named(
            self.path_key(of, behind, benchmarks, effort),
            lambda: self._sampled_path(of, behind, benchmarks, effort),
        )

    def _sampled_path(self, of: str, behind: str, benchmarks: str, effort: str) -> dict[str, Any]:
        from leadtime.lag import path_fit
        from leadtime.lag.path import PathDraws
        from leadtime.lag.path_design import design_of

        worlds = self.worlds("released", benchmarks, effort)
        ours, theirs = (self.mask(g, benchmarks=benchmarks, effort=effort) for g in (of, behind))
        laboratory = [str(o) for o in self._info(worlds.models)["organization"]]
        design, seen = design_of(worlds, ours, theirs, laboratory)
        effort_of = path_fit.FULL if self.method == "nuts" else path_fit.QUICK
        p, d = path_fit.sampled(design, seen, effort=effort_of, draws=self.draws, seed=self.seed, tell=self.progress)
        path = PathDraws(
            knot_day=np.array([design.day_of(m) for m in design.lag_knots]),
            months=p["lag"],
            first=design.day_of(max(0.0, float(design.month[design.n_reference :].min()))),
            mean_months=p["mean_months"],
            spread_months=p["spread_months"],
            persistence=p["persistence"],
        )
        numbers = np.array([d.r_hat_max, d.ess_min, d.divergences, d.n_chains * d.n_draws], dtype=np.float64)
        return {**path.to_arrays(), "diagnostics": numbers}
