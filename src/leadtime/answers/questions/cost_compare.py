"""What up to four training runs cost, side by side, by each meaning of the word, with what others published in its
place.
"""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.costs import BY, MEANINGS, called, costing_of, filled_table, titled
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Many, Name
from leadtime.answers.parameters import Draws, Scale, Seed
from leadtime.answers.question import Meaning, question
from leadtime.answers.questions.cost_versus import over
from leadtime.answers.questions.cost_versus import sentence as ratio_told
from leadtime.answers.words import listed
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.cost.costing import Costing
    from leadtime.estimate import Estimate
    from leadtime.evidence import Evidence
    from leadtime.figures.figure import Figure

_MOST = 4
_USD = {"kind": "spread", "significant": True, "digits": 2, "unit": "US dollars"}


@question(
    "cost compare",
    "What did several training runs cost, side by side?",
    of="evidence",
    command="cost --models MODELS",
    example={"models": ["claude-3-5-sonnet-2024-06", "deepseek-v3"]},
    schema="cost-compare",
    docs="methods/cost",
)
def cost_compare(
    evidence: "Evidence",
    *,
    models: Annotated[
        tuple[str, ...],
        Meaning(
            kind=Many(each=Name(of="run"), at_most=_MOST),
            help="Up to four models or runs.",
            example="claude-3-5-sonnet-2024-06",
        ),
    ],
    seed: Seed = 0,
    draws: Draws = 2000,
    scale: Scale = "log",
) -> Answer:
    """Set the costs of up to four training runs side by side by each meaning, with their ratios and what others
    published.
    """
    from leadtime.cost.run import find_run

    known: dict[str, Costing] = {}
    why: dict[str, str] = {}
    for model in dict.fromkeys(models):
        who = called(evidence, model)
        try:
            known[who] = costing_of(evidence, find_run(evidence, model), seed=seed, draws=draws)
        except LeadtimeError as error:
            why[who] = f"{error.what}. {error.fix}".strip()
    rows = [
        _row(definition, who, known.get(who), why.get(who, "")) for definition in MEANINGS for who in [*known, *why]
    ]
    ratios = _ratios(known)
    first = ratios[0] if ratios else None
    others = _published(evidence, {called(evidence, m): m for m in models}, known)
    return Answer(
        sentence=_sentence([*known], [*why], ratios),
        rows=Table(
            rows=rows,
            columns=(Column(key="model", title="Model"), Column(key="median", title="US dollars", **_USD)),  # type: ignore[arg-type]
            by="title",
        ),
        more=(_ratio_table(ratios, first), others, _filled(known)),
        values={"models": [{"model": who, "run": c.run.id, "chip": c.chip} for who, c in known.items()]},
        tag="estimated from few sources" if any(c.filled for c in known.values()) else "assumed in part",
        about=About(
            definition=(
                "US dollars of the day, by each meaning of cost; ratios are of the first model over another, draw by"
                " draw."
            ),
            rests_on=(
                "Published figures of the runs, dated prices, and where a figure is missing other runs, chips in use"
                " then, and the compute that models of such ability took."
            ),
            limits=("These costs answer different questions, so do not compare one with another.",),
            docs="methods/cost",
            see=("cost", "cost versus", "cost published"),
        ),
        figure=functools.partial(_figure, evidence, rows, others.rows, [*known, *why], log=scale == "log"),
    )


def _row(definition: str, who: str, costing: "Costing | None", why: str) -> dict[str, Any]:
    row = {"definition": definition, "title": titled(definition), "model": who, "unit": "USD", "note": "", "flags": []}
    if costing is None:
        return {**row, "median": Spread(None, None, None), "note": why}
    try:
        cost = costing.cost(definition)
    except LeadtimeError as error:
        return {**row, "median": Spread(None, None, None), "note": f"{error.what}. {error.fix}".strip()}
    return {**row, "median": costing.estimate(cost), "flags": list(cost.flags)}


def _ratios(known: "dict[str, Costing]") -> list[dict[str, Any]]:
    """Return the first model's cost over each of the others', by meaning, where both can be computed."""
    if len(known) < 2:
        return []
    (first, one), *rest = known.items()
    found = []
    for other, costing in rest:
        for definition in MEANINGS:
            try:
                e, _ = over({first: one, other: costing}, definition)
            except LeadtimeError:
                continue
            found.append(
                {
                    "definition": definition,
                    "title": titled(definition).partition(":")[0],
                    "model": first,
                    "against": other,
                    "ratio": e,
                    **_sure(e),
                }
            )
    return found


def _sure(e: "Estimate") -> dict[str, float]:
    """Return the chances that the first cost more, at least one and a half times as much, more than ten times; and the
    same the other way.
    """
    return {
        "p_dearer": float((e.draws > 1).mean()),
        "p_two_thirds": float((e.draws <= 2 / 3).mean()),
        "p_tenth": float((e.draws < 0.1).mean()),
        "p_half_more": float((e.draws >= 1.5).mean()),
        "p_tenfold": float((e.draws > 10).mean()),
    }


def _ratio_table(ratios: list[dict[str, Any]], first: dict[str, Any] | None) -> Table:
    columns = (
        Column(key="against", title="Over"),
        Column(key="title", title="Meaning of cost"),
        Column(key="ratio", title="Times as much", kind="spread", significant=True, digits=2),
    )
    title = f"{first['model']} over the others" if first else ""
    return Table(name="ratios", title=title, rows=ratios, columns=columns)


def _published(evidence: "Evidence", models: dict[str, str], known: "dict[str, Costing]") -> Table:
    """Return what others published of the runs' costs, each with the meaning its source states; none if it states
    none.
    """
    from leadtime.answers.questions.cost import stated
    from leadtime.cost.beside import meaning_of

    rows = []
    for who, model in models.items():
        run = known[who].run if who in known else None
        ids = {model, run.id, run.model} if run else {model}
        rows += [
            {
                "model": who,
                "definition": meaning_of(r["definition"]) or "",
                **{k: r[k] for k in ("by", "name", "value_usd", "low_usd", "high_usd", "source")},
                "meaning": r["definition"],
            }
            for r in stated(evidence, ids)
            if r["quantity"] == "training_cost_usd"
        ]
    columns = (
        Column(key="model", title="Model"),
        Column(key="name", title="Who"),
        Column(key="value_usd", title="US dollars", kind="number", significant=True, digits=3, unit="US dollars"),
        Column(key="meaning", title="What they mean"),
    )
    return Table(name="published", title="What others published", rows=rows, columns=columns)


def _filled(known: "dict[str, Costing]") -> Table:
    tables = [filled_table(c, model=who) for who, c in known.items()]
    columns = tuple(c for c in (tables[0].columns if tables else ()) if c.key != "explains")
    return Table(name="filled", title="What was filled in", rows=[r for t in tables for r in t.rows], columns=columns)


def _sentence(known: list[str], unknown: list[str], ratios: list[dict[str, Any]]) -> str:
    """Return the first model's cost over the second's, or which costs is not known."""
    cannot = f"What it cost to train {listed(unknown)} cannot be computed." if unknown else ""
    if len(known) > 1:
        second = known[1]
        found = {
            r["definition"]: Spread(r["ratio"].low, r["ratio"].median, r["ratio"].high)
            for r in ratios
            if r["against"] == second
        }
        return f"{ratio_told(known[0], second, found)} {cannot}".strip()
    return f"Training {known[0]} can be told by {len(BY)} meanings of cost. {cannot}".strip() if known else cannot


def _figure(evidence: "Evidence", rows: list[dict[str, Any]], others: Any, models: list[str], *, log: bool) -> "Figure":
    from leadtime.figures.cost import hues, side_by_side

    countries = dict(
        evidence["models"]
        .join(evidence["organizations"], left_on="organization", right_on="id")
        .select("name", "country")
        .iter_rows()
    )
    drawn = [
        {
            "definition": str(r["definition"]),
            "model": r["model"],
            "low": r["median"].low,
            "median": r["median"].median,
            "high": r["median"].high,
            "note": r["note"],
        }
        for r in rows
    ]
    stated = [{**o, "definition": str(o["definition"])} for o in others]
    n = sum(r["median"] is not None for r in drawn)
    return figure(
        name="cost-compare",
        title=(
            f"US dollars, one scale on which each step {'multiplies' if log else 'adds the same'}. These answer"
            " different questions, so do not add them."
        ),
        chart=functools.partial(
            side_by_side,
            rows=drawn,
            others=stated,
            log=log,
            shades=hues({m: countries.get(m.partition(" (the run")[0]) for m in models}),
        ),
        rows=[
            *(
                {
                    "by": "leadtime",
                    "model": r["model"],
                    "definition": r["definition"],
                    "low_usd": r["low"],
                    "median_usd": r["median"],
                    "high_usd": r["high"],
                    "words": r["note"],
                }
                for r in drawn
            ),
            *(
                {
                    "by": o["name"],
                    "model": o["model"],
                    "definition": o["definition"],
                    "low_usd": o["low_usd"],
                    "median_usd": o["value_usd"],
                    "high_usd": o["high_usd"],
                    "words": o["meaning"],
                }
                for o in stated
            ),
        ],
        n=f"{n} costs, {len(stated)} figures of others",
        method=(
            "Bars hold 9 in 10 results, and dots are the middle. Diamonds are figures of others, where their source"
            " states the meaning."
        ),
        stamp=dict(evidence.stamp),
    )
