"""Attacks by archives: what a zip unpacks to, under which names, and how often."""

import zipfile

import pytest

from leadtime.errors import LeadtimeError
from readers_side import in_time


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
        "overlap": "overlap",
        "secret": "encrypted",
        "nul": "without a usable name",
        "torn": "not a complete archive",
        "twice": "twice",
        "bz2": "cannot read",
        "long": "without a usable name",
        "nested": "another archive",
        "more": "another size",
        "less": "another size|cannot be read",
    }


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
