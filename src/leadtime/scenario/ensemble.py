"""The constrained ensemble: prior draws weighted by how well their past fits what was observed.

The way of calibrated ensembles in climate science: every constraint, its pull and the effective sample size are shown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from leadtime.capability import cache
from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError
from leadtime.scenario import moved, parameters, robust, simulate
from leadtime.scenario.files import DATA
from leadtime.scenario.inputs import QUARTERS, World
from leadtime.scenario.levers import Scenario
from leadtime.scenario.observed import KEEP, Constraint, LagsSeen, Observed, observed

SHIPPED = DATA / "ensemble.npz"
SIZE = 2000
PRIOR_DRAWS = 200_000
#: Fewest effective draws that an ensemble may rest on.
LEAST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Equally weighted configurations, and how they came about.

    Args:
        draws: Parameters by name, shape (configuration,).
        key: Content key of what they were calibrated on.
        as_of: The day of the evidence.
        effective: Effective sample size of the weights.
        prior_draws: How many prior draws were weighted.
        checks: Per constraint: name, words, observed, low, high, prior and posterior quantiles, effective size without
            it.
        lags: The lags it was fitted to: year, quarter numbers, center, and rows of their error of measurement.
        moved: Which parameters the data moved, and what of the effect lies in them (see `moved.table`); empty likewise.
        robust: How the effect of the rules depends on what was assumed (see `robust.table`); empty where not asked for.
    """

    draws: dict[str, Floats]
    key: str
    as_of: str
    effective: float
    prior_draws: int
    checks: pl.DataFrame
    lags: LagsSeen | None = None
    robust: pl.DataFrame = field(default_factory=pl.DataFrame)
    moved: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def n(self) -> int:
        """Number of configurations."""
        return len(next(iter(self.draws.values())))


def key_of(world: World) -> str:
    """Return the content key of what an ensemble rests on, the measured lags aside."""
    rows = world.priors().select("id", "low", "value", "high", "distribution").sort("id")
    seen = observed(world, None)
    return cache.key(
        "ensemble 7", rows.rows(), *world.key(), [(c.name, c.center) for c in seen.constraints], seen.covariance
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How many draws of the priors are weighted, how many are kept, and by which seed."""

    prior_draws: int = PRIOR_DRAWS
    size: int = SIZE
    seed: int = 0


_USUAL = Sampling()


def calibrate(
    world: World,
    as_is: Scenario,
    lags: LagsSeen | None,
    *,
    free: Scenario | None = None,
    sampling: Sampling = _USUAL,
    progress: Callable[[str, float], None] = lambda text, done: None,
) -> Ensemble:
    """Return the ensemble that the observations leave of the priors.

    Args:
        world: What the study's day knows.
        as_is: The scenario that is held against the past.
        lags: See `observed.lags_seen`.
        free: The scenario without rules: with it, what the effect rests on is worked out too (see `robust`).
        sampling: How many draws.
        progress: Called with a text and a fraction done.

    Raises:
        LeadtimeError: Nothing was observed, or too few draws are left (effective sample size under `LEAST`).
    """
    rows, seed = world.priors(), sampling.seed
    seen, inputs = observed(world, lags), world.inputs(as_is)
    parts: dict[str, list[Floats]] = {name: [] for name in seen.names}
    n_chunks = -(-sampling.prior_draws // parameters.CHUNK)
    for i in range(n_chunks):
        progress(f"prior draws, part {i + 1} of {n_chunks}", i / n_chunks)
        draws = parameters.chunk(rows, i, parameters.CHUNK, seed)
        for name, value in seen.said(simulate.run(draws, inputs, KEEP), draws, world).items():
            parts[name].append(value)
    said = {name: np.concatenate(found) for name, found in parts.items()}
    weight = weights(seen.misfit(said))
    effective = float(1 / np.sum(weight**2))
    if effective < LEAST:
        raise LeadtimeError(
            f"the observations leave only {effective:.0f} effective draws of {len(weight)}",
            where="calibrate",
            fix=(
                "Take more prior draws (--draws), or widen the priors that the checks show to be far from what was"
                " seen."
            ),
        )
    kept = _take(rows, _systematic(weight, sampling.size, seed), seed)
    found = Ensemble(
        draws={k: v.astype(np.float32).astype(float) for k, v in kept.items()},  # as `load` gives them back
        key=key_of(world),
        as_of=str(world.evidence.as_of),
        effective=effective,
        prior_draws=len(weight),
        checks=pl.DataFrame([_check(c, said, weight, seen) for c in seen.constraints]),
        lags=lags,
    )
    if free is None:
        return found
    effects = _effects(kept, inputs, world.inputs(free))
    return replace(
        found,
        robust=robust.table(world, as_is, free, seen, seed=seed, chunks=n_chunks),
        moved=moved.table(parameters.chunk(rows, 0, parameters.CHUNK, seed), kept, effects),
    )


def _effects(draws: dict[str, Floats], as_is: dict[str, Floats], free: dict[str, Floats]) -> dict[str, Floats]:
    a, b = (simulate.run(draws, x, ("lag_months",))["lag_months"].astype(float) for x in (as_is, free))
    return {q: a[i] - b[i] for q in robust.BY for i in (QUARTERS.index(q),)}


def weights(misfit: Floats) -> Floats:
    """Return weights that sum to 1 from half squared distances."""
    w = np.exp(-(misfit - misfit.min()))
    return np.asarray(w / w.sum())


def _systematic(weight: Floats, size: int, seed: int) -> np.ndarray:
    """Return `size` indices drawn in proportion to the weights, with the least noise, in random order."""
    rng = np.random.default_rng([seed, 41])
    points = (rng.random() + np.arange(size)) / size
    found = np.minimum(np.searchsorted(np.cumsum(weight), points), len(weight) - 1)
    return rng.permutation(found)


def _take(rows: pl.DataFrame, chosen: np.ndarray, seed: int) -> dict[str, Floats]:
    out = {name: np.empty(len(chosen)) for name in parameters.names(rows)}
    for i in np.unique(chosen // parameters.CHUNK):
        draws = parameters.chunk(rows, int(i), parameters.CHUNK, seed)
        here = chosen // parameters.CHUNK == i
        for name, values in draws.items():
            out[name][here] = values[chosen[here] % parameters.CHUNK]
    return out


def _check(c: Constraint, said: dict[str, Floats], weight: Floats, seen: Observed) -> dict[str, Any]:
    value = said[c.name]
    others = tuple(n for n in seen.names if n != c.name)
    without = weights(seen.only(others).misfit(said)) if others else np.full(len(weight), 1 / len(weight))
    low, high = c.ends()
    three = ("low", "median", "high")
    return {
        "constraint": c.name,
        "words": c.words,
        "observed": c.center,
        "observed_low": low,
        "observed_high": high,
        **{f"prior_{k}": float(v) for k, v in zip(three, np.quantile(value, [0.05, 0.5, 0.95]), strict=True)},
        **{f"posterior_{k}": v for k, v in zip(three, robust.quantiles(value, weight), strict=True)},
        "effective_without": float(1 / np.sum(without**2)),
        "source": c.source,
    }


def save(ensemble: Ensemble, file: IO[bytes]) -> None:
    """Write an ensemble into a file."""
    arrays: dict[str, Any] = {f"draw {k}": v.astype(np.float32) for k, v in ensemble.draws.items()}
    for name in ("checks", "robust", "moved"):
        arrays[name] = np.frombuffer(getattr(ensemble, name).write_json().encode(), dtype=np.uint8)
    if ensemble.lags is not None:
        arrays |= {
            "lag years": np.array(ensemble.lags.years),
            "lag center": ensemble.lags.center,
            "lag error": ensemble.lags.error,
            "lag quarters": np.array([" ".join(map(str, q)) for q in ensemble.lags.quarters]),
        }
    facts = np.array([ensemble.effective, float(ensemble.prior_draws)])
    np.savez_compressed(file, facts=facts, key=np.array(ensemble.key), as_of=np.array(ensemble.as_of), **arrays)


def load(path: Path = SHIPPED) -> Ensemble | None:
    """Return the ensemble of a file, or None when there is none that can be read."""
    import io

    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            held = dict(stored)
        lags = None
        if "lag years" in held:
            quarters = tuple(tuple(int(i) for i in text.split()) for text in held["lag quarters"])
            lags = LagsSeen(
                years=tuple(int(y) for y in held["lag years"]),
                quarters=quarters,
                center=held["lag center"],
                error=held["lag error"],
            )
        checks, dependence, learned = (
            pl.read_json(io.BytesIO(held[name].tobytes())) for name in ("checks", "robust", "moved")
        )
        return Ensemble(
            draws={k.removeprefix("draw "): v.astype(float) for k, v in held.items() if k.startswith("draw ")},
            key=str(held["key"]),
            as_of=str(held["as_of"]),
            effective=float(held["facts"][0]),
            prior_draws=int(held["facts"][1]),
            checks=checks,
            lags=lags,
            robust=dependence,
            moved=learned,
        )
    except (*cache.DAMAGED, IndexError, AttributeError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
