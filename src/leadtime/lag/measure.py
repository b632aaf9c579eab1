"""From a definition's name to its measurement: what each needs, filled in."""

from collections.abc import Callable
from typing import TypedDict, Unpack

import numpy as np

from leadtime.errors import LeadtimeError
from leadtime.lag import definitions, own, trend
from leadtime.lag.frontier import Bools, LagDraws, Worlds
from leadtime.lag.latent import LatentFrontier, trend_gap_latent
from leadtime.lag.readings import AGE_OF_MATCHED, SINCE_EXCEEDED

_DAILY = {"daily_mean": SINCE_EXCEEDED, "daily_mean_matched": AGE_OF_MATCHED}
_OF_GROUPS = {*_DAILY, "catch_up"}


class Needs(TypedDict):
    """What some definitions need.

    Args:
        start: First day of daily means and trend lines, day number.
        rng: For the draws around trend lines.
        latent: Returns the latent frontier of a group.
    """

    start: float
    rng: np.random.Generator
    latent: Callable[[Bools], LatentFrontier]


def measure(name: str, worlds: Worlds, subject: int | Bools, reference: Bools, **needs: Unpack[Needs]) -> LagDraws:
    """Return the lag of a model or a group behind a reference, by the name of a definition.

    Args:
        name: A name in `DEFINITIONS` whose unit is months.
        worlds: The draws.
        subject: Column number of a model, or mask of a group; a group is read at its ablest model where the
            definition is one of models.
        reference: Mask of the other side.
        needs: See `Needs`.

    Raises:
        LeadtimeError: A definition of groups asked of a model, or a group without a model.
    """
    start, rng, latent = needs["start"], needs["rng"], needs["latent"]
    if own.is_own(name):
        return own.measured(name, worlds, subject, reference)
    if isinstance(subject, int):
        if name in _OF_GROUPS:
            raise LeadtimeError(f"{name} is defined for groups, not for a model", fix="Name a group with --of instead.")
    elif name in _DAILY:
        return definitions.daily_mean(worlds, subject, reference, start=start, end=worlds.as_of, reading=_DAILY[name])
    elif name == "catch_up":
        return definitions.catch_up(worlds, subject, reference, start=start, end=worlds.as_of)
    if name == "trend_gap_linear":
        return trend.trend_gap_linear(worlds, subject, reference, start=start, rng=rng)
    if name == "trend_gap_latent":
        ours = subject if isinstance(subject, int) else latent(subject)
        return trend_gap_latent(worlds, ours, latent(reference), rng=rng)
    best = subject if isinstance(subject, int) else ablest(worlds, subject)
    result: LagDraws = getattr(definitions, name)(worlds, best, reference)
    return result


def ablest(worlds: Worlds, group: Bools) -> int:
    """Return the column number of the ablest model of a group, by the median."""
    if not group.any():
        raise LeadtimeError("no model of the group has enough benchmarks")
    return int(np.where(group, np.median(worlds.ability, axis=0), -np.inf).argmax())
