"""`leadtime figure` and `leadtime memo` as they are typed, and the commands that a memo repeats."""

import datetime as dt
import functools
import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers.answer import Answer, Table
from leadtime.answers.kinds import Contents
from leadtime.answers.registry import questions
from leadtime.cli import figure, held
from leadtime.cli import memo as memo_command
from leadtime.evidence import Evidence
from leadtime.figures.tokens import color
from leadtime.memo.repeat import command
from memo_side import TODAY
from terminal_side import typed


def test_options_of_the_two_commands_are_no_options_of_a_question():
    own = {"--out", "--width", "--dark", "--title"}
    for q in questions():
        if q.name == "rules batch":  # it writes files of its own, and is refused here
            continue
        assert own.isdisjoint(
            {q.switch, *(p.option for p in q.parameters), *(f for p in q.parameters for f in p.formerly)}
        ), q.name
    assert figure.figure and memo_command.memo


def test_a_question_is_typed_as_on_its_own():
    (one,) = held.asked(["lag", "deepseek-v3", "--behind", "USA", "--draws", "50"])
    assert (
        one.question.name == "lag"
        and one.values == {"model": "deepseek-v3", "behind": "USA"}
        and one.subject == {"draws": 50}
    )
    named, switched = held.asked(["curve", "adoption", "--", "curve", "--adoption"])
    assert named == switched and named.question.name == "curve adoption"
    (valued,) = (
        held.asked(["expected", "deepseek-v3"])
        if "expected" in {q.name for q in questions()}
        else held.asked(["curve", "--test", "deepseek-v3"])
    )
    assert valued.values == {"model": "deepseek-v3"}
    common = held.asked(
        ["lag", "--as-of", "2025-01-29", "--", "capability", "--", "curve", "--adoption"],
        {"as_of": TODAY, "draws": "60"},
    )
    assert [c.subject.get("as_of") for c in common] == [
        dt.date(2025, 1, 29),
        dt.date.fromisoformat(TODAY),
        dt.date.fromisoformat(TODAY),
    ]
    assert [c.subject.get("draws") for c in common] == [60, 60, 60 if common[2].question.of == "study" else None]


OWN = {"options": {"--out", "--dark", "--as-of"}, "first": {"--as-of"}, "flags": {"--dark"}}


@pytest.mark.parametrize(
    ("typed_", "read"),
    [
        ("lag --of China --out x.md --path", "--out x.md -- lag --of China --path"),
        ("--as-of D lag --as-of E --dark", "--as-of D --dark -- lag --as-of E"),
        ("--out=x lag -- effect -- curve --out", "--out=x --out"),
        ("lag -- effect --out x", "--out x -- lag -- effect"),
        ("", "--"),
        ("lag --out -- x", "--out -- -- lag x"),
    ],
)
def test_options_of_the_command_go_first(typed_, read):
    assert held.parted(typed_.split(), **OWN) == read.split()


@given(st.lists(st.sampled_from(["lag", "--out", "x.md", "--out=y", "--dark", "--as-of", "--of", "China"]), max_size=9))
def test_no_word_of_a_line_is_lost(words):
    assert sorted(held.parted([*words, "last"], **OWN)) == sorted([*words, "--", "last"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["figure", "curve", "firsts", "--out", "x.png"], "It is a list of names and days"),
        (["figure", "lagg", "--out", "x.png"], "Did you mean lag"),
        (["figure", "lag", "--out", "x.doc"], "not a kind of figure"),
        (["figure", "lag"], "no file was named"),
        (["figure", "--out", "x.svg"], "no question was named"),
        (["figure", "lag", "--", "capability", "--out", "x.svg"], "too many for a figure"),
        (["figure", "lag", "--out", "x.svg", "--width", "big"], "desk, phone"),
        (["figure", "lag", "--clock", "tomorrow", "--out", "x.svg"], "one of released, trained"),
        (["figure", "lag", "--out"], "needs a value"),
        (["figure", "lag", "--json", "--out", "x.svg"], "there is no option --json"),
        (["memo", "--out", "x.pdf"], "no question was named"),
        (["memo", "lag", "--out", "x.rtf"], "not a kind of memo"),
        (["memo", "lag"], "no file was named"),
        (["memo", "--draws", "few", "lag", "--out", "x.md"], "whole number"),
    ],
)
def test_mistakes_are_told_before_anything_is_computed(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = typed(*arguments)
    assert done.returncode in (1, 2) and words in " ".join(done.stderr.split()), done.stderr
    assert not [*tmp_path.iterdir()]


def test_help_after_a_question_is_that_of_the_question():
    assert "--clock" in typed("figure", "lag", "--help").stdout
    assert "--clock" not in typed("figure", "--help").stdout


def test_a_figure_and_a_memo_are_written_by_commands(tmp_path):
    settings = ("--as-of", TODAY)
    done = typed(
        "figure",
        "lag",
        "deepseek-v3",
        *settings,
        "--method",
        "map",
        "--draws",
        "200",
        "--out",
        tmp_path / "a.vl.json",
        "--width",
        "phone",
        "--dark",
    )
    assert done.returncode == 0 and done.stdout.endswith("a.vl.json\n"), done.stderr
    spec = json.loads((tmp_path / "a.vl.json").read_text())
    assert spec["title"]["text"] and spec["background"] == color("paper", dark=True)
    assert "November 24, 2026" in spec["description"]

    done = typed(
        "memo",
        *settings,
        "--method",
        "map",
        "--draws",
        "200",
        "--title",
        "Two *things*",
        "lag",
        "deepseek-v3",
        "--",
        "curve",
        "--firsts",
        "--out",
        tmp_path / "m.md",
    )
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.vl.json", "m-1.png", "m.bib", "m.md"]
    said = (tmp_path / "m.md").read_text()
    assert said.startswith("# Two \\*things\\*\n") and "(m-1.png)" in said
    assert (
        f"leadtime lag deepseek-v3 --as-of {TODAY} --draws 200 --method map" in said
        and f"leadtime curve --firsts --as-of {TODAY}" in said
    )
    assert "--study" not in said


# -- what is asked again
# -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", [q for q in questions() if q.name != "rules batch"], ids=lambda q: q.name)
def test_the_command_in_a_memo_asks_the_same(q):
    """With the example, and with each parameter at what its declaration gives as an example."""
    own = {p.name: p.example for p in q.parameters if p.example and p is not q.switched}
    for example in (q.example, {**own, **q.example}):
        values = q.parse(example)
        known = {p.name: p.kind.parse(p.default) for p in q.parameters if p.default is not None} | values
        said = Answer(
            sentence="", rows=Table(rows=[], columns=()), tag="measured", question=q.name, asked=known, stamp=_stamp()
        )
        words = shlex.split(command(said))
        if any(isinstance(p.kind, Contents) and p.name in values for p in q.parameters):
            assert "FILE" in words, "it was the text of a file, whose name is not told"
            continue
        (again,) = held.asked(words[1:])
        assert again.question is q
        assert {k: v for k, v in q.parse(again.values).items() if v != known.get(k)} == {}
        assert {p.name for p in q.parameters if p.required} <= set(again.values)
        assert all(again.question.parse(again.values).get(k, known[k]) == v for k, v in values.items())


@functools.cache
def _stamp():
    return Evidence.load(as_of=dt.date.fromisoformat(TODAY)).stamp | {"seed": 3, "draws": 2000, "method": "map"}


def test_a_study_of_ones_own_is_named_in_the_command_and_its_place_is_not():
    said = Answer(
        sentence="",
        rows=Table(rows=[], columns=()),
        tag="measured",
        question="lag",
        asked={"model": "x y"},
        stamp=_stamp(),
    )
    assert command(said) == f"leadtime lag 'x y' --as-of {TODAY} --seed 3 --method map"
    own = Answer(**{f: getattr(said, f) for f in said.__slots__} | {"stamp": _stamp() | {"evidence_hash": "other"}})
    assert "--study DIR" in command(own)
