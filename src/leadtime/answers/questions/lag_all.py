"""How far behind a model or a side is, under every choice that could be made otherwise."""

import functools
from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.lagging import CLAIM_ABOUT, CLAIMED, DEFINED, LIMITS, MONTHS, capital, model_name, models_of
from leadtime.answers.parameters import Behind, Model, Side
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.words import count, number

if TYPE_CHECKING:
    import polars as pl

    from leadtime.figures.figure import Figure
    from leadtime.study import Study

_CLAIM = (7.0, 10.0)
_UNITS = {
    "median": "median_months",
    "low": "low_months",
    "high": "high_months",
    "censored": "censored_fraction",
    "p_7_10": "within_7_10_fraction",
}


@question(
    "lag all",
    "How does the answer depend on how the gap is measured?",
    of="study",
    command="lag --all",
    example={"model": "deepseek-v3"},
    schema="lag-all",
    docs="methods/lag",
)
def lag_all(study: "Study", *, model: Model | None = None, of: Side = "CHN", behind: Behind = "USA") -> Answer:
    """Say how many months a model, or one side, is behind under every definition, clock, comparison and set
    of tests.
    """
    grid = study.lag_grid(model, of, behind, everything=True)
    claimed = model == CLAIM_ABOUT
    rows = records(grid if claimed else grid.drop("p_7_10"))
    table = Table(
        rows=rows,
        columns=(
            DEFINED,
            Column(key="clock", title="Clock"),
            Column(key="comparison", title="Compared with"),
            Column(key="benchmarks", title="Tests"),
            MONTHS,
            *((CLAIMED,) if claimed else ()),
        ),
    )
    who = model_name(model, study.evidence) if model else models_of(of, study.evidence)
    whom = models_of(behind, study.evidence, short=not model)
    return Answer(
        sentence=_sentence(who, whom, [r["median"] for r in rows], was="was" if model else "were"),
        rows=table,
        tag="measured",
        about=About(
            definition=(
                "Each row is one way to measure the gap: definition, dates compared, models compared with, tests that"
                " count."
            ),
            rests_on="Published test scores and days of release.",
            limits=LIMITS,
            docs="methods/lag",
        ),
        figure=functools.partial(
            _figure, grid, f"How far behind {whom} {who} is: every way to measure it", study, claimed
        ),
    )


def _sentence(who: str, whom: str, medians: list[float | None], *, was: str) -> str:
    """Return between which values the readings lie, and how many have none."""
    known = sorted(m for m in medians if m is not None)
    if not known:
        return (
            f"None of {count(len(medians), 'way', 'ways')} to measure how far {who} {was} behind {whom} can be used on"
            " this day."
        )
    ahead = sum(m < 0 for m in known)
    middle = known[len(known) // 2]
    low, high = (f"{number(abs(v))} months {'behind' if v >= 0 else 'ahead'}" for v in (known[0], known[-1]))
    said = f"By {count(len(known), 'way', 'ways')} to measure it, {who} {was} between {low} and {high} of {whom}"
    said = said.replace(f"behind of {whom}", f"behind {whom}")
    tail = (
        f"; {count(len(medians) - len(known), 'other', 'others')} cannot be measured"
        if len(known) < len(medians)
        else ""
    )
    side = f"; {count(ahead, 'way says', 'ways say')} ahead" if 0 < ahead < len(known) else ""
    return capital(f"{said}; the middle is {number(abs(middle))} {'behind' if middle >= 0 else 'ahead'}{side}{tail}.")


def _figure(grid: "pl.DataFrame", title: str, study: "Study", claimed: bool) -> "Figure":
    from leadtime.figures.chart import is_finite
    from leadtime.figures.models import readings

    known = [r for r in grid.iter_rows(named=True) if is_finite(r["median"])]
    inside = sum(_CLAIM[0] <= r["median"] <= _CLAIM[1] for r in known)
    reach = sum(r["low"] <= _CLAIM[1] and r["high"] >= _CLAIM[0] for r in known)
    shaded = f" Shaded: “7-10 months older” (Amodei, January 29, 2025): {inside} middles and {reach} ranges reach it."
    return figure(
        name="lag-all",
        title=title,
        chart=readings(grid, _CLAIM if claimed else None),
        rows=grid.rename(_UNITS, strict=False),
        n=f"{len(known)} of {grid.height} ways to measure",
        method=(
            "Each tick is one combination of clock, models compared with and tests; below it the base case and each"
            " single change. Bars are 90% intervals."
        )
        + (shaded if claimed else ""),
        stamp=study.stamp,
    )
