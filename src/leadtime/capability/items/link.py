r"""From item-level abilities to the benchmark-level scale, through models known to both.

Per joint draw the common models give y = alpha + beta x (mean and sd of both sides equal, with weights drawn from
a Bayesian bootstrap over the common models), and their scatter about that line is what a new model gets as error.
"""

from dataclasses import dataclass

import numpy as np

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError

#: Two numbers and a scatter are estimated: fewer common models say nothing.
LEAST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A line per draw from item-level theta to benchmark-level logits.

    Args:
        intercept: Shape (draw,).
        slope: Shape (draw,), above 0.
        scatter: Sd of a model about the line in logits, shape (draw,).
        n_common: Number of models known to both.
        correlation: Of the posterior means of the common models.
    """

    intercept: Floats
    slope: Floats
    scatter: Floats
    n_common: int
    correlation: float

    def moved(self, theta: Floats, *, seed: int) -> Floats:
        """Return item-level draws (draw, model) as draws on the other scale, with the error of the link."""
        noise = np.random.default_rng([seed, 31]).normal(size=theta.shape)
        return np.asarray(self.intercept[:, None] + self.slope[:, None] * theta + self.scatter[:, None] * noise)


def link(items: Floats, benchmarks: Floats, *, seed: int) -> Link:
    """Return the line that carries item-level abilities to the benchmark-level scale.

    Args:
        items: Item-level draws of the common models, shape (draw, model).
        benchmarks: Benchmark-level draws of the same models in the same order, shape (draw, model).
        seed: Seed of the bootstrap over models.

    Raises:
        LeadtimeError: Fewer than four common models, or no sign that both measure the same.
    """
    n_draws, n = items.shape
    if n < LEAST:
        raise LeadtimeError(
            f"{n} models are known both to the items and to the benchmarks",
            where="--items",
            fix=(
                f"It takes {LEAST} or more: give responses of models that `leadtime capability` lists, by their names"
                " there."
            ),
        )
    r = float(np.corrcoef(items.mean(axis=0), benchmarks.mean(axis=0))[0, 1])
    if not r > 0.3:
        raise LeadtimeError(
            f"abilities on the items and on the benchmarks correlate by {r:.2f} over {n} models",
            where="--items",
            fix="These items measure something else than the benchmarks, so a gap from them would mean nothing.",
        )
    rng = np.random.default_rng([seed, 37])
    w = rng.dirichlet(np.ones(n), size=n_draws)
    x, y = (w * items).sum(axis=1), (w * benchmarks).sum(axis=1)
    spread = [np.sqrt((w * (v - m[:, None]) ** 2).sum(axis=1)) for v, m in ((items, x), (benchmarks, y))]
    slope = spread[1] / np.maximum(spread[0], 1e-6)
    off = benchmarks - (y - slope * x)[:, None] - slope[:, None] * items
    left = (off**2).sum(axis=1) / rng.chisquare(n - 2, size=n_draws)
    return Link(intercept=y - slope * x, slope=slope, scatter=np.sqrt(left), n_common=n, correlation=r)
