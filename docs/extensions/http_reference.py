"""The reference of the HTTP API, from the description that the server gives."""

from importlib import import_module

from mdtable import list_table
from typer.main import get_command


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
    if not words and (turned := helps.get(f"not_{parameter['name']}")):
        words = f"False: {turned}"
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
