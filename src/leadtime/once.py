"""What is computed once for a study, however often it is asked: a study does not change."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

#: A study keeps so many results; the oldest go first.
_MOST = 2000

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")


def once(function: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Compute what a function of a study, or a method of one, returns once for whatever it is asked.

    What is kept hangs on the study and goes with it. An error is not kept.
    """
    signature, name = inspect.signature(function), (function.__module__, function.__qualname__)

    @functools.wraps(function)
    def asked(study: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(study, *args, **kwargs)
        bound.apply_defaults()
        kept: dict[Any, R] = study.__dict__.setdefault("_kept", {})
        key = (*name, *list(bound.arguments.values())[1:])
        if key not in kept:
            kept[key] = function(study, *args, **kwargs)
            for old in list(kept)[:-_MOST]:
                kept.pop(old, None)
        return kept[key]

    return asked
