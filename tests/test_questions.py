"""Questions are declared once: every door offers just what their declarations say, and every question answers in words
and numbers.
"""

import datetime as dt
import json
import os
import re
import resource
import subprocess
import sys
from dataclasses import replace
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from conforms import conforms
from leadtime import schemas
from leadtime.answers import registry
from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.measures import Number
from leadtime.answers.names import KINDS, offered, resolved
from leadtime.answers.parameters import AS_OF, Model, settings
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import shown
from leadtime.cli.asked import Command, add_questions, offered_by
from studies import quick_study
from terminal_side import program, typed

TODAY = "2026-11-24"
EVERY = registry.questions()
SERVED = registry.questions(local=False)
#: Questions that take long; others tests ask them, and hold them to their schemas.
LONG = {
    "lag all": "schemas_side.py",
    "curve": "test_curve_evidence.py",
    "effect": "schemas_side.py",
    "scenario draws": "schemas_side.py",
    "scenario run": "schemas_side.py",
    "scenario sensitivity": "schemas_side.py",
    "curve spec": "test_curve_evidence.py",
    "lag published": "test_published.py",
}


@pytest.fixture(scope="module")
def study():
    return quick_study()


@pytest.fixture(scope="module")
def answered(study):
    """Every question that is served, asked by its example."""
    return {q.name: q.ask(subject(q, study), q.example) for q in SERVED if q.name not in LONG}


def subject(q, study):
    return {"study": study, "nothing": None}[q.of] if q.of in ("study", "nothing") else getattr(study, q.of)


# -- every question
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", EVERY, ids=lambda q: q.name)
def test_a_question_says_all_that_its_doors_need(q):
    assert q.asks.endswith("?") and q.help.endswith(".")
    assert all(p.help.strip().endswith(".") for p in q.parameters), [p.name for p in q.parameters]
    places = [w for w in q.command.partition(" --")[0].split() if w.isupper() and not q.local]
    assert schemas.read(q.schema)["x-given-by"][0].startswith(
        f"leadtime {' '.join([*q.words, *places, q.switch]).strip()}"
    )
    assert q.local or f"GET /api/v1{q.path}" in schemas.read(q.schema)["x-given-by"]
    names = {p.name for p in q.parameters}
    assert set(q.example) <= names and {p.name for p in q.parameters if p.required} <= set(q.example)
    q.parse(q.example)
    assert q.local or {p.name for p in q.parameters if p.required} <= {p.name for p in q.served}


@pytest.mark.parametrize("q", [q for q in SERVED if q.name not in LONG], ids=lambda q: q.name)
def test_every_question_answers_its_example_in_words_and_numbers(answered, q):
    answer = answered[q.name]
    assert answer.sentence[0].isupper() or answer.sentence[0].isdigit()
    assert answer.sentence.rstrip().endswith(".") and "nan" not in answer.sentence and "None" not in answer.sentence
    assert answer.sentence.isprintable()
    found = conforms(q.schema, json.loads(json.dumps(answer.to_json(), allow_nan=False)))
    assert found["question"] == q.name and found["schema"].startswith(f"leadtime.{q.schema}/")
    for table in answer.tables:
        for row in table.rows:
            assert all(isinstance(shown(c, row), str) for c in table.columns)
            assert all(c.key in row for c in table.columns), table.name


@pytest.mark.parametrize("q", [q for q in SERVED if q.name not in LONG], ids=lambda q: q.name)
def test_every_question_has_a_figure_or_says_why_not(answered, q):
    made = answered[q.name].figure
    assert (made is None) == bool(q.no_figure)
    if made is not None:
        figure = made()
        assert figure.spec() and figure.data.height and "November 24, 2026" in figure.caption


def test_long_questions_are_asked_elsewhere():
    from pathlib import Path

    for name, file in LONG.items():
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        assert f'"{registry.find(name).schema}"' in text or f'"leadtime {registry.find(name).command}"' in text


# -- the doors
# ---------------------------------------------------------------------------------------------------------------


def command_of(words):
    found = program()
    for word in words:
        found = found.commands[word]
    return found


@pytest.mark.parametrize("words", sorted({q.words for q in EVERY}), ids=" ".join)
def test_the_command_line_offers_what_is_declared_and_no_more(words):
    asked = [q for q in EVERY if q.words == words]
    declared = {p.spelled for q in asked for p in (*q.parameters, *settings(q)) if p is not q.switched} | {
        q.switch for q in asked if q.switch
    }
    old = {o for q in asked for p in (*q.parameters, *settings(q)) for o in p.formerly}
    output = {"--json", "--csv", "--figure", "--quantiles", "--verbose", "--help"}
    offers = {o for p in command_of(words).params for o in (p.opts if p.param_type_name == "option" else [p.metavar])}
    assert offers - output - old == declared == offered_by(asked)
    assert old <= offers
    no = {o for p in command_of(words).params for o in p.secondary_opts}
    assert no == {p.negated for q in asked for p in q.parameters if p.negated}


def test_the_api_offers_what_is_declared_and_no_more(web):
    paths = web.get("/api/v1/openapi.json").json()["paths"]
    for q in SERVED:
        offers = {p["name"]: p for p in paths[f"/api/v1{q.path}"]["get"]["parameters"]}
        own = {p.name for p in (*q.served, *settings(q))}
        assert set(offers) - {"quantiles"} == own, q.name
        assert all(p["description"] for p in offers.values())
        assert {n for n, p in offers.items() if p["required"]} == {p.name for p in q.parameters if p.required}


def test_a_form_has_a_control_for_each_parameter(study):
    from leadtime.report.controls import controls
    from leadtime.report.html import environment

    macros = environment().get_template("macros.html").module
    for q in SERVED:
        made = controls(q.name, subject(q, study), {})
        assert set(made) == {p.name for p in q.served}
        for name, c in made.items():
            assert f'name="{name}"' in str(macros.control_of(c))


TOY = "toy distance"


@pytest.fixture
def toy():
    """A question in one place: this function."""

    @question(
        TOY,
        "How far apart are two numbers?",
        of="nothing",
        example={"a": 1, "b": 3},
        schema="schema",
        docs="methods/lag",
        no_figure="It is a toy.",
    )
    def distance(
        *,
        a: Annotated[float, Meaning(kind=Number(low=0, unit="miles"), help="The first.", positional=True)],
        b: Annotated[float, Meaning(kind=Number(low=0), help="The second.")] = 2.0,
    ) -> Answer:
        """Say how far apart two numbers are."""
        rows = [{"what": "apart", "miles": abs(a - b)}]
        columns = (Column(key="what", title="What"), Column(key="miles", title="Miles", kind="number"))
        return Answer(
            sentence=f"They are {abs(a - b):g} apart.",
            rows=Table(rows=rows, columns=columns),
            tag="arithmetic",
            about=About(),
        )

    yield registry.find(TOY)
    registry.forget(TOY)


def test_a_question_in_one_file_is_a_question_of_every_door(toy, web):
    program = typer.Typer()
    add_questions(program, {})
    run = CliRunner()
    text = run.invoke(program, ["toy", "distance", "1", "--b", "4"])
    assert text.exit_code == 0 and text.stdout.startswith("They are 3 apart.\n")
    said = json.loads(run.invoke(program, ["toy", "distance", "1", "--b", "4", "--json"]).stdout)
    assert said["asked"] == {"a": 1.0, "b": 4.0} and said["rows"] == [{"what": "apart", "miles": 3.0}]
    assert "The second" in run.invoke(program, ["toy", "distance", "--help"]).stdout

    from web_client import client

    with client() as server:
        assert server.get("/api/v1/toy/distance?a=1&b=4").json() == said
        assert server.get("/api/v1/toy/distance?a=-1").status_code == 422
        assert server.get("/api/v1/toy/distance?a=1&c=4").status_code == 422

    from mcp_side import in_process

    async def asked(assistant):
        tools = {t.name: t for t in (await assistant.list_tools()).tools}
        assert set(tools) == {q.id for q in registry.questions(local=False)} >= {"toy_distance"}
        assert set(tools["toy_distance"].input_schema["properties"]) == {"a", "b"}
        found = await assistant.call_tool("toy_distance", {"a": 1, "b": 4})
        assert found.structured_content == said and found.content[0].text.startswith("They are 3 apart.")
        assert (await assistant.call_tool("toy_distance", {"a": -1})).is_error

    in_process(asked)

    sys.path.insert(0, "docs/extensions")
    from asked import describe_questions

    assert "How far apart are two numbers?" in describe_questions() and "The second" in describe_questions()


def test_a_name_is_declared_once(toy):
    with pytest.raises(ValueError, match="twice"):
        registry.register(replace(toy, answer=print, path="/elsewhere"))


def test_the_list_of_questions_is_quick_and_loads_nothing_heavy():
    code = (
        "import sys, leadtime.cli; from leadtime.answers.registry import questions; questions();"
        "print([m for m in ('numpy', 'polars', 'jax', 'pydantic', 'altair', 'fastapi') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_names_are_offered_without_a_table_library():
    """The whole of what a shell waits for is measured as processor time, which a machine that has more to do does not
    lengthen.
    """
    code = (
        "import json, sys, time; from leadtime.answers.names import KINDS, offered; start = time.process_time();"
        "found = {of: offered(of) for of in KINDS}; took = time.process_time() - start;"
        "print(json.dumps([found, took, [m for m in ('numpy', 'polars', 'jax') if m in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, seconds, heavy = json.loads(done.stdout)
    assert all(found.values()) and seconds < 0.3 and heavy == []
    resolved("definition", "age_of_equal", None), resolved("lever", "uptake", None), resolved("quantity", "cost", None)
    assert {of: list(offered(of)) for of in KINDS} == found  # what is read from text is what is declared


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lag deepseek-v3", "deepseek-v3"),
        ("curve --country CH", "CHN"),
        ("lag --definition age", "age_of_equal"),
        ("evidence ru", "rule_events"),
        ("lag --cl", "--clock"),
    ],
)
def test_a_shell_is_told_names_at_once(words, found):
    asked = {
        "_LEADTIME_COMPLETE": "complete_bash",
        "COMP_WORDS": f"leadtime {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "leadtime"], capture_output=True, text=True, env=os.environ | asked, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert found in done.stdout.split()
    assert after.ru_utime - before.ru_utime < 0.6  # 0.25 on a machine that does nothing else


# -- mistakes and what is shown
# --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["lag", "--forecast", "2027Q2", "--clock", "trained"],
            "`leadtime lag --forecast QUARTER` does not take --clock",
        ),
        (["lag", "--path", "--headline"], "ask two questions"),
        (["lag", "--path", "deepseek-v3"], "does not take MODEL"),
        (["lag", "--against", "deepseek-v3"], "which model?"),
        (["lag", "gpt-4o"], "several models begin with"),
        (["lag", "--of", "Atlantis"], "no side"),
        (["lag", "--clock", "tomorrow"], "one of released, trained"),
        (["curve", "--country", "France"], "rate of its own"),
        (["lag", "--seed", "-1"], "too small"),
        (["lag", "--draws", "many"], "whole number"),
        (["lag", "--forecast", "soon"], "year and a quarter"),
        (["capability", "--top", "0"], "too small"),
        (["lag", "--json", "--csv"], "cannot be given together"),
        (["lag", "--figure", "x.doc"], "not a kind of figure"),
        (["curve", "--adoption", "--quantiles", "0.5"], "keeps no draws"),
        (["lag", "--quantiles", "2"], "too large"),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_command_line(arguments, words):
    done = typed(*arguments, "--draws", "200", "--method", "map") if "--draws" not in arguments else typed(*arguments)
    assert done.returncode == 1 and words in " ".join(done.stderr.split()), done.stderr


def test_a_mistake_with_json_is_json():
    done = typed("lag", "nobody-9", "--json")
    assert done.returncode == 1
    found = conforms("problem", json.loads(done.stdout))
    assert "nobody-9" in found["title"] and found["status"] == 400


def test_an_old_spelling_works_with_a_word(monkeypatch, study):
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a: study)
    old, new = (
        typed("lag", *words, "--definition", "age_of_equal") for words in (("--model", "deepseek-v3"), ("deepseek-v3",))
    )
    assert old.stdout == new.stdout and new.stderr == ""
    assert "--model" in old.stderr and "leadtime lag deepseek-v3" in old.stderr


def test_text_fits_the_terminal_and_footnotes_are_tied_to_rows(monkeypatch, study):
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a: study)
    for arguments in (
        ["lag", "deepseek-v3"],
        ["lag"],
        ["lag", "--headline"],
        ["capability"],
        ["curve", "--test", "deepseek-v3"],
    ):
        text = typed(*arguments).stdout
        assert max(map(len, text.splitlines())) <= 80, arguments
        marks = set(re.findall(r"\[(\d+)\]", text))
        assert all(
            len(re.findall(rf"\[{m}\]", text)) >= 2 and re.search(rf"^\[{m}\] ", text, re.MULTILINE) for m in marks
        )


def test_quantiles_by_choice_in_json_and_text(monkeypatch, study):
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a: study)
    found = conforms("lag", json.loads(typed("lag", "deepseek-v3", "--quantiles", "0.1,0.5", "--json").stdout))
    by = {(r["of"], r["quantile"]): r["value"] for r in found["quantiles"]}
    for row in found["rows"]:
        assert by[row["title"], 0.5] == row["median"] and by[row["title"], 0.1] <= row["median"]


def test_a_figure_is_written_by_its_ending(monkeypatch, study, tmp_path):
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a: study)
    begins = {"svg": b"<svg", "csv": b"title,"}
    for ending, start in begins.items():
        done = typed("lag", "deepseek-v3", "--figure", tmp_path / f"f.{ending}")
        assert done.returncode == 0 and (tmp_path / f"f.{ending}").read_bytes().startswith(start)


def test_an_answer_is_shown_in_a_notebook(answered):
    found = answered["lag"]._repr_html_()
    assert found.startswith("<p><strong>") and "<table>" in found


def test_settings_are_those_of_what_a_question_is_put_to():
    assert [s.name for s in settings(registry.find("lag"))] == ["as_of", "study", "seed", "draws", "method", "refit"]
    assert [s.name for s in settings(registry.find("capability eci"))] == []
    assert AS_OF.read("2025-01-29") == dt.date(2025, 1, 29)
    assert Command([registry.find("lag")]).asked and Model
