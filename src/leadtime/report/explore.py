"""What pages that are explored share: values read from an address one by one, so that one slip leaves the rest, and
chips of what is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadtime.answers.names import resolved
from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report.site import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that is shown, as a chip: its id and name, token of its color, and the address of the page
    without it.
    """

    id: str
    name: str
    hue: str
    without: str


def values(question: str, view: View, names: Sequence[str]) -> tuple[dict[str, Any], LeadtimeError | None]:
    """Return what an address says of a question's parameters, those that are right, and what is wrong with the first
    that is not.

    Args:
        question: Its name.
        view: What the page is made for.
        names: Of the parameters.
    """
    found, wrong = dict[str, Any](), None
    for p in find(question).parameters:
        if p.name in names and view.asked.get(p.name):
            try:
                found[p.name] = p.read(view.asked[p.name], view.study)
            except LeadtimeError as error:
                wrong = wrong or error
    return found, wrong


def named(view: View, kind: str, most: int) -> tuple[tuple[str, ...], str, str]:
    """Return what an address names and adds, the text that names nothing, and what is wrong with it in words.

    Args:
        view: What the page is made for; its fields are `names` and `add`, and those of older links, `model` and `of`.
        kind: A kind of `answers.names`.
        most: So many are kept.
    """
    found: list[str] = []
    typed = wrong = ""
    for text in (*view.asked.get("names", ()), *filter(None, (view.asked.get(k) for k in ("add", "model", "of")))):
        try:
            found.append(resolved(kind, text, view.study))
        except LeadtimeError as error:
            typed, wrong = text, f"{error.what[:1].upper()}{error.what[1:]}. {error.fix or ''}".strip()
    return tuple(dict.fromkeys(found))[:most], typed, wrong


def chips(items: Sequence[Mapping[str, str]], link: Callable[[tuple[str, ...]], str]) -> list[Shown]:
    """Return what is shown as chips.

    Args:
        items: id, name and hue of each.
        link: From the ids that are left to the address of the page; without any left, of the empty page.
    """
    return [Shown(**i, without=link(tuple(o["id"] for o in items if o["id"] != i["id"]) or ("none",))) for i in items]
