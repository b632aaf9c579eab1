"""What one model says of the effect, and how much of it was put in: its prior beside its posterior, and what other priors would give."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadtime.capability.result import Floats
from leadtime.effect.bounds import MATTERS_MONTHS

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork
    from leadtime.study import Study

#: Draws of the priors that are run and weighted, for each draw of the study.
PRIOR_DRAWS = 10
#: A parameter whose prior and posterior overlap by less was moved by the data.
MOVED = 0.9
ELASTICITIES = (1.0, 0.5, 0.25, 0.1, 0.0)
CONTAMINATIONS = (0.01, 0.05, 0.10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """The simulation's answer in a quarter.

    Args:
        quarter: The quarter.
        posterior: Median and 90 % interval of as-is less no-controls, months, given priors and observations.
        prior: The same given the priors alone.
        p_matters: Posterior probability of more than half a month.
        variance_moved: Share of the effect's variance that the parameters explain which the data moved.
        variance_unmoved: Share that the others explain; the rest is joint.
        n_moved: How many parameters the data moved, of `n_parameters`.
        n_parameters: How many there are.
        strongest: The parameter that explains most, and its share.
        elasticity: Elasticity from the stock of chips to the largest run, with the probability of more than half a month.
        contamination: Weight of any other prior, with the lower and upper posterior probability of more than half a month.
        effective: Effective sample size of the weighted draws.
    """

    quarter: str
    posterior: tuple[float, float, float]
    prior: tuple[float, float, float]
    p_matters: float
    variance_moved: float
    variance_unmoved: float
    n_moved: int
    n_parameters: int
    strongest: tuple[str, float]
    elasticity: tuple[tuple[float, float], ...]
    contamination: tuple[tuple[float, float, float], ...]
    effective: float


def simulated(study: "Study", at: str) -> Simulated:
    """Return what the simulation says of the effect in a quarter, and how far that rests on its priors."""
    from leadtime.scenario.fork import BASE, FREE, Fork
    from leadtime.scenario.inputs import QUARTERS

    fork: Fork = study.fork
    i = QUARTERS.index(at)
    months = np.asarray(fork.effect().months[i], dtype=float)
    loose = Fork(study, prior=True, draws=PRIOR_DRAWS * study.draws)
    likelihood = _likelihood(study, loose)
    before = np.asarray(loose.run(BASE)["lag_months"][i] - loose.run(FREE)["lag_months"][i], dtype=float)
    moved, unmoved, n_moved, strongest = _variance(fork, loose, months)
    return Simulated(
        quarter=at, posterior=_band(months), prior=_band(before), p_matters=float(np.mean(months > MATTERS_MONTHS)),
        variance_moved=moved, variance_unmoved=unmoved, n_moved=n_moved, n_parameters=len(fork.draws), strongest=strongest,
        elasticity=tuple((e, float(np.mean(e * months > MATTERS_MONTHS))) for e in ELASTICITIES),
        contamination=tuple((e, *contaminated(before > MATTERS_MONTHS, likelihood, e)) for e in CONTAMINATIONS),
        effective=float(likelihood.sum() ** 2 / (likelihood**2).sum()),
    )  # fmt: skip


def contaminated(is_so: "np.ndarray", likelihood: Floats, weight: float) -> tuple[float, float]:
    """Return the least and the most posterior probability when a part of the prior may be any other (epsilon-contamination).

    With m the mean likelihood under the prior and L its largest values (.999 quantile) where the event holds and where it does not,
    the posterior lies between (1-w) m P / ((1-w) m + w L(not)) and ((1-w) m P + w L(so)) / ((1-w) m + w L(so)).

    Args:
        is_so: Whether the event holds in each draw of the prior, shape (draw,).
        likelihood: Likelihood of each draw, up to a factor.
        weight: Weight of the other prior, 0 to 1.
    """
    mean = float(likelihood.mean())
    if mean <= 0:
        return 0.0, 1.0
    p = float((likelihood * is_so).sum() / likelihood.sum())
    yes, no = (float(np.quantile(likelihood[s], 0.999)) if s.any() else 0.0 for s in (is_so, ~is_so))
    own = (1 - weight) * mean
    return own * p / (own + weight * no), (own * p + weight * yes) / (own + weight * yes)


def _likelihood(study: "Study", loose: "Fork") -> Floats:
    """Return how well each draw of the priors fits what was observed, 1 for the best."""
    from leadtime.errors import LeadtimeError
    from leadtime.scenario import ensemble
    from leadtime.scenario.fork import BASE

    try:
        lags = study.lag_over_time()
    except LeadtimeError:
        lags = None
    reports, when = loose.run(BASE), ensemble._lag_quarters(lags)
    misfit = np.sum(
        [c.misfit(ensemble.modeled(c.name, reports, when)) for c in ensemble.constraints(loose.world, lags)], axis=0
    )
    return np.asarray(np.exp(-(misfit - misfit.min())))


def _variance(fork: "Fork", loose: "Fork", months: Floats) -> tuple[float, float, int, tuple[str, float]]:
    """Return what of the effect's variance the parameters explain that the data moved, and the others: R squared of each alone."""
    names = sorted(fork.draws)
    moved = [n for n in names if overlap(np.asarray(loose.draws[n]), np.asarray(fork.draws[n])) < MOVED]
    still = [n for n in names if n not in moved]
    ranks = {n: _standard(np.asarray(fork.draws[n], dtype=float)) for n in names}
    single = {
        n: float(np.corrcoef(x, months)[0, 1] ** 2) if x.std() > 0 and months.std() > 0 else 0.0
        for n, x in ranks.items()
    }
    best = max(single, key=lambda n: single[n])
    return (
        _explained([ranks[n] for n in moved], months),
        _explained([ranks[n] for n in still], months),
        len(moved),
        (best, single[best]),
    )


def _explained(columns: list[Floats], months: Floats) -> float:
    if not columns:
        return 0.0
    x = np.column_stack([np.ones(len(months)), *columns])
    fitted = x @ np.linalg.lstsq(x, months, rcond=None)[0]
    n, k = x.shape
    share = 1 - float(((months - fitted) ** 2).sum() / max(((months - months.mean()) ** 2).sum(), 1e-12))
    return float(max(1 - (1 - share) * (n - 1) / (n - k), 0.0))


def _standard(x: Floats) -> Floats:
    """Return normal scores of the ranks: heavy tails would rule a straight line otherwise."""
    from scipy.special import ndtri

    return np.asarray(ndtri((np.argsort(np.argsort(x)) + 0.5) / len(x)))


def overlap(a: Floats, b: Floats) -> float:
    """Return how much of two samples lies in common, 0 to 1: the sum of the lesser shares over 30 bins of the first's quantiles."""
    edges = np.unique(np.quantile(a, np.linspace(0, 1, 31)))
    if len(edges) < 3:
        return 1.0
    edges[0], edges[-1] = -np.inf, np.inf
    one, two = (np.histogram(x, edges)[0] / len(x) for x in (a, b))
    return float(np.minimum(one, two).sum())


def _band(draws: Floats) -> tuple[float, float, float]:
    low, median, high = (float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
    return low, median, high
