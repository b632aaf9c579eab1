"""Attacks on the readers of files that a user was given: what they are, how large they become, how long they take, what they say."""

import contextlib
import datetime as dt
import gzip
import io
import json
import os
import re
import socketserver
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError

# -- what a file is --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log():
    from leadtime.rules.rulebook import Rulebook

    return Rulebook.open().log


@pytest.fixture(scope="module")
def evidence():
    from leadtime.evidence import Evidence

    return Evidence.load(as_of=dt.date.max)


def readers(log, evidence, tmp_path):
    """Every reader of a file that a user names."""
    from leadtime.answers.itemized import group_of
    from leadtime.capability.items.read import read
    from leadtime.capability.items.tables import read_items
    from leadtime.capability.scores_file import read_scores
    from leadtime.cost.config import read_config
    from leadtime.importers import epoch, lm_eval, plain
    from leadtime.rules import batch, ledger

    day = dt.date(2026, 1, 1)
    return {
        "scores": read_scores, "items": lambda p: read([p]), "held items": read_items, "config": read_config,
        "group": lambda p: group_of(["x"], str(p), evidence), "ledger": lambda p: ledger.read(log, p),
        "batch": lambda p: batch.run(log, p, tmp_path / "out.csv", tmp_path / "rejects.csv", day),
        "plain": lambda p: plain.read(p, "scores", evidence), "epoch": lambda p: epoch.read(p, evidence, known_on=day),
        "samples": lambda p: lm_eval.responses([p]),
    }  # fmt: skip


def in_time(run, seconds=20.0):
    """Run in a thread that is not waited for: what hangs is a failure."""
    found = []

    def body():
        try:
            found.append(run())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "it hangs"
    return found[0]


def test_only_regular_files_are_read(log, evidence, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "circle.csv").symlink_to(tmp_path / "circle.csv")
    for name, read in readers(log, evidence, tmp_path).items():
        for file in ("pipe.csv", "device.csv", "circle.csv", "not-there.csv"):
            told = in_time(lambda read=read, file=file: read(tmp_path / file))
            assert isinstance(told, LeadtimeError), (name, file, told)
            assert file in str(told) and "Traceback" not in str(told), (name, file)
    reading, writing = os.pipe()
    told = in_time(lambda: readers(log, evidence, tmp_path)["scores"](Path(f"/dev/fd/{reading}")))
    assert "is a pipe" in str(told) and "Save it to a file first" in str(told)
    os.close(reading)
    os.close(writing)


def test_a_file_that_is_too_large_is_told_before_it_is_read(log, evidence, tmp_path):
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(600_000_000_000)  # it takes no place on the disk
    for name, read in readers(log, evidence, tmp_path).items():
        told = in_time(lambda read=read: read(tmp_path / "large.csv"), 5)
        assert isinstance(told, LeadtimeError) and "bytes" in told.what, (name, told)


def test_a_link_that_leads_out_of_a_folder_is_not_followed(tmp_path):
    from leadtime.capability.items.read import read
    from leadtime.importers import archive

    secret = tmp_path / "secret.csv"
    secret.write_text("model,score\nsecret,1\n")
    folder = tmp_path / "given" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.csv").symlink_to(secret)
    (folder / "a.parquet").symlink_to(secret)
    for run in (lambda: list(archive.contents(tmp_path / "given", ".csv")), lambda: read([tmp_path / "given"])):
        with pytest.raises(LeadtimeError, match="leads out") as told:
            run()
        assert "secret" not in str(told.value)


# -- how large it becomes ----------------------------------------------------------------------------------------------------------------------


def test_columns_are_counted_truly_and_names_are_there_once(monkeypatch):
    from leadtime.evidence import csv_rows

    for n in (1001, 1_000_000):
        with pytest.raises(LeadtimeError, match=f"has {n:,} columns"):
            csv_rows.rows_of(",".join(f"c{i}" for i in range(n)).encode() + b"\n1\n", "a.csv")
    quoted = ",".join(['"a,\n""b"'] * 2000).encode() + b"\n"
    with pytest.raises(LeadtimeError, match="has 2,000 columns"):
        csv_rows.rows_of(quoted, "a.csv")
    with pytest.raises(LeadtimeError, match="first row has more than"):
        csv_rows.rows_of(b"x" * 10_000_001, "a.csv")
    with pytest.raises(LeadtimeError, match="'b' twice"):
        csv_rows.rows_of(b"a,b,b\n1,2,3\n", "a.csv")
    for bound, told in (("MOST_ROWS", "more than 10 rows"), ("MOST_CELLS", "more than 10 cells")):
        with monkeypatch.context() as narrow, pytest.raises(LeadtimeError, match=told):
            narrow.setattr(csv_rows, bound, 10)
            csv_rows.rows_of(b"a,b\n" + b"\n" * 20, "a.csv")
    monkeypatch.setattr(csv_rows, "MOST_PROBLEMS", 10)
    for row in (b"1\n", b"1,\x07\n"):
        with pytest.raises(LeadtimeError, match="more than 10 of its cells and rows"):
            csv_rows.rows_of(b"a,b\n" + row * 11, "a.csv")
    assert csv_rows.rows_of(b'a,b\n1,"2\n3"\n4,5', "a.csv")[0].rows() == [("1", "2\n3", 3), ("4", "5", 4)]


def parquet(path, **columns):
    pl.DataFrame(columns).write_parquet(path)
    return path


def score_rows(n, **more):
    return {"model": ["m"] * n, "benchmark": ["b"] * n, "score": [0.5] * n, **more}


def test_parquet_of_many_equal_rows_is_refused_by_its_footer(tmp_path):
    from leadtime.capability.scores_file import read_scores

    n = 6_000_000
    table = pl.DataFrame({"score": pl.repeat(0.5, n, eager=True)}).with_columns(
        model=pl.lit("m"), benchmark=pl.lit("b")
    )
    table.write_parquet(tmp_path / "bomb.parquet", row_group_size=n)
    begun = time.monotonic()
    with pytest.raises(LeadtimeError, match="6,000,000 rows"):
        read_scores(tmp_path / "bomb.parquet")
    assert time.monotonic() - begun < 1


def test_one_group_of_rows_has_a_bound_and_many_are_streamed(tmp_path, monkeypatch):
    from leadtime import parquet as bounds
    from leadtime.capability.items.read import read

    rows = pl.DataFrame(
        {
            "model": [f"m{i % 3}" for i in range(3000)],
            "item": [f"i{i // 3}" for i in range(3000)],
            "score": [i % 2 for i in range(3000)],
        }
    )
    rows.write_parquet(tmp_path / "many.parquet", row_group_size=500)
    rows.write_parquet(tmp_path / "one.parquet", row_group_size=3000)
    monkeypatch.setattr(bounds, "MOST_GROUP_ROWS", 1000)
    assert read([tmp_path / "many.parquet"], streamed=True, rows=700).n_responses == 3000
    with pytest.raises(LeadtimeError, match="3,000 rows in one row group"):
        read([tmp_path / "one.parquet"])
    monkeypatch.setattr(bounds, "MOST_GROUP_BYTES", 100)
    with pytest.raises(LeadtimeError, match="unpacks to more than 100 bytes"):
        read([tmp_path / "many.parquet"])


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (score_rows(0), "there are no rows"),
        (score_rows(2, score=[[0.5], [0.1]]), "holds lists"),
        (score_rows(2, model=[{"a": 1}, {"a": 2}]), "holds lists or records"),
        (score_rows(2, model=[b"\xff", b"b"]), "neither text nor numbers"),
        (score_rows(2, model=["x" * 20_000, "b"]), "more than 10,000 bytes"),
        (score_rows(2, score=[None, None]), "2 rows cannot be used"),
        (score_rows(2, score=[dt.datetime(2026, 1, 1), None]), "neither text nor numbers"),  # noqa: DTZ001
        (score_rows(2, **{f"c{i}": [1, 2] for i in range(1000)}), "more than 1,000 columns"),
    ],
)
def test_parquet_of_another_kind_is_told_in_a_line(tmp_path, columns, told):
    from leadtime.capability.items.read import read
    from leadtime.capability.scores_file import read_scores

    for reader, names in ((read_scores, {}), (lambda p: read([p]), {"benchmark": "item"})):
        with pytest.raises(LeadtimeError) as caught:
            reader(parquet(tmp_path / "a.parquet", **{names.get(k, k): v for k, v in columns.items()}))
        assert told in str(caught.value) or (
            told == "2 rows cannot be used" and "the response is None" in str(caught.value)
        )
        assert "a.parquet" in str(caught.value)


def test_parquet_of_usual_kinds_is_read(tmp_path):
    from leadtime.capability.scores_file import read_scores

    kinds = {"model": pl.Categorical, "benchmark": pl.Enum(["b"]), "score": pl.Decimal(10, 4)}
    table = pl.DataFrame(score_rows(3, extra=[[1], [2], [3]])).with_columns(pl.col(c).cast(k) for c, k in kinds.items())
    for packed in ("zstd", "snappy", "gzip", "brotli", "lz4", "uncompressed"):
        table.write_parquet(tmp_path / "a.parquet", compression=packed)
        assert read_scores(tmp_path / "a.parquet").rows() == [("m", "b", 0.5)] * 3


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def test_parquet_that_lies_or_is_torn_never_ends_in_more_than_a_line(tmp_path, capfd):
    from leadtime import parquet as bounds
    from leadtime.capability.items.read import read
    from leadtime.capability.scores_file import read_scores

    whole = parquet(tmp_path / "a.parquet", **score_rows(300), item=["i"] * 300).read_bytes()
    tried = [whole[:n] for n in (4, 8, 11, 12, 40, len(whole) - 1)]
    tried += [
        whole[:i] + bytes([whole[i] ^ bit]) + whole[i + 1 :] for i in range(4, len(whole), 23) for bit in (1, 128)
    ]
    huge = varint(2 * 2_000_000_000)
    tried += [whole.replace(varint(2 * 300), huge, 1), whole.replace(varint(2 * 300), huge)]
    path = tmp_path / "b.parquet"
    n_refused = 0
    for content in tried:
        path.write_bytes(content)
        for reader in (read_scores, lambda p: read([p])):
            try:
                reader(path)
            except LeadtimeError as error:
                n_refused += 1
                assert str(path) in str(error), error
    assert n_refused > len(tried) / 2 and capfd.readouterr().err == ""
    with pytest.raises(LeadtimeError, match="ends before its end"):
        bounds.footer(io.BytesIO(b"PAR1" + b"\x19\xfc\xff\xff\xff\xff\x0f" + (7).to_bytes(4, "little") + b"PAR1"))


def test_what_gzip_unpacks_to_has_a_bound(tmp_path, monkeypatch):
    from leadtime import stranger
    from leadtime.capability.items.read import read

    head = b"model,item,response\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(head) + gzip.compress(b"a,b,1\n"))
    assert read([tmp_path / "a.csv.gz"]).n_responses == 1
    monkeypatch.setattr(stranger, "MOST_TABLE", 1_000_000)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(head + bytes(50_000_000)))
    for name, told in (("bomb.csv.gz", "unpacks to more"), ("torn.csv.gz", "is torn")):
        (tmp_path / "torn.csv.gz").write_bytes(gzip.compress(head)[:-3])
        with pytest.raises(LeadtimeError, match=told):
            read([tmp_path / name])


# -- archives ----------------------------------------------------------------------------------------------------------------------------------


def zipped(path, *members, packed=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", packed) as z:
        for name, content in members:
            z.writestr(name, content)
    return path


def lying(path, size, packed=zipfile.ZIP_DEFLATED):
    """A zip whose directory says another size than its file unpacks to, with a checksum that fits what it says."""
    import zlib

    zipped(path, ("a.csv", bytes(3_000_000)), packed=packed)
    content = path.read_bytes()
    for mark, at in ((b"PK\x01\x02", 16), (b"PK\x03\x04", 14)):
        i = content.rindex(mark) + at
        content = (
            content[:i]
            + zlib.crc32(bytes(size)).to_bytes(4, "little")
            + content[i + 4 : i + 8]
            + size.to_bytes(4, "little")
            + content[i + 12 :]
        )
    path.write_bytes(content)
    return path


def traps(tmp_path):
    """Zips that are none, each with what is said of it."""
    same = zipped(tmp_path / "same.zip", ("a.csv", "x"), ("b.csv", "y" * 50))
    content = same.read_bytes()
    at = content.rindex(b"PK\x01\x02") + 42
    (tmp_path / "overlap.zip").write_bytes(content[:at] + bytes(4) + content[at + 4 :])
    content = zipped(tmp_path / "x.zip", ("a.csv", "x")).read_bytes()
    at = content.rindex(b"PK\x01\x02") + 8
    (tmp_path / "secret.zip").write_bytes(content[:at] + b"\x01" + content[at + 1 :])
    (tmp_path / "nul.zip").write_bytes(
        zipped(tmp_path / "x.zip", ("a.csvQx", "x")).read_bytes().replace(b"a.csvQx", b"a.csv\0x")
    )
    (tmp_path / "torn.zip").write_bytes(content[: len(content) // 2])
    with pytest.warns(UserWarning, match="Duplicate"):
        zipped(tmp_path / "twice.zip", ("a.csv", "x"), ("a.csv", "y"))
    zipped(tmp_path / "bz2.zip", ("a.csv", bytes(10_000)), packed=zipfile.ZIP_BZIP2)
    zipped(tmp_path / "long.zip", ("x" * 2000 + ".csv", "x"))
    zipped(tmp_path / "nested.zip", ("a.csv", "x"), ("b.zip", "PK"))
    lying(tmp_path / "more.zip", 100)
    lying(tmp_path / "less.zip", 4_000_000)
    return {
        "overlap": "overlap", "secret": "encrypted", "nul": "name is none", "torn": "no whole archive", "twice": "twice", "bz2": "not read",
        "long": "name is none", "nested": "archive itself", "more": "another size", "less": "another size|cannot be read",
    }  # fmt: skip


def test_a_zip_that_is_not_what_its_directory_says_is_refused(tmp_path):
    from leadtime.importers import archive

    for name, told in traps(tmp_path).items():
        with pytest.raises(LeadtimeError, match=told) as caught:
            list(archive.contents(tmp_path / f"{name}.zip", ".csv"))
        assert f"{name}.zip" in str(caught.value)


def test_a_log_that_holds_a_name_twice_or_lies_is_refused_and_others_are_taken(tmp_path):
    pytest.importorskip("inspect_ai")
    from leadtime.importers import inspect

    for name in traps(tmp_path):
        (tmp_path / f"{name}.zip").rename(tmp_path / f"{name}.eval")
    found = in_time(lambda: inspect.read([tmp_path]))
    why = {r.file.removesuffix(".eval"): r.reason for r in found.refused}
    assert "twice" in why["twice"] and "another size" in why["more"] and "overlap" in why["overlap"]


# -- what is in it -------------------------------------------------------------------------------------------------------------------------------

RESULTS = {
    "results": {"gsm8k": {"alias": "gsm8k", "exact_match,strict-match": 0.5, "exact_match_stderr,strict-match": 0.01}, "winogrande": {"acc,none": 0.7}},
    "configs": {"gsm8k": {"task": "gsm8k", "num_fewshot": 5}}, "n-shot": {"gsm8k": 5, "winogrande": 0}, "versions": {"gsm8k": 3},
    "n-samples": {"gsm8k": {"original": 1319, "effective": 1319}}, "config": {"model": "hf", "model_args": "pretrained=deepseek-ai/DeepSeek-V3", "limit": None},
    "date": 1738000000.5, "model_name": "deepseek-ai/DeepSeek-V3",
}  # fmt: skip
SAMPLE = {"doc_id": 1, "doc": {"q": "x"}, "filter": "none", "acc": 1.0, "metrics": ["acc"], "target": "1"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400) | st.sampled_from(["", "x", "\ud800", "5", "a\x00b", "x" * 2000]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["gsm8k", "original", "\udfff"]), inner, max_size=2), max_leaves=4,
)  # fmt: skip


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


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
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


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"n-shot": {"gsm8k": [5]}}, "n-shot"), ({"n-shot": {"gsm8k": "five"}}, "n-shot"), ({"n-shot": {"gsm8k": True}}, "n-shot"), ({"n-shot": [5]}, "n-shot"),
        ({"n-samples": [1]}, "n-samples"), ({"n-samples": {"gsm8k": 7}}, "n-samples"), ({"results": {"gsm8k": {"exact_match,strict-match": "0.5"}}}, "no number"),
        ({"results": {"gsm8k": {"exact_match,strict-match": [0.5]}}}, "no number"), ({"results": {"gsm8k": {"exact_match,strict-match": float("nan")}}}, "no number"),
        ({"results": {"gsm8k": {"exact_match,strict-match": 10**400}}}, "no number"), ({"model_name": "\ud800"}, "no text"), ({"model_name": ["x"]}, "no text"),
        ({"results": 5}, "no results"),
    ],
)  # fmt: skip
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
    from leadtime.importers import lm_eval

    lines = [
        json.dumps(SAMPLE),
        json.dumps(put(SAMPLE, path, new)),
        '{"doc_id": 7, "acc": 0, "acc": 1}',
        json.dumps({**SAMPLE, "doc_id": 2}),
    ]
    (place / "samples_gsm8k_2025-01-01T00-00-00.jsonl").write_text("\n".join(lines))
    found = lm_eval.responses([place / "samples_gsm8k_2025-01-01T00-00-00.jsonl"])
    assert {"gsm8k/1", "gsm8k/2"} <= set(found.responses["item"])
    assert any(r.row == "row 3" and "twice" in r.reason for r in found.refused)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=st.lists(st.sampled_from(["", "1e400", "nan", "9999-12-31", "12/31/9999", "0000-00-00", "-1", "x" * 3000, "true", "1,234", "NVIDIA", "H100", "\ufeff", "=1+1"]), min_size=8, max_size=8))  # fmt: skip
def test_whatever_stands_in_a_cell_of_epochs_tables_nothing_breaks(place, evidence, cells):
    from leadtime.importers import epoch

    headers = (
        "Name,Chip manufacturer,Start date,End date,Chip type,Number of Units,Compute estimate in H100e (median),Notes",
        "Model,Publication date,Training compute (FLOP),Organization,Parameters,Training hardware,Hardware quantity,Confidence",
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


def test_a_batch_holds_no_line_without_end_and_tells_the_long_ones(log, tmp_path):
    from leadtime.rules import batch

    day = dt.date(2026, 1, 1)
    (tmp_path / "endless.csv").write_bytes(b"x" * 5_000_000)
    with pytest.raises(LeadtimeError, match="more than 100,000 bytes"):
        batch.run(log, tmp_path / "endless.csv", tmp_path / "o.csv", tmp_path / "r.csv", day)
    (tmp_path / "a.csv").write_bytes(
        b"chip,to,on\nH100,CHN,2025-01-01\nH100,CHN," + b"9" * 5_000_000 + b"\nH100,FRA,2025-01-01\n" + b"y" * 300_000
    )
    done = batch.run(log, tmp_path / "a.csv", tmp_path / "o.csv", tmp_path / "r.csv", day)
    assert (done.n_answered, done.n_refused) == (2, 2)
    assert [row for row, _ in done.first_problems] == [3, 5] and "more than 100,000 bytes" in done.first_problems[0][1]
    (tmp_path / "wide.csv").write_text(",".join(["chip,to,on", *(f"c{i}" for i in range(2000))]) + "\n")
    with pytest.raises(LeadtimeError, match="2,003 columns"):
        batch.run(log, tmp_path / "wide.csv", tmp_path / "o.csv", tmp_path / "r.csv", day)


# -- how long it takes -----------------------------------------------------------------------------------------------------------------------------


def nasty(log, tmp_path):
    """For each reader, a size and what makes and reads an input of a size."""
    from leadtime.cost.config import parse_config, read_config
    from leadtime.evidence.csv_rows import rows_of
    from leadtime.importers import lm_eval
    from leadtime.rules import batch, ledger

    llama = {"model_type": "qwen3_moe", "num_hidden_layers": 4000, "hidden_size": 64, "vocab_size": 10, "num_attention_heads": 4, "head_dim": 16,
             "intermediate_size": 10, "moe_intermediate_size": 10, "num_experts": 4, "num_experts_per_tok": 2, "num_key_value_heads": 4}  # fmt: skip

    def rows(header, row, read):
        def make(n):
            text = header + "".join(row.format(i=i) for i in range(n))
            return lambda: refused(read, text)

        return make

    def on_disk(read):
        def run(text):
            (tmp_path / "x.csv").write_text(text)
            read(tmp_path / "x.csv")

        return run

    def refused(read, text):
        with contextlib.suppress(LeadtimeError):
            read(text)

    def csv(text):
        return rows_of(text.encode(), "x.csv")

    sample = '{{"doc_id": {i}, "acc": 1}}\n'
    todo = on_disk(lambda p: batch.run(log, p, tmp_path / "o.csv", tmp_path / "r.csv", dt.date(2026, 1, 1)))
    return {
        "config, names": (20_000, rows('{"x": 1', ', "f{i}": 1', lambda text: parse_config(text + ', "x": 2}'))),
        "config, layers": (20_000, lambda n: lambda: refused(read_config, {**llama, "mlp_only_layers": list(range(10_000, 10_000 + n))})),
        "results, names": (20_000, rows('{"results": {"x": {"y": 1', ', "f{i}": 1', lambda text: lm_eval._results(text.encode() + b"}}}"))),
        "samples": (20_000, rows("", sample, lambda text: lm_eval._samples("samples_x.jsonl", text.encode()))),
        "samples, refused": (20_000, rows("", "[{i}\n", lambda text: lm_eval._samples("samples_x.jsonl", text.encode()))),
        "csv, quoted": (10_000, rows("a,b\n", '"x{i}","y""\n"\n', csv)),
        "csv, irregular": (10_000, rows("a,b\n", "x{i}\n", csv)),
        "csv, control": (10_000, rows("a,b\n", "x{i},\x07\n", csv)),
        "csv, open quotes": (100_000, rows("a,b\n", 'x"{i},', csv)),
        "csv, wide": (50_000, rows("a", ",c{i}", csv)),
        "ledger": (5_000, rows("date,chip,to,quantity\n", "2026-02-01,h200,CHN,{i}\n", on_disk(lambda p: ledger.check(log, p, dt.date(2026, 6, 1))))),
        "batch, chips": (5_000, rows("chip,to,on\n", "no{i},CHN,2025-01-01\n", todo)),
        "batch, places": (5_000, rows("chip,to,on\n", "H100,no{i},2025-01-01\n", todo)),
        "batch, days": (5_000, rows("chip,to,on\n", "H100,CHN,{i}\n", todo)),
        "batch, exporters": (5_000, rows("chip,to,on,exporter\n", "H100,CHN,2025-01-01,e{i}\n", todo)),
    }  # fmt: skip


def test_time_grows_no_faster_than_a_file(log, tmp_path):
    def spent(run):
        begun = time.process_time()
        run()
        return time.process_time() - begun

    slow = {}
    for name, (n, make) in nasty(log, tmp_path).items():
        single, double = make(n), make(2 * n)
        one, two = spent(single), spent(double)
        for _ in range(2):  # only what seems slow is looked at again
            if two > 2.5 * one:
                one, two = min(one, spent(single)), min(two, spent(double))
        if two > 3 * max(one, 0.02):
            slow[name] = (round(one, 3), round(two, 3))
    assert slow == {}


# -- downloads ---------------------------------------------------------------------------------------------------------------------------------


class Raw:
    """A server that answers every connection with the same bytes, then sends one byte a moment for ever, or closes."""

    def __init__(self, answer, drip=b""):
        self.asked = []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                outer.asked.append(self.request.recv(4096))
                with contextlib.suppress(OSError):
                    self.request.sendall(answer)
                    while drip:
                        self.request.sendall(drip)
                        time.sleep(0.02)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/a.csv"
        threading.Thread(target=self.server.serve_forever, daemon=True, args=(0.05,)).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.parametrize(
    ("answer", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"), (b"HTTP/1.1 200 OK\r\n\r\n", b"x"), (b"HTTP/1.1 200 OK\r\nX: ", b"x"), (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)  # fmt: skip
def test_a_download_ends_whatever_the_server_does(tmp_path, answer, drip):
    from leadtime.importers import fetch

    with Raw(answer, drip) as server:
        told = in_time(lambda: fetch.fetch(server.url, tmp_path, wait_s=0.01, within_s=0.3), 5)
    assert isinstance(told, LeadtimeError) and "took longer than 0.3 seconds" in told.what, told
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.parametrize(
    "asked", ["99999999", "9" * 5000, "-5", "soon", "Fri, 01 Jan 9999 00:00:00 GMT", "Mon, 01 Jan 1900 00:00:00 GMT"]
)
def test_no_wait_is_longer_than_ours(tmp_path, monkeypatch, asked):
    from leadtime.importers import fetch

    monkeypatch.setattr(fetch, "MOST_WAIT_S", 0.05)
    with Raw(f"HTTP/1.1 503 Busy\r\nRetry-After: {asked}\r\nContent-Length: 0\r\n\r\n".encode()) as server:
        told = in_time(lambda: fetch.fetch(server.url, tmp_path, wait_s=0.01), 5)
        assert "503" in told.what and len(server.asked) == fetch.TRIES


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "sent packed"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "cut off"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000 + b"\r\n", "cut off"), (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "cannot be reached|cut off"),
        (b"HTTP/1.1 302 Found\r\nLocation: /a.csv\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "cannot be reached"), (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "cannot be reached"),
        (b"SSH-2.0-x\r\n", "cut off"), (b"", "cut off"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_told_and_nothing_is_kept(tmp_path, answer, told):
    from leadtime.importers import fetch

    with Raw(answer) as server:
        error = in_time(lambda: fetch.fetch(server.url, tmp_path, wait_s=0.01, within_s=5))
    assert isinstance(error, LeadtimeError), error
    assert re.search(told, error.what), error
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "x" * 300 + ".csv",
        "a%00.csv",
        "..",
        "%2e%2e%5c%2e%2e%5cx",
        "a\\..\\b",
        "CON",
        "nul.csv",
        "ä" * 200,
        " ",
        "a\nb",
        "",
    ],
)
def test_any_name_of_a_file_is_made_a_usual_one(tmp_path, name):
    from leadtime.importers import fetch

    with Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") as server:
        found = fetch.fetch(server.url.replace("a.csv", name), tmp_path)
    assert (tmp_path / "downloads" / found.file).read_bytes() == b"x"
    assert re.fullmatch(r"[\w%-][\w.%-]{0,120}", found.file) and found.file.split(".")[0].casefold() not in (
        "con",
        "nul",
    )
    assert {p.name for p in tmp_path.rglob("*") if p.is_file()} == {found.file, "downloads.json"}


def test_a_study_of_a_stranger_does_not_lead_a_download_elsewhere(tmp_path):
    from leadtime.importers import fetch

    (tmp_path / "other").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "downloads").symlink_to(tmp_path / "other")
    (tmp_path / "b" / "downloads").mkdir(parents=True)
    os.mkfifo(tmp_path / "b" / "downloads" / "a.csv")
    (tmp_path / "c" / "downloads").mkdir(parents=True)
    (tmp_path / "c" / "downloads" / "downloads.json").write_text(json.dumps([{"url": "http://127.0.0.1:9/a.csv", "file": "a\0", "sha256": "", "etag": "a\r\nb: c", "n_bytes": [], "modified_on": "x"}]))  # fmt: skip
    for study in ("a", "b", "c"):
        told = in_time(lambda study=study: fetch.fetch("http://127.0.0.1:9/a.csv", tmp_path / study, wait_s=0.01))
        assert isinstance(told, LeadtimeError), told
    for address in ("ftp://a/x", "file:///etc/passwd", "http://", "http://[::1", "x", "http://a\udc00/x"):
        with pytest.raises(LeadtimeError):
            fetch.fetch(address, tmp_path / "d", wait_s=0.01)
    assert list((tmp_path / "other").iterdir()) == []


# -- queries -----------------------------------------------------------------------------------------------------------------------------------

SPILLS = "select count(*) from (select hash(range) h, hash(range + 1) g from range({}) order by h)"


@pytest.mark.parametrize(
    ("n", "seconds", "disk"),
    [(6_000_000, 30, 1_000_000_000), (200_000_000, 1.5, 1_000_000_000), (60_000_000, 30, 20_000_000)],
)
def test_a_query_writes_nothing_but_in_a_folder_that_goes(tmp_path, monkeypatch, n, seconds, disk):
    pytest.importorskip("duckdb")
    from leadtime.extract import sql
    from leadtime.study import Study

    stand, folder = tmp_path / "stand", tmp_path / "tmp"
    stand.mkdir()
    folder.mkdir()
    monkeypatch.chdir(stand)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(sql, "MEMORY_BYTES", 40_000_000)
    monkeypatch.setattr(sql, "DISK_BYTES", disk)
    spilled, over = [], threading.Event()

    def watch():
        while not over.wait(0.02):
            spilled.extend(str(p) for p in folder.rglob("*.tmp"))
            assert list(stand.iterdir()) == []

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        found = sql.ask(Study(method="map", draws=60), SPILLS.format(n), seconds=seconds).item()
    except LeadtimeError as error:
        found = error.what
    over.set()
    watching.join()
    assert (
        found == n if seconds == 30 and disk > 1e8 else re.search("took longer|wants more memory and disk", str(found))
    )
    assert spilled, "nothing was spilled: the test proves nothing"
    assert list(stand.iterdir()) == [] and list(folder.iterdir()) == []


def test_a_query_ends_with_whoever_asked(tmp_path):
    pytest.importorskip("duckdb")
    query = SPILLS.format(2_000_000_000)
    with subprocess.Popen(
        [sys.executable, "-m", "leadtime", "sql", query], cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as process:
        until = time.monotonic() + 30
        while not list(tmp_path.glob("leadtime-*/query.sql")) and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.5)
        process.kill()
    until = time.monotonic() + 10
    while list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []


# -- the terminal ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("streams", "code", "told"),
    [(">&-", 1, "the standard output is closed"), ("2>&-", 0, ""), ("<&-", 0, ""), (">&- 2>&- <&-", 1, ""), (">/dev/full", 1, "No space left"), (">/dev/full 2>/dev/full", 1, "")],
)  # fmt: skip
def test_a_closed_or_full_terminal_is_told_in_a_line(tmp_path, streams, code, told):
    command = f'"{sys.executable}" -m leadtime schema {streams}'
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    assert told in done.stderr and "Traceback" not in done.stderr and "should not" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2 and list(tmp_path.iterdir()) == []


def test_a_lack_of_memory_is_told_in_a_line(tmp_path):
    from leadtime.cli.trouble import told

    panic = type("PanicException", (BaseException,), {})
    for error in (MemoryError(), RuntimeError("can't start new thread"), panic("could not spawn threads: Resource temporarily unavailable"),
                  ImportError("libx.so: failed to map segment from shared object"), RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8 bytes")):  # fmt: skip
        assert told(error).startswith("the system gives no more memory")
    for limit in (300_000, 600_000, 1_000_000):
        command = f'ulimit -v {limit}; "{sys.executable}" -m leadtime evidence models'
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and done.stderr.startswith("error: the system gives no more memory"), done.stderr
        assert len(done.stderr.splitlines()) == 2
