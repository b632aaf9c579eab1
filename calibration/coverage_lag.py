"""How often do the intervals of each lag hold the truth of that definition, in simulated worlds?

    python calibration/coverage_lag.py [--simulations N] [--jobs N]

N worlds for each planted lag and kind of residual (`worlds`) go through the whole chain by `map`, a third of them by
`bootstrap`, a fifth by `nuts`. The truth is each definition computed from the true abilities, by the same code; for the
gap between latent frontiers, and once more for the lines, it is the planted shift.
"""

import datetime as dt
import os
import tempfile
import warnings
from collections import defaultdict

import altair as alt
import numpy as np
import polars as pl
from record import Check, Run, Table, run_of
from worlds import KINDS, World, world

from leadtime.effect.before_after import lag_break
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.lag import trend
from leadtime.lag.frontier import LagDraws, Worlds, records
from leadtime.lag.latent import latent_frontier
from leadtime.lag.measure import measure
from leadtime.study import START, Study
from leadtime.units import DAYS_PER_MONTH

QUESTION = "How often do 50 % and 90 % intervals of each lag hold the truth, in worlds whose lag is known?"
#: Declared before any run: over all definitions, 90 % intervals hold the truth in 85 to 97 % of cases, 50 % intervals
#: in 40 to 62 %, by each method, in worlds as the model assumes; the same is asked of harder worlds.
BOUNDS_90, BOUNDS_50 = (0.85, 0.97), (0.40, 0.62)
#: Where the lag is constant, "the measured lag grew" is to be said of at most this share of days.
MOST_GREW = 0.05
LAGS = (0.0, 3.0, 7.0, 12.0)
DRAWS = {"map": 400, "bootstrap": 100, "nuts": 400}
SHARE = {"map": 1, "bootstrap": 3, "nuts": 5}
OF_GROUPS = ("daily_mean", "daily_mean_matched", "catch_up", "trend_gap_linear")
OF_MODELS = ("age_of_equal", "age_of_equal_windowed", "age_of_matched", "trend_gap_linear")
_START = float(START.toordinal())
Row = tuple[str, float, float, float, float, float, float]  # definition, truth, 5, 25, 50, 75, 95 %


def simulate(task: tuple[int, int, str, str, float, bool]) -> dict[str, object]:
    """Return what one world gives: per definition the truth and quantiles, or why there are none."""
    seed, i, method, kind, lag, quick = task
    with tempfile.TemporaryDirectory() as empty, warnings.catch_warnings():
        os.environ["LEADTIME_CACHE"] = empty
        warnings.simplefilter("ignore")
        size = {"n_models": (24, 18), "n_benchmarks": 16} if quick else {}
        w = world(Evidence.load(), lag_months=lag, kind=kind, seed=[seed, i, int(lag), KINDS.index(kind)], **size)
        study = Study(method=method, draws=40 if quick else DRAWS[method], evidence=w.evidence, seed=i)
        try:
            return {"method": method, "kind": kind, "lag": lag, **_measured(study, w, flags=method == "map")}
        except LeadtimeError as error:
            return {"method": method, "kind": kind, "lag": lag, "refused": str(error.what)}


def _measured(study: Study, w: World, *, flags: bool) -> dict[str, object]:
    worlds, truth = study.worlds(), true_worlds(study, w)
    china, usa = study.mask("CHN"), study.mask("USA")
    rows, bounds = [], 0

    def compare(name: str, found: LagDraws, true: LagDraws | float) -> None:
        nonlocal bounds
        if not isinstance(true, float):
            if true.bound[0] or not np.isfinite(true.months[0]):
                bounds += 1
                return
            true = float(true.months[0])
        rows.append((name, true, *quantiles(found)))

    for name in OF_GROUPS:
        found = _ask(name, study, worlds, china, usa)
        compare(name, found, _true(name, truth, china, usa))
        if name == "trend_gap_linear":
            compare(f"{name}, against the planted lag", found, w.lag_months)
    compare(
        "trend_gap_latent, against the planted lag", _ask("trend_gap_latent", study, worlds, china, usa), w.lag_months
    )
    for m in subjects(truth, china, w):
        for name in OF_MODELS:
            found = _ask(name, study, worlds, m, usa)
            compare(f"{name} of a model", found, _true(name, truth, m, usa))
        planted = (truth.day[0, m] - np.interp(truth.ability[0, m], w.frontier[1], w.frontier[0])) / DAYS_PER_MONTH
        compare(
            "trend_gap_latent of a model, against the frontier",
            _ask("trend_gap_latent", study, worlds, m, usa),
            float(planted),
        )
    pairs = contrasts(worlds, truth)
    return {"rows": rows, "truth_bounded": bounds, "contrasts": pairs, "grew": grew(study) if flags else []}


def true_worlds(study: Study, w: World) -> Worlds:
    """Return the world as it is: true abilities of the measured models, one draw."""
    seen = study.worlds()
    ability = np.array([[w.theta[m] for m in seen.models]])
    return Worlds(
        models=seen.models, ability=ability, day=seen.day[:1], as_of=seen.as_of, scale_points=np.array([w.slope])
    )


def _ask(name: str, study: Study, worlds: Worlds, subject, reference) -> LagDraws:
    return measure(
        name,
        worlds,
        subject,
        reference,
        start=_START,
        rng=np.random.default_rng([study.seed, 11]),
        latent=lambda mask: latent_frontier(worlds, mask, rng=np.random.default_rng([study.seed, 11]), start=_START),
    )


def _true(name: str, truth: Worlds, subject, reference) -> LagDraws:
    rng = np.random.default_rng(0)
    if name == "trend_gap_linear":
        return trend.trend_gap_linear(truth, subject, reference, start=_START, rng=rng, parameter_uncertainty=False)
    return measure(name, truth, subject, reference, start=_START, rng=rng, latent=lambda mask: None)  # type: ignore[arg-type,return-value]


def subjects(truth: Worlds, china: np.ndarray, w: World, most: int = 3) -> list[int]:
    """Return columns of some Chinese models that truly were records, spread over the last two years."""
    days = truth.day[0]
    found = np.flatnonzero(records(truth, china).is_record[0] & (days > days.max() - 800) & (days < days.max() - 90))
    del w
    return [int(c) for c in found[np.unique(np.linspace(0, len(found) - 1, most).astype(int))]] if len(found) else []


def quantiles(found: LagDraws) -> tuple[float, ...]:
    """Return the 5, 25, 50, 75 and 95 % quantiles; draws that are only bounds count as beyond."""
    months = np.where(found.bound < 0, -1e6, np.where(found.bound > 0, 1e6, found.months))
    defined = months[np.isfinite(months)]
    return tuple(float(v) for v in np.quantile(defined, [0.05, 0.25, 0.5, 0.75, 0.95], method="nearest"))


def contrasts(worlds: Worlds, truth: Worlds) -> list[float]:
    """Return shares of differences of two models' abilities, in points, that 50 and 90 % intervals hold."""
    order = np.random.default_rng(0).permutation(len(worlds.models))
    half = len(order) // 2
    a, b = order[:half], order[half : 2 * half]
    drawn = (worlds.ability[:, a] - worlds.ability[:, b]) * worlds.scale_points[:, None]
    true = (truth.ability[0, a] - truth.ability[0, b]) * truth.scale_points[0]
    out = []
    for share in (0.5, 0.9):
        low, high = np.quantile(drawn, [(1 - share) / 2, (1 + share) / 2], axis=0)
        out.append(float(np.mean((true >= low) & (true <= high))))
    return out


def grew(study: Study) -> list[int]:
    """Return per quarter that has a year on either side whether the measured lag is said to have grown (1), shrunk
    (-1), or not.
    """
    days = pl.date_range(dt.date(2024, 11, 1), dt.date(2026, 3, 1), "3mo", eager=True)
    try:
        lags = study.lag_over_time()
    except LeadtimeError:  # no Chinese model on an early day
        return []
    found = [change for d in days if (change := lag_break(lags, d))]
    return [int(f["lag_change_low"] > 0) - int(f["lag_change_high"] < 0) for f in found]


def summarize(run: Run, found: list[dict]) -> None:
    """Publish coverage, bias and width."""
    rows, checks, shown = [], [], []
    by: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for f in found:
        for row in f.get("rows", []):
            by[f["method"], f["kind"], row[0]].append(row)
    pooled: dict[tuple[str, str], list[list[bool]]] = defaultdict(list)
    for (method, kind, name), some in by.items():
        x = np.array([r[1:] for r in some], dtype=float)
        truth, q = x[:, 0], x[:, 1:]
        inside = [(truth >= q[:, i] - 1e-6) & (truth <= q[:, -1 - i] + 1e-6) for i in (1, 0)]
        pooled[method, kind] += np.stack(inside, axis=1).tolist()
        width = np.where(np.abs(q[:, [0, -1]]).max(axis=1) < 1e5, q[:, -1] - q[:, 0], np.nan)
        error = np.where(np.abs(q[:, 2]) < 1e5, q[:, 2] - truth, np.nan)
        rows.append(
            (
                method,
                kind,
                name.replace("_", " "),
                len(some),
                *(float(np.mean(i)) for i in inside),
                float(np.nanmean(error)),
                float(np.nanmedian(width)),
            )
        )
        shown.append(
            {
                "method": method,
                "kind": kind,
                "definition": name.replace("_", " "),
                "coverage": rows[-1][5],
                "n": len(some),
            }
        )
    for (method, kind), held in pooled.items():
        share = np.mean(held, axis=0)
        for label, value, bounds in (("50", share[0], BOUNDS_50), ("90", share[1], BOUNDS_90)):
            checks.append(
                Check(
                    what=f"{method}, {kind} worlds: {label} % intervals that hold the truth",
                    value=float(value),
                    low=bounds[0],
                    high=bounds[1],
                )
            )
    said = [v for f in found if f["kind"] == "assumed" for v in f.get("grew", [])]
    if said:
        checks.append(
            Check(
                what="constant lag: share of days after which it is said to have grown",
                value=float(np.mean(np.array(said) > 0)),
                high=MOST_GREW,
            )
        )
    refused = [f for f in found if "refused" in f]
    ability = [
        (m, k, len(c), *np.mean(c, axis=0))
        for m in DRAWS
        for k in KINDS
        if (c := [f["contrasts"] for f in found if f["method"] == m and f["kind"] == k and "contrasts" in f])
    ]
    by_lag = []
    for (m, k, lag), some in _by_lag(found).items():
        by_lag.append(
            (m, k, lag, len(some), float(np.mean([s[0] for s in some])), float(np.median([s[1] for s in some])))
        )
    checks.append(
        Check(what="share of fits that were refused by their gate", value=len(refused) / len(found), high=0.05)
    )
    both = np.array([v for f in found for v in f.get("grew", [])])
    run.publish(
        checks=checks,
        tables=[
            Table(
                title="Coverage by definition",
                columns=(
                    "method",
                    "worlds",
                    "definition",
                    "n",
                    "50 % intervals",
                    "90 % intervals",
                    "bias (months)",
                    "width of 90 % (months)",
                ),
                rows=sorted(rows),
            ),
            Table(
                title="Daily mean by planted lag",
                columns=("method", "worlds", "planted (months)", "n", "true daily mean", "estimated, median"),
                rows=by_lag,
            ),
            Table(
                title="Differences of two abilities, in points",
                columns=("method", "worlds", "n worlds", "50 % intervals", "90 % intervals"),
                rows=ability,
            ),
        ],
        notes=[
            f"{len(refused)} of {len(found)} fits were refused by their gate and are not counted."
            + (f" ({refused[0]['refused']})" if refused else ""),
            (
                f"{sum(f.get('truth_bounded', 0) for f in found)} true lags are themselves only bounds and are not"
                " counted."
            ),
            *(
                [
                    f"With a constant lag, growth is said after {np.mean(both > 0):.1%} and shrinking after"
                    f" {np.mean(both < 0):.1%} of {both.size} days, all worlds."
                ]
                if both.size
                else []
            ),
        ],
        chart=chart(shown),
    )


def _by_lag(found: list[dict]) -> dict[tuple[str, str, float], list[tuple[float, float]]]:
    out: dict[tuple[str, str, float], list[tuple[float, float]]] = defaultdict(list)
    for f in found:
        for row in f.get("rows", []):
            if row[0] == "daily_mean":
                out[f["method"], f["kind"], f["lag"]].append((row[1], row[4]))
    return out


def chart(rows: list[dict]) -> alt.TopLevelMixin:
    """Return coverage of 90 % intervals by definition, method and kind of world, with two standard errors."""
    for r in rows:
        error = 2 * np.sqrt(max(r["coverage"] * (1 - r["coverage"]), 0.25 / r["n"]) / r["n"])
        r["low"], r["high"] = max(r["coverage"] - error, 0.0), min(r["coverage"] + error, 1.0)
    y = alt.Y("definition:N", title=None, axis=alt.Axis(labelLimit=340))
    color = alt.Color("method:N", scale=alt.Scale(domain=list(DRAWS), range=["#1f5f8b", "#c2703d", "#3d7f4f"]))
    offset = alt.YOffset("method:N")
    base = alt.Chart(alt.Data(values=rows))
    nominal = base.mark_rule(color="#888", strokeDash=[3, 3]).encode(x=alt.datum(0.9))
    bars = base.mark_rule().encode(
        x=alt.X("low:Q", title="share of 90 % intervals that hold the truth", scale=alt.Scale(domain=[0.4, 1])),
        x2="high:Q",
        y=y,
        yOffset=offset,
        color=color,
    )
    dots = base.mark_point(filled=True, size=35).encode(x="coverage:Q", y=y, yOffset=offset, color=color)
    return (
        alt.layer(nominal, bars, dots)
        .properties(width=230, height=alt.Step(8))
        .facet(column=alt.Column("kind:N", sort=list(KINDS), title=None))
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the simulations and publish."""
    run = run_of("coverage_lag", QUESTION, simulations=12, quick=1, arguments=arguments)
    methods = ("map",) if run.quick else tuple(DRAWS)
    lags = LAGS[2:3] if run.quick else LAGS
    run.settings |= {
        "draws": DRAWS,
        "lags_months": list(lags),
        "worlds": "per planted lag and kind, by map; a third by bootstrap, a fifth by nuts",
    }
    tasks = [
        (run.seed, i, method, kind, lag, run.quick)
        for method in methods
        for kind in KINDS[: 1 if run.quick else None]
        for lag in lags
        for i in range(max(1, run.simulations // SHARE[method]))
    ]
    summarize(run, run.each(simulate, tasks, label="world"))


if __name__ == "__main__":
    main()
