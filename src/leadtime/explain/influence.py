"""Which evidence moves a number most: each row, model, benchmark or source of scores left out in the posterior."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from leadtime.capability.density import log_density
from leadtime.capability.leave import MOST_K, Weights, mean, quantiles, taken, weights
from leadtime.errors import LeadtimeError
from leadtime.quantities import QUANTITIES

if TYPE_CHECKING:
    from leadtime.capability.result import Cells
    from leadtime.study import Study

Floats = NDArray[np.float64]
By = Literal["row", "model", "benchmark", "source"]
BY: tuple[By, ...] = ("row", "model", "benchmark", "source")
#: Numbers that are functions of the joint draws of abilities: only these can be weighted again.
WEIGHED = frozenset(("lag.model", "lag.group", "lag.year", "lag.change", "ability.ahead"))
_AT = (0.05, 0.5, 0.95)
#: Parts tried for each that is shown, by their covariance with the number.
_TRIED = 3
_ROW = ("model", "benchmark", "effort", "setting", "evaluator", "report_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a number would be without a part of the evidence.

    Args:
        part: Id of the model, benchmark or source; of a row, its model and benchmark.
        n_scores: Scores it holds.
        low: 5% quantile without it.
        median: Median without it, or None if nothing can be computed.
        high: 95% quantile without it.
        moves_by: Mean with all evidence less the mean without the part: how far the part moves the number.
        how: `weights`, the draws at hand weighted again; or `refit`, the mode found again with and without the part.
        k: Shape of the weights' tail; weights are trusted to 0.7. None if there are no weights.
        why: Why nothing can be computed.
    """

    part: str
    n_scores: int
    low: float | None = None
    median: float | None = None
    high: float | None = None
    moves_by: float | None = None
    how: Literal["weights", "refit", ""] = ""
    k: float | None = None
    why: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the number without the part may be told."""
        return self.how != "weights" or self.k is None or self.k <= MOST_K

    def untold(self) -> "Moved":
        """Return the same without numbers, as its weights cannot be trusted."""
        why = f"the weights cannot be trusted (k = {self.k:.1f}); more fits would tell"
        return replace(self, low=None, median=None, high=None, moves_by=None, how="", why=why)


def influence(
    study: "Study", quantity: str, parameters: dict[str, Any], by: By, *, most: int = 8, refits: int = 4
) -> list[Moved]:
    r"""Return the parts that move a number most, the strongest first.

    The posterior without a part is that with it, its draws weighted by $p(\text{cells left})/p(\text{all cells})$ (see
    `capability.leave`). Where the weights cannot be trusted the abilities are fitted again by their mode, with and
    without the part, and the difference is reported. Parts are tried in the order of the covariance of the number with
    their log likelihood, which is how far the mean would move to first order; of models, all that set the record of a
    side are tried too.

    Args:
        study: The study.
        quantity: Name in the registry, one of `WEIGHED`.
        parameters: The parameters that were asked for.
        by: What is left out.
        most: So many parts.
        refits: At most so many of them are fitted again.

    Raises:
        LeadtimeError: The number does not rest on abilities alone, or cannot be computed at all.
    """
    if by not in BY:
        raise LeadtimeError(f"there is no part {by!r}", where="--by", fix=f"Parts: {', '.join(BY)}.")
    if quantity not in WEIGHED:
        raise LeadtimeError(
            f"{quantity} does not come from the measured abilities alone",
            fix=f"Those are {', '.join(sorted(WEIGHED))}. For others, `without` recomputes without each source.",
        )
    compute = QUANTITIES[quantity].compute
    values = np.asarray(compute(study, **parameters), dtype=float)
    whole = float(np.nanmean(values))
    about = {
        parameters.get(k) for k in ("model", "first", "second")
    }  # a number about a model cannot be told without it
    parts = {name: holds for name, holds in _parts(study, by).items() if not (by == "model" and name in about)}
    order = _ordered(study, values, parts, _records(study, parameters) if by == "model" else frozenset(), by)
    tried = order[: _TRIED * most]
    found = {}
    for i, name in enumerate(tried):
        study.progress(f"without {name}", i / len(tried))
        found[name] = _left_out(study, compute, parameters, name, parts[name], whole)
    plain = study.with_evidence(study.evidence, method="map")
    for _ in range(refits):
        doubtful = next((m for m in _strongest(found)[:most] if not m.trusted), None)
        if doubtful is None:
            break
        name = doubtful.part
        found[name] = _refitted(study, plain, compute, parameters, doubtful, parts[name])
    return [m if m.trusted else m.untold() for m in _strongest(found)[:most]]


def _strongest(found: dict[str, Moved]) -> list[Moved]:
    return sorted(found.values(), key=lambda m: (-abs(m.moves_by or 0.0), m.part))


def _parts(study: "Study", by: By) -> dict[str, pl.Expr]:
    """Return what each part holds, as a condition on rows of `scores`."""
    from leadtime.capability import cells

    rows = cells.chosen(study.evidence["scores"], study.evidence["benchmarks"], which="all", effort="best")
    if by != "row":
        return {name: pl.col(by) == name for name in rows[by].unique().sort()}
    found = {}
    for r in rows.select(*_ROW, "source").iter_rows(named=True):
        name = (
            f"{r['model']} on {r['benchmark']}"
            f" ({', '.join(str(r[c]) for c in ('effort', 'setting', 'source') if r[c])})"
        )
        found[name] = pl.all_horizontal(pl.col(c).eq_missing(pl.lit(r[c])) for c in _ROW)
    return found


def _records(study: "Study", parameters: dict[str, Any]) -> frozenset[str]:
    sides = {parameters.get("of", "CHN"), parameters.get("behind", "USA")}
    return frozenset(m for side in sides for m in study.records(side)["model"])


def _ordered(study: "Study", values: Floats, parts: dict[str, pl.Expr], first: frozenset[str], by: By) -> list[str]:
    """Return the parts by how far leaving them out would move the mean to first order; records come first."""
    fitted = study.fit()
    cells: Cells = fitted.cells
    log_p = log_density(cells, fitted.draws, study._effects.deviation, np.arange(len(cells.z)))
    defined = np.isfinite(values)
    centered = np.where(defined, values - values[defined].mean(), 0.0)
    shift = np.abs(centered @ (log_p - log_p.mean(axis=0))) / max(defined.sum(), 1)
    signed = centered @ (log_p - log_p.mean(axis=0))
    if by in ("model", "benchmark"):
        names, of = (cells.models, cells.model) if by == "model" else (cells.benchmarks, cells.benchmark)
        score = dict(zip(names, np.abs(np.bincount(of, signed, minlength=len(names))), strict=True))
    else:
        place = {
            (cells.models[m], cells.benchmarks[b]): i
            for i, (m, b) in enumerate(zip(cells.model, cells.benchmark, strict=True))
        }
        rows = study.evidence["scores"]
        score = {}
        for name, holds in parts.items():
            pairs = set(rows.filter(holds).select("model", "benchmark").iter_rows())
            own = [place[p] for p in pairs if p in place]
            score[name] = float(abs(signed[own].sum()) if by == "source" else shift[own].sum())
    return sorted((n for n in parts if n in score), key=lambda n: (n not in first, -score[n], n))


def _left_out(
    study: "Study", compute: Any, parameters: dict[str, Any], name: str, holds: pl.Expr, whole: float
) -> Moved:
    """Return the number without a part by weights."""
    n = study.evidence["scores"].filter(holds).height
    less = _less(study, holds)
    try:
        left = _cells(less, study)
        w = weights(study.fit().cells, left, study.fit().draws, study._effects.deviation)
        low, median, high, center = _weighted(study, less, left, compute, parameters, w)
    except LeadtimeError as error:
        return Moved(part=name, n_scores=n, why=error.what)
    if not np.isfinite(median):
        return Moved(part=name, n_scores=n, why="it is not defined in any draw")
    k = w.k if np.isfinite(w.k) else None
    return Moved(part=name, n_scores=n, low=low, median=median, high=high, moves_by=whole - center, how="weights", k=k)


def _weighted(
    study: "Study", less: "Study", left: "Cells", compute: Any, parameters: dict[str, Any], w: Weights
) -> Sequence[float]:
    """Return the quantiles and the mean of the number over the draws of what is left, weighted."""
    fitted = study.fit()
    of = f"draws of {study.fit_key()}, to be weighted"
    less.take(replace(fitted, cells=left, draws=taken(fitted.draws, fitted.cells, left)), of)
    values = np.asarray(compute(less, **parameters), dtype=float)
    return *quantiles(values, w.weight, _AT), mean(values, w.weight)


def _refitted(
    study: "Study", plain: "Study", compute: Any, parameters: dict[str, Any], m: Moved, holds: pl.Expr
) -> Moved:
    """Return the number without a part by a fit of its own, its move against the same fit with all evidence."""
    study.progress(f"fitting again without {m.part}", 0.9)
    try:
        whole, values = (np.asarray(compute(s, **parameters), dtype=float) for s in (plain, _less(plain, holds)))
    except LeadtimeError as error:
        return Moved(part=m.part, n_scores=m.n_scores, k=m.k, why=error.what)
    low, median, high = (float(v) for v in np.nanquantile(values, _AT))
    moved = float(np.nanmean(whole) - np.nanmean(values))
    return replace(m, low=low, median=median, high=high, moves_by=moved, how="refit")


def _less(study: "Study", holds: pl.Expr) -> "Study":
    e = study.evidence
    rows = e["scores"].filter(~holds)
    return study.with_evidence(replace(e, tables={**e.tables, "scores": rows}))


def _cells(less: "Study", study: "Study") -> "Cells":
    """Return the cells that are left, corrected by the reporter effects of the whole."""
    from leadtime.capability import cells

    e = less.evidence
    rows = cells.chosen(e["scores"], e["benchmarks"], which="all", effort="best")
    return cells.build(rows, e["models"], study._effects)
