"""Outputs are as their schemas say, every output has one, and every schema describes an output."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.main import get_command

from leadtime import schemas
from leadtime.answers.registry import questions
from leadtime.cli import app
from schemas_side import ASKED, references

#: What other tests hold to its schema, where it is computed anyway.
ELSEWHERE = {
    "leadtime curve": "test_curve_evidence.py",
    "leadtime curve --spec": "test_curve_evidence.py",
    "leadtime lag --items": "test_import.py",
    "leadtime capability --items": "test_items.py",
    "leadtime import inspect": "test_import.py",
    "leadtime import epoch": "import_side.py",
    "leadtime import lm-eval": "import_side.py",
    "leadtime import lm-eval: to a .parquet": "import_side.py",
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
