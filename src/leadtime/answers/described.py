"""What outputs look like."""

from typing import Any

from leadtime.answers.plain import program, stamped


def schemas() -> list[dict[str, Any]]:
    """List the schemas of all outputs, and what gives each."""
    from leadtime.schemas import names, read

    found = {n: read(n) for n in names()}
    rows = [{"name": n, "id": s["$id"], "title": s["title"], "given_by": s["x-given-by"]} for n, s in found.items()]
    return stamped(rows, program())


def schema(*, name: str) -> dict[str, Any]:
    """Give the JSON Schema of one output, with all that it refers to."""
    from leadtime.schemas import bundled

    return bundled(name)
