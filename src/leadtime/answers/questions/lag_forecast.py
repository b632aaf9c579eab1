"""What the lag will be in a quarter to come, beside simple guesses, with how good such forecasts were."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import of_table
from leadtime.answers.lagging import capital, models_of
from leadtime.answers.parameters import Behind, Definition, QuarterAhead, Side
from leadtime.answers.question import question
from leadtime.answers.words import day, months_apart
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study

#: The sides whose forecasts were ever scored.
_SCORED = ("CHN", "USA")
_HALF = ("low_50", "high_50")


@question(
    "lag forecast",
    "How large will the gap be?",
    of="study",
    command="lag --forecast QUARTER",
    example={"quarter": "2027Q2"},
    schema="lag-forecast",
    docs="methods/lag",
)
def lag_forecast(
    study: "Study",
    *,
    quarter: QuarterAhead,
    of: Side = "CHN",
    behind: Behind = "USA",
    definition: Definition | None = None,
) -> Answer:
    """Forecast how many months one side will be behind another in a quarter, beside simple guesses."""
    from leadtime.backtest import monthly
    from leadtime.study.lags import FORECAST, last_day

    ends = last_day(quarter)
    names = [definition] if definition else list(FORECAST)
    rows = [r for k, n in enumerate(names) for r in _rows(study, quarter, of, behind, n, k)]
    record = monthly.record(study) if (of, behind) == _SCORED else None
    said_before = record.sentence() if record else "Forecasts of these two sides were never scored."
    who, whom = models_of(of, study.evidence), models_of(behind, study.evidence, short=True)
    table = Table(
        rows=rows,
        columns=(
            Column(key="title", title="Measured by"),
            Column(key="forecaster", title="Forecaster"),
            Column(key="median", title="Months behind", kind="spread", unit="months"),
            Column(key="low_50", to="high_50", title="50 in 100 within", kind="range"),
        ),
    )
    first = rows[0]["median"]
    said = months_apart(
        who, whom, Spread(first.low, first.median, first.high), verb="will be", when=f"in the quarter to {day(ends)}"
    )
    return Answer(
        sentence=capital(f"{said.replace(' will be ', ' will probably be ', 1)}, if the rhythm of releases goes on."),
        rows=table,
        values={
            "quarter": quarter,
            "ends_on": str(ends),
            "record": said_before,
        },
        tag="estimated from few sources",
        about=About(
            definition=f"The gap in months, by the process of releases: {FORECAST[names[0]]}.",
            rests_on="Published test scores and days of release. The rhythm of past releases goes on.",
            limits=("It assumes no change of rules, chips or money.",),
            docs="methods/lag",
        ),
        notes=(f"How good it was. {said_before}",),
        figure=functools.partial(
            of_table,
            table,
            "median",
            label="label",
            name="lag-forecast",
            title=f"How far {who} will be behind {whom} in {quarter}",
            axis="months behind",
            stamp=study.stamp,
        ),
    )


def _rows(study: "Study", quarter: str, of: str, behind: str, name: str, k: int) -> list[dict[str, Any]]:
    """Return our forecast by a definition, and the simple guesses beside it where the past is long enough for one."""
    import numpy as np

    from leadtime.backtest.history import lag_history, lag_past
    from leadtime.backtest.project import baselines
    from leadtime.backtest.scored import OURS
    from leadtime.estimate import Estimate
    from leadtime.lag import DEFINITIONS
    from leadtime.study.lags import last_day

    ends = last_day(quarter)
    ours = study.lag_forecast(quarter, of, behind, name)
    said = {OURS: ours.draws}
    try:
        values, end = lag_past(study, name, of, behind)
    except LeadtimeError:
        pass  # too short a past for a simple guess
    else:
        rng = np.random.default_rng([study.seed, 43, ends.toordinal(), k])
        said |= baselines(lag_history(values, end, ends), study.draws, rng)
    title = DEFINITIONS[name].title
    return [
        {
            "definition": name,
            "title": title,
            "forecaster": who,
            "label": f"{title}: {who}",
            "median": Estimate(
                name=f"{ours.name}.{who}", unit="months", draws=draws, definition=ours.definition, as_of=ours.as_of
            ),
            **dict(zip(_HALF, map(float, np.quantile(draws, [0.25, 0.75])), strict=True)),
        }
        for who, draws in said.items()
    ]
