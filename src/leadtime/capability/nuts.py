r"""NUTS on the stated model: four chains, whitened twice, that share one compiled block of steps.

A first warm-up runs along the directions of the normal approximation about the mode. That one is too wide by far for a
benchmark of few and hard cells, whose slope lies elsewhere than at the mode, and one such direction holds the step size
of all. So the chains go on along the directions of $\bar{I}^{-1/2}$, with $\bar{I}$ the expected information averaged
over their last states, and warm up once more. A tree then has half the leaps, and no draw of a warm-up is kept.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.infer.hmc import hmc

from leadtime.capability.curvature import information
from leadtime.capability.mixing import mixing
from leadtime.capability.model import Posterior
from leadtime.capability.normal import root, whitening
from leadtime.capability.result import Diagnostics, Floats

Progress = Callable[[str, float], None]
N_CHAINS = 4
#: Steps of each warm-up, and the greatest depth of a tree.
WARMUP, TREE_DEPTH = 100, 7
#: Wanted at first, and, where a step diverged, with smaller steps from the beginning.
ACCEPTANCE = (0.65, 0.9, 0.97)
_FIRST_STEP = 0.1
#: Steps that are compiled as one, after which the chains wait for each other and tell how far they are.
_BLOCK = 25
_LEAST_PER_CHAIN = 900  # draws, of which the gate still sees 400 effective ones with room to spare
#: R-hat of the worst of some 800 parameters is close to the gate, on some machines beyond it: sample on before
#: refusing.
_MORE_ROUNDS = 3


def sample(posterior: Posterior, mode: Floats, draws: int, seed: int, tell: Progress) -> tuple[Floats, Diagnostics]:
    """Return draws of the parameter vector, shape (draw, parameter), and how well the chains mixed.

    Args:
        posterior: The density, centered on each benchmark's test-takers.
        mode: Its mode, shape (parameter,).
        draws: Number of draws returned.
        seed: Same seed and density, same draws.
        tell: Called with a text and a fraction done.
    """
    per_chain = _BLOCK * -(-max(_LEAST_PER_CHAIN, -(-draws // N_CHAINS)) // _BLOCK)
    for acceptance in ACCEPTANCE:
        x, diagnostics = _chains(posterior, mode, per_chain, seed, acceptance, tell)
        if not diagnostics.divergences:
            break
        tell("sampling anew with smaller steps, as some diverged", 0.2)
    flat = x.reshape(-1, x.shape[-1])
    return flat[np.random.default_rng(seed).permutation(len(flat))[:draws]], diagnostics


def _chains(
    posterior: Posterior, mode: Floats, per_chain: int, seed: int, acceptance: float, tell: Progress
) -> tuple[Floats, Diagnostics]:
    """Return what the chains give, shape (chain, draw, parameter), run on until they have mixed or diverged."""
    begun = time.monotonic()
    key_start, key_first, key_run = jax.random.split(jax.random.PRNGKey(seed), 3)
    tell("sampling, four chains (half a minute)", 0.2)
    whiten = whitening(posterior, mode)
    start = mode + 0.1 * np.asarray(jax.random.normal(key_start, (N_CHAINS, mode.size))) @ whiten.T
    with ThreadPoolExecutor(min(N_CHAINS, os.cpu_count() or 1)) as threads:
        sampler = _Sampler(posterior, mode, acceptance, threads)
        sampler.begin(start, whiten, key_first)
        near, _ = sampler.run(WARMUP)
        some = near[:, -_BLOCK :: _BLOCK // 5].reshape(-1, mode.size)
        sampler.begin(near[:, -1], root(np.mean([information(posterior, v) for v in some], axis=0)), key_run)
        sampler.run(WARMUP)
        x, diverged = sampler.run(per_chain, lambda done: tell("sampling", 0.3 + 0.5 * done))
        diagnostics = _diagnose(x, diverged, time.monotonic() - begun)
        for _ in range(_MORE_ROUNDS):
            if diagnostics.passed or diverged:
                break
            tell("sampling on, as the chains have not mixed yet", 0.8)
            more, diverged = sampler.run(per_chain)
            x = np.concatenate([x, more], axis=1)
            diagnostics = _diagnose(x, diverged, time.monotonic() - begun)
    return x, diagnostics


class _Sampler:
    """Chains that go on, each in its own thread, along directions that can be changed without compiling anew.

    Args:
        posterior: The density.
        mode: The center of the directions, shape (parameter,).
        acceptance: Wanted share of accepted steps.
        threads: Where the chains run.
    """

    def __init__(self, posterior: Posterior, mode: Floats, acceptance: float, threads: ThreadPoolExecutor) -> None:
        def gen(whiten: jax.Array) -> Callable[[jax.Array], jax.Array]:
            return lambda u: posterior.potential(jnp.asarray(mode) + whiten @ u)

        init, step = hmc(potential_fn_gen=gen, algo="NUTS")

        def begin(u: jax.Array, whiten: jax.Array, key: jax.Array) -> Any:
            return init(
                u,
                num_warmup=WARMUP,
                step_size=_FIRST_STEP,
                target_accept_prob=acceptance,
                max_tree_depth=TREE_DEPTH,
                model_args=(whiten,),
                rng_key=key,
            )

        def on(state: Any, whiten: jax.Array) -> tuple[Any, Any]:
            def one(state: Any, _: Any) -> tuple[Any, Any]:
                state = step(state, model_args=(whiten,))
                return state, (state.z, state.diverging)

            last, after = jax.lax.scan(one, state, None, length=_BLOCK)
            return last, after

        self._begin, self._on = jax.jit(begin), jax.jit(on)
        self._compiled: Any = None
        self.mode, self.threads = mode, threads

    def begin(self, x: Floats, whiten: Floats, key: jax.Array) -> None:
        """Put the chains at parameter vectors, shape (chain, parameter), with a warm-up and some directions before
        them.
        """
        self.whiten = jnp.asarray(whiten)
        at = np.linalg.solve(whiten, (x - self.mode).T).T
        self.states = [self._begin(u, self.whiten, k) for u, k in zip(at, jax.random.split(key, len(at)), strict=True)]
        if self._compiled is None:  # here, and not in every thread at once
            self._compiled = self._on.lower(self.states[0], self.whiten).compile()

    def run(self, steps: int, tell: Callable[[float], None] = lambda done: None) -> tuple[Floats, int]:
        """Return the next parameter vectors, shape (chain, step, parameter), and how many steps diverged."""
        found, diverged = [], 0
        for block in range(steps // _BLOCK):
            went = list(self.threads.map(self._block, self.states))
            self.states = [state for state, _ in went]
            found.append(np.stack([u for _, (u, _) in went]))
            diverged += int(sum(d.sum() for _, (_, d) in went))
            tell((block + 1) * _BLOCK / steps)
        return self.mode + np.concatenate(found, axis=1) @ np.asarray(self.whiten).T, diverged

    def _block(self, state: Any) -> Any:
        return jax.block_until_ready(self._compiled(state, self.whiten))


def _diagnose(x: Floats, divergences: int, seconds: float) -> Diagnostics:
    """Rank-normalized R-hat and bulk ESS of every parameter, worst over parameters."""
    r_hat, ess = mixing(x)
    return Diagnostics(
        r_hat_max=float(np.max(r_hat)),
        ess_min=float(np.min(ess)),
        divergences=divergences,
        n_chains=x.shape[0],
        n_draws=x.shape[1],
        seconds=seconds,
    )
