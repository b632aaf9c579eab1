"""What one training run cost against another, by the same meaning of the word."""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.costs import (
    BY,
    ActiveParameters,
    Chip,
    ChipHours,
    Chips,
    Days,
    Flop,
    MeaningOfCost,
    Mfu,
    Precision,
    PriceOf,
    PriceUsd,
    Start,
    Tokens,
    TrainingRun,
    by_meaning,
    called,
    run_of,
    titled,
)
from leadtime.answers.drawn import of_table
from leadtime.answers.parameters import Draws, Seed
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import share, significant

if TYPE_CHECKING:
    from leadtime.cost.bill import Bill
    from leadtime.estimate import Estimate
    from leadtime.evidence import Evidence


@question(
    "cost versus",
    "How much dearer or cheaper was one training run than another?",
    of="evidence",
    command="cost --against AGAINST",
    example={"model": "deepseek-v3", "against": "llama-3-1-405b"},
    schema="cost-versus",
    docs="methods/cost",
)
def cost_versus(
    evidence: "Evidence",
    *,
    against: Annotated[TrainingRun, Meaning(help="A second model or run.", positional=False, example="llama-3-1-405b")],
    model: TrainingRun | None = None,
    definition: MeaningOfCost | None = None,
    chip: Chip | None = None,
    gpu_hours: ChipHours | None = None,
    flop: Flop | None = None,
    precision: Precision | None = None,
    mfu: Mfu | None = None,
    chips: Chips | None = None,
    days: Days | None = None,
    tokens: Tokens | None = None,
    active_parameters: ActiveParameters | None = None,
    date: Start | None = None,
    price_usd: PriceUsd | None = None,
    price_of: PriceOf | None = None,
    seed: Seed = 0,
    draws: Draws = 2000,
) -> Answer:
    """Say what one training run cost over another, by each meaning of the word, both by the same."""
    from leadtime.cost.bill import Bill
    from leadtime.cost.run import find_run

    own = {
        "chip": chip,
        "gpu_hours": gpu_hours,
        "flop": flop,
        "precision": precision,
        "mfu": mfu,
        "chips": chips,
        "days": days,
        "tokens": tokens,
        "active_parameters": active_parameters,
        "date": date,
    }
    who, whom = called(evidence, model), called(evidence, against)
    run, second = run_of(evidence, model, own), find_run(evidence, against)
    # what stands in for a chip does so only where a run's own is not known
    a = Bill(run, evidence, seed=seed, draws=draws, price_usd=price_usd, price_of=None if run.chip else price_of)
    b = Bill(second, evidence, seed=seed, draws=draws, price_of=None if second.chip else price_of)
    found, missing = by_meaning(definition, functools.partial(_over, {who: a, whom: b}))
    rows = [
        {"definition": n, "title": titled(n), "median": e, "unit": "ratio", "flags": flags}
        for n, (e, flags) in found.items()
    ]
    table = Table(
        rows=rows,
        columns=(
            Column(key="title", title="Meaning of cost"),
            Column(key="median", title="Times as much", kind="spread", significant=True, digits=2),
        ),
    )
    return Answer(
        sentence=sentence(who, whom, {n: Spread(e.low, e.median, e.high) for n, (e, _) in found.items()}),
        rows=table,
        more=(missing,),
        values={"run": run.id, "against": second.id},
        tag="assumed in part",
        about=About(
            definition="The cost of the first run over that of the second, both by the same meaning of cost.",
            rests_on="Published figures of both runs, dated prices, and stated assumptions, which both share draw by draw.",
            limits=("The meanings of cost are different things, so do not compare one with another.",),
            docs="methods/cost",
        ),
        figure=functools.partial(
            of_table,
            table,
            "median",
            label="definition",
            name="cost-versus",
            title=f"What {who} cost, over what {whom} cost",
            axis="times as much",
            stamp=dict(evidence.stamp),
            logarithmic=True,
        ),
    )


def _over(bills: "dict[str, Bill]", definition: str) -> "tuple[Estimate, list[str]]":
    """Return the ratio of two costs by one meaning, with what was filled in for either."""
    from leadtime.cost.definitions import ratio
    from leadtime.estimate import Estimate

    costs = {who: bill.cost(definition) for who, bill in bills.items()}
    flags = [f"{who}: {f}" for who, c in costs.items() for f in c.flags]
    a, b = costs.values()
    found = Estimate(
        name=f"cost.ratio.{a.run}.{b.run}.{definition}",
        unit="ratio",
        draws=ratio(a, b),
        definition=titled(definition),
        as_of=next(iter(bills.values())).evidence.as_of.isoformat(),
    )
    return found, flags


def sentence(who: str, whom: str, found: dict[str, Any]) -> str:
    """Return how much the first cost of the second, or how many times as much, and whether that is clear.

    Args:
        who: The first run.
        whom: The second.
        found: The ratio by meaning of cost.
    """
    known = [(BY[name], found[name]) for name in BY if name in found]
    if not known:
        return f"What it cost to train {who} over {whom} cannot be computed."
    words, s = known[0]
    if s.median < 1:
        ends = f"({share(s.low)} to {share(s.high)})" if s.low != s.high else "(in all draws)"
        first = f"Training {who} cost {share(s.median)} of what training {whom} did {ends}, {words}."
    else:
        ends = f"({significant(s.low, 2)} to {significant(s.high, 2)})" if s.low != s.high else "(in all draws)"
        first = f"Training {who} cost {significant(s.median, 2)} times as much as training {whom} {ends}, {words}."
    return first if s.low > 1 or s.high < 1 or s.low == s.high else f"{first} Which of the two cost more is not clear."
