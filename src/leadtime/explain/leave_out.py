"""What a number would be without each of its sources."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.errors import LeadtimeError
from leadtime.explain.derivation import sources, steps
from leadtime.quantities import value

if TYPE_CHECKING:
    from leadtime.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """A number recomputed without one source.

    Args:
        source: Id; empty for the number with all of them, computed the same way.
        low: 5% quantile.
        median: Median, or None if nothing can be computed without the source.
        high: 95% quantile.
        why: Why nothing can be computed.
    """

    source: str
    low: float | None = None
    median: float | None = None
    high: float | None = None
    why: str = ""


def leave_out(study: "Study", quantity: str, parameters: dict[str, Any], most: int | None = None) -> list[Without]:
    """Return the number with all sources, then without each, those of most rows first.

    Abilities are fitted by `map`, for the first line too, so that the lines differ by the source alone.

    Args:
        study: The study.
        quantity: Name in the registry.
        parameters: The parameters that were asked for.
        most: At most so many sources.

    Raises:
        LeadtimeError: The number cannot be computed at all; or it is simulated, where inputs are varied instead.
    """
    if quantity == "scenario":
        raise LeadtimeError(
            "a simulated number rests on assumptions as well as sources",
            fix="`leadtime scenario sensitivity` shows which of them matter.",
        )
    plain = study.with_evidence(study.evidence, method="map")
    found = [_told(plain, "", quantity, parameters)]
    names = sources(steps(study, quantity, parameters))[:most]
    for i, name in enumerate(names):
        study.progress(f"without {name}", i / len(names))
        less = plain.with_evidence(study.evidence.without(name))
        try:
            found.append(_told(less, name, quantity, parameters))
        except LeadtimeError as error:
            found.append(Without(source=name, why=error.what))
    return found


def _told(study: "Study", source: str, quantity: str, parameters: dict[str, Any]) -> Without:
    draws = value(study, quantity, parameters)
    defined = draws[np.isfinite(draws)]
    if not defined.size:
        return Without(source=source, why="it is not defined in any draw")
    low, median, high = (float(v) for v in np.quantile(defined, [0.05, 0.5, 0.95]))
    return Without(source=source, low=low, median=median, high=high)
