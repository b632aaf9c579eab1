"""What commands print as JSON, and files that are written, are as their schemas say."""

import copy
import json
import re
import sys

import pytest
from typer.testing import CliRunner

from conforms import conforms, validator
from leadtime import schemas
from leadtime.cli import app
from leadtime.extract.export import package
from leadtime.scenario import fork as forks
from leadtime.scenario import sensitivity, stream
from leadtime.study import Study
from leadtime.web.app import create
from leadtime.web.settings import Settings
from schemas_side import ASKED, words_of
from studies import quick_study

#: On this day the comparison with what others published is the one that ships, and takes no minute.
TODAY = "2026-11-30"


@pytest.fixture(scope="module")
def study():
    return quick_study(TODAY)


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Files that commands ask for, by name."""
    here = tmp_path_factory.mktemp("given")
    models = [f"m{i}" for i in range(6)]
    scores = "".join(f"{m},b{j},{0.1 + 0.1 * i + 0.03 * j}\n" for i, m in enumerate(models) for j in range(5))
    texts = {
        "scores": "model,benchmark,performance\n" + scores,
        "config": json.dumps(
            {
                "model_type": "llama",
                "hidden_size": 64,
                "intermediate_size": 128,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "num_key_value_heads": 2,
                "vocab_size": 1000,
            }
        ),
        "shipments": "date,chip,to,quantity\n2026-02-01,h200-sxm,CHN,1000\n2026-02-01,h200-sxm,USA,1000\n",
        "transactions": "to,on,tpp,die_area_mm2\nCHN,2024-06-01,15832,814\nXXX,2024-06-01,1,1\n",
        "policy": (
            "title: Mine\nnarrative: More enforcement.\nbase: as-is\nlevers: {diversion_cut: [{from: 2027-01-01, value:"
            " 0.9}]}\n"
        ),
        "claims": (
            "- id: ours\n  said_on: 2026-01-01\n  who: We\n  words: a tenth\n  source: our-memo\n"
            "  readings: [{quantity: supply.share, with: {quarter: 2025Q4, measure: stock}, low: 0.02, high: 0.3}]\n"
        ),
        "rows": (
            "model,benchmark,score,report_type,evaluator,source,known_on\nnobody-9,gpqa-diamond,0.5,independent,epoch-ai,epoch-eci-data-2026-08,2026-09-01\n"
        ),
    }
    for name, text in texts.items():
        (here / name).write_text(text, encoding="utf-8")
    folder = here / "folder"
    assert CliRunner().invoke(app, ["new", str(folder)]).exit_code == 0
    assert CliRunner().invoke(app, ["lock", str(folder), "--as-of", TODAY]).exit_code == 0
    (here / "out").mkdir()
    return {**{n: here / n for n in texts}, "folder": folder, "out": here / "out"}


@pytest.fixture
def quick(monkeypatch, study):
    """Every command gets the one study; what takes seconds is made small, not made up."""
    for name in [m for m in sys.modules if m.startswith("leadtime.cli")]:
        monkeypatch.setattr(sys.modules[name], "open_study", lambda *a, **k: study, raising=False)
    monkeypatch.setattr(
        "leadtime.rules.overdue.overdue", lambda evidence, today: []
    )  # what has come due is the evidence's matter
    grid, streamed = Study.lag_grid, stream.run
    monkeypatch.setattr(Study, "lag_grid", lambda self, *a, everything=False, **k: grid(self, *a, **k))
    monkeypatch.setattr(stream, "run", lambda *a, draws, cluster, **k: streamed(*a, draws=500, **k))
    monkeypatch.setattr(sensitivity, "outcome", lambda *a, **k: lambda rows: 6.0 + 0 * next(iter(rows.values())))
    monkeypatch.setattr(forks, "calibrated", lambda s, *a, **k: forks.Fork(s).ensemble)


def answer(question, given):
    result = CliRunner().invoke(app, [*words_of(question, given), "--json"])
    refused = question.startswith("rules batch")  # one of its rows is refused, and the end says so
    assert result.exit_code == int(refused), (question, result.output, result.exception)
    return json.loads(result.stdout)


# -- the outputs
# --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", list(ASKED))
def test_what_a_command_gives_is_as_its_schema_says(quick, given, what):
    for question in ASKED[what]:
        found = conforms(schemas.given_by(what), answer(question, given))
        for row in found if isinstance(found, list) else [found]:
            assert "version" in row or "stamp" in row or "settings" in row or "$schema" in row, question


@pytest.mark.parametrize(
    "question",
    [
        "lag deepseek-v3",
        "lag --all",
        "lag deepseek-r1 --against deepseek-v3",
        "capability",
        "cost deepseek-v3",
        "curve --adoption",
        "evidence",
        "evidence chips",
        "supply",
        "claims --claim fifty-thousand-hoppers",
        "sql 'select 1'",
        "rules status h20 --to CHN --on 2025-05-01",
        "rules timeline",
        "rules show bis-2022-10-ifr",
        "rules diff --from 2025-12-01 --to 2026-02-01 --chip h20",
        "rules tariffs --good semiconductors --from CHN",
        "rules ledger {shipments}",
        "rules batch {transactions} --out {out}/text.csv",
        "diff built-in {folder} --rows",
        "explain cost.deepseek-v3 --without 0",
    ],
)
def test_text_ends_by_saying_what_it_rests_on(quick, given, question):
    result = CliRunner().invoke(app, words_of(question, given))
    assert result.exit_code == int(question.startswith("rules batch")), result.output
    last = result.stdout.rstrip("\n").splitlines()[-2:]
    assert re.search(r"as (of|known on) 20\d\d-\d\d-\d\d.* [0-9a-f]{16}", "\n".join(last)), last
    assert max(map(len, last)) <= 80


def test_files_that_are_written_are_as_their_schemas_say(study, given):
    conforms("lock", json.loads((given["folder"] / "leadtime.lock").read_text()))
    conforms("datapackage", package(study, study.evidence.tables))
    out = given["out"] / "export"
    arguments = ["export", "--to", str(out), "--evidence-only", "--format", "csv", "--method", "map", "--draws", "200"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    conforms("stamp", json.loads((out / "stamp.json").read_text()))


def test_an_output_with_a_key_more_less_or_of_another_kind_is_refused(quick, given):
    found = answer("lag deepseek-v3", given)
    validate = validator("lag")
    assert validate.is_valid(found)
    for place, change in (
        (0, {"surprise": 1}),
        (0, {"median": "3.4"}),
        (0, {"level": 0.5}),
        ("stamp", {"as_of": "soon"}),
        ("stamp", {"evidence_hash": "x"}),
    ):
        wrong = copy.deepcopy(found)
        (wrong["rows"][place] if place == 0 else wrong[place]).update(change)
        assert not validate.is_valid(wrong), change
    for key in found["rows"][0]:
        wrong = copy.deepcopy(found)
        del wrong["rows"][0][key]
        assert not validate.is_valid(wrong), key
    for key in found:
        assert not validate.is_valid({k: v for k, v in found.items() if k != key}), key


def test_the_description_of_the_api_holds_the_schemas_it_refers_to():
    described = create(Settings(method="map")).app.openapi()
    held = described["components"]["schemas"]
    for path, operations in described["paths"].items():
        for operation in operations.values():
            for response in operation["responses"].values():
                for media in response.get("content", {}).values():
                    if "$ref" in (s := media.get("schema", {})):
                        assert s["$ref"].rpartition("/")[2] in held, path
    references = re.findall(r'"\$ref": "([^"]+)"', json.dumps(described))
    assert all(r.startswith("#/components/schemas/") for r in references)
    for r in set(references):
        found = described
        for key in r[2:].split("/"):
            found = found[key]
    assert "lag" in held and held["lag"]["allOf"] == [{"$ref": "#/components/schemas/envelope"}]
