"""Draws of the path's parameters by NUTS: several chains, run on until they have mixed, and a gate on what is
published.
"""

import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.infer.hmc import hmc
from scipy.optimize import minimize

from leadtime.capability.mixing import mixing
from leadtime.capability.result import Diagnostics, Floats
from leadtime.errors import LeadtimeError
from leadtime.lag import path_model, path_space
from leadtime.lag.path_design import Design, Seen

#: Log scales, held at the centers of their priors while the start is sought: a joint mode over them collapses.
_SCALES = (2, 4, 5, 6, 7, 8, 9, 10, 11)
ACCEPTANCE, TREE_DEPTH = 0.95, 8
#: Vectors whose Hessians are averaged.
_CURVATURES = 16


class Effort(NamedTuple):
    """Chains, steps to warm up (twice), draws of each chain at least, how often to run on, and the gate: greatest
    R-hat, least ESS.
    """

    chains: int
    warmup: int
    draws: int
    rounds: int
    r_hat: float
    ess: float


FULL = Effort(4, 200, 500, 3, 1.01, 400.0)
#: With the quick fits of ability: with 100 effective draws the ends of a 90 % interval are off by 6 % of its width (one
#: standard error).
QUICK = Effort(2, 100, 200, 4, 1.05, 100.0)


class Standing(NamedTuple):
    """Where the chains stand, and in which directions they go."""

    state: Any
    way: path_space.Directions


class Sampler:
    """NUTS on one design, compiled once for any measured abilities.

    It warms up twice: in the directions of the Hessian at a likely vector, then in those of the mean Hessian over what
    the first warm-up came by.

    Args:
        design: The two sides.
        factors: How many errors models share.
        chains: How many chains run side by side.
        warmup: Steps of each to adapt in, twice.
        draws: Draws of each.
        acceptance: Wanted share of accepted steps.
    """

    def __init__(
        self, design: Design, factors: int, *, chains: int, warmup: int, draws: int, acceptance: float = ACCEPTANCE
    ) -> None:
        self.design, self.size = design, path_model.size(design, factors)
        self.chains, self.warmup, self.draws = chains, warmup, draws
        self._steps = math.gcd(warmup, draws)
        self._slope = jax.jit(jax.value_and_grad(lambda v, seen: path_space.potential(v, design, seen)))
        self._curvature = jax.jit(lambda some, seen: path_space.curvature(some, design, seen))

        def gen(seen: Any, way: path_space.Directions) -> Callable[[Any], Any]:
            return lambda z: path_space.potential(way.center + way.axes @ z, design, seen)

        init, step = hmc(potential_fn_gen=gen, algo="NUTS")

        def begin(key: Any, v: Any, *args: Any) -> Any:
            way = args[1]
            return init(
                jnp.linalg.solve(way.axes, v - way.center),
                num_warmup=warmup,
                target_accept_prob=acceptance,
                max_tree_depth=TREE_DEPTH,
                model_args=args,
                rng_key=key,
            )

        def on(state: Any, *args: Any) -> tuple[Any, Any]:
            def one(state: Any, _: Any) -> tuple[Any, Any]:
                state = step(state, model_args=args)
                return state, (args[1].center + args[1].axes @ state.z, state.diverging)

            last, after = jax.lax.scan(one, state, None, length=self._steps)
            return last, after

        self._begin = jax.jit(jax.vmap(begin, in_axes=(0, 0, None, None)))
        self._on = jax.jit(jax.vmap(on, in_axes=(0, None, None)))
        self._vectors = jax.jit(lambda some: jax.lax.map(lambda v: path_space.vector(v, design), some))

    def start(self, seen: Seen) -> Floats:
        """Return likely coordinates: the mode of all but the log scales."""
        free = np.ones(self.size)
        free[list(_SCALES)] = 0.0
        arrays = _arrays(seen)

        def objective(v: Floats) -> tuple[float, Floats]:
            value, grad = self._slope(v, arrays)
            return float(value), np.asarray(grad, dtype=float) * free

        return np.asarray(
            minimize(objective, np.zeros(self.size), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
        )

    def run(self, seen: Seen, seed: int) -> tuple[Floats, int, Standing]:
        """Return draws (chain, draw, parameter), how many diverged, and where the chains stand."""
        key_start, key_first, key_run = jax.random.split(jax.random.PRNGKey(seed), 3)
        at = self.start(seen)
        way = self._way(at, at[None], seen)
        apart = 0.5 * np.asarray(jax.random.normal(key_start, (self.chains, self.size)))
        first, _, _ = self._walk(self._stand(key_first, at + apart @ way.axes.T, seen, way), seen, self.warmup)
        late = first[:, self.warmup // 2 :].reshape(-1, self.size)
        some = late[np.linspace(0, len(late) - 1, _CURVATURES).astype(int)]
        stand = self._stand(key_run, first[:, -1], seen, self._way(late.mean(axis=0), some, seen))
        _, _, stand = self._walk(stand, seen, self.warmup)
        return self.on(seen, stand)

    def on(self, seen: Seen, stand: Standing) -> tuple[Floats, int, Standing]:
        """Return as many draws more, from where the chains stand."""
        kept, diverged, stand = self._walk(stand, seen, self.draws)
        vectors = np.asarray(self._vectors(kept.reshape(-1, self.size)))
        return vectors.reshape(kept.shape), diverged, stand

    def _way(self, center: Floats, some: Floats, seen: Seen) -> path_space.Directions:
        return path_space.Directions(center, path_space.axes_of(np.asarray(self._curvature(some, _arrays(seen)))))

    def _stand(self, key: Any, at: Floats, seen: Seen, way: path_space.Directions) -> Standing:
        return Standing(self._begin(jax.random.split(key, self.chains), at, _arrays(seen), way), way)

    def _walk(self, stand: Standing, seen: Seen, steps: int) -> tuple[Floats, int, Standing]:
        """Return coordinates after each step, shape (chain, step, parameter), how many steps diverged, and where it
        ends.
        """
        state, kept, diverged = stand.state, [], 0
        for _ in range(steps // self._steps):
            state, (v, off) = self._on(state, _arrays(seen), stand.way)
            kept.append(np.asarray(v))
            diverged += int(np.asarray(off).sum())
        return np.concatenate(kept, axis=1), diverged, Standing(state, stand.way)


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

    The gate asks R-hat and ESS of what is published (the lag at every knot, the parameters of its process): R-hat <=
    1.01 and ESS >= 400 with the full effort, R-hat <= 1.05 and ESS >= 100 with the quick one.

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
            f"the path of the lag did not converge (R-hat {found.r_hat_max:.3f}, ESS {found.ess_min:.0f},"
            f" {found.divergences} divergences)",
            fix="Try another --seed, or another --method.",
        )
    flat = x.reshape(-1, x.shape[-1])
    chosen = np.random.default_rng(seed).permutation(len(flat))[:draws]
    return parameters(design, flat[chosen]), found


def _passed(d: Diagnostics, effort: Effort) -> bool:
    """Return whether the draws may be published: up to one transition in 200 may have diverged."""
    return d.r_hat_max <= effort.r_hat and d.ess_min >= effort.ess and d.divergences <= d.n_chains * d.n_draws / 200


def _diagnosed(design: Design, x: Floats, divergences: int, begun: float) -> Diagnostics:
    p = parameters(design, x.reshape(-1, x.shape[-1]))
    kept = np.column_stack([p["lag"], p["mean_months"], p["spread_months"], p["persistence"]]).reshape(*x.shape[:2], -1)
    r_hat, ess = mixing(kept)
    return Diagnostics(
        r_hat_max=float(np.max(r_hat)),
        ess_min=float(np.min(ess)),
        divergences=divergences,
        n_chains=x.shape[0],
        n_draws=x.shape[1],
        seconds=time.monotonic() - begun,
    )
