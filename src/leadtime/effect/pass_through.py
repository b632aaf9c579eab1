"""How many months of lag an e-fold of computing power is worth: by sample of models, by production, by accounting; zero
allowed.

All are correlations: a laboratory chooses how much compute a run gets. No reading is more than what went together with
what.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.effect.bounds import Box
from leadtime.effect.regress import CHAINS, Regression, fit
from leadtime.errors import LeadtimeError
from leadtime.units import DAYS_PER_MONTH, DAYS_PER_YEAR, to_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.cost.curve_data import CurveData
    from leadtime.study import Study

    Flags = NDArray[np.bool_]

#: Releases from here on: before, one American model stood alone for most of a year.
SINCE, LATELY = dt.date(2023, 7, 1), dt.date(2024, 7, 1)
#: A release counts within so many points of the best that its laboratory had by then: errors of abilities are as large.
NEAR_BEST_POINTS = 3.0
#: Fewer models, or models of fewer laboratories, are not fitted.
LEAST_MODELS, LEAST_LABS = 8, 3
#: Standard deviation of the priors of the slopes, centered at nothing: months per e-fold, and points per e-fold.
PRIOR_MONTHS, PRIOR_POINTS = 4.0, 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Months of lag that go with an e-fold of computing power, by one way of finding out.

    Args:
        name: Key.
        words: What it is of.
        kind: `gap` (gap at release on compute), `production` (points per e-fold over points a month) or `accounting` (a
            set, published).
        months: Least and most in each draw; the same for what is estimated, shape (draw,).
        n: Models it is fitted to; 0 for accounting.
        r_hat: Largest R-hat of its chains; 1 for accounting.
    """

    name: str
    words: str
    kind: str
    months: Box
    n: int
    r_hat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Models whose compute is known and that were their laboratory's best at release, or within `NEAR_BEST_POINTS` of
    it.

    Args:
        data: As the cost curve has them.
        gap_months: From each release back to the first model as able of another laboratory, 0 if there was none;
            shape (chain, model).
        points: Ability in the same draws, shape (chain, model).
    """

    data: "CurveData"
    gap_months: Floats
    points: Floats


def runs(study: "Study") -> Runs:
    """Return the laboratories' records since mid-2023 whose training compute is known.

    Raises:
        LeadtimeError: Too few on the study's day.
    """
    data, worlds = study.curve.data, study.worlds()
    lab = dict(study.evidence["models"].select("id", "organization").iter_rows())
    labs = np.array([lab[m] for m in worlds.models])
    day, middle = np.median(worlds.day, axis=0), np.median(worlds.ability, axis=0)
    at = np.array([worlds.models.index(m) for m in data.models])
    points = middle * float(np.median(worlds.scale_points))
    record = np.array([points[i] >= points[(labs == labs[i]) & (day <= day[i])].max() - NEAR_BEST_POINTS for i in at])
    keep = record & (data.day >= to_day(SINCE))
    if keep.sum() < LEAST_MODELS:
        raise LeadtimeError(
            f"only {int(keep.sum())} models with a known training compute led their laboratory",
            where="training_runs",
            fix="Choose a later --as-of.",
        )
    some, at = data.keep(keep), at[keep]
    chain = np.linspace(0, len(worlds.ability) - 1, CHAINS).astype(int)
    ability, days = worlds.ability[chain], worlds.day[chain]
    gap = np.zeros((CHAINS, len(at)))
    for j, i in enumerate(at):
        others = np.where((labs != labs[i]) & (ability >= ability[:, [i]]), days, np.inf).min(axis=1)
        gap[:, j] = np.maximum(days[:, i] - others, 0.0) / DAYS_PER_MONTH
    return Runs(data=some, gap_months=gap, points=some.points[np.linspace(0, len(some.points) - 1, CHAINS).astype(int)])


def readings(study: "Study") -> list[Reading]:
    """Return what an e-fold of compute goes with, by every sample that has models enough, by production and by
    accounting.
    """
    r, n = runs(study), study.draws
    chinese = np.array([c == "CHN" for c in r.data.countries])
    lately, sure = r.data.day >= to_day(LATELY), r.data.sure
    samples: tuple[tuple[str, str, Flags], ...] = (
        ("all", "all laboratories", np.ones(len(sure), bool)),
        ("not-chinese", "laboratories outside China", ~chinese),
        ("chinese", "Chinese laboratories", chinese),
        ("chinese-lately", "Chinese laboratories since mid-2024", chinese & lately),
        ("sure", "runs that were counted or are marked sure", sure),
    )
    growth = _published(study, "epoch-compute-growth")
    found = [x for sample in samples if (x := _gap(r, sample, float(np.log(growth[0] * growth[1]) / 2), study.seed, n))]
    if made := _production(study, r, n):
        found.append(made)
    return [*found, *_accounting(study, growth, n)]


def _gap(r: Runs, sample: tuple[str, str, "Flags"], growth: float, seed: int, n: int) -> Reading | None:
    """Return the slope of the gap at release on compute relative to a frontier that grows by `growth` e-folds
    a year.
    """
    name, words, keep = sample
    if not _enough(r, keep):
        return None
    d = r.data.keep(keep)
    x = np.log(10) * d.oom - growth * (d.day - to_day(SINCE)) / DAYS_PER_YEAR
    f = fit(
        Regression(
            y=r.gap_months[:, keep],
            x=x,
            x_sd=np.log(10) * d.oom_sd,
            t=None,
            lab=_numbered(d.organizations),
            floor=0.0,
            slope_sd=PRIOR_MONTHS,
        ),
        seed=seed,
    )
    months = _thinned(-f.slope, n, seed)
    return Reading(
        name=name, words=words, kind="gap", months=Box(low=months, high=months), n=int(keep.sum()), r_hat=f.r_hat
    )


def _production(study: "Study", r: Runs, n: int) -> Reading | None:
    """Return points per e-fold at a given day over the points a month that the American frontier rises."""
    keep = np.ones(r.data.n, bool)
    if not _enough(r, keep):
        return None
    d = r.data
    t = (d.day - to_day(SINCE)) / DAYS_PER_MONTH
    f = fit(
        Regression(
            y=r.points,
            x=np.log(10) * d.oom,
            x_sd=np.log(10) * d.oom_sd,
            t=t,
            lab=_numbered(d.organizations),
            floor=None,
            slope_sd=PRIOR_POINTS,
        ),
        seed=study.seed,
    )
    slope = _thinned(f.slope, n, study.seed)
    months = slope / _rise(study, n)
    return Reading(
        name="production",
        words="points an e-fold is worth, over points a month of the American frontier",
        kind="production",
        months=Box(low=months, high=months),
        n=d.n,
        r_hat=f.r_hat,
    )


def _rise(study: "Study", n: int) -> Floats:
    """Return the points a month by which the American frontier rose since mid-2023, least squares on its records in
    each draw.
    """
    worlds, mask = study.worlds(), study.mask("USA")
    start = to_day(SINCE)
    pick = np.linspace(0, len(worlds.ability) - 1, min(n, len(worlds.ability))).astype(int)
    ability, day = worlds.ability[pick][:, mask] * worlds.scale_points[pick, None], worlds.day[pick][:, mask]
    order = np.argsort(day, axis=1, kind="stable")
    ability, day = np.take_along_axis(ability, order, 1), np.take_along_axis(day, order, 1)
    best = np.maximum.accumulate(ability, axis=1)
    record = (ability >= best) & (day >= start)
    months = (day - start) / DAYS_PER_MONTH
    weight = record / np.maximum(record.sum(axis=1, keepdims=True), 1)
    mx, my = (weight * months).sum(axis=1, keepdims=True), (weight * ability).sum(axis=1, keepdims=True)
    slope = (weight * (months - mx) * (ability - my)).sum(axis=1) / (weight * (months - mx) ** 2).sum(axis=1)
    return np.asarray(np.resize(np.maximum(slope, 0.1), n))


def _accounting(study: "Study", growth: tuple[float, float], n: int) -> list[Reading]:
    """Return twelve months over the e-folds a year by which runs and algorithms grow: published intervals as sets."""
    out = []
    for name, row, words in (
        (
            "accounting",
            "ho-algorithmic-progress",
            "published growth of runs and of algorithms, the preprint's interval",
        ),
        ("accounting-wide", "ho-algorithmic-progress-2024-12", "the same, the interval of its later version"),
    ):
        try:
            low, high = _published(study, row)
        except LeadtimeError:
            continue
        ends = [12 / (np.log(growth[i]) + np.log((low, high)[i])) for i in (1, 0)]
        out.append(
            Reading(
                name=name,
                words=words,
                kind="accounting",
                months=Box(low=np.full(n, ends[0]), high=np.full(n, ends[1])),
                n=0,
                r_hat=1.0,
            )
        )
    return out


def _published(study: "Study", name: str) -> tuple[float, float]:
    rows = study.evidence["published"].filter(pl.col("id") == name)
    if rows.is_empty():
        raise LeadtimeError(
            f"the published figure {name} is not known on that day", where="published", fix="Choose a later --as-of."
        )
    return float(rows["low"].item()), float(rows["high"].item())


def _enough(r: Runs, keep: "Flags") -> bool:
    some = [o for o, k in zip(r.data.organizations, keep, strict=True) if k]
    return len(some) >= LEAST_MODELS and len(set(some)) >= LEAST_LABS


def _numbered(names: tuple[str, ...]) -> "NDArray[np.int64]":
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _thinned(draws: Floats, n: int, seed: int) -> Floats:
    """Return `n` of the draws, in an order of their own: compute and pass-through are taken as independent."""
    return np.asarray(np.random.default_rng([seed, 79]).permutation(draws)[np.arange(n) % len(draws)])
