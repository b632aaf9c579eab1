"""What makes one command start at once: only that command is built, and plain words are read without a
further library.
"""

import copy
import os
import sys
from typing import Any

import typer
import typer.core
import typer.main

#: What a mistyped command raises, whichever version of typer it is.
Mistyped: Any = typer.BadParameter.__mro__[2]
_NAME = "leadtime"
_COMPLETING = "_LEADTIME_COMPLETE"


def run(app: typer.Typer) -> None:
    """Run the command that the command line names; as calling the app, and sooner.

    What is mistyped is raised, and so is a pipe that nobody reads on: typer's own way would end either by itself.

    Raises:
        typer.Exit: It ended, with its code.
        Mistyped: There is no such command or option.
    """
    if words := _completed_words():
        return typer.main.get_command(narrowed(app, words))(prog_name=_NAME, complete_var=_COMPLETING)  # type: ignore[no-any-return]
    command = typer.main.get_command(narrowed(app, sys.argv[1:]))
    with command.make_context(_NAME, sys.argv[1:]) as context:
        command.invoke(context)


def _completed_words() -> list[str]:
    """Return the words that a shell asks to complete, or what it asks for, nothing if none does."""
    asked = os.environ.get(_COMPLETING, "")
    typed = os.environ.get("COMP_WORDS", os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()[1:]
    return typed[:2] or [asked] if asked else []


def narrowed(app: typer.Typer, words: list[str]) -> typer.Typer:
    """Return the app with the one command that the first words name; all of it where they name none.

    Nothing that this command says differs: no command mentions another one's options.
    """
    word = words[0] if words else ""
    groups = [copy.copy(g) for g in app.registered_groups if g.name == word]
    commands = [copy.copy(c) for c in app.registered_commands if word and word == (c.name or _called(c))]
    if not groups and not commands:
        return app
    found = copy.copy(app)
    found.info = copy.copy(app.info)
    found.info.cls = _Group
    found.registered_groups, found.registered_commands = groups, commands
    for command in commands:
        command.cls = LightCommand if command.cls in (None, typer.core.TyperCommand) else command.cls
    for group in groups:
        if group.typer_instance:
            group.typer_instance = narrowed(group.typer_instance, words[1:])
    return found


def _called(command: Any) -> str:
    return typer.main.get_command_name(command.callback.__name__)


class LightCommand(typer.core.TyperCommand):
    """A command whose parameters are read as `_AsGiven` says."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, the one for help included."""
        return _lightened(super().get_params(ctx))


class _Group(typer.core.TyperGroup):
    """A group of commands whose own parameters are read as `_AsGiven` says."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, the one for help included."""
        return _lightened(super().get_params(ctx))


def _lightened(params: Any) -> Any:
    for param in params:
        if getattr(param, "_runtime_param", "") is None:  # versions of typer without it load nothing
            param._runtime_param = _AsGiven(param)
    return params


class _AsGiven:
    """Reads an option that was left out, and plain text, as it stands; all else as typer does, with a library that
    takes long to load.
    """

    def __init__(self, param: Any) -> None:
        self._is_text = param.type_descriptor.annotation is str and param.type_descriptor.parameter_info.parser is None

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value of a parameter; None stays, or is no value where there may be several."""
        is_one = not param.multiple and param.nargs != -1
        if value is None:
            return None if is_one else ()
        if self._is_text and is_one and type(value) is str and value.isascii():
            return value
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
