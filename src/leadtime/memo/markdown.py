"""A memo in Markdown, as GitHub and Pandoc read it, its pictures in files beside it."""

import re
from urllib.parse import quote

from leadtime.memo.document import Memo, Section
from leadtime.memo.grid import Grid
from leadtime.memo.picture import drawn

#: Characters that mean something anywhere in a line.
_MARKS = re.compile(r"([\\`*_\[\]<>&|~$^#])")
#: What would begin a list, a heading or a quotation at the start of a line.
_START = re.compile(r"^(?:([-+=:])(?=[\s:=-]|$)|(\d+)([.)])(?=\s|$))")


def files(memo: Memo, name: str) -> dict[str, bytes]:
    """Return the files of a memo by name: the text, and a picture for each figure."""
    stem = name.rpartition(".")[0]
    pictures = {f"{stem}-{i}.png": s.figure for i, s in enumerate(memo.sections, 1) if s.figure}
    shown = iter(pictures)
    parts = [f"# {text(memo.title)}", *([text(f"{memo.day}.")] if memo.day else [])]
    for s in memo.sections:
        parts += _section(s, next(shown) if s.figure else "")
    if memo.limits:
        parts += ["## What this cannot say", "\n".join(f"- {text(x)}" for x in memo.limits)]
    if memo.commands:
        parts += ["## How to repeat this", _code(memo.commands), *(text(f"{x}.") for x in memo.rests_on)]
    parts += ["## Sources", "\n".join(f"- {_linked(x)}" for x in memo.sources), text(memo.more_sources)]
    whole = "\n\n".join(p for p in parts if p) + "\n"
    return {name: whole.encode(), **{n: drawn(f, ".png").content for n, f in pictures.items()}}


def text(words: str) -> str:
    """Return a line of text that shows as it is: nothing in it is taken for Markdown or HTML."""
    marked = _MARKS.sub(r"\\\1", words)
    return _START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", marked)


def _section(s: Section, picture: str) -> list[str]:
    found = [f"## {text(s.asks)}", f"**{text(s.sentence)}**"]
    if s.figure:
        found += [f"![{text(s.figure.title)}]({quote(picture)})", f"*{text(s.caption)}*"]
    if s.table:
        found += _table(s.table)
    return [*found, text(" ".join(s.known))]


def _table(g: Grid) -> list[str]:
    rule = ["---:" if right else "---" for right in g.is_number]
    rows = ["| " + " | ".join(cells) + " |" for cells in (map(text, g.heads), rule, *(map(text, r) for r in g.rows))]
    notes = [text(f"[{i}] {n}") for i, n in enumerate(g.notes, 1)]
    return ["\n".join(rows), *notes, *([text(g.more)] if g.more else [])]


def _code(lines: tuple[str, ...]) -> str:
    """Return lines as they are typed, between fences longer than any in them."""
    fence = "`" * max(3, 1 + max(len(m) for x in lines for m in ["", *re.findall("`+", x)]))
    return "\n".join([f"{fence}sh", *lines, fence])


def _linked(reference: str) -> str:
    """Return a reference with its address, the last word, as a link."""
    words, _, last = reference.rpartition(" ")
    if re.fullmatch(r"https?://[^\s<>]+", last):
        return f"{text(words)} <{last}>"
    return text(reference)
