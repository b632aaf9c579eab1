"""Text of others as a document can hold it: one line, and only what is seen."""

import unicodedata

from leadtime import unseen


def line(text: str) -> str:
    """Return a text as one line: no control characters, nothing that turns its direction, single spaces."""
    return " ".join("".join(map(_seen, text)).split())


def _seen(c: str) -> str:
    """Return what stands for a character: a mark for what is of control, half of a pair, or not assigned."""
    if c.isspace():
        return " "
    if unicodedata.category(c) in ("Cc", "Cs", "Cn"):
        return "\ufffd"
    return "" if unseen.holds_any(c) else c
