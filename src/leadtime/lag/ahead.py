"""What the lag will be: the process of releases, run on from the last day known (equations: `lag.release`)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from leadtime.errors import LeadtimeError
from leadtime.lag.definitions import daily_mean
from leadtime.lag.frontier import Floats, Worlds
from leadtime.lag.release import Process, Saw, posterior, sawtooth, step
from leadtime.units import DAYS_PER_MONTH, to_date

#: Beyond, nothing was ever scored; the process goes on, but nobody knows whether the world does.
MOST_MONTHS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Forecasts of the lag in some periods, months; every array of shape (path, period).

    Args:
        draw: Shape (path,), which draw of the abilities a path goes on from.
        daily_mean: Mean over the days of the period, known days included.
        age_of_equal: Lag to which the newest record by the period's last day had fallen.
        share_in_lead: Share of the days to come on which the follower leads.
    """

    draw: np.ndarray
    daily_mean: Floats
    age_of_equal: Floats
    share_in_lead: Floats


def ahead(
    worlds: Worlds,
    follower: ArrayLike,
    reference: ArrayLike,
    periods: Sequence[tuple[float, float]],
    *,
    rng: np.random.Generator,
    process: Process | None = None,
) -> Ahead:
    """Return what the process of releases forecasts of some periods.

    Args:
        worlds: The draws.
        follower: Mask over models.
        reference: Mask over models.
        periods: First and last day of each, day numbers; the last lies after `as_of`, and the periods go forward.
        rng: Random numbers.
        process: The posterior of these sides, where it is known already (`lag.release.posterior`, which draws as many
            paths as are asked for); else it is drawn first, by the same `rng`, a path for each draw.

    Raises:
        LeadtimeError: A period that is over, ends before it begins, or lies more than `MOST_MONTHS` ahead; an empty
            side.
    """
    for first, last in periods:
        _check(first, last, worlds.as_of)
    saw = sawtooth(worlds, follower, reference)
    process = process or posterior(saw, rng)
    area, age, lead = _run(saw, process, np.array(periods, dtype=float).reshape(-1, 2), rng)
    for k, (first, last) in enumerate(periods):
        if first <= worlds.as_of:  # a part of it is known already
            seen = daily_mean(worlds, follower, reference, start=first, end=worlds.as_of).months
            area[:, k] += (seen * (worlds.as_of - first + 1))[process.draw]
        area[:, k] /= last - first + 1
    return Ahead(draw=process.draw, daily_mean=area, age_of_equal=age, share_in_lead=lead)


def _check(first: float, last: float, as_of: float) -> None:
    if first > last:
        raise LeadtimeError(f"the period ends before it begins, on {to_date(last)}", fix="Give the earlier day first.")
    if last <= as_of:
        raise LeadtimeError(
            f"the period ends on {to_date(last)}, and the evidence reaches {to_date(as_of)}, so there is nothing to"
            " forecast",
            fix="Choose a later period. `leadtime lag` measures the past.",
        )
    if last > as_of + MOST_MONTHS * DAYS_PER_MONTH:
        raise LeadtimeError(
            f"{to_date(last)} is more than {MOST_MONTHS / 12:.0f} years ahead", fix="Choose an earlier period."
        )


def _run(saw: Saw, p: Process, periods: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Return by path and period the sum of the lag over the days still to come, the last reset, and the share in lead.

    A period of days is the stretch from half a day before the first to half a day after the last: the lag is linear
    between releases, so that its integral is the sum over days. Time is in months from `as_of`.
    """
    n = len(p.draw)
    edge = (np.maximum(periods, saw.as_of + 1) + np.array([-0.5, 0.5]) - saw.as_of) / DAYS_PER_MONTH
    area, lead = np.zeros((n, len(periods))), np.zeros((n, len(periods)))
    age = np.zeros((n, len(periods)))
    now, lag = np.zeros(n), saw.now_months[p.draw]
    newest, since = saw.last_months[p.draw], (saw.as_of - saw.day[p.draw, -1]) / DAYS_PER_MONTH
    leads, z = saw.leads[p.draw], p.state
    while (now < edge[:, 1].max(initial=0.0)).any():
        then = now + rng.exponential(1.0, n) / p.records_per_month
        hold = np.where(leads, rng.exponential(1.0, n) / p.reference_per_month, 0.0)
        grows = np.minimum(now + hold, then)  # until then the lag is 0, if the follower leads
        for k, (a, b) in enumerate(edge):
            low, high = np.clip(grows, a, b), np.clip(then, a, b)
            area[:, k] += (high - low) * (lag + (low + high) / 2 - grows)
            lead[:, k] += np.where(leads, low - np.clip(now, a, b), 0.0)
            age[:, k] = np.where((now <= b) & (b < then), newest, age[:, k])
        z, lag = step(p, z, then - now + since, lag + then - grows, rng)
        now, newest, leads, since = then, lag, lag <= 0, np.zeros(n)
    return area * DAYS_PER_MONTH, age, lead / (edge[:, 1] - edge[:, 0])
