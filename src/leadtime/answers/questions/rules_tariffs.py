"""The duties on goods entering the United States."""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Row, Table
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Choice
from leadtime.answers.parameters import Chip, Country, OnDay
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import NOT_ADVICE, RESTS_ON, place
from leadtime.answers.words import day, listed
from leadtime.rules.terms import END_USES, GOODS

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.rules.rulebook import Rulebook

#: What a sentence calls goods.
_CALLED = {"ai-chips": "AI chips", "legacy-chips": "legacy chips", "general": "other goods"}


def _applies(row: Row) -> str:
    return f"{row['applies']}: {row['why']}" if row["why"] else row["applies"]


def _law(row: Row) -> str:
    until = f" to {row['legal_to']}" if row["legal_to"] else ""
    collected = f", collected from {row['collected_from']}" if row["collected_from"] != row["legal_from"] else ""
    open_ = f"; not confirmed: {row['unconfirmed']}" if row["unconfirmed"] else ""
    return (
        f"{row['authority']}, {row['citation']}; announced {row['announced_on']}, in law"
        f" {row['legal_from']}{until}{collected}{open_}"
    )


_LAYERS = (
    Column(key="title", title="Measure"),
    Column(
        key="rate_fraction",
        title="Rate",
        say=lambda row: "-" if row["rate_fraction"] is None else percent(row["rate_fraction"]),
    ),
    Column(key="applies", title="Applies", say=_applies),
    Column(key="authority", title="By which law", say=_law),
)


def percent(rate: float) -> str:
    """Return a rate: `50%`, `12.5%`."""
    return f"{100 * rate:.3g}%"


@question(
    "rules tariffs",
    "Which duties do goods pay when they enter the United States?",
    of="rules",
    example={"good": "semiconductors", "origin": "CHN", "on": "2026-11-01"},
    schema="rules-tariffs",
    docs="methods/rules",
)
def rules_tariffs(
    rules: "Rulebook",
    *,
    good: Annotated[str, Meaning(kind=Choice(of=GOODS), help="Which goods.", example="semiconductors")],
    origin: Annotated[Country, Meaning(help="Country of origin.", option="--from", example="CHN")],
    on: Annotated[OnDay, Meaning(help="Day of entry. The default is today.")] | None = None,
    chip: Annotated[Chip, Meaning(help="A chip, for duties that turn on its numbers.")] | None = None,
    end_use: Annotated[str, Meaning(kind=Choice(of=tuple(END_USES)), help="What the goods are for.")] | None = None,
) -> Answer:
    """Show the duties on goods entering the United States: each layer with authority, rate and dates."""
    from leadtime.rules.transaction import day as day_of

    found: dict[str, Any] = plain(rules.duty(good, origin, day_of(on), chip=chip or "", end_use=end_use or ""))
    layers = found.pop("layers")
    return Answer(
        sentence=sentence(_CALLED.get(good, good), place(rules.log, found["origin"]), found),
        rows=Table(rows=layers, columns=_LAYERS),
        values=found,
        tag="the rules as written",
        notes=(
            *(f"It turns on {line}." for line in found["turns_on"]),
            *(f"{title} is in law without a rate, so it is in neither end." for title in found["not_set"]),
            "The ordinary duty is not counted; it is zero on semiconductors.",
            NOT_ADVICE,
        ),
        about=About(
            definition="The sum of the duties beside the ordinary one, as a share of the value of the goods.",
            rests_on=RESTS_ON,
            limits=("Product exclusions are not read product by product.",),
            docs="methods/rules",
        ),
        figure=functools.partial(
            _figure,
            rules,
            layers,
            f"Duties on {_CALLED.get(good, good)} from {place(rules.log, found['origin'])}, {found['on']}",
        ),
    )


def sentence(goods: str, origin: str, found: dict[str, Any]) -> str:
    """Return the least and the greatest sum, and what they turn on: none, one rate, or a range."""
    least, most, when = found["rate_fraction"], found["rate_fraction_high"], day(found["on"])
    pays = "paid" if found["on"] < found["as_known"] else "will pay" if found["on"] > found["as_known"] else "pay"
    said = (
        f"{goods[0].upper()}{goods[1:]} from {origin} that entered the United States on {when}"
        if pays == "paid"
        else f"{goods[0].upper()}{goods[1:]} from {origin} that enter the United States on {when}"
    )
    if least == most:
        return (
            f"{said} {pays} none of the duties read here."
            if not most
            else f"{said} {pays} extra duties of {percent(least)}."
        )
    opened = [line.partition(": ")[0] for line in found["turns_on"]]
    return f"{said} {pays} extra duties of {percent(least)} to {percent(most)}, which turns on {listed(opened)}."


def _figure(rules: "Rulebook", layers: list[dict[str, Any]], title: str) -> "Figure":
    from leadtime.figures.rules import stack

    how = {"yes": "applies", "no": "does not apply"}
    rows = [
        {
            "applies": how.get(x["applies"], "may apply"),
            "title": x["title"],
            "percent": 100 * (x["rate_fraction"] or 0.0),
            "authority": x["authority"],
            "order": i,
        }
        for i, x in enumerate(layers)
    ]
    return figure(
        name="rules-tariffs",
        title=title,
        chart=stack([r for r in rows if r["applies"] != "does not apply" and r["percent"]]),
        rows=rows,
        n=f"{len(rows)} measures",
        method="Measures that apply and that may, stacked; where one displaces another the sum is less.",
        stamp=rules.stamp,
    )
