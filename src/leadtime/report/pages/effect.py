"""What the rules changed, in layers of assumptions."""

from typing import Any

from leadtime.answers.registry import ask
from leadtime.errors import LeadtimeError
from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return what is known of the effect of the rules."""
    try:
        headline = ask(view.study, "effect").sentence
    except LeadtimeError:
        headline = "What the rules did to the gap cannot be bounded on this day."
    return {"headline": headline, "chapters": chapters(view.study, "effect"), "stamp": dict(view.study.stamp)}


PAGE = Page(
    path="effect",
    name="Effect",
    asks="How much of the gap is due to the rules?",
    content=content,
    template="effect.html",
)
