"""A run of your own by its figures: the parameters that the questions on costs take for it, declared once."""

import datetime as dt
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from leadtime.answers.kinds import Name, Text
from leadtime.answers.measures import Day, Number
from leadtime.answers.question import Meaning
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.cost.run import Run
    from leadtime.evidence import Evidence

Function = TypeVar("Function", bound=Callable[..., Any])
#: The id of a run that is given by its figures.
OWN = "your-run"

Chip = Annotated[str, Meaning(kind=Name(of="chip"), help="The chip of a run of your own.", example="h100-sxm")]
ChipHours = Annotated[
    float,
    Meaning(
        kind=Number(low=0, high=1e12, above=True, unit="chip-hours"), help="Chip-hours of the run.", example="2788000"
    ),
]
Flop = Annotated[
    float,
    Meaning(kind=Number(low=0, high=1e40, above=True, unit="FLOP"), help="Training compute, FLOP.", example="3.3e24"),
]
Precision = Annotated[
    str, Meaning(kind=Text(most=40), help="The peak that the utilization refers to; default 16 bits.", example="bf16")
]
Mfu = Annotated[
    float, Meaning(kind=Number(low=0, high=1, above=True), help="Utilization, a fraction of that peak.", example="0.35")
]
Chips = Annotated[
    float, Meaning(kind=Number(low=0, high=1e9, above=True, unit="chips"), help="Chips used at once.", example="2048")
]
Days = Annotated[
    float,
    Meaning(kind=Number(low=0, high=100_000, above=True, unit="days"), help="Length of the run, days.", example="57"),
]
Tokens = Annotated[
    float,
    Meaning(kind=Number(low=0, high=1e18, above=True, unit="tokens"), help="Tokens trained on.", example="1.48e13"),
]
ActiveParameters = Annotated[
    float, Meaning(kind=Number(low=0, high=1e18, above=True), help="Parameters used for a token.", example="3.7e10")
]
Start = Annotated[dt.date, Meaning(kind=Day(), help="Start of training; default the as-of day.", example="2025-06-01")]
PriceUsd = Annotated[
    float,
    Meaning(
        kind=Number(low=0, high=1e6, above=True, unit="US dollars"),
        help="Rent of a chip-hour, US dollars, instead of the known one.",
        example="2",
    ),
]
PriceOf = Annotated[str, Meaning(kind=Name(of="chip"), help="Another chip whose prices stand in.", example="h100-sxm")]

_FIGURES = {
    "chip": Chip,
    "gpu_hours": ChipHours,
    "flop": Flop,
    "precision": Precision,
    "mfu": Mfu,
    "chips": Chips,
    "days": Days,
    "tokens": Tokens,
    "active_parameters": ActiveParameters,
    "date": Start,
    "price_usd": PriceUsd,
    "price_of": PriceOf,
}


def takes_own_run(answer: Function) -> Function:
    """Give a question the figures of a run of your own, before its seed: its function takes them as `**own`."""
    said = inspect.signature(answer)
    stated = [p for p in said.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    figures = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _FIGURES.items()
    ]
    last = next((i for i, p in enumerate(stated) if p.name == "seed"), len(stated))
    answer.__signature__ = said.replace(parameters=[*stated[:last], *figures, *stated[last:]])  # type: ignore[attr-defined]
    return answer


def run_of(evidence: "Evidence", model: str | None, own: dict[str, Any]) -> "Run":
    """Return a known run, or one that is given by its figures.

    Args:
        evidence: The tables.
        model: A model or a run; None for your own.
        own: Figures of your own run, by the names of their parameters; one that is missing was not given.

    Raises:
        LeadtimeError: There is no such run, no run was given, or its figures do not make a run.
    """
    from leadtime.cost.run import Run, find_run

    if model is not None:
        return find_run(evidence, model)
    if not any(own.get(k) for k in ("chip", "gpu_hours", "flop")):
        raise LeadtimeError(
            "no run was named",
            fix="Name a model. Or give --chip with --gpu-hours, with --flop, or with --chips and --days."
            " Or give --config.",
        )
    start, days = own.get("date") or evidence.as_of, own.get("days")
    return Run(
        id=OWN,
        organization="",
        published_on=start,
        started_on=start,
        chip=own.get("chip"),
        n_chips=own.get("chips"),
        hours=days * 24 if days is not None else None,
        chip_hours=own.get("gpu_hours"),
        flop=own.get("flop"),
        tokens=own.get("tokens"),
        active_parameters=own.get("active_parameters"),
        mfu=own.get("mfu"),
        mfu_precision=own.get("precision"),
    )
