"""Results as lm-evaluation-harness writes them, for the tests that take them."""

import json

from leadtime.importers import lm_eval, lm_eval_run

SOURCE = {"id": "x", "title": "x", "publisher": "stanford-crfm", "published_on": "2026-11-01", "kind": "primary"}


HF = "Qwen/Qwen2.5-32B-Instruct"


def results(tasks, arguments=f"pretrained={HF},dtype=bfloat16", backend="hf", **more):
    """A file as version 0.4.9 writes it; a value None takes a field away."""
    name = more.pop("model_name") if "model_name" in more else lm_eval_run.arguments_of(arguments).get("pretrained")
    given = {
        "results": {t: {"alias": t, **v} for t, v in tasks.items()},
        "group_subtasks": {},
        "configs": {},
        "versions": dict.fromkeys(tasks, 1.0),
        "n-shot": dict.fromkeys(tasks, 5),
        "n-samples": {t: {"original": 200, "effective": 200} for t in tasks},
        "config": {
            "model": backend,
            "model_args": arguments,
            "model_revision": "main",
            "limit": None,
            "gen_kwargs": None,
        },
        "date": 1767225600.5,
        "model_name": name,
        "chat_template": None,
        **more,
    }
    return {k: v for k, v in given.items() if v is not None}


def take(folder, evidence, *files, name="results_2026-01-01T00-00-00.000000.json", renamed=None, which_filter=""):
    for i, content in enumerate(files):
        there = folder / f"run{i}"
        there.mkdir(exist_ok=True)
        (there / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return lm_eval.scores(
        [folder], evidence, evaluator="stanford-crfm", source=SOURCE, renamed=renamed, which_filter=which_filter
    )


def taken(found):
    rows = found.accepted["scores"].to_dicts() if "scores" in found.accepted else []
    return {(r["model"], r["benchmark"], r["setting"]): r["score"] for r in rows}


WINO = {"winogrande": {"acc,none": 0.8, "acc_stderr,none": 0.01}}
