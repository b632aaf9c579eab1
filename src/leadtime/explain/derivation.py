"""What each quantity rests on: the rows of evidence behind it, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.once import once

if TYPE_CHECKING:
    from leadtime.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a derivation.

    Args:
        words: What is taken from the rows, and what is done with it.
        table: Table they are in; empty for a step that only computes.
        rows: The rows, with `source` and `known_on`.
    """

    words: str
    table: str = ""
    rows: pl.DataFrame


_NOTHING = pl.DataFrame()
_SCORE = ("model", "benchmark", "score", "report_type", "evaluator", "source", "known_on")
_DATE = ("id", "released_on", "trained_by", "source", "known_on")
_RUN = ("model", "flop", "chip", "chip_hours", "tokens", "hours", "source", "known_on")
_ASSUMPTION = ("id", "low", "value", "high", "unit", "source", "known_on", "note")


def steps(study: "Study", quantity: str, parameters: dict[str, Any]) -> list[Step]:
    """Return the steps from evidence to a quantity.

    Raises:
        LeadtimeError: The quantity cannot be computed from the study's evidence.
    """
    return _STEPS[quantity](study, **parameters)


def _some(study: "Study", table: str, columns: tuple[str, ...], words: str, *wanted: pl.Expr) -> Step:
    rows = study.evidence[table].filter(*wanted)
    return Step(
        words=words.format(n=rows.height), table=table, rows=rows.select([c for c in columns if c in rows.columns])
    )


def _fitted(study: "Study") -> Step:
    n = study.counts()
    e = study.evidence["scores"]
    return Step(
        words=(
            f"Abilities of {n['models']} models on {n['benchmarks']} benchmarks are fitted together, from {n['pairs']}"
            f" pairs of them ({e.height} scores from {e['source'].n_unique()} sources), so every score has a part in"
            " every ability."
        ),
        rows=_NOTHING,
    )


def _lag_model(study: "Study", model: str, behind: str = "USA", **_: Any) -> list[Step]:
    name = study.evidence.resolve_model(model)
    released = study.evidence["models"].filter(pl.col("id") == name)["released_on"].item()
    before = study.records(behind).filter(pl.col("released_on") <= released)["model"].to_list()
    return [
        _some(study, "scores", _SCORE, f"{{n}} scores of {name} give its ability.", pl.col("model") == name),
        _some(
            study,
            "scores",
            _SCORE,
            f"{{n}} scores of the {len(before)} models that set the frontier of {behind} until then give what it is "
            "held against.",
            pl.col("model").is_in(before),
        ),
        _some(
            study, "models", _DATE, "{n} release dates turn abilities into months.", pl.col("id").is_in([name, *before])
        ),
        _fitted(study),
    ]


def _lag_group(study: "Study", of: str = "CHN", behind: str = "USA", **_: Any) -> list[Step]:
    found = []
    names = []
    for group in (of, behind):
        some = study.records(group)["model"].to_list()
        names += some
        found.append(
            _some(
                study,
                "scores",
                _SCORE,
                f"{{n}} scores of the {len(some)} models that set the frontier of {group}.",
                pl.col("model").is_in(some),
            )
        )
    dates = _some(
        study, "models", _DATE, "{n} release dates turn abilities into months.", pl.col("id").is_in(sorted(set(names)))
    )
    return [*found, dates, _fitted(study)]


def _ahead(study: "Study", first: str, second: str, **_: Any) -> list[Step]:
    names = [study.evidence.resolve_model(m) for m in (first, second)]
    return [_some(study, "scores", _SCORE, f"{{n}} scores of {n}.", pl.col("model") == n) for n in names] + [
        _fitted(study)
    ]


def _bill(study: "Study", model: str, definition: str, price_of: str | None) -> list[Step]:
    from leadtime.cost.run import find_run

    e = study.evidence
    run = find_run(e, model)
    costing = study.costing(run, price_of=price_of if definition and not run.chip else None)
    cost = costing.cost(definition)
    if run.id in set(e["training_runs"]["id"]):
        words = f"The run of {run.id}: chips, hours, FLOP or tokens."
        found = [_some(study, "training_runs", _RUN, words, pl.col("id") == run.id)]
    else:
        words = f"Of {run.id} no run is recorded: its maker and day."
        found = [_some(study, "models", _DATE, words, pl.col("id") == run.id)]
    if any(f.what == "training compute" for f in costing.filled):
        models = list(study.cost_known.curve.data.models)
        words = "The compute of {n} runs tells what a model of such ability, day, country and developer took."
        found += [_some(study, "training_runs", _RUN, words, pl.col("model").is_in(models)), _fitted(study)]
    if chips := [c for c in costing.shares if c]:
        names = " or ".join(chips)
        columns = ("id", "name", "released_on", "tdp_w", "source", "known_on")
        found += [
            _some(
                study,
                "chip_prices",
                tuple(e["chip_prices"].columns),
                f"{{n}} prices of the {names}; those near the run count.",
                pl.col("chip").is_in(chips),
            ),
            _some(study, "chips", columns, f"What it ran on, or may have: {names}.", pl.col("id").is_in(chips)),
        ]
    used = [b for b in cost.because if b != run.source]
    words = "{n} assumptions fill in what is not published."
    return [*found, _some(study, "assumptions", _ASSUMPTION, words, pl.col("id").is_in(used))]


def _cost(study: "Study", model: str, definition: str = "amortized", price_of: str | None = None) -> list[Step]:
    return _bill(study, model, definition, price_of)


def _cost_ratio(
    study: "Study", model: str, against: str, definition: str = "amortized", price_of: str | None = None
) -> list[Step]:
    return [s for m in (model, against) for s in _bill(study, m, definition, price_of)]


def _curve(study: "Study", model: str = "", **_: Any) -> list[Step]:
    models = list(study.curve.data.models)
    own = [study.evidence.resolve_model(model)] if model else []
    is_run = pl.col("model").is_in(models)
    found = [_some(study, "training_runs", _RUN, f"The compute of {m}.", pl.col("model") == m) for m in own] + [
        _some(
            study,
            "training_runs",
            _RUN,
            f"The compute of {{n}} runs of the {len(models)} models whose ability and compute are known.",
            is_run,
        )
    ]
    return [*found, _fitted(study)]


def _adopted(study: "Study", innovation: str, country: str) -> list[Step]:
    columns = tuple(study.evidence["adoptions"].columns)
    return [
        _some(
            study, "adoptions", columns, f"{{n}} models that shipped {innovation}.", pl.col("innovation") == innovation
        )
    ]


def _trained(study: "Study", model: str, day: str) -> list[Step]:
    name = study.evidence.resolve_model(model)
    own = _some(
        study, "models", _DATE, f"Release and, where published, end of training of {name}.", pl.col("id") == name
    )
    others = pl.col("trained_by").is_not_null() & (pl.col("id") != name)
    return [
        own,
        _some(
            study,
            "models",
            _DATE,
            f"Delays of the {{n}} other models whose end of training is published; {day} is the day.",
            others,
        ),
    ]


_SHIPMENT = (
    "id",
    "period_end",
    "bloc",
    "channel",
    "designer",
    "chip",
    "h100e_low",
    "h100e",
    "h100e_high",
    "grade",
    "source",
    "known_on",
)


@once
def _splits(study: "Study") -> list[str]:
    """Return the assumptions that arrivals are split and scaled by, whatever else was asked of the study before."""
    from leadtime.supply import Supply

    alone = Supply(study.evidence, seed=study.seed, draws=2)
    _ = alone.flows, alone.stocks
    return list(alone.stated.used)


def _supply(study: "Study", makers: str = "all", **_: Any) -> list[Step]:
    """Return the rows of arrivals, what is assumed apart from what was counted, and what splits and scales them."""
    wanted = [pl.col("measure") == "flow", pl.col("h100e").is_not_null()]
    if makers not in ("all", "same"):
        wanted.append(pl.col("designer").is_in(makers.split(",")))
    assumed = pl.col("grade") == "assumed"
    return [
        _some(
            study, "shipments", _SHIPMENT, "{n} counts and estimates of arrivals by quarter or year.", *wanted, ~assumed
        ),
        _some(
            study,
            "shipments",
            _SHIPMENT,
            "{n} rows of arrivals that nobody counted: assumed, each with its interval.",
            *wanted,
            assumed,
        ),
        _some(
            study,
            "assumptions",
            _ASSUMPTION,
            "{n} assumptions split and scale them.",
            pl.col("id").is_in(_splits(study)),
        ),
    ]


def _share_change(
    study: "Study", before: str, after: str, makers: str = "all", channels: str = "all", scope: str = "owned"
) -> list[Step]:
    """Return the rows behind a change of share, and what it is on counted rows of the same makers alone."""
    from leadtime.supply import like

    s = like.compare(study.supply, before, after, makers="same", channels=channels, scope=scope)
    whose = (*s.makers, *s.at_home)
    rows = _supply(study, ",".join(whose) if makers == "same" else "all")
    low, median, high = (100 * float(v) for v in np.quantile(s.second - s.first, [0.05, 0.5, 0.95]))
    held = f" Assumed in it: {'; '.join(s.assumed)}." if s.assumed else " Nothing in it is assumed."
    said = (
        f"The same makers in both periods ({', '.join(whose)}), Chinese ones where they were counted: {median:+.1f}"
        f" points ({low:+.1f} to {high:+.1f}), fell with probability {s.p_fell:.2f}.{held}"
    )
    if makers == "same" and not s.assumed:
        rows = [r for r in rows if "nobody counted" not in r.words]
    return [*rows, Step(words=said, rows=_NOTHING)]


def _published(study: "Study", row: str, over: str = "", less: str = "", **_: Any) -> list[Step]:
    """Return the rows of published figures, and what is assumed of those without an interval."""
    from leadtime.resources import named

    names = [n.strip() for text in (row, over, less) if text for n in text.split("+")]
    found = []
    for table in dict.fromkeys(named(study.evidence, n).table for n in names):
        columns = tuple(study.evidence[table].columns)
        found.append(_some(study, table, columns, "{n} published figures.", pl.col("id").is_in(names)))
    wide = [
        f"published-figure-{f.confidence}" for f in (named(study.evidence, n) for n in names) if "assumed" in f.interval
    ]
    if wide:
        found.append(
            _some(
                study,
                "assumptions",
                _ASSUMPTION,
                "{n} assumptions give a figure without an interval its width.",
                pl.col("id").is_in(wide),
            )
        )
    return found


def _scenario(study: "Study", scenario: str, quarter: str, **_: Any) -> list[Step]:
    fork = study.fork
    checks = fork.ensemble.checks["constraint"].to_list()
    s = fork.scenario(scenario)
    return [
        _some(study, "assumptions", _ASSUMPTION, "{n} priors are drawn.", pl.col("id").str.starts_with("sim-")),
        *_supply(study)[:2],
        Step(words=f"{fork.ensemble.n} draws are kept that fit what was observed: {', '.join(checks)}.", rows=_NOTHING),
        Step(words=f"{s.title}: {s.narrative} The equations are run to {quarter}.", rows=_NOTHING),
    ]


_STEPS: dict[str, Callable[..., list[Step]]] = {
    "lag.model": _lag_model,
    "lag.group": _lag_group,
    "lag.change": _lag_group,
    "lag.year": _lag_group,
    "lag.now": _lag_group,
    "lag.level": _lag_group,
    "cost": _cost,
    "cost.ratio": _cost_ratio,
    "curve.rate": _curve,
    "curve.percentile": _curve,
    "curve.first": _curve,
    "ability.ahead": _ahead,
    "adoption.months": _adopted,
    "trained.months_before": _trained,
    "supply.share": _supply,
    "supply.share_change": _share_change,
    "supply.diverted": _supply,
    "supply.diverted_share": _supply,
    "supply.ratio": _supply,
    "row.value": _published,
    "row.ratio": _published,
    "row.change": _published,
    "scenario": _scenario,
}


def sources(found: list[Step]) -> list[str]:
    """Return the ids of the sources that the steps name: by the first step they are in, those of most rows first."""
    place: dict[str, tuple[int, int]] = {}
    for i, s in enumerate(found):
        for name in s.rows["source"] if "source" in s.rows.columns else ():
            step, n = place.get(name, (i, 0))
            place[name] = (step, n - 1)
    return sorted(place, key=lambda name: (*place[name], name))
