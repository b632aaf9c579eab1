"""The sections of the report, for pages of their own: rendered once for a study, links led to where each section is."""

import re
import weakref
from typing import Any

from markupsafe import Markup

from leadtime.report import html as report
from leadtime.report.draw import draw
from leadtime.report.results import Results, gather, headline, model_sentence
from leadtime.study import Study

#: Page, its title, and the sections of the report that it holds.
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Answer", ("answer",)),
    "lag": ("Capability and lag", ("figures", "tables")),
    "cost": ("Cost", ("cost", "curve")),
    "rules": ("Rules", ("rules",)),
    "supply": ("Supply", ()),
    "scenarios": ("Scenarios", ("fork",)),
    "claims": ("Claims", ("claims",)),
    "record": ("Our record", ("record",)),
    "numbers": ("Where numbers come from", ("numbers",)),
    "evidence": ("Evidence", ()),
    "methods": ("Methods", ("method", "sources")),
}
_gathered: "weakref.WeakKeyDictionary[Study, tuple[Results, list[Any], dict[str, Markup]]]" = (
    weakref.WeakKeyDictionary()
)
_LINK = re.compile(r'href="#([^"?]+)"')
_ID = re.compile(r'\bid="([^"]+)"')


def results(study: Study) -> tuple[Results, list[Any], dict[str, Markup]]:
    """Return all results of a study, its figures, and its sections; computed once."""
    if study not in _gathered:
        found = gather(study)
        drawn = draw(found)
        _gathered[study] = (found, drawn, report.sections(found, drawn))
    return _gathered[study]


def content(study: Study, name: str, query: str) -> dict[str, Any]:
    """Return what a page shows of the report.

    Args:
        study: The study.
        name: A page of `PAGES`.
        query: Appended to links to other pages, such as `?as_of=2025-01-29`.
    """
    if not PAGES[name][1]:
        return {"sections": [], "figures": [], "stamp": study.stamp}
    found, drawn, every = results(study)
    wanted = [s for s in PAGES[name][1] if s in every]
    where = {
        anchor: page
        for page, (_, names) in PAGES.items()
        for s in names
        if s in every
        for anchor in (s, *_ID.findall(every[s]))
    }

    def led(match: re.Match[str]) -> str:
        anchor = match.group(1)
        page = where.get(anchor, name)
        return match.group(0) if page == name else f'href="/{page}{query}#{anchor}"'

    figures = [
        f
        for s in wanted
        for f in (drawn if s == "figures" else [f for c in found.chapters if c.name == s for f in c.figures])
    ]
    return {
        "sections": [Markup(_LINK.sub(led, every[s])) for s in wanted],  # noqa: S704 - rendered before, links led elsewhere
        "figures": figures,
        "answer": found.front.answer, "cause": found.front.cause, "headline": headline(found.year), "model_sentence": model_sentence(found),
        "stamp": found.stamp,
    }  # fmt: skip
