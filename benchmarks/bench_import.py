"""Files of others taken in: time of the whole command, and its peak memory.

A CSV of scores without and with quotes, samples of lm_eval (1,000 lines of about 2 kB in a file, the results beside
them), and logs of Inspect AI (200 samples each, where it is installed).

python benchmarks/bench_import.py [--rows 1000000] [--logs 500] [--quick]
"""

import argparse
import csv
import importlib.util
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from leadtime.evidence import Evidence

QUESTION = "What does a long question of a test look like, with all that the model is told before? " * 8


def main(argv: list[str] | None = None) -> None:
    """Run it."""
    given = argparse.ArgumentParser()
    given.add_argument("--rows", type=int, default=1_000_000)
    given.add_argument("--logs", type=int, default=500)
    given.add_argument("--quick", action="store_true", help="Only that it runs: 200 rows, 2 logs, no Inspect.")
    options = given.parse_args(argv)
    n, n_logs = (200, 2) if options.quick else (options.rows, options.logs)
    print(f"{'files':>6} {'kind':>8} {'s':>7} {'GB':>6}  said")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ("plain", "quoted"):
            table(folder / f"{kind}.csv", n, kind)
            told(1, kind, "csv", folder / f"{kind}.csv", folder / kind)
        samples(folder / "lm-eval", n_logs)
        told(n_logs, "samples", "lm-eval", folder / "lm-eval", folder / "samples.parquet")
        told(n_logs, "results", "lm-eval", folder / "lm-eval", folder / "study", "--evaluator", "epoch-ai")
        if not options.quick and importlib.util.find_spec("inspect_ai"):
            inspected(folder / "logs", n_logs)
            told(n_logs, "inspect", "inspect", folder / "logs", folder / "inspect.parquet")


def told(n: int, kind: str, command: str, path: Path, into: Path, *more: str) -> None:
    """Run a command and say how long it took."""
    began = time.perf_counter()
    words = [sys.executable, "-m", "leadtime", "import", command, str(path), "--into", str(into), *more]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    said = (done.stdout or done.stderr).splitlines()
    print(f"{n:>6,} {kind:>8} {seconds:7.2f} {peak:6.2f}  {said[0] if said else ''}", flush=True)


def table(path: Path, n: int, kind: str) -> None:
    """Write a CSV of scores, with a quoted note in each row or without."""
    evidence = Evidence.load()
    models, tests = evidence["models"]["id"].to_list(), evidence["benchmarks"]["id"].to_list()
    draw = random.Random(0)
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(
            ["model", "benchmark", "score", "setting", "evaluator", "report_type", "known_on", "source", "note"]
        )
        for i in range(n):
            note = "ours" if kind == "plain" else "ours, again"
            row = [
                draw.choice(models),
                draw.choice(tests),
                round(draw.random(), 5),
                f"run-{i}",
                "epoch-ai",
                "independent",
                "2026-01-01",
                "epoch-eval-logs",
                note,
            ]
            out.writerow(row)


def samples(folder: Path, n: int) -> None:
    """Write results and samples as lm_eval does: ten tasks for each model."""
    draw = random.Random(0)
    for k in range(n):
        here, stamp = folder / f"lab__model-{k // 10}", f"2026-01-{k % 10 + 1:02d}T00-00-00.000000"
        here.mkdir(parents=True, exist_ok=True)
        config = {"model": "hf", "model_args": f"pretrained=lab/model-{k // 10},dtype=auto"}
        run = {
            "results": {f"task{k % 10}": {"acc,none": 0.5}, "winogrande": {"acc,none": 0.5}},
            "config": config,
            "n-shot": {},
        }
        (here / f"results_{stamp}.json").write_text(json.dumps(run))
        with (here / f"samples_task{k % 10}_{stamp}.jsonl").open("w") as file:
            for i in range(1000):
                line = {
                    "doc_id": i,
                    "doc": {"question": QUESTION},
                    "arguments": {f"gen_args_{j}": {"arg_0": QUESTION[:200]} for j in range(4)},
                    "resps": [[["-1.5", "False"]]] * 4,
                    "filter": "none",
                    "metrics": ["acc"],
                    "acc": float(draw.random() < 0.5),
                }
                file.write(json.dumps(line) + "\n")


def inspected(folder: Path, n: int) -> None:
    """Write logs as Inspect AI does: ten parts of a task for each model."""
    import inspect_ai.log as logs
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser
    from inspect_ai.scorer import Score

    folder.mkdir()
    draw = random.Random(0)
    for k in range(n):
        talk = [ChatMessageUser(content=QUESTION), ChatMessageAssistant(content=QUESTION)]
        given = [
            logs.EvalSample(
                id=i,
                epoch=1,
                input=QUESTION,
                target="C",
                messages=talk,
                scores={"choice": Score(value=draw.choice("CI"), answer="A", explanation=QUESTION)},
            )
            for i in range(200)
        ]
        spec = logs.EvalSpec(
            created=f"2026-01-01T{k // 60 % 24:02d}:{k % 60:02d}:00+00:00",
            eval_id=f"run-{k}",
            task="own",
            task_args={"part": k % 10},
            model=f"lab/model-{k // 10}",
            dataset=logs.EvalDataset(name="own", samples=200),
            config=logs.EvalConfig(),
        )
        logs.write_eval_log(logs.EvalLog(eval=spec, status="success", samples=given), str(folder / f"{k}.eval"))


if __name__ == "__main__":
    main()
