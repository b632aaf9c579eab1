"""Draws of the path's parameters by NUTS: several chains, run on until they have mixed, and a gate on what is published."""

import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.infer.hmc import hmc
from numpyro.util import fori_collect
from scipy.optimize import minimize

from leadtime.capability.result import Diagnostics, Floats
from leadtime.errors import LeadtimeError
from leadtime.lag import path_model
from leadtime.lag.path_design import Design, Seen

#: Log scales, held at the centers of their priors while the start is sought: a joint mode over them collapses.
_SCALES = (2, 4, 5, 6, 7, 8, 9, 10, 11)
ACCEPTANCE, TREE_DEPTH = 0.95, 8


class Effort(NamedTuple):
    """Chains, steps to warm up, draws of each chain at least, how often to run on, and the gate: greatest R-hat, least ESS."""

    chains: int
    warmup: int
    draws: int
    rounds: int
    r_hat: float
    ess: float


FULL = Effort(4, 400, 500, 3, 1.01, 400.0)
#: With the quick fits of ability: with 100 effective draws the ends of a 90 % interval are off by 6 % of its width (one standard error).
QUICK = Effort(2, 150, 250, 4, 1.05, 100.0)


class Sampler:
    """NUTS on one design, compiled once for any measured abilities.

    Args:
        design: The two sides.
        factors: How many errors models share.
        chains: How many chains run side by side.
        warmup: Steps of each to adapt in.
        draws: Draws of each.
        acceptance: Wanted share of accepted steps.
    """

    def __init__(
        self, design: Design, factors: int, *, chains: int, warmup: int, draws: int, acceptance: float = ACCEPTANCE
    ) -> None:
        self.design, self.size = design, path_model.size(design, factors)
        self.potential = functools.partial(path_model.potential, d=design)
        self._slope = jax.jit(jax.value_and_grad(lambda x, seen: self.potential(x, seen=seen)))
        self.chains = chains

        def gen(seen: Any) -> Callable[[dict[str, Any]], Any]:
            return lambda x: self.potential(_vector(x), seen=seen)

        init, step = hmc(potential_fn_gen=gen, algo="NUTS")

        def begin(key: Any, start: Any, seen: Any) -> Any:
            return init(
                _parts(start),
                num_warmup=warmup,
                dense_mass=[("hyper",)],
                target_accept_prob=acceptance,
                max_tree_depth=TREE_DEPTH,
                model_args=(seen,),
                rng_key=key,
            )

        def on(state: Any, seen: Any, first: int) -> tuple[Any, Any]:
            kept, last = fori_collect(
                first,
                first + draws,
                lambda s: step(s, model_args=(seen,)),
                state,
                transform=lambda s: (_vector(s.z), s.diverging),
                progbar=False,
                return_last_val=True,
            )
            return kept, last

        self._chain = jax.jit(jax.vmap(lambda k, x, seen: on(begin(k, x, seen), seen, warmup), in_axes=(0, 0, None)))
        self._more = jax.jit(jax.vmap(lambda state, seen: on(state, seen, 0), in_axes=(0, None)))

    def start(self, seen: Seen) -> Floats:
        """Return a likely vector: the mode of all but the log scales."""
        free = np.ones(self.size)
        free[list(_SCALES)] = 0.0
        arrays = _arrays(seen)

        def objective(x: Floats) -> tuple[float, Floats]:
            value, grad = self._slope(x, arrays)
            return float(value), np.asarray(grad, dtype=float) * free

        return np.asarray(
            minimize(objective, np.zeros(self.size), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
        )

    def run(self, seen: Seen, seed: int) -> tuple[Floats, int, Any]:
        """Return draws (chain, draw, parameter), how many diverged, and where the chains stand."""
        key_start, key_run = jax.random.split(jax.random.PRNGKey(seed))
        at = self.start(seen) + 0.1 * np.asarray(jax.random.normal(key_start, (self.chains, self.size)))
        kept, last = self._chain(jax.random.split(key_run, self.chains), jnp.asarray(at), _arrays(seen))
        return np.asarray(kept[0]), int(np.asarray(kept[1]).sum()), last

    def on(self, seen: Seen, last: Any) -> tuple[Floats, int, Any]:
        """Return as many draws more, from where the chains stand."""
        kept, last = self._more(last, _arrays(seen))
        return np.asarray(kept[0]), int(np.asarray(kept[1]).sum()), last


def _parts(x: Any) -> dict[str, Any]:
    return {"hyper": x[: path_model.N_HYPER], "rest": x[path_model.N_HYPER :]}


def _vector(x: dict[str, Any]) -> Any:
    return jnp.concatenate([x["hyper"], x["rest"]])


def _arrays(seen: Seen) -> tuple[Floats, Floats, Floats]:
    return seen.mean, seen.factors, seen.variance


def parameters(design: Design, x: Floats) -> dict[str, Floats]:
    """Return what is published of vectors of shape (draw, parameter): lag at its knots, its process, the scales."""
    p = jax.jit(jax.vmap(lambda v: path_model.named(v, design)))(x)
    wanted = ("lag", "mean_months", "spread_months", "persistence", "shared_mean", "own_mean", "noise", "level", "rate")
    return {name: np.asarray(getattr(p, name), dtype=np.float64) for name in wanted}


def sampled(
    design: Design, seen: Seen, *, effort: Effort, draws: int, seed: int, tell: Callable[[str, float], None]
) -> tuple[dict[str, Floats], Diagnostics]:
    """Return draws of the parameters by name, first axis draw, and how well the chains mixed.

    The gate asks R-hat and ESS of what is published (the lag at every knot, the parameters of its process): R-hat <= 1.01 and ESS >= 400
    with the full effort, R-hat <= 1.05 and ESS >= 100 with the quick one.

    Raises:
        LeadtimeError: The chains did not pass their gate.
    """
    begun = time.monotonic()
    per_chain = max(effort.draws, -(-draws // effort.chains))
    tell(f"the path of the lag, {effort.chains} chains", 0.2)
    sampler = Sampler(design, seen.factors.shape[1], chains=effort.chains, warmup=effort.warmup, draws=per_chain)
    x, diverged, last = sampler.run(seen, seed)
    found = _diagnosed(design, x, diverged, begun)
    for _ in range(effort.rounds):
        if _passed(found, effort):
            break
        tell("the path of the lag, sampling on", 0.6)
        more, also, last = sampler.on(seen, last)
        x, diverged = np.concatenate([x, more], axis=1), diverged + also
        found = _diagnosed(design, x, diverged, begun)
    if not _passed(found, effort):
        raise LeadtimeError(
            f"the path of the lag did not converge (R-hat {found.r_hat_max:.3f}, ESS {found.ess_min:.0f}, {found.divergences} divergences)",
            fix="Try another --seed, or another --method.",
        )
    flat = x.reshape(-1, x.shape[-1])
    chosen = np.random.default_rng(seed).permutation(len(flat))[:draws]
    return parameters(design, flat[chosen]), found


def _passed(d: Diagnostics, effort: Effort) -> bool:
    """Return whether the draws may be published: up to one transition in 200 may have diverged."""
    return d.r_hat_max <= effort.r_hat and d.ess_min >= effort.ess and d.divergences <= d.n_chains * d.n_draws / 200


def _diagnosed(design: Design, x: Floats, divergences: int, begun: float) -> Diagnostics:
    from arviz_stats.base import array_stats

    p = parameters(design, x.reshape(-1, x.shape[-1]))
    kept = np.column_stack([p["lag"], p["mean_months"], p["spread_months"], p["persistence"]]).reshape(*x.shape[:2], -1)
    return Diagnostics(
        r_hat_max=float(np.max(array_stats.rhat(kept, chain_axis=0, draw_axis=1))),
        ess_min=float(np.min(array_stats.ess(kept, chain_axis=0, draw_axis=1, method="bulk"))),
        divergences=divergences,
        n_chains=x.shape[0],
        n_draws=x.shape[1],
        seconds=time.monotonic() - begun,
    )
