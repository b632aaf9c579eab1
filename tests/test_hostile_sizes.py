"""Files of a study that are long, wide or many: time grows with their size, and what is beyond the bounds is refused at
once.
"""

import time
import tracemalloc

import pytest

from leadtime.errors import LeadtimeError
from leadtime.evidence import lock, parts, settings, validate, yaml_text
from leadtime.evidence.tables import TABLES
from leadtime.folder.check import check

HEAD = b"model,benchmark,score,evaluator,report_type,known_on,source\n"


def table(content):
    validate.table_of(content, TABLES["scores"], "scores.csv")


def own(name):
    def read(content, folder):
        (folder / name).write_bytes(content)
        (lock if name == lock.NAME else settings).read(folder)

    return read


#: What reads, what it reads of a size, and the first size; it is doubled twice.
NASTY = {
    "CSV, many columns": (table, lambda n: b",".join(b"c%d" % i for i in range(n)) + b"\n" + b"," * n + b"\n", 300),
    "CSV, columns alike": (table, lambda n: b",".join([b"model"] * n) + b"\n", 20_000),
    "CSV, quotes": (table, lambda n: HEAD + b'"a""b",' * n, 40_000),
    "CSV, a quote left open": (table, lambda n: HEAD + b'"' + b"a\n" * n, 30_000),
    "CSV, short rows": (table, lambda n: HEAD + b"a\n" * n, 8_000),
    "CSV, wrong cells": (table, lambda n: HEAD + b"a,b,1,c,d,e,f\n" * n, 4_000),
    "CSV, keys alike": (table, lambda n: HEAD + b"a,b,0.1,c,independent,2024-05-01,f\n" * n, 8_000),
    "CSV, empty lines": (table, lambda n: HEAD + b"\n" * n, 80_000),
    "CSV, a long cell": (table, lambda n: HEAD + b"a" * n + b",b,1,c,d,e,f\n", 200_000),
    "CSV, control": (table, lambda n: HEAD + b"a\x01,b,1,c,d,e,f\n" * n, 10_000),
    "YAML, lists": (lambda c: yaml_text.parse(c.decode(), "a", fix=""), lambda n: b"a: [" + b"a," * n + b"a]\n", 800),
    "YAML, keys": (
        lambda c: yaml_text.parse(c.decode(), "a", fix=""),
        lambda n: b"".join(b"k%d: v\n" % i for i in range(n)),
        700,
    ),
    "YAML, records": (
        lambda c: yaml_text.parse(c.decode(), "a", fix="", as_written=True),
        lambda n: b"a:\n" + b"  - {id: a, b: [c]}\n" * n,
        250,
    ),
    "YAML, quotes": (
        lambda c: yaml_text.parse(c.decode(), "a", fix=""),
        lambda n: b'a: "' + b"\\x41\n\n" * n + b'"\n',
        6_000,
    ),
    "TOML, dotted keys": (own(settings.NAME), lambda n: b".".join([b"a"] * n) + b" = 1\n", 480),
    "TOML, lists": (own(settings.NAME), lambda n: b"seed = " + b"[" * n, 900),
    "TOML, tables": (own(settings.NAME), lambda n: b"".join(b"[a%d.b.c]\n" % i for i in range(n)), 80),
    "TOML, one key long": (own(settings.NAME), lambda n: b"a.b.c.d = 1\n[" + b"a." * n + b"a]\n", 480),
    "lock, lists": (own(lock.NAME), lambda n: b"[" * n, 70_000),
    "lock, names": (own(lock.NAME), lambda n: b"{" + b",".join(b'"%d":1' % i for i in range(n)) + b"}", 7_000),
    "lock, digits": (own(lock.NAME), lambda n: b"9" * n, 70_000),
    "lock, packages": (
        own(lock.NAME),
        lambda n: (
            b'{"as_of":"2026-01-01","evidence_hash":"","packages":{'
            + b",".join(b'"%d":"1"' % i for i in range(n))
            + b"}}"
        ),
        6_000,
    ),
}


@pytest.mark.parametrize("name", NASTY)
def test_time_grows_with_the_size_and_not_its_square(tmp_path, name):
    read, made, n = NASTY[name]
    took = []
    for size in (n, 2 * n, 4 * n):
        content, best = made(size), 9.0
        for _ in range(2):
            begun = time.process_time()
            try:
                read(content) if read is table or "YAML" in name else read(content, tmp_path)
            except LeadtimeError as error:
                assert len(str(error)) < 5_000
            best = min(best, time.process_time() - begun)
        took.append(best)
    assert took[2] < 1.5
    assert took[2] < 8 * took[0] + 0.05, took  # fourfold; the square would be sixteenfold


def test_what_is_beyond_a_bound_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "evidence").mkdir()
    (tmp_path / "claims").mkdir()
    for i in range(4):
        with (tmp_path / "evidence" / f"scores.n{i}.csv").open("wb") as file:
            file.truncate(parts.MOST_TABLES // 3)
        with (tmp_path / "claims" / f"n{i}.yaml").open("wb") as file:
            file.truncate(parts.MOST_YAML // 3)
    tracemalloc.start()
    begun = time.process_time()
    told = " ".join(map(str, check_listing(tmp_path)))
    assert "250,000,000 bytes together" in told and "500,000 bytes together" in told
    assert time.process_time() - begun < 1 and tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    for i in range(parts.MOST_YAML_FILES):
        (tmp_path / "claims" / f"m{i}.yaml").touch()
    assert "holds more than 200 files" in " ".join(map(str, check_listing(tmp_path)))


def check_listing(folder):
    for read in (parts.tables, lambda f: parts.files(f, "claims")):
        with pytest.raises(LeadtimeError) as told:
            read(folder)
        yield told.value


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD + b"\n" * 3_000_001, "more than 3,000,000 lines"),
        (HEAD + b'"a",' * 500_001, "a line of more than 1,000,000 bytes"),
        (b"c" * 2_000_001, "a line of more than"),
        (b",".join(b"c%d" % i for i in range(999)) + b"\n" + (b"," * 998 + b"\n") * 20_000, "no column 'c0'"),
        (HEAD + b"a\n" * 100_001, "more than 100,000 of its cells and rows are wrong"),
        (HEAD + b"a,b,1,c,d,e,f\n" * 60_000, "more than 100,000 of its"),
        (HEAD + b"a\x01,b,1,c,d,e,f\n" * 100_001, "more than 100,000 of its"),
    ],
)
def test_a_table_beyond_a_bound_is_refused_in_words(content, words):
    begun = time.process_time()
    with pytest.raises(LeadtimeError, match=words):
        table(content)
    assert time.process_time() - begun < 8


def test_every_file_that_is_wrong_is_told(tmp_path):
    (tmp_path / "evidence").mkdir()
    for i in range(5):
        (tmp_path / "evidence" / f"scores.n{i}.csv").write_bytes(HEAD + b"a,b,87,c,d,e,f\n")
    for part in ("claims", "scenarios", "rules"):
        (tmp_path / part).mkdir()
        for i in range(2):
            (tmp_path / part / f"{part}{i}.yaml").write_text("- a: [\n")
    said = "\n".join(map(str, check(tmp_path).problems))
    assert [f"scores.n{i}.csv" in said for i in range(5)] == [True] * 5
    assert [f"{part}{i}.yaml" in said for part in ("claims", "scenarios", "rules") for i in range(2)] == [True] * 6
