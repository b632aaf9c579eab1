"""Whether what they said is so."""

from typing import Any

from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return the claims, each with its verdict."""
    found = chapters(view.study, "claims", "published")
    return {
        "headline": found[0].lead if found else "Is what they said so?",
        "chapters": found,
        "stamp": dict(view.study.stamp),
    }


PAGE = Page(path="claims", name="Claims", asks="Is what they said so?", content=content, template="claims.html")
