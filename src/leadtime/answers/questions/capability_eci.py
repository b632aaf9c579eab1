"""Epoch AI's published index, on any table of scores."""

from pathlib import Path
from typing import Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import Choice, File
from leadtime.answers.measures import Whole
from leadtime.answers.parameters import Percent, Top
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import count


@question(
    "capability eci",
    "What is Epoch AI's index on my own scores?",
    of="nothing",
    command="capability --scores SCORES",
    local=True,
    schema="eci",
    docs="methods/capability",
    example={"scores": "scores.csv"},
    no_figure="It is the published index on a table of your own.",
)
def capability_eci(
    *,
    scores: Annotated[
        Path,
        Meaning(
            kind=File(),
            help="Scores by model and benchmark, one in each row or cell, or a file of results.",
            example="scores.csv",
        ),
    ],
    method: Annotated[
        str, Meaning(kind=Choice(of=("eci",)), help="For scores of your own, only eci can be used.")
    ] = "eci",
    version: Annotated[
        str,
        Meaning(
            kind=Choice(of=("2026", "2025")), help="Which version of the index, as published.", option="--eci-version"
        ),
    ] = "2026",
    stop: Annotated[
        str,
        Meaning(
            kind=Choice(of=("published", "optimum")),
            help="Where to stop: where the published solver stops, or at the minimum.",
            option="--eci-stop",
        ),
    ] = "published",
    draws: Annotated[
        int,
        Meaning(kind=Whole(low=0, high=100_000), help="Number of bootstrap refits for intervals. The default is none."),
    ] = 0,
    percent: Percent = False,
    top: Annotated[Top, Meaning(help="Show only this many models, the most able first.")] | None = None,
) -> Answer:
    """Fit Epoch AI's published index to a table of scores."""
    import numpy as np

    from leadtime.capability import eci
    from leadtime.capability.scores_file import read_scores

    told: list[str] = []
    table = read_scores(scores, percent=percent, tell=told.append)
    both = eci.fit_both(table, version=version)  # type: ignore[arg-type]
    fitted = both.published if stop == "published" else both.optimum
    nowhere = np.full(len(fitted.models), np.nan)
    values, least = (f.eci if f.scale is not None else nowhere for f in (fitted, both.optimum))
    rows: list[dict[str, Any]] = [
        {"model": m, "capability": float(c), "eci": _or_none(e), "eci_at_optimum": _or_none(o)}
        for m, c, e, o in zip(fitted.models, fitted.ability, values, least, strict=True)
    ]
    if draws and fitted.scale is not None:
        low, high = eci.bootstrap_eci(fitted, table, draws=draws).interval(level=0.9)
        for row, lo, hi in zip(rows, low, high, strict=True):
            row |= {"eci_low": _or_none(lo), "eci_high": _or_none(hi)}
    rows.sort(key=lambda r: -float(r["capability"]))
    return Answer(
        sentence=(
            f"{rows[0]['model']} is the most able of {count(len(rows), 'model')} by Epoch AI's index of {version}."
            if len(rows) > 1
            else f"{rows[0]['model']} is the only model with an index of {version} by Epoch AI's method."
        ),
        rows=Table(
            rows=rows[:top],
            columns=(
                Column(key="model", title="Model"),
                Column(key="eci", title="Index", kind="spread"),
                Column(key="eci_at_optimum", title="At the minimum", kind="number"),
                Column(key="capability", title="Ability", kind="number", digits=3),
            ),
        ),
        tag="measured",
        about=About(
            definition="Epoch AI's Capabilities Index, as published.",
            rests_on="The scores given.",
            docs="methods/capability",
        ),
        notes=tuple(dict.fromkeys(n for n in (*told, *fitted.notes, both.note) if n)),
    )


def _or_none(value: float) -> float | None:
    return None if value != value else float(value)
