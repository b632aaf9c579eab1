"""Whether a chip may be sold to a buyer on a day."""

from typing import Any

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report.controls import controls
from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View
from leadtime.rules.destinations import country_code

#: What the page opens on.
EXAMPLE = {"chip": "h20", "to": "CHN"}
#: What the page asks, in the order of its form.
ASKED = ("chip", "to", "on", "party", "hq", "origin", "made_with", "us_content", "tpp", "die_area_mm2", "dram_gb_s")


def content(view: View) -> dict[str, Any]:
    """Return whether a license is needed, and why; of a page without a question, for the example."""
    study = view.study
    asked = {k: v for k, v in (view.asked or EXAMPLE).items() if v}
    known: dict[str, Any] = {
        "headline": "May this chip be sold to this buyer on this day?",
        "is_example": not view.asked,
        "found": None,
        "wrong": None,
        "chapters": chapters(study, "rules"),
        "stamp": dict(study.stamp),
    }
    try:
        asked.update({k: country_code(study.rules.log, str(asked[k])) for k in ("to", "hq") if asked.get(k)})
        found = find("rules status").ask(study.rules, asked)
    except LeadtimeError as error:
        return {**known, "wrong": error, "asked": asked, "control": controls("rules status", study, asked)}
    chip = found.values["transaction"]["chip"]
    return {
        **known,
        "headline": found.values["headline"],
        "found": found,
        "asked": asked,
        "control": controls("rules status", study, asked | {"chip": chip}),
    }


PAGE = Page(
    path="rules",
    name="Rules",
    asks="May this chip be sold to this buyer on this day?",
    content=content,
    template="rules.html",
    fields=ASKED,
)
