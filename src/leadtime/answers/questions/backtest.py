"""What would have been said on earlier days, and how that came out."""

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure, of_table
from leadtime.answers.kinds import Choice, Many, Text
from leadtime.answers.lagging import capital
from leadtime.answers.measures import Day
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.recorded import SAID, by_topic, every_month, summary
from leadtime.answers.words import count, day, share
from leadtime.errors import LeadtimeError, unknown_name

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study


@question(
    "backtest",
    "Were our own forecasts of earlier days any good?",
    of="study",
    schema="backtest",
    docs="methods/backtest",
    example={"since": "2025-01-29", "question": "nvidia-total-fy2026"},
)
def backtest(
    study: "Study",
    *,
    since: Annotated[
        tuple[dt.date, ...],
        Meaning(
            kind=Many(each=Day(), at_most=8),
            help="Forecast with what was known on this day. Repeat it for several. The default is four days.",
            option="--from",
            example="2025-01-29",
        ),
    ] = (),
    question: (
        Annotated[str, Meaning(kind=Text(), help="One question only, by its id.", example="nvidia-total-fy2026")] | None
    ) = None,
    show: Annotated[
        str,
        Meaning(
            kind=Choice(of=("skill", "lag")),
            help="What the figure shows: us against simple guesses, or each forecast of the gap beside what came.",
            example="lag",
        ),
    ] = "skill",
) -> Answer:
    """Forecast from what was known on earlier days only, and score the forecasts beside simple guesses."""
    from leadtime.backtest import ORIGINS, monthly, questions
    from leadtime.backtest import backtest as run

    if question is not None and question not in (known := [q.id for q in questions(study.evidence)]):
        raise unknown_name("question", question, known)
    origins = since or tuple(d for d in ORIGINS if d <= study.as_of)
    found = run(study, origins, only=question)
    every = None if since or question else monthly.record(study)
    rows, lines, covered = plain(found.rows()), plain(found.summary()), plain(found.coverage())
    by_forecaster = summary(lines)
    return Answer(
        sentence=_sentence(rows, lines, covered, origins),
        rows=Table(
            rows=[_row(r) for r in rows],
            columns=(
                Column(key="question", title="Question"),
                Column(key="closes_on", title="Closes", kind="day"),
                *SAID,
            ),
            by="origin",
            by_title="As known on",
        ),
        more=(
            by_forecaster,
            *(
                (every_month(every, name="monthly", title="The gap, forecast from the first of every month"),)
                if every
                else ()
            ),
        ),
        values={"origins": list(origins), "coverage": covered},
        tag="measured",
        notes=(*((every.sentence(),) if every else ()), *_NOTES),
        about=About(
            definition="Forecasts from earlier days, scored by the CRPS: months, or logarithms for money and chips.",
            rests_on="Each forecast uses only rows known on its day. Outcomes use all rows.",
            limits=(
                "Questions and methods were chosen in 2026, by people who knew what came.",
                "Counterfactuals are never scored.",
            ),
            docs="methods/backtest",
            see=("backtest locked", "backtest monthly"),
        ),
        figure=functools.partial(_lag, rows, study.stamp) if show == "lag" else _skill(by_forecaster, study.stamp),
    )


def _skill(by_forecaster: Table, stamp: Mapping[str, Any]) -> "Callable[[], Figure] | None":
    """Return what draws us against simple guesses; None where nothing was scored."""
    if not by_forecaster.rows:
        return None
    return functools.partial(
        of_table,
        by_forecaster,
        "skill",
        label="label",
        name="backtest",
        title="Our forecasts against simple guesses",
        axis="skill: above zero, ours is better",
        stamp=dict(stamp),
    )


def _lag(rows: list[dict[str, Any]], stamp: Mapping[str, Any]) -> "Figure":
    """Return each forecast of the gap beside what came.

    Raises:
        LeadtimeError: None was made.
    """
    import polars as pl

    from leadtime.figures.record import forecasts

    days, numbers = ("origin", "closes_on"), ("low", "median", "high", "outcome", "outcome_low", "outcome_high")
    lags = [
        {**{k: dt.date.fromisoformat(str(r[k])) for k in days}, **{k: r[k] for k in numbers}}
        for r in rows
        if r["question"].startswith("lag-daily-mean") and r["median"] is not None
    ]
    if not lags:
        raise LeadtimeError("no forecast of the gap was made on these days", where="show", fix="Ask for other days.")
    data = pl.DataFrame(lags, infer_schema_length=None)
    came = data.filter(pl.col("outcome").is_not_null())
    inside = came.filter(pl.col("outcome").is_between(pl.col("low"), pl.col("high"))).height
    return figure(
        name="backtest-lag",
        title=(
            "Months behind, by the quarter that was forecast. Bars hold 9 in 10 forecasts; diamonds are what was"
            " measured since."
        ),
        chart=functools.partial(forecasts, rows=data.to_dicts()),
        rows=data,
        n=f"{came.height} resolved forecasts",
        method=(
            "The process of releases, fitted to the gaps that could be measured on that day, from evidence of that day"
            " alone. Daily mean of the quarter."
        ),
        stamp=dict(stamp),
    ).named(_held(inside, came.height))


def _held(inside: int, n: int) -> str:
    """Return how many ranges held what came, a headline."""
    if not n:
        return "None of our forecasts of the gap can be judged yet"
    if inside == n:
        return f"All {n} forecasts of the gap that can be judged held what came" if n > 1 else "The forecast held"
    return f"Of {count(n, 'forecast')} of the gap that can be judged, {inside or 'none'} held what came"


_NOTES = (
    (
        "Skill is 1 less our score over theirs: above zero ours is better, and only where the whole interval is above"
        " zero is that clear."
    ),
)


def _row(r: dict[str, Any]) -> dict[str, Any]:
    """Return a forecast as a row; where there is none, its footnote says why."""
    return r | {"score": r["scores"].get("leadtime"), "note": r["why"] if r["median"] is None else None}


def _sentence(
    rows: list[dict[str, Any]], lines: list[dict[str, Any]], covered: dict[str, Any], origins: Sequence[dt.date]
) -> str:
    """Return how many forecasts could be scored, how often intervals held, and whether plain guesses did worse or
    better.
    """
    on = f"on {day(origins[0])}" if len(origins) == 1 else f"on {len(origins)} earlier days"
    if not rows:
        return f"No question was open {on}." if origins else "There is no earlier day to forecast from."
    scored = sum(bool(r["scores"]) for r in rows)
    if not scored:
        return f"None of the {count(len(rows), 'question')} that were open {on} has both a forecast and an outcome yet."
    held = covered["inside_90%"]
    band = "" if held["low"] is None else f" ({share(held['low'])} to {share(held['high'])})"
    said = (
        f"Of {count(len(rows), 'question')} open {on}, {scored} can be scored: our 90% intervals held"
        f" {share(held['share'])} of what came{band}."
    )
    told = by_topic(lines)
    return (
        f"{said} {capital('; '.join(told))}." if told else f"{said} That is too few to compare us with simple guesses."
    )
