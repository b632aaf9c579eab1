r"""What the posterior would be without some scores: the draws at hand, weighted again.

A draw $s$ of the posterior given all cells gets the weight

$$ w_s \propto \frac{p(\text{cells that are left} \mid s)}{p(\text{all cells} \mid s)}, $$

smoothed by a generalized Pareto tail (Vehtari and others, "Pareto smoothed importance sampling", JMLR 25, 2024). Its
shape $\hat k$ says whether the weights can be trusted: to about 0.7. A model of which nothing is left takes its ability
along: its cells are integrated over that ability, with the trend of abilities as prior, so that few draws do not carry
all the weight.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from leadtime.capability.density import log_density
from leadtime.capability.result import Cells, Floats, Parameters

#: Beyond, importance weights are not trusted.
MOST_K = 0.7
#: Prior of the yearly gain of ability, as in `model`: mean and standard deviation, logits.
_RATE = (1.0, 1.0)
_GRID = np.linspace(-5.0, 5.0, 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Importance weights of draws.

    Args:
        weight: Shape (draw,), summing to one.
        k: Shape of their tail; beyond `MOST_K` they are not trusted.
    """

    weight: Floats
    k: float

    @property
    def trusted(self) -> bool:
        """Whether the weights may be used."""
        return self.k <= MOST_K


def _log_marginal(cells: Cells, draws: Parameters, deviation: Floats, model: int) -> Floats:
    """Return the log density of all cells of a model with its ability integrated out, shape (draw,)."""
    which = np.flatnonzero(cells.model == model)
    own = draws.theta[:, model]
    center, width = own.mean(), max(float(own.std()), 1e-3)
    expected, spread = _foreseen(draws.theta, cells.years, model)
    terms = np.empty((len(own), _GRID.size))
    for i, step in enumerate(_GRID):
        theta = center + step * width
        lp = log_density(cells, draws, deviation, which, np.full((len(own), 1), theta)).sum(axis=1)
        terms[:, i] = lp - 0.5 * ((theta - expected) / spread) ** 2 - np.log(spread)
    found: Floats = logsumexp(terms, axis=1)
    return found


def _foreseen(theta: Floats, years: Floats, model: int) -> tuple[Floats, Floats]:
    """Return mean and spread of a model's ability given those of the others: their trend in each draw, and
    its error.
    """
    others = np.arange(len(years)) != model
    rest, t = theta[:, others], years[others]
    square = (t**2).sum()
    residual = rest - (rest @ t / square)[:, None] * t
    variance = (residual**2).sum(axis=1) / max(rest.shape[1] - 3, 1)
    precision = square / variance + 1 / _RATE[1] ** 2
    rate = (rest @ t / variance + _RATE[0] / _RATE[1] ** 2) / precision
    return rate * years[model], np.sqrt(variance + years[model] ** 2 / precision)


def weights(cells: Cells, left: Cells, draws: Parameters, deviation: Floats) -> Weights:
    """Return the weights that turn draws given all cells into draws given those that are left.

    Args:
        cells: All cells, which the draws are given.
        left: What is left of them: some are gone, some average fewer reports.
        draws: Joint draws given `cells`.
        deviation: Each draw's reporter effects less their mean, shape (draw, effect).
    """
    from arviz_stats.base import array_stats

    before, after = _keys(cells), _keys(left)
    gone_models = [i for i, m in enumerate(cells.models) if m not in set(left.models)]
    same = {k: j for k, j in after.items() if k in before and _alike(cells, before[k], left, j)}
    old = np.array([i for k, i in before.items() if k not in same and cells.model[i] not in gone_models], dtype=int)
    new = np.array([j for k, j in after.items() if k not in same], dtype=int)
    ratio = -log_density(cells, draws, deviation, old).sum(axis=1)
    for model in gone_models:
        ratio -= _log_marginal(cells, draws, deviation, model)
    if new.size:
        ratio += log_density(left, taken(draws, cells, left), deviation, new).sum(axis=1)
    if not old.size and not gone_models and not new.size:
        return Weights(weight=np.full(len(draws.theta), 1 / len(draws.theta)), k=-np.inf)
    smoothed, k = array_stats.psislw(ratio.max() - ratio)  # it takes minus the log weights
    weight = np.exp(smoothed - logsumexp(smoothed))
    return Weights(weight=weight, k=float(k))


def taken(draws: Parameters, cells: Cells, left: Cells) -> Parameters:
    """Return the draws of the models and benchmarks that are left."""
    models = np.searchsorted(cells.models, left.models)
    benchmarks = np.searchsorted(cells.benchmarks, left.benchmarks)
    return Parameters(
        theta=draws.theta[..., models],
        difficulty=draws.difficulty[..., benchmarks],
        discrimination=draws.discrimination[..., benchmarks],
        misfit=draws.misfit[..., benchmarks],
    )


def _keys(cells: Cells) -> dict[tuple[str, str], int]:
    pairs = zip(cells.model, cells.benchmark, strict=True)
    return {(cells.models[m], cells.benchmarks[b]): i for i, (m, b) in enumerate(pairs)}


def _alike(a: Cells, i: int, b: Cells, j: int) -> bool:
    return bool(a.z[i] == b.z[j] and a.n_reports[i] == b.n_reports[j])


def quantiles(values: Floats, weight: Floats, at: tuple[float, ...]) -> list[float]:
    """Return weighted quantiles of values, undefined ones left out; NaN when none is defined."""
    defined = np.isfinite(values)
    if not defined.any():
        return [float("nan")] * len(at)
    order = np.argsort(values[defined], kind="stable")
    v, w = values[defined][order], weight[defined][order]
    middle = np.cumsum(w) - w / 2
    return [float(x) for x in np.interp(np.asarray(at) * w.sum(), middle, v)]


def mean(values: Floats, weight: Floats) -> float:
    """Return the weighted mean of values, undefined ones left out; NaN when none is defined."""
    defined = np.isfinite(values)
    return float(np.average(values[defined], weights=weight[defined])) if defined.any() else float("nan")
