"""What the two series show by themselves: how few independent quarters there are, and the lag beside the ratio of
computing power.

Both series trend, so a slope between them is no effect. It is told because readers will draw it, with the sign that it
has in each span.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.effect.before_after import quarterly_lags
from leadtime.errors import LeadtimeError
from leadtime.supply.arrivals import quarter_of
from leadtime.units import spoken_quarter

if TYPE_CHECKING:
    from leadtime.study import Study

Row = dict[str, Any]
#: First quarters of the two spans: all that are measured, and those since the end of 2024.
SPANS = ("", "2024Q4")
#: Fewer quarters than this make no line.
LEAST_QUARTERS = 6
_DRAWS = 4000
_PERSISTENCE = np.linspace(0.0, 0.98, 50)


def series(study: "Study") -> Row:
    """Return what the quarters show by themselves.

    Returns:
        n_quarters; persistence_ and independent_ with low, median, high: the correlation of a quarter's lag with the
        next one's, and the number of independent quarters with the same error of the mean; slopes: rows of since,
        until, n_quarters, low_, median_, high_months per e-fold of US over Chinese computing power, and p_positive.
        What cannot be told of so few quarters is None, or has no row.
    """
    lags = quarterly_lags(study)
    y = lags["median"].to_numpy()
    out: Row = {"n_quarters": lags.height, "slopes": _slopes(study, lags)}
    known = lags.height >= LEAST_QUARTERS
    phi = posterior(y, np.ones((len(y), 1)), seed=study.seed)[1] if known else None
    alone = None if phi is None else len(y) * (1 - phi) / (1 + phi)
    for name, draws in (("persistence", phi), ("independent", alone)):
        ends = (None, None, None) if draws is None else (float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
        out |= {f"{name}_{k}": v for k, v in zip(("low", "median", "high"), ends, strict=True)}
    return out


def _slopes(study: "Study", lags: pl.DataFrame) -> list[Row]:
    try:
        names, ratio = study.supply.history.quarters, np.median(study.supply.ratio(), axis=0)
    except LeadtimeError:
        return []
    held = {q: float(r) for q, r in zip(names, ratio, strict=True) if np.isfinite(r) and r > 0}
    both = [
        (q, held[q], months)
        for day, months in lags.select("date", "median").iter_rows()
        if (q := quarter_of(day - dt.timedelta(days=1))) in held
    ]
    rows = []
    for begin in SPANS:
        some = [r for r in both if r[0] >= begin]
        if len(some) < LEAST_QUARTERS:
            continue
        x = np.log([r[1] for r in some])
        slope, _ = posterior(
            np.array([r[2] for r in some]), np.column_stack([np.ones(len(x)), x - x.mean()]), seed=study.seed
        )
        low, median, high = (float(v) for v in np.quantile(slope, [0.05, 0.5, 0.95]))
        rows.append(
            {
                "since": some[0][0],
                "until": some[-1][0],
                "n_quarters": len(some),
                "low_months": low,
                "median_months": median,
                "high_months": high,
                "p_positive": float(np.mean(slope > 0)),
            }
        )
    return rows


def posterior(y: Floats, design: Floats, *, seed: int, draws: int = _DRAWS) -> tuple[Floats, Floats]:
    r"""Return draws of the last coefficient and of the persistence of $y = X\beta + e$ with $e$ an AR(1).

    Flat priors on $\beta$, on $\log\sigma$ and on persistence $\phi$ (0 to 0.98). Given $\phi$ the series is made white
    (Prais and Winsten), and the coefficient is Student-t; $\phi$ is drawn from its marginal on a grid.

    Args:
        y: The series, shape (n,).
        design: Regressors, shape (n, k), n > k.
        seed: Seed.
        draws: How many.
    """
    n, k = design.shape
    phi = _PERSISTENCE[:, None, None]
    whole = np.column_stack([y, design])[None]
    white = np.concatenate([np.sqrt(1 - phi**2) * whole[:, :1], whole[:, 1:] - phi * whole[:, :-1]], axis=1)
    target, x = white[..., :1], white[..., 1:]
    gram = np.swapaxes(x, 1, 2) @ x
    inverse = np.linalg.inv(gram)
    beta = inverse @ np.swapaxes(x, 1, 2) @ target
    rest = ((target - x @ beta) ** 2).sum(axis=(1, 2))
    weight = 0.5 * np.log(1 - _PERSISTENCE**2) - 0.5 * np.linalg.slogdet(gram)[1] - 0.5 * (n - k) * np.log(rest)
    chance = np.exp(weight - weight.max())
    rng = np.random.default_rng([seed, 89])
    at = rng.choice(len(chance), draws, p=chance / chance.sum())
    error = np.sqrt(rest / (n - k) * inverse[:, -1, -1])
    return beta[at, -1, 0] + error[at] * rng.standard_t(n - k, draws), _PERSISTENCE[at]


def sentences(found: Row) -> list[str]:
    """Return what `series` found, in sentences: how few quarters there are, and which way the two series went
    together.
    """
    said = []
    if found["persistence_median"] is not None:
        said.append(
            f"The lags of {found['n_quarters']} quarters follow one another closely (correlation"
            f" {_three(found, 'persistence', 2)}). They say as much as about {_three(found, 'independent')} independent"
            " ones."
        )
    slopes = found["slopes"]
    for r in slopes:
        said.append(
            f"From {spoken_quarter(r['since'])} to {spoken_quarter(r['until'])} the lag moved by"
            f" {_three(r, '', signed=True)} months for each e-fold (2.7 times) more American computing power over"
            " Chinese."
        )
    if slopes:
        zero = all(r["low_months"] <= 0 <= r["high_months"] for r in slopes)
        said.append(
            f"{'Each of these intervals holds zero. ' if zero else ''}Both series have trends of their own, so no slope"
            " between them is an effect of the rules."
        )
    return said


def _three(r: Row, name: str, digits: int = 1, *, signed: bool = False) -> str:
    keys = [f"{name}_{k}" if name else f"{k}_months" for k in ("median", "low", "high")]
    median, low, high = (f"{r[k]:{'+' * signed}.{digits}f}".replace("-", "−") for k in keys)
    return f"{median} ({low} to {high})"
