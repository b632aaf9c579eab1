"""The one kind of error that a user sees: what is wrong, where, and what to do."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from leadtime import unseen

#: A line of a message is cut here.
_LONG = 800
#: Where an error is read: by someone who writes Python, gives commands, or asks the server.
Door = Literal["python", "command", "http"]
#: An option, and perhaps its value: `--draws`, `--method=map`, `--tpp 15832`, `--study DIR`, `--owner 'Name=60%'`.
_OPTION = re.compile(
    r"(?<![\w'\"-])--([a-z][a-z-]*[a-z])(?!\w)(?:=([\w.-]*\w)| ('[^']*'|[\w-]+\.[a-z]+\b|\d[\d.]*\d|\d|[A-Z]{2,}\b))?"
)


class LeadtimeError(Exception):
    """A problem with what the user typed or brought, told in the user's words.

    Invisible characters are shown by their number. The text names parameters as the command line spells them
    (`--as-of`, `--method=map`), and `told` translates them for Python or HTTP.

    Args:
        what: What is wrong, in one sentence.
        where: The file, row, column or option that is wrong. Empty if there is no such place.
        fix: What was expected or what to do, in one sentence.

    Attributes:
        options: Names of parameters by their option, where the two differ in more than dashes. A question fills it in.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = _short(unseen.shown(what))
        self.where = unseen.shown(where)
        self.fix = _short(unseen.shown(fix))
        self.options: Mapping[str, str] = {}
        super().__init__(self.what)

    def told(self, door: Door) -> tuple[str, str, str]:
        """Return what is wrong, where, and what to do, in the words of a door."""
        place = self.where if door == "command" else _OPTION.sub(lambda m: self._name(m[1]), self.where)
        return in_words_of(door, self.what, self.options), place, in_words_of(door, self.fix, self.options)

    def problem(self, status: int = 400, door: Door = "http") -> dict[str, Any]:
        """Return the problem as JSON (RFC 9457), the form that every door sends."""
        what, where, fix = self.told(door)
        said = {"type": "about:blank", "status": status, "title": what}
        return said | {k: v for k, v in (("where", where), ("fix", fix)) if v}

    def text(self, door: Door) -> str:
        """Return the problem as text: the place and what is wrong on the first line, what to do on the next."""
        what, where, fix = self.told(door)
        return (f"{where}: " if where else "") + what + (f"\n  {fix}" if fix else "")

    def __str__(self) -> str:
        return self.text("python")

    def _name(self, option: str) -> str:
        return self.options.get(f"--{option}", option.replace("-", "_"))


def in_words_of(door: Door, text: str, options: Mapping[str, str] | None = None) -> str:
    """Return a text with its options as a door spells them: `as_of=` in Python, `as_of` over HTTP. Commands stay.

    Args:
        door: Where it is read.
        text: The text, options as the command line spells them.
        options: Parameters by their option, where the two differ in more than dashes.
    """
    if door == "command":
        return text

    def spelled(found: re.Match[str]) -> str:
        name = (options or {}).get(f"--{found[1]}", found[1].replace("-", "_"))
        value = found[2] or (found[3] or "").strip("'")
        if door == "http":
            return f"{name}={value}" if value else name
        bare = not value or value.isupper() or value[0].isdigit()
        return f"{name}={value}" if bare else f'{name}="{value}"'

    parts = text.split("`")
    code = [i % 2 and " " in part and not part.startswith("--") for i, part in enumerate(parts)]
    return "`".join(p if whole else _OPTION.sub(spelled, p) for p, whole in zip(parts, code, strict=True))


def _short(text: str) -> str:
    """Return a text with long lines cut, since a stranger's text may be quoted but not at any length."""
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
    "architecture": "leadtime evidence architectures",
    "benchmark": "leadtime evidence benchmarks",
    "chip": "leadtime evidence chips",
    "claim": "leadtime claims",
    "country": "leadtime evidence countries",
    "model": "leadtime evidence models",
    "quantity": "leadtime explain",
    "rule": "leadtime rules timeline",
    "table": "leadtime evidence",
    "training run": "leadtime evidence training_runs",
}
_SHOWN = 20


def unknown_name(kind: str, name: str, known: Iterable[str]) -> LeadtimeError:
    """Return the error for an unknown name. It suggests the nearest known names, or tells how to list them."""
    names = [*known]
    if close := nearest(name, names):
        fix = f"Did you mean {', '.join(close)}?"
    elif kind in LISTED:
        fix = f"`{LISTED[kind]}` lists the names that are known."
    else:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        fix = f"Known: {', '.join(sorted(names)[:_SHOWN])}{more}."
    return LeadtimeError(f"there is no {kind} called {name!r}", fix=fix)
