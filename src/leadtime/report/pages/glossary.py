"""The words of the pages."""

from typing import Any

from leadtime.report.glossary import terms
from leadtime.report.site import Page, View


def content(view: View) -> dict[str, Any]:
    """Return every word with its sentence."""
    return {"headline": f"{len(terms())} words, one sentence each", "terms": terms()}


PAGE = Page(
    path="glossary",
    name="Glossary",
    asks="What do the words mean?",
    content=content,
    template="glossary.html",
    slow=False,
)
