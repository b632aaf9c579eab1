"""What is looked for in a build is found when it is planted; the citation and the version are one."""

import importlib.util
import re
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import leadtime

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("build_script", ROOT / "scripts" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_tracked_is_what_a_wheel_needs(build):
    wanted = build.wanted()
    assert build.wrong_names(wanted, wanted) == []
    assert {"leadtime/py.typed", "leadtime/mcp/docs/limitations.md"} <= wanted
    assert any(n.startswith("leadtime/mcp/docs/methods/") for n in wanted)


@pytest.mark.parametrize(("change", "told"), [
    (lambda n: n - {"leadtime/py.typed"}, "is missing leadtime/py.typed"),
    (lambda n: n | {"leadtime/notes.md"}, "has leadtime/notes.md besides"),
    (lambda n: n | {"tests/test_lag.py"}, "has tests/test_lag.py besides"),
    (lambda n: n - {"leadtime/figures/fonts/OFL.txt"}, "without its license"),
    (lambda n: {x for x in n if not x.endswith(".css")}, "no file of kind .css"),
])  # fmt: skip
def test_a_file_too_few_or_too_many_is_told(build, change, told):
    assert any(told in w for w in build.wrong_names(change(build.wanted()), build.wanted()))


def metadata(**said):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    fields = {"Metadata-Version": "2.4", "Name": "leadtime", "Version": "1.0", "License-Expression": "Apache-2.0"}
    fields |= {"Description-Content-Type": "text/markdown"} | said
    return ("".join(f"{k}: {v}\n" for k, v in fields.items() if v) + "\n" + text).encode()


@pytest.mark.parametrize(("said", "told"), [
    ({}, ""), ({"License-Expression": "Apache 2"}, "an index refuses"), ({"Version": "one"}, "an index refuses"),
    ({"Description-Content-Type": ""}, "Markdown"), ({"Summary": f"built in {ROOT}"}, "a folder of this machine"),
])  # fmt: skip
def test_metadata_that_an_index_or_a_reader_would_refuse_is_told(build, said, told):
    wrong = build.wrong_metadata(metadata(**said))
    assert bool(wrong) == bool(told) and told in "".join(wrong)
    assert any("another long description" in w for w in build.wrong_metadata(metadata() + b"more"))


def test_a_wheel_without_a_license_is_told(build, tmp_path):
    wheel = tmp_path / "leadtime-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("leadtime-1.0.dist-info/METADATA", metadata())
    assert "the wheel has no license" in build.wrong_wheel(wheel)


def test_the_citation_is_of_this_version_and_has_what_the_format_asks():
    found = YAML(typ="safe", pure=True).load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert found["version"] == leadtime.__version__
    assert {"cff-version", "message", "title", "authors", "license", "date-released"} <= set(found)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", str(found["date-released"]))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'license = "{found["license"]}"' in project and found["title"].startswith("leadtime: are the US")
