"""Who has what: what a lead in AI rests on besides models, what was taken, who can use it; and the argument, sentence
by sentence.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leadtime.answers.answer import Answer, Table
from leadtime.answers.questions import leaks, resources
from leadtime.answers.registry import ask
from leadtime.answers.words import count, day
from leadtime.report.site import Page, View

#: Which chart of the page shows more on a sentence, by its topic.
_CHARTS = {
    "Military advantages": "resources-military",
    "More focus on military uses": "resources-military",
    "More capital": "resources-military",
    "Taken ideas": "leaks",
    "Not denying China the benefits": "access",
    "Everyone should benefit": "access",
}


def content(view: View) -> dict[str, Any]:
    """Return who has what, the leaks and the use, each with its chart, and the sentences that open to them."""
    study = view.study
    have, taken, use = (ask(study, q) for q in ("resources", "leaks", "access"))
    rows = have.rows.rows
    return {
        "headline": resources.headline(rows, study.as_of),
        "deck": (
            f"{resources.tally(resources.compared(rows, study.as_of))}. Published figures, set side by side only where"
            " both are counted by the same rule. What is only alleged stands apart, with the name of who says so."
        ),
        "sentences": list(sentences(view, have.part("argument").rows)),
        "have": have,
        "military": ask(study, "resources", show="military").drawn(),
        "computing": have.part("military_computing"),
        "taken": taken,
        "use": use,
        "costs": [r for r in taken.rows.rows if r["kind"] == "all channels"],
        "parts": parts(use, ("Prices", "What was denied or ran short", "Who is served", "Firms that use it")),
        "explains": leaks.at_most(taken.part("explains").rows),
        "stamp": dict(study.stamp),
    }


def sentences(view: View, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the sentences of the argument: their words, who said them, what they open to, and where the claim
    stands.
    """
    titles = dict(view.study.evidence["sources"].select("id", "title").iter_rows())
    for topic, own in itertools.groupby(rows, key=lambda r: r["topic"]):
        lines = list(own)
        first = lines[0]
        figures = [r for r in lines if r["what"]]
        yield {
            "topic": topic,
            "words": f"{first['words']} (our summary)" if first["paraphrase"] else f"“{first['words']}”",
            "said_by": f"{first['who']}, {day(first['said_on'])}",
            "found": [_line(r, titles) for r in figures if not r["alleged_by"]],
            "alleged": [_line(r, titles) for r in figures if r["alleged_by"]],
            "missing": [r["missing"] for r in lines if r["missing"]],
            "nothing": not figures,
            "holds": holds(len(figures), sum(bool(r["missing"]) for r in lines)),
            "claim": view.link("claims", f"claim-{first['claim']}", claim=first["claim"]),
            "chart": _CHARTS.get(topic, "resources"),
        }


def holds(figures: int, missing: int) -> str:
    """Return what a sentence opens to, in few words."""
    found = count(figures, "figure") if figures else "no figure"
    return f"{found}; {'one' if missing == 1 else missing} nobody has published" if missing else found


def _line(r: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    sources = [titles.get(s, s) for s in r["sources"].split("|") if s]
    return {**r, "source": "; ".join(sources) or "shipments and published estimates, see Chips"}


def parts(a: Answer, wanted: Sequence[str]) -> list[tuple[str, Table]]:
    """Return the parts of an answer's table that a page shows, by their heads in the order of the page."""
    found = []
    for head in wanted:
        own = [r for r in a.rows.rows if r["head"] == head]
        if own:
            found.append((head, replace(a.rows, rows=own, by="", most=None)))
    return found


PAGE = Page(
    path="resources",
    name="Who has what",
    asks="Who has the chips, the money, the people, the power and the factories?",
    content=content,
    template="resources.html",
)
