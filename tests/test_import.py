"""Logs of evaluations taken in: what is sound, what is refused and why, and the same bytes the second time."""

import json
import re
import warnings
import zipfile

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app
from leadtime.importers import archive
from leadtime.importers import inspect as logs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    inspect_log = pytest.importorskip("inspect_ai.log")
    from inspect_ai.scorer import Score
pytestmark = pytest.mark.filterwarnings("ignore")


def write(path, model, answers, status="success", task="gpqa"):
    """A log as Inspect AI itself writes it; `answers` are (sample, epoch, value)."""
    samples = [
        inspect_log.EvalSample(
            id=i, epoch=e, input="?", target="!", scores={} if v is None else {"match": Score(value=v)}
        )
        for i, e, v in answers
    ]
    spec = inspect_log.EvalSpec(
        created="2026-01-01T00:00:00+00:00",
        task=task,
        dataset=inspect_log.EvalDataset(name="d", samples=len(samples)),
        model=model,
        config=inspect_log.EvalConfig(),
    )
    inspect_log.write_eval_log(inspect_log.EvalLog(eval=spec, status=status, samples=samples), str(path))


def take(*arguments):
    return CliRunner().invoke(app, ["import", "inspect", *(str(a) for a in arguments)])


@pytest.mark.parametrize("ending", ["eval", "json"])
def test_tries_become_means_and_the_second_import_changes_nothing(tmp_path, ending):
    write(tmp_path / f"a.{ending}", "openai/gpt-5", [(1, 1, "C"), (1, 2, "I"), (2, 1, 0.25), (3, 1, "P")])
    first = take(tmp_path, "--into", tmp_path / "items.parquet")
    assert first.exit_code == 0, first.output
    found = pl.read_parquet(tmp_path / "items.parquet")
    assert found.rows() == [
        ("openai/gpt-5", "gpqa/1", 0.5, 2),
        ("openai/gpt-5", "gpqa/2", 0.25, 1),
        ("openai/gpt-5", "gpqa/3", 0.5, 1),
    ]
    before = (tmp_path / "items.parquet").read_bytes()
    again = take(tmp_path, "--into", tmp_path / "items.parquet", "--json")
    assert json.loads(again.stdout)["became"] == "unchanged"
    assert (tmp_path / "items.parquet").read_bytes() == before


def test_what_cannot_be_taken_is_told_and_the_rest_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_MOST_RATIO", 10)  # a bomb of ten megabytes is one, for speed
    write(tmp_path / "good.eval", "a/good", [(1, 1, "C"), (2, 1, 87), (3, 1, None), (4, 1, "maybe"), (5, 1, {"x": 1})])
    write(tmp_path / "failed.eval", "a/failed", [(1, 1, "C")], status="error")
    (tmp_path / "torn.eval").write_bytes((tmp_path / "good.eval").read_bytes()[:200])
    (tmp_path / "other.json").write_text('{"hello": "world"}')
    with zipfile.ZipFile(tmp_path / "climbs.eval", "w") as out:
        out.writestr("../../evil", "x")
    with zipfile.ZipFile(tmp_path / "bomb.eval", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("header.json", b"0" * 11_000_000)
    said = conforms("responses", json.loads(take(tmp_path, "--into", tmp_path / "items.parquet", "--json").stdout))
    assert (said["accepted"], said["files"], said["became"]) == (1, 6, "written")
    why = {(r["file"], r["row"].split(",")[0]): r["reason"] for r in said["refused_because"]}
    assert "ended with the status 'error'" in why["failed.eval", ""]
    assert "not a complete archive" in why["torn.eval", ""]
    assert "climbs out" in why["climbs.eval", ""]
    assert "too much" in why["bomb.eval", ""]
    assert "cannot be read as a log" in why["other.json", ""]
    assert "87" in why["good.eval", "sample 2"] and "not scored" in why["good.eval", "sample 3"]
    assert "not a number" in why["good.eval", "sample 4"] and "several parts" in why["good.eval", "sample 5"]


def test_strict_and_dry_runs_write_nothing(tmp_path):
    write(tmp_path / "a.eval", "a/b", [(1, 1, "C"), (2, 1, 87)])
    target = tmp_path / "items.parquet"
    assert take(tmp_path, "--into", target, "--strict").exit_code != 0 and not target.exists()
    assert "not written" in take(tmp_path, "--into", target, "--dry-run").stdout and not target.exists()
    named = take(tmp_path, "--into", target, "--model", "a/b=ours")
    assert named.exit_code == 0 and pl.read_parquet(target)["model"].to_list() == ["ours"]
    target.write_text("something else")
    assert take(tmp_path, "--into", target).exit_code != 0 and target.read_text() == "something else"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), ending=st.sampled_from(["eval", "json"]))
def test_no_file_makes_it_fail(tmp_path, content, ending):
    path = tmp_path / f"x.{ending}"
    path.write_bytes(content)
    found = logs.read([path])
    assert found.responses.is_empty() and len(found.refused) == 1


def test_from_logs_to_months_ahead_in_three_commands(tmp_path):
    """Models of the built-in evidence answer own questions by their ability; ours by that of the best and more."""
    from studies import quick_study

    known = quick_study(None).abilities().filter(pl.col("n_benchmarks") >= 10).head(40)
    rng = np.random.default_rng(4)
    b = rng.normal(0, 1.3, 120)
    theta = (known["logit"] - known["logit"].mean()) / known["logit"].std()
    (tmp_path / "logs").mkdir()
    for name, t in [*zip(known["model"], theta, strict=True), ("our-model", float(theta.max()) + 0.5)]:
        right = rng.random(120) < 1 / (1 + np.exp(-(t - b)))
        write(
            tmp_path / "logs" / f"{name}.eval",
            name,
            [(j, 1, "C" if r else "I") for j, r in enumerate(right)],
            task="own",
        )
    file = tmp_path / "own.parquet"
    assert take(tmp_path / "logs", "--into", file).exit_code == 0
    listed = json.loads(CliRunner().invoke(app, ["capability", "--items", str(file), "--json"]).stdout)
    conforms("capability-items", listed)
    assert len(listed["rows"]) == 41
    against = known["model"][20]
    done = CliRunner().invoke(
        app,
        [
            "lag",
            "--items",
            str(file),
            "--model",
            "our-model",
            "--against",
            against,
            "--method",
            "map",
            "--draws",
            "200",
        ],
    )
    assert done.exit_code == 0, done.output
    assert re.match(
        r"our-model is \d+\.\d months ahead of .+; the chance that it is abler is .+ in 100\.",
        " ".join(done.stdout.split()),
    )
    asked = ["lag", "--items", str(file), "--model", "our-model", "--method", "map", "--draws", "200", "--json"]
    for more in (["--against", against], ["--definition", "age_of_equal"]):
        conforms("lag-items", json.loads(CliRunner().invoke(app, [*asked, *more]).stdout))
