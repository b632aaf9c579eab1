"""Was a model "an expected point on an ongoing cost reduction curve"? Percentiles, how often such percentiles occur,
and the essay's own arithmetic.

Each draw of abilities is regressed on log10 compute and date (and, in one view, whether the model reasons). The
percentile is the place of the model in the Student-t predictive distribution (Gelman et al. 2013, section 14.2),
averaged over draws. The compute enters as it is known, errors and all, because that is what a forecaster sees.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.curve_data import CENTER_OOM, CENTER_POINTS, CurveData, Flags
from leadtime.cost.curve_plain import least_squares
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.units import to_date

LEAST_BEFORE = 20
#: Later models of one developer with about as much to half again as much compute are taken to continue the same run.
_SAME_RUN = (0.85, 1.5)
_DIRECTIONS = ("ability", "compute")
#: What the comparison may know.
VIEWS = {
    "ex_ante": "models released before it",
    "hindsight": "all models but it and later ones of the same run",
    "hindsight_reasoning": "the same, with reasoning models set apart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How a model stands against what others would have led one to expect.

    Args:
        model: Its id.
        view: A key of `VIEWS`.
        n: Models in the regression.
        ability_percentile: Of its ability given its compute and date, 0 to 100; high is better than expected.
        ability_interval: 90 % interval of that percentile over the draws of abilities and compute.
        compute_percentile: Of its compute given its ability and date; low is cheaper than expected.
        predicted_points: Predicted ability: 5 %, 50 % and 95 % quantile.
        points: Its ability, median.
        compute_ratio: Predicted over actual compute: 5 %, 50 % and 95 % quantile.
    """

    model: str
    view: str
    n: int
    ability_percentile: float
    ability_interval: tuple[float, float]
    compute_percentile: float
    predicted_points: tuple[float, float, float]
    points: float
    compute_ratio: tuple[float, float, float]


def others(data: CurveData, model: str, view: str) -> Flags:
    """Return which models the regression may see: never the model itself nor a continuation of its run.

    Raises:
        LeadtimeError: The view is unknown.
    """
    if view not in VIEWS:
        raise unknown_name("view", view, VIEWS)
    i = data.index(model)
    same = np.array(data.organizations) == data.organizations[i]
    ratio = 10.0 ** (data.oom - data.oom[i])
    family = same & (ratio >= _SAME_RUN[0]) & (ratio <= _SAME_RUN[1]) & (data.day >= data.day[i])
    family[i] = True
    return np.asarray(data.day < data.day[i]) if view == "ex_ante" else ~family


def expectedness(data: CurveData, model: str, view: str = "ex_ante", *, seed: int = 0) -> Expected:
    """Return where a model stands in the predictive distribution of models that are not it.

    Raises:
        LeadtimeError: The model's ability or compute is not known, or too few models are left to compare with.
    """
    i = data.index(model)
    use = others(data, model, view) & ~data.distilled & ~data.coding
    if use.sum() < LEAST_BEFORE:
        raise LeadtimeError(
            f"only {int(use.sum())} models with ability and compute are left to compare {model} with"
            f" ({view.replace('_', ' ')})",
            where="training_runs",
            fix=f"A comparison needs {LEAST_BEFORE}: choose a later model, or add runs to a study folder.",
        )
    mine = _compute(data, i, seed)
    ability, compute = (_predict(data, use, i, mine, d, reasoning=view == "hindsight_reasoning") for d in _DIRECTIONS)
    p = ability.percentile
    gap = compute.quantiles() - data.oom[i]
    return Expected(
        model=model,
        view=view,
        n=int(use.sum()),
        ability_percentile=float(100 * p.mean()),
        ability_interval=(float(100 * np.quantile(p, 0.05)), float(100 * np.quantile(p, 0.95))),
        compute_percentile=float(100 * compute.percentile.mean()),
        predicted_points=_three(ability.quantiles()),
        points=float(data.ability[i]),
        compute_ratio=_three(10.0**gap),
    )


def ability_percentiles(data: CurveData, model: str, view: str = "ex_ante", *, seed: int = 0) -> Floats:
    """Return the percentile of a model's ability in each draw, 0 to 100 (see `expectedness`, which averages them)."""
    i = data.index(model)
    use = others(data, model, view) & ~data.distilled & ~data.coding
    mine = _compute(data, i, seed)
    return 100 * _predict(data, use, i, mine, "ability", reasoning=view == "hindsight_reasoning").percentile


def _compute(data: CurveData, i: int, seed: int) -> Floats:
    """Return draws of the compute of a model, log10 FLOP."""
    return np.asarray(
        data.oom[i] + data.oom_sd[i] * np.random.default_rng([seed, 17]).standard_normal(len(data.points))
    )


@dataclass(frozen=True, slots=True)
class _Regression:
    """One least-squares fit per draw, ready to predict."""

    beta: Floats
    gram: Floats
    scatter2: Floats
    freedom: int

    @classmethod
    def of(cls, design: Floats, y: Floats) -> "_Regression":
        beta = least_squares(design, y, np.ones_like(y))
        freedom = design.shape[1] - design.shape[2]
        scatter2 = ((y - np.einsum("rmi,ri->rm", design, beta)) ** 2).sum(axis=1) / freedom
        return cls(beta, np.einsum("rmi,rmj->rij", design, design), scatter2, freedom)

    def at(self, row: Floats) -> tuple[Floats, Floats]:
        """Return center and width of the Student-t prediction at a row of regressors per draw, shape (draw,
        coefficient).
        """
        leverage = np.einsum("ri,ri->r", row, np.linalg.solve(self.gram, row[..., None])[..., 0])
        return np.einsum("ri,ri->r", row, self.beta), np.sqrt(self.scatter2 * (1 + leverage))

    def quantiles(self, center: Floats, width: Floats) -> Floats:
        """Return the 5, 50 and 95 % quantiles of the prediction over all draws."""
        from scipy.special import stdtrit

        grid = stdtrit(self.freedom, (np.arange(40) + 0.5) / 40)
        return np.asarray(np.quantile(center[:, None] + width[:, None] * grid, [0.05, 0.5, 0.95]))


@dataclass(frozen=True, slots=True)
class _Prediction:
    """What is expected of one model: its percentile in each draw, 0 to 1, and the distribution that it stands in."""

    percentile: Floats
    fitted: _Regression
    center: Floats
    width: Floats

    def quantiles(self) -> Floats:
        """Return the 5, 50, 95 % quantiles of the prediction over all draws."""
        return self.fitted.quantiles(self.center, self.width)


def _rows(x: Floats, years: Floats, reasoning: Floats | None) -> Floats:
    columns = [np.ones_like(x), x, np.broadcast_to(years, x.shape)]
    if reasoning is not None:
        columns.append(np.broadcast_to(reasoning, x.shape))
    return np.stack(columns, axis=-1)


def _predict(data: CurveData, use: Flags, i: int, mine: Floats, direction: str, *, reasoning: bool) -> "_Prediction":
    """Return what other models let expect of model `i`."""
    from scipy.special import stdtr

    rows = np.append(np.flatnonzero(use), i)
    points, oom = data.points[:, rows], np.tile(data.oom[rows], (len(data.points), 1))
    oom[:, -1] = mine
    y, x = (points, oom - CENTER_OOM) if direction == "ability" else (oom, points - CENTER_POINTS)
    apart = data.reasoning[rows].astype(float) if reasoning and data.reasoning[rows[:-1]].any() else None
    design = _rows(x, data.years[rows], apart)
    fitted = _Regression.of(design[:, :-1], y[:, :-1])
    center, width = fitted.at(design[:, -1])
    return _Prediction(np.asarray(stdtr(fitted.freedom, (y[:, -1] - center) / width)), fitted, center, width)


def points_of(d: CurveData) -> pl.DataFrame:
    """Return the models of a curve, a row each: what they took, and how able they are, with 90% intervals."""
    low, high = np.quantile(d.points, [0.05, 0.95], axis=0)
    return pl.DataFrame(
        {
            "model": d.models,
            "name": d.names,
            "country": d.countries,
            "released_on": [to_date(v) for v in d.day],
            "flop": 10.0**d.oom,
            "flop_low": 10.0 ** (d.oom - 1.645 * d.oom_sd),
            "flop_high": 10.0 ** (d.oom + 1.645 * d.oom_sd),
            "points": d.ability,
            "low": low,
            "high": high,
        }
    )


def predicted_line(data: CurveData, model: str, ooms: Floats) -> pl.DataFrame:
    """Return the ability that models released before `model` led one to expect at its date, by compute.

    Returns:
        Rows of flop, low, median, high (points, 90 % predictive interval).
    """
    use = others(data, model, "ex_ante") & ~data.distilled & ~data.coding
    years, at = data.years[use], np.full(1, data.years[data.index(model)])
    x = np.broadcast_to(data.oom[use] - CENTER_OOM, (len(data.points), int(use.sum())))
    fitted = _Regression.of(_rows(x, years, None), data.points[:, use])
    lines = []
    for oom in ooms:
        row = _rows(np.full((len(data.points), 1), oom - CENTER_OOM), at, None)[:, 0]
        lines.append([10.0**oom, *fitted.quantiles(*fitted.at(row))])
    return pl.DataFrame(lines, schema=["flop", "low", "median", "high"], orient="row")


def base_rate(data: CurveData, *, seed: int = 0) -> pl.DataFrame:
    """Return the ex-ante percentile of every model that has enough before it: model, released, n, percentile.

    Distilled and coding models are left out on both sides, as in `expectedness`.
    """
    plain = ~data.distilled & ~data.coding
    rows = []
    for i in map(int, np.flatnonzero(plain)):
        if int((plain & (data.day < data.day[i])).sum()) >= LEAST_BEFORE:
            name, use = data.models[i], plain & (data.day < data.day[i])
            mine = _compute(data, i, seed)
            p = {d: _predict(data, use, i, mine, d, reasoning=False).percentile for d in _DIRECTIONS}
            rows.append(
                {
                    "model": name,
                    "name": data.names[i],
                    "day": float(data.day[i]),
                    "n": int(use.sum()),
                    **{f"{d}_percentile": float(100 * p[d].mean()) for d in _DIRECTIONS},
                }
            )
    return pl.DataFrame(
        rows,
        schema={
            "model": pl.String,
            "name": pl.String,
            "day": pl.Float64,
            "n": pl.Int64,
            "ability_percentile": pl.Float64,
            "compute_percentile": pl.Float64,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Essay:
    """The essay's expectation of V3's cost: draws in dollars, and P(it is no more than a cost)."""

    expected_usd: Floats
    quality: float

    def probability_no_more(self, cost_usd: Floats | float) -> float:
        """Return the probability that the expected cost is at or below a cost: near 0, the cost beats the trend."""
        return float(np.mean(self.expected_usd <= cost_usd))


def essay(stated: Assumptions, *, quality: float | None = None) -> Essay:
    """Return what V3 should have cost by the essay's arithmetic: Sonnet's cost, less the curve's shift over the lag,
    less quality.

    Args:
        stated: Assumptions, with draws.
        quality: How many times "worse" V3 is taken to be; the essay's 2 by default, 1 for equal quality.

    Raises:
        LeadtimeError: The quality is not positive, or the essay is not known on that day.
    """
    if quality is not None and not quality > 0:
        raise LeadtimeError(
            f"the quality factor is {quality:g}",
            where="--quality",
            fix="Expected a number above zero. 1 means equal quality.",
        )
    factor = stated.value("essay-quality-factor") if quality is None else quality
    shift = stated.draw("essay-cost-curve-shift-range")
    months = stated.draw("essay-lag")
    return Essay(expected_usd=stated.draw("essay-sonnet-cost") / shift ** (months / 12) / factor, quality=factor)


def _three(values: Floats) -> tuple[float, float, float]:
    low, median, high = (float(v) for v in values)
    return low, median, high
