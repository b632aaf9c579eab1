"""What calibration published is there and whole, its checks can fail, and every script of it runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from leadtime.evidence import Evidence

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(
    p.stem for p in (ROOT / "calibration").glob("*.py") if "run_of(" in p.read_text() and p.stem != "record"
)
RESULTS = ROOT / "docs" / "trust" / "results"
PAGE = (ROOT / "docs" / "trust" / "calibration.md").read_text(encoding="utf-8")
sys.path.insert(0, str(ROOT / "calibration"))


def test_every_script_has_its_place_on_the_page_and_in_make():
    assert sorted(re.findall(r"<!-- calibration: (\w+) -->", PAGE)) == SCRIPTS
    listed = re.search(r"^CALIBRATION := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(listed[1].split()) == SCRIPTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_result_says_what_was_run_on_which_evidence_and_how_it_ended(name):
    r = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    assert r["name"] == name
    assert not r["quick"]
    assert re.fullmatch(r"[0-9a-f]{16}", r["evidence_hash"])
    assert r["checks"]
    for c in r["checks"]:
        low, high = (c[k] if c[k] is not None else c["value"] for k in ("low", "high"))
        assert c["held"] == (c["value"] is not None and low <= c["value"] <= high), c["what"]
    assert (r["verdict"] == "held") == all(c["held"] for c in r["checks"])
    assert r["tables"]
    assert all(len(row) == len(t["columns"]) for t in r["tables"] for row in t["rows"])
    assert r["chart"] is None or (RESULTS / r["chart"]).read_text(encoding="utf-8").startswith("<svg")


def test_uniform_ranks_pass_and_shifted_or_narrow_ones_do_not():
    import uniform

    rng = np.random.default_rng(0)
    even = rng.integers(0, 100, 300)
    shifted = np.minimum((100 * rng.random(300) ** 1.4).astype(int), 99)
    narrow = np.where(rng.random(300) < 0.25, rng.choice([0, 99], 300), even)  # intervals that are too narrow
    for test in (uniform.band, uniform.chi_square):
        assert test(even, 99) > 0.01
        assert test(narrow, 99) < 0.001
    assert uniform.band(shifted, 99) < 0.001
    np.testing.assert_allclose(uniform.holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])


def test_a_check_without_a_number_does_not_hold():
    from record import Check

    assert Check(what="x", value=0.9, low=0.85, high=0.95).held
    assert not Check(what="x", value=0.96, low=0.85, high=0.95).held
    assert not Check(what="x", value=float("nan"), low=0.0).held


def test_a_simulated_world_has_the_lag_that_was_planted():
    from worlds import SIZES, world

    evidence = Evidence.load()
    theta = {k: world(evidence, lag_months=k, kind="harder", seed=[4]) for k in (0.0, 12.0)}
    ours = {k: np.mean([v for m, v in w.theta.items() if m.startswith("chn")]) for k, w in theta.items()}
    assert ours[0.0] - ours[12.0] == pytest.approx(4 * SIZES["rate_per_quarter"], abs=0.5)
    scores = theta[12.0].evidence["scores"]
    assert scores["score"].is_between(0, 1).all()
    assert set(scores["report_type"]) == {"vendor", "independent", "leaderboard"}
    assert scores.schema == evidence["scores"].schema


#: Scripts that sample two fits or a path of the lag: each takes as long as half of the others.
LONG = ("sbc_path", "sbc_shortcut")


@pytest.mark.parametrize(
    "some",
    [
        pytest.param([n for n in SCRIPTS if n not in LONG], id="all but the long ones"),
        *(pytest.param([n], id=n, marks=pytest.mark.slow) for n in LONG),
    ],
)
def test_every_script_runs(tmp_path, pytestconfig, some):
    """In one process and compiled without optimization, for the time it takes; fits are kept for the next run, apart
    from those of users.
    """
    code = f"""
import importlib
for name in {some}:
    importlib.import_module(name).main(["--quick", "--out", {str(tmp_path)!r}])
"""
    env = os.environ | {
        "LEADTIME_CACHE": str(pytestconfig.cache.mkdir("scripts")),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "calibration"), str(ROOT / "src")]),
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in some:
        found = json.loads((tmp_path / f"{name}.json").read_text())
        assert found["quick"]
        assert found["checks"], name
