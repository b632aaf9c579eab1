"""The reference of the HTTP API, from the description that the server gives."""

from importlib import import_module

from mdtable import list_table


def describe_http() -> str:
    """Return the reference of the HTTP API, from the description that the server gives."""
    web = import_module("leadtime.web.app")
    described = web.create().app.openapi()
    sections = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            rows = [(f"`{p['name']}`", _meaning(p), _holds(p)) for p in operation.get("parameters", ())]
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


def _meaning(parameter: dict) -> str:
    needed = "needed" if parameter.get("required") else f"default {parameter['schema'].get('default', 'none')!r}"
    words = parameter.get("description") or parameter["schema"].get("description") or ""
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
