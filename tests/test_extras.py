"""Extras: all of them resolve under one name, and the command that adds one is that of this installation."""

import importlib.metadata
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from leadtime import extras
from leadtime.errors import LeadtimeError

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def here(**said):
    return extras.Installed(**{"by": "pip", "clone": None, "url": "", "python": "/v/bin/python"} | said)


def test_every_extra_of_the_project_is_told_with_all_that_it_brings():
    declared = PROJECT["optional-dependencies"]
    assert set(extras.EXTRAS) == set(declared) - {"all"}
    assert re.fullmatch(r"leadtime\[(.+)\]", declared["all"][0])[1].split(",") == sorted(extras.EXTRAS)
    distributions = importlib.metadata.packages_distributions()
    for name, extra in extras.EXTRAS.items():
        brought = {re.split(r"[\[<>=!~; ]", d)[0].lower() for d in declared[name]}
        known = {d.lower() for m in extra.modules for d in distributions.get(m, [m])}
        assert brought == {d.replace("_", "-") for d in known}, name


@pytest.mark.parametrize(("said", "extra", "line"), [
    ({}, "sql", "/v/bin/python -m pip install 'leadtime[sql]'"),
    ({"by": "uv"}, "sql", "uv pip install -p /v/bin/python 'leadtime[sql]'"),
    ({"clone": Path("/c d")}, "sql", "/v/bin/python -m pip install -e '/c d[sql]'"),
    ({"by": "uv", "clone": Path("/c")}, "all", "uv pip install -p /v/bin/python -e '/c[all]'"),
    ({"url": "file:///w/l.whl"}, "sql", "/v/bin/python -m pip install 'leadtime[sql] @ file:///w/l.whl'"),
    ({"by": "pipx"}, "all", "pipx install -f 'leadtime[all]'"),
    ({"by": "uv tool"}, "all", "uv tool install 'leadtime[all]'"),
])  # fmt: skip
def test_the_command_is_that_of_the_installation(said, extra, line):
    assert here(**said).command(extra) == line


@pytest.mark.parametrize("by", ["pipx", "uv tool"])
def test_what_installs_anew_keeps_the_extras_that_are_there(by, monkeypatch):
    kept, gone = (extras.Extra(modules=(m,), purpose="x") for m in ("json", "no_such_module"))
    monkeypatch.setattr(extras, "EXTRAS", {"mcp": kept, "memo": gone, "sql": gone})
    assert here(by=by).command("sql").endswith("'leadtime[mcp,sql]'")


def test_a_clone_is_told_from_a_package_and_who_keeps_the_environment(monkeypatch, tmp_path):
    assert extras.installed().clone == ROOT
    inside = tmp_path / "lib" / "python3.12" / "site-packages" / "leadtime"
    inside.mkdir(parents=True)
    assert extras.installed(inside).clone is None
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert extras.installed(inside).by in ("pip", "uv")
    (tmp_path / "pipx_metadata.json").write_text("{}")
    assert extras.installed(inside).by == "pipx"
    (tmp_path / "uv-receipt.toml").write_text("")
    assert extras.installed(inside).by == "uv tool"


@pytest.mark.parametrize(("said", "url"), [
    (None, ""), ("{", ""), ("{}", ""), ('{"url": "file:///no/such.whl"}', ""),
    ('{"url": "https://e.org/r", "vcs_info": {"vcs": "git", "commit_id": "abc"}}', "git+https://e.org/r@abc"),
    ('{"url": "https://e.org/l.whl", "archive_info": {}}', "https://e.org/l.whl"),
])  # fmt: skip
def test_what_was_installed_from_a_file_or_a_repository_is_added_to_from_there(said, url, monkeypatch, tmp_path):
    class Recorded:
        def read_text(self, name):
            assert name == "direct_url.json"
            return said

    monkeypatch.setattr("importlib.metadata.distribution", lambda name: Recorded())
    assert extras.installed(tmp_path / "a" / "leadtime").url == url


@pytest.mark.parametrize("door", ["python", "command", "http"])
def test_the_error_of_a_missing_part_ends_with_the_command_in_every_door(door):
    error = extras.missing("sql", "DuckDB is not installed", where="sql")
    assert isinstance(error, LeadtimeError)
    assert error.text(door).endswith(extras.installed().command("sql"))
    assert shlex.split(extras.installed().command("sql"))[-1] == f"{ROOT}[sql]"


def test_no_other_place_spells_the_command():
    spelled = [p for p in (ROOT / "src").rglob("*.py") if "pip install" in p.read_text(encoding="utf-8")]
    assert spelled == []
