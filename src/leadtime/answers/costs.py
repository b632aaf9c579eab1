"""What the questions on costs share: parameters, what was filled in, and what each meaning of cost is called."""

from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Column, Table
from leadtime.answers.kinds import Choice, Name
from leadtime.answers.question import Meaning
from leadtime.cost.meaning import SENTENCES, CostDefinition
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.cost.costing import Costing
    from leadtime.cost.run import Run
    from leadtime.evidence import Evidence

MEANINGS = tuple(str(d) for d in CostDefinition)

TrainingRun = Annotated[
    str,
    Meaning(kind=Name(of="run"), help="A model, or one of its training runs.", example="deepseek-v3", positional=True),
]
MeaningOfCost = Annotated[str, Meaning(kind=Choice(of=MEANINGS), help="One meaning of cost only.", example="amortized")]
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


def called(evidence: "Evidence", model: str | None) -> str:
    """Return what people call a run, after "training": the name of its model, of one of several runs with its id; or
    `your own model`.
    """
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


def costing_of(
    evidence: "Evidence",
    run: "Run",
    *,
    seed: int,
    draws: int,
    price_usd: float | None = None,
    price_of: str | None = None,
) -> "Costing":
    """Return the costs of a run; abilities are asked for only where its compute was not published.

    Raises:
        LeadtimeError: Nothing is known that its cost could be told from.
    """
    from leadtime.cost.costing import Costing

    def known() -> Any:
        from leadtime.study import Study

        return Study(evidence=evidence, seed=seed).cost_known

    return Costing(run, evidence, known, seed=seed, draws=draws, price_usd=price_usd, price_of=price_of)


def filled_table(costing: "Costing", total_usd: Any = None, *, model: str = "") -> Table:
    """Return what was not published of a run, what stands in, what would narrow it, and how much of the spread goes
    with it.

    Args:
        costing: The costs of the run.
        total_usd: Draws of one of its costs, for the shares of its spread.
        model: Its name, where several stand in one table.
    """
    rows = [
        {
            **({"model": model} if model else {}),
            "what": f.what,
            "how": f.how,
            "narrow": f.narrow,
            "explains": None if total_usd is None else f.explains(total_usd),
        }
        for f in costing.filled
    ]
    columns = (
        *([Column(key="model", title="Model")] if model else []),
        Column(key="what", title="Not published"),
        Column(key="how", title="What stands in"),
        Column(key="narrow", title="What would narrow it"),
        Column(key="explains", title="Of the spread", kind="share"),
    )
    return Table(name="filled", title="What was filled in", rows=rows, columns=columns)


def doubtful(costing: "Costing") -> str:
    """Return what the hours of a run rest on, a sentence."""
    chip = costing.chip or ("not published" if costing.filled else "not known")
    return f"Chip-hours: {costing.basis}. Chip: {chip}."
