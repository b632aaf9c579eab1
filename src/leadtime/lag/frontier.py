"""The common ground of all definitions: worlds in, lags out, and the frontiers between.

A frontier is a step function of time: the highest ability any model of a side has reached so far. It is held
per draw as its *records*, the models that raised it, so that nothing here collapses a draw to a point.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leadtime.errors import LeadtimeError
from leadtime.lag.steps import Steps, level_on, pack, pick, search, stacked
from leadtime.units import to_date

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CHUNK = 1024  # draws worked on at a time, which bounds the memory
_KEPT = 8  # sides whose records are kept with their worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Worlds:
    """Joint posterior draws of all models: ability and date, where draw i is the same world everywhere.

    Args:
        models: Names, unique.
        ability: Shape (draw, model), logits.
        day: Shape (draw, model), day numbers (`units.to_day`) on the chosen clock, release or end of training.
        as_of: Day number of the last day that is known; models dated later do not exist yet.
        scale_points: Shape (draw,), points of the ECI-like scale per logit, above 0.

    Raises:
        LeadtimeError: Shapes disagree, a value is not finite, a name appears twice.
    """

    models: tuple[str, ...]
    ability: Floats
    day: Floats
    as_of: float
    scale_points: Floats
    _steps: "dict[bytes, Steps]" = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shape = (len(self.scale_points), len(self.models))
        for name in ("ability", "day"):
            array = getattr(self, name)
            if array.shape != shape:
                raise LeadtimeError(
                    f"the {name} of the models has shape {array.shape}, not {shape}",
                    where="Worlds",
                    fix="Give one row per draw and one column per model.",
                )
            if not np.isfinite(array).all():
                column = int(np.flatnonzero(~np.isfinite(array).all(axis=0))[0])
                raise LeadtimeError(
                    f"the {name} is not a finite number in some draw",
                    where=f"model {self.models[column]}",
                    fix="Leave out models without a score or a date.",
                )
        if len(set(self.models)) < len(self.models):
            twice = sorted({name for name in self.models if self.models.count(name) > 1})
            raise LeadtimeError(f"models are named twice: {', '.join(twice)}", where="Worlds", fix="Name each once.")
        if not (self.scale_points > 0).all():
            raise LeadtimeError("points per logit must be above 0", where="Worlds.scale_points", fix="Check the scale.")

    @property
    def n_draws(self) -> int:
        """Return the number of draws."""
        return len(self.scale_points)

    def rows(self, part: slice | Integers) -> "Worlds":
        """Return the same worlds with only some of the draws."""
        return replace(self, ability=self.ability[part], day=self.day[part], scale_points=self.scale_points[part])

    def logits(self, points: float) -> Floats:
        """Return a distance on the ECI-like scale in logits, shape (draw,)."""
        return points / self.scale_points


@dataclass(frozen=True, slots=True, kw_only=True)
class LagDraws:
    """A lag in months, one value per draw.

    Args:
        definition: Name in `DEFINITIONS`.
        months: Shape (draw,), positive when the follower is behind; nan where the lag does not exist.
        bound: Shape (draw,): 0 exact, -1 the true value is below `months`, 1 it is above.
        note: What a reader must know about censored or undefined draws; empty when there are none.
    """

    definition: str
    months: Floats
    bound: NDArray[np.int8]
    note: str = ""

    @property
    def censored(self) -> Bools:
        """Return where `months` is only a bound, shape (draw,)."""
        return np.not_equal(self.bound, 0)


class KaplanMeier(NamedTuple):
    """Survival curves: `survival[:, i]` holds from `time[:, i]` on (sorted; before the first it is 1)."""

    time: Floats
    survival: Floats


class Records(NamedTuple):
    """Which models raised the frontier of their side: per draw (draw, model), and as a probability (model,)."""

    is_record: Bools
    probability: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinkage:
    """How far the best raw estimates stand above what the posterior makes of the same models.

    Args:
        models: Column numbers of the records by raw estimate, oldest first.
        excess_points: Shape (draw, record): raw estimate minus posterior draw, points of the ECI-like scale.
        mean_points: Shape (draw,): mean over these records; above 0 is the winner's curse.
    """

    models: Integers
    excess_points: Floats
    mean_points: Floats


def side(worlds: Worlds, mask: ArrayLike, name: str, by: float | None = None) -> Bools:
    """Return a side as a checked boolean mask over models.

    Raises:
        LeadtimeError: The mask has another length, is empty, or none of its models is dated by a day, default `as_of`.
    """
    last = worlds.as_of if by is None else by
    chosen = np.asarray(mask)
    if chosen.dtype != np.bool_ or chosen.shape != (len(worlds.models),):
        raise LeadtimeError(
            f"a side is a yes or no for each of {len(worlds.models)} models, not {chosen.dtype}{chosen.shape}",
            where=name,
            fix="Pass a boolean array with one entry per model.",
        )
    if not chosen.any():
        raise LeadtimeError("the side has no models", where=name, fix="Choose a group that has scored models.")
    if not ((worlds.day[0, chosen] <= last).any() or (worlds.day[:, chosen] <= last).any()):  # one draw tells mostly
        raise LeadtimeError(
            f"no model is dated on or before {to_date(last)}",
            where=name,
            fix="Choose a later as-of date or another group.",
        )
    return chosen


def subject_of(worlds: Worlds, subject: int) -> int:
    """Return the column number of a model that exists by `as_of` in every draw."""
    if not 0 <= subject < len(worlds.models):
        raise LeadtimeError(
            f"there is no model number {subject}", where="subject", fix=f"Give 0 to {len(worlds.models) - 1}."
        )
    if worlds.day[:, subject].max() > worlds.as_of:
        raise LeadtimeError(
            f"the model is dated after {to_date(worlds.as_of)}",
            where=f"subject {worlds.models[subject]}",
            fix="Choose a later as-of date.",
        )
    return subject


def not_negative(points: float, name: str) -> float:
    """Return a tolerance or width in points, refusing one below 0 or not finite."""
    if not (np.isfinite(points) and points >= 0):
        raise LeadtimeError(f"{points} is not a number of points from 0 up", where=name, fix="Give 0 or more.")
    return float(points)


def period(worlds: Worlds, start: float, end: float) -> tuple[float, float]:
    """Return a checked period: start not after end, end not after `as_of`."""
    if not start <= end:
        raise LeadtimeError(
            f"the period starts on {to_date(start)}, after it ends on {to_date(end)}",
            where="start, end",
            fix="Give the earlier day first.",
        )
    if end > worlds.as_of:
        raise LeadtimeError(
            f"{to_date(end)} lies after {to_date(worlds.as_of)}, the last day that is known",
            where="end",
            fix="End the period on or before the as-of date.",
        )
    return float(start), float(end)


def over_draws(worlds: Worlds, compute: Callable[[Worlds], tuple[NDArray[np.generic], ...]]) -> list[Floats]:
    """Return the arrays of `compute`, run on some draws at a time and joined along the draws."""
    return joined(compute(worlds.rows(part)) for part in chunks(worlds.n_draws))


def joined(parts: Iterable[tuple[NDArray[np.generic], ...]]) -> list[Floats]:
    """Return arrays of some draws at a time as whole ones."""
    return [np.concatenate(arrays).astype(np.float64, copy=False) for arrays in zip(*parts, strict=True)]


def chunks(n_draws: int) -> Iterator[slice]:
    """Return the slices of draws to work on one after the other."""
    return (slice(first, min(first + _CHUNK, n_draws)) for first in range(0, n_draws, _CHUNK))


def steps_of(worlds: Worlds, mask: Bools) -> Steps:
    """Return the records of a side in each draw: models better than every model of the side dated before.

    Of two models dated the same day only the better can be a record. The worlds keep the last sides that were asked.
    """
    key = mask.tobytes()
    if (kept := worlds._steps.get(key)) is None:
        parts = [_steps_of(worlds.rows(part), mask) for part in chunks(worlds.n_draws)]
        kept = worlds._steps[key] = stacked(parts) if len(parts) > 1 else parts[0]
        for old in list(worlds._steps)[:-_KEPT]:
            worlds._steps.pop(old, None)
    return kept


def _steps_of(worlds: Worlds, mask: Bools) -> Steps:
    columns = np.flatnonzero(mask)
    order, day, level = _by_day(worlds, columns)
    level = np.where(day <= worlds.as_of, level, -np.inf)
    best = np.maximum.accumulate(level, axis=1)
    rises = level > np.column_stack([np.full(len(level), -np.inf), best[:, :-1]])
    row, place = np.nonzero(rises)
    when = day[row, place]
    same_day = (row[1:] == row[:-1]) & (when[1:] == when[:-1])
    kept = np.append(~same_day, True)[: len(row)]
    row, place = row[kept], place[kept]
    model = columns[order[row if len(order) > 1 else 0, place]]
    return pack(len(level), row, day[row, place], level[row, place], model)


def _by_day(worlds: Worlds, columns: Integers) -> tuple[Integers, Floats, Floats]:
    """Return the order, days and abilities of some models, oldest first; order has one row if all draws share it."""
    day = worlds.day[:, columns]
    shared = bool((day == day[:1]).all())
    order = np.argsort(day[:1] if shared else day, axis=1, kind="stable")
    if shared:
        order_all = columns[order[0]]
        return order, worlds.day[:, order_all], worlds.ability[:, order_all]
    return order, pick(day, order), pick(worlds.ability[:, columns], order)


def first_reached(worlds: Worlds, reference: ArrayLike, thresholds: Floats) -> Floats:
    """Return the first day the frontier of `reference` stood at or above each threshold; infinite if never.

    Args:
        worlds: The draws.
        reference: Mask over models.
        thresholds: Shape (draw, k), logits.

    Returns:
        Day numbers, shape (draw, k).

    Example:
        >>> w = Worlds(models=("a", "b"), ability=np.array([[0.0, 1.0]]), day=np.array([[10.0, 40.0]]),
        ...            as_of=50.0, scale_points=np.ones(1))
        >>> first_reached(w, np.array([True, True]), np.array([[0.5, 2.0]]))
        array([[40., inf]])
    """
    mask = side(worlds, reference, "reference")
    steps = steps_of(worlds, mask)
    return pick(steps.day, search(steps.level, thresholds))


def records(worlds: Worlds, mask: ArrayLike) -> Records:
    """Return which models of a side are records in each draw, and with what probability each is one."""
    chosen = side(worlds, mask, "side")
    is_record = np.zeros((worlds.n_draws, len(worlds.models) + 1), np.bool_)
    np.put_along_axis(is_record, steps_of(worlds, chosen).model, True, axis=1)
    is_record = is_record[:, :-1]  # the padding, model -1, landed in the last column
    return Records(is_record, is_record.mean(axis=0))


def frontier(worlds: Worlds, mask: ArrayLike, days: Floats) -> Floats:
    """Return the best ability of a side on each of some days, shape (draw, day), logits; nan before its first model.

    Raises:
        LeadtimeError: A day lies after `as_of`.
    """
    chosen = side(worlds, mask, "side")
    period(worlds, float(np.min(days)), float(np.max(days)))
    steps, levels = steps_of(worlds, chosen), np.empty((worlds.n_draws, len(days)))
    for part in chunks(worlds.n_draws):
        levels[part] = level_on(steps.day[part], steps.level[part], np.broadcast_to(days, levels[part].shape))
    return np.where(np.isneginf(levels), np.nan, levels)


def shrinkage(worlds: Worlds, mask: ArrayLike, raw: Floats) -> Shrinkage:
    r"""Return how much the records of noisy raw estimates overstate: the winner's curse, made visible.

    For records $R$ by raw estimate $\hat\theta$ (dated at the mean day), $\frac1{|R|}\sum_{m\in R}(\hat\theta_m -
    \theta_m)$ in each draw of $\theta$, times points per logit. Positive: the raw frontier stood too high.

    Args:
        worlds: The posterior draws.
        mask: Side, mask over models.
        raw: Shape (model,), raw estimates in logits on the scale of the draws.
    """
    chosen = side(worlds, mask, "side")
    point = Worlds(
        models=worlds.models,
        ability=np.asarray(raw, np.float64)[None, :],
        day=worlds.day.mean(axis=0)[None, :],
        as_of=worlds.as_of,
        scale_points=np.ones(1),
    )
    steps = steps_of(point, side(point, chosen, "side"))
    models = steps.model[0, : steps.n[0]]
    excess = (raw[models] - worlds.ability[:, models]) * worlds.scale_points[:, None]
    return Shrinkage(models=models, excess_points=excess, mean_points=excess.mean(axis=1))


def kaplan_meier(time: Floats, event: Bools, used: Bools) -> KaplanMeier:
    """Return the Kaplan-Meier curve of each row; cases not `used` are ignored (their time becomes infinite).

    At equal times events come before censorings, and the factors of tied events multiply to (n - d)/n.
    """
    order = np.lexsort((~event, np.where(used, time, np.inf)), axis=-1)
    sorted_time = pick(np.where(used, time, np.inf), order)
    happened = np.take_along_axis(event & used, order, axis=1)
    at_risk = used.sum(axis=1, keepdims=True) - np.arange(time.shape[1])
    factor = np.where(happened, 1 - 1 / np.maximum(at_risk, 1), 1.0)
    return KaplanMeier(sorted_time, np.cumprod(factor, axis=1, dtype=np.float64))


def below(censored: Bools) -> NDArray[np.int8]:
    """Return -1 where the true value lies below the given one, else 0."""
    return -censored.astype(np.int8)


def share(where: Bools, what: str) -> str:
    """Return '3.1 % of draws: what', or nothing when it happens in none."""
    return f"{100 * where.mean():.3g} % of draws: {what}" if where.any() else ""


def join(*parts: str) -> str:
    """Return notes as one, leaving out empty ones."""
    return "; ".join(part for part in parts if part)
