"""All results of a study, its chapters and figures, computed once however many pages ask for them."""

from typing import TYPE_CHECKING

from leadtime.answers.registry import ask
from leadtime.errors import LeadtimeError
from leadtime.figures.events import events_of
from leadtime.figures.figure import Figure
from leadtime.once import once
from leadtime.report.chapter import Chapter
from leadtime.report.draw import draw
from leadtime.report.results import Results, gather

if TYPE_CHECKING:
    from leadtime.study import Study


@once
def results(study: "Study") -> tuple[Results, list[Figure]]:
    """Return all results of a study and the figures of its first chapters; computed once."""
    found = gather(study)
    events = events_of(study.rules.log.tables["rule_events"], study.as_of)
    return found, [*_frontiers(study), *draw(found, events)]


def _frontiers(study: "Study") -> list[Figure]:
    """Return the figure of models and sides; none on a day without measured models."""
    try:
        return [ask(study, "frontiers").drawn()]
    except LeadtimeError:
        return []


def chapters(study: "Study", *names: str) -> list[Chapter]:
    """Return chapters of a study by name; one that the day's evidence does not reach is left out."""
    found = {c.name: c for c in results(study)[0].chapters}
    return [found[n] for n in names if n in found]
