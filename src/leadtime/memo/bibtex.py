"""Sources as BibTeX."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from leadtime.answers.sourced import Source
from leadtime.memo.text import line

#: leadtime itself, as CITATION.cff has it.
TITLE = "leadtime: are the US export rules on AI chips working? Numbers, uncertainty and sources"
AUTHOR = "The leadtime contributors"
#: Characters that TeX takes for commands. Braces are named: BibTeX counts them, whatever stands before.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{c: f"\\{c}" for c in "$&%#_"},
}
_URL = {"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"}


def bibtex(sources: Iterable[Source], stamp: Mapping[str, Any]) -> str:
    """Return sources as entries of BibTeX, leadtime itself first.

    Args:
        sources: The sources.
        stamp: What the answers rest on, for the entry of leadtime.
    """
    entries, keys = [_own(stamp)], {"leadtime"}
    for s in sources:
        fields = {
            "title": f"{{{_tex(s.title)}}}",
            "author": f"{{{_tex(s.publisher)}}}" if s.publisher else "",
            "year": str(s.published_on or "")[:4],
            "date": str(s.published_on or ""),
            "url": _address(s.url),
            "note": _tex(s.license),
        }
        entries.append(_entry("misc", _key(s.id, keys), fields))
    return "\n".join(entries)


def _own(stamp: Mapping[str, Any]) -> str:
    as_of = str(stamp.get("as_of", ""))
    rests = stamp.get("evidence_hash")
    note = f"As of {as_of}, evidence {rests}" if rests else ""
    fields = {
        "title": f"{{{_tex(TITLE)}}}",
        "author": f"{{{_tex(AUTHOR)}}}",
        "year": as_of[:4],
        "version": str(stamp["version"]),
        "note": _tex(note),
    }
    return _entry("software", "leadtime", fields)


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    told = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n" + ",\n".join(told) + "\n}\n"


def _key(name: str, taken: set[str]) -> str:
    """Return a key of letters, digits and dashes that no other entry has."""
    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", name) or "source"
    key, n = stem, 1
    while key.casefold() in taken:
        n += 1
        key = f"{stem}-{n}"
    taken.add(key.casefold())
    return key


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in line(text))


def _address(url: str) -> str:
    """Return an address as BibTeX holds it; what is none is left out."""
    seen = line(url)
    return "".join(_URL.get(c, c) for c in seen) if re.match(r"https?://", seen) else ""
