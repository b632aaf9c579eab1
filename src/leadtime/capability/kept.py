"""What is kept of a fit: its draws in sixteen bits each, small enough to ship.

A column of draws is written as whole steps between its least and its greatest value, of which there are 65,535. A draw
moves by half a step at most: for some thousand draws of a normal posterior about a ten-thousandth of its spread, far
below what a finite number of draws leaves open.
"""

from dataclasses import astuple

import numpy as np

from leadtime.capability.result import Cells, Diagnostics, Fit, Floats, Parameters, Trend

Arrays = dict[str, np.ndarray]
_STEPS = np.iinfo(np.uint16).max


def to_arrays(fitted: Fit) -> Arrays:
    """Return the draws, the mode and the diagnostics of a fit as arrays."""
    draws = np.column_stack([*astuple(fitted.draws), *astuple(fitted.trend)])
    numbers = astuple(fitted.diagnostics) if fitted.diagnostics else ()
    mode = np.concatenate(astuple(fitted.mode))
    return {**packed(draws), "mode": mode, "diagnostics": np.array(numbers, dtype=float)}


def from_arrays(stored: Arrays, cells: Cells, method: str) -> Fit:
    """Return the fit that `to_arrays` took apart."""
    draws, n = unpacked(stored), stored["diagnostics"]
    diagnostics = (
        Diagnostics(
            r_hat_max=float(n[0]),
            ess_min=float(n[1]),
            divergences=int(n[2]),
            n_chains=int(n[3]),
            n_draws=int(n[4]),
            seconds=float(n[5]),
        )
        if n.size
        else None
    )
    return Fit(
        cells=cells,
        draws=_named(draws, cells),
        mode=_named(stored["mode"], cells),
        trend=Trend(rate=draws[:, -2], spread=draws[:, -1]),
        method=method,
        diagnostics=diagnostics,
    )


def _named(columns: Floats, cells: Cells) -> Parameters:
    """Return the parts of rows that hold abilities, difficulties, discriminations and misfits, then perhaps more."""
    m, k = len(cells.models), len(cells.benchmarks)
    theta, difficulty, discrimination, misfit, _ = np.split(columns, [m, m + k, m + 2 * k, m + 3 * k], axis=-1)
    return Parameters(theta=theta, difficulty=difficulty, discrimination=discrimination, misfit=misfit)


def packed(values: Floats) -> Arrays:
    """Return draws, shape (draw, column), as whole steps of each column, their size, and where they begin."""
    low = values.min(axis=0)
    step = (values.max(axis=0) - low) / _STEPS
    whole = np.rint((values - low) / np.where(step > 0, step, 1.0))
    return {"draws": whole.astype(np.uint16), "low": low, "step": step}


def unpacked(stored: Arrays) -> Floats:
    """Return the draws that `packed` wrote, shape (draw, column)."""
    return np.asarray(stored["low"] + stored["step"] * stored["draws"], dtype=np.float64)
