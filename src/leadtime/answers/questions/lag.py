"""How far behind a model or a side is, by every definition."""

import functools
from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Table
from leadtime.answers.drawn import of_table
from leadtime.answers.lagging import DEFINED, LIMITS, MONTHS, measured_by, model_name, models_of, row, told, year_to
from leadtime.answers.parameters import Behind, BenchmarkSet, Clock, Comparison, Definition, Effort, Model, Side
from leadtime.answers.question import question
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.estimate import Estimate
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
            f"Clock: {clock}. Compared with: {comparison} models. Tests: {benchmarks}. Above zero is behind, below is ahead.",
        ),
        figure=functools.partial(
            of_table,
            table,
            "median",
            name="lag",
            title=f"How far {who} {verb} behind {whom}, by every definition",
            axis="months behind",
            stamp=study.stamp,
        ),
    )


def _past_year(study: "Study", of: str, behind: str, clock: str, benchmarks: str) -> "Estimate | None":
    """Return the mean over the past year; None where the follower had no model then."""
    try:
        return study.lag_year(of, behind, clock=clock, benchmarks=benchmarks)
    except LeadtimeError:
        return None
