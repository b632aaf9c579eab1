r"""Are ranks uniform? Chi-square, and the simultaneous band of their distribution function.

Of N simulations, each ranks the truth among L draws: r in 0, ..., L. With c_i the count of ranks below i, which is
Binomial(N, i / (L + 1)) when ranks are uniform, the statistic is the least pointwise tail

    gamma = 2 min_i min(P(X <= c_i), P(X >= c_i)),    i = 1, ..., L,

whose distribution under uniformity is simulated (Sailynoja, Burkner and Vehtari 2022). Many parameters are tested
together by Holm's step-down correction.
"""

import functools

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import binom, chisquare

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
BINS = 20
_NULL = 20_000


def ranks_of(truth: Floats, draws: Floats) -> Integers:
    """Return the rank of each true value among its draws, shape (parameter,); draws have shape (draw, parameter)."""
    return np.asarray((draws < truth).sum(axis=0), dtype=np.int64)


def chi_square(ranks: Integers, n_draws: int) -> float:
    """Return the p-value of the ranks of one parameter in 20 equal bins; `n_draws` + 1 is a multiple of 20."""
    counts = np.bincount(ranks * BINS // (n_draws + 1), minlength=BINS)
    return float(chisquare(counts).pvalue)


def band(ranks: Integers, n_draws: int) -> float:
    """Return the p-value of the simultaneous band for the ranks of one parameter."""
    least = _gamma(_counts(ranks[None, :], n_draws), ranks.size)[0]
    return float((1 + np.sum(_null(ranks.size, n_draws) <= least)) / (1 + _NULL))


def holm(p: Floats) -> Floats:
    """Return p-values corrected for being many: below 0.05 where a family of true hypotheses fails in 5 % of cases."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate((p.size - np.arange(p.size)) * p[order])
    out = np.empty_like(p)
    out[order] = np.minimum(stepped, 1.0)
    return out


def _counts(ranks: Integers, n_draws: int) -> Integers:
    """Return how many ranks are below 1, ..., L in each row."""
    flat = ranks + (n_draws + 1) * np.arange(len(ranks))[:, None]
    held = np.bincount(flat.ravel(), minlength=len(ranks) * (n_draws + 1)).reshape(len(ranks), -1)
    return np.cumsum(held, axis=1)[:, :-1]


def _gamma(counts: Integers, n: int) -> Floats:
    low, high = _tails(n, counts.shape[1])
    at = np.arange(counts.shape[1])
    return np.asarray(2 * np.minimum(low[at, counts], high[at, counts]).min(axis=1))


@functools.cache
def _tails(n: int, n_draws: int) -> tuple[Floats, Floats]:
    """Return P(X <= c) and P(X >= c) for each i and count c, shape (i, c)."""
    share = np.arange(1, n_draws + 1)[:, None] / (n_draws + 1)
    c = np.arange(n + 1)[None, :]
    return binom.cdf(c, n, share), binom.sf(c - 1, n, share)


@functools.cache
def _null(n: int, n_draws: int) -> Floats:
    rng = np.random.default_rng(12345)
    parts = [_gamma(_counts(rng.integers(0, n_draws + 1, (1000, n)), n_draws), n) for _ in range(_NULL // 1000)]
    return np.concatenate(parts)


def limits(n: int, n_draws: int, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Return i / (L + 1) and the simultaneous band of the distribution function there, less the diagonal."""
    gamma = np.quantile(_null(n, n_draws), 1 - level)
    share = np.arange(1, n_draws + 1) / (n_draws + 1)
    return (
        share,
        binom.ppf(gamma / 2, n, share) / n - share,
        binom.ppf(1 - gamma / 2, n, share) / n - share,
    )


def chart(ranks: dict[str, Integers], groups: dict[str, str], n_draws: int) -> alt.TopLevelMixin:
    """Return the distribution functions of ranks less the diagonal, one panel a group, with the 95 % band of one line.

    Args:
        ranks: Of each parameter, shape (simulation,).
        groups: Group of each parameter.
        n_draws: L.
    """
    n = next(iter(ranks.values())).size
    share, low, high = limits(n, n_draws)
    some = np.arange(0, n_draws, 4)
    lines = pl.concat(
        [
            pl.DataFrame(
                {
                    "group": groups[name],
                    "parameter": name,
                    "share": share[some],
                    "difference": _counts(r[None, :], n_draws)[0, some] / n - share[some],
                }
            )
            for name, r in ranks.items()
        ]
    )
    names = list(dict.fromkeys(groups.values()))
    area = pl.concat(
        [
            pl.DataFrame({"group": g, "parameter": "", "share": share[some], "low": low[some], "high": high[some]})
            for g in names
        ]
    )
    data = pl.concat([lines, area], how="diagonal")
    x = alt.X("share:Q", title="rank of the truth, as a share", axis=alt.Axis(values=[0, 0.5, 1]))
    base = alt.Chart(alt.Data(values=data.to_dicts()))
    layers = alt.layer(
        base.transform_filter("datum.parameter == ''")
        .mark_area(color="#dfe7ee")
        .encode(x=x, y=alt.Y("low:Q", title="truths below, excess"), y2="high:Q"),
        base.transform_filter("datum.parameter != ''")
        .mark_line(color="#1f5f8b", opacity=0.4, strokeWidth=1)
        .encode(x=x, y="difference:Q", detail="parameter:N"),
    ).properties(width=150, height=110)
    return layers.facet(facet=alt.Facet("group:N", sort=names, title=None), columns=4)
