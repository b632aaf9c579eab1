"""Three scales for the same ability: logits, ECI-like points, and the date the US frontier reached it."""

from dataclasses import dataclass

import numpy as np

from leadtime.capability.result import Fit, Floats

#: Epoch AI's anchors: Claude 3.5 Sonnet (June 2024) is 130, GPT-5 is 150.
ANCHORS = (("claude-3-5-sonnet-2024-06", 130.0), ("gpt-5", 150.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Points = intercept + slope * logits, one pair per draw (shape (draw,))."""

    intercept: Floats
    slope: Floats
    anchored: bool

    def points(self, theta: Floats) -> Floats:
        """Return abilities of shape (draw, n) in points."""
        return self.intercept[:, None] + self.slope[:, None] * theta


def scale_of(fit: Fit) -> Scale:
    """Return the scale of each draw from the two anchors; before both exist, a fixed 20 points per logit from 130."""
    n = fit.draws.theta.shape[0]
    index = {m: i for i, m in enumerate(fit.cells.models)}
    (low, low_points), (high, high_points) = ANCHORS
    if low in index and high in index:
        gap = fit.draws.theta[:, index[high]] - fit.draws.theta[:, index[low]]
        slope = (high_points - low_points) / np.maximum(gap, 0.05)
        return Scale(intercept=low_points - slope * fit.draws.theta[:, index[low]], slope=slope, anchored=True)
    slope = np.full(n, 20.0)
    zero = fit.draws.theta[:, index[low]] if low in index else np.zeros(n)
    return Scale(intercept=low_points - slope * zero, slope=slope, anchored=False)
