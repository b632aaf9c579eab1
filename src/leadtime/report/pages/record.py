"""Our record: what we would have said on earlier days."""

from typing import Any

from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return our forecasts scored against simple guesses."""
    found = chapters(view.study, "record")
    return {
        "headline": found[0].content["headline"] if found else "There is no record for this day",
        "deck": found[0].content["deck"] if found else "",
        "chapters": found,
        "stamp": dict(view.study.stamp),
    }


PAGE = Page(path="record", name="Our record", asks="How often were we right?", content=content, template="record.html")
