"""Results as other programs write them, made for tests: nothing here is anyone's file."""

import json

import polars as pl


def write(path, text, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def every_eval(path, results, model="openai/gpt-4o", **source):
    """A file of scores by Every Eval Ever's schema."""
    about = {
        "source_type": "evaluation_run",
        "source_organization_name": "Epoch AI",
        "evaluator_relationship": "third_party",
        **source,
    }
    given = {
        "schema_version": "0.3.0",
        "evaluation_id": "x/y/1",
        "retrieved_timestamp": "1770682486",
        "source_metadata": about,
        "model_info": {"name": "m", "id": model, "additional_details": {}},
        "eval_library": {"name": "u", "version": "1"},
        "evaluation_results": results,
    }
    return write(path, json.dumps(given))


def result(name, score, **metric):
    """One score of such a file."""
    return {
        "evaluation_name": name,
        "evaluation_timestamp": "2026-05-01T10:00:00Z",
        "metric_config": {"lower_is_better": False, **metric},
        "score_details": {"score": score, "uncertainty": {"standard_error": {"value": 0.02}}},
    }


def answer(model, item, score, test="demo", **more):
    """One line of its answers to single questions."""
    return json.dumps(
        {
            "schema_version": "0.3.0",
            "evaluation_id": "x",
            "model_id": model,
            "evaluation_name": test,
            "sample_id": item,
            "evaluation": {"score": score, "is_correct": score == 1},
            **more,
        }
    )


def helm_run(folder, model, values, metric="exact_match", groups=("mmlu",), **more):
    """A run of HELM: values by instance, with other metrics and a changed wording beside."""

    def stat(name, value, **where):
        return {"name": {"name": name, "split": "test", **where}, "count": 1, "sum": value, "mean": value}

    other = {"exact_match": 0, **more}
    instances = [
        {
            "instance_id": f"id{i}",
            "train_trial_index": 0,
            "stats": [stat("num_references", 4), *(stat(k, v) for k, v in {**other, metric: value}.items())],
        }
        for i, value in enumerate(values)
    ]
    changed = {
        "instance_id": "id0",
        "perturbation": {"name": "typos"},
        "train_trial_index": 0,
        "stats": [stat(metric, 0.0)],
    }
    spec = {
        "name": f"{groups[0]}:subject=law,model={model.replace('/', '_')}",
        "adapter_spec": {"model": model},
        "groups": list(groups),
    }
    write(folder / "per_instance_stats.json", json.dumps([*instances, changed]))
    write(folder / "run_spec.json", json.dumps(spec))
    return folder


def details(folder, model, run, acc_norm):
    """A file of the leaderboard's details."""
    path = folder / f"details_{model.replace('/', '__')}" / run / f"details_harness|arc:challenge|25_{run}.parquet"
    path.parent.mkdir(parents=True)
    table = pl.DataFrame(
        {
            "example": ["q"] * len(acc_norm),
            "acc": [1.0 - v for v in acc_norm],
            "acc_norm": acc_norm,
            "predictions": [[0.1, 0.9]] * len(acc_norm),
        }
    )
    table.write_parquet(path)
    return path
