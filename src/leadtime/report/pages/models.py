"""How far behind a model, a laboratory or a country is."""

from typing import Any

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report.controls import controls
from leadtime.report.page_tables import page_tables
from leadtime.report.results_of import results
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return how far behind, by the definitions, sets and clock that were chosen."""
    study = view.study
    r, drawn = results(study)
    given = {k: v for k, v in view.asked.items() if v} or {"of": "CHN"}
    found, wrong = None, None
    try:
        found = find("lag").ask(study, given)
    except LeadtimeError as error:
        wrong = error
    return {
        "headline": found.sentence if found else "How far behind",
        "control": controls("lag", study, given),
        "found": found,
        "wrong": wrong,
        "drawn": drawn,
        "tables": page_tables(r),
        "stamp": dict(study.stamp),
    }


PAGE = Page(
    path="models",
    name="Models",
    asks="How far behind is this model, lab or country?",
    content=content,
    template="models.html",
    fields=("model", "of", "behind", "clock", "comparison", "benchmarks"),
)
