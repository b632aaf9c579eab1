r"""The lag as a process of releases: the level it scatters about, and what it will be.

The lag on a day (`daily_mean`, `time_since_exceeded`) is a sawtooth. When record $k$ of the follower comes out, on day
$t_k$, the lag falls to its reset $l_k = t_k - T(\theta_k)$, or to 0 if the record leads; then it grows by a day a
day. So the resets and their days are all there is to model. In months, for each draw of the abilities,

    x_k = log(1 + l_k) = z(t_k) + tau e_k,            e ~ N(0, 1)
    z   = a stationary Ornstein-Uhlenbeck process:    mean m, deviation s, correlation phi over a quarter
    records of the follower: Poisson, rate r_F;       l_k is at most the lag of the day before: no record lengthens it
    while the follower leads the lag is 0, for a time Exp(r_R) until the reference's next record.

    m ~ N(log 7, 1), phi ~ Beta(3, 1.5), s^2 ~ 0.75 / chi^2_3, log tau ~ N(log 0.2, 0.6),
    r ~ Gamma(1 + records of 24 months, 2 + months seen).

Posterior: particles drawn from the prior for each draw, weighted by the exact likelihood (a Kalman filter that
starts from the stationary distribution, so that the first value counts too) and resampled. docs/methods/lag.md has the
reasons.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leadtime.errors import LeadtimeError
from leadtime.lag.frontier import Floats, Integers, Worlds, side, steps_of
from leadtime.lag.steps import pick, search
from leadtime.units import DAYS_PER_MONTH

#: Center and deviation of m and of log tau; the two parameters of phi; degrees of freedom and scale of s; of m's drift
#: a year.
MEAN_LOG = (float(np.log(7.0)), 1.0)
NOISE_LOG = (float(np.log(0.2)), 0.6)
PERSISTENCE = (3.0, 1.5)
SCATTER = (3.0, 0.5)
DRIFT_SD_PER_YEAR = 0.4
#: Months of records that rates are counted over, and the prior's own: one record in two months.
RATE_MONTHS = 24.0
RATE_PRIOR = (1.0, 2.0)
PARTICLES = 800
_QUARTER = 3.0  # months, the step of phi
_LEVEL_RECORDS = 600  # records that the long-run mean is taken over
_CHUNK = 64  # draws filtered at a time: with the particles, what the processor keeps near


@dataclass(frozen=True, slots=True, kw_only=True)
class Saw:
    """The lag of one side behind another as a sawtooth, in each draw.

    Args:
        day: Shape (draw, record), days of the follower's records, oldest first; the last one again where a draw has
            fewer.
        reset_months: Shape (draw, record), lag to which each fell, 0 or more; likewise.
        n: Shape (draw,), records of a draw.
        last_months: Shape (draw,), reset of the newest record.
        now_months: Shape (draw,), lag on the last day known.
        leads: Shape (draw,), whether the follower's best stands above the reference's on that day.
        counts: Shape (draw, 2), records of follower and reference in the last `RATE_MONTHS` months.
        seen_months: Months that each side was seen for, up to `RATE_MONTHS`, shape (2,).
        as_of: The last day known, a day number.
    """

    day: Floats
    reset_months: Floats
    n: Integers
    last_months: Floats
    now_months: Floats
    leads: NDArray[np.bool_]
    counts: Integers
    seen_months: Floats
    as_of: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Posterior of the process: one particle for each path, every field of shape (path,).

    Args:
        draw: Which draw of the abilities a path belongs to: path i to draw i modulo the number of draws.
        mean_log: m.
        persistence: phi, over a quarter.
        scatter: s.
        noise: tau.
        state: z on the day of the newest record.
        records_per_month: r_F.
        reference_per_month: r_R.
    """

    draw: Integers
    mean_log: Floats
    persistence: Floats
    scatter: Floats
    noise: Floats
    state: Floats
    records_per_month: Floats
    reference_per_month: Floats


class Drift(NamedTuple):
    """Whether the level moves over time: P(it rises), and the evidence for any drift over none (a Bayes factor)."""

    p_rises: float
    bayes_factor: float


class Filtered(NamedTuple):
    """What the Kalman filter gives: log likelihood, mean and variance of z after the last record; shape (draw,
    particle).
    """

    log_likelihood: Floats
    mean: Floats
    variance: Floats


def sawtooth(worlds: Worlds, follower: ArrayLike, reference: ArrayLike) -> Saw:
    """Return the resets of the lag in each draw.

    Args:
        worlds: The draws.
        follower: Mask over models.
        reference: Mask over models.

    Raises:
        LeadtimeError: A side has no model dated by `as_of`, or the follower has no record in some draw.
    """
    ours = steps_of(worlds, side(worlds, follower, "follower"))
    theirs = steps_of(worlds, side(worlds, reference, "reference"))
    if not ours.n.all():
        raise LeadtimeError(
            "some draws have no model of the follower", where="follower", fix="Choose a later as-of date."
        )
    at = np.minimum(np.arange(ours.day.shape[1] - 1), ours.n[:, None] - 1)
    day, level = pick(ours.day, at), pick(ours.level, at)
    first = pick(theirs.day, search(theirs.level, level, "right"))  # when the reference went past it, perhaps never
    reset = np.where(first <= day, day - np.minimum(first, day), 0.0) / DAYS_PER_MONTH
    leads = first[:, -1] > worlds.as_of
    now = (worlds.as_of - np.minimum(first[:, -1], worlds.as_of)) / DAYS_PER_MONTH
    recent = worlds.as_of - RATE_MONTHS * DAYS_PER_MONTH
    counts = np.column_stack([((s.day > recent) & (s.day <= worlds.as_of)).sum(axis=1) for s in (ours, theirs)])
    seen = np.array([min(RATE_MONTHS, (worlds.as_of - s.day[:, 0].mean()) / DAYS_PER_MONTH) for s in (ours, theirs)])
    return Saw(
        day=day,
        reset_months=reset,
        n=ours.n,
        last_months=reset[:, -1],
        now_months=now,
        leads=leads,
        counts=counts,
        seen_months=np.maximum(seen, 0.0),
        as_of=worlds.as_of,
    )


def posterior(saw: Saw, rng: np.random.Generator, *, paths: int | None = None, particles: int = PARTICLES) -> Process:
    """Return the process behind the resets, one particle a path.

    Args:
        saw: The resets.
        rng: Random numbers.
        paths: How many; by default one for each draw. Path i is of draw i modulo the number of draws.
        particles: Drawn from the prior for each draw.
    """
    n_draws = len(saw.n)
    paths = paths or n_draws
    each = -(-paths // n_draws)
    kept: dict[str, list[Floats]] = {k: [] for k in ("mean_log", "persistence", "scatter", "noise", "state")}
    for rows in _chunks(min(n_draws, paths)):
        drawn = prior(rng, (rows.stop - rows.start, particles))
        found = _filter(saw, rows, drawn)
        at = resample(found.log_likelihood, each, rng)
        chosen = [np.take_along_axis(v, at, axis=1) for v in (*drawn, found.mean, found.variance)]
        state = chosen[4] + np.sqrt(chosen[5]) * rng.standard_normal(at.shape)
        for name, v in zip(kept, (*chosen[:4], state), strict=True):
            kept[name].append(v)
    draw = np.arange(paths) % n_draws
    joined = {k: np.concatenate(v)[draw, np.arange(paths) // n_draws] for k, v in kept.items()}
    shape, months = RATE_PRIOR
    rates = rng.gamma(shape + saw.counts[draw]) / (months + saw.seen_months)
    return Process(draw=draw, records_per_month=rates[:, 0], reference_per_month=rates[:, 1], **joined)


def level(worlds: Worlds, follower: ArrayLike, reference: ArrayLike, *, rng: np.random.Generator) -> Floats:
    """Return the level of the lag: the mean that its process has in the long run, months, shape (draw,).

    Measurement and sampling error are both in it: a mean over a few years scatters about the level of the process that
    made it, by about two months over four years. The realized mean of a period (`daily_mean`) has the first only.

    Args:
        worlds: The draws.
        follower: Mask over models.
        reference: Mask over models.
        rng: Random numbers.

    Raises:
        LeadtimeError: A side has no model dated by `as_of`.

    Example:
        >>> day = np.arange(0.0, 1000.0, 50.0)
        >>> w = Worlds(models=tuple(map(str, range(40))), ability=np.tile(np.r_[1:21, 1:21] / 4, (200, 1)),
        ...            day=np.tile(np.r_[day, day + 122], (200, 1)), as_of=1000.0, scale_points=np.ones(200))
        >>> found = level(w, np.arange(40) >= 20, np.arange(40) < 20, rng=np.random.default_rng(0))
        >>> found.shape, bool(3 < np.median(found) < 6)
        ((200,), True)
    """
    return long_run(posterior(sawtooth(worlds, follower, reference), rng), rng)


def long_run(process: Process, rng: np.random.Generator) -> Floats:
    """Return the mean lag of each path over a long time, months, shape (path,)."""
    p, n = process, len(process.draw)
    z = p.mean_log + p.scatter * rng.standard_normal(n)
    lag = np.maximum(np.expm1(z), 0.0)
    area, time = np.zeros(n), np.zeros(n)
    for _ in range(_LEVEL_RECORDS):
        wait = rng.exponential(1.0, n) / p.records_per_month
        hold = np.where(lag <= 0, rng.exponential(1.0, n) / p.reference_per_month, 0.0)
        grown = np.maximum(wait - hold, 0.0)
        area += lag * wait + grown**2 / 2
        time += wait
        z, lag = step(p, z, wait, lag + grown, rng)
    return area / time


def drift(saw: Saw, rng: np.random.Generator, *, particles: int = PARTICLES) -> Drift:
    r"""Return whether the level moves: $m$ becomes $m + d\,t$, $d \sim N(0, 0.4)$ a year, all records, no start to
    choose.

    $t$ is counted from the middle of the records, where the prior of $m$ holds. Each draw has its own posterior and its
    own Bayes factor; probabilities are averaged, and of the factors the geometric mean is taken.
    """
    rises, factors = [], []
    for rows in _chunks(len(saw.n)):
        drawn = prior(rng, (rows.stop - rows.start, particles))
        d = DRIFT_SD_PER_YEAR / 12 * rng.standard_normal(drawn[0].shape)
        with_, without = _filter(saw, rows, drawn, d).log_likelihood, _filter(saw, rows, drawn).log_likelihood
        weight = _weights(with_)
        rises.append((weight * (d > 0)).sum(axis=1))
        factors.append(_log_mean(with_) - _log_mean(without))
    return Drift(float(np.concatenate(rises).mean()), float(np.exp(np.concatenate(factors).mean())))


def _chunks(n: int) -> list[slice]:
    return [slice(i, min(i + _CHUNK, n)) for i in range(0, n, _CHUNK)]


def prior(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return draws of m, phi, s and tau from the prior, each of a shape."""
    degrees, scale = SCATTER
    return (
        MEAN_LOG[0] + MEAN_LOG[1] * rng.standard_normal(shape),
        rng.beta(*PERSISTENCE, size=shape),
        scale * np.sqrt(degrees / rng.chisquare(degrees, shape)),
        np.exp(NOISE_LOG[0] + NOISE_LOG[1] * rng.standard_normal(shape)),
    )


def _filter(saw: Saw, rows: slice, drawn: tuple[Floats, ...], drift_per_month: Floats | None = None) -> Filtered:
    """Run the Kalman filter over the resets of some draws, for all particles at once."""
    m, phi, s, tau = drawn
    speed, stationary, noise = np.log(phi) / _QUARTER, s**2, tau**2
    y = np.log1p(saw.reset_months[rows])
    day = saw.day[rows] / DAYS_PER_MONTH
    middle = (day[:, :1] + day[:, -1:]) / 2
    apart, variance, total = np.zeros_like(m), stationary.copy(), np.zeros_like(m)  # apart: z less its mean
    for k in range(y.shape[1]):
        live = (k < saw.n[rows])[:, None]
        if k:
            factor = np.exp(speed * (day[:, [k]] - day[:, [k - 1]]))
            apart *= factor
            variance = stationary + factor**2 * (variance - stationary)
        center = m if drift_per_month is None else m + drift_per_month * (day[:, [k]] - middle)
        spread = variance + noise
        error = y[:, [k]] - center - apart
        total -= np.where(live, 0.5 * (np.log(spread) + error**2 / spread), 0.0)
        gain = np.where(live, variance / spread, 0.0)
        apart += gain * error
        variance *= 1 - gain
    return Filtered(total, m + apart, variance)


def _weights(log_likelihood: Floats) -> Floats:
    weight = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _log_mean(log_likelihood: Floats) -> Floats:
    top = log_likelihood.max(axis=1)
    return np.asarray(top + np.log(np.exp(log_likelihood - top[:, None]).mean(axis=1)))


def resample(log_likelihood: Floats, each: int, rng: np.random.Generator) -> Integers:
    """Return the places of `each` particles of every draw, taken by their weight, shape (draw, each)."""
    up = np.cumsum(_weights(log_likelihood), axis=1)
    last = log_likelihood.shape[1] - 1
    where = [np.searchsorted(row, rng.random(each) * row[-1], side="right") for row in up]
    return np.asarray(where, dtype=np.int64).clip(max=last)


def step(p: Process, z: Floats, months: Floats, before: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the state of each path some months later, and the lag to which a record then falls.

    Args:
        p: The process.
        z: State at the last record, shape (path,).
        months: Time since, shape (path,).
        before: Lag just before the record, which it cannot exceed, shape (path,).
        rng: Random numbers.
    """
    factor = p.persistence ** (months / _QUARTER)
    moved = p.scatter * np.sqrt(1 - factor**2) * rng.standard_normal(len(z))
    z = p.mean_log + factor * (z - p.mean_log) + moved
    return z, np.clip(np.expm1(z + p.noise * rng.standard_normal(len(z))), 0.0, before)
