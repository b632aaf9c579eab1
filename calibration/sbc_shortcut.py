"""Models placed on a fit that did not see them: are their abilities where the draws say, and where a refit has them?

    python calibration/sbc_shortcut.py [--simulations N] [--jobs N]

Parameters come from the priors, scores from the likelihood, in cells that the built-in evidence has. A few models are
kept back: the shipped fit (NUTS, as in sbc_capability.py) sees all others, and those few are placed on it as a reader's
models are. Beside it, all are fitted together. In harder worlds the scores of the few scatter half as much again as
their tests' misfits say. A base of some forty models knows less of its benchmarks than the built-in one of hundreds, so
this is harder for the shortcut than its use.
"""

import functools
from dataclasses import replace

import numpy as np
import uniform
from record import Check, Run, Table, run_of
from sbc_capability import DRAWS, Sampler, pattern, scores_of, truth_of

from leadtime.capability.place import place
from leadtime.capability.result import Cells, Fit, Floats, Integers, Parameters
from leadtime.evidence import Evidence

QUESTION = "Are models that are placed on a fit where their draws say, and where a refit has them?"
#: Declared before any run.
LEAST_P = 0.05
COVERAGE = (0.85, 0.95)  # of 90 % intervals, in worlds as assumed
MOST_BEHIND = 0.05  # so much less may placed intervals hold than those of a refit, in harder worlds
MOST_APART = 0.25  # medians of the two, in half-widths of the refit's interval, on average
N_MODELS, N_BENCHMARKS, N_NEW = 44, 15, 4
SCATTER = 1.5
KINDS = ("as assumed", "harder")


def parted(cells: Cells, n_new: int) -> tuple[Cells, Integers]:
    """Return the cells of all but a few models, spread over the years, and the numbers of those few."""
    new = np.unique(np.linspace(1, len(cells.models) - 2, n_new).astype(int))
    keep = ~np.isin(cells.model, new)
    left = np.setdiff1d(np.arange(len(cells.models)), new)
    return (
        replace(
            cells,
            models=tuple(cells.models[i] for i in left),
            model=np.searchsorted(left, cells.model[keep]),
            benchmark=cells.benchmark[keep],
            z=cells.z[keep],
            n_reports=cells.n_reports[keep],
            years=cells.years[left],
            reports=cells.reports[keep],
        ),
        new,
    )


class World:
    """One pattern of cells, with a sampler for the base and one for all, each compiled once."""

    def __init__(self, cells: Cells, n_new: int) -> None:
        self.cells = cells
        base, self.new = parted(cells, n_new)
        self.base, self.all = Sampler(base), Sampler(cells)
        self.old = np.setdiff1d(np.arange(len(cells.models)), self.new)

    def found(self, seed: list[int], kind: str) -> dict[str, np.ndarray]:
        """Return, for the models that were kept back, ranks and intervals when placed and when all is fitted."""
        rng, cells = np.random.default_rng(seed), self.cells
        truth, _ = truth_of(cells, rng)
        z = self._scores(truth, kind, rng)
        keys = rng.integers(2**31, size=2)
        seen = ~np.isin(cells.model, self.new)
        posterior, mode, x, first = self.base.drawn(z[seen], int(keys[0]))
        base = Fit(
            cells=posterior.cells,
            draws=posterior.named(x),
            mode=posterior.named(mode),
            trend=posterior.trend(x),
            method="nuts",
        )
        no_effects = np.zeros((len(x), cells.reports.shape[1]))
        placed = place(base, replace(cells, z=z), no_effects, seed=seed[-1]).draws.theta
        posterior, _, x, second = self.all.drawn(z, int(keys[1]))
        truths = self._asked(truth.theta[None, :])[0]
        found = {"divergent": np.array([first + second])}
        for how, theta in (("placed", placed), ("refit", posterior.named(x).theta)):
            draws = self._asked(theta)
            found[f"{how} ranks"] = uniform.ranks_of(truths, draws)
            found[f"{how} quantiles"] = np.quantile(draws, [0.05, 0.5, 0.95], axis=0)
        return found | {"truth": truths}

    def _scores(self, truth: Parameters, kind: str, rng: np.random.Generator) -> Floats:
        z = scores_of(truth, self.cells, rng)
        if kind == "harder":
            wider = scores_of(replace(truth, misfit=SCATTER * truth.misfit), self.cells, rng)
            z = np.where(np.isin(self.cells.model, self.new), wider, z)
        return z

    def _asked(self, theta: Floats) -> Floats:
        """Return what is ranked: the abilities of the few, and how far each is from a model that the base saw."""
        beside = self.old[np.searchsorted(self.old, self.new) - 1]
        return np.concatenate([theta[..., self.new], theta[..., self.new] - theta[..., beside]], axis=-1)


@functools.cache
def _world(n_models: int, n_benchmarks: int, n_new: int) -> World:
    return World(pattern(Evidence.load(), n_models, n_benchmarks), n_new)


def simulate(task: tuple[int, int, str, int, int, int]) -> dict[str, np.ndarray]:
    """Return what one simulation found: seed, its number, kind of world, and the size of the pattern."""
    seed, i, kind, *size = task
    return _world(*size).found([seed, KINDS.index(kind), i], kind)


def held(found: list[dict[str, np.ndarray]], how: str) -> Floats:
    """Return the share of truths in 90 % intervals, for abilities and for differences, shape (2,)."""
    inside = [(f[f"{how} quantiles"][0] <= f["truth"]) & (f["truth"] <= f[f"{how} quantiles"][2]) for f in found]
    return np.asarray(np.mean(inside, axis=0).reshape(2, -1).mean(axis=1))


def beside(found: list[dict[str, np.ndarray]]) -> tuple[float, float]:
    """Return how far the two medians are apart in half-widths of the refit, and how wide placed intervals are by it."""
    placed, refit = (np.stack([f[f"{how} quantiles"] for f in found]) for how in ("placed", "refit"))
    width = refit[:, 2] - refit[:, 0]
    apart = np.abs(placed[:, 1] - refit[:, 1]) / (width / 2)
    return float(apart.mean()), float(((placed[:, 2] - placed[:, 0]) / width).mean())


def summarize(run: Run, found: dict[str, list[dict[str, np.ndarray]]], n_new: int) -> None:
    """Publish what the simulations show."""
    groups = {f"{g}: {i}": g for g in ("ability", "difference to a known model") for i in range(n_new)}
    ranks = np.stack([f["placed ranks"] for f in found["as assumed"]])
    p = {t.__name__: uniform.holm(np.array([t(r, DRAWS) for r in ranks.T])) for t in (uniform.band, uniform.chi_square)}
    coverage = {kind: {how: held(f, how) for how in ("placed", "refit")} for kind, f in found.items()}
    near = {kind: beside(f) for kind, f in found.items()}
    lost = float((coverage["harder"]["refit"] - coverage["harder"]["placed"]).max())
    rows = [
        (
            kind,
            how,
            len(found[kind]),
            *map(float, coverage[kind][how]),
            *((near[kind]) if how == "placed" else (None, None)),
        )
        for kind in KINDS
        for how in ("placed", "refit")
    ]
    divergent = sum(int(f["divergent"][0] > 0) for many in found.values() for f in many)
    ability, difference = map(float, coverage["as assumed"]["placed"])
    run.publish(
        checks=[
            Check(
                what="placed: least corrected p-value of the simultaneous band",
                value=float(p["band"].min()),
                low=LEAST_P,
            ),
            Check(
                what="placed: least corrected p-value of chi-square", value=float(p["chi_square"].min()), low=LEAST_P
            ),
            Check(what="as assumed: abilities in 90 % intervals", value=ability, low=COVERAGE[0], high=COVERAGE[1]),
            Check(what="as assumed: differences in them", value=difference, low=COVERAGE[0], high=COVERAGE[1]),
            Check(what="harder: fewer held than by a refit, at most", value=lost, high=MOST_BEHIND),
            Check(
                what="as assumed: medians apart, in half-widths of the refit",
                value=near["as assumed"][0],
                high=MOST_APART,
            ),
        ],
        tables=[
            Table(
                title="Models that were kept back, placed and fitted with all others",
                columns=(
                    "worlds",
                    "how",
                    "simulations",
                    "abilities in 90 %",
                    "differences in 90 %",
                    "medians apart, half-widths",
                    "width beside the refit",
                ),
                rows=rows,
            )
        ],
        notes=[
            f"{divergent} of {sum(map(len, found.values()))} simulations had a divergence; none was left out.",
            (
                f"{n_new} models kept back of {run.settings['models']}, {run.settings['benchmarks']} benchmarks;"
                f" {DRAWS} draws."
            ),
        ],
        chart=uniform.chart({n: ranks[:, j] for j, n in enumerate(groups)}, groups, DRAWS),
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the simulations and publish."""
    run = run_of("sbc_shortcut", QUESTION, simulations=60, quick=2, arguments=arguments)
    size = (10, 6, 2) if run.quick else (N_MODELS, N_BENCHMARKS, N_NEW)
    run.settings |= {"models": size[0], "benchmarks": size[1], "new": size[2], "draws": DRAWS, "scatter": SCATTER}
    tasks = [(run.seed, i, kind, *size) for i in range(run.simulations) for kind in KINDS]
    found = run.each(simulate, tasks, label="simulation")
    by_kind = {kind: [f for t, f in zip(tasks, found, strict=False) if t[2] == kind] for kind in KINDS}
    summarize(run, by_kind, size[2])


if __name__ == "__main__":
    main()
