"""Attacks on the readers of logs, results and tables of others: whatever stands in them, the rest is taken."""

import datetime as dt
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def evidence():
    from leadtime.evidence import Evidence

    return Evidence.load(as_of=dt.date.max)


RESULTS = {
    "results": {
        "gsm8k": {"alias": "gsm8k", "exact_match,strict-match": 0.5, "exact_match_stderr,strict-match": 0.01},
        "winogrande": {"acc,none": 0.7},
    },
    "configs": {"gsm8k": {"task": "gsm8k", "num_fewshot": 5}},
    "n-shot": {"gsm8k": 5, "winogrande": 0},
    "versions": {"gsm8k": 3},
    "n-samples": {"gsm8k": {"original": 1319, "effective": 1319}},
    "config": {
        "model": "hf",
        "model_args": {"pretrained": "deepseek-ai/DeepSeek-V3", "dtype": "auto"},
        "limit": None,
        "gen_kwargs": "temperature=0",
        "model_revision": "main",
    },
    "group_subtasks": {"mmlu": ["mmlu_x"], "gsm8k": []},
    "groups": {"mmlu": {}},
    "chat_template": "x",
    "system_instruction": None,
    "date": 1738000000.5,
    "model_name": "deepseek-ai/DeepSeek-V3",
}
SAMPLE = {"doc_id": 1, "doc": {"q": "x"}, "filter": "none", "acc": 1.0, "metrics": ["acc"], "target": "1"}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.just(10**400)
    | st.sampled_from(["", "x", "\ud800", "5", "a\x00b", "x" * 2000]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["gsm8k", "original", "\udfff"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def paths(value, here=()):
    yield here
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from paths(inner, (*here, key))


def put(value, path, new):
    return new if not path else {**value, path[0]: put(value[path[0]], path[1:], new)}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("lm-eval")


def scores(folder, evidence):
    from leadtime.importers import lm_eval

    source = {"id": "x", "title": "x", "publisher": "epoch-ai", "published_on": "2026-01-01", "kind": "primary"}
    return lm_eval.scores([folder], evidence, evaluator="epoch-ai", source=source)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # a number of many digits has a long repr
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(sorted(paths(RESULTS), key=str)), new=JSON)
def test_whatever_stands_in_results_the_other_files_are_taken(place, evidence, path, new):
    (place / "results_a.json").write_text(json.dumps(RESULTS))
    (place / "results_b.json").write_text(json.dumps(put(RESULTS, path, new)))
    found = scores(place, evidence)
    assert found.n_files == 2
    taken = found.accepted["scores"].height + found.n_known if "scores" in found.accepted else found.n_known
    assert taken >= 2  # those of the sound file, whatever the other holds
    for told in (*found.refused, *found.aside):
        str(told).encode("utf-8", "backslashreplace")
        assert told.reason


def test_a_reason_to_wait_that_holds_half_a_character_is_shown_by_its_number():
    from leadtime.importers.rows import candidates

    rows = [{"model": "x\ud800", "_row": 1, "_aside": "no model is called x\ud800"}, {"model": "y", "_row": 2}]
    (_, found) = candidates("scores", "results_a.json", rows, {"id": "s"})
    assert found.rows["model"].to_list() == ["x\\ud800", "y"]
    assert found.rows["_aside"].to_list() == ["no model is called x\\ud800", None]


def test_a_task_named_by_half_a_character_waits_and_says_why(place, evidence):
    (place / "results_a.json").write_text(json.dumps(RESULTS))
    (place / "results_b.json").write_text(json.dumps(put(RESULTS, ("config", "model_args", "dtype"), "\ud800")))
    found = scores(place, evidence)
    assert found.n_files == 2
    assert all("half a character" in a.reason for a in found.aside if a.file == "results_b.json")
    assert any(a.file == "results_b.json" for a in (*found.aside, *found.refused))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"n-shot": {"gsm8k": [5]}}, "n-shot"),
        ({"n-shot": {"gsm8k": "five"}}, "n-shot"),
        ({"n-shot": {"gsm8k": True}}, "n-shot"),
        ({"n-shot": [5]}, "n-shot"),
        ({"n-samples": [1]}, "n-samples"),
        ({"n-samples": {"gsm8k": 7}}, "n-samples"),
        ({"results": {"gsm8k": {"exact_match,strict-match": "0.5"}}}, "not a number"),
        ({"results": {"gsm8k": {"exact_match,strict-match": [0.5]}}}, "not a number"),
        ({"results": {"gsm8k": {"exact_match,strict-match": float("nan")}}}, "not a number"),
        ({"results": {"gsm8k": {"exact_match,strict-match": 10**400}}}, "not a number"),
        ({"model_name": "\ud800"}, "not text"),
        ({"model_name": ["x"]}, "not text"),
        ({"results": 5}, "no results"),
    ],
)
def test_a_task_or_file_that_cannot_be_used_is_refused_with_its_reason(tmp_path, evidence, change, told):
    (tmp_path / "results_a.json").write_text(json.dumps(RESULTS))
    (tmp_path / "results_b.json").write_text(json.dumps({**RESULTS, **change}))
    found = scores(tmp_path, evidence)
    assert any(told in r.reason and r.file == "results_b.json" for r in found.refused), found.refused
    assert found.n_known + sum(t.height for t in found.accepted.values()) > 0
    (tmp_path / "results_b.json").write_text('{"results": {}, "results": {}}')
    assert any("twice" in r.reason for r in scores(tmp_path, evidence).refused)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(sorted(paths(SAMPLE), key=str)), new=JSON)
def test_whatever_stands_in_a_sample_the_others_are_taken(place, path, new):
    from leadtime.importers import lm_eval_samples

    lines = [
        json.dumps(SAMPLE),
        json.dumps(put(SAMPLE, path, new)),
        '{"doc_id": 7, "acc": 0, "acc": 1}',
        json.dumps({**SAMPLE, "doc_id": 2}),
    ]
    (place / "samples_gsm8k_2025-01-01T00-00-00.jsonl").write_text("\n".join(lines))
    found = lm_eval_samples.responses([place / "samples_gsm8k_2025-01-01T00-00-00.jsonl"])
    assert {"gsm8k/1", "gsm8k/2"} <= set(found.responses["item"])
    assert any(r.row == "row 3" and "twice" in r.reason for r in found.refused)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cells=st.lists(
        st.sampled_from(
            [
                "",
                "1e400",
                "nan",
                "9999-12-31",
                "12/31/9999",
                "0000-00-00",
                "-1",
                "x" * 3000,
                "true",
                "1,234",
                "NVIDIA",
                "H100",
                "\ufeff",
                "=1+1",
            ]
        ),
        min_size=8,
        max_size=8,
    )
)
def test_whatever_stands_in_a_cell_of_epochs_tables_nothing_breaks(place, evidence, cells):
    from leadtime.importers import epoch

    headers = (
        "Name,Chip manufacturer,Start date,End date,Chip type,Number of Units,Compute estimate in H100e (median),Notes",
        (
            "Model,Publication date,Training compute (FLOP),Organization,Parameters,Training hardware,Hardware"
            " quantity,Confidence"
        ),
        "Hardware name,Manufacturer,FP16 (half precision) performance (FLOP/s),TDP,a,b,c,d",
        "performance,benchmark,model,model_version,Source,Source link,stderr,x",
    )
    row = ",".join('"' + c.replace('"', '""') + '"' for c in cells)
    for header in headers:
        (place / "table.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
        epoch.read(place / "table.csv", evidence, known_on=dt.date(2026, 1, 1))


def test_a_quarter_at_the_end_of_the_calendar_is_a_quarter():
    from leadtime.importers.epoch_tables import _is_quarter

    assert _is_quarter(dt.date(9999, 10, 1), dt.date(9999, 12, 31))
    assert _is_quarter(dt.date(2024, 1, 1), dt.date(2024, 3, 31)) and not _is_quarter(
        dt.date(2024, 1, 1), dt.date(2024, 3, 30)
    )


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(which=st.sampled_from(["summaries.json", "header.json"]), data=st.data(), new=JSON)
def test_whatever_stands_in_a_log_of_inspect_the_other_is_taken(tmp_path_factory, which, data, new):
    inspect_logs = pytest.importorskip("test_inspect_logs")
    folder = tmp_path_factory.mktemp("inspect")
    inspect_logs.write(folder / "good.json", ["C"], model="a/good")
    path = inspect_logs.write(folder / "odd.eval", ["C", "I"], model="a/odd", uuid="s")
    with zipfile.ZipFile(path) as packed:
        parts = {n: packed.read(n) for n in packed.namelist()}
    whole = json.loads(parts[which])
    base = whole[0] if which == "summaries.json" else whole
    changed = put(base, data.draw(st.sampled_from(sorted(paths(base), key=str))), new)
    parts[which] = json.dumps([changed, whole[1]] if which == "summaries.json" else changed).encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    rows, refused, notes = inspect_logs.take(folder)
    assert rows["a/good", "gpqa/1"] == 1.0
    for told in (*refused, *notes):
        assert told.encode()
