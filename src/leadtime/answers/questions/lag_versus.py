"""Which of two models is abler, and where."""

import functools
from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import of_table
from leadtime.answers.lagging import model_name
from leadtime.answers.parameters import BenchmarkSet, Effort, Model, OtherModel
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.words import CLEAR, chance, count

if TYPE_CHECKING:
    from leadtime.study import Study


@question(
    "lag versus",
    "Which of two models is abler, and where?",
    of="study",
    command="lag --against AGAINST",
    example={"model": "deepseek-r1", "against": "deepseek-v3"},
    schema="lag-versus",
    docs="methods/lag",
)
def lag_versus(
    study: "Study", *, model: Model, against: OtherModel, benchmarks: BenchmarkSet = "all", effort: Effort = "best"
) -> Answer:
    """Say which of two models is abler: overall, by domain, and on each test that both took."""
    rows = records(study.pairwise(model, against, benchmarks, effort))
    first, second = (model_name(m, study.evidence) for m in (model, against))
    for r in rows:
        r["where"] = f"{r['level']} {r['name']}".strip()
    table = Table(
        rows=rows,
        columns=(
            Column(key="where", title="Where"),
            Column(key="probability", title=f"{first} is abler", kind="chance"),
            Column(key="n_benchmarks", title="Tests", kind="number", digits=0),
        ),
    )
    overall = next((r["probability"] for r in rows if r["level"] == "overall"), None)
    return Answer(
        sentence=_sentence(first, second, overall, rows),
        rows=table,
        tag="measured",
        about=About(
            definition=(
                "The chance that the first model is abler; on one test, that the order of the scores is not luck of its"
                " questions."
            ),
            rests_on="Published test scores.",
            limits=("Two models are compared on the tests that somebody gave them.",),
            docs="methods/lag",
        ),
        notes=("Tests: how many the less tested of the two took.",),
        figure=functools.partial(
            of_table,
            table,
            "probability",
            name="versus",
            title=f"Where {first} is abler than {second}",
            axis="chance that it is abler",
            stamp=study.stamp,
        ),
    )


def _sentence(first: str, second: str, p: float | None, rows: list[dict[str, object]]) -> str:
    """Return which is abler overall, and in how many domains: either, or that it is not clear."""
    if p is None:
        return f"Whether {first} or {second} is abler is not known."
    domains = [r["probability"] for r in rows if r["level"] == "domain" and r["probability"] is not None]
    if p >= CLEAR or p <= 1 - CLEAR:
        abler, other, sure = (first, second, p) if p > 0.5 else (second, first, 1 - p)
        more = sum((float(str(q)) > 0.5) == (p > 0.5) for q in domains)
        where = f", and in {more} of {count(len(domains), 'domain', 'domains')}" if domains else ""
        return f"{abler} is abler than {other} (chance {chance(sure)}){where}."
    return f"Which of {first} and {second} is abler is not clear: the chance that {first} is abler is {chance(p)}."
