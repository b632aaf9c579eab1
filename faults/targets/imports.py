"""What other programs wrote: CSV of ours, Epoch AI's files, lm-evaluation-harness, Inspect AI, archives."""

import datetime as dt
import functools
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from faults.targets import Target
from faults.targets.oracle import CONTROL, file, folder, records, require_seen
from leadtime.evidence import TABLES, Evidence, csv_rows, validate
from leadtime.importers import archive, epoch, inspect, lm_eval, lm_eval_samples, plain, results
from leadtime.importers.rows import Sorted

_SOURCE = {"id": "mine", "title": "Mine", "publisher": "us", "published_on": "2026-11-01", "kind": "primary"}
_HUB = (
    "Model version,mean_score,Best score (across scorers),Release date,Organization,Country,stderr,Log viewer,Started"
    " at,id"
)


@functools.cache
def _evidence() -> Evidence:
    return Evidence.load(as_of=dt.date.max)


def _sound(found: Sorted) -> None:
    """Refuse an import whose accepted rows are none that the evidence could take back, or that has lost count."""
    for name, rows in found.accepted.items():
        table = TABLES[name]
        text = rows.write_csv().encode()
        raw, irregular = csv_rows.rows_of(text, f"{name}.csv")
        back, problems = validate.judge(raw, table, f"{name}.csv")
        assert not irregular and not problems, f"{name}: {(irregular + problems)[:2]}"
        assert back.drop("_row").equals(rows.select(back.drop("_row").columns)), f"{name}: other rows when read again"
        assert not CONTROL.search(text.decode()), "a control character was accepted"


def _csv_seeds() -> Iterator[bytes]:
    for table in ("scores", "models", "sources", "chips"):
        head = plain.template(table, _evidence()).encode()
        yield table.encode() + b"\n" + head
        yield table.encode() + b"\n" + head.replace(b"0.", b"0.1").replace(b"deepseek", b"nobody")


def _csv(data: bytes) -> None:
    name, _, content = data.partition(b"\n")
    table = name.decode("ascii", "replace")
    found = plain.read(file("mine.csv", content), table if table in TABLES else "scores", _evidence())
    _sound(found)
    text = content.decode("utf-8-sig")
    n_rows = len(records(content)[1]) if not found.refused and not CONTROL.search(text) else None
    n_told = sum(r.height for t, r in found.accepted.items()) + found.n_known + len(found.aside)
    assert n_rows is None or n_told == n_rows, f"{n_rows} rows in the file, {n_told} accepted, known or set aside"


def zipped(*files: tuple[str, bytes]) -> bytes:
    """Return an archive of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files:
            out.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


HUB_ROWS = (
    f"{_HUB}\ngpt-5-2025-08-07_high,0.123,0.123,2026-01-01,OpenAI,US,0.01,x,2026-11-01T10:00:00.000Z,a\n"
    "gpt-4o-2024-11-20,0.4,0.4,2026-01-01,OpenAI,US,0.01,x,2026-10-01T10:00:00.000Z,b\nnobody-9,0.5,,,,,,,,\n"
).encode()
INDEX = b"model,benchmark,performance,source\ngpt-5-2025-08-07_high,GPQA diamond,0.87,x\ndeepseek-v3,MMLU,0.5,y\n"
_HARDWARE = (
    b"Hardware name,Manufacturer,Release date,TDP (W),FP16 (FLOP/s),Memory (bytes)\nNVIDIA H100"
    b" SXM5,NVIDIA,2022-03-21,700,9.89e14,8e10\n"
)
_CHIPS = (
    b"Chip manufacturer,Chip type,Start date,End date,Number of units"
    b' (median),Owner\nNvidia,H20,1/1/2025,3/31/2025,"100,000",China\n'
)
_MODELS = (
    b"Model,Publication date,Training compute"
    b" (FLOP),Organization,Parameters\nDeepSeek-V3,2024-12-24,3.4e24,DeepSeek,6.71e11\nOurs,2026-01-01,1e25,,\n"
)


def _epoch_seeds() -> Iterator[bytes]:
    yield from (b"gpqa_diamond.csv\n" + HUB_ROWS, b"eci_benchmarks.csv\n" + INDEX, b"ml_hardware.csv\n" + _HARDWARE)
    yield from (b"chips.csv\n" + _CHIPS, b"all_ai_models.csv\n" + _MODELS)
    yield from (f"{stem}.csv\n".encode() + HUB_ROWS for stem in list(epoch.rules()["files"])[:12])


def _epoch(data: bytes) -> None:
    name, _, content = data.partition(b"\n")
    stem = name.decode("ascii", "replace").removesuffix(".csv")
    path = file(f"epoch/{stem if stem.replace('_', '').isalnum() else 'eci_benchmarks'}.csv", content)
    try:
        _sound(epoch.read(path, _evidence(), known_on=dt.date(2026, 11, 1)))
    finally:
        path.unlink()


def _zip_seeds() -> Iterator[bytes]:
    yield zipped(("gpqa_diamond.csv", HUB_ROWS), ("eci_benchmarks.csv", INDEX))
    yield zipped(("../x.csv", INDEX))
    yield zipped(("a/b/eci_benchmarks.csv", INDEX), ("__MACOSX/x.csv", b"x"), ("c.txt", b"y"))


def _zips(data: bytes) -> None:
    for name, _ in archive.contents(file("hub.zip", data), ".csv"):
        assert not name.startswith("/") and ".." not in name.split("/"), f"the path {name!r} was accepted"
    _sound(epoch.read(folder() / "hub.zip", _evidence(), known_on=dt.date(2026, 11, 1)))


def _results_seeds() -> Iterator[bytes]:
    given: dict[str, Any] = {
        "results": {
            "gsm8k": {"exact_match,strict-match": 0.81, "exact_match_stderr,strict-match": 0.01},
            "mmlu": {"acc,none": 0.7},
            "other": {"acc,none": 1},
        },
        "config": {"model_args": "pretrained=deepseek-ai/DeepSeek-V3,dtype=auto", "limit": None},
        "n-shot": {"gsm8k": 5, "mmlu": 0},
        "n-samples": {"gsm8k": {"original": 1319, "effective": 1319}},
        "date": 1761955200.5,
        "model_name": "deepseek-ai/DeepSeek-V3",
    }
    yield json.dumps(given, indent=1).encode()
    yield json.dumps(
        given | {"model_name": None, "config": {"model_args": {"pretrained": "Qwen/Qwen2.5-72B"}}, "date": "2026-11-01"}
    ).encode()


def _results(data: bytes) -> None:
    _sound(lm_eval.scores([file("results_x.json", data)], _evidence(), evaluator="epoch-ai", source=_SOURCE))


def _any_seeds() -> Iterator[bytes]:
    stat = {"name": {"name": "exact_match", "split": "test"}, "count": 1, "sum": 1, "mean": 1.0}
    metric = {"lower_is_better": False, "metric_unit": "percent", "min_score": 0, "max_score": 100}
    score = {"evaluation_name": "MMLU", "metric_config": metric, "score_details": {"score": 87.5}}
    answer = {
        "evaluation_id": "x",
        "model_id": "o/m",
        "evaluation_name": "t",
        "sample_id": "1",
        "evaluation": {"score": 1.0},
    }
    yield json.dumps([{"instance_id": "id1", "stats": [stat]}]).encode()
    yield json.dumps({"model_info": {"id": "openai/gpt-4o"}, "evaluation_results": [score]}).encode()
    yield b"\n".join(json.dumps(a).encode() for a in (answer, answer | {"sample_id": "2", "error": "x"}))
    yield b'{"subject_id": "a", "responses": {"q1": 1, "q2": 0}}\n{"subject_id": "b", "responses": {"q1": 0.5}}\n'
    yield b"- dataset:\n    id: cais/hle\n    task_id: hle\n  value: 22.1\n  date: 2026-05-01\n"
    yield b"Model;MMLU;GPQA (%);Average\na;0,5;41,2;3\nb;NA;30%;4\n"
    yield b"item\tm1\tm2\nq1\t1\t0\nq2\ttrue\tincorrect\n"


def _any(data: bytes) -> None:
    spec = {"name": "mmlu:model=o_m", "adapter_spec": {"model": "o/m"}, "groups": ["mmlu"]}
    file("results/run_spec.json", json.dumps(spec).encode())
    said = results.Said(evaluator="epoch-ai", source=_SOURCE, percent=data[-1:] == b"\n")
    for name in ("x.json", "x.jsonl", "x.csv", "org__m/.eval_results/x.yaml"):
        path = file(f"results/{name}", data)
        _sound(results.scores([path], _evidence(), said))
        found = results.responses([path], said).responses
        assert found["response"].is_between(0, 1).all() and (found["count"] > 0).all()


def _samples_seeds() -> Iterator[bytes]:
    lines = [
        json.dumps({"doc_id": i, "filter": f, "exact_match": x})
        for i, f, x in ((0, "none", 1.0), (1, "strict-match", 0.0), (1, "flexible-extract", 1.0), (2, "none", True))
    ]
    yield "\n".join(lines).encode() + b"\n"


def _samples(data: bytes) -> None:
    found = lm_eval_samples.responses([file("samples_gsm8k_2026-11-01T00-00-00.jsonl", data)])
    assert found.responses["response"].is_between(0, 1).all()
    require_seen(*found.responses["model"], *found.responses["item"])
    if data.lstrip()[:1] == b"[" or any(not r.row for r in found.refused):
        return  # one list, or refused whole
    n_said = sum(1 for line in data.split(b"\n") if line.strip())
    n_told = int(found.responses["count"].sum()) + len(found.refused) + sum(n.n_rows for n in found.notes)
    assert n_told == n_said, f"{n_said} lines in the file, {n_told} taken, refused or left"


@functools.cache
def _log() -> bytes:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from inspect_ai import log
        from inspect_ai.scorer import Score
    samples = [
        log.EvalSample(id=i, epoch=1, input="?", target="!", scores={"match": Score(value=v)})
        for i, v in enumerate(("C", 0.5, "I"))
    ]
    spec = log.EvalSpec(
        created="2026-01-01T00:00:00+00:00",
        task="gpqa",
        dataset=log.EvalDataset(name="d", samples=3),
        model="a/b",
        config=log.EvalConfig(),
    )
    log.write_eval_log(log.EvalLog(eval=spec, status="success", samples=samples), str(folder() / "seed.json"))
    return (folder() / "seed.json").read_bytes()


def _inspect_seeds() -> Iterator[bytes]:
    yield _log()


def _inspect(data: bytes) -> None:
    found = inspect.read([file("log.json", data)])
    assert found.n_files == 1 and found.responses["response"].is_between(0, 1).all()
    assert found.responses.height or found.refused, "nothing taken and nothing said"


TARGETS = (
    Target(
        name="import-csv",
        what="`leadtime import csv`",
        seeds=_csv_seeds,
        check=_csv,
        words=("scores", "models", "sources", "chips"),
    ),
    Target(name="import-epoch", what="`leadtime import epoch`, tables", seeds=_epoch_seeds, check=_epoch),
    Target(name="import-zip", what="`leadtime import epoch`, archives", seeds=_zip_seeds, check=_zips),
    Target(
        name="import-lm-eval",
        what="`leadtime import lm-eval`, results",
        seeds=_results_seeds,
        check=_results,
        words=("gsm8k", "mmlu", "results", "n-shot", "acc,none", "NaN", "Infinity"),
    ),
    Target(
        name="import-results",
        what="`leadtime import results`, all forms",
        seeds=_any_seeds,
        check=_any,
        words=("model", "score", "responses", "value", "evaluation_results", "NaN", "Infinity", "%", "NA"),
    ),
    Target(
        name="import-samples",
        what="`leadtime import lm-eval`, samples",
        seeds=_samples_seeds,
        check=_samples,
        words=("doc_id", "filter", "acc", "NaN", "Infinity"),
    ),
    Target(
        name="import-inspect",
        what="`leadtime import inspect`, logs in JSON",
        seeds=_inspect_seeds,
        check=_inspect,
        words=("samples", "scores", "NaN", "Infinity", "status"),
    ),
)
