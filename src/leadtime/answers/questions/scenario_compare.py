"""What sets of rules would come to beside today's, with what each of their changes does alone."""

import datetime as dt
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Answer, Column, Table
from leadtime.answers.compared_drawn import SHOWS, Rows
from leadtime.answers.kinds import Choice, Flag, Many, Text
from leadtime.answers.measures import Day
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.simulated import ABOUT, By, draws_told, simulated, where_from
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.scenario.compare import Rules
    from leadtime.study import Study


def _change(row: Mapping[str, Any]) -> str:
    from leadtime.answers.changed import told_change

    return told_change(row)


def _odds(row: Mapping[str, Any]) -> str:
    from leadtime.answers.changed import told_odds

    return told_odds(row)


def _sales(row: Mapping[str, Any]) -> str:
    from leadtime.answers.words import money

    low, middle, high = (money(row[f"sales_usd_{k}"]) for k in ("low", "median", "high"))
    return f"{middle} ({low} to {high})"


_COLUMNS = (
    Column(key="title", title="Rules"),
    Column(key="lag_median", title="Months behind", kind="spread", unit="months"),
    Column(key="change_median", title="Against today's", kind="spread", unit="months", signed=True, say=_change),
    Column(key="p_wider", title="Chance of a wider gap", kind="chance", say=_odds),
    Column(
        key="used_h100e_median", title="Chips China can use", kind="spread", unit="H100e", significant=True, digits=2
    ),
    Column(
        key="sales_usd_median",
        title="US chip sales to China",
        kind="spread",
        unit="USD",
        significant=True,
        digits=2,
        say=_sales,
    ),
)
_ALONE = (
    Column(key="words", title="Each change alone"),
    Column(key="median", title="Months added", kind="spread", unit="months", signed=True),
)


@question(
    "scenario compare",
    "What would follow if the rules changed?",
    of="study",
    path="/scenarios/compare",
    example={"rules": ("uptake=0.6 diversion_cut=0.5",)},
    schema="scenario-compare",
    docs="methods/scenario",
)
def scenario_compare(
    study: "Study",
    *,
    rules: Annotated[
        tuple[str, ...],
        Meaning(
            kind=Many(each=Text(most=600), at_most=4),
            help=(
                "Sets of rules, each levers with values, `uptake=0.6 diversion_cut=0.5`, or a scenario; before a colon"
                " its name."
            ),
            example="uptake=0.6 diversion_cut=0.5",
            positional=True,
        ),
    ] = (),
    start: (
        Annotated[
            dt.date,
            Meaning(
                kind=Day(),
                option="--start",
                help="The day from which levers are set. The default is the next quarter.",
                example="2027-01-01",
            ),
        ]
        | None
    ) = None,
    by: By = "2028Q4",
    alone: Annotated[bool, Meaning(kind=Flag(), help="Also show what each change does alone.")] = False,
    show: Annotated[
        str,
        Meaning(
            kind=Choice(of=SHOWS),
            help="What the figure shows: the gap, where chips come from, or what each change of a set does alone.",
            example="chips",
        ),
    ] = "gap",
) -> Answer:
    """Say what sets of rules would lead to, beside today's, and what each change does alone."""
    from leadtime.answers.changed import clause, detail, sentence
    from leadtime.answers.words import end_of
    from leadtime.scenario import compare, controls
    from leadtime.scenario.fork import BASE, FREE
    from leadtime.scenario.inputs import QUARTERS

    fork = study.fork
    begin = begins(study, start, by)
    sets = [compare.read(text, fork, begin) for text in rules]
    known, stops = controls.today(fork, begin), controls.stops(fork, begin)

    def told(r: "Rules") -> list[str]:
        return [clause(k, v, known.get(k, (0, 0, 0))[1], stops) for k, v in r.levers.items()]

    found = compare.compare(_named(sets), fork, begin, by, alone=alone or show == "alone")
    every = [compare.Rules(title=compare.TODAYS), *(s for s in _named(sets) if s.levers or s.base != BASE)]
    rows = [
        {
            **row,
            "sentence": sentence(row, told(r), begin, by, free=r.base == FREE),
            "detail": detail(row, found.rows[0]),
        }
        for row, r in zip(found.rows, every, strict=True)
    ]
    parts = [
        {
            **p,
            "words": clause(
                p["lever"],
                dict(next(s for s in every if s.title == p["title"]).levers)[p["lever"]],
                known.get(p["lever"], (0, 0, 0))[1],
                stops,
            ),
        }
        for p in found.alone
    ]
    rests = compare.rests_on(fork.draws, fork.run(BASE)["lag_months"][QUARTERS.index(by)])
    return Answer(
        sentence=rows[min(1, len(rows) - 1)]["sentence"],
        rows=Table(rows=plain(rows), columns=_COLUMNS, title=f"What would follow {end_of(by)}"),
        more=(
            Table(name="alone", title="What each change does alone", rows=plain(parts), columns=_ALONE),
            Table(name="quarters", rows=plain(found.quarters), columns=()),
        ),
        values={**where_from(fork), "layer": "conditional", "start": str(begin), "by": by, "rests_on": plain(rests)},
        tag="simulated",
        about=ABOUT,
        notes=draws_told(fork),
        figure=functools.partial(_figure, study, show, (rows, parts, found.quarters), begin),
    )


def _named(sets: "list[Rules]") -> "list[Rules]":
    """Return sets whose names differ."""
    from dataclasses import replace

    found: list[Rules] = []
    for s in sets:
        names = {r.title for r in found}
        title = (
            s.title if s.title not in names else next(n for i in range(2, 9) if (n := f"{s.title} {i}") not in names)
        )
        found.append(replace(s, title=title))
    return found


def begins(study: "Study", start: dt.date | None, by: str) -> dt.date:
    """Return the first day of the quarter from which levers are set: the one asked for, or the next.

    Raises:
        LeadtimeError: It is not simulated, or not before the quarter that is judged ends.
    """
    from leadtime.scenario.compare import SHOWN_FROM
    from leadtime.scenario.controls import quarter_of
    from leadtime.scenario.levers import FIRST_YEAR, LAST_YEAR, next_quarter

    day = start or next_quarter(study.as_of)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise LeadtimeError(
            f"the simulation does not reach {day}",
            where="--start",
            fix=f"Expected a day in {FIRST_YEAR} to {LAST_YEAR}.",
        )
    simulated(by)
    if by < max(quarter_of(day), SHOWN_FROM):
        raise LeadtimeError(f"{by} ends before the rules change on {day}", where="--by", fix="Choose a later quarter.")
    return dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _figure(study: "Study", show: str, found: tuple[Rows, Rows, Rows], begin: dt.date) -> "Figure":
    from leadtime.answers import compared_drawn

    rows, parts, quarters = found
    if show == "chips":
        return compared_drawn.chips(study, rows)
    return (
        compared_drawn.alone(study, rows, parts)
        if show == "alone"
        else compared_drawn.gap(study, rows, quarters, begin)
    )
