"""What is measured: abilities, lags, and the curve."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.answers.plain import plain, records, stamped
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.estimate import Estimate
    from leadtime.study import Study


def lag(
    study: "Study", *, model: str | None = None, of: str = "CHN", behind: str = "USA", against: str | None = None, definition: str | None = None,
    clock: str = "released", comparison: str = "all", benchmarks: str = "all", effort: str = "best", everything: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """Measure how many months a model, or one side, is behind another: positive when behind."""
    if against:
        return stamped(records(versus(study, model, against, benchmarks, effort)), study.stamp)
    if everything:
        return stamped(records(study.lag_grid(model, of, behind, everything=True)), study.stamp)
    found = lags(study, model, of, behind, definition, clock, comparison, benchmarks, effort)
    return [e.to_json() for e in found.values()]


def lag_path(
    study: "Study", *, of: str = "CHN", behind: str = "USA", benchmarks: str = "all", effort: str = "best"
) -> dict[str, Any]:
    """Say how far one side is behind another now, how the lag came there, and whether it grows."""
    path = study.lag_path(of, behind, benchmarks, effort)
    return {
        **study.stamp,
        "of": of,
        "behind": behind,
        **{
            name: None if e is None else e.to_json()
            for name, e in (
                ("now", path.now),
                ("past_year", path.past_year),
                ("change", path.change),
                ("growth", path.growth),
                ("process_level", path.level),
            )
        },
        "p_growing": path.p_growing,
        "quarters": records(path.table),
        "diagnostics": {
            "r_hat_max": path.r_hat_max,
            "ess_min": path.ess_min,
            "divergences": path.divergences,
            "n_draws": path.n_draws,
        },
    }


def lag_headline(study: "Study", *, of: str = "CHN", behind: str = "USA") -> dict[str, Any]:
    """Say the gap of the past year, its change and the gap now, which record bounds it, and what other choices make of it."""
    h = study.lag_headline(of, behind)
    estimates = {
        "past_year": h.past_year,
        "change": h.change,
        "now": h.path.now if h.path else None,
        "realized_since_2023_07": h.since,
        "process_level": h.level,
    }
    return {
        **study.stamp,
        "of": of,
        "behind": behind,
        **{n: None if e is None else e.to_json() for n, e in estimates.items()},
        "p_grew": h.p_grew,
        "p_growing": h.path.p_growing if h.path else None,
        "bounded_by": records(study.lag_bounding(of, behind)),
        "choices": records(study.lag_sensitivity(of, behind)),
    }


def versus(study: "Study", model: str | None, against: str, benchmarks: str, effort: str) -> pl.DataFrame:
    """Return where the first of two models is abler, with probabilities.

    Raises:
        LeadtimeError: The first is not named, or one cannot be placed.
    """
    if not model:
        raise LeadtimeError("--against compares two models", fix="Name the first with --model.")
    return study.pairwise(model, against, benchmarks, effort)


def lags(
    study: "Study", model: str | None, of: str, behind: str, definition: str | None, clock: str, comparison: str, benchmarks: str, effort: str
) -> "dict[str, Estimate]":  # fmt: skip
    """Return the lag by each definition that applies, or by one."""
    from leadtime.study import lag_definitions

    names = [definition] if definition else [d.name for d in lag_definitions("model" if model else "group")]
    return {n: study.lag(model, of, behind, n, clock, comparison, benchmarks, effort) for n in names}


def capability(
    study: "Study",
    *,
    model: str | None = None,
    domain: str | None = None,
    benchmarks: str = "all",
    effort: str = "best",
) -> list[dict[str, Any]]:
    """Measure how able each model is, with 90 % intervals."""
    return stamped(records(abilities(study, model, domain, benchmarks, effort)), study.stamp)


def abilities(study: "Study", model: str | None, domain: str | None, benchmarks: str, effort: str) -> pl.DataFrame:
    """Return abilities, perhaps of one model or in one domain.

    Raises:
        LeadtimeError: Unknown model or domain, or too few scores.
    """
    name = study.evidence.resolve_model(model) if model else ""  # before the fit, which may take a minute
    table = study.domains() if domain else study.abilities(benchmarks, effort)
    if domain:
        known = table["domain"].unique().sort().to_list()
        if domain not in known:
            raise LeadtimeError(f"there is no domain {domain!r}", fix=f"Domains: {', '.join(known)}.")
        table = table.filter(pl.col("domain") == domain)
    if model:
        table = table.filter(pl.col("model") == name)
        if table.is_empty():
            raise LeadtimeError(
                f"{model} has too few scores to be placed", fix="`leadtime evidence scores` lists them."
            )
    return table


def curve(
    study: "Study", *, country: str | None = None, spec: bool = False, firsts: bool = False, adoption: bool = False
) -> dict[str, Any]:
    """Say how fast the compute and the money for a given ability fall, by three meanings of that."""
    return {**study.stamp, "rows": records(curve_table(study, country, spec=spec, firsts=firsts, adoption=adoption))}


def curve_table(study: "Study", country: str | None, *, spec: bool, firsts: bool, adoption: bool) -> pl.DataFrame:
    """Return the table that is asked for: rates, all specifications, who was first, or who adopted."""
    from leadtime.cost import spread

    if adoption:
        return spread.adoption(study.evidence["adoptions"], study.evidence["organizations"])
    found: Any = study.curve
    table: pl.DataFrame = (
        spread.firsts(found.data) if firsts else found.specifications if spec else found.headline(country or "")
    )
    return table


def expected(study: "Study", *, model: str, quality: float | None = None) -> dict[str, Any]:
    """Say whether a model was an expected point on the curve."""
    found = study.curve.expected(study.evidence.resolve_model(model), quality=quality)
    return {**study.stamp, **plain(found)}
