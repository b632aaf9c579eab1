r"""The lag by name of definition, one value per posterior draw, in months; positive: the follower is behind.

Notation: $t_m$ the day of model $m$, $\theta_m$ its ability, $D$ the last day known, $\tau \ge 0$ a tolerance (given in
points, divided by the points per logit of the draw), $M = 30.4375$ days a month. The first day the reference
frontier stood at $x$ or above is $T(x) = \min\{t_r : r \in R, \theta_r \ge x, t_r \le D\}$, infinite if there is none.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leadtime.errors import LeadtimeError
from leadtime.lag.frontier import (
    Bools,
    Floats,
    LagDraws,
    Worlds,
    below,
    chunks,
    join,
    joined,
    kaplan_meier,
    not_negative,
    over_draws,
    period,
    share,
    side,
    steps_of,
    subject_of,
)
from leadtime.lag.readings import SINCE_EXCEEDED, CatchUp, DailyLag, MatchedLag, Matching, Pairwise, Reading
from leadtime.lag.steps import Steps, level_on, pick, search
from leadtime.units import DAYS_PER_MONTH

_EXACTLY = Matching()


def age_of_equal(worlds: Worlds, subject: int, reference: ArrayLike, *, tolerance_points: float = 0.0) -> LagDraws:
    r"""Return how much earlier the reference frontier reached the subject's ability.

    $L = (t_s - T(\theta_s - \tau)) / M$. Negative when the reference reached it only later. Censored when it has not
    by $D$: `months` is $-(D - t_s)/M$ and the true value lies below.

    Args:
        worlds: The draws.
        subject: Column number of the model.
        reference: Mask over models.
        tolerance_points: How far below the subject counts as equal, points of the ECI-like scale.

    References: Amodei, "On DeepSeek and export controls", 2025-01-29 ("U.S. models 7-10 months older").

    Example:
        >>> w = Worlds(models=("us", "cn"), ability=np.array([[1.0, 0.9]]), day=np.array([[0.0, 60.875]]),
        ...            as_of=100.0, scale_points=np.ones(1))
        >>> age_of_equal(w, 1, np.array([True, False])).months
        array([2.])
    """
    mask = side(worlds, reference, "reference")
    s = subject_of(worlds, subject)
    threshold = worlds.ability[:, s] - worlds.logits(not_negative(tolerance_points, "tolerance_points"))
    columns = np.flatnonzero(mask)
    day = worlds.day[:, columns]
    able = (worlds.ability[:, columns] >= threshold[:, None]) & (day <= worlds.as_of)
    first = np.where(able, day, np.inf).min(axis=1)
    never = np.isinf(first)
    months = (worlds.day[:, s] - np.where(never, worlds.as_of, first)) / DAYS_PER_MONTH
    return LagDraws(definition="age_of_equal", months=months, bound=below(never), note=_never_note(never))


def age_of_equal_windowed(worlds: Worlds, subject: int, reference: ArrayLike, *, width_points: float = 2.0) -> LagDraws:
    r"""Return the mean of the step lag over abilities within `width_points` of the subject's.

    $L = \frac{1}{2w}\int_{\theta_s-w}^{\theta_s+w} (t_s - T(x))\,dx / M$, integrated exactly: $T$ is a step function,
    so each record weighs as much as the part of the window it was first to reach. It moves smoothly where the step
    lag jumps by whole release gaps. Censored where part of the window was never reached: there $T = D$, and the true
    value lies below.

    Args:
        worlds: The draws.
        subject: Column number of the model.
        reference: Mask over models.
        width_points: Half the width of the window, points of the ECI-like scale; 0 is the step lag.
    """
    mask = side(worlds, reference, "reference")
    s = subject_of(worlds, subject)
    if not_negative(width_points, "width_points") == 0:
        step = age_of_equal(worlds, subject, mask)
        return LagDraws(definition="age_of_equal_windowed", months=step.months, bound=step.bound, note=step.note)

    def compute(part: Worlds) -> tuple[Floats, Floats]:
        steps = steps_of(part, mask)
        half = part.logits(width_points)
        low, high = part.ability[:, s] - half, part.ability[:, s] + half
        edges = np.clip(np.column_stack([low, steps.level]), low[:, None], high[:, None])
        first = np.minimum(steps.day, part.as_of)
        lag = (np.diff(edges, axis=1) * (part.day[:, s, None] - first)).sum(axis=1) / (2 * half)
        return lag / DAYS_PER_MONTH, (high > _top(steps)).astype(np.float64)

    months, short = over_draws(worlds, compute)
    never = short > 0
    return LagDraws(definition="age_of_equal_windowed", months=months, bound=below(never), note=_never_note(never))


def age_of_matched(worlds: Worlds, subject: int, reference: ArrayLike, *, tolerance_points: float = 0.0) -> MatchedLag:
    r"""Return the age of the newest reference record that the subject has matched: beside which model it stands.

    With $r^* = \arg\max\{t_r : r \text{ a record}, \theta_r \le \theta_s + \tau, t_r \le t_s\}$, the lag is
    $(t_s - t_{r^*})/M$, never negative. It is 0 when the subject stands above the whole reference frontier of its
    day. When it has not matched even the first record, `months` is the age of that first record and the true value
    lies above. Undefined (nan) when the reference had no model yet.

    Args:
        worlds: The draws.
        subject: Column number of the model.
        reference: Mask over models.
        tolerance_points: How far below a record still counts as a match, points of the ECI-like scale.
    """
    mask = side(worlds, reference, "reference")
    s = subject_of(worlds, subject)
    tolerance = not_negative(tolerance_points, "tolerance_points")

    def compute(part: Worlds) -> tuple[NDArray[np.generic], ...]:
        steps = steps_of(part, mask)
        day, level = part.day[:, [s]], part.ability[:, [s]]
        seen = search(steps.day, day, "right")
        n = np.minimum(search(steps.level, level + part.logits(tolerance)[:, None], "right"), seen)
        since = pick(steps.day, np.maximum(n - 1, 0))
        leads = (level > level_on(steps.day, steps.level, day)) & (seen > 0)
        lag = np.where(leads, 0.0, np.where(seen > 0, day - since, np.nan))
        model = np.where(n > 0, pick(steps.model.astype(np.float64), np.maximum(n - 1, 0)), -1)
        return lag[:, 0] / DAYS_PER_MONTH, ((n == 0) & (seen > 0))[:, 0], model[:, 0]

    months, unmatched, model = over_draws(worlds, compute)
    note = join(
        share(unmatched > 0, "not even the first reference record is matched: the lag is at least this"),
        share(np.isnan(months), "the reference had no model yet: no lag"),
    )
    bound, record = -below(unmatched > 0), model.astype(np.int64)
    return MatchedLag(definition="age_of_matched", months=months, bound=bound, note=note, model=record)


def daily_mean(
    worlds: Worlds,
    follower: ArrayLike,
    reference: ArrayLike,
    *,
    start: float,
    end: float,
    reading: Reading = SINCE_EXCEEDED,
) -> DailyLag:
    r"""Return, for each day, how long ago the reference stood where the follower's best stands; summarized.

    For days $d = start, start + 1, \dots, end$ with $F(d)$ the follower's best and $\tau$ the tolerance, the lag is, by
    `reading`,

    - `time_since_exceeded`: $d - \min\{t_r : \theta_r > F(d) + \tau, t_r \le d\}$ (Epoch: time since the leading US
      model was last the same or worse); 0 on days when no such model exists.
    - `age_of_matched_record`: $d - \max\{t_r : r \text{ a record}, \theta_r \le F(d) + \tau, t_r \le d\}$; on days
      when not even the first record is matched its age is taken and the draw is flagged (true value above).

    When the follower leads, $F(d)$ above the reference's best, the lag of the day is 0, and `share_in_lead` says how
    often. Days before the follower's first model are not counted. Exact: between two releases the lag grows by one
    a day, so each such segment is an arithmetic series. The two readings bracket a constant shift between two like
    frontiers: the first falls short of it, the second exceeds it, by up to a release gap.

    Args:
        worlds: The draws.
        follower: Mask over models.
        reference: Mask over models.
        start: First day, a day number.
        end: Last day, at most `as_of`.
        reading: Which of the two, and within how many points counts as the same.

    References: Epoch AI, "us-vs-china-eci", 2026-01-02.
    """
    start, end = period(worlds, start, end)
    sides = side(worlds, follower, "follower"), side(worlds, reference, "reference", end)
    tolerance = worlds.logits(not_negative(reading.tolerance_points, "tolerance_points"))[:, None]
    ours, theirs = (steps_of(worlds, s) for s in sides)
    exceeded = reading.by == "time_since_exceeded"

    def compute(part: slice) -> tuple[NDArray[np.generic], ...]:
        steps = ours.rows(part), theirs.rows(part)
        return _daily(steps, tolerance[part], start, int(end - start) + 1, exceeded=exceeded)

    months, least, most, today, lead, n_days, unmatched = joined(map(compute, chunks(worlds.n_draws)))
    if not n_days.any():
        raise LeadtimeError("the follower has no model in the period", where="start, end", fix="Choose a later period.")
    note = join(
        share(unmatched > 0, "on some days not even the first reference record is matched: the mean is at least this"),
        share(n_days == 0, "the follower has no model in the period: no lag"),
    )
    return DailyLag(
        definition="daily_mean" if exceeded else "daily_mean_matched",
        months=months,
        bound=-below(unmatched > 0),
        note=note,
        least=least,
        most=most,
        today=today,
        share_in_lead=lead,
        n_days=n_days,
    )


def _daily(
    steps: tuple[Steps, Steps], tolerance: Floats, start: float, n_days: int, *, exceeded: bool
) -> tuple[NDArray[np.generic], ...]:
    """Return mean, least, most, last lag (months), share in lead, days counted, and whether a day was unmatched."""
    follower, reference = steps
    # A release counts from the first whole day on or after it: days are numbered 0 to n_days - 1 from the start.
    from_day = [np.clip(np.ceil(s.day - start), 0, n_days) for s in steps]
    begin = np.sort(np.column_stack([np.zeros(len(tolerance)), *from_day]), axis=1)
    length = np.diff(begin, axis=1, append=float(n_days))
    lasts = (length > 0).any(axis=0)  # most segments of a short period have no day in any draw
    begin, length = begin[:, lasts], length[:, lasts]
    begin = np.minimum(begin, n_days - 1)  # segments that begin after the last day have length 0
    best = level_on(from_day[0], follower.level, begin)
    seen = search(from_day[1], begin, "right")
    theirs = np.where(seen > 0, pick(reference.level, np.maximum(seen - 1, 0)), -np.inf)
    counted = (length > 0) & (best > -np.inf)
    above = search(reference.level, best + tolerance, "right")  # the first record above
    lag_free = (best > theirs) | (seen == 0)
    if exceeded:
        lag_free |= above >= seen
        since, unmatched = pick(reference.day, above), np.zeros_like(counted)
    else:
        matched = np.minimum(above, seen)
        since, unmatched = pick(reference.day, np.maximum(matched - 1, 0)), counted & ~lag_free & (matched == 0)
    first = np.where(lag_free | ~counted, 0.0, start + begin - np.where(np.isinf(since), 0.0, since))
    last = np.where(lag_free | ~counted, 0.0, first + length - 1)
    days = np.where(counted, length, 0.0)
    n = days.sum(axis=1)
    known = np.where(n > 0, n, np.nan)
    mean = (days * (first + last) / 2).sum(axis=1) / known
    least = np.where(counted, first, np.inf).min(axis=1) + 0 * known
    most = np.where(counted, last, -np.inf).max(axis=1) + 0 * known
    today = (last * (counted & (begin + length == n_days))).sum(axis=1) + 0 * known
    lead = (days * (best > theirs)).sum(axis=1) / known
    return (*(x / DAYS_PER_MONTH for x in (mean, least, most, today)), lead, n, unmatched.any(axis=1))


def catch_up(
    worlds: Worlds,
    follower: ArrayLike,
    reference: ArrayLike,
    *,
    start: float,
    end: float,
    matching: Matching = _EXACTLY,
) -> CatchUp:
    r"""Return how long the follower took to match each record of the reference in a period (Kaplan-Meier).

    For each reference record $r$ with $start \le t_r \le end$ the duration is $(T_F(\theta_r - \tau) - t_r)/M$, 0 if
    the follower was there before. Records not matched by $D$ are open: censored at $(D - t_r)/M$, not dropped. Per
    draw, $S(x) = \prod_{i: x_i \le x} (1 - d_i/n_i)$ over event times $x_i$ with $d_i$ events among $n_i$ at risk; the
    median is the first $x$ with $S(x) \le 1/2$, the restricted mean $\int_0^h S$. Where $S$ stays above 1/2 the median
    is censored: `months` is the longest time followed and the true value lies above. Beyond the longest time followed
    the curve is held flat (the restricted mean is then an upper limit). Draws without a record in the period are nan.

    Args:
        worlds: The draws.
        follower: Mask over models.
        reference: Mask over models.
        start: First day a record may have.
        end: Last day a record may have, at most `as_of`.
        matching: What counts as matching, $\tau$, and the horizon $h$; the curve is given at each month up to it.
    """
    sides = side(worlds, follower, "follower"), side(worlds, reference, "reference")
    start, end = period(worlds, start, end)
    tolerance = not_negative(matching.tolerance_points, "tolerance_points")
    horizon = not_negative(matching.horizon_months, "horizon_months")
    grid = np.arange(np.floor(horizon) + 1)

    def compute(part: Worlds) -> tuple[NDArray[np.generic], ...]:
        theirs, ours = steps_of(part, sides[1]), steps_of(part, sides[0])
        used = (theirs.day >= start) & (theirs.day <= end)
        matched = pick(ours.day, search(ours.level, theirs.level - part.logits(tolerance)[:, None]))
        event = used & np.isfinite(matched)
        stop = np.where(event, matched, part.as_of) - np.where(used, theirs.day, np.nan)
        months = np.maximum(stop, 0.0) / DAYS_PER_MONTH
        return _catch_up(months, event, used, horizon, grid)

    median, followed, mean, n_events, n_open, *curve = (column for column in over_draws(worlds, compute))
    open_median = np.isinf(median)
    note = join(
        share(open_median, "fewer than half are matched yet: the median is at least this"),
        share(np.isnan(median), "the reference has no record in the period: no lag"),
    )
    return CatchUp(
        definition="catch_up",
        months=np.where(open_median, followed, median),
        bound=-below(open_median),
        note=note,
        restricted_mean=mean,
        grid_months=grid,
        survival=curve[0],
        n_events=n_events,
        n_open=n_open,
        horizon_months=horizon,
    )


def _catch_up(
    months: Floats, event: Bools, used: Bools, horizon: float, grid: Floats
) -> tuple[NDArray[np.generic], ...]:
    """Return median, longest time followed, restricted mean, events, open cases and the curve on a grid."""
    curve = kaplan_meier(months, event, used)
    none = np.where(used.any(axis=1), 0.0, np.nan)
    half = (curve.survival <= 0.5 + 1e-12) & np.isfinite(curve.time)
    median = np.where(half, curve.time, np.inf).min(axis=1) + none
    followed = np.where(used, months, 0.0).max(axis=1) + none
    edges = np.minimum(np.column_stack([np.zeros(len(months)), curve.time, np.full(len(months), np.inf)]), horizon)
    before = np.column_stack([np.ones(len(months)), curve.survival])
    mean = (np.diff(edges, axis=1) * before).sum(axis=1) + none
    at = search(curve.time, np.broadcast_to(grid, (len(months), len(grid))), "right")
    survival = pick(before, at) + none[:, None]
    return median, followed, mean, event.sum(axis=1), (used & ~event).sum(axis=1), survival


def pairwise(worlds: Worlds, a: int, b: int) -> Pairwise:
    r"""Return the probability that model A is abler than model B: $P(\theta_a > \theta_b)$, ties counted half."""
    gap = worlds.ability[:, subject_of(worlds, a)] - worlds.ability[:, subject_of(worlds, b)]
    probability = float(((gap > 0) + 0.5 * (gap == 0)).mean())
    return Pairwise(definition="pairwise", probability=probability, points=gap * worlds.scale_points)


def _never_note(never: Bools) -> str:
    return share(never, "the reference had not reached it by the as-of date: the lag is at most this")


def _top(steps: Steps) -> Floats:
    """Return the level of the newest record, -inf without one."""
    newest = pick(steps.level, np.maximum(steps.n - 1, 0)[:, None])[:, 0]
    return np.where(steps.n > 0, newest, -np.inf)
