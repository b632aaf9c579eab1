"""Reference pages written from the program itself, so that they cannot fall behind it."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

import typer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata
from typer.main import get_command

logger = logging.getLogger(__name__)

ON_EVERY_PROGRAM = {"help", "install_completion", "show_completion"}


def list_table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in MyST Markdown."""
    lines = ["```{list-table}", ":header-rows: 1", ":align: left", ""]
    for row in [header, *rows]:
        lines += [f"{'  ' if i else '* '}- {cell}" for i, cell in enumerate(row)]
    return "\n".join([*lines, "```", ""])


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


def describe_cells(column) -> str:
    """Return what the cells of an evidence column hold, in words."""
    unit = f", in {column.unit}" if column.unit else ""
    return f"{column.expected}{unit}" + ("" if column.required else "; may be empty")


def describe_tables() -> str:
    """Return the data dictionary of the evidence tables."""
    tables = import_module("leadtime.evidence").TABLES
    sections = []
    for table in tables.values():
        key = " + ".join(f"`{name}`" for name in table.key)
        rows = [(f"`{column.name}`", column.help, describe_cells(column)) for column in table.columns]
        sections += [
            f"## `{table.name}`\n",
            f"{table.help} One row per {key}.\n",
            list_table(("Column", "Meaning", "Holds"), rows),
        ]
    return "\n".join(sections)


def describe_outputs() -> str:
    """Return the data dictionary of the outputs."""
    return import_module("outputs").describe()


PLACEHOLDERS: dict[str, Callable[[], str]] = {
    "<!-- commands -->": describe_commands,
    "<!-- outputs -->": describe_outputs,
    "<!-- tables -->": describe_tables,
}


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the placeholders of a page."""
    for placeholder, describe in PLACEHOLDERS.items():
        if placeholder in source[0]:
            try:
                text = describe()
            except (AttributeError, ImportError) as error:
                logger.warning("%s cannot be written: %s", placeholder, error, location=docname)
                text = ""
            source[0] = source[0].replace(placeholder, text)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Hook into the reading of pages."""
    app.connect("source-read", fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
