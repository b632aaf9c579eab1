r"""Epoch AI's Capabilities Index (ECI): the published objective, minimized to its optimum and bootstrapped.

A model of ability $C_m$ scores $\sigma(a_b (C_m - D_b))$ on a benchmark of difficulty $D_b$ and discrimination $a_b$.
All parameters minimize half the squared error plus half a ridge, $\lambda \sum x^2 / n$, within bounds; one
benchmark's discrimination is fixed at 1, and two models fix the scale. Given the benchmarks, models are independent
of each other, so every Newton step eliminates all abilities and solves only for the 2B benchmark parameters.

References: epoch-research/eci-public (v0.2.0, `version="2026"`), epoch-research/benchmark-stitching (`version="2025"`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpotrf, dpotrs
from scipy.optimize import least_squares
from scipy.sparse import coo_matrix

from leadtime.errors import LeadtimeError, nearest, unknown_name

Version = Literal["2026", "2025"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Anchors = tuple[tuple[str, float], tuple[str, float]]

#: The two models that define the published scale.
ANCHORS: Anchors = (("Claude 3.5 Sonnet", 130.0), ("GPT-5", 150.0))
#: The benchmark whose discrimination is 1.
ANCHOR_BENCHMARK = "Winogrande"

_LIMIT = 10.0  # |ability|, |difficulty| and discrimination end here
_LEAST_DISCRIMINATION = 0.1
_CLIP = 1e-3  # the 2026 version moves scores this far away from 0 and 1
_GRADIENT_TOLERANCE = 1e-10
_MAX_ITERATIONS = 1000
_COLUMNS = {
    "model": ("model", "model_version", "Model", "model_id"),
    "benchmark": ("benchmark", "benchmark_id"),
    "performance": ("performance", "score"),
}
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
            raise LeadtimeError(f"no index without the anchor models {low!r} and {high!r}", fix=fix)
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
            raise LeadtimeError("no intervals of an index whose anchor models are not in the table")
        tail = (1.0 - level) / 2.0
        ends = np.quantile(self.eci, [tail, 1.0 - tail], axis=0)
        ends[:, [self.models.index(name) for name, _ in self.anchors]] = np.nan
        return ends[0], ends[1]


# ---------------------------------------------------------------- tables


def read_scores(path: Path | str) -> pl.DataFrame:
    """Return a long table of scores: columns model, benchmark (text) and performance (0-1), checked.

    Args:
        path: A CSV (UTF-8) or Parquet file with these columns, or Epoch's names for them; other columns are left out.

    Raises:
        LeadtimeError: For a file that cannot be read, a missing column, or rows that cannot be used (the first five).
    """
    path = Path(path)
    where = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        fix = "Give the path of a CSV or Parquet file."
        raise LeadtimeError(f"cannot be read ({error.strerror})", where=where, fix=fix) from None
    if not content.strip():
        raise LeadtimeError("the file is empty", where=where, fix=_expected())
    try:
        if content[:4] == b"PAR1":
            return _checked(pl.read_parquet(path), where, first_row=1)
        return _checked(pl.read_csv(_text(content, where).encode(), infer_schema=False), where, first_row=2)
    except pl.exceptions.PolarsError as error:
        first = str(error).strip().splitlines()[0]
        raise LeadtimeError(f"not a regular table ({first})", where=where, fix=_expected()) from None


def _text(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte {error.object[error.start]:#04x} is not UTF-8"
        raise LeadtimeError(what, where=f"{where}, row {line}", fix="Save the file as CSV UTF-8.") from None


def _expected() -> str:
    return "Expected: columns model, benchmark, performance (0 to 1), one row per score."


def _checked(table: pl.DataFrame, where: str, first_row: int) -> pl.DataFrame:
    found = {wanted: _column(table, wanted, where) for wanted in _COLUMNS}
    if table.is_empty():
        raise LeadtimeError("there are no rows", where=where, fix=_expected())
    performance = pl.col(found["performance"])
    raw = performance.cast(pl.String).str.strip_chars().alias("raw")
    names = [pl.col(found[key]).cast(pl.String).alias(key) for key in ("model", "benchmark")]
    number = raw.cast(pl.Float64, strict=False) if table[found["performance"]].dtype == pl.String else performance
    checked = table.select(*names, raw, number.cast(pl.Float64).alias("performance")).with_row_index("row", first_row)
    is_fraction = pl.col("performance").is_between(0.0, 1.0).fill_null(False)
    is_named = pl.all_horizontal(pl.col("model", "benchmark").fill_null("").str.strip_chars() != "")
    wrong = checked.filter(~(is_fraction & is_named))
    if wrong.height:
        raise _row_errors(wrong, found, where)
    return checked.select("model", "benchmark", "performance")


def _column(table: pl.DataFrame, wanted: str, where: str) -> str:
    for name in _COLUMNS[wanted]:
        if name in table.columns:
            return name
    close = nearest(wanted, table.columns) or table.columns
    fix = f"Name it {' or '.join(_COLUMNS[wanted])}; the nearest columns are {', '.join(map(repr, close[:4]))}."
    raise LeadtimeError(f"no column {wanted!r}", where=where, fix=fix)


def _row_errors(wrong: pl.DataFrame, found: dict[str, str], where: str) -> LeadtimeError:
    lines = []
    for row in wrong.head(5).iter_rows(named=True):
        place = f"row {row['row']}, column "
        for key in ("model", "benchmark"):
            if not (row[key] or "").strip():
                lines.append(f"{place}{found[key]!r}: the name is missing")
        if not (row["performance"] is not None and 0.0 <= row["performance"] <= 1.0):
            lines.append(f"{place}{found['performance']!r}: {_score_problem(row['raw'], row['performance'])}")
    more = f"\n  and {wrong.height - 5} more rows" if wrong.height > 5 else ""
    what = f"{wrong.height} row{'s' * (wrong.height > 1)} cannot be used:\n  " + "\n  ".join(lines[:5]) + more
    return LeadtimeError(what, where=where, fix="Correct or remove them; a score is a number from 0 to 1.")


def _score_problem(raw: str | None, value: float | None) -> str:
    if not raw:
        return "the score is missing"
    if value is None or not np.isfinite(value):
        return f"{raw!r} is not a number"
    hint = f"; if it is in percent, write {value / 100:g}" if 1.0 < value <= 100.0 else ""
    return f"{raw} is not between 0 and 1{hint}"


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
    scores, notes = _best_of_pairs(_checked(table, "scores", first_row=1))
    models = tuple(scores["model"].unique(maintain_order=True))
    benchmarks = tuple(scores["benchmark"].unique(maintain_order=True))
    anchor, note = _anchor_benchmark(scores, benchmarks, anchor_benchmark)
    anchors, is_scaled, notes_of_anchors = _anchor_models(models, anchors)
    problem = _problem(scores, models, benchmarks, anchor, version, regularization)
    if stop == "published":
        start = _published_stop(problem, version)
    else:
        start = _minimum(problem, np.ones(problem.score.size), problem.neutral(), "the fit").parameters
    parts = problem.split(start)
    state = _evaluate(problem, np.ones(problem.score.size), start)
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
    scores, _ = _best_of_pairs(_checked(table, "scores", first_row=1))
    if (set(scores["model"]), set(scores["benchmark"])) != (set(fit.models), set(fit.benchmarks)):
        raise LeadtimeError("the table has other models or benchmarks than the fit", fix="Pass the fitted table.")
    anchor = fit.benchmarks.index(fit.anchor_benchmark)
    problem = _problem(scores, fit.models, fit.benchmarks, anchor, fit.version, fit.regularization)
    untranslated = (fit.ability + fit.translation, fit.difficulty + fit.translation, fit.discrimination)
    start = np.clip(np.concatenate(untranslated), *problem.bounds())
    found = np.empty((draws, start.size))
    for draw, weights in enumerate(_resampled(problem, draws, seed)):
        found[draw] = _minimum(problem, weights, start, f"bootstrap draw {draw}").parameters
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
        notes.append(f"{n_dropped} scores left out: a better one of the same model on the same benchmark is there.")
    for key in ("model", "benchmark"):
        alike = best.group_by(pl.col(key).str.strip_chars().str.to_lowercase()).agg(pl.col(key).unique().alias("names"))
        for names in alike.filter(pl.col("names").list.len() > 1)["names"]:
            notes.append(f"{' and '.join(map(repr, sorted(names)))} differ only in case or spaces: kept as two.")
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
    return benchmarks.index(most), f"{wanted} is not in the table: the discrimination of {most} is fixed at 1 instead."


def _anchor_models(models: tuple[str, ...], anchors: Anchors) -> tuple[Anchors, bool, list[str]]:
    (low, low_eci), (high, high_eci) = anchors
    found = _find(low, models), _find(high, models)
    missing = [name for name, known in zip((low, high), found, strict=True) if known is None]
    if missing and anchors != ANCHORS:
        raise unknown_name("model", missing[0], models)
    if missing:
        return anchors, False, [f"No scale in ECI points: {' and '.join(missing)} not in the table."]
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


# ---------------------------------------------------------------- the minimization


class _Parts(NamedTuple):
    ability: Floats
    difficulty: Floats
    discrimination: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """Scores by index, each (model, benchmark) pair once; parameters are one vector [ability, difficulty, slope]."""

    model: Integers
    benchmark: Integers
    score: Floats
    n_models: int
    n_benchmarks: int
    anchor: int
    regularization: float

    @property
    def n_free(self) -> int:
        return self.n_models + 2 * self.n_benchmarks - 1

    @property
    def ridge(self) -> float:
        return self.regularization / self.n_free

    def split(self, parameters: Floats) -> _Parts:
        return _Parts(*np.split(parameters, [self.n_models, self.n_models + self.n_benchmarks]))

    def neutral(self) -> Floats:
        return np.repeat([0.0, 1.0], [self.n_models + self.n_benchmarks, self.n_benchmarks])

    def bounds(self) -> tuple[Floats, Floats]:
        lower = np.repeat([-_LIMIT, _LEAST_DISCRIMINATION], [self.n_models + self.n_benchmarks, self.n_benchmarks])
        return lower, np.full(lower.size, _LIMIT)

    def is_free(self) -> NDArray[np.bool_]:
        free = np.ones(self.n_models + 2 * self.n_benchmarks, dtype=bool)
        free[self.n_models + self.n_benchmarks + self.anchor] = False
        return free


class _State(NamedTuple):
    """Objective and, per row, what its derivatives need, at one parameter vector."""

    objective: float
    gap: Floats  # ability - difficulty
    slope: Floats
    predicted: Floats
    error: Floats


class _Minimum(NamedTuple):
    parameters: Floats
    objective: float
    gradient_norm: float
    n_iterations: int


def _problem(
    scores: pl.DataFrame,
    models: tuple[str, ...],
    benchmarks: tuple[str, ...],
    anchor: int,
    version: Version,
    regularization: float,
) -> _Problem:
    performance = scores["performance"].to_numpy()
    return _Problem(
        model=_positions(scores["model"], models),
        benchmark=_positions(scores["benchmark"], benchmarks),
        score=np.clip(performance, _CLIP, 1.0 - _CLIP) if version == "2026" else performance,
        n_models=len(models),
        n_benchmarks=len(benchmarks),
        anchor=anchor,
        regularization=regularization,
    )


def _positions(column: pl.Series, names: tuple[str, ...]) -> Integers:
    position = {name: i for i, name in enumerate(names)}
    return np.array([position[name] for name in column], dtype=np.int64)


def _evaluate(problem: _Problem, weights: Floats, parameters: Floats) -> _State:
    ability, difficulty, discrimination = problem.split(parameters)
    gap = ability[problem.model] - difficulty[problem.benchmark]
    slope = discrimination[problem.benchmark]
    predicted = 1.0 / (1.0 + np.exp(-slope * gap))
    error = predicted - problem.score
    # The anchor's discrimination is not a parameter, so it is not penalized.
    penalty = problem.ridge * (parameters @ parameters - discrimination[problem.anchor] ** 2)
    return _State(float(0.5 * (weights @ (error * error) + penalty)), gap, slope, predicted, error)


def _gradient(problem: _Problem, weights: Floats, parameters: Floats, state: _State) -> Floats:
    per_logit = weights * state.error * state.predicted * (1.0 - state.predicted)
    per_ability = per_logit * state.slope
    by_model = np.bincount(problem.model, per_ability, problem.n_models)
    by_benchmark = np.bincount(problem.benchmark, per_ability, problem.n_benchmarks)
    by_slope = np.bincount(problem.benchmark, per_logit * state.gap, problem.n_benchmarks)
    gradient: Floats = np.concatenate([by_model, -by_benchmark, by_slope]) + problem.ridge * parameters
    return gradient


def _step(
    problem: _Problem,
    weights: Floats,
    state: _State,
    gradient: Floats,
    fixed: NDArray[np.bool_],
    damping: float,
    is_exact: bool,
) -> Floats | None:
    """Return the damped Newton (or, if not exact, Gauss-Newton) step; None when its matrix is not positive definite.

    The matrix is an arrow: diagonal in the abilities. Eliminating them leaves a dense system in the benchmarks'
    parameters. Parameters that are held (at a bound, or the anchor's slope) become rows of the unit matrix.
    """
    n_models, n_benchmarks = problem.n_models, problem.n_benchmarks
    change = state.predicted * (1.0 - state.predicted)
    positive = weights * change * change
    curvature, bend = positive, np.zeros_like(change)
    if is_exact:
        bend = weights * state.error * change
        curvature = curvature + bend * (1.0 - 2.0 * state.predicted)
    bend = bend + curvature * state.slope * state.gap
    per_ability = curvature * state.slope**2
    # Damping adds multiples of Gauss-Newton's diagonal, which is never negative.
    stiffness = per_ability + damping * positive * state.slope**2
    ridge = problem.ridge * (1.0 + damping)
    pivots = np.bincount(problem.model, stiffness, n_models) + ridge
    pivots[fixed[:n_models]] = 1.0
    if pivots.min() <= 0.0:
        return None
    root = 1.0 / np.sqrt(pivots)

    # Rows of models by columns of benchmarks, divided by the root of the pivot: the arrow's shaft.
    shaft = np.zeros((n_models, 2 * n_benchmarks))
    cells = problem.model * (2 * n_benchmarks) + problem.benchmark
    shaft.ravel()[cells] = -per_ability
    shaft.ravel()[cells + n_benchmarks] = bend
    shaft *= np.where(fixed[:n_models], 0.0, root)[:, None]
    held = fixed[n_models:]
    shaft[:, held] = 0.0

    by_difficulty = np.bincount(problem.benchmark, stiffness, n_benchmarks)
    by_slope = np.bincount(problem.benchmark, (curvature + damping * positive) * state.gap**2, n_benchmarks)
    across = -np.bincount(problem.benchmark, bend, n_benchmarks)
    diagonal = np.concatenate([by_difficulty, by_slope]) + ridge
    block = np.zeros((2 * n_benchmarks, 2 * n_benchmarks), order="F")
    np.fill_diagonal(block, np.where(held, 1.0, diagonal))
    low = np.arange(n_benchmarks)
    block[low + n_benchmarks, low] = np.where(held[:n_benchmarks] | held[n_benchmarks:], 0.0, across)
    block = dsyrk(-1.0, shaft.T, beta=1.0, c=block, lower=1, overwrite_c=1)
    factor, failure = dpotrf(block, lower=1, clean=0, overwrite_a=1)
    if failure:
        return None
    scaled = gradient[:n_models] * root
    benchmark_step, _ = dpotrs(factor, scaled @ shaft - gradient[n_models:], lower=1)
    model_step = -(scaled + shaft @ benchmark_step) * root
    return np.where(fixed, 0.0, np.concatenate([model_step, benchmark_step]))


def _minimum(problem: _Problem, weights: Floats, start: Floats, what: str) -> _Minimum:
    """Return the minimum for given row weights: projected Newton with an active set, damped until it descends.

    Args:
        problem: The scores.
        weights: Shape (n_scores,), how often each row counts; 0 leaves it out.
        start: Where to begin, within the bounds.
        what: What is being fitted, for the error.
    """
    counted = weights > 0.0
    if not counted.all():
        problem = replace(
            problem,
            model=problem.model[counted],
            benchmark=problem.benchmark[counted],
            score=problem.score[counted],
        )
        weights = weights[counted]
    lower, upper = problem.bounds()
    is_anchor = ~problem.is_free()
    parameters, state, damping = start, _evaluate(problem, weights, start), 0.0
    for iteration in range(_MAX_ITERATIONS):
        gradient = _gradient(problem, weights, parameters, state)
        fixed = is_anchor | ((parameters <= lower) & (gradient > 0.0)) | ((parameters >= upper) & (gradient < 0.0))
        gradient[fixed] = 0.0
        norm = float(np.abs(gradient).max())
        if norm < _GRADIENT_TOLERANCE:
            return _Minimum(parameters, state.objective, norm, iteration)
        rounding = 1e-14 * (1.0 + state.objective)
        is_exact = True
        while damping < 1e12:
            step = _step(problem, weights, state, gradient, fixed, damping, is_exact)
            if step is None:
                # Gauss-Newton's matrix is positive definite; should rounding spoil that, damping restores it.
                damping, is_exact = (damping, False) if is_exact else (max(10.0 * damping, 1e-3), False)
                continue
            tried = np.clip(parameters + step, lower, upper)
            new = _evaluate(problem, weights, tried)
            promised = float(gradient @ (parameters - tried))
            if new.objective <= state.objective - 1e-4 * promised + (rounding if promised < 1e3 * rounding else 0.0):
                break
            damping = max(10.0 * damping, 1e-3)
        else:
            break
        parameters, state = tried, new
        damping = damping / 10.0 if damping > 1e-3 else 0.0
    fix = "Look for models or benchmarks with very few scores, or raise the regularization."
    raise LeadtimeError(f"{what} did not converge", fix=fix)


def _resampled(problem: _Problem, draws: int, seed: int) -> Any:
    """Yield one array of row weights per draw: how often each row was taken when each model's rows are resampled.

    One call with a bound per row consumes the generator exactly as `rng.choice(rows, rows.size)` model by model does.
    """
    rng = np.random.default_rng(seed)
    by_model = np.argsort(problem.model, kind="stable")
    counts = np.bincount(problem.model, minlength=problem.n_models)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    n_rows_of_model = np.repeat(counts, counts)
    for _ in range(draws):
        taken = by_model[first + rng.integers(0, n_rows_of_model)]
        yield np.bincount(taken, minlength=problem.score.size).astype(np.float64)


# ---------------------------------------------------------------- the published solver


def _published_stop(problem: _Problem, version: Version) -> Floats:
    """Return the parameters at which scipy's `trf` stops, set up as in the published code.

    2026: analytic sparse Jacobian; 2025: two-point Jacobian, and a slope that equals the anchor's is not penalized.
    """
    free = problem.is_free()
    n_scores, n_located = problem.score.size, problem.n_models + problem.n_benchmarks
    full = problem.neutral()

    def whole(x: Floats) -> Floats:
        parameters = full.copy()
        parameters[free] = x
        return parameters

    # `trf` with `lsmr` amplifies rounding, so the order of operations here is the published one.
    def penalty(x: Floats) -> float:
        counted = np.append(x[:n_located], x[n_located:][x[n_located:] != 1.0]) if version == "2025" else x
        return float(np.sqrt(problem.regularization * np.sum(counted**2) / problem.n_free))

    def residuals(x: Floats) -> Floats:
        return np.append(_evaluate(problem, np.ones(n_scores), whole(x)).error, penalty(x))

    has_slope = problem.benchmark != problem.anchor
    row = np.arange(n_scores)
    rows = np.concatenate([row, row, row[has_slope], np.full(problem.n_free, n_scores)])
    column_of_slope = n_located + problem.benchmark - (problem.benchmark > problem.anchor)
    located = [problem.model, problem.n_models + problem.benchmark]
    columns = np.concatenate([*located, column_of_slope[has_slope], np.arange(problem.n_free)])

    def jacobian(x: Floats) -> Any:
        state = _evaluate(problem, np.ones(n_scores), whole(x))
        change = state.predicted * (1.0 - state.predicted)
        of_penalty = problem.regularization / (problem.n_free * penalty(x)) * x
        values = [change * state.slope, -change * state.slope, (change * state.gap)[has_slope], of_penalty]
        return coo_matrix((np.concatenate(values), (rows, columns)), shape=(n_scores + 1, problem.n_free)).tocsr()

    normal = np.random.default_rng(42).normal if version == "2026" else np.random.RandomState(42).normal
    start = np.concatenate([normal(0.0, 0.1, n_located), np.ones(problem.n_benchmarks - 1)])
    bounds = tuple(bound[free] for bound in problem.bounds())
    result = least_squares(residuals, start, jac=jacobian if version == "2026" else "2-point", bounds=bounds)
    if not result.success:
        raise LeadtimeError(f"the published solver did not converge ({result.message})", fix="Use stop='optimum'.")
    return whole(np.asarray(result.x, dtype=np.float64))
