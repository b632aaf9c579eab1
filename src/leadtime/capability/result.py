"""What goes into a fit and what comes out: plain arrays, no computing."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Degrees of freedom of the misfit: a wrong row in a copied table must not drag a model.
NU = 5.0
#: Extra-binomial dispersion of a score, as a number of items.
DISPERSION_ITEMS = 150.0
N_HYPER = 6
#: The last of them: log s_d, log s_theta, log s_a.
N_SPREADS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One row per model and benchmark: what the likelihood sees.

    Args:
        models: Model ids, shape (model,).
        benchmarks: Benchmark ids, shape (benchmark,).
        model: Index of the model of each cell, shape (cell,).
        benchmark: Index of the benchmark of each cell, shape (cell,).
        z: Mean logit of the cell's reports, shape (cell,).
        n_reports: Number of reports averaged, shape (cell,).
        floor: Score of guessing, per benchmark.
        ceiling: Best attainable score, per benchmark.
        n_items: Items per benchmark (200 where unknown).
        years: Release date of each model in years from the mean release date, shape (model,).
        reports: Share of each reporter effect in each cell, shape (cell, effect); z is already corrected by its mean.
    """

    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    model: Integers
    benchmark: Integers
    z: Floats
    n_reports: Floats
    floor: Floats
    ceiling: Floats
    n_items: Floats
    years: Floats
    reports: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def n_parameters(self) -> int:
        """Length of the parameter vector."""
        return len(self.models) + 3 * len(self.benchmarks) + N_HYPER


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Named parts of parameter vectors; arrays have the draws, if any, in front."""

    theta: Floats
    difficulty: Floats
    discrimination: Floats
    misfit: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """How well NUTS mixed; the gate is R-hat <= 1.01, ESS >= 400, no divergence."""

    r_hat_max: float
    ess_min: float
    divergences: int
    n_chains: int
    n_draws: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the draws may be published."""
        return self.r_hat_max <= 1.01 and self.ess_min >= 400 and self.divergences == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What abilities are expected to be before any score: draws of their trend, each of shape (draw,).

    Args:
        rate: Yearly gain, logits.
        spread: Standard deviation of abilities about it, logits.
    """

    rate: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What was placed on a fit that did not see it.

    Args:
        models: Models that are new, or whose scores differ from those that the fit saw.
        too_few: Models with scores of their own that have too few known tests to be placed.
        n_scores: Scores of the models that were placed.
        n_unused: Scores on tests that the fit does not know; only a refit uses them.
    """

    models: tuple[str, ...]
    too_few: tuple[str, ...] = ()
    n_scores: int = 0
    n_unused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Joint draws of all parameters: arrays of shape (draw, model) and (draw, benchmark).

    Args:
        cells: What the likelihood saw.
        draws: The draws.
        mode: Their mode.
        trend: Draws of the trend of abilities.
        method: How it was fitted.
        diagnostics: How well NUTS mixed.
        response: How abilities move with scores, shape (model, cell); it is not kept.
        placed: What was placed on it afterwards.
    """

    cells: Cells
    draws: Parameters
    mode: Parameters
    trend: Trend
    method: str
    diagnostics: Diagnostics | None = None
    response: Floats | None = None
    placed: Placed | None = None
