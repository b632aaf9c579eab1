"""A report computed again: what counts as the same, what is told, what is refused; and the same bytes on any number of
processors.
"""

import hashlib
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from leadtime import environment
from leadtime.capability import cache
from leadtime.cli import app
from leadtime.report import record, reproduce, results
from leadtime.study import Study
from report_side import FakeStudy


@pytest.fixture(scope="module")
def study():
    return FakeStudy()


@pytest.fixture(scope="module")
def found(study):
    made = Study("2025-01-29", method="map", draws=50)
    stamp = dict(made.stamp)
    return record.of(results.gather(study)) | {"stamp": stamp, "own_files": {}}


@pytest.fixture
def again(monkeypatch, found):
    """Computing the report gives what `found` says, changed as a test wants."""
    changed = json.loads(json.dumps(found))
    monkeypatch.setattr(reproduce.results, "gather", lambda study: study)
    monkeypatch.setattr(reproduce.record, "of", lambda study: changed)
    return changed


def written(tmp_path, content):
    path = tmp_path / "results.json"
    path.write_text(content if isinstance(content, str) else record.text(content), encoding="utf-8")
    return path


def test_the_same_bytes_are_the_same(tmp_path, found, again):
    said = reproduce.reproduce(written(tmp_path, found))
    assert said.is_same_file
    assert said.is_reproduced
    assert said.n_values > 300
    assert not said.elsewhere


def test_what_ships_is_fitted_again_where_that_is_asked(tmp_path, found, again, monkeypatch):
    seen = []
    monkeypatch.setattr(reproduce.results, "gather", lambda study: seen.append(cache.ships()) or found)
    for anew in (False, True):
        reproduce.reproduce(written(tmp_path, found), anew=anew)
    assert seen == [True, False] and cache.ships()


def test_the_last_digit_of_another_processor_is_no_difference(tmp_path, found, again):
    again["estimates"]["lag_chn_usa"]["median"] *= 1 + 1e-13
    said = reproduce.reproduce(written(tmp_path, found))
    assert not said.is_same_file
    assert said.is_reproduced
    assert 0 < said.largest_relative < 1e-12


def test_a_number_that_came_out_otherwise_is_named(tmp_path, found, again):
    again["estimates"]["lag_chn_usa"]["median"] += 0.1
    again["sentences"].append("And another.")
    said = reproduce.reproduce(written(tmp_path, found))
    assert not said.is_reproduced
    assert {d.at for d in said.differences} == {"estimates.lag_chn_usa.median", "sentences"}
    outcome = CliRunner().invoke(app, ["reproduce", str(tmp_path / "results.json")])
    assert outcome.exit_code == 1
    assert "estimates.lag_chn_usa.median" in outcome.output
    assert all(len(line) <= 80 for line in outcome.output.splitlines())


def test_another_version_is_said_and_is_no_difference_of_values(tmp_path, found, again):
    found = json.loads(json.dumps(found))
    found["stamp"]["environment"]["jax"] = "0.1.0"
    found["estimates"]["lag_chn_usa"]["version"] = "0.0.9"
    said = reproduce.reproduce(written(tmp_path, found))
    assert said.is_reproduced
    assert [w for w in said.elsewhere if w.startswith("jax 0.1.0 then")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: "{", "is not JSON"),
        (lambda f: "[]", "has no stamp"),
        (lambda f: f | {"schema": "leadtime.results/9"}, "expected 'leadtime.results/2'"),
        (lambda f: f | {"stamp": f["stamp"] | {"seed": "0"}}, "stamp.seed is '0'"),
        (lambda f: f | {"stamp": f["stamp"] | {"seed": True}}, "stamp.seed is True"),
        (lambda f: f | {"stamp": f["stamp"] | {"as_of": "2025-13-01"}}, "is not a date"),
        (lambda f: f | {"stamp": f["stamp"] | {"evidence_hash": "0" * 16}}, "rests on evidence 0000000000000000"),
        (lambda f: f | {"own_files": {"evidence/scores.csv": "0" * 16}}, "files of a study folder"),
    ],
)
def test_what_cannot_be_reproduced_is_refused_in_words(tmp_path, found, change, words):
    outcome = CliRunner().invoke(app, ["reproduce", str(written(tmp_path, change(found)))])
    assert outcome.exit_code == 1
    assert words in str(outcome.exception)


def test_a_study_folder_that_changed_is_told_by_its_file(tmp_path, found):
    (tmp_path / "study" / "scenarios").mkdir(parents=True)
    (tmp_path / "study" / "scenarios" / "mine.yaml").write_text("title: Mine\n")
    given = found | {"own_files": {"scenarios/mine.yaml": "0" * 16}}
    outcome = CliRunner().invoke(app, ["reproduce", str(written(tmp_path, given)), "--study", str(tmp_path / "study")])
    assert "has changed: scenarios/mine.yaml" in str(outcome.exception)


FIT = """
import hashlib, os, sys
os.sched_setaffinity(0, {int(c) for c in sys.argv[1].split(",")})
from leadtime.study import Study
study = Study("2023-12-31", method="map", draws=40)
print(hashlib.sha256(study.fit().draws.theta.tobytes()).hexdigest())
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor only")
def test_the_number_of_processors_moves_no_bit(tmp_path):
    processors = sorted(os.sched_getaffinity(0))
    digests = set()
    for some in ([processors[0]], processors):
        cache = tmp_path / f"cache-{len(some)}"
        run = subprocess.run(
            [sys.executable, "-c", FIT, ",".join(map(str, some))],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            env=os.environ
            | {
                "LEADTIME_CACHE": str(cache),
                "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"),
            },  # each compiles for itself
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_linear_algebra_keeps_to_one_thread_and_gives_the_others_back():
    from threadpoolctl import threadpool_info

    def threads():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before = threads()
    with environment.one_thread():
        inside = threads()
    assert inside
    assert set(inside) == {1}
    assert threads()[: len(before)] == before


def test_own_files_are_known_by_their_content(tmp_path):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "a.yaml").write_text("x: 1\n")
    (tmp_path / "claims" / "README.md").write_text("no\n")
    digest = hashlib.sha256(b"x: 1\n").hexdigest()[:16]
    assert results.own_files(tmp_path) == {"claims/a.yaml": digest}
    assert results.own_files(None) == {}
