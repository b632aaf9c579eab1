"""The stage that fits abilities, by NUTS or around the mode, or takes a fit that ships, and places your own models."""

import datetime as dt
import functools
from typing import Any

import polars as pl

from leadtime.study.known import Known

#: What abilities and lags are measured from: the columns of each table that count.
_READ = {
    "scores": ["model", "benchmark", "score", "effort", "setting", "evaluator", "report_type"],
    "models": ["id", "organization", "released_on", "weights", "reasoning", "distilled_from"],
    "benchmarks": ["id", "n_items", "floor", "ceiling", "domain", "access"],
    "organizations": ["id", "country"],
}
#: The code that makes a fit, and that which places models on one.
_FITTED_BY = tuple(
    f"capability/{name}.py"
    for name in ("cells", "curvature", "fit", "kept", "layout", "model", "normal", "nuts", "result", "vendor")
)
_PLACED_BY = ("capability/density.py", "capability/place.py")


class Fits(Known):
    """Fits of abilities, by benchmark set and effort."""

    @functools.cached_property
    def measured(self) -> str:
        """The content key of what abilities and lags are measured from: the columns that count of the rows that do."""
        from leadtime.capability import cache

        scored = self.evidence["scores"].select(_READ["scores"])
        models = self.evidence["models"].join(scored, left_on="id", right_on="model", how="semi")
        benchmarks = self.evidence["benchmarks"].join(scored, left_on="id", right_on="benchmark", how="semi")
        named = {*models["organization"], *scored["evaluator"]}
        organizations = self.evidence["organizations"].filter(pl.col("id").is_in(named))
        tables = {"scores": scored, "models": models, "benchmarks": benchmarks, "organizations": organizations}
        return cache.key(*(rows.select(_READ[t]).sort(pl.all()).write_csv() for t, rows in tables.items()))

    @functools.cached_property
    def _effects(self) -> Any:
        from leadtime.capability.vendor import extended, reporter_effects

        e = self.evidence
        scores = e["scores"].join(e["benchmarks"].select("n_items", benchmark="id"), on="benchmark")
        countries = dict(e["organizations"].select("id", "country").iter_rows())
        if self._base is not None:
            return extended(self._base._effects, scores, countries)
        return reporter_effects(scores, countries, draws=self.draws, seed=self.seed)

    @functools.cached_property
    def _base(self) -> Any:
        """The study of the built-in evidence, on whose fit the models of this study are placed.

        None if there is nothing to place, or if everything is fitted again.
        """
        from leadtime.capability import cache

        if not self.places or self.method != "nuts":
            return None
        base = type(self)(seed=self.seed, draws=self.draws, method=self.method, evidence=self.evidence.built_in())
        if base.measured == self.measured or not cache.is_there(base.fit_key()):
            return None
        known = [e["benchmarks"].select(_READ["benchmarks"]).sort("id") for e in (base.evidence, self.evidence)]
        same = known[1].join(known[0].select("id"), on="id", how="semi", maintain_order="left").equals(known[0])
        return base if same else None

    @functools.cached_property
    def own_scores(self) -> str:
        """How the scores of a folder were used: `placed`, `refit`, or empty if it has none.

        `placed` puts its models on the built-in fit. `refit` fits everything with them.
        """
        if self.folder is None or not (self.places or self.refit):
            return ""
        if self._base is not None:
            return "placed"
        built_in = type(self)(seed=self.seed, draws=self.draws, method=self.method, evidence=self.evidence.built_in())
        return "" if built_in.measured == self.measured else "refit"

    @functools.cached_property
    def evidence_through(self) -> dt.date:
        """The last day on which a score became known: what happened later is not measured, and never guessed.

        Your own scores are known from the day you bring them. They say nothing about other models. So if models are
        placed, the day is that of the built-in evidence, or the release day of the newest placed model.
        """
        if self._base is None:
            return self._last_known()
        new = self.evidence["scores"].join(
            self._base.evidence["scores"], on=_READ["scores"], how="anti", nulls_equal=True
        )
        models = self.evidence["models"].join(new, left_on="id", right_on="model", how="semi")
        through: dt.date = self._base.evidence_through
        released = models["released_on"].max()
        return max(through, min(released, self._last_known())) if isinstance(released, dt.date) else through

    def quick(self) -> Any:
        """Return the same study with its models placed on the built-in fit, or None if that is impossible."""
        found = type(self)(
            self.as_of, self.folder, seed=self.seed, draws=self.draws, method=self.method, progress=self.progress
        )
        return found if found.own_scores == "placed" else None

    def placed(self) -> Any:
        """Return what was placed on the built-in fit (see `capability.result.Placed`), or None."""
        return self.fit().placed

    def fit(self, benchmarks: str = "all", effort: str = "best") -> Any:
        """Return the fit of abilities on a benchmark set (see `capability.fit.Fit`).

        It ships with the package, comes from the cache, or is made now. Models of a study folder are placed on the fit
        of the built-in evidence, unless the study has `refit`.
        """
        if (benchmarks, effort) not in self._fits:
            self._fits[benchmarks, effort] = self._placed(benchmarks, effort) or self._fit(benchmarks, effort)
        return self._fits[benchmarks, effort]

    def take(self, fitted: Any, of: str) -> None:
        """Use a fit that the rows and settings of this study alone would not give.

        Args:
            fitted: The fit.
            of: What makes it another: results that rest on it are kept under this, not as those of a fit of these rows.
        """
        self._taken = of
        self._fits["all", "best"] = fitted

    def _method(self, benchmarks: str) -> str:
        return self.method if benchmarks == "all" else "map"

    def fit_key(self, benchmarks: str = "all", effort: str = "best") -> str:
        """Return the content key of a fit, made of its rows, its settings and the code that makes it."""
        return self._key("fit", benchmarks, effort, self._method(benchmarks), self.draws, self.seed)

    def mode_key(self, benchmarks: str = "all", effort: str = "best") -> str:
        """Return the content key of the mode of a fit. Seed and draws move it a little, by the effects of reporters."""
        return self._key("mode", benchmarks, effort, self.draws, self.seed)

    def _key(self, *parts: Any) -> str:
        from leadtime.capability import cache

        placed = () if self._base is None else (self._base.measured, cache.made_by(*_PLACED_BY))
        taken = (self._taken,) if self._taken else ()
        return cache.key(*parts, cache.made_by(*_FITTED_BY), self.measured, *placed, *taken)

    def _chosen(self, benchmarks: str, effort: str) -> pl.DataFrame:
        from leadtime.capability import cells

        return cells.chosen(self.evidence["scores"], self.evidence["benchmarks"], which=benchmarks, effort=effort)

    def _cells(self, benchmarks: str, effort: str, only: tuple[str, ...] = ()) -> Any:
        """Return the cells of a benchmark set, perhaps of some of its benchmarks alone."""
        from leadtime.capability import cells

        rows = self._chosen(benchmarks, effort)
        rows = rows.filter(pl.col("benchmark").is_in(only)) if only else rows
        return cells.build(rows, self.evidence["models"], self._effects)

    def fit_arrays(self, benchmarks: str = "all", effort: str = "best") -> dict[str, Any]:
        """Return what is kept of a fit (see `capability.kept`)."""
        from leadtime.capability import cache, kept

        def compute() -> dict[str, Any]:
            from leadtime.capability.vendor import moved

            self.progress(f"abilities ({benchmarks} benchmarks)", 0.05)
            method = self._method(benchmarks)
            make = self._about_mode if method == "map" else self._sampled
            return kept.to_arrays(moved(make(benchmarks, effort), self._effects.deviation))

        return cache.named(self.fit_key(benchmarks, effort), compute)

    def _sampled(self, benchmarks: str, effort: str) -> Any:
        from leadtime.capability import fit as fitting

        data, method = self._cells(benchmarks, effort), self._method(benchmarks)
        found = fitting.fit(data, method=method, draws=self.draws, seed=self.seed, progress=self.progress)
        return fitting.require_passed(found)

    def _about_mode(self, benchmarks: str, effort: str) -> Any:
        """Return the normal approximation about the mode, which alone takes a compiler."""
        from leadtime.capability import normal
        from leadtime.capability.layout import Layout

        stored = self.mode_arrays(benchmarks, effort)
        layout = Layout(self._cells(benchmarks, effort), stored["center"])
        return normal.fit(layout, stored["mode"], draws=self.draws, seed=self.seed)

    def mode_arrays(self, benchmarks: str = "all", effort: str = "best") -> dict[str, Any]:
        """Return the mode of the posterior, and on what it is centered (see `capability.layout`)."""
        from leadtime.capability import cache

        def compute() -> dict[str, Any]:
            from leadtime.capability.fit import find_mode
            from leadtime.capability.model import Posterior

            posterior, mode = find_mode(Posterior(self._cells(benchmarks, effort)))
            return {"mode": mode, "center": posterior.center}

        return cache.named(self.mode_key(benchmarks, effort), compute)

    def _fit(self, benchmarks: str, effort: str) -> Any:
        from leadtime.capability import kept

        data = self._cells(benchmarks, effort)
        return kept.from_arrays(self.fit_arrays(benchmarks, effort), data, self._method(benchmarks))

    def _placed(self, benchmarks: str, effort: str) -> Any:
        """Return the fit of the built-in evidence with this study's own models placed on it, or None if that is not
        wanted or cannot be.
        """
        from leadtime.capability import cache
        from leadtime.capability.place import not_placed, place

        base = self._base
        if base is None or (
            base._method(benchmarks) == "nuts" and not cache.is_there(base.fit_key(benchmarks, effort))
        ):
            return None
        fitted = base.fit(benchmarks, effort)
        data = self._cells(benchmarks, effort, fitted.cells.benchmarks)
        if data.benchmarks != fitted.cells.benchmarks:
            return None
        self.progress(f"your models ({benchmarks} benchmarks)", 0.3)
        found = place(fitted, data, self._effects.deviation, seed=self.seed)
        return not_placed(found, self._chosen(benchmarks, effort), base._chosen(benchmarks, effort))
