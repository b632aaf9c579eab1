"""What a reader changes: the same numbers and words from the server's equations and from the page's own script."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

import leadtime
from leadtime.report.pages.what_if import data_of

SCRIPT = Path(leadtime.__file__).parent / "report/templates/js/58-simulation.js"
ASKED = (
    ("strengthened",), ("curtailed",), ("h200-sales",), ("weights-secured",), ("no-controls",), (),
    ("uptake=0.6 open_ratio=mi325x diversion_cut=0.5",), ("capital_shift=0.5 displacement=0.1 build_cost=0.5 transit_cost=1",),
    ("us_investment=0.5 china_investment=2 quota_h100e=0 hbm_cut=1 tools_cut=1 weight_security=1",), ("quota_h100e=inf uptake=1 open_ratio=1",),
)  # fmt: skip
_RUN = """
const [script, asked] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const compare = new Function(script + "; return WHAT_IF.simulation;")()(asked.data);
const found = asked.sets.map((sets) => compare(sets, asked.options));
const begin = process.hrtime.bigint();
compare([{ title: "Your rules", levers: { uptake: 0.123 }, base: "as-is" }], { ...asked.options, alone: false });
const ms = Number(process.hrtime.bigint() - begin) / 1e6;
console.log(JSON.stringify({ found, ms }));
"""


@pytest.fixture(scope="module")
def study():
    return leadtime.Study("2026-11-30", method="map", draws=200)


def sets_of(answer, fork, start, rules):
    from leadtime.scenario.compare import read

    found = [read(text, fork, start) for text in rules]
    return [
        {"title": r.title, "levers": {k: "inf" if math.isinf(v) else v for k, v in r.levers.items()}, "base": r.base}
        for r in found
    ]


@pytest.mark.skipif(not shutil.which("node"), reason="runs the script of the page in node")
def test_the_page_without_a_server_says_what_the_server_says(study):
    import datetime as dt

    start = dt.date(2027, 1, 1)
    answers = [study.ask("scenario compare", rules=rules, start=start, alone=True) for rules in ASKED]
    sets = [sets_of(a, study.fork, start, rules) for a, rules in zip(answers, ASKED, strict=True)]
    asked = {
        "data": data_of(study, start, whole=True),
        "sets": sets,
        "options": {"start": str(start), "by": "2028Q4", "alone": True},
    }
    text = json.dumps([SCRIPT.read_text(encoding="utf-8"), asked]).replace('"inf"', "1e999")
    run = subprocess.run(["node", "-e", _RUN], input=text, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)["found"]
    assert len(found) == len(ASKED)
    for rules, ours, theirs in zip(ASKED, answers, found, strict=True):
        assert [r["title"] for r in theirs["rows"]] == [r["title"] for r in ours.rows.rows], rules
        for a, b in zip(ours.rows.rows, theirs["rows"], strict=True):
            for key in a:
                if key.startswith(("lag_", "change_")):
                    assert abs(a[key] - b[key]) < 0.01, (rules, key, a[key], b[key])
                elif key.endswith(("_h100e", "_low", "_median", "_high")):
                    assert math.isclose(a[key], b[key], rel_tol=2e-3, abs_tol=1), (rules, key, a[key], b[key])
            assert abs(a["p_wider"] - b["p_wider"]) <= 0.003, (rules, a["p_wider"], b["p_wider"])
            assert (a["sentence"], a["detail"]) == (b["sentence"], b["detail"])
        for name in ("quarters", "alone"):
            mine, other = ours.part(name).rows, theirs[name]
            assert len(mine) == len(other)
            for a, b in zip(mine, other, strict=True):
                assert {k: a[k] for k in ("title", "quarter", "lever", "words") if k in a} == {
                    k: b[k] for k in ("title", "quarter", "lever", "words") if k in b
                }
                assert all(abs(a[k] - b[k]) < 0.01 for k in ("low", "median", "high")), (rules, a, b)
