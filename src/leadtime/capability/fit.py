"""Three ways to fit the stated model: its mode with a normal approximation, a bootstrap, and NUTS."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize, minimize_scalar

from leadtime.capability import normal
from leadtime.capability.layout import PRIORS, Priors
from leadtime.capability.model import Posterior
from leadtime.capability.normal import whitening
from leadtime.capability.result import N_HYPER, N_SPREADS, Cells, Fit, Floats
from leadtime.errors import LeadtimeError

Progress = Callable[[str, float], None]
_SPREAD_ROUNDS = 6


def fit(
    cells: Cells, *, method: str, draws: int, seed: int, progress: Progress | None = None, priors: Priors = PRIORS
) -> Fit:
    """Return joint posterior draws of the stated model.

    Args:
        cells: What the likelihood sees.
        method: `map` (mode and normal approximation), `bootstrap` (cells resampled within model) or `nuts`.
        draws: Number of draws returned.
        seed: Same seed and cells, same draws.
        progress: Called with a text and a fraction done.
        priors: Other priors than those of the headline.

    Raises:
        LeadtimeError: Unknown method, or NUTS that did not pass its gate.
    """
    tell = progress or (lambda text, done: None)
    tell("finding the mode", 0.05)
    posterior, mode = find_mode(Posterior(cells, priors=priors))
    if method == "map":
        return normal.fit(posterior, mode, draws=draws, seed=seed)
    whiten = whitening(posterior, mode)
    if method == "bootstrap":
        return normal.as_fit(posterior, mode, whiten, _bootstrap(posterior, mode, draws, seed, tell), method)
    if method == "nuts":
        from leadtime.capability.nuts import sample

        x, diagnostics = sample(posterior, mode, draws, seed, tell)
        return normal.as_fit(posterior, mode, whiten, x, method, diagnostics)
    raise LeadtimeError(f"there is no method {method!r}", fix="Methods: map, bootstrap, nuts, eci.")


def find_mode(posterior: Posterior) -> tuple[Posterior, Floats]:
    """Return the density, centered on each benchmark's test-takers, and its mode given the pooled spreads.

    A joint mode over the spreads s_theta, s_d, s_a collapses, so they are set by maximizing their marginal density:
    expectation (of squared residuals, under the normal approximation) and maximization, in turn.
    """
    cells, spreads = posterior.cells, posterior.priors.spreads
    x = _minimize(posterior, posterior.start())
    m, k = len(cells.models), len(cells.benchmarks)
    centered = posterior.recentered(x[:m])
    x[m : m + k] += posterior.named(x).discrimination * (centered.center - posterior.center)
    noise = np.random.default_rng(0).normal(size=(200, x.size))
    noise[:, -N_SPREADS:] = 0.0
    for _ in range(_SPREAD_ROUNDS):
        whiten = whitening(centered, x)
        x = _minimize(centered, x, whiten)
        residuals = centered.spread_residuals(x + noise @ whiten.T)
        x[-N_SPREADS:] = [_log_spread(r, prior) for r, prior in zip(residuals, spreads, strict=True)]
    return centered, _minimize(centered, x, whitening(centered, x))


def _log_spread(residuals: Floats, prior: tuple[float, float]) -> float:
    """Return the mode of log s given residuals, shape (draw, n), and the normal prior (mean, sd) of log s."""
    mean, sd = prior
    n, square = residuals.shape[1], float((residuals**2).sum(axis=1).mean())
    found = minimize_scalar(lambda v: n * v + square / 2 * np.exp(-2 * v) + ((v - mean) / sd) ** 2 / 2, (-3.0, 2.0))
    return float(found.x)


def _minimize(posterior: Posterior, start: Floats, whiten: Floats | None = None) -> Floats:
    """Return the vector that minimizes the potential, the spreads held, searched along whitened directions if given."""
    n = start.size - N_SPREADS
    shape = np.eye(n) if whiten is None else whiten[:n]

    def objective(u: Floats) -> tuple[float, Floats]:
        value, grad = posterior.value_and_grad(np.concatenate([start[:n] + shape @ u, start[n:]]))
        return float(value), np.asarray(grad, dtype=float)[:n] @ shape

    options = {"maxiter": 3000, "maxfun": 6000, "maxcor": 30, "ftol": 1e-14, "gtol": 1e-3}
    found = minimize(objective, np.zeros(shape.shape[1]), jac=True, method="L-BFGS-B", options=options)
    return np.concatenate([start[:n] + shape @ found.x, start[n:]])


def _bootstrap(posterior: Posterior, mode: Floats, draws: int, seed: int, tell: Progress) -> Floats:
    """Refit on cells resampled within each model, from the mode, hyperparameters held."""
    rng = np.random.default_rng(seed)
    cells = posterior.cells
    order = np.argsort(cells.model, kind="stable")
    counts = np.bincount(cells.model, minlength=len(cells.models))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])

    def weighted(x: jax.Array, w: jax.Array) -> jax.Array:
        return -posterior.log_prior(x) - (w * posterior.log_likelihood(x, cells.z)).sum()

    step, held = jax.jit(jax.value_and_grad(weighted)), mode[-N_HYPER:]
    center, shape = mode[:-N_HYPER], whitening(posterior, mode, held=N_HYPER)

    def objective(u: Floats, w: Floats) -> tuple[float, Floats]:
        value, grad = step(np.concatenate([center + shape @ u, held]), w)
        return float(value), shape @ np.asarray(grad, dtype=float)[:-N_HYPER]

    options = {"maxiter": 1000, "maxfun": 2000, "maxcor": 20, "ftol": 1e-12, "gtol": 1e-2}
    out = []
    for i in range(draws):
        pick = order[first[cells.model[order]] + (rng.random(order.size) * counts[cells.model[order]]).astype(int)]
        w = np.bincount(pick, minlength=order.size).astype(float)
        found = minimize(objective, np.zeros(center.size), (w,), jac=True, method="L-BFGS-B", options=options)
        out.append(np.concatenate([center + shape @ found.x, held]))
        tell(f"bootstrap {i + 1} of {draws}", (i + 1) / draws)
    return np.array(out)


def compiler() -> str:
    """Return what compiles and runs the numbers, after a try.

    Raises:
        LeadtimeError: It gives a wrong gradient.
    """
    found = np.asarray(jax.jit(jax.grad(lambda v: (v**2).sum()))(jnp.arange(3.0)))
    if found.tolist() != [0.0, 2.0, 4.0]:
        raise LeadtimeError(f"JAX computes wrongly: {found.tolist()} for 0, 2, 4", fix="Install jax and jaxlib anew.")
    return f"JAX on {jax.devices()[0].platform}, {jax.local_device_count()} device"


def require_passed(fitted: Fit) -> Fit:
    """Return the fit, or raise if NUTS did not pass its gate."""
    d = fitted.diagnostics
    if d is not None and not d.passed:
        raise LeadtimeError(
            f"the sampler did not converge (R-hat {d.r_hat_max:.3f}, ESS {d.ess_min:.0f}, {d.divergences} divergences)",
            fix="Try another --seed, or --method=map for a normal approximation.",
        )
    return fitted
