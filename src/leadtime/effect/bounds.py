"""Sets instead of priors: per draw the least and the most that an assumption allows, quantiles last (p-boxes)."""

from dataclasses import dataclass

import numpy as np

from leadtime.capability.result import Floats

#: An effect under this is hardly one: half a month.
MATTERS_MONTHS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What a set of assumptions allows, draw by draw.

    Args:
        low: The least over the set, shape (draw,).
        high: The most, shape (draw,).

    Raises:
        ValueError: Somewhere the least is above the most.
    """

    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        if self.low.shape != self.high.shape or (self.low > self.high + 1e-9).any():
            raise ValueError("the least is above the most")

    @property
    def middle(self) -> tuple[float, float]:
        """Medians of the least and of the most."""
        return float(np.median(self.low)), float(np.median(self.high))

    @property
    def robust(self) -> tuple[float, float]:
        """The robust 90 % interval: 5 % quantile of the least, 95 % quantile of the most."""
        return float(np.quantile(self.low, 0.05)), float(np.quantile(self.high, 0.95))

    def chance(self, above: float) -> tuple[float, float]:
        """Return the lower and the upper probability of more than `above`."""
        return float(np.mean(self.low > above)), float(np.mean(self.high > above))

    def times(self, other: "Box") -> "Box":
        """Return the set of products, draw by draw: its ends are among the four corners."""
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Box(low=np.min(corners, axis=0), high=np.max(corners, axis=0))


def over(values: list[Floats]) -> Box:
    """Return the set that corners span."""
    return Box(low=np.min(values, axis=0), high=np.max(values, axis=0))


def union(boxes: list[Box]) -> Box:
    """Return what any of several sets allows."""
    return Box(low=np.min([b.low for b in boxes], axis=0), high=np.max([b.high for b in boxes], axis=0))
