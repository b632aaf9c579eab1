"""A plain CSV in the columns of a table, and results of lm-evaluation-harness, through the command."""

import json
import zipfile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_side import run, said
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence, csv_rows


def csv_file(path, *rows, header="model,benchmark,score,evaluator,report_type,known_on,source"):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_plain_csv_comes_in_by_row(tmp_path):
    path = csv_file(
        tmp_path / "own.csv",
        "gpt-5,gpqa-diamond,0.11,epoch-ai,independent,2026-11-01,epoch-eval-logs",
        'gpt-5,math-level-5,"0,87x",epoch-ai,independent,2026-11-01,epoch-eval-logs',
        "gpt-5,math-level-5,87,epoch-ai,independent,2026-11-01,epoch-eval-logs",
        "gpt-5,math-level-5,0.5,epoch-ai,independent,2025-13-01,epoch-eval-logs",
        "gpt-5,gpqa-diamond,0.12,epoch-ai,independent,2026-11-01,epoch-eval-logs",
        "gpt-5,gpqa-diamond",
        "our-model,gpqa-diamond,0.2,epoch-ai,independent,2026-11-01,epoch-eval-logs",
        "GPT-5 mini,GPQA Diamond,0.21,Epoch AI,independent,2026-11-01,epoch-eval-logs",
    )
    found = said("import", "csv", path, "--into", tmp_path / "study")
    assert (found["accepted"]["scores"], found["set_aside"], found["refused"]) == (2, 1, 5)
    why = {r["row"]: r["reason"] for r in found["refused_because"]}
    assert "0,87x" in why["row 3"] and "87 percent" in why["row 4"] and "2025-13-01" in why["row 5"]
    assert "no earlier row" in why["row 6"] and "2 cells" in why["row 7"]
    assert "our-model" in found["set_aside_because"][0]["reason"]
    strict = run("import", "csv", path, "--into", tmp_path / "other", "--strict")
    assert isinstance(strict.exception, LeadtimeError) and not (tmp_path / "other").exists()
    assert "nothing was written" in run("import", "csv", path, "--into", tmp_path / "other", "--dry-run").output
    assert not (tmp_path / "other").exists()


def test_the_template_is_a_file_that_can_be_imported(tmp_path):
    for table in ("scores", "models", "chips", "training_runs", "shipments"):
        (tmp_path / f"{table}.csv").write_text(run("import", "csv", "--template", table).output)
        found = said("import", "csv", tmp_path / f"{table}.csv", "--table", table, "--into", tmp_path / "study")
        assert (found["known"], found["refused"], found["set_aside"]) == (2, 0, 0), table
    assert run("import", "csv", "--template", "responses").output.startswith("model,item,response,count")
    assert isinstance(run("import", "csv", "--template", "scorse").exception, LeadtimeError)


def test_other_columns_are_mapped_and_filled(tmp_path):
    path = csv_file(tmp_path / "own.csv", "gpt-5,gpqa-diamond,0.11,x", header="system,test,result,remark")
    options = [
        "--column",
        "system=model",
        "--column",
        "test=benchmark",
        "--column",
        "result=score",
        "--set",
        "evaluator=epoch-ai",
        "--set",
        "report_type=independent",
        "--set",
        "known_on=2026-11-01",
        "--set",
        "source=epoch-eval-logs",
    ]
    found = said("import", "csv", path, "--into", tmp_path / "study", *options)
    assert found["accepted"]["scores"] == 1 and "'remark'" in found["notes"][0]
    for wrong, words in (
        (["--column", "nothing=model"], "has no column 'nothing'"),
        (["--set", "nonsense=1"], "no column 'nonsense'"),
        (["--column", "x"], "does not name both sides"),
    ):
        assert words in str(run("import", "csv", path, "--into", tmp_path / "study", *options, *wrong).exception)


def test_a_row_that_says_otherwise_waits_unless_it_shall_replace(tmp_path):
    old = Evidence.load()["chips"].filter(pl.col("id") == "h20")
    path = tmp_path / "chips.csv"
    old.with_columns(tdp_w=pl.lit(999.0)).write_csv(path)
    found = said("import", "csv", path, "--table", "chips", "--into", tmp_path / "study")
    assert found["accepted"] == {} and "999" in found["set_aside_because"][0]["reason"]
    found = said("import", "csv", path, "--table", "chips", "--into", tmp_path / "study", "--replace")
    assert found["accepted"] == {"chips": 1}
    assert Evidence.load(tmp_path / "study")["chips"].filter(pl.col("id") == "h20")["tdp_w"].item() == 999.0


def test_no_file_is_lost_that_another_wrote(tmp_path):
    study = tmp_path / "study"
    (study / "evidence").mkdir(parents=True)
    by_hand = csv_file(
        study / "evidence" / "scores.own.csv", "gpt-5,gpqa-diamond,0.3,epoch-ai,independent,2026-11-01,epoch-eval-logs"
    )
    before = by_hand.read_bytes()
    path = csv_file(tmp_path / "own.csv", "gpt-5,math-level-5,0.11,epoch-ai,independent,2026-11-01,epoch-eval-logs")
    assert "no import wrote it" in str(run("import", "csv", path, "--into", study).exception)
    assert by_hand.read_bytes() == before
    said("import", "csv", path, "--into", study, "--label", "imported")
    Evidence.load()["chips"].head(1).with_columns(id=pl.lit("chip-of-ours")).write_csv(tmp_path / "own.csv")
    said("import", "csv", tmp_path / "own.csv", "--table", "chips", "--into", study, "--label", "imported")
    assert sorted(str(p.relative_to(study)) for p in study.rglob("*.csv")) == [
        "evidence/scores.own.csv",
        "imports/imported.2/chips.csv",
        "imports/imported.2/quarantine.csv",
        "imports/imported.2/scores.csv",
    ]
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as out:
        out.writestr("a.csv", "x\n")
        out.writestr("b.csv", "x\n")
    assert "2 CSV files" in str(run("import", "csv", tmp_path / "two.zip", "--into", study).exception)


cells = st.sampled_from(
    ["a", '"a,b"', '"x""y"', "", " 1 ", '"', 'a"b', '"a"b', '"l\nm"', '"', '""', '"""a"""']
) | st.text(st.sampled_from('ab,"\n\r 1'), max_size=4)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6),
    st.integers(1, 3),
    st.sampled_from([*csv_rows.SEPARATORS]),
)
def test_the_quick_reading_of_a_csv_is_the_slow_one(rows, width, mark):
    """Whatever the cells: where the quick way is taken, it finds what the standard library finds."""
    text = "\n".join([mark.join("xyz"[:width]), *(mark.join(r) for r in rows)]) + "\n"
    if not csv_rows._regular(text, width, mark):
        return
    quick = csv_rows._fast(text, list("xyz"[:width]), mark)
    if quick is None:
        return
    try:
        slow, problems = csv_rows._slow(text, list("xyz"[:width]), "f", mark)
    except LeadtimeError:
        pytest.fail("the quick way took what is no CSV")
    assert not problems
    clean = [pl.col(c).str.strip_chars().replace("", None) for c in "xyz"[:width]]
    empty = pl.all_horizontal(pl.col(list("xyz"[:width])).is_null())
    assert (
        quick.with_columns(clean).filter(~empty).equals(slow.select(quick.columns).with_columns(clean).filter(~empty))
    )


def results(folder, tasks, **more):
    folder.mkdir(parents=True, exist_ok=True)
    given = {
        "results": tasks,
        "model_name": "openai/gpt-5",
        "date": 1767225600.0,
        "n-shot": dict.fromkeys(tasks, 5),
        "config": {"model_args": "model=openai/gpt-5", "limit": None},
    }
    (folder / "results_2026-01-01T00-00-00.000000.json").write_text(json.dumps({**given, **more}))


def test_results_of_lm_eval_come_in_as_scores(tmp_path):
    results(
        tmp_path / "out" / "openai__gpt-5",
        {
            "gsm8k": {
                "exact_match,flexible-extract": 0.9,
                "exact_match,strict-match": 0.8,
                "exact_match_stderr,strict-match": 0.01,
            },
            "hellaswag": {"acc,none": 0.5, "acc_norm,none": 0.6, "acc_norm_stderr,none": "N/A"},
            "mmlu": {"acc,none": 87.0},
            "piqa": {"word_perplexity,none": 3.0},
            "own_task": {"acc,none": 1.0},
        },
    )
    (tmp_path / "out" / "results_bad.json").write_text("{")
    arguments = ["import", "lm-eval", tmp_path / "out", "--into", tmp_path / "study", "--evaluator", "stanford-crfm"]
    found = said(*arguments)
    assert (found["accepted"]["scores"], found["refused"], found["set_aside"]) == (2, 3, 0)
    assert any("'own_task'" in n for n in found["notes"])
    rows = {
        r["benchmark"]: r
        for r in pl.read_csv(tmp_path / "study" / "imports" / "lm-eval-out.1" / "scores.csv").to_dicts()
    }
    assert (rows["gsm8k"]["score"], rows["gsm8k"]["se"], rows["gsm8k"]["setting"], rows["gsm8k"]["known_on"]) == (
        0.8,
        0.01,
        "5-shot",
        "2026-01-01",
    )
    assert rows["hellaswag"]["score"] == 0.6 and rows["hellaswag"]["report_type"] == "independent"
    assert {w["became"] for w in said(*arguments)["written"]} == {"unchanged"}
    assert isinstance(run(*arguments[:-2]).exception, LeadtimeError)
    results(
        tmp_path / "part",
        {"gsm8k": {"exact_match,strict-match": 0.7}},
        **{"n-samples": {"gsm8k": {"original": 1319, "effective": 50}}},
    )
    said("import", "lm-eval", tmp_path / "part", "--into", tmp_path / "study", "--evaluator", "openai")
    [part] = pl.read_csv(tmp_path / "study" / "imports" / "lm-eval-part.1" / "scores.csv").to_dicts()
    assert (part["setting"], part["report_type"]) == ("5-shot+subset", "vendor")


def test_samples_of_lm_eval_come_in_as_responses(tmp_path):
    folder = tmp_path / "out" / "openai__gpt-5"
    folder.mkdir(parents=True)
    lines = [
        {"doc_id": 0, "filter": "strict-match", "exact_match": 1.0},
        {"doc_id": 0, "filter": "flexible-extract", "exact_match": 0.0},
        {"doc_id": 1, "filter": "strict-match", "exact_match": 0.0},
        {"doc_id": 2, "exact_match": 87},
        {"nothing": 1},
    ]
    (folder / "samples_gsm8k_2026-01-01T00-00-00.000000.jsonl").write_text(
        "\n".join(map(json.dumps, lines)) + "\n{torn"
    )
    found = said("import", "lm-eval", tmp_path / "out", "--into", tmp_path / "items.parquet")
    assert (found["accepted"], found["refused"], found["models"]) == (2, 3, 1)
    assert pl.read_parquet(tmp_path / "items.parquet").rows() == [
        ("openai/gpt-5", "gsm8k/0", 1.0, 1),
        ("openai/gpt-5", "gsm8k/1", 0.0, 1),
    ]
    assert isinstance(run("import", "lm-eval", tmp_path, "--into", tmp_path / "x").exception, LeadtimeError)
