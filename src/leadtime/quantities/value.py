"""The value of a quantity by its name, and its unit."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.capability.cache import remembered
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.quantities.table import QUANTITIES
from leadtime.resources import reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.study import Study

    Floats = NDArray[np.float64]


def value(study: "Study", name: str, parameters: dict[str, Any]) -> "Floats":
    """Return the draws of a quantity.

    Raises:
        LeadtimeError: The quantity or a parameter is unknown, one is missing, or the evidence is not enough.
    """
    if name not in QUANTITIES:
        raise unknown_name("quantity", name, QUANTITIES)
    q = QUANTITIES[name]
    known = {n.rstrip("?") for n in q.needs}
    for given in parameters:
        if given not in known:
            raise LeadtimeError(f"{name} has no parameter {given!r}", fix=f"Parameters: {', '.join(sorted(known))}.")
    for needed in q.needs:
        if not needed.endswith("?") and needed not in parameters:
            raise LeadtimeError(f"{name} needs {needed}", fix=f"Parameters: {', '.join(q.needs)} (? may be left out).")

    parameters = {k: _read(name, k, v, is_number=k in q.numbers) for k, v in parameters.items()}

    def compute() -> "dict[str, np.ndarray]":
        try:
            return {"draws": np.atleast_1d(np.asarray(q.compute(study, **parameters), dtype=float))}
        except LeadtimeError as error:  # that it cannot be computed is an answer too
            return {"error": np.array([error.what, error.where, error.fix])}

    found = remembered(("quantity", study.key, name, sorted((k, repr(v)) for k, v in parameters.items())), compute)
    if "error" in found:
        what, where, fix = (str(t) for t in found["error"])
        raise LeadtimeError(what, where=where, fix=fix)
    return found["draws"]


def _read(name: str, key: str, given: Any, *, is_number: bool) -> Any:
    """Return a parameter as the computation needs it: YAML and the command line may write it otherwise."""
    if not is_number:
        if isinstance(given, str | int | dt.date) and not isinstance(given, bool):
            return str(given)
        raise LeadtimeError(f"{given!r} is not text", where=f"{name}, {key}", fix="Expected text.")
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(given, bool) or not np.isfinite(number):
        raise LeadtimeError(
            f"{given!r} is not a number", where=f"{name}, {key}", fix="Expected a number such as 365 or 1e25."
        )
    return number


def unit_of(study: "Study", name: str, parameters: dict[str, Any]) -> str:
    """Return the unit of a quantity; of a simulated one, that of its variable; of a published figure, its own."""
    if name in ("row.value", "row.change"):
        own = reading.unit(study, str(parameters["row"]))
        return f"{own} a year" if parameters.get("per") else own
    if name != "scenario":
        return QUANTITIES[name].unit
    from leadtime.scenario.fork import VARIABLES

    return VARIABLES.get(str(parameters.get("variable", "lag_months")), ("", "", ""))[0]
