"""Who was first at each ability and cost, whether savings are spent on more, and how fast innovations spread."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.curve_data import CurveData
from leadtime.units import DAYS_PER_MONTH, DAYS_PER_YEAR, to_date, to_day

#: Abilities and compute budgets of the table of firsts.
LEVELS = tuple(range(105, 156, 5))
BUDGETS_FLOP = (1e27, 1e25, 3.5e24, 1e24)
#: Spending is followed from here, as published fits are.
SPENDING_SINCE = dt.date(2020, 1, 1)
_TOP = 5


def firsts(
    data: CurveData, levels: tuple[int, ...] = LEVELS, budgets: tuple[float, ...] = BUDGETS_FLOP
) -> pl.DataFrame:
    """Return who first reached each ability within each compute budget, over all models and by country.

    Only models whose compute is known count; that leaves out most closed ones since 2025.

    Returns:
        Rows of level_points, budget_flop, country (USA, CHN or empty for all), model, name, released_on, flop,
        probability (share of draws in which it is the first) and reached (share of draws in which anyone is).
    """
    country = np.array(data.countries)
    rows: list[dict[str, Any]] = []
    for level in levels:
        for budget in budgets:
            for group in ("", "USA", "CHN"):
                inside = (data.oom <= np.log10(budget)) & ((country == group) | (group == ""))
                reached = (data.points >= level) & inside
                day = np.where(reached, data.day, np.inf)
                found = np.isfinite(day.min(axis=1))
                if found.mean() < 0.5:
                    continue
                winner = np.bincount(day[found].argmin(axis=1), minlength=data.n)
                i = int(winner.argmax())
                rows.append(
                    {
                        "level_points": level,
                        "budget_flop": budget,
                        "country": group,
                        "model": data.models[i],
                        "name": data.names[i],
                        "developer_country": data.countries[i],
                        "released_on": to_date(data.day[i]),
                        "flop": float(10.0 ** data.oom[i]),
                        "probability": float(winner[i] / len(day)),
                        "reached": float(found.mean()),
                    }
                )
    return pl.DataFrame(rows)


def compute_growth(runs: pl.DataFrame, *, draws: int, seed: int, end: dt.date) -> Floats:
    """Return the growth per year of the compute of frontier runs, as draws with the runs resampled.

    A frontier run is among the five largest known when it was published; log10 FLOP is regressed on the date.
    """
    known = runs.filter(
        pl.col("flop").is_not_null(), pl.col("scope").is_in(["all", "pre-training"]), pl.col("published_on") <= end
    ).sort("published_on", "id")
    oom = np.log10(known["flop"].to_numpy())
    day = np.array([to_day(d) for d in known["published_on"]])
    top = np.array([np.sum(oom[: i + 1] >= oom[i]) <= _TOP for i in range(len(oom))], dtype=bool)
    keep = top & (day >= to_day(SPENDING_SINCE))
    years, level = (day[keep] - day[keep].mean()) / DAYS_PER_YEAR, oom[keep]
    count = np.random.default_rng([seed, 23]).multinomial(len(level), np.full(len(level), 1 / len(level)), size=draws)
    total = count.sum(axis=1, keepdims=True)
    dx, dy = (
        years - (count * years).sum(axis=1, keepdims=True) / total,
        level - (count * level).sum(axis=1, keepdims=True) / total,
    )
    return np.asarray(10.0 ** ((count * dx * dy).sum(axis=1) / (count * dx * dx).sum(axis=1)))


def reinvestment(runs: pl.DataFrame, falls: dict[str, Floats], stated: Assumptions, *, end: dt.date) -> pl.DataFrame:
    """Set the growth of frontier spending against the fall of cost at fixed ability, both factors a year, in dollars.

    Args:
        runs: Table `training_runs`.
        falls: Draws of the yearly fall of compute at fixed ability, by estimand.
        stated: Assumptions, with draws.
        end: Last day of publication that counts.

    Returns:
        Rows of quantity, kind (growth or fall), median, low, high, p_above_1.
    """
    draws = stated.n
    cheaper = stated.draw("cost-per-flop-decline")
    compute = compute_growth(runs, draws=draws, seed=stated.seed, end=end)
    series = [
        ("compute of frontier runs", "growth", compute),
        ("spending on them", "growth", compute / cheaper),
        ("the same, Epoch AI's fit", "growth", stated.draw("cost-growth-since-2020")),
        *((f"cost: {name.replace('_', ' ')}", "fall", fall * cheaper) for name, fall in falls.items()),
    ]
    rows = []
    for quantity, kind, values in series:
        low, median, high = (float(v) for v in np.nanquantile(values, [0.05, 0.5, 0.95]))
        rows.append(
            {
                "quantity": quantity,
                "kind": kind,
                "median": median,
                "low": low,
                "high": high,
                "p_above_1": float(np.nanmean(values > 1)),
            }
        )
    return pl.DataFrame(rows)


def adoption(adoptions: pl.DataFrame, organizations: pl.DataFrame) -> pl.DataFrame:
    """Return how long after its first release each innovation shipped elsewhere, by country.

    Only adopters that someone recorded count, so a count is a least count, and a median is over recorded adopters.

    Returns:
        Rows of innovation, origin, origin_country, shipped_on, country, n, first (who), first_months, median_months.
    """
    names = dict(organizations.select("id", "name").iter_rows())
    table = adoptions.join(
        organizations.select("country", organization="id"), on="organization", how="left", maintain_order="left"
    )
    rows = []
    for innovation in sorted(set(table["innovation"])):
        some = table.filter(pl.col("innovation") == innovation)
        origin = some.filter(pl.col("role") == "origin").sort("shipped_on")
        if origin.is_empty():
            continue
        o = origin.row(0, named=True)
        later = some.filter(pl.col("role") == "follower", pl.col("organization") != o["organization"])
        later = later.sort("shipped_on").unique("organization", keep="first", maintain_order=True)
        for country in ("CHN", "USA", "other"):
            here = later.filter(
                ~pl.col("country").is_in(["CHN", "USA"]) if country == "other" else pl.col("country") == country
            )
            months = [(d - o["shipped_on"]).days / DAYS_PER_MONTH for d in here["shipped_on"]]
            rows.append(
                {
                    "innovation": innovation,
                    "origin": names.get(o["organization"], o["organization"]),
                    "origin_country": o["country"],
                    "shipped_on": o["shipped_on"],
                    "country": country,
                    "n": len(months),
                    "first": names.get(here["organization"][0], here["organization"][0]) if months else None,
                    "first_months": months[0] if months else None,
                    "median_months": float(np.median(months)) if months else None,
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None)
