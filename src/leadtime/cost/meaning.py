"""The five things that people call the cost of a training run. They differ by a factor of twenty: never mixed."""

from enum import StrEnum


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
