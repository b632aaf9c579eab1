"""All results of a study, its chapters and figures, computed once however many pages ask for them."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leadtime.answers.registry import ask
from leadtime.errors import LeadtimeError
from leadtime.figures.figure import Figure
from leadtime.once import once
from leadtime.report.chapter import Chapter
from leadtime.report.results import CLAIM_MODEL, Results, gather

if TYPE_CHECKING:
    from leadtime.study import Study


@once
def results(study: "Study") -> tuple[Results, list[Figure]]:
    """Return all results of a study and the figures of its first chapters; computed once."""
    return gather(study), list(_figures(study))


#: Questions whose figures the page on models shows, in its order.
_SHOWN: tuple[tuple[str, dict[str, str]], ...] = (
    ("frontiers", {}),
    ("lag all", {"model": CLAIM_MODEL}),
    ("lag path", {}),
    ("capability", {"show": "developers"}),
    ("capability", {"show": "tests"}),
)


def _figures(study: "Study") -> Iterator[Figure]:
    """Yield the figures of the first chapters; one that the day's evidence does not reach is left out."""
    for name, given in _SHOWN:
        with contextlib.suppress(LeadtimeError):
            yield ask(study, name, **given).drawn()


def chapters(study: "Study", *names: str) -> list[Chapter]:
    """Return chapters of a study by name; one that the day's evidence does not reach is left out."""
    found = {c.name: c for c in results(study)[0].chapters}
    return [found[n] for n in names if n in found]
