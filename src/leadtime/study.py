"""Study: evidence, a date and settings bound to every stage, computed when first asked for."""

import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import leadtime
from leadtime.capability.cells import HEADLINE_BENCHMARKS
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.estimate import Estimate
from leadtime.evidence import Evidence, settings
from leadtime.lag import DEFINITIONS, Definition
from leadtime.units import to_date

Progress = Callable[[str, float], None]
COMPARISONS = ("all", "non-reasoning", "open", "not-distilled")
#: Trend lines and daily means start when both sides had several models.
START = dt.date(2023, 7, 1)
#: Clocks and time zones differ, and a study may be prepared ahead; beyond, an as-of day is a slip.
_AHEAD = dt.timedelta(days=366)
#: The claim everything is set against: "U.S. models 7-10 months older" (Amodei, 2025-01-29).
CLAIM_MONTHS = (7.0, 10.0)


def lag_definitions(kind: str = "") -> list[Definition]:
    """Return the definitions whose answer is in months, all or those for a `model` or a `group`."""
    return [d for d in DEFINITIONS.values() if d.unit == "months" and (not kind or d.applies_to in {kind, "both"})]


class Study:
    """The whole chain for one body of evidence, one date, one seed.

    Args:
        as_of: Only what was public on or before this day is used; default today.
        folder: A study folder with an overlay in `evidence/`.
        seed: Same seed and evidence, same numbers; default that of the folder's `leadtime.toml`, else 0.
        draws: Joint draws per quantity; default as above, else 2,000.
        method: `nuts` (default, as above), `map` (seconds, intervals somewhat narrow) or `bootstrap` for the headline; other benchmark sets use `map`.
        progress: Called with a text and a fraction done.
        evidence: Use this instead of reading it; `as_of` is its own day then.
    """

    def __init__(
        self,
        as_of: dt.date | str | None = None,
        folder: Path | str | None = None,
        *,
        seed: int | None = None,
        draws: int | None = None,
        method: str | None = None,
        progress: Progress | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        seed, draws, method = settings.resolve(folder, seed, draws, method)
        if draws < 2:
            raise LeadtimeError(f"{draws} draws are too few", fix="Ask for 2 or more; 2000 is the default.")
        if draws > settings.MOST_DRAWS:
            raise LeadtimeError(f"{draws:,} draws are too many", fix=f"Ask for {settings.MOST_DRAWS:,} or less.")
        if not 0 <= seed <= settings.MOST_SEED:
            raise LeadtimeError(f"{seed} is no seed", fix=f"Expected a whole number from 0 to {settings.MOST_SEED}.")
        self.folder = Path(folder) if folder is not None else None
        day = parse_date(as_of)
        if day is not None and day > dt.date.today() + _AHEAD:  # noqa: DTZ011 - the user's own calendar day
            raise LeadtimeError(
                f"{day} is in the future", where="as-of", fix="Nothing is known of it: choose a day up to today."
            )
        self.evidence = evidence or Evidence.load(folder, as_of=day)
        self.as_of = self.evidence.as_of
        self.seed, self.draws, self.method = seed, draws, method
        self.progress = progress or (lambda text, done: None)
        self._fits: dict[tuple[str, str], Any] = {}
        self._worlds: dict[tuple[str, str, str], Any] = {}

    def with_evidence(self, evidence: Evidence, *, method: str | None = None, draws: int | None = None) -> "Study":
        """Return the same study on other evidence, perhaps by another method or with fewer draws."""
        return Study(
            folder=self.folder,
            seed=self.seed,
            draws=draws or self.draws,
            method=method or self.method,
            evidence=evidence,
        )

    @functools.cached_property
    def stamp(self) -> dict[str, Any]:
        """What every result carries: version, date, evidence hash, seed and settings."""
        e = self.evidence
        return {
            "version": leadtime.__version__,
            "as_of": self.as_of.isoformat(),
            "evidence_through": self.evidence_through.isoformat(),
            "evidence_hash": e.hash,
            "seed": self.seed,
            "draws": self.draws,
            "method": self.method,
            "n_scores": e["scores"].height,
            "n_models": e["models"].height,
            "n_benchmarks": e["benchmarks"].height,
        }

    @functools.cached_property
    def key(self) -> str:
        """The content key of all that an answer can depend on: evidence, settings, own scenarios, and the code."""
        from leadtime.capability import cache

        own = sorted((self.folder / "scenarios").rglob("*.yaml")) if self.folder else []
        return cache.key(
            "study", cache.code(), self.evidence.hash, str(self.as_of), self.seed, self.draws, self.method,
            [(p.name, p.read_bytes()) for p in own],
        )  # fmt: skip

    @functools.cached_property
    def evidence_through(self) -> dt.date:
        """The last day on which a score became known: what happened later is not measured, and never guessed."""
        last = self.evidence["scores"]["known_on"].max()
        return min(self.as_of, last) if isinstance(last, dt.date) else self.as_of

    @functools.cached_property
    def rules(self) -> Any:
        """The export rules and tariffs in the evidence, as known on the as-of date (see `rules.Rulebook`)."""
        from leadtime.rules import Rulebook

        return Rulebook.of(self.evidence)

    # -- capability ------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _effects(self) -> Any:
        from leadtime.capability.vendor import reporter_effects

        e = self.evidence
        scores = e["scores"].join(e["benchmarks"].select("n_items", benchmark="id"), on="benchmark")
        countries = dict(e["organizations"].select("id", "country").iter_rows())
        return reporter_effects(scores, countries, draws=self.draws, seed=self.seed)

    def fit(self, benchmarks: str = "all", effort: str = "best") -> Any:
        """Return the capability fit on a benchmark set (see `capability.fit.Fit`), from the cache when it is there."""
        if (benchmarks, effort) not in self._fits:
            self._fits[benchmarks, effort] = self._fit(benchmarks, effort)
        return self._fits[benchmarks, effort]

    def _fit(self, benchmarks: str, effort: str) -> Any:
        from leadtime.capability import cache, cells

        e = self.evidence
        rows = cells.chosen(e["scores"], e["benchmarks"], which=benchmarks, effort=effort)
        effects = self._effects
        data = cells.build(rows, e["models"], effects)
        method = self.method if benchmarks == "all" else "map"

        def compute() -> dict[str, Any]:
            from leadtime.capability import fit as fitting

            self.progress(f"abilities ({benchmarks} benchmarks)", 0.05)
            fitted = fitting.fit(data, method=method, draws=self.draws, seed=self.seed, progress=self.progress)
            fitting.require_passed(fitted)
            return cache.fit_to_arrays(_with_effects(fitted, effects.effect - effects.effect.mean(axis=0)))

        stored = cache.remembered((data, effects.effect, method, self.draws, self.seed), compute)
        return cache.fit_from_arrays(stored, data, method)

    def _scale(self, benchmarks: str = "all", effort: str = "best") -> Any:
        from leadtime.capability.scale import scale_of

        return scale_of(self.fit(benchmarks, effort))

    def _info(self, models: tuple[str, ...]) -> pl.DataFrame:
        organizations = self.evidence["organizations"].select("country", organization="id")
        rows = self.evidence["models"].join(organizations, on="organization", how="left", maintain_order="left")
        return pl.DataFrame({"id": models}).join(rows, on="id", how="left", maintain_order="left")

    def abilities(self, benchmarks: str = "all", effort: str = "best") -> pl.DataFrame:
        """Return each model's ability on three scales with 90 % intervals, best first."""
        fitted, scale = self.fit(benchmarks, effort), self._scale(benchmarks, effort)
        info = self._info(fitted.cells.models)
        points = scale.points(fitted.draws.theta)
        count = np.bincount(fitted.cells.model, minlength=len(fitted.cells.models))
        table = info.select("name", "organization", "country", "released_on", "weights", "reasoning", model="id")
        table = table.with_columns(
            n_benchmarks=pl.Series(count), **_summary(points, "points"), **_summary(fitted.draws.theta, "logit")
        )
        table = table.with_columns(
            frontier_date=pl.Series(self._frontier_dates(benchmarks, effort), dtype=pl.Date),
            headline=pl.col("n_benchmarks") >= HEADLINE_BENCHMARKS,
        )
        first = ["model", "name", "organization", "country", "released_on", "weights", "reasoning", "n_benchmarks"]
        return table.select(*first, pl.exclude(first)).sort("points", descending=True)

    def _frontier_dates(self, benchmarks: str, effort: str) -> list[dt.date | None]:
        from leadtime.lag import first_reached

        worlds = self.worlds("released", benchmarks, effort)
        days = first_reached(worlds, self.mask("USA", benchmarks=benchmarks, effort=effort), worlds.ability)
        return [to_date(float(d)) if np.isfinite(d) else None for d in np.median(days, axis=0)]

    def benchmarks_table(self, benchmarks: str = "all") -> pl.DataFrame:
        """Return each benchmark's difficulty (points), discrimination (per 10 points) and misfit (logits)."""
        fitted, scale = self.fit(benchmarks), self._scale(benchmarks)
        cells = fitted.cells
        table = pl.DataFrame({"benchmark": cells.benchmarks, "n_models": np.bincount(cells.benchmark)})
        info = self.evidence["benchmarks"].select("name", "domain", "access", benchmark="id")
        table = table.join(info, on="benchmark", how="left", maintain_order="left")
        slope = 10 * fitted.draws.discrimination / scale.slope[:, None]
        return table.with_columns(
            **_summary(scale.points(fitted.draws.difficulty), "difficulty"),
            **_summary(slope, "discrimination"),
            misfit=pl.Series(np.median(fitted.draws.misfit, axis=0)),
        ).rename({"difficulty": "difficulty_points"})

    def domains(self) -> pl.DataFrame:
        """Return each model's ability on the benchmarks of one domain, item parameters held."""
        from leadtime.capability.domains import domain_abilities

        fitted, scale = self.fit(), self._scale()
        domain = dict(self.evidence["benchmarks"].select("id", "domain").iter_rows())
        parts = []
        for name in sorted({domain[b] for b in fitted.cells.benchmarks}):
            inside = np.array([domain[b] == name for b in fitted.cells.benchmarks])
            theta, count = domain_abilities(fitted, inside, seed=self.seed)
            table = pl.DataFrame({"model": fitted.cells.models, "n_benchmarks": count})
            table = table.with_columns(pl.lit(name).alias("domain"), **_summary(scale.points(theta), "points"))
            parts.append(table.filter(pl.col("n_benchmarks") >= 2))
        return pl.concat(parts).sort("domain", "points", descending=[False, True])

    def pairwise(self, first: str, second: str, benchmarks: str = "all", effort: str = "best") -> pl.DataFrame:
        """Return the probability that one model is abler than another: overall, by domain, by benchmark.

        Raises:
            LeadtimeError: Unknown model, or one with too few benchmarks.
        """
        from leadtime.capability.versus import versus

        names = [self.evidence.resolve_model(m) for m in (first, second)]  # before the fit, which may take a minute
        fitted = self.fit(benchmarks, effort)
        a, b = (fitted.cells.models[self._subject(m, benchmarks, effort)] for m in names)
        domain_of = dict(self.evidence["benchmarks"].select("id", "domain").iter_rows())
        return versus(fitted, domain_of, a, b, seed=self.seed)

    def vendor_effect(self) -> pl.DataFrame:
        """Return the effect of a developer scoring its own model, by organization, country and overall."""
        e = self._effects
        n_country = {c: sum(n for w, n in zip(e.countries, e.n_pairs, strict=True) if w == c) for c in e.country_names}
        blocks = [
            ("organization", list(e.names[:-1]), list(e.countries[:-1]), list(e.n_pairs[:-1]), e.effect[:, :-1]),
            ("country", list(e.country_names), list(e.country_names), list(n_country.values()), e.country),
            ("type", ["vendor", "competitor"], ["", ""], [sum(e.n_pairs[:-1]), e.n_pairs[-1]],
             np.column_stack([e.overall, e.effect[:, -1]])),
        ]  # fmt: skip
        parts = [
            pl.DataFrame({"level": [level] * len(names), "name": names, "country": where, "n_pairs": n}).with_columns(
                **_summary(x, "logit"), pp_at_half=pl.Series(np.median(1 / (1 + np.exp(-x)) - 0.5, axis=0))
            )
            for level, names, where, n, x in blocks
        ]
        return pl.concat(parts).filter(pl.col("n_pairs") > 0)

    def counts(self) -> dict[str, int]:
        """Return how many models, benchmarks and model-benchmark pairs the headline fit rests on."""
        cells = self.fit().cells
        return {"models": len(cells.models), "benchmarks": len(cells.benchmarks), "pairs": len(cells.z)}

    def diagnostics(self) -> dict[str, Any] | None:
        """Return how well NUTS mixed, or None for another method."""
        d = self.fit().diagnostics
        return None if d is None else {name: getattr(d, name) for name in d.__slots__}

    # -- lag -------------------------------------------------------------------------------------------------------

    def worlds(self, clock: str = "released", benchmarks: str = "all", effort: str = "best") -> Any:
        """Return the joint draws of abilities and dates that the lag is measured on (see `lag.Worlds`)."""
        from leadtime.capability.clock import CLOCKS, known_delays, release_days, training_days
        from leadtime.lag import Worlds

        if clock not in CLOCKS:
            raise unknown_name("clock", clock, CLOCKS)
        if (known := self._worlds.get((clock, benchmarks, effort))) is not None:
            return known
        fitted = self.fit(benchmarks, effort)
        info = self._info(fitted.cells.models)
        if clock == "released":
            day = np.broadcast_to(release_days(info), fitted.draws.theta.shape)
        else:
            rng = np.random.default_rng([self.seed, 7])
            day = training_days(info, known_delays(self.evidence["models"]), draws=len(fitted.draws.theta), rng=rng)
        worlds = self._worlds[clock, benchmarks, effort] = Worlds(
            models=fitted.cells.models,
            ability=fitted.draws.theta,
            day=np.ascontiguousarray(day),
            as_of=float(self.evidence_through.toordinal()),
            scale_points=self._scale(benchmarks, effort).slope,
        )
        return worlds

    def mask(self, group: str, comparison: str = "all", *, benchmarks: str = "all", effort: str = "best") -> Any:
        """Return which models belong to a group (country, organization, `open`, `closed`) and a comparison set."""
        if comparison not in COMPARISONS:
            raise unknown_name("comparison set", comparison, COMPARISONS)
        fitted = self.fit(benchmarks, effort)
        info = self._info(fitted.cells.models)
        count = np.bincount(fitted.cells.model, minlength=info.height)
        groups = {"open": pl.col("weights") == "open", "closed": pl.col("weights") == "closed"}
        wanted = groups.get(group)
        if wanted is None:
            known = set(info["country"].drop_nulls()) | set(info["organization"])
            if group not in known:
                raise unknown_name("group", group, known | set(groups))
            wanted = (pl.col("country") == group) | (pl.col("organization") == group)
        extra = {
            "all": pl.lit(value=True),
            "non-reasoning": ~pl.col("reasoning"),
            "open": pl.col("weights") == "open",
            "not-distilled": pl.col("distilled_from").is_null(),
        }[comparison]
        return info.select((wanted & extra).fill_null(value=False)).to_series().to_numpy() & (
            count >= HEADLINE_BENCHMARKS
        )

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
            latent=functools.partial(self._latent, worlds),
        )
        what = f"{model} behind {behind}" if model else f"{of} behind {behind}"
        d = DEFINITIONS[name]
        return Estimate(
            name=f"lag.{self.evidence.resolve_model(model) if model else f'{of}-{behind}'.lower()}.{name}",
            unit="months",
            draws=result.months,
            definition=f"{what}, {d.title}: {d.sentence} Clock: {clock}; compared with: {comparison}; "
            f"benchmarks: {benchmarks}.",
            as_of=self.as_of.isoformat(),
            because=self._because(model, benchmarks, effort),
            censored=float(np.mean(result.bound != 0)),
            note=result.note,
            stamp=self.stamp,
        )

    def _because(self, model: str | None, benchmarks: str, effort: str) -> tuple[str, ...]:
        rows = self.evidence["scores"]
        if model:
            rows = rows.filter(pl.col("model") == self.evidence.resolve_model(model))
        else:
            rows = rows.filter(pl.col("model").is_in(list(self.fit(benchmarks, effort).cells.models)))
        return tuple(sorted(rows["source"].unique()))

    def _subject(self, model: str, benchmarks: str, effort: str) -> int:
        found = self.evidence.resolve_model(model)
        cells = self.fit(benchmarks, effort).cells
        n = int((cells.model == cells.models.index(found)).sum()) if found in cells.models else 0
        if n < HEADLINE_BENCHMARKS:
            raise LeadtimeError(
                f"{found} has {n} usable benchmarks in the set {benchmarks!r}; a headline needs {HEADLINE_BENCHMARKS}",
                fix=f"`leadtime evidence scores --where {found}` lists its scores; a wider --benchmarks set may do.",
            )
        return int(cells.models.index(found))

    def _latent(self, worlds: Any, mask: Any) -> Any:
        """Return the latent frontier of a group, estimated once and kept on disk."""
        from leadtime.capability import cache
        from leadtime.lag.latent import LatentFrontier, latent_frontier

        start = float(START.toordinal())
        which = np.flatnonzero(mask)
        parts = ("latent", worlds.ability[:, which], worlds.day[:, which], worlds.scale_points, worlds.as_of, start)

        def estimate() -> dict[str, Any]:
            rng = np.random.default_rng([self.seed, 11])
            return latent_frontier(worlds, mask, rng=rng, start=start).to_arrays()

        return LatentFrontier.from_arrays(cache.remembered((*parts, self.seed), estimate))

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
            "definition": d.name, "title": d.title, "clock": clock, "comparison": comparison, "benchmarks": benchmarks,
            "median": None, "low": None, "high": None, "censored": None, "p_7_10": None, "note": "",
        }  # fmt: skip
        try:
            e = self.lag(model, of, behind, d.name, clock, comparison, benchmarks)
        except LeadtimeError as error:
            return row | {"note": str(error.what)}
        values = {"median": e.median, "low": e.low, "high": e.high, "p_7_10": e.probability(*CLAIM_MONTHS)}
        return (
            row
            | {k: v if np.isfinite(v) else None for k, v in values.items()}
            | {"censored": e.censored, "note": e.note}
        )

    # -- cost ------------------------------------------------------------------------------------------------------

    def cost(self, model: str, definition: str = "amortized", *, price_of: str | None = None) -> Estimate:
        """Return what a training run cost in nominal US dollars, under one definition (see `cost.definitions`).

        Raises:
            LeadtimeError: Unknown run or definition, or a price or figure it needs is not known.
        """
        from leadtime.cost.bill import Bill
        from leadtime.cost.run import find_run

        bill = Bill(find_run(self.evidence, model), self.evidence, seed=self.seed, draws=self.draws, price_of=price_of)
        return bill.estimate(bill.cost(definition))

    @functools.cached_property
    def supply(self) -> Any:
        """Which chips arrived, by which channel (see `supply.Supply`)."""
        from leadtime.supply import Supply

        return Supply(self.evidence, seed=self.seed, draws=self.draws)

    @functools.cached_property
    def fork(self) -> Any:
        """The scenarios on the constrained ensemble (see `scenario.fork.Fork`)."""
        from leadtime.scenario.fork import Fork

        return Fork(self)

    @functools.cached_property
    def curve(self) -> Any:
        """How fast the cost of a given ability falls, and what was expected of it (see `cost.curve.Curve`)."""
        from leadtime.cost.curve import Curve

        fitted = self.fit()
        return Curve.of(self.evidence, fitted.cells.models, self._scale().points(fitted.draws.theta), seed=self.seed)

    def frontier(self, group: str, benchmarks: str = "all") -> pl.DataFrame:
        """Return the frontier of a group by month, in points with its 90 % interval."""
        from leadtime.lag import frontier

        worlds, mask = self.worlds("released", benchmarks), self.mask(group, benchmarks=benchmarks)
        months = pl.date_range(dt.date(2023, 1, 1), self.evidence_through, "1mo", eager=True)
        months = pl.concat([months, pl.Series([self.evidence_through])]).unique().sort()
        level = frontier(worlds, mask, np.array([float(d.toordinal()) for d in months]))
        scale = self._scale(benchmarks)
        table = pl.DataFrame({"date": months}).with_columns(**_summary(scale.points(level), "points"))
        table = table.rename({"points_low": "low", "points_high": "high"})
        return table.filter(pl.col("points").is_finite(), pl.col("low").is_finite())

    def records(self, group: str, benchmarks: str = "all") -> pl.DataFrame:
        """Return the models of a group that set its frontier in at least a tenth of the draws."""
        from leadtime.lag import records

        found = records(self.worlds("released", benchmarks), self.mask(group, benchmarks=benchmarks))
        chance = pl.DataFrame({"model": self.fit(benchmarks).cells.models, "probability": found.probability})
        table = self.abilities(benchmarks).select(
            "model", "name", "released_on", "points", low="points_low", high="points_high"
        )
        return table.join(chance, on="model").filter(pl.col("probability") >= 0.1).sort("released_on")

    def lag_over_time(self, of: str = "CHN", behind: str = "USA") -> pl.DataFrame:
        """Return by quarter how long ago the leader first exceeded the follower's best, and its mean to date."""
        from leadtime import lag

        worlds = self.worlds()
        follower, reference = self.mask(of), self.mask(behind)
        rows = []
        for day in pl.date_range(dt.date(2024, 1, 1), self.evidence_through, "1q", eager=True):
            past = replace(worlds, as_of=float(day.toordinal()))
            end = past.as_of
            result = lag.daily_mean(past, follower, reference, start=end - 91.0, end=end)
            e = Estimate(name="", unit="months", draws=result.months, definition="", as_of="")
            rows.append({"date": day, "definition": "daily_mean", "median": e.median, "low": e.low, "high": e.high})
        return pl.DataFrame(rows)


def parse_date(day: dt.date | str | None) -> dt.date | None:
    """Return a date from its ISO text; None stays None."""
    if day is None or isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except ValueError:
        raise LeadtimeError(
            f"{day!r} is not a date", where="as-of", fix="Expected a calendar date such as 2025-01-29."
        ) from None


def _summary(draws: Any, name: str) -> dict[str, pl.Series]:
    low, mid, high = np.quantile(draws, [0.05, 0.5, 0.95], axis=0)
    return {name: pl.Series(mid), f"{name}_low": pl.Series(low), f"{name}_high": pl.Series(high)}


def _with_effects(fitted: Any, deviation: Any) -> Any:
    """Return the fit with each draw's abilities moved by that draw's reporter effects, to first order."""
    if fitted.response is None or not fitted.cells.reports.size:
        return fitted
    move = -deviation @ (fitted.cells.reports.T @ fitted.response.T)
    return replace(fitted, draws=replace(fitted.draws, theta=fitted.draws.theta + move))
