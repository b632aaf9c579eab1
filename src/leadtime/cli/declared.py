"""Commands from declarations: help, completion, usage lines and errors are made from what parameters declare."""

import datetime as dt
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from leadtime.answers.kinds import Flag, Kind, Many
from leadtime.answers.parameters import AS_OF, DRAWS, METHOD, SEED, STUDY, meaning
from leadtime.answers.question import Meaning, Parameter, parameters_of

Command = Callable[..., None]
AsOf = Annotated[dt.date, meaning(AS_OF)]
StudyDir = Annotated[Path, meaning(STUDY)]
Seed = Annotated[int, meaning(SEED)]
Draws = Annotated[int, meaning(DRAWS)]
Method = Annotated[str, meaning(METHOD)]
AsJson = Annotated[bool, Meaning(kind=Flag(), option="--json", help="Print JSON.")]
AsCsv = Annotated[bool, Meaning(kind=Flag(), option="--csv", help="Print CSV.")]


def iso(day: dt.date | None) -> str | None:
    """Return a day as text, as studies are opened by it."""
    return day.isoformat() if day else None


def setting(p: Parameter, **more: Any) -> Any:
    """Return the option of a setting, for a function that Typer reads itself."""
    return typer.Option(p.option, metavar=p.kind.metavar, help=p.help, show_default=False, **more)


def declared(function: Command) -> Command:
    """Return what Typer makes a command of: a function whose parameters are declared as those of questions are.

    Values come as text and are read by their kinds, so that every door says the same of a slip.
    """
    parameters = parameters_of(function)

    @functools.wraps(function)
    def run(**given: Any) -> None:
        function(**{p.name: _read(p, given[p.name]) for p in parameters})

    run.__signature__ = inspect.Signature([_made(p) for p in parameters])  # type: ignore[attr-defined]
    run.__annotations__ = {}
    run.declares = parameters  # type: ignore[attr-defined]
    return run


def _read(p: Parameter, value: Any) -> Any:
    if value is None or (value in ([], ()) and not p.required):
        return p.default
    return p.read(value, where=p.spelled, resolve=False)


def _made(p: Parameter) -> inspect.Parameter:
    if p.positional:
        return place(p, required=p.required)
    spelling = f"{p.option}/{p.negated}" if p.negated else p.option
    info = _info(spelling, p.kind, with_default(p))
    return _named(p.name, p.kind, info, neither=bool(p.negated), required=p.required)


def place(p: Parameter, *, required: bool = False) -> inspect.Parameter:
    """Return a parameter that stands by its place, as Typer reads functions."""
    argument = typer.Argument(
        help=p.help, metavar=p.name.upper(), show_default=False, autocompletion=_completed(p.kind)
    )
    return _named(p.name, p.kind, argument, required=required)


def option(
    key: str, spelling: str, kind: Kind | None, help: str, *, metavar: str = "", hidden: bool = False
) -> inspect.Parameter:
    """Return an option, as Typer reads functions: its kind tells what it completes and what stands for its value."""
    return _named(key, kind, _info(spelling, kind, help, metavar, hidden=hidden), neither="/" in spelling)


def _info(spelling: str, kind: Kind | None, help: str, metavar: str = "", *, hidden: bool = False) -> Any:
    shown = metavar or (kind.metavar if kind and not isinstance(kind, Flag) else None)
    complete = _completed(kind) if kind else None
    return typer.Option(spelling, help=help, metavar=shown, show_default=False, hidden=hidden, autocompletion=complete)


def _named(
    key: str, kind: Kind | None, info: Any, *, neither: bool = False, required: bool = False
) -> inspect.Parameter:
    """Return a parameter that Typer passes on as text: kinds read it, so that every door says the same of a slip.

    A flag that is `neither` yes nor no where it is left out has an option for each.
    """
    if isinstance(kind, Flag):
        form, default = (bool | None, None) if neither else (bool, False)
    else:
        form, default = (list[str] | None if isinstance(kind, Many) else str | None), None  # type: ignore[assignment]
    if required:
        form, default = (list[str] if isinstance(kind, Many) else str), inspect.Parameter.empty  # type: ignore[assignment]
    return inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[form, info])


def _completed(kind: Kind) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [v for v in kind.offered() if v.casefold().startswith(incomplete.casefold())]

    return complete


def with_default(p: Parameter) -> str:
    """Return the help of a parameter with its default, where it has one to tell."""
    if isinstance(p.default, bool) or p.default in (None, (), ""):
        return p.help
    return f"{p.help.rstrip('.')}; default {p.default}."
