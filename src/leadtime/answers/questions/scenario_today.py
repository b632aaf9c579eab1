"""What a reader can change, in plain words, and what holds today."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.measures import Day
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.days import month_words

if TYPE_CHECKING:
    from leadtime.scenario.controls import Control
    from leadtime.study import Study


@question(
    "scenario today",
    "What can be changed, and what holds today?",
    of="study",
    command="scenario list --today",
    path="/scenarios/today",
    schema="scenario-today",
    docs="methods/scenario",
    no_figure="It is a list of what can be set.",
)
def scenario_today(
    study: "Study",
    *,
    start: (
        Annotated[
            dt.date,
            Meaning(kind=Day(), option="--start", help="The day from which levers are set.", example="2027-01-01"),
        ]
        | None
    ) = None,
) -> Answer:
    """List what a reader can change, in plain words and units, with what holds today."""
    from leadtime.answers.changed import clause
    from leadtime.answers.questions.scenario_compare import begins
    from leadtime.scenario import compare, controls
    from leadtime.scenario.fork import BASE

    fork = study.fork
    begin = begins(study, start, "2032Q4")
    known, stops = controls.today(fork, begin), controls.stops(fork, begin)
    rows = [_row(c, known[c.lever]) for c in controls.CONTROLS]
    presets = []
    for title, name in compare.PRESETS:
        if name not in fork.scenarios:
            continue
        rules = compare.read(name, fork, begin)
        words = [clause(k, v, known.get(k, (0, 0, 0))[1], stops) for k, v in rules.levers.items()]
        presets.append(
            {
                "title": title,
                "scenario": name,
                "rules": rules.text,
                "levers": dict(rules.levers),
                "free": rules.base != BASE,
                "words": "; ".join(words),
            }
        )
    return Answer(
        sentence=f"A reader can change {len(rows)} things from {month_words(begin)} on.",
        rows=Table(
            rows=plain(rows),
            columns=(
                Column(key="title", title="What can be changed"),
                Column(key="now", title="Today"),
                Column(key="meaning", title="What it is"),
            ),
        ),
        more=(
            Table(
                name="stops",
                title="Chips by their speed against the best on sale",
                rows=plain(stops),
                columns=(Column(key="name", title="Chip"), Column(key="shown", title="Percent", kind="number")),
            ),
            Table(
                name="presets",
                title="Sets of rules to begin from",
                rows=plain(presets),
                columns=(Column(key="title", title="Rules"), Column(key="words", title="What they change")),
            ),
        ),
        values={"start": str(begin)},
        tag="assumed in part",
        about=About(
            definition=(
                "Levers of the simulation in plain words; today's values are those of its draws and of the log of"
                " rules."
            ),
            limits=(
                (
                    "The best chip China may buy today is the best over what may be licensed: its speed times the"
                    " chance of a license."
                ),
            ),
            docs="methods/scenario",
            see=("scenario compare",),
        ),
    )


def _row(c: "Control", now: tuple[float, float, float]) -> dict[str, Any]:
    from leadtime.answers.changed import value_words

    low, median, high = now
    told = value_words(c, median)
    known = low != high
    return {
        "lever": c.lever,
        "group": c.group,
        "title": c.title,
        "meaning": c.meaning,
        "shown": c.shown,
        "low": c.low,
        "high": c.high,
        "clause": c.clause,
        "today_low": low,
        "today_median": median,
        "today_high": high,
        "now": f"about {told} ({value_words(c, low).rstrip('%')} to {value_words(c, high)})" if known else told,
    }
