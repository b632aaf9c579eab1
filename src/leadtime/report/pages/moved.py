"""What moved since the last edition, and by which new rows."""

from typing import Any

from leadtime.answers.words import day
from leadtime.errors import LeadtimeError
from leadtime.report import editions
from leadtime.report.front import front
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return the numbers that are told otherwise than at the end of the last month that is kept."""
    told = front(view.study)
    try:
        before = editions.last_before(view.study.as_of)
    except LeadtimeError:
        return {
            "headline": "No edition is kept from before this day",
            "moved": [],
            "before": None,
            "rows": [],
            "kept": (),
            "day": day,
        }
    moved = editions.moved(before, editions.numbers_of(told.measures))
    n = len(moved)
    headline = (
        f"{n} of {len(told.measures)} numbers moved since {day(before.as_of)}"
        if n
        else f"No number moved since {day(before.as_of)}"
    )
    return {
        "headline": headline,
        "deck": "" if told.answer == before.answer else f"The answer then: {before.answer}",
        "moved": moved,
        "before": before,
        "rows": editions.new_rows(view.study, before.as_of),
        "kept": editions.stored(),
        "day": day,
        "stamp": dict(view.study.stamp),
    }


PAGE = Page(
    path="moved", name="What moved", asks="What moved since last month?", content=content, template="moved.html"
)
