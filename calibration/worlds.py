"""Simulated worlds: two countries with a known lag, tested and reported the way models are.

The frontier of the US rises by gamma increments a quarter; that of China is the same path, k months later. A model
falls short of its frontier by an exponential amount. Benchmarks are made about as hard as the frontier of their day; a
model takes those that tell something about it, abler ones more of them, and every score has misfit and the luck of
items. Sizes are those that the built-in evidence shows (see `SIZES`).
"""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from leadtime.capability.scale import ANCHORS
from leadtime.evidence import Evidence
from leadtime.units import DAYS_PER_MONTH

Floats = np.ndarray
#: Measured in the built-in evidence with `map` (residuals over their scale; abilities in logits).
SIZES = {
    "rate_per_quarter": 0.37,
    "steadiness": 8.0,
    "shortfall": 0.65,
    "log_slope_sd": 0.59,
    "misfit": 0.16,
    "misfit_log_sd": 0.25,
    "dispersion_items": 150.0,
    "vendor_effect": 0.07,
    "vendor_effect_sd": 0.07,
    "same_domain": 0.20,
    "same_developer": 0.17,
}
#: How residuals are made: `assumed` as the model has it; `harder` with parts shared by the benchmarks of a domain and
#: by the models of a developer on one benchmark, and with developers that leave out some of their bad scores.
KINDS = ("assumed", "harder")
FIRST, LAST = dt.date(2023, 1, 1), dt.date(2026, 9, 1)
_COUNTRIES = ("USA", "CHN")
_SELECTIVE = 0.5  # of a developer's own scores that lie a scale below expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A simulated body of evidence and the truth behind it.

    Args:
        evidence: What a study sees.
        theta: True ability of each model, logits, by id.
        slope: True points per logit: the two anchors 20 points apart.
        lag_months: The planted shift between the two frontiers.
        frontier: Day numbers and levels of the US frontier, logits.
    """

    evidence: Evidence
    theta: dict[str, float]
    slope: float
    lag_months: float
    frontier: tuple[Floats, Floats]


def world(
    base: Evidence,
    *,
    lag_months: float,
    kind: str,
    seed: list[int],
    n_models: tuple[int, int] = (60, 45),
    n_benchmarks: int = 45,
) -> World:
    """Return one world.

    Args:
        base: The built-in evidence: its benchmarks lend their items, floors, ceilings and domains, and all tables but
            those of scores stay.
        lag_months: How long after the US frontier China's stands where it stood.
        kind: One of KINDS.
        seed: Seed.
        n_models: Models of the US and of China.
        n_benchmarks: How many benchmarks there are.
    """
    rng = np.random.default_rng(seed)
    frontier = _frontier(rng)
    models, theta = _models(rng, frontier, lag_months, n_models)
    benchmarks, difficulty = _benchmarks(base, rng, n_benchmarks)
    scores = _scores(base, models, theta, benchmarks, difficulty, kind, rng)
    organizations = pl.concat([base["organizations"], _organizations(base, models)], how="vertical")
    tables = base.tables | {
        "models": _whole(models, base["models"]),
        "benchmarks": benchmarks,
        "organizations": organizations,
        "scores": scores,
    }
    known = dict(zip(models["id"], theta, strict=True))
    gap = known[ANCHORS[1][0]] - known[ANCHORS[0][0]]
    evidence = replace(base, tables=tables, as_of=LAST)
    return World(evidence=evidence, theta=known, slope=20 / max(gap, 0.05), lag_months=lag_months, frontier=frontier)


def _frontier(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return day numbers and levels of the US frontier, from two years before the first release."""
    quarters = int((LAST.year + 1 - FIRST.year + 2) * 4)
    day = FIRST.toordinal() - 730.5 + 91.3125 * np.arange(quarters + 1)
    steady = SIZES["steadiness"]
    rise = rng.gamma(steady, SIZES["rate_per_quarter"] / steady, quarters)
    level = np.concatenate([[0.0], np.cumsum(rise)])
    return day, level - np.interp(dt.date(2025, 1, 1).toordinal(), day, level)


def _models(
    rng: np.random.Generator, frontier: tuple[Floats, Floats], lag_months: float, n: tuple[int, int]
) -> tuple[pl.DataFrame, Floats]:
    day, level = frontier
    span = (LAST - FIRST).days
    rows, theta = [], []
    for country, count, back in zip(_COUNTRIES, n, (0.0, lag_months), strict=True):
        when = FIRST.toordinal() + span * np.sort(rng.random(count)) ** 0.7  # more models in later years
        when = np.maximum(np.floor(when), FIRST.toordinal() + 1)
        own = np.interp(when - back * DAYS_PER_MONTH, day, level) - rng.exponential(SIZES["shortfall"], count)
        made_by = rng.integers(0, 8, count)
        for i in range(count):
            rows.append(
                (f"{country.lower()}-{i}", f"{country.lower()}-lab-{made_by[i]}", dt.date.fromordinal(int(when[i])))
            )
        theta.append(own)
    table = pl.DataFrame(rows, schema=["id", "organization", "released_on"], orient="row")
    values = np.concatenate(theta)
    table = _anchored(table, values)
    rest = {
        "name": pl.col("id"),
        "weights": pl.lit("closed"),
        "reasoning": pl.lit(value=False),
        "stage": pl.lit("instruct"),
        "source": pl.lit("simulated"),
        "known_on": pl.col("released_on"),
    }
    return table.with_columns(**rest), values


def _whole(rows: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the columns of another table, in their order, empty where they have none."""
    absent = [pl.lit(None, dtype=t).alias(c) for c, t in like.schema.items() if c not in rows.columns]
    return rows.with_columns(absent).select(like.columns)


def _anchored(table: pl.DataFrame, theta: Floats) -> pl.DataFrame:
    """Give the ids of the scale's anchors to the ablest US models of their times."""
    ids = table["id"].to_list()
    for (name, _), (start, end) in zip(ANCHORS, (((2024, 3), (2024, 9)), ((2025, 6), (2025, 12))), strict=True):
        inside = table["released_on"].is_between(dt.date(*start, 1), dt.date(*end, 1)) & table["id"].str.starts_with(
            "usa"
        )
        if not inside.any():
            inside = table["id"].str.starts_with("usa")
        ids[int(np.where(inside.to_numpy(), theta, -np.inf).argmax())] = name
    return table.with_columns(id=pl.Series(ids))


def _benchmarks(base: Evidence, rng: np.random.Generator, n: int) -> tuple[pl.DataFrame, Floats]:
    """Return rows of real benchmarks with other dates, and the difficulty of each."""
    rows = base["benchmarks"].sample(n, seed=int(rng.integers(2**31)))
    age = np.sort(rng.uniform(-2.0, (LAST - FIRST).days / 365.25 - 0.5, n))  # years from the first release
    released = [FIRST + dt.timedelta(days=int(365.25 * a)) for a in age]
    hard = 4 * SIZES["rate_per_quarter"] * (age - 2.0) + rng.normal(-0.3, 1.0, n)
    return rows.with_columns(released_on=pl.Series(released), known_on=pl.Series(released)), hard


def _organizations(base: Evidence, models: pl.DataFrame) -> pl.DataFrame:
    labs = models["organization"].unique().sort()
    country = pl.col("id").str.slice(0, 3).str.to_uppercase()
    table = pl.DataFrame({"id": labs, "name": labs}).with_columns(
        country=country, source=pl.lit("simulated"), known_on=pl.lit(FIRST)
    )
    return _whole(table, base["organizations"])


def _chosen(theta: Floats, day: Floats, hard: Floats, released: Floats, rng: np.random.Generator) -> np.ndarray:
    """Return which model takes which benchmark, shape (model, benchmark): not at random."""
    expected = np.median(theta)
    taken = np.zeros((theta.size, hard.size), dtype=bool)
    for m in range(theta.size):
        weight = np.exp(-0.5 * ((hard - theta[m]) / 1.5) ** 2) * (released <= day[m] + 180) + 1e-9
        wanted = int(np.clip(np.exp(rng.normal(2.4 + 0.3 * (theta[m] - expected) / 1.5, 0.6)), 4, hard.size))
        wanted = min(wanted, int((weight > 1e-6).sum()))
        taken[m, rng.choice(hard.size, wanted, replace=False, p=weight / weight.sum())] = True
    return taken


def _scores(
    base: Evidence,
    models: pl.DataFrame,
    theta: Floats,
    benchmarks: pl.DataFrame,
    hard: Floats,
    kind: str,
    rng: np.random.Generator,
) -> pl.DataFrame:
    day, released = (np.array([d.toordinal() for d in t["released_on"]], dtype=float) for t in (models, benchmarks))
    m, b = np.nonzero(_chosen(theta, day, hard, released, rng))
    slope = np.exp(rng.normal(0, SIZES["log_slope_sd"], hard.size))
    floor, ceiling = benchmarks["floor"].to_numpy(), benchmarks["ceiling"].to_numpy()
    n = benchmarks["n_items"].fill_null(200).to_numpy().astype(float)
    mu = floor[b] + (ceiling - floor)[b] / (1 + np.exp(-slope[b] * (theta[m] - hard[b])))
    mu = np.clip(mu, 1e-4, 1 - 1e-4)
    misfit = np.exp(rng.normal(np.log(SIZES["misfit"]), SIZES["misfit_log_sd"], hard.size))
    scale = np.sqrt(misfit[b] ** 2 + (1 / n[b] + 1 / SIZES["dispersion_items"]) / (mu * (1 - mu)))
    lab = models["organization"].rank("dense").to_numpy().astype(int) - 1
    domain = benchmarks["domain"].rank("dense").to_numpy().astype(int) - 1
    residual = _residuals(m, b, lab, domain, kind, rng)
    z = np.log(mu / (1 - mu)) + scale * residual
    gamma = rng.normal(SIZES["vendor_effect"], SIZES["vendor_effect_sd"], lab.max() + 1)
    u = rng.random(m.size)
    own = u < 0.45
    if kind == "harder":
        kept = ~(own & (residual < -1) & (rng.random(m.size) < _SELECTIVE))
    else:
        kept = np.ones(m.size, dtype=bool)
    both = own & (rng.random(m.size) < 0.1)
    ids, tests, labs = models["id"].to_list(), benchmarks["id"].to_list(), models["organization"].to_list()
    rows = []
    for i in np.flatnonzero(kept):
        items, when = n[b[i]], dt.date.fromordinal(min(int(max(day[m[i]], released[b[i]])) + 20, LAST.toordinal()))
        third = "independent" if u[i] < 0.8 else "leaderboard"
        reports = [("vendor", labs[m[i]], z[i] + gamma[lab[m[i]]])] if own[i] else []
        if both[i] or not own[i]:
            reports.append((third, "epoch-ai", z[i]))
        for report_type, who, logit in reports:
            p = 1 / (1 + np.exp(-logit))
            score = float(np.clip(((items + 1) * p - 0.5) / items, 0, 1))
            rows.append((ids[m[i]], tests[b[i]], score, who, report_type, when, f"simulated-{report_type}"))
    names = ["model", "benchmark", "score", "evaluator", "report_type", "known_on", "source"]
    made = pl.DataFrame(rows, schema=names, orient="row")
    types = base["scores"].schema
    return (
        made.with_columns(**{c: pl.lit(None, dtype=t) for c, t in types.items() if c not in names})
        .select(list(types))
        .cast(dict(types))
    )


def _residuals(m: Floats, b: Floats, lab: Floats, domain: Floats, kind: str, rng: np.random.Generator) -> Floats:
    """Return residuals in units of their scale: Student-t, with shared parts of the same variance where `harder`."""
    own = rng.standard_t(5, m.size)
    if kind == "assumed":
        return own
    shares = SIZES["same_domain"], SIZES["same_developer"]
    by_domain = rng.normal(0, 1, (m.max() + 1, domain.max() + 1))[m, domain[b]]
    by_developer = rng.normal(0, 1, (lab.max() + 1, b.max() + 1))[lab[m], b]
    total = 5 / 3  # variance of Student-t with five degrees of freedom
    return (
        np.sqrt(total * shares[0]) * by_domain
        + np.sqrt(total * shares[1]) * by_developer
        + np.sqrt(1 - sum(shares)) * own
    )
