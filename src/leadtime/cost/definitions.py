"""The cost of one run under one meaning of the word: its lines, their draws, and what they rest on."""

from dataclasses import dataclass, field

import numpy as np

from leadtime.capability.result import Floats
from leadtime.cost.meaning import CostDefinition
from leadtime.errors import LeadtimeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One line of a bill: its draws in US dollars, shape (draw,), and what it rests on."""

    name: str
    draws_usd: Floats
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of one run under one definition.

    Args:
        run: Id of the run.
        definition: What the cost means; costs of different definitions do not compare.
        components: Its lines; the total is their sum in each draw.
        flags: What was filled in or is doubtful, in words.
        because: Ids of sources and assumptions.
    """

    run: str
    definition: CostDefinition
    components: tuple[Component, ...]
    flags: tuple[str, ...] = ()
    because: tuple[str, ...] = field(default=())

    @property
    def total_usd(self) -> Floats:
        """Draws of the total in nominal US dollars, shape (draw,)."""
        return np.asarray(sum(c.draws_usd for c in self.components), dtype=float)


def ratio(a: Cost, b: Cost) -> Floats:
    """Return draws of the cost of one run over that of another, shape (draw,).

    Raises:
        LeadtimeError: The two costs have different definitions.
    """
    if a.definition != b.definition:
        raise LeadtimeError(
            f"{a.definition} of {a.run} and {b.definition} of {b.run} are two kinds of cost",
            where="ratio",
            fix="Ask for both by the same definition.",
        )
    return np.asarray(a.total_usd / b.total_usd, dtype=float)
