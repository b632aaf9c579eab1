"""Results in the forms of others: wide tables, py-irt, Every Eval Ever, HELM, a hub's YAML, details
of a leaderboard.
"""

import csv
import functools
import io
import json
import math
from collections.abc import Iterator
from typing import Any

import polars as pl

from faults.targets import Target
from faults.targets.oracle import require_seen
from leadtime.brought import hub, leaderboard, read
from leadtime.brought.columns import Want
from leadtime.errors import LeadtimeError

_SPEC = json.dumps({"name": "mmlu:model=o_m", "adapter_spec": {"model": "o/m"}, "groups": ["mmlu"]}).encode()
#: By the first letter of an input: the name of its file, and whether scores or responses are wanted.
_FORMS: dict[bytes, tuple[str, Want]] = {
    b"E": ("x.json", "scores"),
    b"A": ("x.jsonl", "responses"),
    b"H": ("per_instance_stats.json", "responses"),
    b"P": ("x.jsonlines", "responses"),
    b"Y": ("org__m/.eval_results/x.yaml", "scores"),
    b"W": ("x.csv", "scores"),
    b"T": ("x.tsv", "responses"),
    b"R": ("x.json", "responses"),
}


def _seeds() -> Iterator[bytes]:
    stats = [{"name": {"name": n, "split": "test"}, "count": 1, "sum": 1, "mean": 1.0} for n in ("exact_match", "x")]
    instances = [{"instance_id": f"id{i}", "train_trial_index": 0, "stats": stats} for i in range(3)]
    metric = {"lower_is_better": False, "metric_unit": "percent", "min_score": 0, "max_score": 100}
    about = {"source_organization_name": "Epoch AI", "evaluator_relationship": "third_party"}
    score = {
        "evaluation_name": "MMLU",
        "evaluation_timestamp": "2026-05-01T10:00:00Z",
        "metric_config": metric,
        "score_details": {"score": 87.5, "uncertainty": {"standard_error": {"value": 0.5}}},
    }
    whole = {"model_info": {"id": "openai/gpt-4o"}, "source_metadata": about, "evaluation_results": [score, score]}
    answer = {"evaluation_id": "x", "model_id": "o/m", "evaluation_name": "t", "evaluation": {"score": 1.0}}
    answers = (answer | {"sample_id": "1"}, answer | {"sample_id": "2", "error": "x"})
    yield b"E" + json.dumps(whole).encode()
    yield b"E" + json.dumps([{"model": "a", "benchmark": "mmlu", "score": 0.5, "text": "x"}] * 2, indent=1).encode()
    yield b"A" + b"\n".join(json.dumps(a).encode() for a in answers)
    yield b"H" + json.dumps([*instances, {**instances[0], "perturbation": {"name": "typos"}}]).encode()
    yield b'P{"subject_id": "a", "responses": {"q1": 1, "q2": 0}}\n{"subject_id": "b", "responses": {"q1": 0.5}}\n'
    yield b"Y- dataset:\n    id: cais/hle\n    task_id: hle\n  value: 22.1\n  date: 2026-05-01\n  notes: with tools\n"
    yield b"WModel;MMLU;GPQA (%);Average;Params\na;0,5;41,2;3;7\nb;NA;30%;4;70\n"
    yield b"Wbenchmark,gpt-4o,deepseek-v3\nmmlu,0.88,0.885\ngpqa,0.53,\n"
    yield b"Titem\tm1\tm2\nq1\t1\t0\nq2\ttrue\tincorrect\n"
    yield b'R{"rows": [{"model": "a", "item": "1", "response": true}, {"model": "a", "item": "2", "response": 0.5}]}'


def _check(data: bytes) -> None:
    name, want = _FORMS.get(data[:1], _FORMS[b"W"])
    content = data[1:]
    given = read.File(name=name, content=content, place=f"/results/{name}", beside=lambda _: _SPEC)
    found = read.read(given, want, percent=data[-1:] == b" ")
    rows = found.rows
    assert rows["value"].is_between(0, 1).all() and rows["value"].null_count() == 0, "a value that is no share"
    assert all(math.isfinite(c) and c > 0 for c in rows["count"]), "a count that is none"
    for column in rows.columns:
        if rows[column].dtype == pl.String:
            require_seen(*rows[column].drop_nulls())
    require_seen(*found.notes, *(str(p) for p in found.problems))
    n_told = rows.height + found.n_missing + len({(p.row, p.column) for p in found.problems})
    left = any(n.startswith("Left") for n in found.notes)  # columns of words
    whole_rows = any(not p.column or "nobody sees" in p.expected for p in found.problems)  # told once, for all in it
    n_said = None if left or whole_rows else _n_said(name, want, content)
    assert n_said is None or n_told >= n_said, f"{n_said} numbers in the file, {n_told} taken, missing or told"
    if not found.problems and rows.is_empty() and not found.n_missing and not found.notes:
        raise AssertionError("nothing taken and nothing said")


def _n_said(name: str, want: Want, content: bytes) -> int | None:
    """Return how many numbers a file says at least, where that can be told plainly."""
    try:
        text = content.decode("utf-8-sig")
        if name.endswith(".jsonlines"):
            lines = [json.loads(line) for line in text.split("\n") if line.strip()]
            subjects = [line["responses"] for line in lines if isinstance(line.get("subject_id"), str)]
            return sum(map(len, subjects)) if len(subjects) == len(lines) else None
        if name.startswith("per_instance"):
            return sum(one.get("perturbation") is None for one in json.loads(text))
        if name.endswith(".tsv") and want == "responses":
            rows = [r for r in csv.reader(io.StringIO(text), delimiter="\t", strict=True) if any(c.strip() for c in r)]
            plain = rows and rows[0] == ["item", "m1", "m2"] and all(len(r) == 3 for r in rows)
            return 2 * (len(rows) - 1) if plain and len({r[0].strip() for r in rows}) == len(rows) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error):
        return None
    return None


def _details_seeds() -> Iterator[bytes]:
    run = "2024-05-01T10-00-00.123456"
    table = pl.DataFrame({"example": ["q", "r"], "acc": [1.0, 0.0], "acc_norm": [0.0, 1.0], "gold": [[1], [2]]})
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    for task in ("arc:challenge", "hendrycksTest-law", "gsm8k"):
        path = f"details_org__m/{run}/details_harness|{task}|25_{run}.parquet"
        yield path.encode() + b"\n" + buffer.getvalue()


def _details(data: bytes) -> None:
    path, _, content = data.partition(b"\n")
    place = path.decode("utf-8", "replace")
    given: dict[str, Any] = {"name": place, "content": content, "place": place}
    found = read.read(read.File(**given), "responses")
    rows = found.rows
    assert rows["value"].is_between(0, 1).all() and rows["value"].null_count() == 0
    require_seen(*rows["model"], *rows["test"])
    if leaderboard.is_details(place):
        said = pl.read_parquet(io.BytesIO(content), columns=[leaderboard.of_file(place)[2]])
        n_told = rows.height + found.n_missing + len(found.problems)
        assert n_told == said.height, f"{said.height} rows in the file, {n_told} taken, missing or told"


def _place_seeds() -> Iterator[bytes]:
    yield from (b"/a/org__model/.eval_results/x.yaml", b"hub/models--org--model/snapshots/0/.eval_results/y.yaml")
    yield b"details_org__m/2024-05-01T10-00-00/details_harness|arc:challenge|25_2024-05-01T10-00-00.parquet"


def _place(data: bytes) -> None:
    place = data.decode("utf-8", "replace")
    names = []
    for find in (hub.model_of, lambda p: leaderboard.of_file(p)[0]):
        try:
            names.append(find(place))
        except LeadtimeError as error:
            last = error
    if not names:
        raise last
    assert all(n.strip() for n in names), "a model without a name"


def _own_seeds() -> Iterator[bytes]:
    table = b"model,benchmark,score\ngpt-5,GPQA Diamond,0.71\nyour-model,MMLU-Pro,0.78\n"
    for name, day, country in (
        (b"own.csv", b"2026-05-01", b"CHN"),
        (b"x", b"", b""),
        (b"a.tsv", b"2026-02-30", b"USA"),
    ):
        yield b"\x1e".join((name, day, country, table))
    records = [{"model": "gpt-5", "benchmark": "MMLU-Pro", "score": 0.5}]
    yield b"\x1e".join((b"own.json", b"2026-05-01", b"CHN", json.dumps(records).encode()))


@functools.cache
def _study() -> Any:
    from leadtime.study import Study

    return Study(method="map", draws=50)


def _own(data: bytes) -> None:
    """Scores of a reader's own as the page takes them, with what was answered of a model that nobody knows."""
    from leadtime.web import brought

    name, day, country, text = [*data.decode("utf-8", "replace").split("\x1e", 3), "", "", ""][:4]
    answers = {"day.your-model": day[:40], "country.your-model": country[:40]}
    found = brought.taken(text, name[:100] or "own.csv", False, answers, {}, _study())
    assert found["unknown"] or found["n"] > 0, "nothing taken, nothing asked, and no word"
    for content in found["files"].values():
        require_seen(content.replace("\r", ""))
    if found["files"]:
        rows = list(csv.DictReader(io.StringIO(found["files"]["evidence/scores.csv"])))
        assert len(rows) == found["n"] and all(0 <= float(r["score"]) <= 1 for r in rows)


_WORDS = (
    "model",
    "benchmark",
    "score",
    "item",
    "response",
    "responses",
    "subject_id",
    "value",
    "evaluation_results",
    "metric_unit",
    "min_score",
    "max_score",
    "instance_id",
    "stats",
    "mean",
    "NaN",
    "Infinity",
    "%",
    "NA",
    "1.000,5",
    "\\ud83d",
    "\u202e",
    "\U000e0041",
)
TARGETS = (
    Target(name="brought-forms", what="results in the forms of others", seeds=_seeds, check=_check, words=_WORDS),
    Target(
        name="brought-details",
        what="details of a leaderboard, Parquet with its path",
        seeds=_details_seeds,
        check=_details,
        words=("details_", "acc", "acc_norm", "mc2", "|", "__"),
    ),
    Target(name="own-scores", what="scores of one's own (`/own`)", seeds=_own_seeds, check=_own, words=_WORDS),
    Target(
        name="brought-places",
        what="paths that name a model",
        seeds=_place_seeds,
        check=_place,
        words=("models--", "__", ".eval_results", "details_"),
    ),
)
