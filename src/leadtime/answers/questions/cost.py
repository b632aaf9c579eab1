"""What a training run cost, by each meaning of the word."""

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.costs import (
    BY,
    MeaningOfCost,
    TrainingRun,
    by_meaning,
    called,
    costing_of,
    doubtful,
    filled_table,
    titled,
)
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Choice
from leadtime.answers.own_run import run_of, takes_own_run
from leadtime.answers.parameters import Draws, Seed
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import listed, money
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.cost.definitions import Cost
    from leadtime.estimate import Estimate
    from leadtime.evidence import Evidence
    from leadtime.figures.figure import Figure

#: Figures of others that are set beside ours, and what they are called.
_STATED = {
    "training_cost_usd": "cost of training",
    "capex_usd": "cost of the developer's servers",
    "opex_usd": "running the developer's cluster",
}
_OTHERS = (
    Column(key="name", title="Who"),
    Column(key="value_usd", title="US dollars", kind="number", significant=True, digits=4, unit="US dollars"),
    Column(key="what", title="Of what"),
    Column(key="source", title="Source"),
)
_ENDS = (0.05, 0.5, 0.95)
#: Parts of a bill, to what a reader calls them.
_PARTS = {"network": "Network", "electricity": "Power", "experiments": "Trials"}
_LIMITS = ("These costs answer different questions, so do not compare one with another.",)


@question(
    "cost",
    "What did a training run cost?",
    of="evidence",
    example={"model": "deepseek-v3"},
    schema="cost",
    docs="methods/cost",
)
@takes_own_run
def cost(
    evidence: "Evidence",
    *,
    model: TrainingRun | None = None,
    definition: MeaningOfCost | None = None,
    seed: Seed = 0,
    draws: Draws = 2000,
    show: Annotated[
        str,
        Meaning(
            kind=Choice(of=("meanings", "parts")),
            help="What the figure shows: every meaning of cost, or the parts of one.",
            example="parts",
        ),
    ] = "meanings",
    **own: Any,
) -> Answer:
    """Say what a training run cost, by each meaning of the word, with intervals, and what others published."""
    who = called(evidence, model)
    run, prices = run_of(evidence, model, own), {k: own.get(k) for k in ("price_usd", "price_of")}
    try:
        costing = costing_of(evidence, run, seed=seed, draws=draws, **prices)
    except LeadtimeError as error:
        return _published_alone(evidence, model, who, error)
    found, missing = by_meaning(definition, costing.cost)
    rows = [_row(costing.estimate(c), c) for c in found.values()]
    others = stated(evidence, {run.id, run.model, model or "", run.organization})
    flags, first = any(r["flags"] for r in rows), next(iter(found.values()), None)
    return Answer(
        sentence=sentence(who, {r["definition"]: _spread(r["median"]) for r in rows}),
        rows=Table(rows=rows, columns=(Column(key="title", title="Meaning of cost"), _usd("median"))),
        more=(
            *([_components(rows)] if definition else []),
            filled_table(costing, first.total_usd if first else None),
            _others(others),
            missing,
        ),
        values={"run": run.id, "chip": costing.chip, "chip_hours_basis": costing.basis},
        tag="assumed in part" if flags and not costing.filled else "estimated from few sources",
        notes=(doubtful(costing),),
        about=About(
            definition="US dollars of the day, by each meaning of cost.",
            rests_on=(
                "Published figures of the run, dated prices, and where a figure is missing other runs, chips in use"
                " then, and the compute that models of such ability took."
            ),
            limits=_LIMITS,
            docs="methods/cost",
            see=("cost versus", "cost compare", "cost published"),
        ),
        figure=(
            functools.partial(_parts, who, _hue(evidence, run.organization), rows, dict(evidence.stamp))
            if show == "parts"
            else functools.partial(_figure, who, rows, others, dict(evidence.stamp))
        ),
    )


def _usd(key: str, title: str = "US dollars") -> Column:
    return Column(key=key, title=title, kind="spread", significant=True, digits=3, unit="US dollars")


def _spread(e: "Estimate") -> Spread:
    return Spread(e.low, e.median, e.high)


def _row(e: "Estimate", c: "Cost") -> dict[str, Any]:
    import numpy as np

    parts = [
        {
            "name": p.name,
            **dict(
                zip(("low_usd", "median_usd", "high_usd"), map(float, np.quantile(p.draws_usd, _ENDS)), strict=True)
            ),
            "basis": p.basis,
        }
        for p in c.components
    ]
    return {
        "definition": str(c.definition),
        "name": e.name,
        "title": titled(c.definition),
        "median": e,
        "unit": "USD",
        "level": 0.9,
        "sentence": e.definition,
        "because": list(e.because),
        "components": parts,
        "flags": list(c.flags),
    }


def _components(rows: list[dict[str, Any]]) -> Table:
    columns = (
        Column(key="name", title="Part"),
        replace(_usd("median_usd"), low="low_usd", high="high_usd"),
        Column(key="basis", title="Rests on"),
    )
    return Table(name="", title="What it is made of", rows=[p for r in rows for p in r["components"]], columns=columns)


def _others(rows: list[dict[str, Any]]) -> Table:
    return Table(name="stated", title="What others say", rows=rows, columns=_OTHERS)


def stated(evidence: "Evidence", subjects: set[str]) -> list[dict[str, Any]]:
    """Return what others state about a run, its model or its developer: each figure with what it means."""
    import polars as pl

    published = evidence["published"]
    rows = published.filter(pl.col("subject").is_in(list(subjects - {""})) & pl.col("quantity").is_in(list(_STATED)))
    names = dict(evidence["organizations"].select("id", "name").iter_rows())
    return [
        {
            "by": r["published_by"],
            "name": names.get(r["published_by"], r["published_by"]),
            "quantity": r["quantity"],
            "words": _STATED[r["quantity"]],
            "what": f"{_STATED[r['quantity']]}{': ' if r['definition'] else ''}{r['definition'] or ''}",
            "value_usd": r["value"] or (r["low"] * r["high"]) ** 0.5,
            "low_usd": r["low"],
            "high_usd": r["high"],
            "definition": r["definition"] or "",
            "note": r["note"] or "",
            "source": r["source"],
        }
        for r in rows.iter_rows(named=True)
        if r["value"] or (r["low"] and r["high"])
    ]


def sentence(who: str, found: dict[str, Spread]) -> str:
    """Return what a run cost by the first two of the meanings that can be computed, and that nothing can be said where
    none can.

    Args:
        who: The run, as an object: `DeepSeek-V3`.
        found: US dollars by meaning of cost.
    """
    known = [(BY[name], found[name]) for name in BY if name in found]
    if not known:
        return f"What it cost to train {who} cannot be computed."
    (words, s), *rest = known
    first = f"Training {who} cost {_range(s)} {words}."
    if not rest:
        return first
    words, s = rest[0]
    return f"{first} It comes to {_range(s)} {words}."


def _range(s: Spread) -> str:
    ends = [money(v) for v in (s.low, s.median, s.high)]
    return f"about {ends[1]}" if ends[0] == ends[2] else f"about {ends[1]} ({ends[0]} to {ends[2]})"


def _published_alone(evidence: "Evidence", model: str | None, who: str, error: LeadtimeError) -> Answer:
    """Return what others published of a run that cannot be costed here.

    Raises:
        LeadtimeError: They published nothing either.
    """
    others = stated(evidence, {model or ""})
    costs = [f"{money(r['value_usd'])} by {r['name']}" for r in others if r["quantity"] == "training_cost_usd"]
    if not costs:
        raise error
    return Answer(
        sentence=f"What it cost to train {who} cannot be computed here. Others put it at {listed(costs)}.",
        rows=Table(rows=[], columns=(Column(key="title", title="Meaning of cost"), _usd("median"))),
        more=(_others(others), Table(name="not_computed", rows=[], columns=())),
        values={"run": model, "chip": None, "chip_hours_basis": ""},
        tag="recorded",
        notes=(f"Why not: {error.what}.",),
        about=About(rests_on="The table `published`.", limits=_LIMITS, docs="methods/cost", see=("cost published",)),
        figure=functools.partial(_figure, who, [], others, dict(evidence.stamp)),
    )


def _figure(who: str, rows: list[dict[str, Any]], others: list[dict[str, Any]], stamp: dict[str, Any]) -> "Figure":
    import polars as pl

    from leadtime.figures.cost import ladder

    ours = [
        {
            "by": "leadtime",
            "words": r["definition"].replace("_", " "),
            "definition": r["sentence"],
            "low_usd": r["median"].low,
            "median_usd": r["median"].median,
            "high_usd": r["median"].high,
        }
        for r in rows
    ]
    theirs = [
        {
            "by": r["name"],
            "words": f"{r['words']}, {r['name']}" + (f" ({i})" if i else ""),
            "definition": r["definition"],
            "low_usd": None,
            "median_usd": r["value_usd"],
            "high_usd": None,
        }
        for r in sorted(others, key=lambda r: r["value_usd"])
        for i in (
            sum(
                r["name"] == o["name"] and r["words"] == o["words"] and o["value_usd"] < r["value_usd"] for o in others
            ),
        )
    ]
    rungs = pl.DataFrame(
        [*ours, *theirs], schema_overrides={c: pl.Float64 for c in ("low_usd", "median_usd", "high_usd")}
    )
    return figure(
        name="cost" if rows else "cost-published",
        title=f"What {who} cost to train, by each meaning of cost",
        chart=functools.partial(ladder, rungs=rungs.to_dicts()),
        rows=rungs,
        n=f"{len(ours)} meanings, {len(theirs)} figures of others",
        method="Bars are 90% intervals; diamonds are figures of others.",
        stamp=stamp,
    )


def _hue(evidence: "Evidence", organization: str) -> str:
    """Return the token of the color of a developer's country."""
    homes = dict(evidence["organizations"].select("id", "country").iter_rows())
    return {"CHN": "china", "USA": "us"}.get(homes.get(organization) or "", "yours")


def _parts(who: str, hue: str, rows: list[dict[str, Any]], stamp: dict[str, Any]) -> "Figure":
    """Return what the cost by one meaning is made of: the first meaning of a page that has parts.

    Raises:
        LeadtimeError: None of them has.
    """
    from leadtime.figures.cost import PLAIN, dollars, parts

    order = list(PLAIN)
    several = [r for r in rows if len(r["components"]) > 1]
    if not several:
        raise LeadtimeError("this cost has no parts", where="show", fix="Ask for the meaning `amortized`.")
    r = min(several, key=lambda r: order.index(r["definition"]))
    words = PLAIN[r["definition"]][0].lower()
    drawn = [{"part": _PARTS.get(p["name"], p["name"][:1].upper() + p["name"][1:]), **p} for p in r["components"]]
    return figure(
        name=f"cost-parts-{r['definition']}",
        title=f"Parts of the cost, {words}: middle values, with ranges that hold 9 in 10 results.",
        chart=lambda width: parts(width, drawn, hue),
        rows=[{k: p[k] for k in ("part", "low_usd", "median_usd", "high_usd", "basis")} for p in drawn],
        n=f"{len(drawn)} parts",
        method="Middles of parts need not add to the middle of the whole.",
        stamp=stamp,
    ).named(f"Where {who}'s {dollars(r['median'].median)} goes: {words}")
