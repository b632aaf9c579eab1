"""How well the simulation would have forecast the lag: from past days, with only the data of the day, beside last value
and mean.

On each origin abilities are fitted on the scores of the day, chips are taken from the revenue known then
(`scenario.past`), the ensemble is drawn again, and the lag of the quarters that followed is scored against today's
measurement by CRPS. It ships with the package under the evidence it rests on; `make ship` works it out again (some
minutes).
"""

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.backtest.score import crps, inside
from leadtime.errors import LeadtimeError
from leadtime.supply import counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.study import Study

    Floats = NDArray[np.float64]

SHIPPED = Path(__file__).parent / "data" / "simulated.json"
#: First days after the quarters that are the last ones known. None in 2023: by the scores public on 2023-10-01 no lag
#: of a quarter could be measured, so that there is nothing to fit to and no last value.
ORIGINS = (
    dt.date(2024, 1, 1),
    dt.date(2024, 7, 1),
    dt.date(2025, 1, 1),
    dt.date(2025, 7, 1),
    dt.date(2026, 1, 1),
    dt.date(2026, 4, 1),
)
HORIZONS = (1, 2, 3, 4, 5, 6)
FORECASTERS = ("simulation", "simulation, its last error carried on", "last value", "mean to date")
PRIOR_DRAWS, _DRAWS, _TRUTHS = 60_000, 2000, 200
#: Fewer days of origin give no interval.
_LEAST_ORIGINS = 3
#: Where fewer than three quarters were known, their scatter is taken to be this, months.
_SCATTER_MONTHS = 3.0


def hindcasts(study: "Study") -> pl.DataFrame:
    """Return the forecasts with their scores: origin, quarter, ahead, forecaster, low, median, high, measured, crps,
    inside_90.

    The priors keep the centers that they have today, which flatters the simulation.

    Args:
        study: A study of today, whose lags are the truth and whose priors are those of today.
    """
    from leadtime.scenario.observed import quarter_lags

    truth = {i: x for i, x in quarter_lags(study).items()}
    rows: list[dict[str, Any]] = []
    for n, origin in enumerate(o for o in ORIGINS if o <= study.evidence_through):
        study.progress(f"as known on {origin}", n / len(ORIGINS))
        rows += _of(study, origin, truth)
    return pl.DataFrame(rows)


def _of(study: "Study", origin: dt.date, truth: "dict[int, Floats]") -> list[dict[str, Any]]:
    from leadtime.scenario.ensemble import Sampling, calibrate
    from leadtime.scenario.files import built_in
    from leadtime.scenario.inputs import QUARTERS
    from leadtime.scenario.observed import PERSISTENCE, lags_seen, quarter_lags
    from leadtime.scenario.past import PastWorld
    from leadtime.scenario.simulate import run
    from leadtime.study import Study

    past = Study(origin, seed=study.seed, draws=1000, method="map")
    world = PastWorld(past.evidence, study.evidence["assumptions"])
    known = {i: x for i, x in quarter_lags(past).items() if QUARTERS[i] < _quarter(origin)}
    if not known:
        return []
    as_is = built_in()["as-is"]
    found = calibrate(
        world, as_is, lags_seen(past, least=1), sampling=Sampling(prior_draws=PRIOR_DRAWS, seed=study.seed)
    )
    said = run(found.draws, world.inputs(as_is), ("lag_months",))["lag_months"].astype(float)
    rng = np.random.default_rng([study.seed, 71, origin.toordinal()])
    last = max(known)
    sd = _quarterly_sd()
    behind = rng.choice(known[last], found.n) - said[last]
    series = np.array([np.median(x) for _, x in sorted(known.items())])
    rows = []
    for ahead in HORIZONS:
        i = QUARTERS.index(_quarter(origin)) + ahead - 1
        if i not in truth:
            continue
        left = PERSISTENCE ** (i - last)
        forecasts = {
            FORECASTERS[0]: said[i] + sd * rng.standard_normal(found.n),
            FORECASTERS[1]: said[i] + left * behind + sd * np.sqrt(1 - left**2) * rng.standard_normal(found.n),
            FORECASTERS[2]: series[-1] + _step(series) * np.sqrt(i - last) * rng.standard_normal(_DRAWS),
            FORECASTERS[3]: series.mean() + _scatter(series) * rng.standard_normal(_DRAWS),
        }
        at = truth[i][:: max(len(truth[i]) // _TRUTHS, 1)]
        for name, draws in forecasts.items():
            low, median, high = (float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
            rows.append(
                {
                    "origin": str(origin),
                    "quarter": QUARTERS[i],
                    "ahead": ahead,
                    "forecaster": name,
                    "low": low,
                    "median": median,
                    "high": high,
                    "measured": float(np.median(truth[i])),
                    "crps": crps(draws, at),
                    "inside_90": inside(draws, at)[0.9],
                    "effective": found.effective,
                }
            )
    return rows


def _quarter(origin: dt.date) -> str:
    return f"{origin.year}Q{(origin.month + 2) // 3}"


def _quarterly_sd() -> float:
    """Return how far a quarter strays from a smooth course when a year's mean strays by `SD_LAG_MONTHS`."""
    from leadtime.scenario.observed import PERSISTENCE, SD_LAG_MONTHS

    apart = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    return float(SD_LAG_MONTHS / np.sqrt(np.mean(PERSISTENCE**apart)))


def _step(series: "Floats") -> float:
    return float(np.sqrt(np.mean(np.diff(series) ** 2))) if len(series) >= 3 else _SCATTER_MONTHS


def _scatter(series: "Floats") -> float:
    n = len(series)
    return float(series.std(ddof=1) * np.sqrt(1 + 1 / n)) if n >= 3 else _SCATTER_MONTHS


def summary(rows: pl.DataFrame) -> pl.DataFrame:
    """Return by forecaster, over all and by origin: origin (`all`), forecaster, n, mean crps, share inside the 90%
    interval.
    """
    totals = [pl.len().alias("n"), pl.col("crps").mean(), pl.col("inside_90").mean()]
    by = rows.group_by("origin", "forecaster", maintain_order=True).agg(totals)
    every = (
        rows.group_by("forecaster", maintain_order=True)
        .agg(totals)
        .with_columns(origin=pl.lit("all"))
        .select(by.columns)
    )
    return pl.concat([every, by])


def sentence(rows: pl.DataFrame) -> str:
    """Return in a few sentences how the simulation did beside the better simple guess, with the interval of the
    difference.
    """
    if rows.is_empty():
        return "No hindcast of the simulation was worked out."
    mean = dict(summary(rows).filter(pl.col("origin") == "all").select("forecaster", "crps").iter_rows())
    ours, simple = FORECASTERS[0], min(FORECASTERS[2:], key=lambda f: mean[f])
    n, origins = rows.filter(pl.col("forecaster") == ours).height, rows["origin"].n_unique()
    apart, words = difference(rows, simple) if origins >= _LEAST_ORIGINS else None, "cannot be told from"
    interval = f"{mean[ours] - mean[simple]:+.2f}"
    if apart is not None:
        words = "did better than" if apart[1] < 0 else "did worse than" if apart[0] > 0 else words
        interval += f" ({apart[0]:+.2f} to {apart[1]:+.2f})"
    return (
        f"From {origins} past day{'s' * (origins != 1)}, the first {rows['origin'].to_list()[0]}, with only the data of"
        f" each, the simulation {words} {simple}: mean CRPS {mean[ours]:.2f} against {mean[simple]:.2f} months over {n}"
        f" quarter{'s' * (n != 1)}, ours less theirs {interval}. Earlier no lag could be measured. That is little"
        " proof: the quarters overlap, and the priors keep today's centers."
    )


def difference(rows: pl.DataFrame, other: str) -> tuple[float, float]:
    """Return the 90% interval of the mean CRPS of the simulation less that of another forecaster, months, days of
    origin drawn again.
    """
    by = (
        rows.filter(pl.col("forecaster").is_in([FORECASTERS[0], other]))
        .group_by("origin", "forecaster")
        .agg(pl.col("crps").sum(), pl.len().alias("n"))
        .pivot("forecaster", index=["origin", "n"], values="crps")
        .sort("origin")
    )
    apart, n = (by[FORECASTERS[0]] - by[other]).to_numpy(), by["n"].to_numpy()
    at = np.random.default_rng(59).integers(len(n), size=(2000, len(n)))
    low, high = np.quantile(apart[at].sum(axis=1) / n[at].sum(axis=1), [0.05, 0.95])
    return float(low), float(high)


def told(on: dt.date) -> dict[str, Any]:
    """Return what ships of the hindcasts, over the quarters that were over by a day: their day and evidence, a
    sentence, and mean scores.
    """
    rows, of = shipped()
    if rows.height:
        rows = rows.filter(pl.col("quarter").map_elements(counts.end, return_dtype=pl.Date) <= on)
    return {**of, "sentence": sentence(rows), "scores": summary(rows).to_dicts() if rows.height else []}


def beside(layers: dict[str, Any], on: dt.date) -> dict[str, Any]:
    """Return what the rules changed (`effect.Layers.to_json`) with the hindcasts beside the simulation's answer, where
    it has one.
    """
    if "why_not" in layers["simulation"]:
        return layers
    return {**layers, "simulation": {**layers["simulation"], "hindcasts": told(on)}}


def shipped() -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the hindcasts that ship, and the day and the evidence they rest on, empty if there are none that can be
    read.
    """
    try:
        content = json.loads(SHIPPED.read_text(encoding="utf-8"))
        return pl.DataFrame(content["rows"]), {
            "as_of": str(content["as_of"]),
            "evidence_hash": str(content["evidence_hash"]),
        }
    except (OSError, ValueError, KeyError, TypeError, LeadtimeError, pl.exceptions.PolarsError):
        return pl.DataFrame(), {}


def save(study: "Study", path: Path = SHIPPED) -> Path:
    """Work out the hindcasts and write them with their day and evidence; some minutes."""
    rows = hindcasts(study)
    content = {"as_of": str(study.as_of), "evidence_hash": study.evidence.hash, "rows": rows.to_dicts()}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path
