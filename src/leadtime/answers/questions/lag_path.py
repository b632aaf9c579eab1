"""The lag as a path in time: how far behind now, and whether the gap grows."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.lagging import LIMITS, MONTHS, capital, models_of
from leadtime.answers.parameters import Behind, BenchmarkSet, Effort, Side
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.words import day, grew, months_apart

if TYPE_CHECKING:
    import polars as pl

    from leadtime.estimate import Estimate
    from leadtime.figures.figure import Figure
    from leadtime.study import Study
    from leadtime.study.path import LagPath

_TITLES = {
    "now": "now",
    "past_year": "past year, mean of the path",
    "change": "past year less the year before",
    "growth": "now less a year before",
    "process_level": "level that the process returns to",
}


@question(
    "lag path",
    "How far behind is one side now, and is the gap growing?",
    of="study",
    command="lag --path",
    example={"of": "CHN", "behind": "USA"},
    schema="lag-path",
    docs="methods/lag",
)
def lag_path(
    study: "Study",
    *,
    of: Side = "CHN",
    behind: Behind = "USA",
    benchmarks: BenchmarkSet = "all",
    effort: Effort = "best",
) -> Answer:
    """Say how far one side is behind another now, how the gap developed, and whether it grows."""
    path = study.lag_path(of, behind, benchmarks, effort)
    found = {
        "now": path.now,
        "past_year": path.past_year,
        "change": path.change,
        "growth": path.growth,
        "process_level": path.level,
    }
    who, whom = models_of(of, study.evidence), models_of(behind, study.evidence, short=True)
    quarters = Table(
        name="quarters",
        title="The path by quarter",
        rows=records(path.table),
        columns=(
            Column(key="date", title="Day", kind="day"),
            Column(key="median", title="Months behind", kind="spread", unit="months"),
            Column(key="low_50", to="high_50", title="50 in 100 within", kind="range"),
        ),
    )
    return Answer(
        sentence=_sentence(who, whom, path, day(study.evidence_through)),
        rows=Table(rows=summary(found, _TITLES), columns=(Column(key="title", title="What"), MONTHS)),
        more=(quarters,),
        values={
            "p_growing": path.p_growing,
            "diagnostics": {
                "r_hat_max": path.r_hat_max,
                "ess_min": path.ess_min,
                "divergences": path.divergences,
                "n_draws": path.n_draws,
            },
        },
        tag="measured",
        notes=(path.now.note,),
        about=About(
            definition=path.now.definition,
            rests_on="All models of both sides: published test scores and days of release.",
            limits=(*LIMITS, "Ranges include errors of measurement and of sampling. There is no start date to choose."),
            docs="methods/lag",
        ),
        figure=functools.partial(_figure, study, of, behind, path, f"How far {who} were behind {whom} over time"),
    )


def summary(found: "dict[str, Estimate | None]", titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return named estimates as rows; those that there are not have no numbers. What holds for all is a note of the
    answer.
    """
    return [
        {
            "quantity": k,
            "title": titles[k],
            "median": Spread(None, None, None) if e is None else e,
            "unit": "months",
            "definition": "" if e is None else e.definition,
        }
        for k, e in found.items()
    ]


def _sentence(who: str, whom: str, path: "LagPath", last: str) -> str:
    """Return the lag now, and whether it grows."""
    now = Spread(path.now.low, path.now.median, path.now.high)
    growth = (
        Spread(None, None, None)
        if path.growth is None
        else Spread(path.growth.low, path.growth.median, path.growth.high)
    )
    apart = months_apart(who, whom, now, when=f"on {last}")
    return f"{capital(apart)}. {grew('The gap', growth, path.p_growing, 'a year before')}"


def _figure(study: "Study", of: str, behind: str, path: "LagPath", title: str) -> "Figure":
    import polars as pl

    from leadtime.figures.events import events_of
    from leadtime.figures.lag import lag_in_time

    default = (of, behind) == ("CHN", "USA")
    published = study.evidence["published"].filter(
        pl.col("quantity") == "lag_months", pl.col("subject") == (of if default else "")
    )
    names = pl.col("published_by").replace(dict(study.evidence["organizations"].select("id", "name").iter_rows()))
    realized, others = study.lag_over_time(of, behind), published.with_columns(names)
    events = events_of(study.rules.log.tables["rule_events"], study.as_of)
    return figure(
        name="lag-path",
        title=title,
        chart=lag_in_time(path.table, realized, others, events),
        rows=_drawn(path.table, realized, others),
        n=f"{path.table.height} days of the path, {realized.height} quarters, {others.height} figures of others",
        method=(
            "The line is a path that all models of both sides inform, with 50 and 90% bands. Dots are quarters as they"
            " were measured; a hollow one has one value in all draws, which is no certainty."
        )
        + (
            " Diamonds are figures of others, by the day they were published; their meanings differ." if default else ""
        ),
        stamp=study.stamp,
    )


def _drawn(path: "pl.DataFrame", realized: "pl.DataFrame", others: "pl.DataFrame") -> "pl.DataFrame":
    """Return all that is drawn in one table: by, date, definition, median_months, low_months, high_months."""
    import polars as pl

    months = [pl.col(c).cast(pl.Float64).alias(f"{c}_months") for c in ("median", "low", "high")]

    def ours(table: "pl.DataFrame", what: str) -> "pl.DataFrame":
        return table.select(pl.lit("leadtime").alias("by"), "date", pl.lit(what).alias("definition"), *months)

    theirs = others.rename({"published_by": "by", "known_on": "date", "value": "median"})
    return pl.concat(
        [
            ours(path, "path of the gap"),
            ours(realized, "mean of the quarter"),
            theirs.select("by", "date", "definition", *months),
        ]
    )
