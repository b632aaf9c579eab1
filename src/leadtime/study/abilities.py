"""The stage that says how able each model is."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence.age import HEADLINE_BENCHMARKS
from leadtime.once import once
from leadtime.study.fits import Fits
from leadtime.units import to_date

COMPARISONS = ("all", "non-reasoning", "open", "not-distilled")


class Abilities(Fits):
    """Abilities of models, by benchmark set and effort."""

    def _scale(self, benchmarks: str = "all", effort: str = "best") -> Any:
        from leadtime.capability.scale import scale_of

        return scale_of(self.fit(benchmarks, effort))

    def _info(self, models: tuple[str, ...]) -> pl.DataFrame:
        organizations = self.evidence["organizations"].select("country", organization="id")
        rows = self.evidence["models"].join(organizations, on="organization", how="left", maintain_order="left")
        return pl.DataFrame({"id": models}).join(rows, on="id", how="left", maintain_order="left")

    @once
    def abilities(self, benchmarks: str = "all", effort: str = "best") -> pl.DataFrame:
        """Return the ability of each model on three scales, with 90% intervals, the best first."""
        fitted, scale = self.fit(benchmarks, effort), self._scale(benchmarks, effort)
        info = self._info(fitted.cells.models)
        points = scale.points(fitted.draws.theta)
        count = np.bincount(fitted.cells.model, minlength=len(fitted.cells.models))
        table = info.select("name", "organization", "country", "released_on", "weights", "reasoning", model="id")
        table = table.with_columns(
            n_benchmarks=pl.Series(count), **summary(points, "points"), **summary(fitted.draws.theta, "logit")
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

    @once
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

    def benchmarks_table(self, benchmarks: str = "all") -> pl.DataFrame:
        """Return the difficulty (points), discrimination (per 10 points) and misfit (logits) of each benchmark."""
        fitted, scale = self.fit(benchmarks), self._scale(benchmarks)
        cells = fitted.cells
        table = pl.DataFrame({"benchmark": cells.benchmarks, "n_models": np.bincount(cells.benchmark)})
        info = self.evidence["benchmarks"].select("name", "domain", "access", benchmark="id")
        table = table.join(info, on="benchmark", how="left", maintain_order="left")
        slope = 10 * fitted.draws.discrimination / scale.slope[:, None]
        return table.with_columns(
            **summary(scale.points(fitted.draws.difficulty), "difficulty"),
            **summary(slope, "discrimination"),
            misfit=pl.Series(np.median(fitted.draws.misfit, axis=0)),
        ).rename({"difficulty": "difficulty_points"})

    def domains(self) -> pl.DataFrame:
        """Return the ability of each model on the benchmarks of one domain. The parameters of benchmarks stay fixed."""
        fitted, scale = self.fit(), self._scale()
        parts = []
        for name in sorted({*self._domains()}):
            theta, count = self.domain_draws(name)
            table = pl.DataFrame({"model": fitted.cells.models, "n_benchmarks": count})
            table = table.with_columns(pl.lit(name).alias("domain"), **summary(scale.points(theta), "points"))
            parts.append(table.filter(pl.col("n_benchmarks") >= 2))
        return pl.concat(parts).sort("domain", "points", descending=[False, True])

    def _domains(self) -> list[str]:
        """Return the domain of each benchmark of the fit."""
        of = dict(self.evidence["benchmarks"].select("id", "domain").iter_rows())
        return [of[b] for b in self.fit().cells.benchmarks]

    @once
    def domain_draws(self, name: str) -> tuple[Any, Any]:
        """Return draws of each model's ability on the benchmarks of a domain, logits, shape (draw, model), and how many
        of them it took; of a domain that no benchmark has, its overall ability and none.
        """
        from leadtime.capability.domains import domain_abilities

        return domain_abilities(self.fit(), np.array([d == name for d in self._domains()]), seed=self.seed)

    def pairwise(self, first: str, second: str, benchmarks: str = "all", effort: str = "best") -> pl.DataFrame:
        """Return the probability that one model is more able than another: overall, by domain and by benchmark.

        Raises:
            LeadtimeError: The model is unknown, or has too few benchmarks.
        """
        from leadtime.capability.versus import versus

        names = [self.evidence.resolve_model(m) for m in (first, second)]  # before the fit, which may take a minute
        fitted = self.fit(benchmarks, effort)
        a, b = (fitted.cells.models[self._subject(m, benchmarks, effort)] for m in names)
        domain_of = dict(self.evidence["benchmarks"].select("id", "domain").iter_rows())
        return versus(fitted, domain_of, a, b, seed=self.seed)

    def vendor_effect(self) -> pl.DataFrame:
        """Return how much developers raise the scores of their own models, by organization, by country and overall."""
        e = self._effects
        n_country = {c: sum(n for w, n in zip(e.countries, e.n_pairs, strict=True) if w == c) for c in e.country_names}
        blocks = [
            ("organization", list(e.names[:-1]), list(e.countries[:-1]), list(e.n_pairs[:-1]), e.effect[:, :-1]),
            ("country", list(e.country_names), list(e.country_names), list(n_country.values()), e.country),
            (
                "type",
                ["vendor", "competitor"],
                ["", ""],
                [sum(e.n_pairs[:-1]), e.n_pairs[-1]],
                np.column_stack([e.overall, e.effect[:, -1]]),
            ),
        ]
        parts = [
            pl.DataFrame({"level": [level] * len(names), "name": names, "country": where, "n_pairs": n}).with_columns(
                **summary(x, "logit"), pp_at_half=pl.Series(np.median(1 / (1 + np.exp(-x)) - 0.5, axis=0))
            )
            for level, names, where, n, x in blocks
        ]
        return pl.concat(parts).filter(pl.col("n_pairs") > 0)

    def counts(self) -> dict[str, int]:
        """Return how many models, benchmarks and model-benchmark pairs the headline fit rests on."""
        cells = self.fit().cells
        return {"models": len(cells.models), "benchmarks": len(cells.benchmarks), "pairs": len(cells.z)}

    def diagnostics(self) -> dict[str, Any] | None:
        """Return how well NUTS mixed, or None for another method. The time it took is not a result."""
        d = self.fit().diagnostics
        return None if d is None else {name: getattr(d, name) for name in d.__slots__ if name != "seconds"}


def summary(draws: Any, name: str) -> dict[str, pl.Series]:
    """Return the median and the 90 % interval of draws, shape (draw, row), as three columns."""
    low, mid, high = np.quantile(draws, [0.05, 0.5, 0.95], axis=0)
    return {name: pl.Series(mid), f"{name}_low": pl.Series(low), f"{name}_high": pl.Series(high)}
