"""Pages written from the program itself and from what calibration found, so that they cannot fall behind it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path

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


def describe_result(path: Path) -> str:
    """Return what a calibration script found, as the file it wrote says: verdict, checks, chart, tables, notes."""
    r = json.loads(path.read_text(encoding="utf-8"))
    command = f"$ .venv/bin/python calibration/{r['name']}.py --simulations {r['simulations']} --seed {r['seed']}"
    parts = [
        f"**{r['verdict'].capitalize()}.** {r['date']}, leadtime {r['version']}, evidence {r['evidence_hash']}, seed {r['seed']}, "
        f"simulations: {r['simulations']}, {r['seconds']:,} seconds.\n",
        f"```console\n{command}\n```\n",
        list_table(
            ("Check", "Found", "Bounds", ""),
            [(c["what"], cell(c["value"]), bounds(c["low"], c["high"]), "held" if c["held"] else "**failed**") for c in r["checks"]],
        ),
    ]  # fmt: skip
    if r["chart"]:
        parts.append(f"![{r['question']}](results/{r['chart']})\n")
    for table in r["tables"]:
        rows = [tuple(cell(v) for v in row) for row in table["rows"]]
        parts += [f"*{table['title']}*\n", list_table(tuple(table["columns"]), rows)]
    parts += [f"- {note}" for note in r["notes"]]
    return "\n".join(parts) + "\n"


def cell(value: object) -> str:
    """Return a value of a result as a cell: numbers with three digits."""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "-" if value is None else str(value)


def bounds(low: float | None, high: float | None) -> str:
    """Return the bounds of a check in words."""
    if low is not None and high is not None:
        return f"{cell(low)} to {cell(high)}"
    return f"at least {cell(low)}" if low is not None else f"at most {cell(high)}"


PLACEHOLDERS: dict[str, Callable[[], str]] = {
    "<!-- commands -->": describe_commands,
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
    results = Path(app.srcdir) / "trust" / "results"
    for found in re.findall(r"<!-- result (\w+) -->", source[0]):
        path = results / f"{found}.json"
        if path.exists():
            text = describe_result(path)
        else:
            logger.warning("there is no result %s: `make calibrate` writes it", found, location=docname)
            text = ""
        source[0] = source[0].replace(f"<!-- result {found} -->", text)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Hook into the reading of pages."""
    app.connect("source-read", fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
