"""Characters that nobody sees and that mean something to a program: they have no place in a name, a number or a text.

Controls move the cursor of a terminal, marks of direction turn a line around, tags carry a text that only a program
reads, a blank without width makes two names of one, and half a character cannot be written to any file.
"""

import re

#: The inside of a character class, for patterns of `re` and of polars; tabs and the ends of lines are not in it.
MARKS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\u200b\u2060-\u2064\ufeff\ufff9-\ufffb"  # blanks without width, and what is between lines
    "\U000e0000-\U000e007f"  # tags
    "\ufffe\uffff"  # what is no character, and ends some programs
)
#: What JSON can hold and no text of polars.
HALVES = "\ud800-\udfff"
_UNSEEN, _HALF = re.compile(f"[{MARKS}{HALVES}]"), re.compile(f"[{HALVES}]")


def holds_any(text: str) -> bool:
    """Return whether a text holds one of them."""
    return not text.isprintable() and _UNSEEN.search(text) is not None


def holds_half(text: str) -> bool:
    """Return whether a text holds half a character."""
    return _HALF.search(text) is not None


def replaced(text: str, mark: str) -> str:
    """Return a text with a mark in the place of each of them."""
    return text if text.isprintable() else _UNSEEN.sub(mark, text)


def shown(text: str) -> str:
    """Return a text with each of them by its number."""
    return text if text.isprintable() else _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)
