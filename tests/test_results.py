"""`import results`, `import csv` and `import epoch` on what the one reader reads; and two models compared on the same
questions.
"""

import json
import zipfile

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from brought_files import answer, details, every_eval, helm_run, result, write
from conforms import conforms
from leadtime.answers import paired as told
from leadtime.answers.paired import Paired
from leadtime.capability.items.pair import Pair, compare
from leadtime.cli import app
from leadtime.errors import LeadtimeError


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def said(*arguments):
    done = run(*arguments, "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    found = json.loads(done.stdout)
    return conforms("responses", found) if "became" in found else conforms("import", found)


def taken(study):
    [file] = study.glob("imports/*/scores.csv")
    return pl.read_csv(file).to_dicts()


def test_every_eval_evers_scores_name_who_measured(tmp_path):
    every_eval(
        tmp_path / "e" / "a.json",
        [
            result("GPQA Diamond", 0.401, metric_unit="proportion"),
            result("GPQA", 0.3, metric_unit="proportion"),
            result("MMLU-Pro (overall)", 71.5, metric_unit="percent"),
        ],
        model="openai/gpt-4o-mini",
    )
    every_eval(
        tmp_path / "e" / "b.json", [result("GPQA Diamond", 0.2, metric_unit="proportion")], model="nobody/model-9"
    )
    every_eval(
        tmp_path / "e" / "c.json",
        [result("GPQA Diamond", 0.2, metric_unit="proportion")],
        model="openai/gpt-4o-mini",
        source_organization_name="Someone",
    )
    found = said("import", "results", tmp_path / "e", "--into", tmp_path / "study")
    assert found["files"] == 3 and found["refused"] == 0
    why = " ".join(r["reason"] for r in found["set_aside_because"])
    assert "nobody/model-9" in why and "Someone" in why and "'gpqa'" in why  # the whole of GPQA is not its diamonds
    rows = {r["benchmark"]: r for r in taken(tmp_path / "study")}
    assert rows["mmlu-pro"]["score"] == 0.715 and rows["mmlu-pro"]["se"] == 0.0002
    assert {rows["mmlu-pro"][k] for k in ("evaluator", "report_type", "measured_on")} == {
        "epoch-ai",
        "independent",
        "2026-05-01",
    }
    named = said(
        "import",
        "results",
        tmp_path / "e",
        "--into",
        tmp_path / "two",
        "--benchmark",
        "GPQA=mmlu",
        "--evaluator",
        "epoch-ai",
    )
    left = " ".join(r["reason"] for r in named["set_aside_because"])
    assert "'gpqa'" not in left and "Someone" not in left
    wrong = run("import", "results", tmp_path / "e", "--into", tmp_path / "two", "--benchmark", "GPQA=nothing")
    assert isinstance(wrong.exception, LeadtimeError) and "nothing" in str(wrong.exception)


def test_a_wide_table_in_percent_comes_in_once_that_is_said(tmp_path):
    path = write(
        tmp_path / "board.csv", "Model;GPQA Diamond;MMLU-Pro;Average\nGPT-4o mini;41,5;n/a;50\nClaude 2.1;30;20;40\n"
    )
    asked = [
        "import",
        "results",
        path,
        "--into",
        tmp_path / "study",
        "--evaluator",
        "epoch-ai",
        "--known-on",
        "2026-11-01",
    ]
    first = said(*asked, "--dry-run")
    assert (
        first["refused"] == 3
        and "--percent" in first["refused_because"][0]["reason"]
        and first["refused_because"][0]["row"] == "row 2"
    )
    found = said(*asked, "--percent")
    assert found["refused"] == 0 and any("Left out, since they are not tests: Average" in n for n in found["notes"])
    assert {(r["benchmark"], r["score"]) for r in taken(tmp_path / "study")} <= {
        ("mmlu-pro", 0.2),
        ("gpqa-diamond", 0.415),
        ("gpqa-diamond", 0.3),
    }
    nobody = said("import", "results", path, "--into", tmp_path / "x", "--percent", "--dry-run")
    assert "who measured it is not known" in nobody["set_aside_because"][0]["reason"]


def test_a_hubs_results_and_a_zip_of_them(tmp_path):
    text = "- dataset:\n    id: Idavidrein/gpqa\n    task_id: {}\n  value: 0.5\n  notes: {}\n"
    folder = tmp_path / "Qwen__Qwen2.5-7B-Instruct" / ".eval_results"
    write(folder / "a.yaml", text.format("gpqa_diamond", "With tools"))
    write(folder / "b.yaml", text.format("gpqa_main", "''"))
    found = said("import", "results", tmp_path, "--into", tmp_path / "study", "--evaluator", "epoch-ai")
    assert "gpqa-main" in found["set_aside_because"][0]["reason"] and found["accepted"]["scores"] == 1
    [row] = taken(tmp_path / "study")
    assert (row["model"], row["benchmark"], row["setting"]) == ("qwen2-5-7b", "gpqa-diamond", "tools")
    base = tmp_path / "base" / "Qwen__Qwen2.5-7B"
    write(base / ".eval_results" / "a.yaml", text.format("gpqa_diamond", "''"))
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as out:
        out.write(base / ".eval_results" / "a.yaml", "Qwen__Qwen2.5-7B/.eval_results/a.yaml")
    zipped = said(
        "import", "results", tmp_path / "z.zip", "--into", tmp_path / "two", "--evaluator", "epoch-ai", "--dry-run"
    )
    assert "'Qwen/Qwen2.5-7B'" in zipped["set_aside_because"][0]["reason"]  # a base model is not its chat version


def test_answers_of_several_forms_become_responses(tmp_path):
    helm_run(tmp_path / "h" / "a", "o/a", [1, 0, 1])
    with zipfile.ZipFile(tmp_path / "h.zip", "w") as out:
        for file in (tmp_path / "h" / "a").iterdir():
            out.write(file, f"runs/a/{file.name}")
    lines = write(
        tmp_path / "s.jsonl", "\n".join([answer("o/b", "1", 1.0), answer("o/b", "1", 0.0), answer("o/b", "2", 7)])
    )
    for path in (tmp_path / "h", tmp_path / "h.zip"):
        found = said("import", "results", path, "--into", tmp_path / f"{path.name}.parquet")
        assert (found["models"], found["items"], found["accepted"], found["refused"]) == (1, 3, 3, 0)
    found = said("import", "results", lines, "--into", tmp_path / "s.parquet", "--model", "o/b=ours")
    assert found["refused"] == 1 and found["refused_because"][0]["row"] == "row 3"
    assert pl.read_parquet(tmp_path / "s.parquet").rows() == [("ours", "demo/1", 0.5, 2)]
    details(tmp_path / "d", "o/m", "2023-08-19T16:35:46.942696", [1.0, 0.0])
    assert said("import", "results", tmp_path / "d", "--into", tmp_path / "d.parquet")["items"] == 2
    odd = helm_run(tmp_path / "odd", "o/a", [1, 1], metric="quasi_exact_match", groups=("unknown",))
    whole = run("import", "results", odd, "--into", tmp_path / "o.parquet")
    assert "which metric counts is not told" in whole.output and not (tmp_path / "o.parquet").exists()
    assert (
        said("import", "results", odd, "--into", tmp_path / "o.parquet", "--metric", "quasi_exact_match")["accepted"]
        == 2
    )


OWN = "model,benchmark,score,evaluator,report_type,known_on,source"


def test_a_csv_of_ours_in_other_dress(tmp_path):
    rows = (
        "GPT-5;gpqa-diamond;{};epoch-ai;independent;2026-11-01;epoch-eval-logs\nClaude"
        " 2.1;gpqa-diamond;{};epoch-ai;independent;2026-11-01;epoch-eval-logs\n"
    )
    header = "Model;Benchmark;Accuracy;Evaluator;Report Type;Known on;Source\n"
    for cells, more in ((("0,113", "0,214"), ()), (("11,3 %", "21,4%"), ()), (("11,3", "21,4"), ("--percent",))):
        path = write(tmp_path / "own.csv", header + rows.format(*cells))
        found = said("import", "csv", path, "--into", tmp_path / "study", "--dry-run", *more)
        assert found["accepted"] == {"scores": 2} and found["refused"] == 0, (cells, found)
    plain = said("import", "csv", path, "--into", tmp_path / "study", "--dry-run")
    assert plain["refused"] == 2
    path = write(tmp_path / "own.csv", header + rows.format("0,113", "NA"))
    found = said("import", "csv", path, "--into", tmp_path / "study", "--dry-run")
    assert found["accepted"] == {"scores": 1} and any("1 cell is empty" in n for n in found["notes"])
    riddle = write(tmp_path / "c.csv", "id;n_items\nx;1,234\n")
    asked = ["import", "csv", riddle, "--table", "benchmarks", "--into", tmp_path / "study", "--dry-run"]
    known = (
        "name=x floor=0 ceiling=1 domain=math access=public metric=accuracy source=epoch-eval-logs known_on=2026-11-01"
        " confidence=low"
    )
    for column in known.split():
        asked += ["--set", column]
    found = said(*asked)
    assert "no riddle" in found["refused_because"][0]["reason"] and found["refused_because"][0]["row"] == "row 2"


def test_epochs_hub_saved_by_a_spreadsheet(tmp_path):
    header = (
        "Model version;mean_score;Best score (across scorers);Release date;Organization;Country;stderr;Log"
        " viewer;Started at;id\n"
    )
    row = "{};{};{};2026-01-01;A lab;Somewhere;0,01;https://logs.example/x;2026-11-01T10:00:00.000Z;x\n"
    write(
        tmp_path / "hub" / "gpqa_diamond.csv",
        "\ufeff"
        + header
        + row.format("claude-2.1", "0,123", "0,123")
        + row.format("gpt-5-2025-08-07_high", "0,5", "0,5"),
    )
    found = said("import", "epoch", tmp_path / "hub", "--into", tmp_path / "study")
    assert found["refused"] == 0 and found["accepted"]["scores"] == 2
    assert sorted((r["score"], r["se"]) for r in taken(tmp_path / "study")) == [(0.123, 0.01), (0.5, 0.01)]


# ---------------------------------------------------------------- two models on the same questions


def simulated(rng, n, *, gap, tries=1, size=1, together=0.0):
    """Mean responses of two models to n questions, in clusters of a size that lean one way together."""
    cluster = np.arange(n) // size
    hard, own = rng.normal(0, 1.5, n), rng.normal(0, 0.7, n) + rng.normal(0, together, n)[cluster]
    chance = [1 / (1 + np.exp(-(hard + s * (gap + own) / 2))) for s in (1, -1)]
    return *(rng.binomial(tries, p) / tries for p in chance), cluster


def truth(gap, together=0.0):
    rng = np.random.default_rng(0)
    hard, own = rng.normal(0, 1.5, 200_000), rng.normal(0, np.hypot(0.7, together), 200_000)
    return float((1 / (1 + np.exp(-(hard + (gap + own) / 2))) - 1 / (1 + np.exp(-(hard - (gap + own) / 2)))).mean())


@pytest.mark.parametrize(
    ("how", "least", "most"),
    [
        (dict(n=200, gap=0.5), 0.87, 0.94),
        (dict(n=15, gap=0.3), 0.88, 1.0),
        (dict(n=200, gap=0.5, tries=8), 0.88, 0.97),
        (dict(n=200, gap=0.3, size=20, together=1.0), 0.85, 0.95),
    ],
)  # fmt: skip
def test_the_interval_holds_the_true_difference(how, least, most):
    true, rng = truth(how["gap"], how.get("together", 0.0)), np.random.default_rng(5)
    found = [compare(*simulated(rng, **how)) for _ in range(600)]
    assert least <= np.mean([p.low <= true <= p.high for p in found]) <= most
    assert np.mean([p.difference for p in found]) == pytest.approx(true, abs=0.02)


def test_clusters_and_tries_matter():
    """Questions that hang together, and tries of one question, are no independent evidence: as such they cover far too
    seldom.
    """
    rng, true = np.random.default_rng(6), truth(0.3, 1.0)
    worlds = [simulated(rng, 200, gap=0.3, size=20, together=1.0) for _ in range(400)]
    held = [
        np.mean([p.low <= true <= p.high for p in pairs])
        for pairs in ([compare(*w) for w in worlds], [compare(*w[:2]) for w in worlds])
    ]
    assert held[0] > 0.85 and held[1] < 0.78
    a, b = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0, 0.0])
    one, many = compare(a, b), compare(np.repeat(a, 50), np.repeat(b, 50), np.repeat(np.arange(4), 50))
    assert many.n_clusters == 4 and many.error > 3 * compare(np.repeat(a, 50), np.repeat(b, 50)).error
    assert one.difference == many.difference == 0.5


def test_the_smallest_difference_shows_in_eight_of_ten():
    rng = np.random.default_rng(7)
    pairs = [compare(*simulated(rng, 200, gap=0.6)[:2]) for _ in range(400)]
    smallest, true = float(np.mean([p.smallest for p in pairs])), truth(0.6)
    assert true == pytest.approx(smallest, abs=0.012)  # at this gap a difference of about the smallest size
    assert 0.7 < np.mean([p.low > 0 or p.high < 0 for p in pairs]) < 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "share", "ignored"),
    [
        (dict(n=1000, gap=0.1), 0.90, 0.90),
        (dict(n=200, gap=0.5), 0.91, 0.91),
        (dict(n=50, gap=0.5), 0.92, 0.92),
        (dict(n=15, gap=0.3), 0.95, 0.95),
        (dict(n=8, gap=0.0), 0.99, 0.99),
        (dict(n=200, gap=0.5, tries=8), 0.93, 0.93),
        (dict(n=200, gap=0.3, size=5, together=1.0), 0.90, 0.85),
        (dict(n=200, gap=0.3, size=20, together=1.0), 0.90, 0.72),
    ],
)
def test_the_figures_of_the_method(how, share, ignored):
    true, rng = truth(how["gap"], how.get("together", 0.0)), np.random.default_rng(11)
    worlds = [simulated(rng, **how) for _ in range(2000)]
    for wanted, pairs in ((share, [compare(*w) for w in worlds]), (ignored, [compare(*w[:2]) for w in worlds])):
        assert np.mean([p.low <= true <= p.high for p in pairs]) == pytest.approx(wanted, abs=0.025)


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 200, 800])
def test_the_smallest_difference_shows_as_often_as_it_says(n):
    """The gap at which the true difference is the smallest that shows, found by halving, and how often it shows."""
    rng, low, high = np.random.default_rng(12), 0.0, 3.0
    for _ in range(9):
        gap = (low + high) / 2
        smallest = np.mean([compare(*simulated(rng, n, gap=gap)[:2]).smallest for _ in range(100)])
        low, high = (gap, high) if truth(gap) < smallest else (low, gap)
    pairs = [compare(*simulated(rng, n, gap=gap)[:2]) for _ in range(1000)]
    assert np.mean([p.low > 0 or p.high < 0 for p in pairs]) == pytest.approx(0.8, abs=0.04)


def test_agreement_on_all_questions_is_no_certainty():
    same = compare(np.ones(20), np.ones(20))
    assert same.low < -0.05 and same.high > 0.05 and same.difference == 0 and same.p_better == pytest.approx(0.5)
    assert compare(np.ones(5), np.zeros(5)).high == 1.0
    assert compare(np.r_[np.ones(9), 0], np.zeros(10)).p_better > 0.99
    for wrong in (([1.0], [0.0], None), ([1.0, 0], [0.0, 1], [3, 3])):
        with pytest.raises(LeadtimeError, match="cannot be compared"):
            compare(*wrong)


def pair_of(low, difference, high):
    found = Pair(
        n_items=1200,
        n_clusters=1200,
        first=0.5,
        second=0.5 - difference,
        difference=difference,
        low=low,
        high=high,
        error=0.02,
        smallest=0.062,
        p_better=0.6,
    )
    return Paired(found, "ours", "base", (), ("ours", "base"))


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (
            (0.031, 0.075, 0.118),
            "ours answers more of 1,200 shared questions right than Base: by 7.5 percentage points (3.1 to 11.8).",
        ),
        (
            (-0.118, -0.075, -0.031),
            "ours answers fewer of 1,200 shared questions right than Base: by 7.5 percentage points (3.1 to 11.8).",
        ),
        (
            (-0.02, 0.015, 0.05),
            (
                "Whether ours or Base answers more of 1,200 shared questions right is not clear: ours is 1.5 percentage"
                " points ahead (2.0 behind to 5.0 ahead)."
            ),
        ),
        ((-0.05, -0.015, 0.02), "not clear: ours is 1.5 percentage points behind (5.0 behind to 2.0 ahead)."),
        (
            (-0.02, 0.0, 0.02),
            "ours and Base answer equally many of 1,200 shared questions right (2.0 behind to 2.0 ahead).",
        ),
    ],
)
def test_a_comparison_is_told_in_every_direction(ends, words):
    said_so = told.sentence(pair_of(*ends), "Base")
    assert words in said_so and said_so.endswith(
        "A true difference of 6.2 points would show in 80 of 100 such comparisons."
    )


def test_two_of_ones_own_without_a_link(tmp_path):
    rng = np.random.default_rng(8)
    rows = [("ours", f"q{i}", int(rng.random() < 0.8)) for i in range(60)] + [
        ("base", f"q{i}", int(rng.random() < 0.3)) for i in range(50)
    ]
    lines = "".join(f"{m};{i};{r};passage {i[:-1]}\n" for m, i, r in rows)
    path = write(tmp_path / "own.csv", "Model;Item;Response;Cluster\n" + lines)
    done = run("lag", "--items", path, "--model", "ours", "--against", "base", "--json")
    found = conforms("lag-items", json.loads(done.stdout))
    [row], [pair] = found["rows"], found["paired"]
    assert row["definition"] == "paired" and row["unit"] == "percentage points" and row["low"] > 0
    assert (
        pair["n_items"] == 50 and pair["n_clusters"] < 50 and pair["difference"] == pytest.approx(row["median"] / 100)
    )
    assert found["correlation"] is None and found["n_common"] == 0
    assert "ours alone answered 10 questions; left." in found["notes"] and any("needs 4" in n for n in found["notes"])
    for against, words in (("ours", "both sides are the same model"), ("nobody", "no model called 'nobody'")):
        assert words in str(run("lag", "--items", path, "ours", "--against", against).exception)
    assert "no model called 'our'" in str(run("lag", "--items", path, "our", "--against", "base").exception)
    apart = write(tmp_path / "apart.csv", "model,item,response\na,x,1\na,y,1\nb,z,0\nb,w,0\n")
    assert "share 0 questions" in str(run("lag", "--items", apart, "a", "--against", "b").exception)
    two = write(tmp_path / "two.csv", "model,item,response,cluster\na,x,1,p\na,y,1,p\nb,x,0,q\nb,y,0,p\n")
    assert "in two clusters" in str(run("lag", "--items", two, "a", "--against", "b").exception)
