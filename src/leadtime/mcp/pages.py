"""The pages of the documentation that assistants read: methods and limits, as they are written."""

import functools
import re
from pathlib import Path

from leadtime.errors import unknown_name

#: In an installed package, and in a checkout that is worked on.
_PLACES = (Path(__file__).parent / "docs", Path(__file__).parents[3] / "docs")
LIMITS = "limitations"
#: Where the documentation fills in a list when it is built.
_FILLED = re.compile(r"<!-- assumptions: .*? -->")
_DRAWN = re.compile(r"```\{picture\} (.*)\n```")
_FIGURE = r"*The figure that stands here in the documentation: `leadtime figure \1 --out figure.svg`.*"
_ROWS = "*The list that stands here in the documentation is the table `leadtime://evidence/assumptions`.*"


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of the pages, such as `methods/lag`; the limits come first."""
    methods = sorted(p.stem for p in (_folder() / "methods").glob("*.md"))
    return (LIMITS, *(f"methods/{name}" for name in methods))


def title(name: str) -> str:
    """Return the heading of a page."""
    return read(name).partition("\n")[0].lstrip("# ").strip()


@functools.cache
def read(name: str) -> str:
    """Return a page in Markdown.

    Raises:
        LeadtimeError: There is no page of that name.
    """
    if name not in names():
        raise unknown_name("page", name, names())
    text = (_folder() / f"{name}.md").read_text(encoding="utf-8")
    return _DRAWN.sub(_FIGURE, _FILLED.sub(_ROWS, text))


def _folder() -> Path:
    return next(p for p in _PLACES if (p / f"{LIMITS}.md").is_file())
