"""The reference of all commands."""

from collections.abc import Iterator
from importlib import import_module

import typer
from mdtable import list_table
from typer.main import get_command

ON_EVERY_PROGRAM = {"help", "install_completion", "show_completion"}


def describe_command(command, context) -> Iterator[str]:
    """Yield the Markdown of a command, then of those below it."""
    path = context.command_path
    yield f"{'#' * (1 + len(path.split()))} `{path}`\n"
    if command.help:
        yield command.help.strip() + "\n"
    yield f"```console\n$ {' '.join([path, *command.collect_usage_pieces(context)])}\n```\n"
    parameters = [each for each in command.get_params(context) if each.name not in ON_EVERY_PROGRAM]
    records = [record for each in parameters if (record := each.get_help_record(context))]
    if records:
        yield list_table(("Argument or option", "Meaning"), [(f"`{left.strip()}`", right) for left, right in records])
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from describe_command(child, typer.Context(child, parent=context, info_name=name))


def describe_commands() -> str:
    """Return the reference of all commands."""
    command = get_command(import_module("leadtime.cli").app)
    return "\n".join(describe_command(command, typer.Context(command, info_name="leadtime")))
