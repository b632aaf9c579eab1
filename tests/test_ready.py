"""The built-in tables as they ship, read and checked."""

import shutil

import polars as pl
import pytest

from leadtime.evidence import TABLES, ready, store


@pytest.fixture
def files():
    return store._files()


@pytest.fixture
def shipped(tmp_path):
    return shutil.copytree(ready.SHIPPED, tmp_path / "ready")


def test_what_ships_is_what_the_files_hold(files):
    found = ready.load(files)
    assert found is not None, "the tables that ship are not of these files and this code: make ship"
    read = store._checked(files)
    assert found.keys() == read.keys() == TABLES.keys()
    assert all(found[name].equals(rows) and found[name].schema == rows.schema for name, rows in read.items())


def test_another_file_or_a_damaged_one_is_not_used(files, shipped, tmp_path):
    assert ready.load(files, shipped) is not None
    edited = tmp_path / "models.csv"
    edited.write_bytes(files["models"].read_bytes().replace(b"DeepSeek-V3", b"DeepSeek-V4", 1))
    assert ready.load(files | {"models": edited}, shipped) is None
    windows = tmp_path / "windows.csv"
    windows.write_bytes(files["models"].read_bytes().replace(b"\n", b"\r\n"))
    assert ready.load(files | {"models": windows}, shipped) is not None  # a clone may have other ends of lines
    torn = shipped / "scores.parquet"
    torn.write_bytes(torn.read_bytes()[:-10])
    assert ready.load(files, shipped) is None
    torn.unlink()
    assert ready.load(files, shipped) is None


def test_another_code_does_not_find_it(files, shipped, tmp_path, monkeypatch):
    other = tmp_path / "validate.py"
    other.write_text("# checks more\n")
    monkeypatch.setattr(ready, "_code", lambda: (other,))
    assert ready.load(files, shipped) is None


def test_what_was_there_before_goes(files, tmp_path):
    (tmp_path / "old.parquet").write_bytes(b"x")
    only = {"models": pl.DataFrame({"id": ["a"]})}
    ready.save({"models": files["models"]}, only, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["key.txt", "models.parquet"]
    assert ready.load({"models": files["models"]}, tmp_path)["models"].equals(only["models"])
