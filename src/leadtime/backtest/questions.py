"""The questions: rows of the table `resolutions` as objects, and which of them were open on a day."""

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from leadtime.evidence import Evidence

#: Units in which a factor matters, not a difference: scored on the log.
RATIO_UNITS = ("USD", "H100e")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; the fields are the columns of the table."""

    id: str
    question: str
    topic: str
    kind: str
    series: str
    period: str | None
    opens_on: dt.date
    closes_on: dt.date
    resolved_by: str
    low: float | None
    value: float | None
    high: float | None
    unit: str | None
    source: str
    known_on: dt.date
    note: str | None

    @property
    def is_open(self) -> bool:
        """Whether it has no answer yet."""
        return self.resolved_by == "open"

    @property
    def on_log(self) -> bool:
        """Whether it is scored on the logarithm."""
        return self.unit in RATIO_UNITS

    @property
    def measure(self) -> str:
        """What its score is."""
        return "CRPS, log" if self.on_log else f"CRPS, {self.unit or 'months'}"

    @property
    def group(self) -> str:
        """The questions that its score may be averaged with: those of its topic in the same unit."""
        return self.topic if self.unit in ("months", *RATIO_UNITS) else f"{self.topic}, {self.unit}"

    def on_scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values on the scale of the score."""
        return np.log(np.maximum(values, 1.0)) if self.on_log else values

    def asked_on(self, day: dt.date) -> bool:
        """Return whether it made sense on a day, and its answer was not known then.

        A lag or an event of a day that is past is no forecast, even where nobody had looked yet.
        """
        resolved = not self.is_open and self.known_on <= day
        over = day >= self.closes_on and (self.kind == "event" or self.topic == "lag")
        return self.opens_on <= day and not resolved and not over


def questions(evidence: Evidence) -> tuple[Question, ...]:
    """Return all questions, in order of their days."""
    names = [f.name for f in fields(Question)]
    rows = evidence["resolutions"].select(names).sort("closes_on", "id").iter_rows()
    return tuple(Question(**dict(zip(names, r, strict=True))) for r in rows)
