"""Where each number of the page comes from: one entry for every number of the front page and of the claims."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadtime.claims import Claim
from leadtime.errors import LeadtimeError
from leadtime.explain import Explanation, explain, parse
from leadtime.report.chapter import spread

if TYPE_CHECKING:
    from leadtime.report.front import Front
    from leadtime.study import Study

#: Sources named for one number; the rest are counted.
MOST_SOURCES = 8
Asked = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How one number of the page is opened.

    Args:
        anchor: Its id on the page.
        title: The number in words.
        value: Median and interval, with the unit.
        sentence: Definition.
        equation: Equation.
        method: Page of the documentation.
        steps: From evidence to the number, in words.
        sources: Id and title of the main sources.
        n_sources: How many there are.
        command: What shows every row.
    """

    anchor: str
    title: str
    value: str
    sentence: str
    equation: str
    method: str
    steps: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    n_sources: int
    command: str


def anchor(quantity: str, parameters: dict[str, Any]) -> str:
    """Return the id under which a number is opened."""
    parts = [quantity, *(f"{k}-{v}" for k, v in sorted(parameters.items()))]
    return "number-" + "".join(c if c.isalnum() else "-" for c in "-".join(parts).lower())


def derivations(study: "Study", front: "Front", claims: Iterable[Claim]) -> tuple[Derivation, ...]:
    """Return an entry for each number that can be computed, in the order of the page."""
    asked: list[Asked] = [of_measure(m.explain) for m in front.measures if m.explain]
    asked += [(r.quantity, r.parameters) for c in claims for r in c.readings]
    found: dict[str, Derivation] = {}
    for quantity, parameters in asked:
        name = anchor(quantity, parameters)
        if name in found:
            continue
        try:
            found[name] = _derivation(name, explain(study, quantity, parameters))
        except LeadtimeError:
            continue  # the verdict beside it says why there is no number
    return tuple(found.values())


def of_measure(text: str) -> Asked:
    """Return the quantity that a measure of the front page names as the command line would."""
    name, _, rest = text.partition(" --with ")
    return parse(name, [rest] if rest else [])


def _derivation(name: str, e: Explanation) -> Derivation:
    asked = ", ".join(f"{k} {v}" for k, v in e.parameters.items())
    given = "".join(f" --with {k}={v}" for k, v in e.parameters.items())
    return Derivation(
        anchor=name,
        title=e.title + (f": {asked}" if asked else ""),
        value=f"{spread(e.low, e.median, e.high)} {e.unit}",
        sentence=e.sentence,
        equation=e.equation,
        method=e.method,
        steps=tuple(s.words for s in e.steps),
        sources=tuple(e.sources.head(MOST_SOURCES).select("id", "title").iter_rows()),
        n_sources=e.sources.height,
        command=f"leadtime explain {e.quantity}{given}",
    )
