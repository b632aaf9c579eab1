"""How good are forecasts of the lag in simulated worlds, and how often do their intervals hold what comes?

    python calibration/coverage_forecast.py [--simulations N] [--jobs N]

N worlds of each kind: two sides whose true frontiers rise, the follower's by the planted lag behind the reference's;
models fall short of their frontier and are measured with an error. No kind is the model that forecasts (`lag.release`).
From four days in each world the lag one, two and four quarters ahead is forecast by the process of releases and by the
simple guesses, from what was released by then, and scored by the true lag.

    steady     the lag scatters about a level of its own (an Ornstein-Uhlenbeck process)
    growing    it grows by 0.15 months a month          shrinking    it shrinks so, and ends at parity
    step       it falls from 9 to 4 months at once      parity       it is near 0, the follower leads at times
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

import altair as alt
import numpy as np
import polars as pl
from record import Check, Run, Table, run_of

from leadtime.backtest import score
from leadtime.backtest.history import lag_history
from leadtime.backtest.project import SIMPLE, baselines
from leadtime.lag import Worlds, daily_mean
from leadtime.lag.ahead import ahead
from leadtime.lag.release import posterior, sawtooth
from leadtime.units import DAYS_PER_MONTH

QUESTION = (
    "In worlds whose lag is known, how good are forecasts of it, and how often do 50, 80 and 90 % intervals hold what"
    " comes?"
)
#: Declared before any run: the mean score is below that of each simple guess; 90 % intervals hold the outcome in 80 to
#: 96 % of cases over all kinds, and in at least 70 % of each.
BOUNDS_90, LEAST_90 = (0.80, 0.96), 0.70
KINDS = ("steady", "growing", "shrinking", "step", "parity")
OURS = "leadtime"
DRAWS, PATHS = 100, 300
ERROR_POINTS, POINTS_A_MONTH = 0.5, 1.3
MONTHS, ORIGINS, AHEAD = 54, (24, 30, 36, 42), (1, 2, 4)
_START = float(dt.date(2022, 1, 1).toordinal())
_QUARTER = 91.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A world: true abilities in points and days of all models, and which are the follower's."""

    day: np.ndarray
    points: np.ndarray
    follower: np.ndarray

    def seen(self, as_of: float, rng: np.random.Generator, draws: int) -> tuple[Worlds, np.ndarray, np.ndarray]:
        """Return what was released by a day, with errors of measurement (none for one draw), and the two sides."""
        known = self.day <= as_of
        error = ERROR_POINTS if draws > 1 else 0.0
        measured = self.points[known] + error * rng.standard_normal(known.sum())
        ability = measured + error * rng.standard_normal((draws, known.sum()))
        worlds = Worlds(
            models=tuple(map(str, np.flatnonzero(known))),
            ability=ability,
            day=np.tile(self.day[known], (draws, 1)),
            as_of=as_of,
            scale_points=np.ones(draws),
        )
        return worlds, self.follower[known], ~self.follower[known]


def lag_months(kind: str, month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the planted lag of the frontiers by month."""
    if kind == "growing":
        return 3 + 0.15 * month
    if kind == "shrinking":
        return np.maximum(9 - 0.15 * month, 0.5)
    if kind == "step":
        return np.where(month < rng.uniform(18, 36), 9.0, 4.0)
    level, sd = (0.3, 1.0) if kind == "parity" else (6.0, 2.0)
    x = np.empty(len(month))
    x[0] = rng.standard_normal()
    for i in range(1, len(month)):
        x[i] = 0.87 * x[i - 1] + np.sqrt(1 - 0.87**2) * rng.standard_normal()
    return level + sd * x


def planted(kind: str, seed: list[int]) -> Planted:
    """Return a world of a kind."""
    rng = np.random.default_rng(seed)
    month = np.arange(MONTHS + 1.0)
    lag = lag_months(kind, month, rng)
    pace = POINTS_A_MONTH * np.exp(0.25 * rng.standard_normal(MONTHS + 24))  # progress comes in fits
    front = np.concatenate([[0.0], np.cumsum(pace)])
    sides = []
    for follower, rate in ((False, 4.0), (True, 2.5)):
        n = rng.poisson(rate * MONTHS)
        at = np.sort(rng.uniform(0, MONTHS, n))
        behind = np.interp(at, month, lag) if follower else 0.0
        points = np.interp(np.maximum(at - behind, -20) + 20, np.arange(MONTHS + 25.0), front)
        sides.append((at, points - rng.exponential(4.0, n), np.full(n, follower)))
    at, points, follower = (np.concatenate(x) for x in zip(*sides, strict=True))
    return Planted(day=_START + np.round(at * DAYS_PER_MONTH), points=points, follower=follower)


def simulate(task: tuple[int, int, str, bool]) -> list[dict[str, object]]:
    """Return the scores of the forecasts in one world."""
    seed, i, kind, quick = task
    paths = 60 if quick else PATHS
    world = planted(kind, [seed, i, KINDS.index(kind)])
    end = _START + MONTHS * DAYS_PER_MONTH
    truth, ours, theirs = world.seen(end, np.random.default_rng(0), 1)
    found = []
    for origin in ORIGINS[-1:] if quick else ORIGINS:
        rng = np.random.default_rng([seed, i, KINDS.index(kind), origin])
        day = np.floor(_START + origin * DAYS_PER_MONTH)
        seen, follower, reference = world.seen(day, rng, DRAWS)
        periods = [(day + _QUARTER * (h - 1) + 1, day + _QUARTER * h) for h in AHEAD]
        process = posterior(sawtooth(seen, follower, reference), rng, paths=paths)
        said = ahead(seen, follower, reference, periods, rng=rng, process=process).daily_mean
        past = _past(seen, follower, reference)
        for k, (first, last) in enumerate(periods):
            came = daily_mean(truth, ours, theirs, start=first, end=last).months
            h = lag_history(past, dt.date.fromordinal(int(day)), dt.date.fromordinal(int(last)))
            for who, draws in ({OURS: said[:, k]} | baselines(h, paths, rng)).items():
                inside = score.inside(draws, came)
                width = float(np.subtract(*np.quantile(draws, [0.95, 0.05])))
                found.append(
                    {
                        "kind": kind,
                        "who": who,
                        "ahead": AHEAD[k],
                        "crps": score.crps(draws, came),
                        "width": width,
                        **{f"in_{level:.0%}": v for level, v in inside.items()},
                    }
                )
    return found


def _past(seen: Worlds, follower: np.ndarray, reference: np.ndarray, quarters: int = 8) -> np.ndarray:
    """Return the lag of the quarters before the day in which the follower had a model, oldest first, shape (draw,
    quarter).
    """
    first = seen.day[0, follower].min()
    ends = [e for e in (seen.as_of - _QUARTER * k for k in range(quarters)) if e >= first]
    return np.column_stack(
        [daily_mean(seen, follower, reference, start=e - _QUARTER + 1, end=e).months for e in ends[::-1]]
    )


def summarize(run: Run, found: list[list[dict[str, object]]]) -> None:
    """Publish scores, coverage and width, over all worlds and by kind."""
    by: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for row in (r for rows in found for r in rows):
        by["all", row["who"]].append(row)
        by[row["kind"], row["who"]].append(row)
    mean = {
        k: {n: float(np.mean([r[n] for r in rows])) for n in ("crps", "in_50%", "in_80%", "in_90%", "width")}
        for k, rows in by.items()
    }
    checks = [
        Check(
            what="all worlds: 90 % intervals that hold the outcome",
            value=mean["all", OURS]["in_90%"],
            low=BOUNDS_90[0],
            high=BOUNDS_90[1],
        )
    ]
    checks += [
        Check(
            what=f"{kind} worlds: 90 % intervals that hold the outcome", value=mean[kind, OURS]["in_90%"], low=LEAST_90
        )
        for kind in KINDS
    ]
    checks += [
        Check(
            what=f"all worlds: our mean score over that of {who}",
            value=mean["all", OURS]["crps"] / mean["all", who]["crps"],
            high=1.0,
        )
        for who in SIMPLE
    ]
    rows = [(kind, who, len(by[kind, who]), *mean[kind, who].values()) for kind, who in by]
    chart = (
        alt.Chart(pl.DataFrame([{"kind": k, "forecaster": w, "CRPS, months": m["crps"]} for (k, w), m in mean.items()]))
        .mark_point(filled=True, size=60)
        .encode(x="CRPS, months:Q", y=alt.Y("kind:N", title=None, sort=["all", *KINDS]), color="forecaster:N")
        .properties(width=520)
    )
    run.publish(
        checks=checks,
        tables=[
            Table(
                title="Scores and coverage by kind of world",
                rows=rows,
                columns=(
                    "worlds",
                    "forecaster",
                    "forecasts",
                    "CRPS, months",
                    "in 50 %",
                    "in 80 %",
                    "in 90 %",
                    "width of 90 %",
                ),
            ),
        ],
        notes=[f"{ERROR_POINTS} points of error, {DRAWS} draws, {PATHS} paths; four days and three horizons a world."],
        chart=chart,
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the script."""
    run = run_of("coverage_forecast", QUESTION, simulations=20, quick=1, arguments=arguments, draws=DRAWS, paths=PATHS)
    tasks = [(run.seed, i, kind, run.quick) for kind in KINDS for i in range(run.simulations)]
    summarize(run, run.each(simulate, tasks, label="worlds"))


if __name__ == "__main__":
    main()
