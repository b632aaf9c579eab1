"""The report's files from a small made-up study: complete, valid, closed to the outside."""

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from conforms import conforms
from leadtime import report
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.figures import labels, models
from leadtime.quantities import value
from leadtime.report import (
    chapter_cost,
    chapter_curve,
    chapter_fork,
    chapter_rules,
    front,
    page,
    reproduce,
    results,
    tables,
)
from leadtime.report.derivations import of_measure
from leadtime.study import COMPARISONS, Study, lag_definitions
from leadtime.study.headline import Headline
from leadtime.study.path import LagPath

TODAY = dt.date(2026, 11, 23)
FIGURES = {"frontiers", "v3-lag", "lag-over-time", "vendor-effect", "benchmark-map"}
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
    rules = SimpleNamespace(log=SimpleNamespace(chips={}))

    def __init__(self, shift=0.0, has_model=True):
        self.rng, self.shift, self.has_model = np.random.default_rng(1), shift, has_model
        self.as_of = TODAY
        self.stamp = {"version": "0.1.0", "as_of": TODAY.isoformat(), "evidence_hash": Evidence.hash, "seed": 0,
                      "draws": 100, "evidence_through": TODAY.isoformat(), "newest_scored_model": "kimi-k3", "newest_scored_model_name": "Kimi K3",
                      "newest_scored_model_on": "2026-07-16", "newest_row_on": TODAY.isoformat(), "method": "nuts", "n_scores": 900, "n_models": 60, "n_benchmarks": 30, "environment": {"python": "3.11", "machine": "Linux"}}  # fmt: skip
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
        return Estimate(name=f"lag.{model or 'chn-usa'}", unit="months", draws=draws, definition="The age of its equal.",
                        as_of=TODAY.isoformat(), because=("a",), stamp=self.stamp)  # fmt: skip

    def lag_headline(self):
        made = self.lag()
        path = LagPath(
            of="CHN", behind="USA", table=self.path_table(), now=made, level=made, past_year=made, change=None, growth=None, p_growing=None,
            r_hat_max=1.0, ess_min=500.0, divergences=0, n_draws=2000, stamp=self.stamp,
        )  # fmt: skip
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
        return pl.DataFrame({"model": ["gpt-4"], "name": [EVIL], "organization": ["openai"], "days_fraction": [0.25], "mean_fraction": [0.42], "without_months": [4.9]})  # fmt: skip

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
                            {"definition": d.name, "title": d.title, "clock": clock, "comparison": comparison,
                             "benchmarks": sets, "median": mid if fine else None, "low": mid - 3 if fine else None,
                             "high": mid + 4 if fine else None, "censored": 0.02 if fine else None,
                             "p_7_10": 0.4 if fine else None, "note": "" if fine else "too few benchmarks", "atoms": ""}
                        )  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def abilities(self):
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
                "points": points, "points_low": points - 2, "points_high": points + 2,
                "logit": points / 20, "logit_low": points / 20 - 0.1, "logit_high": points / 20 + 0.1,
                "frontier_date": [None if i == 0 else TODAY for i in range(n)],
                "headline": [True] * n,
            }
        )  # fmt: skip

    def benchmarks_table(self):
        n = 40
        x, y = self.rng.normal(135, 15, n), self.rng.uniform(0.5, 3, n)
        return pl.DataFrame(
            {"benchmark": [f"b-{i}" for i in range(n)], "name": [f"Benchmark {i}" for i in range(n)],
             "domain": ["math"] * n, "access": [["public", "private", "semi-private"][i % 3] for i in range(n)],
             "n_models": list(range(5, 5 + n)), "difficulty_points": x, "difficulty_low": x - 2, "difficulty_high": x + 2,
             "discrimination": y, "discrimination_low": y - 0.1, "discrimination_high": y + 0.1, "misfit": y / 10}
        )  # fmt: skip

    def vendor_effect(self):
        names = ["openai", "anthropic", "google", "deepseek", "alibaba", "mistral"]
        x = self.rng.normal(0.2, 0.2, 6)
        return pl.DataFrame(
            {"level": ["organization"] * 5 + ["country"], "name": names, "n_pairs": [9, 8, 7, 6, 5, 4], "logit": x,
             "country": ["USA", "USA", "USA", "CHN", "CHN", "FRA"], "logit_low": x - 0.2, "logit_high": x + 0.2,
             "pp_at_half": x / 4}
        )  # fmt: skip

    def frontier(self, group):
        days = pl.date_range(dt.date(2023, 1, 1), TODAY, "1mo", eager=True)
        points = 100 + np.floor(np.arange(len(days)) / 3) * 4 + (12 if group == "USA" else 4) - self.shift * 0
        return pl.DataFrame({"date": days, "points": points, "low": points - 2, "high": points + 2})

    def records(self, group):
        line = self.frontier(group).gather_every(3)
        return line.select(
            pl.format("model-{}", pl.int_range(pl.len())).alias("model"),
            pl.format("{} model {}", pl.lit(group), pl.int_range(pl.len())).alias("name"),
            pl.col("date").alias("released_on"), "points", "low", "high", pl.lit(0.8).alias("probability"),
        )  # fmt: skip

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


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "out"
    assert report.write(FakeStudy(), out) == out / "index.html"
    return out


def test_the_policy_of_the_page_names_the_scripts_that_are_in_it(folder):
    html = (folder / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)
    scripts = re.findall(r'<script type="module">(.*?)</script>', html, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.search(r"script-src ([^;]+);", policy).group(1) == " ".join(f"'sha256-{h}'" for h in hashes)
    assert len(hashes) == 2


def tags(html):
    """Return every start tag with its attributes, as a browser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    return found


def test_writes_every_file_and_leaves_nothing_else(folder):
    assert {p.name for p in folder.iterdir()} == {"index.html", "results.json", "figures"}
    assert {p.name for p in (folder / "figures").iterdir()} == {
        f"{f}.{e}" for f in FIGURES for e in ("csv", "svg", "png")
    }
    assert [p.name for p in folder.parent.iterdir()] == ["out"]
    assert (folder / "figures/v3-lag.png").read_bytes().startswith(b"\x89PNG")


def test_results_are_as_their_schema_says(folder):
    conforms("results", json.loads((folder / "results.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (1.0, 1)])
def test_computing_a_report_again_tells_every_value_that_came_out_otherwise(folder, monkeypatch, shift, code):
    gather = results.gather
    monkeypatch.setattr(results, "gather", lambda study: gather(FakeStudy(shift)))
    monkeypatch.setattr(
        reproduce, "_require_same_evidence", lambda *a: None
    )  # the numbers are made up, and so is their hash
    done = CliRunner().invoke(app, ["reproduce", str(folder / "results.json"), "--cached", "--json"])
    assert done.exit_code == code, done.output
    said = conforms("reproduction", json.loads(done.stdout))
    assert said["is_reproduced"] == said["is_same_file"] == (code == 0)
    moved = {
        d["at"]: d["here"] - d["recorded"] for d in said["differences"] if d["at"].startswith("estimates.lag_chn_usa.")
    }
    assert moved == ({k: pytest.approx(1.0) for k in (f"estimates.lag_chn_usa.{n}" for n in ("median", "low", "high"))} if code else {})  # fmt: skip
    shown = CliRunner().invoke(app, ["reproduce", str(folder / "results.json"), "--cached"]).stdout
    assert Evidence.hash in shown.splitlines()[-2] and max(map(len, shown.splitlines())) <= 80


def test_page_loads_nothing_from_outside(folder):
    html = (folder / "index.html").read_text()
    loading = {"script", "img", "iframe", "link", "source", "object", "embed", "video", "audio"}
    assert [tag for tag in tags(html) if tag[0] in loading and {"src", "href", "data"} & set(tag[1])] == []
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_names_from_the_evidence_cannot_become_markup(folder):
    html = (folder / "index.html").read_text()
    assert [tag for tag, _ in tags(html)].count("script") == html.lower().count("</script>") == 3
    assert not [a for _, a in tags(html) if (a.get("href") or "").startswith("javascript:")]
    assert "Evil &lt;/script&gt;" in html


def test_numbers_have_intervals_and_units(folder):
    written = json.loads((folder / "results.json").read_text())
    for name in ("lag_chn_usa", "lag_deepseek_v3"):
        e = written["estimates"][name]
        assert e["low"] < e["median"] < e["high"]
        assert (e["unit"], e["level"]) == ("months", 0.9)
    for row in written["grids"]["chn_usa"]:
        assert row["low_months"] <= row["median_months"] <= row["high_months"]
    assert written["stamp"]["evidence_hash"] == Evidence.hash
    assert len(written["tables"]["abilities"]) == 60


def test_every_figure_has_its_data(folder):
    for name in FIGURES:
        rows = list(csv.DictReader(io.StringIO((folder / f"figures/{name}.csv").read_text())))
        assert len(rows) > 4, name
    assert "'=1+1" in (folder / "figures/lag-over-time.csv").read_text()


def test_figure_files_say_when_how_and_from_whom(folder):
    for name in FIGURES:
        svg = (folder / f"figures/{name}.svg").read_text()
        assert "As of 2026-11-23" in svg
        assert "Epoch AI" in svg


def test_a_second_report_replaces_the_first(tmp_path):
    report.write(FakeStudy(has_model=False), tmp_path / "a/out")
    assert "v3-lag.csv" not in {p.name for p in (tmp_path / "a/out/figures").iterdir()}
    report.write(FakeStudy(), tmp_path / "a/out")
    assert "v3-lag.csv" in {p.name for p in (tmp_path / "a/out/figures").iterdir()}
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["out"]


def test_refuses_a_folder_with_other_files(tmp_path):
    (tmp_path / "thesis.docx").write_text("")
    with pytest.raises(LeadtimeError, match=r"thesis\.docx"):
        report.write(FakeStudy(), tmp_path)


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "html", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.write(FakeStudy(), tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("shift", "words"),
    [(0, "trailed the US frontier by"), (-7, "does not show that"), (-30, "were ahead of the US frontier")],
)
def test_headline_says_whichever_way_it_points(shift, words):
    study = FakeStudy(shift)
    said = results.headline(study.lag_headline())
    assert words in said and "against the year before" in said and "Now it is" in said


def test_headline_without_a_number():
    e = Estimate(name="x", unit="months", draws=np.array([np.nan]), definition="", as_of="2024-01-01")
    assert "does not say" in results.headline(
        Headline(past_year=e, change=None, p_grew=None, since=e, path=None, level=None)
    )


def test_readings_are_counted():
    grid = pl.DataFrame(
        {"median": [8.0, 5.0, None, 20.0], "low": [7.0, 3.0, None, 15.0], "high": [9.0, 8.0, None, 30.0]}
    )
    assert results.counts(grid) == (1, 2, 3)


def test_no_shift_is_drawn_when_the_follower_leads():
    study = FakeStudy()
    lines = pl.concat([study.frontier(g).with_columns(group=pl.lit(g)) for g in ("USA", "CHN")])
    assert models.shift(lines)["months"] > 0
    swapped = lines.with_columns(group=pl.col("group").replace({"USA": "CHN", "CHN": "USA"}))
    assert models.shift(swapped) is None


def test_numbers_in_words():
    assert tables.months(-0.04, -1.26, 3) == "0.0 [−1.3, 3.0]"
    assert tables.months(None, 1, 2) == "–"
    assert tables.months(float("nan"), 1, 2) == "–"


def test_labels_give_way_to_each_other():
    rows = [{"x": 0.0, "y": 0.0, "n": "first"}, {"x": 0.0, "y": 0.1, "n": "same place"}, {"x": 9.0, "y": 9.0, "n": "b"}]
    placed = labels.with_room(rows, "x", "y", "n")
    assert [r["wide"] for r in placed].count(True) < 3


def test_the_chapter_on_the_rules_says_what_the_engine_says():
    study = Study("2024-06-01", method="map")
    chapter = chapter_rules.chapter(study)
    conforms("chapters", {"rules": chapter.json})
    today = {(row["chip"], row["place"]): row for row in chapter.json["today"]}
    h100 = study.evidence["chips"].filter(pl.col("id") == "h100-sxm")["name"].item()
    assert today[h100, "To China"]["eccn"] == "3A090.a"
    assert today[h100, "To China"]["review"] == "presumption_of_denial"
    assert {f.name for f in chapter.figures} == {"rules-plane", "rules-quarters"}
    assert all("2024-06-01" in f.caption for f in chapter.figures)
    assert not [q for q in chapter.json["quarters"] if q["quarter"] > "2024 Q2"]


def test_the_chapter_on_cost_keeps_the_meanings_apart():
    chapter = chapter_cost.chapter(Study("2026-11-23", method="map", draws=200))
    conforms("chapters", {"cost": chapter.json})
    rungs = {r["words"]: r for r in chapter.json["ladder"]}
    assert rungs["amortized"]["low_usd"] < rungs["amortized"]["median_usd"] < rungs["acquisition"]["median_usd"]
    assert rungs["acquisition"]["median_usd"] < 1.6e9 == rungs["servers owned, SemiAnalysis"]["median_usd"]
    factors = [r["factor"] for r in chapter.json["savings"] if r["metric"] == "gpu_hours"]
    assert np.prod(factors[:-1]) == pytest.approx(factors[-1])
    split = chapter.json["against_llama_3_1_405b"]
    assert split["flop_per_token"] * split["tokens"] * split["throughput"] == pytest.approx(split["gpu_hours"])
    assert "11.6 times fewer GPU-hours" in chapter.lead
    assert chapter_cost.chapter(Study("2024-06-01", method="map", draws=200)) is None


def test_the_chapter_on_the_curve_can_be_written_as_of_the_day_of_the_essay():
    found = chapter_curve.chapter(Study("2025-01-29", method="map", draws=100))
    assert {f.name for f in found.figures} == {
        "cost-curve",
        "cost-curve-readings",
    }  # dollars per FLOP were published later
    assert found.json["reinvestment"] == []
    assert "DeepSeek-V3 was abler than" in found.lead
    for f in found.figures:
        assert f.spec()["$schema"]


@pytest.mark.parametrize("day", ["2024-02-01", "2025-01-29"])
def test_chapters_that_the_day_cannot_fill_are_left_out(day):
    assert chapter_fork.chapter(Study(day, method="map", draws=100)) is None


# -- the front page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fell", "grew", "begins", "holds"),
    [
        (
            0.99,
            0.99,
            "Both moved the way the rules intend: China gets a smaller share",
            "and its best models are further behind",
        ),
        (0.99, 0.5, "In part: China gets a smaller share", "but its best models are not shown to be further behind"),
        (0.99, 0.01, "In part: ", "less far behind than a year before"),
        (0.01, 0.99, "In part: China gets no smaller share", "but its best models are further behind"),
        (0.01, 0.01, "Not by what is measured: China gets no smaller share", "and its best models are less far behind"),
        (0.5, 0.5, "Not shown: whether China gets a smaller share", "not shown to be further behind"),
        (None, 0.5, "Not shown: how many chips reach China was not counted yet", "and its best models"),
        (None, None, "As of this day the evidence does not say", "whether the rules are working"),
    ],
)
def test_the_front_page_answers_whichever_way_the_measures_point(fell, grew, begins, holds):
    said = front.answer(fell, grew)
    assert said.startswith(begins)
    assert holds in said


def test_what_opens_beside_a_number_of_the_front_page_is_that_number():
    study = Study("2026-11-24", method="map", draws=200)
    page = front.front(study)
    assert [m.name for m in page.measures][:3] == ["share_fell", "diverted_share", "stock_ratio"]
    for m in page.measures:
        if not m.explain:
            assert m.name == "price_of_a_month_usd"
            continue
        draws = value(study, *of_measure(m.explain))
        percent = m.name in ("share_fell", "diverted_share")
        if m.name == "share_fell":  # the page gives both ends, the explanation their difference
            assert float(np.mean(draws < 0)) == pytest.approx(m.probability)
            continue
        middle = float(np.median(draws)) * (100 if percent else 1)
        assert m.value.startswith(tables.number(middle, 0 if percent else 1)), m.name


@pytest.mark.parametrize("fell", [0.99, 0.01])
def test_what_rests_on_an_assumption_is_said_to_and_is_no_plain_answer(fell):
    said = front.answer(fell, fell, assumed=True)
    assert (
        said.startswith(("In part: ", "Not shown: "))
        and "if what is assumed of chips that nobody counted holds" in said
    )


def test_the_front_leads_with_what_was_counted_and_names_what_is_assumed_beside_it():
    page = front.front(Study("2026-11-24", method="map", draws=200))
    share = page.measures[0]
    assert share.layer == "estimated from few sources" and "before the rule of October 2023" in share.words
    assert "the year before the rule of October 2023" in page.answer and "assumed" not in page.answer
    before_any = next(u for u in page.unknown if u.startswith("How China's share moved since before any rule"))
    assert "Assumed, with intervals: " in before_any and "Huawei 2022" in before_any


def test_the_front_bounds_the_effect_and_calls_the_simulation_one_models_answer():
    study = Study("2026-11-24", method="map", draws=200)
    page = front.front(study)
    assert page.cause == study.effect().short and "if computing power is the only channel" in page.cause.lower()
    effect = next(m for m in page.measures if m.name == "effect")
    assert effect.layer == "simulated" and "one model's answer" in effect.words and "in our simulation" in effect.chance
    assert "cannot be bounded" in front.front(Study("2025-01-29", method="map", draws=100)).cause
