"""Other languages and encodings: the same bytes by the command line and by the server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from faults import locales

import leadtime

SIDE = Path(__file__).with_name("locale_side.py")


def asked(**more):
    """What the doors say in a process of that environment: a checksum for each answer."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHONUTF8", "PYTHONIOENCODING"))}
    own = base | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"} | more
    done = subprocess.run([sys.executable, str(SIDE)], env=own, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def usual():
    found = asked(LC_ALL="C.UTF-8")
    assert all(not v.startswith("0 ") for v in found.values()), found
    assert {v.split()[0] for k, v in found.items() if k.startswith("/")} == {"200"}
    return found


@pytest.mark.slow
def test_without_any_language_the_bytes_are_the_same(usual):
    assert asked(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0") == usual


@pytest.mark.parametrize("name", ["tr_TR.UTF-8", pytest.param("de_DE.UTF-8", marks=pytest.mark.slow)])
def test_in_turkish_and_german_the_bytes_are_the_same(usual, tmp_path, name):
    if not locales.can():
        pytest.skip("no Turkish or German can be made here: install Debian's package locales")
    own = locales.make(tmp_path)[name]
    said = [sys.executable, "-c", "import locale; print(locale.setlocale(locale.LC_ALL, ''), locale.str(1.5))"]
    there = subprocess.run(said, env=os.environ | own, capture_output=True, text=True, check=True).stdout
    assert there.split() == [name, "1,5"]  # it is spoken here, and would show
    assert asked(**own, PYTHONUTF8="0", ASK_AS_A_HOST="1") == usual


def test_no_name_of_a_month_or_day_is_asked_of_the_system():
    """A program around Python may have set another language: names of months come from `leadtime.days` alone."""
    root = Path(leadtime.__file__).parent
    named = re.compile(r"""(?::|strf?p?time\([^)]*["'])[^"'}]*%[aAbBcxXp]""")
    assert named.search("f'{day:%B} 1'") and named.search("x.strftime('%d %b')") and not named.search("f'{day:%Y-%m}'")
    assert [p.name for p in root.rglob("*.py") if named.search(p.read_text(encoding="utf-8"))] == []
