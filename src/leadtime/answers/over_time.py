"""An answer of the rules over time, as rows and as a figure."""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from leadtime.answers.drawn import figure
from leadtime.answers.regulated import place
from leadtime.answers.words import day

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.spells import Spell
    from leadtime.rules.status import Status

#: Places whose government one calls by its seat.
_SEATS = {"CHN": "Beijing"}


def heads(rules: "Rulebook", to: str) -> list[str]:
    """Return what stands above each row: what the rule said, what Washington did, what was done at the destination."""
    found = ["What the rule said", "What Washington did"]
    return found if to == "USA" else [*found, f"What {_SEATS.get(to) or place(rules.log, to)} did"]


def drawn(rules: "Rulebook", s: "Status", found: "Sequence[Spell]", called: str) -> "Figure":
    """Return the spells of an answer as a strip of three rows.

    Args:
        rules: The rules.
        s: The answer.
        found: Its spells.
        called: What the item is called: `the HGX H20`.
    """
    from leadtime.figures.rules_strip import Bar, strip
    from leadtime.rules.spells import RULE, THERE, WASHINGTON

    last = max(s.as_known, s.on) + dt.timedelta(days=20)
    numbered = {id(x): n for n, x in enumerate((x for x in found if x.row != RULE), 1)}
    order = (RULE, WASHINGTON, THERE)
    bars = [
        Bar(
            row=order.index(x.row),
            begin=x.begin,
            end=x.end or last,
            letter=x.letter,
            words=x.words,
            n=numbered.get(id(x), 0),
            told=f"{day(x.begin)} to {day(x.end - dt.timedelta(days=1)) if x.end else 'now'}\n{x.words}",
        )
        for x in found
    ]
    to = place(rules.log, s.transaction.to)
    return figure(
        name="rules-status",
        title=f"What the rules said about selling {called} to {to}, and what the two governments did.",
        chart=functools.partial(
            strip,
            heads=heads(rules, s.transaction.to),
            bars=bars,
            asked=s.on,
            words=f"You asked: {day(s.on, short=True)}",
        ),
        rows=[
            {"row": x.row, "begin": x.begin, "end": x.end, "letter": x.letter, "words": x.words, "sure": x.sure}
            for x in found
        ],
        n=f"{len(found)} spans of time",
        method=(
            "Found by asking again on each day when a rule changed. Hatched: a license is needed and the policy is not"
            " stated."
        ),
        stamp=rules.stamp,
    )


def finding(called: str, found: "Sequence[Spell]") -> str:
    """Return how the rule went from its first to its last word on an item, a headline."""
    from leadtime.rules.spells import RULE

    rule = [x for x in found if x.row == RULE]
    name = called[0].upper() + called[1:]
    said = {
        "F": "free",
        "A": "licensed, presumed granted",
        "C": "case by case",
        "D": "presumed denied",
        "?": "licensed",
        "–": "open",
        "E": "under another regime",
    }
    if len(rule) == 1:
        held = {
            "F": "never needed a license",
            "A": "always needed a license, presumed granted",
            "C": "was always decided case by case",
            "D": "was always presumed denied",
            "?": "always needed a license",
        }
        return f"{name} {held.get(rule[0].letter, 'stayed ' + said[rule[0].letter])}"
    first, last = said[rule[0].letter], said[rule[-1].letter]
    steps = {1: "one step", 2: "two steps", 3: "three steps", 4: "four steps"}.get(
        len(rule) - 1, f"{len(rule) - 1} steps"
    )
    return (
        f"{name} went from {first} to {last} in {steps}" if first != last else f"{name} is {last} again, after {steps}"
    )
