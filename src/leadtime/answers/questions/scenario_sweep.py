"""What the lag comes to for each value of one lever."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Many, Name
from leadtime.answers.measures import Number
from leadtime.answers.parameters import OnDay
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.questions.scenario_run import CHANCES, OUTCOMES
from leadtime.answers.simulated import (
    ABOUT,
    Base,
    By,
    Prior,
    draws_told,
    fork_of,
    lag_of,
    lags_told,
    lead,
    simulated,
    when,
    where_from,
)
from leadtime.answers.words import day
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import datetime as dt

    from leadtime.figures.figure import Figure
    from leadtime.scenario.fork import Fork
    from leadtime.study import Study

_VALUE = Column(key="value", title="Value", kind="number", significant=True)


@question(
    "scenario sweep",
    "What does one lever do?",
    of="study",
    path="/scenarios/sweep",
    example={"lever": "uptake", "values": (0, 0.5, 1)},
    schema="sweep",
    docs="methods/scenario",
)
def scenario_sweep(
    study: "Study",
    *,
    lever: Annotated[str, Meaning(kind=Name(of="lever"), help="A lever.", positional=True, example="uptake")],
    values: Annotated[
        tuple[float, ...],
        Meaning(kind=Many(each=Number(), at_most=20), help="Values, such as 0,0.5,1.", example="0,0.5,1"),
    ],
    start: Annotated[
        OnDay,
        Meaning(
            option="--from",
            help="First day of the setting. The default is the first day of the next quarter.",
            example="2027-01-01",
        ),
    ]
    | None = None,
    base: Annotated[Base, Meaning(help="The scenario that it changes.")] = "as-is",
    by: By = "2028Q4",
    prior: Prior = False,
) -> Answer:
    """Set one lever to one value after another, and say how large the gap would be."""
    from leadtime.scenario.levers import LEVERS, next_quarter

    fork, first = fork_of(study, prior=prior), start or next_quarter(study.as_of)
    rows = plain(_swept(fork, lever, values, first, base, simulated(by)))
    return Answer(
        sentence=sentence(lead(fork), lever, rows, first, by),
        rows=Table(rows=rows, columns=(_VALUE, *OUTCOMES[1:]), title=f"China behind the US {when(by)}"),
        more=(Table(name="", title="Chances that it is behind by", rows=rows, columns=(_VALUE, *CHANCES[1:])),),
        values={**where_from(fork), "by": by},
        tag="simulated",
        about=ABOUT,
        notes=(f"{lever}: {LEVERS[lever].help} Unit: {LEVERS[lever].unit}.", *draws_told(fork)),
        figure=functools.partial(_figure, rows, lever, LEVERS[lever].unit, by, study.stamp),
    )


def _swept(
    fork: "Fork", lever: str, values: Sequence[float], start: "dt.date", base: str, by: str
) -> list[dict[str, Any]]:
    """Return a summary for each value of a lever, without repetition, the least first.

    Raises:
        LeadtimeError: The scenario is unknown, no value was given, or a value or the day is out of range.
    """
    from leadtime.scenario.levers import FIRST_YEAR, LAST_YEAR, LEVERS, Setting

    known, old, found = LEVERS[lever], fork.scenario(base), {}
    if not values:
        raise LeadtimeError("no values were given", where="--values", fix="Expected numbers such as 0,0.5,1.")
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise LeadtimeError(
            f"the simulation does not reach {start}",
            where="--from",
            fix=f"Expected a day in {FIRST_YEAR} to {LAST_YEAR}.",
        )
    for value in sorted(set(values)):
        if not known.low <= value <= known.high:
            raise LeadtimeError(
                f"{value:g} is too {'large' if value > known.high else 'small'}",
                where=f"values, lever {lever}",
                fix=f"Expected {known.low:g} to {known.high:g}.",
            )
        steps = (*(x for x in old.levers.get(lever, ()) if x.begin < start), Setting(start, float(value)))
        name = f"{base}, {lever} {value:g} from {start}"
        fork.scenarios[name] = replace(old, name=name, title=name, levers={**old.levers, lever: steps})
        found[name] = value
    try:
        rows = fork.summary(list(found), by)
    finally:
        for name in found:  # a fork that lives long must not gather every value anyone ever tried
            fork.forget(name)
    return [{"value": float(v), **r} for v, r in zip(found.values(), rows, strict=True)]


def sentence(begin: str, lever: str, rows: Sequence[Mapping[str, Any]], start: "dt.date", by: str) -> str:
    """Return the lag at the least and at the greatest value of a lever."""
    ends = [rows[0], rows[-1]] if len(rows) > 1 else [rows[0]]
    name = lever.replace("_", " ")
    at = [
        f"with {name} at {r['value']:g} from {day(start)}" if i == 0 else f"with {name} at {r['value']:g}"
        for i, r in enumerate(ends)
    ]
    return lags_told(begin, [(words, lag_of(r)) for words, r in zip(at, ends, strict=True)], by)


def _figure(rows: Sequence[Mapping[str, Any]], lever: str, unit: str, by: str, stamp: dict[str, Any]) -> "Figure":
    import polars as pl

    from leadtime.figures.fork import response

    data = pl.DataFrame([{"value": r["value"], **{k: r[f"lag_{k}"] for k in ("low", "median", "high")}} for r in rows])
    name = lever.replace("_", " ")
    return figure(
        name=f"sweep-{lever}",
        title=f"How far China would be behind {when(by)}, by {name}",
        chart=response(data, f"{name}, {unit}", "China behind the US, months"),
        rows=data,
        n=f"{len(rows)} values",
        method="Simulated, all else as in the scenario. Band: 90%.",
        stamp=stamp,
    )
