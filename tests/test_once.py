"""What a study is asked twice is computed once, and goes with the study."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime import once as kept
from leadtime.errors import LeadtimeError
from leadtime.lag import Worlds, daily_mean
from leadtime.lag.readings import AGE_OF_MATCHED, SINCE_EXCEEDED
from leadtime.lag.steps import search
from leadtime.once import once


class Asked:
    """Something that counts what it computes."""

    def __init__(self):
        self.n = 0

    @once
    def twice(self, number, *, by=2):
        """Multiply."""
        self.n += 1
        return [number * by]

    @once
    def fails(self):
        """Fail."""
        self.n += 1
        raise LeadtimeError("no")


def test_one_question_is_computed_once_however_it_is_put():
    a = Asked()
    assert a.twice(3) is a.twice(number=3) is a.twice(3, by=2)
    assert a.twice(3, by=4) == [12]
    assert a.n == 2
    assert Asked().twice(3) is not a.twice(3)


def test_an_error_is_not_kept():
    a = Asked()
    for n in (1, 2):
        with pytest.raises(LeadtimeError):
            a.fails()
        assert a.n == n


def test_what_is_kept_goes_with_the_study_and_has_a_bound(monkeypatch):
    monkeypatch.setattr(kept, "_MOST", 5)
    a = Asked()
    for i in range(20):
        a.twice(i)
    a.twice(19)
    assert a.n == 20
    a.twice(0)
    assert a.n == 21
    seen = weakref.ref(a)
    del a
    gc.collect()
    assert seen() is None


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 12), st.sampled_from(["left", "right"]))
def test_counting_finds_what_halving_finds(seed, steps, values, how):
    rng = np.random.default_rng(seed)
    table = np.sort(rng.integers(0, 20, (3, steps)).astype(float), axis=1)
    table[0, steps // 2 :] = np.inf
    wanted = rng.integers(-1, 22, (3, values)).astype(float)
    found = search(table, wanted, how)
    assert found.tolist() == [np.searchsorted(t, w, how).tolist() for t, w in zip(table, wanted, strict=True)]


@given(st.integers(0, 2**32 - 1), st.integers(30, 300), st.sampled_from([SINCE_EXCEEDED, AGE_OF_MATCHED]))
def test_a_past_period_is_as_it_was_on_its_last_day(seed, end, reading):
    rng = np.random.default_rng(seed)
    draws, models = 5, 14
    day = (
        np.sort(rng.uniform(0, 320, (draws, models)), axis=1) if seed % 2 else np.tile(np.arange(models) * 22.5, (5, 1))
    )
    day[:, :2] = 0.0  # both sides begin
    ability = np.cumsum(rng.normal(0.3, 1, (draws, models)), axis=1)
    first = np.arange(models) % 2 == 0

    def worlds(as_of):
        return Worlds(
            models=tuple(map(str, range(models))), ability=ability, day=day, as_of=as_of, scale_points=np.ones(draws)
        )

    now, then = worlds(400.0), worlds(float(end))
    span = {"start": end - 25.0, "end": float(end), "reading": reading}
    for name in ("months", "least", "most", "today", "share_in_lead", "bound"):
        a, b = (getattr(daily_mean(w, first, ~first, **span), name) for w in (now, then))
        assert np.array_equal(a, b), name
