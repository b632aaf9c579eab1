"""The lag as the horizontal distance between straight lines through each side's records (CAISI's way)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtri

from leadtime.errors import LeadtimeError
from leadtime.lag.frontier import (
    Bools,
    Floats,
    LagDraws,
    Worlds,
    join,
    over_draws,
    share,
    side,
    steps_of,
    subject_of,
)
from leadtime.units import DAYS_PER_MONTH, to_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Least-squares lines, one per draw: level = mean + slope (month - center).

    Args:
        origin: Day number of month 0.
        center: Shape (draw,), mean month of the points.
        mean: Shape (draw,), mean level, logits.
        slope: Shape (draw,), logits a month; nan with fewer than three points.
        sxx: Shape (draw,), sum of squared months about the center.
        sigma: Shape (draw,), residual standard deviation, n - 2 degrees of freedom.
        n: Shape (draw,), points.
    """

    origin: float
    center: Floats
    mean: Floats
    slope: Floats
    sxx: Floats
    sigma: Floats
    n: Floats

    def months(self, day: ArrayLike) -> Floats:
        """Return day numbers as months since the origin."""
        return (np.asarray(day, np.float64) - self.origin) / DAYS_PER_MONTH

    def at(self, day: ArrayLike) -> Floats:
        """Return the level on a day (a number, or one per draw), shape (draw,)."""
        return self.mean + self.slope * (self.months(day) - self.center)

    def day_of(self, level: Floats) -> Floats:
        """Return the day each line stood at a level, shape (draw,); nan where it does not rise."""
        slope = np.where(self.slope > 0, self.slope, np.nan)
        return self.origin + DAYS_PER_MONTH * (self.center + (level - self.mean) / slope)


class Band(NamedTuple):
    """A line and its simultaneous confidence band on some days, each of shape (draw, day)."""

    line: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearGap(LagDraws):
    """A lag between lines with the lines it was read from; `follower` is None when the subject is a model."""

    reference: Lines
    follower: Lines | None


def fit_lines(day: Floats, level: Floats, used: Bools, origin: float) -> Lines:
    """Return the least-squares line of each row; arrays of shape (draw, point), points not `used` are ignored."""
    n = used.sum(axis=1).astype(np.float64)
    enough = np.where(n >= 3, n, np.nan)
    month = np.where(used, (day - origin) / DAYS_PER_MONTH, 0.0)
    y = np.where(used, level, 0.0)
    center, mean = month.sum(axis=1) / enough, y.sum(axis=1) / enough
    x = np.where(used, month - center[:, None], 0.0)
    sxx = (x**2).sum(axis=1)
    slope = (x * y).sum(axis=1) / np.where(sxx > 0, sxx, np.nan)
    rest = np.where(used, y - mean[:, None] - slope[:, None] * x, 0.0)
    sigma = np.sqrt((rest**2).sum(axis=1) / (enough - 2))
    return Lines(origin=origin, center=center, mean=mean, slope=slope, sxx=sxx, sigma=sigma, n=n)


def record_lines(worlds: Worlds, mask: ArrayLike, *, start: float) -> Lines:
    """Return, per draw, the line through a side's records dated from `start` on (records count from the beginning)."""
    chosen = side(worlds, mask, "side")
    if start > worlds.as_of:
        raise LeadtimeError(
            f"{to_date(start)} lies after {to_date(worlds.as_of)}", where="start", fix="Start before the as-of date."
        )

    def compute(part: Worlds) -> tuple[NDArray[np.generic], ...]:
        steps = steps_of(part, chosen)
        line = fit_lines(steps.day, steps.level, (steps.day >= start) & np.isfinite(steps.day), worlds.as_of)
        return line.center, line.mean, line.slope, line.sxx, line.sigma, line.n

    center, mean, slope, sxx, sigma, n = over_draws(worlds, compute)
    return Lines(origin=worlds.as_of, center=center, mean=mean, slope=slope, sxx=sxx, sigma=sigma, n=n)


def working_hotelling(lines: Lines, days: Floats, *, confidence: float = 0.95) -> Band:
    r"""Return the Working-Hotelling band: any line that leaves it is rejected at the level as a whole.

    $\hat y(t) \pm \sqrt{2 F_{2,n-2}(c)}\; s \sqrt{1/n + (t - \bar t)^2 / S_{tt}}$, simultaneous over all $t$.

    Args:
        lines: Fitted lines.
        days: Day numbers, shape (day,).
        confidence: $c$, between 0 and 1.

    References: Working and Hotelling (1929); CAISI's trend figures.
    """
    if not 0 < confidence < 1:
        raise LeadtimeError(
            f"{confidence} is not a level of confidence", where="confidence", fix="Give a number such as 0.9 or 0.95."
        )
    x = lines.months(days)[None, :] - lines.center[:, None]
    line = lines.mean[:, None] + lines.slope[:, None] * x
    width = np.sqrt(2 * fdtri(2, np.maximum(lines.n - 2, 1), confidence)) * lines.sigma
    half = width[:, None] * np.sqrt(1 / np.maximum(lines.n, 1)[:, None] + x**2 / lines.sxx[:, None])
    return Band(line, line - half, line + half)


def drawn(lines: Lines, rng: np.random.Generator) -> Lines:
    """Return one line per draw from the sampling distribution of its level and slope (t, n - 2 degrees)."""
    free = np.maximum(lines.n - 2, 1)
    sigma = lines.sigma * np.sqrt(free / rng.chisquare(free))
    z = rng.standard_normal((2, len(free)))
    mean = lines.mean + sigma * z[0] / np.sqrt(np.maximum(lines.n, 1))
    slope = lines.slope + sigma * z[1] / np.sqrt(np.where(lines.sxx > 0, lines.sxx, np.nan))
    return Lines(
        origin=lines.origin, center=lines.center, mean=mean, slope=slope, sxx=lines.sxx, sigma=sigma, n=lines.n
    )


def trend_gap_linear(
    worlds: Worlds,
    follower: ArrayLike | int,
    reference: ArrayLike,
    *,
    start: float,
    rng: np.random.Generator,
    parameter_uncertainty: bool = True,
) -> LinearGap:
    r"""Return how long ago the reference's line stood where the follower's line, or a model, stands.

    With lines $\hat y_g(t) = a_g + b_g t$ through each side's records since `start`:
    $L = (t - (\hat y_F(t) - a_R)/b_R)/M$ at $t = D$; for a model $(t_s - (\theta_s - a_R)/b_R)/M$. Positive: behind.
    Lines reach into the past and future, so nothing is censored. Draws whose reference line does not rise, or with
    fewer than three records, are nan, counted in `note`.

    Args:
        worlds: The draws.
        follower: Mask over models for a group, or the column number of a model.
        reference: Mask over models.
        start: First day of the records the lines go through.
        rng: For the uncertainty of the lines.
        parameter_uncertainty: Draw each line from its sampling distribution, else take least squares.

    References: CAISI, "Evaluation of DeepSeek V4 Pro", 2026-05-01.
    """
    theirs = record_lines(worlds, side(worlds, reference, "reference"), start=start)
    theirs = drawn(theirs, rng) if parameter_uncertainty else theirs
    if isinstance(follower, (int, np.integer)):
        s, ours = subject_of(worlds, int(follower)), None
        day, level = worlds.day[:, s], worlds.ability[:, s]
    else:
        ours = record_lines(worlds, side(worlds, follower, "follower"), start=start)
        ours = drawn(ours, rng) if parameter_uncertainty else ours
        day = np.full(worlds.n_draws, worlds.as_of)
        level = ours.at(day)
    months = (day - theirs.day_of(level)) / DAYS_PER_MONTH
    flat = theirs.slope <= 0
    note = join(
        share(flat, "the reference's line does not rise: no lag"),
        share(np.isnan(months) & ~flat, "fewer than three records: no lag"),
    )
    bound = np.zeros(worlds.n_draws, np.int8)
    return LinearGap(
        definition="trend_gap_linear", months=months, bound=bound, note=note, reference=theirs, follower=ours
    )
