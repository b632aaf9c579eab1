"""Whether what they said is so: a card for each claim, and one of them opened."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from leadtime.answers.questions.claims import said
from leadtime.claims import STANDINGS
from leadtime.report import chapter_published
from leadtime.report.claimed import SHAPES, Card, cards, headline, moved, opened
from leadtime.report.site import Page, View

#: The claim that the page opens on, and those that the first page shows.
EXAMPLE = "v3-7-10-months"
FRONT = (EXAMPLE, "controls-slow-china", "v3-5-576-million")
ORDERS = (("", "Newest first"), ("oldest", "Oldest first"), ("readings", "Most readings first"))
RESTS = (("", "Measured and simulated"), ("measured", "Measured only"), ("simulated", "With a simulation"))


def content(view: View) -> dict[str, Any]:
    """Return the claims that a reader chose, each with its verdict, and the one that is open."""
    asked, all_of_them = view.asked, cards(view)
    by = {c.id: c for c in all_of_them}
    wanted = {k: str(asked.get(k, "")) for k in ("verdict", "who", "topic", "rests", "q", "sort")}
    chosen = any(wanted.values())
    one = by.get(str(asked.get("claim") or ("" if chosen else EXAMPLE)))
    found = opened(view, one) if one and one.readings else None
    shown = [c for c in all_of_them if matches(c, wanted)]
    return {
        "headline": headline(all_of_them),
        "deck": (
            "Each claim is put to every fair reading of its words. The number is the chance, in 100, that the reading"
            " is true by our measurement or, where marked, by our simulation."
        ),
        "cards": ordered(all_of_them, wanted["sort"]),
        "shown": {c.id for c in shown},
        "one": one,
        "figure_": found.drawn() if found else None,
        "moved": moved(one) if one else "",
        "counts": [
            (v, SHAPES[v], sum(c.verdict == v for c in all_of_them), _toggled(view, wanted, v)) for v in STANDINGS
        ],
        "wanted": wanted,
        "speakers": sorted(Counter(c.who for c in all_of_them).items(), key=lambda x: (-x[1], x[0])),
        "topics": sorted(Counter(c.topic for c in all_of_them).items(), key=lambda x: (-x[1], x[0])),
        "orders": ORDERS,
        "rests": RESTS,
        "slip": str(asked["claim"]) if asked.get("claim") and one is None else "",
        "chapters": [c for c in (chapter_published.chapter(view.study),) if c],
        "stamp": dict(view.study.stamp),
    }


def matches(card: Card, wanted: Mapping[str, str]) -> bool:
    """Return whether a card is among those that a reader chose."""
    words = wanted.get("q", "").lower().split()
    text = " ".join((card.words, card.who, card.sentence, *(r.name for r in card.readings))).lower()
    rests = wanted.get("rests", "")
    return (
        wanted.get("verdict", "") in ("", card.verdict)
        and wanted.get("who", "") in ("", card.who)
        and wanted.get("topic", "") in ("", card.topic)
        and (not rests or (card.rests == "measured" if rests == "measured" else card.rests in ("simulated", "both")))
        and all(w in text for w in words)
    )


def ordered(found: Sequence[Card], how: str) -> list[Card]:
    """Return cards in the order that a reader chose; the newest first where none is chosen."""
    if how == "oldest":
        return sorted(found, key=lambda c: c.said_on)
    return sorted(found, key=lambda c: -len(c.readings)) if how == "readings" else list(found)


def _toggled(view: View, wanted: Mapping[str, str], verdict: str) -> str:
    """Return where a click on the count of a verdict leads: to its claims, or back to all."""
    return view.link("claims", **{**wanted, "verdict": "" if wanted["verdict"] == verdict else verdict})


def front(view: View) -> tuple[list[Card], int]:
    """Return the cards of the first page, and how many claims there are."""
    n = len(said(view.study, None))
    return [card for c in FRONT for card in cards(view, c)], n


PAGE = Page(
    path="claims",
    name="Claims",
    asks="Is what they said so?",
    content=content,
    template="claims.html",
    fields=("claim", "verdict", "who", "topic", "rests", "q", "sort"),
)
