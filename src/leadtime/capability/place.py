r"""Models placed on a fit that did not see them: their abilities, given what the fit says of the benchmarks.

Given the benchmarks' parameters and the trend, abilities are independent of each other. In draw $s$ of the fit the
ability of a model with cells $z_1, z_2, \dots$ therefore has a density in one dimension,

$$ p_s(\theta) \propto N\bigl(\theta;\ \rho_s t,\ s_{\theta,s}\bigr) \prod_b p(z_b - \delta_{b,s} \mid \theta, a_{b,s},
d_{b,s}, \tau_{b,s}), $$

with $\delta$ the effect of who reported, less its mean. It is worked out on a grid, and one ability is drawn from it.
What the new scores say of the benchmarks is left out: only a refit lets it in.
"""

import zlib
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl

from leadtime.capability.density import log_density
from leadtime.capability.result import Cells, Fit, Floats, Integers, Placed

#: Points of the grid, draws that say first where the density is, and how far below its top it may end (log).
_POINTS, _FIRST_DRAWS, _DEEP = 128, 64, 16.0
#: The first grid reaches so many spreads beyond what the trend expects.
_REACH = 8.0


def place(base: Fit, cells: Cells, deviation: Floats, *, seed: int) -> Fit:
    """Return a fit with models placed on it: those it did not see, and those it saw with other scores.

    Args:
        base: The fit.
        cells: All cells, with those of the fit, on its benchmarks in its order.
        deviation: Each draw's reporter effects less their mean, shape (draw, effect); the effects are those of `cells`.
        seed: Seed; a model's draws do not depend on the other models.
    """
    cells = replace(cells, years=_as_in(base.cells, cells))
    seen = {m: i for i, m in enumerate(base.cells.models)}
    theta, mode = np.empty((len(base.draws.theta), len(cells.models))), np.empty(len(cells.models))
    placed = []
    for i, model in enumerate(cells.models):
        which = np.flatnonzero(cells.model == i)
        if model in seen and _alike(base.cells, seen[model], cells, i, which):
            theta[:, i], mode[i] = base.draws.theta[:, seen[model]], base.mode.theta[seen[model]]
        else:
            placed.append(model)
            u = np.random.default_rng([seed, 19, zlib.crc32(model.encode())]).random(len(theta))
            theta[:, i] = ability(base, cells, which, float(cells.years[i]), deviation, u)
            mode[i] = np.median(theta[:, i])
    return replace(
        base,
        cells=cells,
        draws=replace(base.draws, theta=theta),
        mode=replace(base.mode, theta=mode),
        placed=Placed(
            models=tuple(placed), n_scores=int(np.isin(cells.model, np.searchsorted(cells.models, placed)).sum())
        ),
    )


def not_placed(found: Fit, rows: pl.DataFrame, before: pl.DataFrame) -> Fit:
    """Return a fit that says what could not be placed on it.

    Args:
        found: A fit with models placed on it.
        rows: All chosen rows of scores (see `cells.chosen`).
        before: Those of the evidence that the fit saw.
    """
    assert found.placed is not None
    new = rows.join(before, on=["model", "benchmark", "reporter"], how="anti")
    too_few = set(new["model"]) - set(found.cells.models)
    unused = new.filter(~pl.col("benchmark").is_in(found.cells.benchmarks)).height
    return replace(found, placed=replace(found.placed, too_few=tuple(sorted(too_few)), n_unused=unused))


def ability(base: Fit, cells: Cells, which: Integers, year: float, deviation: Floats, u: Floats) -> Floats:
    """Return one ability a draw of the fit, logits, shape (draw,).

    Args:
        base: The fit.
        cells: Cells on the fit's benchmarks.
        which: The cells of the model.
        year: Its release date as in `cells.years` of the fit.
        deviation: As in `place`.
        u: Uniform numbers, shape (draw,): which point of each density is taken.
    """
    expected, spread = base.trend.rate * year, base.trend.spread
    some = np.unique(np.linspace(0, len(u) - 1, _FIRST_DRAWS).astype(int))
    reach = _REACH * spread[some].max()
    grid = np.linspace(expected[some].min() - reach, expected[some].max() + reach, _POINTS)
    about = _About(cells, which, deviation, expected, spread)
    density = _density(base, about, some, grid)
    inside = np.flatnonzero((density > density.max(axis=1, keepdims=True) - _DEEP).any(axis=0))
    first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, _POINTS - 1)
    grid = np.linspace(grid[first], grid[last], _POINTS)
    density = _density(base, about, np.arange(len(u)), grid)
    return _drawn(np.exp(density - density.max(axis=1, keepdims=True)), grid, u)


class _About(NamedTuple):
    """What is known of one model: its cells, the deviation of each draw, and what its date lets expect."""

    cells: Cells
    which: Integers
    deviation: Floats
    expected: Floats
    spread: Floats


def _density(base: Fit, about: _About, draws: Integers, grid: Floats) -> Floats:
    """Return the log density of an ability at each point of a grid, shape (draw, point), up to a constant."""
    parameters = replace(
        base.draws,
        difficulty=base.draws.difficulty[draws],
        discrimination=base.draws.discrimination[draws],
        misfit=base.draws.misfit[draws],
    )
    expected, spread, deviation = about.expected[draws], about.spread[draws], about.deviation[draws]
    found = np.empty((len(draws), grid.size))
    for i, at in enumerate(grid):
        scores = log_density(about.cells, parameters, deviation, about.which, np.full((len(draws), 1), at))
        found[:, i] = scores.sum(axis=1) - 0.5 * ((at - expected) / spread) ** 2
    return found


def _drawn(density: Floats, grid: Floats, u: Floats) -> Floats:
    """Return where the distribution functions of densities on a grid, shape (draw, point), reach `u`."""
    mass = np.cumsum((density[:, 1:] + density[:, :-1]) / 2, axis=1)
    wanted = u * mass[:, -1]
    cell = np.minimum((mass < wanted[:, None]).sum(axis=1), mass.shape[1] - 1)
    row = np.arange(len(u))
    rest = wanted - np.where(cell > 0, mass[row, cell - 1], 0.0)
    left, right = density[row, cell], density[row, cell + 1]
    root = np.sqrt(np.maximum(left**2 + 2 * (right - left) * rest, 0.0))  # the density is linear between two points
    within = np.divide(2 * rest, left + root, out=np.zeros_like(rest), where=left + root > 0)
    found: Floats = grid[cell] + np.clip(within, 0.0, 1.0) * (grid[1] - grid[0])
    return found


def _as_in(base: Cells, cells: Cells) -> Floats:
    """Return the years of cells from the mean date of other cells, by the models that both have."""
    there = {m: y for m, y in zip(base.models, base.years, strict=True)}
    moved = [there[m] - y for m, y in zip(cells.models, cells.years, strict=True) if m in there]
    return cells.years + float(np.median(moved))


def _alike(base: Cells, i: int, cells: Cells, j: int, which: Integers) -> bool:
    """Return whether a model has the same scores and the same date in both."""
    before = np.flatnonzero(base.model == i)
    return (
        before.size == which.size
        and bool((base.benchmark[before] == cells.benchmark[which]).all())
        and np.allclose(base.z[before], cells.z[which], rtol=0, atol=1e-9)
        and bool((base.n_reports[before] == cells.n_reports[which]).all())
        and abs(base.years[i] - cells.years[j]) < 1e-6
    )
