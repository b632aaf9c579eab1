"""The simulation: one step, over quarters, all draws at once; few in NumPy, many compiled."""

import functools
from typing import Any

import numpy as np

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError
from leadtime.scenario import step as equations
from leadtime.scenario.levers import N_QUARTERS

#: What a run keeps by default; the rest is a word away (`keep`).
HEADLINE = ("lag_months", "chips_months", "ratio_used", "used_h100e")

#: So many draws take NumPy a tenth of a second. Loading a compiler and compiling takes seconds, and pays for more.
PLAIN_DRAWS = 2_000


@functools.cache
def _compiled() -> Any:
    """Return the simulation, compiled for each choice of what it keeps; the compiler is loaded when it is first run."""
    import jax
    import jax.numpy as jnp

    def run(parameters: Any, inputs: Any, keep: tuple[str, ...]) -> dict[str, Any]:
        def quarter(state: Any, x: Any) -> tuple[Any, Any]:
            state, report = equations.step(jnp, parameters, state, x)
            return state, {k: report(k) for k in keep}

        _, reports = jax.lax.scan(quarter, equations.start(jnp, parameters), inputs)
        return dict(reports)

    return jax.jit(run, static_argnames="keep")


def run(
    parameters: dict[str, Floats],
    inputs: dict[str, Floats],
    keep: tuple[str, ...] = HEADLINE,
    *,
    first: int = 0,
    last: int = N_QUARTERS - 1,
) -> dict[str, Floats]:
    """Return what `keep` names by quarter and draw, shape (quarter, draw), 32 bits.

    Args:
        parameters: Draws, shape (draw,), by name.
        inputs: See `inputs.World.inputs`.
        keep: Names of what `step` reports.
        first: Place of the first quarter that is reported; those before it are run all the same.
        last: Place of the last one; none after it is run.

    Raises:
        LeadtimeError: A prior that the equations need was not known on the study's day.
    """
    n_draws = max((np.size(v) for v in parameters.values()), default=0)
    try:
        if n_draws <= PLAIN_DRAWS:
            return run_numpy(parameters, inputs, keep, first=first, last=last)
        return {k: v[first : last + 1] for k, v in run_compiled(parameters, inputs, keep).items()}
    except KeyError as missing:
        raise LeadtimeError(
            f"the prior {missing.args[0]} was not written on that day",
            where="assumptions",
            fix="Choose a later --as-of.",
        ) from None


def run_compiled(
    parameters: dict[str, Floats], inputs: dict[str, Floats], keep: tuple[str, ...] = HEADLINE
) -> dict[str, Floats]:
    """Return what `run` does, compiled: for many draws."""
    reports = _compiled()(_single(parameters), _single(inputs), keep=keep)
    return {k: np.asarray(v) for k, v in reports.items()}


def _single(values: dict[str, Floats]) -> dict[str, Any]:
    return {k: np.asarray(v, dtype=np.float32) for k, v in values.items()}


def run_numpy(
    parameters: dict[str, Floats],
    inputs: dict[str, Floats],
    keep: tuple[str, ...] = HEADLINE,
    *,
    first: int = 0,
    last: int = N_QUARTERS - 1,
) -> dict[str, Floats]:
    """Return what `run` does in NumPy, quarter by quarter: for few draws, for which no compiler need be loaded."""
    p = {k: np.asarray(v, np.float32) for k, v in parameters.items()}
    x = {k: np.asarray(v, np.float32) for k, v in inputs.items()}
    rows = []
    with np.errstate(all="ignore"):  # as the compiled one: a draw that overflows is told by its value
        state = equations.start(np, p)
        for t in range(last + 1):
            state, report = equations.step(np, p, state, {k: v[t] for k, v in x.items()})
            if t >= first:
                rows.append([report(k) for k in keep])
    return {k: np.stack([r[i] for r in rows]).astype(np.float32) for i, k in enumerate(keep)}
