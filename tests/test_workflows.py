"""What runs elsewhere: every workflow is pinned, may do as little as it can, and runs the commands that are here."""

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github" / "workflows"
TEXTS = {p.name: p.read_text(encoding="utf-8") for p in sorted(FOLDER.glob("*.yml"))}
FOUND = {name: YAML(typ="safe", pure=True).load(text) for name, text in TEXTS.items()}
#: Jobs that may do more than read the code, and what.
MORE = {
    ("publish.yml", "publish"): {"id-token": "write"},
    ("update.yml", "open"): {"contents": "write", "pull-requests": "write"},
}
JOBS = [(name, job, what) for name, flow in FOUND.items() for job, what in flow["jobs"].items()]


def steps(flow, job):
    return FOUND[flow]["jobs"][job]["steps"]


def test_there_is_one_for_changes_one_for_updates_one_for_releases():
    assert set(FOUND) == {"ci.yml", "publish.yml", "update.yml"}
    assert "pull_request" in FOUND["ci.yml"]["on"] and "pull_request_target" not in json.dumps(FOUND)
    assert FOUND["publish.yml"]["on"] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}


def test_every_action_is_pinned_by_its_whole_hash_with_its_version_beside_it():
    for name, text in TEXTS.items():
        for used in re.findall(r"uses: (.+)", text):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used) or used.startswith("./"), (
                name,
                used,
            )
    pins = {}
    for action, pin, version in re.findall(r"uses: (\S+)@(\S+) # (\S+)", "\n".join(TEXTS.values())):
        assert pins.setdefault(action, (pin, version)) == (pin, version)  # one version of each, everywhere
    assert len(pins) >= 5


@pytest.mark.parametrize(("flow", "job", "what"), JOBS, ids=[f"{f}-{j}" for f, j, _ in JOBS])
def test_a_job_may_do_as_little_as_it_can_and_ends(flow, job, what):
    assert FOUND[flow]["permissions"] == {}
    assert what["permissions"] == MORE.get((flow, job), {"contents": "read"})
    assert what.get("uses") or (what["timeout-minutes"] <= 60 and re.fullmatch(r"ubuntu-\d\d\.04", what["runs-on"]))
    assert "secrets" not in json.dumps(what)
    for step in what.get("steps", ()):
        assert ("uses" in step) != ("run" in step)
        assert "${{" not in step.get("run", "")  # what others wrote reaches a shell as a variable, never as text
        if step.get("uses", "").startswith("actions/checkout") and (flow, job) != ("update.yml", "open"):
            assert step["with"]["persist-credentials"] is False


def test_changes_pass_what_a_developer_runs_on_every_supported_python():
    job = FOUND["ci.yml"]["jobs"]["test"]
    supported = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    assert job["strategy"]["matrix"]["python"] == supported
    assert [s["run"] for s in job["steps"] if "run" in s] == [".ci/run"]


def test_what_is_published_is_what_the_tests_and_the_release_saw():
    jobs = FOUND["publish.yml"]["jobs"]
    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml" and "workflow_call" in FOUND["ci.yml"]["on"]
    assert jobs["build"]["needs"] == "ci" and jobs["publish"]["needs"] == ["build", "again"]
    (built,) = [s["run"] for s in steps("publish.yml", "build") if "run" in s]
    for version in re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text()):
        assert f"python{version}" in built
    assert built.startswith("make release ") and "sha256sum" in built and '"$TAG"' in built
    again = next(s["run"] for s in steps("publish.yml", "again") if "run" in s)
    assert "sha256sum --check --strict ../published/SHA256SUMS" in again


def test_the_job_that_publishes_runs_nothing_of_ours_and_knows_no_password():
    job = FOUND["publish.yml"]["jobs"]["publish"]
    assert job["environment"] == "pypi"
    assert [s.get("uses", "").partition("@")[0] for s in job["steps"] if "uses" in s] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]
    assert [s["run"] for s in job["steps"] if "run" in s] == ["rm dist/SHA256SUMS"]
    assert "password" not in TEXTS["publish.yml"].partition("jobs:")[2]


def test_scripts_and_targets_that_they_run_are_here():
    said = "\n".join(s["run"] for _, _, what in JOBS for s in what.get("steps", ()) if "run" in s)
    named = set(re.findall(r"(?:^|\s)((?:scripts|tests|\.ci)/[\w./-]+|requirements[\w-]*\.lock)", said))
    assert len(named) > 4 and all((ROOT / n).exists() for n in named)
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", said)) <= targets
