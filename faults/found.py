"""What kills of one command came to."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Found:
    """What came of the kills of one case."""

    n_kills: int = 0
    n_ended: int = 0
    n_finished: int = 0
    n_leftovers: int = 0
    states: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
