"""Attacks on the readers of tables: how many columns, rows and bytes there are is known before they are read."""

import datetime as dt
import gzip
import io
import time

import polars as pl
import pytest

from leadtime.errors import LeadtimeError


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
    with pytest.raises(LeadtimeError, match="two columns called 'b'"):
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
        (score_rows(2, score=[[0.5], [0.1]]), "has lists"),
        (score_rows(2, model=[{"a": 1}, {"a": 2}]), "has lists or records"),
        (score_rows(2, model=[b"\xff", b"b"]), "neither text nor numbers"),
        (score_rows(2, model=["x" * 20_000, "b"]), "more than 10,000 bytes"),
        (score_rows(2, score=[None, None]), "there are no rows: every cell is empty (2)"),
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
        assert told in str(caught.value)
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
    for name, told in (("bomb.csv.gz", "unpacks to more"), ("torn.csv.gz", "is damaged")):
        (tmp_path / "torn.csv.gz").write_bytes(gzip.compress(head)[:-3])
        with pytest.raises(LeadtimeError, match=told):
            read([tmp_path / name])
