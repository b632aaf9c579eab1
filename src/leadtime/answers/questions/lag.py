"""How far behind a model or a side is, by every definition."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Table
from leadtime.answers.frontier_words import MEANINGS, title_of_meanings
from leadtime.answers.lagging import (
    DEFINED,
    LIMITS,
    MONTHS,
    capital,
    measured_by,
    model_name,
    models_of,
    row,
    told,
    year_to,
)
from leadtime.answers.parameters import Behind, BenchmarkSet, Clock, Comparison, Definition, Effort, Model, Side
from leadtime.answers.question import question
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.estimate import Estimate
    from leadtime.figures.figure import Figure
    from leadtime.study import Study


@question(
    "lag",
    "How many months is a model, or one side, behind another?",
    of="study",
    example={"model": "deepseek-v3"},
    schema="lag",
    docs="methods/lag",
)
def lag(
    study: "Study",
    *,
    model: Model | None = None,
    of: Side = "CHN",
    behind: Behind = "USA",
    definition: Definition | None = None,
    clock: Clock = "released",
    comparison: Comparison = "all",
    benchmarks: BenchmarkSet = "all",
    effort: Effort = "best",
) -> Answer:
    """Say how many months a model, or one side, is behind another, by each definition or by one."""
    from leadtime.lag import DEFINITIONS
    from leadtime.study import lag_definitions

    names = [definition] if definition else [d.name for d in lag_definitions("model" if model else "group")]
    found = {n: study.lag(model, of, behind, n, clock, comparison, benchmarks, effort) for n in names}
    rows = [row(n, DEFINITIONS[n].title, e) for n, e in found.items()]
    who = model_name(model, study.evidence) if model else models_of(of, study.evidence)
    whom = models_of(behind, study.evidence, short=not model)
    verb = "was" if model else "were"
    first = found.get("age_of_equal" if model else "daily_mean", found[names[0]])
    settings = {"clock": clock, "comparison": comparison, "benchmarks": benchmarks, "effort": effort}
    when = measured_by(definition or ("age_of_equal" if model else "daily_mean"), of_model=bool(model), **settings)
    if not (model or definition) and (comparison, effort) == ("all", "best"):
        year = _past_year(study, of, behind, clock, benchmarks)
        if year is not None:
            rows.insert(0, row("past_year", "past year", year))
            otherwise = measured_by("past_year", of_model=False, **settings)
            first, when = year, ", ".join(x for x in (year_to(study.evidence_through), otherwise) if x)
    table = Table(rows=rows, columns=(DEFINED, MONTHS))
    return Answer(
        sentence=told(who, whom, first, verb=verb, when=when),
        rows=table,
        tag="measured",
        about=About(
            definition=first.definition,
            rests_on="Published test scores and days of release.",
            limits=LIMITS,
            docs="methods/lag",
            see=("lag all",) if model else ("lag path", "lag headline"),
        ),
        notes=(
            (
                f"Clock: {clock}. Compared with: {comparison} models. Tests: {benchmarks}. Above zero is behind, below"
                " is ahead."
            ),
        ),
        figure=functools.partial(_figure, study, _in_words(rows), who, whom, verb, bool(model)),
    )


def _in_words(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with their intervals as numbers, each with the meaning of behind in words."""
    return [
        {
            "definition": r["definition"],
            "meaning": MEANINGS[r["definition"]],
            "low": s.low,
            "median": s.median,
            "high": s.high,
        }
        for r in rows
        if (s := MONTHS.spread(r)) is not None
    ]


def _figure(study: "Study", rows: list[dict[str, Any]], who: str, whom: str, verb: str, model: bool) -> "Figure":
    from leadtime.answers.drawn import figure
    from leadtime.answers.frontier_drawn import meanings_drawn

    titled = [{"title": capital(who), **r} for r in rows]
    return figure(
        name="lag",
        title=f"Months {who} {verb} behind {whom}, by meaning of “behind”. Bars hold 9 in 10 results.",
        chart=meanings_drawn(study, (), titled, rows[0]["definition"]).drawn,
        rows=titled,
        n=f"{len(rows)} meanings",
        method="A dot without a bar: the same in every run. In color: the first of the meanings.",
        stamp=study.stamp,
    ).named(title_of_meanings(titled))


def _past_year(study: "Study", of: str, behind: str, clock: str, benchmarks: str) -> "Estimate | None":
    """Return the mean over the past year, or None if the follower had no model then."""
    try:
        return study.lag_year(of, behind, clock=clock, benchmarks=benchmarks)
    except LeadtimeError:
        return None
