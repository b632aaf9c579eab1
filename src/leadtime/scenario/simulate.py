"""The compiled simulation: one step, scanned over quarters, all draws of a chunk at once."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError
from leadtime.scenario import step as equations
from leadtime.scenario.levers import N_QUARTERS

#: What a run keeps by default; the rest is a word away (`keep`).
HEADLINE = ("lag_months", "chips_months", "ratio_used", "used_h100e")


@functools.partial(jax.jit, static_argnames="keep")
def _run(parameters: dict[str, jax.Array], inputs: dict[str, jax.Array], keep: tuple[str, ...]) -> dict[str, jax.Array]:
    def quarter(state: Any, x: Any) -> tuple[Any, Any]:
        state, report = equations.step(jnp, parameters, state, x)
        return state, {k: report[k] for k in keep}

    _, reports = jax.lax.scan(quarter, equations.start(jnp, parameters), inputs)
    return dict(reports)


def run(
    parameters: dict[str, Floats], inputs: dict[str, Floats], keep: tuple[str, ...] = HEADLINE
) -> dict[str, Floats]:
    """Return what `keep` names by quarter and draw, shape (quarter, draw), 32 bits.

    Args:
        parameters: Draws, shape (draw,), by name.
        inputs: See `inputs.World.inputs`.
        keep: Names of what `step` reports.

    Raises:
        LeadtimeError: A prior that the equations need was not known on the study's day.
    """
    try:
        reports = _run(_single(parameters), _single(inputs), keep)
    except KeyError as missing:
        raise LeadtimeError(
            f"the prior {missing.args[0]} was not written on that day",
            where="assumptions",
            fix="Choose a later --as-of.",
        ) from None
    return {k: np.asarray(v) for k, v in reports.items()}


def _single(values: dict[str, Floats]) -> dict[str, jax.Array]:
    return {k: jnp.asarray(v, dtype=jnp.float32) for k, v in values.items()}


def run_numpy(
    parameters: dict[str, Floats], inputs: dict[str, Floats], keep: tuple[str, ...] = HEADLINE
) -> dict[str, Floats]:
    """The same in NumPy, quarter by quarter: the yardstick of tests and benchmarks."""
    p = {k: np.asarray(v, np.float32) for k, v in parameters.items()}
    x = {k: np.asarray(v, np.float32) for k, v in inputs.items()}
    state = equations.start(np, p)
    rows = []
    for t in range(N_QUARTERS):
        state, report = equations.step(np, p, state, {k: v[t] for k, v in x.items()})
        rows.append([report[k] for k in keep])
    return {k: np.stack([r[i] for r in rows]) for i, k in enumerate(keep)}
