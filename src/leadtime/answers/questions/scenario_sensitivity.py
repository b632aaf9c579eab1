"""Which inputs of the simulation matter, and what would have to be true for the lead to vanish."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Flag, Name
from leadtime.answers.measures import Whole
from leadtime.answers.plain import records
from leadtime.answers.question import Meaning, question
from leadtime.answers.simulated import ABOUT, By, draws_told, simulated, when, where_from
from leadtime.answers.words import chance
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import polars as pl

    from leadtime.figures.figure import Figure
    from leadtime.study import Study

_INPUT = Column(key="parameter", title="Input")
_BARS = (
    _INPUT,
    Column(key="from", to="to", title="From low to high", kind="range", significant=True),
    Column(key="at_low", title="Months at low", kind="number", unit="months"),
    Column(key="at_high", title="Months at high", kind="number", unit="months"),
)
_SOBOL = (
    _INPUT,
    Column(key="first", title="Alone", kind="spread", digits=2),
    Column(key="total", title="With others", kind="spread", digits=2),
)
_ALONE = (
    _INPUT,
    Column(key="now", title="Now", kind="number", significant=True),
    Column(key="needed", title="Needed", kind="number", significant=True),
    Column(key="in_prior", title="Quantile of its prior", kind="share"),
    Column(key="least_median", title="Least months it can lead to", kind="number", unit="months"),
)
_THERE = (
    _INPUT,
    Column(key="there", title="There", kind="number", significant=True),
    Column(key="all", title="In all draws", kind="number", significant=True),
)
_SHOWN = 10


@question(
    "scenario sensitivity",
    "Which inputs of the simulation matter most?",
    of="study",
    path="/scenarios/sensitivity",
    example={"name": "as-is", "points": 16},
    schema="sensitivity",
    docs="methods/scenario",
)
def scenario_sensitivity(
    study: "Study",
    *,
    name: Annotated[
        str, Meaning(kind=Name(of="scenario"), help="A scenario.", positional=True, example="as-is")
    ] = "as-is",
    effect: Annotated[
        bool,
        Meaning(kind=Flag(), help="Ask about the effect of the rules (the gap above no-controls) instead of the gap."),
    ] = False,
    by: By = "2028Q4",
    points: Annotated[
        int,
        Meaning(kind=Whole(low=16, high=65_536), help="Sobol points, a power of two.", example="1024", at_once=1024),
    ] = 1024,
) -> Answer:
    """Say which inputs matter, and what would have to be true for the lead to vanish."""
    fork = study.fork
    found = sensitive(fork, name, effect=effect, by=simulated(by), points=points, seed=study.seed)
    bars, alone = records(found["tornado"]), records(found["what_would_do"])
    what = f"{'effect of the rules on the gap' if effect else 'gap'} {when(by)} under “{fork.scenario(name).title}”"
    tables = {
        "sobol": (records(found["sobol"]), _SOBOL, "Share of the variance over the priors (Sobol indices)"),
        "what_would_do": (alone, _ALONE, "What each alone would have to be for one month or less"),
        "vanishing": (records(found["vanishing"]), _THERE, "Draws that come to one month or less, against all"),
    }
    return Answer(
        sentence=sentence(what, bars, alone, found["p_vanishing"]),
        rows=Table(
            rows=bars,
            columns=_BARS,
            most=_SHOWN,
            title="Months with each input at its 5% and its 95% quantile in the ensemble",
        ),
        more=tuple(
            Table(name=k, title=title, rows=rows, columns=columns, most=_SHOWN)
            for k, (rows, columns, title) in tables.items()
        ),
        values={**where_from(fork), "by": by, "of": "effect" if effect else "lag", "p_vanishing": found["p_vanishing"]},
        tag="simulated",
        about=ABOUT,
        notes=draws_told(fork),
        figure=functools.partial(_figure, found["tornado"].head(12), f"Which inputs move the {what} most", study.stamp),
    )


def sensitive(fork: Any, name: str, *, effect: bool, by: str, points: int, seed: int) -> dict[str, Any]:
    """Return Sobol indices, tornado, what alone would do, and the draws in which the lead vanishes.

    Raises:
        LeadtimeError: The number of points is not a power of two, or the scenario draws its own rule changes.
    """
    from leadtime.scenario import sensitivity as which

    if points & (points - 1):
        raise LeadtimeError(f"{points} is not a power of two", where="--points", fix="Try 1024.")
    if fork.scenario(name).changes:
        raise LeadtimeError(
            f"{name} draws when rules change, so no single input decides it",
            where="name",
            fix="Ask for the scenario that it starts from, such as as-is.",
        )
    of = which.outcome(fork.world, fork.scenario(name), by, fork.scenario("no-controls") if effect else None)
    rows, months = fork.priors(), of(fork.draws)
    return {
        "sobol": which.sobol(rows, of, n=points, seed=seed),
        "tornado": which.tornado(fork.draws, of),
        "what_would_do": which.what_would_do(rows, fork.draws, of),
        "vanishing": which.vanishing(fork.draws, months),
        "p_vanishing": float((months <= 1).mean()),
    }


def sentence(what: str, bars: Sequence[Mapping[str, Any]], alone: Sequence[Mapping[str, Any]], p: float) -> str:
    """Return the input that moves a number most, and whether one alone brings it to a month or less."""
    first = bars[0] if bars else None
    if first is None or first["width"] == 0:
        moved = f"In our simulation, no input moves the {what}"
    else:
        at_low, at_high = first["at_low"], first["at_high"]
        moved = (
            f"In our simulation, {_called(first)} moves the {what} most: from {at_low:.1f} months at the low end of its"
            f" range to {at_high:.1f} at the high end"
        )
    able = [r for r in alone if r["needed"] is not None]
    if not able:
        can = "No input alone brings its middle to one month or less."
    else:
        can = (
            f"Alone, {_called(able[0])} would bring its middle to one month or less at {able[0]['needed']:.3g} (now"
            f" {able[0]['now']:.3g})."
        )
    return f"{moved}. {can} The chance of one month or less is {chance(p)}."


def _called(r: Mapping[str, Any]) -> str:
    return str(r["parameter"]).replace("-", " ")


def _figure(bars: "pl.DataFrame", title: str, stamp: dict[str, Any]) -> "Figure":
    from leadtime.figures.fork import tornado

    return figure(
        name="sensitivity",
        title=title,
        chart=tornado(bars),
        rows=bars,
        n=f"{bars.height} inputs",
        method="Each input at its 5% and 95% quantile in the ensemble, the others as drawn.",
        stamp=stamp,
    )
