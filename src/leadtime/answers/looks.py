"""What a chart over time shows: from which day to which, with ranges or without, on which scale, and which days of
rules.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from leadtime.answers.kinds import Choice
from leadtime.answers.measures import Day
from leadtime.answers.question import Meaning

Since = Annotated[dt.date, Meaning(kind=Day(), help="The chart begins on this day.", example="2024-01-01")]
Until = Annotated[dt.date, Meaning(kind=Day(), help="The chart ends on this day.", example="2026-01-01")]
Bands = Annotated[str, Meaning(kind=Choice(of=("on", "off")), help="Whether ranges are shaded.")]
Events = Annotated[
    str, Meaning(kind=Choice(of=("main", "all", "none")), help="Which days of rules are marked.", example="none")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a chart is asked for: the values of the parameters above."""

    since: dt.date | None = None
    until: dt.date | None = None
    bands: str = "on"
    events: str = "main"
    scale: str = "linear"

    @property
    def log(self) -> bool:
        """Whether the values stand on a logarithmic scale."""
        return self.scale == "log"

    @property
    def shaded(self) -> bool:
        """Whether ranges are shaded."""
        return self.bands == "on"

    @property
    def most_events(self) -> int | None:
        """So many days of rules are marked; None: as many as have room."""
        return {"none": 0, "all": 99}.get(self.events)
