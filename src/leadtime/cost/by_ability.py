"""The training compute of a model of which none was published: from its ability, day, country and developer, by the
fitted curve.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.curve import Curve
from leadtime.cost.curve_data import CENTER_OOM, CENTER_POINTS, COUNTRIES, ORIGIN, CurveData
from leadtime.cost.curve_model import NAMES, Coefficients
from leadtime.cost.run import Run
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.units import DAYS_PER_YEAR, to_day

#: Freedom of the scatter of the curve's model.
_FREEDOM = 5.0
#: Runs and models of one country within so many days of another tell what it may have taken.
_NEAR_DAYS = 365
_LEAST_NEAR = 3
#: Of so many parts, an estimate of medium confidence has two and one of low confidence one; the curve has the others.
_PARTS = 3
#: Which of a publisher's grades of its own estimates goes with which confidence.
_GRADES = {"high": "confident", "medium": "likely"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How able models are, and how ability goes with compute.

    Args:
        curve: The fitted curve.
        models: Models with a measured ability.
        points: Their joint draws, shape (draw, model).
    """

    curve: Curve
    models: tuple[str, ...]
    points: Floats

    def without(self, models: tuple[str, ...]) -> "Known":
        """Return what would be known without some models: the curve is fitted again."""
        data = self.curve.data
        keep = ~np.isin(data.models, models)
        curve = Curve(data.keep(keep), self.curve.evidence, seed=self.curve.seed, draws=self.curve.draws)
        left = ~np.isin(self.models, models)
        return replace(
            self, curve=curve, models=tuple(np.array(self.models)[left].tolist()), points=self.points[:, left]
        )


def flop_by_ability(
    known: Callable[[], Known], run: Run, evidence: Evidence, stated: Assumptions
) -> tuple[Floats, str]:
    """Return draws of the training compute in FLOP that models of such ability, day, country and developer took, and in
    words from what.

    The prediction of the curve's model in the direction of average practice (log compute regressed on ability and the
    rest): its coefficients, the developer's own effect given its other models, and the scatter of single models. A
    model whose ability was not measured, or of a day when no curve could be fitted, took as much as one of its
    country's runs within a year of it, each as likely; without three of these its ability is that of one of its
    country's models within a year.

    Args:
        known: Gives how able models are and how that goes with compute.
        run: The run, with its model.
        evidence: The tables.
        stated: Assumptions, with draws.

    Raises:
        LeadtimeError: The curve cannot be fitted on that day, or nothing tells of the ability.
    """
    countries = dict(evidence["organizations"].select("id", "country").iter_rows())
    near = _near_runs(run, evidence, countries)
    try:
        found = known()
        fit = found.curve.fit("average_practice")
    except LeadtimeError:
        if len(near) < _LEAST_NEAR:
            raise
        return _as_one_of(near, run, stated)
    measured = run.model in found.models
    if not measured and len(near) >= _LEAST_NEAR:
        return _as_one_of(near, run, stated)
    columns = [found.models.index(run.model)] if measured else _near_models(found, run, evidence, countries)
    return _by_curve(found, fit, columns, run, evidence, stated)


def _by_curve(
    known: Known, fit: Coefficients, columns: list[int], run: Run, evidence: Evidence, stated: Assumptions
) -> tuple[Floats, str]:
    """Return the prediction of the curve for a model whose ability is that of one of some columns, each as likely."""
    at = np.arange(stated.n)
    pick = at % len(fit.beta)
    which = np.array(columns)[stated.choice(f"ability {run.model or run.id}", len(columns)).astype(int)]
    points = known.points[at % len(known.points), which]
    one = len(columns) == 1
    of = "its ability and day" if one else f"the abilities of {len(columns)} models of its country within a year"
    country = dict(evidence["organizations"].select("id", "country").iter_rows()).get(run.organization) or ""
    flags = _flags(run, evidence)
    row = _rows(points, np.full(stated.n, (to_day(run.published_on) - ORIGIN) / DAYS_PER_YEAR), country, flags)
    mean = np.einsum("ri,ri->r", row, fit.beta[pick])
    effect, spread, others = _developer(known.curve.data, fit, run)
    between = effect[pick] + spread[pick] * stated.normal(f"developer {run.organization}")
    oom = CENTER_OOM + mean + between + fit.scatter[pick] * _scatter(stated, run)
    by = f" and {others} other{'s' * (others > 1)} of its developer" if others else ""
    n_models = known.curve.data.n
    return np.asarray(10.0 ** np.clip(oom, 18, 29)), f"compute from {of}, by the curve of {n_models} models{by}"


def _scatter(stated: Assumptions, run: Run) -> Floats:
    from scipy.special import ndtr, stdtrit

    share = np.clip(ndtr(stated.normal(f"scatter {run.model or run.id}")), 1e-6, 1 - 1e-6)
    return np.asarray(stdtrit(_FREEDOM, share))


def _near_runs(run: Run, evidence: Evidence, countries: dict[str, str]) -> list[float]:
    """Return log10 of the compute of the other runs of a developer's country within a year, in order."""
    country = countries.get(run.organization)
    return sorted(
        float(np.log10(r["flop"]))
        for r in evidence["training_runs"].iter_rows(named=True)
        if r["flop"] is not None
        and r["scope"] in ("all", "pre-training")
        and countries.get(r["organization"]) == country
        and abs((r["published_on"] - run.published_on).days) <= _NEAR_DAYS
        and run.id != r["id"]
        and (r["model"] is None or r["model"] != run.model)
    )


def _as_one_of(near: list[float], run: Run, stated: Assumptions) -> tuple[Floats, str]:
    """Return the compute of one of some runs, each as likely, with the error of a confident estimate."""
    how = f"compute as one of {len(near)} runs of its country within a year, since its ability was not measured"
    apart = stated.spread_oom("epoch-confidence-confident")
    which = stated.choice(f"near {run.model or run.id}", len(near)).astype(int)
    drawn = np.array(near)[which] + apart * stated.normal(f"scatter {run.model or run.id}")
    return np.asarray(10.0 ** np.clip(drawn, 18, 29)), how


def _near_models(known: Known, run: Run, evidence: Evidence, countries: dict[str, str]) -> list[int]:
    """Return the columns of measured models of a developer's country, or of any but China, within a year.

    Raises:
        LeadtimeError: There are too few.
    """
    models = evidence["models"].filter((pl.col("released_on") - run.published_on).dt.total_days().abs() <= _NEAR_DAYS)
    of = {m: countries.get(o) or "" for m, o in models.select("id", "organization").iter_rows()}
    country = countries.get(run.organization) or ""
    at = list(enumerate(known.models))
    found = [i for i, m in at if m in of and of[m] == country]
    if len(found) < _LEAST_NEAR and country != "CHN":
        found = [i for i, m in at if m in of and of[m] != "CHN"]
    if len(found) < _LEAST_NEAR:
        raise LeadtimeError(
            f"nobody has published the chips, hours, compute or ability of {run.id}, or of runs like it",
            where="training_runs",
            fix="Give --flop, --gpu-hours, or --chip with --chips and --days.",
        )
    return found


def _flags(run: Run, evidence: Evidence) -> tuple[float, float, float]:
    """Return whether a model reasons, was taught by another and is made for code, as the curve counts it."""
    rows = evidence["models"].filter(pl.col("id") == run.model)
    if rows.is_empty():
        return 0.0, 0.0, 0.0
    row = rows.row(0, named=True)
    return float(row["reasoning"] or False), float(row["distilled_from"] is not None), float("coder" in run.model)


def _rows(points: Floats, years: Floats, country: str, flags: tuple[float, float, float]) -> Floats:
    """Return the regressors of the curve's model, in its order, shape (draw, coefficient)."""
    x, one = (points - CENTER_POINTS) / 10, np.ones_like(points)
    place = COUNTRIES.index(country) if country in COUNTRIES else 2
    china, other = one * (place == 1), one * (place == 2)
    columns = {
        "slope": x,
        "bend": x * x / 2,
        "level": one,
        "level_chn": china,
        "level_other": other,
        "year": years,
        "year_chn": years * china,
        "year_other": years * other,
        **{name: one * flag for name, flag in zip(("reasoning", "distilled", "coding"), flags, strict=True)},
    }
    return np.column_stack([columns[name] for name in NAMES])


def _developer(data: CurveData, fit: Coefficients, run: Run) -> tuple[Floats, Floats, int]:
    """Return mean and standard deviation of a developer's effect given its other models, one for each draw of the fit,
    and their number.
    """
    draws = len(fit.beta)
    rows = enumerate(zip(data.organizations, data.models, strict=True))
    mine = [i for i, (o, m) in rows if o == run.organization and m != run.model]
    precision, moment = fit.between**-2.0, np.zeros(draws)
    for i in mine:
        points = data.points[np.arange(draws) % len(data.points), i]
        flags = (float(data.reasoning[i]), float(data.distilled[i]), float(data.coding[i]))
        row = _rows(points, np.full(draws, data.years[i]), data.countries[i], flags)
        left = data.oom[i] - CENTER_OOM - np.einsum("ri,ri->r", row, fit.beta)
        weight = 1 / (fit.scatter**2 * _FREEDOM / (_FREEDOM - 2) + data.oom_sd[i] ** 2)
        precision, moment = precision + weight, moment + weight * left
    return moment / precision, precision**-0.5, len(mine)


def pooled(guess: Floats, run: Run, stated: Assumptions) -> Floats:
    """Return draws of the compute of a run that another estimated with little confidence: some from its estimate, some
    from the curve.

    Both read much the same evidence, what the model can do, so that they are not multiplied but pooled: a draw is of
    the estimate, within the factor of its grade (`epoch-confidence-*`), or of the curve. An estimate of medium
    confidence counts twice the curve, since it often rests on chips and sites too, and one of low confidence half; that
    is judged.
    """
    if run.flop is None:
        return guess
    theirs = stated.spread_oom(f"epoch-confidence-{_GRADES.get(run.confidence, 'speculative')}")
    said = np.log10(run.flop) + theirs * stated.normal(f"said {run.id}")
    which = stated.choice(f"whose {run.id}", _PARTS) < (2 if run.confidence == "medium" else 1)
    return np.where(which, 10.0 ** np.clip(said, 18, 29), guess)
