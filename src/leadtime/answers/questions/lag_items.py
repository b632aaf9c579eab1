"""How far behind a model is that only answers to single questions know."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.kinds import Choice, Text
from leadtime.answers.lagging import DEFINED, MONTHS, model_name, models_of, row, told
from leadtime.answers.parameters import Behind, Definition, Files, OnDay, Percent
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import chance, months_apart
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from pathlib import Path

    from leadtime.answers.itemized import Joined
    from leadtime.answers.paired import Paired
    from leadtime.study import Study

Items = Annotated[
    Files,
    Meaning(help="Answers to single questions, one in each row or cell, or another known form. Repeat it for several."),
]
Irt = Annotated[str, Meaning(kind=Choice(of=("1pl", "2pl", "3pl")), help="With --items: which curve a question has.")]


@question(
    "lag items",
    "How far behind is a model that only my own tests know?",
    of="study",
    command="lag --items ITEMS",
    local=True,
    example={"items": "own.csv", "model": "ours"},
    schema="lag-items",
    docs="methods/items",
    no_figure="It rests on files of your own.",
)
def lag_items(
    study: "Study",
    *,
    items: Items,
    model: Annotated[
        str, Meaning(kind=Text(), help="A model of the files.", positional=True, formerly=("--model",), example="ours")
    ],
    behind: Behind = "USA",
    against: (
        Annotated[str, Meaning(kind=Text(), help="A second model, of the files or of the evidence.")] | None
    ) = None,
    definition: Definition | None = None,
    irt: Irt = "2pl",
    released: (
        Annotated[OnDay, Meaning(help="With --items: the day the model was released. The default is the as-of day.")]
        | None
    ) = None,
    percent: Percent = False,
) -> Answer:
    """Say how many months a model known by single questions is behind, or ahead of another model."""
    from leadtime.answers import itemized
    from leadtime.lag import DEFINITIONS

    day = released or min(study.as_of, dt.date.today())  # noqa: DTZ011 - the user's own calendar day
    if against:
        return _against(study, list(items), model, against, day=day, irt=irt, percent=percent)
    both = itemized.joined(study, itemized.itemized(list(items), irt=irt, percent=percent), model, day)
    found = itemized.lags(study, both, model, behind, definition)
    first = next(iter(found.values()))
    return Answer(
        sentence=told(model, models_of(behind, study.evidence), first, verb="was", when=f"when it came out ({day})"),
        rows=Table(rows=[row(n, DEFINITIONS[n].title, e) for n, e in found.items()], columns=(DEFINED, MONTHS)),
        **_rest(both, first.definition),
    )


def _rest(both: "Joined", definition: str) -> dict[str, Any]:
    """Return what stands beside an answer in months: how the scales are linked."""
    link = both.link
    return {
        "values": {"n_common": link.n_common, "correlation": link.correlation},
        "tag": "measured",
        "about": About(
            definition=definition,
            rests_on="The files given, and published test scores of the models that both know.",
            limits=("The two scales are linked through the models known to both.",),
            docs="methods/items",
        ),
        "notes": (
            *both.fitted.notes,
            f"Linked through {link.n_common} models known to both; correlation {link.correlation:.2f}.",
        ),
    }


_AHEAD = Column(key="median", title="Ahead by", kind="spread", unit_from="unit")


def _against(study: "Study", items: "list[Path]", model: str, against: str, **how: Any) -> Answer:
    """Return how far one model is ahead of another: on the questions that both answered, and in months where the scales
    can be linked.
    """
    from leadtime.answers import itemized
    from leadtime.answers.paired import paired
    from leadtime.capability.items.link import LEAST

    pair = paired(study.evidence, items, model, against, percent=how["percent"])
    if pair is None:
        both = itemized.joined(
            study, itemized.itemized(items, irt=how["irt"], percent=how["percent"]), model, how["day"]
        )
        return _ahead(study, both, model, against, None)
    known = itemized.known(study.evidence, [n for n in pair.names if n != model])
    if len(known) < LEAST:
        why = (
            f"Months ahead are not known: the evidence knows {len(known)} other models of the files, and needs {LEAST}."
        )
        return _on_questions(pair, model_name(against, study.evidence), why)
    try:
        both = itemized.joined(
            study, itemized.itemized(items, irt=how["irt"], percent=how["percent"]), model, how["day"]
        )
    except LeadtimeError as error:
        return _on_questions(pair, model_name(against, study.evidence), f"Months ahead are not known: {error.what}.")
    return _ahead(study, both, model, against, pair)


def _on_questions(pair: "Paired", other: str, why: str) -> Answer:
    """Return how two models compare on the questions of the files alone."""
    from leadtime.answers import paired

    return Answer(
        sentence=paired.sentence(pair, other),
        rows=Table(rows=[paired.row(pair, other)], columns=(DEFINED, _AHEAD)),
        more=(paired.table(pair, other),),
        values={"n_common": 0, "correlation": None},
        tag="measured",
        about=About(
            definition=paired.DEFINITION, rests_on="The files given.", limits=(paired.LIMIT,), docs="methods/items"
        ),
        notes=(*pair.notes, why),
    )


def _ahead(study: "Study", both: "Joined", model: str, against: str, pair: "Paired | None") -> Answer:
    from leadtime.answers import itemized, paired

    months, p = itemized.ahead(study, both, model, against)
    other = model_name(against, study.evidence)
    behind = Spread(-months.high, -months.median, -months.low)
    rest = _rest(both, months.definition)
    rest["values"] |= {"p_abler": p}
    said = f"{months_apart(model, other, behind, verb='is')}; the chance that it is abler is {chance(p)}."
    rows = [row("ahead", f"ahead of {other}", months)]
    if pair is not None:
        said = f"{said} {paired.sentence(pair, other)}"
        rows.append(paired.row(pair, other))
        rest |= {"more": (paired.table(pair, other),), "notes": (*dict.fromkeys((*pair.notes, *rest["notes"])),)}
    return Answer(sentence=said, rows=Table(rows=rows, columns=(DEFINED, _AHEAD)), **rest)
