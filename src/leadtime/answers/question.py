"""A question: one function, its signature, and what stands in its decorator. All doors are made from it."""

import difflib
import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar

from leadtime.answers.answer import Answer
from leadtime.answers.kinds import File, Kind, Many
from leadtime.answers.plain import Late
from leadtime.errors import LeadtimeError

Function = TypeVar("Function", bound=Callable[..., Answer])
Subject = Literal["study", "evidence", "rules", "nothing"]
#: What a question may not be given in Python, for its study has it, and how the study is given it.
_OF_STUDY = {
    name: f"It is said where the study is made: `leadtime.Study({said}=...)`."
    for name, said in {
        "as_of": "as_of",
        "study": "folder",
        "seed": "seed",
        "draws": "draws",
        "method": "method",
        "refit": "refit",
    }.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an annotation says of a parameter: `Annotated[str, Meaning(kind=..., help=...)]`.

    A later one in the same annotation changes what it names and leaves the rest: `Annotated[Side,
    Meaning(help="...")]`.

    Args:
        kind: What values it takes.
        help: What it is, a plain sentence.
        example: A value that works.
        positional: On the command line it stands by its place, without an option.
        option: Its option on the command line, where that is not `--` and its name.
        formerly: Options that still work for one version, with a word to standard error.
        at_once: The most that a request of the server may ask for; a job may ask for all that the kind allows.
        negated: The option that says no, where nothing said is neither yes nor no.
    """

    kind: Kind | None = None
    help: str | None = None
    example: str | None = None
    positional: bool | None = None
    option: str | None = None
    formerly: tuple[str, ...] | None = None
    at_once: float | None = None
    negated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a question: a `Meaning` with its name and default."""

    name: str
    kind: Kind
    help: str
    default: Any = None
    required: bool = False
    example: str = ""
    positional: bool = False
    option: str = ""
    formerly: tuple[str, ...] = ()
    at_once: float | None = None
    negated: str = ""

    @property
    def local(self) -> bool:
        """Whether it takes files of the person who asks, so that a server does not offer it."""
        return isinstance(self.kind.each if isinstance(self.kind, Many) else self.kind, File)

    @property
    def spelled(self) -> str:
        """How the command line spells it."""
        return self.name.upper() if self.positional else self.option

    def read(self, value: Any, subject: Any = None, *, where: str = "", resolve: bool = True) -> Any:
        """Return a value of its kind; `resolve` finds what a name stands for in the evidence of `subject`.

        Raises:
            LeadtimeError: It is not of the kind, or there is nothing of the name; the place is `where`.
        """
        try:
            found = self.kind.parse(value)
            return self.kind.resolve(found, subject) if resolve else found
        except LeadtimeError as error:
            raise LeadtimeError(error.what, where=error.where or where or self.name, fix=error.fix) from None


def meant(name: str, known: Iterable[Parameter]) -> Parameter | None:
    """Return the parameter that a name which is none may mean: one as another door spells it, or one spelled nearly so;
    None where nothing is near.
    """
    spelled = {w.lstrip("-").replace("-", "_"): p for p in known for w in (p.negated, p.option, p.name) if w}
    key = name.strip().lstrip("-").replace("-", "_").casefold()
    close = difflib.get_close_matches(key, spelled, n=1, cutoff=0.7)
    return spelled[close[0]] if close else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What can be asked, by every door.

    Args:
        name: Its words, such as `lag path`.
        asks: The question in plain English.
        help: What its answer says, the first line of the function's docstring.
        of: What it is put to.
        answer: The function.
        parameters: In the order of the signature.
        command: How the command line asks it: words, perhaps a parameter that has to be there, and perhaps a switch,
            such as `evidence TABLE --schema` or `lag --forecast QUARTER`.
        path: Its address below /api/v1.
        example: Parameters that work.
        schema: The schema of its JSON.
        docs: The page of the documentation that says how it is answered.
        local: It reads files of the person who asks, so only the command line and the library offer it.
        no_figure: Why it has no figure, empty if it has one.
    """

    name: str
    asks: str
    help: str
    of: Subject
    answer: Callable[..., Answer]
    parameters: tuple[Parameter, ...]
    command: str
    path: str
    example: Mapping[str, Any] = field(default_factory=dict)
    schema: str = ""
    docs: str = ""
    local: bool = False
    no_figure: str = ""

    @property
    def id(self) -> str:
        """Its name as one word, for programs."""
        return self.name.replace(" ", "_").replace("-", "_")

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its command."""
        return tuple(w for w in self.command.partition(" --")[0].split() if not w.isupper())

    @property
    def chosen_by(self) -> tuple[str, ...]:
        """The parameters, by name, that choose it among the questions of its command when they are given."""
        return tuple(w.lower() for w in self.command.partition(" --")[0].split() if w.isupper())

    @property
    def switch(self) -> str:
        """The option that chooses it among the questions of its command; empty for the command's own."""
        _, dashes, rest = self.command.partition(" --")
        return f"--{rest.split()[0]}" if dashes else ""

    @property
    def switched(self) -> "Parameter | None":
        """The parameter that is the value of the switch: the last word of the command names it."""
        last = self.command.split()[-1]
        return next((p for p in self.parameters if " --" in self.command and last == p.name.upper()), None)

    @property
    def served(self) -> "tuple[Parameter, ...]":
        """The parameters that a server offers: those that take no file of the person who asks."""
        return tuple(p for p in self.parameters if not p.local)

    def require_figure(self) -> None:
        """Refuse to be drawn where there is nothing to draw.

        Raises:
            LeadtimeError: It has no figure, and why.
        """
        if self.no_figure:
            raise LeadtimeError(f"`{self.name}` has no figure", fix=self.no_figure)

    def parse(self, given: Mapping[str, Any], spelled: Callable[["Parameter"], str] | None = None) -> dict[str, Any]:
        """Return given values by their kinds, without asking the evidence what a name stands for.

        Args:
            given: Values by the name of their parameter; None is not given.
            spelled: How the door spells a parameter, for what is told of it; its name by default.

        Raises:
            LeadtimeError: A parameter that the question has not, one that is missing, or a value that is not of its
                kind.
        """
        known = {p.name: p for p in self.parameters}
        say = spelled or (lambda p: p.name)
        for name in given:
            if name not in known:
                takes = f"It takes: {', '.join(map(say, self.parameters)) or 'nothing'}."
                close = meant(name, self.parameters)
                near = f"Did you mean {say(close)}? " if close else ""
                raise LeadtimeError(
                    f"`{self.name}` takes no {name!r}", where=name, fix=_OF_STUDY.get(name, f"{near}{takes}")
                )
        found = {n: known[n].read(v, where=say(known[n]), resolve=False) for n, v in given.items() if v is not None}
        for p in self.parameters:
            if p.required and p.name not in found:
                example = f", such as {p.example}" if p.example else ""
                asked = f"which {p.name.replace('_', ' ')}?" if p.positional else "a value is missing"
                raise LeadtimeError(asked, where=say(p), fix=f"{p.help.rstrip('.')}{example}.")
        return found

    def ask(
        self, subject: Any, given: Mapping[str, Any], *, spelled: Callable[["Parameter"], str] | None = None
    ) -> Answer:
        """Return the answer, with what was asked and what it rests on.

        Args:
            subject: The study, evidence or rules; None for a question that is put to nothing.
            given: Values by the name of their parameter, as text or of their kind.
            spelled: How the door spells a parameter.

        Raises:
            LeadtimeError: A value that is wrong, or evidence that does not reach.
        """
        say = spelled or (lambda p: p.name)
        parsed = self.parse(given, say)
        known = {p.name: p for p in self.parameters}
        # a default is read as a value that is given: `of="CHN"` means the same in the signature as in a question
        values = {p.name: p.default for p in self.parameters if p.default is not None and not p.required} | parsed
        asked = {n: known[n].read(v, subject, where=say(known[n])) for n, v in values.items()}
        try:
            found = self.answer(**asked) if self.of == "nothing" else self.answer(subject, **asked)
        except LeadtimeError as error:
            error.options = {**{p.option: p.name for p in self.parameters}, **error.options}
            raise
        from leadtime.answers.drawn import told
        from leadtime.answers.refitted import said
        from leadtime.answers.sourced import sources

        if self.of == "study":
            own = said(subject, found, lambda other: self.answer(other, **asked))
            found = replace(found, notes=(*found.notes, *own))
        found = replace(found, question=self.name, asked=asked, schema=self.schema, stamp=stamp_of(subject))
        found = replace(found, sources=functools.partial(sources, subject, found))
        return replace(found, figure=functools.partial(told, found.figure, found)) if found.figure else found


def subject_of(of: Subject, given: Any) -> Any:
    """Return what a question is put to: of a study, its evidence or rules where it asks those, or None if it is put to
    nothing.
    """
    return None if of == "nothing" else given if of == "study" else getattr(given, of, given)


def stamp_of(subject: Any) -> Mapping[str, Any]:
    """Return what an answer put to a study, evidence, rules or nothing rests on."""
    if subject is None:
        import leadtime

        return {"version": leadtime.__version__}
    if hasattr(subject, "log"):  # the rules are at hand at once, and the evidence around them is not
        return Late(subject.brief, lambda: subject.stamp)
    return dict(subject.stamp)


def question(
    name: str,
    asks: str,
    *,
    of: Subject,
    command: str = "",
    path: str = "",
    example: Mapping[str, Any] | None = None,
    schema: str,
    docs: str,
    local: bool = False,
    no_figure: str = "",
) -> Callable[[Function], Function]:
    """Declare the function below as a question: what is not said here is read from its signature and docstring.

    Args:
        name: Its words, such as `lag path`.
        asks: The question in plain English.
        of: What it is put to: the function's first argument, unless nothing.
        command: How the command line asks it, where that is not its name.
        path: Its address in the API, where that is not its name with slashes.
        example: Parameters that work.
        schema: The schema of its JSON.
        docs: The page of the documentation that says how it is answered, such as `methods/lag`.
        local: It reads files of the person who asks.
        no_figure: Why it has no figure, a sentence.
    """

    def declared(answer: Function) -> Function:
        from leadtime.answers.registry import register

        register(
            Question(
                name=name,
                asks=asks,
                help=" ".join((inspect.getdoc(answer) or "").partition("\n\n")[0].split()),
                of=of,
                answer=answer,
                parameters=_parameters(answer, of),
                command=command or name,
                path=path or "/" + name.replace(" ", "/"),
                example=dict(example or {}),
                schema=schema,
                docs=docs,
                local=local,
                no_figure=no_figure,
            )
        )
        return answer

    return declared


def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return the parameters that a function declares: each argument is annotated with a `Meaning`.

    Raises:
        TypeError: One says neither its kind nor its help.
    """
    return tuple(_parameter(p) for p in inspect.signature(function).parameters.values())


def _parameters(answer: Callable[..., Answer], of: Subject) -> tuple[Parameter, ...]:
    own = list(inspect.signature(answer).parameters.values())
    return tuple(_parameter(p) for p in (own if of == "nothing" else own[1:]))


def _parameter(p: inspect.Parameter) -> Parameter:
    said = functools.reduce(_refined, _meanings(p.annotation), Meaning())
    if said.kind is None or said.help is None:
        raise TypeError(f"{p.name} says neither its kind nor its help: annotate it from answers.parameters")
    required = p.default is inspect.Parameter.empty
    return Parameter(
        name=p.name,
        kind=said.kind,
        help=said.help,
        default=None if required else p.default,
        required=required,
        example=said.example or "",
        positional=bool(said.positional),
        option=said.option or f"--{p.name.replace('_', '-')}",
        formerly=said.formerly or (),
        at_once=said.at_once,
        negated=said.negated or "",
    )


def _meanings(annotation: Any) -> list[Meaning]:
    """Return what an annotation says, `X | None` what its X says."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [m for part in typing.get_args(annotation) for m in _meanings(part)]
    return [m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, Meaning)]


def _refined(said: Meaning, more: Meaning) -> Meaning:
    named = {f.name: value for f in fields(more) if (value := getattr(more, f.name)) is not None}
    return replace(said, **named)
