"""How fast the compute, and the money, for a given ability falls: three estimands, every sample, never one number."""

import functools
import zlib
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability import cache
from leadtime.capability.result import Floats
from leadtime.cost import curve_model, curve_plain
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.curve_data import CENTER_OOM, CENTER_POINTS, COUNTRIES, CurveData, Flags, curve_data
from leadtime.cost.estimands import ESTIMANDS, SAMPLES, in_sample
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import Evidence
from leadtime.units import to_day

#: The model the essay's arithmetic is about.
ESSAY_MODEL = "deepseek-v3"
_LEVELS = np.arange(95.0, 156.0, 5.0)
_LEAST = 12


class Curve:
    """The curve of one study: fits and rates, computed when asked for.

    Args:
        data: Models with ability and compute.
        evidence: The tables, as of the study's day.
        seed: Seed.
        draws: Draws per rate, at most as many as abilities have.
        key: Content key of all that it is computed from, where one is known; else what is kept goes by the arrays.
    """

    def __init__(self, data: CurveData, evidence: Evidence, *, seed: int = 0, draws: int = 1000, key: str = "") -> None:
        self.key = key
        self.draws, self.all_draws = min(draws, len(data.points)), len(data.points)
        self.data = replace(data, points=data.points[: self.draws])
        self.evidence, self.seed = evidence, seed
        self.stated = Assumptions(evidence["assumptions"], seed=seed, draws=self.draws)

    @classmethod
    def of(
        cls,
        evidence: Evidence,
        measured: tuple[str, ...],
        points: Floats,
        *,
        seed: int,
        draws: int = 1000,
        key: str = "",
    ) -> "Curve":
        """Return the curve of a body of evidence and the joint draws of its models' abilities, shape (draw, model)."""
        stated = Assumptions(evidence["assumptions"], seed=seed, draws=0)
        data = curve_data(
            evidence["training_runs"], evidence["models"], evidence["organizations"], stated, measured, points
        )
        return cls(data.require(_LEAST), evidence, seed=seed, draws=draws, key=key)

    def fit(self, estimand: str, sample: str = "all") -> curve_model.Coefficients:
        """Return posterior draws of the stated model on a sample, from the cache when they are there.

        Raises:
            LeadtimeError: The sample is unknown, or has too few models.
        """
        return curve_model.Coefficients(**self.fit_arrays(estimand, sample))

    def fit_key(self, estimand: str, sample: str = "all") -> str:
        """Return the content key of a fit."""
        if self.key:
            return cache.key(self.key, "fit", estimand, sample)
        r = self._regression(estimand, sample)
        return cache.key("curve", 2, *(getattr(r, f) for f in r.__slots__), self._seed(estimand, sample))

    def fit_arrays(self, estimand: str, sample: str = "all") -> dict[str, Floats]:
        """Return what is kept of a fit."""
        self._use(sample)

        def compute() -> dict[str, Floats]:
            c = curve_model.sample(self._regression(estimand, sample), seed=self._seed(estimand, sample))
            return {"beta": c.beta, "scatter": c.scatter, "between": c.between}

        return cache.named(self.fit_key(estimand, sample), compute)

    def _seed(self, estimand: str, sample: str) -> int:
        return zlib.crc32(f"curve {estimand} {sample} {self.seed}".encode())

    def _regression(self, estimand: str, sample: str) -> curve_model.Regression:
        data, use = self.data, self._use(sample)
        points, oom = (data.points - CENTER_POINTS) / 10, np.broadcast_to(data.oom - CENTER_OOM, data.points.shape)
        zero, inverse = np.zeros(data.n), estimand == "average_practice"
        return curve_model.Regression(
            y=oom if inverse else points,
            y_sd=data.oom_sd if inverse else zero,
            x=points if inverse else oom,
            x_sd=zero if inverse else data.oom_sd,
            years=data.years,
            country=data.country_index,
            use=use.astype(float),
            flags=np.column_stack([data.reasoning, data.distilled, data.coding]).astype(float),
            organization=np.unique(data.organizations, return_inverse=True)[1],
        )

    def rate(self, estimand: str, method: str = "", sample: str = "all", country: str = "") -> Floats:
        """Return draws of the factor by which compute for a given ability falls in a year; NaN where undefined.

        Args:
            estimand: A key of `ESTIMANDS`.
            method: One of its methods; the first by default.
            sample: A key of `SAMPLES`.
            country: USA or CHN: that country's own rate (stated model only); all models together by default.

        Raises:
            LeadtimeError: An unknown name, too few models, or a country with another method.
        """
        if estimand not in ESTIMANDS:
            raise unknown_name("estimand", estimand, ESTIMANDS)
        method = method or ESTIMANDS[estimand].methods[0]
        if method not in ESTIMANDS[estimand].methods:
            raise unknown_name(f"method for {estimand}", method, ESTIMANDS[estimand].methods)
        if country and country not in COUNTRIES:
            raise unknown_name("country of the curve", country, COUNTRIES)
        if method == "model":
            return self.rate_arrays(estimand, sample, country)["rate"]
        if country:
            raise LeadtimeError(
                f"{method} has no rate for a single country",
                fix=f"Use the stated model, or the sample {country.lower()!r}.",
            )
        if method == "low_quantile":
            return self.quantile_arrays(sample)["rate"]
        return self._plain_rate(estimand, method, sample)

    def modelled(self) -> list[tuple[str, str]]:
        """Return what the stated model gives a rate of: estimands and samples with enough models."""
        return [(e, s) for e, of in ESTIMANDS.items() if "model" in of.methods for s in self.samples()]

    def samples(self) -> list[str]:
        """Return the samples with enough models for a rate."""
        return [s for s in SAMPLES if in_sample(self.data, s).sum() >= _LEAST]

    def rate_key(self, estimand: str, sample: str, country: str = "") -> str:
        """Return the content key of a rate by the stated model."""
        return cache.key(self.key or self.fit_key(estimand, sample), "rate", estimand, sample, country)

    def rate_arrays(self, estimand: str, sample: str, country: str = "") -> dict[str, Floats]:
        """Return what is kept of a rate by the stated model."""
        self._use(sample)

        def compute() -> dict[str, Floats]:
            return {"rate": self._model_rate(estimand, sample, country)}

        return cache.named(self.rate_key(estimand, sample, country), compute)

    def _model_rate(self, estimand: str, sample: str, country: str) -> Floats:
        fit, use = self.fit(estimand, sample), self._use(sample)
        weight = (
            np.eye(3)[COUNTRIES.index(country)]
            if country
            else np.bincount(self.data.country_index[use], minlength=3) / use.sum()
        )
        year = fit["year"] + weight[1] * fit["year_chn"] + weight[2] * fit["year_other"]
        if estimand == "average_practice":
            return np.asarray(10.0**-year)
        level = fit["level"] + weight[1] * fit["level_chn"] + weight[2] * fit["level_other"]
        inside = (
            fit["slope"] ** 2 - 2 * fit["bend"] * level
        )  # squared slope where ability is CENTER_POINTS, at the origin
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.where(
                (inside > 0) & (fit["slope"] > 0), 10.0 ** np.clip(year / np.sqrt(inside), -300, 300), np.nan
            )

    def _plain_rate(self, estimand: str, method: str, sample: str) -> Floats:
        data = self.data.keep(self._use(sample))
        weight = self._weights(data.n, sample)
        points, oom, years, day = data.points, data.oom, data.years, data.day
        if method == "least_squares":
            regress = curve_plain.inverse if estimand == "average_practice" else curve_plain.direct
            return regress(points, oom, years, weight)
        if method == "within_releases":
            together = [f"{o} {d}" for o, d in zip(data.organizations, data.day, strict=True)]
            return curve_plain.within_releases(points, oom, years, weight, np.unique(together, return_inverse=True)[1])
        if method == "cheapest":
            return curve_plain.cheapest_rate(points, oom, day, to_day(self.evidence.as_of), weight, _LEVELS)
        return curve_plain.record_rate(points, oom, day, years, weight)

    def quantile_key(self, sample: str) -> str:
        """Return the content key of a rate by quantile regression."""
        data = self.data.keep(self._use(sample))
        of = (self.key,) if self.key else (data.points, data.oom, data.years)
        return cache.key("quantile", cache.made_by("cost/curve_plain.py"), *of, sample, self.seed, self.draws)

    def quantile_arrays(self, sample: str) -> dict[str, Floats]:
        """Return what is kept of a rate by quantile regression, which takes sixty rounds."""
        data = self.data.keep(self._use(sample))

        def compute() -> dict[str, Floats]:
            weight = self._weights(data.n, sample)
            return {"rate": curve_plain.quantile_rate(data.points, data.oom, data.years, weight)}

        return cache.named(self.quantile_key(sample), compute)

    def _weights(self, n: int, sample: str) -> Floats:
        """Return how often each of some models is drawn, by draw: the same for every method."""
        rng = np.random.default_rng([self.seed, zlib.crc32(f"curve {sample}".encode())])
        return curve_plain.resampled(n, self.draws, rng)

    def _use(self, sample: str) -> Flags:
        use = in_sample(self.data, sample)
        self.data.keep(use).require(_LEAST)
        return use

    def dollars(self, rate: Floats) -> Floats:
        """Return the fall of amortized cost: that of compute times that of dollars per FLOP (Epoch AI's fit)."""
        return np.asarray(rate * self.stated.draw("cost-per-flop-decline"))

    @functools.cached_property
    def specifications(self) -> pl.DataFrame:
        """Every estimand by every method on every sample: estimand, method, sample, n, median, low, high, shares."""
        rows = []
        for estimand, e in ESTIMANDS.items():
            for method in e.methods:
                for sample in SAMPLES:
                    n = int(in_sample(self.data, sample).sum())
                    if n >= _LEAST:
                        rows.append(
                            {
                                "estimand": estimand,
                                "method": method,
                                "sample": sample,
                                "n": n,
                                **summary(self.rate(estimand, method, sample)),
                            }
                        )
        return pl.DataFrame(rows).sort("median")

    def headline(self, country: str = "") -> pl.DataFrame:
        """Return each estimand by its first method on all models, in compute and in dollars (columns usd_*)."""
        rows = []
        for name, e in ESTIMANDS.items():
            if country and e.methods[0] != "model":
                rate = self.rate(name, sample=country.lower())
            else:
                rate = self.rate(name, country=country)
            try:
                usd = summary(self.dollars(rate))
            except LeadtimeError:
                usd = summary(np.full(1, np.nan))  # the fall of cost per FLOP was not published yet
            rows.append(
                {
                    "estimand": name,
                    "title": e.title,
                    "sentence": e.sentence,
                    **summary(rate),
                    **{f"usd_{k}": usd[k] for k in ("median", "low", "high")},
                }
            )
        return pl.DataFrame(rows)

    @functools.cached_property
    def _base_rate(self) -> pl.DataFrame:
        from leadtime.cost.expected import base_rate

        return base_rate(self.data, seed=self.seed)

    def expected(self, model: str, *, quality: float | None = None) -> dict[str, Any]:
        """Return whether a model was an expected point: every view, the base rate, and the essay's arithmetic for V3.

        Raises:
            LeadtimeError: The model's ability or compute is not known; a quality that is not positive.
        """
        from leadtime.cost import expected

        views = []
        for view in expected.VIEWS:
            try:
                views.append(asdict(expected.expectedness(self.data, model, view, seed=self.seed)))
            except LeadtimeError as error:
                if not self.data.has(model):
                    raise
                views.append({"view": view, "n": 0, "ability_percentile": None, "note": str(error.what)})
        base = self._base_rate
        p = base["ability_percentile"].to_numpy()
        mine = base.filter(pl.col("model") == model)["ability_percentile"]
        rate = {
            "n": base.height,
            "rank": int((p > mine[0]).sum()) + 1 if len(mine) else None,
            **{f"at_least_{q}": float(np.mean(p >= q)) if p.size else None for q in (90, 95)},
            "above_50": float(np.mean(p > 50)) if p.size else None,
        }
        return {"model": model, "views": views, "base_rate": rate, "essay": self._essay(model, quality)}

    def _essay(self, model: str, quality: float | None) -> list[dict[str, Any]]:
        from leadtime.cost.expected import essay

        if model != ESSAY_MODEL:
            return []
        costs = self._costs(model)
        stated = Assumptions(self.evidence["assumptions"], seed=self.seed, draws=self.all_draws)
        rows = []
        for q in (None, 1.0) if quality is None else (quality,):
            e = essay(stated, quality=q)
            against = {k: {**_usd(v), "p": e.probability_no_more(v)} for k, v in costs.items()}
            rows.append(
                {
                    "quality": e.quality,
                    "expected_usd": [float(x) for x in np.quantile(e.expected_usd, [0.05, 0.5, 0.95])],
                    "against": against,
                }
            )
        return rows

    def _costs(self, model: str) -> dict[str, Floats]:
        """Return the stated cost of a model and those that are computed, in dollars: as many draws as costs have."""
        from leadtime.cost.bill import Bill
        from leadtime.cost.run import find_run

        run = find_run(self.evidence, model)
        bill = Bill(run, self.evidence, seed=self.seed, draws=self.all_draws)
        stated = self.evidence["training_runs"].filter(pl.col("id") == run.id)["reported_cost_usd"].item()
        found = {} if stated is None else {"stated": np.full(1, float(stated))}
        for definition in ("rental", "amortized"):
            try:
                found[definition] = bill.cost(definition).total_usd
            except LeadtimeError:
                continue  # no price known on that day: the other figures still answer
        return found

    def contrast_quantiles(self) -> tuple[float, float, float]:
        """Return the 5, 50 and 95 % quantiles of `country_contrast`."""
        low, median, high = (float(v) for v in np.quantile(self.country_contrast(), [0.05, 0.5, 0.95]))
        return low, median, high

    def country_contrast(self) -> Floats:
        """Return how many times less compute a Chinese model of equal ability had at the origin, all else in the model
        equal.
        """
        return np.asarray(10.0 ** -self.fit("average_practice")["level_chn"])


def _usd(cost: Floats) -> dict[str, float | None]:
    """Return a cost with its 90 % interval, US dollars; one that is stated has none."""
    low, median, high = (float(v) for v in np.quantile(cost, [0.05, 0.5, 0.95]))
    ends = (low, high) if cost.size > 1 else (None, None)
    return {"usd_low": ends[0], "usd": median, "usd_high": ends[1]}


def summary(rate: Floats) -> dict[str, Any]:
    """Return median and 90 % interval of a rate, P(3 to 5), P(above 4), and the share of draws where it is
    undefined.
    """
    defined = rate[np.isfinite(rate)]
    if not defined.size:
        return {"median": None, "low": None, "high": None, "p_3_5": None, "p_above_4": None, "undefined": 1.0}
    low, median, high = (float(v) for v in np.quantile(defined, [0.05, 0.5, 0.95]))
    return {
        "median": median,
        "low": low,
        "high": high,
        "p_3_5": float(np.mean((defined >= 3) & (defined <= 5))),
        "p_above_4": float(np.mean(defined > 4)),
        "undefined": float(1 - defined.size / rate.size),
    }
