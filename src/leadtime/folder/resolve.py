"""Names in a study's claims, scenarios and profiles that would be looked up only when someone asks: looked up now, each
slip told.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Protocol

from leadtime.claims.ledger import Claim
from leadtime.claims.resolve import unknown
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence


class HasPriors(Protocol):
    """A scenario, or a forecaster's profile."""

    @property
    def name(self) -> str:
        """Its id."""

    @property
    def priors(self) -> dict[str, dict[str, Any]]:
        """Parameters that it draws otherwise."""


def claims(found: Iterable[tuple[Path, Claim]], evidence: Evidence, scenarios: Collection[str]) -> list[LeadtimeError]:
    """Return an error for each word of a claim that neither the evidence nor the scenarios know."""
    return [
        LeadtimeError(e.what, where=f"{path}, claim {claim.id}, readings[{i}].with.{e.where}", fix=e.fix)
        for path, claim in found
        for i, reading in enumerate(claim.readings)
        for e in unknown(reading.quantity, reading.parameters, evidence, scenarios)
    ]


def priors(part: str, found: Iterable[HasPriors], evidence: Evidence) -> list[LeadtimeError]:
    """Return an error for each scenario or profile that replaces a prior which there is not."""
    from leadtime.scenario.parameters import priors as replaced

    errors = []
    for one in found:
        try:
            replaced(evidence["assumptions"], one.priors) if one.priors else None
        except LeadtimeError as error:
            errors.append(LeadtimeError(error.what, where=f"{part}/{one.name}.yaml, key priors", fix=error.fix))
    return errors
