"""How able each model is."""

import functools
from typing import TYPE_CHECKING, Annotated

from leadtime.answers import measured_drawn as measured
from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import of_table
from leadtime.answers.kinds import Choice
from leadtime.answers.parameters import BenchmarkSet, Domain, Effort, Model, Top
from leadtime.answers.plain import records
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import count, spread
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import polars as pl

    from leadtime.study import Study

_SHOWN = 30


@question(
    "capability",
    "How able is each model?",
    of="study",
    example={"model": "deepseek-v3"},
    schema="capability",
    docs="methods/capability",
)
def capability(
    study: "Study",
    *,
    model: Model | None = None,
    domain: Domain | None = None,
    benchmarks: BenchmarkSet = "all",
    effort: Effort = "best",
    top: Annotated[Top, Meaning(help="Show only this many models, the most able first.")] | None = None,
    show: Annotated[
        str,
        Meaning(
            kind=Choice(of=("models", "tests", "developers")),
            help="What the figure shows: models, where each test measures, or what developers report of their own.",
            example="tests",
        ),
    ] = "models",
) -> Answer:
    """Say how able each model is, on one scale, with 90% intervals."""
    found = abilities(study, model, domain, benchmarks, effort)
    rows = records(found.head(top) if top else found)
    where = f" on tests of {domain}" if domain else ""
    names = dict(study.evidence["models"].select("id", "name").iter_rows())
    for r in rows:
        r.setdefault("name", names.get(r["model"], r["model"]))
    table = Table(
        rows=rows,
        columns=(
            Column(key="name", title="Model"),
            Column(key="points", title="Ability, points", kind="spread", unit="points"),
            Column(key="n_benchmarks", title="Tests", kind="number", digits=0),
            *((Column(key="released_on", title="Released", kind="day"),) if not domain else ()),
        ),
        most=None if top else _SHOWN,
    )
    return Answer(
        sentence=_sentence(rows, names, where, one=bool(model)),
        rows=table,
        tag="measured",
        about=About(
            definition=(
                "Ability in points of a scale like Epoch AI's index: ten points about double the odds of a right answer"
                " on a typical test."
            ),
            rests_on="Published test scores; a developer's own scores are corrected for what they usually add.",
            limits=("A model's ability rests on the tests that somebody gave it.",),
            docs="methods/capability",
        ),
        figure={
            "tests": functools.partial(measured.tests, study),
            "developers": functools.partial(measured.developers, study),
        }.get(
            show,
            functools.partial(
                of_table,
                table,
                "points",
                name="capability",
                title=f"Abilities{where}",
                axis="ability, points",
                stamp=study.stamp,
            ),
        ),
    )


def abilities(study: "Study", model: str | None, domain: str | None, benchmarks: str, effort: str) -> "pl.DataFrame":
    """Return abilities, perhaps of one model or in one domain.

    Raises:
        LeadtimeError: A domain that is not measured on the study's day, or a model with too few scores.
    """
    import polars as pl

    table = study.domains() if domain else study.abilities(benchmarks, effort)
    if domain:
        known = table["domain"].unique().sort().to_list()
        if domain not in known:
            raise LeadtimeError(
                f"no model has an ability in the domain {domain!r}", fix=f"Domains: {', '.join(known)}."
            )
        table = table.filter(pl.col("domain") == domain)
    if model:
        table = table.filter(pl.col("model") == model)
        if table.is_empty():
            raise LeadtimeError(
                f"{model} has too few scores for an ability", fix="`leadtime evidence scores` lists them."
            )
    return table


def _sentence(rows: list[dict[str, object]], names: dict[str, str], where: str, *, one: bool) -> str:
    """Return where a model stands, or which is the ablest and whether the next is clearly below it."""

    def said(r: dict[str, object]) -> tuple[str, str]:
        points = Spread(*(float(str(r[k])) for k in ("points_low", "points", "points_high")))
        return names.get(str(r["model"]), str(r["model"])), spread(points)

    first, points = said(rows[0])
    if one:
        return (
            f"{first} has an ability of {points} points{where}, by {count(int(str(rows[0]['n_benchmarks'])), 'test')}."
        )
    if len(rows) == 1:
        return f"{first} is the only model that is placed{where}, with {points} points."
    second, _ = said(rows[1])
    apart = float(str(rows[0]["points_low"])) > float(str(rows[1]["points_high"]))
    close = f"clearly ahead of {second}" if apart else f"with {second} too close to call"
    return f"The most able model{where} is {first} with {points} points, {close}."
