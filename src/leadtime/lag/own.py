"""Your own definitions of the lag: a function of the draws, registered under a name and measured like the others."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from leadtime.errors import LeadtimeError
from leadtime.lag.definition import DEFINITIONS, Definition
from leadtime.lag.frontier import Bools, LagDraws, Worlds, share

#: From the draws, the model (its column) or the group (a mask over models), and the mask of the other side: months,
#: shape (draw,).
Measure = Callable[[Worlds, int | Bools, Bools], ArrayLike]
_OWN: dict[str, Measure] = {}


def define(
    name: str, *, title: str, sentence: str, applies_to: Literal["model", "group", "both"] = "both"
) -> Callable[[Measure], Measure]:
    """Register your own definition of the lag for this process; `study.lag(definition=name)` then uses it.

    Args:
        name: The name to ask for: letters, digits and underscores. You may define your own name again.
        title: A few words for a heading.
        sentence: What it measures, in plain words.
        applies_to: What can lag: one `model`, a `group` of models, or `both`.

    Returns:
        A decorator that registers the function below it. The function takes the draws, the model's column or the
        group's mask, and the mask of the other side. It returns months, shape (draw,): positive when behind, NaN where
        there is no lag.

    Raises:
        LeadtimeError: The name cannot be a name, or belongs to a built-in definition.

    Example:
        >>> @define(
        ...     "months_since_last_record",
        ...     title="months since the last record",
        ...     sentence="How old this side's best model is.",
        ...     applies_to="group",
        ... )
        ... def months_since_last_record(worlds, group, reference):
        ...     return (worlds.as_of - np.where(group, worlds.day, -np.inf).max(axis=1)) / 30.4375
        >>> forget("months_since_last_record")
    """
    if not (name.isascii() and name.isidentifier()):
        raise LeadtimeError(f"{name!r} cannot be the name of a definition", fix="Use letters, digits and underscores.")
    if name in DEFINITIONS and name not in _OWN:
        raise LeadtimeError(f"{name} is the name of a built-in definition", fix="Choose another name.")

    def register(function: Measure) -> Measure:
        _OWN[name] = function
        DEFINITIONS[name] = Definition(name=name, title=title, sentence=sentence, applies_to=applies_to)
        return function

    return register


def forget(name: str) -> None:
    """Drop a definition of your own. If there is none, nothing happens."""
    if _OWN.pop(name, None) is not None:
        del DEFINITIONS[name]


def is_own(name: str) -> bool:
    """Return whether a name is that of a definition of your own."""
    return name in _OWN


def measured(name: str, worlds: Worlds, subject: int | Bools, reference: Bools) -> LagDraws:
    """Return the lag by a definition of your own.

    Raises:
        LeadtimeError: It applies to the other kind of subject, or gave something else than one number for each draw.
    """
    applies_to, kind = DEFINITIONS[name].applies_to, "model" if isinstance(subject, int) else "group"
    if applies_to not in {kind, "both"}:
        raise LeadtimeError(f"{name} is defined for a {applies_to}, not for a {kind}", where="definition")
    months = np.asarray(_OWN[name](worlds, subject, reference), dtype=np.float64)
    if months.shape != (worlds.n_draws,):
        fix = f"Return months, shape ({worlds.n_draws},): one number for each draw."
        raise LeadtimeError(f"it returned shape {months.shape}", where=f"definition {name}", fix=fix)
    if np.isinf(months).any():
        fix = "Return NaN in the draws that have no lag."
        raise LeadtimeError("it returned numbers that are not finite", where=f"definition {name}", fix=fix)
    note = share(np.isnan(months), "there is no lag by this definition")
    return LagDraws(definition=name, months=months, bound=np.zeros(worlds.n_draws, np.int8), note=note)
