"""Commands that are no questions: what they take is declared as questions declare it, and stands once."""

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from leadtime.answers.kinds import File, Flag, Many, Pair, Text
from leadtime.answers.measures import Whole
from leadtime.answers.parameters import AS_OF, DRAWS, METHOD, SEED, STUDY
from leadtime.answers.question import Meaning
from leadtime.cli import app
from leadtime.cli.declared import declared
from leadtime.errors import LeadtimeError
from leadtime.importers import epoch

#: Commands that Typer reads itself: they serve, hold questions, or write the report.
READ_BY_TYPER = {"serve", "mcp", "report", "figure", "memo"}
SHARED = {"as_of": AS_OF, "study": STUDY, "seed": SEED, "draws": DRAWS, "method": METHOD}


def commands(under=app):
    for c in under.registered_commands:
        yield c.name or c.callback.__name__, c.callback
    for g in under.registered_groups:
        yield from commands(g.typer_instance)


def declaring():
    return {name: c.declares for name, c in commands() if hasattr(c, "declares")}


def test_each_command_is_a_question_or_declares_what_it_takes():
    own = {name for name, c in commands() if not hasattr(c, "declares") and c.__module__ != "leadtime.cli.asked"}
    assert own == READ_BY_TYPER
    taken = {"inspect", "lm-eval", "csv", "results", "epoch", "new", "check", "lock", "diff", "update"}
    assert taken <= set(declaring())


def test_settings_are_those_of_questions():
    for name, parameters in declaring().items():
        for p in parameters:
            if p.name in SHARED and (name, p.name) != ("calibrate", "draws"):
                assert (p.kind, p.option) == (SHARED[p.name].kind, SHARED[p.name].option), (name, p.name)


def test_whatever_takes_a_value_of_the_user_says_what_it_is_and_gives_an_example():
    lacking = [
        (name, p.name)
        for name, parameters in declaring().items()
        for p in parameters
        if not p.help.endswith(".") or (p.required and not p.example)
    ]
    assert lacking == []


def test_all_files_of_the_publisher_can_be_fetched():
    (what,) = (p for p in dict(commands())["epoch"].declares if p.name == "what")
    assert set(what.kind.of) == {*epoch.rules()["downloads"]["files"], "all"}


@pytest.fixture
def small():
    made = typer.Typer()
    seen = []

    @made.command()
    @declared
    def take(
        paths: Annotated[tuple, Meaning(kind=Many(each=File(), at_most=2), help="Files.", positional=True)],
        *,
        rename: Annotated[tuple, Meaning(kind=Many(each=Pair(by_last=True)), option="--model", help="Names.")] = (),
        n: Annotated[int, Meaning(kind=Whole(low=1, high=9), help="How many.")] = 3,
        quietly: Annotated[bool, Meaning(kind=Flag(), help="Say nothing.")] = False,
        told: Annotated[bool, Meaning(kind=Flag(), negated="--untold", help="Say it.")] = True,
        word: Annotated[str, Meaning(kind=Text(), help="A word.")] | None = None,
    ) -> None:
        """Take them."""
        seen.append((tuple(map(str, paths)), rename, n, quietly, told, word))

    return lambda *words: (CliRunner().invoke(made, words), seen)


def test_values_are_read_by_their_kinds_and_defaults_stay(small):
    assert small("a", "b")[1] == [(("a", "b"), (), 3, False, True, None)]
    given = ("a", "--model", "x=y=z", "--n", "7", "--quietly", "--untold", "--word", "w")
    assert small(*given)[1][-1] == (("a",), (("x=y", "z"),), 7, True, False, "w")


@pytest.mark.parametrize(
    ("given", "where"),
    [(("a", "--n", "70"), "--n"), (("a", "--model", "x"), "--model"), (("a", "b", "c"), "PATHS")],
)
def test_a_slip_is_told_by_the_option(small, given, where):
    error = small(*given)[0].exception
    assert isinstance(error, LeadtimeError) and error.where == where


def test_the_help_is_the_declaration(small):
    said = small("--help")[0].output
    assert all(x in said for x in ("Take them.", "How many; default 3.", "--told", "--untold", "NAME=ID"))
