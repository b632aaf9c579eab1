"""Logs as Inspect AI itself writes them: what was tested is kept apart, a run counts once, parts of scores are picked
by name.
"""

import json
import warnings
import zipfile

import polars as pl
import pytest
from typer.testing import CliRunner

from leadtime.answers import itemized
from leadtime.cli import app
from leadtime.evidence import Evidence
from leadtime.importers import inspect as logs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    inspect_log = pytest.importorskip("inspect_ai.log")
    from inspect_ai.model import GenerateConfig, ModelConfig
    from inspect_ai.scorer import Score
pytestmark = pytest.mark.filterwarnings("ignore")


def write(path, values, day=1, scorer="match", ids=None, uuid=None, **spec):
    """A log of samples with these values, or dicts of scorer to value."""
    samples = [
        inspect_log.EvalSample(
            id=i,
            epoch=1,
            input="?",
            target="!",
            uuid=f"{uuid}{i}" if uuid else None,
            scores={k: Score(value=v) for k, v in (value if scorer is None else {scorer: value}).items()},
        )
        for i, value in zip(ids or range(1, len(values) + 1), values, strict=True)
    ]
    given = {
        "model": "openai/gpt-5",
        "task": "gpqa",
        "config": inspect_log.EvalConfig(),
        "dataset": inspect_log.EvalDataset(name="d", samples=len(values)),
        **spec,
    }
    status = given.pop("status", "success")
    log = inspect_log.EvalLog(
        eval=inspect_log.EvalSpec(created=f"2026-01-{day:02d}T00:00:00+00:00", **given), status=status, samples=samples
    )
    inspect_log.write_eval_log(log, str(path))
    return path


def take(*paths, **more):
    found = logs.read(list(paths), **more)
    rows = {(m, i): v if n == 1 else (v, n) for m, i, v, n in found.responses.rows()}
    return rows, [str(r) for r in found.refused], [str(n) for n in found.notes]


@pytest.mark.parametrize("ending", ["eval", "json"])
def test_effort_and_arguments_are_part_of_what_was_tested(tmp_path, ending):
    for n, (value, spec) in enumerate(
        [
            ("C", {"model_generate_config": GenerateConfig(reasoning_effort="high", max_connections=9)}),
            ("I", {"model_generate_config": GenerateConfig(reasoning_effort="low")}),
            ("C", {"task_args": {"subject": "a", "n": 1}, "task_args_passed": {"subject": "a"}}),
            ("I", {"task_args": {"subject": "b"}, "task_args_passed": {"subject": "b"}}),
            ("C", {"model": "hf/me/x", "model_args": {"device": "cuda", "load_in_4bit": True}}),
            ("I", {"solver": "react", "solver_args": {"tries": 3}}),
        ]
    ):
        write(tmp_path / f"{n}.{ending}", [value], **spec)
    rows, refused, _ = take(tmp_path)
    assert not refused and rows == {
        ("openai/gpt-5 [reasoning_effort=high]", "gpqa/1"): 1.0,
        ("openai/gpt-5 [reasoning_effort=low]", "gpqa/1"): 0.0,
        ("openai/gpt-5", "gpqa [subject=a]/1"): 1.0,
        ("openai/gpt-5", "gpqa [subject=b]/1"): 0.0,
        ("hf/me/x [load_in_4bit=true]", "gpqa/1"): 1.0,
        ("openai/gpt-5", "gpqa [solver=react, solver.tries=3]/1"): 0.0,
    }


def test_a_run_of_several_models_in_roles_is_called_by_them(tmp_path):
    for name, value in (("a/x", "C"), ("b/y", "I")):
        roles = {"attacker": ModelConfig(model=name)}
        write(tmp_path / f"{name[0]}.json", [value], model="none/none", model_roles=roles)
    assert take(tmp_path)[0] == {
        ("none/none [attacker=a/x]", "gpqa/1"): 1.0,
        ("none/none [attacker=b/y]", "gpqa/1"): 0.0,
    }


def test_a_run_counts_once_and_so_does_a_try(tmp_path):
    write(tmp_path / "a.eval", ["C", "I"], eval_id="one", uuid="s")
    write(tmp_path / "b.json", ["C", "I"], eval_id="one", uuid="s")
    write(tmp_path / "c.json", ["I", "I"], eval_id="one", uuid="s")
    write(tmp_path / "d.json", ["C", "I"], eval_id="retried", uuid="s")
    write(tmp_path / "e.json", ["I", "I"], eval_id="two", uuid="t")
    rows, refused, _ = take(tmp_path)
    assert rows == {("openai/gpt-5", "gpqa/1"): (0.5, 2), ("openai/gpt-5", "gpqa/2"): (0.0, 2)}
    assert [r.partition(": ")[2] for r in refused] == [
        "is the same run as a.eval, which counts once",
        "is the same run as a.eval, which counts once, though its scores differ",
        "2 samples are those of a.eval, and count once",
    ]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"model_generate_config": GenerateConfig(temperature=1.0)}, "temperature=1.0"),
        ({"model_generate_config": GenerateConfig(system_message="Be brief.")}, "system_message=Be brief."),
        ({"task_version": 3}, "version=3"),
        ({"dataset": inspect_log.EvalDataset(name="other", samples=1)}, "dataset=other"),
    ],
)
def test_runs_that_were_asked_otherwise_are_no_tries_of_one(tmp_path, spec, told):
    write(tmp_path / "old.json", ["C"], day=1)
    write(tmp_path / "new.json", ["I"], day=2, **spec)
    rows, refused, _ = take(tmp_path)
    assert (
        list(rows.values()) == [0.0]
        and refused[0].startswith("old.json: was asked otherwise than new.json")
        and told in refused[0]
    )


PARTS = {"g": {"acc": 1.0, "f1": 0.5}, "h": {"acc": 0.0}, "m": "C"}


@pytest.mark.parametrize("ending", ["eval", "json"])
@pytest.mark.parametrize(
    ("scorer", "value", "why"),
    [
        ("g/f1", 0.5, ""),
        ("f1", 0.5, ""),
        ("h/acc", 0.0, ""),
        ("m", 1.0, ""),
        ("acc", None, "--scorer g/acc"),
        ("", None, "--scorer g/acc takes one of g/acc, g/f1"),
        ("g", None, "--scorer g/acc"),
        ("m/x", None, "no part 'x'"),
        ("z", None, "only by g, h, m"),
    ],
)
def test_a_part_of_a_score_is_picked_by_name(tmp_path, ending, scorer, value, why):
    write(tmp_path / f"a.{ending}", [PARTS], scorer=None)
    rows, refused, _ = take(tmp_path, scorer=scorer)
    assert list(rows.values()) == ([] if value is None else [value])
    assert (why in refused[0]) if why else not refused


def test_other_scorers_are_told(tmp_path):
    write(tmp_path / "a.json", [{"exact": "I", "graded": "C"}], scorer=None)
    rows, _, notes = take(tmp_path)
    assert list(rows.values()) == [0.0] and "scores by graded are left out" in notes[0]


@pytest.mark.parametrize(
    ("values", "got"),
    [
        (["C", "I", "P", "N", True, "yes", "No", "0.25"], [1, 0, 0.5, 0, 1, 1, 0, 0.25]),
        (["c", "A", "", [1.0], float("nan")], []),
        ([1, 7, 10], []),
        (["C", 87], [1]),
        ([0.5, -1.0], []),
        ([1.0, 0.0, float("nan")], [1, 0]),
    ],
)
def test_values_are_read_as_inspect_means_them_or_refused(tmp_path, values, got):
    """A 1 on a scale of 10 is no full mark, and a small c no C."""
    for ending in ("eval", "json"):
        write(tmp_path / f"a.{ending}", values, eval_id="x")
    for path in sorted(tmp_path.iterdir()):
        rows, refused, _ = take(path)
        assert (list(rows.values()), len(refused)) == (got, len(values) - len(got)), path


def test_summaries_say_what_the_whole_log_says_and_are_used_only_where_they_are_whole(tmp_path):
    path = write(tmp_path / "a.eval", ["C", "I", "C"], uuid="s")
    with zipfile.ZipFile(path) as packed:
        parts = {n: packed.read(n) for n in packed.namelist()}
    few = json.dumps(json.loads(parts["summaries.json"])[:2]).encode()
    wrong = json.dumps([{"id": 1}] * 3).encode()
    none = {n: c for n, c in parts.items() if n != "summaries.json"}
    expected = take(path)
    assert list(expected[0].values()) == [1.0, 0.0, 1.0]
    for changed in ({**parts, "summaries.json": few}, {**parts, "summaries.json": wrong}, none):
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in changed.items():
                packed.writestr(name, content)
        assert take(path) == expected


def test_of_a_sample_that_was_run_again_the_later_counts(tmp_path):
    """Inspect leaves the first in the archive, and lists both."""
    path = write(tmp_path / "a.eval", ["C", "I"], uuid="s")
    first = write(tmp_path / "first.eval", ["C", "C"], uuid="s")
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(first) as before:
        parts = [
            *((n, before.read(n)) for n in before.namelist() if n.startswith("samples/2")),
            *((n, packed.read(n)) for n in packed.namelist()),
        ]
        both = [json.loads(before.read("summaries.json"))[1], *json.loads(packed.read("summaries.json"))]
    first.unlink()
    for listed in (True, False):
        with zipfile.ZipFile(path, "w") as out:
            for name, content in parts:
                if name != "summaries.json" or listed:
                    out.writestr(name, json.dumps(both) if name == "summaries.json" else content)
        assert take(path) == ({("openai/gpt-5", "gpqa/1"): 1.0, ("openai/gpt-5", "gpqa/2"): 0.0}, [], []), listed


def test_failed_and_cancelled_runs_are_refused_and_reasons_printed_when_nothing_is_written(tmp_path):
    write(tmp_path / "a.eval", ["C"], status="cancelled")
    write(tmp_path / "b.json", [{"x": {"p": 1}}], scorer=None)
    for more in ([], ["--json"], ["--strict"]):
        done = CliRunner().invoke(
            app, ["import", "inspect", str(tmp_path), "--into", str(tmp_path / "i.parquet"), *more]
        )
        assert (
            done.exit_code != 0 and "ended with the status 'cancelled'" in done.output and "--scorer x/p" in done.output
        )
    write(tmp_path / "c.json", ["C"], model_generate_config=GenerateConfig(reasoning_effort="high"))
    named = ["--model", "openai/gpt-5 [reasoning_effort=high]=gpt-5"]
    assert (
        CliRunner()
        .invoke(app, ["import", "inspect", str(tmp_path), "--into", str(tmp_path / "i.parquet"), *named])
        .exit_code
        == 0
    )
    assert pl.read_parquet(tmp_path / "i.parquet")["model"].to_list() == ["gpt-5"]


def test_names_in_files_of_responses_are_known_as_those_of_results_are():
    evidence = Evidence.load()
    names = [
        "google/gemma-2-9b",
        "hf/meta-llama/Llama-3.1-8B",
        "Qwen/Qwen2.5-7B-Instruct",
        "openai/gpt-5 [reasoning_effort=high]",
        "o3 [reasoning_effort=low]",
        "o3 [reasoning_effort=high]",
        "me/x,peft=y",
    ]
    assert itemized.known(evidence, names) == {"gemma-2-9b-base": 0, "qwen2-5-7b": 2, "gpt-5": 3}
    assert itemized.known(evidence, ["o3 [reasoning_effort=low]", "o3"]) == {"o3": 1}
