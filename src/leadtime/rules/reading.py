"""The reading order of a log, made once; and whom a letter addresses."""

import functools

from leadtime.rules.exporters import UNRECOGNIZED
from leadtime.rules.judge import Reading
from leadtime.rules.log import Log
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN


@functools.lru_cache(maxsize=8)
def _reading(key: int, holder: "Held") -> Reading:
    return Reading.of(holder.log)


class Held:
    """A log as a cache key: by identity."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def __hash__(self) -> int:
        return id(self.log)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and other.log is self.log


def reading(log: Log) -> Reading:
    """Return the reading order of a log, made once."""
    return _reading(id(log), Held(log))


def addressed(exporter: str, names: tuple[str, ...]) -> int:
    """Return whether an exporter is one of the addressees; unknown when it is not known who ships."""
    if not names:
        return TRUE
    if not exporter or exporter.startswith(UNRECOGNIZED):
        return UNKNOWN
    return TRUE if exporter.casefold() in {n.casefold() for n in names} else FALSE
