"""`leadtime capability --items` and `leadtime lag --items`: abilities from single items."""

import datetime as dt
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.cli.lags import cell, few_values
from leadtime.cli.terminal import columns, put, put_json, records, stamp
from leadtime.errors import LeadtimeError
from leadtime.estimate import atoms_text

if TYPE_CHECKING:
    from leadtime.answers.itemized import Itemized
    from leadtime.study import Study

Items = Annotated[
    list[Path] | None,
    typer.Option("--items", metavar="FILE", help="Responses: model, item, response (0-1), count. Repeatable."),
]
Irt = Annotated[str, typer.Option("--irt", help="With --items: 1pl, 2pl or 3pl.")]
Group = Annotated[
    str | None, typer.Option("--group", help="With --items: which favor it? A country, or a CSV of model, group.")
]
Hold = Annotated[
    Path | None, typer.Option("--hold", metavar="FILE", help="With --items: items as --json printed them, held.")
]
Cluster = Annotated[str, typer.Option("--cluster", help="With --items: address of a Dask scheduler.")]
Released = Annotated[
    str | None,
    typer.Option("--released", metavar="DATE", help="With --items: when the model was released; default as-of."),
]
#: An item is said to misfit beyond this infit, the usual bound for tests of consequence.
_MISFIT = 1.3


def capability(
    paths: list[Path], *, irt: str, group: str | None, hold: Path | None, cluster: str, study: Path | None, model: str | None,
    top: int, as_json: bool, as_csv: bool,
) -> None:  # fmt: skip
    """Print abilities by items, items that misfit, and items that favor a group."""
    from leadtime.answers.itemized import group_of, itemized
    from leadtime.capability.items.diagnose import differential
    from leadtime.capability.items.tables import items_table, models_table
    from leadtime.errors import unknown_name
    from leadtime.evidence import Evidence

    found = itemized(paths, irt=irt, hold=hold, cluster=cluster)
    dif = None
    if group is not None:
        dif = differential(found.fitted, *group_of(found.models, group, Evidence.load(study)))
    models, items = models_table(found.fitted, found.errors), items_table(found.fitted, found.errors, dif)
    if model is not None:
        if model not in found.models:
            raise unknown_name("model", model, found.models)
        models = models.filter(model=model)
    if as_json:
        return put_json({"settings": _settings(found), "models": records(models), "items": records(items)})
    if as_csv:
        return put(models.write_csv().rstrip())
    _print_models(models.head(top))
    _print_items(items, group)
    return put("\n" + _summary(found))


def _settings(found: "Itemized") -> dict[str, Any]:
    import leadtime

    f = found.fitted
    r = f.responses
    return {
        "version": leadtime.__version__, "irt": f.irt, "n_models": len(r.models), "n_items": len(r.items),
        "n_pairs": r.n_responses, "rho": r.rho, "phi": r.phi, "passes": f.passes, "converged": f.converged,
        "log_marginal": f.found.log_marginal, "population_mean": f.population[0], "population_sd": f.population[1],
    }  # fmt: skip


def _summary(found: "Itemized") -> str:
    s = _settings(found)
    end = "converged" if s["converged"] else "NOT CONVERGED: read with care"
    lines = [
        f"leadtime {s['version']}: {s['n_models']:,} models, {s['n_items']:,} items, {s['n_pairs']:,} pairs; {s['irt']}, {s['passes']} passes, {end}",
        "200 points triple the odds of a right answer; 1000 is the mean model",
    ]
    if s["rho"]:
        lines.append(
            f"tries of one model on one item correlate by {s['rho']:.2f} beyond ability, and count less for it"
        )
    if s["phi"] != 1:
        lines.append(f"partial credit varies {s['phi']:.2f} times as much as right and wrong would")
    return "\n".join(textwrap.fill(line, 79, subsequent_indent="  ") for line in lines)


def _print_models(models: Any) -> None:
    lines = [
        (r["model"], f"{r['points']:6.0f} [{r['points_low']:.0f}, {r['points_high']:.0f}]",
         f"{r['theta']:.2f} ({r['theta_se']:.2f})", str(r["n_items"]))
        for r in models.to_dicts()
    ]  # fmt: skip
    columns([("model", "points [90 %]", "theta (se)", "items"), *lines], (36, 20, 13, 5))


def _print_items(items: Any, group: str | None) -> None:
    odd = items.filter(items["infit"] > _MISFIT).sort("infit", descending=True)
    if odd.height:
        put(f"\n{odd.height} of {items.height} items do not order the models as the others do (infit > {_MISFIT}):\n")
        lines = [(r["item"], f"{r['infit']:.2f}", f"{r['a']:.2f}", f"{r['b']:.2f}") for r in odd.head(8).to_dicts()]
        columns([("item", "infit", "a", "b"), *lines], (48, 6, 6, 6))
    if group is None:
        return
    found = items.filter(items["q"] < 0.05).sort("q")
    put(f"\n{found.height} of {items.height} items differ by group at a false discovery rate of 5 %:\n")
    if found.height:
        lines = [
            (
                r["item"],
                f"{r['favor']:+.2f} ({r['favor_se']:.2f})",
                "for" if r["favor"] > 0 else "against",
                f"{r['q']:.1g}",
            )
            for r in found.head(20).to_dicts()
        ]
        columns([("item", "easier by (se)", "group", "q"), *lines], (44, 15, 8, 7))
        put("(favored beyond what ability and the median item explain; one cause is that the answers were seen)")


def lag(
    study: "Study", paths: list[Path], *, irt: str, model: str | None, behind: str, against: str | None,
    definition: str | None, released: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Print how many months a model known only by items is behind, or ahead of another."""
    from leadtime.answers import itemized as answers
    from leadtime.lag import DEFINITIONS
    from leadtime.study import parse_date

    if model is None:
        raise LeadtimeError("which model of the file?", where="--model", fix="Name one of its models: --model NAME.")
    day = parse_date(released) or min(study.as_of, dt.date.today())  # noqa: DTZ011 - the user's own calendar day
    both = answers.joined(study, answers.itemized(paths, irt=irt), model, day)
    note = f"linked through {both.link.n_common} models known to both; correlation {both.link.correlation:.2f}"
    if against:
        months, chance = answers.ahead(study, both, model, against)
        if as_json:
            return put_json({"ahead": months.to_json(), "p_abler": chance, "n_common": both.link.n_common,
                             "correlation": both.link.correlation})  # fmt: skip
        put(f"{model} ahead of {against}: {months}")
        put(f"probability that it is abler: {chance:.2f}")
        put(textwrap.fill(months.definition, 79))
        put(note)
        return stamp(study)
    found = answers.lags(study, both, model, behind, definition)
    if as_json:
        return put_json({n: e.to_json() for n, e in found.items()})
    put(f"{model} behind {behind}, in months (positive: behind), released {day}\n")
    lines = [
        (DEFINITIONS[n].title, cell(e.median, e.low, e.high, e.censored, atoms=bool(e.atoms))) for n, e in found.items()
    ]
    columns([("definition", "months [90 %]"), *lines], (30, 26))
    few_values((DEFINITIONS[n].title, atoms_text(e.atoms, e.unit)) for n, e in found.items())
    for text in dict.fromkeys(e.note for e in found.values() if e.note):
        put(textwrap.fill(f"* {text}", 79, subsequent_indent="  "))
    put("\n" + note)
    return stamp(study)
