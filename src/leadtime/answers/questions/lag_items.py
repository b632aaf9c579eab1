"""How far behind a model is that only answers to single questions know."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.kinds import Choice, Text
from leadtime.answers.lagging import DEFINED, MONTHS, model_name, models_of, row, told
from leadtime.answers.parameters import Behind, Definition, Files, OnDay
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import chance, months_apart

if TYPE_CHECKING:
    from leadtime.answers.itemized import Joined
    from leadtime.study import Study

Items = Annotated[
    Files, Meaning(help="Answers to single questions: model, item, response (0-1), count. Repeat it for several files.")
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
    against: Annotated[str, Meaning(kind=Text(), help="A second model, of the files or of the evidence.")]
    | None = None,
    definition: Definition | None = None,
    irt: Irt = "2pl",
    released: Annotated[OnDay, Meaning(help="With --items: when the model was released; default the as-of day.")]
    | None = None,
) -> Answer:
    """Say how many months a model known by single questions is behind, or ahead of another model."""
    from leadtime.answers import itemized
    from leadtime.lag import DEFINITIONS

    day = released or min(study.as_of, dt.date.today())  # noqa: DTZ011 - the user's own calendar day
    both = itemized.joined(study, itemized.itemized(list(items), irt=irt), model, day)
    if against:
        return _ahead(study, both, model, against)
    found = itemized.lags(study, both, model, behind, definition)
    first = next(iter(found.values()))
    return Answer(
        sentence=told(model, models_of(behind, study.evidence), first, verb="was", when=f"when it came out ({day})"),
        rows=Table(rows=[row(n, DEFINITIONS[n].title, e) for n, e in found.items()], columns=(DEFINED, MONTHS)),
        **_rest(both, first.definition),
    )


def _rest(both: "Joined", definition: str) -> dict[str, Any]:
    """Return what stands beside both answers: how the scales are linked."""
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
        "notes": (f"Linked through {link.n_common} models known to both; correlation {link.correlation:.2f}.",),
    }


def _ahead(study: "Study", both: "Joined", model: str, against: str) -> Answer:
    from leadtime.answers import itemized

    months, p = itemized.ahead(study, both, model, against)
    other = model_name(against, study.evidence)
    behind = Spread(-months.high, -months.median, -months.low)
    rest = _rest(both, months.definition)
    rest["values"] |= {"p_abler": p}
    return Answer(
        sentence=f"{months_apart(model, other, behind, verb='is')}; the chance that it is abler is {chance(p)}.",
        rows=Table(
            rows=[row("ahead", f"ahead of {other}", months)],
            columns=(DEFINED, Column(key="median", title="Months ahead", kind="spread", unit="months")),
        ),
        **rest,
    )
