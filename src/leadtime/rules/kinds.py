"""Paragraphs, policies and exceptions of a reading as bits of a number, and back as words."""

from leadtime.rules.judge import Reading


def policy_names(order: Reading) -> list[str]:
    """Return the policies in their order of rank, each once, and last that none is stated."""
    return [*dict.fromkeys(p.outcome for p in order.reviews), "not_stated"]


def exception_names(order: Reading) -> list[str]:
    """Return the symbols of the exceptions, each once, in reading order."""
    return list(dict.fromkeys(p.outcome for p in order.exceptions))


def bits(mask: int, names: list[str]) -> list[str]:
    """Return the names whose bits are set."""
    return [n for i, n in enumerate(names) if mask >> i & 1]


def paragraphs(order: Reading, mask: int) -> list[str]:
    """Return the paragraphs that an item may be in; `none` for none of them."""
    return list(dict.fromkeys(bits(mask, [*(p.eccn[0] for p in order.classifications), "none"])))


def exceptions_told(order: Reading, some: int, every: int) -> list[tuple[str, bool]]:
    """Return the exceptions that are or may be available, and whether they surely are."""
    return [(n, bool(every >> i & 1)) for i, n in enumerate(exception_names(order)) if some >> i & 1]


#: Policies from the one that leaves least hope.
_STRICT = (
    "authorization_needed",
    "presumption_of_denial",
    "not_stated",
    "case_by_case",
    "approval_within_cap",
    "presumption_of_approval",
)


def policies_told(order: Reading, mask: int) -> tuple[str, tuple[str, ...]]:
    """Return the strictest policy that there may be, and the others; `none` where no license is needed."""
    found = bits(mask, policy_names(order))
    found.sort(key=lambda n: _STRICT.index(n) if n in _STRICT else len(_STRICT))
    return (found[0], tuple(found[1:])) if found else ("none", ())
