"""The process of releases: the sawtooth it is read from, parameters found again, and forecasts that hold what
they say.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.lag import Worlds, age_of_equal, daily_mean
from leadtime.lag.ahead import ahead
from leadtime.lag.release import Saw, drift, level, long_run, posterior, sawtooth, step
from leadtime.units import DAYS_PER_MONTH as MONTH

START = 738_000.0


def rng(seed=0):
    return np.random.default_rng(seed)


def world(seed, n=(40, 30), draws=20, gap=150.0, error=0.3):
    """Return two sides that rise alike, the follower some days behind, with errors of measurement."""
    r = rng(seed)
    day = START + np.sort(r.uniform(0, 1000, sum(n)))
    ours = r.permutation(sum(n)) < n[1]
    truth = (day - START - gap * ours) / 60 - r.exponential(1, sum(n))
    w = Worlds(
        models=tuple(map(str, range(sum(n)))),
        ability=truth + error * r.standard_normal((draws, sum(n))),
        day=np.tile(day, (draws, 1)),
        as_of=START + 1000,
        scale_points=np.ones(draws),
    )
    return w, ours, ~ours


def simulated(records, *, draws=4, seed=0, mean=6.0, persistence=0.6, scatter=0.5, noise=0.15, rate=0.8, first=0.0):
    """Return the resets of processes that are known, with the cap left out so that the parameters are those of the
    filter.
    """
    r = rng(seed)
    wait = r.exponential(1 / rate, (draws, records))
    z = np.empty((draws, records))
    z[:, 0] = scatter * r.standard_normal(draws)
    for k in range(1, records):
        f = persistence ** (wait[:, k] / 3)
        z[:, k] = f * z[:, k - 1] + scatter * np.sqrt(1 - f**2) * r.standard_normal(draws)
    reset = np.maximum(np.expm1(np.log(mean) + z + noise * r.standard_normal(z.shape)), 0)
    day = first + np.cumsum(wait, axis=1) * MONTH
    return Saw(
        day=day,
        reset_months=reset,
        n=np.full(draws, records),
        last_months=reset[:, -1],
        now_months=reset[:, -1],
        leads=np.zeros(draws, bool),
        counts=np.full((draws, 2), round(24 * rate)),
        seen_months=np.full(2, 24.0),
        as_of=float(day[:, -1].max()),
    )


# -- the sawtooth is the lag
# ------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-300.0, 0.0, 30.0, 150.0, 400.0]))
def test_the_sawtooth_is_the_daily_lag_and_no_record_lengthens_it(seed, gap):
    w, ours, theirs = world(seed, gap=gap)
    saw = sawtooth(w, ours, theirs)
    today = daily_mean(w, ours, theirs, start=w.as_of - 30, end=w.as_of)
    np.testing.assert_allclose(saw.now_months, today.today, atol=1.01 / MONTH)  # days are whole there
    np.testing.assert_array_equal(saw.leads, np.isclose(saw.now_months, 0) & (today.share_in_lead > 0))
    before = saw.reset_months[:, :-1] + np.diff(saw.day, axis=1) / MONTH
    assert (saw.reset_months >= 0).all()
    behind = saw.reset_months[:, :-1] > 0
    assert (saw.reset_months[:, 1:][behind] <= before[behind] + 1e-9).all()


def test_the_last_reset_is_the_age_of_the_equal_of_the_best_model():
    w, ours, theirs = world(3, error=0.0, draws=1)
    best = int(np.where(ours, w.ability[0], -np.inf).argmax())
    assert sawtooth(w, ours, theirs).last_months == pytest.approx(age_of_equal(w, best, theirs).months)


def test_a_side_without_a_model_is_told():
    w, ours, theirs = world(0)
    with pytest.raises(LeadtimeError, match="no models"):
        sawtooth(w, ours & False, theirs)


# -- what made the data is found again
# ----------------------------------------------------------------------------------------


def test_parameters_are_found_again():
    saw = simulated(160, draws=24)
    p = posterior(saw, rng(1), paths=960, particles=4000)
    assert np.exp(np.median(p.mean_log)) == pytest.approx(6, rel=0.12)
    assert np.median(p.scatter) == pytest.approx(0.5, rel=0.15)
    assert np.median(p.noise) == pytest.approx(0.15, rel=0.25)
    assert np.median(p.persistence) == pytest.approx(0.6, abs=0.15)
    assert np.median(p.records_per_month) == pytest.approx(0.8, rel=0.2)


def test_intervals_of_the_level_parameter_hold_it_as_often_as_said():
    """Simulated from the prior of m (the rest fixed near its center), so that shares are those of the intervals."""
    r, inside = rng(5), []
    truth = np.exp(np.log(7) + r.standard_normal(60))
    for i, mean in enumerate(truth):
        saw = simulated(15, draws=1, seed=100 + i, mean=mean, persistence=0.66)
        p = posterior(saw, rng(i), paths=400, particles=1500)
        low, high = np.quantile(p.mean_log, [0.1, 0.9])
        inside.append(low <= np.log(mean) <= high)
    assert 0.66 <= np.mean(inside) <= 0.94


def test_a_rising_level_is_told_from_a_falling_one():
    flat = simulated(30, draws=8)
    months = (flat.day - flat.day[:, :1]) / MONTH
    up, down = (
        drift(replace(flat, reset_months=np.expm1(np.log1p(flat.reset_months) + s * months)), rng(0))
        for s in (0.06, -0.06)
    )
    assert up.p_rises > 0.85
    assert down.p_rises < 0.15
    assert up.bayes_factor > drift(flat, rng(0)).bayes_factor


def test_the_level_has_sampling_error_that_the_realized_mean_does_not():
    w, ours, theirs = world(1, draws=200, error=0.02)
    found = level(w, ours, theirs, rng=rng(0))
    realized = daily_mean(w, ours, theirs, start=START + 300, end=w.as_of).months
    assert found.shape == (200,)
    assert np.ptp(np.quantile(found, [0.05, 0.95])) > 3 * np.ptp(np.quantile(realized, [0.05, 0.95]))
    assert np.quantile(found, 0.05) < realized.mean() < np.quantile(found, 0.95)


# -- what comes
# -----------------------------------------------------------------------------------------------------------------


def days(*periods):
    return [(START + a, START + b) for a, b in periods]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-200.0, 0.0, 60.0, 300.0]))
def test_forecasts_are_never_below_zero_nor_above_a_lag_that_no_release_shortens(seed, gap):
    w, ours, theirs = world(seed, gap=gap)
    r = rng(seed)
    process = posterior(sawtooth(w, ours, theirs), r, paths=200)
    f = ahead(w, ours, theirs, days((1001, 1091), (1200, 1300)), rng=r, process=process)
    now = sawtooth(w, ours, theirs).now_months[f.draw][:, None]
    assert (f.daily_mean >= 0).all()
    assert (f.daily_mean <= now + (np.array([1046, 1250]) - 1000) / MONTH + 1e-9).all()
    assert (f.age_of_equal >= 0).all()
    assert ((f.share_in_lead >= 0) & (f.share_in_lead <= 1)).all()


def test_without_a_release_the_lag_grows_by_a_day_a_day():
    w, ours, theirs = world(2)
    first = np.flatnonzero(ours)[0]
    alone = np.arange(len(ours)) == first
    early = replace(w, as_of=float(w.day[0, first] + 600))
    r = rng(0)
    process = posterior(sawtooth(early, alone, theirs), r, paths=4000)
    f = ahead(early, alone, theirs, [(early.as_of - 9, early.as_of + 10)], rng=r, process=process)
    seen = daily_mean(early, alone, theirs, start=early.as_of - 9, end=early.as_of).today
    grown = seen[f.draw] + 0.5 / MONTH  # the middle of twenty days, half of them known
    assert np.mean(np.isclose(f.daily_mean[:, 0], grown)) > 0.7  # in ten days there is seldom a release
    assert (f.daily_mean[:, 0] <= grown + 1e-9).all()


def test_far_ahead_a_forecast_is_the_level():
    w, ours, theirs = world(4, draws=100)
    r = rng(1)
    process = posterior(sawtooth(w, ours, theirs), r, paths=3000)
    far = ahead(w, ours, theirs, days((2500, 2700)), rng=r, process=process).daily_mean
    run = long_run(posterior(sawtooth(w, ours, theirs), rng(2), paths=3000), rng(3))
    assert far.mean() == pytest.approx(run.mean(), rel=0.08)
    assert far.std() > run.std()


def test_a_record_never_lengthens_the_lag():
    p = posterior(simulated(12, draws=50), rng(0))
    before = np.linspace(0, 20, 50)
    for seed in range(20):
        _, lag = step(p, p.state, np.ones(50), before, rng(seed))
        assert (lag <= before).all()
        assert (lag >= 0).all()


@pytest.mark.parametrize(
    ("period", "match"),
    [((900, 990), "nothing to forecast"), ((1100, 1050), "ends before"), ((4000, 4100), "years ahead")],
)
def test_periods_that_cannot_be_forecast_are_refused(period, match):
    w, ours, theirs = world(0)
    with pytest.raises(LeadtimeError, match=match):
        ahead(w, ours, theirs, days(period), rng=rng(0))
