r"""Epoch AI's Capabilities Index (ECI): the published objective, minimized to its optimum and bootstrapped.

A model of ability $C_m$ scores $\sigma(a_b (C_m - D_b))$ on a benchmark of difficulty $D_b$ and discrimination $a_b$.
All parameters minimize half the squared error plus half a ridge, $\lambda \sum x^2 / n$, within bounds; one
benchmark's discrimination is fixed at 1, and two models fix the scale. Given the benchmarks, models are independent
of each other, so every Newton step eliminates all abilities and solves only for the 2B benchmark parameters.

References: epoch-research/eci-public (v0.2.0, `version="2026"`), epoch-research/benchmark-stitching (`version="2025"`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from leadtime.capability.arrow import (
    Floats,
    Version,
    evaluate,
    minimize,
    problem_of,
    published_stop,
    resampled,
)
from leadtime.capability.scores_file import checked
from leadtime.environment import one_thread
from leadtime.errors import LeadtimeError, unknown_name

Anchors = tuple[tuple[str, float], tuple[str, float]]

#: The two models that define the published scale.
ANCHORS: Anchors = (("Claude 3.5 Sonnet", 130.0), ("GPT-5", 150.0))
#: The benchmark whose discrimination is 1.
ANCHOR_BENCHMARK = "Winogrande"

_SAME_MODEL = {
    "claude-3-5-sonnet": ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-2024-06", "claude-3-5-sonnet-jun-2024"),
    "gpt-5": ("gpt-5-2025-08-07-high",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The map from ability to index: `index = intercept + slope * ability`.

    Args:
        intercept: Index of ability 0, ECI points.
        slope: ECI points per unit of ability (logits of the anchor benchmark), above 0.
    """

    intercept: float
    slope: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EciFit:
    """A fitted index.

    Args:
        models: Names, in the order of their first row.
        benchmarks: Names, in the order of their first row.
        ability: Shape (n_models,), logits of the anchor benchmark.
        difficulty: Shape (n_benchmarks,), on the scale of ability.
        discrimination: Shape (n_benchmarks,), 0.1 to 10; 1 for the anchor benchmark.
        scale: The map to ECI points; None when an anchor model is not in the table.
        objective: Half of (sum of squared errors + ridge).
        rmse: Root mean squared error of a score, 0-1.
        n_scores: How many (model, benchmark) pairs were fitted.
        anchors: The two models of the scale as this table names them, with their index.
        anchor_benchmark: The benchmark whose discrimination is 1.
        version: Which published variant.
        regularization: The ridge's lambda.
        translation: What was subtracted from abilities and difficulties after the fit (0 in the 2026 version).
        notes: What a reader should know of how the table was treated.
    """

    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    ability: Floats
    difficulty: Floats
    discrimination: Floats
    scale: Scale | None
    objective: float
    rmse: float
    n_scores: int
    anchors: Anchors
    anchor_benchmark: str
    version: Version
    regularization: float
    translation: float
    notes: tuple[str, ...]

    @property
    def eci(self) -> Floats:
        """Ability in ECI points, shape (n_models,)."""
        scale = self._known_scale()
        return scale.intercept + scale.slope * self.ability

    @property
    def edi(self) -> Floats:
        """Difficulty in ECI points, shape (n_benchmarks,)."""
        scale = self._known_scale()
        return scale.intercept + scale.slope * self.difficulty

    @property
    def discrimination_per_eci(self) -> Floats:
        """Discrimination per ECI point, shape (n_benchmarks,)."""
        return self.discrimination / self._known_scale().slope

    def _known_scale(self) -> Scale:
        if self.scale is None:
            (low, _), (high, _) = self.anchors
            fix = "Add their scores, or pass `anchors` that name two models of the table."
            raise LeadtimeError(f"the index needs the anchor models {low!r} and {high!r}", fix=fix)
        return self.scale


@dataclass(frozen=True, slots=True, kw_only=True)
class EciBootstrap:
    """Refits of one table with its rows resampled within each model.

    Args:
        abilities: Shape (draws, n_models), each draw on its own scale.
        difficulties: Shape (draws, n_benchmarks).
        discriminations: Shape (draws, n_benchmarks).
        eci: Shape (draws, n_models), ECI points by each draw's own anchors; None when the fit has no scale.
        edi: Shape (draws, n_benchmarks), likewise.
        models: Names, the columns of `abilities` and `eci`.
        benchmarks: Names, the columns of the benchmark arrays.
        anchors: The two models that have the same index in every draw.
        seed: Seed of the resampling.
    """

    abilities: Floats
    difficulties: Floats
    discriminations: Floats
    eci: Floats | None
    edi: Floats | None
    models: tuple[str, ...]
    benchmarks: tuple[str, ...]
    anchors: Anchors
    seed: int

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Return the ends of the central interval of ECI, each of shape (n_models,); NaN for the anchors.

        Args:
            level: Share of the draws between the ends, 0-1.
        """
        if self.eci is None:
            raise LeadtimeError("an index needs its anchor models in the table before it can have intervals")
        tail = (1.0 - level) / 2.0
        ends = np.quantile(self.eci, [tail, 1.0 - tail], axis=0)
        ends[:, [self.models.index(name) for name, _ in self.anchors]] = np.nan
        return ends[0], ends[1]


# ---------------------------------------------------------------- the public fit


def fit_eci(
    table: pl.DataFrame,
    *,
    version: Version = "2026",
    regularization: float = 0.1,
    anchors: Anchors = ANCHORS,
    anchor_benchmark: str = ANCHOR_BENCHMARK,
    stop: Literal["optimum", "published"] = "optimum",
) -> EciFit:
    """Return the index fitted to a table of scores.

    Args:
        table: One row per score, columns model, benchmark, performance (0-1), or Epoch's names for them. Of several
            scores of one pair the best counts, as in the published loader.
        version: `"2026"` (eci-public v0.2.0): scores are clipped to [0.001, 0.999]. `"2025"` (benchmark-stitching):
            no clipping, and the solution is translated so that the anchor benchmark has difficulty 0. Its rule that a
            discrimination equal to the anchor's is not penalized only matters on a set of measure zero.
        regularization: Lambda of the ridge, above 0.
        anchors: Two models and the index of each, ECI points. Without them in the table the fit has no scale.
        anchor_benchmark: The benchmark whose discrimination is 1; by default Winogrande or, without it in the table,
            the benchmark with the most models.
        stop: `"optimum"`: the minimum itself. `"published"`: where the published solver (scipy's `trf` at its default
            tolerances, from the published start) stops, a little before it: on the file of August 2026 by up to 0.2
            ECI for the weakest models, and 0.006 above 130. Slower; for comparison with published figures.

    Raises:
        LeadtimeError: For rows that cannot be used, an unknown anchor, or anchors that define no scale.

    Example:
        >>> table = pl.DataFrame({"model": ["x", "y"], "benchmark": ["q", "q"], "performance": [0.2, 0.8]})
        >>> fit = fit_eci(table, anchors=(("x", 130.0), ("y", 150.0)))
        >>> fit.eci.round(6).tolist()
        [130.0, 150.0]
    """
    if version not in ("2026", "2025"):
        raise LeadtimeError(f"there is no ECI version {version!r}", fix="Use '2026' or '2025'.")
    if not (np.isfinite(regularization) and regularization > 0.0):
        raise LeadtimeError(f"the regularization is {regularization}", fix="It must be a number above 0.")
    scores, notes = _best_of_pairs(checked(table.with_row_index("_row", 1), "scores"))
    models = tuple(scores["model"].unique(maintain_order=True))
    benchmarks = tuple(scores["benchmark"].unique(maintain_order=True))
    anchor, note = _anchor_benchmark(scores, benchmarks, anchor_benchmark)
    anchors, is_scaled, notes_of_anchors = _anchor_models(models, anchors)
    problem = problem_of(scores, models, benchmarks, anchor, version, regularization)
    with one_thread():  # the matrices are small: beside busy processes a second thread is waited for
        if stop == "published":
            start = published_stop(problem, version)
        else:
            start = minimize(problem, np.ones(problem.score.size), problem.neutral(), "the fit").parameters
    parts = problem.split(start)
    state = evaluate(problem, np.ones(problem.score.size), start)
    translation = float(parts.difficulty[problem.anchor]) if version == "2025" else 0.0
    ability = parts.ability - translation
    return EciFit(
        models=models,
        benchmarks=benchmarks,
        ability=ability,
        difficulty=parts.difficulty - translation,
        discrimination=parts.discrimination,
        scale=_scales(ability[None, :], models, anchors, "the fit")[0] if is_scaled else None,
        objective=state.objective,
        rmse=float(np.sqrt(np.mean(state.error**2))),
        n_scores=problem.score.size,
        anchors=anchors,
        anchor_benchmark=benchmarks[anchor],
        version=version,
        regularization=regularization,
        translation=translation,
        notes=tuple(n for n in (*notes, note, *notes_of_anchors) if n),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BothStops:
    """The index where the published solver stops, and at the minimum of the same objective.

    Args:
        published: The fit to compare with published figures.
        optimum: The minimum itself.
        note: One sentence: the objective at both, and how far the index moves between them.
    """

    published: EciFit
    optimum: EciFit
    note: str


def fit_both(table: pl.DataFrame, *, version: Version = "2026") -> BothStops:
    """Return the index at both stops; where the published solver does not converge, its fit is the minimum too.

    Args:
        table: As `fit_eci` needs it.
        version: As `fit_eci` needs it.

    Raises:
        LeadtimeError: As `fit_eci`.
    """
    optimum = fit_eci(table, version=version)
    try:
        published = fit_eci(table, version=version, stop="published")
    except LeadtimeError:
        note = "The published solver does not converge here, so this is the minimum."
        return BothStops(published=optimum, optimum=optimum, note=note)
    ends = f"{published.objective:.6f} where the published solver stops, and {optimum.objective:.6f} at its minimum"
    note = f"The objective is {ends}."
    if optimum.scale is not None:
        apart = np.abs(published.eci - optimum.eci)
        at = int(apart.argmax())
        note += f" Between the two the index moves by {apart[at]:.2f} points at most ({optimum.models[at]})."
    return BothStops(published=published, optimum=optimum, note=note)


def bootstrap_eci(
    fit: EciFit,
    table: pl.DataFrame,
    draws: int = 500,
    seed: int = 12345,
    progress: Callable[[int, int], None] | None = None,
) -> EciBootstrap:
    """Return refits of a table whose rows are resampled with replacement within each model.

    Every model keeps its number of scores; each refit starts at the fit and gets the scale of its own anchors. With
    the default seed the resampled rows are those of the published intervals, draw by draw.

    Args:
        fit: The central fit.
        table: The table it was fitted to, rows in the same order.
        draws: Number of refits, 1 or more.
        seed: Seed of numpy's default generator.
        progress: Called with (draws done, draws in all) after each.

    Raises:
        LeadtimeError: When the table is another one, or any draw has no minimum or no scale.
    """
    if draws < 1:
        raise LeadtimeError(f"{draws} draws were asked for", fix="Ask for 1 or more.")
    scores, _ = _best_of_pairs(checked(table.with_row_index("_row", 1), "scores"))
    if (set(scores["model"]), set(scores["benchmark"])) != (set(fit.models), set(fit.benchmarks)):
        raise LeadtimeError(
            "the table and the fit do not have the same models and benchmarks", fix="Pass the table that was fitted."
        )
    anchor = fit.benchmarks.index(fit.anchor_benchmark)
    problem = problem_of(scores, fit.models, fit.benchmarks, anchor, fit.version, fit.regularization)
    untranslated = (fit.ability + fit.translation, fit.difficulty + fit.translation, fit.discrimination)
    start = np.clip(np.concatenate(untranslated), *problem.bounds())
    found = np.empty((draws, start.size))
    with one_thread():
        for draw, weights in enumerate(resampled(problem, draws, seed)):
            found[draw] = minimize(problem, weights, start, f"bootstrap draw {draw}").parameters
            if progress is not None:
                progress(draw + 1, draws)
    n_models, n_benchmarks = len(fit.models), len(fit.benchmarks)
    ability, difficulty, discrimination = np.split(found, [n_models, n_models + n_benchmarks], axis=1)
    if fit.version == "2025":
        translation = difficulty[:, [anchor]]
        ability, difficulty = ability - translation, difficulty - translation
    eci = edi = None
    if fit.scale is not None:
        scales = _scales(ability, fit.models, fit.anchors, "bootstrap draw")
        slope = np.array([[scale.slope] for scale in scales])
        intercept = np.array([[scale.intercept] for scale in scales])
        eci, edi = intercept + slope * ability, intercept + slope * difficulty
    return EciBootstrap(
        abilities=ability,
        difficulties=difficulty,
        discriminations=discrimination,
        eci=eci,
        edi=edi,
        models=fit.models,
        benchmarks=fit.benchmarks,
        anchors=fit.anchors,
        seed=seed,
    )


def _best_of_pairs(scores: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    best = scores.group_by("model", "benchmark", maintain_order=True).agg(pl.col("performance").max())
    n_dropped = scores.height - best.height
    notes = []
    if n_dropped:
        notes.append(f"{n_dropped} scores are left out, since the same model has a better one on the same benchmark.")
    for key in ("model", "benchmark"):
        alike = best.group_by(pl.col(key).str.strip_chars().str.to_lowercase()).agg(pl.col(key).unique().alias("names"))
        for names in alike.filter(pl.col("names").list.len() > 1)["names"]:
            notes.append(f"{' and '.join(map(repr, sorted(names)))} differ only in case or spaces, and count as two.")
    return best, sorted(notes)


def _folded(name: str) -> str:
    return re.sub(r"[^0-9a-z]+", "-", name.casefold()).strip("-")


def _find(name: str, names: Sequence[str]) -> str | None:
    """Return the entry of `names` that is meant: the very name, then another spelling, then another name for it."""
    if name in names:
        return name
    folded = {_folded(known): known for known in reversed(names)}
    return next((folded[key] for key in (_folded(name), *_SAME_MODEL.get(_folded(name), ())) if key in folded), None)


def _anchor_benchmark(scores: pl.DataFrame, benchmarks: tuple[str, ...], wanted: str) -> tuple[int, str]:
    found = _find(wanted, benchmarks)
    if found is not None:
        return benchmarks.index(found), ""
    if wanted != ANCHOR_BENCHMARK:
        raise unknown_name("benchmark", wanted, benchmarks)
    counts = scores.group_by("benchmark").len().sort(["len", "benchmark"], descending=[True, False])
    most = str(counts["benchmark"][0])
    return benchmarks.index(
        most
    ), f"{wanted} is not in the table, so the discrimination of {most} is fixed at 1 instead."


def _anchor_models(models: tuple[str, ...], anchors: Anchors) -> tuple[Anchors, bool, list[str]]:
    (low, low_eci), (high, high_eci) = anchors
    found = _find(low, models), _find(high, models)
    missing = [name for name, known in zip((low, high), found, strict=True) if known is None]
    if missing and anchors != ANCHORS:
        raise unknown_name("model", missing[0], models)
    if missing:
        return anchors, False, [f"There is no scale in ECI points without {' and '.join(missing)} in the table."]
    return ((str(found[0]), low_eci), (str(found[1]), high_eci)), True, []


def _scales(ability: Floats, models: tuple[str, ...], anchors: Anchors, what: str) -> list[Scale]:
    """Return one scale per row of `ability`, shape (draws, n_models)."""
    (low, low_eci), (high, high_eci) = anchors
    low_ability, high_ability = ability[:, models.index(low)], ability[:, models.index(high)]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (high_eci - low_eci) / (high_ability - low_ability)
    bad = np.flatnonzero(~(np.isfinite(slope) & (slope > 0.0)))
    if bad.size:
        place = what if what == "the fit" else f"{what}{'s' * (bad.size > 1)} {', '.join(map(str, bad[:5]))}"
        fix = "Choose anchors that are further apart, or give them more scores."
        raise LeadtimeError(f"the anchors {low!r} and {high!r} are equal or in reverse order in {place}", fix=fix)
    return [Scale(intercept=float(low_eci - s * c), slope=float(s)) for s, c in zip(slope, low_ability, strict=True)]
