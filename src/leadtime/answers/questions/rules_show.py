"""One rule in full."""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Row, Table
from leadtime.answers.kinds import Name
from leadtime.answers.parameters import OnDay
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import EVENT_COLUMNS, LIMITS, NOT_ADVICE, RESTS_ON, events_figure
from leadtime.answers.words import count, day

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook


def _stands(row: Row) -> str:
    return f"text {row['codified']}, binding {row['binding']}, enforced {row['enforced']}; {row['state']}"


def _says(row: Row) -> str:
    labels = ("condition", "destinations", "headquarters", "outcome", "unconfirmed")
    return "; ".join(f"{'not confirmed' if x == 'unconfirmed' else x}: {row[x]}" for x in labels if row[x])


_PROVISIONS = (
    Column(key="title", title="Provision", say=lambda row: f"{row['title']} [{row['id']}, {row['role']}]"),
    Column(key="state", title="How it stands", say=_stands),
    Column(key="condition", title="What it says", say=_says),
)
_NUMBERS = (
    Column(key="parameter", title="Number"),
    Column(key="value", title="Value", kind="number", significant=True),
    Column(key="unit", title="Unit"),
    Column(key="from", title="From", kind="day"),
)


@question(
    "rules show",
    "What does one rule say, and does it hold?",
    of="rules",
    path="/rules/show/{name}",
    example={"name": "bis-2022-10-ifr"},
    schema="rules-show",
    docs="methods/rules",
)
def rules_show(
    rules: "Rulebook",
    *,
    name: Annotated[
        str,
        Meaning(
            kind=Name(of="rule"),
            help="A rule or one of its provisions, such as bis-2025-01-ai-diffusion.",
            positional=True,
            example="bis-2025-01-ai-diffusion",
        ),
    ],
    on: Annotated[OnDay, Meaning(help="The day you ask about. The default is today.")] | None = None,
) -> Answer:
    """Show one rule: what it says, what happened to it, how it stands, what is not confirmed."""
    from leadtime.rules.timeline import show
    from leadtime.rules.transaction import day as day_of

    asked = day_of(on)
    found = show(rules.log, name, asked, rules.as_known)
    events = found.pop("events")
    values: dict[str, Any] = plain(found)
    provisions, parameters = values.pop("provisions"), values.pop("parameters")
    return Answer(
        sentence=sentence(values, provisions, day(asked)),
        rows=Table(rows=plain(events), columns=EVENT_COLUMNS),
        more=(
            Table(name="provisions", title=f"Its provisions on {asked}", rows=provisions, columns=_PROVISIONS),
            Table(name="parameters", title="Its numbers", rows=parameters, columns=_NUMBERS),
        ),
        values=values,
        tag="recorded",
        notes=tuple(
            x
            for x in (
                (
                    f"{values['id']}: {values['kind']} of {values['jurisdiction']},"
                    f" {values['citation'] or 'not published'}."
                ),
                values["note"] or "",
                f"Not confirmed: {values['unconfirmed']}." if values["unconfirmed"] else "",
                f"Source: {values['source']}, known {values['known_on']}. Confidence: {values['confidence']}.",
                NOT_ADVICE,
            )
            if x
        ),
        about=About(
            definition="Text: it stands. Binding: one must comply in law. Enforced: the agency enforces it.",
            rests_on=RESTS_ON,
            limits=LIMITS[1:],
            docs="methods/rules",
        ),
        figure=functools.partial(
            events_figure, rules, events, name="rules-show", title=f"What happened to: {values['title']}", at=(asked,)
        ),
    )


def sentence(rule: dict[str, Any], provisions: list[dict[str, Any]], when: str) -> str:
    """Return what a rule does, and how many of its provisions are enforced on a day."""
    does = f"{rule['title']}: {rule['summary'].rstrip('.')}."
    if not provisions:
        return f"{does} It has no provision that is read here."
    standing = [p["enforced"] for p in provisions]
    n, enforced, unknown = len(standing), standing.count("yes"), standing.count("unknown")
    open_ = f"; of {unknown} it is not known" if unknown else ""
    if n == 1:
        how = {"yes": "is", "no": "is not", "unknown": "may be"}[standing[0]]
        return f"{does} On record, its one provision {how} enforced on {when}."
    many = {n: "all", 0: "none"}.get(enforced, f"{enforced}")
    return (
        f"{does} By the record {many} of its {count(n, 'provision')} {'is' if enforced == 1 else 'are'} enforced on"
        f" {when}{open_}."
    )
