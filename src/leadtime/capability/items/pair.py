r"""Two models on the questions that both answered: the difference, its interval, and the smallest one that these
questions would show.

With $d_i$ the difference of the two models' mean responses to question $i$ of $n$, and questions in $G$ clusters (each
its own where none are named), two more questions are added of which each model wins one (Bonett and Price 2012 for
right and wrong answers):

    c  = sum_i d_i / (n + 2)
    v  = (f sum_g (sum_{i in g} (d_i - c))^2 + (1 - c)^2 + (1 + c)^2) / (n + 2)^2,      f = G / (G - 1)
    c -/+ t_{0.95, G - 1} sqrt(v),    smallest difference that shows: (t_{0.95, G - 1} + z_{0.8}) sqrt(v)

Tries of one question, and questions of one cluster, are summed before they are squared: they do not count as if they
were independent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from leadtime.errors import LeadtimeError

#: Probability that the interval holds, and that a difference of the smallest size is shown.
LEVEL, POWER = 0.9, 0.8
_ADDED = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two models on the questions that both answered; shares are of 1.

    Args:
        n_items: How many questions.
        n_clusters: How many clusters they form.
        first: Mean response of the first model.
        second: Mean response of the second.
        difference: First less second.
        low: 5 % end of its interval.
        high: 95 % end.
        error: Standard error.
        smallest: A true difference of this size is shown, by an interval without 0, in 80 of 100 such comparisons.
        p_better: Chance that the first would have the greater share of many more such questions.
    """

    n_items: int
    n_clusters: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    error: float
    smallest: float
    p_better: float


def compare(first: ArrayLike, second: ArrayLike, cluster: ArrayLike | None = None) -> Pair:
    """Return how two models compare on the same questions.

    Args:
        first: Mean response of the first model to each question, 0 to 1, shape (item,).
        second: That of the second, likewise.
        cluster: What questions hang together by, shape (item,), whole numbers, or None if each stands alone.

    Raises:
        LeadtimeError: There are fewer than two questions, or fewer than two clusters.
    """
    from scipy.special import stdtr, stdtrit
    from scipy.stats import norm

    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    code = np.arange(len(a)) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
    n, n_clusters = len(a), int(code.max(initial=-1)) + 1
    if n < 2 or n_clusters < 2:
        what = f"{n} questions" if n_clusters == n or n < 2 else f"{n} questions in one cluster"
        raise LeadtimeError(f"two models cannot be compared on {what}", fix="Add questions that both answered.")
    d = a - b
    center = d.sum() / (n + _ADDED)
    sums = np.bincount(code, d - center)
    spread = n_clusters / (n_clusters - 1) * (sums**2).sum() + (1 - center) ** 2 + (1 + center) ** 2
    error = float(np.sqrt(spread)) / (n + _ADDED)
    t = float(stdtrit(n_clusters - 1, 0.5 + LEVEL / 2))
    return Pair(
        n_items=n,
        n_clusters=n_clusters,
        first=float(a.mean()),
        second=float(b.mean()),
        difference=float(d.mean()),
        low=max(float(center - t * error), -1.0),
        high=min(float(center + t * error), 1.0),
        error=error,
        smallest=float((t + norm.ppf(POWER)) * error),
        p_better=float(stdtr(n_clusters - 1, center / error)),
    )
