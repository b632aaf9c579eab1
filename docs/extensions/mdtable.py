"""Tables in MyST Markdown."""

from collections.abc import Iterable


def list_table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in MyST Markdown."""
    lines = ["```{list-table}", ":header-rows: 1", ":align: left", ""]
    for row in [header, *rows]:
        lines += [f"{'  ' if i else '* '}- {cell}" for i, cell in enumerate(row)]
    return "\n".join([*lines, "```", ""])
