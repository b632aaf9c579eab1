"""How we know: where each number comes from."""

from typing import Any

from leadtime.report.results_of import results
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return every number of the answer and of the claims, opened, and the sources."""
    r, _ = results(view.study)
    return {
        "headline": "Every number opens to its sentence, its equation and its sources",
        "derivations": r.derivations,
        "sources": r.sources,
        "stamp": r.stamp,
    }


PAGE = Page(
    path="how", name="How we know", asks="Where do the numbers come from?", content=content, template="how.html"
)
