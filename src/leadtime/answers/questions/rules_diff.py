"""What the rules changed for whom."""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Row, Table
from leadtime.answers.kinds import Many, Name
from leadtime.answers.parameters import OnDay
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import (
    EVENT_COLUMNS,
    LIMITS,
    NOT_ADVICE,
    RESTS_ON,
    events_figure,
    place,
    whose,
)
from leadtime.answers.words import count, day, listed
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook


@question(
    "rules diff",
    "What did the rules change between two days, and for whom?",
    of="rules",
    example={"since": "2026-01-14", "to": "2026-01-16", "chip": ["h200-sxm"]},
    schema="rules-diff",
    docs="methods/rules",
)
def rules_diff(
    rules: "Rulebook",
    *,
    since: Annotated[OnDay, Meaning(help="The earlier day.", option="--from")],
    to: Annotated[OnDay, Meaning(help="The later day. The default is today.")] | None = None,
    chip: Annotated[
        tuple[str, ...],
        Meaning(kind=Many(each=Name(of="chip"), at_most=20), help="Only these chips.", example="h200-sxm"),
    ] = (),
) -> Answer:
    """Show what changed for whom between two days, over chips and places that are watched."""
    from leadtime.rules import timeline
    from leadtime.rules.transaction import day as day_of

    end = day_of(to)
    if since > end:
        raise LeadtimeError(f"{since} is after {end}", where="--from", fix="Give the earlier day first.")
    rows: list[dict[str, Any]] = plain(timeline.diff(rules.log, since, end, rules.as_known, chip or timeline.WATCHED))
    events = [e for e in timeline.timeline(rules.log, rules.as_known) if since < e.effective_on <= end]
    return Answer(
        sentence=sentence(rules, rows, len(events), since, end),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="chip", title="Chip", say=lambda row: rules.log.chips[row["chip"]]["name"]),
                Column(key="to", title="To", say=functools.partial(whose, rules.log)),
                Column(key="before", title=str(since)),
                Column(key="after", title=str(end)),
            ),
        ),
        more=(Table(name="events", title="What took effect", rows=plain(events), columns=EVENT_COLUMNS),),
        values={"from": since, "to": end},
        tag="the rules as written",
        notes=(NOT_ADVICE,),
        about=About(
            definition="The same question asked on both days, for a fixed set of chips, places and buyers.",
            rests_on=RESTS_ON,
            limits=(*LIMITS, "Only these chips, places and buyers are compared."),
            docs="methods/rules",
        ),
        figure=functools.partial(
            events_figure,
            rules,
            events,
            name="rules-diff",
            title=f"What took effect from {day(since)} to {day(end)}",
            at=(since, end),
        )
        if events
        else None,
    )


def sentence(rules: "Rulebook", rows: Sequence[Row], n_events: int, since: dt.date, end: dt.date) -> str:
    """Return for how many chips and places the answer differs, and how many events lie between."""
    when = f"From {day(since)} to {day(end)}"
    happened = f"{count(n_events, 'event')} took effect" if n_events else "nothing took effect"
    if not rows:
        return f"{when}, {happened}, and no answer changed for the chips and places that are compared."
    chips = [rules.log.chips[c]["name"] for c in dict.fromkeys(r["chip"] for r in rows)]
    places = [place(rules.log, p) for p in dict.fromkeys(r["to"] for r in rows)]
    return f"{when}, {happened}. {count(len(rows), 'answer')} changed: for {listed(chips)}, to {listed(places)}."
