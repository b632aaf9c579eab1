"""Abilities on a scale like CAISI's: 200 points triple the odds of a right answer."""

import numpy as np

from leadtime.capability.items.result import ItemFit
from leadtime.capability.result import Floats

#: Points of the model of average ability.
CENTER = 1000.0
_TRIPLE = 200.0


def points(fitted: ItemFit, theta: Floats) -> Floats:
    """Return abilities of any shape in points: on an item of geometric-mean discrimination 200 triple the odds."""
    slope = float(np.exp(fitted.curves.log_a.mean()))
    return np.asarray(CENTER + _TRIPLE / np.log(3.0) * slope * theta)


def points_per_theta(fitted: ItemFit) -> float:
    """Return how many points one unit of theta is."""
    return float(_TRIPLE / np.log(3.0) * np.exp(fitted.curves.log_a.mean()))
