"""Attacks on the readers of files that a user was given: what a file is, how long it takes, what is told in a terminal
that takes nothing.
"""

import contextlib
import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leadtime.errors import LeadtimeError
from readers_side import in_time, readers


@pytest.fixture(scope="module")
def log():
    from leadtime.rules.rulebook import Rulebook

    return Rulebook.open().log


@pytest.fixture(scope="module")
def evidence():
    from leadtime.evidence import Evidence

    return Evidence.load(as_of=dt.date.max)


# -- what a file is
# ----------------------------------------------------------------------------------------------------------------------


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


# -- how long it takes
# ---------------------------------------------------------------------------------------------------------------------


def nasty(log, tmp_path):
    """For each reader, a size and what makes and reads an input of a size."""
    from leadtime.cost.fields import parse_config
    from leadtime.cost.reading import read_network
    from leadtime.evidence.csv_rows import rows_of
    from leadtime.importers import lm_eval_lines, lm_eval_run
    from leadtime.rules import batch, ledger

    llama = {
        "model_type": "qwen3_moe",
        "num_hidden_layers": 4000,
        "hidden_size": 64,
        "vocab_size": 10,
        "num_attention_heads": 4,
        "head_dim": 16,
        "intermediate_size": 10,
        "moe_intermediate_size": 10,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "num_key_value_heads": 4,
    }

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
        "config, layers": (
            20_000,
            lambda n: lambda: refused(read_network, {**llama, "mlp_only_layers": list(range(10_000, 10_000 + n))}),
        ),
        "results, names": (
            20_000,
            rows('{"results": {"x": {"y": 1', ', "f{i}": 1', lambda text: lm_eval_run.parsed(text.encode() + b"}}}")),
        ),
        "samples": (
            20_000,
            rows("", sample, lambda text: lm_eval_lines.read_lines(text.encode(), "samples_x.jsonl", "x", None)),
        ),
        "samples, refused": (
            20_000,
            rows("", "[{i}\n", lambda text: lm_eval_lines.read_lines(text.encode(), "samples_x.jsonl", "x", None)),
        ),
        "csv, quoted": (10_000, rows("a,b\n", '"x{i}","y""\n"\n', csv)),
        "csv, irregular": (10_000, rows("a,b\n", "x{i}\n", csv)),
        "csv, control": (10_000, rows("a,b\n", "x{i},\x07\n", csv)),
        "csv, open quotes": (100_000, rows("a,b\n", 'x"{i},', csv)),
        "csv, wide": (50_000, rows("a", ",c{i}", csv)),
        "ledger": (
            700,
            rows(
                "date,chip,to,quantity\n",
                "2026-02-01,h200,CHN,{i}\n",
                on_disk(lambda p: ledger.check(log, p, dt.date(2026, 6, 1))),
            ),
        ),
        "batch, chips": (5_000, rows("chip,to,on\n", "no{i},CHN,2025-01-01\n", todo)),
        "batch, places": (5_000, rows("chip,to,on\n", "H100,no{i},2025-01-01\n", todo)),
        "batch, days": (5_000, rows("chip,to,on\n", "H100,CHN,{i}\n", todo)),
        "batch, exporters": (5_000, rows("chip,to,on,exporter\n", "H100,CHN,2025-01-01,e{i}\n", todo)),
    }


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


# -- the terminal
# ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("streams", "code", "told"),
    [
        (">&-", 1, "nothing reads the output of this command"),
        ("2>&-", 0, ""),
        ("<&-", 0, ""),
        (">&- 2>&- <&-", 1, ""),
        (">/dev/full", 1, "no space left"),
        (">/dev/full 2>/dev/full", 1, ""),
    ],
)
def test_a_closed_or_full_terminal_is_told_in_a_line(tmp_path, streams, code, told):
    command = f'"{sys.executable}" -m leadtime schema {streams}'
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    assert told in done.stderr and "Traceback" not in done.stderr and "should not" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2 and list(tmp_path.iterdir()) == []


def test_a_lack_of_memory_is_told_in_a_line(tmp_path):
    from leadtime.cli.trouble import told

    panic = type("PanicException", (BaseException,), {})
    for error in (
        MemoryError(),
        RuntimeError("can't start new thread"),
        panic("could not spawn threads: Resource temporarily unavailable"),
        ImportError("libx.so: failed to map segment from shared object"),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8 bytes"),
    ):
        assert told(error).startswith("this computer has no more memory")
    for limit in (300_000, 600_000, 1_000_000):
        command = f'ulimit -v {limit}; "{sys.executable}" -m leadtime evidence models'
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and done.stderr.startswith("error: this computer has no more memory"), done.stderr
        assert len(done.stderr.splitlines()) == 2
