"""The words of the pages, each explained in a sentence."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"- \*\*(.+?)\*\*: (.+)")


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means; `anchor` is its place on the page."""

    term: str
    text: str
    anchor: str


@functools.cache
def terms() -> tuple[Term, ...]:
    """Return the words in the order of the alphabet."""
    lines = (Path(__file__).parent / "glossary.md").read_text(encoding="utf-8").splitlines()
    found = (m for m in map(_LINE.fullmatch, lines) if m)
    return tuple(Term(m[1], m[2], "word-" + re.sub(r"[^a-z0-9]+", "-", m[1].lower()).strip("-")) for m in found)
