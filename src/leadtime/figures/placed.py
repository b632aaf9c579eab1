"""Room for words in a chart: each stands where it crosses neither marks nor other words, or nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Box = tuple[float, float, float, float]  # left, top, right, bottom, pixels of the plot


@dataclass(slots=True)
class Room:
    """What is taken of a plot.

    Args:
        width: Of the plot, pixels.
        height: Of the plot.
        top: So many pixels at its upper edge are kept free.
        taken: Boxes that no word may cross.
    """

    width: float
    height: float
    top: float = 0.0
    taken: list[Box] = field(default_factory=list)

    def mark(self, x: float, y: float, reach: float = 5.0) -> None:
        """Keep a place free, and what is around it."""
        self.taken.append((x - reach, y - reach, x + reach, y + reach))

    def line(self, points: Iterable[tuple[float, float]], every: float = 6.0) -> None:
        """Keep a line through points free."""
        last = None
        for x, y in points:
            if last is not None:
                n = max(1, int(max(abs(x - last[0]), abs(y - last[1])) / every))
                for i in range(n + 1):
                    self.mark(last[0] + (x - last[0]) * i / n, last[1] + (y - last[1]) * i / n, 1.5)
            last = (x, y)

    def place(self, wanted: Iterable[Box]) -> Box | None:
        """Return the first of the wanted boxes that is free, and take it; None where none is."""
        for box in wanted:
            if self._free(box):
                self.taken.append(box)
                return box
        return None

    def _free(self, box: Box) -> bool:
        left, top, right, bottom = box
        inside = left >= 0 and right <= self.width and top >= self.top and bottom <= self.height
        return inside and not any(a < right and left < c and b < bottom and top < d for a, b, c, d in self.taken)


def around(x: float, y: float, wide: float, high: float, *, above: bool, far: Iterable[float] = (8.0,)) -> list[Box]:
    """Return boxes beside a point, the best first.

    Args:
        x: Of the point, pixels.
        y: Of the point.
        wide: Of the words.
        high: Of the words.
        above: those above it come first, and left before right; else those below it, and right before left.
        far: Distances to try, pixels.
    """
    sides = (x - wide - 4, x + 4, x - wide / 2) if above else (x + 4, x - wide - 4, x - wide / 2)
    distances = list(far)
    tops = [[y - d - high for d in distances], [y + d for d in distances]]
    return [
        (left, top, left + wide, top + high)
        for some in (tops if above else tops[::-1])
        for top in some
        for left in sides
    ]
