"""What the curve is fitted to: one row per model with its ability, its compute, its date and what sets it apart."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from leadtime.capability.result import Floats, Integers
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.units import DAYS_PER_YEAR, to_day

Flags = NDArray[np.bool_]
Z90 = 1.6448536269514722
#: Day from which years are counted: DeepSeek-V3's release, so that intercepts are about its time.
ORIGIN = 739246.0
#: Compute from which orders of magnitude are counted, log10 FLOP: about DeepSeek-V3's.
CENTER_OOM = 24.5
#: Ability from which points are counted: about Claude 3.5 Sonnet's and DeepSeek-V3's.
CENTER_POINTS = 130.0
COUNTRIES = ("USA", "CHN", "other")
_LEAST_MODELS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveData:
    """Models with a measured ability and a known compute; arrays have shape (model,) unless said otherwise.

    Args:
        models: Ids.
        names: Names.
        organizations: Who trained each.
        countries: Country of each, ISO 3166 alpha-3.
        points: Joint draws of ability, shape (draw, model).
        oom: log10 of training compute in FLOP.
        oom_sd: Its standard error.
        day: Release, as a day number.
        reasoning: Trained to think at length.
        distilled: Trained on the outputs of a named teacher.
        coding: Made for code, by its name.
        sure: The compute is reported, counted from published figures, or marked confident by its source.
        sources: Of each compute figure.
    """

    models: tuple[str, ...]
    names: tuple[str, ...]
    organizations: tuple[str, ...]
    countries: tuple[str, ...]
    points: Floats
    oom: Floats
    oom_sd: Floats
    day: Floats
    reasoning: Flags
    distilled: Flags
    coding: Flags
    sure: Flags
    sources: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of models."""
        return len(self.models)

    @property
    def years(self) -> Floats:
        """Release in years from the origin."""
        return (self.day - ORIGIN) / DAYS_PER_YEAR

    @property
    def ability(self) -> Floats:
        """Median ability of each model, points."""
        return np.asarray(np.median(self.points, axis=0))

    @property
    def country_index(self) -> Integers:
        """Index of each model's country in `COUNTRIES`; all but two are `other`."""
        return np.array([COUNTRIES.index(c) if c in COUNTRIES else 2 for c in self.countries], dtype=np.int64)

    def has(self, model: str) -> bool:
        """Whether a model's ability and compute are both known."""
        return model in self.models

    def index(self, model: str) -> int:
        """Return the row of a model.

        Raises:
            LeadtimeError: Its ability or its compute is not known.
        """
        if not self.has(model):
            raise unknown_name("model with a measured ability and a known training compute", model, self.models)
        return self.models.index(model)

    def keep(self, which: Flags) -> "CurveData":
        """Return only some of the models."""
        pick = np.flatnonzero(which)
        some = {
            f: tuple(getattr(self, f)[i] for i in pick)
            for f in ("models", "names", "organizations", "countries", "sources")
        }
        arrays = {
            f: getattr(self, f)[pick] for f in ("oom", "oom_sd", "day", "reasoning", "distilled", "coding", "sure")
        }
        return replace(self, **some, **arrays, points=self.points[:, pick])  # type: ignore[arg-type]

    def require(self, least: int = _LEAST_MODELS) -> "CurveData":
        """Return itself, or raise when there are too few models to fit a curve."""
        if self.n < least:
            raise LeadtimeError(
                f"only {self.n} models have both an ability and a known training compute; a curve needs {least}",
                where="training_runs",
                fix="Choose a later --as-of or a wider sample, or add runs to a study folder.",
            )
        return self


def curve_data(
    runs: pl.DataFrame,
    models: pl.DataFrame,
    organizations: pl.DataFrame,
    stated: Assumptions,
    measured: tuple[str, ...],
    points: Floats,
) -> CurveData:
    """Join training runs to abilities: per model the run with the most compute, base checkpoints only where alone.

    Args:
        runs: Table `training_runs`.
        models: Table `models`.
        organizations: Table `organizations`.
        stated: Assumptions, for how wrong an estimate of compute may be.
        measured: Models with an ability.
        points: Their joint draws, shape (draw, model).
    """
    whole = runs.filter(
        pl.col("model").is_in(list(measured)),
        pl.col("flop").is_not_null(),
        pl.col("scope").is_in(["all", "pre-training"]),
    )
    whole = whole.sort("flop", "id", descending=[True, False]).unique("model", keep="first", maintain_order=True)
    info = models.select("id", "name", "released_on", "reasoning", "distilled_from", "base_model", "stage")
    whole = whole.select("model", "flop", "flop_low", "flop_high", "flop_basis", "confidence", "organization", "source")
    table = whole.join(info, left_on="model", right_on="id").join(
        organizations.select("country", organization="id"), on="organization", how="left", maintain_order="left"
    )
    bases = set(table["base_model"].drop_nulls())
    table = table.filter(~((pl.col("stage") == "base") & pl.col("model").is_in(list(bases)))).sort(
        "released_on", "model"
    )
    column = {m: i for i, m in enumerate(measured)}
    return CurveData(
        models=tuple(table["model"]),
        names=tuple(table["name"]),
        organizations=tuple(table["organization"]),
        countries=tuple(c or "" for c in table["country"]),
        points=points[:, [column[m] for m in table["model"]]],
        oom=np.log10(table["flop"].to_numpy()),
        oom_sd=np.array([_oom_sd(row, stated) for row in table.iter_rows(named=True)]),
        day=np.array([to_day(d) for d in table["released_on"]]),
        reasoning=table["reasoning"].to_numpy(),
        distilled=table["distilled_from"].is_not_null().to_numpy(),
        coding=table["model"].str.contains("coder").to_numpy(),
        sure=(table["flop_basis"].is_in(["reported", "6nd"]) | (table["confidence"] == "high")).to_numpy(),
        sources=tuple(table["source"]),
    )


def _oom_sd(row: dict[str, object], stated: Assumptions) -> float:
    """Return the standard error of log10 compute: from its stated interval, else by how the figure is known."""
    low, high = row["flop_low"], row["flop_high"]
    if isinstance(low, float) and isinstance(high, float):
        return float(np.log10(high / low) / (2 * Z90))
    if row["flop_basis"] in ("reported", "6nd"):
        return stated.spread_oom("compute-counted")
    kind = {"high": "confident", "medium": "likely"}.get(str(row["confidence"]), "speculative")
    return stated.spread_oom(f"epoch-confidence-{kind}")
