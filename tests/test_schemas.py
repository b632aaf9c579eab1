"""Outputs are as their schemas say, every output has one, and every schema describes an output."""

import copy
import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.main import get_command
from typer.testing import CliRunner

from conforms import conforms, validator
from leadtime import schemas
from leadtime.answers.registry import questions
from leadtime.cli import app
from leadtime.extract.export import package
from leadtime.scenario import fork as forks
from leadtime.scenario import sensitivity, stream
from leadtime.study import Study
from leadtime.web.app import create
from leadtime.web.settings import Settings

TODAY = "2026-11-24"
#: What each command is asked, by what the schema says that it gives; `--json` is added.
ASKED = {
    "leadtime lag": ["lag deepseek-v3", "lag", "lag --of deepseek --behind OpenAI --definition catch_up"],
    "leadtime lag --all": ["lag deepseek-v3 --all", "lag --all"],
    "leadtime lag --against": ["lag deepseek-r1 --against deepseek-v3"],
    "leadtime lag --published": ["lag --published"],
    "leadtime lag --path": ["lag --path"],
    "leadtime lag --headline": ["lag --headline"],
    "leadtime capability": ["capability", "capability --domain math"],
    "leadtime capability --scores": [
        "capability --scores {scores} --method eci",
        "capability --scores {scores} --method eci --draws 2",
    ],
    "leadtime cost": ["cost deepseek-v3", "cost grok-4", "cost --chip h100-sxm --gpu-hours 1000 --definition rental"],
    "leadtime cost --against": ["cost deepseek-v3 --against gpt-4"],
    "leadtime cost --published": ["cost --published"],
    "leadtime cost --models": ["cost --models deepseek-v3 --models gpt-4"],
    "leadtime cost --config": ["cost --config {config}"],
    "leadtime cost --serve": [
        "cost --serve deepseek-v3 --chip h20",
        "cost --serve --config {config} --chip h100-sxm --price-usd 2",
    ],
    "leadtime curve --firsts": ["curve --firsts"],
    "leadtime curve --adoption": ["curve --adoption"],
    "leadtime curve --test": ["curve --test deepseek-v3", "curve --test deepseek-v3 --quality 3"],
    "leadtime rules coverage": ["rules coverage"],
    "leadtime rules status": [
        "rules status h20 --to CHN --on 2025-05-01",
        "rules status --tpp 4500..5200 --die-area 814 --to SAU --on 2026-11-01",
        "rules status h100-sxm --to CHN --on 2024-01-01 --as-known 2022-10-08",
    ],
    "leadtime rules party": ["rules party 'Acme GmbH' --owner 'Somebody=60%'"],
    "leadtime rules timeline": ["rules timeline", "rules timeline --since 2031-01-01"],
    "leadtime rules show": ["rules show bis-2022-10-ifr", "rules show bis-2025-01-ai-diffusion --on 2025-05-20"],
    "leadtime rules diff": ["rules diff --from 2025-12-01 --to 2026-02-01 --chip h200-sxm"],
    "leadtime rules matrix": [
        "rules matrix --chip h20 --chip b200",
        "rules matrix --on 2025-05-01 --on 2026-02-01 --to MYS",
    ],
    "leadtime rules tariffs": [
        "rules tariffs --good semiconductors --from CHN",
        "rules tariffs --good ai-chips --from TWN --chip h20",
    ],
    "leadtime rules ledger": ["rules ledger {shipments}"],
    "leadtime rules batch": ["rules batch {transactions} --out {out}/answers.csv"],
    "leadtime supply": ["supply", "supply --country USA", "supply --country ROW"],
    "leadtime frontiers": ["frontiers", "frontiers kimi-k3 deepseek --definition trend_gap_linear --show meanings"],
    "leadtime supply --arrivals": [
        "supply --arrivals",
        "supply CHN USA --arrivals --measure in-use",
        "supply --arrivals --measure ratio",
    ],
    "leadtime supply --chips": ["supply --chips", "supply --chips --country USA"],
    "leadtime supply --compare": ["supply --compare"],
    "leadtime supply --share": ["supply --share"],
    "leadtime resources": ["resources", "resources CHN", "resources ROW"],
    "leadtime leaks": ["leaks"],
    "leadtime access": ["access", "access --as-of 2025-01-29"],
    "leadtime scenario list": ["scenario list"],
    "leadtime scenario list --levers": ["scenario list --levers"],
    "leadtime scenario list --profiles": ["scenario list --profiles"],
    "leadtime scenario run": ["scenario run as-is no-controls", "scenario run as-is --profile ifp"],
    "leadtime scenario run --file": ["scenario run as-is --file {policy}"],
    "leadtime scenario list --today": ["scenario list --today"],
    "leadtime scenario compare": [
        "scenario compare",
        "scenario compare 'uptake=0.5 diversion_cut=0.5' no-controls --alone",
    ],
    "leadtime scenario show": [
        "scenario show strengthened+tariffs",
        "scenario show rules-change",
        "scenario show no-controls",
    ],
    "leadtime scenario draws": ["scenario draws as-is --draws 50001"],
    "leadtime scenario draws --cluster": ["scenario draws as-is --cluster tcp://127.0.0.1:9"],
    "leadtime scenario sweep": ["scenario sweep uptake --values 0,0.5"],
    "leadtime scenario sensitivity": ["scenario sensitivity --points 16", "scenario sensitivity --points 16 --effect"],
    "leadtime calibrate": ["calibrate"],
    "leadtime claims": ["claims --claim v3-7-10-months --then", "claims --claim fifty-thousand-hoppers"],
    "leadtime claims list": ["claims list"],
    "leadtime claims check": ["claims check {claims}"],
    "leadtime effect": ["effect"],
    "leadtime explain": ["explain"],
    "leadtime explain NAME": ["explain cost.deepseek-v3 --without 1", "explain lag.deepseek-v3 --without 0"],
    "leadtime backtest": [
        "backtest --from 2025-01-29 --question nvidia-total-fy2026",
        "backtest --from 2025-01-29 --question us-eases-2025-01-29",
    ],
    "leadtime backtest --locked": ["backtest --locked", "backtest --locked --as-of 2025-01-29"],
    "leadtime lag --forecast": [
        "lag --forecast 2027Q2",
        "lag --forecast 2027Q1 --of alibaba --definition age_of_equal",
    ],
    "leadtime evidence": ["evidence"],
    "leadtime evidence --quality": ["evidence --quality", "evidence --quality --as-of 2025-01-29"],
    "leadtime evidence TABLE": [
        "evidence chips",
        "evidence scores --where deepseek-v3",
        "evidence rule_events --where nobody",
    ],
    "leadtime evidence TABLE --schema": ["evidence scores --schema", "evidence chip_prices --schema"],
    "leadtime sql": ["sql 'select model, score from scores limit 3'", "sql 'select count(*) as version from models'"],
    "leadtime check": ["check {folder}"],
    "leadtime diff": ["diff built-in {folder} --rows"],
    "leadtime update --list": ["update --list"],
    "leadtime import csv": ["import csv {rows} --into {out}/study"],
    "leadtime doctor": ["doctor"],
    "leadtime schema": ["schema"],
    "leadtime schema NAME": ["schema lag", "schema results"],
}
#: What other tests hold to its schema, where it is computed anyway.
ELSEWHERE = {
    "leadtime curve": "test_curve_evidence.py",
    "leadtime curve --spec": "test_curve_evidence.py",
    "leadtime lag --items": "test_import.py",
    "leadtime capability --items": "test_items.py",
    "leadtime import inspect": "test_import.py",
    "leadtime import epoch": "test_importers.py",
    "leadtime import lm-eval": "test_importers.py",
    "leadtime import lm-eval: to a .parquet": "test_importers.py",
    "leadtime import results": "test_results.py",
    "leadtime import results: to a .parquet": "test_results.py",
    "leadtime fetch epoch": "test_fetch.py",
    "leadtime update": "test_update_command.py",
    "leadtime report": "test_report.py",
    "leadtime report: results.json": "test_report.py",
    "leadtime backtest --monthly": "test_forecast.py",
    "leadtime predict": "test_locked.py",
    "leadtime reproduce": "test_report.py",
    "GET /api/v1, status 400 and above": "test_web.py",
    "GET /api/v1/jobs/{id}": "test_web_jobs.py",
    "POST /api/v1/jobs": "test_web_jobs.py",
    "DELETE /api/v1/jobs/{id}": "test_web_jobs.py",
    "GET /api/v1/studies/{id}": "test_web_own.py",
    "POST /api/v1/studies": "test_web_own.py",
}
FILES = {
    "leadtime export: stamp.json",
    "leadtime export --format datapackage: datapackage.json",
    "leadtime lock: leadtime.lock",
}
#: Every address of the API that gives an answer.
PATHS = [q.path for q in questions(local=False)]
GIVEN = [what for name in schemas.names() for what in schemas.read(name)["x-given-by"]]


@pytest.fixture(scope="module")
def study():
    return Study(TODAY, method="map", draws=50)


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


def words_of(question, given):
    return [w.strip("'").format(**given) for w in re.findall(r"'[^']*'|\S+", question)]


def answer(question, given):
    result = CliRunner().invoke(app, [*words_of(question, given), "--json"])
    refused = question.startswith("rules batch")  # one of its rows is refused, and the end says so
    assert result.exit_code == int(refused), (question, result.output, result.exception)
    return json.loads(result.stdout)


# -- the schemas
# --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_valid_versioned_and_says_what_each_key_means(name):
    found = schemas.read(name)
    Draft202012Validator.check_schema(found)
    assert re.fullmatch(rf"leadtime\.{name}/[1-9]\d*", found["$id"])
    assert found["title"] and found["description"].endswith(".")
    silent = [path for path, s in properties(found) if not s.get("description") and "$ref" not in s]
    assert silent == []
    assert [
        path for path, s in objects(found) if not {"additionalProperties", "unevaluatedProperties"} & s.keys()
    ] == [] or name in SHARED


#: Parts of others, which are closed where they are used, and what may say more.
SHARED = {
    "envelope",
    "stamp",
    "row",
    "evidence-stamp",
    "estimate",
    "interval",
    "rules-event",
    "outcome",
    "problem",
    "schema",
    "import",
    "backtest",
    "effect",
    "locked",
}


def released():
    """The script that writes down how schemas look at a release, and what it wrote of the last one."""
    path = Path(__file__).parent.parent / "scripts" / "released_schemas.py"
    spec = importlib.util.spec_from_file_location("released_schemas", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script, json.loads(script.RELEASED.read_text(encoding="utf-8"))["schemas"]


def wrong_version(script, was, schema):
    """Say what is wrong with the version of a schema, by what it was at the last release; nothing where it is right."""
    has = script.version(schema)
    if was is None:
        return "" if has == 1 else "is new: its version is 1"
    same = script.shape(schema) == was["shape"]
    right = was["version"] + (not same)
    changed = "has the keys of the last release" if same else "has other keys or values than at the last release"
    return "" if has == right else f"{changed}: its version is {right}, not {has}"


def test_a_schema_that_changed_since_the_last_release_has_the_next_version():
    script, were = released()
    now = {name: schemas.read(name) for name in schemas.names()}
    assert {n: w for n, s in now.items() if (w := wrong_version(script, were.get(n), s))} == {}
    referred = re.findall(r"\.\./(leadtime\.[a-z-]+/\d+)", json.dumps(now))
    assert set(referred) <= {s["$id"] for s in now.values()}


@pytest.mark.parametrize("how", ["key", "kind", "value", "required", "raised", "words"])
def test_a_change_of_keys_without_its_version_is_found(how):
    script, _ = released()
    schema = schemas.read("profiles")
    was = {"version": script.version(schema), "shape": script.shape(schema)}
    assert wrong_version(script, was, schema) == ""
    row = next(s for _, s in objects(schema) if "title" in s["properties"])
    if how == "key":
        row["properties"]["more"] = {"type": "string", "description": "More."}
    elif how == "kind":
        row["properties"]["title"]["type"] = "number"
    elif how == "value":
        row["properties"]["title"]["enum"] = ["a"]
    elif how == "required":
        row["required"] = row["required"][1:]
    elif how == "raised":
        schema["$id"] = "leadtime.profiles/3"
    else:
        row["properties"]["title"]["description"] = "In other words."
        schema["title"] = "Others"
    assert bool(wrong_version(script, was, schema)) == (how != "words")


def properties(value, path=""):
    """Yield every property of a schema with its path."""
    if isinstance(value, dict):
        for key, inner in value.get("properties", {}).items() if isinstance(value.get("properties"), dict) else ():
            yield f"{path}.{key}", inner
        for key, inner in value.items():
            yield from properties(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from properties(inner, f"{path}[{i}]")


def objects(value, path=""):
    """Yield every object with properties of its own."""
    if isinstance(value, dict):
        if value.get("type") == "object" and "properties" in value:
            yield path, value
        for key, inner in value.items():
            yield from objects(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from objects(inner, f"{path}[{i}]")


def test_every_schema_is_used_and_every_output_has_one_test():
    parts = {n for n in schemas.names() if not schemas.read(n)["x-given-by"]}
    used = {n for name in schemas.names() for n in schemas.components([name]) if n != name}
    assert parts <= used
    assert len(GIVEN) == len(set(GIVEN))
    for what, file in ELSEWHERE.items():
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        assert f'conforms("{schemas.given_by(what)}"' in text, what
    served = {f"GET /api/v1{path}" for path in PATHS}
    assert set(GIVEN) == set(ASKED) | set(ELSEWHERE) | FILES | served


def references(value):
    """Yield what a schema refers to."""
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from references(part)


@pytest.mark.parametrize("name", schemas.names())
def test_every_reference_leads_somewhere(name):
    whole = schemas.bundled(name)
    for pointer in references(whole):
        place = whole
        for part in pointer.removeprefix("#").split("/")[1:]:
            place = place[int(part)] if isinstance(place, list) else place[part]


def commands(command, path="leadtime"):
    """Yield the path of every command that has --json."""
    if any("--json" in p.opts for p in command.params):
        yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}")


def test_every_command_with_json_and_every_address_has_a_schema():
    assert [c for c in commands(get_command(app)) if schemas.given_by(c) is None] == []
    assert [path for path in PATHS if schemas.given_by(f"GET /api/v1{path}") is None] == []


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
    arguments = ["export", "--to", str(out), "--evidence-only", "--format", "csv", "--method", "map", "--draws", "50"]
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
