"""What a fit of items gives."""

from dataclasses import dataclass

from leadtime.capability.items.curve import Bools, Curves
from leadtime.capability.items.matrix import Responses
from leadtime.capability.items.prior import Priors
from leadtime.capability.result import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a pass found out: one part of all models, or all.

    Args:
        right: Expected number right at each node, shape (item, node).
        tries: Expected tries at each node, shape (item, node).
        log_marginal: Log-likelihood, abilities integrated out.
        models: Mean and sd of each model by the number of its block's first model.
    """

    right: Floats
    tries: Floats
    log_marginal: float
    models: dict[int, tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFit:
    """Item curves and abilities on one scale.

    Args:
        responses: What it was fitted to.
        irt: `1pl`, `2pl` or `3pl`.
        curves: The items.
        theta: Posterior mean of each model, shape (model,); the models have mean 0 and sd 1 unless items were held.
        sd: Posterior sd of each model given the items, shape (model,).
        population: Mean and sd of the models.
        held: Which items were given, shape (item,).
        found: Expected counts of the last pass.
        priors: The priors.
        passes: How often the data were gone through.
        converged: Whether the tolerance was met.
    """

    responses: Responses
    irt: str
    curves: Curves
    theta: Floats
    sd: Floats
    population: tuple[float, float]
    held: Bools
    found: Found
    priors: Priors
    passes: int
    converged: bool
