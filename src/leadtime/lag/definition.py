"""The definitions of a lag as a reader meets them: name, title, what each measures."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A way to measure a lag, as a reader meets it.

    Args:
        name: The name to ask for; results carry it.
        title: A few words for a heading.
        sentence: What it measures, in plain words.
        applies_to: What can lag: one model, a group of models, or either.
        unit: Unit of the answer.
    """

    name: str
    title: str
    sentence: str
    applies_to: Literal["model", "group", "both"]
    unit: Literal["months", "probability"] = "months"


_ALL = (
    Definition(
        name="age_of_equal",
        title="age of its equal",
        sentence="How much earlier the other side first had a model at least as able; for a group, its ablest model.",
        applies_to="both",
    ),
    Definition(
        name="age_of_equal_windowed",
        title="age of its equal, smoothed",
        sentence="The same, averaged over abilities a little below and above, so that one release cannot move it far.",
        applies_to="both",
    ),
    Definition(
        name="age_of_matched",
        title="age of the record it matched",
        sentence="How old the newest record-setting model of the other side was that this model had matched.",
        applies_to="both",
    ),
    Definition(
        name="daily_mean",
        title="daily mean",
        sentence="Day by day, how long ago the other side first went past this side's best; averaged over the period.",
        applies_to="group",
    ),
    Definition(
        name="daily_mean_matched",
        title="daily mean, matched records",
        sentence="Day by day, how old the newest record of the other side is that this side's best has matched.",
        applies_to="group",
    ),
    Definition(
        name="catch_up",
        title="time to catch up",
        sentence="How long it took this side to match each record of the other; records not yet matched count too.",
        applies_to="group",
    ),
    Definition(
        name="trend_gap_linear",
        title="gap to the trend line",
        sentence="How long ago the straight line through the other side's records stood where this side stands.",
        applies_to="both",
    ),
    Definition(
        name="trend_gap_latent",
        title="gap to the latent frontier",
        sentence="How long ago the other side's frontier stood where this side stands, with lucky scores discounted.",
        applies_to="both",
    ),
    Definition(
        name="pairwise",
        title="which of two is abler",
        sentence="The probability that the first model is abler than the second.",
        applies_to="model",
        unit="probability",
    ),
)

#: Every definition by name, in the order to list them.
DEFINITIONS: dict[str, Definition] = {definition.name: definition for definition in _ALL}
