"""Who ships: a firm by any of its names. A letter binds the firms it was sent to; a name that is not known is
unknown.
"""

import functools
import re
import unicodedata
from collections.abc import Callable

from leadtime.errors import nearest
from leadtime.rules.log import Log

#: What stands before a name that was given and is not known; `OTHER` is said of a firm that got none of the letters.
UNRECOGNIZED, OTHER = "?", "other"
_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "plc",
        "pbc",
        "ag",
        "sa",
        "se",
        "nv",
        "bv",
        "gmbh",
        "kk",
        "holdings",
        "group",
        "the",
    ]
)


@functools.lru_cache(maxsize=50_000)
def squeezed(name: str) -> str:
    """Return a firm's name without case, accents, punctuation and legal form."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    dotless = re.sub(r"(?<=\b\w)\.(?=\w\b)|'", "", plain.casefold())  # S.A. is one word
    words = re.sub(r"[^\w]+|_", " ", dotless).split()
    while words and words[-1] in _FORMS:
        words.pop()
    while words and words[0] == "the":
        words.pop(0)
    return "".join(words)


def _names(log: Log) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in log.tables["rule_exporters"]:
        for name in (row["id"], row["name"], *(row["aliases"] or "").split("|")):
            names.setdefault(squeezed(name), row["name"])
    for provision in log.provisions:
        for name in provision.addressees:
            names.setdefault(squeezed(name), name)
    for chip in log.chips.values():
        names.setdefault(squeezed(chip["maker"] or ""), chip["maker"])
    names.pop("", None)
    return names | {OTHER: OTHER}


def party_finder(log: Log) -> Callable[[str], str]:
    """Return what resolves names of firms, for many names (see `resolve_party`)."""
    names = _names(log)
    return lambda name: names.get(squeezed(name)) or (UNRECOGNIZED + name.strip() if name.strip() else "")


def resolve_party(log: Log, name: str) -> str:
    """Return the firm that a name stands for, whatever its case, punctuation and legal form.

    A name that is not known comes back with a question mark before it: no letter is read as binding it, nor as not
    binding it. `other` says of a firm that it got no letter.
    """
    return party_finder(log)(name)


def near_parties(log: Log, name: str) -> list[str]:
    """Return the known firms whose names are near one that is not known."""
    names = _names(log)
    return list(dict.fromkeys(names[n] for n in nearest(squeezed(name), names, 3)))
