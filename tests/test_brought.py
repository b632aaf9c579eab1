"""The one reader of what someone brings: separators, decimals, percent, blanks, shapes and forms; nothing is
guessed.
"""

import gzip
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from brought_files import answer, details, every_eval, helm_run, result, write
from leadtime.brought import read
from leadtime.brought.columns import fold, in_percent, is_beside
from leadtime.capability.items.read import rows_of
from leadtime.capability.scores_file import read_scores
from leadtime.cli import app
from leadtime.errors import LeadtimeError


def scores(path, **how):
    """Scores as rows, and notes."""
    notes = []
    return read_scores(path, tell=notes.append, **how).rows(), notes


def answers(path, **how):
    notes = []
    table = rows_of([path], lambda name: True, tell=notes.append, **how)[0]
    return table.select("model", "item", "response", "count").rows(), notes


def refused(run, *words):
    with pytest.raises(LeadtimeError) as caught:
        run()
    for word in words:
        assert word in str(caught.value), caught.value


SAME = [("a", "mmlu", 0.5), ("b", "mmlu", 0.75)]


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("comma.csv", 'model,benchmark,score\na,mmlu,"0,5"\nb,mmlu,0.75\n', "utf-8"),
        ("semicolon.csv", "\ufeffModel;Benchmark;Score\na;mmlu;0,5\nb;mmlu;0,75\n", "utf-8"),
        ("excel.csv", "sep=;\r\nmodel;benchmark;score\r\na;mmlu;0,5\r\nb;mmlu;0,75\r\n", "utf-8"),
        ("tabs.tsv", "MODEL NAME\tbenchmark_name\tperformance\na\tmmlu\t0.5\nb\tmmlu\t0.75\n", "utf-8"),
        ("utf16.txt", "Model\tBenchmark\tScore\na\tmmlu\t0,5\nb\tmmlu\t0,75\n", "utf-16"),
        ("bars.txt", "model|benchmark|score\na|mmlu|.5\nb|mmlu|75 %\n", "utf-8"),
        ("right.csv", "model;benchmark;score;;\na;mmlu;0,5;;\nb;mmlu;0,75;;\n", "utf-8"),
        ("index.csv", ",model,benchmark,score\n0,a,mmlu,0.5\n1,b,mmlu,0.75\n", "utf-8"),
        ("header.csv", "model,benchmark,score (%)\na,mmlu,50\nb,mmlu,75\n", "utf-8"),
        ("wide.csv", "Model,mmlu,Average,Params (B)\na,0.5,0.9,7\nb,0.75,0.9,70\n", "utf-8"),
        ("turned.csv", "benchmark,a,b\nmmlu,0.5,0.75\n", "utf-8"),
        ("both.csv", "model;x, in words;benchmark;score\na;1, 2;mmlu;0,5\nb;3;mmlu;0,75\n", "utf-8"),
        (
            "rows.json",
            json.dumps(
                [{"model": "a", "benchmark": "mmlu", "score": 0.5}, {"model": "b", "benchmark": "mmlu", "score": 0.75}]
            ),
            "utf-8",
        ),
    ],
)
def test_one_table_in_many_dresses(tmp_path, name, text, encoding):
    path = write(tmp_path / name, text, encoding)
    if name == "bars.txt":  # a sign for one and none for the other is no unit
        refused(lambda: scores(path), "row 2", "a % sign, as others have there")
        return
    assert sorted(scores(path)[0]) == SAME


MANY = st.lists(st.integers(1, 99), min_size=2, max_size=6)


@settings(max_examples=60, deadline=None)
@given(MANY, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["share", "sign", "percent"]), st.booleans())
def test_a_number_means_the_same_however_it_is_written(tmp_path_factory, numbers, mark, how, comma):
    """Shares, percent signs and percent that is said: the same scores, in every separator, with point or comma."""
    point = "," if comma else "."
    written = {
        "share": lambda n: f"0{point}{n:02}",
        "sign": lambda n: f"{n}{point}0%",
        "percent": lambda n: f"{n}{point}0",
    }[how]
    quote = '"' if comma and mark == "," else ""
    lines = [
        mark.join(["model", "benchmark", "score"]),
        *(mark.join([f"m{i}", "b", f"{quote}{written(n)}{quote}"]) for i, n in enumerate(numbers)),
    ]
    path = write(tmp_path_factory.mktemp("t") / "t.csv", "\n".join(lines) + "\n")
    if how == "percent" and max(numbers) == 1:
        return
    found = scores(path, percent=how == "percent")[0]
    assert [v for _, _, v in found] == pytest.approx([n / 100 for n in numbers])


def test_percent_is_asked_for_and_never_guessed(tmp_path):
    path = write(tmp_path / "p.csv", "model,MMLU,ARC\na,87.5,0.53\nb,70,0.41\n")
    refused(lambda: scores(path), "row 2, column MMLU: found '87.5'", "percent=")
    refused(
        lambda: scores(path, percent=True), "row 2, column ARC: found '0.53'", "no number of this benchmark is above 1"
    )
    path = write(tmp_path / "q.csv", "model,MMLU,ARC\na,87.5,53%\nb,0.9,41%\n")
    found, notes = scores(path, percent=True)
    assert sorted(found) == [("a", "ARC", 0.53), ("a", "MMLU", 0.875), ("b", "ARC", 0.41), ("b", "MMLU", 0.009)]
    assert notes == ["Taken as tests: MMLU, ARC."]
    refused(
        lambda: scores(write(tmp_path / "r.csv", "model,benchmark,score\na,b,101\n"), percent=True), "from 0 to 100"
    )
    shares = write(tmp_path / "s.csv", "model,item,response\na,q,0.5\nb,q,1\n")
    refused(lambda: answers(shares, percent=True), "no number of this file is above 1")
    assert answers(write(tmp_path / "i.csv", "model,item,response\na,q,50\nb,q,100\n"), percent=True)[0][0][2] == 0.5


def test_cells_that_say_nothing_are_missing_and_counted(tmp_path):
    blanks = ["", "NA", "n/a", "NaN", "-", "None", "null", "#N/A", "\u2013"]
    rows = "".join(f"m{i},b,{cell}\n" for i, cell in enumerate(blanks))
    found, notes = scores(write(tmp_path / "x.csv", f"model,benchmark,score\nm,b,0.5\n{rows}"))
    assert found == [("m", "b", 0.5)] and notes == ["9 cells are empty, and left out."]
    refused(lambda: scores(write(tmp_path / "y.csv", f"model,benchmark,score\n{rows}")), "every cell is empty (9)")
    refused(lambda: scores(write(tmp_path / "z.csv", "model,benchmark,score\nNA,b,0.5\n")), "row 2, column model")
    nan = pl.DataFrame({"model": ["a", "b"], "benchmark": ["x", "x"], "score": [0.5, float("nan")]})
    nan.write_parquet(tmp_path / "n.parquet")
    assert scores(tmp_path / "n.parquet") == ([("a", "x", 0.5)], ["1 cell is empty, and left out."])


def test_thousands_are_no_decimals(tmp_path):
    path = write(tmp_path / "t.csv", "model;item;score;count\na;q;0,5;1,000\nb;q;0,25;4\n")
    refused(lambda: answers(path), "row 2, column count: found '1,000'")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "model,benchmark,subject,score\na,MMLU,law,0.5\na,MMLU,math,0.7\n",
            ["a on MMLU has 2 rows that differ in 'subject'", "row 2"],
        ),
        (
            "dataset,metric,m1\nhumaneval,pass@1,0.3\nhumaneval,pass@10,0.5\n",
            ["humaneval has 2 rows that differ in 'metric'"],
        ),
        ("dataset,version,metric,score\nmmlu,1,acc,0.4\n", ["no column 'model'"]),
        ("model,task,accuracy,value\na,b,0.5,0.6\n", ["'accuracy', 'value' could each be the score", "performance"]),
        ("name,win_rate\na,0.5\n", ["no column 'model'"]),
        (",x,y\na,0.5,0.4\n", ["nobody can tell whether a row or a column is a model"]),
        ("0.0,1.0,1.0\n1.0,1.0,0.0\n", ["the first row has numbers"]),
        ('{"gpt": {"mmlu": 0.5}, "claude": {"mmlu": 0.6}}', ["which name is the model is not told"]),
        ('{"results": {"arc": {"acc,none": 0.5}}, "config": {}}', ["lm-evaluation-harness", "import lm-eval"]),
        ('{"status": "success", "eval": {"task": "x"}}', ["Inspect AI", "import inspect"]),
        (
            '{"subject_id": "a", "responses": {"q": 1}}\n{"subject_id": "b", "responses": {"q": 0}}\n',
            ["answers to single questions", "--items"],
        ),
    ],
)
def test_what_is_not_told_is_asked(tmp_path, text, words):
    path = write(tmp_path / ("x.json" if text.startswith("{") else "x.csv"), text)
    with pytest.raises(LeadtimeError) as caught:
        read_scores(path)
    said = caught.value.text("command")
    assert all(w in said for w in [str(path), *words]), said


def test_answers_in_every_dress(tmp_path):
    same = [("a", "q1", 1.0, 1.0), ("a", "q2", 0.0, 1.0), ("b", "q1", 0.0, 1.0), ("b", "q2", 1.0, 1.0)]
    wide = "model;q1;q2;Average\na;1;0;0,5\nb;0;1;0,5\n"
    texts = {
        "long.csv": "Model,Question ID,Correct\na,q1,TRUE\na,q2,false\nb,q1,incorrect\nb,q2,Correct\n",
        "said.csv": "model,item,response,is_correct\na,q1,It is B,1\na,q2,C,0\nb,q1,A,0\nb,q2,B,1\n",
        "wide.csv": wide,
        "turned.tsv": "item\ta\tb\nq1\t1\t0\nq2\t0\t1\n",
        "irt.jsonlines": (
            '{"subject_id": "a", "responses": {"q1": 1, "q2": 0}}\n{"subject_id": "b", "responses": {"q1": 0, "q2": 1}}'
        ),
        "flat.jsonl": "\n".join(json.dumps({"model": m, "item": i, "score": v, "tags": ["x"]}) for m, i, v, _ in same),
    }
    for name, text in texts.items():
        assert sorted(answers(write(tmp_path / name, text))[0]) == same, name
    (tmp_path / "wide.csv.gz").write_bytes(gzip.compress(wide.encode()))
    assert sorted(answers(tmp_path / "wide.csv.gz")[0]) == same
    pl.read_csv(tmp_path / "wide.csv", separator=";").write_parquet(tmp_path / "wide.parquet")
    assert sorted(answers(tmp_path / "wide.parquet")[0]) == same
    assert answers(tmp_path / "said.csv")[1] == ["Column 'response' holds words, so 'is_correct' is taken as the mark."]
    bad = write(tmp_path / "bad.jsonlines", '{"subject_id": "a", "responses": {"q1": 1, "q2": -1}}\n')
    refused(lambda: answers(bad), "row 1, column responses, q2: found '-1'")


def test_ten_thousand_questions_in_a_row(tmp_path):
    n = 10_000
    header = ",".join(f"q{i}" for i in range(n))
    rows = "".join(f"m{k}," + ",".join(str((i + k) % 2) for i in range(n)) + "\n" for k in range(3))
    assert len(answers(write(tmp_path / "w.csv", f"model,{header}\n{rows}"))[0]) == 3 * n


def test_every_eval_evers_scores_by_their_scale(tmp_path):
    path = every_eval(
        tmp_path / "a.json",
        [
            result("MMLU", 87.5, metric_unit="percent"),
            result("GPQA Diamond", 0.6, min_score=0, max_score=1),
            result("ARC", 62, min_score=0.0, max_score=100.0),
            result("Arena", 1290, min_score=0, max_score="Infinity"),
            result("MT", 8.1, min_score=1, max_score=10),
            result("WER", 0.1, lower_is_better=True),
            result("IF", 0.8, metric_unit="proportion", metric_id="accuracy"),
            result("IF", 0.9, metric_unit="proportion", metric_id="f1"),
        ],
    )
    found, notes = scores(path)
    assert [(b, s) for _, b, s in found] == [
        ("MMLU", 0.875),
        ("GPQA Diamond", 0.6),
        ("ARC", 0.62),
        ("IF", 0.8),
        ("IF (f1)", 0.9),
    ]
    assert {m for m, _, _ in found} == {"openai/gpt-4o"}
    assert notes == [
        "Left out, since they are not shares of right answers: Arena (0 to inf), MT (1 to 10), WER (less is better)."
    ]
    told = scores(path, percent=True)[0]  # what the file says of its unit counts
    assert told == found
    refused(lambda: scores(every_eval(tmp_path / "b.json", [result("MMLU", 87.5)])), "row 1, column MMLU: found '87.5'")
    refused(
        lambda: scores(every_eval(tmp_path / "c.json", [result("MMLU", 1.5, max_score=1, min_score=0)], model="")),
        "does not name the model",
    )


def test_every_eval_evers_answers(tmp_path):
    lines = [
        answer("o/m", "1", 1.0),
        answer("o/m", "1", 0.0),
        answer("o/m", "2", 0.5, error=None),
        answer("o/n", "1", 0),
    ]
    path = write(tmp_path / "s.jsonl", "\n".join(lines))
    assert answers(path)[0] == [
        ("o/m", "demo/1", 1, 1),
        ("o/m", "demo/1", 0, 1),
        ("o/m", "demo/2", 0.5, 1),
        ("o/n", "demo/1", 0, 1),
    ]
    refused(
        lambda: answers(write(tmp_path / "e.jsonl", "\n".join([*lines, answer("o/m", "3", 0.0, error="timeout")]))),
        "row 5, column error",
    )
    two = [answer("o/m", "1", 1.0, evaluation_result_id="x#acc"), answer("o/m", "1", 0.2, evaluation_result_id="x#f1")]
    path = write(tmp_path / "t.jsonl", "\n".join(two))
    refused(lambda: answers(path), "several metrics: x#acc, x#f1")
    one = read.read(read.opened(path, "t"), "responses", metric="#f1")
    assert one.rows["value"].to_list() == [0.2]
    refused(lambda: scores(path), "answers to single questions")


def test_a_hubs_results_by_their_folder(tmp_path):
    text = "- dataset:\n    id: cais/hle\n    task_id: hle\n  value: {}\n  notes: {}\n"
    folder = tmp_path / "org__model-a" / ".eval_results"
    write(folder / "hle.yaml", text.format("0.221", "No tools"))
    write(folder / "hle_tools.yaml", text.format("0.449", "With tools"))
    assert sorted(scores(tmp_path)[0]) == [
        ("org/model-a", "cais/hle:hle", 0.221),
        ("org/model-a", "cais/hle:hle (With tools)", 0.449),
    ]
    cached = tmp_path / "other" / "models--x--y" / "snapshots" / "0123" / ".eval_results" / "a.yaml"
    assert scores(write(cached, text.format(22.1, "''")), percent=True)[0] == [("x/y", "cais/hle:hle", 0.221)]
    refused(lambda: scores(cached), "row 1, column value: found '22.1'", "percent=")
    refused(
        lambda: scores(write(tmp_path / "lone.yaml", text.format(0.2, "''"))),
        "it does not say which model its results are for",
    )
    refused(lambda: scores(write(folder / "odd.yaml", "- value: 0.5\n")), "row 1, column dataset.id")


def test_helms_runs_by_the_metric_that_helm_shows(tmp_path):
    helm_run(tmp_path / "law" / "a", "o/a", [1, 0, 1])
    helm_run(tmp_path / "law" / "b", "o/b", [0, 0, 1])
    found, notes = answers(tmp_path / "law")
    assert (
        found[:2] == [("o/a", "mmlu:subject=law/id0", 1, 1), ("o/a", "mmlu:subject=law/id1", 0, 1)] and len(found) == 6
    )
    assert {i for _, i, _, _ in found} == {f"mmlu:subject=law/id{i}" for i in range(3)}
    assert "mmlu:subject=law: the metric is exact_match." in notes and any(
        "changed to test robustness" in n for n in notes
    )
    story = helm_run(tmp_path / "story", "o/a", [0.25, 1], metric="f1_score", groups=("narrative_qa",))
    assert [r for _, _, r, _ in answers(story)[0]] == [0.25, 1]
    odd = helm_run(tmp_path / "odd", "o/a", [1, 1], metric="quasi_exact_match", groups=("unknown",))
    refused(lambda: answers(odd), "which metric counts is not told: exact_match, quasi_exact_match differ", "metric")
    taken = read.read(read.opened(odd / "per_instance_stats.json", "x"), "responses", metric="exact_match")
    assert taken.rows["value"].to_list() == [0, 0]
    (odd / "run_spec.json").unlink()
    refused(lambda: answers(odd), "no run_spec.json beside it")
    refused(lambda: scores(story / "per_instance_stats.json"), "answers to single questions")


def test_the_leaderboards_details_by_their_path_the_newest_run(tmp_path):
    details(tmp_path, "o/m-7b", "2023-08-19T16:35:46.942696", [0.0, 0.0])
    details(tmp_path, "o/m-7b", "2023-09-15T09-53-02.418861", [1.0, 0.0])
    assert answers(tmp_path)[0] == [("o/m-7b", "arc:challenge|25/0", 1, 1), ("o/m-7b", "arc:challenge|25/1", 0, 1)]
    lone = details(tmp_path / "x", "o/n", "2023-08-19T16:35:46.942696", [1.0])
    there = lone.rename(tmp_path / "x" / lone.name)
    refused(lambda: answers(there), "it does not say which model its answers are from")


def test_names_of_columns():
    assert fold(" Score (%) ") == fold("score") == "score" and in_percent("Accuracy_pct") and not in_percent("score")
    assert all(
        map(
            is_beside,
            [
                "Average \u2b06\ufe0f",
                "#Params (B)",
                "Hub \u2764\ufe0f",
                "Arena Elo\n[Feb 2]",
                "Open LLM\n(average)",
                "version",
                "CritPt_rank",
                "median_output_speed",
                "context_window_tokens",
                "Input Price Per 1M Tokens (USD)",
                "Index Reasoning Cost (USD)",
                "Cost ($)",
                "Training compute (FLOP)",
                "BabyAI Standard error",
                "median_output_tokens_per_second",
            ],
        )
    )
    tests = ["MMLU", "q1", "HumanEval\n(pass @1)", "GPQA", "IF Average", "Remote Labor Index", "RULER (128k tokens)"]
    assert not any(map(is_beside, tests))


def test_a_list_of_records_in_yaml_is_a_table(tmp_path):
    """As boards keep it that write one record a run, by hand."""
    board = write(
        tmp_path / "board.yml",
        "- {model: a, pass_rate_1: 33.2, total_cost: 4.1, date: 2026-01-02}\n"
        "- {model: b, pass_rate_1: 61, total_cost: 12.5, date: 2026-02-03}\n",
    )
    assert scores(board, percent=True)[0] == [("a", "pass_rate_1", 0.332), ("b", "pass_rate_1", 0.61)]
    other = write(tmp_path / "other.yml", "- {name: a, pass_rate_1: 33.2}\n")
    refused(lambda: scores(other), "it does not say which model its results are for")


@pytest.mark.parametrize("name", ["README.md", "board.html"])
def test_a_page_for_people_is_told_to_be_one(tmp_path, name):
    page = write(tmp_path / name, "# Leaderboard\n\n| Model | Score |\n|---|---|\n| a | 0.5 |\n")
    refused(lambda: scores(page), "is a page of text, no table")


def test_the_doors_say_how_a_file_was_read(tmp_path):
    rows = "".join(f"m{i};{min(95, 20 + 6 * i)},5;{min(97, 30 + 5 * i)};{10 + 4 * i};7\n" for i in range(12))
    path = write(tmp_path / "s.csv", f"Model;Winogrande;b2;b3;Params\n{rows}")
    asked = ["capability", "--scores", str(path)]
    wrong = CliRunner().invoke(app, asked)
    assert isinstance(wrong.exception, LeadtimeError) and "--percent" in wrong.exception.text("command")
    said = json.loads(CliRunner().invoke(app, [*asked, "--percent", "--json", "--top", "3"]).stdout)
    assert len(said["rows"]) == 3 and said["notes"][:2] == [
        "Taken as tests: Winogrande, b2, b3.",
        "Left out, since they are not tests: Params.",
    ]
    items = write(
        tmp_path / "i.csv",
        "model;"
        + ";".join(f"q{i}" for i in range(9))
        + "\n"
        + "".join(f"m{k};" + ";".join(str(int((i * k) % 5 > 1)) for i in range(9)) + "\n" for k in range(5)),
    )
    said = json.loads(CliRunner().invoke(app, ["capability", "--items", str(items), "--json", "--top", "2"]).stdout)
    assert len(said["rows"]) == 2 and said["notes"][0].startswith("Taken as questions: q0, q1")
