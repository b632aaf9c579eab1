"""A study of made-up numbers, for the report."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.study import COMPARISONS, lag_definitions
from leadtime.study.headline import Headline
from leadtime.study.path import LagPath

TODAY = dt.date(2026, 11, 23)


EVIL = "Evil </script><script>alert(1)</script> & <!-- model"


class Evidence(dict):
    def __missing__(self, table):
        raise LeadtimeError(f"a made-up study has no table {table}")

    hash, as_of, overlays = "0123456789abcdef", TODAY, ()

    def resolve_model(self, name):
        raise LeadtimeError(f"there is no model {name}")


class FakeStudy:
    """Answers as a study does, from made-up numbers; `shift` moves every lag."""

    progress = staticmethod(lambda text, done: None)
    rules = SimpleNamespace(log=SimpleNamespace(chips={}, tables={"rule_events": []}))

    def __init__(self, shift=0.0, has_model=True):
        self.rng, self.shift, self.has_model = np.random.default_rng(1), shift, has_model
        self.as_of = TODAY
        self.stamp = {
            "version": "0.1.0",
            "as_of": TODAY.isoformat(),
            "evidence_hash": Evidence.hash,
            "seed": 0,
            "draws": 100,
            "evidence_through": TODAY.isoformat(),
            "newest_scored_model": "kimi-k3",
            "newest_scored_model_name": "Kimi K3",
            "newest_scored_model_on": "2026-07-16",
            "newest_row_on": TODAY.isoformat(),
            "method": "nuts",
            "n_scores": 900,
            "n_models": 60,
            "n_benchmarks": 30,
            "environment": {"python": "3.11", "machine": "Linux"},
        }
        self.evidence = Evidence(
            training_runs=pl.DataFrame({"id": [], "model": []}, schema={"id": pl.String, "model": pl.String}),
            models=pl.DataFrame({"id": []}, schema={"id": pl.String}),
            published=pl.DataFrame(
                {
                    "quantity": ["lag_months"] * 4,
                    "subject": ["CHN", "CHN", "deepseek-v3", "CHN"],
                    "reference_group": ["USA"] * 4,
                    "value": [7.0, None, None, 11.2],
                    "low": [4.0, 3.0, 7.0, 8.2],
                    "high": [14.0, 9.0, 10.0, 14.4],
                    "interval_kind": ["min-max", "range", "range", "95% CI"],
                    "definition": ["time since " * 8, "summary", "age", "=1+1"],
                    "published_by": ["epoch-ai", "brookings", "anthropic", "gpai-policy-lab"],
                    "known_on": [dt.date(2026, 1, 2), dt.date(2026, 5, 14), dt.date(2025, 1, 29), dt.date(2026, 8, 27)],
                }
            ),
            organizations=pl.DataFrame({"id": ["openai", "epoch-ai"], "name": ["OpenAI", "Epoch AI"]}),
            sources=pl.DataFrame(
                {"id": ["a", "b"], "title": [EVIL, "Benchmarking data"], "publisher": [None, "Epoch AI"],
                 "url": ["javascript:alert(1)", "https://epoch.ai"], "published_on": [TODAY, TODAY],
                 "license": [None, "CC BY 4.0"]}
            ),
        )  # fmt: skip

    folder = None

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise LeadtimeError(f"a made-up study knows no {name}")

    def lag(self, model=None, **_):
        if model and not self.has_model:
            raise LeadtimeError("there is no such model")
        draws = self.rng.normal(8.5 if model else 7, 1.5, 100) + self.shift
        return Estimate(
            name=f"lag.{model or 'chn-usa'}",
            unit="months",
            draws=draws,
            definition="The age of its equal.",
            as_of=TODAY.isoformat(),
            because=("a",),
            stamp=self.stamp,
        )

    def lag_headline(self):
        made = self.lag()
        path = LagPath(
            of="CHN",
            behind="USA",
            table=self.path_table(),
            now=made,
            level=made,
            past_year=made,
            change=None,
            growth=None,
            p_growing=None,
            r_hat_max=1.0,
            ess_min=500.0,
            divergences=0,
            n_draws=2000,
            stamp=self.stamp,
        )
        change = replace(made, name="lag.change", draws=made.draws - 7)
        return Headline(
            past_year=made,
            change=change,
            p_grew=float(np.mean(change.draws > 0)),
            since=self.lag(),
            path=path,
            level=made,
        )

    def lag_sensitivity(self):
        rows = [
            ("the headline", 7.0, 6.0, 8.0, 0.9, 0.92),
            ("mean since 2024-01-01 instead of the past year", 6.0, 5.0, 7.0, None, None),
        ]
        return pl.DataFrame(
            rows, schema=["choice", "past_year", "past_year_low", "past_year_high", "change", "p_grew"], orient="row"
        )

    def lag_bounding(self):
        return pl.DataFrame(
            {
                "model": ["gpt-4"],
                "name": [EVIL],
                "organization": ["openai"],
                "days_fraction": [0.25],
                "mean_fraction": [0.42],
                "without_months": [4.9],
            }
        )

    def path_table(self):
        days = pl.date_range(dt.date(2024, 1, 1), TODAY, "1q", eager=True)
        mid = 8 + self.shift + np.zeros(len(days))
        return pl.DataFrame(
            {"date": days, "median": mid, "low": mid - 2, "high": mid + 2, "low_50": mid - 1, "high_50": mid + 1}
        )

    def lag_grid(self, model=None, of="CHN", behind="USA", *, everything=False):
        rows = []
        for sets in ("all", "held-back", "public", "independent") if everything else ("all",):
            for clock in ("released", "trained") if everything else ("released",):
                for comparison in COMPARISONS if everything else ("all",):
                    for d in lag_definitions("model" if model else "group"):
                        mid = float(self.rng.normal(8, 2.5)) + self.shift
                        fine = sets != "independent" or d.name != "trend_gap_latent"
                        rows.append(
                            {
                                "definition": d.name,
                                "title": d.title,
                                "clock": clock,
                                "comparison": comparison,
                                "benchmarks": sets,
                                "median": mid if fine else None,
                                "low": mid - 3 if fine else None,
                                "high": mid + 4 if fine else None,
                                "censored": 0.02 if fine else None,
                                "p_7_10": 0.4 if fine else None,
                                "note": "" if fine else "too few benchmarks",
                                "atoms": "",
                            }
                        )
        return pl.DataFrame(rows, infer_schema_length=None)

    def abilities(self, benchmarks="all", effort="best"):
        n = 60
        points = np.sort(self.rng.normal(135, 12, n))[::-1]
        return pl.DataFrame(
            {
                "model": [f"model-{i}" for i in range(n)],
                "name": [EVIL if i == 3 else f"Model {i} Preview" for i in range(n)],
                "organization": ["deepseek" if i % 9 == 0 else "openai" for i in range(n)],
                "country": ["CHN" if i % 3 == 0 else "USA" for i in range(n)],
                "released_on": [TODAY - dt.timedelta(20 * i) for i in range(n)],
                "weights": ["open"] * n,
                "reasoning": [True] * n,
                "n_benchmarks": [9] * n,
                "points": points,
                "points_low": points - 2,
                "points_high": points + 2,
                "logit": points / 20,
                "logit_low": points / 20 - 0.1,
                "logit_high": points / 20 + 0.1,
                "frontier_date": [None if i == 0 else TODAY for i in range(n)],
                "headline": [True] * n,
            }
        )

    def benchmarks_table(self):
        n = 40
        x, y = self.rng.normal(135, 15, n), self.rng.uniform(0.5, 3, n)
        return pl.DataFrame(
            {
                "benchmark": [f"b-{i}" for i in range(n)],
                "name": [f"Benchmark {i}" for i in range(n)],
                "domain": ["math"] * n,
                "access": [["public", "private", "semi-private"][i % 3] for i in range(n)],
                "n_models": list(range(5, 5 + n)),
                "difficulty_points": x,
                "difficulty_low": x - 2,
                "difficulty_high": x + 2,
                "discrimination": y,
                "discrimination_low": y - 0.1,
                "discrimination_high": y + 0.1,
                "misfit": y / 10,
            }
        )

    def vendor_effect(self):
        names = ["openai", "anthropic", "google", "deepseek", "alibaba", "mistral"]
        x = self.rng.normal(0.2, 0.2, 6)
        return pl.DataFrame(
            {
                "level": ["organization"] * 5 + ["country"],
                "name": names,
                "n_pairs": [9, 8, 7, 6, 5, 4],
                "logit": x,
                "country": ["USA", "USA", "USA", "CHN", "CHN", "FRA"],
                "logit_low": x - 0.2,
                "logit_high": x + 0.2,
                "pp_at_half": x / 4,
            }
        )

    def frontier(self, group):
        days = pl.date_range(dt.date(2023, 1, 1), TODAY, "1mo", eager=True)
        points = 100 + np.floor(np.arange(len(days)) / 3) * 4 + (12 if group == "USA" else 4) - self.shift * 0
        return pl.DataFrame({"date": days, "points": points, "low": points - 2, "high": points + 2})

    def records(self, group):
        line = self.frontier(group).gather_every(3)
        return line.select(
            pl.format("model-{}", pl.int_range(pl.len())).alias("model"),
            pl.format("{} model {}", pl.lit(group), pl.int_range(pl.len())).alias("name"),
            pl.col("date").alias("released_on"),
            "points",
            "low",
            "high",
            pl.lit(0.8).alias("probability"),
        )

    def lag_over_time(self):
        days = pl.date_range(dt.date(2024, 1, 1), TODAY, "1q", eager=True)
        mid = 8 + self.rng.normal(0, 1, len(days)) + self.shift
        return pl.DataFrame(
            {"date": days, "definition": ["daily_mean"] * len(days), "median": mid, "low": mid - 2, "high": mid + 2}
        )

    def counts(self):
        return {"models": 50, "benchmarks": 30, "pairs": 700}

    def diagnostics(self):
        return {"r_hat_max": 1.004, "ess_min": 812.0, "divergences": 0, "n_chains": 4, "n_draws": 4000}
