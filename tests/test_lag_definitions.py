"""Lag definitions on frontiers as steps: by hand, against brute force, and by their symmetries."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.lag import (
    AGE_OF_MATCHED,
    Matching,
    age_of_equal,
    age_of_equal_windowed,
    age_of_matched,
    catch_up,
    daily_mean,
    first_reached,
    frontier,
    pairwise,
    records,
    shrinkage,
)
from leadtime.lag.frontier import kaplan_meier
from leadtime.units import DAYS_PER_MONTH as MONTH
from worlds_side import READINGS, hand, random_worlds, worlds

# --- by hand ---------------------------------------------------------------------------------------------


def test_age_of_equal_by_hand():
    w, _, reference = hand()
    x = age_of_equal(w, 4, reference)  # b at day 100 is the first at 1.5 or more
    assert x.months == pytest.approx(50 / MONTH)
    assert not x.censored.any()
    assert not x.note
    assert age_of_equal(w, 4, reference, tolerance_points=0.5).months == pytest.approx(150 / MONTH)
    assert age_of_equal(w, 5, reference).months == pytest.approx(150 / MONTH)


def test_age_of_equal_is_negative_when_the_reference_comes_later():
    w = worlds([1.0, 3.0, 2.0], [0, 90, 60], 100)
    assert age_of_equal(w, 2, np.array([True, True, False])).months == pytest.approx(-30 / MONTH)


def test_age_of_equal_is_censored_when_never_reached():
    w = worlds([[1.0, 2.0], [3.0, 2.0]], [0, 60], 100)
    lag = age_of_equal(w, 1, np.array([True, False]))
    np.testing.assert_allclose(lag.months, [-40 / MONTH, 60 / MONTH])
    assert lag.bound.tolist() == [-1, 0]
    assert lag.censored.tolist() == [True, False]
    assert lag.note.startswith("50 % of draws")


def test_windowed_by_hand():
    w, _, reference = hand()
    # [0.5, 2.5] around x: a first to reach up to 1, b up to 2, d up to 3.
    lag = age_of_equal_windowed(w, 4, reference, width_points=1)
    assert lag.months == pytest.approx((0.5 * 150 + 1.0 * 50 + 0.5 * -50) / 2 / MONTH)
    assert age_of_equal_windowed(w, 4, reference, width_points=0).months == age_of_equal(w, 4, reference).months
    over = age_of_equal_windowed(w, 5, reference, width_points=2)  # [0, 4]: nothing above 3 by day 300
    assert over.months == pytest.approx((1 * 250 + 1 * 150 + 1 * 50 + 1 * -50) / 4 / MONTH)
    assert over.bound.tolist() == [-1]


def test_age_of_matched_by_hand():
    w, _, reference = hand()
    x = age_of_matched(w, 4, reference)
    assert (x.model[0], x.months[0]) == (0, pytest.approx(150 / MONTH))
    y = age_of_matched(w, 5, reference)
    assert (y.model[0], y.months[0]) == (1, pytest.approx(150 / MONTH))
    near = age_of_matched(w, 5, reference, tolerance_points=1)
    assert (near.model[0], near.months[0]) == (3, pytest.approx(50 / MONTH))


def test_age_of_matched_at_the_edges():
    us, cn = np.array([True, False]), 1
    weak = age_of_matched(worlds([1.0, 0.5], [0, 50], 100), cn, us)
    assert (weak.months[0], weak.bound[0], weak.model[0]) == (pytest.approx(50 / MONTH), 1, -1)
    leads = age_of_matched(worlds([1.0, 1.5], [0, 50], 100), cn, us)
    assert (leads.months[0], leads.bound[0], leads.model[0]) == (0, 0, 0)
    early = age_of_matched(worlds([1.0, 1.5], [60, 50], 100), cn, us)
    assert np.isnan(early.months[0])
    assert "no model yet" in early.note


def test_daily_mean_by_hand():
    w, follower, reference = hand()
    since = daily_mean(w, follower, reference, start=100, end=260)
    # Days 150-249: exceeded at day 100; days 250-260: exceeded at day 200.
    days = np.r_[np.arange(50, 150), np.arange(50, 61)] / MONTH
    assert since.n_days == 111
    assert since.months == pytest.approx(days.mean())
    assert (since.least[0], since.most[0], since.today[0]) == pytest.approx((50 / MONTH, 149 / MONTH, 60 / MONTH))
    age = daily_mean(w, follower, reference, start=100, end=260, reading=AGE_OF_MATCHED)
    assert age.definition == "daily_mean_matched"
    assert age.months == pytest.approx((np.r_[np.arange(150, 250), np.arange(150, 161)] / MONTH).mean())


def test_daily_mean_is_zero_in_the_lead_and_says_how_often():
    w = worlds([1.0, 3.0, 2.0], [0, 30, 10], 40)
    lag = daily_mean(w, np.array([False, False, True]), np.array([True, True, False]), start=10, end=39)
    assert lag.share_in_lead == pytest.approx(20 / 30)
    assert lag.months == pytest.approx(np.arange(10).sum() / 30 / MONTH)


def test_catch_up_by_hand():
    w, follower, reference = hand()
    lag = catch_up(w, follower, reference, start=0, end=300, matching=Matching(horizon_months=10))
    # a is matched after 150 days, b after 150; d is open after 100.
    assert (lag.n_events[0], lag.n_open[0]) == (2, 1)
    assert lag.months == pytest.approx(150 / MONTH)
    assert lag.survival[0, [0, 4, 5, 10]] == pytest.approx([1, 1, 0, 0])
    assert lag.restricted_mean == pytest.approx(150 / MONTH)
    none = catch_up(w, follower, reference, start=201, end=300)
    assert np.isnan(none.months[0])
    still = catch_up(w, follower, reference, start=150, end=300)
    assert (still.months[0], still.bound[0]) == (pytest.approx(100 / MONTH), 1)


def test_kaplan_meier_by_hand():
    # Freireich's 6-MP group, the textbook example (the first seven times).
    time = np.array([[6, 6, 6, 6, 7, 9, 10, 10, 11, 13.0]])
    event = np.array([[1, 1, 1, 0, 1, 0, 1, 0, 0, 1]], bool)
    curve = kaplan_meier(time, event, np.ones_like(event))
    at = {t: curve.survival[0, curve.time[0] <= t][-1] for t in (6, 7, 9, 10, 13)}
    expected = {6: 7 / 10, 7: 7 / 10 * 5 / 6, 9: 7 / 10 * 5 / 6, 10: 7 / 10 * 5 / 6 * 3 / 4, 13: 0}
    assert at == pytest.approx(expected)
    padded = kaplan_meier(
        np.column_stack([time, [[1.0]]]), np.column_stack([event, [[True]]]), np.arange(11)[None, :] < 10
    )
    np.testing.assert_allclose(padded.survival[0, :10], curve.survival[0])


def test_records_and_frontier_by_hand():
    w, _, reference = hand()
    assert records(w, reference).is_record.tolist() == [[True, True, False, True, False, False]]
    same_day = worlds([1.0, 2.0, 1.5], [5, 5, 5], 9)
    assert records(same_day, np.ones(3, bool)).probability.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(frontier(w, reference, np.array([-1.0, 0, 150, 300])), [[np.nan, 1, 2, 3]])
    later = replace(w, as_of=150.0)
    assert records(later, reference).is_record.sum() == 2


def test_shrinkage_shows_the_winners_curse():
    rng = np.random.default_rng(0)
    truth, n = rng.normal(0, 1, 200), 200
    raw = truth + rng.normal(0, 1, n)
    posterior = raw / 2 + rng.normal(0, np.sqrt(0.5), (500, n))  # exact for this prior and noise
    w = worlds(posterior, np.arange(n), n, np.full(500, 5.0))
    curse = shrinkage(w, np.ones(n, bool), raw)
    assert curse.excess_points.shape == (500, len(curse.models))
    assert (raw - truth)[curse.models].mean() * 5 == pytest.approx(curse.mean_points.mean(), abs=3)
    assert np.quantile(curse.mean_points, 0.05) > 0


def test_pairwise_counts_ties_half():
    w = worlds([[1, 0], [0, 1], [2, 0], [1, 1]], [0, 0], 1, [1, 1, 3, 1])
    ahead = pairwise(w, 0, 1)
    assert ahead.probability == pytest.approx(2.5 / 4)
    assert ahead.points.tolist() == [1, -1, 6, 0]
    assert pairwise(w, 1, 0).probability == pytest.approx(1 - ahead.probability)


# --- against brute force ---------------------------------------------------------------------------------


def best_by(w, i, mask, day):
    there = mask & (w.day[i] <= day)
    return w.ability[i, there].max(initial=-np.inf)


def records_of(w, i, mask):
    """Return (day, level) of the records of a draw by the definition, oldest first."""
    days = sorted({d for d in w.day[i, mask] if d <= w.as_of})
    levels = [best_by(w, i, mask, d) for d in days]
    return [(d, x) for k, (d, x) in enumerate(zip(days, levels, strict=True)) if k == 0 or x > levels[k - 1]]


def lag_on(w, i, follower, reference, day, tolerance, reading):
    """Return a day's lag in days, nan if the follower has no model."""
    ours, theirs = best_by(w, i, follower, day), best_by(w, i, reference, day)
    if ours == -np.inf:
        return np.nan
    if ours > theirs:
        return 0.0
    past = [(d, x) for d, x in records_of(w, i, reference) if d <= day]
    above = [d for d, x in past if x > ours + tolerance]
    if reading == "time_since_exceeded":
        return day - above[0] if above else 0.0
    return day - max((d for d, x in past if x <= ours + tolerance), default=past[0][0])


@given(seed=st.integers(0, 10**6), reading=st.sampled_from(READINGS), points=st.sampled_from([0.0, 0.5, 2.0]))
@settings(max_examples=25, deadline=None)
def test_daily_mean_equals_a_loop_over_days(seed, reading, points):
    w, follower, reference = random_worlds(seed, n_draws=2)
    start, end = 200.0, 400.0
    try:
        near = replace(reading, tolerance_points=points)
        lag = daily_mean(w, follower, reference, start=start, end=end, reading=near)
    except LeadtimeError:
        assert (w.day[:, follower] > end).all()
        return
    for i in range(2):
        days = np.arange(start, end + 1)
        tolerance = points / w.scale_points[i]
        each = np.array([lag_on(w, i, follower, reference, d, tolerance, reading.by) for d in days]) / MONTH
        known = each[~np.isnan(each)]
        assert lag.n_days[i] == len(known)
        if len(known):
            got = lag.months[i], lag.least[i], lag.most[i], lag.today[i]
            assert got == pytest.approx((known.mean(), known.min(), known.max(), each[-1]))
            lead = [best_by(w, i, follower, d) > best_by(w, i, reference, d) for d in days]
            assert lag.share_in_lead[i] == pytest.approx(np.sum(lead) / len(known))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_steps_equal_brute_force(seed):
    w, follower, reference = random_worlds(seed)
    s = int(np.flatnonzero(follower)[0])
    thresholds = w.ability[:, [s]] + np.array([[-0.3, 0.0, 0.3]])
    reached = first_reached(w, reference, thresholds)
    window = age_of_equal_windowed(w, s, reference, width_points=2).months
    c = catch_up(w, follower, reference, start=0, end=700)
    for i in range(w.n_draws):
        for k in range(3):
            able = reference & (w.ability[i] >= thresholds[i, k])
            assert reached[i, k] == w.day[i, able].min(initial=np.inf)
        half = 2 / w.scale_points[i]
        middle = w.ability[i, s] - half + (np.arange(1500) + 0.5) / 1500 * 2 * half
        first = [w.day[i, reference & (w.ability[i] >= x)].min(initial=np.inf) for x in middle]
        step = (w.day[i, s] - np.minimum(first, w.as_of)) / MONTH
        assert window[i] == pytest.approx(step.mean(), abs=0.05)
        theirs = records_of(w, i, reference)
        matched = [w.day[i, follower & (w.ability[i] >= x)].min(initial=np.inf) for _, x in theirs]
        assert c.n_events[i] == np.isfinite(matched).sum()
        assert c.n_events[i] + c.n_open[i] == len(theirs)
        assert np.flatnonzero(records(w, reference).is_record[i]).size == len(theirs)
