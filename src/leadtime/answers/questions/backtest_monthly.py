"""Forecasts of the lag from the first of every month."""

import functools
from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import of_table
from leadtime.answers.plain import plain
from leadtime.answers.question import question
from leadtime.answers.recorded import every_month
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study


@question(
    "backtest monthly",
    "How good were our monthly forecasts of the gap?",
    of="study",
    command="backtest --monthly",
    schema="monthly",
    docs="methods/backtest",
)
def backtest_monthly(study: "Study") -> Answer:
    """Score forecasts of the gap from the first of every month. On your own evidence this takes two minutes."""
    from leadtime.backtest.monthly import record

    kept = record(study, anew=True)
    if kept is None:
        raise LeadtimeError("no month can be scored by that day", fix="Choose a later --as-of.")
    found = plain(kept.summary(study))
    table = every_month(kept)
    del found["forecasters"]
    years = Table(
        name="years",
        title="By year",
        rows=found.pop("years"),
        columns=(
            Column(key="year", title="Year"),
            Column(key="forecaster", title="Forecaster"),
            Column(key="n", title="Forecasts", kind="number", digits=0),
            Column(key="crps_months", title="Mean error, months", kind="number", digits=2),
        ),
    )
    return Answer(
        sentence=kept.sentence(),
        rows=table,
        more=(years,),
        values=found,
        tag="measured",
        notes=(
            (
                "The mean error is the CRPS, in months; the last column has a 90% interval, for which blocks of six"
                " months are drawn anew. These are some four independent episodes."
            ),
        ),
        about=About(
            definition="Forecasts of the lag one to six quarters ahead, from the first of every month since May 2024.",
            rests_on="Each forecast uses only rows known on its day.",
            limits=("Neighboring months share outcomes, so they are not independent.",),
            docs="methods/backtest",
            see=("backtest",),
        ),
        figure=functools.partial(
            of_table,
            table,
            "ours_less_theirs_months",
            name="monthly",
            title="Our error less theirs, from every month",
            axis="months; below zero, ours is better",
            stamp=study.stamp,
        ),
    )
