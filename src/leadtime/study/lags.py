"""The stage that says how many months one side, or one model, is behind another."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.estimate import Estimate, atoms_text
from leadtime.lag import DEFINITIONS, Definition
from leadtime.once import once
from leadtime.study.abilities import COMPARISONS, Abilities, summary

if TYPE_CHECKING:
    from leadtime.lag.ahead import Ahead

#: Trend lines and daily means start when both sides had several models.
START = dt.date(2023, 7, 1)
#: The claim everything is set against: "U.S. models 7-10 months older" (Amodei, 2025-01-29).
CLAIM_MONTHS = (7.0, 10.0)
#: A quarter, days: lags of a quarter are those of its last day and so many before it.
QUARTER_DAYS = 91.0
#: Definitions that are forecast, and how an answer says which.
FORECAST = {
    "daily_mean": "mean over the days of the quarter",
    "age_of_equal": "age of its equal on the last day of the quarter",
}


def lag_definitions(kind: str = "") -> list[Definition]:
    """Return the definitions whose answer is in months, all or those for a `model` or a `group`."""
    return [d for d in DEFINITIONS.values() if d.unit == "months" and (not kind or d.applies_to in {kind, "both"})]


def last_day(quarter: str) -> dt.date:
    """Return the last day of a quarter such as 2027Q2.

    Raises:
        LeadtimeError: It is no quarter.
    """
    found = re.fullmatch(r"(20\d\d) ?[Qq]([1-4])", quarter.strip())
    if not found:
        raise LeadtimeError(f"{quarter!r} is not a quarter", fix="Expected a year and a quarter, such as 2027Q2.")
    year, month = int(found[1]), 3 * int(found[2])
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


class Lags(Abilities):
    """Lags by every definition, clock, comparison and benchmark set, and the frontiers that they lie between."""

    @once
    def lag(
        self,
        model: str | None = None,
        of: str = "CHN",
        behind: str = "USA",
        definition: str | None = None,
        clock: str = "released",
        comparison: str = "all",
        benchmarks: str = "all",
        effort: str = "best",
    ) -> Estimate:
        """Return the lag in months of a model, or of one group behind another; positive when behind.

        Raises:
            LeadtimeError: Unknown model, group or definition, or too few benchmarks for a headline.
        """
        from leadtime.lag.latent import LatentFrontier
        from leadtime.lag.measure import measure

        name = definition or ("age_of_equal" if model else "daily_mean")
        if name not in (known := [d.name for d in lag_definitions()]):
            raise unknown_name("definition", name, known)
        if model:
            model = self.evidence.resolve_model(model)  # before the fit, which may take a minute
        worlds = self.worlds(clock, benchmarks, effort)
        subject = (
            self._subject(model, benchmarks, effort) if model else self.mask(of, benchmarks=benchmarks, effort=effort)
        )
        result = measure(
            name,
            worlds,
            subject,
            self.mask(behind, comparison, benchmarks=benchmarks, effort=effort),
            start=float(START.toordinal()),
            rng=np.random.default_rng([self.seed, 11]),
            latent=lambda mask: LatentFrontier.from_arrays(self.latent_arrays(mask, clock, benchmarks, effort)),
        )
        what = f"{model} behind {behind}" if model else f"{of} behind {behind}"
        d = DEFINITIONS[name]
        return Estimate(
            name=f"lag.{model or f'{of}-{behind}'.lower()}.{name}",
            unit="months",
            draws=result.months,
            definition=(
                f"{what}, {d.title}: {d.sentence} Clock: {clock}; compared with: {comparison}; "
                f"benchmarks: {benchmarks}."
            ),
            as_of=self.as_of.isoformat(),
            because=self._because(model, benchmarks, effort),
            censored=float(np.mean(result.bound != 0)),
            note=result.note,
            models=self._behind_values(
                name, worlds, subject, self.mask(behind, comparison, benchmarks=benchmarks, effort=effort), result
            ),
            stamp=self.stamp,
        )

    def _behind_values(self, name: str, worlds: Any, subject: Any, reference: Any, result: Any) -> dict[float, str]:
        """Return the models behind each value of a step lag, by name; nothing for other definitions."""
        from leadtime.lag.bounding import first_equals
        from leadtime.lag.measure import ablest

        if name == "age_of_equal":
            behind = first_equals(worlds, subject if isinstance(subject, int) else ablest(worlds, subject), reference)
        elif name == "age_of_matched":
            behind = result.model
        else:
            return {}
        pairs = np.unique(np.column_stack([np.round(result.months, 6), behind]), axis=0)
        if len(pairs) > 50:
            return {}
        names = self._names()
        found: dict[float, list[str]] = {}
        for value, column in pairs:
            if column >= 0:
                model = worlds.models[int(column)]
                found.setdefault(float(value), []).append(names.get(model, model))
        return {value: " or ".join(models) for value, models in found.items()}

    @once
    def _names(self) -> dict[str, str]:
        """Return the name of each model by its id."""
        return dict(self.evidence["models"].select("id", "name").iter_rows())

    @once
    def _because(self, model: str | None = None, benchmarks: str = "all", effort: str = "best") -> tuple[str, ...]:
        rows = self.evidence["scores"]
        if model:
            rows = rows.filter(pl.col("model") == model)
        else:
            rows = rows.filter(pl.col("model").is_in(list(self.fit(benchmarks, effort).cells.models)))
        return tuple(sorted(rows["source"].unique()))

    def latent_key(self, mask: Any, clock: str = "released", benchmarks: str = "all", effort: str = "best") -> str:
        """Return the content key of the latent frontier of a group, a mask over models."""
        more = () if clock == "released" else (self.evidence.hash,)  # days of training are estimated from other rows
        which = (self.fit_key(benchmarks, effort), clock, *more)
        return self._read_off("latent", *which, START.isoformat(), np.asarray(mask))

    def latent_arrays(
        self, mask: Any, clock: str = "released", benchmarks: str = "all", effort: str = "best"
    ) -> dict[str, Any]:
        """Return what is kept of the latent frontier of a group."""
        from leadtime.capability import cache
        from leadtime.lag.latent import latent_frontier

        def estimate() -> dict[str, Any]:
            worlds, rng = self.worlds(clock, benchmarks, effort), np.random.default_rng([self.seed, 11])
            return latent_frontier(worlds, mask, rng=rng, start=float(START.toordinal())).to_arrays()

        return cache.named(self.latent_key(mask, clock, benchmarks, effort), estimate)

    def level_key(self, of: str, behind: str) -> str:
        """Return the content key of the level of the process that made the lags."""
        return self._read_off("level", self.fit_key(), *(np.asarray(self.mask(side)) for side in (of, behind)))

    def level_arrays(self, of: str, behind: str) -> dict[str, Any]:
        """Return what is kept of the level of the process that made the lags."""
        from leadtime.capability import cache
        from leadtime.lag.release import level

        def estimate() -> dict[str, Any]:
            rng = np.random.default_rng([self.seed, 12])
            return {"draws": level(self.worlds(), self.mask(of), self.mask(behind), rng=rng)}

        return cache.named(self.level_key(of, behind), estimate)

    def _read_off(self, what: str, *parts: Any) -> str:
        """Return the content key of what is read off the draws of a fit on the last day that is known."""
        from leadtime.capability import cache

        made_by = cache.made_by("lag/frontier.py", "lag/latent.py", "lag/release.py", "lag/steps.py")
        return cache.key(what, made_by, str(self.evidence_through), self.seed, *parts)

    def lag_grid(
        self, model: str | None = None, of: str = "CHN", behind: str = "USA", *, everything: bool = False
    ) -> pl.DataFrame:
        """Return the lag under every definition, and with `everything` every clock, comparison and benchmark set."""
        kind = "model" if model else "group"
        if model:
            model = self.evidence.resolve_model(model)
        rows = []
        sets = ("all", "held-back", "public", "independent") if everything else ("all",)
        for i, benchmarks in enumerate(sets):
            self.progress(f"lags ({benchmarks} benchmarks)", 0.55 + 0.3 * i / len(sets) * everything)
            for clock in ("released", "trained") if everything else ("released",):
                for comparison in COMPARISONS if everything else ("all",):
                    for d in lag_definitions(kind):
                        if not (d.name == "trend_gap_latent" and comparison != "all"):
                            rows.append(self._grid_row(d, model, of, behind, clock, comparison, benchmarks))
        return pl.DataFrame(rows, infer_schema_length=None)

    def _grid_row(
        self, d: Definition, model: str | None, of: str, behind: str, clock: str, comparison: str, benchmarks: str
    ) -> dict[str, Any]:
        row: dict[str, Any] = {
            "definition": d.name,
            "title": d.title,
            "clock": clock,
            "comparison": comparison,
            "benchmarks": benchmarks,
            "median": None,
            "low": None,
            "high": None,
            "censored": None,
            "p_7_10": None,
            "note": "",
            "atoms": "",
        }
        try:
            e = self.lag(model, of, behind, d.name, clock, comparison, benchmarks)
        except LeadtimeError as error:
            return row | {"note": str(error.what)}
        values = {"median": e.median, "low": e.low, "high": e.high, "p_7_10": e.probability(*CLAIM_MONTHS)}
        return (
            row
            | {k: v if np.isfinite(v) else None for k, v in values.items()}
            | {"censored": e.censored, "note": e.note, "atoms": atoms_text(e.atoms)}
        )

    def lag_ahead(
        self, ends: Sequence[dt.date], of: str = "CHN", behind: str = "USA", *, paths: int | None = None
    ) -> "Ahead":
        """Return forecasts of the lag in the quarters that end on some days, by the process of releases
        (`lag.release`).

        Path i goes on from draw i of the abilities, modulo their number; there are as many, unless `paths` says
        otherwise.

        Raises:
            LeadtimeError: A day that is over or too far ahead, or a group that is unknown or without a model.
        """
        from leadtime.lag.ahead import ahead

        worlds, rng = self.worlds(), np.random.default_rng()
        process, rng.bit_generator.state = self._process(of, behind, paths or self.draws)
        periods = [(end.toordinal() - QUARTER_DAYS, float(end.toordinal())) for end in ends]
        return ahead(worlds, self.mask(of), self.mask(behind), periods, rng=rng, process=process)

    @once
    def _process(self, of: str, behind: str, paths: int) -> tuple[Any, dict[str, Any]]:
        """Return the process of releases of two sides, drawn once, and where the random numbers stood then: all
        quarters go on from there.
        """
        from leadtime.lag.release import posterior, sawtooth

        rng = np.random.default_rng([self.seed, 37])
        process = posterior(sawtooth(self.worlds(), self.mask(of), self.mask(behind)), rng, paths=paths)
        return process, dict(rng.bit_generator.state)

    def lag_forecast(
        self, quarter: str, of: str = "CHN", behind: str = "USA", definition: str = "daily_mean"
    ) -> Estimate:
        """Return the forecast of a lag in a quarter such as 2027Q2, months; draw i goes on from draw i of the
        abilities.

        Raises:
            LeadtimeError: No quarter, one that is over, an unknown group, or a definition that is not forecast.
        """
        if definition not in FORECAST:
            raise unknown_name("definition that is forecast", definition, FORECAST)
        end = last_day(quarter)
        found = self.lag_ahead([end], of, behind)
        return Estimate(
            name=f"forecast.{f'{of}-{behind}'.lower()}.{definition}.{quarter}",
            unit="months",
            draws=getattr(found, definition)[:, 0],
            definition=(
                f"{of} behind {behind} in {quarter}, {FORECAST[definition]}: forecast by the process of releases."
            ),
            as_of=self.as_of.isoformat(),
            because=self._because(None, "all", "best"),
            stamp=self.stamp,
        )

    def frontier(self, group: str, benchmarks: str = "all") -> pl.DataFrame:
        """Return the frontier of a group by month and on each day that one of its records came out, in points with its
        90 % interval.
        """
        from leadtime.lag import frontier

        worlds, mask = self.worlds("released", benchmarks), self.mask(group, benchmarks=benchmarks)
        months = pl.date_range(dt.date(2023, 1, 1), self.evidence_through, "1mo", eager=True)
        steps = self.records(group, benchmarks)["released_on"].drop_nulls()
        steps = steps.filter((steps >= months[0]) & (steps <= self.evidence_through))
        months = pl.concat([months, steps, pl.Series([self.evidence_through])]).unique().sort()
        level = frontier(worlds, mask, np.array([float(d.toordinal()) for d in months]))
        scale = self._scale(benchmarks)
        table = pl.DataFrame({"date": months}).with_columns(**summary(scale.points(level), "points"))
        table = table.rename({"points_low": "low", "points_high": "high"})
        return table.filter(pl.col("points").is_finite(), pl.col("low").is_finite())

    @once
    def records(self, group: str, benchmarks: str = "all") -> pl.DataFrame:
        """Return the models of a group that set its frontier in at least a tenth of the draws."""
        from leadtime.lag import records

        found = records(self.worlds("released", benchmarks), self.mask(group, benchmarks=benchmarks))
        chance = pl.DataFrame({"model": self.fit(benchmarks).cells.models, "probability": found.probability})
        table = self.abilities(benchmarks).select(
            "model", "name", "released_on", "points", low="points_low", high="points_high"
        )
        return table.join(chance, on="model").filter(pl.col("probability") >= 0.1).sort("released_on")

    @once
    def lag_over_time(self, of: str = "CHN", behind: str = "USA") -> pl.DataFrame:
        """Return by quarter how long ago the leader first exceeded the follower's best, and its mean to date."""
        from leadtime import lag

        worlds = self.worlds()
        follower, reference = self.mask(of), self.mask(behind)
        rows = []
        for day in pl.date_range(dt.date(2024, 1, 1), self.evidence_through, "1q", eager=True):
            end = float(day.toordinal())
            result = lag.daily_mean(worlds, follower, reference, start=end - 91.0, end=end)
            e = Estimate(name="", unit="months", draws=result.months, definition="", as_of="")
            rows.append({"date": day, "definition": "daily_mean", "median": e.median, "low": e.low, "high": e.high})
        return pl.DataFrame(rows)
