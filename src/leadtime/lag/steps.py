"""The records of a side as arrays, one row a draw: what raised its frontier, when, and how far."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Steps(NamedTuple):
    """The records of a side, oldest first, padded with infinite day and level to one width plus one.

    `day`, `level` (logits) and `model` (column number, -1 as padding) have shape (draw, record + 1); `n` counts the
    records of each draw.
    """

    day: Floats
    level: Floats
    model: Integers
    n: Integers

    def rows(self, part: slice) -> "Steps":
        """Return the records of some draws alone."""
        return Steps(self.day[part], self.level[part], self.model[part], self.n[part])


def search(steps: Floats, values: Floats, how: Literal["left", "right"] = "left") -> Integers:
    """Return `numpy.searchsorted` for each draw: `steps` (draw, n) ascending, `values` (draw, k).

    Counting the steps below, one at a time, is several times as fast as halving: a frontier has few records, and of
    those most are below every value or below none.
    """
    below = np.less if how == "left" else np.less_equal
    if not values.size:
        return np.zeros(values.shape, np.int64)
    always = int(below(steps, np.fmin.reduce(values, axis=1)[:, None]).all(axis=0).sum())
    ever = int(below(steps, np.fmax.reduce(values, axis=1)[:, None]).any(axis=0).sum())
    found = np.full(values.shape, always, np.uint8 if steps.shape[1] < 256 else np.uint32)
    hit = np.empty(values.shape, np.bool_)
    for step in range(always, ever):
        below(steps[:, step, None], values, out=hit)
        found += hit.view(np.uint8)
    return found.astype(np.int64)


def pick(table: Floats, index: Integers) -> Floats:
    """Return `table[draw, index[draw, k]]`."""
    return np.take_along_axis(table, index, axis=1)


def pack(n_draws: int, row: Integers, day: Floats, level: Floats, model: Integers) -> Steps:
    """Return ragged records as padded arrays with at least one column of padding."""
    n = np.bincount(row, minlength=n_draws)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    shape = (n_draws, int(n.max(initial=0)) + 1)
    packed = Steps(np.full(shape, np.inf), np.full(shape, np.inf), np.full(shape, -1), n)
    packed.day[row, slot], packed.level[row, slot], packed.model[row, slot] = day, level, model
    return packed


def stacked(parts: list[Steps]) -> Steps:
    """Return the records of some draws at a time as those of all, padded to one width."""
    width = max(p.day.shape[1] for p in parts)

    def wide(arrays: Iterable[NDArray[Any]], padding: float) -> NDArray[Any]:
        more = ((a, ((0, 0), (0, width - a.shape[1]))) for a in arrays)
        return np.concatenate([np.pad(a, by, constant_values=padding) for a, by in more])

    day, level, model, n = zip(*parts, strict=True)
    return Steps(wide(day, np.inf), wide(level, np.inf), wide(model, -1), np.concatenate(n))


def level_on(day: Floats, level: Floats, days: Floats) -> Floats:
    """Return the level of the last record dated on or before each of `days` (draw, k); -inf before the first."""
    count = search(day, days, "right")
    return np.where(count > 0, pick(level, np.maximum(count - 1, 0)), -np.inf)
