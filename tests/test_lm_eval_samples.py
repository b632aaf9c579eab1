"""Samples of lm_eval in the shapes of its versions: whose they are, by which reading of the answers, and each that is
left told.
"""

import json
import zipfile

import polars as pl
import pytest
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.importers import lm_eval_samples

T1, T2 = "2025-01-01T00-00-00.000000", "2025-02-01T00-00-00.000000"


def samples(folder, values, task="arc_easy", stamp=T1, metric="acc", filters=("none",), name="", ending="jsonl"):
    """A file as versions since 0.4.7 write it; `values` by item, or by filter and item."""
    folder.mkdir(parents=True, exist_ok=True)
    by = values if isinstance(values, dict) else dict.fromkeys(filters, values)
    lines = [
        json.dumps(
            {"doc_id": i, "doc": {}, "target": "1", "metrics": [metric], metric: v, **({"filter": f} if f else {})}
        )
        for f, one in by.items()
        for i, v in enumerate(one)
    ]
    path = folder / (name or f"samples_{task}_{stamp}.{ending}")
    path.write_text("\n".join(lines) + "\n")
    return path


def results(folder, arguments, task="arc_easy", stamp=T1, name="", **more):
    folder.mkdir(parents=True, exist_ok=True)
    given = {
        "results": {task: {"acc,none": 0.5}},
        "config": {"model": "hf", "model_args": arguments},
        "n-shot": {task: 5},
        **more,
    }
    (folder / (name or f"results_{stamp}.json")).write_text(json.dumps(given))


def take(*paths, **more):
    found = lm_eval_samples.responses(list(paths), **more)
    rows = found.responses.rows()
    return (
        {(m, i): v if n == 1 else (v, n) for m, i, v, n in rows},
        [str(r) for r in found.refused],
        [str(n) for n in found.notes],
    )


def test_the_model_is_that_of_the_results_beside_or_of_the_folder(tmp_path):
    samples(tmp_path / "a" / "me__base", [1.0])
    results(tmp_path / "a" / "me__base", "pretrained=me/base,load_in_4bit=True")
    samples(tmp_path / "a" / "me__other", [0.0])
    got, refused, _ = take(tmp_path / "a")
    assert got == {("me/base,load_in_4bit=True", "arc_easy/0"): 1.0, ("me/other", "arc_easy/0"): 0.0} and not refused
    one_by_one, _, _ = take(*sorted((tmp_path / "a").iterdir()))
    by_file, _, _ = take(*sorted((tmp_path / "a").rglob("samples_*")))
    every_file, _, _ = take(*sorted(p for p in (tmp_path / "a").rglob("*") if p.is_file()))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for path in (tmp_path / "a").rglob("*.json*"):
            out.write(path, path.relative_to(tmp_path / "a"))
    packed, _, _ = take(tmp_path / "a.zip")
    assert got == one_by_one == by_file == every_file == packed


def test_models_in_one_folder_are_told_apart_by_the_moment_of_their_results(tmp_path):
    """With `--output_path out/x.json` the samples of all models stand in one folder."""
    for stamp, model, value in ((T1, "me/one", 1.0), (T2, "me/two", 0.0)):
        samples(tmp_path / "out", [value], stamp=stamp)
        results(tmp_path / "out", f"pretrained={model}", name=f"x_{stamp}.json")
    assert take(tmp_path / "out")[0] == {("me/one", "arc_easy/0"): 1.0, ("me/two", "arc_easy/0"): 0.0}
    for path in (tmp_path / "out").glob("x_*"):
        path.unlink()
    got, refused, notes = take(tmp_path / "out")
    assert got == {("out", "arc_easy/0"): 0.0}
    assert "the newest counts" in refused[0] and "named by the folder, 'out'" in notes[0]


def test_two_folders_of_one_name_are_not_taken_for_one_model(tmp_path):
    for where, value in (("a", 1.0), ("b", 0.0)):
        samples(tmp_path / where / "results", [value])
    got, refused, _ = take(tmp_path / "a" / "results", tmp_path / "b" / "results")
    assert len(got) == 1 and "two folders are called 'results'" in refused[0]


@pytest.mark.parametrize(
    ("shots", "got", "why"),
    [
        ((5, 5), {"arc_easy/0": (0.5, 2)}, ""),
        ((0, 5), {"arc_easy/0": 0.0}, "set otherwise (0-shot; 5-shot): the newest counts"),
    ],
)
def test_runs_that_are_set_alike_are_tries_and_of_others_the_newest_counts(tmp_path, shots, got, why):
    for n, stamp, value in zip(shots, (T1, T2), (1.0, 0.0), strict=True):
        samples(tmp_path / "me__x", [value], stamp=stamp)
        results(tmp_path / "me__x", "pretrained=me/x", stamp=stamp, **{"n-shot": {"arc_easy": n}})
    rows, refused, _ = take(tmp_path)
    assert {i: v for (_, i), v in rows.items()} == got
    assert len(refused) == bool(why) and all(why in r for r in refused)


def test_an_older_run_that_is_there_twice_is_one_try(tmp_path):
    for where, stamp, value in (("a", T1, 1.0), ("b", T1, 1.0), ("c", T2, 0.0)):
        samples(tmp_path / where / "me__x", [value], stamp=stamp)
        results(tmp_path / where / "me__x", "pretrained=me/x", stamp=stamp)
    got, refused, _ = take(tmp_path)
    assert got == {("me/x", "arc_easy/0"): (0.5, 2)} and len(refused) == 1 and "the same run" in refused[0]


def test_a_run_that_is_there_twice_counts_once_and_models_asked_otherwise_are_told(tmp_path):
    samples(tmp_path / "a" / "me__x", [1.0, 0.0])
    samples(tmp_path / "b" / "me__x", [1.0, 0.0])
    got, refused, _ = take(tmp_path)
    assert set(got.values()) == {1.0, 0.0} and "the same run as" in refused[0]
    for model, n in (("y", 5), ("z", 0)):
        samples(tmp_path / "c" / f"me__{model}", [1.0])
        results(tmp_path / "c" / f"me__{model}", f"pretrained=me/{model}", **{"n-shot": {"arc_easy": n}})
    assert "not asked alike: 5-shot of me/y, 0-shot of me/z" in take(tmp_path / "c")[2][0]


@pytest.mark.parametrize("which", ["remove_whitespace", "get-answer", "strict_match", "extract_code", "my-own"])
def test_the_only_filter_is_taken_whatever_it_is_called(tmp_path, which):
    samples(tmp_path / "me__x", [1.0, 0.0], "own_task", metric="exact_match", filters=(which,))
    assert list(take(tmp_path)[0].values()) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("by", "wanted", "got", "told"),
    [
        (
            {"strict_match": [1.0, 0.0], "flexible_extract": [1.0, 0.0]},
            "",
            [1.0, 0.0],
            "2 rows are of the filter 'flexible_extract', left",
        ),
        ({"flexible-extract": [1.0, 1.0], "strict-match": [1.0, 0.0]}, "", [1.0, 0.0], "differ by much"),
        (
            {"flexible-extract": [1.0, 1.0], "strict-match": [0.0, 0.0]},
            "flexible-extract",
            [1.0, 1.0],
            "of the filter 'strict-match', left",
        ),
        ({"flexible-extract": [1.0, 1.0], "strict-match": [0.0, 0.0]}, "", [], "--filter says which counts"),
        ({"score-first": [1.0], "maj@8": [0.0]}, "", [], "none of them the usual one"),
        ({"score-first": [1.0], "maj@8": [0.0]}, "score-first", [1.0], "1 row is of the filter 'maj@8'"),
    ],
)
def test_every_sample_of_another_filter_is_told(tmp_path, by, wanted, got, told):
    samples(tmp_path / "me__x", by, "gsm8k_x", metric="exact_match")
    rows, refused, notes = take(tmp_path, which_filter=wanted)
    assert list(rows.values()) == got
    assert any(told in t for t in (*refused, *notes)), (refused, notes)


def test_before_047_filters_stood_one_after_the_other_without_a_name(tmp_path):
    """The file of results says which they were, and what came out by each."""
    folder = tmp_path / "me__x"
    samples(folder, [1.0, 0.0, 0.0, 1.0, 1.0, 0.0], "mgsm_x", metric="exact_match", filters=("",))
    text = (folder / f"samples_mgsm_x_{T1}.jsonl").read_text()
    for i in (3, 4, 5):
        text = text.replace(f'"doc_id": {i}', f'"doc_id": {i - 3}')
    (folder / f"samples_mgsm_x_{T1}.jsonl").write_text(text)
    got, refused, _ = take(tmp_path)
    assert not got and "put the file of results of that run beside it" in refused[0]
    came = {"exact_match,flexible-extract": 1 / 3, "exact_match,strict-match": 2 / 3}
    results(folder, "pretrained=me/x", **{"results": {"mgsm_x": came}})
    assert list(take(tmp_path)[0].values()) == [1.0, 1.0, 0.0]
    assert list(take(tmp_path, which_filter="flexible-extract")[0].values()) == [1.0, 0.0, 0.0]
    results(folder, "pretrained=me/x", **{"results": {"mgsm_x": {k: 0.9 for k in came}}})
    assert "does not agree with the results" in take(tmp_path)[1][0]
    (folder / f"results_{T1}.json").unlink()
    (folder / f"samples_mgsm_x_{T1}.jsonl").rename(folder / f"samples_gsm8k_{T1}.jsonl")
    assert list(take(tmp_path)[0].values()) == [1.0, 0.0, 0.0]  # of this task the first was strict-match


def test_version_040_named_files_by_arguments_and_wrote_one_list(tmp_path):
    arguments = "pretrained=EleutherAI/pythia-160m,dtype=float"
    named = "pretrained__EleutherAI__pythia-160m,dtype__float"
    lines = [{"doc_id": i, "doc": {}, "acc": float(i), "acc_norm": 1.0 - i} for i in (0, 1)]
    for task in ("arc_easy", "own_task"):
        (tmp_path / f"{named}_{task}.jsonl").write_text(json.dumps(lines, indent=2))
    got, refused, _ = take(tmp_path)
    assert got == {("EleutherAI/pythia-160m", "arc_easy/0"): 1.0, ("EleutherAI/pythia-160m", "arc_easy/1"): 0.0}
    assert "put the results.json of that run beside it" in refused[0]
    results(tmp_path, arguments, name="results.json", **{"results": {"arc_easy": {}, "own_task": {}}})
    got, refused, _ = take(tmp_path)
    assert not refused and got["EleutherAI/pythia-160m", "own_task/1"] == 1.0
    four = tmp_path / "four" / "pretrained__me__x,load_in_4bit__True_arc_easy.jsonl"
    four.parent.mkdir()
    four.write_text(json.dumps(lines))
    assert {m for m, _ in take(four)[0]} == {"me/x,load_in_4bit=True"}


def test_a_list_that_is_called_json_is_read_and_other_files_are_told(tmp_path):
    folder = tmp_path / "me__x"
    samples(folder, [1.0], ending="json")
    (folder / "train.jsonl").write_text('{"doc_id": 0, "acc": 1}')
    got, _, notes = take(tmp_path)
    assert list(got.values()) == [1.0] and "me__x/train.jsonl: left" in notes[0]
    (tmp_path / "none").mkdir()
    with pytest.raises(LeadtimeError, match="no file of samples"):
        take(tmp_path / "none")


def test_a_second_answer_by_the_same_filter_and_other_values_are_told(tmp_path):
    path = samples(tmp_path / "me__x", [1.0, 0.0, 87.0, None], "ifeval", metric="prompt_level_strict_acc")
    path.write_text(
        path.read_text()
        + path.read_text().splitlines()[0]
        + "\n"
        + '{"doc_id": 9, "filter": "none", "inst_level_strict_acc": [true]}'
    )
    got, refused, _ = take(tmp_path)
    assert list(got.values()) == [1.0, 0.0]
    assert [r.rpartition(": ")[2][:20] for r in refused] == [
        "has the response 87.",
        "has none of the metr",
        "is a second answer t",
        "has none of the metr",
    ]


def test_names_of_models_are_given_by_the_user_and_reasons_printed_when_nothing_is_written(tmp_path):
    samples(tmp_path / "logs" / "me__x", [1.0])
    results(tmp_path / "logs" / "me__x", "pretrained=me/x,peft=/l")
    asked = ["import", "lm-eval", str(tmp_path / "logs"), "--into", str(tmp_path / "items.parquet")]
    done = CliRunner().invoke(app, [*asked, "--model", "me/x,peft=/l=ours"])
    assert done.exit_code == 0 and pl.read_parquet(tmp_path / "items.parquet")["model"].to_list() == ["ours"]
    wrong = CliRunner().invoke(app, [*asked, "--model", "me/x=ours"])
    assert "no model in the logs is called 'me/x'" in str(wrong.exception) and "me/x,peft=/l" in str(wrong.exception)
    samples(tmp_path / "logs" / "me__x", [None])
    done = CliRunner().invoke(app, [*asked[:-1], str(tmp_path / "new.parquet")])
    assert done.exit_code != 0 and "as a number" in done.output and not (tmp_path / "new.parquet").exists()
