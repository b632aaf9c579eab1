"""Estimates behave like numbers whose draws are worlds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadtime import Estimate, LeadtimeError
from leadtime.amounts import amount, interval
from leadtime.estimate import Probability


def estimate(draws, unit="months", name="x", **more):
    return Estimate(
        name=name, unit=unit, draws=np.asarray(draws, float), definition="What it is.", as_of="2026-11-30", **more
    )


DRAWS = arrays(float, 40, elements=st.floats(-1e6, 1e6))


@given(DRAWS, DRAWS, st.floats(-1e3, 1e3))
def test_arithmetic_is_world_by_world(a, b, k):
    x, y = estimate(a, name="x"), estimate(b, name="y")
    np.testing.assert_array_equal((x + y).draws, a + b)
    np.testing.assert_array_equal((x - y).draws, a - b)
    np.testing.assert_array_equal((x * y).draws, a * b)
    np.testing.assert_array_equal((k - x).draws, k - a)
    np.testing.assert_array_equal((k * x).draws, (x * k).draws)
    np.testing.assert_array_equal((-x).draws, -a)
    np.testing.assert_array_equal(sum([x, y, x]).draws, a + b + a)
    with np.errstate(all="ignore"):
        expected = a / b
    found = (x / y).draws
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[finite], expected[finite])
    assert np.isnan(found[~finite]).all(), "what has no value is undefined, not infinite"


@given(DRAWS, DRAWS)
def test_a_comparison_is_a_probability(a, b):
    x, y = estimate(a), estimate(b)
    assert float(x > y) == np.mean(a > b)
    assert float(x >= y) + float(x < y) == pytest.approx(1)
    assert float(5 < x) == float(x > 5)  # noqa: SIM300 - what is tested


def test_undefined_draws_are_left_out_of_a_comparison():
    assert float(estimate([1, np.nan, 3, np.nan]) > 2) == 0.5
    assert math.isnan(estimate([np.nan]) > 2)


def test_a_probability_is_neither_yes_nor_no():
    p = estimate([1, 2, 3, 4]) > 1
    assert isinstance(p, Probability)
    assert p > 0.5
    with pytest.raises(TypeError, match="75% of the draws"):
        bool(p)


@pytest.mark.parametrize(
    ("make", "unit"),
    [
        (lambda m, usd, share: m * share, "months"),
        (lambda m, usd, share: share * usd, "USD"),
        (lambda m, usd, share: usd / m, "USD per months"),
        (lambda m, usd, share: usd / usd, "ratio"),
        (lambda m, usd, share: m / share, "months"),
        (lambda m, usd, share: 1 / m, "1 per months"),
        (lambda m, usd, share: m / 3, "months"),
    ],
)
def test_units_go_along(make, unit):
    assert make(estimate([1, 2, 3]), estimate([4, 5, 6], "USD"), estimate([0.1, 0.2, 0.3], "fraction")).unit == unit


def test_what_does_not_go_together_is_refused():
    with pytest.raises(LeadtimeError, match="months and USD cannot be added"):
        estimate([1, 2]) + estimate([1, 2], "USD")
    with pytest.raises(LeadtimeError, match="cannot be added"):
        estimate([1, 2]) > estimate([1, 2], "USD")  # noqa: B015
    with pytest.raises(LeadtimeError, match="has 2 draws and"):
        estimate([1, 2]) * estimate([1, 2, 3])
    for key, words in (("evidence_hash", "evidence"), ("seed", "seed"), ("draws_from", "draws come from")):
        with pytest.raises(LeadtimeError, match=words):
            estimate([1, 2], stamp={"version": "1", key: "a"}) - estimate([1, 2], stamp={"version": "1"})
    assert (estimate([1, 2]) + estimate([5])).draws.tolist() == [6, 7], "a constant broadcasts"


def test_lineage_is_kept_once():
    x = estimate([1, 2], because=("a", "b"), stamp={"seed": 0}) + estimate(
        [1, 2], because=("b", "c"), stamp={"seed": 0}
    )
    assert x.because == ("a", "b", "c")
    assert x.stamp == {"seed": 0}


def test_it_prints_short():
    x = estimate(np.linspace(5, 8, 1001), name="lag.a")
    assert str(x) == f"{x}" == "6.5 months (5.2 to 7.8)"
    assert repr(x) == "<lag.a: 6.5 months (5.2 to 7.8)>"
    assert f"{x:.2f}" == "6.50 months (5.15 to 7.85)"
    assert float(x) == x.median == 6.5
    atoms = estimate([3.4] * 3 + [6.2], models={3.4: "o1", 6.2: "Sonnet"})
    assert str(atoms) == "3.4 months (75%, o1), 6.2 (25%, Sonnet)"
    assert len(repr(estimate(np.random.default_rng(0).normal(size=100_000)))) < 80
    assert "<script>" not in estimate([1.0], name="x", unit="<script>")._repr_html_()


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (5.69e6, "USD", "$5.69M"),
        (742376638.8, "USD", "$742M"),
        (3.4e10, "USD", "$34B"),
        (-2e6, "USD", "-$2M"),
        (999_600, "USD", "$1M"),
        (6.38, "months", "6.4 months"),
        (-0.04, "months", "0.0 months"),
        (-1.5, "months", "-1.5 months"),
        (0.0912, "fraction", "9%"),
        (0.999, "probability", "100%"),
        (1.39e7, "H100e", "13.9M H100e"),
        (9.27, "ratio", "9.27"),
        (1234.0, "points", "1,234 points"),
        (0.0, "USD", "$0"),
        (float("nan"), "USD", "unknown"),
        (2e15, "USD", "$2,000T"),
        (12_345, "items", "12.3k items"),
    ],
)
def test_amounts(value, unit, words):
    assert amount(value, unit) == words


def test_intervals():
    assert interval(5.69e6, 2.78e6, 11.5e6, "USD") == "$5.69M ($2.78M to $11.5M)"
    assert interval(0.09, 0.05, 0.16, "fraction") == "9% (5% to 16%)"
    assert interval(float("nan"), 1, 2, "months") == "unknown"


def test_draws_as_a_labelled_array():
    x = estimate([1, 2, 3], stamp={"seed": 0, "environment": {}}).labelled()
    assert x.dims == ("draw",)
    assert x.attrs["units"] == "months"
    assert x.attrs["seed"] == 0
    assert "environment" not in x.attrs
