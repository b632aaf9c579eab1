"""Sharing a joint effect among its causes: Shapley values over all coalitions, in exact arithmetic."""

import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import factorial


def coalitions(features: Sequence[str]) -> list[frozenset[str]]:
    """Return every subset of the features, the empty one first."""
    return [frozenset(s) for n in range(len(features) + 1) for s in itertools.combinations(features, n)]


def shapley(features: Sequence[str], worth: Callable[[frozenset[str]], float]) -> dict[str, Fraction]:
    """Return the Shapley value of each feature: its mean addition over all orders in which the features could join.

    The values add up to worth(all) - worth(none) exactly, because the sums are of fractions and not of floats.

    Args:
        features: Names, each once.
        worth: Value of a coalition; called once for each of the 2^n.
    """
    n = len(features)
    values = {c: Fraction(worth(c)) for c in coalitions(features)}
    shares = {}
    for feature in features:
        without = [c for c in values if feature not in c]
        weights = {c: Fraction(factorial(len(c)) * factorial(n - len(c) - 1), factorial(n)) for c in without}
        shares[feature] = sum((weights[c] * (values[c | {feature}] - values[c]) for c in without), Fraction(0))
    return shares
