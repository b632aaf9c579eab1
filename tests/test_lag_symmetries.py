"""What moves no definition of the lag, and what each refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.lag import (
    DEFINITIONS,
    Matching,
    age_of_equal,
    age_of_equal_windowed,
    age_of_matched,
    catch_up,
    daily_mean,
    pairwise,
)
from leadtime.units import DAYS_PER_MONTH as MONTH
from worlds_side import READINGS, hand, random_worlds, worlds


def step_lags(w, follower, reference):
    """Return every step definition of a world as a dictionary of arrays (draw,)."""
    s = int(np.flatnonzero(follower)[0])
    out = {
        "equal": age_of_equal(w, s, reference, tolerance_points=0.5).months,
        "windowed": age_of_equal_windowed(w, s, reference, width_points=1).months,
        "matched": age_of_matched(w, s, reference, tolerance_points=0.5).months,
    }
    since, until = w.as_of - 600, w.as_of
    for reading in READINGS:
        try:
            near = replace(reading, tolerance_points=0.5)
            d = daily_mean(w, follower, reference, start=since, end=until, reading=near)
        except LeadtimeError:
            continue
        out |= {f"{reading.by}.{k}": getattr(d, k) for k in ("months", "least", "most", "today", "share_in_lead")}
    c = catch_up(w, follower, reference, start=since, end=until, matching=Matching(tolerance_points=0.5))
    return out | {"catch_up": c.months, "restricted": c.restricted_mean, "events": c.n_events}


def same(a, b, **keywords):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=1e-9, atol=1e-9, err_msg=name, **keywords)


# --- symmetries ------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 10**6), shared=st.booleans())
@settings(max_examples=30, deadline=None)
def test_order_of_models_does_not_matter(seed, shared):
    w, follower, reference = random_worlds(seed, shared_days=shared)
    s = int(np.flatnonzero(follower)[0])
    order = np.random.default_rng(seed).permutation(len(w.models))
    order = np.r_[[m for m in order if reference[m]], s, [m for m in order if follower[m] and m != s]].astype(int)
    names = tuple(w.models[m] for m in order)
    moved = replace(w, models=names, ability=w.ability[:, order], day=w.day[:, order])
    same(step_lags(w, follower, reference), step_lags(moved, follower[order], reference[order]))


@given(seed=st.integers(0, 10**6), days=st.integers(-1000, 800000))
@settings(max_examples=30, deadline=None)
def test_shifting_all_dates_leaves_lags(seed, days):
    w, follower, reference = random_worlds(seed)
    moved = replace(w, day=w.day + days, as_of=w.as_of + days)
    same(step_lags(w, follower, reference), step_lags(moved, follower, reference))


@given(seed=st.integers(0, 10**6), factor=st.sampled_from([0.25, 2.0, 8.0]), shift=st.integers(-8, 8))
@settings(max_examples=30, deadline=None)
def test_another_scale_leaves_lags(seed, factor, shift):
    w, follower, reference = random_worlds(seed)
    moved = replace(w, ability=factor * w.ability + shift, scale_points=w.scale_points / factor)
    same(step_lags(w, follower, reference), step_lags(moved, follower, reference))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_one_draw_alone_gives_the_same(seed):
    w, follower, reference = random_worlds(seed)
    together = step_lags(w, follower, reference)
    for i in range(w.n_draws):
        alone = step_lags(w.rows(slice(i, i + 1)), follower, reference)
        for name, value in alone.items():
            np.testing.assert_allclose(value[0], together[name][i], rtol=1e-12, err_msg=name)


def test_many_draws_in_parts_give_the_same():
    w, follower, reference = random_worlds(3, n_draws=2500)
    together = step_lags(w, follower, reference)
    for name, value in step_lags(w.rows(slice(1000, 1100)), follower, reference).items():
        np.testing.assert_allclose(value, together[name][1000:1100], err_msg=name)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_worse_and_later_reference_model_changes_nothing(seed):
    w, follower, reference = random_worlds(seed)
    s = int(np.flatnonzero(follower)[0])
    worse = w.ability[:, [0]] - 0.5
    more = replace(
        w,
        models=(*w.models, "extra"),
        ability=np.column_stack([w.ability, worse]),
        day=np.column_stack([w.day, w.day[:, [0]] + 1]),
        as_of=702.0,
    )
    before = replace(w, as_of=702.0)
    for lag in (age_of_equal, age_of_equal_windowed, age_of_matched):
        np.testing.assert_array_equal(lag(before, s, reference).months, lag(more, s, np.append(reference, True)).months)


@pytest.mark.parametrize("months", [0.5, 3.0, 9.0])
def test_a_shifted_copy_lags_by_the_shift(months):
    n, gap = 120, 10.0
    day = 1000 + gap * np.arange(n)
    ability = np.arange(n) / 8
    w = worlds(np.r_[ability, ability], np.r_[day, day + months * MONTH], day[-1] + 400)
    reference = np.arange(2 * n) < n
    for s in (n + 20, n + 60):
        assert age_of_equal(w, s, reference).months == pytest.approx(months)
        assert age_of_matched(w, s, reference).months == pytest.approx(months)
        assert age_of_equal_windowed(w, s, reference, width_points=0.5).months == pytest.approx(months, abs=gap / MONTH)
    start, end = day[40], day[-1]
    period = {"start": start, "end": end}
    assert catch_up(w, ~reference, reference, **period).months == pytest.approx(months)
    short, long = (daily_mean(w, ~reference, reference, **period, reading=r).months[0] for r in READINGS)
    assert months - gap / MONTH <= short <= months <= long <= months + gap / MONTH
    ahead = daily_mean(w, reference, ~reference, **period)
    assert (ahead.months[0], ahead.share_in_lead[0]) == (0, 1)


# --- refusals --------------------------------------------------------------------------------------------


def test_errors_say_what_where_and_what_to_do():
    w, follower, reference = hand()
    nobody = np.zeros(6, bool)
    cases = {
        "has no models": lambda: age_of_equal(w, 4, nobody),
        "yes or no for each": lambda: age_of_equal(w, 4, np.array([0, 1])),
        "on or before": lambda: age_of_equal(replace(w, as_of=140.0), 0, follower),
        "dated after": lambda: age_of_equal(replace(w, as_of=140.0), 4, reference),
        "no model number": lambda: age_of_matched(w, 9, reference),
        "not a number of points": lambda: age_of_equal(w, 4, reference, tolerance_points=-1),
        "after it ends": lambda: daily_mean(w, follower, reference, start=200, end=100),
        "last day that is known": lambda: catch_up(w, follower, reference, start=0, end=301),
        "no model in the period": lambda: daily_mean(w, follower, reference, start=1, end=149),
    }
    for words, call in cases.items():
        with pytest.raises(LeadtimeError, match=words) as error:
            call()
        assert error.value.where
        assert error.value.fix


def test_worlds_refuse_what_cannot_be():
    w, _, _ = hand()
    for change, words in (
        ({"day": w.day[:, :3]}, "has shape"),
        ({"ability": w.ability * np.nan}, "not a finite number"),
        ({"models": ("a",) * 6}, "named twice"),
        ({"scale_points": np.zeros(1)}, "above 0"),
    ):
        with pytest.raises(LeadtimeError, match=words):
            replace(w, **change)


def test_registry_names_what_results_carry():
    w, follower, reference = hand()
    assert all(name == d.name and d.sentence.endswith(".") for name, d in DEFINITIONS.items())
    for lag in (age_of_equal(w, 4, reference), age_of_matched(w, 4, reference), pairwise(w, 0, 1)):
        assert lag.definition in DEFINITIONS
    assert catch_up(w, follower, reference, start=0, end=300).definition in DEFINITIONS
