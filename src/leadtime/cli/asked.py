"""Commands made from questions: options, help, completion and errors are those that the questions declare."""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from leadtime.answers.kinds import Contents, Flag, Kind
from leadtime.answers.parameters import QUANTILES, settings
from leadtime.answers.question import Parameter, Question
from leadtime.answers.registry import questions
from leadtime.cli.declared import option, place, with_default
from leadtime.cli.grouped import Group
from leadtime.cli.terminal import open_evidence, open_rules, open_study
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.answers.answer import Answer

#: What stands in the help of a group of commands that none of its own has words for.
_GROUPS = {
    "rules": "Who may ship what to whom, on any day, as known on any day.",
    "scenario": "What happens next, under which policy: conditional, not a forecast.",
}
_OUTPUT = ("as_json", "as_csv", "figure", "quantiles", "verbose")


def add_questions(app: typer.Typer, groups: Mapping[str, typer.Typer]) -> None:
    """Add a command for all questions that share its words.

    Args:
        app: The program.
        groups: Groups of commands that are there already, by their word.
    """
    made = dict(groups)
    found: dict[tuple[str, ...], list[Question]] = {}
    for q in questions():
        found.setdefault(q.words, []).append(q)
    for words in found:
        if len(words) > 1 and words[0] not in made:
            alone = found.get(words[:1], ())
            said = _GROUPS.get(words[0]) or next((q.help for q in alone if not q.switch), None)
            made[words[0]] = typer.Typer(cls=Group, no_args_is_help=not alone, help=said)
            app.add_typer(made[words[0]], name=words[0])
    for words, asked in found.items():
        run = Command.of(asked)
        if len(words) > 1:
            made[words[0]].command(words[1])(run.function())
        elif words[0] in made:
            made[words[0]].callback(invoke_without_command=True)(run.function(above=True))
        else:
            app.command(words[0])(run.function())


@dataclass(frozen=True, slots=True)
class Command:
    """The questions of one command: that without a switch, and those that a switch chooses.

    Args:
        asked: The questions, that without a switch first.
    """

    asked: list[Question]

    @staticmethod
    def of(asked: Iterable[Question]) -> "Command":
        """Return the command of questions that share its words."""
        return Command(sorted(asked, key=lambda q: (bool(q.switch), bool(q.chosen_by), q.name)))

    def function(self, *, above: bool = False) -> Callable[..., None]:
        """Return what Typer makes a command of; `above` others of its group, it does nothing where one of them is
        asked.
        """

        def run(context: typer.Context, **given: Any) -> None:
            if above and context.invoked_subcommand is not None:
                return
            self.run(given)

        return self.signed(run, [*self._options(), *self._output()])

    def signed(self, run: Callable[..., None], options: "list[inspect.Parameter] | None" = None) -> Callable[..., None]:
        """Return a function that takes the context and some options, by default those of the questions, as Typer reads
        functions.
        """
        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        run.__signature__ = inspect.Signature([context, *(self._options() if options is None else options)])  # type: ignore[attr-defined]
        run.__annotations__ = {"context": typer.Context}
        run.__doc__ = self.asked[0].help
        return run

    def run(self, given: dict[str, Any]) -> None:
        """Ask the question that the options choose, and show its answer."""
        from leadtime.cli.shown import Output

        output = Output.of({k: given.pop(k) for k in _OUTPUT})
        output.show(self.read(given).ask())

    def read(self, given: Mapping[str, Any], common: Mapping[str, Any] | None = None) -> "Asked":
        """Return what options ask, before anything is loaded: what is mistyped is told at once.

        Args:
            given: Values by key, as typed; what was left out is empty.
            common: Settings of several questions by name, as typed. Those of the question itself come first.

        Raises:
            LeadtimeError: Options belong to two questions or to another one, or a value is wrong.
        """
        said_no = {n for n, p in self._slots().items() if p.negated}
        given = {k: v for k, v in given.items() if v not in (None, [], ()) and (v is not False or k in said_no)}
        question = self._chosen(given)
        known = {s.name: s for s in settings(question)}
        values = {k: v for k, v in (common or {}).items() if k in known} | self._values(question, given)
        values |= {
            p.name: Path(values[p.name])
            for p in question.parameters
            if isinstance(p.kind, Contents) and p.name in values
        }
        parsed = {s.name: s.read(values.pop(s.name), where=s.option) for s in known.values() if s.name in values}
        question.parse(values, _spelled(question))
        return Asked(question, _as_the_folder(question, parsed) | values, parsed)

    def _chosen(self, given: dict[str, Any]) -> Question:
        chosen = [q for q in self.asked if q.switch and _key(q.switch) in given]
        if (
            len({q.switch for q in chosen}) > 1
        ):  # a switch of one question may be an option of another, which then is the one that is asked
            spelled = {q.switch for q in chosen}
            chosen = [q for q in chosen if spelled <= {q.switch, *(p.option for p in q.parameters)}] or chosen
        if len({q.switch for q in chosen}) > 1:
            both = f"{chosen[0].switch} and {chosen[1].switch}"
            raise LeadtimeError(f"{both} ask two questions", fix="Ask one at a time.")
        if not chosen and all(q.switch for q in self.asked):
            raise LeadtimeError("no question was asked", fix=f"Choose one: {', '.join(q.switch for q in self.asked)}.")
        chosen = chosen or [q for q in self.asked if not q.switch]
        whole = [q for q in chosen if q.chosen_by and set(q.chosen_by) <= set(given)]
        return (whole or [q for q in chosen if not q.chosen_by] or chosen)[0]

    def _values(self, question: Question, given: dict[str, Any]) -> dict[str, Any]:
        """Return values by the names of the question's parameters and settings."""
        known = {p.name: p for p in (*question.parameters, *settings(question))}
        switched, slots, values = question.switched, self._slots(), {}
        by_option = {_key(p.option): p for p in question.parameters if not p.positional}
        for key, value in given.items():
            if question.switch and key == _key(question.switch):
                if switched is not None:
                    values[switched.name] = value
            elif key in by_option:  # the switch of another question
                values[by_option[key].name] = value
            elif (old := _old(key, known)) is not None:
                _note_old(old, question)
                values[old.name] = value
            elif key in known and key != (switched.name if switched else ""):
                values[key] = value
            else:
                spelled = _typed(key, slots)
                takes = [s.spelled for s in known.values() if s is not switched]
                raise LeadtimeError(
                    f"`leadtime {question.command}` does not take {spelled}",
                    fix=f"It takes: {', '.join(takes)}." if takes else "It takes nothing more.",
                )
        return values

    def _slots(self) -> dict[str, Parameter]:
        """Return what the command takes beside switches, by name: each parameter once, as its first question has it."""
        found: dict[str, Parameter] = {}
        switches = {q.switch for q in self.asked}
        for q in self.asked:
            switched = q.switched
            for p in q.parameters:
                if p is not switched and p.option not in switches:
                    found.setdefault(p.name, p)
        for q in self.asked:
            for s in settings(q):
                found.setdefault(s.name, s)
        return found

    def _options(self) -> list[inspect.Parameter]:
        slots = self._slots()
        first = {q.switch: q for q in reversed(self.asked) if q.switch}
        switches = [option(_key(s), s, _kind(q), q.asks) for s, q in reversed(first.items())]
        places = [place(p) for p in slots.values() if p.positional]
        options = [
            option(p.name, f"{p.option}/{p.negated}" if p.negated else p.option, p.kind, with_default(p))
            for p in slots.values()
            if not p.positional
        ]
        old = [
            option(f"{p.name}_formerly_{i}", spelling, p.kind, p.help, hidden=True)
            for p in slots.values()
            for i, spelling in enumerate(p.formerly)
        ]
        return [*places, *switches, *options, *old]

    def _output(self) -> list[inspect.Parameter]:
        drawn = any(not q.no_figure for q in self.asked)
        return [
            option("as_json", "--json", Flag(), "Print JSON."),
            option("as_csv", "--csv", Flag(), "Print the main table as CSV."),
            option(
                "figure",
                "--figure",
                None,
                "Also write the figure: svg, png, pdf, csv or json.",
                metavar="FILE",
                hidden=not drawn,
            ),
            option(QUANTILES.name, QUANTILES.option, None, QUANTILES.help, metavar="N,N,..."),
            option(
                "verbose", "--verbose", Flag(), "Also say what is measured, what it rests on, and what it cannot say."
            ),
        ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed.

    Args:
        question: The question.
        values: Its parameters by name, as typed.
        subject: The settings of what it is put to, by name.
    """

    question: Question
    values: Mapping[str, Any]
    subject: Mapping[str, Any]

    def ask(self, opened: "dict[Any, Any] | None" = None) -> "Answer":
        """Return the answer.

        Args:
            opened: Studies, evidence and rules that earlier questions opened; what this one opens is added.

        Raises:
            LeadtimeError: A name of nothing, or evidence that does not reach.
        """
        there = {} if opened is None else opened
        key = (self.question.of, *sorted(self.subject.items()))
        if key not in there:
            there[key] = _subject(self.question, self.subject)
        return self.question.ask(there[key], self.values, spelled=_spelled(self.question))


def _key(switch: str) -> str:
    return "switch_" + switch.removeprefix("--").replace("-", "_")


def _typed(key: str, slots: Mapping[str, Parameter]) -> str:
    """Return how an option was typed, by its key."""
    name, formerly, _ = key.rpartition("_formerly_")
    if formerly:
        return slots[name].formerly[0]
    return slots[key].spelled if key in slots else f"--{key.removeprefix('switch_').replace('_', '-')}"


def _kind(question: Question) -> Kind:
    return question.switched.kind if question.switched else Flag()


def _old(key: str, known: Mapping[str, Parameter]) -> Parameter | None:
    name, formerly, _ = key.rpartition("_formerly_")
    return known.get(name) if formerly else None


def _note_old(p: Parameter, question: Question) -> None:
    here = f"leadtime {' '.join(question.words)}"
    now = f"stands by its place: {here} {p.example or p.name.upper()}" if p.positional else f"is now {p.option}"
    print(f"note: {p.formerly[0]} {now}", file=sys.stderr)


def _spelled(question: Question) -> Callable[[Parameter], str]:
    """Return how the command line spells a parameter of a question."""
    switched = question.switched
    return lambda p: question.switch if p is switched else p.spelled


def _subject(question: Question, given: Mapping[str, Any]) -> Any:
    """Return the study, evidence or rules that the options name."""
    as_of, study = given.get("as_of"), given.get("study")
    if question.of == "study":
        seed, draws, method, refit = (given.get(name) for name in ("seed", "draws", "method", "refit"))
        return open_study(as_of, study, seed, draws, method, bool(refit))
    if question.of == "evidence":
        return open_evidence(as_of, study)
    return open_rules(as_of, study) if question.of == "rules" else None


def _as_the_folder(question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the seed and draws that a study folder sets, for a question of evidence that takes them itself."""
    own = {p.name for p in question.parameters} & {"seed", "draws"}
    if not own or question.of != "evidence":
        return {}
    from leadtime.evidence import settings as folder

    seed, draws, _ = folder.resolve(given.get("study"), None, None, None)
    return {k: v for k, v in (("seed", seed), ("draws", draws)) if k in own}


def offered_by(asked: Iterable[Question]) -> set[str]:
    """Return every option and argument that the command of some questions offers, as the command line spells them."""
    command = Command.of(asked)
    return {p.spelled for p in command._slots().values()} | {q.switch for q in command.asked if q.switch}
