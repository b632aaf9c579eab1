"""What would have been said on earlier days, and how that came out."""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import of_table
from leadtime.answers.kinds import Many, Text
from leadtime.answers.measures import Day
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.recorded import SAID, every_month, summary
from leadtime.answers.words import count, day, share
from leadtime.errors import unknown_name

if TYPE_CHECKING:
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
                (every_month(every, name="monthly", title="The lag, forecast from the first of every month"),)
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
        figure=(
            functools.partial(
                of_table,
                by_forecaster,
                "skill",
                label="label",
                name="backtest",
                title="Our forecasts against simple guesses",
                axis="skill: above zero, ours is better",
                stamp=study.stamp,
            )
            if by_forecaster.rows
            else None
        ),
    )


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
    settled = [r for r in lines if r["skill_low"] is not None]
    if not settled:
        return f"{said} That is too few to compare us with simple guesses."
    better, worse = sum(r["skill_low"] > 0 for r in settled), sum(r["skill_high"] < 0 for r in settled)
    return (
        f"{said} Of {count(len(settled), 'comparison')} with other forecasters we were clearly better in"
        f" {better or 'none'}, clearly worse in {worse or 'none'}."
    )
