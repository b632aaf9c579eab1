r"""Do developers score their own models higher? Estimated from paired rows of one setting only.

For pair j (same model, benchmark, effort and setting; one report by the developer, one by a third party):

    logit(y_vendor) - logit(y_third) ~ StudentT(5, gamma_org(j), sigma)
    gamma_org ~ Normal(gamma_country(org), omega),  gamma_country ~ Normal(gamma, kappa),  gamma ~ Normal(0, 0.3)

with half-Cauchy-like inverse-gamma scales. A developer without pairs draws its effect from its country's.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from leadtime.capability import cache
from leadtime.capability.result import NU, Fit, Floats

COMPETITOR = "competitor"
_KEY = ["model", "benchmark", "effort", "setting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterEffects:
    """Joint draws of the effect of who reports, in logits, against third parties.

    Args:
        names: Developer ids, then `competitor`.
        countries: Country of each name ("" for competitor).
        n_pairs: Pairs of each name.
        effect: Shape (draw, name).
        country_names: Countries with a pooled effect.
        country: Shape (draw, country).
        overall: Shape (draw,).
    """

    names: tuple[str, ...]
    countries: tuple[str, ...]
    n_pairs: tuple[int, ...]
    effect: Floats
    country_names: tuple[str, ...]
    country: Floats
    overall: Floats

    @property
    def deviation(self) -> Floats:
        """Each draw's effects less their mean, shape (draw, name)."""
        found: Floats = self.effect - self.effect.mean(axis=0)
        return found


def pairs(scores: pl.DataFrame) -> pl.DataFrame:
    """Return paired rows of the same setting: columns of the key, reporter, kind, own, third, difference (logits)."""
    filled = scores.with_columns(pl.col("effort", "setting").fill_null(""))
    third = (
        filled.filter(pl.col("report_type").is_in(["independent", "leaderboard"]))
        .group_by(_KEY)
        .agg(pl.col("score").mean().alias("third"), pl.col("n_items").first())
    )
    own = filled.filter(pl.col("report_type").is_in(["vendor", "competitor"]))
    own = own.group_by([*_KEY, "report_type", "evaluator"]).agg(pl.col("score").mean().alias("own"))
    both = own.join(third, on=_KEY).with_columns(n=pl.col("n_items").fill_null(200))
    return both.with_columns(difference=_logit(pl.col("own"), pl.col("n")) - _logit(pl.col("third"), pl.col("n"))).sort(
        [*_KEY, "evaluator"]
    )


def _logit(score: pl.Expr, n: pl.Expr) -> pl.Expr:
    p = (score * n + 0.5) / (n + 1)
    return (p / (1 - p)).log()


def reporter_effects(scores: pl.DataFrame, countries: dict[str, str], *, draws: int, seed: int) -> ReporterEffects:
    """Return joint draws of the reporter effects by Gibbs sampling.

    Args:
        scores: Rows of `scores` with `n_items` joined.
        countries: Organization id to country.
        draws: Number of draws.
        seed: Seed.
    """
    paired = pairs(scores)
    vendor = paired.filter(pl.col("report_type") == "vendor")
    other = paired.filter(pl.col("report_type") == "competitor")["difference"].to_numpy()
    reporters = scores.filter(pl.col("report_type") == "vendor")["evaluator"].unique().sort().to_list()
    where = [countries.get(r) or "" for r in reporters]
    nations = tuple(dict.fromkeys(sorted(where)))
    org = vendor["evaluator"].replace_strict({r: i for i, r in enumerate(reporters)}, return_dtype=pl.Int64).to_numpy()
    nation = np.array([nations.index(w) for w in where], dtype=int)
    y = vendor["difference"].to_numpy()

    def sample() -> dict[str, Floats]:
        rng = np.random.default_rng(seed)
        developer, country, overall = _gibbs(y, org, nation, len(nations), draws, rng)
        rival = rng.normal(*_robust(other), size=(draws, 1))
        return {"effect": np.concatenate([developer, rival], axis=1), "country": country, "overall": overall}

    kept = cache.remembered(("reporters", y, org, nation, len(nations), other, draws, seed), sample)
    n = np.bincount(org, minlength=len(reporters))
    return ReporterEffects(
        names=(*reporters, COMPETITOR),
        countries=(*where, ""),
        n_pairs=(*(int(v) for v in n), len(other)),
        country_names=nations,
        **kept,
    )


def extended(effects: ReporterEffects, scores: pl.DataFrame, countries: dict[str, str]) -> ReporterEffects:
    """Return effects with those of developers that they do not know: each has its country's, or the overall one.

    Args:
        effects: Known effects.
        scores: Rows of `scores`, with those of other developers.
        countries: Organization id to country.
    """
    reporters = scores.filter(pl.col("report_type") == "vendor")["evaluator"].unique().sort().to_list()
    new = [r for r in reporters if r not in effects.names]
    if not new:
        return effects
    where = [countries.get(r) or "" for r in new]
    known = {c: effects.country[:, i] for i, c in enumerate(effects.country_names)}
    columns = np.column_stack([known.get(c, effects.overall) for c in where])
    return replace(
        effects,
        names=(*effects.names[:-1], *new, COMPETITOR),
        countries=(*effects.countries[:-1], *where, ""),
        n_pairs=(*effects.n_pairs[:-1], *(0 for _ in new), effects.n_pairs[-1]),
        effect=np.concatenate([effects.effect[:, :-1], columns, effects.effect[:, -1:]], axis=1),
    )


def moved(fitted: Fit, deviation: Floats) -> Fit:
    """Return a fit with each draw's abilities moved by that draw's reporter effects, to first order.

    Args:
        fitted: The fit, whose cells are corrected by the mean effects.
        deviation: Each draw's effects less their mean, shape (draw, effect).
    """
    if fitted.response is None or not fitted.cells.reports.size:
        return fitted
    move = -deviation @ (fitted.cells.reports.T @ fitted.response.T)
    return replace(fitted, draws=replace(fitted.draws, theta=fitted.draws.theta + move))


def _robust(x: Floats) -> tuple[float, float]:
    """Return the mean of a small sample shrunk to zero (prior sd 0.3), and its standard error."""
    if x.size == 0:
        return 0.0, 0.3
    precision = x.size / max(float(np.var(x)), 0.04) + 1 / 0.09
    return float(np.mean(x)) * (1 - 1 / 0.09 / precision), precision**-0.5


def _gibbs(
    y: Floats, org: np.ndarray, nation: np.ndarray, n_nations: int, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    n_org = nation.size
    keep: tuple[list[Floats], list[Floats], list[float]] = ([], [], [])
    gamma_org, gamma_nation, gamma = np.zeros(n_org), np.zeros(n_nations), 0.0
    sigma2, omega2, kappa2, weight = 0.04, 0.01, 0.01, np.ones(y.size)
    for i in range(500 + draws):
        precision = np.bincount(org, weight, minlength=n_org) / sigma2 + 1 / omega2
        mean = (np.bincount(org, weight * y, minlength=n_org) / sigma2 + gamma_nation[nation] / omega2) / precision
        gamma_org = mean + rng.normal(size=n_org) / np.sqrt(precision)
        precision = np.bincount(nation, minlength=n_nations) / omega2 + 1 / kappa2
        mean = (np.bincount(nation, gamma_org, minlength=n_nations) / omega2 + gamma / kappa2) / precision
        gamma_nation = mean + rng.normal(size=n_nations) / np.sqrt(precision)
        total = n_nations / kappa2 + 1 / 0.3**2
        gamma = float(gamma_nation.sum() / kappa2 / total + rng.normal() / total**0.5)
        residual2 = (y - gamma_org[org]) ** 2
        weight = rng.gamma((NU + 1) / 2, 1, size=y.size) / (NU / 2 + residual2 / sigma2 / 2)
        sigma2 = (0.02 + (weight * residual2).sum() / 2) / rng.gamma(1 + y.size / 2)
        omega2 = (0.01 + ((gamma_org - gamma_nation[nation]) ** 2).sum() / 2) / rng.gamma(1 + n_org / 2)
        kappa2 = (0.01 + ((gamma_nation - gamma) ** 2).sum() / 2) / rng.gamma(1 + n_nations / 2)
        if i >= 500:
            keep[0].append(gamma_org)
            keep[1].append(gamma_nation)
            keep[2].append(gamma)
    return np.array(keep[0]), np.array(keep[1]), np.array(keep[2])
