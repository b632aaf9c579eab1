"""Which headline a proposal moves, by how much, and by the rows of which model: the quick fit, before and with it."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.quantities import value
from leadtime.report.front import answer
from leadtime.study import agreed
from leadtime.supply import like

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.study import Study

    Floats = NDArray[np.float64]

DRAWS = 500
#: Fitting again without one known model stops here, so that an update stays quick; what was not done is said.
MOST_SECONDS = 3.0
#: The lags that are told by model: name, what it is, definition.
_BY_MODEL = {
    "daily_mean": ("gap of China's models, mean over the days since mid-2023", "months", "daily_mean"),
    "trend_gap_linear": ("gap between the two trend lines", "months", "trend_gap_linear"),
}
_LAG = {"scores", "models", "organizations", "benchmarks"}
_SUPPLY = {
    "shipments",
    "enforcement",
    "supply_estimates",
    "chips",
    "chip_peaks",
    "assumptions",
    "revenue",
    "investment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One number that the front of the report says, before and with the proposal.

    Args:
        name: Its key.
        words: What it is.
        unit: Its unit.
        before: Median and 90% interval, or None if the evidence does not reach.
        after: The same with the proposal.
        known_only: The median with the new scores of known models alone, or None if no model is new.
        without: The median with the proposal but for one model of the frontier, by its id.
    """

    name: str
    words: str
    unit: str
    before: tuple[float, float, float] | None
    after: tuple[float, float, float] | None
    known_only: float | None = None
    without: dict[str, float] = field(default_factory=dict)

    @property
    def moved(self) -> float | None:
        """By how much the median moved."""
        return self.after[0] - self.before[0] if self.before and self.after else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a proposal does to the headlines.

    Args:
        headlines: Each of them.
        answer_before: The answer in a sentence, without it.
        answer_after: The same with it.
        frontier: New models, or models with new scores, that set a frontier in at least a tenth of the draws, by
            country.
        not_left_out: Those that were not left out one at a time, for time.
    """

    headlines: list[Headline] = field(default_factory=list)
    answer_before: str = ""
    answer_after: str = ""
    frontier: dict[str, list[str]] = field(default_factory=dict)
    not_left_out: list[str] = field(default_factory=list)


def moved(before: Evidence, accepted: dict[str, pl.DataFrame], day: dt.date) -> Moved:
    """Return the headlines of the evidence, and with the rows of a proposal, as of a day."""
    after = with_rows(before, accepted)
    tables = set(accepted)
    one, two = _study(before, day), _study(after, day)
    wanted = _wanted(tables)
    if not wanted:
        return Moved()
    a, b = ({n: _draws(make, s) for n, (_, _, make) in wanted.items()} for s in (one, two))
    touching = _frontier(two, accepted) if tables & _LAG else {}
    without, undone = _left_out(touching, two, before, accepted, day)
    known = _known_only(before, accepted, day) if touching else {}
    return Moved(
        headlines=[
            Headline(
                name=n,
                words=words,
                unit=unit,
                before=_band(a[n]),
                after=_band(b[n]),
                known_only=known.get(n),
                without=without.get(n, {}),
            )
            for n, (words, unit, _) in wanted.items()
        ],
        answer_before=_answer(a),
        answer_after=_answer(b),
        frontier=touching,
        not_left_out=undone,
    )


def _known_only(before: Evidence, accepted: dict[str, pl.DataFrame], day: dt.date) -> dict[str, float]:
    """Return the lags with the new scores of known models alone, nothing if no model is new."""
    if "models" not in accepted:
        return {}
    new = accepted["models"]["id"].to_list()
    rest = {
        t: r.filter(~pl.col("model").is_in(new)) if "model" in r.columns else r
        for t, r in accepted.items()
        if t != "models"
    }
    study = _study(with_rows(before, rest), day)
    bands = {n: _band(_draws(_lag(d), study)) for n, (_, _, d) in _BY_MODEL.items()}
    return {n: band[0] for n, band in bands.items() if band is not None}


def with_rows(evidence: Evidence, accepted: dict[str, pl.DataFrame]) -> Evidence:
    """Return the evidence with rows added; those of a key that is there take its place."""
    tables = dict(evidence.tables)
    for name, rows in accepted.items():
        key = list(TABLES[name].key)
        kept = tables[name].join(rows.select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
        tables[name] = pl.concat([kept, rows.select(kept.columns)])
    return Evidence(tables, evidence.as_of)


def _study(evidence: Evidence, day: dt.date) -> "Study":
    from leadtime.study import Study

    return Study(evidence=evidence.known_by(day), method="map", draws=DRAWS)


Wanted = dict[str, tuple[str, str, "Callable[[Study], Floats]"]]


def _wanted(tables: set[str]) -> Wanted:
    """Return the headlines that rows of these tables can move."""
    lag: Wanted = {
        "past_year": (
            "gap of China's models, mean of the past year",
            "months",
            lambda s: s.lag_year().draws,
        )
    }
    lag["change"] = ("how that changed against the year before", "months", _change)
    lag["change_without_parallel"] = (
        "the same without Pro, Heavy and Deep Think products",
        "months",
        lambda s: s.lag_change_without_parallel().draws,
    )
    lag |= {n: (words, unit, _lag(d)) for n, (words, unit, d) in _BY_MODEL.items()}
    what = "China's share of the computing power of new AI chips of the makers counted in both years"
    supply: Wanted = {
        "share_before": (f"{what}, {like.BEFORE_2023}", "%", _share("first")),
        "share_after": (f"{what}, last four whole quarters", "%", _share("second")),
    }
    supply["stock_ratio"] = (
        "American AI computing power over that in China's hands at home, at the last quarter counted",
        "ratio",
        _ratio,
    )
    return (lag if tables & _LAG else {}) | (supply if tables & _SUPPLY else {})


def _lag(definition: str) -> "Callable[[Study], Floats]":
    return lambda s: s.lag(definition=definition).draws


def _change(study: "Study") -> "Floats":
    return value(study, "lag.change", {})


def _share(which: str) -> "Callable[[Study], Floats]":
    def of(study: "Study") -> "Floats":
        supply = study.supply
        found = like.compare(supply, like.BEFORE_2023, like.last_year(supply.history.quarters))
        return np.asarray(100 * getattr(found, which))

    return of


def _ratio(study: "Study") -> "Floats":
    return value(study, "supply.ratio", {"quarter": study.supply.history.quarters[-1]})


def _draws(make: "Callable[[Study], Floats]", study: "Study") -> "Floats | None":
    try:
        found = np.asarray(make(study), dtype=float)
    except LeadtimeError:
        return None
    return found if np.isfinite(found).any() else None


def _band(draws: "Floats | None") -> tuple[float, float, float] | None:
    if draws is None:
        return None
    low, mid, high = np.quantile(draws[np.isfinite(draws)], [0.05, 0.5, 0.95])
    return float(mid), float(low), float(high)


def _answer(found: "dict[str, Floats | None]") -> str:
    """Return the answer of the front page, as far as these headlines tell it."""
    first, last, *changes = (found.get(n) for n in ("share_before", "share_after", "change", "change_without_parallel"))
    fell = float(np.mean(last < first)) if first is not None and last is not None else None
    known = [float(np.mean(c > 0)) for c in changes if c is not None]
    grew = agreed(*known) if len(known) == len(changes) else None
    return answer(fell, grew) if fell is not None and grew is not None else ""


def _frontier(study: "Study", accepted: dict[str, pl.DataFrame]) -> dict[str, list[str]]:
    """Return the models of the proposal that set a frontier, by country, surest first."""
    ours = {m for t, c in (("scores", "model"), ("models", "id")) if t in accepted for m in accepted[t][c]}
    out = {}
    for country in ("USA", "CHN"):
        try:
            records = study.records(country).sort("probability", descending=True)
        except LeadtimeError:
            continue
        if found := [m for m in records["model"] if m in ours]:
            out[country] = found
    return out


def _left_out(
    touching: dict[str, list[str]], two: "Study", before: Evidence, accepted: dict[str, pl.DataFrame], day: dt.date
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Return each lag without one model of the frontier, and the models for which there was no time.

    A new model is taken off the frontier, all abilities as fitted; a known one loses its new scores, and all is fitted
    again.
    """
    new = set(accepted["models"]["id"]) if "models" in accepted else set()
    out: dict[str, dict[str, float]] = {n: {} for n in _BY_MODEL}
    begun, undone = time.monotonic(), list[str]()
    released = dict(two.evidence["models"].select("id", "released_on").iter_rows())
    models = sorted((m for found in touching.values() for m in found), key=lambda m: released[m], reverse=True)
    for model in sorted(models, key=lambda m: m not in new):
        if model in new:
            for name, (_, _, definition) in _BY_MODEL.items():
                out[name][model] = _without(two, model, definition)
            continue
        if time.monotonic() - begun > MOST_SECONDS:
            undone.append(model)
            continue
        rest = {t: r.filter(pl.col("model") != model) if t == "scores" else r for t, r in accepted.items()}
        study = _study(with_rows(before, rest), day)
        for name, (_, _, definition) in _BY_MODEL.items():
            if (band := _band(_draws(_lag(definition), study))) is not None:
                out[name][model] = band[0]
    return out, undone


def _unasked(mask: object) -> Any:
    raise AssertionError("no latent frontier is wanted")


def _without(study: "Study", model: str, definition: str) -> float:
    """Return the median lag with a model off the frontiers."""
    from leadtime.lag.measure import measure
    from leadtime.study.lags import START

    here = study.fit().cells.models.index(model)
    masks = [study.mask(country).copy() for country in ("CHN", "USA")]
    for mask in masks:
        mask[here] = False
    found = measure(
        definition,
        study.worlds(),
        *masks,
        start=float(START.toordinal()),
        rng=np.random.default_rng([study.seed, 11]),
        latent=_unasked,
    )
    return float(np.median(found.months[np.isfinite(found.months)]))
