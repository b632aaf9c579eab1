"""How fast the cost of a given ability falls."""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure, of_table
from leadtime.answers.kinds import Choice
from leadtime.answers.parameters import Country
from leadtime.answers.plain import records
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import chance, significant
from leadtime.errors import LeadtimeError, unknown_name

if TYPE_CHECKING:
    import polars as pl

    from leadtime.figures.figure import Figure
    from leadtime.study import Study

LIMITS = ("The three meanings are different questions, and the sample of models moves each of them.",)
_COUNTRIES = ("USA", "CHN")


@question(
    "curve",
    "How fast does a given ability get cheaper?",
    of="study",
    example={"country": "CHN"},
    schema="curve",
    docs="methods/curve",
)
def curve(
    study: "Study",
    *,
    country: Country | None = None,
    show: Annotated[
        str,
        Meaning(
            kind=Choice(of=("falls", "spending")),
            help="What the figure shows: the falls, or spending on frontier runs beside them.",
            example="spending",
        ),
    ] = "falls",
) -> Answer:
    """Say how fast the computing and the money that a given ability takes fall, by three meanings."""
    if country and country not in _COUNTRIES:
        raise unknown_name("country with a rate of its own", country, _COUNTRIES)
    rows = records(study.curve.headline(country or ""))
    for r in rows:
        r["note"] = r["sentence"]
    table = Table(
        rows=rows,
        columns=(
            Column(key="title", title="Fall a year"),
            Column(key="median", title="Compute, times", kind="spread", digits=2, significant=True),
            Column(key="usd_median", title="Dollars, times", kind="spread", digits=2, significant=True),
            Column(key="p_above_4", title="Compute over 4", kind="chance"),
        ),
    )
    return Answer(
        sentence=_sentence(rows),
        rows=table,
        tag="estimated from few sources",
        about=About(
            definition="By how many times less compute, or money, a given ability takes from one year to the next.",
            rests_on=f"{study.curve.data.n} models with a measured ability and a known training compute.",
            limits=LIMITS,
            docs="methods/curve",
            see=("curve spec", "curve expected"),
        ),
        notes=_contrast(study, country),
        figure=(
            functools.partial(_spending, study)
            if show == "spending"
            else functools.partial(
                of_table,
                table,
                "median",
                name="curve",
                title="How fast a given ability gets cheaper",
                axis="times less compute, a year",
                stamp=study.stamp,
                logarithmic=True,
            )
        ),
    )


def reinvestment(study: "Study") -> "pl.DataFrame":
    """Return how fast spending on frontier runs grows, and how fast the cost of a given ability falls, factors a year.

    Raises:
        LeadtimeError: The fall of the cost of computing was not published by the study's day.
    """
    from leadtime.cost import spread
    from leadtime.cost.estimands import ESTIMANDS

    c = study.curve
    return spread.reinvestment(
        study.evidence["training_runs"], {name: c.rate(name) for name in ESTIMANDS}, c.stated, end=study.as_of
    )


def _spending(study: "Study") -> "Figure":
    from leadtime.figures.curve import reinvestment as chart

    rows = reinvestment(study)
    return figure(
        name="curve-spending",
        title="Factors a year, with ranges that hold 9 in 10 results.",
        chart=chart(rows),
        rows=rows,
        n=f"{rows.height} rates",
        method=(
            "Frontier runs are among the five largest known when published, since 2020. Dollars follow the fall of the"
            " cost of an operation."
        ),
        stamp=study.stamp,
    ).named(spent(rows.to_dicts()))


def spent(rows: list[dict[str, Any]]) -> str:
    """Return whether spending on frontier runs grows while the cost of a given ability falls, a headline in every
    direction.
    """
    r = next(r for r in rows if r["quantity"] == "spending on them")
    cheaper = all(x["low"] > 1 for x in rows if x["kind"] == "fall")
    so = " while a given ability gets cheaper" if cheaper else ""
    if r["low"] <= 1 <= r["high"]:
        return "Whether spending on frontier runs grows is not clear"
    return f"Spending on frontier runs {'grows' if r['low'] > 1 else 'falls'}{so}"


def _sentence(rows: list[dict[str, Any]]) -> str:
    """Return between which values the meanings lie, and what that says of four times a year."""
    known = [r for r in rows if r["median"] is not None]
    if not known:
        return "How fast a given ability gets cheaper is not known on this day."
    low, high = min(known, key=lambda r: r["median"]), max(known, key=lambda r: r["median"])
    ends = f"({significant(low['low'], 2)} to {significant(low['high'], 2)})"
    first = (
        f"A given ability takes {significant(low['median'], 2)} times less compute each year {ends} by {low['title']}"
    )
    if low is high:
        return f"{first}; the chance of more than four times is {chance(low['p_above_4'])}."
    more = (
        f"{significant(high['median'], 2)} times ({significant(high['low'], 2)} to {significant(high['high'], 2)}) by"
        f" {high['title']}"
    )
    return f"{first}, and {more}."


def _contrast(study: "Study", country: str | None) -> tuple[str, ...]:
    if not country:
        return ()
    try:
        low, median, high = study.curve.contrast_quantiles()
    except LeadtimeError:
        return ()
    return (
        (
            f"A Chinese model of equal ability and date had {median:.1f} times less compute ({low:.1f} to {high:.1f})."
            " That is no measure of skill: it mixes open weights, sparse networks, learning from American models, the"
            " tests chosen, and guessed American compute."
        ),
    )
