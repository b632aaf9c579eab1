"""How it is done, and its limits."""

from typing import Any

from leadtime.report.results_of import results
from leadtime.report.site import Page, View
from leadtime.study import lag_definitions


def content(view: View) -> dict[str, Any]:
    """Return the method in words, the definitions, and how well the computation converged."""
    r, _ = results(view.study)
    return {
        "headline": "Abilities from test scores, gaps from abilities and dates",
        "definitions": lag_definitions(),
        "diagnostics": r.diagnostics,
        "stamp": r.stamp,
    }


PAGE = Page(path="methods", name="Methods", asks="How is it done?", content=content, template="methods.html")
