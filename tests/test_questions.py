"""Questions are declared once: every door offers just what their declarations say, and every question answers in words and numbers."""

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
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command
from typer.testing import CliRunner

from conforms import conforms
from leadtime import schemas
from leadtime.answers import registry
from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.kinds import Choice, Contents, Flag, Kind, Many, Name, Text
from leadtime.answers.measures import Day, Interval, Number, Quarter, Whole
from leadtime.answers.names import KINDS, offered, resolved
from leadtime.answers.parameters import AS_OF, Model, settings
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import chance, grew, months_apart, number, shown, significant
from leadtime.cli import app
from leadtime.cli.asked import Command, add_questions, offered_by
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.study import Study
from terminal_side import typed

TODAY = "2026-11-24"
EVERY = registry.questions()
SERVED = registry.questions(local=False)
#: Questions that take long; others tests ask them, and hold them to their schemas.
LONG = {
    "lag all": "test_schemas.py",
    "curve": "test_curve_evidence.py",
    "effect": "test_schemas.py",
    "scenario draws": "test_schemas.py",
    "scenario run": "test_schemas.py",
    "scenario sensitivity": "test_schemas.py",
    "curve spec": "test_curve_evidence.py",
    "lag published": "test_published.py",
}


@pytest.fixture(scope="module")
def study():
    return Study(TODAY, method="map", draws=50)


@pytest.fixture(scope="module")
def answered(study):
    """Every question that is served, asked by its example."""
    return {q.name: q.ask(subject(q, study), q.example) for q in SERVED if q.name not in LONG}


def subject(q, study):
    return {"study": study, "nothing": None}[q.of] if q.of in ("study", "nothing") else getattr(study, q.of)


# -- every question ----------------------------------------------------------------------------------------------------------


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
        assert figure.spec() and figure.data.height and TODAY in figure.caption


def test_long_questions_are_asked_elsewhere():
    from pathlib import Path

    for name, file in LONG.items():
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        assert f'"{registry.find(name).schema}"' in text or f'"leadtime {registry.find(name).command}"' in text


# -- the doors ---------------------------------------------------------------------------------------------------------------


def command_of(words):
    found = get_command(app)
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
    """The whole of what a shell waits for is measured as processor time, which a machine that has more to do does not lengthen."""
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
    [("lag deepseek-v3", "deepseek-v3"), ("curve --country CH", "CHN"), ("lag --definition age", "age_of_equal"), ("evidence ru", "rule_events"), ("lag --cl", "--clock")],
)  # fmt: skip
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


# -- what is asked -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "text", "found"),
    [
        ("model", "DeepSeek-V3", "deepseek-v3"), ("model", "deepseek v3", "deepseek-v3"), ("side", "China", "CHN"), ("side", "cn", "CHN"),
        ("side", "the United States", "USA"), ("side", "Open", "open"), ("side", "DeepSeek", "deepseek"), ("side", "CHN", "CHN"),
        ("country", "Germany", "DEU"), ("country", "de", "DEU"), ("definition", "age of equal", "age_of_equal"), ("chip", "H20", "h20"),
        ("benchmark set", "Math", "math"), ("schema", "lag", "lag"),
    ],
)  # fmt: skip
def test_names_are_found_as_people_type_them(study, of, text, found):
    assert resolved(of, text, study) == found


@pytest.mark.parametrize(
    ("of", "text", "words"),
    [
        ("model", "gpt-4o", "several models begin"), ("model", "deepsek-v3", "deepseek-v3"), ("side", "Chinna", "China"), ("country", "Atlantis", "no country"),
        ("definition", "age", "age_of_equal"), ("chip", "H9000", "H9000"),
    ],
)  # fmt: skip
def test_a_name_of_nothing_or_of_several_things_is_told(study, of, text, words):
    with pytest.raises(LeadtimeError) as told:
        resolved(of, text, study)
    assert words.casefold() in str(told.value).casefold() or text in str(told.value)


KINDS_OF_VALUES = [
    Text(), Number(low=0, high=1), Number(low=0, above=True), Whole(low=1, high=9), Interval(low=0), Flag(), Choice(of=("a", "b")), Day(), Quarter(),
    Contents(), Many(each=Number(low=0)), Many(each=Text(), at_most=2), Name(of="model"),
]  # fmt: skip


@given(
    st.sampled_from(KINDS_OF_VALUES),
    st.one_of(
        st.text(max_size=300), st.floats(), st.integers(), st.none(), st.booleans(), st.lists(st.text(), max_size=4)
    ),
)
def test_a_value_is_of_its_kind_or_refused_in_words(kind: Kind, value):
    try:
        found = kind.parse(value)
    except LeadtimeError as error:
        assert error.what and error.fix
        return
    assert kind.parse(found) == found  # what was read is read again as itself
    assert "nan" not in str(found).casefold() or isinstance(found, str | tuple)


@pytest.mark.parametrize("kind", KINDS_OF_VALUES, ids=lambda k: type(k).__name__)
def test_a_kind_is_described_to_people_and_programs(kind):
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(kind.schema())
    assert (
        kind.expected
        and kind.metavar
        and kind.control in ("text", "textarea", "number", "date", "checkbox", "select", "datalist")
    )


def test_one_value_or_two_ends():
    assert Interval(low=0).parse("814") == (814.0, 814.0)
    assert Interval(low=0).parse("4500..5,200") == (4500.0, 5200.0)
    with pytest.raises(LeadtimeError, match="ends before"):
        Interval().parse("3..2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lag", "--forecast", "2027Q2", "--clock", "trained"], "--clock says nothing of `leadtime lag --forecast QUARTER`"),
        (["lag", "--path", "--headline"], "two questions"), (["lag", "--path", "deepseek-v3"], "MODEL says nothing of"),
        (["lag", "--against", "deepseek-v3"], "which model?"), (["lag", "gpt-4o"], "several models begin with"), (["lag", "--of", "Atlantis"], "no side"),
        (["lag", "--clock", "tomorrow"], "one of released, trained"), (["curve", "--country", "France"], "rate of its own"),
        (["lag", "--seed", "-1"], "out of range"), (["lag", "--draws", "many"], "whole number"), (["lag", "--forecast", "soon"], "year and a quarter"),
        (["capability", "--top", "0"], "out of range"), (["lag", "--json", "--csv"], "two forms"), (["lag", "--figure", "x.doc"], "no kind of figure"),
        (["curve", "--adoption", "--quantiles", "0.5"], "keeps no draws"), (["lag", "--quantiles", "2"], "out of range"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_the_words_of_the_command_line(arguments, words):
    done = typed(*arguments, "--draws", "50", "--method", "map") if "--draws" not in arguments else typed(*arguments)
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


# -- sentences ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "middle", "high", "said"),
    [
        (4.1, 4.9, 6.1, "They were 4.9 months behind the others (4.1 to 6.1)"),
        (-6.1, -4.9, -4.1, "They were 4.9 months ahead of the others (4.1 to 6.1)"),
        (-0.5, 0.8, 2.1, "They were 0.8 months behind the others (0.5 ahead to 2.1 behind)"),
        (-2.1, -0.8, 0.5, "They were 0.8 months ahead of the others (2.1 ahead to 0.5 behind)"),
        (-0.3, 0.01, 0.4, "They were level with the others (0.3 ahead to 0.4 behind)"),
        (0.0, 0.0, 0.0, "They were level with the others (the same in every draw)"),
        (3.0, 3.0, 3.0, "They were 3.0 months behind the others (the same in every draw)"),
        (0.0, 1.0, 2.0, "They were 1.0 month behind the others (0.0 to 2.0)"),
        (None, None, None, "How far They were behind the others cannot be measured"),
    ],
)  # fmt: skip
def test_a_gap_is_told_in_every_direction(low, middle, high, said):
    assert months_apart("They", "the others", Spread(low, middle, high)) == said


@given(st.floats(-60, 60), st.floats(0, 20), st.floats(0, 20))
def test_a_gap_is_told_on_the_side_of_its_middle(middle, below, above):
    said = months_apart("They", "the others", Spread(middle - below, middle, middle + above))
    assert ("behind the others" in said) == (middle >= 0.05) and ("ahead of the others" in said) == (middle <= -0.05)
    assert "-" not in said and "nan" not in said


@pytest.mark.parametrize(
    ("middle", "p", "said"),
    [
        (1.2, 0.97, "The gap grew by 1.2 months from the year before (chance 97 in 100)."),
        (-1.2, 0.02, "The gap shrank by 1.2 months from the year before (chance 98 in 100)."),
        (0.4, 0.64, "Whether the gap grew from the year before is unclear: the chance is 64 in 100."),
        (None, None, "Whether the gap grew from the year before is not known."),
    ],
)  # fmt: skip
def test_a_change_is_told_as_clear_or_unclear(middle, p, said):
    assert grew("The gap", Spread(None, middle, None), p, "the year before") == said


def test_chances_and_numbers_are_told_as_people_say_them():
    assert [chance(p) for p in (0.001, 0.86, 0.999, None)] == [
        "under 1 in 100",
        "86 in 100",
        "over 99 in 100",
        "not known",
    ]
    assert [number(-0.01), number(3.14159, 2), number(float("nan"))] == ["0.0", "3.14", "not known"]
    assert [significant(2_788_000), significant(0.0341, 2), significant(34e9)] == [
        "2.79 million",
        "0.034",
        "34 billion",
    ]


class _Lags:
    """A study whose lags are given."""

    def __init__(self, study, months):
        self.months, self.evidence, self.stamp, self.evidence_through = (
            months,
            study.evidence,
            study.stamp,
            study.evidence_through,
        )

    def lag(self, model, of, behind, name, *settings):
        import numpy as np

        return Estimate(name=name, unit="months", draws=np.array(self.months), definition="It.", as_of=TODAY)

    def lag_year(self, *a, **k):
        raise LeadtimeError("no model in that year")


@pytest.mark.parametrize(
    ("asked", "months", "words"),
    [
        ({"of": "CHN"}, [4.0, 5.0, 6.0] * 30, "China's best models were 5.0 months behind America's on average since July 2023 (4.0 to 6.0)."),
        ({"of": "USA", "behind": "CHN"}, [-4.0, -5.0, -6.0] * 30, "America's best models were 5.0 months ahead of China's"),
        ({"of": "open", "behind": "closed"}, [0.0], "The best open models were level with the best closed models"),
        ({"model": "deepseek-v3"}, list(range(1, 60)), "DeepSeek-V3 was 30.0 months behind America's best models when it came out (3.9 to 56.1)."),
        ({"model": "deepseek-v3"}, [3.0] * 80 + [5.0] * 20, "DeepSeek-V3 was most likely 3.0 months behind America's best models when it came out (80 in 100); next comes 5.0 months behind (20 in 100)."),
        ({"model": "deepseek-v3"}, [float("nan")] * 9, "How far DeepSeek-V3 was behind America's best models when it came out cannot be measured."),
        ({"model": "deepseek-v3", "definition": "trend_gap_linear", "benchmarks": "math"}, [1.0, 2.0, 3.0] * 30, "by the straight line through the records, on tests of math (1.0 to 3.0)"),
    ],
)  # fmt: skip
def test_the_sentence_of_a_lag_is_true_in_every_direction(study, asked, months, words):
    fake = _Lags(study, [float(m) for m in months])
    assert words in registry.find("lag").ask(fake, asked).sentence


def test_the_claimed_range_stands_only_where_the_claim_is_about(study, monkeypatch):
    grid = study.lag_grid("deepseek-v3")
    monkeypatch.setattr(Study, "lag_grid", lambda self, *a, **k: grid)
    ask = registry.find("lag all").ask
    assert "p_7_10" in ask(study, {"model": "deepseek-v3"}).to_json()["rows"][0]
    assert "p_7_10" not in ask(study, {"model": "deepseek-r1"}).to_json()["rows"][0]


def test_which_of_two_is_abler_is_told_either_way_or_not_at_all():
    from leadtime.answers.questions.lag_versus import _sentence

    domain = {"level": "domain", "probability": 0.8}
    assert _sentence("A", "B", 0.97, [domain]) == "A is abler than B (chance 97 in 100), and in 1 of 1 domain."
    assert _sentence("A", "B", 0.03, [domain]) == "B is abler than A (chance 97 in 100), and in 0 of 1 domain."
    assert "not clear" in _sentence("A", "B", 0.5, []) and "not known" in _sentence("A", "B", None, [])


def test_an_answer_is_shown_in_a_notebook(answered):
    found = answered["lag"]._repr_html_()
    assert found.startswith("<p><strong>") and "<table>" in found


def test_settings_are_those_of_what_a_question_is_put_to():
    assert [s.name for s in settings(registry.find("lag"))] == ["as_of", "study", "seed", "draws", "method"]
    assert [s.name for s in settings(registry.find("capability eci"))] == []
    assert AS_OF.read("2025-01-29") == dt.date(2025, 1, 29)
    assert Command([registry.find("lag")]).asked and Model
