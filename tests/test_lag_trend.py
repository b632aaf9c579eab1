"""Trend lags: lines through records and the latent frontier, on worlds whose gap is known."""

from dataclasses import replace

import numpy as np
import pytest

from leadtime.errors import LeadtimeError
from leadtime.lag import (
    LatentFrontier,
    Worlds,
    fit_lines,
    latent_frontier,
    record_lines,
    trend_gap_latent,
    trend_gap_linear,
    working_hotelling,
)
from leadtime.lag.definitions import catch_up, daily_mean
from leadtime.lag.latent import _derivatives, _mode, _objective, _Problem, _Rates
from leadtime.units import DAYS_PER_MONTH as MONTH
from leadtime.units import DAYS_PER_YEAR as YEAR

START = 738500.0


def rng(seed=0):
    return np.random.default_rng(seed)


def world(gap, *, seed=0, n_draws=60, n=(90, 60), error=1.5, shared=True, rate=15, shortfall=6):
    """Return two sides on one line of `rate` points a year, the follower `gap` months behind, with errors."""
    r = rng(seed)
    end = START + 3.6 * YEAR
    shift = np.repeat([0.0, gap * MONTH], n)
    day = r.uniform(START, end, sum(n))
    truth = 100 + rate * (day - START - shift) / YEAR - r.exponential(shortfall, sum(n))
    ability = truth + r.normal(0, error, sum(n)) + r.normal(0, error, (n_draws, sum(n)))
    days = np.tile(day, (n_draws, 1))
    if not shared:
        days -= r.uniform(0, 30, days.shape)
    names = tuple(str(i) for i in range(sum(n)))
    w = Worlds(models=names, ability=ability / 5, day=days, as_of=end, scale_points=np.full(n_draws, 5.0))
    reference = np.arange(sum(n)) < n[0]
    return w, ~reference, reference


def shifted_copy(months, n=140):
    """Return a noiseless straight frontier and its copy, some months later."""
    day = START + 10.0 * np.arange(n)
    ability = np.tile(np.arange(n) / 8, (3, 2))
    days = np.tile(np.r_[day, day + months * MONTH], (3, 1))
    names = tuple(str(i) for i in range(2 * n))
    w = Worlds(models=names, ability=ability, day=days, as_of=day[-1], scale_points=np.full(3, 3.0))
    reference = np.arange(2 * n) < n
    return w, ~reference, reference


def test_line_by_hand():
    day = np.array([[0, 1, 2, 9]]) * MONTH
    lines = fit_lines(day, np.array([[1.0, 2.0, 6.0, np.inf]]), np.array([[True, True, True, False]]), 0.0)
    got = lines.center[0], lines.mean[0], lines.slope[0], lines.sxx[0], lines.sigma[0]
    assert got == pytest.approx((1, 3, 2.5, 2, np.sqrt(1.5)))
    assert lines.at(3 * MONTH) == pytest.approx(8)
    assert lines.day_of(np.array([8.0])) == pytest.approx(3 * MONTH)
    reference = np.polyfit(day[0, :3] / MONTH, [1, 2, 6], 1)
    assert lines.slope[0] == pytest.approx(reference[0])


def test_records_from_before_the_start_still_count_as_previous():
    w = Worlds(
        models=tuple("abcd"),
        ability=np.array([[5.0, 1.0, 6.0, 7.0]]),
        day=np.array([[0.0, 10.0, 20.0, 30.0]]),
        as_of=40.0,
        scale_points=np.ones(1),
    )
    assert record_lines(w, np.ones(4, bool), start=5.0).n == 2


@pytest.mark.parametrize("months", [0.0, 3.0, 9.0])
def test_a_shifted_copy_lags_by_the_shift(months):
    w, follower, reference = shifted_copy(months)
    exact = trend_gap_linear(w, follower, reference, start=START, rng=rng(), parameter_uncertainty=False)
    np.testing.assert_allclose(exact.months, months, atol=1e-6)
    latent = trend_gap_latent(w, follower, reference, rng=rng())
    np.testing.assert_allclose(latent.months, months, atol=0.7)
    s = 180  # a model of the follower
    exact = trend_gap_linear(w, s, reference, start=START, rng=rng(), parameter_uncertainty=False)
    np.testing.assert_allclose(exact.months, months, atol=1e-6)
    np.testing.assert_allclose(trend_gap_latent(w, s, reference, rng=rng()).months, months, atol=0.7)


@pytest.mark.parametrize("gap", [0, 3, 9])
def test_known_gaps_are_recovered_through_noise(gap):
    medians, covered = {"linear": [], "latent": []}, 0
    for seed in range(3):
        w, follower, reference = world(gap, seed=seed, n_draws=40)
        latent = trend_gap_latent(w, follower, reference, rng=rng(seed)).months
        linear = trend_gap_linear(w, follower, reference, start=START + 200, rng=rng(seed)).months
        medians["latent"].append(np.median(latent))
        medians["linear"].append(np.median(linear))
        low, high = np.quantile(latent, [0.05, 0.95])
        covered += low <= gap <= high
    assert np.mean(medians["latent"]) == pytest.approx(gap, abs=1.2)
    assert np.mean(medians["linear"]) == pytest.approx(gap, abs=1.2)
    assert covered >= 2


def test_steps_see_known_gaps_too():
    means = []
    for gap in (0, 3, 9):
        w, follower, reference = world(gap)
        period = {"start": w.as_of - 900, "end": w.as_of}
        means.append(daily_mean(w, follower, reference, **period).months.mean())
        assert catch_up(w, follower, reference, **period).restricted_mean.mean() == pytest.approx(gap, abs=2.5)
    assert means == pytest.approx([0, 3, 9], abs=2.5)
    assert means == sorted(means)


def test_frontier_stands_below_the_luckiest_scores():
    excess = []
    for seed in range(3):
        w, _, reference = world(0, seed=seed, error=2.5, rate=5, shortfall=2)
        front = latent_frontier(w, reference, rng=rng(seed))
        truth = (100 + 5 * (w.as_of - START) / YEAR) / 5
        best = w.ability[:, reference].max(axis=1)
        excess.append([(front.at(w.as_of) - truth).mean(), (best - truth).mean()])
        assert (np.diff(front.level, axis=1) > 0).all()
    latent, maximum = np.mean(excess, axis=0) * 5
    assert abs(latent) < 2  # points
    assert maximum > abs(latent) + 1


def test_working_hotelling_covers_whole_lines():
    r, n, trials = rng(1), 12, 4000
    day = np.tile(START + np.sort(r.uniform(0, 900, n)), (trials, 1))
    slope, level = 0.4, 2.0
    month = (day - START) / MONTH
    lines = fit_lines(day, level + slope * month + r.normal(0, 1.5, day.shape), np.ones(day.shape, bool), START)
    days = START + np.linspace(-20000, 20000, 1001)
    band = working_hotelling(lines, days, confidence=0.9)
    truth = level + slope * (days - START) / MONTH
    inside = ((band.low <= truth) & (truth <= band.high)).all(axis=1)
    assert inside.mean() == pytest.approx(0.9, abs=0.015)


def test_drawn_lines_have_the_spread_of_their_sampling_distribution():
    r = rng(2)
    n, trials = 10, 4000
    day = np.tile(START + 60.0 * np.arange(n), (trials, 1))
    y = (day - START) / MONTH * 0.5 + r.normal(0, 1, n)  # one data set, many draws of its line
    w = Worlds(
        models=tuple(str(i) for i in range(n)),
        ability=np.maximum.accumulate(y, axis=1) + 1e-3 * np.arange(n),
        day=day,
        as_of=START + 700,
        scale_points=np.ones(trials),
    )
    gap = trend_gap_linear(w, n - 1, np.ones(n, bool), start=START, rng=r)
    plain = trend_gap_linear(w, n - 1, np.ones(n, bool), start=START, rng=r, parameter_uncertainty=False)
    assert np.ptp(plain.months) == 0
    assert np.median(gap.months) == pytest.approx(plain.months[0], abs=0.1)
    spread = (gap.reference.slope - plain.reference.slope) / (plain.reference.sigma / np.sqrt(plain.reference.sxx))
    free = plain.reference.n[0] - 2
    assert np.std(spread) == pytest.approx(np.sqrt(free / (free - 2)), rel=0.1)


def test_lines_that_do_not_rise_are_counted_and_said():
    w, follower, reference = world(3, n=(8, 8), n_draws=400, error=4)
    gap = trend_gap_linear(w, follower, reference, start=w.as_of - 700, rng=rng())
    assert np.isnan(gap.months).any()
    assert "fewer than three records" in gap.note or "does not rise" in gap.note
    flat = fit_lines(np.array([[0.0, 30, 60]]), np.ones((1, 3)), np.ones((1, 3), bool), 0.0)
    assert np.isnan(flat.day_of(np.array([2.0]))).all()


def test_newton_finds_the_mode_and_its_hessian():
    r = rng(3)
    design = np.column_stack([np.ones(30), np.clip(r.uniform(0, 5, (30, 1)) - np.arange(5), 0, 1)])
    points = 100 + design[:, 1:].sum(axis=1) * 4 - r.exponential(5, (3, 30))
    used = np.ones((3, 30))
    used[1, :10] = 0
    rates = _Rates(5.0, 1.0, 6.0, 1.5)
    for shape in (design[None], np.tile(design, (3, 1, 1))):
        problem = _Problem(points, used, shape)
        guess = np.column_stack([np.full(3, 90.0), np.full((3, 5), 1.0)])
        mode, hessian = _mode(problem, rates, guess)
        gradient, _ = _derivatives(problem, rates, mode)
        np.testing.assert_allclose(gradient, 0, atol=1e-3)
        eps = 1e-5
        for k in range(4):
            step = eps * np.eye(6)[k]
            up, down = (_derivatives(problem, rates, mode + sign * step)[0] for sign in (1, -1))
            np.testing.assert_allclose((up - down) / (2 * eps), hessian[:, k], rtol=1e-3, atol=1e-3)
            rise = _objective(problem, rates, mode + 0.3 * np.eye(6)[k] + step)
            drop = _objective(problem, rates, mode + 0.3 * np.eye(6)[k] - step)
            slope = _derivatives(problem, rates, mode + 0.3 * np.eye(6)[k])[0][:, k]
            np.testing.assert_allclose((rise - drop) / (2 * eps), slope, rtol=1e-4, atol=1e-4)


def test_density_is_stable_far_from_the_frontier():
    problem = _Problem(np.array([[-1e4, 0.0, 1e3]]), np.ones((1, 3)), np.array([[[1.0, 0.0]] * 3]))
    rates = _Rates(5.0, 0.5, 6.0, 1.5)
    x = np.zeros((1, 2))
    gradient, hessian = _derivatives(problem, rates, x)
    assert np.isfinite(_objective(problem, rates, x)).all()
    assert np.isfinite(gradient).all()
    assert np.isfinite(hessian).all()


@pytest.mark.parametrize("shared", [True, False])
def test_trends_keep_their_symmetries(shared):
    w, follower, reference = world(4, n_draws=20, n=(40, 30), shared=shared)

    def lags(w, follower, reference):
        start = w.as_of - 1100
        linear = trend_gap_linear(w, follower, reference, start=start, rng=rng())
        return np.array([linear.months, trend_gap_latent(w, follower, reference, rng=rng()).months])

    plain = lags(w, follower, reference)
    order = rng(9).permutation(len(w.models))
    names = tuple(w.models[m] for m in order)
    mixed = replace(w, models=names, ability=w.ability[:, order], day=w.day[:, order])
    np.testing.assert_allclose(lags(mixed, follower[order], reference[order]), plain, atol=1e-3)
    later = replace(w, day=w.day + 1000, as_of=w.as_of + 1000)
    np.testing.assert_allclose(lags(later, follower, reference), plain, atol=1e-3)
    factor = rng(4).choice([0.5, 2.0, 4.0], 20)  # each draw on a logit scale of its own
    scaled = replace(w, ability=factor[:, None] * w.ability, scale_points=w.scale_points / factor)
    np.testing.assert_allclose(lags(scaled, follower, reference), plain, atol=1e-3)


def test_equal_days_give_the_same_with_and_without_the_shared_design():
    w, _, reference = world(0, n_draws=20, n=(40, 5))
    nudged = replace(w, day=w.day - 1e-7 * np.arange(20)[:, None])
    one, other = (latent_frontier(x, reference, rng=rng()).level for x in (w, nudged))
    np.testing.assert_allclose(one, other, atol=1e-2)


def test_exchanging_the_sides_changes_the_sign():
    w, follower, reference = world(4, n_draws=30, n=(40, 30))
    ours, theirs = (latent_frontier(w, mask, rng=rng(1)) for mask in (follower, reference))
    behind = trend_gap_latent(w, ours, theirs, rng=rng())
    ahead = trend_gap_latent(w, theirs, ours, rng=rng())
    np.testing.assert_allclose(behind.months, -ahead.months)
    assert (behind.bound == -ahead.bound).all()


def test_latent_bounds():
    knots = START + YEAR / 4 * np.arange(5)
    level = np.array([[0.0, 1, 2, 3, 4]])
    w, _, reference = world(0, n_draws=1, n=(3, 3))
    hyper = latent_frontier(w, reference, rng=rng()).hyper
    front = LatentFrontier(knot_day=knots, level=level, as_of=knots[-1], hyper=hyper)
    high = replace(front, level=level - 9)
    gap = trend_gap_latent(w, high, front, rng=rng(), at=knots[-1])
    assert (gap.months[0], gap.bound[0]) == (pytest.approx(12), 1)
    assert "at least" in gap.note
    lead = trend_gap_latent(w, front, high, rng=rng(), at=knots[-1])
    assert (lead.months[0], lead.bound[0]) == (pytest.approx(-12), -1)
    day, beyond = front.day_of(np.array([2.5]))
    assert (day[0], beyond[0]) == (pytest.approx(knots[2] + YEAR / 8), 0)
    s = int(np.flatnonzero(reference)[0])
    above = trend_gap_latent(w, s, front, rng=rng())
    assert above.bound[0] == -1
    assert above.months[0] == pytest.approx((w.day[0, s] - knots[-1]) / MONTH)
    with pytest.raises(LeadtimeError, match="not known"):
        front.at(knots[0] - 1)


def test_one_model_is_enough_for_a_latent_frontier():
    w, _, reference = world(2, n_draws=10)
    one = np.arange(len(w.models)) == 100
    assert np.isfinite(trend_gap_latent(w, one, reference, rng=rng()).months).all()


def test_errors_name_the_argument():
    w, follower, reference = world(2, n_draws=2)
    with pytest.raises(LeadtimeError, match="lies after"):
        trend_gap_linear(w, follower, reference, start=w.as_of + 1, rng=rng())
    with pytest.raises(LeadtimeError, match="no model from then on"):
        trend_gap_latent(w, follower, reference, rng=rng(), start=w.as_of + 1)
    with pytest.raises(LeadtimeError, match="not a level of confidence"):
        working_hotelling(record_lines(w, reference, start=START), np.array([START]), confidence=95)
