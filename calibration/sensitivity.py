"""How far do the headlines move with other priors, and without each organization, benchmark and source?

    python calibration/sensitivity.py [--simulations N] [--jobs N]

All by `map`, so that hundreds of fits are affordable; `agreement` says how it compares with `nuts`. Other priors are
fitted again. Every organization, benchmark and source is left out to first order: with H the expected information at
the mode, the abilities move by the part of

    dx = - H^-1 sum_j grad log p(z_j | x)   over the cells j that go,   and by  H^-1 H_xz dz  where a report goes from a
    cell.

The N of each kind that move a headline most are then left out in earnest: scores removed, reporter effects and fit
anew.
"""

from dataclasses import replace

import jax
import numpy as np
import polars as pl
from record import Check, Run, Table, evidence_of, run_of

from leadtime.capability import cells as cells_of
from leadtime.capability.curvature import response
from leadtime.capability.fit import find_mode, fit
from leadtime.capability.layout import PRIORS, Priors
from leadtime.capability.model import Posterior
from leadtime.capability.normal import whitening
from leadtime.capability.result import Cells
from leadtime.capability.vendor import moved
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.evidence.age import HEADLINE_BENCHMARKS
from leadtime.lag.frontier import Worlds
from leadtime.lag.measure import measure
from leadtime.study import START, Study

QUESTION = "How far do the headlines move with other priors, or without an organization, a benchmark, a source?"
#: Declared before any run: no prior halved or doubled, and at most one benchmark or source in twenty and one
#: organization in ten, moves the median of a headline outside its 90 % interval.
MOST = {"prior": 0.0, "benchmark": 0.05, "source": 0.05, "organization": 0.10}
HEADLINES = ("daily mean", "trend gap, linear", "trend gap, latent", "DeepSeek-V3, age of equal")
_NAMES = ("daily_mean", "trend_gap_linear", "trend_gap_latent", "age_of_equal")
_SUBJECT = "deepseek-v3"
_START = float(START.toordinal())
_DRAWS = 500
Band = tuple[float, float, float]


def headlines(study: Study) -> list[Band | None]:
    """Return low, median and high of each headline, months; None where it cannot be computed."""
    out: list[Band | None] = []
    for name in _NAMES:
        try:
            e = study.lag(definition=name, model=_SUBJECT if name == "age_of_equal" else None)
            out.append((e.low, e.median, e.high))
        except LeadtimeError:
            out.append(None)
    return out


def other_priors() -> dict[str, Priors]:
    """Return the priors with one number of them halved or doubled, by what was done."""
    found = {}
    for factor, word in ((0.5, "halved"), (2.0, "doubled")):
        for name in ("rate", "difficulty", "misfit", "log_s_d", "log_s_theta", "log_s_a"):
            mean, sd = getattr(PRIORS, name)
            found[f"width of the prior of {name}, {word}"] = replace(PRIORS, **{name: (mean, factor * sd)})
        for name in ("log_s_d", "log_s_theta", "log_s_a"):
            mean, sd = getattr(PRIORS, name)
            found[f"{name.removeprefix('log_')} expected {word}"] = replace(
                PRIORS, **{name: (mean + np.log(factor), sd)}
            )
        found[f"pooling of misfits, {word}"] = replace(PRIORS, pooling=factor * PRIORS.pooling)
        found[f"dispersion items, {word}"] = replace(PRIORS, dispersion_items=factor * PRIORS.dispersion_items)
    return found


def with_prior(task: tuple[str, int, bool]) -> tuple[str, list[Band | None]]:
    """Return the headlines under another prior, by its name."""
    name, draws, quick = task
    study = Study(method="map", draws=draws, evidence=evidence_of(quick=quick))
    base, effects = study.fit(), study._effects
    fitted = fit(base.cells, method="map", draws=draws, seed=study.seed, priors=other_priors()[name])
    study.take(moved(fitted, effects.effect - effects.effect.mean(axis=0)), f"prior: {name}")
    return name, headlines(study)


def without(evidence: Evidence, kind: str, name: str) -> Evidence:
    """Return the evidence without a source, a benchmark, or an organization: its models and what it reported."""
    if kind == "source":
        return evidence.without(name)
    scores = evidence["scores"]
    if kind == "benchmark":
        kept = scores.filter(pl.col("benchmark") != name)
    else:
        own = evidence["models"].filter(pl.col("organization") == name)["id"]
        kept = scores.filter(~pl.col("model").is_in(own.to_list()), pl.col("evaluator") != name)
    return replace(evidence, tables=evidence.tables | {"scores": kept})


def left_out(task: tuple[str, str, int, bool]) -> tuple[str, str, list[Band | None]]:
    """Return the headlines without one thing, everything fitted anew."""
    kind, name, draws, quick = task
    study = Study(method="map", draws=draws, evidence=without(evidence_of(quick=quick), kind, name))
    return kind, name, headlines(study)


class FirstOrder:
    """The built-in fit, and how its abilities move when cells go or change."""

    def __init__(self, study: Study) -> None:
        self.study, self.fit, self.worlds = study, study.fit(), study.worlds()
        self.cells = self.fit.cells
        posterior, mode = find_mode(Posterior(self.cells))
        whiten = whitening(posterior, mode)
        slopes = np.asarray(jax.jit(jax.jacfwd(lambda x: posterior.log_likelihood(x, self.cells.z)))(mode))
        n = len(self.cells.models)
        self.gone = -(slopes @ whiten) @ whiten[:n].T
        self.changed = response(posterior, mode, whiten[:n] @ whiten.T)
        self.sides = study.mask("CHN"), study.mask("USA")
        self.key = {(m, b): j for j, (m, b) in enumerate(zip(self.cells.model, self.cells.benchmark, strict=True))}

    def move(self, less: Cells) -> np.ndarray:
        """Return by how much each ability moves, shape (model,)."""
        at_model = {m: i for i, m in enumerate(self.cells.models)}
        at_benchmark = {b: i for i, b in enumerate(self.cells.benchmarks)}
        there = np.zeros(len(self.cells.z), dtype=bool)
        dz = np.zeros(len(self.cells.z))
        for m, b, z in zip(less.model, less.benchmark, less.z, strict=True):
            j = self.key.get((at_model[less.models[m]], at_benchmark[less.benchmarks[b]]))
            if j is not None:
                there[j], dz[j] = True, z - self.cells.z[j]
        return self.gone[~there].sum(axis=0) + self.changed @ dz

    def medians(self, less: Cells) -> list[float | None]:
        """Return the median of each headline, the latent one aside, without what `less` lacks."""
        w = self.worlds
        moved = Worlds(
            models=w.models, ability=w.ability + self.move(less), day=w.day, as_of=w.as_of, scale_points=w.scale_points
        )
        count = dict(zip(less.models, np.bincount(less.model), strict=True))
        enough = np.array([count.get(m, 0) >= HEADLINE_BENCHMARKS for m in w.models])
        china, usa = (side & enough for side in self.sides)
        out: list[float | None] = []
        for name in _NAMES:
            v3 = w.models.index(_SUBJECT)
            if name == "trend_gap_latent" or (name == "age_of_equal" and not enough[v3]):
                out.append(None)
                continue
            subject = v3 if name == "age_of_equal" else china
            rng = np.random.default_rng([self.study.seed, 11])
            found = measure(name, moved, subject, usa, start=_START, rng=rng, latent=lambda mask: None)  # type: ignore[arg-type,return-value]
            out.append(float(np.nanmedian(found.months)))
        return out


def screened(run: Run, study: Study) -> list[tuple[str, str, list[float | None]]]:
    """Return the headlines to first order without each organization, benchmark and source, those of most
    scores first.
    """
    first, e = FirstOrder(study), study.evidence
    used = e["scores"].filter(
        pl.col("model").is_in(list(first.cells.models)), pl.col("benchmark").is_in(list(first.cells.benchmarks))
    )
    owned = used.join(e["models"].select("organization", model="id"), on="model")
    sizes = [
        (n, kind, name)
        for kind in ("organization", "benchmark", "source")
        for name, n in owned.group_by(kind).len().sort("len", kind, descending=[True, False]).iter_rows()
    ]
    tasks = [(kind, name) for _, kind, name in sorted(sizes, key=lambda s: -s[0])]

    def left(task: tuple[str, str]) -> tuple[str, str, list[float | None]]:
        less = without(e, *task)
        rows = cells_of.chosen(less["scores"], less["benchmarks"], which="all", effort="best")
        return *task, first.medians(cells_of.build(rows, less["models"], study._effects))

    return replace(run, jobs=1).each(left, tasks[: 9 if run.quick else None], label="to first order")


def largest(found: list[tuple[str, str, list[float | None]]], base: list[Band], kind: str, n: int) -> list[str]:
    """Return the names of a kind that move a headline most, in half-widths of its interval."""

    def far(values: list[float | None]) -> float:
        return max(
            abs(v - b[1]) / max((b[2] - b[0]) / 2, 0.1) for v, b in zip(values, base, strict=True) if v is not None
        )

    mine = [(far(values), name) for k, name, values in found if k == kind]
    return [name for _, name in sorted(mine, reverse=True)[:n]]


def outside(value: float | None, band: Band) -> bool | None:
    """Return whether a median lies outside an interval; None where there is none."""
    return None if value is None else not band[0] - 1e-9 <= value <= band[2] + 1e-9


def summarize(run: Run, base: list[Band], priors: list, first: list, exact: list) -> None:
    """Publish the moves."""
    checks, shares, rows = [], [], []
    moved = [("prior", n, [None if b is None else b[1] for b in bands]) for n, bands in priors] + first
    for kind, most in MOST.items():
        some = [values for k, _, values in moved if k == kind]
        for j, headline in enumerate(HEADLINES):
            out = [o for v in some if (o := outside(v[j], base[j])) is not None]
            if out:
                move = [v[j] - base[j][1] for v in some if v[j] is not None]
                shares.append(
                    (kind, headline, len(out), sum(out), float(np.mean(out)), float(min(move)), float(max(move)))
                )
                checks.append(
                    Check(
                        what=f"{headline}: share of {len(out)} {kind}s that move its median outside its interval",
                        value=float(np.mean(out)),
                        high=most,
                    )
                )
    for name, bands in priors:
        rows.append((name, *(_shown(b, base[j]) for j, b in enumerate(bands))))
    order = sorted(priors, key=lambda p: -max(abs(b[1] - c[1]) for b, c in zip(p[1], base, strict=True) if b))
    rows = [r for name, _ in order for r in rows if r[0] == name]
    approximate = {(k, n): v for k, n, v in first}
    left, errors = [], []
    for kind, name, bands in exact:
        rough = approximate[kind, name]
        errors += [abs(b[1] - r) for b, r in zip(bands, rough, strict=True) if b is not None and r is not None]
        left.append((kind, name, *(_shown(b, base[j], rough[j]) for j, b in enumerate(bands))))
    run.publish(
        checks=checks,
        tables=[
            Table(
                title="The headlines by map, months",
                columns=("headline", "low", "median", "high"),
                rows=[(h, *b) for h, b in zip(HEADLINES, base, strict=True)],
            ),
            Table(
                title="How often, and how far",
                columns=("other", "headline", "tried", "outside the interval", "share", "least move (months)", "most"),
                rows=shares,
            ),
            Table(
                title="Other priors: medians in months, largest moves first", columns=("prior", *HEADLINES), rows=rows
            ),
            Table(
                title="Left out in earnest: medians in months (to first order)",
                columns=("kind", "without", *HEADLINES),
                rows=left,
            ),
        ],
        notes=[
            "A star marks a median outside the interval of the headline.",
            (
                f"To first order, the medians of these are wrong by {np.mean(errors):.2f} months on average,"
                f" {np.max(errors):.2f} at most."
                if errors
                else ""
            ),
        ],
    )


def _shown(band: Band | None, base: Band, rough: float | None = None) -> str:
    if band is None:
        return "-"
    star = "*" if outside(band[1], base) else ""
    return f"{band[1]:.2f}{star}" + ("" if rough is None else f" ({rough:.2f})")


def main(arguments: list[str] | None = None) -> None:
    """Vary and publish."""
    run = run_of("sensitivity", QUESTION, simulations=12, quick=1, arguments=arguments)
    draws = 60 if run.quick else _DRAWS
    run.settings |= {"method": "map", "draws": draws, "left out in earnest, of each kind": run.simulations}
    study = Study(method="map", draws=draws, evidence=run.evidence)
    base = [b for b in headlines(study) if b is not None]
    first = screened(run, study)
    names = list(other_priors())[: 1 if run.quick else None]
    priors = run.each(with_prior, [(n, draws, run.quick) for n in names], label="prior")
    kinds = dict.fromkeys(k for k, _, _ in first)
    if run.quick:
        kinds = list(kinds)[:1]
    tasks = [(k, n, draws, run.quick) for k in kinds for n in largest(first, base, k, run.simulations)]
    exact = run.each(left_out, tasks, label="left out")
    summarize(run, base, priors, first, exact)


if __name__ == "__main__":
    main()
