"""What is said of a quantity: what it means, what it takes, and how it is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity.

    Args:
        title: What it is, in a few words.
        unit: Unit of its draws.
        sentence: Its definition.
        needs: Names of its parameters; those with `?` may be left out.
        method: The page of the documentation with its equations.
        equation: The one that gives it, in plain text.
        numbers: Names of those parameters that are numbers; the others are words.
        compute: From a study and the parameters to draws, shape (draw,) or (1,).
    """

    title: str
    unit: str
    sentence: str
    needs: tuple[str, ...]
    method: str
    equation: str
    compute: "Callable[..., Floats]"
    numbers: tuple[str, ...] = ()
