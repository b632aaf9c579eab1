"""Text of others as a document can hold it: one line, and only what is seen."""

import unicodedata

#: Turn the direction of the text around them, or hide in it: a name must read as it is stored.
_UNSEEN = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


def line(text: str) -> str:
    """Return a text as one line: no control characters, nothing that turns its direction, single spaces."""
    seen = (" " if c.isspace() else "" if c in _UNSEEN else "\ufffd" if _is_none(c) else c for c in text)
    return " ".join("".join(seen).split())


def _is_none(c: str) -> bool:
    """Return whether a character is none that a document may hold: of control, half of a pair, or not assigned."""
    return unicodedata.category(c) in ("Cc", "Cs", "Cn")
