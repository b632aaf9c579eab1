"""Claims as cards: what was said, what it comes to, and a bar for each reading; for the page on claims and for the
first page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadtime.answers.answer import Answer
from leadtime.answers.registry import find
from leadtime.answers.words import day, money, significant
from leadtime.claims import STANDINGS, known_then
from leadtime.claims.standing import CANNOT, DEPENDS, HOLDS, NOT, OPEN, counted
from leadtime.errors import LeadtimeError
from leadtime.figures.claims import of_100
from leadtime.figures.cost import PLAIN, dollars
from leadtime.report.site import View

_QUARTER = re.compile(r"\b(20\d\d) Q([1-4])\b")
#: So many bars stand on a card; an opened claim has all.
_BARS = 4
#: Shape of each verdict: told apart without color.
SHAPES = {HOLDS: "disk", DEPENDS: "ways", OPEN: "half", NOT: "slashed", CANNOT: "dashed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading of a card: its words, its chance in words and from 0 to 100, that on the day of the claim, what it
    rests on, our value, what would change it.
    """

    name: str
    chance: str
    of_100: float
    then: str
    support: str
    ours: str
    note: str
    was: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A claim.

    Args:
        id: Its id.
        words: What was said, in quotation marks where the words are theirs.
        who: Who said it.
        when: The day, in words.
        said_on: The day.
        summary: The words are ours.
        verdict: One of five.
        shape: Its mark.
        title: The verdict, with what it depends on or rests on.
        sentence: On how many readings it is so.
        topic: What it is about.
        rests: `measured`, `simulated` or `both`.
        readings: All readings that have a chance.
        link: Where it is opened.
        source: Title and address of where it was said; the address is empty where there is none.
        note: How it is read.
        missing: Which figure, that nobody has published, would decide more.
    """

    id: str
    words: str
    who: str
    when: str
    said_on: str
    summary: bool
    verdict: str
    shape: str
    title: str
    sentence: str
    topic: str
    rests: str
    readings: Sequence[Reading]
    link: str
    source: tuple[str, str]
    note: str
    missing: str

    @property
    def bars(self) -> Sequence[Reading]:
        """The readings that the card shows."""
        return self.readings[:_BARS]

    @property
    def all_of_them(self) -> str:
        """The words of its link."""
        n = len(self.readings)
        return (
            "What we looked for"
            if not n
            else "The reading"
            if n == 1
            else "Both readings"
            if n == 2
            else f"All {counted(n)} readings"
        )


def cards(view: View, claim: str | None = None) -> list[Card]:
    """Return a card for each claim that was made by the study's day, the newest first; or for one claim."""
    study = view.study
    one = {} if claim is None else {"claim": claim}
    try:
        found = find("claims").ask(study, {"then": bool(known_then(study)), **one})
    except LeadtimeError:
        return []
    sources = {r["id"]: (r["title"], r["url"] or "") for r in study.evidence["sources"].iter_rows(named=True)}
    by: dict[str, list[Any]] = {}
    for r in found.rows.rows:
        by.setdefault(r["claim"], []).append(r)
    comes_to = {s["claim"]: s for s in found.part("summaries").rows}
    made = [_card(view, rows, comes_to[c], sources) for c, rows in by.items()]
    return sorted(made, key=lambda c: c.said_on, reverse=True)


def _card(view: View, rows: Sequence[Any], s: Any, sources: dict[str, tuple[str, str]]) -> Card:
    r = rows[0]
    told = [_reading(view, x) for x in rows if x["probability"] is not None]
    title, url = sources.get(r["source"], (r["source"], ""))
    url = url or (r["source"] if r["source"].startswith("https://") else "")
    simulated = s["n_simulated"]
    return Card(
        id=r["claim"],
        words=_capital(r["words"]) if r["paraphrase"] else f"“{r['words']}”",
        who=r["who"],
        when=day(r["said_on"]),
        said_on=r["said_on"],
        summary=r["paraphrase"],
        verdict=s["verdict"],
        shape=SHAPES[s["verdict"]],
        title=s["title"],
        sentence=s["sentence"],
        topic=s["topic"],
        rests="" if not s["n"] else "simulated" if simulated == s["n"] else "both" if simulated else "measured",
        readings=told,
        link=view.link("claims", anchor=f"claim-{r['claim']}", claim=r["claim"]),
        source=(title, url if url.startswith("https://") else ""),
        note=r["interpretation"],
        missing=r["missing"],
    )


def _reading(view: View, r: Any) -> Reading:
    return Reading(
        name=named(r),
        chance=of_100(r["probability"]),
        of_100=round(100 * r["probability"], 1),
        then=of_100(r["then"]) if r["then"] is not None else "",
        support=r["support"],
        ours=_value(r),
        note=_changes(r),
        was=r["then"],
    )


def named(r: Any) -> str:
    """Return what a reading is called: meanings of cost as the page on cost calls them, with our value; quarters in
    words.
    """
    name = _QUARTER.sub(lambda m: f"{('early', 'spring', 'summer', 'late')[int(m[2]) - 1]} {m[1]}", r["reading"])
    for word, (plain, _) in PLAIN.items():
        said = word.replace("_", " ")
        name = plain if name == said else name.replace(f", {said}", f", by {plain[:1].lower()}{plain[1:]}")
    name = name.replace("Lag ", "Gap ").replace("lag ", "gap ")
    value = f": {dollars(r['median'].median)}" if r["unit"] == "USD" and r["median"].median is not None else ""
    return _capital(name) + value


def _changes(r: Any) -> str:
    """Return what would change a reading's chance, in the words of its unit."""
    said = str(r["note"]).replace("the median", "our middle value")
    if r["unit"] == "USD":
        said = re.sub(r"\b\d[\d,]{5,}\b", lambda m: money(float(m[0].replace(",", ""))), said)
    return _capital(said)


def _value(r: Any) -> str:
    s, unit = r["median"], r["unit"]
    sign = "%" if unit == "fraction" else ""
    more = "" if sign or unit in ("USD", "ratio", "percentile") or unit.startswith("(") else f" {unit}"

    def say(v: float) -> str:
        return f"{'$' if unit == 'USD' else ''}{significant(v * (100 if sign else 1), 2)}{sign}"

    if s.low is None or s.high is None:
        return f"{say(s.median)}{more} or {'more' if s.high is None else 'less'}"
    return f"{say(s.median)} ({say(s.low)} to {say(s.high)}){more}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def headline(found: Sequence[Card]) -> str:
    """Return how many claims hold on every reading and on none, and for how many it depends, in every direction."""
    if not found:
        return "No claim of our ledger was made by this day"
    n = {v: sum(c.verdict == v for c in found) for v in STANDINGS}
    of = f"Of {len(found):,} {'claim' if len(found) == 1 else 'claims'}"
    if n[HOLDS]:
        said = f"{of}, {n[HOLDS]} {'holds' if n[HOLDS] == 1 else 'hold'} on every reading"
        said += f" and {n[NOT]} on none" if n[NOT] else ""
    else:
        said = f"{of}, none holds on every reading" + (f", and {n[NOT]} on no reading" if n[NOT] else "")
    return f"{said}." + (f" For {n[DEPENDS]} it depends on what a word means." if n[DEPENDS] else "")


def opened(view: View, card: Card) -> Answer | None:
    """Return the answer on one claim."""
    study = view.study
    try:
        return find("claims").ask(study, {"claim": card.id, "then": any(r.then for r in card.readings)})
    except LeadtimeError:
        return None


def moved(card: Card) -> str:
    """Return how the chances stood on the day of the claim against today, a sentence; empty where that is not known."""
    known = [(r.was, r.of_100 / 100) for r in card.readings if r.was is not None]
    if not known:
        return ""
    lower, higher = (sum(sign * (now - then) > 0.02 for then, now in known) for sign in (1, -1))
    then, now = (of_100(max(p)) for p in zip(*known, strict=True))
    how = (
        "much the same"
        if not lower and not higher
        else "lower"
        if not higher
        else "higher"
        if not lower
        else "lower on some, higher on others"
    )
    at_most = "" if len(known) == 1 else "at most "
    return (
        f"By what was public on {card.when}, the chances were {how}: {at_most}{then} in 100, against {at_most}{now}"
        " now."
    )
