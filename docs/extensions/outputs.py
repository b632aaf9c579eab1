"""The data dictionary of the outputs, from their schemas."""

from mdtable import list_table

from leadtime import schemas
from leadtime.schemas.dictionary import keys


def describe() -> str:
    """Return a section for each schema."""
    return "\n".join(map(_section, schemas.names()))


def _section(name: str) -> str:
    found = schemas.read(name)
    given = ", ".join(f"`{_shown(by)}`" for by in found["x-given-by"])
    rows = [(f"`{key}`" if key else "", _linked(meaning), _linked(holds)) for key, meaning, holds in keys(name)]
    return "\n".join(
        [
            f"## `{name}`\n",
            f"{found['title']}. {found['description']}\n",
            f"Id `{found['$id']}`. " + (f"Given by {given}.\n" if given else "A part of others.\n"),
            list_table(("Key", "Meaning", "Holds"), rows) if rows else "",
        ]
    )


def _linked(text: str) -> str:
    """Return a text in which the name of another output is a link."""
    for before in ("as ", "The keys of "):
        name = text.removeprefix(before).partition(";")[0].rstrip(".")
        if text.startswith(before) and name in schemas.names():
            return text.replace(name, f"[{name}](#{name})", 1)
    return text


def _shown(by: str) -> str:
    """Return what gives an output, as it is asked for; a colon comes before the file."""
    return f"{by} --json" if by.startswith("leadtime ") and ":" not in by else by
