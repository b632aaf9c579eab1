"""`leadtime schema`: what outputs look like, for programs that read them."""

from typing import Annotated

import typer

from leadtime.cli.terminal import AsJson, put, put_json, wrap


def schema(
    name: Annotated[str | None, typer.Argument(help="A schema, such as lag; none lists them.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schema of an output, whole; or list them, with what gives each."""
    from leadtime import answers

    if name is not None:
        return put_json(answers.schema(name=name))
    found = answers.schemas()
    if as_json:
        return put_json(found)
    for s in found:
        put(f"{s['name']}: {s['title']} ({s['id']})")
        wrap(", ".join(s["given_by"]) or "a part of others", "    ")
    return None
