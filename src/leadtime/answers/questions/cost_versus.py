"""What one training run cost against another, by the same meaning of the word."""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.costs import BY, MeaningOfCost, TrainingRun, by_meaning, called, costing_of, filled_table, titled
from leadtime.answers.drawn import of_table
from leadtime.answers.own_run import run_of, takes_own_run
from leadtime.answers.parameters import Draws, Seed
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import share, significant

if TYPE_CHECKING:
    from leadtime.cost.costing import Costing
    from leadtime.estimate import Estimate
    from leadtime.evidence import Evidence


@question(
    "cost versus",
    "How much more, or less, did one training run cost than another?",
    of="evidence",
    command="cost --against AGAINST",
    example={"model": "deepseek-v3", "against": "llama-3-1-405b"},
    schema="cost-versus",
    docs="methods/cost",
)
@takes_own_run
def cost_versus(
    evidence: "Evidence",
    *,
    against: Annotated[TrainingRun, Meaning(help="A second model or run.", positional=False, example="llama-3-1-405b")],
    model: TrainingRun | None = None,
    definition: MeaningOfCost | None = None,
    seed: Seed = 0,
    draws: Draws = 2000,
    **own: Any,
) -> Answer:
    """Compare the costs of two training runs, by each meaning of the word."""
    who, whom = called(evidence, model), called(evidence, against)
    run, second = run_of(evidence, model, own), run_of(evidence, against, {})
    # what stands in for a chip does so only where a run's own is not known
    a, b = (
        costing_of(
            evidence,
            r,
            seed=seed,
            draws=draws,
            price_usd=own.get("price_usd") if r is run else None,
            price_of=None if r.chip else own.get("price_of"),
        )
        for r in (run, second)
    )
    found, missing = by_meaning(definition, functools.partial(over, {who: a, whom: b}))
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
        more=(_filled({who: a, whom: b}), missing),
        values={"run": run.id, "against": second.id},
        tag="estimated from few sources" if a.filled or b.filled else "assumed in part",
        about=About(
            definition="The cost of the first run over that of the second, both by the same meaning of cost.",
            rests_on=(
                "Published figures of both runs, dated prices, and stated assumptions, which both share draw by draw."
            ),
            limits=("These costs answer different questions, so do not compare one with another.",),
            docs="methods/cost",
            see=("cost compare",),
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


def _filled(costings: "dict[str, Costing]") -> Table:
    tables = [filled_table(c, model=who) for who, c in costings.items()]
    columns = tuple(c for c in tables[0].columns if c.key != "explains")
    return Table(name="filled", title=tables[0].title, rows=[r for t in tables for r in t.rows], columns=columns)


def over(costings: "dict[str, Costing]", definition: str) -> "tuple[Estimate, list[str]]":
    """Return the ratio of two costs by one meaning, draw by draw, with what was filled in for either."""
    from leadtime.cost.definitions import ratio
    from leadtime.estimate import Estimate

    costs = {who: costing.cost(definition) for who, costing in costings.items()}
    flags = [f"{who}: {f}" for who, c in costs.items() for f in c.flags]
    a, b = costs.values()
    found = Estimate(
        name=f"cost.ratio.{a.run}.{b.run}.{definition}",
        unit="ratio",
        draws=ratio(a, b),
        definition=titled(definition),
        as_of=next(iter(costings.values())).evidence.as_of.isoformat(),
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
