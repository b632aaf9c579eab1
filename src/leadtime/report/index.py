"""What search finds: models, chips, rules, claims, words of the glossary and pages, with where each leads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadtime.claims import available
from leadtime.report.glossary import terms
from leadtime.report.site import View, pages

if TYPE_CHECKING:
    from leadtime.study import Study

_MOST = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: its title, what it is, and where it is."""

    title: str
    kind: str
    link: str


def entries(study: "Study", kept: Mapping[str, str]) -> list[Entry]:
    """Return everything that can be found in a study; what was not known by its day is not there.

    Args:
        study: The study.
        kept: What every link carries on.
    """
    view = View(study=study, live=True, kept=kept)
    found = [Entry(p.name, "page", view.link(p.path)) for p in pages().values()]
    models = study.evidence["models"].sort("released_on", descending=True)
    found += [Entry(r["name"], "model", view.link("models", model=r["id"])) for r in models.iter_rows(named=True)]
    found += [
        Entry(r["name"], "chip", view.link("rules", chip=r["id"]))
        for r in study.evidence["chips"].iter_rows(named=True)
    ]
    log = study.rules.log
    found += [
        Entry(r["title"], "rule", view.link("data", table="rule_instruments", where=r["id"]))
        for r in log.instruments.values()
        if r["announced_on"] <= study.as_of
    ]
    found += [
        Entry(f"{c.words} ({c.who})", "claim", view.link("claims", f"claim-{c.id}"))
        for c in available(study.folder)
        if c.said_on <= study.as_of
    ]
    found += [Entry(t.term, "word", view.link("glossary", t.anchor)) for t in terms()]
    return found


def matching(found: Sequence[Entry], asked: str) -> list[Entry]:
    """Return what holds every word that was asked, at the beginning of one of its own; titles that begin with it first."""
    words = _words(asked)
    if not words:
        return []
    hits = [e for e in found if all(any(w.startswith(a) for w in _words(e.title)) for a in words)]
    return sorted(hits, key=lambda e: (not e.title.lower().startswith(asked.lower()), len(e.title)))[:_MOST]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9.]+", text.lower())
