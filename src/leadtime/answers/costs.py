"""What the questions on costs share: their parameters, the bill of a run, and what each meaning of cost is called."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Column, Table
from leadtime.answers.kinds import Choice, Name, Text
from leadtime.answers.measures import Day, Number
from leadtime.answers.question import Meaning
from leadtime.cost.meaning import SENTENCES, CostDefinition
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.cost.bill import Bill
    from leadtime.cost.run import Run
    from leadtime.evidence import Evidence

MEANINGS = tuple(str(d) for d in CostDefinition)
#: The id of a run that is given by its figures.
OWN = "your-run"

TrainingRun = Annotated[
    str,
    Meaning(kind=Name(of="run"), help="A model, or one of its training runs.", example="deepseek-v3", positional=True),
]
MeaningOfCost = Annotated[str, Meaning(kind=Choice(of=MEANINGS), help="One meaning of cost only.", example="amortized")]
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
        help="Rent for a chip-hour to use, US dollars.",
        example="2",
    ),
]
PriceOf = Annotated[str, Meaning(kind=Name(of="chip"), help="Another chip whose prices stand in.", example="h100-sxm")]

#: What a sum is of, by meaning: as a sentence goes on after "Training X".
BY = {
    "amortized": "in worn-out chips and electricity",
    "rental": "at the rent of its chips by the hour",
    "cloud_committed": "at the rent of those who commit for three years",
    "development": "with the experiments before it and the staff",
    "acquisition": "if all its chips, servers and network had to be bought",
}


def titled(definition: str) -> str:
    """Return a meaning of cost with what it holds: `Rental: the chip-hours of the run at ...`."""
    words = SENTENCES[CostDefinition(definition)].rstrip(".")
    return f"{definition.replace('_', ' ').capitalize()}: {words[0].lower()}{words[1:]}"


def run_of(evidence: "Evidence", model: str | None, own: dict[str, Any]) -> "Run":
    """Return a known run, or one that is given by its figures.

    Args:
        evidence: The tables.
        model: A model or a run; None for one's own.
        own: Figures of one's own run, by the names of their parameters.

    Raises:
        LeadtimeError: There is none of that name, nothing to cost, or a figure that makes no run.
    """
    from leadtime.cost.run import Run, find_run

    if model is not None:
        return find_run(evidence, model)
    if not (own["chip"] or own["gpu_hours"] or own["flop"]):
        raise LeadtimeError(
            "nothing to cost", fix="Name a model, or give --chip with --gpu-hours, --flop or --chips and --days, or --config."
        )  # fmt: skip
    start = own["date"] or evidence.as_of
    return Run(
        id=OWN, organization="", published_on=start, started_on=start, chip=own["chip"], n_chips=own["chips"],
        hours=own["days"] * 24 if own["days"] is not None else None, chip_hours=own["gpu_hours"], flop=own["flop"], tokens=own["tokens"],
        active_parameters=own["active_parameters"], mfu=own["mfu"], mfu_precision=own["precision"],
    )  # fmt: skip


def called(evidence: "Evidence", model: str | None) -> str:
    """Return what people call a run, after "training": the name of its model, of one of several runs with its id; or `your own model`."""
    if model is None:
        return "your own model"
    names = dict(evidence["models"].select("id", "name").iter_rows())
    if model in names:
        return str(names[model])
    of = dict(evidence["training_runs"].select("id", "model").iter_rows()).get(model)
    return f"{names[of]} (the run {model})" if of in names else model


def by_meaning(definition: str | None, compute: Any, among: tuple[str, ...] = MEANINGS) -> tuple[dict[str, Any], Table]:
    """Return what can be computed by each meaning of cost, and a table of what cannot, with the reasons.

    Args:
        definition: One meaning alone, whose error is raised; None for all.
        compute: From a meaning to what is wanted.
        among: The meanings that make sense here.
    """
    found: dict[str, Any] = {}
    missing = []
    for name in [definition] if definition else among:
        try:
            found[name] = compute(name)
        except LeadtimeError as error:
            if definition:
                raise
            missing.append(
                {
                    "definition": name,
                    "title": name.replace("_", " ").capitalize(),
                    "why": f"{error.what}. {error.fix}".strip(),
                }
            )
    columns = (Column(key="title", title="Meaning"), Column(key="why", title="Why"))
    return found, Table(name="not_computed", title="Not computed", rows=missing, columns=columns)


def doubtful(bill: "Bill") -> str:
    """Return what the hours of a bill rest on, a sentence."""
    return f"Chip-hours: {bill.hours.basis}. Chip: {bill.run.chip or 'not known'}."
