"""Worlds of abilities and dates, by hand and by chance."""

import numpy as np

from leadtime.lag import (
    AGE_OF_MATCHED,
    SINCE_EXCEEDED,
    Worlds,
)

READINGS = (SINCE_EXCEEDED, AGE_OF_MATCHED)


def worlds(ability, day, as_of, scale=None):
    ability = np.atleast_2d(np.asarray(ability, float))
    day = np.broadcast_to(np.asarray(day, float), ability.shape)
    scale = np.ones(len(ability)) if scale is None else np.asarray(scale, float)
    names = tuple(f"m{i}" for i in range(ability.shape[1]))
    return Worlds(models=names, ability=ability, day=day, as_of=float(as_of), scale_points=scale)


def hand():
    """Reference a (day 0: 1), b (100: 2), c (130: 1.5, no record), d (200: 3); follower x (150: 1.5), y (250: 2)."""
    w = worlds([1.0, 2.0, 1.5, 3.0, 1.5, 2.0], [0, 100, 130, 200, 150, 250], 300)
    reference = np.array([True, True, True, True, False, False])
    return w, ~reference, reference


def random_worlds(seed, n_draws=3, shared_days=False):
    """Return a small world on a grid of eighths and quarter days, so that ties happen and shifts are exact."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9)), int(rng.integers(1, 7))
    shape = (n_draws, sum(n))
    ability = rng.integers(0, 40, shape) / 8
    day = rng.integers(0, 2800, shape[1:] if shared_days else shape) / 4
    scale = 2.0 ** rng.integers(-1, 3, n_draws)
    w = worlds(ability, day, 700, scale)
    reference = np.arange(sum(n)) < n[0]
    return w, ~reference, reference
