"""The words of a claim's readings looked up before anything is computed: a slip of the pen is told, and never becomes a
verdict.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import Evidence
from leadtime.quantities import QUANTITIES
from leadtime.resources import named

_SPAN = re.compile(r"20\d\d(Q[1-4](-(20\d\d)?Q[1-4])?)?")
_QUARTER = re.compile(r"20\d\dQ[1-4]")


def require(quantity: str, parameters: Mapping[str, Any]) -> None:
    """Refuse a reading whose parameters are not those of its quantity, or whose words are the same on every day and are
    none of them.

    Raises:
        LeadtimeError: `where` is the parameter.
    """
    q = QUANTITIES[quantity]
    names = {n.rstrip("?") for n in q.needs}
    for name in parameters:
        if name not in names:
            error = unknown_name("parameter", str(name), names)
            raise LeadtimeError(error.what, where=str(name), fix=f"Parameters of {quantity}: {', '.join(q.needs)}.")
    for needed in q.needs:
        if not needed.endswith("?") and needed not in parameters:
            raise LeadtimeError(f"{quantity} needs {needed}", where=needed, fix=f"Parameters: {', '.join(q.needs)}.")
    for name, given in parameters.items():
        if (words := _fixed(quantity, name)) is not None and given not in words:
            error = unknown_name(name, str(given), words)
            raise LeadtimeError(error.what, where=name, fix=error.fix)
        if name in ("quarter", "before", "after"):
            _require_time(quantity, name, str(given))


def unknown(
    quantity: str, parameters: Mapping[str, Any], evidence: Evidence, scenarios: Collection[str]
) -> list[LeadtimeError]:
    """Return an error for each word that the evidence and the scenarios of a study do not know; `where` is the
    parameter.
    """
    found = []
    for name, given in parameters.items():
        try:
            if quantity == "scenario" and name in ("scenario", "against"):
                if given not in scenarios:
                    raise unknown_name("scenario", str(given), scenarios)
            elif name in ("model", "first", "second") or (quantity == "cost.ratio" and name == "against"):
                evidence.resolve_model(str(given))
            elif name in ("row", "over", "less"):
                for part in str(given).split("+"):
                    named(evidence, part.strip())
            elif (words := _of(evidence, quantity, name)) is not None and given not in words:
                raise unknown_name(name, str(given), words)
        except LeadtimeError as error:
            found.append(LeadtimeError(error.what, where=name, fix=error.fix))
    return found


def _require_time(quantity: str, name: str, given: str) -> None:
    form = _SPAN if quantity in ("supply.share", "supply.share_change", "supply.diverted_share") else _QUARTER
    if not form.fullmatch(given):
        fix = "Expected a quarter such as 2025Q4" + (", 2025, 2022Q1-Q2 or 2022Q4-2023Q3." if form is _SPAN else ".")
        raise LeadtimeError(f"{given!r} is not a quarter or a year", where=name, fix=fix)


def _fixed(quantity: str, name: str) -> Collection[str] | None:
    """Return the words of a parameter that are the same on every day, or None if there is no such list."""
    if name == "definition" and quantity.startswith("lag"):
        from leadtime.study import lag_definitions

        return [d.name for d in lag_definitions(quantity.removeprefix("lag."))]
    if name == "definition":
        from leadtime.cost.meaning import CostDefinition

        return [d.value for d in CostDefinition]
    if name == "clock":
        from leadtime.capability.clock import CLOCKS

        return CLOCKS
    if name == "view":
        from leadtime.cost.expected import VIEWS

        return VIEWS
    if name in ("estimand", "sample"):
        from leadtime.cost.estimands import ESTIMANDS, SAMPLES

        return ESTIMANDS if name == "estimand" else SAMPLES
    if name == "variable":
        from leadtime.scenario.fork import VARIABLES

        return VARIABLES
    if name in ("channels", "scope") or (quantity, name) == ("supply.share_change", "makers"):
        from leadtime.supply import like

        return {"channels": tuple(like.CHANNELS), "scope": like.SCOPES, "makers": like.MAKERS}[name]
    return ("flow", "stock") if name == "measure" else None


def _of(evidence: Evidence, quantity: str, name: str) -> Collection[str] | None:
    """Return the words that the evidence has for a parameter, or None if it is none of its names."""
    if name == "innovation":
        return set(evidence["adoptions"]["innovation"])
    if name == "domain":
        return {"", *evidence["benchmarks"]["domain"]}
    if name == "price_of":
        return set(evidence["chips"]["id"])
    if name == "benchmarks":
        from leadtime.capability.cells import BENCHMARK_SETS

        return {*BENCHMARK_SETS, *evidence["benchmarks"]["domain"]}
    if name in ("of", "behind") or (name == "country" and not quantity.startswith("curve")):
        organizations = evidence["organizations"]
        return {"open", "closed", *organizations["country"].drop_nulls(), *organizations["id"]}
    return None
