"""Every reading of the fall of cost: each meaning by each method on each sample."""

import functools
from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.questions.curve import LIMITS
from leadtime.answers.words import count, significant

if TYPE_CHECKING:
    import polars as pl

    from leadtime.figures.figure import Figure
    from leadtime.study import Study


@question(
    "curve spec",
    "How does the fall of cost depend on how it is measured?",
    of="study",
    command="curve --spec",
    schema="curve-spec",
    docs="methods/curve",
)
def curve_spec(study: "Study") -> Answer:
    """Say how fast a given ability gets cheaper by every meaning, method and sample."""
    rows = [
        {**r, "meaning": r["estimand"].replace("_", " "), "by": r["method"].replace("_", " ")}
        for r in records(study.curve.specifications)
    ]
    defined = [r for r in rows if r["median"] is not None]
    holds = sum(r["low"] <= 4 <= r["high"] for r in defined)
    medians = sorted(r["median"] for r in defined)
    ends = f"from {significant(medians[0], 2)} to {significant(medians[-1], 2)} times a year" if medians else "nowhere"
    return Answer(
        sentence=(
            f"By {count(len(defined), 'reading')} the cost of a given ability falls {ends}; 4 times lies within the"
            f" range of {holds} of them."
        ),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="meaning", title="Meaning"),
                Column(key="by", title="Method"),
                Column(key="sample", title="Models"),
                Column(key="n", title="n", kind="number", digits=0),
                Column(key="median", title="Times a year", kind="spread", digits=2, significant=True),
            ),
        ),
        tag="estimated from few sources",
        about=About(
            definition="By how many times less compute a given ability takes from one year to the next.",
            rests_on=f"{study.curve.data.n} models with a measured ability and a known training compute.",
            limits=LIMITS,
            docs="methods/curve",
        ),
        figure=functools.partial(_figure, study),
    )


def _span(readings: "pl.DataFrame") -> str:
    """Return from where to where the readings run, a headline."""
    known = readings["median"].drop_nulls().to_list()
    if not known:
        return "How fast an ability gets cheaper is not known on this day"
    low, high = min(known), max(known)
    return (
        f"Readings of how fast an ability gets cheaper run from {low:.2g} to {float(f'{high:.2g}'):,.0f} times a year"
    )


def _figure(study: "Study") -> "Figure":
    from leadtime.cost.estimands import ESTIMANDS, METHODS, SAMPLES
    from leadtime.figures.curve import specifications

    rows = study.curve.specifications
    return figure(
        name="curve-spec",
        title="How fast a given ability gets cheaper: every reading. Bars hold 9 in 10 results.",
        chart=specifications(rows, {k: e.title for k, e in ESTIMANDS.items()}),
        rows=rows,
        n=f"{rows.height} readings: three meanings, {len(METHODS)} methods, {len(SAMPLES)} samples of models",
        method="Each dot is one meaning, method and sample, with its 90% interval, cut at 0.5 and 2,000.",
        stamp=study.stamp,
    ).named(_span(rows))
