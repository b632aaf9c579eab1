"""Reference pages written from the program itself, so that they cannot fall behind it."""

import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

import faulted
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


def describe_assumptions(asked: str) -> str:
    """Return the assumptions whose id begins as asked, or, with a minus before each, with none of these."""
    words = asked.split()
    rows = import_module("leadtime.evidence").Evidence.load()["assumptions"].sort("id").to_dicts()
    wanted = [w for w in words if not w.startswith("-")]
    chosen = [
        r
        for r in rows
        if (r["id"].startswith(tuple(wanted)) if wanted else not r["id"].startswith(tuple(w[1:] for w in words)))
    ]
    cuts = import_module("leadtime.scenario.parameters")._CUT
    cells = [(f"`{r['id']}`", f"{r['quantity']}, {r['unit']}", _interval(r, cuts.get(r["id"].removeprefix("sim-"))),
              f"{r['grade']}, `{r['source']}`", r["note"] or "") for r in chosen]  # fmt: skip
    return list_table(("Assumption", "Of what", "Value [90 %] and shape", "By whom", "Why"), cells)


def _interval(row: dict, cut: tuple[float, float] | None) -> str:
    """Return the middle, the interval and the shape of an assumption."""
    ends = f" [{row['low']:.4g}, {row['high']:.4g}]" if row["low"] is not None and row["high"] is not None else ""
    within = f", cut to {cut[0]:.3g} to {cut[1]:.3g}" if cut else ""
    return f"{row['value']:.4g}{ends} {row['distribution']}{within}"


def describe_http() -> str:
    """Return the reference of the HTTP API, from the description that the server gives."""
    web = import_module("leadtime.web.app")
    described = web.create().app.openapi()
    sections = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            helps = _helps(tuple(path.removeprefix("/api/v1/").split("/")[:2]))
            rows = [(f"`{p['name']}`", _meaning(p, helps), _holds(p)) for p in operation.get("parameters", ())]
            shown = [
                f"## `{method.upper()} {path}`\n",
                f"{operation.get('summary', '')}\n",
                f"{operation.get('description', '')}\n",
            ]
            if "requestBody" in operation:
                model = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
                fields = described["components"]["schemas"][model]["properties"]
                rows += [(f"`{n}` (body)", f.get("description", ""), f.get("type", "")) for n, f in fields.items()]
            answers = ", ".join(code for code in operation["responses"])
            sections += [
                *shown,
                list_table(("Parameter", "Meaning", "Holds"), rows) if rows else "",
                f"Answers: {answers}.\n",
            ]
    return "\n".join(sections)


def _helps(words: tuple[str, ...]) -> dict[str, str]:
    """Return what the command line says of each option, that of the nearest command first."""
    found: dict[str, str] = {}
    top = get_command(import_module("leadtime.cli").app)
    every = [((name,), c) for name, c in top.commands.items()]
    every += [((*path, name), c) for path, group in list(every) for name, c in getattr(group, "commands", {}).items()]
    names = tuple("scenario" if w == "scenarios" else w for w in words)
    for _, command in sorted(every, key=lambda pc: (pc[0] != names[: len(pc[0])], pc[0][0] != names[0])):
        for option in command.params:
            found.setdefault(option.name, getattr(option, "help", "") or "")
    return found


def _meaning(parameter: dict, helps: dict[str, str]) -> str:
    needed = "needed" if parameter.get("required") else f"default {parameter['schema'].get('default', 'none')!r}"
    words = parameter.get("description") or parameter["schema"].get("description") or helps.get(parameter["name"], "")
    return f"{words} ({needed})".strip()


def _holds(parameter: dict) -> str:
    schema = parameter["schema"]
    kinds = [schema, *schema.get("anyOf", ())]
    kind = " or ".join(str(k["type"]) for k in kinds if k.get("type") and k["type"] != "null")
    kind += f" of {schema['items'].get('type', '')}s" if "items" in schema else ""
    limits = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "maxLength": "longest",
        "maxItems": "most",
    }
    said = [f"{words} {k[name]:g}" for k in kinds for name, words in limits.items() if name in k]
    return ", ".join([kind, *said, *(f"one of {', '.join(k['enum'])}" for k in kinds if "enum" in k)])


ASSUMPTIONS = re.compile(r"<!-- assumptions: ([a-z -]+?) -->")
PLACEHOLDERS: dict[str, Callable[[], str]] = {
    "<!-- commands -->": describe_commands,
    "<!-- outputs -->": describe_outputs,
    "<!-- tables -->": describe_tables,
    **{f"<!-- {run} -->": lambda run=run: faulted.describe(run, list_table) for run in faulted.COLUMNS},
    "<!-- http -->": describe_http,
}


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the placeholders of a page."""
    source[0] = ASSUMPTIONS.sub(lambda asked: describe_assumptions(asked[1]), source[0])
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
