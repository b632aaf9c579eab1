"""What happened to the rules."""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import About, Answer, Table
from leadtime.answers.parameters import Country, OnDay
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import EVENT_COLUMNS, LIMITS, NOT_ADVICE, RESTS_ON, events_figure, happened, place
from leadtime.answers.words import count, day

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.timeline import Entry


@question(
    "rules timeline",
    "What happened to the rules, and when?",
    of="rules",
    example={"since": "2026-01-01"},
    schema="rules-timeline",
    docs="methods/rules",
)
def rules_timeline(
    rules: "Rulebook",
    *,
    since: Annotated[OnDay, Meaning(help="Show only what takes effect from this day on.")] | None = None,
    of: Annotated[Country, Meaning(help="Only the rules of one country.")] | None = None,
) -> Answer:
    """List what happened to the rules, in the order in which it took effect."""
    from leadtime.rules.timeline import timeline

    found = timeline(rules.log, rules.as_known, jurisdiction=of or "", since=since)
    whose = f" of {place(rules.log, of)}" if of else ""
    return Answer(
        sentence=sentence(found, whose, since, rules.as_known),
        rows=Table(rows=plain(found), columns=EVENT_COLUMNS),
        tag="recorded",
        notes=(NOT_ADVICE,),
        about=About(
            definition="Events by the day they take effect, as known on the day of asking.",
            rests_on=RESTS_ON,
            limits=LIMITS[1:],
            docs="methods/rules",
            see=("rules show",),
        ),
        figure=functools.partial(
            events_figure,
            rules,
            found,
            name="rules-timeline",
            title=f"What happened to the rules{whose}",
            at=(rules.as_known,),
        )
        if found
        else None,
    )


def sentence(found: "Sequence[Entry]", whose: str, since: dt.date | None, known: dt.date) -> str:
    """Return how many events there are, from when to when, and how many of them lie ahead."""
    begin = f" from {day(since)} on" if since else ""
    if not found:
        return f"Nothing on record happened to the rules{whose}{begin}."
    ahead = sum(e.effective_on > known for e in found)
    last = [e for e in found if e.effective_on <= known]
    told = f"{count(len(found), 'event')} {'is' if len(found) == 1 else 'are'} on record for the rules{whose}{begin}"
    scheduled = f", {ahead} of them scheduled for later days" if ahead else ""
    return f"{told}{scheduled}." + (
        f" The latest, on {day(last[-1].effective_on)}: {last[-1].title} ({happened(last[-1].kind)})." if last else ""
    )
