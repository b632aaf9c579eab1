"""Results of lm_eval in the shapes of its versions: each score goes to the model that made it, or waits with the
reason.
"""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.evidence import Evidence
from leadtime.importers import lm_eval_run
from lm_eval_side import HF, WINO, results, take, taken


@pytest.fixture(scope="module")
def evidence():
    full = Evidence.load(as_of=dt.date.max)
    # without its scores, so that none of ours is known already
    return Evidence({**full.tables, "scores": full["scores"].clear()}, full.as_of)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (results(WINO, "pretrained=random", "dummy"), "not a model"),
        (results(WINO, f"pretrained={HF}", model_name="google/gemma-2-9b"), "names two models"),
        (results(WINO, "{not json", model_name=HF), "model arguments"),
        (results(WINO, {"pretrained": HF, "\ud800": 1}), "not text"),
        (results({"gsm8k": {"exact_match,\ud800": 0.5, "exact_match,b": 0.5}}), "not text"),
        ({"config_general": {"model_name": HF}, "results": {"all": {}}, "versions": {}}, "lighteval"),
        (
            {"results": {"hendrycksTest-anatomy": {"acc": 0.5}}, "config": {"model_args": f"pretrained={HF}"}},
            "1 of the 57 subjects",
        ),
    ],
)
def test_a_file_that_is_not_what_it_seems_is_refused(tmp_path, evidence, given, why):
    found = take(tmp_path, evidence, given)
    assert not taken(found) and why in found.refused[0].reason


def test_version_03_has_no_filters_one_number_of_shots_and_mmlu_by_subject(tmp_path, evidence):
    subjects = {f"hendrycksTest-s{i}": {"acc": i / 100, "acc_stderr": 0.03, "acc_norm": 0.9} for i in range(57)}
    given = {
        "results": {
            "arc_challenge": {"acc": 0.5, "acc_stderr": 0.01, "acc_norm": 0.55, "acc_norm_stderr": 0.012},
            "triviaqa": {"em": 0.4},
            **subjects,
        },
        "versions": {"arc_challenge": 0},
        "config": {
            "model": "hf-causal-experimental",
            "model_args": f"pretrained={HF},use_accelerate=True",
            "num_fewshot": 25,
            "no_cache": True,
            "limit": None,
        },
    }
    found = take(tmp_path, evidence, given, name="whatever.json")
    assert taken(found) == {
        ("qwen2-5-32b", "arc-challenge", "25-shot"): 0.55,
        ("qwen2-5-32b", "triviaqa", "25-shot"): 0.4,
        ("qwen2-5-32b", "mmlu", "25-shot"): pytest.approx(0.28),
    }
    given["config"]["limit"] = 10
    assert {k[2] for k in taken(take(tmp_path, evidence, given, name="whatever.json"))} == {"25-shot+subset"}


def test_a_group_without_a_score_is_the_mean_of_its_tasks_by_their_samples(tmp_path, evidence):
    """Versions 0.4.4 to 0.4.8 left the leaderboard's groups without one."""
    tasks = {
        "leaderboard": {" ": " "},
        "leaderboard_bbh": {" ": " "},
        "leaderboard_bbh_snarks": {"acc_norm,none": 0.5, "acc_norm_stderr,none": 0.03},
        "leaderboard_bbh_web": {"acc_norm,none": 0.2, "acc_norm_stderr,none": 0.01},
        "leaderboard_math_hard": {" ": " "},
        "leaderboard_math_a_hard": {"exact_match,none": 0.1},
        "leaderboard_math_b_hard": {"exact_match,none": 0.2},
        "leaderboard_ifeval": {"prompt_level_strict_acc,none": 0.6, "inst_level_strict_acc,none": 0.7},
        "leaderboard_gpqa": {"acc_norm,none": 0.3},
    }
    groups = {
        "leaderboard": ["leaderboard_bbh", "leaderboard_math_hard", "leaderboard_ifeval"],
        "leaderboard_bbh": ["leaderboard_bbh_snarks", "leaderboard_bbh_web"],
        "leaderboard_math_hard": ["leaderboard_math_a_hard", "leaderboard_math_b_hard"],
    }
    sizes = {
        "leaderboard_bbh_snarks": 178,
        "leaderboard_bbh_web": 250,
        "leaderboard_math_a_hard": 300,
        "leaderboard_math_b_hard": 100,
    }
    shots = {
        "leaderboard_bbh_snarks": 3,
        "leaderboard_bbh_web": 3,
        "leaderboard_math_a_hard": 4,
        "leaderboard_math_b_hard": 4,
        "leaderboard_ifeval": 0,
    }
    given = results(
        tasks,
        group_subtasks=groups,
        **{"n-samples": {t: {"original": n, "effective": n} for t, n in sizes.items()}, "n-shot": shots},
    )
    found = take(tmp_path, evidence, given)
    assert taken(found) == {
        ("qwen2-5-32b", "bbh", "3-shot+likelihood"): pytest.approx((178 * 0.5 + 250 * 0.2) / 428),
        ("qwen2-5-32b", "math-level-5", "4-shot"): pytest.approx(0.125),
        ("qwen2-5-32b", "ifeval", "0-shot"): 0.6,
    }
    notes = " ".join(map(str, found.notes))
    assert (
        "'leaderboard_gpqa' is left out: it is the mean of all three sets" in notes
        and "leaderboard_bbh_snarks" not in notes
    )
    given["n-samples"]["leaderboard_bbh_web"]["effective"] = 10
    assert ("qwen2-5-32b", "bbh", "3-shot+likelihood+subset") in taken(take(tmp_path, evidence, given))
    del given["n-samples"]
    assert any("how many samples" in r.reason for r in take(tmp_path, evidence, given).refused)


def test_chat_and_generative_tasks_and_the_subtasks_of_a_group(tmp_path, evidence):
    tasks = {
        "arc_challenge_chat": {"exact_match,remove_whitespace": 0.9},
        "mmlu_generative": {"exact_match,get_response": 0.7},
        "humaneval_instruct": {"pass@1,create_test": 0.8},
        "mbpp_instruct": {"pass_at_1,extract_code": 0.6},
        "gpqa_diamond_zeroshot": {"acc,none": 0.3, "acc_norm,none": 0.3},
        "bbh": {"exact_match,get-answer": 0.5},
        "bbh_cot_fewshot_snarks": {"exact_match,get-answer": 0.5},
        "gsm8k_platinum": {"exact_match,strict-match": 1.0},
        "minerva_math500": {"exact_match,none": 0.4, "math_verify,none": 0.6},
        "aime24": {"exact_match,none": 0.1},
    }
    found = take(
        tmp_path,
        evidence,
        results(
            tasks,
            group_subtasks={"bbh": ["bbh_cot_fewshot_snarks"]},
            chat_template="{{ m }}",
            system_instruction="Be brief.",
        ),
    )
    assert {(b, s): v for (_, b, s), v in taken(found).items()} == {
        ("arc-challenge", "5-shot"): 0.9,
        ("mmlu", "5-shot"): 0.7,
        ("humaneval", "5-shot"): 0.8,
        ("mbpp", "5-shot"): 0.6,
        ("gpqa-diamond", "5-shot+likelihood"): 0.3,
        ("bbh", "5-shot+cot"): 0.5,
        ("math-500", "5-shot"): 0.6,
        ("aime-2024", "5-shot"): 0.1,
    }
    assert [n.text for n in found.notes] == ["no rule for the task 'gsm8k_platinum'"]
    assert all("with its chat template, with a system prompt" in n for n in found.accepted["scores"]["note"])


@pytest.mark.parametrize(
    ("values", "wanted", "score", "told"),
    [
        ({"strict-match": 0.80, "flexible-extract": 0.82}, "", 0.80, ""),
        ({"strict-match": 0.70, "flexible-extract": 0.82}, "", 0.70, "note"),
        ({"strict-match": 0.01, "flexible-extract": 0.82}, "", None, "aside"),
        ({"strict-match": 0.01, "flexible-extract": 0.82}, "flexible-extract", 0.82, ""),
        ({"get-answer": 0.5}, "flexible-extract", 0.5, ""),
        ({"score-first": 0.5, "maj@8": 0.6}, "", None, "aside"),
        ({"score-first": 0.5, "maj@8": 0.6}, "maj@8", 0.6, ""),
    ],
)
def test_the_reading_of_answers_that_counts(tmp_path, evidence, values, wanted, score, told):
    found = take(
        tmp_path, evidence, results({"gsm8k": {f"exact_match,{f}": v for f, v in values.items()}}), which_filter=wanted
    )
    assert list(taken(found).values()) == ([] if score is None else [score])
    assert (bool(found.notes), bool(found.aside)) == (told == "note", told == "aside")
    if wanted.startswith("maj"):
        assert [k[2] for k in taken(found)] == ["5-shot+maj@8"]


def test_files_are_found_by_what_they_hold_and_the_others_are_told(tmp_path, evidence):
    (tmp_path / "run0").mkdir()
    (tmp_path / "run0" / "config.json").write_text('{"hidden_size": 1}')
    (tmp_path / "run0" / "torn.json").write_text("{")
    found = take(tmp_path, evidence, results(WINO), name="mine_2026-02-03T00-00-00.json")
    assert len(taken(found)) == 1 and found.accepted["scores"]["measured_on"].item() == dt.date(2026, 1, 1)
    assert sorted(n.file for n in found.notes) == ["run0/config.json", "run0/torn.json"]
    undated = results(WINO)
    del undated["date"]
    found = take(tmp_path, evidence, undated, name="mine_2026-02-03T00-00-00.json")
    assert found.accepted["scores"]["measured_on"].item() == dt.date(2026, 2, 3)


def test_reasons_are_printed_when_nothing_is_written(tmp_path):
    (tmp_path / "results.json").write_text(json.dumps(results(WINO, f"pretrained={HF},peft=x")))
    asked = ["import", "lm-eval", str(tmp_path), "--into", str(tmp_path / "s"), "--evaluator", "stanford-crfm"]
    assert "peft=x, which makes it another model" in CliRunner().invoke(app, asked).output
    done = CliRunner().invoke(app, [*asked, "--model", f"{HF},peft=x=qwen2-5-32b", "--filter", "none"])
    assert "1 scores" in done.output and done.exit_code == 0
    (tmp_path / "results.json").write_text("{")
    assert "is not valid JSON" in CliRunner().invoke(app, [*asked, "--strict"]).output


NAMES = st.text(st.characters(codec="ascii", exclude_characters=",=[]{}()\"'"), min_size=1).filter(
    lambda t: t == t.strip()
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, NAMES, max_size=6))
def test_arguments_are_the_same_as_text_as_object_and_as_json(pairs):
    text = ",".join(f"{k}={v}" for k, v in pairs.items())
    assert lm_eval_run.arguments_of(pairs) == lm_eval_run.arguments_of(json.dumps(pairs)) == pairs
    if not text.lstrip().startswith("{"):
        assert lm_eval_run.arguments_of(text) == pairs
