"""The five things that people call the cost of a training run. They differ by a factor of twenty: never mixed."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError


class CostDefinition(StrEnum):
    """What a cost means."""

    RENTAL = "rental"
    AMORTIZED = "amortized"
    CLOUD_COMMITTED = "cloud_committed"
    ACQUISITION = "acquisition"
    DEVELOPMENT = "development"


SENTENCES: dict[CostDefinition, str] = {
    CostDefinition.RENTAL: "The chip-hours of the run at the on-demand rent of the day.",
    CostDefinition.AMORTIZED: "The fall in value of chips, servers and network during the run, and its electricity.",
    CostDefinition.CLOUD_COMMITTED: "The chip-hours of the run at the rent of those who commit for three years.",
    CostDefinition.ACQUISITION: "Buying all chips, servers and network that the run used at once.",
    CostDefinition.DEVELOPMENT: "The run (amortized) with the experiments and failed runs before it, and the staff.",
}


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
            f"{a.definition} of {a.run} and {b.definition} of {b.run} are different things",
            where="ratio",
            fix="Ask for both under one definition.",
        )
    return np.asarray(a.total_usd / b.total_usd, dtype=float)
