"""How far behind models, laboratories and countries are, beside each other: one chart, one table, every meaning of
behind.
"""

import functools
from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.frontier_rows import Subject, lines_of, meanings_of, others_of, records_of, row_of, subjects_of
from leadtime.answers.frontier_words import MEANINGS, deck, headline, title_of_meanings
from leadtime.answers.kinds import Choice, Many, Name
from leadtime.answers.lagging import LIMITS
from leadtime.answers.looks import Bands, Events, Look, Since, Until
from leadtime.answers.parameters import Behind, Definition
from leadtime.answers.question import Meaning, question

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

#: So many models and sides stand beside each other.
MOST = 8
Subjects = Annotated[
    tuple[str, ...],
    Meaning(
        kind=Many(each=Name(of="model or side"), at_most=MOST),
        help=(
            "Models, developers and countries, such as deepseek-v3 China; by default a few of the newest and best"
            " known."
        ),
        example="deepseek-v3",
        positional=True,
    ),
]
Show = Annotated[
    str,
    Meaning(
        kind=Choice(of=("frontiers", "meanings")),
        help="What the figure shows: abilities over time, or the gap by every meaning of behind.",
        example="meanings",
    ),
]


_TABLE = (
    Column(key="title", title="Model or side"),
    Column(key="by", title="By"),
    Column(key="released_on", title="Released", kind="day"),
    Column(key="median", title="Months behind", kind="spread", unit="months"),
    Column(key="first_equal", title="First equal of the other side"),
    Column(key="first_equal_on", title="Its day", kind="day"),
    Column(key="points", title="Ability", kind="spread", digits=0, unit="points"),
)
_MEANINGS = (
    Column(key="meaning", title="Meaning of “behind”"),
    Column(key="median", title="Months behind", kind="spread", unit="months"),
)


@question(
    "frontiers",
    "How far behind are these models, labs and countries?",
    of="study",
    example={"names": ["deepseek-v3", "CHN"]},
    schema="frontiers",
    docs="methods/lag",
)
def frontiers(
    study: "Study",
    *,
    names: Subjects = (),
    behind: Behind = "USA",
    definition: Definition = "age_of_equal",
    since: Since | None = None,
    until: Until | None = None,
    bands: Bands = "on",
    events: Events = "main",
    show: Show = "frontiers",
) -> Answer:
    """Say how far behind models and sides are, by one meaning and by all, with each one's first equal."""
    subjects = subjects_of(study, names, behind)
    rows = [row_of(study, s, behind, definition, asked=True) for s in subjects if s.id != behind]
    rows += [row_of(study, s, behind, definition, asked=False) for s in others_of(study, subjects, behind)]
    meanings = meanings_of(study, [s for s in subjects if s.id != behind], behind)
    table = Table(rows=rows, columns=_TABLE)
    every = Table(
        name="meanings", title="By every meaning of “behind”", rows=meanings, columns=_MEANINGS, by="title", detail=True
    )
    chosen = [r for r in rows if r["asked"]]
    sides = [s for s in subjects if s.kind == "side"]
    lines, records = lines_of(study, sides), records_of(study, sides)
    return Answer(
        sentence=headline(study, chosen, behind, definition),
        rows=table,
        more=(
            every,
            Table(name="records", title="Records", rows=records, columns=()),
            Table(name="lines", title="The best of each side", rows=lines, columns=()),
        ),
        values={"deck": deck(study, chosen, meanings, behind, definition)},
        tag="measured",
        about=About(
            definition=f"{MEANINGS[definition]}, in months: {_sentence(definition)}",
            rests_on="Published test scores and days of release.",
            limits=(*LIMITS, "Only models that outsiders could test are counted."),
            docs="methods/lag",
            see=("lag", "lag all", "lag headline"),
        ),
        figure=(
            functools.partial(_meanings, study, subjects, every, definition=definition)
            if show == "meanings"
            else functools.partial(
                _frontiers,
                study,
                subjects,
                table,
                definition=definition,
                behind=behind,
                look=Look(since=since, until=until, bands=bands, events=events),
            )
        ),
    )


def _sentence(definition: str) -> str:
    from leadtime.lag import DEFINITIONS

    return DEFINITIONS[definition].sentence


def _frontiers(
    study: "Study", subjects: "list[Subject]", table: Table, *, definition: str, behind: str, look: Look
) -> "Figure":
    from leadtime.answers.drawn import figure
    from leadtime.answers.frontier_drawn import drawn_of, flat

    drawn = drawn_of(study, subjects, table.rows, behind, look)
    n = study.counts()
    return figure(
        name="frontiers",
        title=(
            f"Ability of each side's best model so far, on one scale made from {study.stamp['n_scores']:,} scores of"
            f" {n['models']} models. "
        )
        + (
            "Arrows run back to the first equal. "
            if definition == "age_of_equal"
            else "Arrows are as long as the gap. "
        )
        + ("Shaded: 9 in 10." if look.shaded else ""),
        chart=drawn.drawn,
        rows=flat(drawn),
        n=f"{n['models']} models on {n['benchmarks']} tests",
        method=(
            "Steps are records: the best model of a side by day of release. A model below the step was no record."
            " Ranges are error of measurement."
        ),
        stamp=study.stamp,
    )


def _meanings(study: "Study", subjects: "list[Subject]", every: Table, *, definition: str) -> "Figure":
    from leadtime.answers.drawn import figure
    from leadtime.answers.frontier_drawn import meanings_drawn

    models = {s.id for s in subjects if s.kind == "model"}
    rows = [r for r in every.rows if not models or r["id"] in models]  # a side has meanings of its own
    return figure(
        name="meanings",
        title=(
            "Months behind, for a model on the day it came out. Bars hold 9 in 10 results. A dot without a bar: the"
            " same in every run."
        ),
        chart=meanings_drawn(study, subjects, rows, definition).drawn,
        rows=rows,
        n=f"{len(rows)} values",
        method="In color: the meaning that was chosen.",
        stamp=study.stamp,
    ).named(title_of_meanings(rows))
