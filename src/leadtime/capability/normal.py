"""The normal approximation of the stated model about its mode: what `map` draws from, and what moves with a score."""

import numpy as np

from leadtime.capability import curvature
from leadtime.capability.layout import Layout
from leadtime.capability.result import Diagnostics, Fit, Floats


def fit(layout: Layout, mode: Floats, *, draws: int, seed: int) -> Fit:
    """Return draws of the normal approximation.

    Args:
        layout: The vector, centered on each benchmark's test-takers.
        mode: The mode, shape (parameter,) (see `fit.find_mode`).
        draws: Number of draws.
        seed: Same seed and mode, same draws.
    """
    whiten = whitening(layout, mode)
    x = mode + np.random.default_rng(seed).normal(size=(draws, mode.size)) @ whiten.T
    return as_fit(layout, mode, whiten, x, "map")


def as_fit(
    layout: Layout, mode: Floats, whiten: Floats, x: Floats, method: str, diagnostics: Diagnostics | None = None
) -> Fit:
    """Return the fit of draws of the parameter vector, shape (draw, parameter), about a mode with its whitening."""
    return Fit(
        draws=layout.named(x),
        trend=layout.trend(x),
        response=curvature.response(layout, mode, whiten[: len(layout.cells.models)] @ whiten.T),
        cells=layout.cells,
        mode=layout.named(mode),
        method=method,
        diagnostics=diagnostics,
    )


def whitening(layout: Layout, mode: Floats, held: int = 0) -> Floats:
    """Return W with W W^T close to the posterior covariance, the last `held` parameters held: the symmetric root."""
    free = mode.size - held
    return root(curvature.information(layout, mode)[:free, :free])


def root(precision: Floats) -> Floats:
    """Return the symmetric W with W W the inverse of a precision, its least eigenvalues raised.

    Any rotation of it would do, but this one is a smooth function of the precision: eigenvectors alone turn by
    rounding, and with them every draw from one version of a linear algebra library to another.
    """
    values, vectors = np.linalg.eigh(precision)
    return np.asarray(vectors / np.sqrt(np.maximum(values, 1e-3)) @ vectors.T, dtype=float)
