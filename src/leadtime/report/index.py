"""What search finds: models, chips, rules, claims, words of the glossary and pages, with where each leads."""

import itertools
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
#: Words of a question that name nothing.
_QUESTION = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "by",
        "did",
        "do",
        "does",
        "for",
        "how",
        "in",
        "is",
        "of",
        "on",
        "the",
        "to",
        "was",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
    ]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: its title, what it is, where it is, and other words by which people ask for it."""

    title: str
    kind: str
    link: str
    also: str = ""


def entries(study: "Study", kept: Mapping[str, str]) -> list[Entry]:
    """Return everything that can be found in a study; what was not known by its day is not there.

    Args:
        study: The study.
        kept: What every link carries on.
    """
    view = View(study=study, live=True, kept=kept)
    found = [Entry(p.name, "page", view.link(p.path)) for p in pages().values()]
    models = study.evidence["models"].sort("released_on", descending=True)
    makers = dict(study.evidence["organizations"].select("id", "name").iter_rows())
    found += [
        Entry(r["name"], "model", view.link("models", model=r["id"]), makers.get(r["organization"], ""))
        for r in models.iter_rows(named=True)
    ]
    found += [
        Entry(
            r["name"],
            "chip",
            view.link("rules", chip=r["id"]),
            f"{makers.get(r['maker'], r['maker'] or '')} {r['aliases'] or ''}",
        )
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
    """Return what holds the most of the words that were asked, at the beginning of its own; titles that begin with them
    first.

    Words of a question (what, of) do not count. Parts that people write apart or together (H 20, h-20, H20) are the
    same.
    """
    words = [w for w in _words(asked) if w not in _QUESTION] or _words(asked)
    joined = "".join(words)
    scored = []
    for e in found:
        own = _parts(f"{e.title} {e.also}")
        hits = sum(any(o.startswith(w) for o in own) for w in words)
        hits = len(words) if len(words) > 1 and any(o.startswith(joined) for o in own) else hits
        if hits:
            scored.append((-hits, not e.title.lower().startswith(asked.lower()), len(e.title), e))
    most = min((s[0] for s in scored), default=0)
    return [s[3] for s in sorted(scored, key=lambda s: s[:3]) if s[0] == most][:_MOST]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9.]+", text.lower())


def _parts(text: str) -> list[str]:
    """Return the words of a text, and each two neighbors as one."""
    words = _words(text)
    return [*words, *(a + b for a, b in itertools.pairwise(words))]
