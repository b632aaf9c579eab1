"""The one kind of error a user sees: what is wrong, where, and what to do."""

import difflib
from collections.abc import Iterable
from typing import Any

#: A line of a message is cut here.
_LONG = 800


class LeadtimeError(Exception):
    """A problem with the user's input, told in the user's terms.

    Args:
        what: What is wrong, one sentence.
        where: File, row, column or date it was found at; empty when there is no place.
        fix: What was expected, or what to do; one sentence.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = _short(what)
        self.where = where
        self.fix = _short(fix)
        super().__init__(self.what)

    def problem(self, status: int = 400) -> dict[str, Any]:
        """Return it as JSON (RFC 9457): the shape in which every door sends what is wrong."""
        said = {"type": "about:blank", "status": status, "title": self.what}
        return said | {k: v for k, v in (("where", self.where), ("fix", self.fix)) if v}

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"\n  {self.fix}" if self.fix else "")


def _short(text: str) -> str:
    """Return a text with its lines cut: what a stranger wrote may be quoted, not at any length."""
    return (
        text if len(text) <= _LONG else "\n".join(f"{x[:_LONG]}..." if len(x) > _LONG else x for x in text.split("\n"))
    )


def nearest(name: str, known: Iterable[str], n: int = 4) -> list[str]:
    """Return up to `n` known names closest in spelling to `name`, best first."""
    folded = {k.casefold().replace(".", "-").replace(" ", "-"): k for k in known}
    key = name.casefold().replace(".", "-").replace(" ", "-")
    close = difflib.get_close_matches(key, folded, n=n, cutoff=0.5)
    contained = [k for k in folded if key and key in k]
    return [folded[k] for k in dict.fromkeys(close + sorted(contained, key=len))][:n]


#: Commands that list what a kind of name stands for, where there are more than a line holds.
LISTED = {
    "architecture": "leadtime evidence architectures", "benchmark": "leadtime evidence benchmarks", "chip": "leadtime evidence chips",
    "claim": "leadtime claims", "country": "leadtime evidence countries", "model": "leadtime evidence models", "quantity": "leadtime explain",
    "rule": "leadtime rules timeline", "table": "leadtime evidence", "training run": "leadtime evidence training_runs",
}  # fmt: skip
_SHOWN = 20


def unknown_name(kind: str, name: str, known: Iterable[str]) -> LeadtimeError:
    """Return the error for a name that is not in a list, with the nearest names that are, else how to see them."""
    names = [*known]
    if close := nearest(name, names):
        fix = f"Did you mean {', '.join(close)}?"
    elif kind in LISTED:
        fix = f"`{LISTED[kind]}` lists the known ones."
    else:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        fix = f"Known: {', '.join(sorted(names)[:_SHOWN])}{more}."
    return LeadtimeError(f"there is no {kind} called {name!r}", fix=fix)
