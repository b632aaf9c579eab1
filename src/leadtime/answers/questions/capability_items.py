"""How able models are by their answers to single questions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import File, Text
from leadtime.answers.parameters import Percent, Top
from leadtime.answers.plain import records
from leadtime.answers.question import Meaning, question
from leadtime.answers.questions.lag_items import Irt, Items
from leadtime.answers.words import count, number
from leadtime.errors import unknown_name

if TYPE_CHECKING:
    from leadtime.answers.itemized import Itemized
    from leadtime.evidence import Evidence

#: An item is said to misfit beyond this infit, the usual bound for tests of consequence.
_MISFIT = 1.3
#: Items are said to favor a group at this false discovery rate.
_FALSE = 0.05


@question(
    "capability items",
    "How able are models by their answers to single questions?",
    of="evidence",
    command="capability --items ITEMS",
    local=True,
    example={"items": "own.csv"},
    schema="capability-items",
    docs="methods/items",
    no_figure="It rests on files of your own.",
)
def capability_items(
    evidence: "Evidence",
    *,
    items: Items,
    model: (
        Annotated[
            str, Meaning(kind=Text(), help="One model of the files only.", positional=True, formerly=("--model",))
        ]
        | None
    ) = None,
    irt: Irt = "2pl",
    group: (
        Annotated[
            str,
            Meaning(
                kind=Text(),
                help="With --items: show which questions favor a group. Give a country, or a CSV of model and group.",
            ),
        ]
        | None
    ) = None,
    hold: (
        Annotated[
            Path,
            Meaning(kind=File(), help="With --items: known questions to keep as they are, as --json printed them."),
        ]
        | None
    ) = None,
    cluster: Annotated[str, Meaning(kind=Text(), help="With --items: address of a Dask scheduler.")] = "",
    top: Annotated[Top, Meaning(help="Show only this many models, the most able first.")] | None = None,
    percent: Percent = False,
) -> Answer:
    """Measure models by their answers to single questions, and say which questions misfit or favor a group."""
    from leadtime.answers.itemized import group_of, itemized
    from leadtime.capability.items.diagnose import differential
    from leadtime.capability.items.tables import items_table, models_table

    found = itemized(list(items), irt=irt, hold=hold, cluster=cluster, percent=percent)
    dif = None
    if group is not None:
        dif = differential(found.fitted, *group_of(found.models, group, evidence))
    models = models_table(found.fitted, found.errors)
    if model is not None:
        if model not in found.models:
            raise unknown_name("model", model, found.models)
        models = models.filter(model=model)
    every, rows = records(items_table(found.fitted, found.errors, dif)), records(models.head(top) if top else models)
    settings = _settings(found)
    return Answer(
        sentence=(
            f"{rows[0]['model']} has {rows[0]['points']:.0f} points ({rows[0]['points_low']:.0f} to"
            f" {rows[0]['points_high']:.0f}){'' if model else ', the most of ' + count(settings['n_models'], 'model')},"
            f" by {count(rows[0]['n_items'], 'question')}."
        ),
        rows=Table(rows=rows, columns=_MODELS, most=None if top else 30),
        more=(Table(name="items", rows=every, columns=()), *_odd(every), *_favored(every, group)),
        values={"settings": settings},
        tag="measured",
        about=About(
            definition="200 points triple the odds of a right answer; 1000 is the mean model.",
            rests_on="The files given.",
            docs="methods/items",
        ),
        notes=(*found.notes, *_notes(settings, every, group)),
    )


_MODELS = (
    Column(key="model", title="Model"),
    Column(key="points", title="Points", kind="spread", digits=0),
    Column(key="theta", title="Theta", kind="number", digits=2),
    Column(key="theta_se", title="Error", kind="number", digits=2),
    Column(key="n_items", title="Questions", kind="number", digits=0),
)


def _odd(items: list[dict[str, Any]]) -> tuple[Table, ...]:
    """Return the questions that do not order the models as the others do."""
    odd = sorted((r for r in items if r["infit"] is not None and r["infit"] > _MISFIT), key=lambda r: -r["infit"])
    columns = tuple(
        Column(key=k, title=k, kind="text" if k == "item" else "number", digits=2) for k in ("item", "infit", "a", "b")
    )
    title = (
        f"{len(odd)} of {count(len(items), 'question')} do not order the models as the others do (infit > {_MISFIT})"
    )
    return (Table(name="misfits", title=title, rows=odd, columns=columns, most=8),) if odd else ()


def _favored(items: list[dict[str, Any]], group: str | None) -> tuple[Table, ...]:
    """Return the questions that favor a group, or its opposite."""
    if group is None:
        return ()
    found = sorted((r for r in items if r["q"] is not None and r["q"] < _FALSE), key=lambda r: r["q"])
    rows = [{**r, "for": "for" if r["favor"] > 0 else "against"} for r in found]
    columns = (
        Column(key="item", title="Question"),
        Column(key="favor", title="Easier by", kind="number", digits=2, signed=True),
        Column(key="favor_se", title="Error", kind="number", digits=2),
        Column(key="for", title="Group"),
        Column(key="q", title="q", kind="number", significant=True, digits=1),
    )
    title = f"{len(rows)} of {count(len(items), 'question')} differ by group at a false discovery rate of 5%"
    return (Table(name="favored", title=title, rows=rows, columns=columns, most=20),)


def _settings(found: "Itemized") -> dict[str, Any]:
    import leadtime

    f = found.fitted
    r = f.responses
    return {
        "version": leadtime.__version__,
        "irt": f.irt,
        "n_models": len(r.models),
        "n_items": len(r.items),
        "n_pairs": r.n_responses,
        "rho": r.rho,
        "phi": r.phi,
        "passes": f.passes,
        "converged": f.converged,
        "log_marginal": f.found.log_marginal,
        "population_mean": f.population[0],
        "population_sd": f.population[1],
    }


def _notes(s: dict[str, Any], items: list[dict[str, Any]], group: str | None) -> tuple[str, ...]:
    """Return what was fitted, and what must be known of it."""
    end = "converged" if s["converged"] else "NOT CONVERGED: read with care"
    said = [
        (
            f"{s['n_models']:,} models, {s['n_items']:,} questions, {s['n_pairs']:,} pairs; {s['irt']}, {s['passes']}"
            f" passes, {end}."
        ),
        "200 points triple the odds of a right answer; 1000 is the mean model.",
    ]
    if s["rho"]:
        said.append(
            f"Tries of one model on one question correlate by {number(s['rho'], 2)} beyond ability, and count less"
            " for it."
        )
    if s["phi"] != 1:
        said.append(f"Partial credit varies {number(s['phi'], 2)} times as much as right and wrong would.")
    if group is not None:
        n = sum(r["q"] is not None and r["q"] < _FALSE for r in items)
        said.append(
            f"{count(n, 'question')} of {len(items):,} differ by group: favored beyond what ability and the median"
            " question explain. One cause is that the answers were seen."
        )
    return tuple(said)
