"""How many AI chips China gets, and by which way."""

from typing import Any

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report.controls import controls
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return which chips arrived in a country."""
    study, asked = view.study, {"country": view.asked.get("country") or "CHN"}
    found, wrong = None, None
    try:
        found = find("supply").ask(study, asked)
    except LeadtimeError as error:
        wrong = error
    return {
        "headline": found.sentence if found else "How many AI chips arrived",
        "control": controls("supply", study, asked),
        "found": found,
        "figure_": found.drawn() if found else None,
        "wrong": wrong,
        "stamp": dict(study.stamp),
    }


PAGE = Page(
    path="chips",
    name="Chips",
    asks="How many AI chips does China get, and how?",
    content=content,
    template="chips.html",
    fields=("country",),
)
